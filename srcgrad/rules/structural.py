"""Primitives of srcgrad's own: sizes, copies of another value's shape, casts.

The emitted code writes each as plain NumPy: `dim` is `x.shape[0]`, `broadcast_like` is
`np.broadcast_to(g, x.shape)`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.graph import INT, ArrayType, Assumptions, Dim, ScalarType, Type, shape_of
from srcgrad.markers import stop_gradient
from srcgrad.rules.registry import constant, defjvp, defshape, defvjp, elementwise, linear, named
from srcgrad.rules.shapes import dtype_of
from srcgrad.rules.symbols import call


@lambda function: named("dim", function)
def dim(x: Any, axis: int) -> int:
    """`x.shape[axis]`."""
    return np.shape(x)[axis]


@defshape(dim, operands=("x",))
def dim_shape(sizes: Assumptions, x: Type, axis: int) -> Type:
    shape = shape_of(x)
    return INT if shape is None else ScalarType(int, shape[axis])


@lambda function: named("size", function)
def size(x: Any) -> int:
    """`x.size`."""
    return np.size(x)


@defshape(size)
def size_shape(sizes: Assumptions, x: Type) -> Type:
    shape = shape_of(x)
    if shape is None:
        return INT
    count: Dim = 1
    for dim in shape:
        count = sizes.product(count, dim)
    return ScalarType(int, count)


@lambda function: named("broadcast_like", function)
def broadcast_like(g: Any, x: Any) -> Any:
    """`g` broadcast to the shape of `x`."""
    return np.broadcast_to(g, np.shape(x))


@defshape(broadcast_like)
def broadcast_like_shape(sizes: Assumptions, g: Type, x: Type) -> Type:
    return ArrayType(dtype_of(g), shape_of(x))


@defvjp(broadcast_like)
def broadcast_like_vjp(g, y, value, x):
    return call("sum_like", g, value), None


@defjvp(broadcast_like)
def broadcast_like_jvp(value_dot, x_dot, y, value, x):
    return call("broadcast_like", value_dot, x)


@lambda function: named("sum_like", function)
def sum_like(g: Any, x: Any) -> Any:
    """`g` summed over the axes along which the shape of `x` was broadcast to that of `g`."""
    shape = np.shape(x)
    g = np.asarray(g)
    g = g.sum(axis=tuple(range(g.ndim - len(shape))))
    repeated = tuple(axis for axis, dim in enumerate(shape) if dim == 1 != g.shape[axis])
    return g.sum(axis=repeated, keepdims=True) if repeated else g


@defshape(sum_like)
def sum_like_shape(sizes: Assumptions, g: Type, x: Type) -> Type:
    return ArrayType(dtype_of(g), shape_of(x))


@defvjp(sum_like)
def sum_like_vjp(g, y, value, x):
    return call("broadcast_like", g, value), None


@defjvp(sum_like)
def sum_like_jvp(value_dot, x_dot, y, value, x):
    return call("sum_like", value_dot, x)


@lambda function: named("reshape_like", function)
def reshape_like(g: Any, x: Any) -> Any:
    """`g` with the shape of `x`, which has as many elements."""
    return np.reshape(g, np.shape(x))


@defshape(reshape_like)
def reshape_like_shape(sizes: Assumptions, g: Type, x: Type) -> Type:
    return ArrayType(dtype_of(g), shape_of(x))


@defvjp(reshape_like)
def reshape_like_vjp(g, y, value, x):
    return call("reshape_like", g, value), None


@defjvp(reshape_like)
def reshape_like_jvp(value_dot, x_dot, y, value, x):
    return call("reshape_like", value_dot, x)


@lambda function: named("cast", function)
def cast(x: Any, dtype: np.dtype) -> Any:
    """`x.astype(dtype)`."""
    return np.asarray(x).astype(dtype)


@defshape(cast, operands=("x",))
def cast_shape(sizes: Assumptions, x: Type, dtype: np.dtype) -> Type:
    return ArrayType(np.dtype(dtype), shape_of(x))


@defvjp(cast)
def cast_vjp(g, y, x, dtype=None):
    return (g,)


@lambda function: named("fresh", function)
def fresh(g: Any, x: Any) -> Any:
    """A copy of `g` with the dtype and shape of `x`, which nobody else holds: what callers get."""
    return np.array(np.broadcast_to(g, np.shape(x)), dtype=np.asarray(x).dtype)


@defshape(fresh)
def fresh_shape(sizes: Assumptions, g: Type, x: Type) -> Type:
    return x


@defvjp(fresh)
def fresh_vjp(g, y, value, x):
    return g, None


@defjvp(fresh)
def fresh_jvp(value_dot, x_dot, y, value, x):
    return value_dot


@lambda function: named("argument", function)
def argument(x: Any) -> Any:
    """`x` itself, as the argument of a function that is differentiated by itself."""
    return x


@defshape(argument)
def argument_shape(sizes: Assumptions, x: Type) -> Type:
    return x


@defvjp(argument)
def argument_vjp(g, y, x):
    return (g,)


named("stop_gradient", stop_gradient)


@defshape(stop_gradient)
def stop_gradient_shape(sizes: Assumptions, x: Type) -> Type:
    return x


constant(stop_gradient)
linear(cast, argument)
elementwise(cast)
constant(dim, size)
