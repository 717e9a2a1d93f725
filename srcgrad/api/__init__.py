"""What users call."""

from srcgrad.api.differentiate import grad, value_and_grad
from srcgrad.api.differentiated import Differentiated
from srcgrad.api.specialization import Specialization
from srcgrad.rules import stop_gradient

__all__ = ["Differentiated", "Specialization", "grad", "stop_gradient", "value_and_grad"]
