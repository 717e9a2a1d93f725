"""Functions that return early what has another size, and names that are bound on one path."""

import numpy as np

from tests.corpus.program import program


def _slices(x):
    if x[0] > 1:
        return x[1:] * 2
    return x[:-1] * x[1:]


@program(np.array([2.0, 3.0, 2.0]))
@program(np.array([0.5, 3.0, 2.0]))
def slices_by_early_return(x):
    return np.sum(_slices(x) ** 2)


def _selected(x, c):
    if x[0] < x[1]:
        return x[x > c] * 2
    return np.concatenate([x[x > c + 0.1], x])


@program(np.array([1.0, 3.0, 2.0]))
@program(np.array([3.0, 1.5, 2.0]))
def selections_by_early_return(x):
    return np.sum(_selected(x, 0.9) * 3)


def _three_ways(x):
    if x[0] > 2:
        return x[2:]
    if x[0] > 1:
        return x[1:] ** 2
    return x * x[1]


@program(np.array([2.5, 3.0, 2.0]))
@program(np.array([1.5, 3.0, 2.0]))
@program(np.array([0.5, 3.0, 2.0]))
def three_sizes_by_early_returns(x):
    y = _three_ways(x)
    return np.sum(y * y) + y[0]


@program(np.array([2.0, 3.0]))
@program(np.array([0.5, 3.0]))
@program(np.array([2.0, 0.5]))
def a_name_bound_on_one_path_and_read_on_fewer(x):
    if x[0] > 1:
        y = np.outer(x, x[1:])
    c = np.sum(x**2)
    if x[0] > 1 and x[1] > 2:
        return np.sum(y**2)
    return x[0] * c


@program(np.array([2.0, 3.0]))
@program(np.array([0.5, 3.0]))
def a_selection_bound_on_one_path(x):
    if x[0] > 1:
        y = x[x > 0.1] * 3
    total = np.sum(x)
    if x[0] > 1:
        total += np.sum(y * y)
    if x[0] > 1 and x[1] > 1:
        total += np.sum(y)
    return total


@program(np.array([2.0, 3.0]))
@program(np.array([0.5, 3.0]))
def a_list_bound_on_one_path(x):
    if x[0] > 1:
        parts = [x[1:], x * 2]
    if x[0] > 1 and x[1] > 2:
        return np.sum(parts[0]) + np.sum(parts[1])
    return x[1]


@program(np.array([0.4, 1.3, 0.2, 2.0]))
def an_early_return_in_a_loop(x):
    total = 0.0
    for i in range(3):
        total += np.sum(_slices(x[i:]) ** 2)
    return total
