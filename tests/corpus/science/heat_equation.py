"""The heat equation in two dimensions: explicit steps, a source, several boundary conditions."""

import numpy as np


class Settings:
    """Constants of the run."""

    length = 1.0
    cells = 8
    steps = 12
    safety = 0.2


def conductivity_field(base, contrast, n):
    """A plate with an inclusion of another material in the middle."""
    k = np.full((n, n), base)
    lo, hi = n // 3, 2 * n // 3
    k[lo:hi, lo:hi] *= contrast
    return k


def initial_temperature(n, hot, cold):
    """A warm spot in a cold plate."""
    temperature = np.ones((n, n)) * cold
    for i in range(n):
        for j in range(n):
            distance = (i - n / 2) ** 2 + (j - n / 3) ** 2
            if distance < 4.0:
                temperature[i, j] = hot
            elif distance < 9.0:
                temperature[i, j] = 0.5 * (hot + cold)
    return temperature


def apply_boundaries(temperature, left, flux, h):
    """Fixed on the left, insulated on the right, given flux below, convection above."""
    temperature[:, 0] = left
    temperature[:, -1] = temperature[:, -2]
    temperature[0, :] = temperature[1, :] + h * flux
    temperature[-1, 1:-1] = (temperature[-2, 1:-1] + h * left) / (1.0 + h)


def face_conductivities(k):
    """Harmonic means on the faces between cells."""
    east = 2.0 * k[:, 1:] * k[:, :-1] / (k[:, 1:] + k[:, :-1])
    north = 2.0 * k[1:, :] * k[:-1, :] / (k[1:, :] + k[:-1, :])
    return east, north


def step(temperature, east, north, source, dt, h):
    """One explicit step in conservative form."""
    flux_x = east * (temperature[:, 1:] - temperature[:, :-1]) / h
    flux_y = north * (temperature[1:, :] - temperature[:-1, :]) / h
    rate = np.zeros_like(temperature)
    rate[:, :-1] += flux_x / h
    rate[:, 1:] -= flux_x / h
    rate[:-1, :] += flux_y / h
    rate[1:, :] -= flux_y / h
    rate += source
    temperature[1:-1, 1:-1] += dt * rate[1:-1, 1:-1]


def simulate(base, contrast, hot, left, flux, source):
    n = Settings.cells
    h = Settings.length / n
    k = conductivity_field(base, contrast, n)
    east, north = face_conductivities(k)
    temperature = initial_temperature(n, hot, 0.0)
    dt = Settings.safety * h * h / 2.0
    history = np.zeros(Settings.steps + 1)
    history[0] = temperature.mean()
    for t in range(Settings.steps):
        apply_boundaries(temperature, left, flux, h)
        step(temperature, east, north, source, dt, h)
        history[t + 1] = temperature.mean()
    return temperature, history


def misfit(base, contrast, hot, left, flux, source, measured):
    """How far the plate ends from what was measured at a few sensors."""
    temperature, history = simulate(base, contrast, hot, left, flux, source)
    sensors = [(2, 2), (2, 5), (5, 2), (5, 5), (4, 6)]
    total = 0.0
    for number, (i, j) in enumerate(sensors):
        r = temperature[i, j] - measured[number]
        total += r * r
    smoothness = np.sum((history[2:] - 2 * history[1:-1] + history[:-2]) ** 2)
    return total / len(sensors) + 10.0 * smoothness


FUNCTION = misfit
ARGUMENTS = (
    1.1,
    0.4,
    2.0,
    0.3,
    0.8,
    np.random.default_rng(0).uniform(0.0, 1.0, (8, 8)),
    np.array([0.5, 0.4, 0.3, 0.2, 0.1]),
)
WRT = (0, 1, 2, 3, 4, 5)
