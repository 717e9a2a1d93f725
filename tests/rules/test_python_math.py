"""`math`, `cmath` and builtins: rules against Python's results and differences, exact at kinks."""

from __future__ import annotations

import cmath
import math

import pytest

from tests.rules.rows import Row, check, check_constant, fixed, row

ANY = [math.sin, math.cos, math.tan, math.sinh, math.cosh, math.tanh, math.exp, math.expm1]
ANY += [
    math.exp2,
    math.atan,
    math.asinh,
    math.fabs,
    math.degrees,
    math.radians,
    math.erf,
    math.erfc,
]
ANY += [math.cbrt, abs, float, math.modf, math.frexp]
POSITIVE = [math.log, math.log1p, math.log2, math.log10, math.sqrt]
COMPLEX = [cmath.sin, cmath.cos, cmath.tan, cmath.sinh, cmath.cosh, cmath.tanh, cmath.exp]
COMPLEX += [cmath.sqrt, cmath.log, cmath.asin, cmath.acos, cmath.atan, cmath.asinh, cmath.acosh]
COMPLEX += [cmath.atanh, cmath.log10, abs]

ROWS = [
    *(row(f, 0.7) for f in ANY),
    *(row(f, -0.4) for f in ANY),
    *(row(f, 1.7) for f in POSITIVE),
    *(row(f, 0.3) for f in (math.asin, math.acos, math.atanh)),
    *(row(f, 0.6 + 0.3j) for f in COMPLEX),
    row(math.acosh, 2.5),
    row(math.log, 2.5, 3.5),
    row(math.log, fixed(2.5), 3.5),
    row(cmath.log, 2.5 + 1j, 3.5 - 1j),
    row(math.atan2, 0.4, -1.3),
    row(math.hypot, 0.4, -1.3),
    row(math.hypot, 0.4, -1.3, 2.0),
    row(math.copysign, 1.4, -0.3),
    row(math.copysign, -1.4, fixed(-2.0)),
    row(math.fmod, 7.4, -2.3),
    row(math.fmod, -7.4, 2.3),
    row(math.pow, 2.4, 1.3),
    row(math.pow, 2.4, 3),
    row(math.prod, [2.0, 3.0, 4.0]),
    row(math.prod, [2.0, 3.0], start=4),
    row(math.fsum, [2.0, 3.0, 4.0]),
    row(math.ldexp, 0.7, 3),
    row(complex, 0.7),
    row(complex, 0.7, 0.2),
    row(pow, 2.4, 1.3),
    row(pow, 2.4, 3),
    row(pow, fixed(2.0), 1.3),
    row(divmod, 7.4, 2.3),
    row(max, 2.4, 1.3),
    row(min, 2.4, 1.3),
    row(max, 2.4, fixed(1.3)),
    row(max, 2.4, 1.3, fixed(0.0), 7.0),
]
CONSTANT = [row(f, 2.6) for f in (math.floor, math.ceil, math.trunc, math.isnan, math.isinf)]
CONSTANT += [row(f, 2.6) for f in (math.isfinite, int, bool, round)]
CONSTANT += [row(round, 2.678, 1)]


@pytest.mark.parametrize("case", ROWS, ids=str)
def test_rules_agree_with_python_and_with_differences(case: Row) -> None:
    check(case)


@pytest.mark.parametrize("case", CONSTANT, ids=str)
def test_functions_without_derivative_say_so(case: Row) -> None:
    check_constant(case)
