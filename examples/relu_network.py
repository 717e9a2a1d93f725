"""Five layers of 32 ReLU neurons, written twice: neuron by neuron, and with matrices.

The first form says what a network is: each neuron computes w₁ x₁ + w₂ x₂ + … + b and cuts off what
is negative.  The second says the same in one matrix product per layer.  srcgrad differentiates
both; the program checks that losses and gradients agree, and shows what the difference in form
costs.  Then the network learns, with the squared error against labels −1 and +1, to tell two
half-moons apart.  The learning rate starts large, for speed, and decays, for rest.

    python examples/relu_network.py
"""

import argparse
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from sklearn.datasets import make_moons
from tqdm import trange

from srcgrad import optim, value_and_grad

OUTPUT = Path(__file__).parent / "output"

LAYERS = 5
NEURONS = 32
BATCH_SIZE = 50
FIRST_LEARNING_RATE, LAST_LEARNING_RATE = 0.05, 0.001
EPOCHS = 200


def relu(x):
    return np.maximum(x, 0.0)


# Neuron by neuron


def neuron(weights, bias, inputs):
    """w₁ x₁ + w₂ x₂ + … + b.  Each input is an array [batch]: its value for each sample."""
    return sum(w * x for w, x in zip(weights, inputs)) + bias


def network_of_neurons(params, inputs):
    """The outputs [batch] for inputs [2, batch]."""
    *hidden_layers, (last_weights, last_bias) = params
    for weights, biases in hidden_layers:
        inputs = [relu(neuron(w, b, inputs)) for w, b in zip(weights, biases)]
    return neuron(last_weights, last_bias, inputs)


@value_and_grad
def loss_of_neurons(params, x, labels):
    """The mean squared error on a batch: points x [batch, 2], labels [batch]."""
    return np.mean((network_of_neurons(params, x.T) - labels) ** 2)


# With matrices


def network_of_matrices(params, x):
    """The outputs [batch] for inputs x [batch, 2]."""
    *hidden_layers, (last_weights, last_bias) = params
    for weights, biases in hidden_layers:
        x = relu(x @ weights.T + biases)
    return x @ last_weights + last_bias


@value_and_grad
def loss_of_matrices(params, x, labels):
    """The mean squared error on a batch: points x [batch, 2], labels [batch]."""
    return np.mean((network_of_matrices(params, x) - labels) ** 2)


# The data, the start, the comparison, the training


def make_points(count, seed):
    """Points [count, 2] on two half-moons, and their labels [count], -1 or +1."""
    x, moon = make_moons(count, noise=0.15, random_state=seed)
    return x, 2.0 * moon - 1.0


def start(rng):
    """Random weights (He et al. 2015), a row for each neuron, and zero biases.

    The last layer is one neuron without ReLU: a weight vector, and a bias that is a Python float.
    """
    hidden_layers = [
        (rng.normal(scale=np.sqrt(2.0 / inputs), size=(outputs, inputs)), np.zeros(outputs))
        for inputs, outputs in pairwise([2] + [NEURONS] * LAYERS)
    ]
    return [*hidden_layers, (rng.normal(scale=np.sqrt(1.0 / NEURONS), size=NEURONS), 0.0)]


def compare(params, x, labels):
    """The largest difference between the two forms, in the loss and in any derivative."""
    value, grads = loss_of_neurons(params, x, labels)
    other_value, other_grads = loss_of_matrices(params, x, labels)
    differences = [
        np.abs(ours - theirs).max()
        for layer, other_layer in zip(grads, other_grads)
        for ours, theirs in zip(layer, other_layer)
    ]
    assert np.isclose(value, other_value, rtol=1e-10)
    assert max(differences) < 1e-10
    return abs(value - other_value), max(differences)


def seconds_of(function, *args):
    began = time.perf_counter()
    function(*args)
    return time.perf_counter() - began


def train(params, x, labels, epochs, rng):
    """The parameters after training, the losses [epochs], and the learning rates [epochs]."""
    steps = epochs * -(-len(x) // BATCH_SIZE)
    shrinking = LAST_LEARNING_RATE / FIRST_LEARNING_RATE
    optimizer = optim.SGD(optim.exponential(FIRST_LEARNING_RATE, shrinking, every=steps))
    state = optimizer.init(params)
    losses, rates = [], []
    progress = trange(epochs, desc="training", unit="epoch")
    for _ in progress:
        values = []
        rates.append(optimizer.learning_rate_at(state.step))
        order = rng.permutation(len(x))
        for first in range(0, len(x), BATCH_SIZE):
            chosen = order[first : first + BATCH_SIZE]
            value, grads = loss_of_matrices(params, x[chosen], labels[chosen])
            params, state = optimizer.update(params, grads, state)
            values.append(value)
        losses.append(np.mean(values))
        progress.set_postfix(loss=f"{losses[-1]:.4f}")
    return params, np.array(losses), np.array(rates)


def accuracy(params, x, labels):
    """The share of points on the right side."""
    return np.mean(np.sign(network_of_matrices(params, x)) == labels)


def draw(params, x, labels, losses, rates):
    """What the network says over the plane, the loss, and the learning rate."""
    figure = Figure(figsize=(15, 4.8), layout="constrained")
    plane, curve, rate = figure.subplots(1, 3)

    (left, low), (right, high) = x.min(axis=0) - 0.4, x.max(axis=0) + 0.4
    across, up = np.meshgrid(np.linspace(left, right, 200), np.linspace(low, high, 200))
    output = network_of_matrices(params, np.column_stack([across.ravel(), up.ravel()]))
    output = np.clip(output, -1.5, 1.5).reshape(across.shape)
    filled = plane.contourf(across, up, output, np.linspace(-1.5, 1.5, 13), cmap="RdBu", alpha=0.7)
    plane.contour(across, up, output, [0.0], colors="k", linewidths=1.5)
    for label, color, marker in ((1.0, "tab:blue", "o"), (-1.0, "tab:red", "s")):
        points = x[labels == label]
        plane.scatter(
            *points.T, s=16, c=color, marker=marker, ec="k", lw=0.4, label=f"{label:+.0f}"
        )
    plane.set(title="test points, and the output of the network", xlabel="x₁", ylabel="x₂")
    plane.legend(title="label", loc="upper right")
    figure.colorbar(filled, ax=plane, label="output (clipped to ±1.5)")

    curve.semilogy(losses, color="tab:red")
    curve.set(title="the loss", xlabel="epoch", ylabel="mean squared error")
    rate.semilogy(rates, color="tab:green")
    rate.set(title="the learning rate", xlabel="epoch")
    return figure


def save(figure, name):
    OUTPUT.mkdir(exist_ok=True)
    figure.savefig(OUTPUT / name, dpi=150)
    print(f"picture: {OUTPUT / name}")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--short", action="store_true", help="a short run, with fewer epochs")
    options = parser.parse_args(arguments)

    rng = np.random.default_rng(0)
    x, labels = make_points(400, seed=0)
    test_x, test_labels = make_points(400, seed=1)
    params = start(rng)

    print("form       first call (compiles)   later calls   lines of the gradient")
    for name, loss in (("neurons", loss_of_neurons), ("matrices", loss_of_matrices)):
        first = seconds_of(loss, params, x, labels)
        later = min(seconds_of(loss, params, x, labels) for _ in range(5))
        lines = len(loss.source.splitlines())
        print(f"{name:9} {1e3 * first:17.1f} ms {1e3 * later:14.2f} ms {lines:15d}")
    value_apart, derivative_apart = compare(params, x, labels)
    print("\nlargest difference between the two forms, before training:")
    print(f"  loss {value_apart:.1e}, any derivative {derivative_apart:.1e}\n")

    epochs = EPOCHS // 5 if options.short else EPOCHS
    params, losses, rates = train(params, x, labels, epochs, rng)
    value_apart, derivative_apart = compare(params, x, labels)
    print("\nlargest difference between the two forms, after training:")
    print(f"  loss {value_apart:.1e}, any derivative {derivative_apart:.1e}")

    print("\nThe gradient in matrix form, as srcgrad wrote it:\n")
    print(loss_of_matrices.source)
    print(f"loss: {losses[0]:.4f} in the first epoch, {losses[-1]:.4f} in the last")
    print(f"train accuracy: {accuracy(params, x, labels):.4f}")
    print(f"test accuracy: {accuracy(params, test_x, test_labels):.4f}")
    save(draw(params, test_x, test_labels, losses, rates), "relu_network.png")


if __name__ == "__main__":
    main()
