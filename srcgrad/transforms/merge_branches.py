"""Make one branch of two that are decided by the same condition.

A forward branch and its adjoint become one, so that an early return reads as the user wrote it, and
what the forward branch recorded for the adjoint needs no name outside.  A branch on a flag that an
earlier branch has set to True or False on each of its sides is merged with that one too, as long as
no more than a few nodes have to be repeated for it.
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
    substitute,
    substitute_region,
    walk,
)
from srcgrad.transforms.rewriting import redefine

REPEATED_NODES_AT_MOST = 12


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
            if not _may_follow(block[first], block[second]):
                continue
            moved = _moved_before(block, first, second)
            if moved is not None:
                merged = _merged(block[first], block[second])
                between = [n for n in block[first + 1 : second] if n not in moved]
                block[first : second + 1] = [*moved, merged, *between]
                return True
    return False


def _may_follow(first: Node, second: Node) -> bool:
    """Is it certain on each side of the first branch what the second one does?

    On a side that ends in a branch of its own, it may be certain on each side of that.
    """
    condition = second.operands[0]
    if isinstance(condition, Literal) or not _runs_where(first, second):
        return False
    if condition is first.operands[0]:
        return True
    if condition not in first.results:
        return False
    taken: list[bool] = []
    if not all(_settles(region, first, second, taken) for region in first.regions):
        return False
    sizes = [sum(1 for _ in walk(region.nodes)) for region in second.regions]
    repeated = (max(taken.count(True) - 1, 0), max(taken.count(False) - 1, 0))
    return sum(a * b for a, b in zip(repeated, sizes)) <= REPEATED_NODES_AT_MOST


def _runs_where(first: Node, second: Node) -> bool:
    """Are the contexts (`np.errstate`) of the first branch among those of the second one?"""
    own, outer = ((n.location.contexts if n.location else ()) for n in (second, first))
    return own[: len(outer)] == outer


def _settles(region: Region, first: Node, second: Node, taken: list[bool]) -> bool:
    """Does the region say which side of the second branch is next?  Adds to `taken` which."""
    flag = region.results[first.results.index(second.operands[0])]
    if isinstance(flag, Literal):
        taken.append(flag.value is True)
        return isinstance(flag.value, bool)
    place = _place_of_branch(region, flag)
    if place is None:
        return False
    inner, mapping = region.nodes[place], dict(zip(first.results, region.results))
    after = {value for node in region.nodes[place + 1 :] for value in node.results}
    inside = substitute(second, mapping)
    if not after.isdisjoint(free_values(inside)):
        return False
    if second.has_effect and any(node.has_effect for node in region.nodes[place + 1 :]):
        return False
    return all(_settles(side, inner, inside, taken) for side in inner.regions)


def _place_of_branch(region: Region, flag: Value) -> int | None:
    """Where in the region the branch stands that the flag is a result of."""
    for place, node in enumerate(region.nodes):
        if node.operation == "if" and flag in node.results:
            return place
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


def _merged(first: Node, second: Node) -> Node:
    regions = []
    for number, region in enumerate(first.regions):
        if second.operands[0] is first.operands[0]:
            regions.append(_followed(region, second.regions[number], first))
        else:
            regions.append(_continued(region, first, second))
    return replace(first, results=first.results + second.results, regions=tuple(regions))


def _followed(region: Region, after: Region, first: Node) -> Region:
    """One region after the other."""
    mapping: dict[Value, Value] = dict(zip(first.results, region.results))
    after = substitute_region(after, mapping)
    return Region((), region.nodes + after.nodes, region.results + after.results)


def _continued(region: Region, first: Node, second: Node) -> Region:
    """The region with what the second branch does then, or with that branch inside its own last."""
    flag = region.results[first.results.index(second.operands[0])]
    if isinstance(flag, Literal):
        return _followed(region, _copied(second.regions[0 if flag.value else 1]), first)
    place = _place_of_branch(region, flag)
    assert place is not None
    mapping: dict[Value, Value] = dict(zip(first.results, region.results))
    results = tuple(Value(v.type, v.name, v.derivative_of) for v in second.results)
    inside = replace(substitute(second, mapping), results=results)
    inner = _merged(region.nodes[place], inside)
    nodes = (*region.nodes[:place], inner, *region.nodes[place + 1 :])
    return Region((), nodes, region.results + results)


def _copied(region: Region) -> Region:
    """The region with values of its own, so that it can stand in several places."""
    mapping: dict[Value, Value] = {}
    for node in walk(region.nodes):
        inner = [value for part in node.regions for value in part.parameters]
        for value in (*node.results, *inner):
            mapping[value] = Value(value.type, value.name, value.derivative_of)
    results = tuple(mapping.get(value, value) for value in region.results)
    return Region((), redefine(region.nodes, mapping), results)
