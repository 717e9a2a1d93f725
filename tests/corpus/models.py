"""Programs that people write in the second hour."""

import math

import numpy as np

from tests.corpus.program import numbers, program, signed


def relu(x):
    return np.maximum(x, 0)


def softmax(x, axis=-1):
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


def layer(params, x, activation=None):
    w, b = params
    z = x @ w + b
    return z if activation is None else activation(z)


@program(
    [
        (signed(3, 4), signed(4, seed=1)),
        (signed(4, 4, seed=2), signed(4, seed=3)),
        (signed(4, 2, seed=4), signed(2, seed=5)),
    ],
    numbers(5, 3),
    np.array([0, 1, 1, 0, 1]),
)
def classifier(params, x, labels):
    *hidden, last = params
    for i, p in enumerate(hidden):
        h = layer(p, x, activation=relu)
        x = h if i == 0 else x + h
    probabilities = softmax(layer(last, x))
    picked = probabilities[np.arange(len(labels)), labels]
    penalty = sum(np.sum(w**2) for w, _ in params)
    return -np.mean(np.log(picked)) + 1e-2 * penalty


@program({"w": signed(3), "b": 0.1}, numbers(6, 3), np.array([0.0, 1, 0, 1, 1, 0]), 0.1)
def logistic_regression(p, x, y, decay):
    z = x @ p["w"] + p["b"]
    loss = np.mean(np.logaddexp(0, z) - y * z)
    return loss + decay / 2 * np.sum(p["w"] ** 2)


@program(
    {"wx": signed(2, 3), "wh": signed(3, 3, seed=1), "b": signed(3, seed=2)},
    signed(4, 2, seed=3),
    signed(3, seed=4),
    wrt=(0, 1),
)
def recurrent_network(p, xs, target):
    h = np.zeros(3)
    losses = []
    for x in xs:
        h = np.tanh(x @ p["wx"] + h @ p["wh"] + p["b"])
        losses.append(np.sum((h - target) ** 2))
    return sum(losses) / len(losses)


@program(signed(4, 4), signed(3, 2, 4, seed=1), wrt=(0, 1))
def gated_recurrence_over_a_batch(w, xs):
    h = np.zeros_like(xs[0])
    c = np.zeros(xs[0].shape)
    for t in range(xs.shape[0]):
        gate = 1 / (1 + np.exp(-(xs[t] @ w + h)))
        c = gate * c + (1 - gate) * np.tanh(h @ w)
        h = gate * np.tanh(c + xs[t])
    return np.mean(h**2)


@program(1.0, 0.5, 20, wrt=(0, 1))
def damped_oscillator(stiffness, damping, steps):
    x, v, dt = 1.0, 0.0, 0.05
    energy = 0.0
    for _ in range(steps):
        a = -stiffness * x - damping * v
        v += a * dt
        x += v * dt
        energy += 0.5 * (v * v + stiffness * x * x) * dt
    return energy


@program(np.array([1.0, 0.5]), 1.2, 0.1, 15, wrt=(0, 1))
def runge_kutta(y, mu, h, steps):
    def f(y):
        return np.array([y[1], mu * (1 - y[0] ** 2) * y[1] - y[0]])

    for _ in range(steps):
        k1 = f(y)
        k2 = f(y + h / 2 * k1)
        k3 = f(y + h / 2 * k2)
        k4 = f(y + h * k3)
        y = y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return np.sum(y**2)


@program(signed(3, 2), numbers(3), 1.0, wrt=(0, 1))
def gravitational_energy(positions, masses, g):
    energy = 0.0
    n = len(masses)
    for i in range(n):
        for j in range(i + 1, n):
            r = positions[i] - positions[j]
            energy -= g * masses[i] * masses[j] / np.sqrt(r @ r + 0.01)
    return energy


@program(numbers(4), np.array([0.3, 0.7]), wrt=(0, 1))
def gaussian_mixture(x, weights):
    means, total = [0.0, 1.5], 0.0
    for xi in x:
        p = 0.0
        for w, m in zip(weights, means):
            p += w * math.exp(-0.5 * (xi - m) ** 2) / math.sqrt(2 * math.pi)
        total += math.log(p)
    return -total


@program(
    signed(2, 4, 3),
    signed(3, 3, seed=1),
    signed(3, 3, seed=2),
    signed(3, 3, seed=3),
    wrt=(0, 1, 2, 3),
)
def attention_with_a_causal_mask(x, wq, wk, wv):
    q, k, v = x @ wq, x @ wk, x @ wv
    n = x.shape[-2]
    scores = q @ np.swapaxes(k, -1, -2) / np.sqrt(q.shape[-1])
    mask = np.tril(np.ones((n, n)))
    scores = np.where(mask > 0, scores, -1e9)
    return np.sum((softmax(scores) @ v) ** 2)


@program(signed(5, 3), signed(3, seed=1), signed(3, seed=2), wrt=(0, 1, 2))
def batch_normalisation(x, gain, bias):
    mean, var = x.mean(axis=0), x.var(axis=0)
    y = gain * (x - mean) / np.sqrt(var + 1e-5) + bias
    return np.sum(np.sin(y))


@program(signed(6), signed(3, seed=1), wrt=(0, 1))
def convolution_by_slices(signal, kernel):
    n, k = len(signal), len(kernel)
    out = [np.sum(signal[i : i + k] * kernel) for i in range(n - k + 1)]
    return np.sum(np.array(out) ** 2)


@program(signed(5, 5), signed(2, 2, seed=1), wrt=(0, 1))
def convolution_in_two_dimensions(image, kernel):
    total = 0.0
    h, w = kernel.shape
    for i in range(image.shape[0] - h + 1):
        for j in range(image.shape[1] - w + 1):
            patch = image[i : i + h, j : j + w]
            total += np.tanh(np.sum(patch * kernel)) ** 2
    return total


@program(numbers(3), numbers(4, 3, seed=1), wrt=(0, 1))
def pairwise_distances(center, points):
    d = points[:, None, :] - points[None, :, :]
    spread = np.sum(d**2)
    return spread / np.sum((points - center) ** 2)


@program(signed(3, 3), 8, wrt=0)
def power_iteration(a, steps):
    v = np.ones(a.shape[0])
    for _ in range(steps):
        v = a @ v
        v = v / np.sqrt(v @ v)
    return v @ a @ v


@program(0.3, 0.8, 5, wrt=(0, 1))
def black_scholes(sigma, strike, n):
    def cdf(v):
        return 0.5 * (1 + math.erf(v / math.sqrt(2)))

    total = 0.0
    for i in range(1, n + 1):
        spot = 1.0 * i / n
        d1 = (math.log(spot / strike) + sigma * sigma / 2) / sigma
        total += spot * cdf(d1) - strike * cdf(d1 - sigma)
    return total


@program([0.5, -1.0, 2.0], 1.5, wrt=(0, 1))
def horner(coefficients, x):
    result = 0.0
    for c in reversed(coefficients):
        result = result * x + c
    return result


@program(numbers(4, 2), np.array([1.0, -1.0]), 1.0, 10)
def gradient_descent_unrolled(a, x, rate, steps):
    for _ in range(steps):
        residual = a @ x - 1.0
        x = x - rate * a.T @ residual / a.shape[0]
    return np.sum(x**2)


@program(numbers(5), 0.9, wrt=(0, 1))
def discounted_return(rewards, gamma):
    total = 0.0
    for r in rewards[::-1]:
        total = r + gamma * total
    return total


@program(numbers(3, 3) + np.eye(3), numbers(3, seed=1), wrt=(0, 1))
def gaussian_log_likelihood(a, x):
    covariance = a @ a.T + np.eye(3)
    sign, logdet = np.linalg.slogdet(covariance)
    return 0.5 * x @ np.linalg.solve(covariance, x) + 0.5 * logdet


@program(signed(8), 2, 0.1)
def total_variation_at_scales(x, scales, weight):
    loss = 0.0
    for _ in range(scales):
        loss += weight * np.sum(np.sqrt((x[1:] - x[:-1]) ** 2 + 1e-3))
        x = 0.5 * (x[::2] + x[1::2])
    return loss + np.sum(x)


@program(
    {"encoder": [(signed(4, 2), signed(2))], "decoder": [(signed(2, 4), signed(4))]}, numbers(3, 4)
)
def autoencoder(model, x):
    code = x
    for w, b in model["encoder"]:
        code = np.tanh(code @ w + b)
    out = code
    for k, (w, b) in enumerate(model["decoder"]):
        out = out @ w + b
        if k < len(model["decoder"]) - 1:
            out = relu(out)
    return np.mean((out - x) ** 2)


@program(1.7, wrt=0)
def logistic_map_until_it_settles(r):
    x, previous, steps = 0.5, 0.0, 0
    while abs(x - previous) > 1e-14 and steps < 500:
        previous = x
        x = r * x * (1 - x)
        steps += 1
    return x


@program(signed(4), signed(4, seed=1), 0.5, wrt=(0, 1))
def huber_loss(prediction, target, delta):
    total = 0.0
    for p, t in zip(prediction, target):
        error = abs(p - t)
        if error <= delta:
            total += 0.5 * error**2
        else:
            total += delta * (error - 0.5 * delta)
    return total / len(prediction)


@program(signed(2, 3), ["tanh", "relu", "none"], numbers(3, seed=3))
def activations_by_name(w, names, x):
    for name in names:
        if name == "tanh":
            x = np.tanh(x)
        elif name == "relu":
            x = relu(x)
        elif name == "none":
            pass
        else:
            raise ValueError(f"unknown activation {name}")
    return np.sum(w @ x)
