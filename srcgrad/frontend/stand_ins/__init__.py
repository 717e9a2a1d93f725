"""What some functions of NumPy and Python do, in Python: these are evaluated in their place.

A function that calls one of the user's (`np.apply_along_axis`), or that is a line of Python anyway
(`operator.getitem`), needs no rule: its stand-in is read like a function of the user's own.
"""

from __future__ import annotations

import cmath
import operator
from collections.abc import Callable, Collection, Sequence
from types import FunctionType
from typing import Any

import numpy as np
from numpy.polynomial import polyutils

from srcgrad.frontend.stand_ins import (
    applying,
    elements,
    joining,
    padding,
    polynomials,
    products,
    python_functions,
    scipy_linalg,
    sets,
    statistics,
)
from srcgrad.frontend.stand_ins.gradients import clip_gradient

STAND_INS: dict[Callable[..., Any], Callable[..., Any]] = {
    np.apply_along_axis: applying.apply_along_axis,
    np.apply_over_axes: applying.apply_over_axes,
    np.asarray_chkfinite: applying.asarray_chkfinite,
    np.astype: applying.astype,
    np.fromfunction: applying.fromfunction,
    np.fromiter: applying.fromiter,
    np.mask_indices: applying.mask_indices,
    np.piecewise: applying.piecewise,
    np.poly: polynomials.poly,
    np.unique_all: sets.unique_all,
    np.unique_counts: sets.unique_counts,
    np.unique_inverse: sets.unique_inverse,
    cmath.polar: python_functions.polar,
    cmath.rect: python_functions.rect,
    operator.countOf: python_functions.count_of,
    operator.delitem: python_functions.delitem,
    operator.iconcat: python_functions.iconcat,
    operator.indexOf: python_functions.index_of,
    operator.length_hint: python_functions.length_hint,
    polyutils.as_series: polynomials.as_series,
    operator.setitem: python_functions.setitem,
}
if hasattr(operator, "call"):  # since Python 3.11
    STAND_INS[operator.call] = python_functions.call
METHODS_OF_ARRAYS: dict[str, Any] = {"tolist": python_functions.tolist}

_WITH_KEYWORD: dict[tuple[Any, str], Callable[..., Any]] = {
    (np.average, "returned"): statistics.average,
    (np.diff, "append"): padding.diff,
    (np.diff, "prepend"): padding.diff,
    (np.insert, "axis"): joining.insert,
    (np.interp, "period"): statistics.interp,
    (np.std, "mean"): statistics.std,
    (np.var, "mean"): statistics.var,
}
_MODES_OF_PAD: dict[str, Callable[..., Any]] = {
    "mean": padding.pad_by_statistics,
    "median": padding.pad_by_statistics,
    "maximum": padding.pad_by_statistics,
    "minimum": padding.pad_by_statistics,
    "linear_ramp": padding.pad_by_ramps,
}


def stand_in_for(function: Any, kwargs: Collection[str] = ()) -> FunctionType | None:
    """The function in Python that is evaluated instead, with these keywords."""
    try:
        found = STAND_INS.get(function)
        for key in kwargs:
            found = _WITH_KEYWORD.get((function, key), found)
    except TypeError:
        return None
    found = found or scipy_linalg.stand_in_of_scipy(function)
    return found if isinstance(found, FunctionType) else None


def stand_in_for_pad(
    mode: object, reflect_type: object, *, moves_constants: bool
) -> FunctionType | None:
    """The same for `np.pad`; are the constants it pads with differentiated?"""
    found = _MODES_OF_PAD.get(str(mode))
    if mode == "constant" and moves_constants:
        found = padding.pad_with_constants
    if mode in ("reflect", "symmetric") and reflect_type == "odd":
        found = padding.pad_by_odd_reflection
    return found if isinstance(found, FunctionType) else None


def is_stand_in(function: Any) -> bool:
    """Is this one of the functions here, which are evaluated like the user's own?"""
    return str(getattr(function, "__module__", None)).startswith(__name__)


def is_file_of_stand_ins(filename: str) -> bool:
    return filename in _FILES


_MODULES = (
    applying,
    elements,
    joining,
    padding,
    polynomials,
    products,
    python_functions,
    scipy_linalg,
    sets,
    statistics,
)
_FILES = {module.__file__ for module in _MODULES}
_FILES.add(clip_gradient.__code__.co_filename)
