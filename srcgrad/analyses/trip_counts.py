"""How often loops run: which sequences, ranges and loops have certainly the same length.

A length is a key: two things with the same key are equally long in every call.  A loop that may
stop early has a length of its own, which is no longer than anything that the loop walks.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence

from srcgrad.graph import (
    ArrayType,
    Literal,
    LoopParts,
    Node,
    ScalarType,
    Value,
    loop_parts,
    walk,
)


class TripCounts:
    """Lengths of the lists, arrays and loops among `nodes`."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self._makers = {
            value: node
            for node in walk(tuple(nodes))
            if node.operation in ("for", "while")
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
        lengths = [length_of_range(parts.range)] if parts.range else []
        return lengths + [self.of_sequence(value) for value in parts.sequences]

    def of_sequence(self, sequence: Value) -> Hashable:
        maker = self._makers.get(sequence)
        if maker is not None:
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
        size = stop.type.size if isinstance(stop.type, ScalarType) else None  # type: ignore
        if size is not None and _is_length(size):
            return ("size", size)
    return ("range", start, stop, step)


def _is_length(size: object) -> bool:
    """Can the size not be negative?"""
    terms, constant = getattr(size, "terms", ()), getattr(size, "constant", size)
    if not isinstance(constant, int):
        return False
    return constant >= 0 and all(coefficient > 0 for _, coefficient in terms)


def _number(value: Value) -> object:
    return value.value if isinstance(value, Literal) else value
