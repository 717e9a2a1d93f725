"""Functions of installed libraries: the gradient of their source against central differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from srcgrad import value_and_grad

STEP = 1e-4
TOLERANCE = 1e-7


def check(function: Callable[[Any], Any], x: Any, *, tolerance: float = TOLERANCE) -> None:
    """The value is that of the plain call, and the gradient has the slope of each direction.

    SciPy's and NumPy's LAPACK functions may differ in the last bits.
    """
    value, gradient = value_and_grad(function)(x)
    assert float(value) == pytest.approx(float(function(x)), rel=1e-14)
    assert np.shape(gradient) == np.shape(x)
    directions = np.random.default_rng(7)
    for _ in range(3):
        direction = directions.standard_normal(np.shape(x))
        slope = _slope(function, x, direction)
        found = float(np.sum(gradient * direction))
        assert abs(found - slope) <= tolerance * (1.0 + abs(slope)), (found, slope)


def _slope(function: Callable[[Any], Any], x: Any, direction: Any) -> float:
    """The five-point stencil along a direction."""

    def at(steps: int) -> float:
        return float(function(x + steps * STEP * direction))

    return (8.0 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12.0 * STEP)
