"""Make one branch of two that are decided by the same condition.

A forward branch and its adjoint become one, so that an early return reads as the user wrote it, and
what the forward branch recorded for the adjoint needs no name outside.  A branch on a flag that an
earlier branch has set to True on one side and False on the other is merged with that one too.
What lies between and is read by the later branch moves before the earlier one; where that depends
on the earlier one, or has an effect, the two stay apart.

    y = if c { … yield t }                        y, d_x = if c { … … yield t, g }
        else { … yield u } : float                         else { … … yield u, h } : float, float
    d_x = if c { … yield g }               →
          else { … yield h } : float
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from srcgrad.graph import (
    Graph,
    Literal,
    Node,
    Region,
    Value,
    free_values,
    map_regions,
    substitute_region,
)


def merge_branches(graph: Graph) -> Graph:
    return graph.replace(nodes=_merge_block(graph.nodes))


def _merge_block(nodes: Sequence[Node]) -> tuple[Node, ...]:
    block = list(nodes)
    while _merge_once(block):
        pass
    return tuple(map_regions(node, _merge_region) for node in block)


def _merge_region(region: Region) -> Region:
    nodes = _merge_block(region.nodes)
    same = len(nodes) == len(region.nodes) and all(a is b for a, b in zip(nodes, region.nodes))
    return region if same else Region(region.parameters, nodes, region.results)


def _merge_once(block: list[Node]) -> bool:
    """Merge the first pair of branches that can be; was there one?"""
    branches = [place for place, node in enumerate(block) if node.operation == "if"]
    for second in branches:
        for first in branches:
            if first >= second:
                break
            sides = _sides(block[first], block[second])
            moved = _moved_before(block, first, second) if sides else None
            if sides and moved is not None:
                merged = _merged(block[first], block[second], sides)
                between = [n for n in block[first + 1 : second] if n not in moved]
                block[first : second + 1] = [*moved, merged, *between]
                return True
    return False


def _sides(first: Node, second: Node) -> tuple[int, int] | None:
    """Which region of the second branch follows each region of the first, if that is certain."""
    condition = second.operands[0]
    if condition is first.operands[0] and not isinstance(condition, Literal):
        return 0, 1
    if condition in first.results:
        place = first.results.index(condition)
        flags = [region.results[place] for region in first.regions]
        if all(isinstance(flag, Literal) and isinstance(flag.value, bool) for flag in flags):
            taken = [0 if flag.value else 1 for flag in flags]  # type: ignore[attr-defined]
            return (taken[0], taken[1]) if taken[0] != taken[1] else None
    return None


def _moved_before(block: list[Node], first: int, second: int) -> list[Node] | None:
    """The nodes between that the second branch needs, or None if they cannot come first."""
    between = block[first + 1 : second]
    if block[second].has_effect and any(node.has_effect for node in between):
        return None
    needed = set(free_values(block[second]))
    own = set(block[first].results)
    moved: list[Node] = []
    for node in reversed(between):
        if any(value in needed for value in node.results):
            reads = set(free_values(node))
            if node.has_effect or reads & own:
                return None
            needed |= reads
            moved.append(node)
    return moved[::-1]


def _merged(first: Node, second: Node, sides: tuple[int, int]) -> Node:
    regions = []
    for region, side in zip(first.regions, sides):
        mapping: dict[Value, Value] = dict(zip(first.results, region.results))
        after = substitute_region(second.regions[side], mapping)
        regions.append(Region((), region.nodes + after.nodes, region.results + after.results))
    return replace(first, results=first.results + second.results, regions=tuple(regions))
