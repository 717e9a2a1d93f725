"""Methods of ufuncs: tables of all pairs, and reductions along the first axis."""

import numpy as np

from tests.corpus.program import numbers, program, signed


def weighted(a):
    """A sum that tells every element from every other."""
    return np.sum(a * np.cos(np.arange(a.size)).reshape(a.shape))


@program(numbers(3), numbers(4, seed=1), wrt=(0, 1))
def tables_of_two_vectors(x, y):
    return weighted(np.add.outer(x, y) * np.multiply.outer(x, y) + np.divide.outer(x, y))


@program(signed(3), signed(3, seed=1), wrt=(0, 1))
def differences_of_all_pairs(x, y):
    return weighted(np.subtract.outer(x, y) ** 2 + np.maximum.outer(x, y))


@program(numbers(2, 3), numbers(2, 2, seed=1), wrt=(0, 1))
def a_table_of_matrices(x, y):
    return weighted(np.power.outer(x, y))


@program(numbers(3), 0.7, wrt=(0, 1))
def a_number_on_either_side(x, s):
    return weighted(np.multiply.outer(s, x) + np.subtract.outer(x, s) ** 2)


@program(numbers(3))
def a_list_on_one_side(x):
    return weighted(np.multiply.outer([1.0, 2.0], x) * np.add.outer(x[:2], [1, 2, 3]))


@program(numbers(3).astype(np.float32), tolerance=1e-2)
def tables_keep_float32(x):
    return weighted(np.multiply.outer(x, x))


@program(10 * numbers(4, 4), tolerance=1e-5)
def shortest_paths(path):
    for k in range(path.shape[0]):
        path[:] = np.minimum(path[:], np.add.outer(path[:, k], path[k, :]))
    return weighted(path)


@program(numbers(3, 2))
def reductions_along_the_first_axis(x):
    return weighted(np.add.reduce(x) * np.multiply.reduce(x) + np.maximum.reduce(x))


@program(signed(3, 2))
def reductions_along_another_axis(x):
    lowest = np.minimum.reduce(x, axis=1, keepdims=True)
    return weighted(np.add.reduce(x * lowest, 1)) + np.multiply.reduce(x, axis=None)


@program(signed(4))
def a_condition_on_all_elements(x):
    if np.logical_and.reduce(x > 0) or not np.logical_or.reduce(x > 5):
        x = x**2
    return weighted(x)


@program(numbers(3, 2))
def running_sums_and_products(x):
    return weighted(np.add.accumulate(x) + np.multiply.accumulate(x, axis=1))


@program(numbers(3), 4, 3)
def grids_of_sizes_that_are_arguments(x, n, m):
    i, j = np.mgrid[0:n, 1 : m + 1]
    k = np.mgrid[0 : 2 * n : 2]
    return weighted(np.sin(x[0] * i + x[1] * j)) + weighted(x[2] * k**2)


@program(numbers(2), 3)
def open_grids_of_sizes_that_are_arguments(x, n):
    i, j = np.ogrid[0:n, :n]
    return weighted(np.exp(-x[0] * i) * np.cos(x[1] * j))


@program(numbers(3), 4)
def ranges_in_a_row(x, n):
    return weighted(np.r_[x, 0:n, x[0]] ** 2)
