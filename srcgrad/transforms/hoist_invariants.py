"""Compute before a derived loop what is the same in every iteration.

Only in loops that were derived: the user's own loops stay as they are written.  Never moves what
may raise, since the loop may run no iteration, nodes with an effect, and structured nodes.

    for reverse each (…) {                 t = transpose w
      t = transpose w               →      for reverse each (…) {
      d_h = matmul d, t                      d_h = matmul d, t
    }                                      }
"""

from __future__ import annotations

from collections.abc import Sequence

from srcgrad.graph import (
    ArrayType,
    Graph,
    ListType,
    Literal,
    Node,
    Region,
    Value,
    map_regions,
)

_MAY_RAISE = frozenset({"getitem", "index_set", "index_add", "reshape"})
_SAFE_ON_NUMBERS = frozenset({"add", "subtract", "multiply", "negative", "dim", "size"})


def hoist_invariants(graph: Graph) -> Graph:
    return graph.replace(nodes=_block(graph.nodes))


def _block(nodes: Sequence[Node]) -> tuple[Node, ...]:
    kept: list[Node] = []
    for node in nodes:
        node = map_regions(node, _region)
        if node.operation == "for" and node.phase:
            before, node = _split(node)
            kept += before
        kept.append(node)
    return tuple(kept)


def _region(region: Region) -> Region:
    nodes = _block(region.nodes)
    same = len(nodes) == len(region.nodes) and all(a is b for a, b in zip(nodes, region.nodes))
    return region if same else Region(region.parameters, nodes, region.results)


def _split(node: Node) -> tuple[list[Node], Node]:
    """What moves before the loop, and the loop that is left."""
    (body,) = node.regions
    varying: set[Value] = set(body.parameters)
    before: list[Node] = []
    after: list[Node] = []
    for inner in body.nodes:
        if is_movable(inner) and not any(value in varying for value in inner.operands):
            before.append(inner)
        else:
            varying.update(inner.results)
            after.append(inner)
    if not before:
        return [], node
    changed = Region(body.parameters, tuple(after), body.results)
    return before, map_regions(node, lambda region: changed)


def is_movable(node: Node) -> bool:
    """Can the node run once before the loop, even if the loop runs no iteration?"""
    if node.regions or node.has_effect or all(isinstance(v, Literal) for v in node.operands):
        return False
    if isinstance(node.results[0].type, ListType):
        return False
    if isinstance(node.results[0].type, ArrayType):
        return node.operation not in _MAY_RAISE and not node.operation.startswith("linalg.")
    return node.operation in _SAFE_ON_NUMBERS
