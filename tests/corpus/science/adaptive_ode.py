"""An adaptive Runge-Kutta solver, of which the number of steps depends on the data."""

import numpy as np

# The coefficients of Bogacki and Shampine.
A = np.array([[0.0, 0.0, 0.0], [0.5, 0.0, 0.0], [0.0, 0.75, 0.0]])
B = np.array([2.0 / 9.0, 1.0 / 3.0, 4.0 / 9.0])
ERROR = np.array([-5.0 / 72.0, 1.0 / 12.0, 1.0 / 9.0, -1.0 / 8.0])


def reaction(y, k):
    """The kinetics of Robertson, made less stiff."""
    rate = np.zeros(3)
    rate[0] = -k[0] * y[0] + k[1] * y[1] * y[2]
    rate[2] = k[2] * y[1] ** 2
    rate[1] = -rate[0] - rate[2]
    return rate


def stages(f, y, k, h, slopes):
    """Fill rows 1 and 2 of `slopes`; row 0 is known from the step before."""
    for s in range(1, 3):
        increment = np.zeros_like(y)
        for j in range(s):
            increment += A[s, j] * slopes[j]
        slopes[s] = f(y + h * increment, k)


def error_norm(error, y, y_new, rtol, atol):
    scale = atol + rtol * np.maximum(np.abs(y), np.abs(y_new))
    return np.sqrt(np.mean((error / scale) ** 2))


def integrate(f, y0, k, end, rtol=1e-3, atol=1e-6):
    """The state at the end, and how many steps were accepted and refused."""
    t, h = 0.0, 0.05
    y = y0.copy()
    slopes = np.zeros((4, len(y0)))
    slopes[0] = f(y, k)
    accepted = refused = 0
    while t < end:
        if t + h > end:
            h = end - t
        stages(f, y, k, h, slopes)
        y_new = y + h * (B @ slopes[:3])
        slopes[3] = f(y_new, k)
        error = h * (ERROR @ slopes)
        norm = error_norm(error, y, y_new, rtol, atol)
        if norm <= 1.0:
            t += h
            y = y_new
            slopes[0] = slopes[3]
            accepted += 1
        else:
            refused += 1
        h *= 1.5 if norm < 0.2 else 0.95 if norm <= 1.0 else 0.5
        if accepted + refused > 200:
            raise RuntimeError("too many steps")
    return y, accepted, refused


def yield_of_product(y0, k, end):
    """How much of the third substance there is at the end, with a penalty for what was lost."""
    y, accepted, refused = integrate(reaction, y0, k, end)
    balance = np.sum(y) - np.sum(y0)
    assert accepted > 0
    return y[2] + 2.0 * y[1] ** 2 + 10.0 * balance**2


FUNCTION = yield_of_product
ARGUMENTS = (np.array([1.0, 0.1, 0.05]), np.array([0.4, 2.0, 3.0]), 1.5)
WRT = (0, 1)
