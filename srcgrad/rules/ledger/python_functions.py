"""Python's `math`, `cmath` and `operator`, and its builtins."""

from __future__ import annotations

from srcgrad.rules.ledger.lines import evaluated, joined, owed, passive, refused

LINES = joined(
    refused(
        "it rounds once, which other arithmetic does not",
        "Write `sum(a * b for a, b in zip(p, q))`.",
        "math",
        "sumprod",
    ),
    evaluated("math", "dist prod"),
    evaluated("cmath", "polar rect"),
    evaluated(
        "operator",
        "attrgetter call concat contains countOf delitem getitem iconcat indexOf itemgetter "
        "length_hint methodcaller setitem",
    ),
    evaluated(
        "builtins",
        "len range zip enumerate reversed tuple list dict sum min max sorted all any isinstance "
        "type map hasattr getattr setattr delattr vars super issubclass slice ascii bin chr filter "
        "frozenset hex iter next oct ord set",
    ),
    passive("builtins", "str repr format print callable"),
    owed(
        "builtins",
        "bytes hash id object dir property staticmethod classmethod",
    ),
    refused(
        "it has effects on the program itself",
        "Do it outside the function.",
        "builtins",
        "aiter anext breakpoint bytearray compile copyright credits eval exec exit globals help "
        "input license locals memoryview open quit",
    ),
)
