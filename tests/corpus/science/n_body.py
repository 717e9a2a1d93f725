"""Bodies that attract each other, by the leapfrog method, with a test of energy."""

import numpy as np

G = 1.0
SOFTENING = 0.05


def accelerations(positions, masses, out):
    """Fill `out` with the acceleration of each body; each pair is visited once."""
    n = len(masses)
    out[:] = 0.0
    for i in range(n):
        for j in range(i + 1, n):
            d = positions[j] - positions[i]
            r2 = d @ d + SOFTENING**2
            inverse = 1.0 / (r2 * np.sqrt(r2))
            out[i] += G * masses[j] * inverse * d
            out[j] -= G * masses[i] * inverse * d


def kinetic_energy(velocities, masses):
    return 0.5 * np.sum(masses * np.sum(velocities**2, axis=1))


def potential_energy(positions, masses):
    total = 0.0
    n = len(masses)
    for i in range(n):
        for j in range(i):
            r = np.sqrt(np.sum((positions[i] - positions[j]) ** 2) + SOFTENING**2)
            total -= G * masses[i] * masses[j] / r
    return total


def to_centre_of_mass(positions, velocities, masses):
    """Move to the frame in which the centre of mass rests at the origin."""
    total = masses.sum()
    positions -= (masses @ positions) / total
    velocities -= (masses @ velocities) / total


def leapfrog(positions, velocities, masses, dt, steps):
    """Kick, drift, kick; the state is changed in place.  Returns the path of the first body."""
    forces = np.zeros_like(positions)
    accelerations(positions, masses, forces)
    path = np.empty((steps, positions.shape[1]))
    for t in range(steps):
        velocities += 0.5 * dt * forces
        positions += dt * velocities
        accelerations(positions, masses, forces)
        velocities += 0.5 * dt * forces
        path[t] = positions[0]
    return path


def collisions(positions, limit):
    """How many pairs are closer than a limit."""
    count = 0
    for i in range(len(positions)):
        for j in range(i):
            if np.sum((positions[i] - positions[j]) ** 2) < limit**2:
                count += 1
    return count


def mission(positions, velocities, masses, target, steps):
    """How far the first body ends from its target, and how much energy drifted."""
    to_centre_of_mass(positions, velocities, masses)
    before = kinetic_energy(velocities, masses) + potential_energy(positions, masses)
    path = leapfrog(positions, velocities, masses, 0.02, steps)
    after = kinetic_energy(velocities, masses) + potential_energy(positions, masses)
    miss = np.sum((path[-1] - target) ** 2)
    length = np.sum(np.sqrt(np.sum(np.diff(path, axis=0) ** 2, axis=1)))
    penalty = 100.0 * collisions(positions, 1e-3)
    return miss + 0.1 * length + (after - before) ** 2 + penalty


_random = np.random.default_rng(3)
FUNCTION = mission
ARGUMENTS = (
    _random.uniform(-1.0, 1.0, (3, 2)),
    _random.uniform(-0.5, 0.5, (3, 2)),
    np.array([1.0, 0.5, 0.8]),
    np.array([0.3, -0.2]),
    6,
)
WRT = (0, 1, 2, 3)
