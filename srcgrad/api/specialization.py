"""One specialisation: a function compiled for one kind of arguments."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import FunctionType
from typing import Any

import numpy as np

from srcgrad.api.callees import functions_of
from srcgrad.api.export import export_module
from srcgrad.api.request import Request
from srcgrad.api.wrt import is_single, parameters_of
from srcgrad.backends import Emitted, emit, load
from srcgrad.cache import Selector, selector
from srcgrad.errors import ArgumentError, NoGradientWarning, SrcgradError, warn_caller
from srcgrad.frontend import (
    Program,
    build_program,
    place_of,
    place_of_result,
    result_tree,
)
from srcgrad.graph import (
    ArrayType,
    Builder,
    Entries,
    Fields,
    Graph,
    Interface,
    Items,
    Leaf,
    ListType,
    Literal,
    Node,
    OpaqueType,
    Passive,
    ScalarType,
    Tree,
    Type,
    Value,
    definitions,
    is_complex,
    is_integral,
    is_python_int,
    leaves,
    map_leaves,
)
from srcgrad.pipeline import optimise
from srcgrad.rules import Symbol, call, kind_text, shape_text
from srcgrad.transforms import reverse


@dataclass(frozen=True, slots=True)
class Specialization:
    """The compiled gradient for one kind of arguments.

    Calling it checks nothing: it is meant for the kind of arguments it was made for.
    """

    graph: Graph
    interface: Interface
    emitted: Emitted
    run: Callable[..., Any]
    selector: Selector
    captured: Mapping[str, object]
    signature: inspect.Signature

    @property
    def source(self) -> str:
        """The emitted source."""
        return self.emitted.source

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
        export_module(Path(path), self.graph, self.interface, self.emitted, self.captured)


def specialize(
    primal: FunctionType,
    signature: inspect.Signature,
    request: Request,
    arguments: Mapping[str, object],
) -> Specialization:
    """Compile the gradient of `primal` for arguments of this kind (defaults applied)."""
    wrt = parameters_of(request.wrt, signature, primal.__name__)
    program = build_program(primal, signature, arguments, wrt)
    try:
        value, aux = _split_result(program, primal, request)
    except SrcgradError as error:
        error.located(place_of_result(primal))
        raise
    wrt_trees = {p.name: trained(p.tree) for p in program.parameters if p.name in wrt}
    found = [leaf.value for name in wrt for leaf in leaves(wrt_trees[name])]
    # An instance that stands at two places has one gradient.
    wanted = list(dict.fromkeys(found))
    for name in wrt:
        try:
            _check_differentiable(name, wrt_trees[name], program)
        except ArgumentError as error:
            error.located(place_of(primal, name))
            raise
    primal_graph = program.graph.replace(results=(value, *(leaf.value for leaf in leaves(aux))))
    places = [primal_graph.inputs.index(value) for value in wanted]
    joint = reverse(primal_graph, places)
    adjoints = joint.results[len(primal_graph.results) :]
    made_by = definitions(joint.nodes)
    zeros = {value: _is_zero(adjoint, made_by) for value, adjoint in zip(wanted, adjoints)}
    _warn_without_path(wrt, wrt_trees, zeros, primal.__name__)
    finished, gradients = _finish(joint, wanted, adjoints)
    gradient_of = dict(zip(wanted, gradients))
    trees = tuple(_gradient_tree(wrt_trees[name], gradient_of) for name in wrt)
    gradient: Tree = trees[0] if is_single(request.wrt) else Items(tuple, trees)
    result = _result(request, Leaf(value), aux, gradient)
    # An instance that stands at two places has its numbers once.
    returned = tuple(dict.fromkeys(leaf.value for leaf in leaves(result)))
    graph = optimise(
        joint.replace(
            name=f"{primal.__name__}_{request.suffix}",
            nodes=finished,
            results=returned,
        ),
        request.without,
    )
    result = _renewed(result, dict(zip(returned, graph.results)))
    interface = Interface(program.parameters, result, inspect.getdoc(primal) or "")
    name = _function_name(primal.__name__, request.suffix)
    emitted = emit(graph, interface, name, request.without, functions_of(graph))
    chosen = selector(program.guards, graph.assumptions, program.fetches)
    places_now = {**arguments, **chosen.constants}
    captured = {key: eval(place, dict(places_now)) for key, place in program.fetches.items()}
    return Specialization(graph, interface, emitted, load(emitted), chosen, captured, signature)


def _function_name(primal: str, suffix: str) -> str:
    name = primal.strip("_") or primal
    return f"{name if name.isidentifier() else 'function'}_{suffix}"


def _split_result(program: Program, primal: FunctionType, request: Request) -> tuple[Value, Tree]:
    """The value to differentiate and the auxiliary results."""
    tree = result_tree(program.result, program.classes)
    name = primal.__name__
    if request.has_aux:
        if not isinstance(tree, Items) or len(tree.items) != 2:
            raise ArgumentError(
                f"`{name}` must return two things, (value, aux), for has_aux=True",
                construct=name,
                remedy="Return a tuple of the value to differentiate and whatever else is wanted.",
            )
        tree, aux = tree.items
    else:
        aux = Passive()
    if not isinstance(tree, Leaf):
        raise ArgumentError(
            f"`{name}` must return a number to have a gradient; it returns {_kind(tree)}",
            construct=name,
            remedy="Return a scalar, or pass has_aux=True if it returns (value, aux).",
        )
    _check_scalar(tree.value.type, name, program)
    return tree.value, aux


def _kind(tree: Tree) -> str:
    if isinstance(tree, Passive):
        return repr(tree.value)
    return f"a {getattr(tree, 'kind', dict).__name__}"


def _check_scalar(type_: Type, name: str, program: Program) -> None:
    if isinstance(type_, (OpaqueType, ListType)):
        raise ArgumentError(
            f"`{name}` must return a number to have a gradient; it returns {kind_text(type_)}",
            construct=name,
            remedy="Return a number that is computed from the arguments.",
        )
    if is_complex(type_):
        raise ArgumentError(
            f"`{name}` returns a complex number; the gradient needs a real one",
            construct=name,
            remedy="Return its real part, its imaginary part or its absolute value.",
        )
    sizes = program.graph.assumptions
    if isinstance(type_, ArrayType) and (
        type_.shape is None or not all(sizes.is_one(dim) for dim in type_.shape)
    ):
        raise ArgumentError(
            f"`{name}` must return a number to have a gradient; it returns an array of shape "
            f"{shape_text(type_.shape, sizes)}",
            construct=name,
            remedy="Sum or average it: `np.sum(...)`, `np.mean(...)`.",
        )


def _check_differentiable(name: str, tree: Tree, program: Program) -> None:
    found = list(leaves(tree))
    if not found and not _is_empty(tree):
        kind = _kind(tree)
        raise ArgumentError(
            f"the argument `{name}` holds no numbers to differentiate with respect to "
            f"(it is {kind})",
            construct=name,
            remedy="Name another parameter in `wrt`, or pass numbers.",
        )
    for leaf in found:
        type_ = leaf.value.type
        if is_integral(type_) and not is_python_int(type_):
            raise ArgumentError(
                f"`{program.origins[leaf.value]}` is {kind_text(type_)}, which has no gradient: "
                "between integers there are no small steps",
                construct=program.origins[leaf.value],
                remedy=f"Pass it as floating point: `{program.origins[leaf.value]}.astype(float)`.",
            )


def trained(tree: Tree, *, in_instance: bool = False) -> Tree:
    """The tree with the integers that instances hold made passive: they are sizes and counts.

    A dataclass or a named tuple says what its fields are: an integer among them is a number.
    """
    if isinstance(tree, Fields):
        declares = dataclasses.is_dataclass(tree.kind) or hasattr(tree.kind, "_fields")
        parts = tuple(trained(item, in_instance=not declares) for item in tree.items)
        if not hasattr(tree.kind, "_fields"):
            parts = tuple(map(_without_empty, parts))
        return replace(tree, items=parts)
    if isinstance(tree, (Items, Entries)):
        parts = tuple(trained(item, in_instance=in_instance) for item in tree.items)
        return replace(tree, items=parts)
    if isinstance(tree, Leaf) and in_instance and is_integral(tree.value.type):
        return Passive()
    return tree


def _without_empty(tree: Tree) -> Tree:
    """A list or dict in which an instance holds no numbers has no gradient."""
    is_container = isinstance(tree, Entries) or (isinstance(tree, Items) and tree.kind is list)
    return Passive() if is_container and not any(True for _ in leaves(tree)) else tree


def _is_empty(tree: Tree) -> bool:
    """Is this a container with nothing in it, or with such containers alone?"""
    return isinstance(tree, (Items, Entries, Fields)) and all(map(_is_empty, tree.items))


def _warn_without_path(
    wrt: tuple[str, ...], trees: Mapping[str, Tree], is_zero: Mapping[Value, bool], name: str
) -> None:
    for parameter in wrt:
        found = [is_zero[leaf.value] for leaf in leaves(trees[parameter])]
        if found and all(found):
            warn_caller(
                f"the result of `{name}` does not depend on `{parameter}`: its gradient is zero",
                NoGradientWarning,
            )


def _is_zero(value: Value, definition: Mapping[Value, Node]) -> bool:
    """Is this zero because nothing contributes to it?"""
    if isinstance(value, Literal):
        return value.value == 0
    return value in definition and definition[value].operation == "zeros_like"


def _finish(
    joint: Graph, inputs: list[Value], adjoints: tuple[Value, ...]
) -> tuple[tuple, list[Value]]:
    """Conjugate complex gradients, and make each array the caller's own."""
    builder = Builder(joint.assumptions)
    builder.phase = "adjoint of "
    finished: list[Value] = []
    for primal, adjoint in zip(inputs, adjoints):
        if isinstance(adjoint, Literal) and isinstance(primal.type, ScalarType):
            finished.append(adjoint)
            continue
        gradient = Symbol(builder, adjoint)
        if is_complex(primal.type):
            scalar = isinstance(primal.type, ScalarType)
            gradient = call("conjugate_number" if scalar else np.conjugate, gradient)
        if isinstance(primal.type, ArrayType) and primal.type.shape != ():
            gradient = call("fresh", gradient, primal)
        elif isinstance(primal.type, ArrayType) and gradient.type != primal.type:
            gradient = call("cast", gradient, dtype=primal.type.dtype)
        named = Value(gradient.value.type, None, primal)
        builder.nodes = [_with_result(node, gradient.value, named) for node in builder.nodes]
        finished.append(named if gradient.value is not adjoint else adjoint)
    return joint.nodes + tuple(builder.nodes), finished


def _with_result(node: Node, old: Value, new: Value) -> Node:
    return replace(node, results=(new,)) if node.results == (old,) else node


def _gradient_tree(tree: Tree, gradients: Mapping[Value, Value]) -> Tree:
    """The argument's structure with gradients for its numbers and None for everything else."""
    return map_leaves(tree, lambda leaf: Leaf(gradients[leaf.value]), lambda _: Passive(None))


def _result(request: Request, value: Tree, aux: Tree, gradient: Tree) -> Tree:
    if not request.value:
        return Items(tuple, (gradient, aux)) if request.has_aux else gradient
    first = Items(tuple, (value, aux)) if request.has_aux else value
    return Items(tuple, (first, gradient))


def _renewed(tree: Tree, results: Mapping[Value, Value]) -> Tree:
    """The tree with the optimised graph's results as its leaves."""
    return map_leaves(tree, lambda leaf: Leaf(results[leaf.value]), lambda passive: passive)
