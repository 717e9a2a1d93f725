"""Newton's method: the Hessian, and a handful of steps to the minimum.

A logistic regression of 569 tumours (they come with scikit-learn) by ten of their measurements.
Each step solves `hessian @ step = gradient`; the number of right digits doubles from step to step.
`hessian` sends a basis of directions through the gradient's code, all of them at once.

    python examples/newton.py
"""

import argparse
from collections.abc import Sequence

import numpy as np
from sklearn.datasets import load_breast_cancer

from srcgrad import hessian, value_and_grad

PENALTY = 1e-2
MEASUREMENTS = 10


@value_and_grad
def loss(theta, x, signs):
    """The penalised negative log-likelihood, per tumour.

    theta [measurements + 1] holds the weights and then the bias; x [tumours, measurements]; signs
    [tumours] are +1 for benign, -1 for malignant.
    """
    margins = signs * (x @ theta[:-1] + theta[-1])
    return np.mean(np.logaddexp(0.0, -margins)) + 0.5 * PENALTY * np.sum(theta**2)


curvature = hessian(loss.primal)


def load():
    """Standardised measurements, and signs."""
    data = load_breast_cancer()
    x = data.data[:, :MEASUREMENTS]
    return (x - x.mean(axis=0)) / x.std(axis=0), np.where(data.target == 1, 1.0, -1.0)


def newton(theta, x, signs, steps):
    """The minimum, and the loss and the length of the gradient before each step."""
    history = []
    for _ in range(steps):
        value, gradient = loss(theta, x, signs)
        history.append((value, np.linalg.norm(gradient)))
        theta = theta - np.linalg.solve(curvature(theta, x, signs), gradient)
    return theta, history


def descend(theta, x, signs, steps, rate=1.0):
    """The same by gradient descent."""
    history = []
    for _ in range(steps):
        value, gradient = loss(theta, x, signs)
        history.append((value, np.linalg.norm(gradient)))
        theta = theta - rate * gradient
    return theta, history


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--short", action="store_true", help="leave out the gradient descent")
    options = parser.parse_args(arguments)

    x, signs = load()
    theta, history = newton(np.zeros(MEASUREMENTS + 1), x, signs, steps=8)

    print("The Hessian, as srcgrad wrote it:\n")
    print(curvature.source)
    print("step              loss  length of the gradient")
    for step, (value, length) in enumerate(history):
        print(f"{step:4d} {value:17.14f} {length:23.1e}")

    values = np.linalg.eigvalsh(curvature(theta, x, signs))
    print(f"\nThe eigenvalues of the Hessian lie between {values[0]:.4f} and {values[-1]:.4f}:")
    print("all positive, so that this is the minimum.")
    if not options.short:
        count = 5000
        _, slow = descend(np.zeros(MEASUREMENTS + 1), x, signs, count)
        print(f"Gradient descent has a gradient of length {slow[-1][1]:.1e} after {count} steps.")
    accuracy = np.mean(np.sign(x @ theta[:-1] + theta[-1]) == signs)
    print(f"tumours on the right side: {accuracy:.4f}")


if __name__ == "__main__":
    main()
