"""How the peak memory of gradients of in-place code grows with the number of steps.

Prints, for each program, the peak of the gradient and of the function itself, in arrays of its
argument, for as many steps as given and for ten times as many.

    python -m tests.benchmarks.memory
"""

from __future__ import annotations

import functools
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np

from srcgrad import grad
from tests.corpus import npbench


def smoothed(a):
    a[1:-1] = 0.5 * a[1:-1] + 0.25 * (a[:-2] + a[2:])


def in_a_helper(steps, x):
    for _ in range(steps):
        smoothed(x)
    return np.sum(x)


def by_rows(steps, x):
    for _ in range(steps):
        for i in range(1, 20):
            x[i] += 0.5 * x[i - 1]
            x[i, 1:] -= x[i, :-1]
    return np.sum(x)


def two_names(steps, x):
    y = np.zeros_like(x)
    for _ in range(steps):
        y[1:-1] = 0.5 * (x[2:] + x[:-2])
        x, y = y, x
    return np.sum(x)


def of_shape(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).uniform(0.5, 1.5, shape)


Arguments = Callable[[int], tuple[Any, ...]]
LINEAR: dict[str, tuple[Callable[..., Any], Arguments, int]] = {
    "jacobi_1d": (npbench.jacobi_1d, lambda t: (t, of_shape(4000), of_shape(4000)), 1),
    "jacobi_2d": (npbench.jacobi_2d, lambda t: (t, of_shape(64, 64), of_shape(64, 64)), 1),
    "heat_3d": (npbench.heat_3d, lambda t: (t, of_shape(16, 16, 16), of_shape(16, 16, 16)), 1),
    "seidel_2d": (npbench.seidel_2d, lambda t: (t, 20, of_shape(20, 200)), 2),
    "fdtd_2d": (
        lambda t, a, b, c, d: npbench.fdtd_2d(t, a, b, c, d),
        lambda t: (t, *(of_shape(64, 64) for _ in range(3)), of_shape(t)),
        1,
    ),
    "in a helper function": (in_a_helper, lambda t: (t, of_shape(4000)), 1),
    "by rows": (by_rows, lambda t: (t, of_shape(20, 200)), 1),
    "two names": (two_names, lambda t: (t, of_shape(4000)), 1),
}


def peak(function: Callable[..., Any], *arguments: Any) -> int:
    """The most memory, in bytes, that a call holds beside its arguments."""
    tracemalloc.start()
    try:
        function(*arguments)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def peaks(name: str, *steps: int) -> list[int]:
    """The peak of the gradient for each number of steps, compiled before."""
    function, make, wrt = LINEAR[name]
    gradient = grad(function, wrt=wrt)
    gradient(*make(steps[0]))
    return [peak(gradient, *make(count)) for count in steps]


def main() -> None:
    print(
        f"{'program':<24} {'T = 10':>10} {'T = 100':>10} {'T = 10':>12}  (bytes, function itself)"
    )
    for name, (function, make, _) in LINEAR.items():
        few, many = peaks(name, 10, 100)
        own = functools.partial(peak, function, *make(10))()
        print(f"{name:<24} {few:>10} {many:>10} {own:>12}")


if __name__ == "__main__":
    main()
