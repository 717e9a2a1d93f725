"""Where a wrong derivative begins: the first call whose own derivatives are wrong.

The primal graph is interpreted for the arguments at hand; on the way, each call that a derivative
goes through is differentiated by itself, in both modes, and compared with differences of it alone:
inside loops, branches and methods as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from srcgrad.analyses import activity
from srcgrad.api.interpreting import interpret
from srcgrad.api.specialization import primal_of
from srcgrad.errors import SrcgradError
from srcgrad.frontend import Asked, Program, build_program
from srcgrad.graph import Graph, Leaf, Node, Value, is_real, leaves
from srcgrad.location import Location
from srcgrad.request import Request
from srcgrad.transforms import derivative_type, forward, reverse, written_out

CALLS_AT_MOST = 2000
STEP = 1e-5
FAR_OFF = 1e-3


def first_wrong_line(
    function: Callable[..., Any], signature: Any, args: Sequence[Any]
) -> Location | None:
    """The line of the first call whose derivatives and differences disagree; None if not found."""
    bound = signature.bind(*args)
    bound.apply_defaults()
    arguments = dict(bound.arguments)
    request = Request("vjp", None)
    program = build_program(function, Asked(signature, tuple(signature.parameters)), arguments)
    source = primal_of(program, function, signature, request)
    ends = tuple(leaf.value for leaf in leaves(source.result))
    nodes = written_out(source.graph.nodes)
    graph = source.graph.replace(nodes=nodes, results=ends)
    active = activity(graph, source.inputs(), ends)
    search = _Search(active.is_active, graph)
    try:
        with np.errstate(all="ignore"):
            interpret(graph, _given(program, arguments), search.look)
    except _Found as found:
        return found.location
    except Exception:  # what only emitted code can do, or more calls than are looked at
        return None
    return None


def _given(program: Program, arguments: Mapping[str, Any]) -> list[Any]:
    """The inputs of the graph for these arguments."""
    known = {**arguments, **program.guards.constants}
    captured = {name: eval(place, dict(known)) for name, place in program.fetches.items()}
    held = {
        parameter.tree.value: captured[parameter.name]
        for parameter in program.parameters
        if parameter.captured and isinstance(parameter.tree, Leaf)
    }
    places = {**arguments, **captured}
    return [
        held[value] if value in held else eval(program.origins[value], dict(places))
        for value in program.graph.inputs
    ]


class _Found(Exception):
    def __init__(self, location: Location | None) -> None:
        super().__init__()
        self.location = location


@dataclass(slots=True)
class _Search:
    """Looks at the calls of a graph while it is interpreted, at each node once."""

    is_active: Callable[[Value], bool]
    graph: Graph
    seen: set[Node] = field(default_factory=set)
    random: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0))

    def look(self, node: Node, operands: tuple[Any, ...], results: tuple[Any, ...]) -> None:
        if node in self.seen:
            return
        self.seen.add(node)
        if len(self.seen) > CALLS_AT_MOST:
            raise OverflowError
        if node.location is None or not any(map(self.is_active, node.results)):
            return
        try:
            wrong = self.is_wrong(node, operands, results)
        except (SrcgradError, ArithmeticError, ValueError, TypeError, NotImplementedError):
            return
        if wrong:
            raise _Found(node.location)

    def is_wrong(self, node: Node, operands: tuple[Any, ...], results: tuple[Any, ...]) -> bool:
        """Are the derivatives of this call alone others than its differences?"""
        moving = [k for k, v in enumerate(node.operands) if self.is_active(v) and is_real(v.type)]
        ends = [k for k, v in enumerate(node.results) if self.is_active(v) and is_real(v.type)]
        if not moving or not ends:
            return False
        inputs = tuple(dict.fromkeys(node.operands[k] for k in moving))
        held = {value: operands[node.operands.index(value)] for value in node.operands}
        one = Graph(
            node.operation,
            tuple(dict.fromkeys(v for v in node.operands if v in held and _is_input(v))),
            (node,),
            tuple(node.results[k] for k in ends),
            self.graph.assumptions,
        )
        given = [held[value] for value in one.inputs]
        places = [one.inputs.index(value) for value in inputs]
        directions = [self.draw(given[place]) for place in places]
        cotangents = [self.draw(results[k]) for k in ends]

        def moved(step: float) -> tuple[Any, ...]:
            shifted = list(given)
            for place, direction in zip(places, directions):
                shifted[place] = given[place] + step * direction
            return interpret(one, shifted)

        slopes = [(up - down) / (2 * STEP) for up, down in zip(moved(STEP), moved(-STEP))]
        expected = _inner(cotangents, slopes)
        found = [
            self.backward(one, given, places, directions, cotangents),
            self.forward(one, given, places, directions, cotangents),
        ]
        scale = 1.0 + sum(float(np.sum(np.abs(c * s))) for c, s in zip(cotangents, slopes))
        return any(not abs(ours - expected) <= FAR_OFF * scale for ours in found)

    def draw(self, like: Any) -> Any:
        drawn = self.random.uniform(0.3, 1.0, np.shape(like))
        return drawn if isinstance(like, np.ndarray) else float(drawn)

    def backward(
        self,
        one: Graph,
        given: list[Any],
        places: list[int],
        directions: list[Any],
        cotangents: list[Any],
    ) -> float:
        seeds = [Value(derivative_type(value.type), None, value) for value in one.results]
        joint = reverse(one, places, range(len(seeds)), seeds)
        adjoints = interpret(joint, [*given, *cotangents])[len(seeds) :]
        return _inner(adjoints, directions)

    def forward(
        self,
        one: Graph,
        given: list[Any],
        places: list[int],
        directions: list[Any],
        cotangents: list[Any],
    ) -> float:
        joint = forward(one, places)
        tangents = interpret(joint, [*given, *directions])[len(cotangents) :]
        return _inner(tangents, cotangents)


def _is_input(value: Value) -> bool:
    return type(value) is Value


def _inner(a: Sequence[Any], b: Sequence[Any]) -> float:
    return sum(float(np.sum(np.asarray(x) * np.asarray(y))) for x, y in zip(a, b, strict=True))
