"""Runs a graph node by node on NumPy values: the oracle for passes, independent of emission."""

from __future__ import annotations

from collections.abc import Sequence

from srcgrad.graph import (
    Graph,
    Hole,
    Literal,
    Node,
    Region,
    ScalarType,
    Value,
    fill,
    holes,
    loop_parts,
)
from srcgrad.rules import primitive_named
from srcgrad.rules.registry import unbind

Environment = dict[Value, object]


def interpret(graph: Graph, arguments: Sequence[object]) -> tuple[object, ...]:
    """The results of the graph for these inputs."""
    environment: Environment = dict(zip(graph.inputs, arguments, strict=True))
    run_nodes(graph.nodes, environment)
    return read_all(graph.results, environment)


def read(value: Value, environment: Environment) -> object:
    return value.value if isinstance(value, Literal) else environment[value]


def read_all(values: Sequence[Value], environment: Environment) -> tuple[object, ...]:
    return tuple(read(value, environment) for value in values)


def run_nodes(nodes: Sequence[Node], environment: Environment) -> None:
    for node in nodes:
        environment.update(zip(node.results, run_node(node, environment), strict=True))


def run_region(region: Region, arguments: Sequence[object], environment: Environment) -> tuple:
    inner = environment | dict(zip(region.parameters, arguments, strict=True))
    run_nodes(region.nodes, inner)
    return read_all(region.results, inner)


def run_node(node: Node, environment: Environment) -> tuple[object, ...]:
    if node.operation == "if":
        taken = node.regions[0 if read(node.operands[0], environment) else 1]
        return run_region(taken, (), environment)
    if node.operation in ("for", "while"):
        return run_loop(node, environment)
    primitive = primitive_named(node.operation)
    operands = read_all(node.operands, environment)
    parameters = {
        k: v for k, v in node.parameters.items() if k not in ("effect", "function", "in_place")
    }
    regular = len(operands) - len(holes(parameters))
    args, kwargs = unbind(primitive, operands[:regular], fill(parameters, operands))
    function = primitive.function
    if primitive.on_numbers and not node.parameters.get("function") and are_numbers(node):
        function = primitive.on_numbers
    result = function(*args, **kwargs)
    several = len(node.results) > 1 or primitive.gives_tuple
    return tuple(result) if several else (result,) * len(node.results)


def are_numbers(node: Node) -> bool:
    return all(isinstance(operand.type, ScalarType) for operand in node.operands)


def run_loop(node: Node, environment: Environment) -> tuple[object, ...]:
    parts = loop_parts(node)
    carried = read_all(parts.initial, environment)
    collected: list[tuple[object, ...]] = []
    breaks = bool(node.parameters.get("breaks"))
    for items in iterations(node, environment):
        if node.operation == "while":
            (goes_on,) = run_region(node.regions[0], carried, environment)
            if not goes_on:
                break
        results = run_region(parts.body, items + carried, environment)
        stop, results = (results[0], results[1:]) if breaks else (False, results)
        carried = results[: len(carried)]
        collected.append(results[len(carried) :])
        if stop:
            break
    if node.parameters.get("reverse"):
        collected.reverse()
    lists = tuple([row[k] for row in collected] for k in range(len(parts.lists)))
    return carried + lists


def iterations(node: Node, environment: Environment):
    """What each iteration gets beside the carried values: index and items."""
    parts = loop_parts(node)
    if node.operation == "while":
        while True:
            yield ()
    walked = [range(*read_all(parts.range, environment))] if parts.range else []
    walked += [list(sequence) for sequence in read_all(parts.sequences, environment)]
    rows = list(zip(*walked, strict=False))
    yield from reversed(rows) if node.parameters.get("reverse") else rows


__all__ = ["Hole", "interpret"]
