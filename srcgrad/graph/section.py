"""A section of a program: a function of its own in the emitted code, which one node calls.

A node `section` has it as a parameter; the operands are the inputs of its graph, the results those
of its graph.  What happens inside is nobody's business outside: no pass merges what a section
computes with anything else, and its variables are gone when it is done.  So an adjoint can compute
again, in a section, what the forward part has computed in another.
"""

from __future__ import annotations

from dataclasses import dataclass

from srcgrad.graph.graph import Graph


@dataclass(slots=True, eq=False)
class Section:
    """`stem` is what the function would like to be called; `name`, what the backend calls it.

    `reads` are the names of objects of the caller's that the texts of its calls read; `owned` are
    the places of results that are arrays which nobody else holds, as the backend finds.
    """

    stem: str
    graph: Graph
    name: str = ""
    reads: tuple[str, ...] = ()
    owned: tuple[int, ...] = ()

    def __repr__(self) -> str:
        return self.name or self.stem
