"""Loops that write arrays in place, as in NPBench (github.com/spcl/npbench)."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.benchmarks.workloads.workload import Workload, numbers, of_size


def jacobi_1d(a, steps):
    b = a.copy()
    a = a.copy()
    for _ in range(steps):
        b[1:-1] = 0.33333 * (a[:-2] + a[1:-1] + a[2:])
        a[1:-1] = 0.33333 * (b[:-2] + b[1:-1] + b[2:])
    return np.sum(a * a)


def jacobi_1d_by_hand(a, steps):
    b = a.copy()
    a = a.copy()
    for _ in range(steps):
        b[1:-1] = 0.33333 * (a[:-2] + a[1:-1] + a[2:])
        a[1:-1] = 0.33333 * (b[:-2] + b[1:-1] + b[2:])
    d_a, d_b = 2.0 * a, np.zeros_like(a)
    for _ in range(steps):
        for target, source in ((d_a, d_b), (d_b, d_a)):
            g = 0.33333 * target[1:-1]
            target[1:-1] = 0.0
            source[:-2] += g
            source[1:-1] += g
            source[2:] += g
    return d_a + d_b


def jacobi_1d_arguments(size: str) -> tuple[Any, ...]:
    n, steps = of_size(size, (30, 10), (1_000, 100), (100_000, 100))
    return numbers(n), steps


def jacobi_2d(a, steps):
    b = a.copy()
    a = a.copy()
    for _ in range(steps):
        b[1:-1, 1:-1] = 0.2 * (
            a[1:-1, 1:-1] + a[1:-1, :-2] + a[1:-1, 2:] + a[2:, 1:-1] + a[:-2, 1:-1]
        )
        a[1:-1, 1:-1] = 0.2 * (
            b[1:-1, 1:-1] + b[1:-1, :-2] + b[1:-1, 2:] + b[2:, 1:-1] + b[:-2, 1:-1]
        )
    return np.sum(a * a)


def jacobi_2d_by_hand(a, steps):
    b = a.copy()
    a = a.copy()
    for _ in range(steps):
        b[1:-1, 1:-1] = 0.2 * (
            a[1:-1, 1:-1] + a[1:-1, :-2] + a[1:-1, 2:] + a[2:, 1:-1] + a[:-2, 1:-1]
        )
        a[1:-1, 1:-1] = 0.2 * (
            b[1:-1, 1:-1] + b[1:-1, :-2] + b[1:-1, 2:] + b[2:, 1:-1] + b[:-2, 1:-1]
        )
    d_a, d_b = 2.0 * a, np.zeros_like(a)
    for _ in range(steps):
        for target, source in ((d_a, d_b), (d_b, d_a)):
            g = 0.2 * target[1:-1, 1:-1]
            target[1:-1, 1:-1] = 0.0
            source[1:-1, 1:-1] += g
            source[1:-1, :-2] += g
            source[1:-1, 2:] += g
            source[2:, 1:-1] += g
            source[:-2, 1:-1] += g
    return d_a + d_b


def jacobi_2d_arguments(size: str) -> tuple[Any, ...]:
    n, steps = of_size(size, (10, 5), (100, 50), (500, 50))
    return numbers(n, n), steps


def triangular_solve(lower, b):
    x = np.zeros_like(b)
    for i in range(len(b)):
        x[i] = (b[i] - lower[i, :i] @ x[:i]) / lower[i, i]
    return np.sum(x * x)


def triangular_solve_by_hand(lower, b):
    n = len(b)
    x = np.zeros(n)
    for i in range(n):
        x[i] = (b[i] - lower[i, :i] @ x[:i]) / lower[i, i]
    d_x = 2.0 * x
    d_lower = np.zeros_like(lower)
    for i in reversed(range(n)):
        g = d_x[i] / lower[i, i]
        d_x[i] = g
        d_lower[i, : i + 1] = -g * x[: i + 1]
        d_x[:i] -= g * lower[i, :i]
    return d_lower, d_x


def triangular_solve_arguments(size: str) -> tuple[Any, ...]:
    n = of_size(size, 8, 100, 1_000)
    return numbers(n, n, scale=0.1) / n + 2.0 * np.eye(n), numbers(n, seed=1)


def floyd_warshall(path):
    path = path.copy()
    for k in range(len(path)):
        path[:] = np.minimum(path, path[:, k : k + 1] + path[k : k + 1, :])
    return np.sum(path * path)


def floyd_warshall_by_hand(path):
    n = len(path)
    path = path.copy()
    shorter = np.empty((n, n, n), bool)
    for k in range(n):
        through = path[:, k : k + 1] + path[k]
        np.less(through, path, out=shorter[k])
        np.minimum(path, through, out=path)
    g = 2.0 * path
    for k in reversed(range(n)):
        moved = g * shorter[k]
        g -= moved
        g[:, k] += moved.sum(axis=1)
        g[k] += moved.sum(axis=0)
    return g


def floyd_warshall_arguments(size: str) -> tuple[Any, ...]:
    n = of_size(size, 8, 60, 200)
    return (np.random.default_rng(0).uniform(1.0, 10.0, (n, n)),)


STENCILS = (
    Workload("in-place stencils", jacobi_1d, jacobi_1d_by_hand, jacobi_1d_arguments, 0, False),
    Workload("in-place stencils", jacobi_2d, jacobi_2d_by_hand, jacobi_2d_arguments, 0, False),
    Workload("in-place stencils", triangular_solve, triangular_solve_by_hand,
             triangular_solve_arguments, (0, 1), False),
    Workload("in-place stencils", floyd_warshall, floyd_warshall_by_hand,
             floyd_warshall_arguments, 0, False),
)  # fmt: skip
