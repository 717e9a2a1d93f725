"""Restore a curve with a small network: what the activation is for.

The target is one and a half waves of a sine.  The same network (1 → 16 → 16 → 1, the same data, the
same start, the same optimiser) is trained with each of four activations and with none.  Without one
the layers compose to a straight line, whatever their number; with one they bend.

`activation` is an ordinary function handed to the loss.  srcgrad follows it into its source, and
compiles one gradient for each activation.

    python examples/nonlinear_network.py
"""

import argparse
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from tqdm import trange

from srcgrad import optim, value_and_grad

OUTPUT = Path(__file__).parent / "output"

NOISE = 0.1
SIZES = (1, 16, 16, 1)
LEARNING_RATE = 0.02
STEPS = 2000


def no_activation(x):
    return x


def relu(x):
    return np.maximum(x, 0.0)


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def softplus(x):
    return np.logaddexp(x, 0.0)


ACTIVATIONS = {
    "none": no_activation,
    "relu": relu,
    "sigmoid": sigmoid,
    "softplus": softplus,
    "tanh": np.tanh,
}


def network(params, x, activation):
    """The outputs [batch] for inputs x [batch]."""
    *hidden_layers, (last_weights, last_bias) = params
    x = x[:, None]
    for weights, biases in hidden_layers:
        x = activation(x @ weights + biases)
    return x @ last_weights + last_bias


@value_and_grad
def loss(params, x, y, activation):
    """The mean squared error of the network."""
    return np.mean((network(params, x, activation) - y) ** 2)


def target(x):
    return np.sin(3.0 * x)


def make_points(count, rng):
    """Inputs [count] between −π/2 and π/2, and noisy values [count] of the target."""
    x = np.sort(rng.uniform(-np.pi / 2, np.pi / 2, size=count))
    return x, target(x) + rng.normal(scale=NOISE, size=count)


def start(rng):
    """Random weights (He et al. 2015) and biases: pairs, one for each layer.

    The last layer has one neuron: a weight vector, and a bias that is a Python float.
    """
    hidden_layers = [
        (rng.normal(scale=np.sqrt(2.0 / inputs), size=(inputs, outputs)), rng.normal(size=outputs))
        for inputs, outputs in pairwise(SIZES[:-1])
    ]
    return [*hidden_layers, (rng.normal(scale=np.sqrt(2.0 / SIZES[-2]), size=SIZES[-2]), 0.0)]


def train(params, x, y, activation, steps, name):
    """The parameters after `steps` steps of Adam, and the losses [steps]."""
    optimizer = optim.Adam(optim.cosine(LEARNING_RATE, steps))
    state = optimizer.init(params)
    losses = []
    for _ in trange(steps, desc=f"{name:>8}", unit="step"):
        value, grads = loss(params, x, y, activation)
        losses.append(value)
        params, state = optimizer.update(params, grads, state)
    return params, np.array(losses)


def draw(x, y, trained):
    """A panel with the fitted curve for each activation, and one with all losses."""
    figure = Figure(figsize=(15, 8), layout="constrained")
    panels = figure.subplots(2, 3).ravel()
    grid = np.linspace(x.min(), x.max(), 300)
    for panel, (name, (params, losses)) in zip(panels, trained.items()):
        panel.scatter(x, y, s=12, color="0.7", label="data")
        panel.plot(grid, target(grid), "k--", lw=1, label="sin 3x")
        fitted = network(params, grid, ACTIVATIONS[name])
        panel.plot(grid, fitted, color="tab:red", lw=2, label="network")
        title = "no activation" if name == "none" else name
        panel.set(title=f"{title}: loss {losses[-1]:.4f}", xlabel="x", ylabel="y", ylim=(-1.7, 1.7))
    panels[0].legend(loc="upper left")
    for name, (_, losses) in trained.items():
        panels[-1].semilogy(losses, lw=1.5, label=name)
    panels[-1].axhline(NOISE**2, color="k", ls="--", lw=1, label="variance of the noise")
    panels[-1].set(title="the losses", xlabel="step", ylabel="mean squared error")
    panels[-1].legend(ncols=2)
    return figure


def save(figure, name):
    OUTPUT.mkdir(exist_ok=True)
    figure.savefig(OUTPUT / name, dpi=150)
    print(f"picture: {OUTPUT / name}")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--short", action="store_true", help="a short run, with fewer steps")
    options = parser.parse_args(arguments)

    x, y = make_points(150, np.random.default_rng(0))
    steps = STEPS // 4 if options.short else STEPS
    trained = {
        name: train(start(np.random.default_rng(1)), x, y, activation, steps, name)
        for name, activation in ACTIVATIONS.items()
    }
    straight = np.polyval(np.polyfit(x, y, 1), x)

    print("\nThe gradient with tanh, as srcgrad wrote it:\n")
    print(loss.source)

    print("activation    loss")
    for name, (_, losses) in trained.items():
        print(f"{name:10} {losses[-1]:8.5f}")
    print(f"\nThe best straight line has {np.mean((straight - y) ** 2):.5f}, the noise {NOISE**2}.")
    save(draw(x, y, trained), "nonlinear_network.png")


if __name__ == "__main__":
    main()
