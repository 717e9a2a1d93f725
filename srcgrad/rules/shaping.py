"""Arrays in another shape or order: NumPy's manual, "Array manipulation routines"."""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.errors import ShapeError, UnsupportedError
from srcgrad.graph import (
    ArrayType,
    Assumptions,
    Dim,
    DimExpression,
    Shape,
    Type,
    shape_of,
)
from srcgrad.rules.broadcasting import unbroadcast
from srcgrad.rules.creation import asked_dtype, shape_from
from srcgrad.rules.registry import defjvp, defshape, defvjp, gives_tuple, linear
from srcgrad.rules.shapes import (
    array_shape,
    broadcast_shapes,
    dtype_of,
    normalize_axes,
    product_of_dims,
    shape_text,
)
from srcgrad.rules.symbols import call

# Shape


@defshape(np.reshape, operands=("a",))
def reshape_shape(
    sizes: Assumptions, a: Type, /, shape: object, order: str = "C", *, copy: bool | None = None
) -> Type:
    have, want = array_shape(a), shape_from(shape)
    if want is None:
        return ArrayType(dtype_of(a), None)
    places = [place for place, dim in enumerate(want) if dim == -1]
    if len(places) > 1:
        raise ShapeError("reshape can only specify one unknown dimension")
    if not places:
        _check_same_size(sizes, have, want)
        return ArrayType(dtype_of(a), want)
    (place,) = places
    others = want[:place] + want[place + 1 :]
    return ArrayType(dtype_of(a), want[:place] + (_quotient(have, others),) + want[place + 1 :])


def _check_same_size(sizes: Assumptions, have: Shape | None, want: Shape) -> None:
    if have is None:
        return
    count, wanted = product_of_dims(have), product_of_dims(want)
    if count is not None and wanted is not None and sizes.differ(count, wanted):
        raise ShapeError(
            f"cannot reshape an array of shape {shape_text(have, sizes)} into shape "
            f"{shape_text(want, sizes)}"
        )


def _quotient(have: Shape | None, others: Shape) -> Dim:
    """The dim that `-1` stands for: the product of `have` over that of the other dims."""
    if have is None:
        return None
    left = list(have)
    right = []
    for dim in others:
        if dim is not None and dim in left:
            left.remove(dim)
        else:
            right.append(dim)
    count, divisor = product_of_dims(left), product_of_dims(right)
    if not isinstance(divisor, int) or divisor == 0 or count is None:
        return None
    if isinstance(count, int) and count % divisor:
        raise ShapeError(f"cannot reshape {count} items into rows of {divisor}")
    return divide_dim(count, divisor)


def divide_dim(dim: int | DimExpression, divisor: int) -> Dim:
    """The exact quotient, where it is affine again."""
    if isinstance(dim, int):
        return dim // divisor if dim % divisor == 0 else None
    if dim.constant % divisor or any(k % divisor for _, k in dim.terms):
        return None
    terms = tuple((name, k // divisor) for name, k in dim.terms)
    return DimExpression(terms, dim.constant // divisor)


@defvjp(np.reshape)
def reshape_vjp(g, y, a, shape=None, order="C", copy=None):
    return (_reshape_back(g, a, order),)


def _reshape_back(g: Any, a: Any, order: str) -> Any:
    if order == "C":
        return call("reshape_like", g, a)
    if order != "F":
        raise UnsupportedError(
            f"cannot differentiate a reshape with order={order!r}: it depends on the memory layout",
            remedy="Use order='C' or order='F'.",
        )
    return call(np.reshape, g, a.shape, order="F")


@defshape(np.ravel)
def ravel_shape(sizes: Assumptions, a: Type, order: str = "C") -> Type:
    shape = array_shape(a)
    return ArrayType(dtype_of(a), (None if shape is None else product_of_dims(shape),))


@defvjp(np.ravel)
def ravel_vjp(g, y, a, order="C"):
    return (_reshape_back(g, a, order),)


linear(np.reshape, np.ravel)


# Transposition


@defshape(np.transpose, operands=("a",))
def transpose_shape(sizes: Assumptions, a: Type, axes: object = None) -> Type:
    shape = array_shape(a)
    if shape is None:
        return ArrayType(dtype_of(a), (None,) * len(axes) if isinstance(axes, tuple) else None)
    order = tuple(reversed(range(len(shape)))) if axes is None else _permutation(axes, len(shape))
    return ArrayType(dtype_of(a), tuple(shape[axis] for axis in order))


def _permutation(axes: object, rank: int) -> tuple[int, ...]:
    order = normalize_axes(axes, rank, name="axes")
    if len(order) != rank:
        raise ShapeError(f"axes {axes} don't match an array of {rank} dimensions")
    return order


@defvjp(np.transpose)
def transpose_vjp(g, y, a, axes=None):
    if axes is None:
        return (call(np.transpose, g),)
    order = _permutation(axes, g.ndim)
    inverse = tuple(order.index(axis) for axis in range(len(order)))
    return (call(np.transpose, g, axes=inverse),)


@defshape(np.swapaxes, operands=("a",))
def swapaxes_shape(sizes: Assumptions, a: Type, axis1: int, axis2: int) -> Type:
    shape = array_shape(a)
    if shape is None:
        return ArrayType(dtype_of(a), None)
    (first,), (second,) = normalize_axes(axis1, len(shape)), normalize_axes(axis2, len(shape))
    dims = list(shape)
    dims[first], dims[second] = dims[second], dims[first]
    return ArrayType(dtype_of(a), tuple(dims))


@defvjp(np.swapaxes)
def swapaxes_vjp(g, y, a, axis1=None, axis2=None):
    return (call(np.swapaxes, g, axis1, axis2),)


@defshape(np.moveaxis, operands=("a",))
def moveaxis_shape(sizes: Assumptions, a: Type, source: object, destination: object) -> Type:
    shape = array_shape(a)
    if shape is None:
        return ArrayType(dtype_of(a), None)
    sources = normalize_axes(source, len(shape), name="source")
    destinations = normalize_axes(destination, len(shape), name="destination")
    if len(sources) != len(destinations):
        raise ShapeError("`source` and `destination` must name as many axes")
    order = [axis for axis in range(len(shape)) if axis not in sources]
    for place, axis in sorted(zip(destinations, sources)):
        order.insert(place, axis)
    return ArrayType(dtype_of(a), tuple(shape[axis] for axis in order))


@defvjp(np.moveaxis)
def moveaxis_vjp(g, y, a, source=None, destination=None):
    return (call(np.moveaxis, g, destination, source),)


@defshape(np.rollaxis, operands=("a",))
def rollaxis_shape(sizes: Assumptions, a: Type, axis: int, start: int = 0) -> Type:
    shape = array_shape(a)
    if shape is None:
        return ArrayType(dtype_of(a), None)
    return moveaxis_shape(sizes, a, *_rolled(len(shape), axis, start))


def _rolled(rank: int, axis: int, start: int) -> tuple[int, int]:
    """The source and destination of `np.moveaxis` that do what `np.rollaxis` does."""
    (source,) = normalize_axes(axis, rank)
    start = start + rank if start < 0 else start
    return source, start - 1 if source < start else start


@defvjp(np.rollaxis)
def rollaxis_vjp(g, y, a, axis=None, start=0):
    source, destination = _rolled(g.ndim, axis, start)
    return (call(np.moveaxis, g, destination, source),)


@defshape(np.matrix_transpose)
def matrix_transpose_shape(sizes: Assumptions, x: Type, /) -> Type:
    return swapaxes_shape(sizes, x, -1, -2)


@defvjp(np.matrix_transpose)
def matrix_transpose_vjp(g, y, x):
    return (call(np.matrix_transpose, g),)


linear(np.transpose, np.swapaxes, np.moveaxis, np.rollaxis, np.matrix_transpose)


# Number of dimensions


@defshape(np.squeeze, operands=("a",))
def squeeze_shape(sizes: Assumptions, a: Type, axis: object = None) -> Type:
    shape = array_shape(a)
    if shape is None:
        return ArrayType(dtype_of(a), None)
    if axis is not None:
        dropped = normalize_axes(axis, len(shape))
        if any(sizes.differ(shape[i], 1) for i in dropped):
            raise ShapeError(
                f"cannot squeeze axis {axis} of shape {shape_text(shape, sizes)}: not 1 long"
            )
        return ArrayType(dtype_of(a), tuple(d for i, d in enumerate(shape) if i not in dropped))
    ones = [sizes.is_one(dim) for dim in shape]
    if None in ones:
        return ArrayType(dtype_of(a), None)
    return ArrayType(dtype_of(a), tuple(dim for dim, one in zip(shape, ones) if not one))


@defvjp(np.squeeze)
def squeeze_vjp(g, y, a, axis=None):
    return (call("reshape_like", g, a),)


@defshape(np.expand_dims, operands=("a",))
def expand_dims_shape(sizes: Assumptions, a: Type, axis: object) -> Type:
    shape = array_shape(a)
    if shape is None:
        return ArrayType(dtype_of(a), None)
    rank = len(shape) + (len(axis) if isinstance(axis, (tuple, list)) else 1)
    added = normalize_axes(axis, rank)
    rest = iter(shape)
    return ArrayType(dtype_of(a), tuple(1 if i in added else next(rest) for i in range(rank)))


@defvjp(np.expand_dims)
def expand_dims_vjp(g, y, a, axis=None):
    return (call("reshape_like", g, a),)


def at_least(rank: int, a: Type) -> Type:
    """The type of one argument of `np.atleast_1d`, `_2d` or `_3d`."""
    shape = array_shape(a)
    if shape is None or len(shape) >= rank:
        return ArrayType(dtype_of(a), shape)
    if rank == 3 and len(shape) == 2:
        return ArrayType(dtype_of(a), (*shape, 1))
    if rank == 3 and len(shape) == 1:
        return ArrayType(dtype_of(a), (1, *shape, 1))
    return ArrayType(dtype_of(a), (1,) * (rank - len(shape)) + shape)


def _register_at_least(function: Any, rank: int) -> None:
    @defshape(function)
    def shape(sizes: Assumptions, ary: Type, /) -> Type:
        """Several arguments, which give a tuple, are refused."""
        return at_least(rank, ary)

    @defvjp(function)
    def at_least_vjp(g, y, ary):
        return (call("reshape_like", g, ary),)

    linear(function)


_register_at_least(np.atleast_1d, 1)
_register_at_least(np.atleast_2d, 2)
_register_at_least(np.atleast_3d, 3)


@defshape(np.broadcast_to, operands=("array",))
def broadcast_to_shape(sizes: Assumptions, array: Type, shape: object, subok: bool = False) -> Type:
    have, want = array_shape(array), shape_from(shape)
    if have is not None and want is not None:
        pairs = zip(reversed(have), reversed(want))
        if len(have) > len(want) or any(
            sizes.differ(a, b) and sizes.differ(a, 1) for a, b in pairs
        ):
            raise ShapeError(
                f"cannot broadcast shape {shape_text(have, sizes)} to shape "
                f"{shape_text(want, sizes)}"
            )
    return ArrayType(dtype_of(array), want)


@defvjp(np.broadcast_to)
def broadcast_to_vjp(g, y, array, shape=None, subok=False):
    return (unbroadcast(g, array),)


@defshape(np.broadcast_arrays)
def broadcast_arrays_shape(
    sizes: Assumptions, *args: Type, subok: bool = False
) -> tuple[Type, ...]:
    shape = broadcast_shapes(sizes, *map(array_shape, args))
    return tuple(ArrayType(dtype_of(item), shape) for item in args)


@defvjp(np.broadcast_arrays)
def broadcast_arrays_vjp(g, y, *args, subok=False):
    given = g if isinstance(g, tuple) else (g,)
    pairs = zip(given, args, strict=True)
    return tuple(None if part is None else unbroadcast(part, arg) for part, arg in pairs)


linear(np.squeeze, np.expand_dims, np.broadcast_to)
gives_tuple(np.broadcast_arrays)


@defjvp(np.broadcast_arrays)
def broadcast_arrays_jvp(*values, subok=False):
    """The tangents broadcast each by itself, for they may be missing."""
    count = (len(values) - 1) // 2
    tangents, y = values[:count], values[count]
    results = y if isinstance(y, tuple) else (y,)
    return tuple(
        None if tangent is None else call("broadcast_like", tangent, like)
        for tangent, like in zip(tangents, results)
    )


# Copies and kinds of array


@defshape(np.copy, operands=("a",))
def copy_shape(sizes: Assumptions, a: Type, order: str = "K", subok: bool = False) -> Type:
    return ArrayType(dtype_of(a), array_shape(a))


@defshape(np.asarray, np.asanyarray, operands=("a",))
def asarray_shape(
    sizes: Assumptions, a: Type, dtype: object = None, order: object = None, *, copy: object = None
) -> Type:
    return ArrayType(asked_dtype(dtype, dtype_of(a)), array_shape(a))


@defshape(np.array, operands=("object",))
def new_array_shape(
    sizes: Assumptions,
    object: Type,
    dtype: Any = None,
    *,
    copy: Any = True,
    order: Any = "K",
    subok: bool = False,
    ndmin: int = 0,
) -> Type:
    shape = array_shape(object)
    if ndmin and shape is None:
        raise UnsupportedError(
            "`np.array(..., ndmin=...)` needs the number of dimensions",
            remedy="Add dimensions by indexing: `x[None, :]`.",
        )
    shape = shape if shape is None else (1,) * (ndmin - len(shape)) + shape
    return ArrayType(asked_dtype(dtype, dtype_of(object)), shape)


@defvjp(np.copy, np.asarray, np.asanyarray)
def copy_vjp(g, y, x, **options):
    return (g,)


@defvjp(np.array)
def new_array_vjp(g, y, x, dtype=None, copy=True, order="K", subok=False, ndmin=0):
    return (call("reshape_like", g, x) if ndmin else g,)


linear(np.copy, np.asarray, np.asanyarray, np.array)


@defshape(np.ascontiguousarray, np.asfortranarray, operands=("a",))
def contiguous_shape(sizes: Assumptions, a: Type, dtype: object = None) -> Type:
    """At least one dimension, as its documentation says."""
    made = at_least(1, a)
    return ArrayType(asked_dtype(dtype, dtype_of(a)), shape_of(made))


@defvjp(np.ascontiguousarray, np.asfortranarray)
def contiguous_vjp(g, y, a, dtype=None):
    return (call("reshape_like", g, a),)


@defshape(np.require, operands=("a",))
def require_shape(
    sizes: Assumptions, a: Type, dtype: object = None, requirements: object = None
) -> Type:
    return ArrayType(asked_dtype(dtype, dtype_of(a)), array_shape(a))


@defvjp(np.require)
def require_vjp(g, y, a, dtype=None, requirements=None):
    return (g,)


linear(np.ascontiguousarray, np.asfortranarray, np.require)
