"""Take out of a loop's carried values what never changes, and what two of them share.

A carried value that every iteration hands on unchanged is its initial value.  A list of values that
is collected twice is collected once.

    y, z = for each (r = x) carry (a = p, b = q) {      z = for each (r = x) carry (b = q) {
      t = add b, a                                        t = add b, p
      yield a, t                                   →      yield t
    }                                                   }
    return y, z                                         return p, z
"""

from __future__ import annotations

from collections.abc import Sequence

from srcgrad.graph import (
    Graph,
    LoopParts,
    Node,
    Region,
    Value,
    loop_parts,
    map_regions,
    substitute,
    substitute_region,
)
from srcgrad.transforms.rewriting import carries_of, rebuild_loop


def simplify_loops(graph: Graph) -> Graph:
    mapping: dict[Value, Value] = {}
    nodes = _block(graph.nodes, mapping)
    return graph.replace(
        nodes=nodes, results=tuple(mapping.get(value, value) for value in graph.results)
    )


def _block(nodes: Sequence[Node], mapping: dict[Value, Value]) -> tuple[Node, ...]:
    kept: list[Node] = []
    for node in nodes:
        node = substitute(node, mapping)
        if node.operation in ("for", "while"):
            node = _without_constants(node, mapping)
            node = _without_duplicates(loop_parts(node), mapping)
        kept.append(map_regions(node, lambda region: _region(region, mapping)))
    return tuple(kept)


def _region(region: Region, mapping: dict[Value, Value]) -> Region:
    nodes = _block(region.nodes, mapping)
    results = tuple(mapping.get(value, value) for value in region.results)
    same = len(nodes) == len(region.nodes) and all(a is b for a, b in zip(nodes, region.nodes))
    if same and results == region.results:
        return region
    return Region(region.parameters, nodes, results)


def _without_constants(node: Node, mapping: dict[Value, Value]) -> Node:
    """The loop without carried values that stay what they were before it."""
    parts = loop_parts(node)
    carries = carries_of(parts)
    constant = [
        carry for carry in carries if carry[2] is carry[0] and carry[1].type == carry[0].type
    ]
    if not constant:
        return node
    inner = {carried: initial for carried, initial, _, _ in constant}
    mapping.update((final, initial) for _, initial, _, final in constant)
    body = substitute_region(parts.body, inner)
    condition = None
    if node.operation == "while":
        old = node.regions[0]
        own = {
            value: initial
            for value, (carried, initial, _, _) in zip(old.parameters, carries)
            if carried in inner
        }
        renamed = substitute_region(old, own)
        kept = tuple(value for value in old.parameters if value not in own)
        condition = Region(kept, renamed.nodes, renamed.results)
    changed = loop_parts(_with_body(node, body))
    return rebuild_loop(
        changed,
        carries=[carry for carry in carries_of(changed) if carry[0] not in inner],
        condition=condition,
    )


def _with_body(node: Node, body: Region) -> Node:
    regions = (*node.regions[:-1], body)
    return Node(
        node.operation,
        node.operands,
        node.results,
        node.parameters,
        regions,
        node.location,
        node.phase,
    )


def _without_duplicates(parts: LoopParts, mapping: dict[Value, Value]) -> Node:
    """The loop that collects each value once."""
    lists: dict[Value, Value] = {}
    for value, tape in zip(parts.collected, parts.lists):
        if value in lists:
            mapping[tape] = lists[value]
        else:
            lists[value] = tape
    if len(lists) == len(parts.lists):
        return parts.node
    return rebuild_loop(parts, collects=list(lists.items()))
