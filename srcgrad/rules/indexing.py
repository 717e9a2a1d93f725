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
    ListType,
    OpaqueType,
    ScalarType,
    Shape,
    Type,
    add_dims,
    shape_of,
    subtract_dims,
)
from srcgrad.graph.types import DimExpression
from srcgrad.rules.creation import make
from srcgrad.rules.registry import defjvp, defshape, defvjp, linear, named
from srcgrad.rules.shapes import (
    array_shape,
    broadcast_shapes,
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
        raise UnsupportedError(f"cannot index with a value of type {_kind(entry)}")
    if entry.dtype.kind in "iu":
        return _Gather(1, entry.shape)
    if entry.dtype.kind != "b":
        raise ArgumentError(f"arrays used as indices must be of integer or boolean type: {entry}")
    if entry.shape is None:
        return _Gather(-1, None)
    return _Gather(len(entry.shape), (None,), entry.shape)


def _kind(entry: object) -> str:
    return str(entry) if isinstance(entry, (OpaqueType, ScalarType)) else type(entry).__name__


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
            raise UnsupportedError(f"cannot index with a list that holds a value of type {item}")
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
        raise ShapeError(f"too many indices: {used} for an array of shape {shape_text(shape)}")
    if parts.count(Ellipsis) > 1:
        raise ArgumentError("an index can have only one ellipsis (`...`)")
    place = parts.index(Ellipsis) if Ellipsis in parts else len(parts)
    whole = [slice(None)] * free
    separated = [Ellipsis] if Ellipsis in parts else []
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
            f"a mask of shape {shape_text(mask)} does not fit an array of shape {shape_text(shape)}"
        )


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
        raise ArgumentError(f"a value of type {x} cannot be indexed")
    if isinstance(index, (str, bytes)):
        raise UnsupportedError("fields of structured arrays are not supported")
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
        raise ArgumentError(f"cannot store into a value of type {a}")
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
            f"cannot store a value of shape {shape_text(given)} into shape {shape_text(slot)}"
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
    return call("index_set", g, 0.0, index=index), h


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
    return g, _read_adjoint(g, v, index)


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
