"""From a function and the arguments of a first call to its graph."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from types import FunctionType

from srcgrad.errors import InternalError, SrcgradError, UnsupportedError
from srcgrad.frontend.abstract import (
    Abstract,
    DictOf,
    ListOf,
    Number,
    ObjectOf,
    Static,
    TupleOf,
    as_literal,
    describe,
    is_python_number,
)
from srcgrad.frontend.captures import Captures
from srcgrad.frontend.decisions import Decisions, NeedsDecision
from srcgrad.frontend.evaluate import Evaluator
from srcgrad.frontend.inputs import Guards, InputReader, UnknownArgument
from srcgrad.frontend.source import place_of
from srcgrad.graph import (
    Assumptions,
    Builder,
    Entries,
    Fields,
    Graph,
    Items,
    Leaf,
    Parameter,
    Passive,
    Tree,
    Value,
    give_name,
)

RESTART_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Program:
    """The primal graph of a function for one kind of arguments.

    `graph` has no results yet: `result` says what the function returns in terms of its values.
    """

    graph: Graph
    parameters: tuple[Parameter, ...]
    result: Abstract
    guards: Guards
    fetches: Mapping[str, str]
    origins: Mapping[Value, str]


def build_program(
    function: FunctionType, signature: inspect.Signature, arguments: Mapping[str, object]
) -> Program:
    """Evaluate the function abstractly on these arguments (all parameters, defaults applied)."""
    decisions = Decisions()
    for _ in range(RESTART_LIMIT):
        try:
            return _evaluate(function, signature, arguments, decisions)
        except NeedsDecision as needs:
            if not decisions.add(needs.wanted):
                break
    raise InternalError(f"the evaluation of `{function.__qualname__}` asks for decisions forever")


def _evaluate(
    function: FunctionType,
    signature: inspect.Signature,
    arguments: Mapping[str, object],
    decisions: Decisions,
) -> Program:
    assumptions = Assumptions()
    guards = Guards()
    reader = InputReader(
        assumptions, guards, frozenset(decisions.static_inputs), frozenset(decisions.storage)
    )
    captures = Captures(reader, guards, taken_names=set(signature.parameters))
    parameters: list[Parameter] = []
    given: dict[str, Abstract] = {}
    for name, parameter in signature.parameters.items():
        try:
            abstract, tree = reader.read(arguments[name], name, name)
        except SrcgradError as error:
            error.located(place_of(function, name))
            raise
        given[name] = abstract
        if parameter.kind is parameter.VAR_KEYWORD and isinstance(abstract, DictOf):
            # Python makes this dict for each call: nobody else sees it.
            reader.outside.discard(abstract.serial)
        if isinstance(abstract, Static):
            captures.remember(abstract.value, name)
        parameters.append(Parameter(name, tree, parameter.kind, parameter.default))
    builder = Builder(assumptions)
    evaluator = Evaluator(builder, captures, decisions)
    result = evaluator.settled(evaluator.call_with(function, given))
    for value in reader.values:
        give_name(value, _name_from(reader.origins.get(value, "captured")))
    graph = Graph(function.__name__, tuple(reader.values), tuple(builder.nodes), (), assumptions)
    parameters += captures.parameters
    return Program(
        graph, tuple(parameters), result, guards, dict(captures.fetches), dict(reader.origins)
    )


def unknown_arguments(signature: inspect.Signature) -> dict[str, object]:
    """Arguments of unknown rank for every parameter without a default."""
    empty: dict[object, object] = {
        inspect.Parameter.VAR_POSITIONAL: (),
        inspect.Parameter.VAR_KEYWORD: {},
    }
    return {
        name: empty.get(parameter.kind, UnknownArgument(name))
        if parameter.default is parameter.empty
        else parameter.default
        for name, parameter in signature.parameters.items()
    }


def _name_from(expression: str) -> str:
    """`params_0_1` for `params[0][1]`."""
    kept = "".join(c if c.isalnum() else " " for c in expression)
    name = "_".join(kept.split())
    return name if name.isidentifier() else f"value_{name}"


def result_tree(result: Abstract) -> Tree:
    """The structure of what a function returns, with the graph's values as leaves."""
    if isinstance(result, Number):
        return Leaf(result.value)
    if is_python_number(result):
        assert isinstance(result, Static)
        return Leaf(as_literal(result))
    if isinstance(result, Static):
        return Passive(result.value)
    if isinstance(result, TupleOf) and result.kind is tuple:
        return Items(tuple, tuple(map(result_tree, result.items)))
    if isinstance(result, ListOf):
        return Items(list, tuple(map(result_tree, result.items)))
    if isinstance(result, DictOf):
        return Entries(tuple(result.items), tuple(map(result_tree, result.items.values())))
    if isinstance(result, TupleOf):
        names = result.kind._fields  # type: ignore[attr-defined]
        return Fields(result.kind, names, tuple(map(result_tree, result.items)))
    if isinstance(result, ObjectOf):
        names = tuple(map(str, result.entries))
        items = tuple(result_tree(item) for item in result.entries.values())
        return Fields(result.kind, names, items)
    raise UnsupportedError(
        f"the function returns {describe(result)}, which is not supported yet",
        remedy="Return a number, or pass has_aux=True if it returns (value, aux).",
    )
