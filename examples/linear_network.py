"""Restore a linear function with several neurons in several layers, and no activation.

The target is y = 3 x₁ − 2 x₂ + 1.  The network has three layers of weights (2 → 4 → 4 → 1), 37
numbers where three would do.  Without an activation between them, layers of neurons compose to one
linear function, and it is that function which converges to the target: the example multiplies the
layers out at each step and shows its coefficients.  The weights themselves differ from start to
start.

    python examples/linear_network.py
"""

import argparse
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from tqdm import trange

from srcgrad import value_and_grad

OUTPUT = Path(__file__).parent / "output"

TRUE_WEIGHTS = np.array([3.0, -2.0])
TRUE_BIAS = 1.0
NOISE = 0.1
SIZES = (2, 4, 4, 1)
LEARNING_RATE = 0.03
STEPS = 120


def network(params, x):
    """The outputs [batch] for inputs x [batch, 2]."""
    for weights, biases in params:
        x = x @ weights + biases
    return x[:, 0]


@value_and_grad
def loss(params, x, y):
    """The mean squared error of the network."""
    return np.mean((network(params, x) - y) ** 2)


def make_points(count, rng):
    """Inputs [count, 2] and noisy values [count] of the target."""
    x = rng.uniform(-1.0, 1.0, size=(count, 2))
    return x, x @ TRUE_WEIGHTS + TRUE_BIAS + rng.normal(scale=NOISE, size=count)


def start(rng):
    """Random weights and zero biases: a list of pairs, one for each layer."""
    return [
        (rng.normal(scale=1.0 / np.sqrt(inputs), size=(inputs, outputs)), np.zeros(outputs))
        for inputs, outputs in pairwise(SIZES)
    ]


def multiplied_out(params):
    """The one linear function that the layers compose to: its two weights and its bias."""
    product, bias = np.eye(SIZES[0]), np.zeros(SIZES[0])
    for weights, biases in params:
        product, bias = product @ weights, bias @ weights + biases
    return np.array([*product[:, 0], bias[0]])


def descend(params, x, y, steps):
    """The parameters at the end, the losses [steps], and the coefficients [steps, 3] on the way."""
    losses, coefficients = [], []
    for _ in trange(steps, desc="gradient descent", unit="step"):
        value, grads = loss(params, x, y)
        losses.append(value)
        coefficients.append(multiplied_out(params))
        params = [
            (weights - LEARNING_RATE * d_weights, biases - LEARNING_RATE * d_biases)
            for (weights, biases), (d_weights, d_biases) in zip(params, grads)
        ]
    return params, np.array(losses), np.array(coefficients)


def draw(params, x, y, losses, coefficients):
    """The coefficients on their way to the truth, the loss, and predictions against values."""
    figure = Figure(figsize=(15, 4.6), layout="constrained")
    ways, curve, fit = figure.subplots(1, 3)

    names = ("weight of x₁", "weight of x₂", "bias")
    colors = ("tab:red", "tab:blue", "tab:green")
    for way, truth, name, color in zip(coefficients.T, (*TRUE_WEIGHTS, TRUE_BIAS), names, colors):
        ways.plot(way, color=color, label=name)
        ways.axhline(truth, color=color, ls="--", lw=1)
    ways.set(title="the layers, multiplied out (dashed: truth)", xlabel="step")
    ways.legend(loc="center right", bbox_to_anchor=(1.0, 0.4))

    curve.semilogy(losses, color="tab:red", label="training loss")
    curve.axhline(NOISE**2, color="k", ls="--", lw=1, label=f"variance of the noise: {NOISE**2:g}")
    curve.set(title="the loss", xlabel="step", ylabel="mean squared error")
    curve.legend()

    ends = np.array([y.min(), y.max()])
    fit.plot(ends, ends, "k--", lw=1, label="exact")
    fit.scatter(y, network(params, x), s=12, color="tab:red", alpha=0.6, label="points")
    fit.set(title="predictions", xlabel="value in the data", ylabel="output of the network")
    fit.legend()
    return figure


def save(figure, name):
    OUTPUT.mkdir(exist_ok=True)
    figure.savefig(OUTPUT / name, dpi=150)
    print(f"picture: {OUTPUT / name}")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--short", action="store_true", help="a short run, with fewer points")
    options = parser.parse_args(arguments)

    rng = np.random.default_rng(1)
    x, y = make_points(50 if options.short else 200, rng)
    params, losses, coefficients = descend(start(rng), x, y, STEPS)

    print("\nThe gradient of the three layers, as srcgrad wrote it:\n")
    print(loss.source)

    print("  step       loss   weight of x₁   weight of x₂       bias")
    for step in (0, 5, 10, 20, 50, len(losses) - 1):
        first, second, bias = coefficients[step]
        print(f"{step:6d} {losses[step]:10.6f} {first:14.4f} {second:14.4f} {bias:10.4f}")
    print(f"target:           {TRUE_WEIGHTS[0]:14.4f} {TRUE_WEIGHTS[1]:14.4f} {TRUE_BIAS:10.4f}")
    save(draw(params, x, y, losses, coefficients), "linear_network.png")


if __name__ == "__main__":
    main()
