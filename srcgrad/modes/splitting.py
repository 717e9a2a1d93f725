"""Cuts a graph in two: what the primal needs, and what depends on a seed.

    y = sin x                    first:   y = sin x
    t = cos x             →               return y, x
    d_x = multiply d_y, t        second:  t = cos x
    return y, d_x                         d_x = multiply d_y, t
                                          return d_x

A loop that computes values and tangents together belongs to both; the second part then runs the
loop again, on arrays of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from srcgrad.errors import UnsupportedError
from srcgrad.graph import (
    EFFECT_PARAMETERS,
    Graph,
    Literal,
    Node,
    Region,
    Value,
    free_values,
    walk,
)
from srcgrad.transforms import remove_dead_code


@dataclass(frozen=True, slots=True)
class Halves:
    """The two parts, and the names that values of the first have where the second has its own."""

    first: tuple[Node, ...]
    second: tuple[Node, ...]
    renamed: Mapping[Value, Value]

    def in_second(self, value: Value) -> Value:
        return self.renamed.get(value, value)


def needed_for(nodes: Sequence[Node], results: Iterable[Value]) -> set[Node]:
    """The nodes that the results need, and those with an effect."""
    live = set(results)
    kept: set[Node] = set()
    for node in reversed(nodes):
        if node.has_effect or any(value in live for value in node.results):
            kept.add(node)
            live.update(free_values(node))
    return kept


def depending_on(nodes: Sequence[Node], seeds: Iterable[Value]) -> set[Node]:
    """The nodes that the seeds flow into."""
    reached = set(seeds)
    found: set[Node] = set()
    for node in nodes:
        if not reached.isdisjoint(free_values(node)):
            found.add(node)
            reached.update(node.results)
    return found


def split(
    graph: Graph,
    kept: Sequence[Value],
    ends: Sequence[Value],
    seeds: Iterable[Value],
    *,
    early: bool,
) -> Halves:
    """Apart: what `kept` needs, and the way from the seeds to `ends`.

    What needs no seed and is not needed for `kept` either is done `early`, in the first part, or
    late.
    """
    adjoint_effects = {node for node in graph.nodes if _is_effect_of_adjoint(node)}
    plain = [node for node in graph.nodes if node not in adjoint_effects]
    needed = needed_for(plain, kept)
    moved = depending_on(graph.nodes, seeds) & needed_for(graph.nodes, ends) | adjoint_effects
    first = [node for node in graph.nodes if node in needed or (early and node not in moved)]
    before = set(first)
    renamed: dict[Value, Value] = {}
    second = []
    for node in graph.nodes:
        if node in before and node not in moved:
            continue
        if node in before:
            _check_may_run_again(node)
        again = node in before or any(value in renamed for value in free_values(node))
        second.append(copied(node, renamed) if again else node)
    read = [value for node in second for value in free_values(node)]
    read += [value for value in ends if value not in renamed]
    live = graph.replace(nodes=tuple(first), results=(*kept, *read))
    return Halves(remove_dead_code(live).nodes, tuple(second), renamed)


def read_from_outside(
    nodes: Sequence[Node], results: Sequence[Value], seeds: Sequence[Value]
) -> list[Value]:
    """What the nodes and results read that neither they nor the seeds define, in order."""
    defined = {value for node in nodes for value in node.results} | set(seeds)
    read = [value for node in nodes for value in free_values(node)] + list(results)
    return [v for v in dict.fromkeys(read) if v not in defined and not isinstance(v, Literal)]


def _is_effect_of_adjoint(node: Node) -> bool:
    """Is this something the user wants done where a gradient is?"""
    return node.has_effect and node.phase.startswith("adjoint of ")


def _check_may_run_again(node: Node) -> None:
    for inner in walk([node]):
        if inner.has_effect and not inner.regions and inner.operation == "call":
            raise UnsupportedError(
                "this code must run once, but forward mode would run it again for each direction",
                location=inner.location,
                remedy='Ask for reverse mode: `mode="reverse"`, or `vjp` instead of `linearize`.',
            )


def copied(node: Node, renamed: dict[Value, Value]) -> Node:
    """The node with new results, without its effects; adds the new names to `renamed`."""

    def new(value: Value) -> Value:
        if isinstance(value, Literal):
            return value
        renamed[value] = Value(value.type, value.name, value.derivative_of)
        return renamed[value]

    def region(old: Region) -> Region:
        parameters = tuple(map(new, old.parameters))
        nodes = tuple(copied(inner, renamed) for inner in old.nodes)
        return Region(parameters, nodes, tuple(renamed.get(v, v) for v in old.results))

    operands = tuple(renamed.get(value, value) for value in node.operands)
    regions = tuple(map(region, node.regions))
    parameters = {key: v for key, v in node.parameters.items() if key not in EFFECT_PARAMETERS}
    if node.operation not in ("raise", "call"):
        return replace(
            node,
            operands=operands,
            results=tuple(map(new, node.results)),
            parameters=parameters,
            regions=regions,
        )
    return replace(node, operands=operands, results=tuple(map(new, node.results)))
