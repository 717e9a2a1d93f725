"""`math`, `cmath` and builtins: rules against Python's results and differences, exact at kinks."""

from __future__ import annotations

import cmath
import math
import operator

import numpy as np
import pytest

from srcgrad.errors import ArgumentError, UnsupportedError
from tests.rules.rows import Row, check, check_constant, fixed, gradient, normal, row

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
    row(min, 2.4, fixed(2), 1.3),
    # NumPy scalars and 0-d arrays in, Python floats out
    *(row(f, np.float64(0.7)) for f in (math.sin, math.sqrt, math.log, float)),
    *(row(f, np.array(0.7)) for f in (math.sin, math.sqrt, float)),
    row(math.atan2, np.float64(0.4), -1.3),
    row(max, np.float64(0.4), np.float64(1.3)),
    row(max, normal(4)),
    row(min, normal(4)),
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


KINKS = [
    (abs, (0.0,), 0.0),
    (math.fabs, (0.0,), 0.0),
    (math.sqrt, (0.0,), math.inf),
    (math.cbrt, (0.0,), math.inf),
    (math.asin, (1.0,), math.inf),
    (math.acos, (-1.0,), -math.inf),
    (math.acosh, (1.0,), math.inf),
    (math.hypot, (0.0, 0.0), [0.0, 0.0]),
    (math.atan2, (0.0, 0.0), [0.0, 0.0]),
    (math.pow, (0.0, 0.0), [0.0, 0.0]),
    (math.pow, (0.0, 1.5), [0.0, 0.0]),
    (math.pow, (0.0, 0.5), [math.inf, 0.0]),
    (operator.pow, (0.0, fixed(0.5)), math.inf),
    (operator.pow, (0.0, fixed(1.5)), 0.0),
    (operator.pow, (0.0, fixed(1)), 1.0),
    (operator.pow, (0.0, 3), 0.0),
    (max, (0.0, fixed(0.0)), 0.0),
    (max, (fixed(0), 0.0), 0.0),
    (max, (1.0, 1.0), [0.5, 0.5]),
    (min, (1.0, 1.0), [0.5, 0.5]),
    (max, (1.0, 1.0, 1.0, 0.0), [1 / 3, 1 / 3, 1 / 3, 0.0]),
    (max, (1.0, fixed(1.0), 0.5), [0.0, 0.0]),
    (max, (1.0, fixed(0.0), 1.0), [0.5, 0.5]),
    (math.prod, ([0.0, 2.0, 3.0],), [6.0, 0.0, 0.0]),
    (math.copysign, (0.0, -1.0), [0.0, 0.0]),
]


@pytest.mark.parametrize(("function", "arguments", "expected"), KINKS)
def test_values_at_kinks_and_singular_points(function, arguments, expected) -> None:
    found = gradient(function, *arguments)
    found = found[: len(expected)] if isinstance(expected, list) else found
    assert found == expected


def test_a_power_of_a_negative_base_does_not_raise() -> None:
    d_x, d_p = gradient(operator.pow, -2.0, 2.0)
    assert d_x == -4.0
    assert math.isnan(d_p)


@pytest.mark.parametrize("function", [math.sin, math.atan2, float, math.log])
def test_arrays_are_refused_as_python_refuses_them(function) -> None:
    arguments = (normal(3),) * (2 if function is math.atan2 else 1)
    with pytest.raises(ArgumentError, match="takes a number, not a 1-dimensional array"):
        gradient(function, *arguments)


def test_complex_numbers_are_refused_by_math() -> None:
    with pytest.raises(ArgumentError, match=r"`math\.sin` takes a real number") as caught:
        gradient(math.sin, 1j)
    assert "cmath" in caught.value.remedy


def test_max_of_arrays_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="compare numbers"):
        gradient(max, normal(3), normal(3, seed=1))
