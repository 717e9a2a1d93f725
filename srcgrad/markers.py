"""Functions that mark values in the user's code and do nothing else when they are called."""

from __future__ import annotations

from typing import Any


def stop_gradient(x: Any) -> Any:
    """`x` itself, through which no derivative flows: it counts as a constant.

    >>> import srcgrad
    >>> srcgrad.grad(lambda x: x * srcgrad.stop_gradient(x))(3.0)
    3.0
    """
    return x
