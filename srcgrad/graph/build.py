"""Appends nodes, one after another, with the place they come from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from srcgrad.graph.assumptions import Assumptions
from srcgrad.graph.node import Node, Region, Value
from srcgrad.graph.types import Type
from srcgrad.location import Location


class Builder:
    """A growing list of nodes.  `location` and `phase` are given to each node that is appended.

    `definitions` holds the node of every value that was appended, in nested lists too.
    """

    def __init__(self, assumptions: Assumptions) -> None:
        self.assumptions = assumptions
        self.nodes: list[Node] = []
        self.definitions: dict[Value, Node] = {}
        self.location: Location | None = None
        self.phase = ""
        self._outer: list[list[Node]] = []

    def append(
        self,
        operation: str,
        operands: Sequence[Value],
        types: Sequence[Type],
        parameters: Mapping[str, object] | None = None,
        regions: Sequence[Region] = (),
        names: Sequence[str | None] = (),
    ) -> tuple[Value, ...]:
        """Append a node and return its results."""
        hints = list(names) + [None] * (len(types) - len(names))
        results = tuple(Value(type_, name) for type_, name in zip(types, hints))
        self.add(
            Node(
                operation,
                tuple(operands),
                results,
                dict(parameters or {}),
                tuple(regions),
                self.location,
                self.phase,
            )
        )
        return results

    def add(self, node: Node) -> None:
        self.nodes.append(node)
        for result in node.results:
            self.definitions[result] = node

    @contextmanager
    def nested(self) -> Iterator[list[Node]]:
        """Collect what is appended inside the `with` in a list of its own (a region's nodes)."""
        self._outer.append(self.nodes)
        self.nodes = []
        try:
            yield self.nodes
        finally:
            self.nodes = self._outer.pop()

    def open_blocks(self) -> list[list[Node]]:
        """The lists of nodes that are being built, outermost first."""
        return [*self._outer, self.nodes]

    @contextmanager
    def at(self, location: Location | None, phase: str | None = None) -> Iterator[None]:
        outer = self.location, self.phase
        self.location = location
        self.phase = self.phase if phase is None else phase
        try:
            yield
        finally:
            self.location, self.phase = outer
