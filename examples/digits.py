"""Train a network on handwritten digits.

1797 images of 8 × 8 pixels come with scikit-learn.  A network with two hidden ReLU layers learns to
read them: forward, loss, backward, update, over mini-batches and epochs, until the loss on digits
set aside for validation stops falling.  How well it reads is then measured on test digits that had
no part in any of this.

The backward pass is the code that srcgrad writes from the source of `loss`; the program prints it.
It needs no more than NumPy, and serves every batch size.

    python examples/digits.py
"""

import argparse
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from tqdm import trange

from srcgrad import optim, value_and_grad

OUTPUT = Path(__file__).parent / "output"

SIZES = (64, 128, 64, 10)
BATCH_SIZE = 32
EPOCHS = 100
PATIENCE_EPOCHS = 20
LEARNING_RATE = 0.003
WARMUP_STEPS = 50
WEIGHT_DECAY = 0.1
SHIFT_PIXELS = 0.4
NOISE = 0.15


# The network and its loss


def network(params, x):
    """The logits [batch, 10] for images x [batch, 64]."""
    *hidden_layers, (last_weights, last_biases) = params
    for weights, biases in hidden_layers:
        x = np.maximum(x @ weights + biases, 0.0)
    return x @ last_weights + last_biases


def cross_entropy(logits, labels):
    """The mean of -log p(label), where p = softmax(logits)."""
    shifted = logits - np.max(logits, axis=1, keepdims=True)
    log_totals = np.log(np.sum(np.exp(shifted), axis=1))
    return np.mean(log_totals - shifted[np.arange(len(labels)), labels])


@value_and_grad
def loss(params, x, labels):
    """The cross-entropy of the network on a batch: images x [batch, 64], labels [batch]."""
    return cross_entropy(network(params, x), labels)


def start(rng):
    """Random weights (He et al. 2015) and zero biases: a list of pairs, one for each layer."""
    return [
        (rng.normal(scale=np.sqrt(2.0 / inputs), size=(inputs, outputs)), np.zeros(outputs))
        for inputs, outputs in pairwise(SIZES)
    ]


def probabilities(params, x):
    """How likely the network finds each digit: [batch, 10]."""
    logits = network(params, x)
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def accuracy(params, x, labels):
    """The share of images whose most likely digit is the right one."""
    return np.mean(network(params, x).argmax(axis=1) == labels)


# The data


class Digits(NamedTuple):
    """Images x [count, 64] with pixels between 0 and 1, and what they show: labels [count]."""

    x: np.ndarray
    labels: np.ndarray


def load(seed):
    """The digits in three parts: for training, for validation, for the test."""
    x, labels = load_digits(return_X_y=True)
    x = x / 16.0
    x, test_x, labels, test_labels = train_test_split(
        x, labels, test_size=0.25, stratify=labels, random_state=seed
    )
    x, validation_x, labels, validation_labels = train_test_split(
        x, labels, test_size=0.15, stratify=labels, random_state=seed
    )
    return Digits(x, labels), Digits(validation_x, validation_labels), Digits(test_x, test_labels)


def varied(x, rng):
    """The images moved by a part of a pixel, with some noise: never the same twice."""
    images = x.reshape(-1, 8, 8)
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1)))
    down, right = rng.integers(3, size=2)
    moved = padded[:, down : down + 8, right : right + 8]
    part = rng.uniform(0.0, SHIFT_PIXELS, size=(len(x), 1, 1))
    images = (1.0 - part) * images + part * moved
    return (images + rng.normal(scale=NOISE, size=images.shape)).reshape(x.shape)


def batches(digits, rng):
    """All digits once, in random order, in mini-batches."""
    order = rng.permutation(len(digits.x))
    for first in range(0, len(order), BATCH_SIZE):
        chosen = order[first : first + BATCH_SIZE]
        yield varied(digits.x[chosen], rng), digits.labels[chosen]


# Training


class Epoch(NamedTuple):
    """What was measured after an epoch; `batch_loss` is the mean over its mini-batches."""

    batch_loss: float
    validation_loss: float
    train_accuracy: float
    validation_accuracy: float
    learning_rate: float


def train(train_digits, validation_digits, epochs, rng):
    """Train until the validation loss stops falling.

    Gives the parameters and the optimiser's state of the best epoch, and the history: a list of
    `Epoch`.
    """
    steps_per_epoch = -(-len(train_digits.x) // BATCH_SIZE)
    schedule = optim.cosine(LEARNING_RATE, epochs * steps_per_epoch, WARMUP_STEPS)
    optimizer = optim.AdamW(schedule, weight_decay=WEIGHT_DECAY)
    params = start(rng)
    state = optimizer.init(params)
    best_params, best_state, best_epoch = params, state, -1
    history = []
    progress = trange(epochs, desc="training", unit="epoch")
    for epoch in progress:
        values = []
        for x, labels in batches(train_digits, rng):
            value, grads = loss(params, x, labels)
            params, state = optimizer.update(params, grads, state)
            values.append(value)
        history.append(
            Epoch(
                np.mean(values),
                loss.primal(params, *validation_digits),
                accuracy(params, *train_digits),
                accuracy(params, *validation_digits),
                optimizer.learning_rate_at(state.step),
            )
        )
        now = history[-1]
        progress.set_postfix(loss=f"{now.batch_loss:.4f}", validation=f"{now.validation_loss:.4f}")
        if best_epoch < 0 or now.validation_loss < history[best_epoch].validation_loss:
            best_params, best_state, best_epoch = params, state, epoch
        elif epoch - best_epoch >= PATIENCE_EPOCHS:
            progress.close()
            break
    return best_params, best_state, history


# Pictures


def draw_learning(history):
    """The losses, the accuracies and the learning rate, epoch by epoch."""
    figure = Figure(figsize=(15, 4.6), layout="constrained")
    losses, accuracies, rates = figure.subplots(1, 3)
    columns = Epoch(*np.array(history).T)
    epochs = np.arange(1, len(history) + 1)
    best = 1 + np.argmin(columns.validation_loss)

    losses.semilogy(epochs, columns.batch_loss, label="training (varied images)")
    losses.semilogy(epochs, columns.validation_loss, label="validation")
    losses.axvline(best, color="0.5", ls=":", label=f"best: epoch {best}")
    losses.set(title="the loss", xlabel="epoch", ylabel="cross-entropy")
    losses.legend()

    accuracies.plot(epochs, columns.train_accuracy, label="training")
    accuracies.plot(epochs, columns.validation_accuracy, label="validation")
    accuracies.axvline(best, color="0.5", ls=":", label=f"best: epoch {best}")
    accuracies.set(
        title="the accuracy", xlabel="epoch", ylabel="share read right", ylim=(0.9, 1.005)
    )
    accuracies.legend(loc="lower right")

    rates.plot(epochs, columns.learning_rate, color="tab:green")
    rates.set(title="the learning rate", xlabel="epoch", ylim=(0.0, None))
    return figure


def draw_confusion(labels, predicted):
    """How often each digit was read as each digit."""
    counts = np.zeros((10, 10), dtype=int)
    np.add.at(counts, (labels, predicted), 1)
    figure = Figure(figsize=(6.4, 5.8), layout="constrained")
    panel = figure.subplots()
    picture = panel.imshow(counts, cmap="Blues")
    for (digit, reading), count in np.ndenumerate(counts):
        if count:
            color = "white" if count > counts.max() / 2 else "tab:red" if digit != reading else "k"
            panel.text(reading, digit, count, ha="center", va="center", color=color)
    panel.set(
        title=f"{np.sum(labels != predicted)} of {len(labels)} test digits were misread",
        xlabel="read as",
        ylabel="digit",
        xticks=range(10),
        yticks=range(10),
    )
    figure.colorbar(picture, shrink=0.8, label="number of digits")
    return figure


def draw_mistakes(x, labels, chances, columns=6):
    """The misread digits, those it was most sure about first."""
    predicted = chances.argmax(axis=1)
    wrong = np.flatnonzero(predicted != labels)
    wrong = wrong[np.argsort(-chances[wrong, predicted[wrong]])]
    rows = max(1, -(-len(wrong) // columns))
    figure = Figure(figsize=(2.0 * columns, 2.5 * rows + 0.5), layout="constrained")
    figure.suptitle(
        "the misread digits: the digit, what it was taken for, and how likely it found either"
    )
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for panel in panels:
        panel.set(xticks=[], yticks=[])
    for panel in panels[len(wrong) :]:
        panel.axis("off")
    for panel, k in zip(panels, wrong):
        panel.imshow(x[k].reshape(8, 8), cmap="gray_r", vmin=0.0, vmax=1.0)
        digit, reading = labels[k], predicted[k]
        panel.set_title(
            f"{digit}, read as {reading}\n"
            f"p({reading}) = {chances[k, reading]:.0%}, p({digit}) = {chances[k, digit]:.0%}",
            fontsize=9,
        )
    return figure


def save(figure, name):
    OUTPUT.mkdir(exist_ok=True)
    figure.savefig(OUTPUT / name, dpi=150)
    print(f"picture: {OUTPUT / name}")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--short", action="store_true", help="a short run, with fewer epochs")
    parser.add_argument("--seed", type=int, default=0, help="another split and another start")
    options = parser.parse_args(arguments)

    train_digits, validation_digits, test_digits = load(options.seed)
    print(
        f"{len(train_digits.x)} digits for training, {len(validation_digits.x)} for validation, "
        f"{len(test_digits.x)} for the test"
    )
    rng = np.random.default_rng(options.seed)
    epochs = 12 if options.short else EPOCHS
    began = time.perf_counter()
    params, state, history = train(train_digits, validation_digits, epochs, rng)
    seconds = time.perf_counter() - began

    print("\nThe gradient function that trained it, as srcgrad wrote it:\n")
    print(loss.source)

    print(f"{len(history)} epochs in {seconds:.1f} s; gradient compilations: "
          f"{loss.cache_info().compilations}")  # fmt: skip
    checkpoint = OUTPUT / "digits.npz"
    OUTPUT.mkdir(exist_ok=True)
    optim.save_checkpoint(checkpoint, params, state, rng)
    print(f"checkpoint of the best epoch: {checkpoint}")

    params = optim.load_checkpoint(checkpoint, like=params).params
    chances = probabilities(params, test_digits.x)
    save(draw_learning(history), "digits_learning.png")
    save(draw_confusion(test_digits.labels, chances.argmax(axis=1)), "digits_confusion.png")
    save(draw_mistakes(*test_digits, chances), "digits_mistakes.png")
    print(f"train accuracy: {accuracy(params, *train_digits):.4f}")
    print(f"test accuracy: {accuracy(params, *test_digits):.4f}")


if __name__ == "__main__":
    main()
