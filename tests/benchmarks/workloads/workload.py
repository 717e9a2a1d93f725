"""What a workload is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

SIZES = ("small", "medium", "large")


@dataclass(frozen=True)
class Workload:
    """A function, its gradient written by hand, and arguments of three sizes.

    `by_hand` returns the gradient with respect to the arguments `wrt`, in the form of
    `grad(primal, wrt=wrt)`.  `functional` programs store nothing and loop little: tracers can run
    them with their own NumPy in place of `np`.
    """

    kind: str
    primal: Callable[..., Any]
    by_hand: Callable[..., Any]
    arguments: Callable[[str], tuple[Any, ...]]
    wrt: int | tuple[int, ...] = 0
    functional: bool = True

    @property
    def name(self) -> str:
        return self.primal.__name__


def numbers(*shape: int, seed: int = 0, scale: float = 1.0) -> np.ndarray:
    """Reproducible numbers around 0."""
    return np.random.default_rng([seed, *shape]).normal(0.0, scale, shape)


def positive(*shape: int, low: float = 0.5, high: float = 1.5, seed: int = 0) -> np.ndarray:
    return np.random.default_rng([seed, 1, *shape]).uniform(low, high, shape)


def of_size(size: str, small: Any, medium: Any, large: Any) -> Any:
    return {"small": small, "medium": medium, "large": large}[size]
