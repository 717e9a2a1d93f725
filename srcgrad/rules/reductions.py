"""Sums, products, extrema, means and variances: what NumPy calls reductions, and cumulative ones.

https://numpy.org/doc/stable/reference/routines.statistics.html and the sums and products of
routines.math.html.  Cotangents have the reduced shape; `_restored` gives them the axes back with
which they broadcast against the argument.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from srcgrad.errors import UnsupportedError
from srcgrad.graph import ArrayType, Assumptions, Type, rank_of, shape_of
from srcgrad.rules.registry import (
    alias,
    defjvp,
    defshape,
    defvjp,
    linear,
)
from srcgrad.rules.shapes import array_shape, dtype_of, normalize_axes, reduced_shape
from srcgrad.rules.symbols import as_value, call


@cache
def _result_dtype(function: Callable[..., Any], dtype: np.dtype, *more: Any) -> np.dtype:
    """The dtype of a reduction, by NumPy's own answer for an array of one element."""
    return np.asarray(function(np.ones(1, dtype), *more)).dtype


def _check_options(name: str, **options: Any) -> None:
    for option, given in options.items():
        if given is not None:
            raise UnsupportedError(
                f"`{option}=` of `np.{name}` is not supported", remedy=_REMEDIES.get(option)
            )


_REMEDIES = {
    "out": "Assign the result instead: `a[...] = np.sum(x)`.",
    "where": "Write `np.sum(np.where(condition, x, 0.0))` instead.",
    "mean": "Leave it out: the mean is computed again.",
    "initial": "It must be a number that is known before the call.",
}


def _check_initial(name: str, initial: Any) -> None:
    if initial is not None and not isinstance(initial, (bool, int, float, complex, np.number)):
        _check_options(name, initial=initial)


def _reduction(
    function: Callable[..., Any], sizes: Assumptions, a: Type, axis: Any, dtype: Any, keepdims: Any
) -> Type:
    found = np.dtype(dtype) if dtype is not None else _result_dtype(function, dtype_of(a))
    return ArrayType(found, reduced_shape(array_shape(a), axis, bool(keepdims)))


# What backward rules share


def _restored(g: Any, a: Any, axis: Any, keepdims: bool) -> Any:
    """`g` with axes of length 1 for the reduced ones, where broadcasting needs them."""
    if keepdims or axis is None or _is_leading(axis, rank_of(a.type)):
        return g
    return call(np.expand_dims, g, axis=axis)


def _is_leading(axis: Any, rank: int | None) -> bool:
    """Are the reduced axes the first ones, which broadcasting adds by itself?"""
    if rank is None:
        return axis == 0
    axes = sorted(normalize_axes(axis, rank))
    return axes == list(range(len(axes)))


def _count(a: Any, axis: Any) -> Any:
    """How many elements are reduced into one: a number, or `x.size`, `x.shape[1]`."""
    rank = rank_of(a.type)
    if rank is not None and (axis is None or len(normalize_axes(axis, rank)) == rank):
        return a.size
    if axis is None:
        return call("size", a)
    total: Any = 1
    for item in axis if isinstance(axis, (tuple, list)) else (axis,):
        length = a.shape[item] if rank is not None else call("dim", a, axis=item)
        total = length if isinstance(total, int) and total == 1 else total * length
    return total


def _spread(g: Any, a: Any) -> Any:
    """`g` broadcast to the shape of `a`."""
    if shape_of(a.type) == () and shape_of(as_value(g).type) == ():
        return g
    return call("broadcast_like", g, a)


def _masked(g: Any, condition: Any) -> Any:
    """`g` where the `where=` of the reduction let the element in."""
    return g if condition is True else call(np.where, condition, g, 0.0)


# Sums


@defshape(np.sum)
def sum_shape(sizes, a, axis=None, dtype=None, out=None, keepdims=False, initial=None, where=True):
    _check_options("sum", out=out)
    _check_initial("sum", initial)
    return _reduction(np.sum, sizes, a, axis, dtype, keepdims)


@defvjp(np.sum)
def sum_vjp(g, y, a, axis=None, dtype=None, keepdims=False, initial=None, where=True):
    return (_spread(_masked(_restored(g, a, axis, keepdims), where), a),)


@defjvp(np.sum)
def sum_jvp(a_dot, y, a, axis=None, dtype=None, keepdims=False, initial=None, where=True):
    return call(np.sum, a_dot, axis=axis, dtype=dtype, keepdims=keepdims, where=where)


@defshape(np.mean)
def mean_shape(sizes, a, axis=None, dtype=None, out=None, keepdims=False, *, where=True):
    _check_options("mean", out=out, where=None if where is True else where)
    return _reduction(np.mean, sizes, a, axis, dtype, keepdims)


@defvjp(np.mean)
def mean_vjp(g, y, a, axis=None, dtype=None, keepdims=False):
    return (_spread(_restored(g / _count(a, axis), a, axis, keepdims), a),)


linear(np.mean)


# Extrema


@defshape(np.max)
def max_shape(sizes, a, axis=None, out=None, keepdims=False, initial=None, where=True):
    _check_options("max", out=out)
    _check_initial("max", initial)
    return _reduction(np.max, sizes, a, axis, None, keepdims)


@defshape(np.min)
def min_shape(sizes, a, axis=None, out=None, keepdims=False, initial=None, where=True):
    _check_options("min", out=out)
    _check_initial("min", initial)
    return _reduction(np.min, sizes, a, axis, None, keepdims)


@defvjp(np.max, np.min)
def extremum_vjp(g, y, a, axis=None, keepdims=False, initial=None, where=True):
    """All elements equal to the extremum share equally."""
    ties = _ties(y, a, axis, keepdims, where)
    count = np.sum(ties, axis=axis, keepdims=axis is not None, dtype=_dtype_of_counts(a))
    return (ties * _shares(_restored(g, a, axis, keepdims), count, initial),)


@defjvp(np.max, np.min)
def extremum_jvp(a_dot, y, a, axis=None, keepdims=False, initial=None, where=True):
    ties = _ties(y, a, axis, keepdims, where)
    count = np.sum(ties, axis=axis, keepdims=keepdims, dtype=_dtype_of_counts(a))
    return _shares(np.sum(ties * a_dot, axis=axis, keepdims=keepdims), count, initial)


def _ties(y: Any, a: Any, axis: Any, keepdims: bool, where: Any) -> Any:
    ties = a == _restored(y, a, axis, keepdims)
    return ties if where is True else ties & where


def _shares(g: Any, count: Any, initial: Any) -> Any:
    """With `initial` it can be that no element is equal to the extremum."""
    return g / count if initial is None else call("divide_or_zero", g, count)


def _dtype_of_counts(a: Any) -> np.dtype | None:
    """Counts of the dtype of `a`, so that dividing by them keeps it."""
    return None if dtype_of(a.type) == np.float64 else dtype_of(a.type)


alias(np.amax, np.max)
alias(np.amin, np.min)
