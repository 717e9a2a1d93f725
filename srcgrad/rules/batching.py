"""Functions applied to many samples at once: how each takes a leading axis of samples.

A rule receives the function's own arguments.  An operand that differs from sample to sample comes
as `Samples`, with the samples along its first axis; the others are the same for all.  The result
has the samples along its first axis.  Functions without a rule are applied to one sample after
another (`transforms/batch.py`), and so is every call for which a rule raises `OneByOne`.

Elementwise functions need no rule: operands are aligned at their last axes, as NumPy does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from srcgrad.graph import ArrayType, ListType, Shape, shape_of
from srcgrad.rules.registry import Primitive, Rule, find_primitive, primitive_for, primitive_named
from srcgrad.rules.shapes import normalize_axes
from srcgrad.rules.symbols import Symbol, call


class OneByOne(Exception):
    """The function cannot take all samples in one call."""


@dataclass(frozen=True, slots=True)
class Samples:
    """An operand with `count` samples along its first axis (of each item, if it is a list)."""

    all: Symbol
    count: Any

    @property
    def shape(self) -> Shape:
        """The shape of one sample as it is known before the call."""
        shape = shape_of(self.all.type)
        if shape is None or isinstance(self.all.type, ListType):
            raise OneByOne
        return shape[1:]

    @property
    def rank(self) -> int:
        return len(self.shape)


def defbatch(*functions: Callable[..., object] | str) -> Callable[[Rule], Rule]:
    """Register how functions, given themselves or by name, take samples along a leading axis."""

    def register(rule: Rule) -> Rule:
        for function in functions:
            if isinstance(function, str):
                primitive_named(function).batch = rule
            else:
                primitive_for(function).batch = rule
        return rule

    return register


# Operands


def whole(x: Any) -> Any:
    """The operand as it is, samples or not."""
    return x.all if isinstance(x, Samples) else x


def rank_of_one(x: Any) -> int:
    """The number of dimensions of one sample."""
    if isinstance(x, Samples):
        return x.rank
    if not isinstance(x, Symbol):
        return int(np.ndim(x))
    shape = shape_of(x.type)
    if shape is None:
        raise OneByOne
    return len(shape)


def aligned(x: Any, rank: int) -> Any:
    """Samples of at least this many dimensions, by axes of length 1 in front of their own."""
    if not isinstance(x, Samples) or x.rank >= rank:
        return whole(x)
    return x.all[(slice(None),) + (None,) * (rank - x.rank) + (Ellipsis,) * (x.rank > 0)]


def spread(x: Any, count: Any) -> Samples:
    """What is the same for all samples, once for each."""
    if isinstance(x, Samples):
        return x
    if not isinstance(x, Symbol):
        raise OneByOne
    shape = () if not isinstance(x.type, ArrayType) else x.shape
    return Samples(call(np.broadcast_to, x, (count, *shape)), count)


def align_all(operands: Sequence[Any]) -> list[Any]:
    """Operands of an elementwise function."""
    rank = max(map(rank_of_one, operands))
    return [aligned(x, rank) for x in operands]


def count_of(operands: Sequence[Any]) -> Any:
    return next(x.count for x in operands if isinstance(x, Samples))


def moved(axis: Any, rank: int) -> Any:
    """The axis or axes of a sample as those of the whole."""
    axes = tuple(place + 1 for place in normalize_axes(axis, rank))
    return axes if isinstance(axis, (tuple, list)) else axes[0]


def samples_in(x: Any) -> Samples:
    """The operand on which a function depends by more than its shape."""
    if not isinstance(x, Samples):
        raise OneByOne
    return x


# Functions of single numbers

_ON_ARRAYS: dict[str, Callable[..., Any]] = {
    "ieee_divide": np.divide,
    "if_else": np.where,
    "math.acos": np.arccos,
    "math.acosh": np.arccosh,
    "math.asin": np.arcsin,
    "math.asinh": np.arcsinh,
    "math.atan": np.arctan,
    "math.atan2": np.arctan2,
    "math.atanh": np.arctanh,
    "math.copysign": np.copysign,
    "math.fmod": np.fmod,
    "math.pow": np.power,
}
_NUMBERS_ONLY = ("power_slope", "polygamma", "math.prod", "math.ldexp")


def on_arrays(primitive: Primitive, operands: int) -> Primitive | None:
    """What does for each of many numbers what an elementwise function does for one.

    Where `math` raises, its counterpart in NumPy gives nan or inf.
    """
    if primitive.name in _ON_ARRAYS:
        return find_primitive(_ON_ARRAYS[primitive.name])
    if not primitive.elementwise or primitive.name in _NUMBERS_ONLY:
        return None
    area, _, name = primitive.name.rpartition(".")
    if area in ("math", "cmath"):
        return find_primitive(getattr(np, name, None)) if operands == 1 else None
    return None if area == "builtins" and name != "sum" else primitive
