"""Train layers that are classes.

Parameters live in attributes, `forward` remembers what it has seen, a network is a list of layers:
code as it is written by hand every day, and nothing in it is made for a framework.  srcgrad takes
the network as it is: the gradient of the loss in the model is a model of the same classes, which
holds the gradients where the model holds the parameters.

The backward pass is the code that srcgrad writes from the methods; the program prints it.

    python examples/layers.py
"""

import argparse
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from tqdm import trange

from srcgrad import value_and_grad

OUTPUT = Path(__file__).parent / "output"

SIZES = (64, 48, 32, 10)
BATCH_SIZE = 32
EPOCHS = 40
LEARNING_RATE = 0.1
DECAY = 1e-4


# The layers


class Layer:
    """What all layers have in common: they are called, and name their parameters."""

    parameters = ()

    def __call__(self, x):
        return self.forward(x)

    def forward(self, x):
        raise NotImplementedError


class Linear(Layer):
    """x @ w + b, with weights w [inputs, outputs] (He et al. 2015) and biases b [outputs]."""

    parameters = ("w", "b")

    def __init__(self, inputs, outputs, rng):
        self.w = rng.normal(scale=np.sqrt(2.0 / inputs), size=(inputs, outputs))
        self.b = np.zeros(outputs)

    def forward(self, x):
        return x @ self.w + self.b

    def penalty(self):
        return np.sum(self.w**2)


class Relu(Layer):
    """max(x, 0); remembers its output, from which the share of active neurons is measured."""

    def __init__(self):
        self.output = None

    def forward(self, x):
        self.output = np.maximum(x, 0.0)
        return self.output

    def active_share(self):
        return np.mean(self.output > 0.0)


class Sequential(Layer):
    """Layers in a row."""

    def __init__(self, *layers):
        self.layers = list(layers)

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


class Classifier(Sequential):
    """A network whose last layer gives the logits [batch, 10] of ten classes."""

    def __init__(self, *layers, decay):
        super().__init__(*layers)
        self.decay = decay
        self.batches_seen = 0

    def linear_layers(self):
        return [layer for layer in self.layers if isinstance(layer, Linear)]

    def loss(self, x, labels):
        """The mean of -log p(label) on images x [batch, 64], and a penalty on the weights."""
        self.batches_seen += 1
        logits = self(x)
        shifted = logits - np.max(logits, axis=1, keepdims=True)
        log_totals = np.log(np.sum(np.exp(shifted), axis=1))
        cross_entropy = np.mean(log_totals - shifted[np.arange(len(labels)), labels])
        return cross_entropy + self.decay * sum(layer.penalty() for layer in self.linear_layers())

    def accuracy(self, x, labels):
        """The share of images whose most likely digit is the right one."""
        return np.mean(self(x).argmax(axis=1) == labels)


def start(rng):
    """Linear layers with ReLU layers between them."""
    layers = []
    for inputs, outputs in pairwise(SIZES):
        layers += [Linear(inputs, outputs, rng), Relu()]
    return Classifier(*layers[:-1], decay=DECAY)


loss = value_and_grad(Classifier.loss, wrt="self")


# The data, and the training


def load(seed):
    """Images [count, 64] with pixels between 0 and 1, and their digits: to train and to test."""
    x, labels = load_digits(return_X_y=True)
    train_x, test_x, train_labels, test_labels = train_test_split(
        x / 16.0, labels, test_size=0.25, stratify=labels, random_state=seed
    )
    return (train_x, train_labels), (test_x, test_labels)


def batches(x, labels, rng):
    """All images once, in random order, in mini-batches."""
    order = rng.permutation(len(x))
    for first in range(0, len(order), BATCH_SIZE):
        chosen = order[first : first + BATCH_SIZE]
        yield x[chosen], labels[chosen]


def descend(model, gradient, rate):
    """Gradient descent in place: the gradient has its layers where the model has them."""
    for layer, d_layer in zip(model.layers, gradient.layers):
        for name in layer.parameters:
            parameter = getattr(layer, name)
            parameter -= rate * getattr(d_layer, name)


def train(model, x, labels, epochs, rng):
    """The mean loss of each epoch, and the share of active neurons of each ReLU layer."""
    losses, shares = [], []
    progress = trange(epochs, desc="training", unit="epoch")
    for epoch in progress:
        rate = LEARNING_RATE * (1.0 - epoch / epochs)
        values = []
        for batch, of_batch in batches(x, labels, rng):
            value, gradient = loss(model, batch, of_batch)
            descend(model, gradient, rate)
            values.append(value)
        losses.append(np.mean(values))
        shares.append([layer.active_share() for layer in model.layers if isinstance(layer, Relu)])
        progress.set_postfix(loss=f"{losses[-1]:.4f}")
    return losses, shares


def draw(losses, shares):
    """The loss, and how many neurons of each ReLU layer are active, epoch by epoch."""
    figure = Figure(figsize=(11, 4.4), layout="constrained")
    left, right = figure.subplots(1, 2)
    epochs = np.arange(1, len(losses) + 1)
    left.semilogy(epochs, losses)
    left.set(title="the loss", xlabel="epoch", ylabel="cross-entropy and penalty")
    for place, share in enumerate(np.transpose(shares), 1):
        right.plot(epochs, share, label=f"ReLU layer {place}")
    right.set(title="active neurons (last batch)", xlabel="epoch", ylabel="share", ylim=(0.0, 1.0))
    right.legend()
    return figure


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--short", action="store_true", help="a short run, with fewer epochs")
    parser.add_argument("--seed", type=int, default=0, help="another split and another start")
    options = parser.parse_args(arguments)

    (x, labels), (test_x, test_labels) = load(options.seed)
    rng = np.random.default_rng(options.seed)
    model = start(rng)
    losses, shares = train(model, x, labels, 12 if options.short else EPOCHS, rng)

    print("\nThe gradient function that trained it, as srcgrad wrote it:\n")
    print(loss.source)
    print(f"gradient compilations: {loss.cache_info().compilations}")

    OUTPUT.mkdir(exist_ok=True)
    draw(losses, shares).savefig(OUTPUT / "layers.png", dpi=150)
    print(f"picture: {OUTPUT / 'layers.png'}")
    print(f"batches seen: {model.batches_seen}")
    print(f"train accuracy: {model.accuracy(x, labels):.4f}")
    print(f"test accuracy: {model.accuracy(test_x, test_labels):.4f}")


if __name__ == "__main__":
    main()
