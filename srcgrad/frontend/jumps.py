"""`return`, `break` and `continue` set flags that the statements after them look at."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from srcgrad.frontend import iterators
from srcgrad.frontend.abstract import (
    FALSE,
    MISSING,
    NONE,
    RESULT,
    RETURNED,
    TRUE,
    Abstract,
    Slots,
)

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator


# A flag is an entry of a frame.  Those of `try` are of the frame in which it stands, which may be
# one of the callers.
Flag = tuple[Slots, object]


def jump_flags(ev: Evaluator) -> list[Flag]:
    """The flags that end the block which is running."""
    return [*own_flags(ev), *ev.caught_flags()]


def own_flags(ev: Evaluator) -> list[Flag]:
    """Those of the flags that the function which is running sets for itself."""
    keys: list[object] = [RETURNED]
    if ev.loops:
        keys += [("break", ev.loops[-1]), ("continue", ev.loops[-1])]
    return [(ev.frame, key) for key in keys]


def end_flags(ev: Evaluator, loop: object) -> list[Flag]:
    """The flags that end a loop."""
    return [(ev.frame, ("break", loop)), (ev.frame, RETURNED), *ev.caught_flags()]


def pending(ev: Evaluator, flags: Sequence[Flag]) -> Abstract:
    """Is one of the flags set?"""
    return any_of(ev, [owner.entries.get(key, FALSE) for owner, key in flags])


def pending_jump(ev: Evaluator) -> Abstract:
    return pending(ev, jump_flags(ev))


def unless_jumped(
    ev: Evaluator, flags: Sequence[Flag], jumped: Abstract, rest: Callable[[], Any]
) -> None:
    """Run the rest on the path where none of the flags is set."""
    frame = ev.frame
    may_be_set = [flag for flag in flags if flag[0].entries.get(flag[1], FALSE) != FALSE]

    def skip() -> None:
        for owner, key in may_be_set:
            if len(may_be_set) == 1 or owner.entries[key] == jumped:
                ev.trail.set(owner, key, TRUE)
        own = [key for owner, key in may_be_set if owner is frame]
        if own in ([], [RETURNED]) and RETURNED in frame.entries:
            # An exception for a caller ends this function as `return` does.
            ev.trail.set(frame, RETURNED, TRUE)

    def go_on() -> None:
        for owner, key in may_be_set:
            ev.trail.set(owner, key, FALSE)
        if (frame, RETURNED) in may_be_set:
            ev.trail.set(frame, RESULT, MISSING)  # What the other path returns is not there.
        rest()

    ev.branch(jumped, skip, go_on)


def any_of(ev: Evaluator, flags: Sequence[Abstract]) -> Abstract:
    pending = list(dict.fromkeys(flag for flag in flags if flag != FALSE))
    if not pending:
        return FALSE
    if TRUE in pending:
        return TRUE
    first = pending[0]
    for flag in pending[1:]:
        first = ev.call_primitive("bitwise_or", (first, flag))
    return first


def run_return(ev: Evaluator, statement: ast.Return) -> None:
    value = NONE if statement.value is None else iterators.evaluate_kept(ev, statement.value)
    ev.trail.set(ev.frame, RESULT, value)
    ev.trail.set(ev.frame, RETURNED, TRUE)


def run_break(ev: Evaluator, statement: ast.Break) -> None:
    ev.trail.set(ev.frame, ("break", ev.loops[-1]), TRUE)


def run_continue(ev: Evaluator, statement: ast.Continue) -> None:
    ev.trail.set(ev.frame, ("continue", ev.loops[-1]), TRUE)
