"""Settle branches as far as they are known now.

A branch on a literal is replaced by the side that is taken; a result that is the same value on both
sides, by that value, where it comes from outside the branch.

    y = if True { … yield t }        …
        else { … yield u }     →     return t
    return y

A branch on a flag that an earlier branch sets is a branch on that one's condition.

    flag = if c { yield True }                 flag = if c { yield True }
           else { yield False } : bool    →           else { yield False } : bool
    y = if flag { …                            y = if c { …
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

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

# The condition of the branch that sets a flag, and what the flag is where the condition is true.
_Flag: TypeAlias = tuple[Value, bool]


def simplify_branches(graph: Graph) -> Graph:
    mapping: dict[Value, Value] = {}
    nodes = _settle_block(graph.nodes, mapping, {})
    return graph.replace(
        nodes=nodes, results=tuple(mapping.get(value, value) for value in graph.results)
    )


def _settle_block(
    nodes: Sequence[Node], mapping: dict[Value, Value], flags: dict[Value, _Flag]
) -> tuple[Node, ...]:
    kept: list[Node] = []
    for node in nodes:
        node = _on_condition_of_flag(substitute(node, mapping), flags)
        taken = _taken(node)
        if taken is not None:
            inner = _settle_block(taken.nodes, mapping, flags)
            kept += inner
            ends = (mapping.get(value, value) for value in taken.results)
            mapping.update(zip(node.results, ends))
            continue
        node = map_regions(node, lambda region: _settle_region(region, mapping, flags))
        if node.operation == "if":
            mapping.update(_equal_results(node))
            flags.update(_flags_set_by(node))
        kept.append(node)
    return tuple(kept)


def _settle_region(
    region: Region, mapping: dict[Value, Value], flags: dict[Value, _Flag]
) -> Region:
    nodes = _settle_block(region.nodes, mapping, flags)
    results = tuple(mapping.get(value, value) for value in region.results)
    same = len(nodes) == len(region.nodes) and all(a is b for a, b in zip(nodes, region.nodes))
    if same and results == region.results:
        return region
    return Region(region.parameters, nodes, results)


def _flags_set_by(node: Node) -> dict[Value, _Flag]:
    condition = node.operands[0]
    sides = zip(node.results, *(region.results for region in node.regions))
    return {
        flag: (condition, first.value is True)
        for flag, first, second in sides
        if isinstance(first, Literal)
        and isinstance(second, Literal)
        and {repr(first.value), repr(second.value)} == {"True", "False"}
    }


def _on_condition_of_flag(node: Node, flags: Mapping[Value, _Flag]) -> Node:
    if node.operation != "if" or node.operands[0] not in flags:
        return node
    condition, is_same = flags[node.operands[0]]
    regions = node.regions if is_same else node.regions[::-1]
    return replace(node, operands=(condition, *node.operands[1:]), regions=regions)


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
