"""Constructs of Python's grammar that the other programs have no use for."""

import numpy as np

from tests.corpus.program import numbers, program, signed


@program(1.5)
def a_set_of_known_values(x):
    return x * x * len({1, 2, 2})


@program(signed(8), 1)
def shifts_and_bits_of_integers(x, k):
    return np.sum(x[k << 1] * x[6 >> k]) + x[k ^ 3] ** 2 + x[k | 4] + x[~k] + x[5 & 6]


@program(signed(4))
def at_least(x):
    return np.sum(x[x >= 0.3] ** 2) + (x[0] if x[1] >= 0 else x[2])


@program(numbers(3))
def a_lambda_with_defaults_and_stars(x):
    scaled = lambda *items, by=2.0, **rest: by * sum(items) * rest["power"]
    return scaled(*x, power=x[0])


@program(numbers(3))
def an_annotated_local_without_a_value(x):
    total: float
    total = 0.0
    for item in x:
        total += item * item
    return total


@program(numbers(3))
def keyword_only_and_positional_only_parameters(x):
    def scale(a, /, b, *, c=2.0):
        return a * b * c

    return scale(x[0], x[1]) + scale(x[1], b=x[2], c=x[0])


@program(4.0, 3)
def a_number_among_numbers(x, k):
    weight = 2.0 if k in (0, 3) else 1.0
    if x in [1.0, k, 2.0] and x not in (5, 7.5):
        weight = weight * 3
    return weight * x * x


@program(numbers(4, 2))
def a_recursion_that_ends_at_one_of_two_numbers(points):
    def choose(n, k):
        return 1 if k in (0, n) else choose(n - 1, k - 1) + choose(n - 1, k)

    n = len(points) - 1
    middle = sum(choose(n, i) * 0.5**n * points[i] for i in range(n + 1))
    return np.sum(middle**2)
