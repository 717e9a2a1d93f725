"""Textual graphs for the backend's tests: names, lines and phases as the compiler would give them.

t, t1, t2 ...       a value without a name of its own
d_x                 the adjoint of `x`
{line=3}            the node comes from line 3 of the user's file
{adjoint=True}      the node belongs to the adjoint part (as do loops of such nodes)
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from srcgrad.backends import Emitted, emit, load
from srcgrad.graph import (
    Graph,
    Interface,
    Items,
    Leaf,
    Literal,
    Node,
    Parameter,
    Tree,
    Value,
    map_regions,
    parse_graph,
    verify,
    walk,
)
from srcgrad.location import Location

_UNNAMED = re.compile(r"t\d*$")


def graph_of(text: str, source: str = "", filename: str = "model.py") -> Graph:
    """The graph, with the user's `source` (lines from 1) behind its locations."""
    graph = verify(parse_graph(text))
    lines = source.strip("\n").split("\n")
    nodes = tuple(_annotated(node, lines, filename) for node in graph.nodes)
    graph = graph.replace(nodes=nodes)
    _rename(graph)
    return graph


def _annotated(node: Node, lines: Sequence[str], filename: str) -> Node:
    node = map_regions(
        node,
        lambda region: replace(
            region, nodes=tuple(_annotated(inner, lines, filename) for inner in region.nodes)
        ),
    )
    parameters = dict(node.parameters)
    line = parameters.pop("line", None)
    inside = [inner for region in node.regions for inner in walk(region.nodes)]
    derived = parameters.pop("adjoint", False) or (inside and all(n.phase for n in inside))
    location = None
    if line is not None:
        text = lines[line - 1].strip() if line <= len(lines) else ""
        location = Location(filename, line, text=text)
    phase = "adjoint of " if derived else ""
    return replace(node, parameters=parameters, location=location, phase=phase)


def _rename(graph: Graph) -> None:
    """Take the names that only the text needs from the values, which are shared by identity."""
    values = list(graph.inputs)
    for node in walk(graph.nodes):
        values += node.results
        for region in node.regions:
            values += region.parameters
    by_name = {value.name: value for value in reversed(values)}
    for value in values:
        name = value.name or ""
        if _UNNAMED.match(name):
            object.__setattr__(value, "name", None)
        elif name.startswith("d_"):
            object.__setattr__(value, "name", None)
            object.__setattr__(value, "derivative_of", by_name.get(name[2:]) or Value(value.type))


def interface_of(graph: Graph, result: Tree | None = None) -> Interface:
    """Every input a parameter; the results a tuple, or one value."""
    parameters = tuple(Parameter(str(value.name), Leaf(value)) for value in graph.inputs)
    if result is None:
        packed = tuple(Leaf(value) for value in graph.results)
        result = packed[0] if len(packed) == 1 else Items(tuple, packed)
    return Interface(parameters, result)


def emitted(text: str, source: str = "", filename: str = "model.py") -> Emitted:
    graph = graph_of(text, source, filename)
    return emit(graph, interface_of(graph), graph.name)


__all__ = ["Literal", "emitted", "graph_of", "interface_of", "load"]
