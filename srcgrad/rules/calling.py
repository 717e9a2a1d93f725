"""Calls of functions that are graphs of their own (see `graph/callee.py`)."""

from __future__ import annotations

from typing import Any

from srcgrad.graph import RESIDUAL, Assumptions, Callee, ScalarType, Type
from srcgrad.rules.registry import defshape, defvjp, gives_tuple, named
from srcgrad.rules.symbols import call


@lambda function: named("call_graph", function)
def call_graph(*arguments: Any, callee: Any = None) -> Any:
    """The results of a function that is a graph of its own, and its residual."""
    raise NotImplementedError("calls of graphs exist in emitted code only")


@lambda function: named("pull_back", function)
def pull_back(*cotangents: Any, callee: Any = None) -> Any:
    """The adjoints of the arguments of a call, from its residual and cotangents."""
    raise NotImplementedError("calls of graphs exist in emitted code only")


gives_tuple(call_graph, pull_back)


@defshape(call_graph, operands=("*arguments",))
def call_graph_shape(sizes: Assumptions, *arguments: Type, callee: Callee) -> tuple[Type, ...]:
    return (*callee.results, RESIDUAL)


@defshape(pull_back, operands=("*cotangents",))
def pull_back_shape(sizes: Assumptions, *cotangents: Type, callee: Callee) -> tuple[Type, ...]:
    return tuple(value.type for value in callee.differentiable)


@defvjp(call_graph)
def call_graph_vjp(g, y, *arguments, callee=None):
    *results, residual = y
    cotangents = [_zero(value) if given is None else given for given, value in zip(g, results)]
    found = call("pull_back", residual, *cotangents, callee=callee)
    adjoints = iter(found if isinstance(found, tuple) else (found,))
    wanted = set(callee.differentiable)
    return tuple(next(adjoints) if value in wanted else None for value in callee.graph.inputs)


def _zero(result: Any) -> Any:
    return 0.0 if isinstance(result.type, ScalarType) else call("zeros_like", result)
