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
)
from srcgrad.rules.creation import shape_from
from srcgrad.rules.registry import defshape, defvjp, linear
from srcgrad.rules.shapes import (
    array_shape,
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
            f"cannot reshape an array of shape {shape_text(have)} into shape {shape_text(want)}"
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
        raise ShapeError(f"cannot reshape shape {shape_text(have)} into rows of {divisor}")
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
            f"cannot differentiate a reshape with order={order!r}: it depends on the memory layout"
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
    order = _permutation(axes, len(axes))
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


linear(np.transpose, np.swapaxes, np.moveaxis)
