"""Reading and writing parts of arrays: NumPy's manual, "Indexing routines".

An index is a template: what was written between the brackets, with a hole for each dynamic part.
Stores are functional here: `index_set` and `index_add` give the new version of the array; emitted
code writes in place wherever the old version is not read again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from srcgrad.errors import ArgumentError, ShapeError, UnsupportedError
from srcgrad.graph import (
    ArrayType,
    Assumptions,
    Dim,
    DimExpression,
    ListType,
    OpaqueType,
    ScalarType,
    Shape,
    Type,
    add_dims,
    shape_of,
    subtract_dims,
)
from srcgrad.rules.broadcasting import unbroadcast
from srcgrad.rules.creation import make
from srcgrad.rules.registry import (
    constant,
    defjvp,
    defshape,
    defvjp,
    gives_tuple,
    linear,
    named,
    stores,
)
from srcgrad.rules.shapes import (
    array_shape,
    broadcast_shapes,
    dtype_of,
    kind_text,
    normalize_axes,
    product_of_dims,
    shape_text,
)
from srcgrad.rules.symbols import Symbol, call

# The shapes of slices


def _least(sizes: Assumptions, a: Dim, b: Dim) -> Dim:
    """The smaller of two dims, None where that is not known."""
    smaller = sizes.is_nonnegative(subtract_dims(b, a))
    if smaller is None:
        return None
    return a if smaller else b


def _greatest(sizes: Assumptions, a: Dim, b: Dim) -> Dim:
    larger = sizes.is_nonnegative(subtract_dims(a, b))
    if larger is None:
        return None
    return a if larger else b


def _bound_dim(bound: object) -> Dim:
    """What is known of a bound of a slice."""
    if isinstance(bound, (int, np.integer)):
        return int(bound)
    return bound.size if isinstance(bound, ScalarType) else None


def _clamp(sizes: Assumptions, bound: Dim, n: Dim, lowest: int, highest: Dim) -> Dim:
    """A bound of a slice as Python's `slice.indices` has it, within [lowest, highest]."""
    nonnegative = sizes.is_nonnegative(bound)
    if nonnegative is None:
        return None
    if nonnegative:
        return _least(sizes, bound, highest)
    return _greatest(sizes, add_dims(n, bound), lowest)


def _divide_up(dim: Dim, step: int) -> Dim:
    """ceil(dim / step), where that is affine again."""
    if dim is None:
        return None
    if isinstance(dim, int):
        return -(-dim // step)
    if any(k % step for _, k in dim.terms):
        return None
    terms = tuple((name, k // step) for name, k in dim.terms)
    return DimExpression(terms, -(-dim.constant // step))


def slice_dim(sizes: Assumptions, item: slice, n: Dim) -> Dim:
    """The length of an axis of length `n` after slicing."""
    step = 1 if item.step is None else _bound_dim(item.step)
    if not isinstance(step, int):
        return None
    if step == 0:
        raise ShapeError("slice step cannot be zero")
    lowest, highest = (0, n) if step > 0 else (-1, subtract_dims(n, 1))
    first, last = (lowest, highest) if step > 0 else (highest, lowest)
    if item.start is not None:
        first = _clamp(sizes, _bound_dim(item.start), n, lowest, highest)
    if item.stop is not None:
        last = _clamp(sizes, _bound_dim(item.stop), n, lowest, highest)
    span = subtract_dims(last, first) if step > 0 else subtract_dims(first, last)
    return _divide_up(_greatest(sizes, span, 0), abs(step))


# The parts of an index


@dataclass(frozen=True, slots=True)
class _Gather:
    """An entry that selects by integers or a mask: consumes `axes` axes, gives a shape."""

    axes: int
    shape: Shape | None
    mask: Shape | None = None


def _entries(index: object) -> tuple[object, ...]:
    return index if isinstance(index, tuple) else (index,)


def _is_integer(entry: object) -> bool:
    """Does the entry pick one place along one axis?"""
    if isinstance(entry, (bool, np.bool_)):
        return False
    if isinstance(entry, (int, np.integer)):
        return True
    if isinstance(entry, ScalarType):
        return entry.python_type is int
    return isinstance(entry, ArrayType) and entry.shape == () and entry.dtype.kind in "iu"


def _as_gather(entry: object) -> _Gather:
    """An advanced entry: a list or array of integers, or a mask."""
    if isinstance(entry, (list, tuple)):
        entry = _type_of_nested(entry)
    if isinstance(entry, (bool, np.bool_)):
        return _Gather(0, (int(entry),))
    if isinstance(entry, np.ndarray):
        entry = ArrayType(entry.dtype, entry.shape)
    if isinstance(entry, ScalarType) and entry.python_type is bool:
        return _Gather(0, (None,))
    if isinstance(entry, ListType):
        return _Gather(1, (None,))
    if not isinstance(entry, ArrayType):
        raise UnsupportedError(f"cannot index with {_kind(entry)}")
    if entry.dtype.kind in "iu":
        return _Gather(1, entry.shape)
    if entry.dtype.kind != "b":
        raise ArgumentError(f"an index must be of integer or boolean type, not {kind_text(entry)}")
    if entry.shape is None:
        return _Gather(-1, None)
    return _Gather(len(entry.shape), (None,), entry.shape)


def _kind(entry: object) -> str:
    if isinstance(entry, (OpaqueType, ScalarType)):
        return kind_text(entry)
    return f"a {type(entry).__name__}"


def _type_of_nested(entry: Sequence[object]) -> Type:
    """The type of `np.asarray` of a nested list of integers, known now or dynamic."""

    def stand_in(item: object) -> object:
        if isinstance(item, (list, tuple)):
            return [stand_in(part) for part in item]
        if isinstance(item, ScalarType):
            return item.python_type(0)
        if isinstance(item, ArrayType) and item.shape is not None:
            numbers = tuple(dim for dim in item.shape if isinstance(dim, int))
            if len(numbers) == len(item.shape):
                return np.zeros(numbers, item.dtype)
        if isinstance(item, (ArrayType, ListType, OpaqueType)):
            raise UnsupportedError(f"cannot index with a list that holds {kind_text(item)}")
        return item

    sample = np.asarray([stand_in(item) for item in entry])
    if sample.size == 0 and sample.dtype.kind == "f":
        sample = sample.astype(int)
    return ArrayType(sample.dtype, sample.shape)


def indexed_shape(sizes: Assumptions, shape: Shape | None, index: object) -> Shape | None:
    """The shape of `x[index]` for an x of this shape; None where the rank is unknown."""
    parts: list[object] = []
    for entry in _entries(index):
        is_basic = entry is None or entry is Ellipsis or isinstance(entry, slice)
        parts.append(entry if is_basic or _is_integer(entry) else _as_gather(entry))
    if shape is None or any(isinstance(part, _Gather) and part.axes < 0 for part in parts):
        return None
    used = sum(_axes_used(part) for part in parts)
    free = len(shape) - used
    if free < 0:
        raise ShapeError(
            f"too many indices: {used} for an array of shape {shape_text(shape, sizes)}"
        )
    if parts.count(Ellipsis) > 1:
        raise ArgumentError("an index can have only one ellipsis (`...`)")
    place = parts.index(Ellipsis) if Ellipsis in parts else len(parts)
    whole: list[object] = [slice(None)] * free
    separated: list[object] = [Ellipsis] if Ellipsis in parts else []
    parts[place : place + 1] = separated + whole
    return _combine(sizes, shape, parts)


def _axes_used(part: object) -> int:
    if part is None or part is Ellipsis:
        return 0
    return part.axes if isinstance(part, _Gather) else 1


def _combine(sizes: Assumptions, shape: Shape, parts: list[object]) -> Shape | None:
    """Walk the parts along the axes; gathered axes go where NumPy puts them."""
    gathers = [part for part in parts if isinstance(part, _Gather)]
    dims: list[Dim] = []
    places: list[int] = []
    before_first: int | None = None
    axis = 0
    for position, part in enumerate(parts):
        if part is None:
            dims.append(1)
        elif isinstance(part, slice):
            dims.append(slice_dim(sizes, part, shape[axis]))
        elif part is not Ellipsis and gathers:
            places.append(position)
            before_first = len(dims) if before_first is None else before_first
        if isinstance(part, _Gather) and part.mask is not None:
            _check_mask(sizes, part.mask, shape, axis)
        axis += _axes_used(part)
    if not gathers:
        return tuple(dims)
    together = broadcast_shapes(sizes, *(part.shape for part in gathers))
    if together is None:
        return None
    adjacent = places == list(range(places[0], places[-1] + 1))
    front = before_first if adjacent and before_first is not None else 0
    return tuple(dims[:front]) + together + tuple(dims[front:])


def _check_mask(sizes: Assumptions, mask: Shape, shape: Shape, axis: int) -> None:
    covered = shape[axis : axis + len(mask)]
    if any(sizes.differ(have, want) for have, want in zip(mask, covered)):
        raise ShapeError(
            f"a mask of shape {shape_text(mask, sizes)} does not fit an array of shape "
            f"{shape_text(shape, sizes)}"
        )


def gathered_entries(entries: Sequence[object]) -> list[int]:
    """The positions of the entries that NumPy joins into the axes of gathered elements.

    These are arrays of places and masks, and with them integers too.
    """

    def type_of(entry: object) -> object:
        return entry.type if isinstance(entry, Symbol) else entry

    basic = [
        entry is None
        or entry is Ellipsis
        or isinstance(entry, slice)
        or _is_integer(type_of(entry))
        for entry in entries
    ]
    if all(basic):
        return []
    return [
        position
        for position, entry in enumerate(entries)
        if not basic[position] or _is_integer(type_of(entry))
    ]


def may_repeat(index: object) -> bool:
    """Can the index name one place twice?  `index` holds types or symbols where it is dynamic.

    Slices, integers and masks name each place once; arrays of integers can repeat.
    """
    return any(_may_repeat(entry) for entry in _entries(index))


def _may_repeat(entry: object) -> bool:
    if isinstance(entry, Symbol):
        entry = entry.type
    if isinstance(entry, (list, tuple)):
        return _list_may_repeat(entry)
    if isinstance(entry, np.ndarray):
        repeats = np.unique(entry).size < entry.size or (entry < 0).any()
        return entry.dtype.kind != "b" and bool(repeats)
    if isinstance(entry, ArrayType):
        return entry.dtype.kind != "b" and entry.shape != ()
    return isinstance(entry, (ListType, OpaqueType))


def _list_may_repeat(entry: Sequence[object]) -> bool:
    if all(isinstance(item, bool) for item in entry):
        return False
    known = all(isinstance(item, (int, np.integer)) and item >= 0 for item in entry)
    return not known or len(set(entry)) < len(entry)


def at_axis(axis: int, entry: Any) -> Any:
    """The index with this entry for one axis, and all of the axes before and after it."""
    if axis < 0:
        return (Ellipsis, entry, *(slice(None),) * (-1 - axis))
    return entry if axis == 0 else (*(slice(None),) * axis, entry)


# Reading


@lambda function: named("getitem", function)
def getitem(x: Any, index: Any) -> Any:
    """`x[index]`."""
    return x[index]


@defshape(getitem, operands=("x",))
def getitem_shape(sizes: Assumptions, x: Type, index: object) -> Type:
    if isinstance(x, ListType):
        return x if isinstance(index, slice) else x.element
    if not isinstance(x, ArrayType):
        raise ArgumentError(f"{kind_text(x)} cannot be indexed")
    if isinstance(index, (str, bytes)):
        raise UnsupportedError(
            "fields of structured arrays are not supported",
            remedy="Pass the fields as arrays of their own.",
        )
    return ArrayType(x.dtype, indexed_shape(sizes, x.shape, index))


@defvjp(getitem)
def getitem_vjp(g, y, x, index=None):
    _refuse_list(x)
    return (call("index_add", call(np.zeros_like, x), g, index=index),)


def _refuse_list(x: Symbol) -> None:
    if isinstance(x.type, ListType):
        raise UnsupportedError("cannot differentiate an item of a list of unknown length")


linear(getitem)


# Stores


@lambda function: named("index_set", function)
def index_set(a: Any, v: Any, index: Any) -> Any:
    """A copy of `a` with `a[index] = v`."""
    result = np.array(a)
    result[index] = v
    return result


@lambda function: named("index_add", function)
def index_add(a: Any, v: Any, index: Any) -> Any:
    """A copy of `a` with `v` added at `index`, each time where a place is named repeatedly."""
    result = np.array(a)
    np.add.at(result, index, v)
    return result


@defshape(index_set, index_add, operands=("a", "v"))
def store_shape(sizes: Assumptions, a: Type, v: Type, index: object) -> Type:
    if not isinstance(a, ArrayType):
        raise ArgumentError(f"cannot store into {kind_text(a)}")
    slot = indexed_shape(sizes, a.shape, index)
    _check_fits(sizes, array_shape(v), slot)
    return a


def _check_fits(sizes: Assumptions, given: Shape | None, slot: Shape | None) -> None:
    """What is stored must broadcast to the place; it may have further leading axes of length 1."""
    if given is None or slot is None:
        return
    aligned = zip(reversed(given), (*reversed(slot), *([1] * len(given))))
    if any(sizes.differ(have, want) and sizes.differ(have, 1) for have, want in aligned):
        raise ShapeError(
            f"cannot store a value of shape {shape_text(given, sizes)} into a place of shape "
            f"{shape_text(slot, sizes)}"
        )


def _read_adjoint(g: Any, v: Any, index: object) -> Any:
    """The adjoint of what was stored, before broadcasting is undone."""
    h = call("getitem", g, index=index)
    have, want = shape_of(h.type), shape_of(v.type) if isinstance(v, Symbol) else ()
    if want == ():
        return h
    if have is None or want is None:
        raise UnsupportedError(
            "cannot differentiate a store where the number of dimensions of what is stored, or of "
            "the place, is not known"
        )
    extra = len(want) - len(have)
    return h[(None,) * extra + (Ellipsis,)] if extra > 0 else h


@defvjp(index_set)
def index_set_vjp(g, y, a, v, index=None):
    """Where an index repeats the last store wins, and the adjoint goes to it alone."""
    h = _read_adjoint(g, v, index)
    if may_repeat(index):
        h = call(np.where, _stays(a, index), h, 0.0)
    return call("index_set", g, 0.0, index=index), unbroadcast(h, v)


def _stays(a: Symbol, index: object) -> Symbol:
    """For each element stored at `index`: is it what remains in the array?

    Answered by storing the elements' numbers in the same way and reading them back.
    """
    places = call(np.zeros_like, a, dtype=np.dtype(np.intp))
    slot = places[index]
    numbers = call("reshape_like", make(a, np.arange, slot.size), slot)
    return call(np.equal, call("index_set", places, numbers, index=index)[index], numbers)


@defvjp(index_add)
def index_add_vjp(g, y, a, v, index=None):
    return g, unbroadcast(_read_adjoint(g, v, index), v)


@defjvp(index_set)
def index_set_jvp(a_dot, v_dot, y, a, v, index=None):
    a_dot = call(np.zeros_like, y) if a_dot is None else a_dot
    return call("index_set", a_dot, 0.0 if v_dot is None else v_dot, index=index)


@defjvp(index_add)
def index_add_jvp(a_dot, v_dot, y, a, v, index=None):
    if v_dot is None:
        return a_dot
    a_dot = call(np.zeros_like, y) if a_dot is None else a_dot
    return call("index_add", a_dot, v_dot, index=index)


stores(index_set, index_add)


# Elements along an axis


@defshape(np.take, operands=("a", "indices"))
def take_shape(
    sizes: Assumptions, a: Type, indices: Type, axis: object = None, mode: str = "raise"
) -> Type:
    shape, places = array_shape(a), array_shape(indices)
    if places is None or (shape is None and axis is not None):
        return ArrayType(dtype_of(a), None)
    if axis is None:
        return ArrayType(dtype_of(a), places)
    assert shape is not None
    (place,) = normalize_axes(axis, len(shape))
    return ArrayType(dtype_of(a), shape[:place] + places + shape[place + 1 :])


@defvjp(np.take)
def take_vjp(g, y, a, indices, axis=None, mode="raise"):
    flat = call(np.ravel, a) if axis is None else a
    (place,) = normalize_axes(0 if axis is None else axis, flat.ndim)
    if mode != "raise":
        indices = _into_range(indices, flat.shape[place], mode)
    index = at_axis(place, indices)
    d_flat = call("index_add", call(np.zeros_like, flat), g, index=index)
    return (call("reshape_like", d_flat, a) if axis is None else d_flat), None


def _into_range(indices: Any, n: Any, mode: str) -> Any:
    if mode == "wrap":
        return indices % n
    return call(np.minimum, call(np.maximum, indices, 0), n - 1)


@defjvp(np.take)
def take_jvp(a_dot, indices_dot, y, a, indices, axis=None, mode="raise"):
    options = {} if mode == "raise" else {"mode": mode}
    return call(np.take, a_dot, indices, axis=axis, **options)


class _LastAxis:
    """What is not given: no integer, so that -1 is passed on; before NumPy 2.3 it had to be."""

    def __repr__(self) -> str:
        return "-1"


_LAST_AXIS = _LastAxis()


@defshape(np.take_along_axis, operands=("arr", "indices"))
def take_along_axis_shape(
    sizes: Assumptions, arr: Type, indices: Type, axis: object = _LAST_AXIS
) -> Type:
    axis = -1 if axis is _LAST_AXIS else axis
    shape, places = array_shape(arr), array_shape(indices)
    if axis is None:
        return ArrayType(dtype_of(arr), None if places is None else places)
    if shape is None or places is None:
        return ArrayType(dtype_of(arr), None)
    if len(shape) != len(places):
        raise ShapeError(
            f"`take_along_axis` of shape {shape_text(shape, sizes)} with indices of shape "
            f"{shape_text(places, sizes)}: they must have as many dimensions"
        )
    (place,) = normalize_axes(axis, len(shape))
    around = [dim if k != place else 1 for k, dim in enumerate(shape)]
    return ArrayType(dtype_of(arr), broadcast_shapes(sizes, tuple(around), places))


@defvjp(np.take_along_axis)
def take_along_axis_vjp(g, y, arr, indices, axis=-1):
    if axis is None:
        d_flat = call("index_add", call(np.zeros_like, call(np.ravel, arr)), g, index=indices)
        return call("reshape_like", d_flat, arr), None
    index = index_along(arr, indices, axis)
    return call("index_add", call(np.zeros_like, arr), g, index=index), None


def index_along(x: Symbol, indices: Symbol, axis: int) -> Any:
    """The index with which `x[index]` is `np.take_along_axis(x, indices, axis)`."""
    rank = x.ndim
    (place,) = normalize_axes(axis, rank)
    if rank == 1:
        return indices
    lengths = x.shape
    return tuple(
        indices
        if k == place
        else call(np.reshape, make(x, np.arange, lengths[k]), (-1,) + (1,) * (rank - 1 - k))
        for k in range(rank)
    )


@defjvp(np.take_along_axis)
def take_along_axis_jvp(arr_dot, indices_dot, y, arr, indices, axis=-1):
    return call(np.take_along_axis, arr_dot, indices, axis=axis)


# Sorting: the derivative follows the permutation


@defshape(np.sort, operands=("a",))
def sort_shape(
    sizes: Assumptions, a: Type, axis: object = -1, kind: object = None, *, stable: object = None
) -> Type:
    return ArrayType(dtype_of(a), _ordered_shape(a, axis))


@defshape(np.argsort, operands=("a",))
def argsort_shape(
    sizes: Assumptions, a: Type, axis: object = -1, kind: object = None, *, stable: object = None
) -> Type:
    return ArrayType(np.dtype(np.intp), _ordered_shape(a, axis))


def _ordered_shape(a: Type, axis: object) -> Shape | None:
    shape = array_shape(a)
    if axis is None:
        return (None if shape is None else product_of_dims(shape),)
    if shape is not None:
        normalize_axes(axis, len(shape))
    return shape


@defvjp(np.sort)
def sort_vjp(g, y, a, axis=-1, kind=None, stable=None):
    return (_put_back(g, a, axis, call(np.argsort, a, axis=axis, **_given(kind, stable))),)


@defjvp(np.sort)
def sort_jvp(a_dot, y, a, axis=-1, kind=None, stable=None):
    return _permuted(a_dot, axis, call(np.argsort, a, axis=axis, **_given(kind, stable)))


def _given(kind: object, stable: object) -> dict[str, object]:
    options = {"kind": kind, "stable": stable}
    return {key: value for key, value in options.items() if value is not None}


def _put_back(g: Any, a: Any, axis: Any, order: Any) -> Any:
    """Each element of g at the place that the permutation took it from."""
    if axis is None:
        d_flat = call("index_set", call(np.zeros_like, call(np.ravel, a)), g, index=order)
        return call("reshape_like", d_flat, a)
    return call("index_set", call(np.zeros_like, a), g, index=index_along(a, order, axis))


def _permuted(x: Any, axis: Any, order: Any) -> Any:
    if axis is None:
        return call(np.ravel, x)[order]
    return call(np.take_along_axis, x, order, axis=axis)


@defshape(np.partition, operands=("a",))
def partition_shape(
    sizes: Assumptions, a: Type, kth: object, axis: object = -1, kind: str = "introselect"
) -> Type:
    return ArrayType(dtype_of(a), _ordered_shape(a, axis))


@defshape(np.argpartition, operands=("a",))
def argpartition_shape(
    sizes: Assumptions, a: Type, kth: object, axis: object = -1, kind: str = "introselect"
) -> Type:
    return ArrayType(np.dtype(np.intp), _ordered_shape(a, axis))


@defvjp(np.partition)
def partition_vjp(g, y, a, kth=None, axis=-1, kind="introselect"):
    return (_put_back(g, a, axis, call(np.argpartition, a, kth, axis=axis)),)


@defjvp(np.partition)
def partition_jvp(a_dot, y, a, kth=None, axis=-1, kind="introselect"):
    return _permuted(a_dot, axis, call(np.argpartition, a, kth, axis=axis))


# Places


@defshape(np.searchsorted, operands=("a", "v"))
def searchsorted_shape(
    sizes: Assumptions, a: Type, v: Type, side: str = "left", sorter: object = None
) -> Type:
    return ArrayType(np.dtype(np.intp), array_shape(v))


@defshape(np.flatnonzero, operands=("a",))
def flatnonzero_shape(sizes: Assumptions, a: Type) -> Type:
    return ArrayType(np.dtype(np.intp), (None,))


@defshape(np.argwhere, operands=("a",))
def argwhere_shape(sizes: Assumptions, a: Type) -> Type:
    shape = array_shape(a)
    return ArrayType(np.dtype(np.intp), (None, None if shape is None else len(shape)))


@defshape(np.nonzero, operands=("a",))
def nonzero_shape(sizes: Assumptions, a: Type) -> tuple[Type, ...]:
    shape = array_shape(a)
    if not shape:
        raise UnsupportedError("`np.nonzero` needs an array of known number of dimensions")
    return (ArrayType(np.dtype(np.intp), (None,)),) * len(shape)


constant(np.argsort, np.argpartition, np.searchsorted)
constant(np.flatnonzero, np.argwhere, np.nonzero)
gives_tuple(np.nonzero)


# Masks and choices


@defshape(np.compress, operands=("condition", "a"))
def compress_shape(sizes: Assumptions, condition: Type, a: Type, axis: object = None) -> Type:
    shape = array_shape(a)
    if axis is None:
        return ArrayType(dtype_of(a), (None,))
    if shape is None:
        return ArrayType(dtype_of(a), None)
    (place,) = normalize_axes(axis, len(shape))
    return ArrayType(dtype_of(a), shape[:place] + (None,) + shape[place + 1 :])


@defvjp(np.compress)
def compress_vjp(g, y, condition, a, axis=None):
    """The condition may be shorter than the axis: places beyond its end are not taken."""
    flat = call(np.ravel, a) if axis is None else a
    (place,) = normalize_axes(0 if axis is None else axis, flat.ndim)
    index = at_axis(place, call(np.flatnonzero, condition))
    d_flat = call("index_set", call(np.zeros_like, flat), g, index=index)
    return None, call("reshape_like", d_flat, a) if axis is None else d_flat


@defjvp(np.compress)
def compress_jvp(condition_dot, a_dot, y, condition, a, axis=None):
    return call(np.compress, condition, a_dot, axis=axis)


@defshape(np.extract, operands=("condition", "arr"))
def extract_shape(sizes: Assumptions, condition: Type, arr: Type) -> Type:
    return ArrayType(dtype_of(arr), (None,))


@defvjp(np.extract)
def extract_vjp(g, y, condition, arr):
    return None, compress_vjp(g, y, call(np.ravel, condition), arr)[1]


@defjvp(np.extract)
def extract_jvp(condition_dot, arr_dot, y, condition, arr):
    return call(np.extract, condition, arr_dot)


@defshape(
    np.choose, operands=("a", "*choices"), like=lambda a, choices, out=None, mode="raise": None
)
def choose_shape(sizes: Assumptions, a: Type, *choices: Type, mode: str = "raise") -> Type:
    shape = broadcast_shapes(sizes, *map(array_shape, (a, *choices)))
    return ArrayType(np.result_type(*map(dtype_of, choices)), shape)


@defvjp(np.choose)
def choose_vjp(g, y, a, *choices, mode="raise"):
    """Each choice gets the adjoint where it was taken."""
    if mode != "raise":
        a = _into_range(a, len(choices), mode)
    taken = [call(np.where, a == k, g, 0.0) for k in range(len(choices))]
    return None, *map(unbroadcast, taken, choices)


@defjvp(np.choose)
def choose_jvp(*values, mode="raise"):
    count = (len(values) - 1) // 2
    tangents, (a, *choices) = values[1:count], values[count + 1 :]
    given = [
        (call(np.zeros_like, choice) if isinstance(choice, Symbol) else 0.0) if dot is None else dot
        for dot, choice in zip(tangents, choices)
    ]
    options = {} if mode == "raise" else {"mode": mode}
    return call(np.choose, a, given, **options)
