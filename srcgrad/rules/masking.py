"""Zero cotangents that meet singular derivatives: a zero cotangent gives a zero contribution.

In `np.where(x > 0, np.sqrt(x), 0.0)` the cotangent of the square root is zero where its arm was not
taken; multiplied by an infinite derivative there it would be nan.  Rules of functions with singular
or unbounded derivatives therefore go through `quotient` and `product`.  These look at where the
cotangent comes from and guard it only if it can be zero at single elements, so that code without
masks stays plain: `g / x`.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from srcgrad.graph import (
    BOOL,
    ArrayType,
    Assumptions,
    Builder,
    Literal,
    Node,
    ScalarType,
    Type,
    Value,
    is_real,
)
from srcgrad.rules.registry import defjvp, defshape, defvjp, elementwise, named
from srcgrad.rules.shapes import (
    array_shape,
    broadcast_shapes,
    common_dtype,
    dtype_of,
    wider_python_type,
)
from srcgrad.rules.symbols import Symbol, as_argument, as_value, call, runs_on_python_numbers

_DEPTH_LIMIT = 200


class Mask(IntEnum):
    """Why a cotangent can be exactly zero at single elements, from harmless to invalid."""

    NONE = 0
    FACTOR = 1
    """It was multiplied by a value that can be zero (`x * np.sqrt(x)`)."""
    COMPARISON = 2
    """It was multiplied by a comparison or scattered into zeros; the operand may be infinite."""
    CHOICE = 3
    """It passed a `where`: in the arm not taken the operand may be anything, nan too."""


# The primitives


def _divided(a: Type, b: Type, sizes: Assumptions) -> Type:
    if isinstance(a, ScalarType) and isinstance(b, ScalarType):
        return ScalarType(wider_python_type(float, a.python_type, b.python_type))
    dtype = np.true_divide.resolve_dtypes((common_dtype((a, b)),) * 2 + (None,))[2]
    return ArrayType(dtype, broadcast_shapes(sizes, array_shape(a), array_shape(b)))


@lambda function: named("ieee_divide", function)
def ieee_divide(a: Any, b: Any) -> Any:
    """`a / b` for Python numbers where `b` can be 0: inf, as NumPy has it, instead of an error.

    `a / b if b else a * math.inf`
    """
    return a / b if b else a * float("inf")


@lambda function: named("divide_where_nonzero", function)
def divide_where_nonzero(a: Any, b: Any) -> Any:
    """`a / b`, and 0 where `a` is 0, whatever `b` is.

    `np.divide(a, b, out=np.zeros_like(a), where=a != 0)`
    """
    if type(a) in (int, float, complex) and type(b) in (int, float, complex):
        return (a / b if b else a * float("inf")) if a else 0.0 * a
    out = np.zeros(np.broadcast(a, b).shape, np.result_type(a, b, np.float16(0)))
    return np.divide(a, b, out=out, where=np.not_equal(a, 0))[()]


@lambda function: named("divide_where", function)
def divide_where(a: Any, b: Any, condition: Any) -> Any:
    """`a / b` where the condition holds, and 0 elsewhere.

    `np.divide(a, b, out=np.zeros_like(b), where=condition)`
    """
    shape = np.broadcast(a, b, condition).shape
    out = np.zeros(shape, np.result_type(a, b, np.float16(0)))
    return np.divide(a, b, out=out, where=condition)[()]


@lambda function: named("divide_or_zero", function)
def divide_or_zero(a: Any, b: Any, kink: bool = False) -> Any:
    """`a / b`, and 0 where `b` is 0.

    `np.divide(a, b, out=np.zeros_like(a), where=b != 0)`

    At a `kink`, as of a norm at 0, the 0 is one of many slopes and has no derivative: it is
    infinite or nan there.
    """
    if type(a) in (int, float, complex) and type(b) in (int, float, complex):
        return a / b if b else 0.0 * b
    out = np.zeros(np.broadcast(a, b).shape, np.result_type(a, b, np.float16(0)))
    return np.divide(a, b, out=out, where=np.not_equal(b, 0))[()]


@defshape(divide_or_zero)
def divide_or_zero_shape(sizes: Assumptions, a: Type, b: Type, kink: bool = False) -> Type:
    return _divided(a, b, sizes)


@defshape(ieee_divide, divide_where_nonzero)
def divide_shape(sizes: Assumptions, a: Type, b: Type) -> Type:
    return _divided(a, b, sizes)


@defshape(divide_where)
def divide_where_shape(sizes: Assumptions, a: Type, b: Type, condition: Type) -> Type:
    quotient_type = _divided(a, b, sizes)
    shape = broadcast_shapes(sizes, array_shape(quotient_type), array_shape(condition))
    return ArrayType(dtype_of(quotient_type), shape)


@defvjp(ieee_divide)
def ieee_divide_vjp(g, y, a, b):
    d_a = call("ieee_divide", g, b)
    return d_a, -call("ieee_divide", g * y, b)


@defvjp(divide_where_nonzero)
def divide_where_nonzero_vjp(g, y, a, b):
    d_a = call("divide_where_nonzero", g, b)
    return d_a, call("divide_where_nonzero", -g * y, b)


@defvjp(divide_where)
def divide_where_vjp(g, y, a, b, condition):
    d_a = call("divide_where", g, b, condition)
    return d_a, call("divide_where", -g * y, b, condition), None


@defvjp(divide_or_zero)
def divide_or_zero_vjp(g, y, a, b, kink=False):
    d_a = call("divide_where_nonzero" if kink else "divide_or_zero", g, b)
    return d_a, -d_a * y


@lambda function: named("if_else", function)
def if_else(condition: Any, a: Any, b: Any) -> Any:
    """`a if condition else b` for Python numbers: what `np.where` is for arrays."""
    return a if condition else b


@defshape(if_else)
def if_else_shape(sizes: Assumptions, condition: Type, a: Type, b: Type) -> Type:
    assert isinstance(a, ScalarType) and isinstance(b, ScalarType)
    if a.python_type is b.python_type is bool:
        return BOOL
    return ScalarType(wider_python_type(a.python_type, b.python_type))


@defvjp(if_else)
def if_else_vjp(g, y, condition, a, b):
    return None, call("if_else", condition, g, 0.0), call("if_else", condition, 0.0, g)


elementwise(ieee_divide, divide_where_nonzero, divide_where, divide_or_zero, if_else)


@lambda function: named("slope_at_kink", function)
def slope_at_kink(slope: Any, size: Any, g: Any, x: Any, direct: bool = False) -> Any:
    """`slope`, a contribution to `x`, which has no derivative where `size` is 0 and `g` is not.

    What is 0 there is one of many subgradients.  `direct`, in directions in which `x` moves alone;
    else `x` does not move in any, to first order.  When no further derivative is taken, it is
    `slope` itself.
    """
    return slope


@defshape(slope_at_kink)
def slope_at_kink_shape(
    sizes: Assumptions, slope: Type, size: Type, g: Type, x: Type, direct: bool = False
) -> Type:
    return slope


@defvjp(slope_at_kink)
def slope_at_kink_vjp(further, y, slope, size, g, x, direct=False):
    moves = further != 0 if direct else None
    return further, None, None, _nan_at_kink(size, g, moves, 0.0)


@defjvp(slope_at_kink)
def slope_at_kink_jvp(slope_dot, size_dot, g_dot, x_dot, y, slope, size, g, x, direct=False):
    if direct and x_dot is None:
        return slope_dot
    else_ = 0.0 if slope_dot is None else slope_dot
    return _nan_at_kink(size, g, x_dot != 0 if direct else None, else_)


def _nan_at_kink(size: Any, g: Any, moves: Any, else_: Any) -> Any:
    found = float("nan") if moves is None else either(moves, float("nan"), else_)
    return either(size == 0, either(g != 0, found, else_), else_)


elementwise(slope_at_kink)


def kinked(slope: Any, size: Any, g: Any, x: Any, *, direct: bool = True) -> Any:
    """A slope that has no derivative of its own where `size` is 0, see `slope_at_kink`.

    A cotangent `g` that is 0 because it is masked says that the kink is in an arm not taken.
    """
    given = g if mask_of(g) >= Mask.COMPARISON else 1.0
    made = call("slope_at_kink", slope, size, given, x, **({"direct": True} if direct else {}))
    return noted(made, mask_of(slope))


# What rules call


def product(g: Any, factor: Any, *, unbounded: bool = False, singular: bool = False) -> Any:
    """`g * factor`, and 0 where a masked `g` is 0.

    `unbounded` factors (`np.exp(x)`) overflow for ordinary arguments, and so in ordinary code;
    `singular` ones are infinite where the function itself has a value (`x ** 0.5`).
    """
    guarded_from = Mask.COMPARISON if unbounded else Mask.CHOICE
    guarded_from = Mask.FACTOR if singular else guarded_from
    level = mask_of(g)
    if level < guarded_from or _is_known(factor):
        return noted(g * factor, max(level, _mask_of_factor(factor)))
    condition, inside = _taken_apart(g) or (g != 0, g)
    return noted(either(condition, inside * factor, 0.0), level)


def quotient(g: Any, divisor: Any, *, finite: bool = False) -> Any:
    """`g / divisor`, and 0 where a masked `g` is 0.

    `finite` functions have a value where the divisor is 0 (`np.sqrt`), so that a product with
    something that is zero there makes sense.  Those that are not raise there on Python numbers.
    """
    level = mask_of(g)
    if _is_known(divisor) or (level < Mask.CHOICE and is_never_zero(divisor)):
        return noted(g / divisor, level)
    if level >= (Mask.FACTOR if finite else Mask.COMPARISON):
        parts = _taken_apart(g)
        if parts is None or are_python_numbers(g, divisor):
            return noted(call("divide_where_nonzero", g, divisor), level)
        condition, inside = parts
        return noted(call("divide_where", inside, divisor, condition), level)
    if are_python_numbers(g, divisor) and (finite or not runs_on_python_numbers()):
        return call("ieee_divide", g, divisor)
    return noted(g / divisor, level)


def quotient_or_zero(g: Any, divisor: Any, *, kink: bool = False) -> Any:
    """`g / divisor`, and 0 where the divisor is 0, at a point that has a subgradient 0.

    `kink`, the quotient is itself a slope that jumps there.
    """
    level = mask_of(g)
    if level < Mask.CHOICE and is_never_zero(divisor):
        return noted(g / divisor, level)
    result = call("divide_or_zero", g, divisor, **({"kink": True} if kink else {}))
    return result if level < Mask.CHOICE else noted(either(g != 0, result, 0.0), level)


def either(condition: Any, a: Any, b: Any) -> Any:
    """`np.where`, which on Python numbers is Python's conditional expression."""
    if are_python_numbers(condition, a, b):
        return call("if_else", condition, a, b)
    return call(np.where, condition, a, b)


def are_python_numbers(*items: Any) -> bool:
    return all(isinstance(as_value(item).type, ScalarType) for item in items)


def _taken_apart(g: Symbol) -> tuple[Any, Any] | None:
    """The mask of a cotangent and what it lets through, where these are plain to see.

    With them the mask is applied once, at the end of a chain of products.
    """
    node = g.builder.definitions.get(g.value)
    if node is None:
        return None
    operands: list[Any] = [as_argument(g.builder, operand) for operand in node.operands]
    if node.operation in ("where", "if_else") and _is_zero(node.operands[2]):
        return operands[0], operands[1]
    if node.operation == "where" and _is_zero(node.operands[1]):
        return ~operands[0], operands[2]
    if node.operation == "negative":
        inner = _taken_apart(operands[0])
        return None if inner is None else (inner[0], -inner[1])
    if node.operation != "multiply":
        return None
    for one, other in (operands, operands[::-1]):
        if isinstance(one, Symbol) and _is_bool(one.type):
            return one, other
        if not isinstance(one, Symbol) and isinstance(other, Symbol):
            inner = _taken_apart(other)
            return None if inner is None else (inner[0], one * inner[1])
    return None


# Where a cotangent comes from

_levels: WeakKeyDictionary[Builder, dict[Value, Mask]] = WeakKeyDictionary()
_PASSING = frozenset(
    "negative positive cast real conjugate builtins.float getitem reshape reshape_like transpose "
    "swapaxes moveaxis expand_dims squeeze ravel flip roll broadcast_to broadcast_like "
    "divide ieee_divide".split()
)
_SCATTERING = frozenset("index_set index_add".split())


def mask_of(g: Any) -> Mask:
    """How the cotangent `g` can be zero at single elements while the seed is not."""
    if not isinstance(g, Symbol):
        return Mask.NONE
    return _mask_of_value(g.value, g.builder, 0)


def note_mask(cotangent: Symbol, level: Mask) -> None:
    """Say how a cotangent can be zero that no node in sight defines: a parameter of a region."""
    noted(cotangent, level)


def noted(result: Any, level: Mask) -> Any:
    """Remember what is known of a cotangent that a rule has made."""
    if isinstance(result, Symbol):
        _levels.setdefault(result.builder, {})[result.value] = level
    return result


def _mask_of_factor(factor: Any) -> Mask:
    if not isinstance(factor, Symbol):
        return Mask.NONE
    return Mask.COMPARISON if _is_bool(factor.type) else Mask.FACTOR


def _is_bool(type_: Type) -> bool:
    return type_ == BOOL or (isinstance(type_, ArrayType) and type_.dtype.kind == "b")


def _mask_of_value(value: Value, builder: Builder, depth: int) -> Mask:
    known = _levels.setdefault(builder, {})
    if value not in known:
        node = builder.definitions.get(value)
        known[value] = _mask_of_result(node, builder, depth) if node else Mask.NONE
    return known[value]


def _mask_of_result(node: Node, builder: Builder, depth: int) -> Mask:
    if depth > _DEPTH_LIMIT:
        return Mask.CHOICE

    def mask_at(operand: Value) -> Mask:
        return _mask_of_value(operand, builder, depth + 1)

    if node.operation in ("where", "if_else"):
        _, a, b = node.operands
        return Mask.CHOICE if _is_zero(a) or _is_zero(b) else max(mask_at(a), mask_at(b))
    if node.operation == "multiply":
        compared = any(_is_bool(operand.type) for operand in node.operands)
        return max(Mask.COMPARISON if compared else Mask.NONE, *map(mask_at, node.operands))
    if node.operation in ("add", "subtract"):
        second = mask_at(node.operands[1])
        return min(second, mask_at(node.operands[0])) if second else second
    if node.operation == "divide_where":
        return Mask.CHOICE
    if node.operation in ("divide_where_nonzero", "divide_or_zero"):
        return max(Mask.COMPARISON, mask_at(node.operands[0]))
    if node.operation in _SCATTERING:
        return max(Mask.COMPARISON, mask_at(node.operands[1]))
    if node.operation in _PASSING:
        return mask_at(node.operands[0])
    if node.operation == "sum" and mask_at(node.operands[0]) is Mask.CHOICE:
        return Mask.CHOICE
    return Mask.NONE


def _is_zero(value: Value) -> bool:
    return isinstance(value, Literal) and not isinstance(value.value, str) and value.value == 0


# Where a cotangent may be infinite

_LINEAR_PATHS = _PASSING | {"multiply", "add", "subtract", "where", "if_else"}
_ELEMENTWISE_PATHS = _LINEAR_PATHS | set(
    "sqrt cbrt square power float_power absolute log log1p log2 log10 reciprocal "
    "math.sqrt math.pow math.log divide_where divide_where_nonzero".split()
)
_POWERS = frozenset("power float_power math.pow".split())


def may_be_infinite_at(g: Any, y: Any) -> bool:
    """Was the cotangent divided by what the value `y` makes zero, as in `np.sqrt(y)`?

    Multiplied by a mask it would be nan where the mask is 0.
    """
    if not isinstance(g, Symbol) or not isinstance(y, Symbol):
        return False
    return _is_divided_by(g.value, y.value, g.builder, 0)


def _is_divided_by(value: Value, y: Value, builder: Builder, depth: int) -> bool:
    node = builder.definitions.get(value)
    if node is None or depth > _DEPTH_LIMIT:
        return False
    operands = node.operands
    divides = node.operation in ("divide", "ieee_divide") and _sign(operands[1], builder, 0) != 1
    if divides and _comes_from(operands[1], y, builder, 0):
        return True
    if node.operation in _POWERS and _comes_from(operands[0], y, builder, 0):
        exponent = getattr(operands[1], "value", None)
        return not (isinstance(exponent, (int, float)) and exponent >= 0)
    return node.operation in _LINEAR_PATHS and any(
        _is_divided_by(operand, y, builder, depth + 1) for operand in operands
    )


def _comes_from(value: Value, y: Value, builder: Builder, depth: int) -> bool:
    """Is the value computed from `y`, element by element?"""
    if value is y:
        return True
    node = builder.definitions.get(value)
    if node is None or depth > _DEPTH_LIMIT or node.operation not in _ELEMENTWISE_PATHS:
        return False
    return any(_comes_from(operand, y, builder, depth + 1) for operand in node.operands)


# Divisors that cannot be zero

_NONNEGATIVE = frozenset(
    "absolute fabs square exp exp2 cosh var std math.exp math.exp2 math.cosh math.fabs".split()
)
_KEEPING_SIGN = frozenset(
    "sum mean max min reshape transpose expand_dims getitem broadcast_to broadcast_like cast "
    "builtins.float positive squeeze ravel".split()
)
_LENGTHS = frozenset("hypot math.hypot".split())
_ROOTS = frozenset("sqrt math.sqrt".split())
_OF_SIZES = _KEEPING_SIGN | _ROOTS | {"add", "multiply", "divide", "power"}


def is_never_zero(symbol: Any) -> bool:
    """Is the value positive by the way it is computed (`x * x + 1`), if it is a number at all?"""
    value = as_value(symbol)
    return _sign(value, symbol.builder, 0) == 1 if isinstance(symbol, Symbol) else bool(symbol)


def _is_known(factor: Any) -> bool:
    """Is the factor a literal, or computed from literals and sizes, and so a proper number?"""
    return not isinstance(factor, Symbol) or _is_of_sizes(factor.value, factor.builder, 0)


def _is_of_sizes(value: Value, builder: Builder, depth: int) -> bool:
    if isinstance(value, Literal):
        return True
    node = builder.definitions.get(value)
    if node is None or depth > _DEPTH_LIMIT:
        return False
    if node.operation in ("dim", "size"):
        return True
    return node.operation in _OF_SIZES and all(
        _is_of_sizes(operand, builder, depth + 1) for operand in node.operands
    )


def vanishes_flatly(symbol: Any) -> bool:
    """Has the value slope zero wherever it is zero, as a sum of squares has?

    Then the chain rule through a square root, whose slope is infinite there, has the limit that a
    norm has: its subgradient 0.
    """
    return isinstance(symbol, Symbol) and _is_flat(symbol.value, symbol.builder, 0)


_PRESERVING_FLATNESS = _KEEPING_SIGN - {"max", "min"}


def _is_flat(value: Value, builder: Builder, depth: int) -> bool:
    node = builder.definitions.get(value)
    if node is None or depth > _DEPTH_LIMIT or not node.operands:
        return False
    operation, operands = node.operation, node.operands
    if not is_real(node.results[0].type):
        return False
    if operation in ("square", "var") or (_is_square(node) and not _is_zero(operands[-1])):
        return True
    if operation == "add":
        return all(_is_flat(operand, builder, depth + 1) for operand in operands)
    if operation in ("multiply", "divide"):
        first, second = operands
        if operation == "multiply" and _is_of_sizes(first, builder, 0):
            first, second = second, first
        return _is_of_sizes(second, builder, 0) and _is_flat(first, builder, depth + 1)
    return operation in _PRESERVING_FLATNESS and _is_flat(operands[0], builder, depth + 1)


def _sign(value: Value, builder: Builder, depth: int) -> int | None:
    """1 for values known to be positive, 0 for nonnegative ones, None where nothing is known."""
    if isinstance(value, Literal):
        number = value.value
        if isinstance(number, (int, float)) and number >= 0:
            return int(number > 0)
        return None
    node = builder.definitions.get(value)
    if node is None or depth > _DEPTH_LIMIT or not node.operands:
        return None
    return _sign_of_result(node, builder, depth + 1)


def _sign_of_result(node: Node, builder: Builder, depth: int) -> int | None:
    operation, operands = node.operation, node.operands
    if not is_real(node.results[0].type) and operation not in ("dim", "size"):
        return None
    if operation in ("dim", "size"):
        return 1
    if operation in _NONNEGATIVE or _is_square(node):
        return 0
    if operation in ("maximum", "fmax"):
        return max(
            (s for o in operands if (s := _sign(o, builder, depth)) is not None), default=None
        )
    if operation in ("add", "multiply", "divide"):
        signs = [_sign(operand, builder, depth) for operand in operands]
        if None in signs:
            return None
        return max(signs) if operation == "add" else min(signs)  # type: ignore[type-var]
    if operation in _LENGTHS:
        return max(_sign(operand, builder, depth) or 0 for operand in operands)
    if operation in _ROOTS:
        return _sign(operands[0], builder, depth) or 0
    return _sign(operands[0], builder, depth) if operation in _KEEPING_SIGN else None


def _is_square(node: Node) -> bool:
    if node.operation == "multiply":
        return node.operands[0] is node.operands[1] and is_real(node.operands[0].type)
    if node.operation != "power" or not is_real(node.operands[0].type):
        return False
    exponent = getattr(node.operands[1], "value", None)
    return isinstance(exponent, int) and exponent >= 0 and exponent % 2 == 0
