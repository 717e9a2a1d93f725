"""Graphs as text, before and after a pass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from srcgrad.graph import Graph, Node, Region, parse_graph, verify

Pass = Callable[[Graph], Graph]


def as_derived(graph: Graph) -> Graph:
    """The graph with every node marked as derived, where inexact identities may apply."""
    return graph.replace(nodes=tuple(map(_derived, graph.nodes)))


def _derived(node: Node) -> Node:
    regions = tuple(
        Region(region.parameters, tuple(map(_derived, region.nodes)), region.results)
        for region in node.regions
    )
    return replace(node, regions=regions, phase="adjoint of ")


def after(transform: Pass, text: str, *, derived: bool = False) -> str:
    """What the pass makes of the graph, as text."""
    graph = verify(parse_graph(text))
    return str(verify(transform(as_derived(graph) if derived else graph)))


def canonical(text: str) -> str:
    return str(verify(parse_graph(text)))


def assert_becomes(transform: Pass, before: str, expected: str, *, derived: bool = False) -> None:
    assert after(transform, before, derived=derived) == canonical(expected)


def assert_stays(transform: Pass, text: str, *, derived: bool = False) -> None:
    assert_becomes(transform, text, text, derived=derived)
