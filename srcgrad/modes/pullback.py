"""Functions in two parts: `vjp` (a value, and its pullback) and `linearize` (its tangent map).

The first part computes the value and hands over the values that the second part reads, the
residuals.  An array among them whose memory the caller could change before the second part runs, as
it is the caller's own or is returned to the caller, is handed over as a copy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from srcgrad.graph import Graph, Items, Leaf, Passive, Tree, Value, leaves, map_leaves
from srcgrad.modes.checks import check_differentiable, check_numeric_result, split_result
from srcgrad.modes.gradient import finished, per_argument
from srcgrad.modes.primal import Primal, replaced
from srcgrad.modes.pushforward import has_tangent, pushed
from srcgrad.request import Request
from srcgrad.transforms import derivative_type, reverse


@dataclass(frozen=True, slots=True)
class TwoParts:
    """A joint graph that is to be cut in two.

    `value` is what the first part gives; `seeds` is the parameter of the second part (a tree of
    new values) and `result` what that gives.  The graph's results are the numbers of `value` and
    then those of `result`.
    """

    joint: Graph
    value: Tree
    seeds: Tree
    result: Tree


def vjp(primal: Primal, request: Request, *, for_caller: bool) -> TwoParts:
    """The value, and the map from its cotangents to those of the arguments."""
    tree, aux = split_result(primal, request)
    check_numeric_result(primal, tree, "pullback")
    check_differentiable(primal)
    seeds = _new_seeds(tree)
    pairs = [
        (output.value, seed.value)
        for output, seed in zip(_numbers(tree), leaves(seeds), strict=True)
    ]
    inputs = primal.inputs()
    joint = reverse(
        primal.graph.replace(results=tuple(output for output, _ in pairs)),
        primal.places(inputs),
        outputs=range(len(pairs)),
        seeds=[seed for _, seed in pairs],
    )
    adjoints = joint.results[len(pairs) :]
    # In the transposed convention, as a pullback is: no conjugation.
    joint, found = finished(joint, inputs, adjoints, for_caller=for_caller, conjugate=False)
    return _two_parts(joint, _with_aux(tree, aux, request), seeds, per_argument(primal, found))


def linearize(primal: Primal, request: Request, *, for_caller: bool) -> TwoParts:
    """The value, and the map from tangents of the arguments to the tangent of the value."""
    tree, aux = split_result(primal, request)
    check_numeric_result(primal, tree, "tangent")
    check_differentiable(primal)
    trees = tuple(map(_new_seeds, primal.wrt.values()))
    seeds = trees[0] if primal.single else Items(tuple, trees)
    inputs = [leaf.value for argument in primal.wrt.values() for leaf in _numbers(argument)]
    tangents = {x: seed.value for x, seed in zip(inputs, leaves(seeds), strict=True)}
    ends = [leaf.value for leaf in leaves(tree)]
    joint, found = pushed(primal.graph, tangents, ends, for_caller=for_caller)
    return _two_parts(joint, _with_aux(tree, aux, request), seeds, replaced(tree, found))


def _with_aux(tree: Tree, aux: Tree, request: Request) -> Tree:
    return Items(tuple, (tree, aux)) if request.has_aux else tree


def _two_parts(joint: Graph, value: Tree, seeds: Tree, result: Tree) -> TwoParts:
    results = [leaf.value for leaf in (*leaves(value), *leaves(result))]
    inputs = joint.inputs + tuple(
        leaf.value for leaf in leaves(seeds) if leaf.value not in joint.inputs
    )
    return TwoParts(joint.replace(inputs=inputs, results=tuple(results)), value, seeds, result)


def _numbers(tree: Tree) -> Sequence[Leaf]:
    return [leaf for leaf in leaves(tree) if has_tangent(leaf.value)]


def _new_seeds(tree: Tree) -> Tree:
    """A tree like this one with a new value for each number that has derivatives."""

    def seed(leaf: Leaf) -> Tree:
        if not has_tangent(leaf.value):
            return Passive(None)
        return Leaf(Value(derivative_type(leaf.value.type), None, leaf.value))

    return map_leaves(tree, seed, lambda _: Passive(None))
