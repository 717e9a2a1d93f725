"""A small language for algebraic identities such as `Identity("multiply by one", x * 1, x)`.

A pattern is an expression over variables, written in Python's notation.  It is matched against the
node that defines a value, and the nodes behind its operands; what replaces it is built by the same
expression evaluated on symbols, so that types are inferred anew and can be compared.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from srcgrad.graph import ArrayType, Builder, Literal, Node, ScalarType, Value, shape_of
from srcgrad.rules import as_argument, call

COMMUTATIVE = frozenset({"add", "multiply"})
PYTHON_ARITHMETIC: dict[str, Callable[..., object]] = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,
    "negative": operator.neg,
}


class Pattern:
    """An expression that a value may match."""

    def __add__(self, other: Pattern | float) -> Pattern:
        return apply_pattern("add", self, other)

    def __radd__(self, other: float) -> Pattern:
        return apply_pattern("add", other, self)

    def __sub__(self, other: Pattern | float) -> Pattern:
        return apply_pattern("subtract", self, other)

    def __rsub__(self, other: float) -> Pattern:
        return apply_pattern("subtract", other, self)

    def __mul__(self, other: Pattern | float) -> Pattern:
        return apply_pattern("multiply", self, other)

    def __rmul__(self, other: float) -> Pattern:
        return apply_pattern("multiply", other, self)

    def __truediv__(self, other: Pattern | float) -> Pattern:
        return apply_pattern("divide", self, other)

    def __rtruediv__(self, other: float) -> Pattern:
        return apply_pattern("divide", other, self)

    def __pow__(self, other: Pattern | float) -> Pattern:
        return apply_pattern("power", self, other)

    def __matmul__(self, other: Pattern) -> Pattern:
        return apply_pattern("matmul", self, other)

    def __neg__(self) -> Pattern:
        return apply_pattern("negative", self)


@dataclass(frozen=True, slots=True)
class Variable(Pattern):
    """Matches any value that `fits`; the same variable matches the same value everywhere."""

    name: str
    fits: Callable[[Value], bool]


@dataclass(frozen=True, slots=True)
class Number(Pattern):
    """Matches a literal equal to `value`."""

    value: float


@dataclass(frozen=True, slots=True)
class Apply(Pattern):
    """Matches the result of a node with this operation, without parameters or with any."""

    operation: str
    operands: tuple[Pattern, ...]
    any_parameters: bool = False


def apply_pattern(
    operation: str, *operands: Pattern | float, any_parameters: bool = False
) -> Pattern:
    wrapped = tuple(
        operand if isinstance(operand, Pattern) else Number(operand) for operand in operands
    )
    return Apply(operation, wrapped, any_parameters)


def operand_tokens(pattern: Apply) -> frozenset[object]:
    """What operands must be there for the pattern to match: operations, and known numbers."""
    found: set[object] = set()
    for operand in pattern.operands:
        if isinstance(operand, Apply):
            found.add(operand.operation)
        elif isinstance(operand, Number):
            found.add(("number", operand.value))
    return frozenset(found)


def is_scalar(value: Value) -> bool:
    """A number that is not an array with axes: the cheap factor of a product."""
    return isinstance(value.type, (ArrayType, ScalarType)) and shape_of(value.type) == ()


def is_mask(value: Value) -> bool:
    """An array of truth values that is known to have axes."""
    return is_array(value) and value.type.dtype == np.dtype(bool)  # type: ignore[union-attr]


def is_array(value: Value) -> bool:
    """An array that is known to have axes."""
    return isinstance(value.type, ArrayType) and bool(value.type.shape)


def arrays_have_equal_shapes(binding: Mapping[str, Value]) -> bool:
    """Have all arrays with axes that were matched one shape?"""
    return len({shape_of(value.type) for value in binding.values() if not is_scalar(value)}) <= 1


def is_number(value: Value) -> bool:
    """A finite Python number known now."""
    return (
        isinstance(value, Literal)
        and type(value.value) in (int, float)
        and abs(value.value) < float("inf")  # type: ignore[arg-type]
    )


def is_negative_number(value: Value) -> bool:
    return is_number(value) and value.value < 0  # type: ignore[attr-defined]


Binding = dict[str, Value]


def match(
    pattern: Pattern,
    value: Value,
    definitions: Mapping[Value, Node],
    binding: Binding,
    inner: list[Value],
) -> Binding | None:
    """The binding extended so that the pattern is the value, or None.

    `inner` gathers the values inside the pattern that were matched through.
    """
    if isinstance(pattern, Variable):
        known = binding.get(pattern.name)
        if known is not None:
            return binding if _same(known, value) else None
        return {**binding, pattern.name: value} if pattern.fits(value) else None
    if isinstance(pattern, Number):
        matches = is_number(value) and value.value == pattern.value  # type: ignore[attr-defined]
        return binding if matches else None
    assert isinstance(pattern, Apply)
    node = definitions.get(value)
    if node is None or node.operation != pattern.operation:
        return None
    found = match_node(pattern, node, definitions, binding, inner)
    if found is not None:
        inner.append(value)
    return found


def match_node(
    pattern: Apply,
    node: Node,
    definitions: Mapping[Value, Node],
    binding: Binding,
    inner: list[Value],
) -> Binding | None:
    if node.parameters and not pattern.any_parameters and set(node.parameters) - {"function"}:
        return None
    if len(node.operands) != len(pattern.operands):
        return None
    found = _match_all(pattern.operands, node.operands, definitions, binding, inner)
    if found is None and pattern.operation in COMMUTATIVE:
        swapped = node.operands[::-1]
        found = _match_all(pattern.operands, swapped, definitions, binding, inner)
    return found


def _match_all(
    patterns: tuple[Pattern, ...],
    values: tuple[Value, ...],
    definitions: Mapping[Value, Node],
    binding: Binding,
    inner: list[Value],
) -> Binding | None:
    depth = len(inner)
    for pattern, value in zip(patterns, values):
        found = match(pattern, value, definitions, binding, inner)
        if found is None:
            del inner[depth:]
            return None
        binding = found
    return binding


def _same(a: Value, b: Value) -> bool:
    if isinstance(a, Literal) and isinstance(b, Literal):
        return type(a.value) is type(b.value) and repr(a.value) == repr(b.value)
    return a is b


def evaluate(pattern: Pattern, binding: Binding, builder: Builder) -> object:
    """The symbol, or the plain number, that the pattern is under this binding."""
    if isinstance(pattern, Variable):
        return as_argument(builder, binding[pattern.name])
    if isinstance(pattern, Number):
        return pattern.value
    assert isinstance(pattern, Apply)
    operands = [evaluate(operand, binding, builder) for operand in pattern.operands]
    if all(isinstance(operand, (int, float)) for operand in operands):
        return PYTHON_ARITHMETIC[pattern.operation](*operands)
    return call(pattern.operation, *operands)
