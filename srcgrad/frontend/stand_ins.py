"""What some functions of NumPy and Python do, in Python: these are evaluated in their place.

A function that calls one of the user's (`np.apply_along_axis`), or that is a line of Python anyway
(`operator.getitem`), needs no rule: its stand-in is read like a function of the user's own.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Sequence
from types import FunctionType
from typing import Any

import numpy as np

from srcgrad.frontend.abstract import Keywords


def apply_along_axis(func1d: Any, axis: Any, arr: Any, *args: Any, **kwargs: Any) -> Any:
    moved = np.moveaxis(arr, axis, -1)
    rows = moved if moved.ndim == 2 else moved.reshape(-1, moved.shape[-1])
    results = np.array([func1d(row, *args, **kwargs) for row in rows])
    shape = moved.shape[:-1]
    if results.ndim == 1:
        return results if len(shape) == 1 else results.reshape(shape)
    if results.ndim > 2:
        raise NotImplementedError("functions whose results have several dimensions")
    return np.moveaxis(results.reshape((*shape, results.shape[1])), -1, axis)


def apply_over_axes(func: Any, a: Any, axes: Any) -> Any:
    result = np.asarray(a)
    for axis in axes if isinstance(axes, (tuple, list)) else (axes,):
        place = axis + np.ndim(a) if axis < 0 else axis
        reduced = func(result, place)
        result = reduced if reduced.ndim == result.ndim else np.expand_dims(reduced, place)
    return result


def fromfunction(
    function: Any, shape: Any, *, dtype: Any = float, like: Any = None, **kwargs: Any
) -> Any:
    places = np.indices(shape, dtype=dtype)
    return function(*[places[k] for k in range(len(shape))], **kwargs)


def piecewise(x: Any, condlist: Any, funclist: Any, *args: Any, **kw: Any) -> Any:
    conditions = [*condlist] if isinstance(condlist, (tuple, list)) else [condlist]
    if len(funclist) == len(conditions) + 1:
        taken = conditions[0]
        for condition in conditions[1:]:
            taken = taken | condition
        conditions = [*conditions, ~taken]
    y = np.zeros_like(x)
    for k in range(len(conditions)):
        place, function = conditions[k], funclist[k]
        y[place] = function(x[place], *args, **kw) if callable(function) else function
    return y


def asarray_chkfinite(a: Any, dtype: Any = None, order: Any = None) -> Any:
    a = np.asarray(a, dtype=dtype)
    if a.dtype.kind in "fc" and not np.isfinite(a).all():
        raise ValueError("array must not contain infs or NaNs")
    return a


def setitem(a: Any, b: Any, c: Any, /) -> Any:
    a[b] = c


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
        parts = [rows]
        if before:
            parts = [_ramp(start, rows[0], before), *parts]
        if after:
            parts = [*parts, _ramp(stop, rows[-1], after)[::-1]]
        result = np.moveaxis(np.concatenate(parts), 0, axis)
    return result


def _ramp(end: Any, edge: Any, count: Any) -> Any:
    """`np.linspace(end, edge, count, endpoint=False)`, computed as NumPy does."""
    places = np.arange(0.0, count)
    if np.ndim(edge):
        places = places.reshape(-1, *[1 for _ in range(np.ndim(edge))])
    return places * ((edge - end) / count) + end


def _pair(given: Any, axis: Any) -> Any:
    """A width before and after the axis, of one for all, a pair for all, or a pair for each."""
    if not isinstance(given, (tuple, list)):
        return given, given
    if len(given) == 1 and isinstance(given[0], (tuple, list)):
        return given[0][0], given[0][1]
    if isinstance(given[0], (tuple, list)):
        return given[axis][0], given[axis][1]
    return (given[0], given[0]) if len(given) == 1 else (given[0], given[1])


STAND_INS: dict[Callable[..., Any], Callable[..., Any]] = {
    np.apply_along_axis: apply_along_axis,
    np.apply_over_axes: apply_over_axes,
    np.asarray_chkfinite: asarray_chkfinite,
    np.fromfunction: fromfunction,
    np.piecewise: piecewise,
    operator.setitem: setitem,
}


_MODES_OF_PAD: dict[str, Callable[..., Any]] = {
    "mean": pad_by_statistics,
    "median": pad_by_statistics,
    "maximum": pad_by_statistics,
    "minimum": pad_by_statistics,
    "linear_ramp": pad_by_ramps,
}


def stand_in_for(
    function: Any, kwargs: Collection[str] = (), mode: object = None
) -> FunctionType | None:
    """The function in Python that is evaluated instead, with these keywords and this `mode`."""
    try:
        found = STAND_INS.get(function)
    except TypeError:
        return None
    if function is np.diff and ("prepend" in kwargs or "append" in kwargs):
        found = diff
    if function is np.pad:
        found = _MODES_OF_PAD.get(str(mode))
    return found if isinstance(found, FunctionType) else None


def is_stand_in(function: Any) -> bool:
    """Is this one of the functions here, which are evaluated like the user's own?"""
    return getattr(function, "__module__", None) == __name__


def renamed(function: Any, args: Sequence[Any], kwargs: Keywords) -> tuple[Any, Keywords]:
    """The function and its keyword arguments by their first names."""
    if function is np.where and len(args) == 1 and not kwargs:
        return np.nonzero, kwargs
    if function is np.clip:
        return function, {_NAMES_OF_BOUNDS.get(key, key): item for key, item in kwargs.items()}
    return function, kwargs


_NAMES_OF_BOUNDS = {"min": "a_min", "max": "a_max"}
