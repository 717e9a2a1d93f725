"""From a function and the arguments of a first call to its graph."""

from __future__ import annotations

import ast
import inspect
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import FunctionType

from srcgrad.errors import InternalError, SrcgradError, UnsupportedError
from srcgrad.frontend import effects
from srcgrad.frontend.abstract import (
    Abstract,
    DictOf,
    GivenObject,
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
    settled,
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
    classes: Mapping[object, str]


def build_program(
    function: FunctionType,
    signature: inspect.Signature,
    arguments: Mapping[str, object],
    wrt: Collection[str] = (),
) -> Program:
    """Evaluate the function abstractly on these arguments (all parameters, defaults applied).

    Of the instances in the parameters `wrt` all attributes are read, also those that the function
    does not.
    """
    decisions = Decisions()
    for _ in range(RESTART_LIMIT):
        try:
            return _evaluate(function, signature, arguments, wrt, decisions)
        except NeedsDecision as needs:
            if not decisions.add(needs.wanted):
                break
    raise InternalError(f"the evaluation of `{function.__qualname__}` asks for decisions forever")


def _evaluate(
    function: FunctionType,
    signature: inspect.Signature,
    arguments: Mapping[str, object],
    wrt: Collection[str],
    decisions: Decisions,
) -> Program:
    assumptions = Assumptions()
    guards = Guards()
    reader = InputReader(
        assumptions,
        guards,
        frozenset(decisions.static_inputs),
        frozenset(decisions.storage),
        frozenset(decisions.appended - decisions.contents),
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
            reader.places.pop(abstract.serial)
        if isinstance(abstract, Static):
            captures.remember(abstract.value, name)
        parameters.append(Parameter(name, tree, parameter.kind, parameter.default))
    builder = Builder(assumptions)
    evaluator = Evaluator(builder, captures, decisions)
    result = evaluator.settled(evaluator.call_with(function, given))
    for given_parameter in parameters:
        if given_parameter.name in wrt:
            reader.read_whole(given_parameter.tree)
    reader.require_single_names()
    reader.require_distinct_instances()
    found = dict.fromkeys(_instances_in(result))
    classes: dict[object, str] = {
        held.serial: captures.path_of(place)
        for held in found
        if isinstance(held, GivenObject) and (place := effects.place_of(evaluator, held))
    }
    made = [
        held if isinstance(held, type) else held.kind
        for held in found
        if isinstance(held, type) or held.serial not in classes
    ]
    classes |= {kind: captures.passive(kind.__name__, kind) for kind in dict.fromkeys(made)}
    captures.add_instances()
    _name_inputs(reader)
    graph = Graph(function.__name__, tuple(reader.values), tuple(builder.nodes), (), assumptions)
    parameters += captures.parameters
    finished = tuple(replace(p, tree=settled(p.tree)) for p in parameters)
    return Program(
        graph, finished, result, guards, dict(captures.fetches), dict(reader.origins), classes
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


def _name_inputs(reader: InputReader) -> None:
    """Call attributes after themselves (`w` for `model.w`), or what tells them apart."""
    endings: dict[Value, list[str]] = {}
    for value in reader.values:
        path = reader.origins.get(value, "captured")
        tails = [path[at + 1 :] for at, sign in enumerate(path) if sign == "."]
        endings[value] = [*map(_name_from, tails[::-1]), _name_from(path)]
    used = Counter(name for names in endings.values() for name in set(names))
    for value, names in endings.items():
        give_name(value, next((name for name in names if used[name] == 1), names[-1]))


def _name_from(expression: str) -> str:
    """`params_0_1` for `params[0][1]`."""
    kept = "".join(c if c.isalnum() else " " for c in expression)
    name = "_".join(kept.split())
    return name if name.isidentifier() else f"value_{name}"


def _instances_in(result: Abstract) -> Iterator[ObjectOf | type]:
    """The instances in what a function returns, and the classes of named tuples in it."""
    items: Iterable[Abstract] = ()
    if isinstance(result, ObjectOf):
        yield result
        if not isinstance(result, GivenObject):
            items = map(result.own, result.names())
    elif isinstance(result, TupleOf):
        if result.kind is not tuple:
            yield result.kind
        items = result.items
    elif isinstance(result, ListOf) and isinstance(result.content, TupleOf):
        items = result.items
    elif isinstance(result, DictOf):
        items = result.items.values()
    for item in items:
        yield from _instances_in(item)


def result_tree(result: Abstract, classes: Mapping[object, str] | None = None) -> Tree:
    """The structure of what a function returns, with the graph's values as leaves.

    `classes` has the expressions by which emitted code reaches the classes of instances, and by
    their serial numbers instances of the caller's, which are returned as they are.
    """
    if isinstance(result, GivenObject) and classes and result.serial in classes:
        return Passive(ast.parse(classes[result.serial], mode="eval").body)
    if isinstance(result, Number):
        return Leaf(result.value)
    if is_python_number(result):
        assert isinstance(result, Static)
        return Leaf(as_literal(result))
    if isinstance(result, Static):
        return Passive(result.value)

    def tree_of(part: Abstract) -> Tree:
        return result_tree(part, classes)

    if isinstance(result, TupleOf) and result.kind is tuple:
        return Items(tuple, tuple(map(tree_of, result.items)))
    if isinstance(result, (ListOf, DictOf)) and result.kind not in (list, dict):
        raise UnsupportedError(
            f"the function returns an instance of {result.kind.__name__}, which is not supported",
            remedy="Return a list or a dict: `list(...)`, `dict(...)`.",
        )
    if isinstance(result, ListOf):
        return Items(list, tuple(map(tree_of, result.items)))
    if isinstance(result, DictOf):
        return Entries(tuple(result.items), tuple(map(tree_of, result.items.values())))
    if isinstance(result, (TupleOf, ObjectOf)):
        is_instance = isinstance(result, ObjectOf)
        names = result.names() if is_instance else result.kind._fields  # type: ignore
        items = map(result.own, names) if is_instance else result.items  # type: ignore
        made_by = (classes or {}).get(result.kind, "")
        return Fields(result.kind, tuple(names), tuple(map(tree_of, items)), made_by=made_by)
    raise UnsupportedError(
        f"the function returns {describe(result)}, which is not supported yet",
        remedy="Return a number, or pass has_aux=True if it returns (value, aux).",
    )
