"""Expressions: evaluated now where everything is known, else appended to the graph."""

from __future__ import annotations

import ast
import inspect
import math
import operator
from collections.abc import Callable
from types import FunctionType
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from srcgrad.errors import ShapeError, SrcgradError
from srcgrad.frontend import (
    calls,
    comprehensions,
    containers,
    functions,
    iterators,
    replay,
    storage,
)
from srcgrad.frontend.abstract import (
    FALSE,
    NONE,
    PYTHON_NUMBERS,
    TRUE,
    Abstract,
    ArrayRef,
    BoundMethod,
    Conflict,
    DictOf,
    ListOf,
    Number,
    ObjectOf,
    OneOf,
    RangeOf,
    Slots,
    Static,
    TupleOf,
    Walk,
    describe,
    is_static,
)
from srcgrad.graph import ArrayType, ListType, OpaqueType, ScalarType, shape_of
from srcgrad.rules import ATTRIBUTES, METHODS, shape_text

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
_COMPUTED_NOW = (*PYTHON_NUMBERS, str, bytes, tuple, type(None), np.dtype, type, frozenset)
_POWER_LIMIT = 10**6


def evaluate(ev: Evaluator, node: ast.expr) -> Abstract:
    visit = _VISITORS.get(type(node))
    if visit is None:
        kind, remedy = _UNSUPPORTED.get(type(node), (f"`{type(node).__name__}` expressions", None))
        ev.refuse(node, f"{kind} are not supported in differentiated functions", remedy)
    try:
        return storage.made_by(ev, node, visit(ev, node))
    except SrcgradError as error:
        place_error(ev, error, node)
        raise


def place_error(ev: Evaluator, error: SrcgradError, node: ast.AST) -> None:
    """Put an error of a rule at the syntax that it is about; name shapes as the user does."""
    if error.location is not None:
        return
    message = _misfit(ev, error, node) if isinstance(error, ShapeError) and error.reason else None
    error.located(ev.location(node), ev.frame.source.header(node), message)


def _misfit(ev: Evaluator, error: ShapeError, node: ast.AST) -> str | None:
    """Which operands do not fit, by their names; None where the syntax does not show them."""
    written = _operands_written(node, len(error.operands))
    if len(written) != len(error.operands) or len(written) < 2:
        return None
    sizes = ev.builder.assumptions
    listing = [
        f"{shape_text(shape_of(type_), sizes)} of `{ev.frame.source.text(part)}`"
        for part, type_ in zip(written, error.operands)
    ]
    shapes = f"{', '.join(listing[:-1])} and {listing[-1]}"
    return f"`{ev.frame.source.text(node)}`: shapes {shapes} do not fit: {error.reason}"


def _operands_written(node: ast.AST, count: int) -> list[ast.expr]:
    """The syntax of the operands of an operation."""
    if isinstance(node, ast.BinOp):
        return [node.left, node.right]
    if isinstance(node, ast.AugAssign):
        return [node.target, node.value]
    if isinstance(node, ast.Compare):
        return [node.left, *node.comparators]
    if not isinstance(node, ast.Call):
        return []
    found: list[ast.expr] = []
    for argument in node.args:
        if isinstance(argument, (ast.List, ast.Tuple)):
            found += argument.elts
        elif not (isinstance(argument, ast.Constant) and isinstance(argument.value, str)):
            found.append(argument)
    if len(found) == count - 1 and isinstance(node.func, ast.Attribute):
        return [node.func.value, *found]
    return found


_UNSUPPORTED: dict[type, tuple[str, str | None]] = {
    ast.Set: ("sets", "Use a tuple or a list."),
    ast.SetComp: ("sets", "Use a tuple or a list."),
    ast.Yield: ("generators", "Build a list and return it."),
    ast.YieldFrom: ("generators", "Build a list and return it."),
    ast.Await: ("coroutines", "Make it a plain function."),
}


def _constant(ev: Evaluator, node: ast.Constant) -> Abstract:
    written = None
    if isinstance(node.value, float):
        text = ev.frame.source.text(node)
        written = text if text != repr(node.value) else None
    return Static(node.value, written)


def _name(ev: Evaluator, node: ast.Name) -> Abstract:
    return ev.read_name(node)


# Operators


def _binary(ev: Evaluator, node: ast.BinOp) -> Abstract:
    left, right = evaluate(ev, node.left), evaluate(ev, node.right)
    return binary(ev, node.op, left, right, node)


def binary(
    ev: Evaluator, op: ast.operator, left: Abstract, right: Abstract, node: ast.AST
) -> Abstract:
    """`left op right`, as Python would find it for these kinds."""
    left, right = storage.current(ev, left), storage.current(ev, right)
    function = BINARY[type(op)]
    if isinstance(left, Static) and isinstance(right, Static):
        now = _compute_now(function, (left.value, right.value))
        if now is not None:
            return Static(now, _written(ev, node, now))
    if isinstance(op, ast.Add) and _are_sequences(left, right):
        return _concatenate(left, right)
    if isinstance(op, ast.Mult):
        repeated = _repeat(left, right) or _repeat(right, left)
        if repeated is not None:
            return repeated
    if isinstance(op, ast.Mod) and isinstance(left, Static) and isinstance(left.value, str):
        if is_static(right):
            plain = containers.to_rule_argument(ev, right)
            return Static(left.value % plain)
        return _opaque_call(ev, "str.__mod__", (left, right), node)
    if isinstance(op, ast.BitOr) and isinstance(left, DictOf) and isinstance(right, DictOf):
        return DictOf({**left.items, **right.items})
    _require_numbers(ev, (left, right), node)
    return ev.call_primitive(function, (left, right))


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


def _are_sequences(left: Abstract, right: Abstract) -> bool:
    same_tuple = isinstance(left, TupleOf) and isinstance(right, TupleOf)
    return same_tuple or (isinstance(left, ListOf) and isinstance(right, ListOf))


def _concatenate(left: Any, right: Any) -> Abstract:
    items = left.items + right.items
    return TupleOf(items) if isinstance(left, TupleOf) else ListOf(items)


def _repeat(sequence: Abstract, count: Abstract) -> Abstract | None:
    if not isinstance(sequence, (TupleOf, ListOf)) or not isinstance(count, Static):
        return None
    if not isinstance(count.value, int):
        return None
    items = sequence.items * count.value
    return TupleOf(items) if isinstance(sequence, TupleOf) else ListOf(items)


def _unary(ev: Evaluator, node: ast.UnaryOp) -> Abstract:
    value = storage.current(ev, evaluate(ev, node.operand))
    function = UNARY[type(node.op)]
    if isinstance(node.op, ast.Not):
        truth = ev.truth(value, node.operand)
        if isinstance(truth, Static):
            return FALSE if truth.value else TRUE
        return ev.call_primitive(operator.not_, (truth,))
    if isinstance(value, Static):
        now = _compute_now(function, (value.value,))
        if now is not None:
            written = (
                f"-{value.expression}" if value.expression and function is operator.neg else None
            )
            return Static(now, written)
    _require_numbers(ev, (value,), node)
    return ev.call_primitive(function, (value,))


def _bool_op(ev: Evaluator, node: ast.BoolOp) -> Abstract:
    return _short_circuit(ev, isinstance(node.op, ast.And), node.values)


def _short_circuit(ev: Evaluator, is_and: bool, nodes: list[ast.expr]) -> Abstract:
    first = evaluate(ev, nodes[0])
    if len(nodes) == 1:
        return first
    truth = ev.truth(first, nodes[0])
    if isinstance(truth, Static):
        return _short_circuit(ev, is_and, nodes[1:]) if bool(truth.value) == is_and else first
    return choose(
        ev,
        truth,
        (lambda: _short_circuit(ev, is_and, nodes[1:])) if is_and else (lambda: first),
        (lambda: first) if is_and else (lambda: _short_circuit(ev, is_and, nodes[1:])),
        nodes[0],
    )


def choose(
    ev: Evaluator,
    condition: Abstract,
    then: Callable[[], Abstract],
    orelse: Callable[[], Abstract],
    node: ast.AST,
) -> Abstract:
    """The value of one of two expressions, by a condition known during the call."""
    holder = Slots()
    ev.branch(
        condition,
        lambda: ev.trail.set(holder, "chosen", then()),
        lambda: ev.trail.set(holder, "chosen", orelse()),
    )
    chosen = holder.entries["chosen"]
    if isinstance(chosen, Conflict):
        ev.refuse(
            node,
            f"the two values are {chosen.first} and {chosen.second}",
            "Give both the same kind of value.",
        )
    return chosen


def _if_exp(ev: Evaluator, node: ast.IfExp) -> Abstract:
    condition = ev.truth(evaluate(ev, node.test), node.test)
    if isinstance(condition, Static):
        return evaluate(ev, node.body if condition.value else node.orelse)
    return choose(
        ev, condition, lambda: evaluate(ev, node.body), lambda: evaluate(ev, node.orelse), node
    )


def _compare(ev: Evaluator, node: ast.Compare) -> Abstract:
    left = evaluate(ev, node.left)
    return _compare_chain(ev, left, list(zip(node.ops, node.comparators)), node)


def _compare_chain(ev: Evaluator, left: Abstract, rest: list, node: ast.Compare) -> Abstract:
    op, right_node = rest[0]
    right = evaluate(ev, right_node)
    result = compare(ev, op, left, right, node)
    if len(rest) == 1:
        return result
    truth = ev.truth(result, node)
    if isinstance(truth, Static):
        return _compare_chain(ev, right, rest[1:], node) if truth.value else result
    return choose(
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
    if isinstance(left, Static) and isinstance(right, Static):
        for side in (left, right):
            if _compares_itself(side.value):
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


def _structural_equality(
    ev: Evaluator, op: ast.cmpop, left: Abstract, right: Abstract, node: ast.AST
) -> Abstract:
    """Equality of tuples and lists, item by item; of different kinds, plainly unequal."""
    wanted = isinstance(op, ast.Eq)
    sequences = isinstance(left, (TupleOf, ListOf)) and isinstance(right, (TupleOf, ListOf))
    if not sequences:
        if isinstance(left, (Static, Number)) and isinstance(right, (Static, Number)):
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


def _identity(ev: Evaluator, left: Abstract, right: Abstract, node: ast.AST) -> Abstract:
    """What `left is right` gives, as far as it is a matter of the program and not of memory."""
    if isinstance(left, Static) and isinstance(right, Static):
        return TRUE if left.value is right.value else FALSE
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
    if isinstance(right, (Number, ArrayRef)) and left is not right:
        _refuse_identity(ev, node)
    return TRUE if left is right else FALSE


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
    if isinstance(container, DictOf) and isinstance(item, Static):
        return Static((item.value in container.items) != negated)
    if is_static(item) and is_static(container):
        plain = [containers.to_rule_argument(ev, side) for side in (item, container)]
        return Static((plain[0] in plain[1]) != negated)
    ev.refuse(
        node,
        f"`in` {describe(container)} is not supported yet",
        "Compare with each item: `any(x == item for item in items)`.",
    )


# Attributes and items


def _attribute(ev: Evaluator, node: ast.Attribute) -> Abstract:
    return attribute_of(ev, evaluate(ev, node.value), _mangled(ev, node.attr), node)


def _mangled(ev: Evaluator, name: str) -> str:
    """A private name (`__rate`) as Python writes it inside a class: `_Model__rate`."""
    owners = ev.frame.source.qualname.split(".")[:-1]
    if not owners or owners[-1] == "<locals>" or not name.startswith("__") or name.endswith("__"):
        return name
    return f"_{owners[-1].lstrip('_')}{name}"


def attribute_of(ev: Evaluator, owner: Abstract, name: str, node: ast.AST) -> Abstract:
    if isinstance(owner, ListOf):
        return BoundMethod(owner, name)
    if isinstance(owner, (ArrayRef, OneOf)):
        return _reference_attribute(ev, owner, name, node)
    owner = storage.current(ev, owner)
    if isinstance(owner, Number):
        return _number_attribute(ev, owner, name, node)
    if isinstance(owner, TupleOf):
        fields = getattr(owner.kind, "_fields", ())
        if name in fields:
            return owner.items[fields.index(name)]
        if name == "_fields":
            return Static(fields)
        return BoundMethod(owner, name)
    if isinstance(owner, DictOf):
        return BoundMethod(owner, name)
    if isinstance(owner, ObjectOf):
        return _object_attribute(ev, owner, name, node)
    if isinstance(owner, Static):
        if isinstance(owner.value, (str, bytes)):
            return BoundMethod(owner, name)
        if type(owner.value) in PYTHON_NUMBERS:
            return _python_number_attribute(ev, owner, name, node)
        if not hasattr(owner.value, name):
            ev.undefined(node, f"{describe(owner)} has no attribute `{name}`")
        return ev.captures.attribute(owner.value, name)
    ev.refuse(
        node,
        f"the attribute `{name}` of {describe(owner)} is not supported yet",
        "Do it outside the function, and pass the result as an argument.",
    )


def _python_number_attribute(ev: Evaluator, owner: Static, name: str, node: ast.AST) -> Abstract:
    value = getattr(owner.value, name, None)
    if type(value) in PYTHON_NUMBERS:
        return Static(value)
    if value is None:
        ev.undefined(node, f"{describe(owner)} has no attribute `{name}`")
    return BoundMethod(owner, name)


def _object_attribute(ev: Evaluator, owner: ObjectOf, name: str, node: ast.AST) -> Abstract:
    if name in owner.entries:
        return owner.entries[name]
    found = getattr(owner.kind, name, None)
    if found is None:
        ev.undefined(node, f"{describe(owner)} has no attribute `{name}`")
    if isinstance(found, property) and isinstance(found.fget, FunctionType):
        return functions.call_user_function(ev, found.fget, [owner], {}, node)
    return BoundMethod(owner, name)


def _number_attribute(ev: Evaluator, owner: Number, name: str, node: ast.AST) -> Abstract:
    type_ = owner.value.type
    if isinstance(type_, ArrayType):
        if name == "dtype":
            return Static(type_.dtype)
        if name == "ndim" and type_.shape is not None:
            return Static(len(type_.shape))
        if name == "shape" and type_.shape is not None:
            return TupleOf(tuple(_dim(ev, owner, axis) for axis in range(len(type_.shape))))
        if name == "size":
            return _size(ev, owner)
    if name in ATTRIBUTES and isinstance(type_, (ArrayType, ScalarType)):
        function, args, kwargs = ATTRIBUTES[name](owner)
        return ev.call_primitive(function, args, kwargs)
    if name in METHODS:
        return BoundMethod(owner, name)
    if isinstance(type_, OpaqueType):
        return BoundMethod(owner, name)
    kind = np.ndarray if isinstance(type_, ArrayType) else getattr(type_, "python_type", list)
    if not hasattr(kind, name):
        ev.undefined(node, f"{describe(owner)} has no attribute `{name}`")
    ev.refuse(
        node,
        f"the attribute `{name}` of {describe(owner)} is not supported yet",
        "Do it outside the function, and pass the result as an argument.",
    )


_VIEW_ATTRIBUTES = {"T": np.transpose, "mT": np.matrix_transpose, "real": np.real, "imag": np.imag}


def _reference_attribute(
    ev: Evaluator, owner: ArrayRef | OneOf, name: str, node: ast.AST
) -> Abstract:
    """An attribute of an array that is written in place: a view, a method, or a fact."""
    if name in _VIEW_ATTRIBUTES:
        seen = storage.call_on_reference(ev, _VIEW_ATTRIBUTES[name], [owner], {})
        assert seen is not None
        return seen
    if name in METHODS and name not in ATTRIBUTES:
        return BoundMethod(owner, name)
    held = storage.current(ev, owner)
    assert isinstance(held, Number)
    return _number_attribute(ev, held, name, node)


def _dim(ev: Evaluator, owner: Number, axis: int) -> Abstract:
    dim = owner.value.type.shape[axis]  # type: ignore[union-attr,index]
    if isinstance(dim, int):
        return Static(dim)
    return ev.call_primitive("dim", (owner,), {"axis": Static(axis)})


def _size(ev: Evaluator, owner: Number) -> Abstract:
    shape = owner.value.type.shape  # type: ignore[union-attr]
    known = [dim for dim in shape or () if isinstance(dim, int)]
    if shape is not None and len(known) == len(shape):
        return Static(math.prod(known))
    return ev.call_primitive("size", (owner,))


def _subscript(ev: Evaluator, node: ast.Subscript) -> Abstract:
    owner = evaluate(ev, node.value)
    return item(ev, owner, evaluate(ev, node.slice), node)


def item(ev: Evaluator, owner: Abstract, key: Abstract, node: ast.Subscript) -> Abstract:
    """`owner[key]`."""
    if isinstance(owner, (ArrayRef, OneOf)):
        return storage.item_of(ev, owner, index_of(ev, key, node))
    owner = storage.current(ev, owner)
    if isinstance(owner, Number) and isinstance(owner.value.type, ListType):
        return ev.call_primitive("list_getitem", (owner, key))
    if isinstance(owner, Number):
        return _number_item(ev, owner, key, node)
    if isinstance(owner, (TupleOf, ListOf, RangeOf, Walk)) or _is_static_sequence(owner):
        return _item(ev, owner, key, node)
    if isinstance(owner, DictOf):
        known = ev.make_static(key, node.slice).value if not is_static(key) else None
        plain = containers.to_rule_argument(ev, key) if is_static(key) else known
        if plain not in owner.items:
            ev.reject(
                node,
                f"the dict has no key {plain!r}",
                f"Its keys are: {', '.join(map(repr, owner.items)) or 'none'}.",
            )
        return owner.items[plain]
    ev.reject(node, f"{describe(owner)} cannot be indexed")


def _is_static_sequence(owner: Abstract) -> bool:
    return isinstance(owner, Static) and isinstance(owner.value, (str, tuple, range))


def _item(ev: Evaluator, owner: Abstract, key: Abstract, node: ast.Subscript) -> Abstract:
    items = containers.known_items(ev, owner, node)
    if isinstance(key, Static) and isinstance(key.value, slice):
        at = slice(
            *(
                None if part is None else ev.make_static(_as_abstract(part), node.slice).value
                for part in (key.value.start, key.value.stop, key.value.step)
            )
        )
        kept = items[at]
        return ListOf(kept) if isinstance(owner, ListOf) else TupleOf(kept)
    index = ev.make_static(key, node.slice).value
    try:
        return items[index]  # type: ignore[index]
    except (IndexError, TypeError) as error:
        ev.reject(
            node, f"{error}: {describe(owner)} has {len(items)} items, the index is {index!r}"
        )


def _as_abstract(part: Any) -> Abstract:
    return part if isinstance(part, (Static, Number)) else Static(part)


def _slice(ev: Evaluator, node: ast.Slice) -> Abstract:
    """A slice whose bounds are abstract values."""
    parts = [None if p is None else evaluate(ev, p) for p in (node.lower, node.upper, node.step)]
    plain = [None if p == NONE else p for p in parts]
    return Static(slice(*plain))


def _number_item(ev: Evaluator, owner: Number, index: Abstract, node: ast.Subscript) -> Abstract:
    return ev.call_primitive("getitem", (owner,), {"index": Static(index_of(ev, index, node))})


def index_of(ev: Evaluator, index: Abstract, node: ast.AST) -> Any:
    """An index as NumPy takes it, with symbols for what is known during the call."""
    if isinstance(index, Static) and isinstance(index.value, slice):
        bounds = (index.value.start, index.value.stop, index.value.step)
        return slice(*(None if b is None else index_of(ev, _as_abstract(b), node) for b in bounds))
    if isinstance(index, TupleOf):
        return tuple(index_of(ev, item, node) for item in index.items)
    if isinstance(index, ListOf):
        return [index_of(ev, item, node) for item in index.items]
    return containers.to_rule_argument(ev, index)


# Displays, comprehensions, strings, functions


def _tuple(ev: Evaluator, node: ast.Tuple) -> Abstract:
    return TupleOf(_elements(ev, node.elts))


def _list(ev: Evaluator, node: ast.List) -> Abstract:
    return ListOf(_elements(ev, node.elts))


def _elements(ev: Evaluator, nodes: list[ast.expr]) -> tuple[Abstract, ...]:
    items: list[Abstract] = []
    for node in nodes:
        if isinstance(node, ast.Starred):
            items += containers.known_items(ev, evaluate(ev, node.value), node)
        else:
            iterators.refuse_kept(ev, node)
            items.append(evaluate(ev, node))
    return tuple(items)


def _dict(ev: Evaluator, node: ast.Dict) -> Abstract:
    items: dict[object, Abstract] = {}
    for key_node, value_node in zip(node.keys, node.values):
        if key_node is None:
            merged = evaluate(ev, value_node)
            if not isinstance(merged, DictOf):
                ev.reject(value_node, f"cannot unpack {describe(merged)} into a dict")
            items.update(merged.items)
        else:
            iterators.refuse_kept(ev, value_node)
            key = evaluate(ev, key_node)
            if not is_static(key):
                key = ev.make_static(key, key_node)
            items[containers.to_rule_argument(ev, key)] = evaluate(ev, value_node)
    return DictOf(items)


def _set(ev: Evaluator, node: ast.Set) -> Abstract:
    return _set_of(ev, _elements(ev, node.elts), node)


def _set_comprehension(ev: Evaluator, node: ast.SetComp) -> Abstract:
    made = comprehensions.run_comprehension(ev, node)
    return _set_of(ev, containers.known_items(ev, made, node), node)


def _set_of(ev: Evaluator, items: tuple[Abstract, ...], node: ast.AST) -> Abstract:
    """A set, of things known now: no numbers flow through it."""
    if not all(map(is_static, items)):
        ev.refuse(
            node,
            "a set of values that are known only during the call is not supported yet",
            "Use a tuple or a list.",
        )
    return Static(frozenset(containers.to_rule_argument(ev, item) for item in items))


def _lambda(ev: Evaluator, node: ast.Lambda) -> Abstract:
    return ev.closure(node, "<lambda>")


def _named_expr(ev: Evaluator, node: ast.NamedExpr) -> Abstract:
    iterators.refuse_kept(ev, node.value)
    value = evaluate(ev, node.value)
    inner = ev.frame
    # Inside a comprehension the name belongs to the function around it.
    while ev.frame.is_comprehension and ev.frame.parent is not None:
        ev.frame = ev.frame.parent
    ev.assign(node.target, value)
    ev.frame = inner
    return value


def _joined_str(ev: Evaluator, node: ast.JoinedStr) -> Abstract:
    parts: list[Any] = []
    known = True
    for part in node.values:
        if isinstance(part, ast.Constant):
            parts.append(part.value)
            continue
        assert isinstance(part, ast.FormattedValue)
        value = evaluate(ev, part.value)
        spec = ""
        if part.format_spec is not None:
            written = evaluate(ev, part.format_spec)
            spec = str(ev.make_static(written, part).value)
        known = known and isinstance(value, Static)
        conversion = chr(part.conversion) if part.conversion > 0 else ""
        parts.append((value, conversion, spec))
    if known:
        return Static("".join(_format_now(part) for part in parts))
    converted = [
        part if isinstance(part, str) else (replay.passive_argument(ev, part[0]), *part[1:])
        for part in parts
    ]
    return ev.call_primitive("format", (), {"parts": Static(tuple(converted))})


def _format_now(part: Any) -> str:
    if isinstance(part, str):
        return part
    value, conversion, spec = part
    converters: dict[str, Callable[[Any], Any]] = {"r": repr, "s": str, "a": ascii}
    convert = converters.get(conversion, lambda plain: plain)
    return format(convert(value.value), spec)


def _opaque_call(
    ev: Evaluator, function: str, args: tuple[Abstract, ...], node: ast.AST
) -> Abstract:
    return replay.replay(ev, function, list(args), {}, node)


def _comprehension(ev: Evaluator, node: Any) -> Abstract:
    return comprehensions.run_comprehension(ev, node)


def _call(ev: Evaluator, node: ast.Call) -> Abstract:
    return calls.evaluate_call(ev, node)


_VISITORS: dict[type, Callable[..., Abstract]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.BoolOp: _bool_op,
    ast.Compare: _compare,
    ast.IfExp: _if_exp,
    ast.Call: _call,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.Slice: _slice,
    ast.Tuple: _tuple,
    ast.List: _list,
    ast.Dict: _dict,
    ast.Set: _set,
    ast.SetComp: _set_comprehension,
    ast.Lambda: _lambda,
    ast.NamedExpr: _named_expr,
    ast.JoinedStr: _joined_str,
    ast.ListComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.DictComp: _comprehension,
}
