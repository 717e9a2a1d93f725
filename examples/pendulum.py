"""Fit the parameters of an ODE through its time loop: the length and the friction of a pendulum.

The pendulum is simulated with a Runge-Kutta method in a plain Python loop; the loss compares the
angles with 100 measurements of them.  The gradient goes back through all steps.  `checkpoint` lets
it keep the state of every seventieth or so step only, and compute those between once more.

    python examples/pendulum.py
"""

import argparse
import tracemalloc
from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize

from srcgrad import checkpoint, value_and_grad

GRAVITY = 9.81
DURATION = 10.0  # seconds
LENGTH, FRICTION = 1.3, 0.15  # the true ones: m, 1/s


def motion(state, length, friction):
    """How angle and speed, state [2, swings], change in time."""
    angle, speed = state
    return np.stack([speed, -GRAVITY / length * np.sin(angle) - friction * speed])


def step(state, length, friction, h):
    """One step of the classical Runge-Kutta method."""
    k1 = motion(state, length, friction)
    k2 = motion(state + 0.5 * h * k1, length, friction)
    k3 = motion(state + 0.5 * h * k2, length, friction)
    k4 = motion(state + h * k3, length, friction)
    return state + h / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)


@value_and_grad
def loss(theta, start, measured, every):
    """The mean squared error in the angles.

    theta: length and friction; start [2, swings]; measured [times, swings], one row after each
    `every` steps.
    """
    length, friction = theta
    steps = len(measured) * every
    h = DURATION / steps
    state, total = start, 0.0
    for i in checkpoint(range(steps)):
        state = step(state, length, friction, h)
        if (i + 1) % every == 0:
            total += np.mean((state[0] - measured[i // every]) ** 2)
    return total / len(measured)


def measure(start, times, every, noise, rng):
    """The angles of the true pendulum at so many times, [times, swings]."""
    rows, state, h = [], start, DURATION / (times * every)
    for _ in range(times):
        for _ in range(every):
            state = step(state, LENGTH, FRICTION, h)
        rows.append(state[0] + noise * rng.normal(size=start.shape[1]))
    return np.array(rows)


def megabytes(function, *args):
    """The most memory that a call takes."""
    function(*args)
    tracemalloc.start()
    function(*args)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / 1e6


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--short", action="store_true", help="take larger steps")
    options = parser.parse_args(arguments)

    rng = np.random.default_rng(0)
    every = 5 if options.short else 50
    start = np.stack([rng.uniform(0.5, 2.5, 20), np.zeros(20)])
    measured = measure(start, 100, every, 0.02, rng)
    result = minimize(loss, np.array([1.0, 0.4]), (start, measured, every), "L-BFGS-B", jac=True)

    print("The gradient, as srcgrad wrote it:\n")
    print(loss.source)
    print(f"after {result.nit} iterations and {result.nfev} gradients:")
    print(f"length   {result.x[0]:.4f} m, of {LENGTH}")
    print(f"friction {result.x[1]:.4f} 1/s, of {FRICTION}")
    memory = megabytes(loss, result.x, start, measured, every)
    print(f"steps: {100 * every}, memory of one gradient: {memory:.2f} MB")


if __name__ == "__main__":
    main()
