"""Hand the gradient to SciPy: logistic regression on a real data set.

`scipy.optimize.minimize(..., jac=True)` wants a function that gives the value and the gradient
together, and that is what `value_and_grad` makes.  The data are 569 tumours, described by 30
measurements each, malignant or benign (they come with scikit-learn).  The same minimum is sought
twice, with srcgrad's gradient and with the numerical one that SciPy falls back to, and the answer
is compared with that of scikit-learn's own logistic regression.

    python examples/scipy_minimize.py
"""

import argparse
import timeit
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from scipy.optimize import minimize
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

from srcgrad import value_and_grad

OUTPUT = Path(__file__).parent / "output"

PENALTY = 1.0
SETTINGS = {"method": "L-BFGS-B", "options": {"gtol": 1e-6, "ftol": 1e-13, "maxfun": 100_000}}


@value_and_grad
def loss(theta, x, signs):
    """The penalised negative log-likelihood.

    theta [measurements + 1] holds the weights and then the bias, as SciPy wants one flat vector;
    x [tumours, measurements]; signs [tumours] are +1 for benign, -1 for malignant.
    """
    weights, bias = theta[:-1], theta[-1]
    margins = signs * (x @ weights + bias)
    return np.sum(np.logaddexp(0.0, -margins)) + 0.5 * PENALTY * np.sum(weights**2)


def load():
    """Measurements, standardised, and signs, for training and for the test; and their names."""
    data = load_breast_cancer()
    signs = np.where(data.target == 1, 1.0, -1.0)
    x, test_x, signs, test_signs = train_test_split(
        data.data, signs, test_size=0.25, stratify=data.target, random_state=0
    )
    center, scale = x.mean(axis=0), x.std(axis=0)
    return (x - center) / scale, signs, (test_x - center) / scale, test_signs, data.feature_names


def fit(function, x, signs, jac):
    """SciPy's result, and the losses after each iteration."""
    losses = []

    def follow(intermediate_result):
        losses.append(intermediate_result.fun)

    theta = np.zeros(x.shape[1] + 1)
    result = minimize(function, theta, (x, signs), jac=jac, callback=follow, **SETTINGS)
    return result, np.array(losses)


def microseconds(function, *args, repetitions=500):
    """How long one call takes, in the middle of many."""
    times = timeit.repeat(lambda: function(*args), number=1, repeat=repetitions)
    return 1e6 * np.median(times)


def accuracy(theta, x, signs):
    """The share of tumours on the right side."""
    return np.mean(np.sign(x @ theta[:-1] + theta[-1]) == signs)


def draw(theta, x, signs, names, losses):
    """What the weights say, how fast the minimum was found, and how far apart the classes lie."""
    figure = Figure(figsize=(16, 6.2), layout="constrained")
    bars, curve, scores = figure.subplots(1, 3)

    order = np.argsort(theta[:-1])
    colors = np.where(theta[order] > 0, "tab:blue", "tab:red")
    bars.barh(np.arange(len(order)), theta[order], color=colors)
    bars.set_yticks(np.arange(len(order)), names[order], fontsize=8)
    bars.axvline(0.0, color="k", lw=0.8)
    bars.set(title="what speaks for malignant (red), benign (blue)", xlabel="weight")

    for name, values in losses.items():
        curve.semilogy(values - min(map(np.min, losses.values())) + 1e-12, label=name, alpha=0.8)
    curve.set(title="the descent", xlabel="iteration", ylabel="loss above the minimum found")
    curve.legend()

    margins = x @ theta[:-1] + theta[-1]
    bins = np.linspace(margins.min(), margins.max(), 40)
    scores.hist(margins[signs < 0], bins, color="tab:red", alpha=0.6, label="malignant")
    scores.hist(margins[signs > 0], bins, color="tab:blue", alpha=0.6, label="benign")
    scores.axvline(0.0, color="k", ls="--", lw=1, label="decision")
    scores.set(title="the tumours of the test", xlabel="log-odds of benign", ylabel="tumours")
    scores.legend(loc="upper left")
    return figure


def save(figure, name):
    OUTPUT.mkdir(exist_ok=True)
    figure.savefig(OUTPUT / name, dpi=150)
    print(f"picture: {OUTPUT / name}")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--short", action="store_true", help="leave out the numerical gradient")
    options = parser.parse_args(arguments)

    x, signs, test_x, test_signs, names = load()
    result, losses = fit(loss, x, signs, jac=True)
    found = {"srcgrad": (result, losses)}
    if not options.short:
        found["numeric"] = fit(loss.primal, x, signs, jac=None)

    print("The gradient that SciPy was given, as srcgrad wrote it:\n")
    print(loss.source)

    print("gradient  iterations  evaluations     loss at the end   |gradient| there")
    for name, (end, _) in found.items():
        slope = np.abs(loss(end.x, x, signs)[1]).max()
        print(f"{name:8} {end.nit:11d} {end.nfev:12d} {end.fun:19.10f} {slope:18.1e}")
    alone = microseconds(loss.primal, result.x, x, signs)
    together = microseconds(loss, result.x, x, signs)
    print(f"\none evaluation: {alone:.0f} µs without gradient, {together:.0f} µs with srcgrad's")

    reference = LogisticRegression(C=1.0 / PENALTY, tol=1e-10, max_iter=10_000).fit(x, signs)
    expected = np.array([*reference.coef_[0], *reference.intercept_])
    print(f"largest difference from scikit-learn: {np.abs(result.x - expected).max():.1e}")
    print(f"train accuracy: {accuracy(result.x, x, signs):.4f}")
    print(f"test accuracy: {accuracy(result.x, test_x, test_signs):.4f}")
    histories = {name: history for name, (_, history) in found.items()}
    save(draw(result.x, test_x, test_signs, names, histories), "scipy_minimize.png")


if __name__ == "__main__":
    main()
