"""The ledger: one statement about every public callable of NumPy and of Python's numeric modules.

A function with rules states by them what it is.  For all others a line of a chapter says so: it is
piecewise constant, no numbers flow through it, or it is refused, with the reason and the way out.
`docs/numpy.md` is the ledger in full.
"""

from srcgrad.rules.ledger.lines import NO_RULE, OWN_RULE, Kind, Statement
from srcgrad.rules.ledger.statements import ledger_lines, refusal_of, resolve, statement_of

__all__ = [
    "NO_RULE",
    "OWN_RULE",
    "Kind",
    "Statement",
    "ledger_lines",
    "refusal_of",
    "resolve",
    "statement_of",
]
