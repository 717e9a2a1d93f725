"""How often loops run: which sequences, ranges and loops have certainly the same length.

A length is a key: two things with the same key are equally long in every call.  A loop that may
stop early has a length of its own, which is no longer than anything that the loop walks.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence

from srcgrad.graph import (
    ArrayType,
    DimExpression,
    Literal,
    LoopParts,
    Node,
    Value,
    loop_parts,
    size_of_integer,
    walk,
)


class TripCounts:
    """Lengths of the lists, arrays and loops among `nodes`."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self._makers = {
            value: node
            for node in walk(tuple(nodes))
            if node.operation in ("for", "while", "list_length", "repeat_list")
            for value in node.results
        }
        self._no_longer_than: dict[Hashable, frozenset[Hashable]] = {}

    def of_loop(self, parts: LoopParts) -> Hashable:
        """The number of iterations."""
        walked = self.walked(parts)
        bounds = frozenset(walked).union(*map(self._bounds, walked))
        if parts.node.operation == "for" and parts.stop is None:
            shortest = self.shortest(walked)
            if shortest is not None:
                return shortest
        own = ("iterations of", parts.node.results)
        self._no_longer_than[own] = bounds
        return own

    def walked(self, parts: LoopParts) -> list[Hashable]:
        """The length of the range and of each sequence."""
        lengths = [self.of_range(parts)] if parts.range else []
        return lengths + [self.of_sequence(value) for value in parts.sequences]

    def of_range(self, parts: LoopParts) -> Hashable:
        start, stop, step = parts.range
        maker = self._makers.get(stop)
        if maker is None or maker.operation != "list_length":
            return length_of_range(parts.range)
        if _number(start) != 0 or _number(step) != 1:
            return length_of_range(parts.range)
        return self.of_sequence(maker.operands[0])

    def of_sequence(self, sequence: Value) -> Hashable:
        maker = self._makers.get(sequence)
        if maker is not None and maker.operation == "repeat_list":
            return self.of_sequence(maker.operands[1])
        if maker is not None and maker.operation in ("for", "while"):
            parts = loop_parts(maker)
            if sequence in parts.lists:
                return self.of_loop(parts)
        if isinstance(sequence.type, ArrayType) and sequence.type.shape:
            dim = sequence.type.shape[0]
            if dim is not None:
                return ("size", dim)
        return ("length of", sequence)

    def shortest(self, lengths: Iterable[Hashable]) -> Hashable | None:
        """The one of the lengths that is certainly no longer than any other."""
        distinct = dict.fromkeys(lengths)
        for length in distinct:
            if all(self.is_no_longer(length, other) for other in distinct):
                return length
        return None

    def is_no_longer(self, length: Hashable, other: Hashable) -> bool:
        return length == other or other in self._bounds(length)

    def _bounds(self, length: Hashable) -> frozenset[Hashable]:
        return self._no_longer_than.get(length, frozenset())


def length_of_range(range: tuple[Value, ...]) -> Hashable:
    """Ranges that count from 0 to a size have its length; others that of the same three numbers."""
    start, stop, step = map(_number, range)
    if start == 0 and step == 1:
        if isinstance(stop, int):
            return ("size", max(stop, 0))
        if isinstance(stop, DimExpression) and _is_length(stop):
            return ("size", stop)
    return ("range", start, stop, step)


def _is_length(size: DimExpression) -> bool:
    """Can the size not be negative?"""
    return size.constant >= 0 and all(coefficient > 0 for _, coefficient in size.terms)


def _number(value: Value) -> object:
    """The number, as far as it is known: in terms of sizes, else as this value."""
    if isinstance(value, Literal):
        return value.value
    size = size_of_integer(value.type)
    return value if size is None else size
