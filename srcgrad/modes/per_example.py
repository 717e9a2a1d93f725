"""`per_example`: the gradient for each sample of a batch, all in one pass.

The function is evaluated and differentiated for one sample; then a leading axis of samples goes
through its graph (`transforms/batch.py`), so that the gradient in the weights of a layer is a
batched outer product, and not a loop over the samples.

    def loss_per_example(w, x, y):           # loss = (x @ w - y) ** 2, of one x and y
        d_r = 2.0 * (x @ w - y)
        d_w = d_r[:, None] * x
        return d_w
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from srcgrad.errors import ArgumentError
from srcgrad.graph import Dim, Graph, Leaf, Node, Tree, Value, leaves, map_leaves, shape_of
from srcgrad.modes.checks import check_differentiable, scalar_result, split_result
from srcgrad.modes.gradient import gradients, per_argument, result_of
from srcgrad.modes.primal import Derived, Primal, replaced_values, with_results
from srcgrad.request import Request
from srcgrad.transforms import batch, redefine


def per_example(primal: Primal, request: Request, *, for_caller: bool) -> Derived:
    """Gradients and auxiliary results with the samples along a new first axis."""
    length = _count(primal)
    one, of = _of_one_sample(primal, request, warn=for_caller and not primal.is_derivative)
    places = [one.graph.inputs.index(sample) for sample in primal.samples]
    many = batch(one.graph, places, length)
    wholes = {many.inputs[k]: w for k, w in zip(places, primal.samples.values(), strict=True)}
    graph = many.replace(
        inputs=primal.graph.inputs,
        nodes=redefine(many.nodes, wholes),
        results=tuple(wholes.get(value, value) for value in many.results),
    )
    found = dict(zip(one.graph.results, graph.results, strict=True))
    if for_caller:
        graph, result = _owned(graph, one.result, found, of)
    else:
        result = replaced_values(one.result, found)
    return with_results(graph, result)


def _of_one_sample(
    primal: Primal, request: Request, *, warn: bool
) -> tuple[Derived, dict[Value, Value]]:
    """The gradient of one sample, and what each of its numbers is the derivative in."""
    sample_of = {whole: sample for sample, whole in primal.samples.items()}
    inputs = tuple(sample_of.get(value, value) for value in primal.graph.inputs)
    inputs += tuple(sample for sample in primal.samples if sample not in inputs)
    wrt = {name: _of_samples(tree, sample_of) for name, tree in primal.wrt.items()}
    primal = replace(primal, graph=primal.graph.replace(inputs=inputs), wrt=wrt)
    tree, aux = split_result(primal, request)
    try:
        value = scalar_result(primal, tree)
    except ArgumentError as error:
        raise primal.wrong_argument(
            None, ArgumentError(error.message, construct=error.construct, remedy=_REMEDY)
        ) from None
    check_differentiable(primal)
    kept = [value, *(leaf.value for leaf in leaves(aux))]
    joint, found = gradients(primal, kept, warn=warn, for_caller=False)
    result = result_of(request, Leaf(value), aux, per_argument(primal, found))
    whole_of = primal.samples
    of = {leaf.value: whole_of.get(x, x) for x, leaf in found.items() if isinstance(leaf, Leaf)}
    return with_results(joint, result), of


_REMEDY = (
    "The function must give the number that belongs to one sample.  Arrays of the parameters named "
    "in\n`batched=(...)` hold samples (without it, of all but those of `wrt`); others come whole."
)


def _of_samples(tree: Tree, sample_of: Mapping[Value, Value]) -> Tree:
    return map_leaves(tree, lambda leaf: Leaf(sample_of.get(leaf.value, leaf.value)), lambda p: p)


def _count(primal: Primal) -> Dim:
    """How many samples there are: as many as the first axis of each of the arguments says."""
    if not primal.samples:
        raise primal.wrong_argument(
            None,
            ArgumentError(
                f"no argument of `{primal.name}` is an array with a first axis of samples",
                construct=primal.name,
                remedy="Pass arrays of samples, and name their parameters: `batched=(...)`.",
            ),
        )
    sizes = primal.graph.assumptions
    first, *others = primal.samples.values()
    length = _length(first)
    for whole in others:
        if length is None or sizes.assume_equal(length, _length(whole)):
            continue
        one, other = (primal.origins.get(v, v.name or "") for v in (first, whole))
        counts = sizes.hint(length), sizes.hint(_length(whole))
        raise primal.wrong_argument(
            None,
            ArgumentError(
                f"`{one}` holds {counts[0]} samples, but `{other}` holds {counts[1]}",
                construct=other,
                remedy="Name the parameters that hold samples: `batched=(...)`.",
            ),
        )
    return length


def _length(whole: Value) -> Dim:
    shape = shape_of(whole.type)
    return None if shape is None else shape[0]


def _owned(
    graph: Graph, result: Tree, found: Mapping[Value, Value], of: Mapping[Value, Value]
) -> tuple[Graph, Tree]:
    """The graph with results that are arrays of the caller's own, each another one."""
    nodes: list[Node] = []

    def own(leaf: Leaf) -> Tree:
        many = found[leaf.value]
        made = Value(many.type, None, of.get(leaf.value))
        nodes.append(Node("fresh", (many, many), (made,), phase="adjoint of "))
        return Leaf(made)

    owned = map_leaves(result, own, lambda passive: passive)
    return graph.replace(nodes=(*graph.nodes, *nodes)), owned
