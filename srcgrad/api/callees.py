"""The functions that a graph calls: each becomes two, one forward and one backward.

    value, residual = power_forward(x, n)
    d_x = power_backward(residual, d_value)

The forward function is the callee's graph; its residual is whatever the adjoint nodes read of it.
"""

from __future__ import annotations

from collections.abc import Sequence

from srcgrad.api.sections import functions_of_sections, named_inputs
from srcgrad.backends import Part
from srcgrad.graph import (
    Callee,
    Graph,
    Interface,
    Items,
    Leaf,
    Literal,
    Node,
    Parameter,
    Tree,
    Type,
    Value,
    walk,
)
from srcgrad.modes import read_from_outside, split
from srcgrad.pipeline import improve, optimise
from srcgrad.transforms import derivative_type, reverse

Function = tuple[Graph, Interface, str]


def functions_of(parts: Sequence[Part]) -> list[Function]:
    """The functions that the emitted code of these parts needs beside its own."""
    graphs = [part.graph for part in parts]
    recursive = _recursive_functions(graphs)
    taken = {name for _, _, name in recursive} | {part.name for part in parts}
    taken |= {parameter.name for part in parts for parameter in part.interface.parameters}
    graphs += [graph for graph, _, _ in recursive]
    return functions_of_sections(graphs, taken) + recursive


def _recursive_functions(graphs: Sequence[Graph]) -> list[Function]:
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
    # A branch that is taken forwards and one that is taken backwards stay two.
    joint = improve(reverse(graph, wrt, range(len(graph.results)), seeds), {"merge_branches"})
    count = len(graph.results)
    values, ends = joint.results[:count], joint.results[count:]
    halves = split(joint, values, ends, seeds, early=False)
    adjoints = tuple(map(halves.in_second, ends))
    kept = tuple(read_from_outside(halves.second, adjoints, seeds))
    return [
        _forward(callee, graph.replace(results=values), halves.first, kept),
        _backward(callee, graph, halves.second, (kept, tuple(seeds)), adjoints),
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
    parameters = tuple(_parameter(value) for value in named_inputs(graph.inputs))
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


def _parameter(named: tuple[str, Value]) -> Parameter:
    name, value = named
    return Parameter(name, Leaf(value))
