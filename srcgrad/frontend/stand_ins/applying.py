"""Functions of NumPy that call a function of the user's, written out."""

from __future__ import annotations

from typing import Any

import numpy as np


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


def fromiter(iter: Any, dtype: Any, count: Any = -1, *, like: Any = None) -> Any:
    items = list(iter)
    made = np.array(items, dtype=dtype)
    return made if count < 0 else made[:count]


def mask_indices(n: Any, mask_func: Any, k: Any = 0) -> Any:
    return np.nonzero(mask_func(np.ones((n, n), int), k) != 0)


def in_order(ufunc: Any, order: Any, *args: Any, **kwargs: Any) -> Any:
    """A ufunc whose results have a memory order of their own."""
    return np.require(ufunc(*args, **kwargs), requirements=order)


def astype(x: Any, dtype: Any, /, *, copy: Any = True, device: Any = None) -> Any:
    return x.astype(dtype, copy=copy)
