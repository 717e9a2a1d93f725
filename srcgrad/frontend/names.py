"""Variables: where Python finds a name."""

from __future__ import annotations

import ast
import builtins
from types import CellType
from typing import TYPE_CHECKING, Any

import numpy as np

from srcgrad.frontend import replay, storage
from srcgrad.frontend.abstract import (
    MISSING,
    Abstract,
    Conflict,
    Frame,
    Missing,
    Number,
    Slots,
    Static,
    describe,
)
from srcgrad.frontend.decisions import NeedsDecision
from srcgrad.graph import ArrayType, ListType

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
        if name in frame.global_names:
            return _look_up_global(ev, name, frame)
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
        return _written(ev, frame.cells[name], name) or ev.captures.cell(
            frame.cells[name], name, frame.globals
        )
    return _look_up_global(ev, name, frame)


def _look_up_global(ev: Evaluator, name: str, frame: Frame) -> Abstract | None:
    written = _written(ev, frame.globals, name)
    if written is not None:
        return written
    if name in frame.globals:
        return ev.captures.global_variable(frame.globals, name)
    if hasattr(builtins, name):
        ev.captures.builtin(frame.globals, name)
        return Static(getattr(builtins, name))
    return None


def bind(ev: Evaluator, target: ast.Name, value: Abstract) -> None:
    """Give a variable a value, or take it away, where Python's scopes say."""
    name, frame = target.id, ev.frame
    if name in frame.global_names:
        _write_outside(ev, frame.globals, target, value)
    elif name not in frame.nonlocals:
        ev.trail.set(frame, name, value)
    else:
        owner = _owner(name, frame)
        if name in owner.local_names or name in owner.entries:
            ev.trail.set(owner, name, value)
        else:
            cell = owner.cells[name]
            assert isinstance(cell, CellType)  # whoever binds it anew is known by identity
            _write_outside(ev, cell, target, value)


def _owner(name: str, frame: Frame) -> Frame:
    """The frame around this one that has a variable, or in whose cells it is."""
    outer = frame.parent
    while outer is not None:
        if name in outer.local_names - outer.nonlocals:
            return outer
        frame, outer = outer, outer.parent
    return frame


# Variables of modules, and of the functions around the differentiated one.  A write is an effect
# that the user can see; what is read after it is the value written.


def _written(ev: Evaluator, owner: object, name: str) -> Abstract | None:
    slots = ev.written.get((id(owner), name))
    return None if slots is None else slots.entries[name]


def _write_outside(
    ev: Evaluator, owner: dict[str, Any] | CellType, target: ast.Name, value: Abstract
) -> None:
    name = target.id
    _note_old_value(ev, owner, name)
    kept = kept_outside(ev, value, target, f"the outer variable `{name}`")
    if isinstance(owner, dict):
        namespace = ev.captures.passive("namespace", owner)
        replay.replay(ev, f"{namespace}.__setitem__", [Static(name), kept], {}, target)
    else:
        _keep_apart(ev, target)
        given = [Static(owner), Static("cell_contents"), kept]
        replay.replay(ev, "setattr", given, {}, target)
    ev.trail.set(ev.written[id(owner), name], name, value)


def _keep_apart(ev: Evaluator, target: ast.Name) -> None:
    """The next function of some code may share the cell that is written, or may not."""
    ev.captures.writes_cells = True
    if ev.captures.reader.gives_functions:
        ev.refuse(target, f"assigning to `{target.id}` beside functions known by their code")


def _note_old_value(ev: Evaluator, owner: dict[str, Any] | CellType, name: str) -> None:
    """The paths that do not write see what was there before the call."""
    if (id(owner), name) in ev.written:
        return
    old: Abstract = MISSING
    if isinstance(owner, CellType):
        old = ev.captures.cell(owner, name)
    elif name in owner:
        old = ev.captures.global_variable(owner, name)
    slots = ev.written[id(owner), name] = Slots({name: old})
    slots.be_there_before()  # Though a path may be the first to write it.


def kept_outside(ev: Evaluator, value: Abstract, target: ast.AST, place: str) -> Abstract:
    """A value as a variable may keep it: arrays as copies, for the code's own may be reused."""
    value = storage.current(ev, value)
    if isinstance(value, Static):
        return value
    if not isinstance(value, Number) or isinstance(value.value.type, ListType):
        ev.refuse(
            target,
            f"assigning {describe(value)} to {place} is not supported yet",
            "Return it, and assign it where the function is called.",
        )
    is_array = isinstance(value.value.type, ArrayType)
    return ev.call_primitive(np.copy, (value,)) if is_array else value
