"""Statements that raise: `raise` and `assert`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from srcgrad.frontend import replay
from srcgrad.frontend.abstract import MISSING, RESULT, RETURNED, TRUE, Static

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator


def run_assert(ev: Evaluator, statement: ast.Assert) -> None:
    condition = ev.truth(ev.evaluate(statement.test), statement.test)
    if condition == TRUE:
        return
    args = [condition]
    if statement.msg is not None:
        args.append(ev.evaluate(statement.msg))
    ev.call_primitive("assert", args)


def run_raise(ev: Evaluator, statement: ast.Raise) -> None:
    _raise_exception(ev, statement)
    ev.trail.set(ev.frame, RESULT, MISSING)
    ev.trail.set(ev.frame, RETURNED, TRUE)


def _raise_exception(ev: Evaluator, statement: ast.Raise) -> None:
    if statement.exc is None or statement.cause is not None:
        ev.refuse(
            statement,
            "this form of `raise` is not supported yet",
            "Write `raise SomeError(message)`.",
        )
    exc = statement.exc
    args: list[ast.expr] = []
    if isinstance(exc, ast.Call) and not exc.keywords:
        args, exc = exc.args, exc.func
    kind = ev.evaluate(exc)
    if not isinstance(kind, Static) or not isinstance(kind.value, type):
        ev.refuse(
            statement,
            "this form of `raise` is not supported yet",
            "Write `raise SomeError(message)`.",
        )
    name = replay.reference(ev, kind.value, kind.value.__name__)
    values = [Static(replay.passive_argument(ev, ev.evaluate(item))) for item in args]
    ev.call_primitive("raise", values, {"exception": Static(name)})
