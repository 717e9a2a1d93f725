"""The passes that derived code always goes through, to a fixed point."""

from __future__ import annotations

from collections.abc import Sequence

from srcgrad.graph import Assumptions, Graph, Node, Value
from srcgrad.transforms.eliminate_common_subexpressions import eliminate_common_subexpressions
from srcgrad.transforms.fold_constants import fold_constants
from srcgrad.transforms.remove_dead_code import remove_dead_code
from srcgrad.transforms.simplify import simplify

ROUNDS_AT_MOST = 10


def clean(
    nodes: Sequence[Node], results: Sequence[Value], assumptions: Assumptions
) -> tuple[tuple[Node, ...], tuple[Value, ...]]:
    """The nodes of a region under construction made simple; they may read any value outside."""
    graph = Graph("region", (), tuple(nodes), tuple(results), assumptions)
    for _ in range(ROUNDS_AT_MOST):
        before = graph
        graph = remove_dead_code(graph)
        graph = fold_constants(graph)
        graph = simplify(graph)
        graph = eliminate_common_subexpressions(graph)
        if is_same(before, graph):
            break
    graph = remove_dead_code(graph)
    return graph.nodes, graph.results


def is_same(a: Graph, b: Graph) -> bool:
    """Have two graphs the same nodes in the same order?"""
    return a.results == b.results and _same_nodes(a.nodes, b.nodes)


def _same_nodes(a: Sequence[Node], b: Sequence[Node]) -> bool:
    return len(a) == len(b) and all(
        x is y
        or (
            x.operation == y.operation
            and x.operands == y.operands
            and x.results == y.results
            and x.parameters == y.parameters
            and len(x.regions) == len(y.regions)
            and all(
                p.parameters == q.parameters
                and p.results == q.results
                and _same_nodes(p.nodes, q.nodes)
                for p, q in zip(x.regions, y.regions)
            )
        )
        for x, y in zip(a, b)
    )
