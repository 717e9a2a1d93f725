"""Indices of indices: `x[i][j]` as one index of `x`, where that is plain to see."""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.graph import is_integral, shape_of
from srcgrad.rules import Symbol


def is_basic_index(index: Any) -> bool:
    """Does NumPy make a view of this index (integers, slices, `...`, `None`)?"""
    entries = index if isinstance(index, tuple) else (index,)
    return all(
        entry is None or entry is Ellipsis or isinstance(entry, slice) or is_integer(entry)
        for entry in entries
    )


def is_integer(entry: Any) -> bool:
    if isinstance(entry, Symbol):
        is_number = is_integral(entry.type) and shape_of(entry.type) == ()
        return is_number and entry.dtype != np.dtype(bool)
    return isinstance(entry, (int, np.integer)) and not isinstance(entry, bool)


def compose(outer: Any, inner: Any) -> Any:
    """The index that does what `[outer][inner]` does; None where that is not plain.

    `outer` is basic.  Slices are composed where all bounds are known and not negative.
    """
    if inner is Ellipsis:
        return outer
    outers = outer if isinstance(outer, tuple) else (outer,)
    inners = inner if isinstance(inner, tuple) else (inner,)
    if not all(is_integer(entry) or isinstance(entry, slice) for entry in outers):
        return None
    if all(is_integer(entry) for entry in outers):
        return _index_of((*outers, *inners))
    if not all(is_integer(entry) or isinstance(entry, slice) for entry in inners):
        return None
    rest = list(inners)
    composed: list[Any] = []
    for entry in outers:
        if is_integer(entry) or not rest:
            composed.append(entry)
            continue
        part = _within(entry, rest.pop(0))
        if part is None:
            return None
        composed.append(part)
    return _index_of((*composed, *rest))


def _index_of(entries: tuple[Any, ...]) -> Any:
    return entries[0] if len(entries) == 1 else entries


def are_in_order(target: Any, source: Any, rank: int) -> bool:
    """Do two indices of one array, each of a vector, walk it with equal or opposite strides?

    Then NumPy copies one to the other as if by way of a third array.
    """
    walks = [_walked_axis(index, rank) for index in (target, source)]
    if None in walks:
        return False
    (axis, step), (other_axis, other_step) = walks  # type: ignore[misc]
    return axis == other_axis and (step == other_step or (step < 0) != (other_step < 0))


def _walked_axis(index: Any, rank: int) -> tuple[int, int] | None:
    """The axis along which an index takes a vector, and the step; None where that is not plain."""
    entries = list(index) if isinstance(index, tuple) else [index]
    if Ellipsis in [entry for entry in entries if entry is Ellipsis]:
        at = next(i for i, entry in enumerate(entries) if entry is Ellipsis)
        entries[at : at + 1] = [slice(None)] * (rank - len(entries) + 1)
    entries += [slice(None)] * (rank - len(entries))
    if not all(is_integer(entry) or isinstance(entry, slice) for entry in entries):
        return None
    axes = [axis for axis, entry in enumerate(entries) if isinstance(entry, slice)]
    if len(axes) != 1:
        return None
    step = entries[axes[0]].step
    step = 1 if step is None else step
    return (axes[0], step) if isinstance(step, int) else None


def _within(outer: slice, inner: Any) -> Any:
    """`inner` as an index of the axis that `outer` is a slice of."""
    if _is_whole(outer):
        return inner
    if _is_whole(inner):
        return outer
    if not _has_unit_step(outer):
        return None
    start = 0 if outer.start is None else outer.start
    if not _is_plain(start):
        return None
    if isinstance(inner, slice):
        return _slice_within(start, outer, inner)
    if not _is_plain(inner) or outer.stop is not None:
        # An index past the end of the slice is an error that must not be lost.
        return None
    return start + inner


def _slice_within(start: int, outer: slice, inner: slice) -> slice | None:
    first = 0 if inner.start is None else inner.start
    if outer.stop is not None or not _has_unit_step(inner) or not _is_plain(first):
        return None
    if inner.stop is None:
        return slice(start + first, None)
    return slice(start + first, start + inner.stop) if _is_plain(inner.stop) else None


def _is_whole(entry: Any) -> bool:
    """Is this `:`?  Bounds may be symbols, whose comparison would be a node of the graph."""
    return isinstance(entry, slice) and all(
        bound is None for bound in (entry.start, entry.stop, entry.step)
    )


def _has_unit_step(entry: slice) -> bool:
    return entry.step is None or (isinstance(entry.step, int) and entry.step == 1)


def _is_plain(bound: Any) -> bool:
    return isinstance(bound, int) and not isinstance(bound, bool) and bound >= 0
