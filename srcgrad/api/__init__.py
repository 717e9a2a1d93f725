"""What users call."""

from srcgrad.api.differentiate import grad, value_and_grad
from srcgrad.api.differentiated import Differentiated
from srcgrad.api.specialization import Specialization

__all__ = ["Differentiated", "Specialization", "grad", "value_and_grad"]
