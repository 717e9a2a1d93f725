"""A fit of two peaks on a background by Gauss-Newton with damping, differentiated through."""

import numpy as np


def peak(x, height, centre, width):
    return height * np.exp(-0.5 * ((x - centre) / width) ** 2)


def model(p, x):
    """Two peaks and a straight line: p = [h1, c1, w1, h2, c2, w2, a, b]."""
    y = p[6] + p[7] * x
    for k in range(2):
        height, centre, width = p[3 * k : 3 * k + 3]
        y = y + peak(x, height, centre, width)
    return y


def jacobian(p, x):
    """Derivatives of the model by hand, a column for each parameter."""
    jac = np.empty((len(x), len(p)))
    for k in range(2):
        height, centre, width = p[3 * k : 3 * k + 3]
        z = (x - centre) / width
        e = np.exp(-0.5 * z * z)
        jac[:, 3 * k] = e
        jac[:, 3 * k + 1] = height * e * z / width
        jac[:, 3 * k + 2] = height * e * z**2 / width
    jac[:, 6] = 1.0
    jac[:, 7] = x
    return jac


def solve_normal_equations(jac, r, damping):
    normal = jac.T @ jac
    n = len(normal)
    for i in range(n):
        normal[i, i] *= 1.0 + damping
    return np.linalg.solve(normal, jac.T @ r)


def fit(p, x, y, weights, steps):
    """Steps are taken back, with more damping, where they make the fit worse."""
    damping = 1e-2
    scale = np.sqrt(weights)
    r = scale * (y - model(p, x))
    cost = np.sum(r * r)
    for _ in range(steps):
        jac = scale[:, None] * jacobian(p, x)
        trial = p + solve_normal_equations(jac, r, damping)
        r_trial = scale * (y - model(trial, x))
        cost_trial = np.sum(r_trial * r_trial)
        if cost_trial < cost:
            p, r, cost = trial, r_trial, cost_trial
            damping *= 0.3
        else:
            damping *= 5.0
    return p, cost


def area_ratio(start, x, y, weights, steps):
    """The ratio of the peaks' areas as a function of the data and the weights."""
    p, cost = fit(start, x, y, weights, steps)
    first = p[0] * p[2]
    second = p[3] * p[5]
    residual = np.sqrt(cost / (len(x) - len(p)))
    return first / second + 0.1 * residual


_x = np.linspace(0.0, 6.0, 24)
_p = np.array([1.0, 2.0, 0.6, 1.5, 4.2, 0.5, 0.2, 0.05])
_y = model(_p, _x) + np.random.default_rng(6).normal(0.0, 0.02, 24)
FUNCTION = area_ratio
ARGUMENTS = (
    _p + np.array([0.1, -0.1, 0.1, -0.2, 0.1, 0.05, 0.1, -0.02]),
    _x,
    _y,
    np.linspace(1.0, 2.0, 24),
    5,
)
WRT = (0, 2, 3)
