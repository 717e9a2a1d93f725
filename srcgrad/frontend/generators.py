"""Generators: a `yield` runs what its consumer does with the value, in the consumer's frame.

    for v in pairs(x):          def pairs(x):
        total += v      →           for i in range(len(x) - 1):
                                        v = x[i] * x[i + 1]      # yield x[i] * x[i + 1]
                                        total += v

The body of the generator runs when it is consumed, its arguments being bound when it is called, so
that effects happen in Python's order, however many values there are.  A consumer that breaks or
returns makes the generator return.  `list`, `sum` and the like consume by appending to a list.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from srcgrad.frontend import containers, functions
from srcgrad.frontend.abstract import (
    FALSE,
    NONE,
    RESULT,
    RETURNED,
    TRUE,
    Abstract,
    Frame,
    GeneratorOf,
    ListOf,
)
from srcgrad.frontend.guarding import Guard
from srcgrad.frontend.source import FunctionNode

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator

# Does something with a value that was yielded; tells whether it wants no more.
Consume = Callable[[Abstract], Abstract]

_USED = "used"
_REMEDY = "Make a list of what it yields, `list(...)`, and walk that."


def make(
    start: Callable[[Consume], Abstract],
    listed: Callable[[], Abstract] | None = None,
    *,
    endless: bool = False,
    never_ends: bool = False,
) -> GeneratorOf:
    return GeneratorOf({_USED: FALSE}, start, listed, endless, never_ends)


def consume(
    ev: Evaluator,
    generator: GeneratorOf,
    with_each: Consume,
    node: ast.AST,
    *,
    throws_into: bool = False,
) -> Abstract:
    """Run a generator; what it returns.

    With `throws_into`, the generator sees the exceptions of its consumer, as in `contextmanager`.
    """
    _use(ev, generator, node)
    consumer, loops, guards = ev.frame, ev.loops, list(ev.guards)

    def in_frame_of_consumer(value: Abstract) -> Abstract:
        inner = ev.frame, ev.loops, ev.guards
        ev.frame, ev.loops = consumer, loops
        ev.guards = ev.guards if throws_into else guards
        try:
            stops = with_each(value)
        finally:
            ev.frame, ev.loops, ev.guards = inner
        if throws_into:
            _refuse_caught(ev, guards, node)
        return stops

    generator.returned = generator.start(in_frame_of_consumer)
    return generator.returned


def _refuse_caught(ev: Evaluator, outer: list[Guard], node: ast.AST) -> None:
    """Refuse exceptions of the consumer that the generator catches."""
    own = [guard for guard in ev.guards if guard not in outer]
    flags = [guard.frame.entries.get(flag, FALSE) for guard in own for flag in guard.flags]
    if any(flag != FALSE for flag in flags):
        ev.refuse(
            node,
            "exceptions that the generator of this manager catches are not supported yet",
            "Catch them with `try` inside the `with`.",
        )


def as_list(ev: Evaluator, generator: GeneratorOf, node: ast.AST) -> Abstract:
    """The list of all that a generator yields."""
    if generator.endless:
        ev.refuse(
            node,
            "this generator yields without end",
            "Walk it with a `for` loop that ends by `break` or `return`.",
        )
    if generator.listed is not None:
        _use(ev, generator, node)
        return generator.listed()
    made = ListOf(())

    def append(value: Abstract) -> Abstract:
        containers.call_method(ev, made, "append", [value], node)
        return FALSE

    consume(ev, generator, append, node)
    return made


def _use(ev: Evaluator, generator: GeneratorOf, node: ast.AST) -> None:
    if generator.entries[_USED] != FALSE:
        ev.refuse(
            node,
            "reading an iterator that may have been read before is not supported yet",
            _REMEDY,
        )
    ev.trail.set(generator, _USED, TRUE)


# What generators are made of


def call_generator(
    ev: Evaluator,
    frame: Frame,
    function: FunctionNode,
    bound: dict[str, Abstract],
    node: ast.AST | None,
) -> GeneratorOf:
    """The generator that a call of a generator function gives; its body has not begun."""

    def start(with_each: Consume) -> Abstract:
        frame.consume = with_each
        return functions.run_function(ev, frame, function, bound, node)

    assert isinstance(function, ast.FunctionDef)
    return make(
        start,
        endless=any(map(_has_no_end, own_parts(function))),
        never_ends=any(map(_has_no_end, function.body)),
    )


def run_yield(ev: Evaluator, node: ast.Yield) -> Abstract:
    value = NONE if node.value is None else ev.evaluate(node.value)
    frame = ev.frame
    assert frame.consume is not None
    stops = frame.consume(value)
    if stops != FALSE:
        ev.trail.set(frame, RETURNED, stops)
        ev.trail.set(frame, RESULT, NONE)
    return NONE


_YIELDED, _WALKED = ".yielded", ".walked"


def run_yield_from(ev: Evaluator, node: ast.YieldFrom) -> Abstract:
    """`yield from items` is a loop that yields each; its value is what a generator returns."""
    walked = ev.evaluate(node.value)
    ev.trail.set(ev.frame, _WALKED, walked)
    ev.run_statement(_as_loop(node))
    return walked.returned if isinstance(walked, GeneratorOf) else NONE


def _as_loop(node: ast.YieldFrom) -> ast.For:
    """The loop, made once for each `yield from`: loops are known by their syntax."""
    made: ast.For | None = getattr(node, "_as_loop", None)
    if made is not None:
        return made
    yielded = ast.Expr(ast.Yield(ast.Name(_YIELDED, ast.Load())))
    made = ast.For(
        ast.Name(_YIELDED, ast.Store()), ast.Name(_WALKED, ast.Load()), [yielded], [], lineno=0
    )
    for part in ast.walk(made):
        ast.copy_location(part, node)
    node._as_loop = made  # type: ignore[attr-defined]
    return made


def _has_no_end(part: ast.AST) -> bool:
    """Is this a `while True` without a way out?"""
    if not isinstance(part, ast.While) or not isinstance(part.test, ast.Constant):
        return False
    ways_out = (ast.Break, ast.Return)
    return bool(part.test.value) and not any(isinstance(i, ways_out) for i in ast.walk(part))


def own_parts(function: FunctionNode) -> Iterator[ast.AST]:
    """The syntax of a function's body without that of the functions in it."""
    body = function.body
    pending: list[ast.AST] = [body] if isinstance(body, ast.expr) else list(body)
    while pending:
        part = pending.pop()
        yield part
        if not isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            pending += ast.iter_child_nodes(part)


def is_generator(function: Any) -> bool:
    """Does a function's own body yield?"""
    return isinstance(function, ast.FunctionDef) and any(
        isinstance(part, (ast.Yield, ast.YieldFrom)) for part in own_parts(function)
    )
