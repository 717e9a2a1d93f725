"""`np.pad` by what is computed of the array, and `np.diff` with ends, written out."""

from __future__ import annotations

from typing import Any

import numpy as np


def diff(a: Any, n: Any = 1, axis: Any = -1, prepend: Any = None, append: Any = None) -> Any:
    parts = [a]
    if prepend is not None:
        parts = [_slab(prepend, a, axis), *parts]
    if append is not None:
        parts = [*parts, _slab(append, a, axis)]
    return np.diff(np.concatenate(parts, axis=axis), n=n, axis=axis)


def _slab(value: Any, a: Any, axis: Any) -> Any:
    """A number as an array like `a`, of length 1 along the axis."""
    if np.ndim(value):
        return value
    shape = [*a.shape]
    shape[axis] = 1
    return np.broadcast_to(value, tuple(shape))


def pad_by_statistics(
    array: Any, pad_width: Any, mode: Any = "mean", *, stat_length: Any = None
) -> Any:
    result = np.asarray(array)
    for axis in range(np.ndim(array)):
        before, after = _pair(pad_width, axis)
        first, last = _pair(stat_length, axis)
        low, high = result, result
        if first is not None:
            low = np.moveaxis(np.moveaxis(result, axis, 0)[:first], 0, axis)
        if last is not None:
            high = np.moveaxis(np.moveaxis(result, axis, 0)[-last:], 0, axis)
        left = np.repeat(_statistic(mode, low, axis), before, axis=axis)
        right = np.repeat(_statistic(mode, high, axis), after, axis=axis)
        result = np.concatenate((left, result, right), axis=axis)
    return result


def _statistic(mode: Any, x: Any, axis: Any) -> Any:
    if mode == "mean":
        return np.mean(x, axis=axis, keepdims=True)
    if mode == "median":
        return np.median(x, axis=axis, keepdims=True)
    if mode == "maximum":
        return np.max(x, axis=axis, keepdims=True)
    return np.min(x, axis=axis, keepdims=True)


def pad_by_ramps(
    array: Any, pad_width: Any, mode: Any = "linear_ramp", *, end_values: Any = 0
) -> Any:
    result = np.asarray(array)
    for axis in range(np.ndim(array)):
        before, after = _pair(pad_width, axis)
        start, stop = _pair(end_values, axis)
        rows = np.moveaxis(result, axis, 0)
        parts = [result]
        if before:
            parts = [np.moveaxis(_ramp(start, rows[0], before), 0, axis), *parts]
        if after:
            parts = [*parts, np.moveaxis(_ramp(stop, rows[-1], after)[::-1], 0, axis)]
        result = np.concatenate(parts, axis=axis)
    return result


def _ramp(end: Any, edge: Any, count: Any) -> Any:
    """`np.linspace(end, edge, count, endpoint=False)`, computed as NumPy does."""
    places = np.arange(0.0, count)
    if np.ndim(edge):
        places = places.reshape(-1, *[1 for _ in range(np.ndim(edge))])
    end = np.asarray(end, np.result_type(edge, np.float64))
    return (places * ((edge - end) / count) + end).astype(edge.dtype)


def _pair(given: Any, axis: Any) -> Any:
    """A width before and after the axis, of one for all, a pair for all, or a pair for each."""
    if not isinstance(given, (tuple, list)):
        return given, given
    if len(given) == 1 and isinstance(given[0], (tuple, list)):
        return given[0][0], given[0][1]
    if isinstance(given[0], (tuple, list)):
        return given[axis][0], given[axis][1]
    return (given[0], given[0]) if len(given) == 1 else (given[0], given[1])


def pad_with_constants(
    array: Any, pad_width: Any, mode: Any = "constant", *, constant_values: Any = 0
) -> Any:
    result = np.asarray(array)
    for axis in range(np.ndim(array)):
        before, after = _pair(pad_width, axis)
        first, last = _pair(constant_values, axis)
        shape = result.shape
        low = np.full((*shape[:axis], before, *shape[axis + 1 :]), first, dtype=result.dtype)
        high = np.full((*shape[:axis], after, *shape[axis + 1 :]), last, dtype=result.dtype)
        result = np.concatenate((low, result, high), axis=axis)
    return result


def pad_by_odd_reflection(
    array: Any, pad_width: Any, mode: Any, *, reflect_type: Any = "odd"
) -> Any:
    """The padding is the reflection of the array in its ends, not at them."""
    result = np.asarray(array)
    skipped = 1 if mode == "reflect" else 0
    for axis in range(np.ndim(array)):
        before, after = _pair(pad_width, axis)
        rows = np.moveaxis(result, axis, 0)
        if max(before, after) > len(rows) - skipped:
            raise NotImplementedError("an odd reflection that is wider than the array")
        parts = [result]
        if before:
            low = 2 * rows[:1] - rows[skipped : before + skipped][::-1]
            parts = [np.moveaxis(low, 0, axis), *parts]
        if after:
            stop = len(rows) - skipped
            high = 2 * rows[-1:] - rows[stop - after : stop][::-1]
            parts = [*parts, np.moveaxis(high, 0, axis)]
        result = np.concatenate(parts, axis=axis)
    return result
