"""Points where derivatives jump, and values in arms not taken; branches decide, not the runtime."""

import numpy as np

from tests.corpus.program import numbers, program, signed


@program(np.array([4.0, -1.0, 1e3]))
def where_with_overflow_in_the_arm_not_taken(x):
    return np.sum(np.where(x <= 5, np.exp(x), 1 + x))


@program(np.array([1.5, -0.5, 0.25]))
def where_with_an_invalid_arm(x):
    return np.sum(np.where(x > 0, np.log(np.abs(x)), x**2))


@program(signed(4), 0.0, wrt=0)
def maximum_against_an_argument(x, threshold):
    return np.sum(np.maximum(x, threshold) * 2 + np.minimum(x, threshold) ** 2)


@program(np.array([2.0, -3.0, 1.0]))
def products_with_signs(x):
    return np.prod(x) + np.cumprod(x)[1] + np.prod(x[:2])


@program(np.array([2.0, 0.0, 3.0]))
def a_product_with_a_zero(x):
    return np.prod(x)


@program(np.array([2.0, 0.0, 0.0]))
def a_product_with_two_zeros(x):
    return np.prod(x) + x[0]


@program(np.array([1.0, 2.0, 3.0]))
def powers_of_zero_and_of_negative_bases(x):
    return np.sum((x - 2.0) ** 2) + np.sum((x - 2.0) ** 3) + np.sum((-x) ** 3)


@program(np.array([3.0, 1.0, 2.0]))
def sorting_and_extremes(x):
    return np.sum(np.sort(x) * np.arange(3.0)) + np.max(x) * np.min(x) + x[np.argmax(x)] ** 2


@program(1.0)
def identity_operations_are_not_folded_wrongly(x):
    return (x - x) * 5 + x / x + 0 * x + x * 0.0 + x**1 + (x + 0) * 1


@program(np.array([1.5, 2.5]), np.array([0.5, 0.25]), wrt=(0, 1))
def norms_away_from_zero(x, y):
    return np.linalg.norm(x - y) + np.sqrt(np.sum(x * x)) + np.hypot(x, y).sum()


@program(700.0)
def stable_softplus(x):
    return np.logaddexp(0.0, x) + np.log1p(np.exp(-np.abs(x)))


@program(numbers(3) * 500)
def stable_softmax(x):
    e = np.exp(x - np.max(x))
    return np.sum(e / np.sum(e) * np.arange(3.0))


@program(np.array([1.5, 1.5, 0.2]))
def absolute_values_and_signs(x):
    return np.sum(np.abs(x - 1.0)) + np.sum(np.sign(x - 1.0) * x) + abs(x[0] - 3.0)
