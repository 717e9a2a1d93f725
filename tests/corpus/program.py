"""What a program of the corpus is: a function as a user writes it, and arguments for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, eq=False)
class Program:
    """A function, the arguments of one call, and what to differentiate with respect to.

    `refused` says why srcgrad refuses the program for now, where it does; `number` counts the rows
    of one function.
    """

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    wrt: tuple[int, ...]
    tolerance: float
    refused: str | None = None
    number: int = 1

    @property
    def title(self) -> str:
        module = self.function.__module__.rsplit(".", 1)[-1]
        again = f" ({self.number})" if self.number > 1 else ""
        return f"{module}.{self.function.__name__}{again}"


PROGRAMS: list[Program] = []
REFUSED: list[Program] = []


def program(
    *arguments: Any,
    wrt: int | tuple[int, ...] = 0,
    tolerance: float = 1e-6,
    refused: str | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add the function below to the corpus, with these arguments; the function stays as it is.

    With `refused` it is expected to be refused, for this reason, until it works.
    """
    places = (wrt,) if isinstance(wrt, int) else wrt
    kept = PROGRAMS if refused is None else REFUSED

    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        number = 1 + sum(other.function is function for other in kept)
        kept.append(Program(function, arguments, places, tolerance, refused, number))
        return function

    return add


def numbers(*shape: int, seed: int = 0) -> np.ndarray:
    """Numbers between 0.5 and 1.5, the same in every run."""
    return np.random.default_rng(seed).uniform(0.5, 1.5, shape)


def signed(*shape: int, seed: int = 0) -> np.ndarray:
    """Numbers of both signs, at least 0.1 away from zero, the same in every run."""
    generator = np.random.default_rng(seed)
    return generator.uniform(0.1, 1.5, shape) * generator.choice([-1.0, 1.0], shape)
