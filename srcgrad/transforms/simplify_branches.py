"""Settle branches as far as they are known now.

A branch on a literal is replaced by the side that is taken; a result that is the same value on both
sides, by that value, where it comes from outside the branch.

    y = if True { … yield t }        …
        else { … yield u }     →     return t
    return y
"""

from __future__ import annotations

from collections.abc import Sequence

from srcgrad.graph import (
    Graph,
    Literal,
    Node,
    Region,
    Undefined,
    Value,
    map_regions,
    substitute,
)


def simplify_branches(graph: Graph) -> Graph:
    mapping: dict[Value, Value] = {}
    nodes = _settle_block(graph.nodes, mapping)
    return graph.replace(
        nodes=nodes, results=tuple(mapping.get(value, value) for value in graph.results)
    )


def _settle_block(nodes: Sequence[Node], mapping: dict[Value, Value]) -> tuple[Node, ...]:
    kept: list[Node] = []
    for node in nodes:
        node = substitute(node, mapping)
        taken = _taken(node)
        if taken is not None:
            inner = _settle_block(taken.nodes, mapping)
            kept += inner
            ends = (mapping.get(value, value) for value in taken.results)
            mapping.update(zip(node.results, ends))
            continue
        node = map_regions(node, lambda region: _settle_region(region, mapping))
        if node.operation == "if":
            mapping.update(_equal_results(node))
        kept.append(node)
    return tuple(kept)


def _settle_region(region: Region, mapping: dict[Value, Value]) -> Region:
    nodes = _settle_block(region.nodes, mapping)
    results = tuple(mapping.get(value, value) for value in region.results)
    same = len(nodes) == len(region.nodes) and all(a is b for a, b in zip(nodes, region.nodes))
    if same and results == region.results:
        return region
    return Region(region.parameters, nodes, results)


def _taken(node: Node) -> Region | None:
    """The region of a branch that is taken, if the condition is known."""
    if node.operation != "if" or not isinstance(node.operands[0], Literal):
        return None
    condition = node.operands[0].value
    return node.regions[0 if condition else 1] if isinstance(condition, bool) else None


def _equal_results(node: Node) -> dict[Value, Value]:
    """Results that stand for one value whatever side is taken."""
    inner = {
        value for region in node.regions for inside in region.nodes for value in inside.results
    }
    found: dict[Value, Value] = {}
    for result, left, right in zip(node.results, *(region.results for region in node.regions)):
        from_outside = left is right and left not in inner
        same = left.type == result.type and (from_outside or _are_same_literals(left, right))
        if same or (_is_undefined(left) and _is_undefined(right)):
            found[result] = left
    return found


def _is_undefined(value: Value) -> bool:
    return isinstance(value, Literal) and isinstance(value.value, Undefined)


def _are_same_literals(a: Value, b: Value) -> bool:
    if not isinstance(a, Literal) or not isinstance(b, Literal):
        return False
    return type(a.value) is type(b.value) and repr(a.value) == repr(b.value)
