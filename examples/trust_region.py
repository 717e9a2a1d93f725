"""Hessian-vector products in SciPy's trust-region Newton-CG: softmax regression of digits.

The method asks for products of the Hessian with vectors (`hessp`), and that is what `hvp` gives:
forward over reverse, for the price of a few gradients.  The Hessian of the 650 parameters, 422 500
numbers, is never formed.  The 1797 handwritten digits come with scikit-learn.

    python examples/trust_region.py
"""

import argparse
from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize
from sklearn.datasets import load_digits

from srcgrad import hvp, value_and_grad

CLASSES, PIXELS = 10, 64
PENALTY = 1e-2


@value_and_grad
def loss(theta, x, targets):
    """The penalised cross-entropy.

    theta [classes * (pixels + 1)] holds weights and biases, as SciPy wants one flat vector; x
    [digits, pixels]; targets [digits, classes] are 1 at the right class, else 0.
    """
    layer = theta.reshape(PIXELS + 1, CLASSES)
    scores = x @ layer[:-1] + layer[-1]
    top = scores.max(axis=1, keepdims=True)
    log_sums = np.log(np.sum(np.exp(scores - top), axis=1)) + top[:, 0]
    right = np.sum(scores * targets, axis=1)
    return np.mean(log_sums - right) + 0.5 * PENALTY * np.sum(theta**2)


def curvature(theta, x, targets):
    """The loss again, without its gradient, for the Hessian's products."""
    return loss.primal(theta, x, targets)


product = hvp(curvature)


def load(count):
    """Pixels between 0 and 1, targets and labels, for training and for the test."""
    digits = load_digits()
    x, labels = digits.data / 16.0, digits.target
    targets = np.eye(CLASSES)[labels]
    return (x[:-count], targets[:-count]), (x[-count:], labels[-count:])


def fit(x, targets):
    """SciPy's result, and how many products it has asked for."""
    asked = 0

    def hessp(theta, vector, x, targets):
        nonlocal asked
        asked += 1
        return product(theta, x, targets, vector)

    theta = np.zeros((PIXELS + 1) * CLASSES)
    options = {"gtol": 1e-8}
    result = minimize(
        loss, theta, (x, targets), "trust-ncg", jac=True, hessp=hessp, options=options
    )
    return result, asked


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--short", action="store_true", help="train with 300 digits")
    options = parser.parse_args(arguments)

    (x, targets), (test_x, test_labels) = load(count=400)
    if options.short:
        x, targets = x[:300], targets[:300]
    result, asked = fit(x, targets)

    print("The product of the Hessian with a vector, as srcgrad wrote it:\n")
    print(product.source)
    print(f"iterations: {result.nit}, gradients: {result.njev}, products: {asked}")
    print(f"loss at the end: {result.fun:.10f}, largest slope: {np.abs(result.jac).max():.1e}")
    layer = result.x.reshape(PIXELS + 1, CLASSES)
    found = np.argmax(test_x @ layer[:-1] + layer[-1], axis=1)
    print(f"test accuracy: {np.mean(found == test_labels):.4f}")


if __name__ == "__main__":
    main()
