"""How long derivatives of order 1 to 6 are as code, and how fast.

Prints, for `sin(x * x)` and for a loop of ten steps, the lines of emitted code, the milliseconds to
compile them and the microseconds of a call, for each order of `grad(grad(...))`.

    python -m tests.benchmarks.orders
"""

from __future__ import annotations

import math
import time
import timeit
from collections.abc import Callable
from typing import Any

from srcgrad import grad

ORDERS = range(1, 7)
POINT = 0.7


def sine(x):
    return math.sin(x * x)


def loop(x):
    y = x
    for _ in range(10):
        y = 0.9 * math.sin(y) + 0.1 * x
    return y


def derivative(function: Callable[..., Any], order: int) -> Callable[..., Any]:
    """`grad(grad(...))`."""
    made = function
    for _ in range(order):
        made = grad(made)
    return made


def lines(source: str) -> int:
    """The lines of code in a source, comments and blank lines left out."""
    stripped = (line.strip() for line in source.splitlines())
    return sum(bool(line) and not line.startswith("#") for line in stripped)


def row(function: Callable[..., Any], order: int) -> tuple[int, float, float]:
    """Lines of code, milliseconds to compile, microseconds of a call."""
    made = derivative(function, order)
    began = time.perf_counter()
    made(POINT)
    compiled = time.perf_counter() - began
    times = timeit.repeat(lambda: made(POINT), number=200, repeat=5)
    return lines(made.source), 1e3 * compiled, 1e6 * min(times) / 200


def main() -> None:
    print(f"{'':8} {'sin(x * x)':>32} {'ten steps of a loop':>36}")
    print("order" + 2 * f"{'lines':>12}{'compile ms':>12}{'call µs':>10}")
    for order in ORDERS:
        cells = [row(function, order) for function in (sine, loop)]
        print(f"{order:5d}" + "".join(f"{n:12d}{ms:12.0f}{us:10.1f}" for n, ms, us in cells))


if __name__ == "__main__":
    main()
