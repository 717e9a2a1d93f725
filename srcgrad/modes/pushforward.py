"""Forward mode along one direction: `jvp`, and `hvp`, which is forward over reverse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from srcgrad.errors import ArgumentError
from srcgrad.graph import (
    ArrayType,
    Builder,
    Graph,
    Items,
    Leaf,
    Passive,
    Tree,
    Value,
    is_python_int,
    leaves,
    literal,
)
from srcgrad.modes.checks import (
    check_differentiable,
    check_numeric_result,
    check_small_steps,
    match_direction,
    scalar_result,
    split_result,
)
from srcgrad.modes.gradient import finished, gradients, per_argument, result_of
from srcgrad.modes.primal import Derived, Primal, is_known_zero, replaced, with_results
from srcgrad.request import Request
from srcgrad.rules import Symbol
from srcgrad.transforms import fit, forward


def jvp(primal: Primal, request: Request, tangents: Sequence[Tree], *, for_caller: bool) -> Derived:
    """The value, and the tangent that goes with these tangents of the arguments `wrt`."""
    tree, aux = split_result(primal, request)
    check_numeric_result(primal, tree, "tangent")
    graph, seeds = directions(primal, tangents, "tangent")
    kept = [leaf.value for leaf in leaves(tree)]
    joint, found = pushed(graph, seeds, kept, for_caller=for_caller)
    return with_results(joint, result_of(request, tree, aux, replaced(tree, found)))


def hvp(primal: Primal, request: Request, vectors: Sequence[Tree], *, for_caller: bool) -> Derived:
    """The product of the Hessian with a vector that is built like the arguments `wrt`."""
    tree, aux = split_result(primal, request)
    value = scalar_result(primal, tree)
    check_differentiable(primal)
    kept = [value, *(leaf.value for leaf in leaves(aux))]
    joint, found = gradients(primal, kept, warn=False, for_caller=False)
    inputs = primal.inputs()
    graph, seeds = directions(primal, _of_each(primal, vectors), "vector", joint)
    ends = [_leaf(found[value]) for value in inputs]
    joint, products = pushed(graph, seeds, ends, belongs_to=inputs, for_caller=for_caller)
    product = per_argument(primal, products)
    return with_results(joint, result_of(request, Leaf(value), aux, product))


def _of_each(primal: Primal, vectors: Sequence[Tree]) -> Sequence[Tree]:
    """The vector's part for each argument."""
    (vector,) = vectors
    if primal.single:
        return vectors
    if isinstance(vector, Items) and len(vector.items) == len(primal.wrt):
        return vector.items
    raise ArgumentError(
        f"the vector `v` must be a tuple of {len(primal.wrt)}, one for each argument of `wrt`",
        location=primal.place_of(next(iter(primal.wrt))),
        construct="v",
        remedy="Pass None where the vector is zero.",
    )


def _leaf(tree: Tree) -> Value:
    assert isinstance(tree, Leaf)
    return tree.value


def directions(
    primal: Primal, given: Sequence[Tree], word: str, graph: Graph | None = None
) -> tuple[Graph, dict[Value, Value]]:
    """The directions by the input that each belongs to, in the kind of number of its derivative.

    Nodes that convert them stand before those of the graph.
    """
    graph = primal.graph if graph is None else graph
    seeds: dict[Value, Value] = {}
    for (name, tree), direction in zip(primal.wrt.items(), given, strict=True):
        try:
            found = match_direction(direction, tree, name_of(name, word), graph.assumptions, word)
        except ArgumentError as error:
            raise primal.wrong_argument(name, error) from None
        check_small_steps(primal, name, found)
        seeds |= found
    builder = Builder(graph.assumptions)
    builder.phase = "tangent of "
    fitted = {v: fit(Symbol(builder, seed), Symbol(builder, v)) for v, seed in seeds.items()}
    return graph.replace(nodes=tuple(builder.nodes) + graph.nodes), fitted


def name_of(argument: str, word: str) -> str:
    """What the parameter is called that holds the direction of an argument."""
    return "v" if word == "vector" else f"{argument}_dot"


def pushed(
    graph: Graph,
    seeds: Mapping[Value, Value],
    ends: Sequence[Value],
    *,
    belongs_to: Sequence[Value] | None = None,
    for_caller: bool,
) -> tuple[Graph, dict[Value, Tree]]:
    """The graph with the tangents of the values `ends`; integers that do not move have none."""
    moving = [value for value in ends if has_tangent(value)]
    inputs = list(seeds)
    places = [graph.inputs.index(value) for value in inputs]
    joint = forward(
        graph.replace(results=tuple(moving)), places, seeds=[seeds[value] for value in inputs]
    )
    tangents = joint.results[len(moving) :]
    like = moving if belongs_to is None else belongs_to
    joint, found = finished(
        joint, like, tangents, for_caller=for_caller, conjugate=False, phase="tangent of "
    )
    if belongs_to is not None:
        return joint, found
    none: dict[Value, Tree] = {value: Passive(None) for value in ends}
    still = {v: Passive(None) for v in moving if is_python_int(v.type) and _is_still(found[v])}
    return joint, none | found | still


def _is_still(tree: Tree) -> bool:
    return isinstance(tree, Leaf) and is_known_zero(tree.value)


def has_tangent(value: Value) -> bool:
    """Is this a number between whose values there are small steps?"""
    type_ = value.type
    return not (isinstance(type_, ArrayType) and type_.dtype.kind in "biu") and (
        type_ != literal(True).type
    )
