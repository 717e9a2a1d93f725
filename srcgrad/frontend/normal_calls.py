"""Calls of NumPy in the form that has rules: other names, and arguments that say nothing new.

`np.row_stack` is `np.vstack`, `np.add.reduce(x)` is `np.sum(x, axis=0)`, and `np.exp(x, dtype=d)`
is `np.exp` of what NumPy converts `x` to.  What comes out is the same to the last bit.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from srcgrad.frontend import storage
from srcgrad.frontend.abstract import (
    NONE,
    TRUE,
    Abstract,
    ArrayRef,
    Keywords,
    Number,
    OneOf,
    Static,
)
from srcgrad.frontend.stand_ins.applying import in_order
from srcgrad.frontend.stand_ins.products import cross, reduceat
from srcgrad.graph import ArrayType, ScalarType, is_complex, shape_of
from srcgrad.rules import UNORDERED

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator

Call = tuple[Any, list[Abstract], Keywords]


def in_normal_form(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: ast.AST
) -> Call:
    """The same call by the function and the arguments that rules are written for."""
    if function is np.where and len(args) == 1 and not kwargs:
        return np.nonzero, args, kwargs
    if function is np.clip:
        named = {_NAMES_OF_BOUNDS.get(key, key): item for key, item in kwargs.items()}
        return function, args, named
    if function in (np.cross, np.linalg.cross):
        return _of_cross(ev, function, args, kwargs)
    if str(getattr(function, "__module__", "")).startswith("numpy.polynomial."):
        return getattr(function, "_implementation", function), args, kwargs
    if isinstance(function, np.ufunc):
        return _of_ufunc(ev, function, args, kwargs, node)
    if isinstance(getattr(function, "__self__", None), np.ufunc):
        return _of_method(function, args, kwargs)
    try:
        of_complex = ON_COMPLEX_NUMBERS.get(function)
        function = OTHER_NAMES.get(function, function)
    except TypeError:
        return function, args, kwargs
    if of_complex is not None and args and _is_complex(ev, args[0]):
        return of_complex, args, kwargs
    return function, args, kwargs


_NAMES_OF_BOUNDS = {"min": "a_min", "max": "a_max"}
OTHER_NAMES: dict[Any, Any] = {
    getattr(np, name): function
    for name, function in (("row_stack", np.vstack), ("in1d", np.isin))
    if name in vars(np)
}
# Of complex numbers these are the plain functions; of real ones they may give complex numbers.
ON_COMPLEX_NUMBERS: dict[Any, Any] = {
    np.emath.sqrt: np.sqrt,
    np.emath.log: np.log,
    np.emath.log2: np.log2,
    np.emath.log10: np.log10,
    np.emath.arccos: np.arccos,
    np.emath.arcsin: np.arcsin,
    np.emath.arctanh: np.arctanh,
}


def _is_complex(ev: Evaluator, value: Abstract) -> bool:
    held = storage.current(ev, value)
    return isinstance(held, Number) and is_complex(held.value.type)


# Cross products

_CROSS = inspect.signature(np.cross)


def _of_cross(ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords) -> Call:
    """By hand, unless it is of the last axes of vectors of three components."""
    try:
        bound = _CROSS.bind(*args, **kwargs).arguments
    except TypeError:
        return function, args, kwargs
    axes = [bound.get("axis", bound.get(name, Static(-1))) for name in ("axisa", "axisb")]
    found = [_components(ev, bound[name], axis) for name, axis in zip(("a", "b"), axes)]
    if None in found or (found == [3, 3] and len(bound) == 2):
        return function, args, kwargs
    return cross, args, {**kwargs, "components": Static(tuple(found))}


def _components(ev: Evaluator, vectors: Abstract, axis: Abstract) -> int | None:
    """2 or 3 as in the first call, which becomes a guard; None for what cannot be crossed."""
    held = storage.current(ev, vectors)
    shape = shape_of(held.value.type) if isinstance(held, Number) else None
    place = axis.value if isinstance(axis, Static) else None
    if not shape or not isinstance(place, int) or not -len(shape) <= place < len(shape):
        return None
    sizes = ev.builder.assumptions
    return next((n for n in (2, 3) if sizes.assume_equal(shape[place], n)), None)


# Ufuncs


def _of_ufunc(
    ev: Evaluator, ufunc: np.ufunc, args: list[Abstract], kwargs: Keywords, node: ast.AST
) -> Call:
    """Without `subok`, which no number depends on, and with `dtype` as conversions."""
    if not kwargs:
        return ufunc, args, kwargs
    kwargs = {key: item for key, item in kwargs.items() if key != "subok"}
    order = kwargs.get("order", _KEPT)
    if order != _KEPT and ufunc.nout == 1:
        rest = {key: item for key, item in kwargs.items() if key != "order"}
        return in_order, [Static(ufunc), order, *args], rest
    if order == _KEPT:
        kwargs.pop("order", None)
    has_out = "out" in kwargs or len(args) > ufunc.nin
    casting = kwargs.get("casting", Static("same_kind"))
    if not has_out:
        kwargs.pop("casting", None)
    dtype = kwargs.pop("dtype", NONE)
    if dtype == NONE or not isinstance(dtype, Static):
        return ufunc, args, kwargs
    rule = ev.make_static(casting, node).value
    given = args[: ufunc.nin]
    wanted = _loop_dtypes(ev, ufunc, given, np.dtype(dtype.value), rule, node)
    converted = [_converted(ev, item, dtype) for item, dtype in zip(given, wanted)]
    return ufunc, [*converted, *args[ufunc.nin :]], kwargs


def _loop_dtypes(
    ev: Evaluator,
    ufunc: np.ufunc,
    given: list[Abstract],
    dtype: np.dtype,
    casting: Any,
    node: ast.AST,
) -> tuple[np.dtype, ...]:
    """What NumPy converts the operands to for a result of this dtype."""
    kinds: list[Any] = [_dtype(ev, item) for item in given] + [None] * ufunc.nout
    signature: list[Any] = [None] * ufunc.nin + [dtype] * ufunc.nout
    try:
        return ufunc.resolve_dtypes(tuple(kinds), signature=tuple(signature), casting=casting)
    except TypeError as error:
        ev.reject(node, str(error))


def _dtype(ev: Evaluator, value: Abstract) -> np.dtype:
    held = storage.current(ev, value)
    if isinstance(held, Number) and isinstance(held.value.type, ArrayType):
        return held.value.type.dtype
    if isinstance(held, Number) and isinstance(held.value.type, ScalarType):
        return np.dtype(held.value.type.python_type)
    return np.asarray(ev.rule_argument(held)).dtype


def _converted(ev: Evaluator, value: Abstract, dtype: np.dtype) -> Abstract:
    held = storage.current(ev, value)
    if isinstance(value, (ArrayRef, OneOf, Number)) and _dtype(ev, held) == dtype:
        return value
    if isinstance(held, (Number, Static)):
        return ev.call_primitive("cast", (held,), {"dtype": Static(dtype)})
    return ev.call(Static(np.asarray), [held, Static(dtype)], {}, ast.Pass())


_KEPT = Static("K")  # The memory order of the operands.


def astype(
    ev: Evaluator, owner: Abstract, args: list[Abstract], kwargs: Keywords, node: ast.AST
) -> Abstract:
    """`x.astype(dtype, order, casting, subok, copy)`."""
    try:
        given = _ASTYPE.bind(*args, **kwargs).arguments
    except TypeError as error:
        ev.reject(node, f"`astype`: {error}")
    dtype = ev.make_static(given["dtype"], node)
    casting = ev.make_static(given.get("casting", Static("unsafe")), node).value
    kind, wanted = _dtype(ev, owner), np.dtype(dtype.value)
    if not np.can_cast(kind, wanted, casting):
        ev.reject(node, f"cannot cast from {kind} to {wanted} with casting rule {casting!r}")
    if given.get("copy", TRUE) != TRUE:
        return ev.call(Static(np.asarray), [owner, dtype], {}, node)
    made = ev.call_primitive("cast", (owner,), {"dtype": dtype})
    order = given.get("order", _KEPT)
    if order == _KEPT:
        return made
    return ev.call(Static(np.require), [made], {"requirements": order}, node)


_ASTYPE = inspect.signature(lambda dtype, order="K", casting="unsafe", subok=True, copy=True: None)


# Methods of ufuncs

# What a reduction or accumulation is by a function of its own.
_REDUCTIONS: dict[np.ufunc, Callable[..., Any]] = {
    np.add: np.sum,
    np.multiply: np.prod,
    np.maximum: np.max,
    np.minimum: np.min,
    np.logical_and: np.all,
    np.logical_or: np.any,
}
_ACCUMULATIONS: dict[np.ufunc, Callable[..., Any]] = {np.add: np.cumsum, np.multiply: np.cumprod}
_REDUCE = inspect.signature(
    lambda array, axis=0, dtype=None, out=None, keepdims=False, initial=None, where=True: None
)
_ACCUMULATE = inspect.signature(lambda array, axis=0, dtype=None, out=None: None)


def _of_method(function: Any, args: list[Abstract], kwargs: Keywords) -> Call:
    if function.__name__ == "reduceat" and function.__self__ not in (np.add, *UNORDERED):
        return reduceat, [Static(function.__self__), *args], kwargs
    table, signature = {
        "reduce": (_REDUCTIONS, _REDUCE),
        "accumulate": (_ACCUMULATIONS, _ACCUMULATE),
    }.get(function.__name__, ({}, _REDUCE))
    plain = table.get(function.__self__)
    if plain is None:
        return function, args, kwargs
    try:
        bound = signature.bind(*args, **kwargs).arguments
    except TypeError:
        return function, args, kwargs
    array = bound.pop("array")
    axis = bound.pop("axis", Static(0))
    return plain, [array], {"axis": axis, **bound}
