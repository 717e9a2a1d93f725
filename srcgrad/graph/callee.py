"""A function of the graph's own, which nodes call: so recursion stands in a graph.

A node `call_graph` has the callee as a parameter and gives its results and one thing more, the
*residual*: what its adjoint needs.  A node `pull_back` takes the residual and the cotangents of the
results, and gives the adjoints of the arguments.
"""

from __future__ import annotations

from dataclasses import dataclass

from srcgrad.graph.graph import Graph
from srcgrad.graph.node import Value
from srcgrad.graph.types import ArrayType, ScalarType, Type


@dataclass(slots=True, eq=False)
class Callee:
    """`graph` may be written later than the nodes that call it, since it has such nodes itself."""

    name: str
    results: tuple[Type, ...]
    graph: Graph | None = None

    def __repr__(self) -> str:
        return self.name

    @property
    def differentiable(self) -> tuple[Value, ...]:
        """The inputs that have adjoints: real and complex numbers and arrays."""
        assert self.graph is not None
        return tuple(value for value in self.graph.inputs if _has_small_steps(value.type))


def _has_small_steps(type_: Type) -> bool:
    if isinstance(type_, ScalarType):
        return type_.python_type in (float, complex)
    return isinstance(type_, ArrayType) and type_.dtype.kind in "fc"
