"""A whole function in the intermediate representation, with what it assumes about sizes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from srcgrad.graph.assumptions import Assumptions
from srcgrad.graph.node import Node, Value
from srcgrad.graph.text import print_function


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """Inputs, nodes in order, results.  Passes take a graph and return a graph."""

    name: str
    inputs: tuple[Value, ...]
    nodes: tuple[Node, ...]
    results: tuple[Value, ...]
    assumptions: Assumptions = field(default_factory=lambda: Assumptions(stand_ins=True))

    def replace(self, **changes: Any) -> Graph:
        return replace(self, **changes)

    def __str__(self) -> str:
        return print_function(self.name, self.inputs, self.nodes, self.results)
