"""Comparisons: of numbers, of structure, of identity and membership."""

from __future__ import annotations

import ast
import inspect
import operator
from collections.abc import Callable
from types import FunctionType
from typing import TYPE_CHECKING, Any, NoReturn

from srcgrad.frontend import branching, containers, jumps, protocols, storage
from srcgrad.frontend.abstract import (
    FALSE,
    NONE,
    PYTHON_NUMBERS,
    TRUE,
    Abstract,
    ArrayRef,
    DictOf,
    GivenFunction,
    ListOf,
    Number,
    OneOf,
    Slots,
    Static,
    TupleOf,
    describe,
    is_changeable,
    is_static,
)
from srcgrad.graph import ArrayType, OpaqueType, ScalarType

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator


COMPARE: dict[type, Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}


def run_compare(ev: Evaluator, node: ast.Compare) -> Abstract:
    left = ev.evaluate(node.left)
    return _compare_chain(ev, left, list(zip(node.ops, node.comparators)), node)


def _compare_chain(ev: Evaluator, left: Abstract, rest: list, node: ast.Compare) -> Abstract:
    op, right_node = rest[0]
    right = ev.evaluate(right_node)
    result = compare(ev, op, left, right, node)
    if len(rest) == 1:
        return result
    truth = ev.truth(result, node)
    if isinstance(truth, Static):
        return _compare_chain(ev, right, rest[1:], node) if truth.value else result
    return branching.choose(
        ev, truth, lambda: _compare_chain(ev, right, rest[1:], node), lambda: result, right_node
    )


def compare(
    ev: Evaluator, op: ast.cmpop, left: Abstract, right: Abstract, node: ast.AST
) -> Abstract:
    if isinstance(op, (ast.In, ast.NotIn)):
        return _contains(ev, left, right, isinstance(op, ast.NotIn), node)
    if not isinstance(op, (ast.Is, ast.IsNot)):
        left, right = storage.current(ev, left), storage.current(ev, right)
    function = COMPARE[type(op)]
    if isinstance(op, (ast.Is, ast.IsNot)):
        same = _identity(ev, left, right, node)
        if isinstance(op, ast.Is):
            return same
        if isinstance(same, Static):
            return Static(not same.value)
        return ev.call_primitive(operator.not_, (same,))
    by_class = protocols.compare(ev, op, left, right, node)
    if by_class is not None:
        return by_class
    if isinstance(left, Static) and isinstance(right, Static):
        for side in (left, right):
            if _compares_itself(side.value) or is_changeable(side.value, "__eq__"):
                ev.refuse(
                    node,
                    f"the comparison of {describe(side)} is not supported yet",
                    "Compare their items.",
                )
        try:
            return Static(bool(function(left.value, right.value)))
        except Exception as error:
            ev.refuse(node, str(error))
    if is_static(left) and is_static(right):
        plain = [containers.to_rule_argument(ev, side) for side in (left, right)]
        return Static(bool(function(*plain)))
    if _are_sequences(left, right) and not isinstance(op, (ast.Eq, ast.NotEq)):
        return _in_order(ev, op, left, right, node)
    if isinstance(op, (ast.Eq, ast.NotEq)) and not _both_numeric(left, right):
        return _structural_equality(ev, op, left, right, node)
    return ev.call_primitive(function, (left, right))


def _compares_itself(value: object) -> bool:
    """Has this object a comparison of the user's?  Compiling runs no code of the user."""
    return isinstance(inspect.getattr_static(type(value), "__eq__", None), FunctionType)


def _both_numeric(left: Abstract, right: Abstract) -> bool:
    def numeric(side: Abstract) -> bool:
        if isinstance(side, Static):
            return type(side.value) in PYTHON_NUMBERS
        return isinstance(side, Number)

    return numeric(left) and numeric(right)


def _are_sequences(left: Abstract, right: Abstract) -> bool:
    both_tuples = isinstance(left, TupleOf) and isinstance(right, TupleOf)
    return both_tuples or (isinstance(left, ListOf) and isinstance(right, ListOf))


def _in_order(
    ev: Evaluator, op: ast.cmpop, left: Abstract, right: Abstract, node: ast.AST
) -> Abstract:
    """The order of two sequences is that of the first items that differ, else of their lengths."""
    a, b = (containers.known_items(ev, side, node) for side in (left, right))
    if not a or not b:
        return compare(ev, op, Static(len(a)), Static(len(b)), node)
    same = ev.truth(compare(ev, ast.Eq(), a[0], b[0], node), node)

    def rest() -> Abstract:
        return _in_order(ev, op, TupleOf(a[1:]), TupleOf(b[1:]), node)

    def first() -> Abstract:
        return compare(ev, op, a[0], b[0], node)

    if isinstance(same, Static):
        return rest() if same.value else first()
    return branching.choose(ev, same, rest, first, node)


def _structural_equality(
    ev: Evaluator, op: ast.cmpop, left: Abstract, right: Abstract, node: ast.AST
) -> Abstract:
    """Equality of tuples and lists, item by item; of different kinds, plainly unequal."""
    wanted = isinstance(op, ast.Eq)
    sequences = isinstance(left, (TupleOf, ListOf)) and isinstance(right, (TupleOf, ListOf))
    if not sequences:
        sides = (left, right)
        if _is_container(left, right) or _is_container(right, left):
            return Static(not wanted)
        opaque = any(isinstance(s, Number) and isinstance(s.value.type, OpaqueType) for s in sides)
        if not opaque and all(isinstance(side, (Static, Number)) for side in sides):
            return Static(not wanted)
        ev.refuse(
            node, f"cannot compare {describe(left)} with {describe(right)}", "Compare their items."
        )
    if type(left) is not type(right) or len(left.items) != len(right.items):  # type: ignore
        return Static(not wanted)
    result: Abstract = TRUE
    for a, b in zip(left.items, right.items):  # type: ignore[union-attr]
        same = compare(ev, ast.Eq(), a, b, node)
        if isinstance(same, Static):
            if not same.value:
                return Static(not wanted)
            continue
        result = same if result == TRUE else ev.call_primitive("bitwise_and", (result, same))
    if isinstance(result, Static):
        return Static(wanted)
    return result if wanted else ev.call_primitive(operator.not_, (result,))


def _is_container(side: Abstract, other: Abstract) -> bool:
    """Is one side a container, and the other what equals none?"""
    plain = isinstance(other, Static) and isinstance(
        other.value, (*PYTHON_NUMBERS, str, bytes, type)
    )
    return isinstance(side, (TupleOf, ListOf, DictOf)) and (plain or other == NONE)


def _identity(ev: Evaluator, left: Abstract, right: Abstract, node: ast.AST) -> Abstract:
    """What `left is right` gives, as far as it is a matter of the program and not of memory."""
    if isinstance(left, Static) and isinstance(right, Static):
        return TRUE if left.value is right.value else FALSE
    if any(isinstance(side, GivenFunction) for side in (left, right)):
        return FALSE if NONE in (left, right) else _refuse_identity(ev, node)
    if any(isinstance(side, Slots) and side.watched for side in (left, right)):
        return FALSE if Static in (type(left), type(right)) else _refuse_identity(ev, node)
    if isinstance(left, OneOf) or isinstance(right, OneOf):
        other = right if isinstance(left, OneOf) else left
        return FALSE if isinstance(other, Static) else _refuse_identity(ev, node)
    if isinstance(right, (Number, ArrayRef)) and not isinstance(left, (Number, ArrayRef)):
        left, right = right, left
    if not isinstance(left, (Number, ArrayRef)):
        return TRUE if left is right else FALSE
    if isinstance(right, Static):
        return _is_constant(ev, left, right, node)
    if isinstance(left, Number) and isinstance(right, Number) and left.value is right.value:
        return TRUE
    if isinstance(right, Number) and isinstance(left, Number):
        return _same_array(ev, left, right, node)
    if isinstance(right, (Number, ArrayRef)) and left is not right:
        _refuse_identity(ev, node)
    return TRUE if left is right else FALSE


def _same_array(ev: Evaluator, left: Number, right: Number, node: ast.AST) -> Abstract:
    """Arrays that a call has just made are new objects; of those given, a guard says so."""
    sides = (left.value, right.value)
    if not all(isinstance(side.type, ArrayType) and side.type.shape for side in sides):
        _refuse_identity(ev, node)
    reader = ev.captures.reader
    if all(side in reader.origins for side in sides):
        first, second = (reader.objects[side] for side in sides)
        if first is not second:
            places = [reader.origins[side] for side in sides]
            ev.captures.guards.require(f"{places[0]} is not {places[1]}")
            return FALSE
        _refuse_identity(ev, node)
    makers = [ev.definition(side) for side in sides]
    is_new = [maker is not None and maker.operation in _MAKING_NEW for maker in makers]
    return FALSE if any(is_new) else _refuse_identity(ev, node)


# Whose results nothing else is, whatever they are given.
_MAKING_NEW = frozenset(
    ("add", "subtract", "multiply", "divide", "power", "negative", "getitem", "reshape", "copy")
    + ("transpose", "matmul", "dot", "sum", "empty", "zeros", "ones", "full", "empty_like")
    + ("zeros_like", "ones_like", "full_like", "arange", "linspace")
)


def _is_constant(
    ev: Evaluator, held: Number | ArrayRef, constant: Static, node: ast.AST
) -> Abstract:
    """Python's own truth values are single objects; its other numbers may be."""
    type_ = held.value.type if isinstance(held, Number) else None
    if not isinstance(type_, ScalarType) or not isinstance(constant.value, (int, float, complex)):
        return FALSE
    if not isinstance(constant.value, bool):
        _refuse_identity(ev, node)
    if type_.python_type is not bool:
        return FALSE
    return held if constant.value else ev.call_primitive(operator.not_, (held,))


def _refuse_identity(ev: Evaluator, node: ast.AST) -> NoReturn:
    ev.refuse(
        node,
        f"`{ev.frame.source.text(node)}` is not known before the call",
        "Compare values with `==`, or give the function an argument that says which it is.",
    )


def _contains(
    ev: Evaluator, item: Abstract, container: Abstract, negated: bool, node: ast.AST
) -> Abstract:
    by_class = protocols.contains(ev, container, item, node)
    if by_class is not None:
        return protocols.negated(ev, by_class, node) if negated else by_class
    if isinstance(container, DictOf) and isinstance(item, (Static, Number)):
        return Static((ev.make_static(item, node).value in container.items) != negated)
    known = is_static(item) and is_static(container)
    if known and not (isinstance(container, Static) and is_changeable(container.value, "__len__")):
        plain = [containers.to_rule_argument(ev, side) for side in (item, container)]
        return Static((plain[0] in plain[1]) != negated)
    items = containers.items_if_known(ev, container)
    if items is not None and item == NONE and all(map(_is_python_number, items)):
        return Static(negated)
    if items is not None and all(map(_is_python_number, (item, *items))):
        found = jumps.any_of(ev, [_is_item(ev, item, other, node) for other in items])
        return protocols.negated(ev, found, node) if negated else found
    ev.refuse(
        node,
        f"`in` {describe(container)} is not supported yet",
        "Compare with each item: `any(x == item for item in items)`.",
    )


def _is_python_number(value: Abstract) -> bool:
    if isinstance(value, Number):
        return isinstance(value.value.type, ScalarType)
    return isinstance(value, Static) and type(value.value) in (bool, int, float, complex)


def _is_item(ev: Evaluator, item: Abstract, other: Abstract, node: ast.AST) -> Abstract:
    """Python asks for identity first: what is the same is an item, even if it is NaN."""
    if isinstance(item, Number) and isinstance(other, Number) and item.value is other.value:
        return TRUE
    return compare(ev, ast.Eq(), item, other, node)
