"""Sizes as values: the number that a dim stands for, read from something that is there."""

from __future__ import annotations

from collections.abc import Sequence

from srcgrad.graph import ArrayType, Builder, Dim, ScalarType, Value
from srcgrad.rules import Symbol, call


def size_as_value(builder: Builder, dim: Dim, visible: Sequence[Value]) -> Symbol | int | None:
    """The dim as a number, as an integer that the user has named, or as the size of an array.

    None where none of the values that are visible has this size.  May append a node.
    """
    if isinstance(dim, int) or dim is None:
        return dim
    for value in visible:
        if isinstance(value.type, ScalarType) and value.type.size == dim and value.name:
            return Symbol(builder, value)
    for value in visible:
        if isinstance(value.type, ArrayType) and value.type.shape and dim in value.type.shape:
            axis = value.type.shape.index(dim)
            size: Symbol = call("dim", Symbol(builder, value), axis=axis)
            return size
    return None
