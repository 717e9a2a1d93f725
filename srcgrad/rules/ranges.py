"""Evenly spaced numbers: NumPy's manual, "Numerical ranges".

With t from 0 to 1, `np.linspace` is start + (stop - start) t, and the others are functions of that.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.graph import ArrayType, Assumptions, Dim, Shape, Type, shape_of, subtract_dims
from srcgrad.rules.broadcasting import unbroadcast
from srcgrad.rules.creation import asked_dtype, make
from srcgrad.rules.registry import defjvp, defshape, defvjp
from srcgrad.rules.shapes import (
    array_shape,
    as_dim,
    broadcast_shapes,
    dtype_of,
    normalize_axes,
    weak_dtype,
)
from srcgrad.rules.symbols import Symbol, as_value, call


def _range_like(start: Any, stop: Any = None, step: Any = None, dtype: Any = None) -> None:
    """The signature of `np.arange`."""


@defshape(np.arange, operands=("start", "stop", "step"), like=_range_like)
def arange_shape(
    sizes: Assumptions,
    start: Type,
    stop: Type | None,
    step: Type | None,
    dtype: object = None,
) -> Type:
    given = [dtype_of(type_) for type_ in (start, stop, step) if type_ is not None]
    widest = np.result_type(np.dtype(int), *given)
    return ArrayType(asked_dtype(dtype, widest), (_arange_dim(sizes, start, stop, step),))


def _arange_dim(sizes: Assumptions, start: Type, stop: Type | None, step: Type | None) -> Dim:
    """The length of a range of integers with step 1 (of others only the call knows it)."""
    if step is not None and as_dim(step) != 1:
        return None
    first, last = (0, as_dim(start)) if stop is None else (as_dim(start), as_dim(stop))
    length = subtract_dims(last, first)
    nonnegative = sizes.is_nonnegative(length)
    if nonnegative is None:
        return None
    return length if nonnegative else 0


@defvjp(np.arange)
def arange_vjp(g, y, start, stop, step, dtype=None):
    """start + step * (0, 1, 2, ...); the stop only decides the length."""
    if stop is None:
        return None, None, None
    d_step = None if step is None else call(np.sum, g * make(g, np.arange, g.shape[0]))
    return call(np.sum, g), None, d_step


@defjvp(np.arange)
def arange_jvp(start_dot, stop_dot, step_dot, y, start, stop, step, dtype=None):
    if stop is None:
        return None
    of_start = None if start_dot is None else call("broadcast_like", start_dot, y)
    if step_dot is None:
        return of_start
    of_step = step_dot * make(y, np.arange, y.shape[0])
    return of_step if of_start is None else of_start + of_step


def _dtype_by(function: Any, ends: list[Type]) -> np.dtype:
    """The dtype of the range, by NumPy's own answer for one between ones."""
    samples = dict(zip(("start", "stop", "base"), map(_one, ends)))
    return function(**samples, num=1).dtype


def _one(end: Type) -> Any:
    """1 as a number or as an array with an axis."""
    if isinstance(end, ArrayType):
        return np.ones((1,) if end.shape else (), end.dtype)
    return weak_dtype(end)(1)  # type: ignore[operator]


def _range_type(
    sizes: Assumptions, function: Any, ends: list[Type], num: object, dtype: object, axis: int
) -> ArrayType:
    """An array of `num` numbers between each pair of ends, along an axis of its own."""
    found = asked_dtype(dtype, _dtype_by(function, ends))
    shape = broadcast_shapes(sizes, *map(array_shape, ends))
    return ArrayType(found, None if shape is None else _with_axis(shape, axis, as_dim(num)))


def _with_axis(shape: Shape, axis: int, dim: Dim) -> Shape:
    (place,) = normalize_axes(axis, len(shape) + 1)
    return (*shape[:place], dim, *shape[place:])


def _along(t: Any, like: Any, axis: int) -> Any:
    """The numbers t in a shape that broadcasts along the axis of `like`."""
    (place,) = normalize_axes(axis, like.ndim)
    missing = like.ndim - 1 - place
    return t[(slice(None), *[None] * missing)] if missing else t


def _end(end: Any, like: Any, axis: int) -> Any:
    """An end of a range with the axis along which its numbers lie."""
    rank = len(shape_of(as_value(end).type) or ())
    (place,) = normalize_axes(axis, like.ndim)
    after = like.ndim - 1 - place
    return call(np.expand_dims, end, rank - after) if rank and rank >= after else end


def _summed(g: Any, end: Any, axis: int) -> Any:
    """The cotangent of an end: the sum over its range."""
    return unbroadcast(call(np.sum, g, axis=axis if g.ndim > 1 else None), end)


def _unit_range(like: Symbol, endpoint: bool, axis: int) -> Any:
    """Numbers evenly spaced from 0 to 1, as many as `like` has along the axis."""
    t = make(like, np.linspace, 0.0, 1.0, like.shape[axis], endpoint=endpoint)
    t = call("cast", t, dtype=like.dtype) if like.dtype != np.dtype(float) else t
    return _along(t, like, axis)


@defshape(np.linspace, operands=("start", "stop"))
def linspace_shape(
    sizes: Assumptions,
    start: Type,
    stop: Type,
    num: object = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: object = None,
    axis: int = 0,
) -> Any:
    numbers = _range_type(sizes, np.linspace, [start, stop], num, dtype, axis)
    if not retstep:
        return numbers
    return numbers, ArrayType(
        _dtype_by(np.linspace, [start, stop]),
        broadcast_shapes(sizes, *map(array_shape, (start, stop))),
    )


@defvjp(np.linspace)
def linspace_vjp(
    g, y, start, stop, num=50, endpoint=True, retstep=False, dtype=None, axis=0
):  # fmt: skip
    """start * (1 - t) + stop * t; the step is (stop - start) / (num - 1)."""
    g, g_step = g if retstep else (g, None)
    d_start = d_stop = None
    if g is not None:
        t = _unit_range(g, endpoint, axis)
        d_start, d_stop = _summed(g * (1.0 - t), start, axis), _summed(g * t, stop, axis)
    if g_step is not None:
        share = g_step / (num - 1 if endpoint else num)
        d_start = _sum(d_start, unbroadcast(-share, start))
        d_stop = _sum(d_stop, unbroadcast(share, stop))
    return d_start, d_stop


@defjvp(np.linspace)
def linspace_jvp(
    start_dot, stop_dot, y, start, stop, num=50, endpoint=True, retstep=False, dtype=None, axis=0
):  # fmt: skip
    numbers = y[0] if retstep else y
    t = _unit_range(numbers, endpoint, axis)
    dots = [None if d is None else _end(d, numbers, axis) for d in (start_dot, stop_dot)]
    moved = _added(dots, (1.0 - t, t))
    if not retstep:
        return moved
    signed = _added([start_dot, stop_dot], (-1.0, 1.0))
    return moved, signed / (num - 1 if endpoint else num)


def _added(dots: list[Any], factors: tuple[Any, Any]) -> Any:
    terms = [dot * factor for dot, factor in zip(dots, factors) if dot is not None]
    return terms[0] if len(terms) == 1 else terms[0] + terms[1]


def _sum(a: Any, b: Any) -> Any:
    return b if a is None else a if b is None else a + b


def _logspace_like(
    start: Any,
    stop: Any,
    num: Any = 50,
    endpoint: Any = True,
    base: Any = 10.0,
    dtype: Any = None,
    axis: Any = 0,
) -> None:
    """The signature of `np.logspace`."""


@defshape(np.logspace, operands=("start", "stop", "base"), like=_logspace_like)
def logspace_shape(
    sizes: Assumptions,
    start: Type,
    stop: Type,
    base: Type,
    num: object = 50,
    endpoint: bool = True,
    dtype: object = None,
    axis: int = 0,
) -> Type:
    return _range_type(sizes, np.logspace, [start, stop, base], num, dtype, axis)


@defvjp(np.logspace)
def logspace_vjp(g, y, start, stop, base, num=50, endpoint=True, dtype=None, axis=0):
    """y = base ** x with x evenly spaced from start to stop."""
    t = _unit_range(g, endpoint, axis)
    first, last, b = (_end(item, g, axis) for item in (start, stop, base))
    d_x = g * y * call(np.log, b)
    d_base = g * y * (first + (last - first) * t) / b
    return (
        _summed(d_x * (1.0 - t), start, axis),
        _summed(d_x * t, stop, axis),
        _summed(d_base, base, axis) if isinstance(base, Symbol) else None,
    )


@defjvp(np.logspace)
def logspace_jvp(
    start_dot, stop_dot, base_dot, y, start, stop, base, num=50, endpoint=True, dtype=None, axis=0
):  # fmt: skip
    t = _unit_range(y, endpoint, axis)
    first, last, b = (_end(item, y, axis) for item in (start, stop, base))
    terms = []
    if start_dot is not None:
        terms.append(_end(start_dot, y, axis) * (1.0 - t) * call(np.log, b))
    if stop_dot is not None:
        terms.append(_end(stop_dot, y, axis) * t * call(np.log, b))
    if base_dot is not None:
        terms.append(_end(base_dot, y, axis) / b * (first + (last - first) * t))
    return y * sum(terms[1:], terms[0])


@defshape(np.geomspace, operands=("start", "stop"))
def geomspace_shape(
    sizes: Assumptions,
    start: Type,
    stop: Type,
    num: object = 50,
    endpoint: bool = True,
    dtype: object = None,
    axis: int = 0,
) -> Type:
    return _range_type(sizes, np.geomspace, [start, stop], num, dtype, axis)


@defvjp(np.geomspace)
def geomspace_vjp(g, y, start, stop, num=50, endpoint=True, dtype=None, axis=0):
    """log y is evenly spaced from log start to log stop."""
    t = _unit_range(g, endpoint, axis)
    parts = ((_summed(g * y * part, end, axis), end) for part, end in ((1.0 - t, start), (t, stop)))
    return tuple(None if part is None else part / end for part, end in parts)


@defjvp(np.geomspace)
def geomspace_jvp(start_dot, stop_dot, y, start, stop, num=50, endpoint=True, dtype=None, axis=0):
    t = _unit_range(y, endpoint, axis)
    dots = [
        None if dot is None else y * (_end(dot, y, axis) / _end(end, y, axis) * part)
        for dot, end, part in ((start_dot, start, 1.0 - t), (stop_dot, stop, t))
    ]
    return _sum(*dots)
