"""Calls of functions with rules of the user's own.

The rules are plain Python functions.  The frontend evaluates them where the call stands and hands
on graphs of them; here these graphs are copied to where a derivative is taken, so that the code of
a rule is optimised, emitted and differentiated again like any other.

Both kinds of rules are linear in derivatives (a cotangent, the tangents).  Of those that are not
there, because nothing depends on them, only what they meet is left out: see `_Copy`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from srcgrad.errors import SrcgradError
from srcgrad.graph import (
    ArrayType,
    Assumptions,
    Builder,
    Node,
    Region,
    Type,
    Value,
    free_values,
    literal,
    map_template,
)
from srcgrad.rules.registry import (
    defjvp,
    defshape,
    defvjp,
    is_primitive_name,
    named,
    primitive_named,
)
from srcgrad.rules.symbols import Symbol, as_value, call

# The node of a call


@dataclass(frozen=True, slots=True)
class Place:
    """Stands in the arguments of a call for operand number `operand`."""

    operand: int


@dataclass(frozen=True, slots=True, eq=False)
class RuleGraph:
    """A rule as a graph.

    `inputs` of a backward rule: the adjoint of each result, the results, the operands; of a forward
    rule: the tangent of each argument, the results, the operands.  A derivative among them says of
    which value it is one; those in `absent` are zero.  `results` are the contribution to
    each argument, or the tangent of each result; None where there is none.  `uncovered` says why
    there is no derivative by an argument that the rule does not speak of.
    """

    inputs: tuple[Value, ...]
    nodes: tuple[Node, ...]
    results: tuple[Value | None, ...]
    uncovered: Mapping[int, SrcgradError] = field(default_factory=dict)
    absent: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class UserCall:
    """What is known of a call of a function with rules of its own.

    The first `arguments` operands stand in the arguments; the others are what the rules read beside
    them.  `in_sequence` says that results come in a tuple or list, be it only one.
    """

    function: Callable[..., Any]
    types: tuple[Type, ...]
    in_sequence: bool
    arguments: int
    vjp: Callable[[], RuleGraph]
    jvp: Callable[[], RuleGraph]

    def __repr__(self) -> str:
        return getattr(self.function, "__name__", str(self.function))


@lambda function: named("user_call", function)
def user_call(
    *operands: Any,
    call: UserCall,
    arguments: tuple[object, ...],
    keywords: tuple[str, ...] = (),
    function: str = "",
    receiver: Place | None = None,
) -> Any:
    """A call of a function that is not read, made as it is written, once.

    In `arguments` a `Place` stands for an operand; the last of them go by `keywords`.  `function`
    is the expression by which emitted code reaches it, or the name of a method of `receiver`.
    """
    given = filled(arguments, operands)
    first = len(given) - len(keywords)
    return call.function(*given[:first], **dict(zip(keywords, given[first:])))


@defshape(user_call, operands=("*operands",))
def user_call_shape(
    sizes: Assumptions,
    *operands: Type,
    call: UserCall,
    arguments: tuple[object, ...] = (),
    keywords: tuple[str, ...] = (),
    function: str = "",
    receiver: Place | None = None,
) -> tuple[Type, ...]:
    return call.types


def filled(template: object, operands: Sequence[Any]) -> Any:
    """The arguments of a call with the operands in their places."""
    return map_template(
        template, lambda item: operands[item.operand] if isinstance(item, Place) else item
    )


@defvjp(user_call)
def user_call_vjp(g, y, *operands, call=None, **_written):
    results = y if isinstance(y, tuple) else (y,)
    adjoints = g if isinstance(y, tuple) else (g,)
    rule = call.vjp()
    given = [*adjoints, *results, *operands]
    found: list[Any] = _Copy(results[0].builder, rule, given).results()
    for place, error in rule.uncovered.items():
        found[place] = error
    return found + [None] * (len(operands) - len(found))


@defjvp(user_call)
def user_call_jvp(*given, call=None, **_written):
    count = len(given) // 2
    dots, y, operands = given[: call.arguments], given[count], given[count + 1 :]
    results = y if isinstance(y, tuple) else (y,)
    rule = call.jvp()
    for place, error in rule.uncovered.items():
        if dots[place] is not None:
            raise error
    return _Copy(results[0].builder, rule, [*dots, *results, *operands]).results()


# Copying a rule to where a derivative is taken


class _Copy:
    """A copy of a rule's nodes for the given inputs, None standing for a derivative that is zero.

    What is linear in such a zero is zero too and not computed; a sum keeps its other terms.
    """

    def __init__(self, builder: Builder, rule: RuleGraph, given: Sequence[Any]) -> None:
        self.builder = builder
        self.rule = rule
        self.mapping: dict[Value, Value] = {}
        self.zeros: dict[Value, Node | None] = dict.fromkeys(rule.absent)
        for own, item in zip(rule.inputs, given, strict=True):
            if item is None:
                self.zeros[own] = None
            else:
                self.mapping[own] = as_value(item)

    def results(self) -> list[Symbol | None]:
        for node in self.rule.nodes:
            if not self._vanishes(node):
                self._add(node)
        return [
            None if value is None or value in self.zeros else self._symbol(self._new(value))
            for value in self.rule.results
        ]

    def _symbol(self, value: Value) -> Symbol:
        return Symbol(self.builder, value)

    def _new(self, value: Value) -> Value:
        return self.mapping.get(value, value)

    def _vanishes(self, node: Node) -> bool:
        """Is the node zero, or one of its operands as it is, because other operands are zero?"""
        zero = [value in self.zeros for value in node.operands]
        if not any(zero) or node.regions or not is_primitive_name(node.operation):
            return False
        if node.operation == "add" and not all(zero):
            return self._is_other_term(node, zero.index(False))
        if node.operation == "subtract" and not zero[0]:
            return self._is_other_term(node, 0)
        if not _is_zero_for(node, zero):
            return False
        self.zeros.update(dict.fromkeys(node.results, node))
        return True

    def _is_other_term(self, node: Node, place: int) -> bool:
        term = self._new(node.operands[place])
        if term.type != node.result.type:
            return False
        self.mapping[node.result] = term
        return True

    def _add(self, node: Node) -> None:
        for value in free_values(node):
            if value in self.zeros and value not in self.mapping:
                self._make_zero(value)
        self.builder.add(self._copied(node))

    def _make_zero(self, value: Value) -> None:
        """Compute a zero after all, for an operation that wants it."""
        node = self.zeros[value]
        if node is not None:
            self._add(node)
            return
        assert value.derivative_of is not None
        witness = self._new(value.derivative_of)
        if isinstance(witness.type, ArrayType) and witness.type.shape != ():
            self.mapping[value] = as_value(call("zeros_like", self._symbol(witness)))
        else:
            self.mapping[value] = literal(0.0)

    def _copied(self, node: Node) -> Node:
        operands = tuple(map(self._new, node.operands))
        regions = tuple(map(self._copied_region, node.regions))
        return replace(
            node,
            operands=operands,
            results=tuple(map(self._renewed, node.results)),
            regions=regions,
            location=self.builder.location,
            phase=self.builder.phase,
        )

    def _copied_region(self, region: Region) -> Region:
        parameters = tuple(map(self._renewed, region.parameters))
        nodes = tuple(map(self._copied, region.nodes))
        return Region(parameters, nodes, tuple(map(self._new, region.results)))

    def _renewed(self, value: Value) -> Value:
        self.mapping[value] = Value(value.type, value.name)
        return self.mapping[value]


def _is_zero_for(node: Node, zero: Sequence[bool]) -> bool:
    """Is the result of the node zero where these operands are?"""
    primitive = primitive_named(node.operation)
    if node.operation == "divide":
        return zero[0] and not zero[1]
    return primitive.bilinear or (primitive.linear and all(zero))
