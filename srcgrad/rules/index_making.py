"""Indices and predicates: NumPy's manual, "Indexing routines" and "Logic functions".

What they give are integers and truth values, through which no derivative flows.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.graph import BOOL, ArrayType, Assumptions, Dim, Type, multiply_dims
from srcgrad.rules.creation import shape_from
from srcgrad.rules.registry import constant, defshape, elementwise, gives_tuple
from srcgrad.rules.shapes import array_shape, as_dim, broadcast_shapes

_PLACES = np.dtype(np.intp)
_TRUTH = np.dtype(bool)


def _places(dim: Dim, count: int = 2) -> tuple[Type, ...]:
    return (ArrayType(_PLACES, (dim,)),) * count


# Indices of parts of matrices


@defshape(np.tril_indices, operands=())
def tril_indices_shape(sizes: Assumptions, n: Any, k: Any = 0, m: Any = None) -> tuple[Type, ...]:
    return _places(_triangle(n, k, m))


@defshape(np.triu_indices, operands=())
def triu_indices_shape(sizes: Assumptions, n: Any, k: Any = 0, m: Any = None) -> tuple[Type, ...]:
    """All places but those of the lower triangle below."""
    below = _triangle(n, k - 1, m) if isinstance(k, int) else None
    wide = as_dim(n) if m is None else as_dim(m)
    everywhere = multiply_dims(as_dim(n), wide)
    known = isinstance(everywhere, int) and isinstance(below, int)
    if known:
        return _places(everywhere - below)  # type: ignore[operator]
    if k in (0, 1) and m is None and isinstance(n, int):
        return _places(n * (n + 1 - 2 * k) // 2)
    return _places(None)


def _triangle(n: Any, k: Any, m: Any) -> Dim:
    """How many places the lower triangle of an n x m matrix has."""
    m = n if m is None else m
    if not all(isinstance(item, int) for item in (n, k, m)):
        return None
    return sum(min(max(row + k + 1, 0), m) for row in range(n))


@defshape(np.tril_indices_from, np.triu_indices_from, operands=("arr",))
def triangle_from_shape(sizes: Assumptions, arr: Type, k: Any = 0) -> tuple[Type, ...]:
    return _places(None)


@defshape(np.diag_indices, operands=())
def diag_indices_shape(sizes: Assumptions, n: Any, ndim: int = 2) -> tuple[Type, ...]:
    return _places(as_dim(n), ndim)


@defshape(np.diag_indices_from)
def diag_indices_from_shape(sizes: Assumptions, arr: Type) -> tuple[Type, ...]:
    shape = array_shape(arr) or (None, None)
    return _places(shape[0], len(shape))


@defshape(np.unravel_index, operands=("indices",))
def unravel_index_shape(
    sizes: Assumptions, indices: Type, shape: Any, order: str = "C"
) -> tuple[Type, ...]:
    return (ArrayType(_PLACES, array_shape(indices)),) * len(shape_from(shape) or ())


def _ravel_like(multi_index: Any, dims: Any, mode: Any = "raise", order: Any = "C") -> None:
    """The signature of `np.ravel_multi_index`."""


@defshape(np.ravel_multi_index, operands=("*multi_index",), like=_ravel_like)
def ravel_multi_index_shape(sizes: Assumptions, *multi_index: Type, **options: Any) -> Type:
    return ArrayType(_PLACES, broadcast_shapes(sizes, *map(array_shape, multi_index)))


@defshape(np.lexsort, operands=("*keys",), like=lambda keys, axis=-1: None)
def lexsort_shape(sizes: Assumptions, *keys: Type, axis: int = -1) -> Type:
    shape = array_shape(keys[0])
    return ArrayType(_PLACES, shape[1:] if len(keys) == 1 and shape else shape)


@defshape(np.ix_)
def ix_shape(sizes: Assumptions, *args: Type) -> tuple[Type, ...]:
    """Sequences of places as vectors along axes of their own; masks as the places they mark."""
    count = len(args)

    def along(axis: int, item: Type) -> Type:
        shape = array_shape(item)
        is_mask = isinstance(item, ArrayType) and item.dtype == _TRUTH
        dim = None if is_mask or not shape else shape[0]
        dims = tuple(dim if k == axis else 1 for k in range(count))
        dtype = item.dtype if isinstance(item, ArrayType) and not is_mask else _PLACES
        return ArrayType(dtype, dims)

    return tuple(along(axis, item) for axis, item in enumerate(args))


_INDICES: tuple[Any, ...] = (
    np.tril_indices,
    np.triu_indices,
    np.tril_indices_from,
    np.triu_indices_from,
)
_INDICES += (np.diag_indices, np.diag_indices_from, np.unravel_index, np.ix_)
constant(*_INDICES, np.ravel_multi_index, np.lexsort)
gives_tuple(*_INDICES)


# Predicates


@defshape(np.isreal, np.iscomplex)
def is_kind_shape(sizes: Assumptions, x: Type) -> Type:
    return ArrayType(_TRUTH, array_shape(x))


@defshape(np.isposinf, np.isneginf)
def is_infinity_shape(sizes: Assumptions, x: Type, out: Any = None) -> Type:
    return ArrayType(_TRUTH, array_shape(x))


@defshape(np.array_equiv)
def array_equiv_shape(sizes: Assumptions, a1: Type, a2: Type) -> Type:
    return BOOL


elementwise(np.isreal, np.iscomplex, np.isposinf, np.isneginf)
constant(np.isreal, np.iscomplex, np.isposinf, np.isneginf, np.array_equiv)
