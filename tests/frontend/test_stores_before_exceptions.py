"""What a function has stored into its arguments when it raises stays stored, as by itself."""

from __future__ import annotations

import numpy as np
import pytest

import srcgrad

X = np.array([0.9, 1.05, 1.3, 1.4])


def squares_up_to_a_bound(x):
    for i in range(len(x)):
        x[i] = x[i] ** 2
        if x[i] > 1.2:
            raise ValueError("too large")
    return x.sum()


def _double(x, i):
    x[i] = x[i] * 2
    if x[i] > 2.5:
        raise ValueError("too large")


def doubles_in_a_helper(x):
    for i in range(len(x)):
        _double(x, i)
    return x.sum()


def a_system_that_has_no_solution(x):
    x[0] = x[1] * x[2]
    x[1:] *= 2
    y = np.linalg.solve(np.outer(x, np.zeros(4)), x)
    x[2] = 7.0
    return np.sum(y * y)


def an_index_beyond_the_end(x):
    x *= x
    for i in range(10):
        x[i] = x[i] * x[i - 1]
    return x.sum()


def a_shape_that_does_not_fit(x):
    x[0] = x[1] ** 2
    return x.reshape(7, -1).sum()


@pytest.mark.parametrize(
    "function",
    [
        squares_up_to_a_bound,
        doubles_in_a_helper,
        a_system_that_has_no_solution,
        an_index_beyond_the_end,
        a_shape_that_does_not_fit,
    ],
)
def test_arrays_are_left_as_the_function_leaves_them(function):
    by_function, by_gradient = X.copy(), X.copy()
    with pytest.raises(Exception) as expected:
        function(by_function)
    with pytest.raises(expected.type) as found:
        srcgrad.grad(function)(by_gradient)
    assert str(found.value) == str(expected.value)
    assert np.array_equal(by_gradient, by_function)
    assert not np.array_equal(by_gradient, X)


def _check(value):
    if value > 5.0:
        raise ValueError("too large")


def checked_in_a_helper(x):
    for i in range(len(x)):
        _check(x[i])
    return (x * x).sum()


def test_a_helper_that_only_checks_returns_nothing():
    assert np.array_equal(srcgrad.grad(checked_in_a_helper)(X), 2 * X)
