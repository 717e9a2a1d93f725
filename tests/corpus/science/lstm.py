"""A recurrent network with gates, its parameters in a dict, as one writes it by hand in NumPy."""

import numpy as np


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def initial_parameters(rng, inputs, hidden, outputs):
    def layer(rows, columns):
        return rng.normal(0.0, 1.0 / np.sqrt(rows), (rows, columns))

    return {
        "wx": layer(inputs, 4 * hidden),
        "wh": layer(hidden, 4 * hidden),
        "b": np.zeros(4 * hidden),
        "wy": layer(hidden, outputs),
        "by": np.zeros(outputs),
    }


def cell(params, x, h, c):
    """One time step for a batch: the next hidden and cell state."""
    n = h.shape[1]
    gates = x @ params["wx"] + h @ params["wh"] + params["b"]
    i = sigmoid(gates[:, :n])
    f = sigmoid(gates[:, n : 2 * n] + 1.0)
    o = sigmoid(gates[:, 2 * n : 3 * n])
    g = np.tanh(gates[:, 3 * n :])
    c = f * c + i * g
    h = o * np.tanh(c)
    return h, c


def dropout(h, keep, mask):
    if keep >= 1.0:
        return h
    return h * mask / keep


def unroll(params, xs, keep, mask):
    """Hidden states of all steps, xs: [time, batch, inputs]."""
    steps, batch, _ = xs.shape
    hidden = params["wh"].shape[0]
    h = np.zeros((batch, hidden))
    c = np.zeros((batch, hidden))
    states = np.zeros((steps, batch, hidden))
    for t in range(steps):
        h, c = cell(params, xs[t], h, c)
        states[t] = dropout(h, keep, mask)
    return states


def log_softmax(z):
    shifted = z - np.max(z, axis=-1, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=-1, keepdims=True))


def weight_decay(params, strength):
    total = 0.0
    for name, w in params.items():
        if name.startswith("w"):
            total += np.sum(w**2)
    return strength * total


def loss(params, xs, labels, mask, keep=0.8, strength=1e-3):
    """Cross entropy of the label of every step."""
    states = unroll(params, xs, keep, mask)
    logits = states @ params["wy"] + params["by"]
    scores = log_softmax(logits)
    steps, batch, _ = scores.shape
    total = 0.0
    for t in range(steps):
        total -= np.sum(scores[t][np.arange(batch), labels[t]])
    return total / (steps * batch) + weight_decay(params, strength)


_random = np.random.default_rng(4)
FUNCTION = loss
ARGUMENTS = (
    initial_parameters(_random, 3, 4, 2),
    _random.normal(size=(5, 2, 3)),
    _random.integers(0, 2, (5, 2)),
    _random.integers(0, 2, (2, 4)).astype(float),
)
WRT = (0, 1)
