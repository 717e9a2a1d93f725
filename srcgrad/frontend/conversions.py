"""Functions that make arrays of what they are given, where that is an array already or several."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from srcgrad.frontend.abstract import NONE, Abstract, Keywords, Number, Static, TupleOf
from srcgrad.graph import ArrayType

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator


def same_array(function: Any, args: list[Abstract], kwargs: Keywords) -> Abstract | None:
    """The argument of `np.asarray`, if that is what it gives back; else None.

    A number of NumPy, which the argument may be where it has no dimensions, becomes an array.
    """
    if function not in (np.asarray, np.asanyarray) or not args or len(args) > 2:
        return None
    array, dtype = args[0], kwargs.get("dtype", args[1] if len(args) > 1 else NONE)
    others = {key: item for key, item in kwargs.items() if key != "dtype"}
    if not isinstance(array, Number) or any(others[k] not in _AS_IT_IS.get(k, ()) for k in others):
        return None
    type_ = array.value.type
    if not isinstance(type_, ArrayType) or not type_.shape or not isinstance(dtype, Static):
        return None
    is_same = dtype == NONE or np.dtype(dtype.value) == type_.dtype
    return array if is_same else None


# What keeps an array as it is: other values of these may ask for a copy.
_AS_IT_IS = {"order": (NONE, Static("K"), Static("A")), "copy": (NONE, Static(False))}


def _each(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: ast.AST
) -> Abstract:
    """`np.atleast_1d` and its like of several arrays: a tuple of each."""
    if len(args) == 1:
        return ev.call_primitive(function, args, kwargs)
    return TupleOf(tuple(ev.call_primitive(function, [item], kwargs) for item in args))


HANDLERS: dict[Any, Callable[..., Abstract]] = dict.fromkeys(
    (np.atleast_1d, np.atleast_2d, np.atleast_3d), _each
)
