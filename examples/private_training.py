"""Gradients for each sample, clipped: training that no single sample can sway.

Differentially private training clips the gradient of every sample to a length, sums, and adds noise
(Abadi et al. 2016).  `per_example` gives these gradients in one pass; for a layer they are batched
outer products, and no loop walks the samples.  569 tumours, malignant or benign, which come with
scikit-learn; some of the labels are made wrong to show what clipping does.

    python examples/private_training.py
"""

import argparse
from collections.abc import Sequence

import numpy as np
from sklearn.datasets import load_breast_cancer

from srcgrad import per_example

LONGEST, NOISE = 0.1, 0.5
HIDDEN = 16


def loss(params, x, sign):
    """The loss of one tumour: its measurements x [30], and +1 for benign, -1 for malignant."""
    (w1, b1), (w2, b2) = params
    score = np.tanh(x @ w1 + b1) @ w2 + b2
    return np.logaddexp(0.0, -sign * score)


gradients = per_example(loss)


def start(rng, measurements):
    w1 = rng.normal(size=(measurements, HIDDEN)) / np.sqrt(measurements)
    return [(w1, np.zeros(HIDDEN)), (rng.normal(size=HIDDEN) / np.sqrt(HIDDEN), 0.0)]


def lengths(found):
    """The length of each sample's gradient, over all parameters."""
    squares = [np.sum(g.reshape(len(g), -1) ** 2, axis=1) for layer in found for g in layer]
    return np.sqrt(sum(squares))


def private_step(params, x, signs, rate, rng):
    """A step along the clipped and noisy gradient; also the share of gradients that were cut."""
    found = gradients(params, x, signs)
    size = lengths(found)
    weights = np.minimum(1.0, LONGEST / size)

    def moved(parameter, gradient):
        total = np.tensordot(weights, gradient, axes=1)
        total = total + NOISE * LONGEST * rng.normal(size=np.shape(total))
        return parameter - rate * total / len(x)

    params = [tuple(map(moved, layer, grads)) for layer, grads in zip(params, found)]
    return params, np.mean(size > LONGEST)


def load(rng, wrong):
    """Standardised measurements and signs, for training (some wrong) and for the test."""
    data = load_breast_cancer()
    order = rng.permutation(len(data.data))
    x = ((data.data - data.data.mean(axis=0)) / data.data.std(axis=0))[order]
    signs = np.where(data.target == 1, 1.0, -1.0)[order]
    train, test = (x[:400], signs[:400]), (x[400:], signs[400:])
    train[1][:wrong] *= -1.0
    return train, test


def accuracy(params, x, signs):
    (w1, b1), (w2, b2) = params
    return np.mean(np.sign(np.tanh(x @ w1 + b1) @ w2 + b2) == signs)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--short", action="store_true", help="train for 10 epochs")
    options = parser.parse_args(arguments)

    rng = np.random.default_rng(0)
    (x, signs), test = load(rng, wrong=20)
    params = start(rng, x.shape[1])
    epochs, batch = (10 if options.short else 60), 50
    for epoch in range(epochs):
        order = rng.permutation(len(x))
        for first in range(0, len(x), batch):
            chosen = order[first : first + batch]
            params, cut = private_step(params, x[chosen], signs[chosen], 4.0, rng)
        if epoch % max(1, epochs // 6) == 0:
            print(f"epoch {epoch:3d}: {cut:4.0%} of the gradients were longer than {LONGEST}")

    print("\nThe gradients of all samples, as srcgrad wrote them:\n")
    print(gradients.source)
    print(f"test accuracy: {accuracy(params, *test):.4f}")


if __name__ == "__main__":
    main()
