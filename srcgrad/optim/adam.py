"""Adam (Kingma & Ba 2015) and AdamW (Loshchilov & Hutter 2019)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from srcgrad.optim.optimizer import Array, Optimizer, Params
from srcgrad.optim.schedules import Schedule
from srcgrad.optim.squares import squared_magnitude


@dataclass(frozen=True)
class Adam(Optimizer[Params]):
    """Algorithm 1 of Kingma & Ba 2015.

    `m ← β₁ m + (1 - β₁) g` and `s ← β₂ s + (1 - β₂) g²`; with the bias of their zero start removed,
    `m̂ = m / (1 - β₁ᵗ)` and `ŝ = s / (1 - β₂ᵗ)`; then `p ← p - rate * m̂ / (√ŝ + eps)`.
    """

    learning_rate: float | Schedule = 1e-3
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8

    @property
    def remembers(self) -> tuple[str, ...]:
        return ("mean", "mean_square")

    def step_parameter(
        self, step: int, rate: float, parameter: Array, gradient: Array, *remembered: Array
    ) -> tuple[Array, ...]:
        square = squared_magnitude(gradient)
        mean = self.beta1 * remembered[0] + (1.0 - self.beta1) * gradient
        mean_square = self.beta2 * remembered[1] + (1.0 - self.beta2) * square
        size = np.sqrt(mean_square / (1.0 - self.beta2**step)) + self.eps
        return parameter - rate / (1.0 - self.beta1**step) * mean / size, mean, mean_square


@dataclass(frozen=True)
class AdamW(Adam[Params]):
    """Adam with decoupled weight decay, algorithm 2 of Loshchilov & Hutter 2019.

    The parameter shrinks by `rate * weight_decay * p` beside Adam's step, which does not see it.
    The paper's λ is `rate * weight_decay` here, so that decay follows the schedule.
    """

    weight_decay: float = 1e-2

    def step_parameter(
        self, step: int, rate: float, parameter: Array, gradient: Array, *remembered: Array
    ) -> tuple[Array, ...]:
        moved, *kept = super().step_parameter(step, rate, parameter, gradient, *remembered)
        return (moved - rate * self.weight_decay * parameter, *kept)
