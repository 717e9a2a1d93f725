"""srcgrad: source-transformation automatic differentiation for Python and NumPy.

`grad` and `value_and_grad` turn a Python function into one that computes its gradient; the code of
the gradient is plain NumPy, which `print(f.source)` shows and `f.lower(...).export(path)` saves.
"""

from typing import TYPE_CHECKING, Any

from srcgrad.api import (
    Differentiated,
    check_grads,
    checkpoint,
    clip_gradient,
    constant,
    defjvp,
    defvjp,
    elementwise_grad,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    linearize,
    on_gradient,
    per_example,
    primitive,
    scale_gradient,
    stop_gradient,
    straight_through,
    value_and_grad,
    value_and_jacobian,
    vjp,
)
from srcgrad.errors import (
    ArgumentError,
    GradientError,
    InternalError,
    MissingRuleError,
    NoGradientWarning,
    ShapeError,
    SourceError,
    SpecializationWarning,
    SrcgradError,
    UndefinedError,
    UnsupportedError,
)

if TYPE_CHECKING:
    from srcgrad.api.specialization import Specialization

__version__ = "0.1.0"

__all__ = [
    "ArgumentError",
    "Differentiated",
    "GradientError",
    "InternalError",
    "MissingRuleError",
    "NoGradientWarning",
    "ShapeError",
    "SourceError",
    "Specialization",
    "SpecializationWarning",
    "SrcgradError",
    "UndefinedError",
    "UnsupportedError",
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


def __getattr__(name: str) -> Any:
    """`Specialization` comes with the compiler, which is loaded when it is first needed."""
    if name != "Specialization":
        raise AttributeError(f"module `srcgrad` has no attribute `{name}`")
    from srcgrad.api.compiler import Specialization

    return Specialization
