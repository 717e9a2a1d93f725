"""Crank-Nicolson for a diffusion equation: a tridiagonal solver that sweeps in place."""

import numpy as np


def thomas(lower, diagonal, upper, rhs):
    """Solve a tridiagonal system; the diagonal and the right-hand side are overwritten.

    The solution comes back in `rhs`.
    """
    n = len(rhs)
    for i in range(1, n):
        w = lower[i - 1] / diagonal[i - 1]
        diagonal[i] -= w * upper[i - 1]
        rhs[i] -= w * rhs[i - 1]
    rhs[-1] /= diagonal[-1]
    for i in range(n - 2, -1, -1):
        rhs[i] = (rhs[i] - upper[i] * rhs[i + 1]) / diagonal[i]


def cyclic_thomas(lower, diagonal, upper, corner, rhs):
    """The same with equal corner elements, by the formula of Sherman and Morrison."""
    n = len(rhs)
    gamma = -diagonal[0]
    d = diagonal.copy()
    d[0] -= gamma
    d[-1] -= corner * corner / gamma
    u = np.zeros(n)
    u[0] = gamma
    u[-1] = corner
    second = d.copy()
    thomas(lower, d, upper, rhs)
    thomas(lower, second, upper, u)
    factor = (rhs[0] + corner * rhs[-1] / gamma) / (1.0 + u[0] + corner * u[-1] / gamma)
    rhs -= factor * u


def assemble(kappa, dt, dx):
    """The matrix of the implicit half of the step."""
    n = len(kappa) - 1
    r = dt / (2.0 * dx * dx)
    lower = np.empty(n - 1)
    upper = np.empty(n - 1)
    diagonal = np.empty(n)
    lower[:] = -r * kappa[1:-1]
    upper[:] = -r * kappa[1:-1]
    diagonal[:] = 1.0 + r * (kappa[:-1] + kappa[1:])
    return lower, diagonal, upper


def explicit_half(u, kappa, dt, dx):
    r = dt / (2.0 * dx * dx)
    out = u.copy()
    out[1:-1] += r * (kappa[2:-1] * (u[2:] - u[1:-1]) - kappa[1:-2] * (u[1:-1] - u[:-2]))
    out[0] += r * kappa[1] * (u[1] - u[0])
    out[-1] -= r * kappa[-2] * (u[-1] - u[-2])
    return out


def diffuse(u, kappa, steps, dt, dx):
    for _ in range(steps):
        rhs = explicit_half(u, kappa, dt, dx)
        lower, diagonal, upper = assemble(kappa, dt, dx)
        thomas(lower, diagonal, upper, rhs)
        u[:] = rhs


def ring(v, strength):
    """One implicit step on a ring."""
    n = len(v)
    off = -strength * np.ones(n - 1)
    diagonal = np.full(n, 1.0 + 2.0 * strength)
    cyclic_thomas(off, diagonal, off, -strength, v)


def final_profile_misfit(u, kappa, strength, target, steps):
    """The initial profile `u` is overwritten by the final one."""
    diffuse(u, kappa, steps, 0.1, 0.5)
    v = np.cos(u)
    ring(v, strength)
    return np.sum((u - target) ** 2) + 0.1 * np.sum(v**3)


_random = np.random.default_rng(2)
FUNCTION = final_profile_misfit
ARGUMENTS = (
    _random.uniform(0.0, 1.0, 7),
    _random.uniform(0.5, 1.0, 8),
    0.3,
    _random.uniform(0.0, 1.0, 7),
    4,
)
WRT = (0, 1, 2, 3)
