"""Which values are versions of one array that is stored into, and which loops carry such an array.

A loop that stores into an array hands a new version of it from iteration to iteration.  Recording a
version means copying the whole array in each iteration, so that what is read of it, if it is less,
is better recorded instead.
"""

from __future__ import annotations

from collections.abc import Sequence

from srcgrad.graph import ArrayType, Literal, LoopParts, Node, Value, loop_parts, walk
from srcgrad.rules import is_store

_WHOLE_VIEWS = frozenset(
    "transpose swapaxes moveaxis reshape reshape_like ravel flat squeeze expand_dims".split()
)


class StoredArrays:
    """The versions of each array, as far as stores, loops, branches and views connect them."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self._parent: dict[Value, Value] = {}
        written = []
        for node in walk(tuple(nodes)):
            for a, b in _same_array(node):
                self._join(a, b)
            if is_store(node.operation):
                written.append(node.result)
        self._written = {self._first(value) for value in written}

    def of(self, value: Value) -> Value | None:
        """One value that stands for all versions; None for what is never stored into."""
        first = self._first(value)
        return first if first in self._written else None

    def begins(self, node: Node) -> bool:
        """Does the node make a new array that is stored into later?"""
        if _same_array(node):
            return False
        return any(self.of(result) is not None for result in node.results)

    def carried_by(self, parts: LoopParts) -> frozenset[Value]:
        """The arrays that the loop stores into."""
        pairs = zip(parts.carried, parts.yielded)
        changed = [self.of(carried) for carried, yielded in pairs if yielded is not carried]
        return frozenset(array for array in changed if array is not None)

    def _first(self, value: Value) -> Value:
        while value in self._parent:
            value = self._parent[value]
        return value

    def _join(self, a: Value, b: Value) -> None:
        if any(isinstance(v, Literal) or not isinstance(v.type, ArrayType) for v in (a, b)):
            return
        first, other = self._first(a), self._first(b)
        if first is not other:
            self._parent[other] = first


def _same_array(node: Node) -> list[tuple[Value, Value]]:
    """Pairs of values that may be versions of one array."""
    if is_store(node.operation) or node.operation in _WHOLE_VIEWS:
        return [(node.operands[0], node.results[0])]
    if node.operation == "if":
        return [
            (result, value)
            for region in node.regions
            for result, value in zip(node.results, region.results)
        ]
    if node.operation in ("for", "while"):
        parts = loop_parts(node)
        others = (*parts.initial, *parts.yielded, *parts.final)
        return list(zip(parts.carried * 3, others))
    return []
