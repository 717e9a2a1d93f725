"""Methods and attributes of arrays and numbers, as calls of the functions that do the same.

An adapter receives the object, the arguments and the keyword arguments of the method and gives the
function, its arguments and its keyword arguments.  It looks at how many arguments there are and
never into them, so that it serves any representation of values.  A plain tuple among the arguments
that it gives collects several arguments of the method: `x.reshape(2, 3)`.

Methods that write into their array (`sort`, `fill`, `put`) are not here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np

from srcgrad.errors import ArgumentError, UnsupportedError
from srcgrad.graph import (
    BOOL,
    COMPLEX,
    FLOAT,
    INT,
    ArrayType,
    Assumptions,
    Type,
    is_complex,
    multiply_dims,
    rank_of,
)
from srcgrad.rules.registry import constant, defshape, defvjp, linear, named
from srcgrad.rules.shapes import array_shape, dtype_of
from srcgrad.rules.shaping import divide_dim
from srcgrad.rules.structural import cast, size
from srcgrad.rules.symbols import call

Call: TypeAlias = "tuple[Any, tuple[Any, ...], dict[str, Any]]"
Arguments: TypeAlias = Sequence[Any]
Keywords: TypeAlias = Mapping[str, Any]
Adapter: TypeAlias = Callable[..., Call]

NO_KEYWORDS: Keywords = MappingProxyType({})


# Primitives for methods that no function stands for

_PYTHON_TYPES = {"b": BOOL, "i": INT, "u": INT, "f": FLOAT, "c": COMPLEX}


@lambda function: named("item", function)
def item(x: Any, index: Any = None) -> Any:
    """`x.item(index)`: an element, counted along the flattened array, as a Python number."""
    return np.asarray(x).item() if index is None else np.asarray(x).item(index)


@defshape(item, operands=("x",))
def item_shape(sizes: Assumptions, x: Type, index: object = None) -> Type:
    return _PYTHON_TYPES[dtype_of(x).kind]


@defvjp(item)
def item_vjp(g, y, x, index=None):
    if rank_of(x.type) == 0:
        return g
    if index is None:
        return (call("broadcast_like", g, x),)
    if isinstance(index, tuple) and len(index) > 1:
        return (call("index_add", call(np.zeros_like, x), g, index=index),)
    (place,) = index if isinstance(index, tuple) else (index,)
    flat = call(np.zeros_like, call(np.ravel, x))
    return (call("reshape_like", call("index_add", flat, g, index=place), x),)


@lambda function: named("view_as", function)
def view_as(x: Any, dtype: np.dtype) -> Any:
    """`x.view(dtype)`: complex numbers as pairs of real ones, and back."""
    return x.view(dtype)


@defshape(view_as, operands=("x",))
def view_as_shape(sizes: Assumptions, x: Type, dtype: np.dtype) -> Type:
    shape, given, wanted = array_shape(x), dtype_of(x), np.dtype(dtype)
    if given == wanted:
        return ArrayType(wanted, shape)
    if shape is None or not shape or (given, wanted) not in _PARTS_OF_COMPLEX_NUMBERS:
        raise UnsupportedError(
            f"an array of {given} seen as one of {wanted} is not supported",
            remedy="Convert its numbers, `x.astype(dtype)`, or make the view outside.",
        )
    last = shape[-1]
    if last is not None:
        last = multiply_dims(last, 2) if given.kind == "c" else divide_dim(last, 2)
    return ArrayType(wanted, (*shape[:-1], last))


_PARTS_OF_COMPLEX_NUMBERS = {
    pair
    for one, two in ((np.complex128, np.float64), (np.complex64, np.float32))
    for pair in (
        (np.dtype(one), np.dtype(two)),
        (np.dtype(two), np.dtype(one)),
    )
}


@defvjp(view_as)
def view_as_vjp(g, y, x, dtype=None):
    """dL = Re((p - iq) (dx + i dy)) = p dx + q dy: the parts are those of the conjugate."""
    g = np.conjugate(g) if is_complex(g.type) else g
    back = call("view_as", call(np.ascontiguousarray, g), dtype=x.dtype)
    return (np.conjugate(back) if is_complex(back.type) else back,)


@lambda function: named("is_integer", function)
def is_integer(x: Any) -> bool:
    """`x.is_integer()`."""
    return x.is_integer()


@defshape(is_integer)
def is_integer_shape(sizes: Assumptions, x: Type) -> Type:
    return BOOL


@lambda function: named("conjugate_number", function)
def conjugate_number(x: Any) -> Any:
    """`x.conjugate()` of a Python number."""
    return x.conjugate()


@defshape(conjugate_number)
def conjugate_number_shape(sizes: Assumptions, x: Type) -> Type:
    return x


@defvjp(conjugate_number)
def conjugate_number_vjp(g, y, x):
    """dL = Re(g conj(dx)) = Re(conj(g) dx)."""
    return (call("conjugate_number", g) if is_complex(x.type) else g,)


linear(item, conjugate_number, view_as)
constant(is_integer)


# Adapters


def _same_arguments(function: Any) -> Adapter:
    """The method has the function's arguments after the first."""

    def adapt(owner: Any, args: Arguments = (), kwargs: Keywords = NO_KEYWORDS) -> Call:
        return function, (owner, *args), dict(kwargs)

    return adapt


def _reshape(owner: Any, args: Arguments, kwargs: Keywords = NO_KEYWORDS) -> Call:
    if not args:
        raise ArgumentError("`reshape` needs a shape")
    return np.reshape, (owner, args[0] if len(args) == 1 else tuple(args)), dict(kwargs)


def _transpose(owner: Any, args: Arguments, kwargs: Keywords = NO_KEYWORDS) -> Call:
    axes = tuple(args) if len(args) > 1 else args[0] if args else None
    return np.transpose, (owner, *([axes] if args else [])), dict(kwargs)


def _astype(owner: Any, args: Arguments, kwargs: Keywords = NO_KEYWORDS) -> Call:
    """Memory order, casting and copying make no difference to the numbers."""
    dtype = args[0] if args else kwargs["dtype"]
    return cast, (owner, dtype), {}


def _copy(owner: Any, args: Arguments, kwargs: Keywords = NO_KEYWORDS) -> Call:
    return np.copy, (owner, *args), dict(kwargs)


def _compress(owner: Any, args: Arguments, kwargs: Keywords = NO_KEYWORDS) -> Call:
    condition, *rest = args
    return np.compress, (condition, owner, *rest), dict(kwargs)


def _item(owner: Any, args: Arguments, kwargs: Keywords = NO_KEYWORDS) -> Call:
    if not args:
        return item, (owner,), {}
    return item, (owner,), {"index": args[0] if len(args) == 1 else tuple(args)}


def _view(owner: Any, args: Arguments, kwargs: Keywords = NO_KEYWORDS) -> Call:
    """Without a dtype a view of the same numbers."""
    given = args[0] if args else kwargs.get("dtype")
    return (np.asanyarray, (owner,), {}) if given is None else (view_as, (owner, given), {})


_SAME_ARGUMENTS: dict[str, Callable[..., Any]] = {
    "all": np.all,
    "any": np.any,
    "argmax": np.argmax,
    "argmin": np.argmin,
    "argpartition": np.argpartition,
    "argsort": np.argsort,
    "choose": np.choose,
    "clip": np.clip,
    "conj": np.conjugate,
    "conjugate": np.conjugate,
    "cumprod": np.cumprod,
    "cumsum": np.cumsum,
    "diagonal": np.diagonal,
    "dot": np.dot,
    "flatten": np.ravel,
    "max": np.max,
    "mean": np.mean,
    "min": np.min,
    "nonzero": np.nonzero,
    "prod": np.prod,
    "ravel": np.ravel,
    "repeat": np.repeat,
    "round": np.round,
    "searchsorted": np.searchsorted,
    "squeeze": np.squeeze,
    "std": np.std,
    "sum": np.sum,
    "swapaxes": np.swapaxes,
    "take": np.take,
    "trace": np.trace,
    "var": np.var,
}

METHODS: dict[str, Adapter] = {
    **{name: _same_arguments(function) for name, function in _SAME_ARGUMENTS.items()},
    "astype": _astype,
    "compress": _compress,
    "copy": _copy,
    "item": _item,
    "view": _view,
    "reshape": _reshape,
    "transpose": _transpose,
}

ATTRIBUTES: dict[str, Adapter] = {
    "T": _same_arguments(np.transpose),
    "mT": _same_arguments(np.matrix_transpose),
    "real": _same_arguments(np.real),
    "imag": _same_arguments(np.imag),
    "size": _same_arguments(size),
    "flat": _same_arguments(np.ravel),
}

PYTHON_NUMBER_METHODS: dict[str, Adapter] = {
    "conjugate": _same_arguments(conjugate_number),
    "is_integer": _same_arguments(is_integer),
}
