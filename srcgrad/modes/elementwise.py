"""`elementwise_grad`: the derivative of each element of the result in its own element of `x`.

That is a pullback of ones, provided that no element of the result depends on another element of the
argument.  The graph shows whether that is so; where it does not, the function is refused.
"""

from __future__ import annotations

from collections.abc import Sequence

from srcgrad.analyses import activity, differentiable_operands
from srcgrad.errors import UnsupportedError
from srcgrad.graph import Leaf, ListType, Node, Value, leaves, loop_parts, rank_of, shape_of
from srcgrad.modes.checks import check_differentiable, kind_of_tree, split_result
from srcgrad.modes.gradient import gradients, per_argument, result_of
from srcgrad.modes.primal import Derived, Primal, with_results
from srcgrad.request import Request
from srcgrad.rules import is_primitive_name, primitive_named

# Functions that are elementwise and not marked so, as they have rules of their own.
_ELEMENTWISE = frozenset(
    """
    where choose select piecewise clip copy cast real imag conjugate angle nan_to_num argument
    broadcast_like asarray full_like float complex
    """.split()
)


def elementwise_gradient(primal: Primal, request: Request, *, for_caller: bool) -> Derived:
    tree, aux = split_result(primal, request)
    check_differentiable(primal)
    if not isinstance(tree, Leaf):
        raise UnsupportedError(
            f"`{primal.name}` must return one array to have an elementwise gradient; it returns "
            f"{kind_of_tree(tree)}",
            location=primal.place_of(None),
            remedy="Take `jacobian`, or `vjp`.",
        )
    _check_elementwise(primal, tree.value)
    kept = [tree.value, *(leaf.value for leaf in leaves(aux))]
    joint, found = gradients(primal, kept, warn=False, for_caller=for_caller)
    return with_results(joint, result_of(request, tree, aux, per_argument(primal, found)))


def _check_elementwise(primal: Primal, result: Value) -> None:
    sizes = primal.graph.assumptions
    if rank_of(result.type) == 0 and all(rank_of(x.type) == 0 for x in primal.inputs()):
        return
    for x in primal.inputs():
        have, want = shape_of(x.type), shape_of(result.type)
        if have is None or want is None:
            continue
        if len(have) != len(want) or not all(map(sizes.assume_equal, have, want)):
            raise UnsupportedError(
                f"`{primal.name}` is not elementwise: its result has another shape than "
                f"`{primal.origins.get(x, x.name)}`",
                location=primal.place_of(None),
                remedy=_REMEDY,
            )
    active = activity(primal.graph, primal.inputs(), [result])

    def check(nodes: Sequence[Node]) -> None:
        for node in nodes:
            if not any(map(active.is_active, node.results)):
                continue
            for region in node.regions:
                check(region.nodes)
            if not _is_elementwise(node, active.is_active):
                raise UnsupportedError(
                    f"`{primal.name}` is not elementwise here: elements of the result may depend "
                    "on other elements of the argument",
                    location=node.location,
                    remedy=_REMEDY,
                )

    check(primal.graph.nodes)


_REMEDY = "Take `jacobian`; or `vjp` with a cotangent of ones for sums of its columns."


def _is_elementwise(node: Node, is_active: object) -> bool:
    if node.operation == "if":
        return True
    if node.operation in ("for", "while"):
        parts = loop_parts(node)
        flowing = [*parts.sequences, *parts.lists]
        return not any(is_active(value) for value in flowing)  # type: ignore[operator]
    operands = [value for value in differentiable_operands(node) if is_active(value)]  # type: ignore[operator]
    if any(isinstance(value.type, ListType) for value in operands):
        return False
    name = node.operation
    if all(rank_of(v.type) == 0 for v in (*operands, *node.results)):
        return True
    if name in _ELEMENTWISE:
        return True
    return is_primitive_name(name) and primitive_named(name).elementwise
