"""Nested literals with holes for values: a shape `(n, -1)`, an index `x[i, 1:k]`.

The parameters of a node are known before the call, save where a hole stands for one of its
operands.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hole:
    """Stands for operand number `operand` of the node."""

    operand: int

    def __repr__(self) -> str:
        return f"hole({self.operand})"


def map_template(template: object, change: Callable[[object], object]) -> object:
    """The template with `change` applied to everything in it that is not a container."""
    if isinstance(template, tuple) and hasattr(template, "_fields"):
        rebuild: Callable[..., object] = type(template)
        return rebuild(*(map_template(item, change) for item in template))
    if isinstance(template, tuple):
        return tuple(map_template(item, change) for item in template)
    if isinstance(template, list):
        return [map_template(item, change) for item in template]
    if isinstance(template, dict):
        return {key: map_template(item, change) for key, item in template.items()}
    if isinstance(template, slice):
        return slice(
            map_template(template.start, change),
            map_template(template.stop, change),
            map_template(template.step, change),
        )
    return change(template)


def fill(template: object, operands: object) -> object:
    """The template with each hole replaced by the operand it stands for."""

    def change(item: object) -> object:
        return operands[item.operand] if isinstance(item, Hole) else item  # type: ignore[index]

    return map_template(template, change)


def holes(template: object) -> list[int]:
    """The numbers of the operands that the template has holes for, in order."""
    found: list[int] = []

    def change(item: object) -> object:
        if isinstance(item, Hole):
            found.append(item.operand)
        return item

    map_template(template, change)
    return found
