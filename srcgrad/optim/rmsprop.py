"""RMSProp (Tieleman & Hinton 2012, lecture 6.5 of "Neural networks for machine learning")."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from srcgrad.optim.optimizer import Array, Optimizer, Params
from srcgrad.optim.schedules import Schedule
from srcgrad.optim.squares import squared_magnitude


@dataclass(frozen=True)
class RMSProp(Optimizer[Params]):
    """Divides the gradient by a running average of its size.

    `s ← decay * s + (1 - decay) * g²`, then `p ← p - rate * g / (√s + eps)`.
    """

    learning_rate: float | Schedule = 1e-3
    decay: float = 0.9
    eps: float = 1e-8

    @property
    def remembers(self) -> tuple[str, ...]:
        return ("mean_square",)

    def step_parameter(
        self, step: int, rate: float, parameter: Array, gradient: Array, *remembered: Array
    ) -> tuple[Array, ...]:
        square = squared_magnitude(gradient)
        mean_square = self.decay * remembered[0] + (1.0 - self.decay) * square
        return parameter - rate * gradient / (np.sqrt(mean_square) + self.eps), mean_square
