"""Brings a graph into the form that emission starts from, without changing what it computes.

The condition of a `while` gets the parameters of its body, since both are the same variables.
Readings of no more than the shape of an array that has been stored into meanwhile are turned to the
newest version, so that they do not keep the old one alive:

    b = index_set a, v {index=0}              b = index_set a, v {index=0}
    n = dim a {axis=0}                   →    n = dim b {axis=0}

A number broadcast to a shape becomes an array full of that number, which may be written into and is
fast in matrix products.  A copy made for the caller is left out where the array is the function's
own anyway and no other result shares its memory; it is a conversion where the dtype is in doubt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from srcgrad.analyses import dtypes_in_doubt
from srcgrad.backends.numpy.ownership import Origins
from srcgrad.graph import (
    ArrayType,
    Assumptions,
    Builder,
    Graph,
    Literal,
    Node,
    Region,
    ScalarType,
    Value,
    definitions,
    loop_parts,
    map_regions,
    rank_of,
    substitute,
    substitute_region,
    walk,
)
from srcgrad.rules import is_store

# Which operands are read for their shape (and dtype) alone.
_SHAPE_OPERANDS = {
    "dim": (0,),
    "size": (0,),
    "zeros_like": (0,),
    "ones_like": (0,),
    "empty_like": (0,),
    "full_like": (0,),
    "broadcast_like": (1,),
    "reshape_like": (1,),
    "sum_like": (1,),
    "fresh": (1,),
}


def prepare(graph: Graph) -> Graph:
    graph = _converted_for_certain(_copied_on_entry(graph))
    nodes = tuple(_share_condition_parameters(node) for node in graph.nodes)
    nodes = _filled(nodes, definitions(nodes))
    return _without_needless_copies(graph.replace(nodes=_turn_to_newest(nodes, _Versions({}, {}))))


def _copied_on_entry(graph: Graph) -> Graph:
    """Copies of the caller's arrays that loops store into and may not write where they stand."""
    nodes: list[Node] = []
    for node in graph.nodes:
        copies: dict[Value, Value] = {}
        for start, _, _ in _stored_into(node):
            if start in graph.inputs and not _writes_in_place(node):
                builder = Builder(graph.assumptions)
                builder.phase = node.phase
                copies[start] = copied(builder, start)
                nodes += builder.nodes
        if copies:
            parts = loop_parts(node)
            first = len(node.operands) - len(parts.initial)
            initial = tuple(copies.get(value, value) for value in parts.initial)
            node = replace(node, operands=node.operands[:first] + initial)
        nodes.append(node)
    return graph.replace(nodes=tuple(nodes))


def _converted_for_certain(graph: Graph) -> Graph:
    """What callers get is converted to the dtype it has to have, where its own is in doubt."""
    doubtful = dtypes_in_doubt(graph.nodes)

    def is_conversion(node: Node) -> bool:
        return (
            node.operation == "fresh"
            and node.operands[0] in doubtful
            and node.operands[1] not in doubtful
        )

    return graph.replace(
        nodes=tuple(
            replace(node, parameters={"converted": True}) if is_conversion(node) else node
            for node in graph.nodes
        )
    )


def copied(builder: Builder, array: Value) -> Value:
    """`array.copy()`."""
    (copy,) = builder.append("fresh", (array, array), (array.type,), {"exact": True})
    return copy


def _writes_in_place(node: Node) -> bool:
    return any(inner.parameters.get("in_place") for inner in walk([node]))


def newest_version(graph: Graph, value: Value) -> Value:
    """The last version of an array that stores change, of those of which all are defined."""
    for node in graph.nodes:
        for old, new in _versions(node):
            value = new if value is old else value
    return value


def _filled(nodes: Sequence[Node], made_by: Mapping[Value, Node]) -> tuple[Node, ...]:
    """Arrays full of one number in place of that number broadcast."""

    def inside(region: Region) -> Region:
        return replace(region, nodes=_filled(region.nodes, made_by))

    return tuple(map_regions(_filled_at_once(node, made_by), inside) for node in nodes)


def _filled_at_once(node: Node, made_by: Mapping[Value, Node]) -> Node:
    broadcast = node
    if node.operation == "cast":
        broadcast = made_by.get(node.operands[0], node)
    if broadcast.operation != "broadcast_like" or not node.phase:
        return node
    number, like = broadcast.operands
    made = node.result.type
    if rank_of(number.type) != 0 or not rank_of(like.type) or not isinstance(made, ArrayType):
        return node
    cast = made_by.get(number)
    if (
        cast is not None
        and cast.operation == "cast"
        and isinstance(cast.operands[0].type, ScalarType)
    ):
        number = cast.operands[0]
    same = isinstance(like.type, ArrayType) and like.type.dtype == made.dtype
    parameters = {} if same else {"dtype": made.dtype}
    if isinstance(number, Literal) and number.value == 1:
        return replace(node, operation="ones_like", operands=(like,), parameters=parameters)
    return replace(node, operation="full_like", operands=(like, number), parameters=parameters)


def _without_needless_copies(graph: Graph) -> Graph:
    for node in [node for node in graph.nodes if node.operation == "fresh"]:
        array, copy = node.operands[0], node.result
        is_conversion = node.parameters.get("converted")
        if is_conversion or not _has_type_of(array, copy, graph.assumptions):
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


class _Versions:
    """Which value is the latest version of each array, at one place of the graph.

    `sizes` are the unnamed sizes taken so far, which are taken anew from a newer version.
    """

    def __init__(self, newest: dict[Value, Value], sizes: dict[Value, Node]) -> None:
        self.newest = newest
        self.sizes = sizes

    def nested(self, pairs: list[tuple[Value, Value]]) -> _Versions:
        inner = _Versions(dict(self.newest), dict(self.sizes))
        for old, new in pairs:
            inner.renew(old, new)
        return inner

    def renew(self, old: Value, new: Value) -> None:
        for value, latest in list(self.newest.items()):
            if latest is old:
                self.newest[value] = new
        self.newest[old] = new

    def turned(self, node: Node) -> list[Node]:
        """The node with its readings of shapes turned to the newest versions, and what it needs."""
        needed: list[Node] = []
        operands = []
        for place, value in enumerate(node.operands):
            if place in _SHAPE_OPERANDS.get(node.operation, ()):
                value = self.newest.get(value, value)
            size = self.sizes.get(value)
            if size is not None and size.operands[0] in self.newest:
                latest = self.newest[size.operands[0]]
                value = Value(value.type, value.name, value.derivative_of)
                needed.append(replace(size, operands=(latest,), results=(value,)))
            operands.append(value)
        if tuple(operands) == node.operands:
            return [node]
        return [*needed, replace(node, operands=tuple(operands))]

    def note(self, node: Node) -> None:
        if node.operation in ("dim", "size") and node.result.name is None:
            self.sizes[node.result] = node


def _turn_to_newest(nodes: Sequence[Node], versions: _Versions) -> tuple[Node, ...]:
    changed: list[Node] = []
    for node in nodes:
        inside = partial(_inside, outer=versions, pairs=_entering_versions(node))
        node = map_regions(node, inside)
        changed += versions.turned(node)
        versions.note(changed[-1])
        for old, new in _versions(node):
            versions.renew(old, new)
    return tuple(changed)


def _inside(region: Region, outer: _Versions, pairs: list[tuple[Value, Value]]) -> Region:
    return replace(region, nodes=_turn_to_newest(region.nodes, outer.nested(pairs)))


def _versions(node: Node) -> list[tuple[Value, Value]]:
    """The arrays that this node replaces by a version of the same shape."""
    if is_store(node.operation):
        return [(node.operands[0], node.result)]
    return [(start, final) for start, _, final in _stored_into(node)]


def _entering_versions(node: Node) -> list[tuple[Value, Value]]:
    """The arrays that inside a loop go by what the loop carries."""
    return [(start, carried) for start, carried, _ in _stored_into(node)]


def _stored_into(node: Node) -> list[tuple[Value, Value, Value]]:
    """What a loop carries and does nothing to but store into it: initial, carried, final value."""
    if node.operation not in ("for", "while"):
        return []
    parts = loop_parts(node)
    chain = {new: old for inner in parts.body.nodes for old, new in _versions(inner)}
    found = []
    for start, carried, end, final in zip(parts.initial, parts.carried, parts.yielded, parts.final):
        at = end
        while at in chain:
            at = chain[at]
        if at is carried and end is not carried and not isinstance(start, Literal):
            found.append((start, carried, final))
    return found
