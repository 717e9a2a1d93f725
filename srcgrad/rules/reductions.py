"""Sums, products, extrema, means and variances: what NumPy calls reductions, and cumulative ones.

https://numpy.org/doc/stable/reference/routines.statistics.html and the sums and products of
routines.math.html.  Cotangents have the reduced shape; `restored` gives them the axes back with
which they broadcast against the argument.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from inspect import Parameter, Signature, signature
from typing import Any

import numpy as np

from srcgrad.errors import UnsupportedError
from srcgrad.graph import (
    ArrayType,
    Assumptions,
    ScalarType,
    Type,
    is_complex,
    rank_of,
    shape_of,
    size_of_integer,
)
from srcgrad.rules.composites import composite
from srcgrad.rules.creation import make
from srcgrad.rules.indexing import at_axis
from srcgrad.rules.masking import Mask, either, kinked, mask_of, noted, product
from srcgrad.rules.registry import alias, constant, defjvp, defshape, defvjp, linear, named
from srcgrad.rules.shapes import (
    array_shape,
    dtype_of,
    normalize_axes,
    product_of_dims,
    reduced_shape,
)
from srcgrad.rules.symbols import Symbol, as_value, call


@cache
def _result_dtype(function: Callable[..., Any], dtype: np.dtype, *more: Any) -> np.dtype:
    """The dtype of a reduction, by NumPy's own answer for an array of one element."""
    return np.asarray(function(np.ones(1, dtype), *more)).dtype


def _define_reduction(function: Callable[..., Any], *supported: str) -> None:
    """Register the shape rule of a reduction over `axis` with NumPy's own signature.

    Besides `axis` and `keepdims`, it takes the `supported` options and refuses the others.
    """
    parameters = _parameters_of(function)
    refused = {name: given.default for name, given in parameters.items() if name not in supported}

    def shape_rule(
        sizes: Assumptions,
        a: Type,
        axis: Any = None,
        *,
        keepdims: Any = False,
        dtype: Any = None,
        initial: Any = None,
        **options: Any,
    ) -> Type:
        _refuse(function, refused, dtype=dtype, initial=initial, **options)
        _check_initial(function, initial)
        found = np.dtype(dtype) if dtype is not None else _result_dtype(function, dtype_of(a))
        return ArrayType(found, reduced_shape(array_shape(a), axis, bool(keepdims)))

    defshape(function, operands=("a",), like=_with_signature(parameters))(shape_rule)


_STAND_INS = {"keepdims": False, "where": True}


def _parameters_of(function: Callable[..., Any]) -> dict[str, Parameter]:
    """NumPy's parameters, with plain defaults where it has a marker for "not given"."""

    def plain(parameter: Parameter) -> Parameter:
        if parameter.default is np._NoValue:
            return parameter.replace(default=_STAND_INS.get(parameter.name))
        return parameter

    return {name: plain(item) for name, item in signature(function).parameters.items()}


def _with_signature(parameters: dict[str, Parameter]) -> Callable[..., Any]:
    def stand_in() -> None: ...

    stand_in.__signature__ = Signature(list(parameters.values()))  # type: ignore[attr-defined]
    return stand_in


def _refuse(function: Callable[..., Any], refused: dict[str, Any], **options: Any) -> None:
    for name, given in options.items():
        if name in refused and given is not refused[name]:
            raise UnsupportedError(
                f"`{name}=` of `np.{function.__name__}` is not supported",
                remedy=_REMEDIES.get(name, "Leave it out."),
            )


_REMEDIES = {
    "out": "Assign the result instead: `a[...] = np.sum(x)`.",
    "where": "Write `np.sum(np.where(condition, x, 0.0))` instead.",
    "correction": "Write `ddof=` instead.",
}


def _check_initial(function: Callable[..., Any], initial: Any) -> None:
    if initial is not None and not isinstance(initial, (bool, int, float, complex, np.number)):
        raise UnsupportedError(
            f"`initial=` of `np.{function.__name__}` must be a number known before the call",
            remedy="Combine it with the result instead: `np.sum(x) + initial`.",
        )


_function: Callable[..., Any]
for _function in (np.sum, np.max, np.min):
    _define_reduction(_function, "dtype", "initial", "where")
for _function in (np.prod, np.nansum, np.nanprod):
    _define_reduction(_function, "dtype", "initial", "where")
for _function in (np.mean, np.nanmean):
    _define_reduction(_function, "dtype", "where")
for _function in (np.var, np.std, np.nanvar, np.nanstd):
    _define_reduction(_function, "dtype", "ddof", "correction", "where")
for _function in (np.nanmax, np.nanmin):
    _define_reduction(_function, "initial", "where")
for _function in (np.all, np.any):
    _define_reduction(_function, "where")
_define_reduction(np.ptp)
for _function in (np.argmax, np.argmin, np.nanargmax, np.nanargmin):
    _define_reduction(_function)


# What backward rules share


def restored(g: Any, a: Any, axis: Any, keepdims: bool) -> Any:
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


def _count_of(a: Any, axis: Any, where: Any, keepdims: bool | None = None) -> Any:
    """As `_count`, of the elements that `where` lets in; in the shape that `keepdims` says.

    Without it, in one that broadcasts against `a`.
    """
    if where is True:
        return _count(a, axis)
    keepdims = _needs_axes(a, axis) if keepdims is None else keepdims
    return call(np.sum, call(np.ones_like, a), axis=axis, keepdims=keepdims, where=where)


def _spread(g: Any, a: Any) -> Any:
    """`g` broadcast to the shape of `a`."""
    if shape_of(a.type) == () and shape_of(as_value(g).type) == ():
        return g
    return call("broadcast_like", g, a)


def _masked(g: Any, condition: Any) -> Any:
    """`g` where the `where=` of the reduction let the element in."""
    return g if condition is True else call(np.where, condition, g, 0.0)


# Sums


@defvjp(np.sum)
def sum_vjp(g, y, a, axis=None, dtype=None, keepdims=False, initial=None, where=True):
    return (_spread(_masked(restored(g, a, axis, keepdims), where), a),)


@defjvp(np.sum)
def sum_jvp(a_dot, y, a, axis=None, dtype=None, keepdims=False, initial=None, where=True):
    return call(np.sum, a_dot, axis=axis, dtype=dtype, keepdims=keepdims, where=where)


# Extrema


@defvjp(np.max, np.min)
def extremum_vjp(g, y, a, axis=None, keepdims=False, initial=None, where=True):
    """All elements equal to the extremum share equally."""
    ties = _ties(y, a, axis, keepdims, where)
    count = np.sum(ties, axis=axis, keepdims=_needs_axes(a, axis), dtype=_dtype_of_counts(a))
    return (ties * _shares(restored(g, a, axis, keepdims), count, initial),)


@defjvp(np.max, np.min)
def extremum_jvp(a_dot, y, a, axis=None, keepdims=False, initial=None, where=True):
    ties = _ties(y, a, axis, keepdims, where)
    count = np.sum(ties, axis=axis, keepdims=keepdims, dtype=_dtype_of_counts(a))
    return _shares(np.sum(ties * a_dot, axis=axis, keepdims=keepdims), count, initial)


def _ties(y: Any, a: Any, axis: Any, keepdims: bool, where: Any) -> Any:
    ties = a == restored(y, a, axis, keepdims)
    return ties if where is True else ties & where


def _shares(g: Any, count: Any, initial: Any) -> Any:
    """With `initial` it can be that no element is equal to the extremum."""
    return g / count if initial is None else call("divide_or_zero", g, count)


def _dtype_of_counts(a: Any) -> np.dtype | None:
    """Counts of the dtype of `a`, so that dividing by them keeps it."""
    return None if dtype_of(a.type) == np.float64 else dtype_of(a.type)


alias(np.amax, np.max)
alias(np.amin, np.min)


# Range


@defvjp(np.ptp)
def ptp_vjp(g, y, a, axis=None, keepdims=False):
    g = restored(g, a, axis, keepdims)
    (high,) = extremum_vjp(g, np.max(a, axis=axis, keepdims=True), a, axis, keepdims=True)
    (low,) = extremum_vjp(g, np.min(a, axis=axis, keepdims=True), a, axis, keepdims=True)
    return (high - low,)


@defjvp(np.ptp)
def ptp_jvp(a_dot, y, a, axis=None, keepdims=False):
    high = np.max(a, axis=axis, keepdims=keepdims)
    low = np.min(a, axis=axis, keepdims=keepdims)
    return extremum_jvp(a_dot, high, a, axis, keepdims) - extremum_jvp(
        a_dot, low, a, axis, keepdims
    )


def _keeping(function: Callable[..., Any], a: Any, axis: Any) -> Any:
    """The reduction of `a` in a shape that broadcasts against `a`."""
    return function(a, axis=axis, keepdims=_needs_axes(a, axis))


def _needs_axes(a: Any, axis: Any) -> bool:
    """Must the reduced axes be kept, with length 1, for broadcasting against `a`?"""
    return axis is not None and not _is_leading(axis, rank_of(a.type))


# Averages and variances


@defvjp(np.mean)
def mean_vjp(g, y, a, axis=None, dtype=None, keepdims=False, where=True):
    if where is True:
        return (_spread(restored(g / _at_least_one(_count(a, axis)), a, axis, keepdims), a),)
    share = restored(g, a, axis, keepdims) / _count_of(a, axis, where)
    return (_spread(_masked(share, where), a),)


linear(np.mean)


@defshape(np.average, operands=("a", "weights"), like=_with_signature(_parameters_of(np.average)))
def average_shape(
    sizes: Assumptions,
    a: Type,
    weights: Type | None = None,
    axis: Any = None,
    returned: bool = False,
    *,
    keepdims: bool = False,
) -> Type:
    _refuse(np.average, {"returned": False}, returned=returned)
    dtype = _result_dtype(np.mean, dtype_of(a))
    if weights is not None:
        dtype = np.result_type(dtype, _result_dtype(np.mean, dtype_of(weights)))
    return ArrayType(dtype, reduced_shape(array_shape(a), axis, bool(keepdims)))


@defvjp(np.average)
def average_vjp(g, y, a, weights, axis=None, keepdims=False):
    """y = sum(w a) / sum(w), so dy = (w da + (a - y) dw) / sum(w)."""
    if weights is None:
        return *mean_vjp(g, y, a, axis, keepdims=keepdims), None
    w, aligned = _aligned(weights, a, axis)
    share = restored(g, a, axis, keepdims) / np.sum(w, axis=axis, keepdims=_needs_axes(a, axis))
    d_w = share * (a - restored(y, a, axis, keepdims))
    return share * w, d_w if aligned else np.sum(d_w, axis=_other_axes(a, axis))


@defjvp(np.average)
def average_jvp(a_dot, w_dot, y, a, weights, axis=None, keepdims=False):
    if weights is None:
        return np.mean(a_dot, axis=axis, keepdims=keepdims)
    w, _ = _aligned(weights, a, axis)
    total: Any = 0.0
    if a_dot is not None:
        total = a_dot * w
    if w_dot is not None:
        w_dot, _ = _aligned(w_dot, a, axis)
        total = total + (a - restored(y, a, axis, keepdims)) * w_dot
    total = np.sum(total, axis=axis, keepdims=keepdims)
    return total / np.sum(w, axis=axis, keepdims=keepdims)


def _aligned(weights: Any, a: Any, axis: Any) -> tuple[Any, bool]:
    """The weights in a shape that broadcasts against `a`, and whether they have that of `a`."""
    type_a, type_w = a.type, as_value(weights).type
    rank, rank_of_weights = rank_of(type_a), rank_of(type_w)
    if rank is None or rank_of_weights is None:
        raise UnsupportedError("`np.average` with weights needs the number of dimensions")
    if rank == rank_of_weights:
        return weights, True
    if rank_of_weights != 1 or not isinstance(axis, int):
        raise UnsupportedError("`np.average` with weights of several axes, not all of them")
    shape = tuple(-1 if k == axis % rank else 1 for k in range(rank))
    return np.reshape(weights, shape), False


def _other_axes(a: Any, axis: int) -> tuple[int, ...]:
    rank = rank_of(a.type)
    assert rank is not None
    return tuple(k for k in range(rank) if k != axis % rank)


@defvjp(np.var)
def var_vjp(
    g, y, a, axis=None, dtype=None, ddof=0, keepdims=False, where=True, correction=None
):  # fmt: skip
    freedom = _degrees_of_freedom(a, axis, ddof, correction, where)
    share = restored(g, a, axis, keepdims) if where is not True else g
    share = share * _two_over(freedom)
    share = share if where is not True else restored(share, a, axis, keepdims)
    return (product(_masked(share, where), _deviation(a, axis, where)),)


@defvjp(np.std)
def std_vjp(
    g, y, a, axis=None, dtype=None, ddof=0, keepdims=False, where=True, correction=None
):  # fmt: skip
    """As of sqrt(var); 0 where all elements are equal, for which rounding leaves a tiny `y`."""
    freedom = _degrees_of_freedom(a, axis, ddof, correction, where)
    if where is True:
        varies = _varies(y, a, axis, keepdims)
        share = restored(_where_varied(g, y * freedom, varies), a, axis, keepdims)
        slope = product(share, _deviation(a, axis, where))
        # The deviation of a single number is 0 wherever it is, which is no kink.
        bends = either(_count_of(a, axis, where) > 1, 1.0 * varies, 1.0)
        size, given = (restored(part, a, axis, keepdims) for part in (bends, g))
        return (kinked(slope, size, given, a),)
    else:
        whole = restored(y, a, axis, keepdims) * freedom
        share = call("divide_or_zero", restored(g, a, axis, keepdims), whole)
    return (product(_masked(share, where), _deviation(a, axis, where)),)


@defjvp(np.var)
def var_jvp(
    a_dot, y, a, axis=None, dtype=None, ddof=0, keepdims=False, where=True, correction=None
):  # fmt: skip
    moved = _deviation(a, axis, where) * a_dot
    total = _real(call(np.sum, moved, axis=axis, keepdims=keepdims, where=where))
    return total * _two_over(_degrees_of_freedom(a, axis, ddof, correction, where, keepdims))


@defjvp(np.std)
def std_jvp(
    a_dot, y, a, axis=None, dtype=None, ddof=0, keepdims=False, where=True, correction=None
):  # fmt: skip
    moved = _deviation(a, axis, where) * a_dot
    total = _real(call(np.sum, moved, axis=axis, keepdims=keepdims, where=where))
    freedom = _degrees_of_freedom(a, axis, ddof, correction, where, keepdims)
    if where is True:
        return _where_varied(total, y * freedom, _varies(y, a, axis, keepdims))
    return call("divide_or_zero", total, y * freedom)


def _varies(y: Any, a: Any, axis: Any, keepdims: bool) -> Any:
    """Is one of the elements another than the first?  `y`, their deviation, may say so wrongly."""
    rank = rank_of(a.type)
    if not rank:
        return y != 0
    axes = range(rank) if axis is None else normalize_axes(axis, rank)
    index = tuple(slice(None, 1 if k in axes else None) for k in range(max(axes) + 1))
    first = a[index if len(index) > 1 else index[0]]
    return call(np.any, a != first, axis=axis, keepdims=keepdims)


def _where_varied(numerator: Any, spread: Any, varies: Any) -> Any:
    """`numerator / spread`, and 0 where the elements do not vary; their deviations are finite."""
    quotient = call("divide_where", numerator, spread, varies)
    return noted(quotient, max(Mask.COMPARISON, mask_of(numerator)))


def _degrees_of_freedom(
    a: Any, axis: Any, ddof: Any, correction: Any, where: Any, keepdims: bool | None = None
) -> Any:
    """The number of elements less `ddof`, which is `correction` by another name."""
    count = _count_of(a, axis, where, keepdims)
    less = ddof if correction is None else correction
    return count if isinstance(less, int) and less == 0 else count - less


def _two_over(freedom: Any) -> Any:
    """`2.0 / freedom`; as in NumPy no exception where that is 0, but nan."""
    is_array = isinstance(freedom, Symbol) and not isinstance(freedom.type, ScalarType)
    is_zero = False if is_array else _is_zero(freedom)
    if is_zero is None:
        freedom = call("cast", freedom, dtype=np.dtype(float))
    return np.nan if is_zero else 2.0 / freedom


def _at_least_one(count: Any) -> Any:
    """The count, to divide by: where there is nothing, nothing is divided."""
    is_zero = _is_zero(count)
    if is_zero is None:
        return call(max, count, 1)
    return 1 if is_zero else count


def _is_zero(count: Any) -> bool | None:
    """Is a number of elements 0?  None where that is known only during the call."""
    if not isinstance(count, Symbol):
        return bool(count == 0)
    return count.builder.assumptions.is_zero(size_of_integer(count.type))


def _deviation(a: Any, axis: Any, where: Any = True) -> Any:
    """a - mean(a), its conjugate for complex values: d|z|^2 = 2 Re(conj(z) dz)."""
    chosen = {} if where is True else {"where": where}
    deviation = a - call(np.mean, a, axis=axis, keepdims=_needs_axes(a, axis), **chosen)
    return np.conjugate(deviation) if is_complex(a.type) else deviation


def _real(x: Any) -> Any:
    return np.real(x) if is_complex(x.type) else x


# Products


@defvjp(np.prod)
def prod_vjp(g, y, a, axis=None, dtype=None, keepdims=False, initial=None, where=True):
    share = _masked(restored(g, a, axis, keepdims), where)
    return (product(share, _others(_let_in(a, where, 1.0), axis, initial)),)


@defjvp(np.prod)
def prod_jvp(a_dot, y, a, axis=None, dtype=None, keepdims=False, initial=None, where=True):
    others = _others(_let_in(a, where, 1.0), axis, initial)
    return call(np.sum, a_dot * others, axis=axis, keepdims=keepdims, where=where)


def _let_in(a: Any, where: Any, instead: float) -> Any:
    return a if where is True else either(where, a, instead)


def _others(a: Any, axis: Any, initial: Any) -> Any:
    others = call("product_of_others", a, axis=axis)
    return others if initial is None else others * initial


@lambda function: named("product_of_others", function)
def product_of_others(x: Any, axis: Any = None) -> Any:
    """For each element the product of all others along `axis`, exact where elements are 0."""
    x = np.asarray(x)
    zero = x == 0
    rest = np.where(zero, np.ones((), x.dtype), x)
    products = np.prod(rest, axis=axis, keepdims=True) / rest
    return np.where(np.sum(zero, axis=axis, keepdims=True) == zero, products, np.zeros_like(rest))


@defshape(product_of_others)
def product_of_others_shape(sizes: Assumptions, x: Type, axis: Any = None) -> Type:
    return ArrayType(dtype_of(x), shape_of(x))


@defvjp(product_of_others)
def product_of_others_vjp(g, y, x, axis=None):
    """Row i of a matrix holds x with 1 for x_i: the result is the product of each row.

    The derivative of that is again a product of others, now of rows, so that all orders are exact.
    """
    if axis is None:
        flat = _derivative_of_others(np.reshape(g, -1), np.reshape(x, -1), 0)
        return (call("reshape_like", flat, x),)
    if not isinstance(axis, (tuple, list)):
        return (_derivative_of_others(g, x, axis),)
    last = tuple(range(-len(axis), 0))
    moved = np.moveaxis(x, axis, last)
    shape = (*moved.shape[: last[0]], -1)
    rows = np.reshape(np.moveaxis(g, axis, last), shape), np.reshape(moved, shape)
    flat = _derivative_of_others(*rows, -1)
    return (np.moveaxis(call("reshape_like", flat, moved), last, axis),)


@defjvp(product_of_others)
def product_of_others_jvp(x_dot, y, x, axis=None):
    """The derivative is symmetric: it is the Hessian of the product."""
    (y_dot,) = product_of_others_vjp(x_dot, y, x, axis)
    return y_dot


def _derivative_of_others(g: Any, x: Any, axis: int) -> Any:
    rows, g_last = np.moveaxis(x, axis, -1), np.moveaxis(g, axis, -1)
    length = _count(rows, -1)
    diagonal = make(x, np.eye, length, dtype=np.dtype(bool))
    matrix = either(diagonal, 1.0, np.expand_dims(rows, axis=-2))
    slopes = np.expand_dims(g_last, axis=-1) * call("product_of_others", matrix, axis=-1)
    total = np.sum(either(diagonal, 0.0, slopes), axis=-2)
    return np.moveaxis(total, -1, axis)


# Cumulative sums and products


def _define_cumulative(function: Callable[..., Any]) -> None:
    """Register the shape rule: the shape of the argument, flat where no axis is given."""

    def shape_rule(
        sizes: Assumptions, a: Type, axis: Any = None, dtype: Any = None, out: Any = None
    ) -> Type:
        _refuse(function, {"out": None}, out=out)
        found = np.dtype(dtype) if dtype is not None else _result_dtype(function, dtype_of(a))
        shape = array_shape(a)
        if axis is None:
            return ArrayType(found, (None if shape is None else product_of_dims(shape),))
        if shape is not None:
            normalize_axes(axis, len(shape))
        return ArrayType(found, shape)

    defshape(function)(shape_rule)


for _function in (np.cumsum, np.cumprod, np.nancumsum, np.nancumprod):
    _define_cumulative(_function)


@defvjp(np.cumsum)
def cumsum_vjp(g, y, a, axis=None, dtype=None):
    """Each element is in all sums from its own on."""
    return (_in_shape_of(_sum_from_here(g, axis), a, axis),)


linear(np.cumsum)


def _sum_from_here(g: Any, axis: Any) -> Any:
    along = 0 if axis is None else axis
    return np.flip(np.cumsum(np.flip(g, axis=along), axis=along), axis=along)


def _in_shape_of(flat: Any, a: Any, axis: Any) -> Any:
    """Without an axis the result is that of the flat array."""
    return call("reshape_like", flat, a) if axis is None and rank_of(a.type) != 1 else flat


def _flat(a: Any, axis: Any) -> Any:
    return np.reshape(a, -1) if axis is None and rank_of(a.type) != 1 else a


@defvjp(np.cumprod)
def cumprod_vjp(g, y, a, axis=None, dtype=None):
    """The adjoint of a[i] is y[i - 1] times r[i] = g[i] + a[i + 1] r[i + 1]."""
    x, along = _flat(a, axis), 0 if axis is None else axis
    sums = call("linear_recurrence", shifted(x, along, 0.0, back=True), g, axis=along, back=True)
    return (_in_shape_of(sums * shifted(y, along, 1.0), a, axis),)


@defjvp(np.cumprod)
def cumprod_jvp(a_dot, y, a, axis=None, dtype=None):
    x, along = _flat(a, axis), 0 if axis is None else axis
    moved = _flat(a_dot, axis) * shifted(y, along, 1.0)
    return call("linear_recurrence", x, moved, axis=along)


@lambda function: named("linear_recurrence", function)
def linear_recurrence(a: Any, b: Any, axis: int = 0, back: bool = False) -> Any:
    """y with `y[i] = a[i] * y[i - 1] + b[i]` along an axis; from the end with `back`."""
    a, b = np.moveaxis(a, axis, 0), np.moveaxis(b, axis, 0)
    y = np.array(b, np.result_type(a, b))
    steps = range(len(y) - 2, -1, -1) if back else range(1, len(y))
    for i in steps:
        y[i] += a[i] * y[i + 1 if back else i - 1]
    return np.moveaxis(y, 0, axis)


@defshape(linear_recurrence, operands=("a", "b"))
def linear_recurrence_shape(
    sizes: Assumptions, a: Type, b: Type, axis: int = 0, back: bool = False
) -> Type:
    return ArrayType(np.result_type(dtype_of(a), dtype_of(b)), shape_of(b))


@defvjp(linear_recurrence)
def linear_recurrence_vjp(g, y, a, b, axis=0, back=False):
    """The recurrence the other way, whose factors stand one place further."""
    factors = shifted(a, axis, 0.0, back=not back)
    d_b = call("linear_recurrence", factors, g, axis=axis, back=not back)
    return d_b * shifted(y, axis, 0.0, back=back), d_b


@defjvp(linear_recurrence)
def linear_recurrence_jvp(a_dot, b_dot, y, a, b, axis=0, back=False):
    moved = b_dot
    if a_dot is not None:
        moved = a_dot * shifted(y, axis, 0.0, back=back)
        moved = moved if b_dot is None else moved + b_dot
    return call("linear_recurrence", a, moved, axis=axis, back=back)


def _cumulative(function: Callable[..., Any], first: Callable[..., Any]) -> Callable[..., Any]:
    """The body of `np.cumulative_sum` and `np.cumulative_prod`."""

    def body(x, /, *, axis=None, dtype=None, out=None, include_initial=False):
        _refuse(function, {"out": None}, out=out)
        place = x.ndim - 1 if axis is None else normalize_axes(axis, x.ndim)[0]
        total = call(function, x, axis=place, **({} if dtype is None else {"dtype": dtype}))
        if not include_initial:
            return total
        shape = [1 if k == place else n for k, n in enumerate(total.shape)]
        start = make(x, first, tuple(shape), dtype=total.dtype)
        return np.concatenate((start, total), axis=place)

    return body


# Since NumPy 2.1.
if hasattr(np, "cumulative_sum"):
    composite(np.cumulative_sum)(_cumulative(np.cumsum, np.zeros))
    composite(np.cumulative_prod)(_cumulative(np.cumprod, np.ones))


def shifted(x: Any, axis: int, first: float, *, back: bool = False) -> Any:
    """Each element's neighbour before it, and `first` for the first one; after it with `back`."""
    edge = call(np.ones_like if first else np.zeros_like, x[at_axis(axis, slice(None, 1))])
    if back:
        return np.concatenate((x[at_axis(axis, slice(1, None))], edge), axis=axis)
    return np.concatenate((edge, x[at_axis(axis, slice(None, -1))]), axis=axis)


# Reductions that ignore nan


def _absent(a: Any, where: Any) -> Any:
    """The elements that do not count: those that are nan, and those that `where` leaves out."""
    return np.isnan(a) if where is True else np.isnan(a) | ~where


@defvjp(np.nansum)
def nansum_vjp(g, y, a, axis=None, dtype=None, keepdims=False, initial=None, where=True):
    return (either(_absent(a, where), 0.0, restored(g, a, axis, keepdims)),)


@defjvp(np.nansum)
def nansum_jvp(a_dot, y, a, axis=None, dtype=None, keepdims=False, initial=None, where=True):
    moved = either(_absent(a, where), 0.0, a_dot)
    return np.sum(moved, axis=axis, dtype=dtype, keepdims=keepdims)


@defvjp(np.nanmean)
def nanmean_vjp(g, y, a, axis=None, dtype=None, keepdims=False, where=True):
    absent = _absent(a, where)
    share = restored(g, a, axis, keepdims) / _present(a, absent, axis)
    return (either(absent, 0.0, share),)


@defjvp(np.nanmean)
def nanmean_jvp(a_dot, y, a, axis=None, dtype=None, keepdims=False, where=True):
    absent = _absent(a, where)
    total = np.sum(either(absent, 0.0, a_dot), axis=axis, keepdims=keepdims)
    return total / _present(a, absent, axis, keepdims)


def _present(a: Any, absent: Any, axis: Any, keepdims: bool | None = None) -> Any:
    """How many elements count, in a shape that broadcasts against `a` unless told."""
    keepdims = _needs_axes(a, axis) if keepdims is None else keepdims
    return np.sum(~absent, axis=axis, keepdims=keepdims, dtype=_dtype_of_counts(a))


defvjp(np.nanmax, np.nanmin)(extremum_vjp)
defjvp(np.nanmax, np.nanmin)(extremum_jvp)


@defvjp(np.nanvar)
def nanvar_vjp(
    g, y, a, axis=None, dtype=None, ddof=0, keepdims=False, where=True, correction=None
):  # fmt: skip
    absent = _absent(a, where)
    freedom = _present(a, absent, axis) - (ddof if correction is None else correction)
    share = restored(2.0 * g, a, axis, keepdims) / freedom
    return (either(absent, 0.0, share * _deviation_of_present(a, axis, where)),)


@defvjp(np.nanstd)
def nanstd_vjp(
    g, y, a, axis=None, dtype=None, ddof=0, keepdims=False, where=True, correction=None
):  # fmt: skip
    """As `std`: 0 where all elements are equal."""
    absent = _absent(a, where)
    share = _over_spread_of_present(g, y, a, axis, keepdims, where)
    share = restored(share, a, axis, keepdims)
    share = share / (_present(a, absent, axis) - (ddof if correction is None else correction))
    slope = share * _deviation_of_present(a, axis, where)
    # The deviation of a single number is 0 wherever it is, which is no kink.
    size = either(_present(a, absent, axis) > 1, restored(y, a, axis, keepdims), 1.0)
    given = restored(g, a, axis, keepdims)
    return (either(absent, 0.0, kinked(slope, size, given, a)),)


@defjvp(np.nanvar)
def nanvar_jvp(
    a_dot, y, a, axis=None, dtype=None, ddof=0, keepdims=False, where=True, correction=None
):  # fmt: skip
    absent = _absent(a, where)
    moved = either(absent, 0.0, _deviation_of_present(a, axis, where) * a_dot)
    total = _real(np.sum(moved, axis=axis, keepdims=keepdims))
    less = ddof if correction is None else correction
    return 2.0 * total / (_present(a, absent, axis, keepdims) - less)


@defjvp(np.nanstd)
def nanstd_jvp(
    a_dot, y, a, axis=None, dtype=None, ddof=0, keepdims=False, where=True, correction=None
):  # fmt: skip
    var_dot = nanvar_jvp(a_dot, y, a, axis, dtype, ddof, keepdims, where, correction)
    return _over_spread_of_present(0.5 * var_dot, y, a, axis, keepdims, where)


def _over_spread_of_present(
    numerator: Any, y: Any, a: Any, axis: Any, keepdims: bool, where: Any
) -> Any:
    if where is not True:
        return call("divide_or_zero", numerator, y)
    highest = np.nanmax(a, axis=axis, keepdims=keepdims, initial=-np.inf)
    lowest = np.nanmin(a, axis=axis, keepdims=keepdims, initial=np.inf)
    return _where_varied(numerator, y, highest != lowest)


def _deviation_of_present(a: Any, axis: Any, where: Any) -> Any:
    chosen = {} if where is True else {"where": where}
    deviation = a - call(np.nanmean, a, axis=axis, keepdims=_needs_axes(a, axis), **chosen)
    return np.conjugate(deviation) if is_complex(a.type) else deviation


@defvjp(np.nanprod)
def nanprod_vjp(g, y, a, axis=None, dtype=None, keepdims=False, initial=None, where=True):
    absent = _absent(a, where)
    (d_a,) = prod_vjp(g, y, either(absent, 1.0, a), axis, None, keepdims, initial)
    return (either(absent, 0.0, d_a),)


@defjvp(np.nanprod)
def nanprod_jvp(a_dot, y, a, axis=None, dtype=None, keepdims=False, initial=None, where=True):
    absent = _absent(a, where)
    a_dot = either(absent, 0.0, a_dot)
    return prod_jvp(a_dot, y, either(absent, 1.0, a), axis, None, keepdims, initial)


@defvjp(np.nancumsum)
def nancumsum_vjp(g, y, a, axis=None, dtype=None):
    (d_a,) = cumsum_vjp(g, y, a, axis)
    return (either(np.isnan(a), 0.0, d_a),)


@defjvp(np.nancumsum)
def nancumsum_jvp(a_dot, y, a, axis=None, dtype=None):
    return call(np.cumsum, either(np.isnan(a), 0.0, a_dot), axis=axis, dtype=dtype)


@defvjp(np.nancumprod)
def nancumprod_vjp(g, y, a, axis=None, dtype=None):
    absent = np.isnan(a)
    (d_a,) = cumprod_vjp(g, y, either(absent, 1.0, a), axis)
    return (either(absent, 0.0, d_a),)


@defjvp(np.nancumprod)
def nancumprod_jvp(a_dot, y, a, axis=None, dtype=None):
    absent = np.isnan(a)
    return cumprod_jvp(either(absent, 0.0, a_dot), y, either(absent, 1.0, a), axis)


# Without a derivative


@defshape(np.count_nonzero)
def count_nonzero_shape(
    sizes: Assumptions, a: Type, axis: Any = None, *, keepdims: bool = False
) -> Type:
    return ArrayType(np.dtype(np.intp), reduced_shape(array_shape(a), axis, bool(keepdims)))


constant(np.all, np.any, np.argmax, np.argmin, np.nanargmax, np.nanargmin, np.count_nonzero)
