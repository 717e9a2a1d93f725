"""Exceptions that a `try` catches: flags, as for `return` and `break`.

What raises inside a `try` is known before the call (`raise`, a missing key), or it is a call that
may fail: `np.linalg.cholesky`, a division of Python numbers.  The first sets the flag of the
handler that catches it.  The second becomes an *attempt*: a node that yields the result or tells
which handler is wanted.  Either way the statements after it look at the flags (see `jumps`).

A statement that may fail in its midst is run again on the path where it did not fail: what its
expressions had given until then is remembered.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from srcgrad.errors import SrcgradError
from srcgrad.frontend import jumps, replay
from srcgrad.frontend.abstract import (
    FALSE,
    MISSING,
    RESULT,
    RETURNED,
    TRUE,
    Abstract,
    Frame,
    Number,
    ObjectOf,
    TupleOf,
)
from srcgrad.graph import Value
from srcgrad.rules import Primitive, apply, as_value, failures_of, primitive_named

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator


FLOATING_POINT = "catching what NumPy raises under `np.errstate` is not supported yet"
REMEDY_OF_FLOATING_POINT = "Test for the value instead: `if d == 0.0:`."


@dataclass(slots=True, eq=False)
class Guard:
    """A `try` whose body is running.

    `kinds` has the classes that each of its handlers catches; `flags` the entries of its frame that
    say which handler is wanted, `named` whether the handler names the exception.  The guard of a
    `finally` catches what is known to raise; `may_fail` says that something else may.  That of a
    context manager catches nothing.
    """

    frame: Frame
    key: object
    kinds: list[tuple[type[BaseException], ...]]
    named: list[bool]
    flags: list[object] = field(init=False)
    is_final: bool = False
    may_fail: bool = False

    def __post_init__(self) -> None:
        self.flags = [("caught", self.key, place) for place in range(len(self.kinds))]

    @property
    def error(self) -> object:
        """The entry of the frame that holds the exception."""
        return ("exception", self.key)


@dataclass(slots=True)
class Progress:
    """How far a statement has come: what its expressions gave, and what its attempts did.

    `depth` is the number of open blocks: what is inside a branch of its own is not run again.
    """

    depth: int
    values: dict[int, Abstract] = field(default_factory=dict)
    outcomes: list[Value] = field(default_factory=list)
    next_outcome: int = 0


class Interrupted(Exception):
    """A statement has failed, or may have: the flags of the handlers say so."""

    def __init__(self, depth: int) -> None:
        super().__init__(depth)
        self.depth = depth


def run_guarded(ev: Evaluator, node: ast.AST, run: Callable[[], Any]) -> None:
    """Run a statement (or a path of an expression) inside a `try`."""
    outer = ev.progress
    progress = Progress(_depth(ev))
    try:
        _run(ev, node, run, progress)
    finally:
        ev.progress = outer


def _run(ev: Evaluator, node: ast.AST, run: Callable[[], Any], progress: Progress) -> None:
    ev.progress = progress
    progress.next_outcome = 0
    progress.depth = _depth(ev)
    frame, loops, functions = ev.frame, ev.loops, ev.depth
    try:
        run()
        return
    except Interrupted as interrupted:
        if interrupted.depth != progress.depth:
            ev.frame = frame
            _refuse(ev, node)
    except SrcgradError as error:
        same_depth = getattr(error, "open_blocks", None) == progress.depth
        if error.raises is None or not same_depth or target_of(ev, error.raises) is None:
            raise
        ev.frame, ev.loops, ev.depth = frame, loops, functions
        # What Python would say in it is not known.
        throw(ev, ObjectOf(error.raises, {}), node)
    ev.frame, ev.loops, ev.depth = frame, loops, functions
    caught = ev.caught_flags()
    stopped = jumps.pending(ev, caught)
    if stopped != TRUE:
        jumps.unless_jumped(ev, caught, stopped, lambda: _run(ev, node, run, progress))


def _refuse(ev: Evaluator, node: ast.AST) -> NoReturn:
    ev.refuse(
        node,
        "what may raise inside a comprehension in a `try` is not supported yet",
        "Write the comprehension as a loop.",
    )


def _depth(ev: Evaluator) -> int:
    return len(ev.builder.open_blocks())


@contextmanager
def unremembered(ev: Evaluator) -> Iterator[None]:
    """Inside the `with`, expressions are evaluated more than once: nothing is remembered."""
    outer, ev.progress = ev.progress, None
    try:
        yield
    finally:
        ev.progress = outer


def known(ev: Evaluator, node: ast.AST) -> Abstract | None:
    """What an expression gave before the statement was interrupted."""
    progress = ev.progress
    if progress is None or progress.depth != _depth(ev):
        return None
    return progress.values.get(id(node))


def remember(ev: Evaluator, node: ast.AST, value: Abstract) -> None:
    """Keep what an expression gave; stop here if an exception may have been raised in it."""
    progress = ev.progress
    if progress is not None and progress.depth == _depth(ev):
        progress.values[id(node)] = value
        # The attempts so far have gone into this value: it is not computed again.
        progress.outcomes.clear()
        progress.next_outcome = 0
    if jumps.pending(ev, ev.caught_flags()) != FALSE:
        raise Interrupted(_depth(ev))


# Raising what is known before the call


def target_of(ev: Evaluator, kind: type[BaseException]) -> tuple[Guard, int] | None:
    """The `try` and the handler that catch an exception of a class."""
    for guard in reversed(ev.guards):
        for place, kinds in enumerate(guard.kinds):
            if issubclass(kind, kinds):
                return guard, place
        guard.may_fail |= guard.is_final
    return None


def throw(ev: Evaluator, error: ObjectOf, node: ast.AST) -> None:
    """Raise an exception that a handler catches."""
    held = error.entries.get("args")
    given = held.items if isinstance(held, TupleOf) else None
    ev.made_exceptions.setdefault(error.serial, given)
    target = target_of(ev, error.kind)
    assert target is not None
    guard, place = target
    ev.trail.set(guard.frame, guard.flags[place], TRUE)
    ev.trail.set(guard.frame, guard.error, error)
    if ev.frame is not guard.frame and RETURNED in ev.frame.entries:
        ev.trail.set(ev.frame, RESULT, MISSING)
        ev.trail.set(ev.frame, RETURNED, TRUE)


# Calls that may fail


def attempt(
    ev: Evaluator, primitive: Primitive, operands: Sequence[Any], parameters: dict[str, Any]
) -> tuple[Value, ...] | None:
    """The outcome of a call that may raise what a handler catches; None for any other call."""
    if not ev.guards or primitive.name in ("attempt", "outcome"):
        return None
    values = [as_value(operand) for operand in operands]
    targets = _targets(ev, failures_of(primitive.name, values, str(parameters.get("function", ""))))
    if not targets:
        return None
    progress = ev.progress
    if progress is None or progress.depth != _depth(ev):
        _refuse(ev, ev.statement)
    assert progress is not None
    place = progress.next_outcome
    progress.next_outcome += 1
    described: dict[str, Any] = {"function": primitive.name, "inner": parameters}
    if place < len(progress.outcomes):
        given = [ev.symbol(progress.outcomes[place]), *operands]
        return apply(ev.builder, primitive_named("outcome"), given, described)
    raw, failed, errors = _try(ev, targets, operands, {**described, "effect": primitive.effect})
    progress.outcomes.append(raw)
    for (guard, at), flag in zip(targets, failed):
        ev.trail.set(guard.frame, guard.flags[at], Number(flag))
        if guard.named[at]:
            ev.trail.set(guard.frame, guard.error, Number(errors.pop(0)))
    raise Interrupted(_depth(ev))


def _try(
    ev: Evaluator,
    targets: Sequence[tuple[Guard, int]],
    operands: Sequence[Any],
    described: dict[str, Any],
) -> tuple[Value, list[Value], list[Value]]:
    """The node of an attempt: the result, a flag for each handler, the exceptions with a name."""
    kinds = [guard.kinds[place] for guard, place in targets]
    handlers = tuple(tuple(_class_text(ev, kind) for kind in caught) for caught in kinds)
    named = tuple(guard.named[place] for guard, place in targets)
    told = {**described, "handlers": handlers, "named": named}
    names = [None, *("failed" for _ in targets)]
    made = apply(ev.builder, primitive_named("attempt"), list(operands), told, names)
    end = 1 + len(targets)
    return made[0], list(made[1:end]), list(made[end:])


def _class_text(ev: Evaluator, kind: type[BaseException]) -> str:
    if kind is np.linalg.LinAlgError:
        return "np.linalg.LinAlgError"
    return replay.reference(ev, kind, kind.__name__)


def _targets(ev: Evaluator, kinds: Sequence[type[BaseException]]) -> list[tuple[Guard, int]]:
    """The handlers, innermost first, that exceptions of one of the classes may reach."""
    found: list[tuple[Guard, int]] = []
    pending = list(kinds)
    for guard in reversed(ev.guards):
        if guard.is_final:
            # Reading an item may always fail: that alone is no reason to refuse a manager.
            counted = pending if guard.kinds else [k for k in pending if k is not IndexError]
            guard.may_fail |= bool(counted)
            continue
        for place, caught in enumerate(guard.kinds):
            if any(_may_catch(caught, kind) for kind in pending):
                found.append((guard, place))
            pending = [kind for kind in pending if not issubclass(kind, caught)]
    return found


def _may_catch(caught: tuple[type[BaseException], ...], kind: type[BaseException]) -> bool:
    """Does a handler catch this class, or may it, where the class is not known?"""
    return kind is Exception or issubclass(kind, caught)
