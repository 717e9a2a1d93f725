"""What users call."""

from srcgrad.api.differentiate import grad, value_and_grad
from srcgrad.api.differentiated import Differentiated
from srcgrad.declarations import constant, defjvp, defvjp, primitive
from srcgrad.markers import stop_gradient

__all__ = [
    "Differentiated",
    "constant",
    "defjvp",
    "defvjp",
    "grad",
    "primitive",
    "stop_gradient",
    "value_and_grad",
]
