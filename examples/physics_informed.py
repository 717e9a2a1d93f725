"""A physics-informed fit: a network that obeys a differential equation where nobody has measured.

A damped oscillator is measured a few times, with noise, in the first third of the time.  The
network u(t) is to fit these points and to satisfy m u'' + c u' + k u = 0 everywhere.  Its
derivatives in time come from `jvp` inside the loss (the second one from a `jvp` of a `jvp`), and
the training takes the gradient of all that: derivatives of third order, in one emitted function.

    python examples/physics_informed.py
"""

import argparse
from collections.abc import Sequence

import numpy as np

from srcgrad import jvp, value_and_grad
from srcgrad.optim import Adam

MASS, FRICTION, STIFFNESS = 1.0, 0.4, 4.0
MEASURED, TOTAL = 3.0, 9.0  # seconds
WIDTH = 24


def network(params, t):
    """The position at each of the times t [n]."""
    (w1, b1), (w2, b2), (w3, b3) = params
    hidden = np.tanh((t[:, None] - 0.5 * TOTAL) * w1 + b1)
    hidden = np.tanh(hidden @ w2 + b2)
    return (hidden @ w3 + b3)[:, 0]


@value_and_grad
def loss(params, times, positions, everywhere):
    """How far the network is from the measurements, and from the equation of motion."""

    def u(t):
        return network(params, t)

    def velocity(t):
        return jvp(u, (t,), (np.ones_like(t),))[1]

    du, ddu = jvp(velocity, (everywhere,), (np.ones_like(everywhere),))
    residual = MASS * ddu + FRICTION * du + STIFFNESS * u(everywhere)
    misfit = u(times) - positions
    return np.mean(misfit**2) + 0.02 * np.mean(residual**2)


def motion(t):
    """The exact solution that starts at rest at 1."""
    decay = 0.5 * FRICTION / MASS
    frequency = np.sqrt(STIFFNESS / MASS - decay**2)
    return np.exp(-decay * t) * (np.cos(frequency * t) + decay / frequency * np.sin(frequency * t))


def start(rng):
    shapes = (1, WIDTH), (WIDTH, WIDTH), (WIDTH, 1)
    spreads = 0.8, WIDTH**-0.5, WIDTH**-0.5
    return [
        (spread * rng.normal(size=shape), np.zeros(shape[1]))
        for shape, spread in zip(shapes, spreads)
    ]


def train(params, times, positions, everywhere, steps):
    """The trained parameters, and the losses along the way."""
    optimizer = Adam(learning_rate=5e-3)
    state = optimizer.init(params)
    losses = []
    for _ in range(steps):
        value, gradient = loss(params, times, positions, everywhere)
        losses.append(value)
        params, state = optimizer.update(params, gradient, state)
    return params, losses


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--short", action="store_true", help="train for 300 steps")
    options = parser.parse_args(arguments)

    rng = np.random.default_rng(0)
    times = np.sort(rng.uniform(0.0, MEASURED, 12))
    positions = motion(times) + 0.02 * rng.normal(size=12)
    everywhere = np.linspace(0.0, TOTAL, 90)
    steps = 300 if options.short else 8000
    params, losses = train(start(rng), times, positions, everywhere, steps)

    print("The gradient of the loss, as srcgrad wrote it:\n")
    print(loss.source)
    for step in range(0, steps, steps // 6):
        print(f"step {step:5d}: loss {losses[step]:.6f}")
    print(f"\n{'time':>6} {'exact':>9} {'network':>9}")
    shown = np.linspace(0.0, TOTAL, 10)
    for t, exact, found in zip(shown, motion(shown), network(params, shown)):
        print(f"{t:6.1f} {exact:9.4f} {found:9.4f}{'' if t <= MEASURED else '  not measured'}")
    error = np.abs(motion(everywhere) - network(params, everywhere)).max()
    print(f"largest error: {error:.4f}")


if __name__ == "__main__":
    main()
