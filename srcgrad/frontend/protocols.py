"""Operators on instances of user classes: the special method that Python would choose is called.

See "Emulating numeric types" in Python's data model: the right operand's reflected method goes
first where its class is a subclass of the left one's, and `NotImplemented` passes the question on.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from srcgrad.frontend import objects
from srcgrad.frontend.abstract import (
    FALSE,
    TRUE,
    Abstract,
    ArrayRef,
    Number,
    ObjectOf,
    OneOf,
    Static,
    describe,
)
from srcgrad.graph import ArrayType

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator

_BINARY = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "truediv",
    ast.FloorDiv: "floordiv",
    ast.Mod: "mod",
    ast.Pow: "pow",
    ast.MatMult: "matmul",
    ast.BitAnd: "and",
    ast.BitOr: "or",
    ast.BitXor: "xor",
    ast.LShift: "lshift",
    ast.RShift: "rshift",
}
_UNARY = {ast.USub: "__neg__", ast.UAdd: "__pos__", ast.Invert: "__invert__"}
_COMPARISONS: dict[type, tuple[str, str]] = {
    ast.Eq: ("__eq__", "__eq__"),
    ast.NotEq: ("__ne__", "__ne__"),
    ast.Lt: ("__lt__", "__gt__"),
    ast.LtE: ("__le__", "__ge__"),
    ast.Gt: ("__gt__", "__lt__"),
    ast.GtE: ("__ge__", "__le__"),
}
_UNDECIDED = Static(NotImplemented)


def binary(
    ev: Evaluator, op: ast.operator, left: Abstract, right: Abstract, node: ast.AST
) -> Abstract | None:
    """`left op right` where a class says what it is; None where that is Python's own matter."""
    name = _BINARY[type(op)]
    if _is_array(left) and objects.class_of(right) is not None:
        _require_to_defer(ev, left, right, node)
    return _first_answer(ev, f"__{name}__", f"__r{name}__", left, right, node)


def _first_answer(
    ev: Evaluator, name: str, reflected: str, left: Abstract, right: Abstract, node: ast.AST
) -> Abstract | None:
    first, second = objects.class_of(left), objects.class_of(right)
    if first is None and second is None:
        return None
    order = [(left, name, right), (right, reflected, left)]
    if first is second:
        # An operator asks one class once; a comparison asks both sides all the same.
        order = order[:1] if reflected == f"__r{name[2:]}" else order
    elif first is not None and second is not None and issubclass(second, first):
        order.reverse()
    for owner, method, other in order:
        answer = objects.call_special(ev, owner, method, [other], node)
        if answer is not None and answer != _UNDECIDED:
            return answer
    return None


def _is_array(value: Abstract) -> bool:
    if isinstance(value, (ArrayRef, OneOf)):
        return True
    return isinstance(value, Number) and isinstance(value.value.type, ArrayType)


def _require_to_defer(ev: Evaluator, left: Abstract, right: Abstract, node: ast.AST) -> None:
    """NumPy hands an operator on to the other side's class only if that class says so.

    Else it would make an array of objects of it, and call the class's method for each element: for
    a single number that is the same.
    """
    kind = objects.class_of(right)
    if getattr(kind, "__array_ufunc__", ...) is None or getattr(kind, "__array_priority__", 0) > 0:
        return
    is_number = isinstance(left, Number) and getattr(left.value.type, "shape", None) == ()
    if is_number and not any(hasattr(kind, name) for name in ("__len__", "__array__")):
        return
    ev.refuse(
        node,
        f"NumPy makes an array of objects of {describe(left)} and {describe(right)} here",
        f"Let `{kind.__name__}` say `__array_ufunc__ = None`: "  # type: ignore[union-attr]
        "then its own method is called.",
    )


def update(
    ev: Evaluator, op: ast.operator, old: Abstract, value: Abstract, node: ast.AST
) -> Abstract | None:
    """What `old op= value` binds, where a class says it with `__iadd__`; else None."""
    answer = objects.call_special(ev, old, f"__i{_BINARY[type(op)]}__", [value], node)
    return None if answer == _UNDECIDED else answer


def unary(ev: Evaluator, op: ast.unaryop, value: Abstract, node: ast.AST) -> Abstract | None:
    return objects.call_special(ev, value, _UNARY[type(op)], [], node)


def compare(
    ev: Evaluator, op: ast.cmpop, left: Abstract, right: Abstract, node: ast.AST
) -> Abstract | None:
    """A comparison that a class defines; equality of instances without one is identity."""
    names = _COMPARISONS.get(type(op))
    if names is None:
        return None
    answer = _first_answer(ev, *names, left, right, node)
    if answer is None and isinstance(op, ast.NotEq):
        # `object.__ne__` asks `__eq__` and inverts what it says.
        same = _first_answer(ev, "__eq__", "__eq__", left, right, node)
        return None if same is None else negated(ev, same, node)
    if answer is not None or not isinstance(op, (ast.Eq, ast.NotEq)):
        return answer
    if isinstance(left, ObjectOf) or isinstance(right, ObjectOf):
        return Static((left is right) == isinstance(op, ast.Eq))
    return None


def negated(ev: Evaluator, value: Abstract, node: ast.AST) -> Abstract:
    """`not value`."""
    truth = ev.truth(value, node)
    if isinstance(truth, Static):
        return FALSE if truth.value else TRUE
    return ev.call_primitive("not", (truth,))


def contains(ev: Evaluator, container: Abstract, item: Abstract, node: ast.AST) -> Abstract | None:
    """`item in container` where a class says so, or says what is walked; else None."""
    answer = objects.call_special(ev, container, "__contains__", [item], node)
    if answer is not None:
        return ev.truth(answer, node)
    if not isinstance(container, ObjectOf):
        return None
    walked = ev.known_items(objects.iterable(ev, container, node), node)
    return contains_one(ev, walked, item, node)


def contains_one(
    ev: Evaluator, items: tuple[Abstract, ...], item: Abstract, node: ast.AST
) -> Abstract:
    """Is one of the items this one, or equal to it?"""
    found: Abstract = FALSE
    for other in items:
        same = TRUE if other is item else ev.truth(ev.compare(ast.Eq(), other, item, node), node)
        if same == TRUE:
            return TRUE
        if same != FALSE:
            found = same if found == FALSE else ev.call_primitive("bitwise_or", (found, same))
    return found
