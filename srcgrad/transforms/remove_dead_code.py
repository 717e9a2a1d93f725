"""Drop what nobody reads: nodes, results of branches, and what loops carry, walk or collect.

Relies on: nothing.  Never drops: nodes with an effect, and a sequence that decides how often a loop
runs.

    t = exp x              y = sin x
    y = sin x       →      return y
    return y
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace

from srcgrad.graph import (
    ArrayType,
    Graph,
    ListType,
    Literal,
    LoopParts,
    Node,
    Region,
    ScalarType,
    Value,
    loop_parts,
    walk,
)
from srcgrad.transforms.rewriting import carries_of, is_literal, rebuild_loop


def remove_dead_code(graph: Graph) -> Graph:
    live = set(graph.results)
    makers = {
        value: node
        for node in walk(graph.nodes)
        if node.operation in ("for", "while")
        for value in node.results
    }
    return graph.replace(nodes=_live_nodes(graph.nodes, live, makers))


_Makers = Mapping[Value, Node]


def _live_nodes(nodes: Sequence[Node], live: set[Value], makers: _Makers) -> tuple[Node, ...]:
    """The nodes that matter, last first; adds to `live` what they read."""
    kept: list[Node] = []
    for node in reversed(nodes):
        if not node.has_effect and not any(value in live for value in node.results):
            continue
        if node.operation == "if":
            node = _live_branch(node, live, makers)
        elif node.operation in ("for", "while"):
            node = _live_loop(node, live, makers)
        live.update(node.operands)
        kept.append(node)
    return tuple(reversed(kept))


def _live_branch(node: Node, live: set[Value], makers: _Makers) -> Node:
    wanted = [k for k, value in enumerate(node.results) if value in live]
    regions = []
    for region in node.regions:
        results = tuple(region.results[k] for k in wanted)
        live.update(results)
        regions.append(Region((), _live_nodes(region.nodes, live, makers), results))
    return replace(node, results=tuple(node.results[k] for k in wanted), regions=tuple(regions))


def _live_loop(node: Node, live: set[Value], makers: _Makers) -> Node:
    parts = loop_parts(node)
    carries = carries_of(parts)
    collects = [(value, tape) for value, tape in zip(parts.collected, parts.lists) if tape in live]
    kept = {final for _, _, _, final in carries if final in live}
    condition = node.regions[0] if node.operation == "while" else None
    while True:
        inner = set(live)
        inner.update(value for value, _ in collects)
        inner.update(yielded for _, _, yielded, final in carries if final in kept)
        if parts.stop is not None:
            inner.add(parts.stop)
        nodes = _live_nodes(parts.body.nodes, inner, makers)
        if condition is not None:
            inner.update(condition.results)
            tested = _live_nodes(condition.nodes, inner, makers)
            inner.update(
                carried for own, carried in zip(condition.parameters, parts.carried) if own in inner
            )
        wanted = {final for carried, _, _, final in carries if carried in inner} | kept
        if wanted == kept:
            break
        kept = wanted
    live |= inner
    if condition is not None:
        own = tuple(
            value for value, carry in zip(condition.parameters, carries) if carry[3] in kept
        )
        condition = Region(own, tested, condition.results)
    walked, range = _live_sources(parts, inner, makers)
    return rebuild_loop(
        parts,
        nodes=nodes,
        range=range,
        walks=walked,
        carries=[carry for carry in carries if carry[3] in kept],
        collects=collects,
        condition=condition,
    )


def _live_sources(
    parts: LoopParts, live: set[Value], makers: _Makers
) -> tuple[list[tuple[Value, Value]], tuple[Value, ...]]:
    """The walked sequences and the range that are read, or that decide the number of iterations.

    An unread one may go if another has the same length for certain.
    """
    walks = list(zip(parts.items, parts.sequences))
    range = parts.range
    for item, sequence in list(walks):
        length = _length_of(sequence, makers)
        others = [_length_of(other, makers) for i, other in walks if i is not item]
        others += [_length_of_range(range)] if range else []
        if item not in live and length is not None and length in others:
            walks.remove((item, sequence))
    if range and parts.index not in live:
        length = _length_of_range(range)
        if length is not None and length in [_length_of(other, makers) for _, other in walks]:
            range = ()
    return walks, range


def _length_of(sequence: Value, makers: _Makers) -> Hashable:
    """Something that two sequences have in common only if they are equally long, or None."""
    if isinstance(sequence.type, ListType):
        maker = makers.get(sequence)
        return None if maker is None else ("iterations of", maker.regions[-1])
    if isinstance(sequence.type, ArrayType) and sequence.type.shape:
        dim = sequence.type.shape[0]
        return None if dim is None else ("size", dim)
    return None


def _length_of_range(range: tuple[Value, ...]) -> Hashable:
    start, stop, step = range
    if not (is_literal(start, 0) and is_literal(step, 1)):
        return None
    if isinstance(stop, Literal):
        return ("size", stop.value)
    size = stop.type.size if isinstance(stop.type, ScalarType) else None
    return None if size is None else ("size", size)
