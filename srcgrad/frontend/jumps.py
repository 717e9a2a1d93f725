"""`return`, `break` and `continue` set flags that the statements after them look at."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from srcgrad.frontend import iterators
from srcgrad.frontend.abstract import FALSE, NONE, RESULT, RETURNED, TRUE, Abstract

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator


def jump_keys(ev: Evaluator) -> list[object]:
    """The flags that end the block which is running."""
    if not ev.loops:
        return [RETURNED]
    return [RETURNED, ("break", ev.loops[-1]), ("continue", ev.loops[-1])]


def pending_jump(ev: Evaluator) -> Abstract:
    return any_of(ev, [ev.frame.entries.get(key, FALSE) for key in jump_keys(ev)])


def unless_jumped(
    ev: Evaluator, keys: Sequence[object], jumped: Abstract, rest: Callable[[], Any]
) -> None:
    """Run the rest on the path where none of the flags is set."""
    frame = ev.frame
    pending = [key for key in keys if frame.entries.get(key, FALSE) != FALSE]

    def skip() -> None:
        if len(pending) == 1:
            ev.trail.set(frame, pending[0], TRUE)

    def go_on() -> None:
        for key in pending:
            ev.trail.set(frame, key, FALSE)
        rest()

    ev.branch(jumped, skip, go_on)


def any_of(ev: Evaluator, flags: Sequence[Abstract]) -> Abstract:
    pending = [flag for flag in flags if flag != FALSE]
    if not pending:
        return FALSE
    if TRUE in pending:
        return TRUE
    first = pending[0]
    for flag in pending[1:]:
        first = ev.call_primitive("bitwise_or", (first, flag))
    return first


def run_return(ev: Evaluator, statement: ast.Return) -> None:
    if getattr(ev.frame.source.node, "name", "") != "__iter__":  # That is walked at once.
        iterators.refuse_kept(ev, statement.value)
    value = NONE if statement.value is None else ev.evaluate(statement.value)
    ev.trail.set(ev.frame, RESULT, value)
    ev.trail.set(ev.frame, RETURNED, TRUE)


def run_break(ev: Evaluator, statement: ast.Break) -> None:
    ev.trail.set(ev.frame, ("break", ev.loops[-1]), TRUE)


def run_continue(ev: Evaluator, statement: ast.Continue) -> None:
    ev.trail.set(ev.frame, ("continue", ev.loops[-1]), TRUE)
