"""The square of the size of numbers, real or complex."""

from __future__ import annotations

import numpy as np

from srcgrad.optim.optimizer import Array


def squared_magnitude(x: Array) -> Array:
    """|x|², in the dtype of `x`, so that what is averaged keeps the parameter's dtype."""
    if np.iscomplexobj(x):
        return (x * np.conj(x)).astype(x.dtype)
    return x * x
