"""Stochastic gradient descent, with momentum (Sutskever, Martens, Dahl & Hinton 2013)."""

from __future__ import annotations

from dataclasses import dataclass

from srcgrad.errors import ArgumentError
from srcgrad.optim.optimizer import Array, Optimizer, Params


@dataclass(frozen=True)
class SGD(Optimizer[Params]):
    """Gradient descent: `p ← p - rate * g`, where `g` includes `weight_decay * p`.

    With momentum μ, equations (1) and (2) of Sutskever et al. 2013:
    `v ← μ v - rate * g`, then `p ← p + v`.  With `nesterov=True`, equations (3) and (4), where `p`
    stands for the point looked ahead to, at which the gradient is taken (Bengio,
    Boulanger-Lewandowski & Pascanu 2013, equation (7)): `p ← p + μ v - rate * g`.
    """

    momentum: float = 0.0
    nesterov: bool = False
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        if self.nesterov and not self.momentum:
            raise ArgumentError("`nesterov=True` needs a momentum, as in `momentum=0.9`")

    @property
    def remembers(self) -> tuple[str, ...]:
        return ("velocity",) if self.momentum else ()

    def step_parameter(
        self, step: int, rate: float, parameter: Array, gradient: Array, *remembered: Array
    ) -> tuple[Array, ...]:
        if self.weight_decay:
            gradient = gradient + self.weight_decay * parameter
        if not self.momentum:
            return (parameter - rate * gradient,)
        velocity = self.momentum * remembered[0] - rate * gradient
        if self.nesterov:
            return parameter + self.momentum * velocity - rate * gradient, velocity
        return parameter + velocity, velocity
