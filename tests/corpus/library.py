"""Functions that programs of the corpus call across modules."""

import numpy as np

SCALE = 2.0
WEIGHTS = np.array([0.5, 1.0, 1.5])


def scaled(x, factor=3.0):
    return x * factor * SCALE


def power_sum(x, *, exponent=2, offset=0.0):
    return np.sum(x**exponent) + offset


def weighted(x):
    return np.sum(x * WEIGHTS)


def chain(x, *functions):
    for function in functions:
        x = function(x)
    return x


def affine(x, slope=2.0, *, shift=1.0, **rest):
    for value in rest.values():
        x = x * value
    return slope * x + shift


class Settings:
    rate = 0.25
    depth = 3
