"""Series of polynomials: which calls have rules, and which are read as source.

Rules are written for one series at a time, and for numbers known before the call.
"""

from __future__ import annotations

import inspect
from types import FunctionType
from typing import TYPE_CHECKING, Any

from srcgrad.frontend import storage
from srcgrad.frontend.abstract import Abstract, Keywords, Number, Static, TupleOf, is_static
from srcgrad.frontend.stand_ins.polynomials import (
    derivative,
    integral,
    over_number,
    times_number,
)
from srcgrad.graph import rank_of
from srcgrad.rules import BASES

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator

_DERIVATIVES = {basis.der for basis in BASES}
_INTEGRALS = {basis.int: basis.val for basis in BASES}
_PRODUCTS = {basis.mul for basis in BASES}
_QUOTIENTS = {basis.div for basis in BASES}
WrittenOut = tuple[FunctionType, list[Abstract]]


def written_out(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords
) -> WrittenOut | None:
    """The function in Python to evaluate in the place of this one; None where there is none."""
    try:
        if function in _PRODUCTS or function in _QUOTIENTS:
            return _by_number(ev, function, args)
        if function in _DERIVATIVES or function in _INTEGRALS:
            return _with_numbers_of_the_call(function, args, kwargs)
    except TypeError:
        pass
    return None


def _by_number(ev: Evaluator, function: Any, args: list[Abstract]) -> WrittenOut | None:
    """A product with a number, and a quotient by one."""
    series, other = args
    if _is_number(ev, series) and function in _PRODUCTS:
        series, other = other, series
    if not _is_number(ev, other) or _is_number(ev, series):
        return None
    written: Any = times_number if function in _PRODUCTS else over_number
    return written, [series, other]


def _is_number(ev: Evaluator, value: Abstract) -> bool:
    held = storage.current(ev, value)
    if isinstance(held, Static):
        return isinstance(held.value, (int, float, complex))
    return isinstance(held, Number) and rank_of(held.value.type) == 0


def _with_numbers_of_the_call(
    function: Any, args: list[Abstract], kwargs: Keywords
) -> WrittenOut | None:
    given = inspect.signature(function).bind(*args, **kwargs).arguments
    if all(_is_known(given[name]) for name in ("k", "lbnd", "scl") if name in given):
        return None
    written: Any = derivative if function in _DERIVATIVES else integral
    basis: list[Abstract] = [Static(function)]
    if function in _INTEGRALS:
        basis.append(Static(_INTEGRALS[function]))
    return written, [*basis, *args]


def _is_known(value: Abstract) -> bool:
    return is_static(value) and (not isinstance(value, TupleOf) or all(map(is_static, value.items)))
