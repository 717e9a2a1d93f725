"""The operators of Python on numbers and arrays, which are NumPy's arithmetic ufuncs.

On Python numbers an operator gives a Python number; a ufunc called by name gives a NumPy scalar,
which nodes mark with the parameter `function=True`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable

import numpy as np

from srcgrad.graph import (
    BOOL,
    ArrayType,
    Assumptions,
    Dim,
    ScalarType,
    Type,
    add_dims,
    is_python_int,
    multiply_dims,
    size_of_integer,
    subtract_dims,
)
from srcgrad.rules.registry import alias, bilinear, constant, defshape, defvjp, elementwise, linear
from srcgrad.rules.shapes import (
    array_shape,
    broadcast_shapes,
    ufunc_dtypes,
    wider_python_type,
)
from srcgrad.rules.symbols import Symbol, call

_SIZE_ARITHMETIC: dict[np.ufunc, Callable[[Dim, Dim], Dim]] = {
    np.add: add_dims,
    np.subtract: subtract_dims,
    np.multiply: multiply_dims,
}
_COMPARISONS = (np.less, np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal)
_PYTHON_OPERATORS: dict[np.ufunc, tuple[Callable[..., object], ...]] = {
    np.add: (operator.add, operator.iadd),
    np.subtract: (operator.sub, operator.isub),
    np.multiply: (operator.mul, operator.imul),
    np.true_divide: (operator.truediv, operator.itruediv),
    np.floor_divide: (operator.floordiv, operator.ifloordiv),
    np.remainder: (operator.mod, operator.imod),
    np.power: (operator.pow, operator.ipow),
    np.negative: (operator.neg,),
    np.positive: (operator.pos,),
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


def _python_result(ufunc: np.ufunc, types: tuple[ScalarType, ...]) -> ScalarType:
    """The type of the operator on Python numbers."""
    kinds = tuple(type_.python_type for type_ in types)
    if ufunc in _COMPARISONS:
        return BOOL
    if ufunc in (np.bitwise_and, np.bitwise_or, np.bitwise_xor) and set(kinds) == {bool}:
        return BOOL
    widest = wider_python_type(*kinds)
    if ufunc is np.true_divide and widest is int:
        return ScalarType(float)
    if ufunc is np.power and widest is int:
        exponent = size_of_integer(types[1])
        return ScalarType(int if isinstance(exponent, int) and exponent >= 0 else float)
    size = None
    if widest is int and ufunc in _SIZE_ARITHMETIC:
        size = _SIZE_ARITHMETIC[ufunc](*map(size_of_integer, types))
    return ScalarType(widest, size)


def ufunc_shape_rule(ufunc: np.ufunc, *, operator_like: bool = False) -> None:
    """Register the shape rule of a ufunc with one result: broadcasting and NumPy's promotion."""

    def result(sizes: Assumptions, types: tuple[Type, ...], function: bool) -> Type:
        scalars = tuple(type_ for type_ in types if isinstance(type_, ScalarType))
        if operator_like and not function and len(scalars) == len(types):
            return _python_result(ufunc, scalars)
        shape = broadcast_shapes(sizes, *map(array_shape, types))
        (dtype,) = ufunc_dtypes(ufunc, types)
        return ArrayType(dtype, shape)

    if ufunc.nin == 1:

        @defshape(ufunc)
        def unary(sizes: Assumptions, x: Type, /, *, function: bool = False) -> Type:
            return result(sizes, (x,), function)
    else:

        @defshape(ufunc)
        def binary(sizes: Assumptions, x1: Type, x2: Type, /, *, function: bool = False) -> Type:
            return result(sizes, (x1, x2), function)

    elementwise(ufunc)


for _ufunc, _operators in _PYTHON_OPERATORS.items():
    ufunc_shape_rule(_ufunc, operator_like=True)
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
    return g * b, g * a


@defvjp(np.true_divide)
def divide_vjp(g, y, a, b, function=False):
    h = g / b
    return h, -h * y


@defvjp(np.negative)
def negative_vjp(g, y, x, function=False):
    return (-g,)


@defvjp(np.positive)
def positive_vjp(g, y, x, function=False):
    return (g,)


@defvjp(np.remainder)
def remainder_vjp(g, y, a, b, function=False):
    """a % b = a - b * floor(a / b), and floor is constant almost everywhere."""
    return g, -g * (a // b)


@defvjp(np.power)
def power_vjp(g, y, x, p, function=False):
    """d/dx x^p = p x^(p-1); d/dp x^p = x^p log x, which is 0 at x = 0 (the limit for p > 0)."""
    if not isinstance(p, Symbol):
        return _power_of_number(g, y, x, p), None
    d_x = g * p * call("power_at", x, p - 1)
    return d_x, g * y * call("log_at", x)


def _power_of_number(g, y, x, p):
    """The derivative for an exponent known now, which needs no case at x = 0 unless p < 1."""
    if p == 0:
        return None
    if p == 1:
        return g
    if p == 2:
        return g * (2.0 * x)
    return g * (float(p) * x ** (p - 1))


linear(np.add, np.subtract, np.negative, np.positive)
bilinear(np.multiply)
constant(np.floor_divide, np.invert, np.bitwise_and, np.bitwise_or, np.bitwise_xor)
constant(np.left_shift, np.right_shift, *_COMPARISONS)

__all__ = ["ufunc_shape_rule", "is_python_int"]
