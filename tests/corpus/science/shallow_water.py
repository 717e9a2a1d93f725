"""Shallow water in two dimensions, with a frame of ghost cells and a Lax-Friedrichs scheme."""

import numpy as np

GRAVITY = 9.81
GHOST = 1


def new_state(nx, ny):
    """Height and momenta, with ghost cells around."""
    shape = (ny + 2 * GHOST, nx + 2 * GHOST)
    return {"h": np.ones(shape), "hu": np.zeros(shape), "hv": np.zeros(shape)}


def drop(state, amplitude, width, cx, cy):
    """Add a bump of water."""
    h = state["h"]
    ny, nx = h.shape
    for j in range(ny):
        for i in range(nx):
            r2 = (i - cx) ** 2 + (j - cy) ** 2
            h[j, i] += amplitude * np.exp(-r2 / width**2)


def reflect(state):
    """Walls: ghost cells mirror the inside, normal momenta with the other sign."""
    for name, field in state.items():
        field[0, :] = field[1, :]
        field[-1, :] = field[-2, :]
        field[:, 0] = field[:, 1]
        field[:, -1] = field[:, -2]
        if name == "hu":
            field[:, 0] *= -1.0
            field[:, -1] *= -1.0
        elif name == "hv":
            field[0, :] *= -1.0
            field[-1, :] *= -1.0


def fluxes(h, hu, hv):
    u = hu / h
    v = hv / h
    pressure = 0.5 * GRAVITY * h**2
    along_x = (hu, hu * u + pressure, hu * v)
    along_y = (hv, hu * v, hv * v + pressure)
    return along_x, along_y


def advance(state, dt, dx):
    """One step: averages of the neighbours minus differences of the fluxes."""
    h, hu, hv = state["h"], state["hu"], state["hv"]
    along_x, along_y = fluxes(h, hu, hv)
    ratio = dt / (2.0 * dx)
    updates = []
    for q, f, g in zip((h, hu, hv), along_x, along_y):
        mean = 0.25 * (q[1:-1, 2:] + q[1:-1, :-2] + q[2:, 1:-1] + q[:-2, 1:-1])
        mean = mean - ratio * (f[1:-1, 2:] - f[1:-1, :-2])
        mean = mean - ratio * (g[2:, 1:-1] - g[:-2, 1:-1])
        updates.append(mean)
    h[1:-1, 1:-1] = updates[0]
    hu[1:-1, 1:-1] = updates[1]
    hv[1:-1, 1:-1] = updates[2]


def bottom_friction(state, coefficient, dt):
    h = state["h"]
    speed = np.sqrt(state["hu"] ** 2 + state["hv"] ** 2 + 1e-6) / h
    damping = 1.0 / (1.0 + dt * coefficient * speed / h)
    state["hu"] *= damping
    state["hv"] *= damping


def stable_step(state, dx, courant):
    h = state["h"]
    fastest = np.max(np.abs(state["hu"] / h) + np.sqrt(GRAVITY * h))
    return courant * dx / fastest


def energy(state):
    h = state["h"][1:-1, 1:-1]
    kinetic = 0.5 * (state["hu"][1:-1, 1:-1] ** 2 + state["hv"][1:-1, 1:-1] ** 2) / h
    potential = 0.5 * GRAVITY * (h - 1.0) ** 2
    return np.sum(kinetic + potential)


def gauge_misfit(amplitude, width, friction, centre, record):
    """Compares the water level at a gauge with a record of it."""
    nx, ny, dx = 7, 6, 1.0
    state = new_state(nx, ny)
    drop(state, amplitude, width, centre[0], centre[1])
    levels = np.zeros(len(record))
    for n in range(len(record)):
        reflect(state)
        dt = stable_step(state, dx, 0.3)
        advance(state, dt, dx)
        bottom_friction(state, friction, dt)
        levels[n] = state["h"][3, 5]
    misfit = np.sum((levels - record) ** 2)
    return misfit + 1e-3 * energy(state)


FUNCTION = gauge_misfit
ARGUMENTS = (0.4, 1.5, 0.1, np.array([3.2, 2.9]), np.linspace(1.0, 1.1, 5))
WRT = (0, 1, 2, 3, 4)
