"""`checkpoint(f)(x)` and `for t in checkpoint(range(n))`: sections, computed again by an adjoint.

A call is evaluated in place; what it has appended to the graph becomes one node, a section
(`transforms/sections.py`).  A loop becomes two: one over segments, and in each a section that takes
the steps of the segment.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from srcgrad.frontend.abstract import (
    NONE,
    Abstract,
    ArrayRef,
    Builtin,
    Checkpointed,
    Closure,
    Keywords,
    ListOf,
    Number,
    RangeOf,
    Static,
    TupleOf,
    Walk,
    as_literal,
    describe,
)
from srcgrad.graph import Node
from srcgrad.markers import checkpoint
from srcgrad.request import spoken_name
from srcgrad.transforms import as_section, in_segments

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator

_WALKED = (RangeOf, Walk, Number, ArrayRef, TupleOf, ListOf)


def make_checkpointed(
    ev: Evaluator, function: object, args: list[Abstract], kwargs: Keywords, node: ast.AST
) -> Abstract:
    """`checkpoint(f)` or `checkpoint(range(n), every=k)`."""
    if len(args) != 1 or set(kwargs) - {"every"}:
        ev.reject(node, "`checkpoint` takes a function or what a loop walks, and `every`")
    (part,) = args
    every = kwargs.get("every", NONE)
    if isinstance(part, _WALKED):
        return Checkpointed(part, None if every == NONE else every)

    def run(ev: Evaluator, args: list[Abstract], kwargs: Keywords, node: ast.AST) -> Abstract:
        return call_checkpointed(ev, part, args, kwargs, node)

    return Builtin(run)


def call_checkpointed(
    ev: Evaluator,
    function: Abstract,
    args: list[Abstract],
    kwargs: Keywords,
    node: ast.AST | None,
) -> Abstract:
    """The result of a call whose values are computed again by an adjoint."""
    with ev.builder.nested() as nodes:
        returned = ev.call(function, args, kwargs, node)  # type: ignore[arg-type]
    if nodes:
        location = ev.builder.location if node is None else ev.location(node)
        # What is left in objects of the caller's is put there once, when the section is done.
        computing = [made for made in nodes if made.operation not in _LEFT_BEHIND]
        ev.builder.add(as_section(_name_of(function), computing, ev.builder.assumptions, location))
        for made in nodes:
            if made.operation in _LEFT_BEHIND:
                ev.builder.add(made)
    return returned


_LEFT_BEHIND = ("store", "change")


def _name_of(function: Abstract) -> str:
    if isinstance(function, Closure):
        name = function.name
    else:
        name = spoken_name(getattr(function, "value", None))
    return name if name.isidentifier() else "part"


def segment(ev: Evaluator, loop: Node, every: Abstract | None, statement: ast.AST) -> None:
    """Put a loop over segments, and sections that take their steps, in the place of a loop."""
    if every is not None and not isinstance(every, (Static, Number)):
        ev.reject(statement, f"`every` must be a number of steps, not {describe(every)}")
    if isinstance(every, Static) and (not isinstance(every.value, int) or every.value < 1):
        ev.reject(statement, f"`every` must be a positive number of steps, not {every.value!r}")
    length = every.value if isinstance(every, Number) else None
    if isinstance(every, Static):
        length = as_literal(every)
    place = ev.builder.nodes.index(loop)
    name = f"{_function_name(ev)}_steps"
    ev.builder.nodes[place : place + 1] = in_segments(loop, length, name, ev.builder.assumptions)


def _function_name(ev: Evaluator) -> str:
    name = getattr(ev.frame.source.node, "name", "loop")
    return name if name.isidentifier() else "loop"


HANDLERS = {checkpoint: make_checkpointed}
