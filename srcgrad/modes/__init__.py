"""Modes: what `grad`, `vjp`, `jvp`, `jacobian` ... make of a primal graph, each a small function.

A mode takes a `Primal` (a graph, its arguments and its result as trees) and gives a `Derived`: the
joint graph, and the tree of what the derived function returns.
"""

from __future__ import annotations

from collections.abc import Sequence

from srcgrad.graph import Tree
from srcgrad.modes.basis import hessian, jacobian
from srcgrad.modes.checks import differentiable_parts, match_direction, trained
from srcgrad.modes.elementwise import elementwise_gradient
from srcgrad.modes.gradient import gradient
from srcgrad.modes.per_example import per_example
from srcgrad.modes.primal import Derived, Primal, renewed, with_results
from srcgrad.modes.pullback import TwoParts, linearize, vjp
from srcgrad.modes.pushforward import hvp, jvp, name_of
from srcgrad.modes.splitting import Halves, copied, read_from_outside, split
from srcgrad.request import Request

# The modes whose functions come in two parts, and what the second is called.
IN_TWO_PARTS = {"vjp": "pullback", "linearize": "linear"}


def derive(
    primal: Primal, request: Request, directions: Sequence[Tree], *, for_caller: bool
) -> Derived:
    """What the mode makes of the primal, for the modes that make one function.

    `for_caller`, arrays that it returns are its caller's own.
    """
    mode = request.mode
    if mode == "jvp":
        return jvp(primal, request, directions, for_caller=for_caller)
    if mode == "hvp":
        return hvp(primal, request, directions, for_caller=for_caller)
    if mode == "jacobian":
        return jacobian(primal, request)
    if mode == "hessian":
        return hessian(primal, request)
    if mode == "elementwise_grad":
        return elementwise_gradient(primal, request, for_caller=for_caller)
    if mode == "per_example":
        return per_example(primal, request, for_caller=for_caller)
    return gradient(primal, request, for_caller=for_caller)


def derive_two_parts(primal: Primal, request: Request, *, for_caller: bool) -> TwoParts:
    """What the mode makes of the primal, for the modes whose functions come in two parts."""
    mode = vjp if request.mode == "vjp" else linearize
    return mode(primal, request, for_caller=for_caller)


__all__ = [
    "IN_TWO_PARTS",
    "Derived",
    "Halves",
    "Primal",
    "TwoParts",
    "copied",
    "derive",
    "derive_two_parts",
    "differentiable_parts",
    "match_direction",
    "name_of",
    "renewed",
    "split",
    "trained",
    "with_results",
]
