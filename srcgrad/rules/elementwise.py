"""NumPy's element-by-element functions beyond the operators, in the order of its manual.

https://numpy.org/doc/stable/reference/routines.math.html, with the choices of srcgrad at kinks and
singular points: see `docs/conventions.md`.
"""

from __future__ import annotations

import math

import numpy as np

from srcgrad.errors import UnsupportedError
from srcgrad.graph import (
    FLOAT,
    ArrayType,
    Assumptions,
    Literal,
    ScalarType,
    Type,
    is_complex,
)
from srcgrad.rules.arithmetic import ufunc_shape_rule
from srcgrad.rules.masking import are_python_numbers, product, quotient, where
from srcgrad.rules.registry import defjvp, defshape, defvjp, elementwise
from srcgrad.rules.shapes import array_shape, broadcast_shapes, common_dtype, dtype_of
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

_LN_2 = Literal(FLOAT, None, None, math.log(2.0), "np.log(2.0)")
_LN_10 = Literal(FLOAT, None, None, math.log(10.0), "np.log(10.0)")
_DEGREE = Literal(FLOAT, None, None, math.pi / 180.0, "(np.pi / 180.0)")
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
    return (quotient(g, np.sqrt(1.0 - x * x), finite=True),)


@defvjp(np.arccos)
def arccos_vjp(g, y, x):
    return (quotient(-g, np.sqrt(1.0 - x * x), finite=True),)


@defvjp(np.arctan)
def arctan_vjp(g, y, x):
    return (quotient(g, 1.0 + x * x),)


@defvjp(np.hypot)
def hypot_vjp(g, y, a, b):
    """The direction (a, b) / y, taken to be 0 at the origin."""
    h = call("divide_or_zero", g, y)
    return product(h, a), product(h, b)


@defvjp(np.arctan2)
def arctan2_vjp(g, y, a, b):
    """(b, -a) / (a^2 + b^2), taken to be 0 at the origin."""
    h = call("divide_or_zero", g, a * a + b * b)
    return product(h, b), product(-h, a)


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
    return (quotient(g, np.sqrt(x * x + 1.0)),)


@defvjp(np.arccosh)
def arccosh_vjp(g, y, x):
    """sqrt(x - 1) sqrt(x + 1) has the right branch for complex x, where sqrt(x^2 - 1) has not."""
    return (quotient(g, np.sqrt(x - 1.0) * np.sqrt(x + 1.0), finite=True),)


@defvjp(np.arctanh)
def arctanh_vjp(g, y, x):
    return (quotient(g, 1.0 - x * x),)


# Exponents and logarithms


@defvjp(np.exp)
def exp_vjp(g, y, x):
    return (product(g, y, unbounded=True),)


@defvjp(np.expm1)
def expm1_vjp(g, y, x):
    return (product(g, y + 1.0, unbounded=True),)


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


# Extrema and miscellaneous


@defvjp(np.sqrt)
def sqrt_vjp(g, y, x):
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
        return (product(call("divide_or_zero", g, y), np.conjugate(x)),)
    return (product(g, sign_of(x)),)


def sign_of(x):
    """`np.sign`, for which Python has no function of its own."""
    if are_python_numbers(x):
        return where(x > 0, 1.0, where(x < 0, -1.0, 0.0))
    return np.sign(x)


@defvjp(np.fabs)
def fabs_vjp(g, y, x):
    return absolute_vjp(g, y, x)


@defvjp(np.maximum)
def maximum_vjp(g, y, a, b):
    """Ties are split evenly; against a literal constant (relu) the tie has 0."""
    return chosen(g, a, b, a > b), chosen(g, b, a, b > a)


@defvjp(np.minimum)
def minimum_vjp(g, y, a, b):
    return chosen(g, a, b, a < b), chosen(g, b, a, b < a)


def chosen(g, mine, other, mine_wins):
    """The contribution to one of two arguments of which the larger or smaller one is taken."""
    if not isinstance(mine, Symbol):
        return None
    if not isinstance(other, Symbol):
        return where(mine_wins, g, 0.0) if are_python_numbers(g, mine) else g * mine_wins
    return where(mine_wins, g, where(mine == other, 0.5 * g, 0.0))


@defvjp(np.fmax)
def fmax_vjp(g, y, a, b):
    """As `maximum`; a nan leaves all to the other argument."""
    return chosen(g, a, b, _or_nan(a > b, b)), chosen(g, b, a, _or_nan(b > a, a))


@defvjp(np.fmin)
def fmin_vjp(g, y, a, b):
    return chosen(g, a, b, _or_nan(a < b, b)), chosen(g, b, a, _or_nan(b < a, a))


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
    return None, where(condition, g, 0.0), where(condition, 0.0, g)


elementwise(np.where)


# Complex numbers


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
    return (g * -1j,) if is_complex(x.type) else (None,)


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
