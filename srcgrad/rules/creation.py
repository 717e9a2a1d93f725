"""Making arrays: NumPy's manual, "Array creation routines".

A shape may hold dynamic integers; those that are sizes of arguments stay known as symbols.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.errors import UnsupportedError
from srcgrad.graph import (
    ArrayType,
    Assumptions,
    Dim,
    ListType,
    OpaqueType,
    ScalarType,
    Shape,
    Type,
    shape_of,
    subtract_dims,
)
from srcgrad.rules.broadcasting import unbroadcast
from srcgrad.rules.registry import (
    bind,
    constant,
    defjvp,
    defshape,
    defvjp,
    find_primitive,
    gives_tuple,
)
from srcgrad.rules.shapes import as_dim, common_dtype, dtype_of
from srcgrad.rules.symbols import Symbol, apply, call


def shape_from(shape: object) -> Shape | None:
    """The shape that a shape argument asks for: a number, or a tuple or list of numbers."""
    if isinstance(shape, (tuple, list)):
        return tuple(as_dim(entry) for entry in shape)
    if isinstance(shape, ArrayType):
        return (None,) if shape.shape == () else _shape_from_array(shape)
    if isinstance(shape, (ListType, OpaqueType)):
        return None
    return (as_dim(shape),)


def _shape_from_array(shape: ArrayType) -> Shape | None:
    """The shape given by an array of sizes, of which only the rank can be known."""
    (length,) = shape.shape if shape.shape is not None and len(shape.shape) == 1 else (None,)
    return (None,) * length if isinstance(length, int) else None


def asked_dtype(dtype: object, default: np.dtype) -> np.dtype:
    """The dtype that a `dtype` argument asks for."""
    if dtype is None:
        return default
    if isinstance(dtype, (ArrayType, ScalarType, ListType, OpaqueType)):
        raise UnsupportedError(
            "`dtype` must be known before the call",
            remedy="Pass it as a Python number, or write it as a constant.",
        )
    return np.dtype(dtype)  # type: ignore[call-overload]


_FLOAT64 = np.dtype(float)


def make(like: Symbol, function: Any, *args: Any, **kwargs: Any) -> Any:
    """A call in the graph of `like`, made there also where every argument is known."""
    primitive = find_primitive(function)
    assert primitive is not None
    bound = bind(primitive, args, kwargs)
    (value,) = apply(like.builder, primitive, bound.operands, bound.parameters)
    return Symbol(like.builder, value)


# From shape or value


@defshape(np.zeros, np.ones, np.empty, operands=())
def filled_shape(sizes: Assumptions, shape: object, dtype: object = None, order: str = "C") -> Type:
    return ArrayType(asked_dtype(dtype, _FLOAT64), shape_from(shape))


@defshape(
    np.full, operands=("fill_value",), like=lambda shape, fill_value, dtype=None, order="C": None
)
def full_shape(
    sizes: Assumptions, fill_value: Type, shape: object, dtype: object = None, order: str = "C"
) -> Type:
    return ArrayType(asked_dtype(dtype, dtype_of(fill_value)), shape_from(shape))


@defvjp(np.full)
def full_vjp(g, y, fill_value, shape=None, dtype=None, order="C"):
    return (unbroadcast(g, fill_value),)


@defjvp(np.full)
def full_jvp(fill_value_dot, y, fill_value, shape=None, dtype=None, order="C"):
    return call("broadcast_like", fill_value_dot, y)


@defshape(np.zeros_like, np.ones_like, np.empty_like, operands=("a",))
def filled_like_shape(
    sizes: Assumptions,
    a: Type,
    dtype: object = None,
    order: str = "K",
    subok: bool = True,
    shape: object = None,
) -> Type:
    wanted = shape_of(a) if shape is None else shape_from(shape)
    return ArrayType(asked_dtype(dtype, dtype_of(a)), wanted)


@defshape(np.full_like, operands=("a", "fill_value"))
def full_like_shape(
    sizes: Assumptions,
    a: Type,
    fill_value: Type,
    dtype: object = None,
    order: str = "K",
    subok: bool = True,
    shape: object = None,
) -> Type:
    return filled_like_shape(sizes, a, dtype, shape=shape)


@defvjp(np.full_like)
def full_like_vjp(g, y, a, fill_value, dtype=None, order="K", subok=True, shape=None):
    return None, unbroadcast(g, fill_value)


@defjvp(np.full_like)
def full_like_jvp(a_dot, value_dot, y, a, value, dtype=None, order="K", subok=True, shape=None):
    return None if value_dot is None else call("broadcast_like", value_dot, y)


@defshape(np.eye, operands=())
def eye_shape(
    sizes: Assumptions,
    N: object,
    M: object = None,
    k: object = 0,
    dtype: object = float,
    order: str = "C",
) -> Type:
    rows = as_dim(N)
    return ArrayType(asked_dtype(dtype, _FLOAT64), (rows, rows if M is None else as_dim(M)))


@defshape(np.identity, operands=())
def identity_shape(sizes: Assumptions, n: object, dtype: object = None) -> Type:
    return ArrayType(asked_dtype(dtype, _FLOAT64), (as_dim(n), as_dim(n)))


# Numerical ranges


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


def _logspace_like(
    start: Any,
    stop: Any,
    num: Any = 50,
    endpoint: Any = True,
    base: Any = 10.0,
    dtype: Any = None,
) -> None:
    """The signature of `np.logspace` without `axis`."""


def _inexact(types: list[Type]) -> np.dtype:
    """The common dtype, float64 where it would be one of integers."""
    common = common_dtype(types)
    return np.result_type(common, 0.0) if common.kind in "biu" else common


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
) -> Type:
    if retstep:
        raise UnsupportedError(
            "`np.linspace(..., retstep=True)` is not supported",
            remedy="Compute the step: `(stop - start) / (num - 1)`.",
        )
    if shape_of(start) != () or shape_of(stop) != ():
        raise UnsupportedError(
            "`np.linspace` between arrays is not supported",
            remedy="Write `start + (stop - start) * np.linspace(0.0, 1.0, num)[:, None]`.",
        )
    return ArrayType(asked_dtype(dtype, _inexact([start, stop])), (as_dim(num),))


@defvjp(np.linspace)
def linspace_vjp(g, y, start, stop, num=50, endpoint=True, dtype=None, axis=0):
    """start * (1 - t) + stop * t with t evenly spaced from 0 to 1."""
    t = _unit_range(g, endpoint)
    return call(np.sum, g * (1.0 - t)), call(np.sum, g * t)


@defjvp(np.linspace)
def linspace_jvp(start_dot, stop_dot, y, start, stop, num=50, endpoint=True, dtype=None, axis=0):
    t = _unit_range(y, endpoint)
    of_start = None if start_dot is None else start_dot * (1.0 - t)
    if stop_dot is None:
        return of_start
    of_stop = stop_dot * t
    return of_stop if of_start is None else of_start + of_stop


def _unit_range(like: Symbol, endpoint: bool) -> Any:
    """Numbers evenly spaced from 0 to 1, as many as `like` has."""
    (n,) = like.shape
    t = make(like, np.linspace, 0.0, 1.0, n, endpoint=endpoint)
    return call("cast", t, dtype=like.dtype) if like.dtype != np.dtype(float) else t


@defshape(np.logspace, operands=("start", "stop", "base"), like=_logspace_like)
def logspace_shape(
    sizes: Assumptions,
    start: Type,
    stop: Type,
    base: Type,
    num: object = 50,
    endpoint: bool = True,
    dtype: object = None,
) -> Type:
    if any(shape_of(item) != () for item in (start, stop, base)):
        raise UnsupportedError(
            "`np.logspace` between arrays is not supported",
            remedy="Write it as a power: `base ** exponents`.",
        )
    return ArrayType(asked_dtype(dtype, _inexact([start, stop, base])), (as_dim(num),))


@defvjp(np.logspace)
def logspace_vjp(g, y, start, stop, base, num=50, endpoint=True, dtype=None):
    """y = base ** x with x evenly spaced from start to stop."""
    t = _unit_range(g, endpoint)
    x = start + (stop - start) * t
    d_x = g * y * call(np.log, base)
    return call(np.sum, d_x * (1.0 - t)), call(np.sum, d_x * t), call(np.sum, g * y * x) / base


@defjvp(np.logspace)
def logspace_jvp(
    start_dot, stop_dot, base_dot, y, start, stop, base, num=50, endpoint=True, dtype=None
):
    t = _unit_range(y, endpoint)
    terms = []
    if start_dot is not None:
        terms.append(start_dot * (1.0 - t) * call(np.log, base))
    if stop_dot is not None:
        terms.append(stop_dot * t * call(np.log, base))
    if base_dot is not None:
        terms.append(base_dot / base * (start + (stop - start) * t))
    return y * sum(terms[1:], terms[0])


@defshape(np.geomspace, operands=("start", "stop"))
def geomspace_shape(
    sizes: Assumptions,
    start: Type,
    stop: Type,
    num: object = 50,
    endpoint: bool = True,
    dtype: object = None,
) -> Type:
    return linspace_shape(sizes, start, stop, num, endpoint, dtype=dtype)


@defvjp(np.geomspace)
def geomspace_vjp(g, y, start, stop, num=50, endpoint=True, dtype=None):
    """log y is evenly spaced from log start to log stop."""
    t = _unit_range(g, endpoint)
    return call(np.sum, g * y * (1.0 - t)) / start, call(np.sum, g * y * t) / stop


@defjvp(np.geomspace)
def geomspace_jvp(start_dot, stop_dot, y, start, stop, num=50, endpoint=True, dtype=None):
    t = _unit_range(y, endpoint)
    of_start = None if start_dot is None else y * (start_dot / start * (1.0 - t))
    if stop_dot is None:
        return of_start
    of_stop = y * (stop_dot / stop * t)
    return of_stop if of_start is None else of_start + of_stop


# Grids


@defshape(np.meshgrid)
def meshgrid_shape(
    sizes: Assumptions, *xi: Type, copy: bool = True, sparse: bool = False, indexing: str = "xy"
) -> tuple[Type, ...]:
    lengths = [_grid_dim(x) for x in xi]
    places = _grid_places(len(xi), indexing)
    found = []
    for x, place in zip(xi, places):
        dims: list[Dim] = [1] * len(xi)
        if not sparse:
            for length, other in zip(lengths, places):
                dims[other] = length
        dims[place] = _grid_dim(x)
        found.append(ArrayType(dtype_of(x), tuple(dims)))
    return tuple(found)


def _grid_dim(x: Type) -> Dim:
    shape = shape_of(x)
    if shape is None or len(shape) > 1:
        raise UnsupportedError(
            "`np.meshgrid` is supported for vectors",
            remedy="Pass one-dimensional arrays.",
        )
    return shape[0] if shape else 1


def _grid_places(count: int, indexing: str) -> list[int]:
    """The axis along which each vector lies: Cartesian indexing swaps the first two."""
    places = list(range(count))
    if indexing == "xy" and count > 1:
        places[:2] = [1, 0]
    return places


@defvjp(np.meshgrid)
def meshgrid_vjp(g, y, *xi, copy=True, sparse=False, indexing="xy"):
    given = g if isinstance(g, tuple) else (g,)
    places = _grid_places(len(xi), indexing)
    contributions = []
    for part, x, place in zip(given, xi, places):
        others = tuple(axis for axis in range(len(xi)) if axis != place)
        if part is not None and others and not sparse:
            part = call(np.sum, part, axis=others)
        contributions.append(None if part is None else call("reshape_like", part, x))
    return tuple(contributions)


@defjvp(np.meshgrid)
def meshgrid_jvp(*values, copy=True, sparse=False, indexing="xy"):
    count = (len(values) - 1) // 2
    tangents, vectors = values[:count], values[count + 1 :]
    given = [
        call(np.zeros_like, x)
        if dot is None and isinstance(x, Symbol)
        else 0.0
        if dot is None
        else dot
        for dot, x in zip(tangents, vectors)
    ]
    return call(np.meshgrid, *given, sparse=sparse, indexing=indexing)


gives_tuple(np.meshgrid)


@defshape(np.tri, operands=())
def tri_shape(
    sizes: Assumptions, N: object, M: object = None, k: object = 0, dtype: object = float
) -> Type:
    return eye_shape(sizes, N, M, k, dtype)


@defshape(np.indices, operands=())
def indices_shape(sizes: Assumptions, dimensions: object, dtype: object = int) -> Type:
    shape = shape_from(dimensions)
    made = asked_dtype(dtype, np.dtype(int))
    return ArrayType(made, None if shape is None else (len(shape), *shape))


constant(np.zeros, np.ones, np.empty, np.zeros_like, np.ones_like, np.empty_like)
constant(np.eye, np.identity, np.tri, np.indices)
