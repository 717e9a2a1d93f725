"""NumPy's element-by-element functions beyond the operators, in the order of its manual.

https://numpy.org/doc/stable/reference/routines.math.html, with the choices of srcgrad at kinks and
singular points: see `docs/conventions.md`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from srcgrad.errors import UnsupportedError
from srcgrad.graph import (
    BOOL,
    FLOAT,
    ArrayType,
    Assumptions,
    Literal,
    ScalarType,
    Type,
    is_complex,
    literal,
)
from srcgrad.rules.arithmetic import ufunc_shape_rule
from srcgrad.rules.masking import (
    Mask,
    are_python_numbers,
    either,
    kinked,
    mask_of,
    may_be_infinite_at,
    noted,
    product,
    quotient,
    quotient_or_zero,
    vanishes_flatly,
)
from srcgrad.rules.registry import (
    alias,
    constant,
    defjvp,
    defshape,
    defvjp,
    elementwise,
    linear,
    named,
)
from srcgrad.rules.shapes import array_shape, broadcast_shapes, common_dtype, dtype_of, ufunc_dtypes
from srcgrad.rules.symbols import Symbol, call

_UFUNCS = (
    # trigonometric
    (np.sin, np.cos, np.tan, np.arcsin, np.arccos, np.arctan, np.hypot, np.arctan2),
    (np.degrees, np.radians, np.deg2rad, np.rad2deg),
    # hyperbolic
    (np.sinh, np.cosh, np.tanh, np.arcsinh, np.arccosh, np.arctanh),
    # exponents and logarithms
    (np.exp, np.expm1, np.exp2, np.log, np.log10, np.log2, np.log1p, np.logaddexp, np.logaddexp2),
    # floating point routines
    (np.signbit, np.copysign, np.frexp, np.ldexp, np.nextafter, np.spacing),
    # arithmetic
    (np.reciprocal, np.float_power, np.fmod, np.modf, np.conjugate),
    # extrema, miscellaneous
    (np.maximum, np.fmax, np.minimum, np.fmin, np.sqrt, np.cbrt, np.square, np.fabs, np.sign),
    (np.heaviside,),
    # rounding
    (np.rint, np.floor, np.ceil, np.trunc),
    # truth, integers
    (np.isnan, np.isfinite, np.isinf, np.logical_and, np.logical_or, np.logical_xor),
    (np.logical_not, np.gcd, np.lcm, np.bitwise_count),
)

for _group in _UFUNCS:
    for _ufunc in _group:
        ufunc_shape_rule(_ufunc)

constant(np.signbit, np.spacing, np.sign, np.rint, np.floor, np.ceil, np.trunc)
constant(np.isnan, np.isfinite, np.isinf, np.logical_and, np.logical_or, np.logical_xor)
constant(np.logical_not, np.gcd, np.lcm, np.bitwise_count)


@defshape(np.sign)
def sign_shape(sizes: Assumptions, x: Type, /) -> Type:
    """That of a complex number, z / |z|, is not constant, and has no rule."""
    if is_complex(x):
        raise UnsupportedError(
            "`np.sign` of complex values is not supported",
            remedy="Write `z / np.abs(z)` instead.",
        )
    (dtype,) = ufunc_dtypes(np.sign, (x,))
    return ArrayType(dtype, array_shape(x))


_LN_2 = Literal(FLOAT, None, None, math.log(2.0), "np.log(2.0)")
_LN_10 = Literal(FLOAT, None, None, math.log(10.0), "np.log(10.0)")
_PI = Literal(FLOAT, None, None, math.pi, "np.pi")
_DEGREE = Literal(FLOAT, None, None, math.pi / 180.0, "(np.pi / 180.0)")
_MINUS_INFINITY = Literal(FLOAT, None, None, -math.inf, "-np.inf")
_RADIAN = Literal(FLOAT, None, None, 180.0 / math.pi, "(180.0 / np.pi)")


# Trigonometric functions


@defvjp(np.sin)
def sin_vjp(g, y, x):
    return (product(g, np.cos(x)),)


@defvjp(np.cos)
def cos_vjp(g, y, x):
    return (product(-g, np.sin(x)),)


@defvjp(np.tan)
def tan_vjp(g, y, x):
    return (product(g, 1.0 + y * y),)


@defvjp(np.arcsin)
def arcsin_vjp(g, y, x):
    """1 - x^2 in factors, whose difference is exact near 1."""
    return (quotient(g, np.sqrt((1.0 - x) * (1.0 + x)), finite=True),)


@defvjp(np.arccos)
def arccos_vjp(g, y, x):
    return (quotient(-g, np.sqrt((1.0 - x) * (1.0 + x)), finite=True),)


@defvjp(np.arctan)
def arctan_vjp(g, y, x):
    return (quotient(g, 1.0 + x * x),)


@defvjp(np.hypot)
def hypot_vjp(g, y, a, b):
    """The direction (a, b) / y, taken to be 0 at the origin; its parts are at most 1."""
    directions = [quotient_or_zero(x, y, kink=True) for x in (a, b)]
    return tuple(product(g, direction) for direction in directions)


@defvjp(np.arctan2)
def arctan2_vjp(g, y, a, b):
    """(b, -a) / r^2, taken to be 0 at the origin; by r itself, whose square may overflow."""
    r = np.hypot(a, b)
    h = quotient_or_zero(g, r)
    d_a, d_b = product(h, quotient_or_zero(b, r)), product(-h, quotient_or_zero(a, r))
    return kinked(d_a, r, g, a), kinked(d_b, r, g, b)


@defvjp(np.degrees, np.rad2deg)
def degrees_vjp(g, y, x):
    return (g * _RADIAN,)


@defvjp(np.radians, np.deg2rad)
def radians_vjp(g, y, x):
    return (g * _DEGREE,)


# Hyperbolic functions


@defvjp(np.sinh)
def sinh_vjp(g, y, x):
    return (product(g, np.cosh(x), unbounded=True),)


@defvjp(np.cosh)
def cosh_vjp(g, y, x):
    return (product(g, np.sinh(x), unbounded=True),)


@defvjp(np.tanh)
def tanh_vjp(g, y, x):
    return (product(g, 1.0 - y * y),)


@defvjp(np.arcsinh)
def arcsinh_vjp(g, y, x):
    """By the hypotenuse, where x^2 may overflow; complex numbers have none."""
    root = np.sqrt(x * x + 1.0) if is_complex(x.type) else np.hypot(x, 1.0)
    return (quotient(g, root),)


@defvjp(np.arccosh)
def arccosh_vjp(g, y, x):
    """sqrt(x - 1) sqrt(x + 1) has the right branch for complex x, where sqrt(x^2 - 1) has not."""
    return (quotient(g, np.sqrt(x - 1.0) * np.sqrt(x + 1.0), finite=True),)


@defvjp(np.arctanh)
def arctanh_vjp(g, y, x):
    return (quotient(g, (1.0 - x) * (1.0 + x)),)


# Exponents and logarithms


@defvjp(np.exp)
def exp_vjp(g, y, x):
    return (product(g, y, unbounded=True),)


@defvjp(np.expm1)
def expm1_vjp(g, y, x):
    """Not y + 1, in which a small derivative cancels."""
    return (product(g, np.exp(x), unbounded=True),)


@defvjp(np.exp2)
def exp2_vjp(g, y, x):
    return (product(g, y * _LN_2, unbounded=True),)


@defvjp(np.log)
def log_vjp(g, y, x):
    return (quotient(g, x),)


@defvjp(np.log10)
def log10_vjp(g, y, x):
    return (quotient(g, x * _LN_10),)


@defvjp(np.log2)
def log2_vjp(g, y, x):
    return (quotient(g, x * _LN_2),)


@defvjp(np.log1p)
def log1p_vjp(g, y, x):
    return (quotient(g, 1.0 + x),)


@defvjp(np.logaddexp)
def logaddexp_vjp(g, y, a, b):
    """The shares e^a / (e^a + e^b) of the arguments, by the result, so that nothing overflows."""
    y = _finite_result(y, a, b)
    return product(g, np.exp(a - y)), product(g, np.exp(b - y))


@defvjp(np.logaddexp2)
def logaddexp2_vjp(g, y, a, b):
    y = _finite_result(y, a, b)
    return product(g, np.exp2(a - y)), product(g, np.exp2(b - y))


def _finite_result(y, a, b):
    """The result, and 0 where it is -inf, as are both arguments then; no literal is -inf."""
    if not isinstance(a, Symbol) or not isinstance(b, Symbol):
        return y
    return either(y == _MINUS_INFINITY, 0.0, y)


@defshape(np.sinc)
def sinc_shape(sizes: Assumptions, x: Type) -> Type:
    dtype = np.sinc(np.zeros((), dtype_of(x))).dtype
    return ArrayType(dtype, array_shape(x))


@defvjp(np.sinc)
def sinc_vjp(g, y, x):
    return (product(g, call("sinc_slope", x)),)


@lambda function: named("sinc_slope", function)
def sinc_slope(x: Any) -> Any:
    """The derivative of `np.sinc`: (cos(pi x) - sinc(x)) / x, and its power series near 0."""
    z = np.pi * np.asarray(x)
    is_near = np.abs(z) < 0.5
    near, far = np.where(is_near, z, 0.0), np.where(is_near, 1.0, z)
    series = 0.0 * near
    for k in range(8, 0, -1):
        series = 2 * k / math.factorial(2 * k + 1) - near * near * series
    slope = np.where(is_near, -near * series, (np.cos(far) - np.sin(far) / far) / far)
    return np.asarray(np.pi * slope, z.dtype)[()]


@defshape(sinc_slope)
def sinc_slope_shape(sizes: Assumptions, x: Type) -> Type:
    return ArrayType(np.sinc(np.zeros((), dtype_of(x))).dtype, array_shape(x))


@defvjp(sinc_slope)
def sinc_slope_vjp(g, y, x):
    """x f' = cos(pi x) - f, so that x f'' = -pi sin(pi x) - 2 f' = -x pi^2 f - 2 f'."""
    bend = -(math.pi**2) * np.sinc(x) - 2.0 * call("divide_or_zero", y, x)
    return (product(g, either(x == 0, -(math.pi**2) / 3.0, bend)),)


elementwise(np.sinc, sinc_slope)


# Floating point routines


@defvjp(np.frexp)
def frexp_vjp(g, y, x):
    """x = mantissa * 2^exponent, and the exponent is constant almost everywhere."""
    return (None if g[0] is None else np.ldexp(g[0], -y[1]),)


@defjvp(np.frexp)
def frexp_jvp(x_dot, y, x):
    return np.ldexp(x_dot, -y[1]), None


@defvjp(np.ldexp)
def ldexp_vjp(g, y, x, exponent):
    return np.ldexp(g, exponent), None


@defvjp(np.nextafter)
def nextafter_vjp(g, y, a, b):
    """The next number in the direction of b: a itself but for the spacing of numbers."""
    return g, None


@defvjp(np.modf)
def modf_vjp(g, y, x):
    return (g[0],)


@defjvp(np.modf)
def modf_jvp(x_dot, y, x):
    return x_dot, None


# Extrema and miscellaneous


@defvjp(np.sqrt)
def sqrt_vjp(g, y, x):
    """Infinite at 0; but 0 where x is a sum of squares, so that norms have their subgradient."""
    if vanishes_flatly(x):
        return (kinked(quotient_or_zero(0.5 * g, y), y, g, x, direct=False),)
    return (quotient(0.5 * g, y, finite=True),)


@defvjp(np.cbrt)
def cbrt_vjp(g, y, x):
    return (quotient(g, 3.0 * y * y, finite=True),)


@defvjp(np.square)
def square_vjp(g, y, x):
    return (product(g, 2.0 * x),)


@defvjp(np.reciprocal)
def reciprocal_vjp(g, y, x):
    return (product(-g, y * y, unbounded=True),)


@defvjp(np.absolute)
def absolute_vjp(g, y, x, function=False):
    """The sign of x, 0 at 0; conj(x) / |x| for complex x."""
    if is_complex(x.type):
        return (kinked(product(quotient_or_zero(g, y), np.conjugate(x)), y, g, x),)
    return (product(g, sign_of(x)),)


def sign_of(x):
    """`np.sign`, for which Python has no function of its own."""
    if are_python_numbers(x):
        return either(x > 0, 1.0, either(x < 0, -1.0, 0.0))
    return np.sign(x)


@defvjp(np.fabs)
def fabs_vjp(g, y, x):
    return absolute_vjp(g, y, x)


@defvjp(np.maximum)
def maximum_vjp(g, y, a, b):
    """Ties are split evenly; against a literal constant (relu) the tie has 0."""
    return chosen(g, y, a, b, _winner(y, a, b) > b), chosen(g, y, b, a, _winner(y, b, a) > a)


@defvjp(np.minimum)
def minimum_vjp(g, y, a, b):
    return chosen(g, y, a, b, _winner(y, a, b) < b), chosen(g, y, b, a, _winner(y, b, a) < a)


def _winner(y, mine, other):
    """What tells whether `mine` was taken: against a constant the result does, and is at hand."""
    return mine if isinstance(other, Symbol) else y


def chosen(g, y, mine, other, mine_wins):
    """The contribution to one of two arguments of which the larger or smaller one is taken."""
    if not isinstance(mine, Symbol):
        return None
    if not isinstance(other, Symbol):
        share = masked(g, y, mine_wins)
        return noted(share, max(Mask.COMPARISON, mask_of(g)))
    share = either(mine_wins, g, either(mine == other, 0.5 * g, 0.0))
    return noted(share, max(Mask.COMPARISON, mask_of(g)))


def masked(g, y, mask):
    """The cotangent where the mask holds and 0 elsewhere.

    A product with the mask is shorter, and nan where the cotangent is infinite, as that of
    `np.maximum(x, 0)` in `np.sqrt(np.maximum(x, 0))`, which is flat there.
    """
    if are_python_numbers(g, mask) or may_be_infinite_at(g, y):
        return either(mask, g, 0.0)
    return g * mask


@defvjp(np.fmax)
def fmax_vjp(g, y, a, b):
    """As `maximum`; a nan leaves all to the other argument."""
    return chosen(g, y, a, b, _or_nan(a > b, b)), chosen(g, y, b, a, _or_nan(b > a, a))


@defvjp(np.fmin)
def fmin_vjp(g, y, a, b):
    return chosen(g, y, a, b, _or_nan(a < b, b)), chosen(g, y, b, a, _or_nan(b < a, a))


def _or_nan(wins, other):
    return wins | np.isnan(other) if isinstance(other, Symbol) else wins


@defvjp(np.copysign)
def copysign_vjp(g, y, a, b):
    """|a| with the sign of b, so the sign of a times that of b, 0 at a = 0."""
    return product(g, sign_of(a) * np.copysign(1.0, b)), None


@defvjp(np.fmod)
def fmod_vjp(g, y, a, b):
    """fmod(a, b) = a - b * trunc(a / b), and trunc is constant almost everywhere."""
    if are_python_numbers(a, b):
        return g, -g * call(math.trunc, a / b)
    return g, product(-g, np.trunc(a / b))


@defvjp(np.heaviside)
def heaviside_vjp(g, y, x, at_zero):
    """Constant in x; the second argument is the value at x = 0."""
    return None, g * (x == 0)


@defshape(np.clip, operands=("a", "a_min", "a_max"))
def clip_shape(
    sizes: Assumptions,
    a: Type,
    a_min: Type | None = None,
    a_max: Type | None = None,
    out: Any = None,
    *,
    min: Any = None,
    max: Any = None,
) -> Type:
    if min is not None or max is not None:
        raise UnsupportedError(
            "`min=` and `max=` of `np.clip` are not supported",
            remedy="Give the bounds by position: `np.clip(x, low, high)`, `None` for no bound.",
        )
    if out is not None:
        raise UnsupportedError(
            "`out=` of `np.clip` is not supported",
            remedy="Write `a[...] = np.clip(...)` instead.",
        )
    given = [type_ for type_ in (a, a_min, a_max) if type_ is not None]
    return ArrayType(common_dtype(given), broadcast_shapes(sizes, *map(array_shape, given)))


@defvjp(np.clip)
def clip_vjp(g, y, a, a_min, a_max):
    """1 strictly inside the bounds, 0 at and outside them; a bound has what it replaces."""
    above_min = None if a_min is None else _winner(y, a, a_min) > a_min
    inside = _both(above_min, None if a_max is None else _winner(y, a, a_max) < a_max)
    crossed = a_min is not None and a_max is not None
    d_min = d_max = None
    if isinstance(a_min, Symbol):
        d_min = g * _both(a < a_min, (a_min < a_max) if crossed else None)
    if isinstance(a_max, Symbol):
        above = a > a_max
        d_max = g * (above | (a_min > a_max) if crossed else above)
    return g if inside is None else masked(g, y, inside), d_min, d_max


def _both(a, b):
    return b if a is None else a if b is None else a & b


elementwise(np.clip)


@defshape(np.nan_to_num)
def nan_to_num_shape(
    sizes: Assumptions,
    x: Type,
    copy: bool = True,
    nan: Any = 0.0,
    posinf: Any = None,
    neginf: Any = None,
) -> Type:
    if copy is not True:
        raise UnsupportedError(
            "`copy=False` of `np.nan_to_num` is not supported",
            remedy="Leave it out, and use the result.",
        )
    for name, given in (("nan", nan), ("posinf", posinf), ("neginf", neginf)):
        if given is not None and not isinstance(given, (int, float)):
            raise UnsupportedError(
                f"`{name}=` of `np.nan_to_num` must be a number that is known before the call"
            )
    return ArrayType(dtype_of(x), array_shape(x))


@defvjp(np.nan_to_num)
def nan_to_num_vjp(g, y, x, nan=0.0, posinf=None, neginf=None):
    return (either(np.isfinite(x), g, 0.0),)


elementwise(np.nan_to_num)


# Rounding


@defshape(np.round)
def round_shape(sizes: Assumptions, a: Type, decimals: int = 0, out: Any = None) -> Type:
    if out is not None:
        raise UnsupportedError(
            "`out=` of `np.round` is not supported",
            remedy="Write `a[...] = np.round(...)` instead.",
        )
    return ArrayType(np.round(np.zeros((), dtype_of(a))).dtype, array_shape(a))


@defshape(np.fix)
def fix_shape(sizes: Assumptions, x: Type, out: Any = None) -> Type:
    if out is not None:
        raise UnsupportedError(
            "`out=` of `np.fix` is not supported",
            remedy="Write `a[...] = np.fix(...)` instead.",
        )
    return ArrayType(np.fix(np.zeros((), dtype_of(x))).dtype, array_shape(x))


alias(np.around, np.round)
elementwise(np.round, np.fix)
constant(np.round, np.fix)


# Comparing with a tolerance


@defshape(np.isclose)
def isclose_shape(
    sizes: Assumptions,
    a: Type,
    b: Type,
    rtol: Any = 1e-05,
    atol: Any = 1e-08,
    equal_nan: bool = False,
) -> Type:
    return ArrayType(np.dtype(bool), broadcast_shapes(sizes, array_shape(a), array_shape(b)))


@defshape(np.allclose)
def allclose_shape(
    sizes: Assumptions,
    a: Type,
    b: Type,
    rtol: Any = 1e-05,
    atol: Any = 1e-08,
    equal_nan: bool = False,
) -> Type:
    return BOOL


@defshape(np.array_equal)
def array_equal_shape(sizes: Assumptions, a1: Type, a2: Type, equal_nan: bool = False) -> Type:
    return BOOL


elementwise(np.isclose)
constant(np.isclose, np.allclose, np.array_equal)


# Kinds of numbers

_REAL_TYPES = (np.float16, np.float32, np.float64)
_COMPLEX_TYPES = (np.complex64, np.complex128)
_SIGNED_TYPES = (np.int8, np.int16, np.int32, np.int64)
_UNSIGNED_TYPES = (np.uint8, np.uint16, np.uint32, np.uint64)


def _define_conversion(type_: type[np.generic]) -> None:
    dtype = np.dtype(type_)

    def conversion_shape(sizes: Assumptions, x: Type, /) -> Type:
        if is_complex(x) and dtype.kind != "c":
            raise UnsupportedError(
                f"`np.{dtype.name}` of a complex value discards its imaginary part",
                remedy="Write `.real` if that is what is meant.",
            )
        return ArrayType(dtype, array_shape(x))

    named(dtype.name if dtype.kind != "b" else "bool", type_)
    defshape(type_)(conversion_shape)
    elementwise(type_)


def conversion_vjp(g, y, x):
    return (g,)


_type: type[np.generic]
for _type in (*_REAL_TYPES, *_COMPLEX_TYPES):
    _define_conversion(_type)
    defvjp(_type)(conversion_vjp)
    linear(_type)
for _type in (*_SIGNED_TYPES, *_UNSIGNED_TYPES, np.bool_):
    _define_conversion(_type)
    constant(_type)


# Choosing


@defshape(np.where, operands=("condition", "x", "y"))
def where_shape(
    sizes: Assumptions, condition: Type, x: Type | None = None, y: Type | None = None, /
) -> Type:
    if x is None or y is None:
        raise UnsupportedError(
            "`np.where` with one argument is not supported",
            remedy="Write `np.flatnonzero(condition)`, or index with the condition itself.",
        )
    shape = broadcast_shapes(sizes, *map(array_shape, (condition, x, y)))
    return ArrayType(common_dtype((x, y)), shape)


@defvjp(np.where)
def where_vjp(g, y, condition, a, b):
    return None, either(condition, g, 0.0), either(condition, 0.0, g)


elementwise(np.where)


@defshape(np.select, operands=("*choicelist",), like=np.select)
def select_shape(sizes: Assumptions, *choices: Type, condlist: Any = (), default: Any = 0) -> Type:
    if not isinstance(default, (int, float, complex)):
        raise UnsupportedError(
            "`default=` of `np.select` must be a number that is known before the call",
            remedy="Add a last condition `np.full(shape, True)` with it as the choice.",
        )
    conditions = [item for item in condlist if not isinstance(item, bool)]
    shape = broadcast_shapes(sizes, *map(array_shape, (*conditions, *choices)))
    return ArrayType(common_dtype((*choices, literal(default).type)), shape)


@defvjp(np.select)
def select_vjp(g, y, *choices, condlist=(), default=0):
    """Each choice has the cotangent where its condition is the first that holds."""
    contributions = []
    for k, _ in enumerate(choices):
        chosen_here = [g if other == k else 0.0 for other in range(k + 1)]
        contributions.append(call(np.select, list(condlist[: k + 1]), chosen_here))
    return tuple(contributions)


elementwise(np.select)


# Complex numbers


@defshape(np.angle)
def angle_shape(sizes: Assumptions, z: Type, deg: bool = False) -> Type:
    dtype = np.asarray(np.angle(np.zeros((), dtype_of(z)))).dtype
    return ArrayType(dtype, array_shape(z))


@defvjp(np.angle)
def angle_vjp(g, y, z, deg=False):
    """Im(dz / z), taken to be 0 at 0; constant for real z."""
    if not is_complex(z.type):
        return (None,)
    h = kinked(quotient_or_zero(-(g * 1j), z), z, g, z)
    return (h * _RADIAN if deg else h,)


@defjvp(np.angle)
def angle_jvp(z_dot, y, z, deg=False):
    if not is_complex(z.type):
        return None
    return np.real(angle_vjp(z_dot, y, z, deg)[0])


elementwise(np.angle)


@defshape(np.real, np.imag)
def part_shape(sizes: Assumptions, val: Type) -> Type:
    if isinstance(val, ScalarType):
        return ScalarType(float) if is_complex(val) else ScalarType(val.python_type)
    dtype = np.real(np.zeros((), dtype_of(val))).dtype
    return ArrayType(dtype, array_shape(val))


@defvjp(np.real)
def real_vjp(g, y, x):
    return (g,)


@defjvp(np.real)
def real_jvp(x_dot, y, x):
    return np.real(x_dot)


@defvjp(np.imag)
def imag_vjp(g, y, x):
    """Im(x) = Re(-i x)."""
    return (-(g * 1j),) if is_complex(x.type) else (None,)


@defjvp(np.imag)
def imag_jvp(x_dot, y, x):
    return np.imag(x_dot)


@defvjp(np.conjugate)
def conjugate_vjp(g, y, x):
    """dL = Re(g conj(dx)) = Re(conj(g) dx)."""
    return (np.conjugate(g),)


@defjvp(np.conjugate)
def conjugate_jvp(x_dot, y, x):
    return np.conjugate(x_dot)


elementwise(np.real, np.imag)
