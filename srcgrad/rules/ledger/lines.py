"""How a line of the ledger is written: what is known of some functions that have no rules."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What becomes of a function in a gradient."""

    DIFFERENTIABLE = "differentiable"
    CONSTANT = "piecewise constant"
    PASSIVE = "passive"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Statement:
    """What the ledger says of a function; refusals have a reason and a remedy."""

    kind: Kind
    reason: str = ""
    remedy: str = ""


Lines = dict[str, Statement]


def evaluated(prefix: str, names: str) -> Lines:
    """Functions without a rule of their own that the compiler evaluates as Python does."""
    return _lines(Statement(Kind.DIFFERENTIABLE), prefix, names)


def passive(prefix: str, names: str) -> Lines:
    """Functions through which no numbers flow that could have a derivative."""
    return _lines(Statement(Kind.PASSIVE), prefix, names)


def refused(reason: str, remedy: str, prefix: str, names: str) -> Lines:
    """Functions that are not differentiated: `reason` completes "because ..."."""
    return _lines(Statement(Kind.REFUSED, reason, remedy), prefix, names)


OWN_RULE = (
    "Where the result does not depend on `wrt`, compute it outside the function and pass it as an\n"
    "argument.  If it has a derivative, give it a rule; see docs/your-own-rules.md."
)


NO_RULE = "srcgrad has no rule for it"


def owed(prefix: str, names: str) -> Lines:
    """Functions whose rules are still to be written."""
    return refused(NO_RULE, OWN_RULE, prefix, names)


def _lines(statement: Statement, prefix: str, names: str) -> Lines:
    return {f"{prefix}.{name}": statement for name in names.split()}


def joined(*parts: Lines) -> Lines:
    """The lines of a chapter; nothing may stand there twice."""
    result: Lines = {}
    for part in parts:
        twice = result.keys() & part.keys()
        assert not twice, f"stands in the ledger twice: {sorted(twice)}"
        result.update(part)
    return result
