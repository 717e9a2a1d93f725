"""When no further derivative is taken, a slope at a kink is the slope itself.

    d_x_1 = slope_at_kink d_x, size, g, x     →     d_x_1 = argument d_x

What the node says is of use to the derivatives of `d_x_1` alone (`rules/masking.py`).
"""

from __future__ import annotations

from collections.abc import Sequence

from srcgrad.graph import Node, Region, map_regions, walk

_KINK = "slope_at_kink"


def without_kinks(nodes: Sequence[Node]) -> tuple[Node, ...]:
    if not any(node.operation == _KINK for node in walk(list(nodes))):
        return tuple(nodes)

    def region(old: Region) -> Region:
        return Region(old.parameters, without_kinks(old.nodes), old.results)

    def itself(node: Node) -> Node:
        return Node("argument", node.operands[:1], node.results, {}, (), node.location, node.phase)

    return tuple(itself(n) if n.operation == _KINK else map_regions(n, region) for n in nodes)
