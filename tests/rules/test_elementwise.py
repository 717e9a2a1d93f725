"""NumPy's ufuncs: rules against NumPy's results and differences; exact values at kinks."""

from __future__ import annotations

import operator
import warnings

import numpy as np
import pytest

from srcgrad.errors import ArgumentError, UnsupportedError
from tests.rules.rows import Row, check, check_constant, fixed, gradient, normal, row, uniform

X = normal(3, 2)
SMALL = uniform(-0.9, 0.9, 4)
POSITIVE = uniform(0.3, 3.0, 4)
Z = normal(3, dtype=complex)
INFINITY = np.inf

ANYWHERE = [np.sin, np.cos, np.tanh, np.exp, np.arctan, np.sinh, np.cosh, np.expm1, np.exp2]
ANYWHERE += [np.arcsinh, np.square, np.cbrt, np.absolute, np.fabs, np.degrees, np.radians]
ANYWHERE += [np.deg2rad, np.rad2deg, np.sinc, np.nan_to_num, np.modf, np.frexp, np.positive]
ANYWHERE += [np.negative]
BETWEEN_ONES = [np.tan, np.arcsin, np.arccos, np.arctanh]
ABOVE_ZERO = [np.log, np.log2, np.log10, np.log1p, np.sqrt, np.reciprocal]
ANALYTIC = [np.sin, np.cos, np.tan, np.sinh, np.cosh, np.tanh, np.exp, np.exp2, np.expm1, np.log]
ANALYTIC += [np.log2, np.log10, np.log1p, np.sqrt, np.square, np.reciprocal, np.arcsin, np.arccos]
ANALYTIC += [np.arctan, np.arcsinh, np.arccosh, np.arctanh, np.negative]
OF_TWO = [np.maximum, np.minimum, np.fmax, np.fmin, np.hypot, np.arctan2, np.logaddexp]
OF_TWO += [np.logaddexp2, np.add, np.subtract, np.multiply, np.true_divide, np.remainder, np.fmod]
OF_TWO += [np.divmod]
OPERATORS = [operator.add, operator.sub, operator.mul, operator.truediv, operator.mod]
OPERATORS += [operator.pow, pow, divmod]

ROWS = [
    # each function: float64, float32, NumPy scalar, Python number
    *(row(f, X) for f in ANYWHERE),
    *(row(f, X.astype("f4")) for f in ANYWHERE),
    *(row(f, np.float64(0.7)) for f in ANYWHERE),
    *(row(f, -0.7) for f in ANYWHERE),
    *(row(f, np.array(0.7)) for f in ANYWHERE),
    *(row(f, SMALL) for f in BETWEEN_ONES),
    *(row(f, SMALL.astype("f4")) for f in BETWEEN_ONES),
    *(row(f, 0.4) for f in BETWEEN_ONES),
    *(row(f, POSITIVE) for f in ABOVE_ZERO),
    *(row(f, POSITIVE.astype("f4")) for f in ABOVE_ZERO),
    *(row(f, 0.4) for f in ABOVE_ZERO),
    row(np.arccosh, 1.0 + POSITIVE),
    row(np.arccosh, 2.5),
    # complex numbers
    *(row(f, Z) for f in ANALYTIC),
    *(row(f, Z.astype("c8")) for f in (np.sin, np.sqrt, np.absolute)),
    *(row(f, Z) for f in (np.absolute, np.real, np.imag, np.conjugate, np.angle)),
    *(row(f, 0.3 - 0.4j) for f in (np.absolute, np.real, np.imag, np.conjugate, np.angle)),
    *(row(f, X) for f in (np.real, np.conjugate)),
    row(np.angle, Z, deg=True),
    # two arguments: broadcasting, mixed dtypes, scalars of both kinds, literals
    *(row(f, normal(3, 1), normal(2, seed=1)) for f in OF_TWO),
    *(row(f, normal(2, 3), normal(2, 3, seed=1)) for f in OF_TWO),
    *(row(f, normal(3, dtype="f4"), normal(3, seed=1, dtype="f4")) for f in OF_TWO),
    *(row(f, normal(3, dtype="f4"), 0.7) for f in OF_TWO),
    *(row(f, normal(3, 1), normal(seed=1)) for f in OF_TWO),
    *(row(f, normal(3), fixed(0.7)) for f in OF_TWO),
    *(row(f, fixed(0.7), normal(3)) for f in OF_TWO),
    *(row(f, 0.4, 0.7) for f in OF_TWO),
    *(row(f, Z, normal(3, seed=1, dtype=complex)) for f in (np.multiply, np.true_divide)),
    *(row(f, Z, uniform(1, 2, 3)) for f in (np.multiply, np.true_divide, np.add)),
    # operators of Python numbers
    *(row(f, 0.4, 0.7) for f in OPERATORS),
    *(row(f, 0.4, fixed(2)) for f in OPERATORS),
    *(row(f, 0.4j, 0.7) for f in OPERATORS if f not in (operator.mod, divmod)),
    *(row(f, normal(3), 0.7) for f in OPERATORS if f not in (operator.pow, pow)),
    *(row(f, x) for f in (operator.neg, operator.pos, abs) for x in (-0.4, 0.3 + 0.4j, X)),
    row(np.copysign, X, normal(2, seed=1)),
    row(np.copysign, X, fixed(-2.0)),
    row(np.nextafter, X, fixed(2.0), tolerance=1e-6),
    row(np.ldexp, X, np.array([1, 3])),
    # powers
    *(row(np.power, POSITIVE, fixed(p)) for p in (3, 2, 1, 0, -1, -2, 0.5, 1.5, -0.5, 2.0, 0.3)),
    *(row(np.power, normal(3), fixed(p)) for p in (0, 1, 2, 3, 4, -3)),
    *(row(np.power, uniform(0.3, 2, 3, dtype="f4"), fixed(p)) for p in (2, 0.5, -1.5)),
    *(row(np.power, x, fixed(p)) for x in (1.7, -1.7) for p in (0, 1, 2, 3, -1)),
    *(row(np.power, 1.7, fixed(p)) for p in (0.5, 1.5, -0.5)),
    row(np.power, fixed(2.0), normal(3)),
    row(np.power, fixed(2), normal(3)),
    row(np.power, POSITIVE, normal(3, 4)),
    row(np.power, POSITIVE, 1.3),
    row(np.power, 1.3, POSITIVE),
    row(np.power, 1.7, 1.3),
    row(np.power, normal(4), np.array([0, 1, 2, 3])),
    row(np.power, Z, fixed(3)),
    row(np.power, Z, fixed(0.5)),
    row(np.power, Z, 1.0 + normal(3, seed=4, dtype=complex)),
    row(np.power, 0.3 + 0.4j, 1.2 - 0.1j),
    row(np.float_power, POSITIVE, fixed(1.5)),
    row(np.float_power, uniform(0.3, 2, 3, dtype="f4"), 1.5),
    # choosing
    row(np.where, X > 0, X, normal(2, seed=2)),
    row(np.where, X > 0, X, fixed(0.0)),
    row(np.where, X > 0, fixed(1), X.astype("f4")),
    row(np.where, X[:, :1] > 0, 0.4, X),
    row(np.where, np.array(True), 0.4, 0.7),
    row(np.where, X > 0, X, Z[:, None]),
    row("sinc_slope", X),
    row("sinc_slope", np.array([0.0, 0.01, -0.16])),
    row(np.clip, X, fixed(-0.3), fixed(0.45)),
    row(np.clip, X, fixed(None), fixed(0.45)),
    row(np.clip, X, fixed(-0.3), fixed(None)),
    row(np.clip, X, normal(2, seed=8) - 1, 0.3),
    row(np.clip, X, 0.3, -0.3),
    row(np.clip, X.astype("f4"), fixed(-0.3), fixed(0.4)),
    row(np.clip, 0.2, -0.3, 0.4),
    row(np.select, [X > 0.5, X > 0], [X, normal(2, seed=1)]),
    row(np.select, [X > 0.5, X > 0], [X, fixed(0.5)], default=fixed(3.0)),
    row(np.heaviside, X, 0.4, step=1e-4),
    # conversions
    *(row(f, X) for f in (np.float64, np.float32, np.complex128)),
    *(row(f, 0.5) for f in (np.float64, np.complex64)),
]

CONSTANT = [np.signbit, np.spacing, np.sign, np.rint, np.floor, np.ceil, np.trunc, np.isnan]
CONSTANT += [np.isfinite, np.isinf, np.logical_not, np.round, np.fix]
CONSTANT_OF_TWO = [np.logical_and, np.logical_or, np.logical_xor, np.less, np.greater, np.equal]
CONSTANT_OF_TWO += [np.not_equal, np.less_equal, np.greater_equal, np.floor_divide, np.isclose]
CONSTANT_OF_TWO += [np.allclose, np.array_equal]
OF_INTEGERS = [np.gcd, np.lcm, np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.left_shift]
OF_INTEGERS += [np.right_shift]
INTEGERS = np.array([4, 6, 9])

CONSTANT_ROWS = [
    *(row(f, X) for f in CONSTANT),
    *(row(f, 0.7) for f in CONSTANT),
    *(row(f, X.astype("f4")) for f in CONSTANT),
    *(row(f, X, normal(2, seed=1)) for f in CONSTANT_OF_TWO if f is not np.array_equal),
    row(np.array_equal, X, X + 1),
    *(row(f, INTEGERS, np.array([2, 3, 1])) for f in OF_INTEGERS),
    *(row(f, INTEGERS) for f in (np.invert, np.bitwise_count)),
    row(np.round, X, 1),
    row(np.around, X, decimals=2),
    *(row(f, X) for f in (np.int64, np.int32, np.bool_, np.uint8, np.int8, np.int16)),
]


@pytest.mark.parametrize("case", ROWS, ids=str)
def test_rules_agree_with_numpy_and_with_differences(case: Row) -> None:
    check(case)


@pytest.mark.parametrize("case", CONSTANT_ROWS, ids=str)
def test_functions_without_derivative_say_so(case: Row) -> None:
    check_constant(case)


KINKS = [
    # function, arguments, gradients for a cotangent of 1
    (np.absolute, (0.0,), 0.0),
    (np.absolute, (np.zeros(2),), [0.0, 0.0]),
    (np.absolute, (0j,), 0.0),
    (np.fabs, (0.0,), 0.0),
    (np.maximum, (0.0, fixed(0.0)), (0.0, None)),
    (np.maximum, (fixed(0), np.zeros(1)), (None, [0.0])),
    (np.minimum, (np.zeros(1), fixed(0.0)), ([0.0], None)),
    (np.maximum, (np.ones(1), np.ones(1)), ([0.5], [0.5])),
    (np.minimum, (np.ones(1), np.ones(1)), ([0.5], [0.5])),
    (np.fmax, (np.ones(1), np.ones(1)), ([0.5], [0.5])),
    (np.fmax, (np.array([1.0, np.nan]), np.array([np.nan, 2.0])), ([1.0, 0.0], [0.0, 1.0])),
    (np.fmin, (np.array([1.0, np.nan]), np.array([np.nan, 2.0])), ([1.0, 0.0], [0.0, 1.0])),
    (np.fmin, (np.array([0.0, -1.0]), fixed(0.0)), ([0.0, 1.0], None)),
    (np.clip, (np.array([-1.0, 0.5, 1.0, 2.0]), fixed(0.5), fixed(1)), ([0, 0, 0, 0], None, None)),
    (np.clip, (np.array([0.75]), fixed(0.5), fixed(1)), ([1.0], None, None)),
    (np.sqrt, (np.zeros(1),), [INFINITY]),
    (np.cbrt, (np.zeros(1),), [INFINITY]),
    (np.log, (np.zeros(1),), [INFINITY]),
    (np.arcsin, (np.ones(1),), [INFINITY]),
    (np.arccos, (np.ones(1),), [-INFINITY]),
    (np.arctan2, (np.zeros(1), np.zeros(1)), ([0.0], [0.0])),
    (np.hypot, (np.zeros(1), np.zeros(1)), ([0.0], [0.0])),
    (np.sinc, (np.zeros(1),), [0.0]),
    (np.angle, (np.zeros(1, complex),), [0.0]),
    (np.copysign, (np.zeros(1), np.ones(1)), ([0.0], None)),
    (np.logaddexp, (np.full(1, -np.inf), np.full(1, -np.inf)), ([0.0], [0.0])),
    (np.logaddexp, (np.full(1, -np.inf), np.zeros(1)), ([0.0], [1.0])),
    (np.logaddexp, (np.full(1, 1e3), np.zeros(1)), ([1.0], [0.0])),
    (np.logaddexp, (fixed(0.0), np.full(1, -1e3)), (None, [0.0])),
    (np.power, (np.zeros(1), fixed(0)), (None, None)),
    (np.power, (np.zeros(1), fixed(1)), ([1.0], None)),
    (np.power, (np.zeros(1), fixed(1.5)), ([0.0], None)),
    (np.power, (np.zeros(1), fixed(0.5)), ([INFINITY], None)),
    (np.power, (np.zeros(1), fixed(0.25)), ([INFINITY], None)),
    (np.power, (np.zeros(1), np.zeros(1)), ([0.0], [0.0])),
    (np.power, (np.zeros(1), np.ones(1)), ([1.0], [0.0])),
    (np.power, (np.zeros(1), np.full(1, 1.5)), ([0.0], [0.0])),
    (np.power, (np.zeros(1), np.full(1, 0.5)), ([INFINITY], [0.0])),
    (np.power, (0.0, 0.0), (0.0, 0.0)),
    (np.power, (0.0, 1.0), (1.0, 0.0)),
    (np.power, (0.0, 0.5), (INFINITY, 0.0)),
    (np.power, (0.0, 2), (0.0, None)),
    (np.power, (np.full(1, -2.0), fixed(2)), ([-4.0], None)),
    (np.heaviside, (np.array([0.0, 1.0]), np.full(2, 0.5)), (None, [1.0, 0.0])),
    (np.nan_to_num, (np.array([np.nan, np.inf, 2.0]),), [0.0, 0.0, 1.0]),
    (np.where, (np.array([True, False]), np.ones(2), np.ones(2)), (None, [1, 0], [0, 1])),
]


@pytest.mark.filterwarnings("ignore:divide by zero")
@pytest.mark.parametrize(("function", "arguments", "expected"), KINKS)
def test_values_at_kinks_and_singular_points(function, arguments, expected) -> None:
    found = gradient(function, *arguments)
    if isinstance(expected, tuple):
        expected = tuple(item for item, given in zip(expected, arguments) if _is_operand(given))
        found = found if isinstance(found, list) else [found]
    else:
        found, expected = [found], (expected,)
    for mine, wanted in zip(found, expected, strict=True):
        if wanted is None:
            assert mine is None or not np.any(mine)
        else:
            np.testing.assert_array_equal(mine, wanted)


def _is_operand(argument: object) -> bool:
    return isinstance(argument, (float, complex, np.ndarray))


def test_the_exponent_of_a_negative_base_has_no_derivative() -> None:
    d_x, d_p = gradient(np.power, np.full(1, -2.0), np.full(1, 2.0))
    assert d_x == [-4.0]
    assert np.isnan(d_p)


def test_logaddexp_of_infinities_warns_of_nothing() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        gradient(np.logaddexp, np.full(2, -np.inf), np.full(2, -np.inf))


@pytest.mark.parametrize("function", [np.arcsin, np.sinh, np.sin])
def test_rules_of_ufuncs_on_python_numbers_do_not_raise_where_numpy_does_not(function) -> None:
    with np.errstate(all="ignore"):
        value = gradient(function, 2000.0 if function is not np.sin else np.inf)
    assert not np.isfinite(value)


@pytest.mark.parametrize("option", ["out", "where", "dtype", "casting"])
def test_options_of_ufuncs_are_refused_with_a_remedy(option: str) -> None:
    given = {"out": np.empty(2), "where": fixed(False), "dtype": np.float32, "casting": "no"}
    with pytest.raises(UnsupportedError, match=f"`{option}=` of `np.exp`") as caught:
        gradient(np.exp, np.ones(2), **{option: given[option]})
    assert caught.value.remedy


def test_too_many_arguments_are_refused() -> None:
    with pytest.raises(ArgumentError, match="`exp`: too many positional arguments"):
        gradient(np.exp, 1.0, 2.0, 3.0)


def test_where_with_one_argument_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="one argument"):
        gradient(np.where, np.array([True]))


def test_the_sign_of_a_complex_number_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="complex"):
        gradient(np.sign, 1j)


def test_discarding_an_imaginary_part_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="imaginary"):
        gradient(np.float64, 1j)
