"""Jacobians: all of a basis of the inputs (forward) or of the outputs (reverse) at once.

    def f_jacobian(x):                      def f_jacobian(x):
        y = np.sin(x)                           y = np.sin(x)
        cos_x = np.cos(x)                       cos_x = np.cos(x)
        x_dot = np.eye(x.size)                  d_y = np.eye(y.size)
        ...                                     ...

The basis is a leading axis through the derivative (`transforms/batch.py`); only where its length or
what depends on it is not known well enough, a loop walks it.  Each block of the result has the
shape of the output followed by that of the input.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from srcgrad.errors import ArgumentError, UnsupportedError
from srcgrad.graph import (
    ArrayType,
    Assumptions,
    Builder,
    Dim,
    Graph,
    Leaf,
    ListType,
    Literal,
    Node,
    Passive,
    Tree,
    Value,
    is_complex,
    leaves,
    literal,
    make_for,
    map_leaves,
    multiply_dims,
    rank_of,
    shape_of,
)
from srcgrad.modes.checks import (
    check_differentiable,
    check_numeric_result,
    scalar_result,
    split_result,
)
from srcgrad.modes.gradient import gradients, per_argument, result_of
from srcgrad.modes.primal import Derived, Primal, with_results
from srcgrad.modes.pushforward import has_tangent
from srcgrad.modes.splitting import split
from srcgrad.request import Request
from srcgrad.rules import Symbol, as_value, call, dtype_of, make, match_type
from srcgrad.transforms import (
    any_changes_gradient,
    batch,
    derivative_type,
    forward,
    redefine,
    reverse,
)

Blocks = dict[tuple[Value, Value], Value]


def jacobian(primal: Primal, request: Request) -> Derived:
    """For each output its derivative in each input: trees of inputs in a tree of outputs."""
    tree, aux = split_result(primal, request)
    check_numeric_result(primal, tree, "Jacobian")
    check_differentiable(primal)
    _check_real(primal, tree)
    kept = [leaf.value for leaf in leaves(aux)]
    kept += [leaf.value for leaf in leaves(tree)] if request.value else []
    outputs = [leaf.value for leaf in leaves(tree)]
    graph, blocks = _blocks(primal, primal.graph, outputs, kept, request.direction)
    derivative = map_leaves(
        tree,
        lambda leaf: _row(primal, leaf.value, blocks) if has_tangent(leaf.value) else Passive(None),
        lambda _: Passive(None),
    )
    return with_results(graph, result_of(request, tree, aux, derivative))


def hessian(primal: Primal, request: Request) -> Derived:
    """The Jacobian of the gradient: a tree of inputs with trees of inputs in it."""
    tree, aux = split_result(primal, request)
    value = scalar_result(primal, tree)
    check_differentiable(primal)
    _check_real(primal, tree)
    kept = [value, *(leaf.value for leaf in leaves(aux))]
    joint, found = gradients(primal, kept, warn=False, for_caller=False)
    kept = kept if request.value else kept[1:]
    ends = {x: leaf.value for x, tree in found.items() for leaf in leaves(tree)}
    direction = request.direction or "forward"
    graph, blocks = _blocks(primal, joint, list(ends.values()), kept, direction, like=list(ends))
    by_input = {x: _row(primal, x, blocks) for x in primal.inputs()}
    derivative = per_argument(primal, by_input)
    return with_results(graph, result_of(request, Leaf(value), aux, derivative))


def _row(primal: Primal, output: Value, blocks: Blocks) -> Tree:
    return per_argument(primal, {x: Leaf(blocks[output, x]) for x in primal.inputs()})


def _check_real(primal: Primal, result: Tree) -> None:
    places = [(None, result), *primal.wrt.items()]
    for name, tree in places:
        if any(is_complex(leaf.value.type) for leaf in leaves(tree)):
            what = f"the result of `{primal.name}`" if name is None else f"`{name}`"
            raise primal.wrong_argument(
                name,
                ArgumentError(
                    f"{what} is complex; Jacobians and Hessians are those of real functions",
                    construct=name or primal.name,
                    remedy="Take real and imaginary parts for arguments and results of their own.",
                ),
            )


def _blocks(
    primal: Primal,
    graph: Graph,
    outputs: Sequence[Value],
    kept: Sequence[Value],
    direction: str | None,
    like: Sequence[Value] | None = None,
) -> tuple[Graph, Blocks]:
    """The graph with the derivative of each output in each input.

    `like` are the values whose shapes and dtypes the outputs have; blocks go by them.
    """
    shaped = list(outputs if like is None else like)
    inputs = primal.inputs()
    numeric = [k for k, value in enumerate(shaped) if has_tangent(value)]
    ways = _Ways(graph, kept, [(outputs[k], shaped[k]) for k in numeric], inputs, {})
    sizes = graph.assumptions
    if direction is None:
        count_in, count_out = _count(inputs, sizes), _count([shaped[k] for k in numeric], sizes)
        can_go_forward = not any_changes_gradient(graph.nodes)
        direction = "forward" if count_in < count_out and can_go_forward else "reverse"
    if direction == "forward":
        ways.forward()
    else:
        ways.reverse()
    return ways.graph, ways.blocks


def _count(values: Sequence[Value], sizes: Assumptions) -> int:
    """How many numbers there are in the first call."""
    total = 0
    for value in values:
        product: Any = 1
        for dim in shape_of(value.type) or ():
            product = multiply_dims(product, dim)
        total += sizes.hint(product) or 1
    return total


@dataclass(slots=True)
class _Ways:
    """A graph that grows by one loop over a basis after the other."""

    graph: Graph
    kept: Sequence[Value]
    outputs: Sequence[tuple[Value, Value]]
    inputs: Sequence[Value]
    blocks: Blocks

    def forward(self) -> None:
        """For each input one loop over its elements."""
        ends = [end for end, _ in self.outputs]
        like = [y for _, y in self.outputs]
        for x in self.inputs:
            seed = _seed(x)
            place = self.graph.inputs.index(x)
            joint = forward(self.graph.replace(results=tuple(ends)), [place], seeds=[seed])
            tangents = joint.results[len(ends) :]
            builder = Builder(joint.assumptions)
            builder.phase = "tangent of "
            made = self._along(joint, builder, seed, x, tangents)
            for y, tangent in zip(like, made):
                self.blocks[y, x] = _forward_block(builder, tangent, y, x)
            self._append(builder)

    def reverse(self) -> None:
        """For each output one loop over its elements."""
        places = [self.graph.inputs.index(x) for x in self.inputs]
        for end, y in self.outputs:
            seed = _seed(y)
            joint = reverse(self.graph.replace(results=(end,)), places, seeds=[seed])
            joint = joint.replace(inputs=self.graph.inputs)
            builder = Builder(joint.assumptions)
            builder.phase = "adjoint of "
            made = self._along(joint, builder, seed, end, joint.results[1:])
            for x, adjoint in zip(self.inputs, made):
                self.blocks[y, x] = _reverse_block(builder, adjoint, y, x)
            self._append(builder)

    def _append(self, builder: Builder) -> None:
        self.graph = self.graph.replace(nodes=self.graph.nodes + tuple(builder.nodes))

    def _along(
        self, joint: Graph, builder: Builder, seed: Value, basis_of: Value, ends: Sequence[Value]
    ) -> list[Symbol | None]:
        """What becomes of `ends` for the seed 1, or stacked for each seed of a basis.

        None stands for what no seed flows into, which is zero.
        """
        if isinstance(seed, Literal):
            self.graph = joint.replace(results=())
            return [Symbol(builder, end) for end in ends]
        outputs = [end for end, _ in self.outputs]
        kept = [*self.kept, *outputs, *self.blocks.values()]
        halves = split(joint, kept, ends, [seed], early=True)
        self.graph = joint.replace(nodes=halves.first, results=())
        found = [halves.in_second(end) for end in ends]
        inside = {value for node in halves.second for value in node.results} | {seed}
        moving = [value for value in dict.fromkeys(found) if value in inside]
        basis = _basis(builder, seed, Symbol(builder, basis_of))
        together = _all_at_once(joint, builder, seed, basis, halves.second, moving)
        if together is not None:
            return [together.get(value) for value in found]
        lists = [Value(ListType(value.type), None, value.derivative_of) for value in moving]
        if moving:
            builder.add(
                make_for(
                    sequences=(basis.value,),
                    items=(seed,),
                    nodes=halves.second,
                    collected=tuple(moving),
                    lists=tuple(lists),
                    phase=builder.phase,
                )
            )
        length = basis.dims[0]
        stacked = {v: _stacked(builder, tape, length) for v, tape in zip(moving, lists)}
        return [stacked.get(value) for value in found]


def _all_at_once(
    joint: Graph,
    builder: Builder,
    seed: Value,
    basis: Symbol,
    nodes: tuple[Node, ...],
    ends: Sequence[Value],
) -> dict[Value, Symbol] | None:
    """What becomes of the ends, the basis going through the nodes along a leading axis.

    None where that cannot be done.
    """
    length = basis.dims[0]
    if length is None:
        return None
    one = joint.replace(inputs=(seed,), nodes=nodes, results=tuple(ends))
    try:
        many = batch(one, [0], length)
    except UnsupportedError:
        return None
    for node in redefine(many.nodes, {many.inputs[0]: basis.value}):
        builder.add(node)
    results = [basis.value if end is many.inputs[0] else end for end in many.results]
    return {end: Symbol(builder, made) for end, made in zip(ends, results)}


def _seed(value: Value) -> Value:
    """The seed of a value: 1.0 for a number, one array after the other for an array."""
    if rank_of(value.type) is None:
        raise UnsupportedError("a Jacobian needs arrays whose number of dimensions is known")
    if rank_of(value.type) == 0:
        return literal(1.0)
    return Value(derivative_type(value.type), None, value)


def _basis(builder: Builder, seed: Value, like: Symbol) -> Symbol:
    """The basis of arrays like this one, along a first axis."""
    assert isinstance(seed.type, ArrayType)
    count = like.shape[0] if like.ndim == 1 else like.size
    default = seed.type.dtype == np.float64
    parameters = {} if default else {"dtype": seed.type.dtype}
    rows = make(like, np.eye, count, **parameters)
    return rows if like.ndim == 1 else call(np.reshape, rows, (count, *like.shape))


def _stacked(builder: Builder, tape: Value, length: Dim) -> Symbol:
    assert isinstance(tape.type, ListType)
    element = tape.type.element
    shape = shape_of(element)
    whole = ArrayType(dtype_of(element), None if shape is None else (length, *shape))
    (value,) = builder.append("stack_list", (tape,), (whole,))
    return Symbol(builder, value)


def _reverse_block(builder: Builder, adjoint: Symbol | None, y: Value, x: Value) -> Value:
    """The adjoint of `x` for one `y`, or for each element of `y` along the first axis."""
    output, argument = Symbol(builder, y), Symbol(builder, x)
    if adjoint is None:
        return _zeros(output, argument)
    if rank_of(y.type) == 0:
        return _own(adjoint, argument)
    if output.ndim > 1:
        adjoint = call(np.reshape, adjoint, (*output.shape, *argument.shape))
    return adjoint.value


def _forward_block(builder: Builder, tangent: Symbol | None, y: Value, x: Value) -> Value:
    """The tangent of `y` for one `x`, or for each element of `x` along the first axis."""
    output, argument = Symbol(builder, y), Symbol(builder, x)
    if tangent is None:
        return _zeros(output, argument)
    if rank_of(x.type) == 0:
        return _own(tangent, output)
    if output.ndim == 1:
        tangent = call(np.moveaxis, tangent, 0, -1) if tangent.ndim > 2 else tangent.T
    elif output.ndim > 1:
        tangent = call(np.moveaxis, tangent, 0, -1)
    if argument.ndim > 1:
        tangent = call(np.reshape, tangent, (*output.shape, *argument.shape))
    return tangent.value


def _own(derivative: Symbol, like: Symbol) -> Value:
    """A derivative with the shape of one value, as an array of the caller's own."""
    if rank_of(like.type) != 0:
        return as_value(call("fresh", derivative, like))
    return as_value(match_type(derivative, derivative_type(like.type)))


def _zeros(output: Symbol, argument: Symbol) -> Value:
    shape = (*output.shape, *argument.shape)
    return as_value(make(output, np.zeros, shape)) if shape else literal(0.0)
