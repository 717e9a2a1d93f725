"""Functions that tests of the public interface import, as pickling and workers need them."""

import numpy as np

import srcgrad


@srcgrad.grad
def cube(x):
    """The cube."""
    return x**3


@srcgrad.value_and_grad(wrt=("w", "b"))
def loss(w, b, x, y):
    """Mean squared error of a linear model."""
    r = x @ w + b - y
    return np.mean(r * r)


def plain(x, y=2.0):
    return x * x * y


gradient_of_plain = srcgrad.grad(plain)


class Model:
    def __init__(self, rate):
        self.rate = rate

    @srcgrad.grad(wrt="x")
    def energy(self, x):
        """The energy."""
        return self.rate * x * x

    @staticmethod
    @srcgrad.grad
    def area(x):
        return x * x

    @classmethod
    def of_class(cls, x):
        return x * x
