"""`np.var` about a given mean, `np.average` with the sum of weights, `np.interp` with a period."""

from __future__ import annotations

from typing import Any

import numpy as np


def var(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    ddof: Any = 0,
    keepdims: Any = False,
    *,
    where: Any = True,
    mean: Any = None,
    correction: Any = None,
) -> Any:
    deviation = np.asarray(a, dtype) - mean
    squares = deviation * deviation
    if np.iscomplexobj(deviation):
        squares = deviation.real * deviation.real + deviation.imag * deviation.imag
    total = np.sum(squares, axis=axis, keepdims=keepdims, where=where)
    count = np.sum(np.ones(np.shape(a)), axis=axis, keepdims=keepdims, where=where)
    freedom = count - (ddof if correction is None else correction)
    return (total / freedom).astype(total.dtype)


def std(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    ddof: Any = 0,
    keepdims: Any = False,
    *,
    where: Any = True,
    mean: Any = None,
    correction: Any = None,
) -> Any:
    return np.sqrt(
        var(a, axis, dtype, out, ddof, keepdims, where=where, mean=mean, correction=correction)
    )


def average(
    a: Any, axis: Any = None, weights: Any = None, returned: Any = False, *, keepdims: Any = False
) -> Any:
    mean = np.average(a, axis=axis, weights=weights, keepdims=keepdims)
    if not returned:
        return mean
    if weights is None:
        return mean, np.full_like(mean, np.size(a) / np.size(mean))
    if np.ndim(weights) == np.ndim(a):
        total = np.sum(weights, axis=axis, keepdims=keepdims)
    else:
        total = np.sum(weights)
    return mean, np.broadcast_to(total, np.shape(mean)).astype(mean.dtype)


def interp(
    x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None
) -> Any:
    """On the samples of one period, extended by one more at both ends."""
    period = abs(period)
    places, values = np.asarray(xp, float) % period, np.asarray(fp)
    order = np.argsort(places)
    places, values = places[order], values[order]
    places = np.concatenate((places[-1:] - period, places, places[:1] + period))
    values = np.concatenate((values[-1:], values, values[:1]))
    return np.interp(np.asarray(x, float) % period, places, values)
