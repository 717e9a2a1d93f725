"""Which exceptions a call may raise during the call, as far as a `try` can be meant for them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from srcgrad.graph import Literal, ScalarType, Value

_SINGULAR = frozenset(
    f"linalg.{name}"
    for name in """
    cholesky cond eig eigh eigvals eigvalsh inv lstsq matrix_power matrix_rank pinv solve svd
    svdvals tensorinv tensorsolve
    """.split()
)
_DIVISIONS = frozenset(["divide", "floor_divide", "remainder", "divmod"])
# "This module provides access to mathematical functions": ValueError outside the domain,
# OverflowError where the result is too large (the documentation of `math`).
_DOMAINS = frozenset(
    f"math.{name}"
    for name in """
    acos acosh asin atanh cos fmod gamma lgamma log log10 log1p log2 pow remainder sin sqrt tan
    """.split()
)
_GROWING = frozenset(f"math.{name}" for name in "cosh exp exp2 expm1 gamma ldexp pow sinh".split())
_HARMLESS = ("print",)


def failures_of(
    name: str, operands: Sequence[Value], function: str = ""
) -> tuple[type[Exception], ...]:
    """The classes of the exceptions that a primitive may raise on these operands."""
    if name in _SINGULAR:
        return (np.linalg.LinAlgError,)
    if name in _DOMAINS or name in _GROWING:
        kinds = [ValueError] if name in _DOMAINS else []
        return (*kinds, OverflowError) if name in _GROWING else tuple(kinds)
    if name == "call":
        return () if function in _HARMLESS else (Exception,)
    if name in ("list_getitem", "getitem"):
        return (IndexError,)
    if not all(isinstance(value.type, ScalarType) for value in operands):
        return ()
    if name in _DIVISIONS:
        return () if _is_not_zero(operands[1]) else (ZeroDivisionError,)
    return (ZeroDivisionError, OverflowError) if name == "power" else ()


def _is_not_zero(value: Value) -> bool:
    return isinstance(value, Literal) and value.value != 0
