"""From a function and the arguments of a first call to its graph."""

from __future__ import annotations

import inspect
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from types import CodeType, FunctionType
from typing import Any

from srcgrad.errors import InternalError, SrcgradError
from srcgrad.frontend import effects
from srcgrad.frontend.abstract import (
    Abstract,
    DictOf,
    GivenObject,
    ListOf,
    ObjectOf,
    Static,
    TupleOf,
)
from srcgrad.frontend.captures import Captures
from srcgrad.frontend.decisions import Decisions, NeedsDecision
from srcgrad.frontend.evaluate import Evaluator
from srcgrad.frontend.inputs import Guards, InputReader, UnknownArgument
from srcgrad.frontend.results import result_tree
from srcgrad.frontend.source import place_of, place_of_result
from srcgrad.graph import (
    Assumptions,
    Builder,
    Graph,
    Items,
    Parameter,
    Tree,
    Value,
    give_name,
    settled,
)

RESTART_LIMIT = 200

# Each call of the user's that is written out takes some fifteen frames of the evaluator.
EVALUATOR_FRAMES_AT_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Program:
    """The primal graph of a function for one kind of arguments.

    `graph` has no results yet: `result` says what the function returns in terms of its values.
    `directions` are the tangents or vectors that are given beside the arguments.  `samples` holds,
    for each value of which the function sees one sample, the input that holds all.
    """

    graph: Graph
    parameters: tuple[Parameter, ...]
    result: Tree
    guards: Guards
    fetches: Mapping[str, str]
    origins: Mapping[Value, str]
    directions: tuple[Tree, ...] = ()
    samples: Mapping[Value, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a function: its parameters, and the directions that are given beside them.

    With `outputs` the result is what these arguments hold when the function is done: a tuple, or
    the only one where `single_output` says so.  Of the instances in the parameters `wrt` all
    attributes are read, also those that the function does not.  Other functions of a code that is
    among `seen_functions` are known by their code, not by their identity.  Of the arrays in the
    parameters `batched` the function sees one sample; instances count as the same for all samples,
    but where `batched_instances` says otherwise.
    """

    signature: inspect.Signature
    wrt: tuple[str, ...] = ()
    directions: tuple[inspect.Parameter, ...] = ()
    outputs: tuple[str, ...] = ()
    single_output: bool = False
    seen_functions: Mapping[CodeType, Collection[FunctionType]] = field(default_factory=dict)
    batched: tuple[str, ...] = ()
    batched_instances: bool = False


def build_program(
    function: Callable[..., Any], asked: Asked, arguments: Mapping[str, object]
) -> Program:
    """Evaluate the function abstractly on these arguments (all parameters, defaults applied)."""
    decisions = Decisions()
    with _deep_stack():
        for _ in range(RESTART_LIMIT):
            try:
                return _evaluate(function, asked, arguments, decisions)
            except NeedsDecision as needs:
                if not decisions.add(needs.wanted):
                    break
    raise InternalError(f"the evaluation of `{function.__qualname__}` asks for decisions forever")


@contextmanager
def _deep_stack() -> Iterator[None]:
    """Inside the `with`, Python lets calls nest as deep as the evaluator's do."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, EVALUATOR_FRAMES_AT_MOST))
    try:
        yield
    finally:
        if sys.getrecursionlimit() == EVALUATOR_FRAMES_AT_MOST:
            sys.setrecursionlimit(before)


def _evaluate(
    function: Callable[..., Any],
    asked: Asked,
    arguments: Mapping[str, object],
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
        asked.seen_functions,
        batched=frozenset(asked.batched),
        batched_instances=asked.batched_instances,
    )
    names = {*asked.signature.parameters, *(parameter.name for parameter in asked.directions)}
    captures = Captures(reader, guards, taken_names=names)
    parameters: list[Parameter] = []
    given: dict[str, Abstract] = {}
    for name, parameter in asked.signature.parameters.items():
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
    directions = []
    for parameter in asked.directions:
        _, tree = reader.read(arguments[parameter.name], parameter.name, parameter.name)
        directions.append(tree)
        parameters.append(Parameter(parameter.name, tree, parameter.kind, parameter.default))
    builder = Builder(assumptions)
    evaluator = Evaluator(builder, captures, decisions)
    returned = evaluator.call_with(function, given)
    result = evaluator.settled(_asked_result(asked, returned, given))
    trees = {parameter.name: parameter.tree for parameter in parameters}
    for name in asked.wrt:
        reader.read_whole(trees[name])
    for direction, like in zip(directions, _directed(asked, trees)):
        reader.read_like(direction, like)
        reader.read_whole(direction)
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
    for sample, inputs in reader.samples.items():
        give_name(sample, inputs.name or "sample")
    try:
        tree = result_tree(result, classes)
    except SrcgradError as error:
        error.located(place_of_result(function))
        raise
    graph = Graph(function.__name__, tuple(reader.values), tuple(builder.nodes), (), assumptions)
    parameters += captures.parameters
    finished = tuple(replace(p, tree=settled(p.tree)) for p in parameters)
    return Program(
        graph,
        finished,
        tree,
        guards,
        dict(captures.fetches),
        dict(reader.origins),
        tuple(map(settled, directions)),
        dict(reader.samples),
    )


def _directed(asked: Asked, trees: Mapping[str, Tree]) -> list[Tree]:
    """What each direction belongs to: a parameter, or all of `wrt` where there is one for all."""
    wanted = [trees[name] for name in asked.wrt]
    together = len(asked.directions) == 1 and len(wanted) > 1
    return [Items(tuple, tuple(wanted))] if together else wanted


def _asked_result(asked: Asked, returned: Abstract, given: Mapping[str, Abstract]) -> Abstract:
    if not asked.outputs:
        return returned
    held = tuple(given[name] for name in asked.outputs)
    return held[0] if asked.single_output else TupleOf(held)


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
