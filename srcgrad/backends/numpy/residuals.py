"""What one function hands over to another that runs later, and that the caller may change first.

An array that is the caller's, or that the caller gets as part of the value or by an effect
(`self.h = h`), is handed over as a copy; the function's own arrays are handed over as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from srcgrad.analyses import reads_shape_only
from srcgrad.backends.numpy.names import NAMELESS, Hints
from srcgrad.backends.numpy.ownership import CALLER, Origins
from srcgrad.backends.numpy.prepare import copied, newest_version
from srcgrad.errors import UnsupportedError
from srcgrad.graph import (
    ArrayType,
    Builder,
    Callee,
    Graph,
    ListType,
    Literal,
    Node,
    OpaqueType,
    ScalarType,
    Section,
    Value,
    definitions,
    give_name,
    loop_parts,
    map_regions,
    walk,
)
from srcgrad.rules import Symbol, call, is_primitive_name, primitive_named


def name_residuals(graph: Graph, count: int) -> None:
    """Give what is handed over the names that it has where it is computed."""
    hints = Hints(graph)
    for value in graph.results[count:]:
        if value.derivative_of is None and not isinstance(value, Literal):
            _, name = hints.of(value)
            if name != NAMELESS:
                give_name(value, name)


def newest_shapes(graph: Graph, count: int, reader: Sequence[Node]) -> Graph:
    """The graph that hands over the newest version of arrays of which only the shape is read.

    No earlier version need be saved then.
    """
    results = list(graph.results)
    for at in range(count, len(results)):
        if _is_shape_only(results[at], reader):
            results[at] = newest_version(graph, results[at])
    return graph.replace(results=tuple(results))


def hand_over(graph: Graph, count: int, reader: Sequence[Node]) -> Graph:
    """The graph with its results after the first `count` as the caller cannot change them.

    `reader` are the nodes that read them, under the names that they had before stores were real.
    """
    values, residuals = graph.results[:count], graph.results[count:]
    origins = Origins(graph)
    outside = CALLER | origins.given_away
    outside |= origins.of_all([v for v in values if not isinstance(v, Literal)])
    made_by = definitions(graph.nodes)
    held = [
        value
        for value in residuals
        if origins.of(value) & outside
        and not _is_scalar(value, made_by)
        and not _is_shape_only(value, reader)
        and not _is_residual_of_numbers(value, made_by)
    ]
    builder = Builder(graph.assumptions)
    copies: dict[Value, Value] = {}
    nodes = graph.nodes
    for value in held:
        if isinstance(value.type, ArrayType):
            copies[value] = _copy(builder, value)
        elif isinstance(value.type, ListType):
            nodes = _copying(nodes, value, graph)
        elif isinstance(value.type, OpaqueType) and not _is_generator_kept(value, made_by):
            raise UnsupportedError(
                "the pullback would read an object that may change before it is called",
                remedy="Use `value_and_grad`, whose gradient is computed in the same call.",
            )
    handed = tuple(copies.get(value, value) for value in residuals)
    return graph.replace(nodes=nodes + tuple(builder.nodes), results=values + handed)


def _copy(builder: Builder, value: Value) -> Value:
    """A copy; what has no dimensions may be a Python number."""
    if isinstance(value.type, ArrayType) and value.type.shape == ():
        return call(np.copy, Symbol(builder, value)).value
    return copied(builder, value)


def _is_residual_of_numbers(value: Value, made_by: Mapping[Value, Node]) -> bool:
    """Is this what a recursion keeps that takes Python numbers alone, which nobody can change?"""
    node = made_by.get(value)
    if node is None or node.operation != "call_graph":
        return False
    callee = node.parameters["callee"]
    assert isinstance(callee, Callee) and callee.graph is not None
    return all(isinstance(given.type, ScalarType) for given in callee.graph.inputs)


def _is_generator_kept(value: Value, made_by: Mapping[Value, Node]) -> bool:
    """Is this the copy of a generator from which a section is repeated?"""
    node = made_by.get(value)
    section = node.parameters.get("section") if node is not None else None
    if node is None or not isinstance(section, Section):
        return False
    inner = section.graph.results[node.results.index(value)]
    return definitions(section.graph.nodes)[inner].operation == "same_generator"


def _is_scalar(value: Value, made_by: Mapping[Value, Node]) -> bool:
    """Is this one of NumPy's scalars, which nobody can change?"""
    node = made_by.get(value)
    if node is None or not isinstance(value.type, ArrayType) or value.type.shape != ():
        return False
    if not is_primitive_name(node.operation):
        return False
    return node.operation in _REDUCTIONS or isinstance(
        primitive_named(node.operation).function, np.ufunc
    )


_REDUCTIONS = frozenset("sum mean max min prod dot vdot matmul std var trace linalg.norm".split())


def _is_shape_only(value: Value, reader: Sequence[Node]) -> bool:
    """Do these nodes read no more than the shape of the value?"""
    for node in walk(list(reader)):
        for place, operand in enumerate(node.operands):
            if operand is value and not reads_shape_only(node.operation, place):
                return False
        if any(value in region.results for region in node.regions):
            return False
    return True


def _copying(nodes: Sequence[Node], tape: Value, graph: Graph) -> tuple[Node, ...]:
    """The nodes with copies in the list `tape`, in the loop that collects it."""
    changed = []
    found = False
    for node in nodes:
        if node.operation in ("for", "while") and tape in node.results:
            node, found = _collecting_copies(node, tape, graph), True
        elif node.operation == "if" and tape in node.results:
            node, found = _copying_in_branch(node, node.results.index(tape), graph), True
        changed.append(node)
    if not found:
        raise UnsupportedError(
            "the pullback would read a list whose arrays may change before it is called",
            remedy="Use `value_and_grad`, whose gradient is computed in the same call.",
        )
    return tuple(changed)


def _copying_in_branch(node: Node, place: int, graph: Graph) -> Node:
    regions = []
    for region in node.regions:
        tape = region.results[place]
        nodes = region.nodes
        if not isinstance(tape, Literal):
            nodes = _copying(nodes, tape, graph)
        regions.append(replace(region, nodes=nodes))
    return replace(node, regions=tuple(regions))


def _collecting_copies(node: Node, tape: Value, graph: Graph) -> Node:
    parts = loop_parts(node)
    item = parts.collected[parts.lists.index(tape)]
    if not isinstance(item.type, ArrayType) or item.type.shape == ():
        return node
    builder = Builder(graph.assumptions)
    copy = copied(builder, item)
    place = len(parts.body.results) - len(parts.collected) + parts.lists.index(tape)
    results = list(parts.body.results)
    results[place] = copy
    body = replace(
        parts.body, nodes=parts.body.nodes + tuple(builder.nodes), results=tuple(results)
    )
    return map_regions(node, lambda region: body if region is parts.body else region)
