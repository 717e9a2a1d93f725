"""Calls of functions with rules of the user's own.

Such a function is not read: the call becomes a node, and runs as it is written.  Its rules are
read, like any function, where the call stands; `rules.own` has what becomes of them.

The two kinds of rules are each other's transpose, so that one of them serves both modes.
"""

from __future__ import annotations

import ast
import functools
import inspect
from collections.abc import Callable, Sequence
from dataclasses import replace
from types import FunctionType
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from srcgrad.declarations import OwnRules, signature_of, taken_by_jvp, taken_by_vjp
from srcgrad.errors import MissingRuleError, ShapeError, SrcgradError, UnsupportedError
from srcgrad.frontend import storage
from srcgrad.frontend.abstract import (
    NONE,
    PYTHON_NUMBERS,
    Abstract,
    DictOf,
    Keywords,
    ListOf,
    Number,
    Static,
    TupleOf,
    as_literal,
    describe,
)
from srcgrad.frontend.branching import attempt
from srcgrad.frontend.functions import call_user_function
from srcgrad.frontend.installed import is_unchanging_name
from srcgrad.frontend.replay import belongs_to_numpy, passive_argument, reference
from srcgrad.graph import (
    OPAQUE,
    Graph,
    Literal,
    Value,
    carries_derivative,
    free_values,
    is_python_int,
    literal,
    shape_of,
)
from srcgrad.rules import (
    GIVE_IT_A_RULE,
    Place,
    RuleGraph,
    Symbol,
    UserCall,
    call,
    has_shape_of,
    rule_to_write,
    shape_text,
    sum_to,
    written_name,
)
from srcgrad.transforms import derivative_type, fit, remove_dead_code, reverse

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator

Plain = Callable[[list[Abstract], Keywords], Abstract]
Rule = Callable[..., Any]
_METHOD = type(np.random.RandomState.normal)  # they draw, and so are no pure functions
_Rule = RuleGraph | SrcgradError | None
# Rules may call the function whose rules they are; how often derivatives will be taken is not known
# when they are read.
ORDER_LIMIT = 4
_PLAIN_VALUES = (*PYTHON_NUMBERS, str, bytes, type(None), np.dtype)


def call_with_own_rules(
    ev: Evaluator,
    own: OwnRules,
    args: list[Abstract],
    kwargs: Keywords,
    node: ast.AST,
    plain: Plain,
) -> Abstract:
    """The result of the call; `plain` evaluates the function as if it had no rules."""
    _require_same_rules(ev, own)
    if own.opaque:
        result = OwnCall(ev, own, args, kwargs, node).append(plain)
    else:
        result = plain(args, kwargs)
    return _stopped(ev, result) if own.passive else result


def _require_same_rules(ev: Evaluator, own: OwnRules) -> None:
    """Guard against rules that are registered anew."""
    guards = ev.captures.guards
    for name in ("vjp", "jvp", "like", "opaque", "passive"):
        held = getattr(own, name)
        expected = repr(held) if held in (None, True, False) else guards.constant(held)
        guards.require(f"{guards.constant(own)}.{name} is {expected}")


def _stopped(ev: Evaluator, result: Abstract) -> Abstract:
    """The result, through which no derivative flows."""

    def stopped(item: Abstract) -> Abstract:
        item = storage.current(ev, item)
        if isinstance(item, Number) and carries_derivative(item.value.type):
            return ev.call_primitive("stop_gradient", (item,))
        return item

    return _mapped(storage.current(ev, result), stopped)


def _mapped(value: Abstract, change: Callable[[Any], Abstract]) -> Abstract:
    """The containers with what is in them changed."""
    if isinstance(value, TupleOf):
        return TupleOf(tuple(_mapped(item, change) for item in value.items), value.kind)
    if isinstance(value, ListOf):
        return ListOf(tuple(_mapped(item, change) for item in value.items))
    if isinstance(value, DictOf):
        return DictOf({key: _mapped(item, change) for key, item in value.items.items()})
    return change(value)


def _numbers(value: Abstract) -> list[Number]:
    """The numbers in containers, in order."""
    if isinstance(value, Number):
        return [value]
    held: Sequence[Abstract] = ()
    if isinstance(value, (TupleOf, ListOf)):
        held = value.items
    if isinstance(value, DictOf):
        held = tuple(value.items.values())
    return [number for item in held for number in _numbers(item)]


class OwnCall:
    """One call: its operands, and the values that stand for them in the rules.

    Rules see values of their own, so that their graphs can be copied anywhere.  `receiver` is the
    object whose method is called, where it exists only during the call.
    """

    receiver: Place | None = None

    def __init__(
        self,
        ev: Evaluator,
        own: OwnRules,
        args: list[Abstract],
        kwargs: Keywords,
        node: ast.AST,
    ) -> None:
        self.ev, self.own, self.node = ev, own, node
        self.args, self.kwargs = args, kwargs
        self.name = getattr(own.function, "__name__", str(own.function))
        self.operands: list[Value] = []
        self.inside: list[Value] = []
        self.places: dict[int, int] = {}
        self.template: list[object] = []
        seen = [self._argument(item) for item in args]
        named = {key: self._argument(item) for key, item in kwargs.items()}
        self.given = self._bound(seen, named)

    # Arguments

    def _argument(self, value: Abstract) -> Abstract:
        """An argument as the rules see it; notes its operands and how it is written."""
        seen, written = self._seen(value)
        self.template.append(written)
        return seen

    def _seen(self, value: Abstract) -> tuple[Abstract, object]:
        value = storage.current(self.ev, value)
        if isinstance(value, Number):
            # Where the value of an integer is needed, it must be known where it came from.
            held = value.value
            inside = held if is_python_int(held.type) else Value(held.type, held.name)
            seen = Number(inside)
            self.places[id(seen)] = len(self.operands)
            return seen, self._operand(held, inside)
        if isinstance(value, (TupleOf, ListOf)):
            pairs = [self._seen(item) for item in value.items]
            items, written = tuple(seen for seen, _ in pairs), [text for _, text in pairs]
            if isinstance(value, ListOf):
                return ListOf(items), written
            if value.kind is tuple:
                return TupleOf(items), tuple(written)
        if isinstance(value, DictOf):
            both = {key: self._seen(item) for key, item in value.items.items()}
            seen_items = {key: seen for key, (seen, _) in both.items()}
            return DictOf(seen_items), {key: text for key, (_, text) in both.items()}
        if isinstance(value, Static):
            if isinstance(value.value, _PLAIN_VALUES) or _is_dtype(value.value):
                return value, value.value
            symbol = passive_argument(self.ev, value)
            return value, self._operand(symbol.value, Value(OPAQUE))
        self.ev.refuse(
            self.node,
            f"`{self.name}` is called as it is, and {describe(value)} cannot be handed to it yet",
            "Pass numbers, arrays, or tuples, lists and dicts of them.",
        )

    def _operand(self, value: Value, inside: Value) -> Place:
        self.operands.append(value)
        self.inside.append(inside)
        return Place(len(self.operands) - 1)

    def _bound(self, args: list[Abstract], kwargs: Keywords) -> inspect.BoundArguments:
        """The arguments by parameter, as Python binds them."""
        try:
            return self.signature().bind(*args, **kwargs)
        except TypeError as error:
            self.ev.reject(self.node, f"`{self.name}`: {error}")

    def signature(self) -> inspect.Signature:
        return signature_of(self.own.function)

    # The node

    def append(self, plain: Plain | None = None) -> Abstract:
        result = self.result(plain)
        types = tuple(number.value.type for number in _numbers(result))
        if not types:
            result = NONE
        results = [Value(type_) for type_ in types]
        vjp, jvp = self._rules(result, results)
        extra = _read_beside(vjp, jvp)
        known = UserCall(
            self.own.function,
            types,
            isinstance(result, (TupleOf, ListOf)),
            len(self.operands),
            self._backward(vjp, jvp, results, extra),
            self._forward(vjp, jvp, results, extra),
        )
        parameters: dict[str, object] = {
            "function": self.function_text(),
            "arguments": tuple(self.template),
            "keywords": tuple(self.kwargs),
            "call": known,
        }
        if self.receiver is not None:
            parameters["receiver"] = self.receiver
        if self._may_have_effect():
            parameters["effect"] = True
        values = self.ev.builder.append("user_call", [*self.operands, *extra], types, parameters)
        return _instead(result, values)

    def _may_have_effect(self) -> bool:
        """Must the call be made even if nobody needs its result?  Those of rules need not."""
        if isinstance(self.own.function, _METHOD):
            return True
        return self.ev.rule_depth == 0 and not is_unchanging_name(self._module())

    def _module(self) -> str | None:
        return getattr(self.own.function, "__module__", None)

    def function_text(self) -> str:
        """The expression by which the emitted code reaches the function."""
        if belongs_to_numpy(self.own.function):
            written = written_name(self.own.function)
            if written.startswith("np."):
                return written
        return reference(self.ev, self.own.function, self.name)

    def result(self, plain: Plain | None) -> Abstract:
        """The result with the type it will have, found without running the function."""
        found: list[Abstract] = []
        try:
            attempt(self.ev, lambda: found.append(self._like(plain)))
        except SrcgradError as error:
            if self.own.like is not None:
                raise
            raise self._unknown_type(str(error.message)) from None
        (result,) = found
        if isinstance(result, (TupleOf, ListOf)) and any(
            isinstance(item, (TupleOf, ListOf, DictOf)) for item in result.items
        ):
            raise self._unknown_type("it returns containers inside a container")
        if isinstance(result, DictOf):
            raise self._unknown_type("it returns a dict")
        return result

    def _like(self, plain: Plain | None) -> Abstract:
        like = self.own.like
        if like is None:
            assert plain is not None
            found = plain(self.args, self.kwargs)
        elif callable(like):
            found = self.ev.call(Static(like), self.args, self.kwargs, self.node)
        else:
            found = self.given.arguments.get(like, NONE)
        return self._settled(found)

    def _settled(self, value: Abstract) -> Abstract:
        value = storage.current(self.ev, value)
        if isinstance(value, TupleOf):
            return TupleOf(tuple(map(self._settled, value.items)), value.kind)
        if isinstance(value, ListOf):
            return ListOf(tuple(map(self._settled, value.items)))
        if isinstance(value, Static) and isinstance(value.value, PYTHON_NUMBERS):
            return Number(Value(literal(value.value).type))
        if isinstance(value, Number) and value.value.type == OPAQUE:
            raise self._unknown_type("it returns what another unknown function returns")
        return value

    def _unknown_type(self, reason: str) -> MissingRuleError:
        text = self.ev.frame.source.text(self.node)
        names = ", ".join(self.signature().parameters)
        return MissingRuleError(
            f"the type of `{text}` is not known before the call: {reason}",
            location=self.ev.location(self.node),
            construct=text,
            remedy="Say what the result is like: the name of an argument, or a NumPy expression of "
            "the arguments,\nof which only dtype and shape count:\n"
            f"    @srcgrad.primitive(like=lambda {names}: ...)",
        )

    # The rules, read

    def _rules(self, result: Abstract, results: list[Value]) -> list[_Rule]:
        """The backward and the forward rule as graphs; what is wrong with one may never matter."""
        if self.ev.rule_depth == ORDER_LIMIT:
            return [self._too_high_order()] * 2
        found: list[_Rule] = []
        self.ev.rule_depth += 1
        try:
            for rule, read in ((self.own.vjp, self._read_vjp), (self.own.jvp, self._read_jvp)):
                try:
                    found.append(None if rule is None else read(rule, result, results))
                except SrcgradError as error:
                    found.append(error)
        finally:
            self.ev.rule_depth -= 1
        return found

    def _too_high_order(self) -> UnsupportedError:
        return UnsupportedError(
            f"derivatives of `{self.name}` of an order higher than {ORDER_LIMIT} are not supported,"
            " where its rules call functions with rules",
            location=self.ev.location(self.node),
            construct=self.ev.frame.source.text(self.node),
            remedy="Write the rule with NumPy functions alone.",
        )

    def _read_vjp(self, rule: Rule, result: Abstract, results: list[Value]) -> RuleGraph:
        """`rule(g, y, *arguments)` gives one contribution for each argument."""
        taken = taken_by_vjp(self.signature(), rule)
        adjoints = [_derivative_of(value) for value in results]
        found: dict[int, Value | None] = {}

        def read() -> None:
            arguments = {name: self._value(name) for name in taken.all}
            first = [_instead(result, adjoints), _instead(result, results)]
            args, kwargs = taken.as_passed(arguments)
            given = self._call_rule(rule, [*first, *args], kwargs)
            self._sort(given, taken.spread(arguments), found)

        nodes, _ = attempt(self.ev, read)
        return RuleGraph(
            (*adjoints, *results, *self.inside),
            tuple(nodes),
            tuple(found.get(place) for place in range(len(self.operands))),
            self._uncovered(frozenset(found), rule),
        )

    def _read_jvp(self, rule: Rule, result: Abstract, results: list[Value]) -> RuleGraph:
        """`rule(*tangents, y, *arguments)` gives one tangent for each result."""
        taken = taken_by_jvp(self.signature(), rule)
        dots = [_derivative_of(value) for value in self.inside]
        ends: list[Value | None] = []
        covered: set[int] = set()
        absent: list[Value] = []

        def dot(argument: Abstract) -> Abstract:
            if isinstance(argument, Number):
                covered.add(self.places[id(argument)])
                return Number(dots[self.places[id(argument)]])
            if isinstance(argument, Static) and isinstance(argument.value, PYTHON_NUMBERS):
                absent.append(_derivative_of(as_literal(argument)))
                return Number(absent[-1])
            return NONE

        def read() -> None:
            arguments = {name: self._value(name) for name in taken.all}
            first = [_mapped(arguments[name], dot) for name in taken.required]
            named = {f"{name}_dot": _mapped(arguments[name], dot) for name in taken.with_tangent}
            args, kwargs = taken.as_passed(arguments)
            passed = [*first, _instead(result, results), *args]
            given = self._call_rule(rule, passed, {**kwargs, **named})
            ends.extend(self._tangents(given, result, results))

        nodes, _ = attempt(self.ev, read)
        return RuleGraph(
            (*dots, *results, *self.inside),
            tuple(nodes),
            tuple(ends),
            self._uncovered(frozenset(covered), rule),
            tuple(absent),
        )

    def _call_rule(self, rule: Rule, args: list[Abstract], kwargs: Keywords) -> Abstract:
        if isinstance(rule, FunctionType):
            return call_user_function(self.ev, rule, args, kwargs, self.node)
        return self.ev.call(Static(rule), args, kwargs, self.node)

    def _value(self, name: str) -> Abstract:
        """The argument of a parameter as a rule sees it: the one given, or the default."""
        parameter = self.signature().parameters[name]
        if name in self.given.arguments:
            given = self.given.arguments[name]
            if parameter.kind is parameter.VAR_POSITIONAL:
                return TupleOf(tuple(given))
            return DictOf(given) if parameter.kind is parameter.VAR_KEYWORD else given
        if parameter.kind is parameter.VAR_POSITIONAL:
            return TupleOf(())
        if parameter.kind is parameter.VAR_KEYWORD:
            return DictOf({})
        if not isinstance(parameter.default, (*_PLAIN_VALUES, tuple)):
            self.ev.refuse(
                self.node,
                f"the default of `{name}` of `{self.name}` is {describe(Static(parameter.default))}"
                ", which its rules cannot be given yet",
                f"Pass `{name}` in the call.",
            )
        return Static(parameter.default)

    def _uncovered(self, covered: frozenset[int], rule: Rule) -> dict[int, SrcgradError]:
        """Why there is no derivative for the operands that the rule does not speak of."""
        name = getattr(rule, "__name__", str(rule))
        error = MissingRuleError(
            f"cannot differentiate `{self.ev.frame.source.text(self.node)}`: `{name}` gives "
            f"nothing for one of the arguments of `{self.name}`",
            location=self.ev.location(self.node),
            construct=self.ev.frame.source.text(self.node),
            remedy="Wrap the argument in `stop_gradient(...)`, or let the rule return an item for "
            "it: `None`\nwhere the derivative is zero.",
        )
        return {place: error for place in range(len(self.operands)) if place not in covered}

    def _sort(
        self,
        given: Abstract,
        arguments: Sequence[tuple[str, Abstract]],
        found: dict[int, Value | None],
    ) -> None:
        """Put what a backward rule returned to the operands it is for."""
        given = storage.current(self.ev, given)
        items = given.items if isinstance(given, (TupleOf, ListOf)) else (given,)
        alone = arguments[0][1] if len(arguments) == 1 else None
        if isinstance(alone, (TupleOf, ListOf)) and len(items) != 1:
            items = (given,)
        if len(items) > len(arguments):
            self._reject_rule(f"returns {len(items)} items for {len(arguments)} arguments")
        for (label, argument), item in zip(arguments, items):
            self._sort_one(label, argument, storage.current(self.ev, item), found)

    def _sort_one(
        self, label: str, argument: Abstract, item: Abstract, found: dict[int, Value | None]
    ) -> None:
        if isinstance(item, Static) and item.value is NotImplemented:
            return
        if isinstance(argument, Number):
            place = self.places[id(argument)]
            found[place] = None if item == NONE else self._contribution(label, argument, item)
        elif item == NONE:
            found.update((self.places[id(number)], None) for number in _numbers(argument))
        elif isinstance(argument, (TupleOf, ListOf)):
            if not isinstance(item, (TupleOf, ListOf)) or len(item.items) != len(argument.items):
                self._reject_rule(f"gives {describe(item)} for `{label}`, {describe(argument)}")
            for inner, given in zip(argument.items, item.items):
                self._sort_one(label, inner, storage.current(self.ev, given), found)
        elif isinstance(argument, DictOf):
            if not isinstance(item, DictOf) or item.items.keys() != argument.items.keys():
                self._reject_rule(f"gives {describe(item)} for `{label}`, a dict")
            for key, inner in argument.items.items():
                given = storage.current(self.ev, item.items[key])
                self._sort_one(label, inner, given, found)

    def _contribution(self, label: str, argument: Number, item: Abstract) -> Value:
        """A contribution in the shape of its argument, which it must fit as in broadcasting."""
        contribution = self._number(item, label)
        operand = self.ev.symbol(argument.value)
        have, want = shape_of(contribution.type), shape_of(operand.type)
        sizes = self.ev.builder.assumptions
        if have is not None and want is not None:
            pairs = list(zip(have[::-1], want[::-1]))
            if any(sizes.differ(a, b) and 1 not in (a, b) for a, b in pairs):
                raise ShapeError(
                    f"the rule of `{self.name}` gives shape {shape_text(have, sizes)} for "
                    f"`{label}`, which has shape {shape_text(want, sizes)}",
                    remedy="A backward rule gives each argument a contribution of its own shape.",
                )
        if have is None or want is None or len(have) >= len(want):
            contribution = sum_to(contribution, operand)
        if not has_shape_of(contribution, operand):
            contribution = call("broadcast_like", contribution, operand)
        return fit(contribution, operand)

    def _tangents(
        self, given: Abstract, result: Abstract, results: list[Value]
    ) -> list[Value | None]:
        """What a forward rule returned, one tangent for each result."""
        given = storage.current(self.ev, given)
        many = isinstance(result, (TupleOf, ListOf))
        items = given.items if many and isinstance(given, (TupleOf, ListOf)) else (given,)
        if many and given == NONE:
            return [None] * len(results)
        numbers = [
            item
            for item, known in zip(items, result.items if many else (result,))  # type: ignore
            if isinstance(known, Number)
        ]
        if len(items) != (len(result.items) if many else 1):  # type: ignore[union-attr]
            self._reject_rule(f"returns {len(items)} tangents for {len(results)} results")
        ends: list[Value | None] = []
        for item, value in zip(numbers, results):
            if item == NONE or not carries_derivative(value.type):
                ends.append(None)
                continue
            tangent, target = self._number(item, "the result"), self.ev.symbol(value)
            if not has_shape_of(tangent, target):
                tangent = call("broadcast_like", tangent, target)
            ends.append(fit(tangent, target))
        return ends

    def _number(self, item: Abstract, label: str) -> Symbol:
        item = storage.current(self.ev, item)
        if isinstance(item, Number):
            return self.ev.symbol(item.value)
        if isinstance(item, Static) and isinstance(item.value, PYTHON_NUMBERS):
            return self.ev.symbol(as_literal(item))
        self._reject_rule(f"gives {describe(item)} for `{label}`")

    def _reject_rule(self, message: str) -> NoReturn:
        self.ev.reject(
            self.node,
            f"a rule of `{self.name}` {message}",
            "A backward rule returns a tuple with one item for each argument, a forward rule one "
            "tangent\nfor each result; `None` where there is none.",
        )

    # The rules, for both modes

    def _backward(
        self, vjp: _Rule, jvp: _Rule, results: list[Value], extra: list[Value]
    ) -> Callable[[], RuleGraph]:
        if vjp is None and isinstance(jvp, RuleGraph):
            return functools.cache(lambda: self._transposed(jvp, self.inside, results, extra))
        return self._ready(vjp or jvp, extra)

    def _forward(
        self, vjp: _Rule, jvp: _Rule, results: list[Value], extra: list[Value]
    ) -> Callable[[], RuleGraph]:
        if jvp is None and isinstance(vjp, RuleGraph):
            return functools.cache(lambda: self._transposed(vjp, results, self.inside, extra))
        return self._ready(jvp or vjp, extra)

    def _ready(self, rule: _Rule, extra: list[Value]) -> Callable[[], RuleGraph]:
        if isinstance(rule, RuleGraph):
            complete = replace(rule, inputs=(*rule.inputs, *extra))
            return lambda: complete
        error = rule or self._missing()

        def refuse() -> RuleGraph:
            raise error

        return refuse

    def _missing(self) -> MissingRuleError:
        text = self.ev.frame.source.text(self.node)
        written = text.partition("(")[0]
        return MissingRuleError(
            f"cannot differentiate `{text}`: `{written}` has no derivative rule",
            location=self.ev.location(self.node),
            construct=text,
            remedy=f"{GIVE_IT_A_RULE}\n{rule_to_write(self.own.function, written)}",
        )

    def _transposed(
        self, rule: RuleGraph, sources: list[Value], targets: list[Value], extra: list[Value]
    ) -> RuleGraph:
        """The rule of the other mode: `rule` takes derivatives of `sources` to `targets`.

        It is linear in them, so that its own adjoint, wherever taken, is its transpose.
        """
        given = rule.inputs[: len(sources)]
        rest = (*rule.inputs[len(sources) :], *extra)
        kept = [place for place, value in enumerate(rule.results) if value is not None]
        graph = Graph(
            self.name,
            (*given, *rest),
            rule.nodes,
            tuple(value for value in rule.results if value is not None),
            self.ev.builder.assumptions,
        )
        seeds = [_derivative_of(value) for value in targets]
        wrt = [place for place, value in enumerate(given) if carries_derivative(value.type)]
        joint = reverse(graph, wrt, range(len(kept)), [seeds[place] for place in kept])
        adjoints = dict(zip(wrt, joint.results[len(kept) :]))
        ends = tuple(adjoints.values())
        nodes = remove_dead_code(joint.replace(results=ends)).nodes
        return RuleGraph(
            (*seeds, *rest),
            nodes,
            tuple(adjoints.get(place) for place in range(len(given))),
            rule.uncovered,
            (*given, *rule.absent),
        )


def _is_dtype(known: object) -> bool:
    """Is this the class of NumPy's numbers of one dtype, `np.float32`?"""
    return isinstance(known, type) and issubclass(known, np.generic)


def _derivative_of(value: Value) -> Value:
    return Value(derivative_type(value.type), None, value)


def _instead(result: Abstract, values: Sequence[Value]) -> Abstract:
    """The result with other values for its numbers, in order."""
    rest = iter(values)
    return _mapped(result, lambda item: Number(next(rest)) if isinstance(item, Number) else item)


def _free(graph: RuleGraph) -> list[Value]:
    """The values that a rule reads and does not define."""
    own = {*graph.inputs, *graph.absent}
    found: dict[Value, None] = {}
    for node in graph.nodes:
        for value in free_values(node):
            if value not in own:
                found.setdefault(value)
        own.update(node.results)
    for result in graph.results:
        if result is not None and result not in own and not isinstance(result, Literal):
            found.setdefault(result)
    return list(found)


def _read_beside(*rules: _Rule) -> list[Value]:
    """The values that rules read and that are none of theirs."""
    graphs = [rule for rule in rules if isinstance(rule, RuleGraph)]
    return list(dict.fromkeys(value for graph in graphs for value in _free(graph)))
