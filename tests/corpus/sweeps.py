"""Loops that read of an array what they have stored there, or what they have yet to store."""

import numpy as np

from tests.corpus.program import numbers, program, signed


def weighted(a):
    """A sum that tells every element from every other."""
    return np.sum(a * np.cos(np.arange(a.size)).reshape(a.shape))


@program(numbers(5), 0.3, wrt=(0, 1))
def a_sweep_upward(x, c):
    for i in range(1, len(x)):
        x[i] = x[i] * x[i - 1] + c
    return weighted(x)


@program(numbers(5), 0.3, wrt=(0, 1))
def a_sweep_downward(x, c):
    for i in range(len(x) - 2, -1, -1):
        x[i] = x[i] * x[i + 1] + c
    return weighted(x)


@program(numbers(5))
def a_sweep_that_begins_at_the_end(x):
    for i in range(len(x)):
        x[i] = x[i] * x[i - 1]
    return weighted(x)


@program(numbers(5))
def a_sweep_that_is_swept_over_again(x):
    for i in range(1, len(x)):
        x[i] *= x[i - 1]
    x *= x
    x[0] = 0.0
    return weighted(x)


@program(numbers(4, 4) + np.eye(4), numbers(4, seed=1), wrt=(0, 1))
def forward_substitution(L, b):
    x = np.zeros_like(b)
    for i in range(len(b)):
        x[i] = (b[i] - L[i, :i] @ x[:i]) / L[i, i]
    return weighted(x)


@program(numbers(4, 4) + np.eye(4), numbers(4, seed=1), wrt=(0, 1))
def backward_substitution(U, b):
    x = np.zeros_like(b)
    for i in range(len(b) - 1, -1, -1):
        x[i] = (b[i] - U[i, i + 1 :] @ x[i + 1 :]) / U[i, i]
    return weighted(x)


@program(*(numbers(5, seed=k) for k in range(4)), wrt=(0, 1, 2, 3))
def a_tridiagonal_solver(a, b, c, d):
    n = len(d)
    b = b + 2.0
    cp = np.zeros(n)
    dp = np.zeros(n)
    cp[0] = c[0] / b[0]
    dp[0] = d[0] / b[0]
    for i in range(1, n):
        m = b[i] - a[i] * cp[i - 1]
        cp[i] = c[i] / m
        dp[i] = (d[i] - a[i] * dp[i - 1]) / m
    x = np.zeros(n)
    x[-1] = dp[-1]
    for i in range(n - 2, -1, -1):
        x[i] = dp[i] - cp[i] * x[i + 1]
    return weighted(x)


@program(numbers(3), numbers(3, 3, seed=1), 4, wrt=(0, 1))
def states_in_rows(x, w, steps):
    h = np.empty((steps + 1, 3))
    h[0] = x
    for t in range(steps):
        h[t + 1] = np.tanh(h[t] @ w) * h[t]
    return weighted(h)


@program(numbers(6), numbers(6, seed=1), 3, wrt=(0, 1))
def a_solver_inside_a_loop(a, d, steps):
    for _ in range(steps):
        x = np.zeros_like(d)
        x[0] = d[0]
        for i in range(1, len(d)):
            x[i] = d[i] - 0.3 * a[i] * x[i - 1] ** 2
        d = x
    return weighted(d)


@program(numbers(5), 3)
def sweeps_in_a_loop(x, steps):
    for _ in range(steps):
        for i in range(1, len(x)):
            x[i] = 0.5 * x[i] * x[i - 1]
    return weighted(x)


@program(numbers(4, 4) + 4 * np.eye(4))
def elimination(A):
    n = len(A)
    for i in range(n):
        for j in range(i):
            A[i, j] -= A[i, :j] @ A[:j, j]
            A[i, j] /= A[j, j]
        for j in range(i, n):
            A[i, j] -= A[i, :i] @ A[:i, j]
    return weighted(A)


@program(signed(6))
def a_sweep_with_choices(x):
    for i in range(2, len(x)):
        if x[i - 1] > 0:
            x[i] = x[i] * x[i - 1]
        else:
            x[i - 2] = x[i] * x[i - 1]
    return weighted(x)


@program(numbers(6))
def two_steps_at_a_time(x):
    for i in range(2, len(x), 2):
        x[i] = x[i - 1] * x[i - 2] * x[i]
        x[i - 1] = x[i] ** 2
    return weighted(x)


@program(numbers(6))
def the_first_element_all_along(x):
    for i in range(1, len(x)):
        x[i] = x[0] * x[i] ** 2
    x[0] = x[3]
    return weighted(x)


@program(numbers(4, 5))
def columns_before(x):
    for j in range(1, x.shape[1]):
        x[:, j] = x[:, j] * np.sin(x[:, j - 1])
    return weighted(x)
