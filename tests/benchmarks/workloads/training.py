"""Losses of models as they are trained: the gradient with respect to the parameters."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.benchmarks.workloads.workload import Workload, numbers, of_size, positive

# Linear regression


def linear_regression(w, b, x, y):
    residual = x @ w + b - y
    return np.mean(residual**2)


def linear_regression_by_hand(w, b, x, y):
    residual = x @ w
    residual += b
    residual -= y
    residual *= 2.0 / y.size
    return residual @ x, residual.sum()


def linear_regression_arguments(size: str) -> tuple[Any, ...]:
    n, d = of_size(size, (50, 5), (2_000, 50), (100_000, 100))
    return numbers(d), 0.5, numbers(n, d, seed=1), numbers(n, seed=2)


# Logistic regression


def logistic_regression(w, b, x, y):
    z = x @ w + b
    return np.mean(np.logaddexp(0.0, z) - y * z) + 0.01 * np.sum(w * w)


def logistic_regression_by_hand(w, b, x, y):
    z = x @ w
    z += b
    d_z = 1.0 / (1.0 + np.exp(-z))
    d_z -= y
    d_z /= y.size
    return d_z @ x + 0.02 * w, d_z.sum()


def logistic_regression_arguments(size: str) -> tuple[Any, ...]:
    n, d = of_size(size, (50, 5), (2_000, 50), (100_000, 100))
    labels = (numbers(n, seed=2) > 0.0).astype(float)
    return numbers(d), 0.5, numbers(n, d, seed=1), labels


# A perceptron with one hidden layer and softmax cross-entropy


def perceptron(w1, b1, w2, b2, x, y):
    h = np.tanh(x @ w1 + b1)
    scores = h @ w2 + b2
    scores = scores - np.max(scores, axis=1, keepdims=True)
    log_p = scores - np.log(np.sum(np.exp(scores), axis=1, keepdims=True))
    return -np.mean(np.sum(y * log_p, axis=1))


def perceptron_by_hand(w1, b1, w2, b2, x, y):
    h = np.tanh(x @ w1 + b1)
    scores = h @ w2 + b2
    scores -= scores.max(axis=1, keepdims=True)
    p = np.exp(scores)
    p /= p.sum(axis=1, keepdims=True)
    d_scores = p
    d_scores *= y.sum(axis=1, keepdims=True)
    d_scores -= y
    d_scores /= len(x)
    d_z = d_scores @ w2.T
    d_z *= 1.0 - h * h
    return x.T @ d_z, d_z.sum(axis=0), h.T @ d_scores, d_scores.sum(axis=0)


def perceptron_arguments(size: str) -> tuple[Any, ...]:
    n, d, h, k = of_size(size, (10, 4, 8, 3), (64, 64, 64, 10), (512, 784, 256, 10))
    y = np.eye(k)[np.random.default_rng(0).integers(0, k, n)]
    return (
        numbers(d, h, scale=0.1), np.zeros(h), numbers(h, k, scale=0.1), np.zeros(k),
        numbers(n, d, seed=1), y,
    )  # fmt: skip


# Five layers of rectified linear units


def deep_relu(weights, biases, x, y):
    h = x
    for w, b in zip(weights[:-1], biases[:-1]):
        h = np.maximum(h @ w + b, 0.0)
    out = h @ weights[-1] + biases[-1]
    return np.mean((out - y) ** 2)


def deep_relu_by_hand(weights, biases, x, y):
    hidden = [x]
    for w, b in zip(weights[:-1], biases[:-1]):
        z = hidden[-1] @ w
        z += b
        hidden.append(np.maximum(z, 0.0, out=z))
    d = hidden[-1] @ weights[-1] + biases[-1]
    d -= y
    d *= 2.0 / d.size
    d_weights, d_biases = [], []
    for k in reversed(range(len(weights))):
        d_weights.append(hidden[k].T @ d)
        d_biases.append(d.sum(axis=0))
        if k:
            d = d @ weights[k].T
            d *= hidden[k] > 0.0
    return d_weights[::-1], d_biases[::-1]


def deep_relu_arguments(size: str) -> tuple[Any, ...]:
    n, d = of_size(size, (8, 8), (64, 128), (512, 512))
    weights = [numbers(d, d, seed=k, scale=d**-0.5) for k in range(5)]
    biases = [numbers(d, seed=10 + k, scale=0.1) for k in range(5)]
    return weights, biases, numbers(n, d, seed=20), numbers(n, d, seed=21)


# A recurrent network


def recurrent(wx, wh, b, xs, y):
    h = np.zeros(b.shape)
    for t in range(len(xs)):
        h = np.tanh(xs[t] @ wx + h @ wh + b)
    return np.sum((h - y) ** 2)


def recurrent_by_hand(wx, wh, b, xs, y):
    steps, units = len(xs), len(b)
    hs = np.zeros((steps + 1, units))
    for t in range(steps):
        hs[t + 1] = np.tanh(xs[t] @ wx + hs[t] @ wh + b)
    d_zs = np.empty((steps, units))
    d_h = 2.0 * (hs[-1] - y)
    for t in reversed(range(steps)):
        d_z = d_h * (1.0 - hs[t + 1] ** 2)
        d_zs[t] = d_z
        d_h = wh @ d_z
    return xs.T @ d_zs, hs[:-1].T @ d_zs, d_zs.sum(axis=0)


def recurrent_arguments(size: str) -> tuple[Any, ...]:
    steps, inputs, units = of_size(size, (10, 4, 8), (100, 32, 64), (200, 64, 128))
    return (
        numbers(inputs, units, scale=inputs**-0.5), numbers(units, units, scale=units**-0.5),
        numbers(units, scale=0.1), numbers(steps, inputs, seed=1), numbers(units, seed=2),
    )  # fmt: skip


# A long short-term memory over a batch


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def lstm(w, u, b, xs, y):
    n = u.shape[0]
    h = np.zeros((xs.shape[1], n))
    c = np.zeros((xs.shape[1], n))
    for x in xs:
        z = x @ w + h @ u + b
        i = sigmoid(z[:, :n])
        f = sigmoid(z[:, n : 2 * n])
        o = sigmoid(z[:, 2 * n : 3 * n])
        g = np.tanh(z[:, 3 * n :])
        c = f * c + i * g
        h = o * np.tanh(c)
    return np.mean((h - y) ** 2)


def lstm_by_hand(w, u, b, xs, y):
    n, steps, batch = u.shape[0], len(xs), xs.shape[1]
    hs, cs = np.zeros((steps + 1, batch, n)), np.zeros((steps + 1, batch, n))
    gates, tanhs = np.empty((steps, batch, 4 * n)), np.empty((steps, batch, n))
    for t in range(steps):
        z = xs[t] @ w
        z += hs[t] @ u
        z += b
        gate = gates[t]
        gate[:, : 3 * n] = 1.0 / (1.0 + np.exp(-z[:, : 3 * n]))
        np.tanh(z[:, 3 * n :], out=gate[:, 3 * n :])
        cs[t + 1] = gate[:, n : 2 * n] * cs[t] + gate[:, :n] * gate[:, 3 * n :]
        np.tanh(cs[t + 1], out=tanhs[t])
        hs[t + 1] = gate[:, 2 * n : 3 * n] * tanhs[t]
    d_zs = np.empty_like(gates)
    d_h = (2.0 / y.size) * (hs[-1] - y)
    d_c = np.zeros_like(d_h)
    for t in reversed(range(steps)):
        gate, d_z = gates[t], d_zs[t]
        i, f, o, g = (gate[:, k * n : (k + 1) * n] for k in range(4))
        d_c += d_h * o * (1.0 - tanhs[t] ** 2)
        d_z[:, :n] = d_c * g * i * (1.0 - i)
        d_z[:, n : 2 * n] = d_c * cs[t] * f * (1.0 - f)
        d_z[:, 2 * n : 3 * n] = d_h * tanhs[t] * o * (1.0 - o)
        d_z[:, 3 * n :] = d_c * i * (1.0 - g * g)
        d_h = d_z @ u.T
        d_c *= f
    flat = d_zs.reshape(-1, 4 * n)
    return (
        xs.reshape(-1, xs.shape[2]).T @ flat,
        hs[:-1].reshape(-1, n).T @ flat,
        flat.sum(axis=0),
    )


def lstm_arguments(size: str) -> tuple[Any, ...]:
    steps, batch, inputs, units = of_size(size, (8, 4, 4, 8), (32, 16, 32, 64), (64, 32, 64, 128))
    return (
        numbers(inputs, 4 * units, scale=inputs**-0.5),
        numbers(units, 4 * units, scale=units**-0.5), numbers(4 * units, scale=0.1),
        numbers(steps, batch, inputs, seed=1), numbers(batch, units, seed=2),
    )  # fmt: skip


# A transformer block: one head group, residual connections, normalisation of layers


def transformer(wq, wk, wv, wo, w1, w2, x, y, heads):
    n, d = x.shape
    q = (x @ wq).reshape(n, heads, d // heads).transpose(1, 0, 2)
    k = (x @ wk).reshape(n, heads, d // heads).transpose(1, 0, 2)
    v = (x @ wv).reshape(n, heads, d // heads).transpose(1, 0, 2)
    scores = q @ k.transpose(0, 2, 1) / np.sqrt(d // heads)
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    p = e / e.sum(axis=-1, keepdims=True)
    a = x + (p @ v).transpose(1, 0, 2).reshape(n, d) @ wo
    mean = a.mean(axis=-1, keepdims=True)
    deviation = a - mean
    variance = (deviation * deviation).mean(axis=-1, keepdims=True)
    normed = deviation / np.sqrt(variance + 1e-5)
    out = a + np.maximum(normed @ w1, 0.0) @ w2
    return np.mean((out - y) ** 2)


def transformer_by_hand(wq, wk, wv, wo, w1, w2, x, y, heads):
    n, d = x.shape
    per_head = d // heads
    scale = 1.0 / np.sqrt(per_head)

    def split(m):
        return m.reshape(n, heads, per_head).transpose(1, 0, 2)

    def join(m):
        return m.transpose(1, 0, 2).reshape(n, d)

    q, k, v = split(x @ wq), split(x @ wk), split(x @ wv)
    scores = q @ k.transpose(0, 2, 1)
    scores *= scale
    scores -= scores.max(axis=-1, keepdims=True)
    p = np.exp(scores, out=scores)
    p /= p.sum(axis=-1, keepdims=True)
    mixed = join(p @ v)
    a = x + mixed @ wo
    normed = a - a.mean(axis=-1, keepdims=True)
    inverse = 1.0 / np.sqrt((normed * normed).mean(axis=-1, keepdims=True) + 1e-5)
    normed *= inverse
    h = np.maximum(normed @ w1, 0.0)
    d_out = a + h @ w2
    d_out -= y
    d_out *= 2.0 / d_out.size
    d_w2 = h.T @ d_out
    d_h = d_out @ w2.T
    d_h *= h > 0.0
    d_w1 = normed.T @ d_h
    d_normed = d_h @ w1.T
    d_a = d_normed - d_normed.mean(axis=-1, keepdims=True)
    d_a -= normed * (d_normed * normed).mean(axis=-1, keepdims=True)
    d_a *= inverse
    d_a += d_out
    d_wo = mixed.T @ d_a
    d_mixed = split(d_a @ wo.T)
    d_p = d_mixed @ v.transpose(0, 2, 1)
    d_v = p.transpose(0, 2, 1) @ d_mixed
    d_p -= (d_p * p).sum(axis=-1, keepdims=True)
    d_p *= p
    d_p *= scale
    d_q, d_k = d_p @ k, d_p.transpose(0, 2, 1) @ q
    return x.T @ join(d_q), x.T @ join(d_k), x.T @ join(d_v), d_wo, d_w1, d_w2


def transformer_arguments(size: str) -> tuple[Any, ...]:
    n, d, heads = of_size(size, (8, 8, 2), (64, 64, 4), (256, 256, 8))
    square = [numbers(d, d, seed=k, scale=d**-0.5) for k in range(4)]
    return (
        *square, numbers(d, 4 * d, seed=5, scale=d**-0.5), numbers(4 * d, d, seed=6, scale=0.1),
        numbers(n, d, seed=7), numbers(n, d, seed=8), heads,
    )  # fmt: skip


# A convolutional network in plain NumPy


def convolution(kernels, dense, x, y):
    n, height, width = x.shape
    k = kernels.shape[1]
    columns = np.lib.stride_tricks.sliding_window_view(x, (k, k), axis=(1, 2))
    columns = columns.reshape(n, (height - k + 1) * (width - k + 1), k * k)
    maps = np.maximum(columns @ kernels.reshape(-1, k * k).T, 0.0)
    pooled = maps.mean(axis=1)
    scores = pooled @ dense
    scores = scores - scores.max(axis=1, keepdims=True)
    log_p = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    return -np.mean(np.sum(y * log_p, axis=1))


def convolution_by_hand(kernels, dense, x, y):
    n, height, width = x.shape
    k = kernels.shape[1]
    columns = np.lib.stride_tricks.sliding_window_view(x, (k, k), axis=(1, 2))
    columns = columns.reshape(-1, k * k)
    maps = columns @ kernels.reshape(-1, k * k).T
    np.maximum(maps, 0.0, out=maps)
    places = (height - k + 1) * (width - k + 1)
    pooled = maps.reshape(n, places, -1).mean(axis=1)
    scores = pooled @ dense
    scores -= scores.max(axis=1, keepdims=True)
    p = np.exp(scores, out=scores)
    p /= p.sum(axis=1, keepdims=True)
    p *= y.sum(axis=1, keepdims=True)
    p -= y
    p /= n
    d_pooled = p @ dense.T
    d_pooled /= places
    d_maps = (maps.reshape(n, places, -1) > 0.0) * d_pooled[:, None, :]
    d_kernels = d_maps.reshape(n * places, -1).T @ columns
    return d_kernels.reshape(kernels.shape), pooled.T @ p


def convolution_arguments(size: str) -> tuple[Any, ...]:
    n, side, k, maps = of_size(size, (4, 8, 3, 4), (16, 16, 3, 8), (64, 28, 5, 16))
    y = np.eye(10)[np.random.default_rng(0).integers(0, 10, n)]
    return numbers(maps, k, k, scale=0.3), numbers(maps, 10), positive(n, side, side), y


TRAINING = (
    Workload("training", linear_regression, linear_regression_by_hand,
             linear_regression_arguments, (0, 1)),
    Workload("training", logistic_regression, logistic_regression_by_hand,
             logistic_regression_arguments, (0, 1)),
    Workload("training", perceptron, perceptron_by_hand, perceptron_arguments, (0, 1, 2, 3)),
    Workload("training", deep_relu, deep_relu_by_hand, deep_relu_arguments, (0, 1)),
    Workload("training", convolution, convolution_by_hand, convolution_arguments, (0, 1), False),
    Workload("training", recurrent, recurrent_by_hand, recurrent_arguments, (0, 1, 2)),
    Workload("training", lstm, lstm_by_hand, lstm_arguments, (0, 1, 2)),
    Workload("training", transformer, transformer_by_hand, transformer_arguments,
             (0, 1, 2, 3, 4, 5)),
)  # fmt: skip
