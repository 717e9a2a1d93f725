"""The elements of an array in other places: NumPy's manual, "Rearranging" and "Tiling"."""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.errors import ShapeError, UnsupportedError
from srcgrad.graph import (
    ArrayType,
    Assumptions,
    Dim,
    ScalarType,
    Type,
    add_dims,
    multiply_dims,
    subtract_dims,
)
from srcgrad.rules.broadcasting import unbroadcast
from srcgrad.rules.creation import make
from srcgrad.rules.indexing import at_axis
from srcgrad.rules.registry import defjvp, defshape, defvjp, linear
from srcgrad.rules.shapes import (
    array_shape,
    as_dim,
    dtype_of,
    normalize_axes,
    product_of_dims,
)
from srcgrad.rules.symbols import Symbol, call

# Reversal and rotation


@defshape(np.flip, operands=("m",))
def flip_shape(sizes: Assumptions, m: Type, axis: object = None) -> Type:
    shape = array_shape(m)
    if shape is not None:
        normalize_axes(axis, len(shape))
    return ArrayType(dtype_of(m), shape)


@defvjp(np.flip)
def flip_vjp(g, y, m, axis=None):
    return (call(np.flip, g, axis=axis),)


@defshape(np.fliplr, np.flipud)
def flip_rows_shape(sizes: Assumptions, m: Type) -> Type:
    return ArrayType(dtype_of(m), array_shape(m))


@defvjp(np.fliplr)
def fliplr_vjp(g, y, m):
    return (call(np.fliplr, g),)


@defvjp(np.flipud)
def flipud_vjp(g, y, m):
    return (call(np.flipud, g),)


@defshape(np.rot90, operands=("m",))
def rot90_shape(sizes: Assumptions, m: Type, k: int = 1, axes: tuple[int, int] = (0, 1)) -> Type:
    shape = array_shape(m)
    if shape is None:
        return ArrayType(dtype_of(m), None)
    if not isinstance(k, (int, np.integer)):
        raise UnsupportedError(
            "`k` of `np.rot90` must be known before the call",
            remedy="Pass it as a Python number, or write it as a constant.",
        )
    first, second = normalize_axes(axes, len(shape), name="axes")
    dims = list(shape)
    if k % 2:
        dims[first], dims[second] = dims[second], dims[first]
    return ArrayType(dtype_of(m), tuple(dims))


@defvjp(np.rot90)
def rot90_vjp(g, y, m, k=1, axes=(0, 1)):
    return (call(np.rot90, g, -k, axes=axes),)


@defshape(np.roll, operands=("a",))
def roll_shape(sizes: Assumptions, a: Type, shift: object, axis: object = None) -> Type:
    return ArrayType(dtype_of(a), array_shape(a))


@defvjp(np.roll)
def roll_vjp(g, y, a, shift=None, axis=None):
    back = tuple(-step for step in shift) if isinstance(shift, (tuple, list)) else -shift
    return (call(np.roll, g, back, axis=axis),)


linear(np.flip, np.fliplr, np.flipud, np.rot90, np.roll)


# Repetition


def _counts(reps: object) -> tuple[object, ...]:
    return tuple(reps) if isinstance(reps, (tuple, list)) else (reps,)


@defshape(np.tile, operands=("A",))
def tile_shape(sizes: Assumptions, A: Type, reps: object) -> Type:
    shape = array_shape(A)
    if shape is None or isinstance(reps, ArrayType):
        return ArrayType(dtype_of(A), None)
    counts = _counts(reps)
    rank = max(len(shape), len(counts))
    wide = (1,) * (rank - len(shape)) + shape
    times = (1,) * (rank - len(counts)) + counts
    dims = tuple(multiply_dims(dim, as_dim(count)) for dim, count in zip(wide, times))
    return ArrayType(dtype_of(A), dims)


@defvjp(np.tile)
def tile_vjp(g, y, A, reps=None):
    """Each axis of g is taken apart into (repetition, element); the repetitions are summed."""
    counts = _counts(reps)
    shape = A.shape if isinstance(A, Symbol) else ()
    rank = max(len(shape), len(counts))
    wide = (1,) * (rank - len(shape)) + tuple(shape)
    times = (1,) * (rank - len(counts)) + counts
    apart: list[Any] = []
    summed = []
    for count, length in zip(times, wide):
        if not (isinstance(count, int) and count == 1):
            summed.append(len(apart))
            apart.append(count)
        apart.append(length)
    if summed:
        g = call(np.sum, call(np.reshape, g, tuple(apart)), axis=tuple(summed))
    return (call("reshape_like", g, A) if rank > len(shape) else g,)


@defshape(np.repeat, operands=("a",))
def repeat_shape(sizes: Assumptions, a: Type, repeats: object, axis: object = None) -> Type:
    shape = array_shape(a)
    times = as_dim(repeats) if _is_one_count(repeats) else None
    if axis is None:
        count = None if shape is None else product_of_dims(shape)
        return ArrayType(dtype_of(a), (multiply_dims(count, times),))
    if shape is None:
        return ArrayType(dtype_of(a), None)
    (place,) = normalize_axes(axis, len(shape))
    dim = multiply_dims(shape[place], times)
    return ArrayType(dtype_of(a), shape[:place] + (dim,) + shape[place + 1 :])


def _is_one_count(repeats: object) -> bool:
    """Is every element repeated equally often?"""
    if isinstance(repeats, Symbol):
        repeats = repeats.type
    if isinstance(repeats, ArrayType):
        return repeats.shape == ()
    return isinstance(repeats, (int, np.integer, ScalarType))


@defvjp(np.repeat)
def repeat_vjp(g, y, a, repeats=None, axis=None):
    """g taken apart into (element, repetition), the repetitions summed."""
    if not _is_one_count(repeats):
        return (_uneven_repeat_vjp(g, a, repeats, axis),)
    if axis is None:
        count = a.size if isinstance(a, Symbol) else 1
        return (call("reshape_like", call(np.reshape, g, (count, repeats)).sum(axis=1), a),)
    (place,) = normalize_axes(axis, g.ndim)
    shape = a.shape
    apart = shape[: place + 1] + (repeats,) + shape[place + 1 :]
    return (call(np.reshape, g, apart).sum(axis=place + 1),)


def _uneven_repeat_vjp(g: Any, a: Any, repeats: Any, axis: Any) -> Any:
    """Each element of g is added at the place that it came from."""
    flat = call(np.ravel, a) if axis is None else a
    (place,) = normalize_axes(0 if axis is None else axis, flat.ndim)
    places = call(np.repeat, make(g, np.arange, flat.shape[place]), repeats)
    index = at_axis(place, places)
    d_flat = call("index_add", call(np.zeros_like, flat), g, index=index)
    return call("reshape_like", d_flat, a) if axis is None else d_flat


linear(np.tile, np.repeat)


# Padding


def _pad_pairs(pad_width: object, rank: int) -> list[tuple[Any, Any]]:
    """(before, after) for each axis, by the broadcasting of `np.pad`."""
    if isinstance(pad_width, dict):
        return _pad_pairs_by_axis(pad_width, rank)
    if not isinstance(pad_width, (tuple, list)):
        return [(pad_width, pad_width)] * rank
    if not any(isinstance(item, (tuple, list)) for item in pad_width):
        before, after = pad_width if len(pad_width) == 2 else (pad_width[0],) * 2
        return [(before, after)] * rank
    pairs = [tuple(item) if len(item) == 2 else (item[0],) * 2 for item in pad_width]
    if len(pairs) not in (1, rank):
        raise ShapeError(f"`pad_width` {pad_width} does not fit {rank} dimensions")
    return pairs * rank if len(pairs) == 1 else pairs


def _pad_pairs_by_axis(pad_width: dict[int, Any], rank: int) -> list[tuple[Any, Any]]:
    pairs: list[tuple[Any, Any]] = [(0, 0)] * rank
    for axis, width in pad_width.items():
        (place,) = normalize_axes(axis, rank)
        pairs[place] = tuple(width) if isinstance(width, (tuple, list)) else (width, width)
    return pairs


_PAD_MODES = ("constant", "edge", "reflect", "symmetric", "wrap")


@defshape(np.pad, operands=("array",))
def pad_shape(
    sizes: Assumptions,
    array: Type,
    pad_width: object,
    mode: str = "constant",
    *,
    constant_values: object = 0,
    reflect_type: str = "even",
) -> Type:
    if mode not in _PAD_MODES:
        raise UnsupportedError(
            f"`np.pad` with mode={mode!r} is not supported",
            remedy="Use another mode, or join the parts with `np.concatenate`.",
        )
    shape = array_shape(array)
    if shape is None:
        return ArrayType(dtype_of(array), None)
    pairs = _pad_pairs(pad_width, len(shape))
    dims = [
        add_dims(add_dims(dim, as_dim(before)), as_dim(after))
        for dim, (before, after) in zip(shape, pairs)
    ]
    return ArrayType(dtype_of(array), tuple(dims))


@defvjp(np.pad)
def pad_vjp(g, y, array, pad_width=None, mode="constant", constant_values=0, reflect_type="even"):
    if isinstance(constant_values, Symbol) or reflect_type != "even":
        raise UnsupportedError("cannot differentiate `np.pad` with these options")
    pairs = _pad_pairs(pad_width, g.ndim)
    if mode == "constant":
        inside = [_inside(array, axis, *pair) for axis, pair in enumerate(pairs)]
        return (g[inside[0] if len(inside) == 1 else tuple(inside)],)
    for axis, (before, after) in enumerate(pairs):
        if not _is_nothing(before) or not _is_nothing(after):
            g = _fold_padding(g, array, axis, before, after, mode)
    return (g,)


def _is_nothing(width: object) -> bool:
    return isinstance(width, int) and width == 0


def _inside(array: Any, axis: int, before: Any, after: Any) -> slice:
    """The part of a padded axis that was there before."""
    if not isinstance(after, int):
        return slice(before, before + array.shape[axis])
    return slice(None if _is_nothing(before) else before, -after if after else None)


def _fold_padding(g: Any, array: Any, axis: int, before: Any, after: Any, mode: str) -> Any:
    """Add what lies in the padding of one axis at the places that it was copied from."""
    n = array.shape[axis]
    places = call(np.pad, make(g, np.arange, n), (before, after), mode=mode)
    shape = g.shape[:axis] + (n,) + g.shape[axis + 1 :]
    index = at_axis(axis, places)
    folded = make(g, np.zeros, shape, dtype=g.dtype)
    return call("index_add", folded, g, index=index)


@defjvp(np.pad)
def pad_jvp(
    array_dot, y, array, pad_width=None, mode="constant", constant_values=0, reflect_type="even"
):
    """The padding with constants does not move."""
    if isinstance(constant_values, Symbol) or reflect_type != "even":
        raise UnsupportedError("cannot differentiate `np.pad` with these options")
    return call(np.pad, array_dot, pad_width, mode=mode)


# Triangles and diagonals


@defshape(np.tril, np.triu, operands=("m",))
def triangle_shape(sizes: Assumptions, m: Type, k: object = 0) -> Type:
    shape = array_shape(m)
    return ArrayType(dtype_of(m), shape * 2 if shape is not None and len(shape) == 1 else shape)


def _register_triangle(function: Any) -> None:
    @defvjp(function)
    def triangle_vjp(g, y, m, k=0):
        """Of a vector NumPy makes a matrix whose rows are the vector."""
        return (unbroadcast(call(function, g, k=k), m),)

    linear(function)


_register_triangle(np.tril)
_register_triangle(np.triu)


@defshape(np.diag, operands=("v",))
def diag_shape(sizes: Assumptions, v: Type, k: object = 0) -> Type:
    shape = array_shape(v)
    if shape is None:
        return ArrayType(dtype_of(v), None)
    if len(shape) == 1:
        added = abs(int(k)) if isinstance(k, (int, np.integer)) else None
        return ArrayType(dtype_of(v), (add_dims(shape[0], added),) * 2)
    if len(shape) != 2:
        raise ShapeError("`np.diag` takes a vector or a matrix")
    return ArrayType(dtype_of(v), (_diagonal_dim(sizes, shape[0], shape[1], k),))


def _diagonal_dim(sizes: Assumptions, rows: Dim, columns: Dim, offset: object) -> Dim:
    """The length of a diagonal, where that is known."""
    if not isinstance(offset, (int, np.integer)):
        return None
    if offset >= 0:
        columns = subtract_dims(columns, int(offset))
    else:
        rows = add_dims(rows, int(offset))
    fewer_rows = sizes.is_nonnegative(subtract_dims(columns, rows))
    if fewer_rows is None:
        return None
    shorter = rows if fewer_rows else columns
    exists = sizes.is_nonnegative(shorter)
    return None if exists is None else shorter if exists else 0


@defvjp(np.diag)
def diag_vjp(g, y, v, k=0):
    if v.ndim == 1:
        return (call(np.diag, g, k=k),)
    return (_on_diagonal(g, v, k, 0, 1),)


def _on_diagonal(g: Any, x: Any, offset: Any, axis1: int, axis2: int) -> Any:
    """Zeros like `x` with `g` on a diagonal; the diagonal's own axis is the last of g."""
    if isinstance(offset, Symbol):
        raise UnsupportedError(
            "the offset of a diagonal must be known before the call",
            remedy="Pass it as a Python number, or write it as a constant.",
        )
    n = make(g, np.arange, g.shape[-1])
    down, right = (0, offset) if offset >= 0 else (-offset, 0)
    first, second = normalize_axes((axis1, axis2), x.ndim)
    index: list[Any] = [slice(None)] * x.ndim
    index[first] = n + down if down else n
    index[second] = n + right if right else n
    if abs(first - second) == 1:
        # Integer arrays side by side leave their axis in its place; g has it last.
        g = call(np.moveaxis, g, -1, min(first, second)) if g.ndim > 1 else g
    elif g.ndim > 1:
        g = call(np.moveaxis, g, -1, 0)
    return call("index_add", call(np.zeros_like, x), g, index=tuple(index))


@defshape(np.diagonal, operands=("a",))
def diagonal_shape(
    sizes: Assumptions, a: Type, offset: object = 0, axis1: int = 0, axis2: int = 1
) -> Type:
    shape = array_shape(a)
    if shape is None:
        return ArrayType(dtype_of(a), None)
    first, second = normalize_axes((axis1, axis2), len(shape))
    rest = tuple(dim for axis, dim in enumerate(shape) if axis not in (first, second))
    return ArrayType(
        dtype_of(a), (*rest, _diagonal_dim(sizes, shape[first], shape[second], offset))
    )


@defvjp(np.diagonal)
def diagonal_vjp(g, y, a, offset=0, axis1=0, axis2=1):
    return (_on_diagonal(g, a, offset, axis1, axis2),)


@defshape(np.trace, operands=("a",))
def trace_shape(
    sizes: Assumptions,
    a: Type,
    offset: object = 0,
    axis1: int = 0,
    axis2: int = 1,
    dtype: Any = None,
) -> Type:
    diagonal = diagonal_shape(sizes, a, offset, axis1, axis2)
    shape = array_shape(diagonal)
    made = np.dtype(dtype) if dtype is not None else _summed_dtype(dtype_of(a))
    return ArrayType(made, None if shape is None else shape[:-1])


def _summed_dtype(dtype: np.dtype) -> np.dtype:
    """The dtype of a sum: NumPy widens small integers."""
    return np.add.reduce(np.zeros(1, dtype)).dtype


@defvjp(np.trace)
def trace_vjp(g, y, a, offset=0, axis1=0, axis2=1, dtype=None):
    if a.ndim == 2:
        rows, columns = a.shape
        k = offset if axis1 % 2 == 0 else -offset
        return (g * make(a, np.eye, rows, columns, k=k, dtype=a.dtype),)
    diagonal = call(np.diagonal, a, offset=offset, axis1=axis1, axis2=axis2)
    return (_on_diagonal(call("broadcast_like", g[..., None], diagonal), a, offset, axis1, axis2),)


linear(np.diag, np.diagonal, np.trace)


# Differences


@defshape(np.diff, operands=("a",))
def diff_shape(sizes: Assumptions, a: Type, n: int = 1, axis: int = -1) -> Type:
    shape = array_shape(a)
    dtype = dtype_of(a)
    if not isinstance(n, (int, np.integer)):
        raise UnsupportedError(
            "`n` of `np.diff` must be known before the call",
            remedy="Pass it as a Python number, or write it as a constant.",
        )
    if shape is None:
        return ArrayType(dtype, None)
    (place,) = normalize_axes(axis, len(shape))
    dim = subtract_dims(shape[place], n)
    exists = sizes.is_nonnegative(dim)
    length = None if exists is None else dim if exists else 0
    return ArrayType(dtype, shape[:place] + (length,) + shape[place + 1 :])


@defvjp(np.diff)
def diff_vjp(g, y, a, n=1, axis=-1):
    """y[i] = x[i + 1] - x[i], so that d_x[i] = g[i - 1] - g[i], with zeros beyond the ends."""
    (place,) = normalize_axes(axis, g.ndim)
    if n == 1:
        return (_diff_adjoint(g, a, place),)
    enough = g.builder.assumptions.is_nonnegative(subtract_dims(a.dims[place], n))
    if enough is None:
        raise UnsupportedError("the length of what `np.diff` takes differences of is not known")
    if not enough:
        return (call(np.zeros_like, a),)
    widths = [(0, 0)] * g.ndim
    widths[place] = (1, 1)
    for _ in range(n):
        g = -call(np.diff, call(np.pad, g, tuple(widths)), axis=place)
    return (g,)


def _diff_adjoint(g: Any, a: Any, axis: int) -> Any:
    d_a = call("index_add", call(np.zeros_like, a), g, index=at_axis(axis, slice(1, None)))
    return call("index_add", d_a, -g, index=at_axis(axis, slice(None, -1)))


linear(np.diff)


# Elements added and removed


@defshape(np.delete, operands=("arr",))
def delete_shape(sizes: Assumptions, arr: Type, obj: object, axis: object = None) -> Type:
    shape = array_shape(arr)
    if axis is None:
        count = None if shape is None else product_of_dims(shape)
        return ArrayType(dtype_of(arr), (_shortened(count, obj),))
    if shape is None:
        return ArrayType(dtype_of(arr), None)
    (place,) = normalize_axes(axis, len(shape))
    dim = _shortened(shape[place], obj)
    return ArrayType(dtype_of(arr), shape[:place] + (dim,) + shape[place + 1 :])


def _shortened(dim: Dim, obj: object) -> Dim:
    one = isinstance(obj, (int, np.integer, ScalarType))
    return subtract_dims(dim, 1) if one else None


@defvjp(np.delete)
def delete_vjp(g, y, arr, obj=None, axis=None):
    """Each element of g goes to the place that it came from."""
    flat = call(np.ravel, arr) if axis is None else arr
    (place,) = normalize_axes(0 if axis is None else axis, flat.ndim)
    places = call(np.delete, make(g, np.arange, flat.shape[place]), obj)
    index = at_axis(place, places)
    d_flat = call("index_add", call(np.zeros_like, flat), g, index=index)
    return (call("reshape_like", d_flat, arr) if axis is None else d_flat,)


linear(np.delete)


@defshape(np.insert, operands=("arr", "values"), like=lambda arr, obj, values, axis=None: None)
def insert_shape(
    sizes: Assumptions, arr: Type, values: Type, obj: object, axis: object = None
) -> Type:
    shape, given = array_shape(arr), array_shape(values)
    if shape is None or given is None or len(given) > 1:
        raise UnsupportedError(
            "`np.insert` is supported for values that are a number or a vector",
            remedy="Join the parts with `np.concatenate`.",
        )
    if axis is not None and len(shape) != 1:
        raise UnsupportedError(
            "`np.insert` along an axis of a matrix is not supported",
            remedy="Join the parts with `np.concatenate`.",
        )
    one = isinstance(obj, (int, np.integer, ScalarType))
    added = 1 if one and given == () else given[0] if one else None
    return ArrayType(dtype_of(arr), (add_dims(product_of_dims(shape), added),))


@defvjp(np.insert)
def insert_vjp(g, y, arr, values, obj=None, axis=None):
    """What was there before and what was inserted are told apart by a mask."""
    count = arr.size if isinstance(arr, Symbol) else 1
    size = values.shape[0] if isinstance(values, Symbol) and values.ndim else 1
    inserted = make(g, np.ones, (size,), dtype=np.dtype(bool))
    if not isinstance(values, Symbol) or values.ndim == 0:
        inserted = True
    old = make(g, np.zeros, (count,), dtype=np.dtype(bool))
    mask = call(np.insert, old, obj, inserted)
    return call("reshape_like", g[call(np.logical_not, mask)], arr), unbroadcast(g[mask], values)


@defjvp(np.insert)
def insert_jvp(arr_dot, values_dot, y, arr, values, obj=None, axis=None):
    arr_dot = call(np.zeros_like, arr) if arr_dot is None else arr_dot
    return call(np.insert, arr_dot, obj, 0.0 if values_dot is None else values_dot)
