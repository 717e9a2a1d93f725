"""One specialisation: a function compiled for one kind of arguments."""

from __future__ import annotations

import contextlib
import functools
import inspect
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

from srcgrad.api.callees import functions_of
from srcgrad.api.export import export_module
from srcgrad.api.linear_maps import map_class
from srcgrad.backends import (
    Emitted,
    Part,
    emit_parts,
    hand_over,
    load_all,
    name_residuals,
    names_in_result,
    newest_shapes,
)
from srcgrad.cache import Selector, selector
from srcgrad.errors import SrcgradError
from srcgrad.frontend import Asked, Program, build_program, place_of, place_of_result
from srcgrad.graph import (
    Graph,
    Interface,
    Items,
    Leaf,
    Parameter,
    Passive,
    Tree,
    leaves,
)
from srcgrad.modes import (
    IN_TWO_PARTS,
    Primal,
    TwoParts,
    derive,
    derive_two_parts,
    differentiable_parts,
    read_from_outside,
    renewed,
    split,
    trained,
)
from srcgrad.pipeline import improve, optimise, with_real_stores
from srcgrad.request import (
    Derivative,
    Request,
    direction_parameters,
    is_single,
    output_parameters,
    rest_parameter,
    spoken_name,
)


@dataclass(frozen=True, slots=True)
class Specialization:
    """The compiled derivative for one kind of arguments.

    Calling it checks nothing: it is meant for the kind of arguments it was made for.  `parts` are
    the functions of its source: one, or two where the first gives a value and what the second, a
    pullback or a linear map, reads.
    """

    parts: tuple[Part, ...]
    emitted: Emitted
    run: Callable[..., Any]
    selector: Selector
    captured: Mapping[str, object]
    signature: inspect.Signature

    @property
    def source(self) -> str:
        """The emitted source."""
        return self.emitted.source

    @property
    def graph(self) -> Graph:
        """The graph of the (first) function."""
        return self.parts[0].graph

    @property
    def interface(self) -> Interface:
        return self.parts[0].interface

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        bound = self.signature.bind(*args, **kwargs)
        bound.apply_defaults()
        places = {**bound.arguments, **self.selector.constants}
        captured = {
            name: eval(place, dict(places)) for name, place in self.selector.fetches.items()
        }
        return self.run(*bound.args, **bound.kwargs, **captured)

    def export(self, path: str | Path) -> None:
        """Write a module that needs numpy alone and has this function in it."""
        export_module(Path(path), self.parts, self.emitted, self.captured)


def specialize(
    primal: Callable[..., Any],
    signature: inspect.Signature,
    request: Request,
    arguments: Mapping[str, object],
    earlier: Sequence[Specialization] = (),
) -> Specialization:
    """Compile what is asked for of `primal`, for arguments of this kind (defaults applied).

    A function that was another one in an `earlier` specialisation, of the same code, is known by
    its code, if that goes through: one specialisation so serves all functions of one factory.
    """
    seen = _functions_in(earlier)
    if seen:
        with contextlib.suppress(SrcgradError):
            return _specialize(primal, signature, request, arguments, seen)
    return _specialize(primal, signature, request, arguments, {})


def _functions_in(earlier: Sequence[Specialization]) -> dict[CodeType, list[FunctionType]]:
    """The functions that specialisations know by identity, by their code."""
    found: dict[CodeType, list[FunctionType]] = {}
    for specialization in earlier:
        for held in specialization.selector.constants.values():
            if isinstance(held, FunctionType):
                found.setdefault(held.__code__, []).append(held)
    return found


def _specialize(
    primal: Callable[..., Any],
    signature: inspect.Signature,
    request: Request,
    arguments: Mapping[str, object],
    seen_functions: Mapping[CodeType, Collection[FunctionType]],
) -> Specialization:
    name = getattr(primal, "__name__", "function")
    outputs = output_parameters(request.outputs, signature, name)
    directions = direction_parameters(request, signature, name)
    single_output = isinstance(request.outputs, str)
    wrt = request.parameters(signature.parameters, name)
    asked = Asked(
        signature,
        wrt,
        directions,
        outputs,
        single_output,
        seen_functions,
        request.holding_samples(signature.parameters, name),
        request.batched is not None,
    )
    program = build_program(primal, asked, arguments)
    source = primal_of(program, primal, signature, request)
    return specialize_primal(source, program, primal, signature, request, arguments, directions)


def specialize_primal(
    source: Primal,
    program: Program,
    primal: Callable[..., Any],
    signature: inspect.Signature,
    request: Request,
    arguments: Mapping[str, object],
    directions: Sequence[inspect.Parameter] = (),
) -> Specialization:
    """Compile what is asked for of a primal graph."""
    name = source.name
    stem = spoken_name(primal)
    documentation = inspect.getdoc(primal) or ""
    parts: tuple[Part, ...]
    if request.mode in IN_TWO_PARTS:
        two = derive_two_parts(source, request, for_caller=True)
        parts = _two_parts(
            two, program, stem, IN_TWO_PARTS[request.mode], documentation, source, request.without
        )
    else:
        parts = (_one_part(source, request, program, stem, documentation),)
    emitted = emit_parts(parts, request.without, functions_of(parts))
    run, *rest = load_all(emitted)
    if rest:
        run = _with_map(run, rest[0], request, parts, name)
    chosen = selector(program.guards, program.graph.assumptions, program.fetches)
    places_now = {**arguments, **chosen.constants}
    captured = {key: eval(place, dict(places_now)) for key, place in program.fetches.items()}
    everything = signature.replace(
        parameters=sorted([*signature.parameters.values(), *directions], key=lambda p: p.kind)
    )
    return Specialization(parts, emitted, run, chosen, captured, everything)


def primal_of(
    program: Program, primal: Callable[..., Any], signature: inspect.Signature, request: Request
) -> Primal:
    """What a mode starts from."""
    name = getattr(primal, "__name__", "function")
    wanted = request.parameters(signature.parameters, name)
    trees = {p.name: trained(p.tree) for p in program.parameters if p.name in wanted}
    ordered = {key: trees[key] for key in wanted}
    if request.wrt is None and request.mode != "jvp":
        ordered = differentiable_parts(ordered)

    def place(parameter: str | None) -> Any:
        return place_of_result(primal) if parameter is None else place_of(primal, parameter)

    return Primal(
        name,
        program.graph,
        program.result,
        ordered,
        is_single(request.wrt),
        program.origins,
        request.wrt is None,
        isinstance(primal, Derivative),
        rest_parameter(request, {n: p.kind for n, p in signature.parameters.items()}),
        place,
        program.samples,
    )


def _one_part(
    source: Primal, request: Request, program: Program, stem: str, documentation: str
) -> Part:
    derived = derive(source, request, program.directions, for_caller=True)
    name = f"{stem}_{request.suffix}"
    graph = optimise(derived.graph.replace(name=name), request.without)
    result = renewed(derived.result, derived.graph.results, graph.results)
    return Part(graph, Interface(program.parameters, result, documentation), name)


def _two_parts(
    two: TwoParts,
    program: Program,
    stem: str,
    word: str,
    documentation: str,
    source: Primal,
    without: frozenset[str],
) -> tuple[Part, Part]:
    """The function that computes the value, and the one that reads what that hands over."""
    joint = improve(two.joint, without)
    count = len(list(leaves(two.value)))
    values, ends = joint.results[:count], joint.results[count:]
    seeds = [leaf.value for leaf in leaves(two.seeds)]
    halves = split(joint, values, ends, seeds, early=False)
    results = tuple(map(halves.in_second, ends))
    residuals = read_from_outside(halves.second, results, seeds)
    first = joint.replace(
        name=f"{stem}_forward",
        inputs=tuple(value for value in joint.inputs if value not in seeds),
        nodes=halves.first,
        results=(*values, *residuals),
    )
    first = newest_shapes(first, count, halves.second)
    name_residuals(first, count)
    first = hand_over(with_real_stores(first, without), count, halves.second)
    second = joint.replace(
        name=f"{stem}_{word}",
        inputs=(*residuals, *seeds),
        nodes=halves.second,
        results=results,
    )
    second = with_real_stores(second, without)
    handed = Items(tuple, tuple(map(Leaf, first.results[count:])))
    before = two.joint.results
    value = renewed(two.value, before[:count], first.results[:count])
    result = renewed(two.result, before[count:], second.results)
    taken = Parameter("residuals", Items(tuple, tuple(map(Leaf, residuals))))
    given = _second_parameters(two.seeds, word, source)
    # Instances are built after those of the call.
    built_after = tuple(
        Parameter(name, Passive(), inspect.Parameter.KEYWORD_ONLY)
        for name in sorted(names_in_result(two.result))
    )
    return (
        Part(
            first,
            Interface(program.parameters, Items(tuple, (value, handed)), documentation),
            first.name,
        ),
        Part(
            second,
            Interface((taken, *given, *built_after), result),
            second.name,
        ),
    )


def _second_parameters(seeds: Tree, word: str, source: Primal) -> tuple[Parameter, ...]:
    if word == "pullback":
        return (Parameter("g", seeds),)
    trees = (seeds,) if source.single else seeds.items  # type: ignore[union-attr]
    return tuple(Parameter(f"{name}_dot", tree) for name, tree in zip(source.wrt, trees))


def _with_map(
    forward: Callable[..., Any],
    second: Callable[..., Any],
    request: Request,
    parts: Sequence[Part],
    name: str,
) -> Callable[..., Any]:
    """A function that gives the value and the linear map, which holds the residuals."""
    made = map_class(request, parts, name)
    built_after = [p.name for p in parts[1].interface.parameters if p.kind is p.kind.KEYWORD_ONLY]
    if not built_after:

        def run(*args: Any, **kwargs: Any) -> Any:
            value, residuals = forward(*args, **kwargs)
            return value, made(second, residuals, value, args, kwargs)

        return run
    ordered = sorted(parts[0].interface.parameters, key=lambda p: p.kind)
    signature = inspect.Signature([inspect.Parameter(p.name, p.kind) for p in ordered])

    def run_building(*args: Any, **kwargs: Any) -> Any:
        value, residuals = forward(*args, **kwargs)
        held = signature.bind(*args, **kwargs).arguments
        building = functools.partial(second, **{key: held[key] for key in built_after})
        return value, made(building, residuals, value, args, kwargs)

    return run_building
