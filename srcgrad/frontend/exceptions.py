"""Statements about exceptions: `try`, `raise` and `assert`.

Inside a `try` whose handlers catch it, an exception is a jump (see `guarding`); any other is raised
during the call, as in plain Python.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from srcgrad.frontend import branching, containers, guarding, jumps, replay
from srcgrad.frontend.abstract import (
    FALSE,
    MISSING,
    NONE,
    RESULT,
    RETURNED,
    TRUE,
    Abstract,
    Number,
    ObjectOf,
    Static,
    TupleOf,
)
from srcgrad.frontend.guarding import Guard
from srcgrad.graph import Literal, Node, OpaqueType, Region, Value

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator


def run_assert(ev: Evaluator, statement: ast.Assert) -> None:
    condition = branching.condition_of(ev, statement.test)
    if condition == TRUE:
        return
    if guarding.target_of(ev, AssertionError) is not None:
        args = [] if statement.msg is None else [ev.evaluate(statement.msg)]

        def fail() -> None:
            made = ObjectOf(AssertionError, {"args": TupleOf(tuple(args))})
            guarding.throw(ev, made, statement)

        if condition == FALSE:
            fail()
        else:
            ev.branch(condition, lambda: None, fail)
        return
    given = [condition]
    if statement.msg is not None:
        given.append(ev.evaluate(statement.msg))
    ev.call_primitive("assert", given)


# `raise`


def run_raise(ev: Evaluator, statement: ast.Raise) -> None:
    if statement.exc is None:
        if not ev.handled:
            ev.reject(statement, "no exception to raise again", raises=RuntimeError)
        _raise_again(ev, ev.handled[-1], statement)
        return
    cause = None if statement.cause is None else ev.evaluate(statement.cause)
    exc, args = statement.exc, []
    if isinstance(exc, ast.Call) and not exc.keywords:
        kind = ev.evaluate(exc.func)
        args = ev.arguments(exc)[0]
    else:
        kind = ev.evaluate(exc)
    if isinstance(kind, (Number, ObjectOf)) and not args:
        _raise_again(ev, kind, statement, cause)
        return
    if isinstance(kind, Static) and isinstance(kind.value, BaseException) and not args:
        _raise_known(ev, kind.value, statement)
        return
    if not isinstance(kind, Static) or not isinstance(kind.value, type):
        ev.refuse(
            statement,
            "this form of `raise` is not supported yet",
            "Write `raise SomeError(message)`.",
        )
    _raise(ev, kind.value, args, statement, cause)


def _raise_known(ev: Evaluator, error: BaseException, statement: ast.Raise) -> None:
    """An exception that was made outside."""
    if guarding.target_of(ev, type(error)) is not None:
        args = TupleOf(tuple(map(containers.from_known, error.args)))
        guarding.throw(ev, ObjectOf(type(error), {"args": args}), statement)
        return
    held = ev.captures.passive_symbol(ev.builder, "error", error)
    ev.call_primitive("reraise", [Number(held.value)])
    _end(ev)


def _raise_again(
    ev: Evaluator, error: Abstract, statement: ast.Raise, cause: Abstract | None = None
) -> None:
    if isinstance(error, ObjectOf) and guarding.target_of(ev, error.kind) is not None:
        guarding.throw(ev, error, statement)
    elif isinstance(error, ObjectOf):
        args = ev.made_exceptions.get(error.serial)
        if args is None:
            ev.refuse(
                statement,
                "what this exception was made with is not known, so that it cannot be raised again",
                "Raise a new one: `raise SomeError(message)`.",
            )
        _raise(ev, error.kind, list(args), statement, cause)
    elif isinstance(error, Number) and isinstance(error.value.type, OpaqueType) and not ev.guards:
        ev.call_primitive("reraise", [error])
        _end(ev)
    else:
        ev.refuse(
            statement,
            "raising an exception again that another `try` may catch is not supported yet",
            "Raise a new one, of a class that is known: `raise SomeError(message)`.",
        )


def _raise(
    ev: Evaluator,
    kind: type,
    args: Sequence[Abstract],
    statement: ast.Raise,
    cause: Abstract | None,
) -> None:
    if guarding.target_of(ev, kind) is not None:
        made = ev.call(Static(kind), list(args), {}, statement)
        assert isinstance(made, ObjectOf)
        guarding.throw(ev, made, statement)
        return
    name = replay.reference(ev, kind, kind.__name__)
    values: list[Abstract] = [Static(replay.passive_argument(ev, item)) for item in args]
    parameters: dict[str, Abstract] = {"exception": Static(name)}
    if cause == NONE:
        parameters["cause"] = Static("None")
    elif isinstance(cause, Number):
        values.append(cause)
        parameters["cause"] = Static("last")
    ev.call_primitive("raise", values, parameters)
    _end(ev)


def _end(ev: Evaluator) -> None:
    """Nothing comes after an exception that leaves the function."""
    ev.trail.set(ev.frame, RESULT, MISSING)
    ev.trail.set(ev.frame, RETURNED, TRUE)


# `try`


def run_try(ev: Evaluator, statement: ast.Try) -> None:
    if statement.finalbody:
        _run_with_final(ev, statement)
    else:
        _run_handled(ev, statement)


def _run_handled(ev: Evaluator, statement: ast.Try) -> None:
    kinds = [_caught_by(ev, handler) for handler in statement.handlers]
    _check_floating_point(ev, statement, kinds)
    named = [h.name is not None or _raises_again(h) for h in statement.handlers]
    guard = Guard(ev.frame, (id(statement), ev.frame.caller), kinds, named)
    for flag in guard.flags:
        ev.trail.set(ev.frame, flag, FALSE)
    ev.guards.append(guard)
    try:
        ev.run_block(statement.body)
    finally:
        ev.guards.pop()
    _dispatch(ev, statement, guard, 0)
    for flag in guard.flags:
        ev.trail.set(ev.frame, flag, FALSE)


def _check_floating_point(
    ev: Evaluator, statement: ast.Try, kinds: Sequence[tuple[type[BaseException], ...]]
) -> None:
    """Under `np.errstate(divide="raise")` any operation on arrays may raise."""
    raising = any("'raise'" in context.expression for context in ev.contexts)
    if raising and any(issubclass(FloatingPointError, caught) for caught in kinds):
        ev.refuse(statement, guarding.FLOATING_POINT, guarding.REMEDY_OF_FLOATING_POINT)


def _caught_by(ev: Evaluator, handler: ast.ExceptHandler) -> tuple[type[BaseException], ...]:
    """The classes of `except A:`, `except (A, B):` and `except:`."""
    if handler.type is None:
        return (BaseException,)
    caught = ev.evaluate(handler.type)
    plain = containers.to_rule_argument(ev, caught)
    kinds = plain if isinstance(plain, tuple) else (plain,)
    for kind in kinds:
        if not isinstance(kind, type) or not issubclass(kind, BaseException):
            ev.reject(handler, "catching what is no class of exceptions", raises=TypeError)
    return kinds


def _raises_again(handler: ast.ExceptHandler) -> bool:
    return any(isinstance(part, ast.Raise) and part.exc is None for part in ast.walk(handler))


def _dispatch(ev: Evaluator, statement: ast.Try, guard: Guard, place: int) -> None:
    """Run the handler that is wanted; the `else` part where none is."""
    if place == len(statement.handlers):
        _run_else(ev, statement)
        return
    wanted = ev.frame.entries[guard.flags[place]]
    if wanted == FALSE:
        _dispatch(ev, statement, guard, place + 1)
    elif wanted == TRUE:
        _handle(ev, statement.handlers[place], guard)
    else:
        ev.branch(
            wanted,
            lambda: _handle(ev, statement.handlers[place], guard),
            lambda: _go_on(ev, statement, guard, place),
        )


def _go_on(ev: Evaluator, statement: ast.Try, guard: Guard, place: int) -> None:
    """On the path where a handler is not wanted, it may be known that the body has returned."""
    wanted = ev.frame.entries[guard.flags[place]]
    assert isinstance(wanted, Number)
    for owner, key in jumps.own_flags(ev):
        flag = owner.entries.get(key, FALSE)
        known = _where_false(ev, wanted.value, flag.value) if isinstance(flag, Number) else None
        if known is not None:
            ev.trail.set(owner, key, known)
    ev.trail.set(ev.frame, guard.flags[place], FALSE)
    _dispatch(ev, statement, guard, place + 1)


def _where_false(ev: Evaluator, condition: Value, flag: Value) -> Static | None:
    """What a flag is where a condition of the same branches is false, if that is known."""
    node = ev.definition(flag)
    while node is not None and node.operation == "if":
        place = node.results.index(flag)
        region = _region_where_false(node, condition)
        if region is None:
            return None
        if condition in node.results:
            condition = region.results[node.results.index(condition)]
        flag = region.results[place]
        if isinstance(flag, Literal):
            return TRUE if flag.value else FALSE
        node = next((inner for inner in region.nodes if flag in inner.results), None)
    return None


def _region_where_false(node: Node, condition: Value) -> Region | None:
    """The region of a branch that has run where a condition is false, if that is known."""
    if node.operands[0] is condition:
        return node.regions[1]
    if condition not in node.results:
        return None
    at = node.results.index(condition)
    possible = [r for r in node.regions if not _is_literal(r.results[at], True)]
    return possible[0] if len(possible) == 1 else None


def _is_literal(value: Value, wanted: object) -> bool:
    return isinstance(value, Literal) and value.value is wanted


def _run_else(ev: Evaluator, statement: ast.Try) -> None:
    if not statement.orelse:
        return
    flags = jumps.jump_flags(ev)
    jumped = jumps.pending(ev, flags)
    if jumped == FALSE:
        ev.run_block(statement.orelse)
    elif jumped != TRUE:
        jumps.unless_jumped(ev, flags, jumped, lambda: ev.run_block(statement.orelse))


def _handle(ev: Evaluator, handler: ast.ExceptHandler, guard: Guard) -> None:
    """What is raised has neither returned nor jumped."""
    for owner, key in jumps.own_flags(ev):
        ev.trail.set(owner, key, FALSE)
    for flag in guard.flags:
        ev.trail.set(guard.frame, flag, FALSE)
    error = guard.frame.entries.get(guard.error, MISSING)
    name = None if handler.name is None else ast.Name(handler.name, ast.Store())
    if name is not None:
        ev.assign(ast.copy_location(name, handler), error)
    ev.handled.append(error)
    try:
        ev.run_block(handler.body)
    finally:
        ev.handled.pop()
    if name is not None:
        ev.assign(ast.copy_location(name, handler), MISSING)


# `finally`


def _run_with_final(ev: Evaluator, statement: ast.Try) -> None:
    """`finally` runs after all that is known to raise; a jump goes on after it."""
    for part in (part for line in statement.finalbody for part in ast.walk(line)):
        if isinstance(part, (ast.Return, ast.Break, ast.Continue)):
            ev.refuse(part, "jumping out of `finally` is not supported", "Jump after the `try`.")
    guard = Guard(ev.frame, ("final", id(statement), ev.frame.caller), [(BaseException,)], [False])
    guard.is_final = True
    (flag,) = guard.flags
    ev.trail.set(ev.frame, flag, FALSE)
    ev.guards.append(guard)
    try:
        ev.run_block([_without_final(statement)] if statement.handlers else statement.body)
    finally:
        ev.guards.pop()
    held = {(owner, key): owner.entries.get(key, FALSE) for owner, key in jumps.jump_flags(ev)}
    before = len(ev.builder.nodes)
    for owner, key in held:
        ev.trail.set(owner, key, FALSE)
    ev.run_block(statement.finalbody)
    has_effect = any(node.has_effect for node in ev.builder.nodes[before:])
    if has_effect and guard.may_fail:
        ev.refuse(
            statement.finalbody[0],
            "this `finally` has effects and follows what may raise; that is not supported yet",
            "Leave it to the caller, around the call of the gradient.",
        )
    for (owner, key), value in held.items():
        ev.trail.set(owner, key, value)
    raised = ev.frame.entries[flag]
    error = ev.frame.entries.get(guard.error, MISSING)
    ev.trail.set(ev.frame, flag, FALSE)
    if raised == FALSE:
        return

    def go_on() -> None:
        for owner, key in jumps.own_flags(ev):
            ev.trail.set(owner, key, FALSE)
        _raise_again(ev, error, ast.copy_location(ast.Raise(None, None), statement))

    if raised == TRUE:
        go_on()
    else:
        ev.branch(raised, go_on, lambda: None)


def _without_final(statement: ast.Try) -> ast.Try:
    """The `try` inside a `try ... finally`, made once: it is known by its syntax."""
    made: ast.Try | None = getattr(statement, "_without_final", None)
    if made is None:
        made = ast.Try(statement.body, statement.handlers, statement.orelse, [])
        ast.copy_location(made, statement)
        statement._without_final = made  # type: ignore[attr-defined]
    return made
