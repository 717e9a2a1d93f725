"""Products of matrices and vectors, as in NPBench (github.com/spcl/npbench)."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.benchmarks.workloads.workload import Workload, numbers, of_size


def gemm(alpha, beta, c, a, b):
    return np.sum((alpha * a @ b + beta * c) ** 2)


def gemm_by_hand(alpha, beta, c, a, b):
    product = a @ b
    g = product * alpha
    g += beta * c
    g *= 2.0
    d_alpha = np.vdot(g, product)
    d_beta = np.vdot(g, c)
    d_a = g @ b.T
    d_a *= alpha
    d_b = a.T @ g
    d_b *= alpha
    g *= beta
    return d_alpha, d_beta, g, d_a, d_b


def gemm_arguments(size: str) -> tuple[Any, ...]:
    n = of_size(size, 8, 128, 800)
    return 1.5, 1.2, numbers(n, n), numbers(n, n, seed=1), numbers(n, n, seed=2)


def mvt(x1, x2, y1, y2, a):
    return np.sum((x1 + a @ y1) ** 2) + np.sum((x2 + y2 @ a) ** 2)


def mvt_by_hand(x1, x2, y1, y2, a):
    g1 = 2.0 * (x1 + a @ y1)
    g2 = 2.0 * (x2 + y2 @ a)
    d_a = np.outer(g1, y1)
    d_a += np.outer(y2, g2)
    return g1, g2, g1 @ a, a @ g2, d_a


def mvt_arguments(size: str) -> tuple[Any, ...]:
    n = of_size(size, 8, 200, 2_000)
    return *(numbers(n, seed=k) for k in range(4)), numbers(n, n, seed=5)


def atax(a, x):
    return np.sum(((a @ x) @ a) ** 2)


def atax_by_hand(a, x):
    u = a @ x
    g = 2.0 * (u @ a)
    d_u = a @ g
    d_a = np.outer(u, g)
    d_a += np.outer(d_u, x)
    return d_a, d_u @ a


def atax_arguments(size: str) -> tuple[Any, ...]:
    n, m = of_size(size, (8, 6), (200, 150), (2_000, 1_500))
    return numbers(n, m), numbers(m, seed=1)


PRODUCTS = (
    Workload("BLAS kernels", gemm, gemm_by_hand, gemm_arguments, (0, 1, 2, 3, 4)),
    Workload("BLAS kernels", mvt, mvt_by_hand, mvt_arguments, (0, 1, 2, 3, 4)),
    Workload("BLAS kernels", atax, atax_by_hand, atax_arguments, (0, 1)),
)
