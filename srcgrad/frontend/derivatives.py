"""Derivatives inside a differentiated function: `grad(g)(x)`, `jvp(g, (x,), (v,))`, pullbacks.

The function is evaluated in place on arguments of its own: each number that is differentiated with
respect to becomes a new value (`argument x`).  What that gives is a graph, whose other values are
those around it, and a mode makes of it another graph, which takes its place.  The derivative of the
outer function follows from that as from any other code, in any mode; and as inner and outer
arguments are different values, their derivatives are never confused.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from srcgrad.frontend import containers
from srcgrad.frontend.abstract import (
    NONE,
    Abstract,
    BoundMethod,
    Closure,
    Derived,
    DictOf,
    Keywords,
    LinearMapOf,
    ListOf,
    Number,
    ObjectOf,
    Partial,
    Static,
    TupleOf,
    as_literal,
    describe,
    is_python_number,
)
from srcgrad.frontend.results import abstract_of, result_tree
from srcgrad.frontend.source import place_of
from srcgrad.graph import (
    ArrayType,
    Graph,
    Leaf,
    Node,
    Passive,
    Tree,
    Value,
    carries_derivative,
    leaves,
    map_leaves,
    substitute,
)
from srcgrad.modes import (
    IN_TWO_PARTS,
    Primal,
    TwoParts,
    copied,
    derive,
    derive_two_parts,
    differentiable_parts,
    match_direction,
    renewed,
    trained,
)
from srcgrad.request import Derivative, Mode, Request, is_single, rest_parameter
from srcgrad.rules import Symbol
from srcgrad.transforms import clean, fit, without_hooks, zero_like

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator

_KINDS = inspect.Parameter


# `grad(g)`: a mode of srcgrad's is called


def call_mode(
    ev: Evaluator, mode: Any, args: list[Abstract], kwargs: Keywords, node: ast.AST
) -> Abstract:
    """The result of `grad(g, wrt=...)`, `vjp(g, x)` ...: a function, or what it gives at once."""
    names = [
        name
        for name, parameter in inspect.signature(mode).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY
    ]
    options = {name: kwargs[name] for name in names if name in kwargs}
    rest = {name: item for name, item in kwargs.items() if name not in options}
    plain = {name: _plain(ev, item, node) for name, item in options.items()}
    made = mode(**plain)
    if not args:
        return Static(made)
    function, *given = args
    result = Derived(function, made.request)
    if not given and not rest:
        return result
    return call_derived(ev, result, given, rest, node)


def _plain(ev: Evaluator, option: Abstract, node: ast.AST) -> Any:
    if isinstance(option, Static):
        return option.value
    if isinstance(option, (TupleOf, ListOf)):
        return tuple(_plain(ev, item, node) for item in option.items)
    ev.refuse(node, "the options of a derivative must be known before the call", "Write them out.")


def call_on_function(mode: Mode, args: list[Abstract]) -> Abstract:
    """`grad(wrt=1)(g)`."""
    (function,) = args
    return Derived(function, mode.request)


# `grad(g)(x)`: a derivative is called


def call_derived(
    ev: Evaluator, derived: Derived, args: list[Abstract], kwargs: Keywords, node: ast.AST | None
) -> Abstract:
    function, request = derived.function, derived.request
    parameters = _parameters(ev, function, node)
    directions: Sequence[Abstract] = ()
    if request.mode == "jvp":
        args, directions = _primals_and_tangents(ev, request, parameters, args, kwargs, node)
        kwargs = {}
    elif request.mode == "hvp":
        vector = kwargs.pop("v", None) or args.pop()
        directions = (vector,)
    call = _Call(ev, function, request, parameters, node)
    primal, nodes, changed = call.evaluated(args, kwargs)
    if request.mode in IN_TWO_PARTS:
        return _value_and_map(ev, primal, request, nodes, node)
    trees = [result_tree(ev.settled(direction)) for direction in directions]
    made = derive(primal, request, trees, for_caller=False)
    made_nodes, results = made.graph.nodes, made.graph.results
    if not changed:
        # What the function has stored elsewhere may be read later: then nothing may go.
        made_nodes, results = clean(made_nodes, results, ev.builder.assumptions)
    for made_node in made_nodes:
        ev.builder.add(made_node)
    return abstract_of(renewed(made.result, made.graph.results, results))


def _parameters(
    ev: Evaluator, function: Abstract, node: ast.AST | None
) -> dict[str, inspect._ParameterKind]:
    """The parameters of an abstract function, and their kinds."""
    if isinstance(function, Closure):
        spec = function.node.args
        found: dict[str, Any] = {a.arg: _KINDS.POSITIONAL_ONLY for a in spec.posonlyargs}
        found |= {a.arg: _KINDS.POSITIONAL_OR_KEYWORD for a in spec.args}
        if spec.vararg is not None:
            found[spec.vararg.arg] = _KINDS.VAR_POSITIONAL
        found |= {a.arg: _KINDS.KEYWORD_ONLY for a in spec.kwonlyargs}
        if spec.kwarg is not None:
            found[spec.kwarg.arg] = _KINDS.VAR_KEYWORD
        return found
    if isinstance(function, Partial):
        inner = _parameters(ev, function.function, node)
        names = [*inner][len(function.args) :]
        named = dict(function.kwargs)
        return {name: inner[name] for name in names if name not in named}
    if isinstance(function, Derived):
        inner = _parameters(ev, function.function, node)
        if function.request.mode == "jvp":
            return dict.fromkeys(("primals", "tangents"), _KINDS.POSITIONAL_OR_KEYWORD)
        if function.request.mode == "hvp":
            return {**inner, "v": _KINDS.POSITIONAL_OR_KEYWORD}
        return inner
    known: Any = None
    skipped = 0
    if isinstance(function, Static):
        known = function.value
    elif isinstance(function, BoundMethod) and isinstance(function.owner, ObjectOf):
        known, skipped = getattr(function.owner.kind, function.name), 1
    elif isinstance(function, ObjectOf):
        known, skipped = getattr(function.kind, "__call__", None), 1  # noqa: B004
    try:
        every = list(inspect.signature(known).parameters.values())[skipped:]
    except (TypeError, ValueError):
        ev.refuse(
            node,  # type: ignore[arg-type]
            f"the derivative of {describe(function)} is not supported here",
            "Write a function around it: `lambda x: ...`.",
        )
    return {parameter.name: parameter.kind for parameter in every}


def _primals_and_tangents(
    ev: Evaluator,
    request: Request,
    parameters: Mapping[str, inspect._ParameterKind],
    args: list[Abstract],
    kwargs: Keywords,
    node: ast.AST | None,
) -> tuple[list[Abstract], list[Abstract]]:
    given = dict(zip(("primals", "tangents"), args)) | kwargs
    primals, tangents = given["primals"], given["tangents"]
    items = list(containers.known_items(ev, primals, node))  # type: ignore[arg-type]
    if is_single(request.wrt):
        return items, [tangents]
    dots = list(containers.known_items(ev, tangents, node))  # type: ignore[arg-type]
    wanted = len(request.parameters(list(parameters), "function"))
    expected = len(items) if request.wrt is None else wanted
    if len(dots) != expected:
        ev.reject(
            node,  # type: ignore[arg-type]
            f"`tangents` must be a tuple of {expected}, one for each argument, not {len(dots)}",
            "Pass None where a tangent is zero.",
        )
    if request.wrt is not None:
        return items, dots
    by_parameter: list[Abstract] = []
    for kind in parameters.values():
        if kind is _KINDS.VAR_POSITIONAL:
            by_parameter.append(TupleOf(tuple(dots)) if dots else NONE)
            dots = []
        else:
            by_parameter.append(dots.pop(0) if dots else NONE)
    return items, by_parameter


@dataclass(slots=True)
class _Call:
    """The evaluation of a function whose derivative is wanted, on arguments of its own."""

    ev: Evaluator
    function: Abstract
    request: Request
    parameters: Mapping[str, inspect._ParameterKind]
    node: ast.AST | None
    samples: dict[Value, Value] = field(default_factory=dict)

    def evaluated(
        self, args: Sequence[Abstract], kwargs: Mapping[str, Abstract]
    ) -> tuple[Primal, tuple[Node, ...], bool]:
        """The primal, its nodes, and whether it has changed anything outside."""
        ev = self.ev
        name = self._name()
        wanted = self.request.parameters(list(self.parameters), name)
        places = self._places(args, kwargs)
        inputs: list[Value] = []
        origins: dict[Value, str] = {}
        trees: dict[str, Tree] = {}
        new_args, new_kwargs = list(args), dict(kwargs)
        for parameter in self.request.holding_samples(list(self.parameters), name):
            for place in places.get(parameter, ()):
                if isinstance(place, int):
                    new_args[place] = self._one_sample(new_args[place])
                else:
                    new_kwargs[place] = self._one_sample(new_kwargs[place])
        for parameter in wanted:
            if parameter not in places:
                if self.request.wrt is None:
                    trees[parameter] = Passive()
                    continue
                self._refuse_default(parameter, name)
            found: list[Abstract] = []
            for place in places[parameter]:
                given = new_args[place] if isinstance(place, int) else new_kwargs[place]
                fresh = self._fresh(given, parameter, inputs, origins)
                found.append(fresh)
                if isinstance(place, int):
                    new_args[place] = fresh
                else:
                    new_kwargs[place] = fresh
            kind = self.parameters[parameter]
            several = kind in (_KINDS.VAR_POSITIONAL, _KINDS.VAR_KEYWORD)
            held = TupleOf(tuple(found)) if several else found[0]
            trees[parameter] = trained(_numbers(result_tree(ev.settled(held)), inputs))
        if self.request.wrt is None and self.request.mode != "jvp":
            trees = differentiable_parts(trees)
        ev.trail.begin()
        with ev.builder.nested() as nodes:
            try:
                returned = ev.call(self.function, new_args, new_kwargs, self.node)  # type: ignore[arg-type]
                returned = self._outputs(returned, places, new_args, new_kwargs)
                result = result_tree(ev.settled(returned))
            finally:
                changed = ev.trail.keep()
        graph = Graph(name, tuple(inputs), tuple(nodes), (), ev.builder.assumptions)
        primal = Primal(
            name,
            graph,
            result,
            trees,
            is_single(self.request.wrt),
            origins,
            self.request.wrt is None,
            _is_derivative(self.function),
            rest_parameter(self.request, self.parameters),
            lambda _: self._location(),
            self.samples,
        )
        return primal, tuple(nodes), changed

    def _location(self) -> Any:
        if self.node is not None:
            return self.ev.location(self.node)
        return place_of(self.function.value) if isinstance(self.function, Static) else None

    def _name(self) -> str:
        if isinstance(self.function, Closure):
            return self.function.name
        held = self.function.value if isinstance(self.function, Static) else None
        return getattr(held, "__name__", "function")

    def _places(
        self, args: Sequence[Abstract], kwargs: Mapping[str, Abstract]
    ) -> dict[str, list[int | str]]:
        """Where the arguments for each parameter stand in the call."""
        found: dict[str, list[int | str]] = {}
        kinds = self.parameters
        positional = [
            name
            for name, kind in kinds.items()
            if kind in (_KINDS.POSITIONAL_ONLY, _KINDS.POSITIONAL_OR_KEYWORD)
        ]
        rest = next((n for n, kind in kinds.items() if kind is _KINDS.VAR_POSITIONAL), None)
        named = next((n for n, kind in kinds.items() if kind is _KINDS.VAR_KEYWORD), None)
        for place in range(len(args)):
            name = positional[place] if place < len(positional) else rest
            if name is not None:
                found.setdefault(name, []).append(place)
        for key in kwargs:
            name = key if key in kinds else named
            if name is not None:
                found.setdefault(name, []).append(key)
        return found

    def _refuse_default(self, parameter: str, name: str) -> None:
        self.ev.refuse(
            self.node,  # type: ignore[arg-type]
            f"`{name}` is differentiated with respect to `{parameter}`, which is not given here",
            f"Pass `{parameter}` in the call.",
        )

    def _outputs(
        self,
        returned: Abstract,
        places: Mapping[str, Sequence[int | str]],
        args: Sequence[Abstract],
        kwargs: Mapping[str, Abstract],
    ) -> Abstract:
        outputs = self.request.outputs
        if outputs is None:
            return returned
        names = (outputs,) if isinstance(outputs, str) else tuple(outputs)
        held = []
        for name in names:
            (place,) = places[name]
            held.append(args[place] if isinstance(place, int) else kwargs[place])
        return held[0] if isinstance(outputs, str) else TupleOf(tuple(held))

    def _one_sample(self, given: Abstract) -> Abstract:
        """The argument with one sample in place of each array of samples."""
        given = self.ev.settled(given)
        if isinstance(given, Number) and isinstance(given.value.type, ArrayType):
            whole, shape = given.value, given.value.type.shape
            if shape == ():
                return given
            rest = None if shape is None else shape[1:]
            sample = Value(ArrayType(given.value.type.dtype, rest), whole.name)
            self.samples[sample] = whole
            return Number(sample)
        if isinstance(given, TupleOf):
            return TupleOf(tuple(map(self._one_sample, given.items)), given.kind)
        if isinstance(given, ListOf):
            return ListOf(tuple(map(self._one_sample, given.items)))
        if isinstance(given, DictOf):
            return DictOf({key: self._one_sample(item) for key, item in given.items.items()})
        return given

    def _fresh(
        self, given: Abstract, path: str, inputs: list[Value], origins: dict[Value, str]
    ) -> Abstract:
        """The argument with new values in place of its numbers."""
        ev = self.ev
        given = ev.settled(given)
        if isinstance(given, Number) and given.value in self.samples:
            inputs.append(given.value)
            return given
        if isinstance(given, Number) or is_python_number(given):
            value = given.value if isinstance(given, Number) else as_literal(given)  # type: ignore[arg-type]
            if not carries_derivative(value.type) and not isinstance(given, Number):
                return given
            (new,) = ev.builder.append("argument", (value,), (value.type,), names=(path,))
            inputs.append(new)
            origins[new] = path
            return Number(new)

        def inside(item: Abstract, step: object) -> Abstract:
            return self._fresh(item, f"{path}[{step!r}]", inputs, origins)

        if isinstance(given, TupleOf):
            return TupleOf(tuple(inside(v, k) for k, v in enumerate(given.items)), given.kind)
        made: Abstract
        if isinstance(given, ListOf):
            made = ListOf(tuple(inside(v, k) for k, v in enumerate(given.items)))
        elif isinstance(given, DictOf):
            made = DictOf({k: inside(v, k) for k, v in given.items.items()})
        elif isinstance(given, ObjectOf):
            made = ObjectOf(
                given.kind,
                {n: self._fresh(given.own(n), n, inputs, origins) for n in given.names()},
            )
        else:
            return given
        made.fixed = "an argument of a derivative inside the function may not be changed"
        return made


def _is_derivative(function: Abstract) -> bool:
    """Did a mode give this function?"""
    known = function.value if isinstance(function, Static) else None
    return isinstance(function, Derived) or isinstance(known, Derivative)


def _numbers(tree: Tree, inputs: Iterable[Value]) -> Tree:
    """The tree with passive parts for all numbers that are not inputs."""
    known = set(inputs)
    return map_leaves(tree, lambda leaf: leaf if leaf.value in known else Passive(), lambda p: p)


# `value, pullback = vjp(g, x)`


def _value_and_map(
    ev: Evaluator, primal: Primal, request: Request, nodes: Iterable[Node], node: ast.AST | None
) -> Abstract:
    # Here, so that what is wrong with the function is said where it is given.
    two = derive_two_parts(primal, request, for_caller=False)
    for own in without_hooks(tuple(nodes)):
        ev.builder.add(own)
    return TupleOf((abstract_of(two.value), LinearMapOf(primal, request)))


def call_linear_map(
    ev: Evaluator, linear: LinearMapOf, args: list[Abstract], node: ast.AST
) -> Abstract:
    """The result of a pullback, or of a linearised function."""
    two = derive_two_parts(linear.primal, linear.request, for_caller=False)
    given = TupleOf(tuple(args))
    word = "cotangent" if linear.request.mode == "vjp" else "tangent"
    single = linear.request.mode == "vjp" or linear.primal.single
    tree = result_tree(ev.settled(args[0] if single and len(args) == 1 else given))
    renamed = _seeded(ev, two, tree, word)
    known = {own.results for own in linear.primal.graph.nodes}
    computed = {value for results in known for value in results}
    for made in two.joint.nodes:
        if made.results in known:
            continue
        if any(value in computed for value in made.results):
            # It computes again what is there, and beside it what the adjoint reads.
            made = copied(made, renamed)
        ev.builder.add(substitute(made, renamed))

    def leaf(old: Leaf) -> Tree:
        return Leaf(renamed.get(old.value, old.value))

    return abstract_of(map_leaves(two.result, leaf, lambda p: p))


def _seeded(ev: Evaluator, two: TwoParts, given: Tree, word: str) -> dict[Value, Value]:
    """What stands for each seed: what is given for it, or zero."""
    matched = match_direction(given, two.seeds, word, ev.builder.assumptions, word)
    found: dict[Value, Value] = {}
    for leaf in leaves(two.seeds):
        seed = leaf.value
        assert seed.derivative_of is not None
        like = Symbol(ev.builder, seed.derivative_of)
        if seed in matched:
            found[seed] = fit(Symbol(ev.builder, matched[seed]), like)
        else:
            found[seed] = zero_like(ev.builder, seed.derivative_of)
    return found
