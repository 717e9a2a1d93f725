"""Take out of a loop's carried values what never changes, and what two of them share.

A carried value that every iteration hands on unchanged is its initial value.  A list of values that
is collected twice is collected once, and one that is walked twice is walked once.

    y, z = for each (r = x) carry (a = p, b = q) {      z = for each (r = x) carry (b = q) {
      t = add b, a                                        t = add b, p
      yield a, t                                   →      yield t
    }                                                   }
    return y, z                                         return p, z
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from srcgrad.analyses import TripCounts
from srcgrad.graph import (
    ArrayType,
    Graph,
    Literal,
    LoopParts,
    Node,
    Region,
    Value,
    loop_parts,
    map_regions,
    substitute,
    substitute_region,
    walk,
)
from srcgrad.transforms.rewriting import carries_of, count_reads, rebuild_loop


def simplify_loops(graph: Graph) -> Graph:
    mapping: dict[Value, Value] = {}
    reads = count_reads(graph)
    nodes = _block(_without_repeated_items(graph.nodes, reads), mapping, reads)
    return graph.replace(
        nodes=nodes, results=tuple(mapping.get(value, value) for value in graph.results)
    )


def _block(
    nodes: Sequence[Node], mapping: dict[Value, Value], reads: Mapping[Value, int]
) -> tuple[Node, ...]:
    kept: list[Node] = []
    for node in nodes:
        node = substitute(node, mapping)
        if node.operation in ("for", "while"):
            node = _without_constants(node, mapping, reads)
            node = _without_duplicates(loop_parts(node), mapping)
        kept.append(map_regions(node, lambda region: _region(region, mapping, reads)))
    return tuple(kept)


def _region(region: Region, mapping: dict[Value, Value], reads: Mapping[Value, int]) -> Region:
    nodes = _block(region.nodes, mapping, reads)
    results = tuple(mapping.get(value, value) for value in region.results)
    same = len(nodes) == len(region.nodes) and all(a is b for a, b in zip(nodes, region.nodes))
    if same and results == region.results:
        return region
    return Region(region.parameters, nodes, results)


def _without_constants(node: Node, mapping: dict[Value, Value], reads: Mapping[Value, int]) -> Node:
    """The loop without carried values that stay what they were before it."""
    parts = loop_parts(node)
    carries = carries_of(parts)
    constant = [
        carry
        for carry in carries
        if carry[2] is carry[0]
        and (carry[1].type == carry[0].type or (node.phase and _is_number(carry, parts, reads)))
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


def _is_number(
    carry: tuple[Value, Value, Value, Value], parts: LoopParts, reads: Mapping[Value, int]
) -> bool:
    """Is this a NumPy number that a Python float can stand for, and that nobody reads later?"""
    carried, initial, _, final = carry
    return not reads.get(final) and _may_be_number(carried, initial, parts, reads, handed_on=1)


def _may_be_number(
    value: Value, number: Value, parts: LoopParts, reads: Mapping[Value, int], handed_on: int
) -> bool:
    """Can a Python float stand for a NumPy number in a loop, as in `1.0 * x[i]`?

    It can where it meets arrays of its own precision alone, and is handed on no more often than
    that.
    """
    type_ = value.type
    if not isinstance(number, Literal) or type(number.value) is not float:
        return False
    if not isinstance(type_, ArrayType) or type_.shape != () or type_.dtype.kind != "f":
        return False
    by_nodes = sum(node.operands.count(value) for node in walk(parts.body.nodes))
    if reads.get(value, 0) != by_nodes + handed_on:
        return False
    return all(_meets_arrays(node, value, type_) for node in walk(parts.body.nodes))


def _meets_arrays(node: Node, number: Value, type_: ArrayType) -> bool:
    if number not in node.operands:
        return True
    others = [value for value in node.operands if value is not number]
    arrays = [value.type for value in others if isinstance(value.type, ArrayType)]
    if node.operation not in ("multiply", "add", "subtract", "index_add", "index_set"):
        return False
    same = all(array.dtype == type_.dtype for array in arrays if array.dtype.kind in "fc")
    return same and any(array.dtype.kind == "f" for array in arrays)


def _without_repeated_items(
    nodes: tuple[Node, ...], reads: Mapping[Value, int]
) -> tuple[Node, ...]:
    """Loops over a list of one thing read that thing, and walk the list only to count."""
    repeats = {n.result: n.operands[0] for n in walk(nodes) if n.operation == "repeat_list"}
    return _read_once(nodes, repeats, TripCounts(nodes), reads) if repeats else nodes


def _read_once(
    nodes: tuple[Node, ...],
    repeats: Mapping[Value, Value],
    trips: TripCounts,
    reads: Mapping[Value, int],
) -> tuple[Node, ...]:
    def inside(region: Region) -> Region:
        return replace(region, nodes=_read_once(region.nodes, repeats, trips, reads))

    done = []
    for node in nodes:
        node = map_regions(node, inside)
        done.append(_reading_once(node, repeats, trips, reads) if node.operation == "for" else node)
    return tuple(done)


def _reading_once(
    node: Node,
    repeats: Mapping[Value, Value],
    trips: TripCounts,
    reads: Mapping[Value, int],
) -> Node:
    parts = loop_parts(node)
    walks = list(zip(parts.items, parts.sequences))
    known = {
        item: repeats[sequence]
        for item, sequence in walks
        if sequence in repeats
        and (
            repeats[sequence].type == item.type
            or (node.phase and _may_be_number(item, repeats[sequence], parts, reads, handed_on=0))
        )
    }
    if not known:
        return node
    counted = {trips.of_sequence(sequence) for item, sequence in walks if item not in known}
    if parts.range:
        counted.add(trips.of_range(parts))
    kept = [
        (item, sequence)
        for item, sequence in walks
        if item not in known or trips.of_sequence(sequence) not in counted
    ]
    changed = loop_parts(_with_body(node, substitute_region(parts.body, known)))
    return rebuild_loop(changed, walks=kept)


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
    """The loop that collects each value once, and walks each sequence once."""
    lists: dict[Value, Value] = {}
    for value, tape in zip(parts.collected, parts.lists):
        if value in lists:
            mapping[tape] = lists[value]
        else:
            lists[value] = tape
    items: dict[Value, Value] = {}
    same: dict[Value, Value] = {}
    for item, sequence in zip(parts.items, parts.sequences):
        first = items.setdefault(sequence, item)
        if first is not item:
            same[item] = first
    if len(lists) == len(parts.lists) and not same:
        return parts.node
    changed = loop_parts(_with_body(parts.node, substitute_region(parts.body, same)))
    return rebuild_loop(
        changed,
        walks=[(item, sequence) for sequence, item in items.items()],
        collects=[
            (value, tape)
            for value, tape in zip(changed.collected, changed.lists)
            if tape not in mapping
        ],
    )
