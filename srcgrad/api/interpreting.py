"""Runs a graph node by node on NumPy values, without emitting code for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from srcgrad.graph import (
    Graph,
    Literal,
    Node,
    Region,
    ScalarType,
    Section,
    Value,
    fill,
    holes,
    loop_parts,
)
from srcgrad.rules import primitive_named, unbind

Environment = dict[Value, Any]
Observer = Callable[[Node, tuple[Any, ...], tuple[Any, ...]], None]


def interpret(
    graph: Graph, arguments: Sequence[object], observe: Observer | None = None
) -> tuple[Any, ...]:
    """The results of the graph for these inputs.

    `observe` is told of each call of a primitive: the node, its operands and its results.
    """
    environment: Environment = dict(zip(graph.inputs, arguments, strict=True))
    run = _Run(observe)
    run.nodes(graph.nodes, environment)
    return _read_all(graph.results, environment)


def _read(value: Value, environment: Environment) -> Any:
    return value.value if isinstance(value, Literal) else environment[value]


def _read_all(values: Sequence[Value], environment: Environment) -> tuple[Any, ...]:
    return tuple(_read(value, environment) for value in values)


@dataclass(frozen=True, slots=True)
class _Run:
    observe: Observer | None

    def nodes(self, nodes: Sequence[Node], environment: Environment) -> None:
        for node in nodes:
            environment.update(zip(node.results, self.node(node, environment), strict=True))

    def region(
        self, region: Region, arguments: Sequence[object], environment: Environment
    ) -> tuple[Any, ...]:
        inner = environment | dict(zip(region.parameters, arguments, strict=True))
        self.nodes(region.nodes, inner)
        return _read_all(region.results, inner)

    def node(self, node: Node, environment: Environment) -> tuple[Any, ...]:
        if node.operation == "if":
            taken = node.regions[0 if _read(node.operands[0], environment) else 1]
            return self.region(taken, (), environment)
        if node.operation in ("for", "while"):
            return self.loop(node, environment)
        operands = _read_all(node.operands, environment)
        if isinstance(section := node.parameters.get("section"), Section):
            return interpret(section.graph, operands, self.observe)
        results = _call(node, operands)
        if self.observe is not None:
            self.observe(node, operands, results)
        return results

    def loop(self, node: Node, environment: Environment) -> tuple[Any, ...]:
        parts = loop_parts(node)
        carried = _read_all(parts.initial, environment)
        collected: list[tuple[Any, ...]] = []
        breaks = bool(node.parameters.get("breaks"))
        for items in _iterations(node, environment):
            if node.operation == "while":
                (goes_on,) = self.region(node.regions[0], carried, environment)
                if not goes_on:
                    break
            results = self.region(parts.body, items + carried, environment)
            stop, results = (results[0], results[1:]) if breaks else (False, results)
            carried = results[: len(carried)]
            collected.append(results[len(carried) :])
            if stop:
                break
        if node.parameters.get("reverse"):
            collected.reverse()
        lists = tuple([row[k] for row in collected] for k in range(len(parts.lists)))
        return carried + lists


def _call(node: Node, operands: tuple[Any, ...]) -> tuple[Any, ...]:
    primitive = primitive_named(node.operation)
    parameters = {
        k: v for k, v in node.parameters.items() if k not in ("effect", "function", "in_place")
    }
    regular = len(operands) - len(holes(parameters))
    filled: Any = fill(parameters, operands)
    args, kwargs = unbind(primitive, operands[:regular], filled)
    function = primitive.function
    if primitive.on_numbers and not node.parameters.get("function") and _are_numbers(node):
        function = primitive.on_numbers
    result: Any = function(*args, **kwargs)
    several = len(node.results) > 1 or primitive.gives_tuple
    return tuple(result) if several else (result,) * len(node.results)


def _are_numbers(node: Node) -> bool:
    return all(isinstance(operand.type, ScalarType) for operand in node.operands)


def _iterations(node: Node, environment: Environment) -> Iterator[tuple[Any, ...]]:
    """What each iteration gets beside the carried values: index and items."""
    parts = loop_parts(node)
    if node.operation == "while":
        while True:
            yield ()
    walked: list[Any] = [range(*_read_all(parts.range, environment))] if parts.range else []
    walked += [list(sequence) for sequence in _read_all(parts.sequences, environment)]
    rows = list(zip(*walked, strict=False))
    yield from reversed(rows) if node.parameters.get("reverse") else rows
