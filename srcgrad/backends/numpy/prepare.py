"""Brings a graph into the form that emission starts from, without changing what it computes.

The condition of a `while` gets the parameters of its body, since both are the same variables.
Readings of no more than the shape of an array that has been stored into meanwhile are turned to the
newest version, so that they do not keep the old one alive:

    b = index_set a, v {index=0}              b = index_set a, v {index=0}
    n = dim a {axis=0}                   →    n = dim b {axis=0}

A copy made for the caller is left out where the array is the function's own anyway and no other
result shares its memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from srcgrad.backends.numpy.ownership import STORES, Origins
from srcgrad.graph import (
    ArrayType,
    Assumptions,
    Graph,
    Node,
    Region,
    Value,
    loop_parts,
    map_regions,
    substitute,
    substitute_region,
)

# Which operands are read for their shape (and dtype) alone.
_SHAPE_OPERANDS = {
    "dim": (0,),
    "size": (0,),
    "zeros_like": (0,),
    "ones_like": (0,),
    "empty_like": (0,),
    "broadcast_like": (1,),
    "reshape_like": (1,),
    "sum_like": (1,),
    "fresh": (1,),
}


def prepare(graph: Graph) -> Graph:
    nodes = tuple(_share_condition_parameters(node) for node in graph.nodes)
    return _without_needless_copies(graph.replace(nodes=_turn_to_newest(nodes, {})))


def _without_needless_copies(graph: Graph) -> Graph:
    for node in [node for node in graph.nodes if node.operation == "fresh"]:
        array, copy = node.operands[0], node.result
        if not _has_type_of(array, copy, graph.assumptions):
            continue
        if _may_be_handed_out(array, copy, graph):
            graph = _named_as(graph, array, copy, node)
        else:
            exact = replace(node, parameters={"exact": True})
            graph = graph.replace(nodes=tuple(exact if n is node else n for n in graph.nodes))
    return graph


def _has_type_of(array: Value, copy: Value, sizes: Assumptions) -> bool:
    """Is the array certain to have the shape and dtype of the copy?"""
    have, want = array.type, copy.type
    if not isinstance(have, ArrayType) or not isinstance(want, ArrayType):
        return False
    if have.dtype != want.dtype or not have.shape or not want.shape:
        return False
    same_rank = len(have.shape) == len(want.shape)
    return same_rank and all(sizes.assume_equal(a, b) for a, b in zip(have.shape, want.shape))


def _may_be_handed_out(array: Value, copy: Value, graph: Graph) -> bool:
    """Is the array the function's own, and in no other result?"""
    origins = Origins(graph)
    others = [value for value in graph.results if value is not copy]
    is_result = len(others) == len(graph.results) - 1
    return is_result and origins.is_owned(array) and not origins.of(array) & origins.of_all(others)


def _named_as(graph: Graph, array: Value, copy: Value, made_by: Node) -> Graph:
    """The graph without the copy, whose name goes to the array."""
    mapping = {array: copy}
    nodes = []
    for node in graph.nodes:
        if node is made_by:
            continue
        node = substitute(node, mapping)
        if array in node.results:
            node = replace(node, results=tuple(mapping.get(v, v) for v in node.results))
        nodes.append(node)
    return graph.replace(nodes=tuple(nodes))


def _share_condition_parameters(node: Node) -> Node:
    def inside(region: Region) -> Region:
        return replace(region, nodes=tuple(map(_share_condition_parameters, region.nodes)))

    node = map_regions(node, inside)
    if node.operation != "while":
        return node
    carried = loop_parts(node).carried
    condition = node.regions[0]
    shared = substitute_region(condition, dict(zip(condition.parameters, carried)))
    return replace(node, regions=(replace(shared, parameters=carried), node.regions[1]))


def _turn_to_newest(nodes: Sequence[Node], newest: dict[Value, Value]) -> tuple[Node, ...]:
    """`newest` maps each array to its latest version, and is added to on the way."""
    changed = []
    for node in nodes:
        node = map_regions(node, lambda region: _inside(region, newest))
        wanted = _SHAPE_OPERANDS.get(node.operation, ())
        operands = tuple(
            newest.get(value, value) if place in wanted else value
            for place, value in enumerate(node.operands)
        )
        if operands != node.operands:
            node = replace(node, operands=operands)
        changed.append(node)
        for old, new in _versions(node):
            for value, latest in list(newest.items()):
                if latest is old:
                    newest[value] = new
            newest[old] = new
    return tuple(changed)


def _inside(region: Region, newest: dict[Value, Value]) -> Region:
    return replace(region, nodes=_turn_to_newest(region.nodes, dict(newest)))


def _versions(node: Node) -> list[tuple[Value, Value]]:
    """The arrays that this node replaces by a version of the same shape."""
    if node.operation in STORES:
        return [(node.operands[0], node.result)]
    if node.operation not in ("for", "while"):
        return []
    parts = loop_parts(node)
    chain = {new: old for inner in parts.body.nodes for old, new in _versions(inner)}
    found = []
    for start, carried, end, final in zip(parts.initial, parts.carried, parts.yielded, parts.final):
        at = end
        while at in chain:
            at = chain[at]
        if at is carried and end is not carried:
            found.append((start, final))
    return found
