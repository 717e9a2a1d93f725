"""Whether an index names each place of an array at most once.

Where it does, adding at the index (`np.add.at`) is adding in place (`a[i] += v`), which is fast.
In `a[np.arange(n), labels]` no place comes twice, whatever the labels are: the row numbers differ.
"""

from __future__ import annotations

from collections.abc import Mapping

from srcgrad.analyses.equal_shapes import are_assumed_equal
from srcgrad.graph import (
    ArrayType,
    Assumptions,
    Hole,
    Literal,
    Node,
    Value,
    map_template,
    shape_of,
)
from srcgrad.rules import may_repeat


def names_places_once(node: Node, definitions: Mapping[Value, Node], sizes: Assumptions) -> bool:
    """Is every place that the index of this store or reading names named once?"""
    index = node.parameters["index"]

    def see(item: object) -> object:
        return node.operands[item.operand].type if isinstance(item, Hole) else item

    return not may_repeat(map_template(index, see)) or _counts_up(node, index, definitions, sizes)


def are_apart(a: object, b: object) -> bool:
    """Do two indices, known now, name no place together, as `x[:, 0]` and `x[:, 1]`?

    Only numbers of the same sign tell: which place `x[-1]` is depends on the length.
    """
    for first, second in zip(_entries(a), _entries(b)):
        if type(first) is int and type(second) is int:
            if first != second and (first < 0) == (second < 0):
                return True
        elif not (_is_of_one_axis(first) and _is_of_one_axis(second)):
            return False
    return False


def _entries(index: object) -> tuple[object, ...]:
    return index if isinstance(index, tuple) else (index,)


def _is_of_one_axis(entry: object) -> bool:
    return type(entry) is int or isinstance(entry, slice)


def _counts_up(
    node: Node, index: object, definitions: Mapping[Value, Node], sizes: Assumptions
) -> bool:
    """Is one of several vectors of one length `np.arange(n)`?  Against others it would repeat."""
    entries = _entries(index)
    arrays = [node.operands[entry.operand] for entry in entries if isinstance(entry, Hole)]
    arrays = [value for value in arrays if shape_of(value.type) != ()]
    if any(isinstance(entry, (list, tuple)) or hasattr(entry, "shape") for entry in entries):
        return False
    if not all(_is_vector_of_integers(value) for value in arrays):
        return False
    counting = [value for value in arrays if _is_count(value, definitions)]
    return any(_have_length_of(first, arrays, sizes) for first in counting)


def _is_vector_of_integers(value: Value) -> bool:
    type_ = value.type
    return isinstance(type_, ArrayType) and type_.rank == 1 and type_.dtype.kind in "iu"


def _have_length_of(first: Value, others: list[Value], sizes: Assumptions) -> bool:
    (length,) = shape_of(first.type) or (None,)
    dims = [shape[0] for value in others if (shape := shape_of(value.type))]
    return len(dims) == len(others) and all(are_assumed_equal(length, d, sizes) for d in dims)


def _is_count(value: Value, definitions: Mapping[Value, Node]) -> bool:
    """Is the value `np.arange(n)`: 0, 1, 2, ... and so never counted from the end?"""
    node = definitions.get(value)
    if node is None or node.operation != "arange":
        return False
    given = [v for v in node.operands if not (isinstance(v, Literal) and v.value is None)]
    return len(given) == 1
