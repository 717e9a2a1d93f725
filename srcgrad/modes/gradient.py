"""The gradient: reverse mode from one real number, or from all elements of an array at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from srcgrad.analyses import dtypes_in_doubt
from srcgrad.errors import NoGradientWarning, SrcgradError, warn_caller
from srcgrad.graph import (
    ArrayType,
    Builder,
    Graph,
    Items,
    Leaf,
    Literal,
    Node,
    ScalarType,
    Tree,
    Value,
    definitions,
    is_complex,
    is_real,
    leaves,
    literal,
    rank_of,
)
from srcgrad.modes.checks import check_differentiable, scalar_result, split_result
from srcgrad.modes.primal import Derived, Primal, replaced, with_results
from srcgrad.request import Request
from srcgrad.rules import Symbol, call
from srcgrad.transforms import forward, reverse


def gradient(primal: Primal, request: Request, *, for_caller: bool) -> Derived:
    """`grad` and `value_and_grad`.  What is `for_caller` is an array that nobody else holds."""
    tree, aux = split_result(primal, request)
    value = scalar_result(primal, tree)
    check_differentiable(primal)
    kept = [value, *(leaf.value for leaf in leaves(aux))]
    joint, found = gradients(
        primal, kept, warn=for_caller and not primal.is_derivative, for_caller=for_caller
    )
    found_tree = per_argument(primal, found)
    return with_results(joint, result_of(request, Leaf(value), aux, found_tree))


def gradients(
    primal: Primal, kept: Sequence[Value], *, warn: bool, for_caller: bool
) -> tuple[Graph, dict[Value, Tree]]:
    """The graph with the gradient of the first of the values `kept` for each input."""
    inputs = primal.inputs()
    graph = primal.graph.replace(results=tuple(kept))
    joint = _derivative_in_one_number(primal, graph, inputs) or reverse(
        graph, primal.places(inputs)
    )
    adjoints = joint.results[len(kept) :]
    if warn:
        _warn_without_path(primal, dict(zip(inputs, adjoints)), joint)
    return finished(joint, inputs, adjoints, for_caller=for_caller)


def _derivative_in_one_number(
    primal: Primal, graph: Graph, inputs: Sequence[Value]
) -> Graph | None:
    """A further derivative in one number goes forward, which is the same and keeps no tapes.

    Backward, each order would be a walk back over those before it: three times the code.
    """
    if not primal.is_derivative or len(inputs) != 1:
        return None
    (x,) = inputs
    if not (is_real(x.type) and rank_of(x.type) == 0):
        return None
    try:
        return forward(graph, primal.places([x]), (0,), [literal(1.0)])
    except SrcgradError:  # a function on the way has a backward rule alone
        return None


def per_argument(primal: Primal, values: dict[Value, Tree]) -> Tree:
    """The arguments' structure with these for its numbers: one argument's, or a tuple."""
    trees: list[Tree] = []
    for name, tree in primal.wrt.items():
        part = replaced(tree, values)
        trees += part.items if name == primal.rest and isinstance(part, Items) else [part]
    return trees[0] if primal.single else Items(tuple, tuple(trees))


def result_of(request: Request, value: Tree, aux: Tree, derivative: Tree) -> Tree:
    """The derivative, with the value before it and the auxiliary results, as far as wanted."""
    if not request.value:
        return Items(tuple, (derivative, aux)) if request.has_aux else derivative
    first = Items(tuple, (value, aux)) if request.has_aux else value
    return Items(tuple, (first, derivative))


def _warn_without_path(primal: Primal, adjoints: dict[Value, Value], joint: Graph) -> None:
    made_by = definitions(joint.nodes)
    for name, tree in primal.wrt.items():
        found = [_is_zero(adjoints[leaf.value], made_by) for leaf in leaves(tree)]
        if found and all(found):
            warn_caller(
                f"the result of `{primal.name}` does not depend on `{name}`: its gradient is zero",
                NoGradientWarning,
            )


def _is_zero(value: Value, made_by: dict[Value, Node]) -> bool:
    """Is this zero because nothing contributes to it?"""
    if isinstance(value, Literal):
        return value.value == 0
    return value in made_by and made_by[value].operation == "zeros_like"


def finished(
    graph: Graph,
    primals: Sequence[Value],
    derivatives: Sequence[Value],
    *,
    for_caller: bool,
    conjugate: bool = True,
    phase: str = "adjoint of ",
) -> tuple[Graph, dict[Value, Tree]]:
    """Derivatives as the caller gets them, by the value that each belongs to.

    The dtype is that of the value; adjoints, which are transposed inside, are conjugated; and an
    array becomes the caller's own.
    """
    builder = Builder(graph.assumptions)
    builder.phase = phase
    doubtful = dtypes_in_doubt(graph.nodes)
    found: dict[Value, Tree] = {}
    for primal, derivative in zip(primals, derivatives):
        if isinstance(derivative, Literal) and isinstance(primal.type, ScalarType):
            if is_complex(primal.type) and isinstance(derivative.value, (int, float)):
                derivative = literal(complex(derivative.value))
            found[primal] = Leaf(derivative)
            continue
        symbol = Symbol(builder, derivative)
        if is_complex(primal.type):
            scalar = isinstance(primal.type, ScalarType)
            if scalar and not is_complex(symbol.type):
                symbol = call(complex, symbol)
            elif conjugate:
                symbol = call("conjugate_number" if scalar else np.conjugate, symbol)
        of_array = isinstance(primal.type, ArrayType) and primal.type.shape != ()
        in_doubt = derivative in doubtful and primal not in doubtful
        if (of_array and for_caller) or in_doubt:
            symbol = call("fresh", symbol, Symbol(builder, primal))
        elif isinstance(primal.type, ArrayType) and not _has_dtype_of(symbol, primal.type):
            symbol = call("cast", symbol, dtype=primal.type.dtype)
        named = Value(symbol.type, None, primal)
        builder.nodes = [_with_result(node, symbol.value, named) for node in builder.nodes]
        found[primal] = Leaf(named if symbol.value is not derivative else derivative)
    return graph.replace(nodes=graph.nodes + tuple(builder.nodes)), found


def _has_dtype_of(symbol: Symbol, wanted: ArrayType) -> bool:
    return isinstance(symbol.type, ArrayType) and symbol.type.dtype == wanted.dtype


def _with_result(node: Node, old: Value, new: Value) -> Node:
    return replace(node, results=(new,)) if node.results == (old,) else node
