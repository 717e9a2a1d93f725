"""A Kalman filter with a smoother: the likelihood of measurements with gaps."""

import numpy as np


def constant_velocity(dt):
    """Transition of position and velocity in two dimensions."""
    f = np.eye(4)
    f[0, 2] = dt
    f[1, 3] = dt
    return f


def process_noise(intensity, dt):
    q = np.zeros((4, 4))
    block = np.array([[dt**3 / 3.0, dt**2 / 2.0], [dt**2 / 2.0, dt]])
    q[::2, ::2] = block
    q[1::2, 1::2] = block
    q *= intensity
    return q


def observation():
    h = np.zeros((2, 4))
    h[0, 0] = h[1, 1] = 1.0
    return h


def predict(x, p, f, q):
    return f @ x, f @ p @ f.T + q


def update(x, p, z, h, r):
    """The corrected state and the log likelihood of the measurement."""
    innovation = z - h @ x
    s = h @ p @ h.T + r
    gain = np.linalg.solve(s.T, (p @ h.T).T).T
    x = x + gain @ innovation
    p = (np.eye(len(x)) - gain @ h) @ p
    p = 0.5 * (p + p.T)
    _, logdet = np.linalg.slogdet(s)
    quadratic = innovation @ np.linalg.solve(s, innovation)
    return x, p, -0.5 * (quadratic + logdet + len(z) * np.log(2.0 * np.pi))


def run_filter(measurements, present, intensity, noise, x0, dt):
    f, q, h = constant_velocity(dt), process_noise(intensity, dt), observation()
    r = noise**2 * np.eye(2)
    n = len(measurements)
    means = np.zeros((n, 4))
    covariances = np.zeros((n, 4, 4))
    x, p = x0, np.eye(4) * 2.0
    log_likelihood = 0.0
    for t in range(n):
        x, p = predict(x, p, f, q)
        if present[t]:
            x, p, gained = update(x, p, measurements[t], h, r)
            log_likelihood += gained
        means[t] = x
        covariances[t] = p
    return means, covariances, log_likelihood


def smooth(means, covariances, intensity, dt):
    """The backward pass of Rauch, Tung and Striebel, in place."""
    f, q = constant_velocity(dt), process_noise(intensity, dt)
    for t in range(len(means) - 2, -1, -1):
        predicted = f @ means[t]
        p = f @ covariances[t] @ f.T + q
        gain = covariances[t] @ f.T @ np.linalg.inv(p)
        means[t] += gain @ (means[t + 1] - predicted)
        covariances[t] += gain @ (covariances[t + 1] - p) @ gain.T


def objective(measurements, present, intensity, noise, x0):
    """Minus the log likelihood, with a penalty for rough smoothed paths."""
    dt = 0.5
    means, covariances, log_likelihood = run_filter(measurements, present, intensity, noise, x0, dt)
    smooth(means, covariances, intensity, dt)
    roughness = np.sum(np.diff(means[:, 2:], axis=0) ** 2)
    uncertainty = 0.0
    for p in covariances:
        uncertainty += np.trace(p)
    return -log_likelihood + 0.1 * roughness + 0.01 * uncertainty


_random = np.random.default_rng(5)
FUNCTION = objective
ARGUMENTS = (
    np.cumsum(_random.normal(0.3, 0.3, (6, 2)), axis=0),
    np.array([True, True, False, True, False, True]),
    0.7,
    0.4,
    np.array([0.1, -0.1, 0.4, 0.3]),
)
WRT = (0, 2, 3, 4)
