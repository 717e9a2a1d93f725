"""The methods of ufuncs: `np.add.reduce`, `np.multiply.outer`, `np.logaddexp.accumulate` and so on.

Every ufunc of two arguments has them.  What a method does follows from the ufunc itself: its own
backward rule gives the slopes of each step, and a linear recurrence joins them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from srcgrad.errors import UnsupportedError
from srcgrad.graph import ArrayType, Assumptions, Type, rank_of
from srcgrad.rules.composites import composite
from srcgrad.rules.indexing import at_axis
from srcgrad.rules.masking import either, product
from srcgrad.rules.reductions import restored, shifted
from srcgrad.rules.registry import (
    constant,
    defjvp,
    defshape,
    defvjp,
    named,
    primitive_for,
)
from srcgrad.rules.shapes import (
    array_shape,
    dtype_of,
    normalize_axes,
    reduced_shape,
    ufunc_dtypes,
)
from srcgrad.rules.symbols import Symbol, as_value, call

# What a reduction is by a function of its own.
_REDUCTIONS: dict[np.ufunc, Callable[..., Any]] = {
    np.add: np.sum,
    np.multiply: np.prod,
    np.maximum: np.max,
    np.minimum: np.min,
}
_CUMULATIVE: dict[np.ufunc, Callable[..., Any]] = {np.add: np.cumsum, np.multiply: np.cumprod}


def _accumulated_dtype(ufunc: np.ufunc, method: str, a: Type, dtype: Any) -> np.dtype:
    if dtype is not None:
        return np.dtype(dtype)
    found: np.ndarray = np.asarray(getattr(ufunc, method)(np.ones(1, dtype_of(a))))
    return found.dtype


def _refuse_options(name: str, **options: Any) -> None:
    for option, given in options.items():
        if given is not None and given is not True:
            raise UnsupportedError(
                f"`{option}=` of `np.{name}` is not supported",
                remedy="Leave it out, and combine it with the result.",
            )


# Reductions


def _define_reduce(ufunc: np.ufunc) -> None:
    name = f"{ufunc.__name__}.reduce"
    function = named(name, ufunc.reduce)

    @defshape(function, operands=("array",))
    def reduce_shape(
        sizes: Assumptions,
        array: Type,
        axis: Any = 0,
        dtype: Any = None,
        out: Any = None,
        keepdims: bool = False,
        initial: Any = None,
        where: Any = True,
    ) -> Type:
        _refuse_options(name, out=out, initial=initial, where=where)
        made = _accumulated_dtype(ufunc, "reduce", array, dtype)
        return ArrayType(made, reduced_shape(array_shape(array), axis, bool(keepdims)))

    if primitive_for(ufunc).constant:
        constant(function)
        return
    if ufunc in _SHARES:
        _define_shares(function, _SHARES[ufunc])
        return

    def body(array, axis=0, dtype=None, out=None, keepdims=False, initial=None, where=True):
        if ufunc in _REDUCTIONS:
            typed = {} if dtype is None else {"dtype": dtype}
            return call(_REDUCTIONS[ufunc], array, axis=axis, keepdims=keepdims, **typed)
        places = normalize_axes(axis, array.ndim)
        if len(places) > 1:
            array, places = _joined(array, places)
        steps = call(f"{ufunc.__name__}.accumulate", array, axis=places[0])
        last = at_axis(places[0], slice(-1, None) if keepdims else -1)
        return steps[last]

    primitive_for(function).composite = body


# Where the slope in an element is a function of it and of the result.
_SHARES: dict[np.ufunc, Callable[[Any, Any], Any]] = {
    np.logaddexp: lambda a, y: np.exp(a - _finite(y)),
    np.logaddexp2: lambda a, y: np.exp2(a - _finite(y)),
    np.hypot: lambda a, y: call("divide_or_zero", a, y, kink=True),
}


def _finite(y: Any) -> Any:
    """The result, and 0 where it is -inf, as are all elements then."""
    return either(y == -np.inf, 0.0, y)


def _define_shares(function: Callable[..., Any], share: Callable[[Any, Any], Any]) -> None:
    @defvjp(function)
    def reduce_vjp(g, y, array, axis=0, dtype=None, keepdims=False):
        whole = restored(y, array, axis, keepdims)
        return (product(restored(g, array, axis, keepdims), share(array, whole)),)

    @defjvp(function)
    def reduce_jvp(array_dot, y, array, axis=0, dtype=None, keepdims=False):
        shares = share(array, restored(y, array, axis, keepdims))
        return np.sum(array_dot * shares, axis=axis, keepdims=keepdims)


def _joined(array: Any, places: tuple[int, ...]) -> tuple[Any, tuple[int, ...]]:
    """The array with the axes at `places` as one, the first."""
    moved = np.moveaxis(array, sorted(places), tuple(range(len(places))))
    return np.reshape(moved, (-1, *moved.shape[len(places) :])), (0,)


# Accumulations


def _define_accumulate(ufunc: np.ufunc) -> None:
    function = named(f"{ufunc.__name__}.accumulate", ufunc.accumulate)

    @defshape(function, operands=("array",))
    def accumulate_shape(
        sizes: Assumptions, array: Type, axis: Any = 0, dtype: Any = None, out: Any = None
    ) -> Type:
        _refuse_options(f"{ufunc.__name__}.accumulate", out=out)
        made = _accumulated_dtype(ufunc, "accumulate", array, dtype)
        return ArrayType(made, array_shape(array))

    if primitive_for(ufunc).constant:
        constant(function)
    elif ufunc in _CUMULATIVE:
        primitive_for(function).composite = _cumulative_body(_CUMULATIVE[ufunc])
    else:
        _define_recurrence(ufunc, function)


def _cumulative_body(cumulative: Callable[..., Any]) -> Callable[..., Any]:
    def body(array, axis=0, dtype=None, out=None):
        typed = {} if dtype is None else {"dtype": dtype}
        return call(cumulative, array, axis=axis, **typed)

    return body


def _define_recurrence(ufunc: np.ufunc, function: Callable[..., Any]) -> None:
    """y[i] = f(y[i - 1], a[i]), whose slopes are those of f at each step."""

    @defvjp(function)
    def accumulate_vjp(g, y, array, axis=0, dtype=None):
        before, own = _slopes(ufunc, y, array, axis)
        factors = shifted(before, axis, 0.0, back=True)
        return (own * call("linear_recurrence", factors, g, axis=axis, back=True),)

    @defjvp(function)
    def accumulate_jvp(array_dot, y, array, axis=0, dtype=None):
        before, own = _slopes(ufunc, y, array, axis)
        return call("linear_recurrence", before, own * array_dot, axis=axis)


def _slopes(ufunc: np.ufunc, y: Any, array: Any, axis: int) -> tuple[Any, Any]:
    """The slopes of each step in what was before it and in its element; the first is a copy."""
    rule = primitive_for(ufunc).vjp
    assert rule is not None
    earlier, later = at_axis(axis, slice(None, -1)), at_axis(axis, slice(1, None))
    ones = call(np.ones_like, y[later])
    found = rule(ones, y[later], y[earlier], array[later])
    before, own = (call(np.zeros_like, ones) if slope is None else slope for slope in found)
    start = call(np.ones_like, y[at_axis(axis, slice(None, 1))])
    return (
        np.concatenate((call(np.zeros_like, start), before), axis=axis),
        np.concatenate((start, own), axis=axis),
    )


# Products of all pairs


def _define_outer(ufunc: np.ufunc) -> None:
    function = named(f"{ufunc.__name__}.outer", ufunc.outer)

    @defshape(function)
    def outer_shape(sizes: Assumptions, A: Type, B: Type, /) -> Type:
        shapes = array_shape(A), array_shape(B)
        known = [shape for shape in shapes if shape is not None]
        shape = known[0] + known[1] if len(known) == 2 else None
        return ArrayType(ufunc_dtypes(ufunc, (A, B))[0], shape)

    def body(A, B, /):
        rank = rank_of(as_value(B).type)
        if rank is None:
            raise UnsupportedError(f"`np.{ufunc.__name__}.outer` needs the number of dimensions")
        if not rank or not isinstance(A, Symbol) or not A.ndim:
            return call(ufunc, A, B)
        if ufunc is np.multiply and rank == A.ndim == 1:
            return call(np.outer, A, B)
        added = tuple(range(A.ndim, A.ndim + rank))
        wide = call(np.expand_dims, A, added if rank > 1 else added[0])
        return call(ufunc, wide, B)

    if primitive_for(ufunc).constant:
        constant(function)
    else:
        primitive_for(function).composite = body


# Sums of segments


@composite(named("add.reduceat", np.add.reduceat), operands=("array", "indices"))
def add_reduceat(array, indices, axis=0, dtype=None, out=None):
    """Differences of running sums; the element alone where a segment does not go forward."""
    _refuse_options("add.reduceat", dtype=dtype, out=out)
    (place,) = normalize_axes(axis, array.ndim)
    sums = np.cumsum(array, axis=place)
    start = call(np.zeros_like, sums[at_axis(place, slice(None, 1))])
    sums = np.concatenate((start, sums), axis=place)
    stops = np.append(indices[1:], array.shape[place])
    goes_on = np.reshape(indices < stops, (-1,) + (1,) * (array.ndim - 1 - place))
    segment = np.take(sums, stops, axis=place) - np.take(sums, indices, axis=place)
    return np.where(goes_on, segment, np.take(array, indices, axis=place))


UFUNCS_WITH_METHODS = tuple(
    item
    for name, item in sorted(vars(np).items())
    if isinstance(item, np.ufunc)
    and (item.nin, item.nout, item.signature, item.__name__) == (2, 1, None, name)
)
"""Those of two arguments and one result, element by element."""

_ORDERED: tuple[np.ufunc, ...] = (
    np.add,
    np.multiply,
    np.maximum,
    np.minimum,
    np.fmax,
    np.fmin,
    np.logaddexp,
)
_ORDERED += (np.logaddexp2, np.hypot, np.subtract, np.true_divide)
UNORDERED = tuple(
    ufunc
    for ufunc in UFUNCS_WITH_METHODS
    if ufunc not in _ORDERED and not primitive_for(ufunc).constant
)
"""Those whose repetition means nothing, or that NumPy reduces in vectors of several elements."""

for _ufunc in UFUNCS_WITH_METHODS:
    if _ufunc not in UNORDERED:
        _define_reduce(_ufunc)
        _define_accumulate(_ufunc)
    _define_outer(_ufunc)
