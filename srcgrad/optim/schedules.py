"""Learning-rate schedules: functions from the number of steps taken so far to a learning rate."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

from srcgrad.errors import ArgumentError

Schedule: TypeAlias = Callable[[int], float]


def constant(rate: float) -> Schedule:
    """The same rate at every step.

    >>> constant(0.1)(1000)
    0.1
    """
    return lambda step: rate


def step_decay(rate: float, every: int, factor: float = 0.5) -> Schedule:
    """The rate, multiplied by `factor` after each `every` steps.

    >>> halving = step_decay(0.8, every=10)
    >>> [halving(step) for step in (0, 9, 10, 20)]
    [0.8, 0.8, 0.4, 0.2]
    """
    if every < 1:
        raise ArgumentError(f"`every` must be at least 1 step, not {every}")
    return lambda step: rate * factor ** (step // every)


def exponential(rate: float, factor: float, every: int = 1) -> Schedule:
    """The rate, shrinking smoothly by `factor` over `every` steps.

    >>> shrinking = exponential(1.0, factor=0.25, every=2)
    >>> [shrinking(step) for step in (0, 1, 2)]
    [1.0, 0.5, 0.25]
    """
    if every < 1:
        raise ArgumentError(f"`every` must be at least 1 step, not {every}")
    return lambda step: rate * factor ** (step / every)


def cosine(rate: float, steps: int, warmup: int = 0, final: float = 0.0) -> Schedule:
    """Half a cosine wave from `rate` down to `final` at step `steps` (Loshchilov & Hutter 2017).

    The first `warmup` of these steps rise linearly to `rate`, the very first being `rate / warmup`
    and not 0, so that no step is lost.  After `steps` the rate stays `final`.

    >>> rising_then_falling = cosine(1.0, steps=8, warmup=4)
    >>> [round(rising_then_falling(step), 3) for step in range(9)]
    [0.25, 0.5, 0.75, 1.0, 1.0, 0.854, 0.5, 0.146, 0.0]
    """
    if not 0 <= warmup < steps:
        raise ArgumentError(f"`warmup` must lie in 0 ... {steps - 1} steps, not {warmup}")

    def rate_at(step: int) -> float:
        if step < warmup:
            return rate * (step + 1) / warmup
        progress = min((step - warmup) / (steps - warmup), 1.0)
        return final + (rate - final) * 0.5 * (1.0 + math.cos(math.pi * progress))

    return rate_at
