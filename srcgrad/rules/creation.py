"""Making arrays: NumPy's manual, "Array creation routines".

A shape may hold dynamic integers; those that are sizes of arguments stay known as symbols.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.errors import UnsupportedError
from srcgrad.graph import (
    ArrayType,
    Assumptions,
    Dim,
    ListType,
    OpaqueType,
    ScalarType,
    Shape,
    Type,
    shape_of,
)
from srcgrad.rules.broadcasting import unbroadcast
from srcgrad.rules.registry import (
    bind,
    constant,
    defjvp,
    defshape,
    defvjp,
    find_primitive,
    gives_tuple,
)
from srcgrad.rules.shapes import as_dim, dtype_of
from srcgrad.rules.symbols import Symbol, apply, call


def shape_from(shape: object) -> Shape | None:
    """The shape that a shape argument asks for: a number, or a tuple or list of numbers."""
    if isinstance(shape, (tuple, list)):
        return tuple(as_dim(entry) for entry in shape)
    if isinstance(shape, ArrayType):
        return (None,) if shape.shape == () else _shape_from_array(shape)
    if isinstance(shape, (ListType, OpaqueType)):
        return None
    return (as_dim(shape),)


def _shape_from_array(shape: ArrayType) -> Shape | None:
    """The shape given by an array of sizes, of which only the rank can be known."""
    (length,) = shape.shape if shape.shape is not None and len(shape.shape) == 1 else (None,)
    return (None,) * length if isinstance(length, int) else None


def asked_dtype(dtype: object, default: np.dtype) -> np.dtype:
    """The dtype that a `dtype` argument asks for."""
    if dtype is None:
        return default
    if isinstance(dtype, (ArrayType, ScalarType, ListType, OpaqueType)):
        raise UnsupportedError(
            "`dtype` must be known before the call",
            remedy="Pass it as a Python number, or write it as a constant.",
        )
    return np.dtype(dtype)  # type: ignore[call-overload]


_FLOAT64 = np.dtype(float)


def make(like: Symbol, function: Any, *args: Any, **kwargs: Any) -> Any:
    """A call in the graph of `like`, made there also where every argument is known."""
    primitive = find_primitive(function)
    assert primitive is not None
    bound = bind(primitive, args, kwargs)
    (value,) = apply(like.builder, primitive, bound.operands, bound.parameters)
    return Symbol(like.builder, value)


# From shape or value


@defshape(np.zeros, np.ones, np.empty, operands=())
def filled_shape(sizes: Assumptions, shape: object, dtype: object = None, order: str = "C") -> Type:
    return ArrayType(asked_dtype(dtype, _FLOAT64), shape_from(shape))


@defshape(
    np.full, operands=("fill_value",), like=lambda shape, fill_value, dtype=None, order="C": None
)
def full_shape(
    sizes: Assumptions, fill_value: Type, shape: object, dtype: object = None, order: str = "C"
) -> Type:
    return ArrayType(asked_dtype(dtype, dtype_of(fill_value)), shape_from(shape))


@defvjp(np.full)
def full_vjp(g, y, fill_value, shape=None, dtype=None, order="C"):
    return (unbroadcast(g, fill_value),)


@defjvp(np.full)
def full_jvp(fill_value_dot, y, fill_value, shape=None, dtype=None, order="C"):
    return call("broadcast_like", fill_value_dot, y)


@defshape(np.zeros_like, np.ones_like, np.empty_like, operands=("a",))
def filled_like_shape(
    sizes: Assumptions,
    a: Type,
    dtype: object = None,
    order: str = "K",
    subok: bool = True,
    shape: object = None,
) -> Type:
    wanted = shape_of(a) if shape is None else shape_from(shape)
    return ArrayType(asked_dtype(dtype, dtype_of(a)), wanted)


@defshape(np.full_like, operands=("a", "fill_value"))
def full_like_shape(
    sizes: Assumptions,
    a: Type,
    fill_value: Type,
    dtype: object = None,
    order: str = "K",
    subok: bool = True,
    shape: object = None,
) -> Type:
    return filled_like_shape(sizes, a, dtype, shape=shape)


@defvjp(np.full_like)
def full_like_vjp(g, y, a, fill_value, dtype=None, order="K", subok=True, shape=None):
    return None, unbroadcast(g, fill_value)


@defjvp(np.full_like)
def full_like_jvp(a_dot, value_dot, y, a, value, dtype=None, order="K", subok=True, shape=None):
    return None if value_dot is None else call("broadcast_like", value_dot, y)


@defshape(np.eye, operands=())
def eye_shape(
    sizes: Assumptions,
    N: object,
    M: object = None,
    k: object = 0,
    dtype: object = float,
    order: str = "C",
) -> Type:
    rows = as_dim(N)
    return ArrayType(asked_dtype(dtype, _FLOAT64), (rows, rows if M is None else as_dim(M)))


@defshape(np.identity, operands=())
def identity_shape(sizes: Assumptions, n: object, dtype: object = None) -> Type:
    return ArrayType(asked_dtype(dtype, _FLOAT64), (as_dim(n), as_dim(n)))


# Grids


@defshape(np.meshgrid)
def meshgrid_shape(
    sizes: Assumptions, *xi: Type, copy: bool = True, sparse: bool = False, indexing: str = "xy"
) -> tuple[Type, ...]:
    lengths = [_grid_dim(x) for x in xi]
    places = _grid_places(len(xi), indexing)
    found = []
    for x, place in zip(xi, places):
        dims: list[Dim] = [1] * len(xi)
        if not sparse:
            for length, other in zip(lengths, places):
                dims[other] = length
        dims[place] = _grid_dim(x)
        found.append(ArrayType(dtype_of(x), tuple(dims)))
    return tuple(found)


def _grid_dim(x: Type) -> Dim:
    shape = shape_of(x)
    if shape is None or len(shape) > 1:
        raise UnsupportedError(
            "`np.meshgrid` is supported for vectors",
            remedy="Pass one-dimensional arrays.",
        )
    return shape[0] if shape else 1


def _grid_places(count: int, indexing: str) -> list[int]:
    """The axis along which each vector lies: Cartesian indexing swaps the first two."""
    places = list(range(count))
    if indexing == "xy" and count > 1:
        places[:2] = [1, 0]
    return places


@defvjp(np.meshgrid)
def meshgrid_vjp(g, y, *xi, copy=True, sparse=False, indexing="xy"):
    given = g if isinstance(g, tuple) else (g,)
    places = _grid_places(len(xi), indexing)
    contributions = []
    for part, x, place in zip(given, xi, places):
        others = tuple(axis for axis in range(len(xi)) if axis != place)
        if part is not None and others and not sparse:
            part = call(np.sum, part, axis=others)
        contributions.append(None if part is None else call("reshape_like", part, x))
    return tuple(contributions)


@defjvp(np.meshgrid)
def meshgrid_jvp(*values, copy=True, sparse=False, indexing="xy"):
    count = (len(values) - 1) // 2
    tangents, vectors = values[:count], values[count + 1 :]
    given = [
        call(np.zeros_like, x)
        if dot is None and isinstance(x, Symbol)
        else 0.0
        if dot is None
        else dot
        for dot, x in zip(tangents, vectors)
    ]
    return call(np.meshgrid, *given, sparse=sparse, indexing=indexing)


gives_tuple(np.meshgrid)


@defshape(np.tri, operands=())
def tri_shape(
    sizes: Assumptions, N: object, M: object = None, k: object = 0, dtype: object = float
) -> Type:
    return eye_shape(sizes, N, M, k, dtype)


@defshape(np.indices, operands=())
def indices_shape(sizes: Assumptions, dimensions: object, dtype: object = int) -> Type:
    shape = shape_from(dimensions)
    made = asked_dtype(dtype, np.dtype(int))
    return ArrayType(made, None if shape is None else (len(shape), *shape))


constant(np.zeros, np.ones, np.empty, np.zeros_like, np.ones_like, np.empty_like)
constant(np.eye, np.identity, np.tri, np.indices)
