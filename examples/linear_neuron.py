"""Restore a line from points in the plane, with a single neuron.

The points lie near the line y = 2.5 x − 1.  A neuron, `prediction = w * x + b`, knows neither the
slope nor the intercept; it starts at w = b = 0 and walks downhill on the mean squared error, along
the gradient that srcgrad derives from the source of `loss`.  It ends where least squares ends.

    python examples/linear_neuron.py
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from tqdm import trange

from srcgrad import value_and_grad

OUTPUT = Path(__file__).parent / "output"

TRUE_SLOPE, TRUE_INTERCEPT = 2.5, -1.0
NOISE = 0.25
LEARNING_RATE = 0.05
STEPS = 120
STEPS_DRAWN = (0, 3, 8, 20)


@value_and_grad(wrt=("w", "b"))
def loss(w, b, x, y):
    """The mean squared error of one neuron."""
    prediction = w * x + b
    return np.mean((prediction - y) ** 2)


def make_points(count, rng):
    """Points near the true line: x [count], y [count]."""
    x = rng.uniform(-2.0, 2.0, size=count)
    y = TRUE_SLOPE * x + TRUE_INTERCEPT + rng.normal(scale=NOISE, size=count)
    return x, y


def descend(x, y, steps):
    """The path of gradient descent: one row (w, b, loss) before each step, and one at the end."""
    w, b = 0.0, 0.0
    path = []
    for _ in trange(steps, desc="gradient descent", unit="step"):
        value, (d_w, d_b) = loss(w, b, x, y)
        path.append((w, b, value))
        w -= LEARNING_RATE * d_w
        b -= LEARNING_RATE * d_b
    path.append((w, b, loss.primal(w, b, x, y)))
    return np.array(path)


def draw(x, y, path):
    """Three views of the descent: the line, the loss, and the way through the (w, b) plane."""
    figure = Figure(figsize=(15, 4.6), layout="constrained")
    fit, curve, plane = figure.subplots(1, 3)

    ends = np.array([-2.1, 2.1])
    fit.scatter(x, y, s=18, color="0.55", label="data")
    for step in STEPS_DRAWN:
        w, b, _ = path[step]
        fit.plot(ends, w * ends + b, color="tab:orange", lw=1.2)
        fit.annotate(f"{step}", (ends[1], w * ends[1] + b), xytext=(4, -3),
                     textcoords="offset points", fontsize=8, color="tab:orange")  # fmt: skip
    w, b, _ = path[-1]
    fit.plot(ends, w * ends + b, color="tab:red", lw=2, label=f"neuron: {w:.2f} x {b:+.2f}")
    truth = TRUE_SLOPE * ends + TRUE_INTERCEPT
    fit.plot(ends, truth, "k--", lw=1, label=f"truth: {TRUE_SLOPE:.2f} x {TRUE_INTERCEPT:+.2f}")
    fit.set(title="the line after 0, 3, 8, 20 steps, and at the end", xlabel="x", ylabel="y")
    fit.legend(loc="upper left")

    best = np.mean((np.polyval(np.polyfit(x, y, 1), x) - y) ** 2)
    curve.semilogy(path[:, 2], color="tab:red", label="gradient descent")
    curve.axhline(best, color="k", ls="--", lw=1, label=f"least squares: {best:.4f}")
    curve.set(title="the loss", xlabel="step", ylabel="mean squared error")
    curve.legend()

    slopes, intercepts = np.meshgrid(np.linspace(-0.5, 4.0, 80), np.linspace(-2.5, 0.75, 80))
    errors = slopes[..., None] * x + intercepts[..., None] - y
    levels = np.geomspace(0.1, 20.0, 12)
    plane.contour(slopes, intercepts, np.mean(errors**2, axis=-1), levels, cmap="Blues_r")
    plane.plot(path[:, 0], path[:, 1], "o-", ms=3, color="tab:red", label="gradient descent")
    plane.plot(TRUE_SLOPE, TRUE_INTERCEPT, "k*", ms=12, label="truth")
    plane.set(title="the way down, with level lines of the loss", xlabel="w", ylabel="b")
    plane.legend(loc="upper left")
    return figure


def save(figure, name):
    OUTPUT.mkdir(exist_ok=True)
    figure.savefig(OUTPUT / name, dpi=150)
    print(f"picture: {OUTPUT / name}")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--short", action="store_true", help="a short run, with fewer points")
    options = parser.parse_args(arguments)

    x, y = make_points(30 if options.short else 100, np.random.default_rng(0))
    path = descend(x, y, STEPS)

    print("\nThe gradient that the neuron learned with, as srcgrad wrote it:\n")
    print(loss.source)

    print("  step        w        b       loss")
    for step in (0, 1, 2, 5, 10, 20, 50, len(path) - 1):
        w, b, value = path[step]
        print(f"{step:6d} {w:8.4f} {b:8.4f} {value:10.6f}")
    slope, intercept = np.polyfit(x, y, 1)
    print(f"least squares: w = {slope:.4f}, b = {intercept:.4f}")
    print(f"the true line: w = {TRUE_SLOPE:.4f}, b = {TRUE_INTERCEPT:.4f}")
    save(draw(x, y, path), "linear_neuron.png")


if __name__ == "__main__":
    main()
