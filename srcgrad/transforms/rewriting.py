"""What the passes share: renaming, counting reads, putting loops together again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from srcgrad.graph import Graph, Literal, LoopParts, Node, Region, Value, walk


def redefine(nodes: Sequence[Node], mapping: Mapping[Value, Value]) -> tuple[Node, ...]:
    """The nodes with values replaced where they are read and where they are defined."""

    def renamed(values: tuple[Value, ...]) -> tuple[Value, ...]:
        return tuple(mapping.get(value, value) for value in values)

    def region(old: Region) -> Region:
        return Region(renamed(old.parameters), redefine(old.nodes, mapping), renamed(old.results))

    return tuple(
        replace(
            node,
            operands=renamed(node.operands),
            results=renamed(node.results),
            regions=tuple(region(old) for old in node.regions),
        )
        for node in nodes
    )


def count_reads(graph: Graph) -> Counter[Value]:
    """How often each value is read, by nodes, by regions and as a result of the graph."""
    counts: Counter[Value] = Counter(graph.results)
    for node in walk(graph.nodes):
        counts.update(node.operands)
        for region in node.regions:
            counts.update(region.results)
    return counts


def resolve(value: Value, mapping: Mapping[Value, Value]) -> Value:
    """What stands for the value after replacements that may follow one another."""
    while value in mapping:
        value = mapping[value]
    return value


def is_literal(value: Value, number: object) -> bool:
    """Is the value this number, known now?"""
    return (
        isinstance(value, Literal)
        and isinstance(value.value, (bool, int, float, complex))
        and value.value == number
    )


def rebuild_loop(
    parts: LoopParts,
    *,
    nodes: tuple[Node, ...] | None = None,
    range: tuple[Value, ...] | None = None,
    index: Value | None = None,
    walks: Sequence[tuple[Value, Value]] | None = None,
    carries: Sequence[tuple[Value, Value, Value, Value]] | None = None,
    collects: Sequence[tuple[Value, Value]] | None = None,
    stop: Value | None = None,
    condition: Region | None = None,
) -> Node:
    """The loop with some of its parts changed; what is not given stays.

    `walks` pairs items with sequences; `carries` holds (carried, initial, yielded, final);
    `collects` pairs collected values with their lists.  `range=()` drops the range.
    """
    node = parts.node
    walks = list(zip(parts.items, parts.sequences)) if walks is None else walks
    carries = carries_of(parts) if carries is None else carries
    collects = list(zip(parts.collected, parts.lists)) if collects is None else collects
    range = parts.range if range is None else range
    index = parts.index if index is None else index
    stop = parts.stop if stop is None else stop
    counts = {"ranged": bool(range), "sequences": len(walks), "collects": len(collects)}
    parameters = {key: value for key, value in node.parameters.items() if key not in counts} | {
        key: value for key, value in counts.items() if value
    }
    body = Region(
        ((index,) if range and index is not None else ())
        + tuple(item for item, _ in walks)
        + tuple(carry[0] for carry in carries),
        parts.body.nodes if nodes is None else nodes,
        (() if stop is None else (stop,))
        + tuple(carry[2] for carry in carries)
        + tuple(value for value, _ in collects),
    )
    regions = (body,) if node.operation == "for" else (condition or node.regions[0], body)
    return replace(
        node,
        operands=range
        + tuple(sequence for _, sequence in walks)
        + tuple(carry[1] for carry in carries),
        results=tuple(carry[3] for carry in carries) + tuple(tape for _, tape in collects),
        parameters=parameters,
        regions=regions,
    )


def carries_of(parts: LoopParts) -> list[tuple[Value, Value, Value, Value]]:
    """(carried, initial, yielded, final) for each value that the loop carries."""
    return list(zip(parts.carried, parts.initial, parts.yielded, parts.final, strict=True))
