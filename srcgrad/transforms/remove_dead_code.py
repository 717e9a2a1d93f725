"""Drop what nobody reads: nodes, results of branches, and what loops carry, walk or collect.

Relies on: nothing.  Never drops: nodes with an effect, and a sequence that decides how often a loop
runs.

    t = exp x              y = sin x
    y = sin x       →      return y
    return y
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace

from srcgrad.analyses import TripCounts, length_of_range
from srcgrad.graph import Graph, LoopParts, Node, Region, Section, Value, loop_parts
from srcgrad.transforms.rewriting import carries_of, rebuild_loop
from srcgrad.transforms.sections import section_of, without_unread_inputs


def remove_dead_code(graph: Graph) -> Graph:
    live = set(graph.results)
    trips = TripCounts(graph.nodes)
    return graph.replace(nodes=_live_nodes(graph.nodes, live, trips))


def _live_nodes(nodes: Sequence[Node], live: set[Value], trips: TripCounts) -> tuple[Node, ...]:
    """The nodes that matter, last first; adds to `live` what they read."""
    kept: list[Node] = []
    for node in reversed(nodes):
        if not node.has_effect and not any(value in live for value in node.results):
            continue
        if node.operation == "if":
            node = _live_branch(node, live, trips)
        elif node.operation in ("for", "while"):
            node = _live_loop(node, live, trips)
        elif node.operation == "section":
            node = _live_section(node, live)
        live.update(node.operands)
        kept.append(node)
    return tuple(reversed(kept))


def _live_section(node: Node, live: set[Value]) -> Node:
    """The section without the results that nobody reads, and what only they need."""
    kept = [place for place, value in enumerate(node.results) if value in live]
    if len(kept) == len(node.results):
        return node
    section = section_of(node)
    graph = section.graph
    graph = remove_dead_code(graph.replace(results=tuple(graph.results[k] for k in kept)))
    graph, operands = without_unread_inputs(graph, node.operands)
    results = tuple(node.results[k] for k in kept)
    parameters = {**node.parameters, "section": Section(section.stem, graph)}
    return replace(node, operands=operands, results=results, parameters=parameters)


def _live_branch(node: Node, live: set[Value], trips: TripCounts) -> Node:
    wanted = [k for k, value in enumerate(node.results) if value in live]
    regions = []
    for region in node.regions:
        results = tuple(region.results[k] for k in wanted)
        live.update(results)
        regions.append(Region((), _live_nodes(region.nodes, live, trips), results))
    return replace(node, results=tuple(node.results[k] for k in wanted), regions=tuple(regions))


def _live_loop(node: Node, live: set[Value], trips: TripCounts) -> Node:
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
        nodes = _live_nodes(parts.body.nodes, inner, trips)
        if condition is not None:
            inner.update(condition.results)
            tested = _live_nodes(condition.nodes, inner, trips)
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
    walked, range = _live_sources(parts, inner, trips)
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
    parts: LoopParts, live: set[Value], trips: TripCounts
) -> tuple[list[tuple[Value, Value]], tuple[Value, ...]]:
    """The walked sequences and the range that are read, or that decide the number of iterations.

    An unread one may go if another is certainly no longer.
    """
    walks = list(zip(parts.items, parts.sequences))
    range = parts.range

    def decides(length: Hashable, others: list[Hashable]) -> bool:
        return not any(trips.is_no_longer(other, length) for other in others)

    for item, sequence in list(walks):
        others = [trips.of_sequence(other) for i, other in walks if i is not item]
        others += [length_of_range(range)] if range else []
        if item not in live and not decides(trips.of_sequence(sequence), others):
            walks.remove((item, sequence))
    if range and parts.index not in live:
        others = [trips.of_sequence(other) for _, other in walks]
        if not decides(length_of_range(range), others):
            range = ()
    return walks, range
