"""Undoing broadcasting and promotion: what cotangents go through on their way to an operand."""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.graph import (
    ArrayType,
    ScalarType,
    Type,
    is_complex,
    is_integral,
    shape_of,
)
from srcgrad.rules.symbols import Symbol, call, dtype_of


def sum_to(contribution: Symbol, operand: Symbol, *, fixed: int = 0) -> Symbol:
    """Sum a contribution over the axes along which the operand was broadcast.

    Settled here where ranks and dims are known; else a small run-time helper decides.  The last
    `fixed` axes are the operand's own, whatever is known of them.
    """
    have, want = shape_of(contribution.type), shape_of(operand.type)
    if want == ():
        return contribution if have == () else call(np.sum, contribution)
    if have is None or want is None:
        return call("sum_like", contribution, operand)
    sizes = contribution.builder.assumptions
    added = len(have) - len(want)
    repeated = []
    for axis, dim in enumerate(want[: len(want) - fixed]):
        wide = have[added + axis]
        if wide is not None and wide == dim:
            continue
        one = sizes.is_one(dim)
        if one is None:
            return call("sum_like", contribution, operand)
        if one and sizes.is_one(wide) is not True:
            repeated.append(added + axis)
    if added > 0:
        contribution = call(np.sum, contribution, axis=_axes(tuple(range(added))))
    if repeated:
        axes = _axes(tuple(axis - max(added, 0) for axis in repeated))
        contribution = call(np.sum, contribution, axis=axes, keepdims=True)
    return contribution


def unbroadcast(contribution: Any, operand: Any, *, fixed: int = 0) -> Any:
    """`sum_to` for rules of functions that broadcast some operands and are not elementwise."""
    return sum_to(contribution, operand, fixed=fixed) if isinstance(operand, Symbol) else None


def _axes(axes: tuple[int, ...]) -> Any:
    return axes[0] if len(axes) == 1 else axes


def match_type(contribution: Symbol, operand_type: Type) -> Symbol:
    """Give a contribution the kind of number its operand is: real, float32, a Python float."""
    if is_complex(contribution.type) and not is_complex(operand_type):
        contribution = call(np.real, contribution)
    if isinstance(operand_type, ScalarType):
        return _as_python_number(contribution, operand_type)
    if not isinstance(operand_type, ArrayType) or is_integral(operand_type):
        return contribution
    if isinstance(contribution.type, ScalarType):
        return contribution
    if contribution.dtype != operand_type.dtype:
        return call("cast", contribution, dtype=operand_type.dtype)
    return contribution


def _as_python_number(contribution: Symbol, operand_type: ScalarType) -> Symbol:
    if not isinstance(contribution.type, ArrayType):
        return contribution
    return call(complex if is_complex(contribution.type) else float, contribution)


def has_shape_of(contribution: Symbol, operand: Symbol) -> bool:
    """Is the contribution known to have the operand's shape already?"""
    have, want = shape_of(contribution.type), shape_of(operand.type)
    if have is None or want is None or len(have) != len(want):
        return False
    return all(a is not None and a == b for a, b in zip(have, want))


__all__ = ["sum_to", "unbroadcast", "match_type", "has_shape_of", "dtype_of"]
