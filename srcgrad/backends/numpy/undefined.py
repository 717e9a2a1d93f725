"""Zeros in the shape, and copies, of what has no value on some path.

    if positive: y = np.outer(x, x)            d_y = None if y is None else np.zeros_like(y)

Where `y` has no value its adjoint has none either, and nobody reads it.  Nor is there anything to
copy for a pullback.
"""

from __future__ import annotations

from collections.abc import Iterator

from srcgrad.graph import Graph, Node, Region, Value

MADE_LIKE = frozenset({"zeros_like", "zeros_list", "fresh", "copy"})


def made_like_undefined(graph: Graph, may_be_undefined: frozenset[Value]) -> frozenset[Value]:
    """The zeros and copies that are made after a value that may be undefined there.

    What is computed with beside them has a value.
    """
    found: set[Value] = set()
    for nodes in _blocks(graph.nodes) if may_be_undefined else ():
        read = {
            value
            for node in nodes
            if node.operation not in MADE_LIKE
            for value in _computed_with(node)
        }
        for node in nodes:
            if node.operation in MADE_LIKE and node.operands[0] in may_be_undefined - read:
                found.update(node.results)
    return frozenset(found)


def _computed_with(node: Node) -> tuple[Value, ...]:
    """The operands; those of a branch or loop may be handed on unread."""
    return () if node.regions else node.operands


def _blocks(nodes: tuple[Node, ...]) -> Iterator[tuple[Node, ...]]:
    yield nodes
    regions: Iterator[Region] = (region for node in nodes for region in node.regions)
    for region in regions:
        yield from _blocks(region.nodes)
