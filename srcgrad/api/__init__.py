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
from srcgrad.markers import checkpoint, stop_gradient

__all__ = [
    "Differentiated",
    "check_grads",
    "checkpoint",
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
    "per_example",
    "primitive",
    "stop_gradient",
    "value_and_grad",
    "value_and_jacobian",
    "vjp",
]
