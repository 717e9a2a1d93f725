"""Variables: where Python finds a name."""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING

from srcgrad.frontend.abstract import MISSING, Abstract, Conflict, Frame, Missing, Static
from srcgrad.frontend.decisions import NeedsDecision

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator


def read_name(ev: Evaluator, node: ast.Name) -> Abstract:
    found = look_up(ev, node.id, ev.frame)
    if found is None or isinstance(found, Missing):
        ev.undefined(node, f"the name `{node.id}` is not defined here")
    if isinstance(found, Conflict):
        if found.loop is not None and found.loop not in ev.decisions.unrolled:
            raise NeedsDecision({("loop", found.loop)})
        ev.refuse(
            node,
            f"`{node.id}` is {found.first} on one path and {found.second} on another",
            "Give it one kind of value on every path.",
        )
    return found


def look_up(ev: Evaluator, name: str, frame: Frame | None) -> Abstract | None:
    """The variable as Python would find it: local, enclosing, global, builtin."""
    while frame is not None:
        if name in frame.entries:
            return frame.entries[name]
        if name in frame.local_names and name not in frame.nonlocals:
            return MISSING
        if frame.parent is None:
            return _look_up_outside(ev, name, frame)
        frame = frame.parent
    return None


def _look_up_outside(ev: Evaluator, name: str, frame: Frame) -> Abstract | None:
    if name in frame.cells:
        return ev.captures.cell(frame.cells[name], name)
    if name in frame.globals:
        return ev.captures.global_variable(frame.globals, name)
    if hasattr(builtins, name):
        ev.captures.builtin(frame.globals, name)
        return Static(getattr(builtins, name))
    return None
