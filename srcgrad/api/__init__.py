"""What users call."""

from srcgrad.api.checking import check_grads
from srcgrad.api.differentiate import (
    elementwise_grad,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    linearize,
    per_example,
    value_and_grad,
    value_and_jacobian,
    vjp,
)
from srcgrad.api.differentiated import Differentiated
from srcgrad.declarations import constant, defjvp, defvjp, primitive
from srcgrad.markers import (
    checkpoint,
    clip_gradient,
    on_gradient,
    scale_gradient,
    stop_gradient,
    straight_through,
)

__all__ = [
    "Differentiated",
    "check_grads",
    "checkpoint",
    "clip_gradient",
    "constant",
    "defjvp",
    "defvjp",
    "elementwise_grad",
    "grad",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "linearize",
    "on_gradient",
    "per_example",
    "primitive",
    "scale_gradient",
    "stop_gradient",
    "straight_through",
    "value_and_grad",
    "value_and_jacobian",
    "vjp",
]
