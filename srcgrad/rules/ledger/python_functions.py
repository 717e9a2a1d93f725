"""Python's `math`, `cmath` and `operator`, and its builtins."""

from __future__ import annotations

from srcgrad.rules.ledger.lines import evaluated, joined, owed, passive, refused

LINES = joined(
    owed("math", "comb dist factorial gcd isclose isqrt lcm nextafter perm remainder ulp"),
    owed("math", "fma sumprod"),
    evaluated("math", "prod"),
    owed("cmath", "isclose isfinite isinf isnan phase polar rect"),
    owed(
        "operator",
        "attrgetter call concat contains countOf delitem getitem iconcat indexOf itemgetter "
        "length_hint methodcaller setitem",
    ),
    evaluated(
        "builtins",
        "len range zip enumerate reversed tuple list dict sum min max sorted all any isinstance "
        "type map hasattr getattr slice",
    ),
    passive("builtins", "str repr format print callable"),
    owed(
        "builtins",
        "ascii bin bytes chr filter frozenset hash hex id issubclass iter next object oct ord set "
        "super setattr delattr vars dir property staticmethod classmethod",
    ),
    refused(
        "it has effects on the program itself",
        "Do it outside the function.",
        "builtins",
        "aiter anext breakpoint bytearray compile copyright credits eval exec exit globals help "
        "input license locals memoryview open quit",
    ),
)
