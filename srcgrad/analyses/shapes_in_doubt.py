"""Which values may have another shape during the call than their type says, or no value at all.

    total = 0.0                       # a number on the first iteration, an array from then on:
    for row in rows: total += row     # the type of what the loop carries is that of the array

    if positive: y = np.outer(x, x)   # elsewhere `y` is undefined

Broadcasting makes up for it wherever such a value is computed with as a whole.  What would take it
apart has to know.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from srcgrad.graph import (
    ArrayType,
    Literal,
    LoopParts,
    Node,
    ScalarType,
    Undefined,
    Value,
    loop_parts,
    rank_of,
)


def shapes_in_doubt(nodes: Sequence[Node]) -> frozenset[Value]:
    """The values, those in regions included, whose shape may not be that of their type."""
    found: set[Value] = set()
    _spread(nodes, found)
    return frozenset(found)


def _spread(nodes: Sequence[Node], found: set[Value]) -> None:
    for node in nodes:
        if node.operation == "if":
            for region in node.regions:
                _spread(region.nodes, found)
                _hand_on(region.results, node.results, found)
        elif node.operation in ("for", "while"):
            _spread_through_loop(loop_parts(node), found)
        elif not found.isdisjoint(node.operands):
            found.update(node.results)


def _spread_through_loop(parts: LoopParts, found: set[Value]) -> None:
    _hand_on(parts.initial, parts.carried, found)
    found.update(item for item, s in zip(parts.items, parts.sequences) if s in found)
    before = -1
    while len(found) > before:
        before = len(found)
        for region in parts.node.regions:
            _spread(region.nodes, found)
        _hand_on(parts.yielded, parts.carried, found)
    _hand_on(parts.carried, parts.final, found)
    _hand_on(parts.initial, parts.final, found)
    _hand_on(parts.yielded, parts.final, found)
    found.update(tape for tape, item in zip(parts.lists, parts.collected) if item in found)


def _hand_on(sources: Iterable[Value], targets: Iterable[Value], found: set[Value]) -> None:
    for source, target in zip(sources, targets, strict=True):
        if source in found or _is_undefined(source) or _is_of_lower_rank(source, target):
            found.add(target)


def _is_undefined(value: Value) -> bool:
    return isinstance(value, Literal) and isinstance(value.value, Undefined)


def _is_of_lower_rank(source: Value, target: Value) -> bool:
    """Is a number or an array handed on as an array of more dimensions?"""
    if not isinstance(target.type, ArrayType) or not isinstance(
        source.type, (ArrayType, ScalarType)
    ):
        return False
    return rank_of(source.type) != rank_of(target.type)
