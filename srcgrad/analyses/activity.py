"""Which values need derivatives: those that depend on `wrt` and reach the results.

A value is *varied* if it depends on a `wrt` input through differentiable operations, *useful* if a
result that is differentiated depends on it through such operations, *active* if both.  Conditions,
loop bounds and indices carry no derivative, nor do values that are not real or complex numbers.
What a loop carries is settled by a fixed point (Hascoët and Pascual 2013, "activity analysis").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from srcgrad.analyses.shapes_read import reads_shape_only
from srcgrad.analyses.stabilising_maxima import stabilising_maxima
from srcgrad.graph import (
    Graph,
    Literal,
    LoopParts,
    Node,
    Value,
    carries_derivative,
    holes,
    loop_parts,
)
from srcgrad.rules import is_primitive_name, primitive_named


@dataclass(frozen=True, slots=True)
class Activity:
    """The varied and the useful values of a graph."""

    varied: frozenset[Value]
    useful: frozenset[Value]

    def is_active(self, value: Value) -> bool:
        return value in self.varied and value in self.useful


def activity(graph: Graph, wrt: Sequence[Value], outputs: Sequence[Value]) -> Activity:
    """Find what depends on `wrt` and reaches `outputs`, inside regions too.

    A maximum that is subtracted for the sake of range alone (in a softmax) does not count.
    """
    varied = {value for value in wrt if carries_derivative(value.type)}
    _spread_forward(graph.nodes, varied, stabilising_maxima(graph))
    useful = {value for value in outputs if _may_carry(value)}
    _spread_backward(graph.nodes, useful)
    return Activity(frozenset(varied), frozenset(useful))


def differentiable_operands(node: Node) -> tuple[Value, ...]:
    """The operands of a primitive through which derivatives flow.

    Not those that fill holes, and not those of which only the shape is read.
    """
    if is_primitive_name(node.operation) and primitive_named(node.operation).constant:
        return ()
    regular = len(node.operands) - len(holes(dict(node.parameters)))
    return tuple(
        value
        for place, value in enumerate(node.operands[:regular])
        if _may_carry(value) and not reads_shape_only(node.operation, place)
    )


def _may_carry(value: Value) -> bool:
    return not isinstance(value, Literal) and carries_derivative(value.type)


def _mark(values: Sequence[Value], marked: set[Value]) -> bool:
    """Mark the values that can carry a derivative; was one of them not marked yet?"""
    found = [value for value in values if _may_carry(value) and value not in marked]
    marked.update(found)
    return bool(found)


def _mark_pairs(sources: Sequence[Value], targets: Sequence[Value], marked: set[Value]) -> bool:
    """Mark each target whose source is marked; was one of them not marked yet?"""
    return _mark([t for s, t in zip(sources, targets, strict=True) if s in marked], marked)


def _spread_forward(nodes: Sequence[Node], varied: set[Value], constants: frozenset[Value]) -> None:
    for node in nodes:
        if node.operation == "if":
            for region in node.regions:
                _spread_forward(region.nodes, varied, constants)
                _mark_pairs(region.results, node.results, varied)
        elif node.operation in ("for", "while"):
            _spread_through_loop(loop_parts(node), varied, constants)
        elif any(value in varied for value in differentiable_operands(node)):
            _mark([value for value in node.results if value not in constants], varied)


def _spread_through_loop(parts: LoopParts, varied: set[Value], constants: frozenset[Value]) -> None:
    _mark_pairs(parts.initial, parts.carried, varied)
    _mark_pairs(parts.sequences, parts.items, varied)
    changed = True
    while changed:
        _spread_forward(parts.body.nodes, varied, constants)
        changed = _mark_pairs(parts.yielded, parts.carried, varied)
    # A loop may run no iteration: its last values are then the initial ones.
    _mark_pairs(parts.carried, parts.final, varied)
    _mark_pairs(parts.collected, parts.lists, varied)


def _spread_backward(nodes: Sequence[Node], useful: set[Value]) -> None:
    for node in reversed(nodes):
        if node.operation == "if":
            for region in node.regions:
                _mark_pairs(node.results, region.results, useful)
                _spread_backward(region.nodes, useful)
        elif node.operation in ("for", "while"):
            _spread_back_through_loop(loop_parts(node), useful)
        elif any(value in useful for value in node.results):
            _mark(differentiable_operands(node), useful)


def _spread_back_through_loop(parts: LoopParts, useful: set[Value]) -> None:
    _mark_pairs(parts.lists, parts.collected, useful)
    _mark_pairs(parts.final, parts.yielded, useful)
    changed = True
    while changed:
        _spread_backward(parts.body.nodes, useful)
        changed = _mark_pairs(parts.carried, parts.yielded, useful)
    _mark_pairs(parts.final, parts.initial, useful)
    _mark_pairs(parts.carried, parts.initial, useful)
    _mark_pairs(parts.items, parts.sequences, useful)


__all__ = ["Activity", "activity", "differentiable_operands"]
