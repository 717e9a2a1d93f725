"""A Hamiltonian system from its energy alone: the double pendulum.

All that is written down is the energy.  Its derivatives are the equations of motion (Hamilton:
dq/dt = ∂H/∂p, dp/dt = -∂H/∂q), and their derivative in turn is the matrix that Newton's method
needs in each implicit step.  The midpoint rule keeps the energy nearly constant for as long as one
likes; a Runge-Kutta step of the same order does not.

    python examples/hamiltonian.py
"""

import argparse
from collections.abc import Sequence

import numpy as np

from srcgrad import grad, jacobian

GRAVITY = 9.81
MASSES = 1.0, 0.5  # kg
LENGTHS = 1.0, 0.8  # m


def energy(q, p):
    """The energy of two pendulums, one hanging from the other.

    q [2] are the angles from the vertical, p [2] the momenta that belong to them.
    """
    (m1, m2), (l1, l2) = MASSES, LENGTHS
    difference = q[0] - q[1]
    mixed = m2 * l1 * l2 * np.cos(difference)
    first, second = (m1 + m2) * l1**2, m2 * l2**2
    kinetic = (second * p[0] ** 2 - 2.0 * mixed * p[0] * p[1] + first * p[1] ** 2) / (
        2.0 * (first * second - mixed**2)
    )
    height = -(m1 + m2) * l1 * np.cos(q[0]) - m2 * l2 * np.cos(q[1])
    return kinetic + GRAVITY * height


slopes = grad(energy, wrt=("q", "p"))


def motion(state):
    """How the state [4], angles and momenta, changes in time."""
    d_q, d_p = slopes(state[:2], state[2:])
    return np.concatenate([d_p, -d_q])


def residual(after, before, step):
    """What is zero at the end of an implicit midpoint step."""
    return after - before - step * motion(0.5 * (before + after))


residual_slope = jacobian(residual)


def midpoint_step(state, step):
    after = state + step * motion(state)
    for _ in range(3):
        wrong = residual(after, state, step)
        after = after - np.linalg.solve(residual_slope(after, state, step), wrong)
    return after


def runge_kutta_step(state, step):
    """Heun's method, of second order as well."""
    first = motion(state)
    return state + 0.5 * step * (first + motion(state + step * first))


def simulate(make_step, state, step, count):
    """The energies along the way, and the last state."""
    energies = []
    for _ in range(count):
        energies.append(energy(state[:2], state[2:]))
        state = make_step(state, step)
    return np.array(energies), state


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--short", action="store_true", help="simulate two seconds")
    options = parser.parse_args(arguments)

    state = np.array([1.5, 1.0, 0.0, 0.0])
    step, count = 0.01, 200 if options.short else 5000
    found = {
        name: simulate(make_step, state, step, count)
        for name, make_step in (("midpoint", midpoint_step), ("Heun", runge_kutta_step))
    }

    print("The equations of motion, as srcgrad wrote them:\n")
    print(slopes.source)
    print(f"{count * step:g} seconds in steps of {step:g}:")
    print("method    energy at the start    largest change of it")
    for name, (energies, _) in found.items():
        change = np.abs(energies - energies[0]).max()
        print(f"{name:9} {energies[0]:19.6f} {change:23.2e}")


if __name__ == "__main__":
    main()
