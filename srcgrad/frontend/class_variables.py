"""Variables of classes that the function writes: `Layer.count += 1`, seen by the user at once."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from srcgrad.frontend import objects
from srcgrad.frontend.abstract import (
    MISSING,
    Abstract,
    Keywords,
    Missing,
    Number,
    Slots,
    Static,
    is_python_number,
)
from srcgrad.frontend.members import Member, is_made_inside
from srcgrad.frontend.names import kept_outside

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator


def assign(ev: Evaluator, kind: type, name: str, value: Abstract, node: ast.AST) -> None:
    """`kind.name = value`, of a number or an array where there is one already."""
    if is_made_inside(kind):
        _assign_inside(ev, kind, name, value)
        return
    held = vars(kind).get(name, objects.ABSENT)
    is_plain = held is not objects.ABSENT and not hasattr(type(held), "__get__")
    if not is_plain or type(kind).__setattr__ is not type.__setattr__ or not _is_number(value):
        ev.refuse(
            node,
            f"setting `{name}` of the class `{kind.__name__}` to this is not supported yet",
            "Give the class a number of that name, or set it where the function is called.",
        )
    kept = kept_outside(ev, value, node, f"`{kind.__name__}.{name}`")
    place = id(kind), name
    if place not in ev.written:
        slots = ev.written[place] = Slots({name: ev.captures.attribute(kind, name)})
        slots.be_there_before()  # Though a path may be the first to write it.
    target = f"{ev.captures.passive(kind.__name__, kind)}.{name}"
    written: Keywords = {"target": Static(target), "value": Static(ev.rule_argument(kept))}
    ev.call_primitive("store", (), written)
    ev.trail.set(ev.written[place], name, value)


def _assign_inside(ev: Evaluator, kind: type, name: str, value: Abstract) -> None:
    """Nobody else sees the class: anything can be set."""
    place = id(kind), name
    if place not in ev.written:
        held = vars(kind).get(name, MISSING)
        before = held.held if isinstance(held, Member) else held
        known = before if isinstance(held, (Member, Missing)) else Static(before)
        slots = ev.written[place] = Slots({name: known})
        slots.be_there_before()
    ev.trail.set(ev.written[place], name, value)


def _is_number(value: Abstract) -> bool:
    return isinstance(value, Number) or is_python_number(value)
