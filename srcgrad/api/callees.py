"""The functions that a graph calls: each becomes two, one forward and one backward.

    value, residual = power_forward(x, n)
    d_x = power_backward(residual, d_value)

The forward function is the callee's graph; its residual is whatever the adjoint nodes read of it.
"""

from __future__ import annotations

from srcgrad.graph import (
    Callee,
    Graph,
    Interface,
    Items,
    Leaf,
    Literal,
    Node,
    Parameter,
    Region,
    Tree,
    Type,
    Value,
    free_values,
    walk,
)
from srcgrad.pipeline import optimise
from srcgrad.transforms import derivative_type, reverse

Function = tuple[Graph, Interface, str]


def functions_of(*graphs: Graph) -> list[Function]:
    """The functions that the emitted code of graphs needs beside its own."""
    found: list[Callee] = []
    made: list[Function] = []
    pending = [callee for graph in graphs for callee in _called(graph)]
    while pending:
        callee = pending.pop(0)
        if callee in found:
            continue
        found.append(callee)
        pair = _forward_and_backward(callee)
        made += pair
        pending += [inner for part, _, _ in pair for inner in _called(part)]
    return made


def _called(graph: Graph) -> list[Callee]:
    found = [node.parameters.get("callee") for node in walk(graph.nodes)]
    return [callee for callee in dict.fromkeys(found) if isinstance(callee, Callee)]


def _forward_and_backward(callee: Callee) -> list[Function]:
    graph = callee.graph
    assert graph is not None
    wrt = [graph.inputs.index(value) for value in callee.differentiable]
    seeds = [Value(derivative_type(type_), None, primal) for type_, primal in _ends(callee)]
    joint = reverse(graph, wrt, range(len(graph.results)), seeds)
    first = len(graph.nodes)
    forward, backward = joint.nodes[:first], joint.nodes[first:]
    adjoints = joint.results[len(graph.results) :]
    read = free_values(Node("adjoint", (), (), {}, (Region((), backward, adjoints),)))
    kept = tuple(v for v in read if v not in seeds and not isinstance(v, Literal))
    return [
        _forward(callee, graph, forward, kept),
        _backward(callee, graph, backward, (kept, tuple(seeds)), adjoints),
    ]


def _ends(callee: Callee) -> list[tuple[Type, Value | None]]:
    """The types of the results, and the values where these have names."""
    assert callee.graph is not None
    ends = callee.graph.results
    return [
        (type_, None if isinstance(value, Literal) else value)
        for type_, value in zip(callee.results, ends)
    ]


def _forward(
    callee: Callee, graph: Graph, nodes: tuple[Node, ...], kept: tuple[Value, ...]
) -> Function:
    count = len(graph.results)
    optimised = optimise(graph.replace(nodes=nodes, results=(*graph.results, *kept)))
    leaves = tuple(map(Leaf, optimised.results))
    result = Items(tuple, (*leaves[:count], Items(tuple, leaves[count:])))
    parameters = tuple(_parameter(value) for value in _named(graph.inputs))
    return optimised, Interface(parameters, result), f"{callee.name}_forward"


def _backward(
    callee: Callee,
    graph: Graph,
    nodes: tuple[Node, ...],
    inputs: tuple[tuple[Value, ...], tuple[Value, ...]],
    adjoints: tuple[Value, ...],
) -> Function:
    kept, seeds = inputs
    optimised = optimise(
        Graph(f"{callee.name}_backward", (*kept, *seeds), nodes, adjoints, graph.assumptions)
    )
    residual: Tree = Items(tuple, tuple(map(Leaf, kept)))
    parameters = (
        Parameter("residual", residual),
        *(Parameter(name, Leaf(seed)) for name, seed in zip(_seed_names(len(seeds)), seeds)),
    )
    ends = tuple(map(Leaf, optimised.results))
    result: Tree = ends[0] if len(ends) == 1 else Items(tuple, ends)
    return optimised, Interface(parameters, result), f"{callee.name}_backward"


def _seed_names(count: int) -> list[str]:
    return ["d_value"] if count == 1 else [f"d_value_{i}" for i in range(count)]


def _named(inputs: tuple[Value, ...]) -> list[tuple[str, Value]]:
    """The inputs with the names of their parameters, no name twice."""
    named: list[tuple[str, Value]] = []
    taken: set[str] = set()
    for value in inputs:
        name = base = value.name or "value"
        count = 1
        while name in taken:
            count += 1
            name = f"{base}_{count}"
        taken.add(name)
        named.append((name, value))
    return named


def _parameter(named: tuple[str, Value]) -> Parameter:
    name, value = named
    return Parameter(name, Leaf(value))
