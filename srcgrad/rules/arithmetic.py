"""The operators of Python on numbers and arrays, which are NumPy's arithmetic ufuncs.

On Python numbers an operator gives a Python number; a ufunc called by name gives a NumPy scalar,
which nodes mark with the parameter `function=True`.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from inspect import Parameter, Signature
from typing import Any

import numpy as np

from srcgrad.errors import UnsupportedError
from srcgrad.graph import (
    BOOL,
    ArrayType,
    Assumptions,
    Dim,
    ScalarType,
    Type,
    add_dims,
    is_complex,
    size_of_integer,
    subtract_dims,
)
from srcgrad.rules.masking import (
    are_python_numbers,
    either,
    is_never_zero,
    product,
    quotient,
    quotient_or_zero,
    vanishes_flatly,
)
from srcgrad.rules.registry import (
    alias,
    bilinear,
    constant,
    defjvp,
    defshape,
    defvjp,
    elementwise,
    linear,
    named,
    primitive_for,
)
from srcgrad.rules.shapes import (
    array_shape,
    broadcast_shapes,
    ufunc_dtypes,
    wider_python_type,
)
from srcgrad.rules.symbols import Symbol, call

_SIZE_ARITHMETIC: dict[np.ufunc, Callable[[Assumptions, Dim, Dim], Dim]] = {
    np.add: lambda sizes, a, b: add_dims(a, b),
    np.subtract: lambda sizes, a, b: subtract_dims(a, b),
    np.multiply: Assumptions.product,
    np.floor_divide: Assumptions.quotient,
    np.remainder: Assumptions.remainder,
}
_COMPARISONS = (np.less, np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal)
_PYTHON_OPERATORS: dict[np.ufunc, tuple[Callable[..., object], ...]] = {
    np.add: (operator.add, operator.iadd),
    np.subtract: (operator.sub, operator.isub),
    np.multiply: (operator.mul, operator.imul),
    np.true_divide: (operator.truediv, operator.itruediv),
    np.floor_divide: (operator.floordiv, operator.ifloordiv),
    np.remainder: (operator.mod, operator.imod),
    np.power: (operator.pow, operator.ipow, pow),
    np.negative: (operator.neg,),
    np.positive: (operator.pos,),
    np.absolute: (operator.abs, abs),
    np.divmod: (divmod,),
    np.invert: (operator.invert, operator.inv),
    np.bitwise_and: (operator.and_, operator.iand),
    np.bitwise_or: (operator.or_, operator.ior),
    np.bitwise_xor: (operator.xor, operator.ixor),
    np.left_shift: (operator.lshift, operator.ilshift),
    np.right_shift: (operator.rshift, operator.irshift),
    np.less: (operator.lt,),
    np.less_equal: (operator.le,),
    np.greater: (operator.gt,),
    np.greater_equal: (operator.ge,),
    np.equal: (operator.eq,),
    np.not_equal: (operator.ne,),
}


def _python_result(
    sizes: Assumptions, ufunc: np.ufunc, types: tuple[ScalarType, ...]
) -> ScalarType:
    """The type of the operator on Python numbers."""
    kinds = tuple(type_.python_type for type_ in types)
    if ufunc in _COMPARISONS:
        return BOOL
    if ufunc in (np.bitwise_and, np.bitwise_or, np.bitwise_xor) and set(kinds) == {bool}:
        return BOOL
    widest = wider_python_type(*kinds)
    if ufunc is np.true_divide and widest is int:
        return ScalarType(float)
    if ufunc is np.absolute and widest is complex:
        return ScalarType(float)
    if ufunc is np.power and widest is int:
        exponent = size_of_integer(types[1])
        return ScalarType(int if isinstance(exponent, int) and exponent >= 0 else float)
    size = None
    if widest is int and ufunc in _SIZE_ARITHMETIC:
        size = _SIZE_ARITHMETIC[ufunc](sizes, *map(size_of_integer, types))
    return ScalarType(widest, size)


def ufunc_shape_rule(ufunc: np.ufunc, *, operator_like: bool = False) -> None:
    """Register the shape rule of a ufunc: broadcasting and NumPy's promotion.

    The ufuncs of Python's operators have the parameter `function`.
    """

    def shape_rule(sizes: Assumptions, *types: Type, function: bool = False, **options: Any) -> Any:
        _refuse_options(ufunc, options)
        scalars = tuple(type_ for type_ in types if isinstance(type_, ScalarType))
        if operator_like and not function and len(scalars) == len(types):
            result = _python_result(sizes, ufunc, scalars)
            return result if ufunc.nout == 1 else (result,) * ufunc.nout
        shape = broadcast_shapes(sizes, *map(array_shape, types))
        results = tuple(ArrayType(dtype, shape) for dtype in ufunc_dtypes(ufunc, types))
        return results if len(results) > 1 else results[0]

    shape_rule.__signature__ = _ufunc_signature(ufunc, operator_like)  # type: ignore[attr-defined]
    defshape(ufunc)(shape_rule)
    elementwise(ufunc)


_UFUNC_OPTIONS: dict[str, object] = {
    "where": True,
    "casting": "same_kind",
    "order": "K",
    "dtype": None,
    "subok": True,
    "signature": None,
}


def _ufunc_signature(ufunc: np.ufunc, operator_like: bool) -> Signature:
    names = ["x"] if ufunc.nin == 1 else [f"x{number + 1}" for number in range(ufunc.nin)]
    operands = [Parameter(name, Parameter.POSITIONAL_ONLY) for name in ["sizes", *names]]
    outputs = [Parameter("out", Parameter.POSITIONAL_OR_KEYWORD, default=None)]
    options = dict(_UFUNC_OPTIONS, function=False) if operator_like else _UFUNC_OPTIONS
    keywords = [Parameter(key, Parameter.KEYWORD_ONLY, default=v) for key, v in options.items()]
    return Signature(operands + outputs + keywords)


def _refuse_options(ufunc: np.ufunc, options: dict[str, Any]) -> None:
    for name, given in options.items():
        if given is _UFUNC_OPTIONS.get(name) or given == (None,) * ufunc.nout:
            continue
        raise UnsupportedError(
            f"`{name}=` of `np.{ufunc.__name__}` is not supported",
            remedy=_OPTION_REMEDIES.get(name, "Leave it out.").format(ufunc.__name__),
        )


_OPTION_REMEDIES = {
    "out": "Write `a[...] = np.{0}(...)` instead.",
    "where": "Write `np.where(condition, np.{0}(...), a)` instead.",
    "dtype": "Convert the arguments before the call: `np.{0}(x.astype(dtype))`.",
}


for _ufunc, _operators in _PYTHON_OPERATORS.items():
    ufunc_shape_rule(_ufunc, operator_like=True)
    primitive_for(_ufunc).on_numbers = _operators[0]
    for _operator in _operators:
        alias(_operator, _ufunc)


@defvjp(np.add)
def add_vjp(g, y, a, b, function=False):
    return g, g


@defvjp(np.subtract)
def subtract_vjp(g, y, a, b, function=False):
    return g, -g


@defvjp(np.multiply)
def multiply_vjp(g, y, a, b, function=False):
    return product(g, b), product(g, a)


@defvjp(np.true_divide)
def divide_vjp(g, y, a, b, function=False):
    """Where both were Python numbers, `a / b` has already raised if `b` is 0."""
    h = g / b if are_python_numbers(y, b) else quotient(g, b)
    return h, product(-h, y, unbounded=not is_never_zero(b))


@defvjp(np.negative)
def negative_vjp(g, y, x, function=False):
    return (-g,)


@defvjp(np.positive)
def positive_vjp(g, y, x, function=False):
    return (g,)


@defvjp(np.remainder)
def remainder_vjp(g, y, a, b, function=False):
    """a % b = a - b * floor(a / b), and floor is constant almost everywhere."""
    return g, product(-g, a // b)


@defvjp(np.divmod)
def divmod_vjp(g, y, a, b, function=False):
    return remainder_vjp(g[1], y[1], a, b) if g[1] is not None else (None, None)


@defjvp(np.divmod)
def divmod_jvp(a_dot, b_dot, y, a, b, function=False):
    """The quotient is constant almost everywhere."""
    return None, _sum_of(a_dot, None if b_dot is None else -b_dot * y[0])


def _sum_of(a, b):
    return b if a is None else a if b is None else a + b


@defvjp(np.power, np.float_power)
def power_vjp(g, y, x, p, function=False):
    """d/dx x^p = p x^(p-1), which is 0 for p = 0; d/dp x^p = x^p log x, which is 0 at x = 0."""
    if not isinstance(p, Symbol):
        return _power_of_number(g, y, x, p), None
    return _power_of_value(g, y, x, p), product(g * y, _log_or_zero(x), unbounded=True)


def _power_of_number(g, y, x, p):
    """The derivative for an exponent known now."""
    if p == 0:
        return None
    if p == 1:
        return g
    if p == 2:
        return product(g, 2.0 * x)
    if p == 0.5:
        return _power_of_half(g, y, x)
    if isinstance(p, complex) or p > 1:
        return product(g, _as_float(p) * x ** (p - 1))
    return quotient(_as_float(p) * g, x ** (1 - p), finite=p > 0)


def _power_of_half(g, y, x):
    """As of the square root, which takes the subgradient 0 of a norm at 0."""
    if vanishes_flatly(x):
        return quotient_or_zero(0.5 * g, y)
    return quotient(0.5 * g, y, finite=True)


def _as_float(p):
    """The exponent as a factor; a Python number, so that it does not decide on the dtype."""
    return complex(p) if isinstance(p, complex) else float(p)


def _power_of_value(g, y, x, p):
    """The same for an exponent of any value, which may be 0 where x is 0 too."""
    if are_python_numbers(x, p):
        return g * call("power_slope", x, p)
    return product(g, p * x ** either(p == 0, 1, p - 1), singular=True)


def _log_or_zero(x):
    """log x, and 0 where x = 0; nan where x < 0, since x^p is real for single p only."""
    if isinstance(x, Symbol):
        return _log_or_zero_of_symbol(x)
    return np.log(x or 1.0).item() if isinstance(x, complex) or x >= 0 else math.nan


def _log_or_zero_of_symbol(x: Any) -> Any:
    if are_python_numbers(x) and not is_complex(x.type):
        return call(math.log, either(x > 0, x, either(x == 0, 1.0, math.nan)))
    return np.log(either(x == 0, 1.0, x))


@lambda function: named("power_slope", function)
def power_slope(x: Any, p: Any) -> Any:
    """`p * x ** (p - 1)` for Python numbers, without an error where `x ** p` has none.

    For integers p: `p * x ** (p - 1) if p else 0.0`.
    For others: `p * x ** (p - 1) if x or p >= 1 else p and math.inf`.
    """
    if p == 0:
        return 0.0
    if x == 0 and not isinstance(p, complex) and p < 1:
        return float("inf")
    return p * x ** (p - 1)


@defshape(power_slope)
def power_slope_shape(sizes: Assumptions, x: ScalarType, p: ScalarType) -> Type:
    return ScalarType(wider_python_type(float, x.python_type, p.python_type))


@defvjp(power_slope)
def power_slope_vjp(g, y, x, p):
    d_x = g * p * call("power_slope", x, p - 1)
    return d_x, g * x ** (p - 1) * (1.0 + p * _log_or_zero(x))


elementwise(power_slope)
linear(np.add, np.subtract, np.negative, np.positive)
bilinear(np.multiply)
constant(np.floor_divide, np.invert, np.bitwise_and, np.bitwise_or, np.bitwise_xor)
constant(np.left_shift, np.right_shift, *_COMPARISONS)
