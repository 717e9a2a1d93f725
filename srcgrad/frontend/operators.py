"""Operators on abstract values: computed now where both are known, else appended."""

from __future__ import annotations

import ast
import enum
import operator
from collections.abc import Callable
from types import UnionType
from typing import TYPE_CHECKING, Any

import numpy as np

from srcgrad.frontend import branching, containers, protocols, replay, storage, strings
from srcgrad.frontend.abstract import (
    PYTHON_NUMBERS,
    Abstract,
    DictOf,
    ListOf,
    Number,
    Static,
    TupleOf,
    describe,
    is_static,
)
from srcgrad.graph import ArrayType, OpaqueType, is_python_int

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator


BINARY: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.MatMult: operator.matmul,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
}


UNARY: dict[type, Callable[[Any], Any]] = {
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
    ast.Invert: operator.invert,
    ast.Not: operator.not_,
}


_COMPUTED_NOW = (
    *PYTHON_NUMBERS,
    enum.Flag,
    str,
    bytes,
    tuple,
    type(None),
    np.dtype,
    type,
    UnionType,
    frozenset,
    set,
)


_POWER_LIMIT = 10**6


def run_binary(ev: Evaluator, node: ast.BinOp) -> Abstract:
    left, right = ev.evaluate(node.left), ev.evaluate(node.right)
    return binary(ev, node.op, left, right, node)


def binary(
    ev: Evaluator, op: ast.operator, left: Abstract, right: Abstract, node: ast.AST
) -> Abstract:
    """`left op right`, as Python would find it for these kinds."""
    left, right = storage.current(ev, left), storage.current(ev, right)
    left, right = _without_names(left), _without_names(right)
    by_class = protocols.binary(ev, op, left, right, node)
    if by_class is not None:
        return by_class
    function = BINARY[type(op)]
    if isinstance(left, Static) and isinstance(right, Static):
        now = _compute_now(function, (left.value, right.value))
        if now is not None:
            return Static(now, _written(ev, node, now))
    left, right = _as_tuple(left, right), _as_tuple(right, left)
    if isinstance(op, ast.Add) and _are_sequences(left, right):
        return _concatenate(left, right)
    if isinstance(op, ast.Mult):
        repeated = _repeat(ev, left, right, node) or _repeat(ev, right, left, node)
        if repeated is not None:
            return repeated
    if isinstance(op, ast.Mod) and isinstance(left, Static) and isinstance(left.value, str):
        if is_static(right):
            plain = containers.to_rule_argument(ev, right)
            return Static(left.value % plain)
        return replay.replay(ev, "str.__mod__", [left, right], {}, node)
    if isinstance(op, ast.BitOr) and isinstance(left, DictOf) and isinstance(right, DictOf):
        return DictOf({**left.items, **right.items})
    if isinstance(op, ast.Add) and strings.is_text(ev, left) and strings.is_text(ev, right):
        return strings.concatenated(ev, left, right)
    _require_numbers(ev, (left, right), node)
    return ev.call_primitive(function, (left, right))


def _without_names(value: Abstract) -> Abstract:
    """The number that a member of an enumeration of numbers is."""
    if isinstance(value, Static) and isinstance(value.value, enum.Enum):
        for kind in (int, float):
            if isinstance(value.value, kind):
                return Static(kind(value.value))
    return value


def _require_numbers(ev: Evaluator, values: tuple[Abstract, ...], node: ast.AST) -> None:
    for value in values:
        if isinstance(value, Number) and isinstance(value.value.type, OpaqueType):
            ev.refuse(
                node,
                f"`{ev.frame.source.text(node)}` computes with the result of a call that srcgrad "
                "does not know",
                "Make the call outside the function, and pass its result as an argument.",
            )
        if isinstance(value, Static) and type(value.value) not in PYTHON_NUMBERS:
            ev.reject(node, f"{describe(value)} is not a number")
        if not isinstance(value, (Number, Static, ListOf, TupleOf)):
            ev.reject(node, f"{describe(value)} is not a number")
    if any(isinstance(value, (ListOf, TupleOf)) for value in values):
        arrays = [value for value in values if isinstance(value, Number)]
        if not any(isinstance(value.value.type, ArrayType) for value in arrays):
            kinds = " and ".join(map(describe, values))
            ev.reject(
                node,
                f"Python does not compute with {kinds} here",
                "Make arrays of lists first: `np.array(...)`.",
            )


def _compute_now(function: Callable[..., Any], values: tuple[Any, ...]) -> Any:
    """The result on known values, or None where it must be left to the call."""
    if not all(isinstance(value, _COMPUTED_NOW) for value in values):
        return None
    if function is operator.pow and any(
        isinstance(v, int) and abs(v) > _POWER_LIMIT for v in values
    ):
        return None
    try:
        return function(*values)
    except Exception:
        return None


def _written(ev: Evaluator, node: ast.AST, value: object) -> str | None:
    """The user's text of a constant expression that names a constant, such as `np.pi / 2`."""
    if not isinstance(value, float) or not isinstance(node, ast.BinOp):
        return None
    attributes = [part for part in ast.walk(node) if isinstance(part, ast.Attribute)]
    plain = (ast.BinOp, ast.UnaryOp, ast.Constant, ast.Attribute, ast.operator, ast.unaryop)
    names = [part.id for part in ast.walk(node) if isinstance(part, ast.Name)]
    if not attributes or set(names) - {"np", "math"}:
        return None
    known = (*plain, ast.Name, ast.expr_context)
    if not all(isinstance(part, known) for part in ast.walk(node)):
        return None
    return f"({ast.unparse(node)})"


def _as_tuple(value: Abstract, other: Abstract) -> Abstract:
    """A tuple that is known now, beside one that is not."""
    if isinstance(other, TupleOf) and isinstance(value, Static) and type(value.value) is tuple:
        return TupleOf(tuple(map(Static, value.value)))
    return value


def _are_sequences(left: Abstract, right: Abstract) -> bool:
    same_tuple = isinstance(left, TupleOf) and isinstance(right, TupleOf)
    return same_tuple or (isinstance(left, ListOf) and isinstance(right, ListOf))


def _concatenate(left: Any, right: Any) -> Abstract:
    items = left.items + right.items
    return TupleOf(items) if isinstance(left, TupleOf) else ListOf(items)


def _repeat(ev: Evaluator, sequence: Abstract, count: Abstract, node: ast.AST) -> Abstract | None:
    """`[0.0] * n`: how many items there are must be known before the call."""
    if not isinstance(sequence, (TupleOf, ListOf)):
        return None
    if isinstance(count, Number) and is_python_int(count.value.type):
        count = ev.make_static(count, node)
    if not isinstance(count, Static) or not isinstance(count.value, int):
        return None
    items = sequence.items * count.value
    return TupleOf(items) if isinstance(sequence, TupleOf) else ListOf(items)


def run_unary(ev: Evaluator, node: ast.UnaryOp) -> Abstract:
    if isinstance(node.op, ast.Not):
        return branching.condition_of(ev, node)
    value = storage.current(ev, ev.evaluate(node.operand))
    function = UNARY[type(node.op)]
    if isinstance(value, Static):
        now = _compute_now(function, (value.value,))
        if now is not None:
            written = (
                f"-{value.expression}" if value.expression and function is operator.neg else None
            )
            return Static(now, written)
    by_class = protocols.unary(ev, node.op, value, node)
    if by_class is not None:
        return by_class
    _require_numbers(ev, (value,), node)
    return ev.call_primitive(function, (value,))
