"""Recursion whose depth is known only during the call: the function becomes a graph of its own.

What the calls pass is found as what a loop carries is: the body is evaluated with a guess of which
arguments change and of which types, and again with a wider guess until the calls inside pass what
the function takes.  What it returns is learned first from the paths that do not call it again.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from srcgrad.frontend.abstract import (
    VERSION,
    Abstract,
    Frozen,
    Number,
    Storage,
    TupleOf,
    as_literal,
    describe,
    is_python_number,
)
from srcgrad.frontend.freezing import arrays_in
from srcgrad.frontend.merging import (
    Carry,
    NoCommonType,
    carries,
    flatten,
    generalize,
    instantiate,
    join_types,
    signature_of,
)
from srcgrad.graph import (
    RESIDUAL,
    Callee,
    Graph,
    Literal,
    Node,
    Region,
    Value,
    free_values,
    shape_of,
)
from srcgrad.transforms import redefine

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator

Run = Callable[[Mapping[str, Abstract]], Abstract]
GUESSES_AT_MOST = 20


class NoValueYet(Exception):
    """A path calls the function whose result is still unknown: the other paths say what it is."""


class _Wider(Exception):
    """A call passes what the guess does not cover."""


@dataclass(slots=True)
class Recursion:
    """A function that is being made a graph: what it takes and gives, as far as it is known."""

    names: tuple[str, ...]
    takes: Any
    gives: Any = None
    callee: Callee | None = None


def call_recursive(
    ev: Evaluator, key: object, name: str, bound: Mapping[str, Abstract], run: Run, node: ast.AST
) -> Abstract:
    """The result of a call of a function that is a graph of its own."""
    arrays = _written_arrays(bound.values())
    given = TupleOf(tuple(ev.settled(item) for item in bound.values()))
    inside = ev.recursions.get(key)
    if inside is not None:
        return _watching(arrays, _call_inside(ev, inside, given))
    while name in ev.names_of_recursions:
        name += "_"
    ev.names_of_recursions.add(name)
    recursion = Recursion(tuple(bound), given)
    ev.recursions[key] = recursion
    try:
        captured = _define(ev, recursion, name, run, node)
    finally:
        del ev.recursions[key]
    return _watching(arrays, _append_call(ev, recursion, given, captured))


Watched = tuple[tuple[Storage, Abstract], ...]


def _written_arrays(values: Iterable[Abstract]) -> Watched:
    """The arrays among the arguments that are written at some time, as they are now."""
    return tuple((held, held.entries[VERSION]) for held in arrays_in(values, 0))


def _watching(arrays: Watched, result: Abstract) -> Abstract:
    """The result, which may be one of these arrays: it can be read until they change."""
    if not arrays:
        return result
    if isinstance(result, TupleOf):
        return TupleOf(tuple(_watching(arrays, item) for item in result.items), result.kind)
    is_array = isinstance(result, Number) and shape_of(result.value.type) != ()
    return Frozen(result, arrays) if is_array else result  # type: ignore[arg-type]


def _call_inside(ev: Evaluator, recursion: Recursion, given: TupleOf) -> Abstract:
    wider = generalize(recursion.takes, given, ev.builder.assumptions)
    if signature_of(wider) != signature_of(recursion.takes):
        recursion.takes = wider
        raise _Wider
    if recursion.gives is None:
        raise NoValueYet
    return _append_call(ev, recursion, given, ())


def _append_call(
    ev: Evaluator, recursion: Recursion, given: TupleOf, captured: tuple[Value, ...]
) -> Abstract:
    callee = recursion.callee
    assert callee is not None
    operands = (*flatten(recursion.takes, given), *captured)
    types = [*callee.results, RESIDUAL]
    results = ev.builder.append("call_graph", operands, types, {"callee": callee})
    return instantiate(recursion.gives, iter(results))


def _define(
    ev: Evaluator, recursion: Recursion, name: str, run: Run, node: ast.AST
) -> tuple[Value, ...]:
    """Find what the function takes and gives, and its graph; gives what it reads from outside."""
    for _ in range(GUESSES_AT_MOST):
        try:
            parameters, nodes, result = _evaluate(ev, recursion, run, node)
        except _Wider:
            continue
        except NoValueYet:
            ev.refuse(
                node,
                f"`{name}` calls itself on every path",
                "Give it a path that ends the recursion.",
            )
        gives = _wider_result(ev, recursion.gives, result, node)
        if recursion.gives is not None and signature_of(gives) == signature_of(recursion.gives):
            results = tuple(flatten(gives, result))
            return _finish(recursion, name, parameters, nodes, results, ev)
        recursion.gives = gives
        recursion.callee = Callee(name, tuple(carry.type for carry in carries(gives)))
    ev.refuse(
        node,
        f"the types of what `{name}` takes or gives keep changing from call to call",
        "Pass and return one kind of value in every call.",
    )


def _evaluate(
    ev: Evaluator, recursion: Recursion, run: Run, node: ast.AST
) -> tuple[tuple[Value, ...], list[Node], Abstract]:
    parameters = tuple(
        Value(carry.type, name if item is carry else carry.name)
        for name, item in zip(recursion.names, recursion.takes.items)
        for carry in carries(item)
    )
    bound = instantiate(recursion.takes, iter(parameters))
    ev.trail.begin()
    with ev.builder.nested() as nodes:
        try:
            result = ev.settled(run(dict(zip(recursion.names, bound.items))))
        finally:
            changes = ev.trail.take_back()
    if changes:
        ev.refuse(
            node,
            "recursion of unknown depth that changes what is outside is not supported yet",
            "Return what is changed, or write the recursion as a loop.",
        )
    if any(inner.has_effect for inner in nodes):
        ev.refuse(
            node,
            "recursion of unknown depth with effects (printing, drawing, raising) is not "
            "supported yet",
            "Write the recursion as a loop.",
        )
    return parameters, nodes, result


def _wider_result(ev: Evaluator, known: Any, result: Abstract, node: ast.AST) -> Any:
    """The pattern of what the function gives, in which every number is a carry."""
    if isinstance(result, Number) or is_python_number(result):
        own = result.value.type if isinstance(result, Number) else as_literal(result).type  # type: ignore[arg-type]
        if known is None:
            return Carry(own)
        try:
            return Carry(join_types(known.type, own, ev.builder.assumptions))
        except (NoCommonType, AttributeError):
            pass
    elif isinstance(result, TupleOf) and (known is None or isinstance(known, TupleOf)):
        before = known.items if known is not None else (None,) * len(result.items)
        if len(before) == len(result.items):
            pairs = zip(before, result.items)
            return TupleOf(tuple(_wider_result(ev, a, b, node) for a, b in pairs), result.kind)
    ev.refuse(
        node,
        f"recursion of unknown depth that returns {describe(result)} is not supported yet",
        "Return numbers, arrays or tuples of them, the same in every call.",
    )


def _finish(
    recursion: Recursion,
    name: str,
    parameters: tuple[Value, ...],
    nodes: list[Node],
    results: tuple[Value, ...],
    ev: Evaluator,
) -> tuple[Value, ...]:
    """Write the graph of the callee: what it reads from outside becomes further inputs."""
    callee = recursion.callee
    assert callee is not None
    region = Region(parameters, tuple(nodes), results)
    outside = free_values(Node("function", (), (), {}, (region,)))
    captured = tuple(value for value in outside if not isinstance(value, Literal))
    inner = {value: Value(value.type, value.name) for value in captured}
    body = redefine(_handing_on(region.nodes, callee, captured), inner)
    ends = tuple(inner.get(value, value) for value in results)
    inputs = (*parameters, *inner.values())
    callee.graph = Graph(name, inputs, body, ends, ev.builder.assumptions)
    return captured


def _handing_on(
    nodes: tuple[Node, ...], callee: Callee, captured: tuple[Value, ...]
) -> tuple[Node, ...]:
    """The nodes with what is read from outside handed on by the calls among them."""

    def handing_on(node: Node) -> Node:
        regions = tuple(
            Region(r.parameters, _handing_on(r.nodes, callee, captured), r.results)
            for r in node.regions
        )
        more = captured if node.parameters.get("callee") is callee else ()
        return replace(node, operands=(*node.operands, *more), regions=regions)

    return tuple(map(handing_on, nodes))
