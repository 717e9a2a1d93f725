"""What a class made inside the function holds: abstract values, in a class of Python's own.

Such a class is a real one, made when the function is evaluated, so that Python itself finds the
order of its bases, writes the methods of dataclasses and named tuples, and knows which methods are
abstract.  Where its body binds something that is known only abstractly (a function that sees the
variables around it, an array), a `Member` stands for it.
"""

from __future__ import annotations

from types import FunctionType
from typing import Any

from srcgrad.frontend.abstract import Abstract, Builtin, Closure, Static

_MARK = "__made_inside__"


class Member:
    """An abstract value as an attribute of a class."""

    def __init__(self, held: Abstract) -> None:
        self.held = held


class MethodMember(Member):
    """A function as an attribute of a class: a descriptor, as Python's own functions are."""

    def __get__(self, owner: object, kind: type | None = None) -> MethodMember:
        return self

    def __call__(self, *args: object, **kwargs: object) -> None:
        """Nothing: Python calls `__init_subclass__` when it makes a class; the evaluator does."""


def as_member(value: Abstract) -> Any:
    """What stands for an abstract value where Python expects an object."""
    if isinstance(value, (Closure, Builtin)):
        return MethodMember(value)
    return value.value if isinstance(value, Static) else Member(value)


def is_method(held: object) -> bool:
    """Is this a function that a class binds to its instances?"""
    return isinstance(held, (FunctionType, MethodMember))


def mark_as_made_inside(kind: type) -> None:
    setattr(kind, _MARK, True)


def is_made_inside(kind: object) -> bool:
    """Was this class made by a `class` statement of a function that is evaluated?"""
    return isinstance(kind, type) and _MARK in vars(kind)


def is_whole(kind: type) -> bool:
    """Is there nothing in the class, or those above it, that the evaluator alone knows?"""
    held = [part for cls in kind.__mro__ for part in vars(cls).values()]
    return not any(isinstance(inner, Member) for part in held for inner in _inside(part))


def _inside(part: Any) -> tuple[object, ...]:
    names = ("__func__", "fget", "fset", "func")
    return (part, *(vars_of for name in names if (vars_of := _attribute(part, name)) is not None))


def _attribute(part: Any, name: str) -> object:
    kinds = (staticmethod, classmethod, property)
    is_wrapper = isinstance(part, kinds) or type(part).__module__ == "functools"
    return getattr(part, name, None) if is_wrapper else None
