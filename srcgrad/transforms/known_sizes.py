"""Sizes as values: the number that a dim stands for, read from something that is there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from srcgrad.graph import ArrayType, Builder, Dim, Hole, ScalarType, Value
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


def empty_array(builder: Builder, shape: Sequence[Symbol | int], type_: ArrayType) -> Value:
    """A new array of this shape whose elements are still to be stored."""
    operands = [size.value for size in shape if isinstance(size, Symbol)]
    numbers = iter(range(len(operands)))
    template = tuple(Hole(next(numbers)) if isinstance(n, Symbol) else n for n in shape)
    parameters: dict[str, object] = {"shape": template}
    if type_.dtype != np.dtype(float):
        parameters["dtype"] = type_.dtype
    (array,) = builder.append("empty", operands, [type_], parameters)
    return array
