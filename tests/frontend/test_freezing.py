"""Written arrays where paths meet: what is read later is right, or refused, and never old."""

import numpy as np
import pytest

from srcgrad import UnsupportedError, grad

X = np.array([0.3, 0.8, -0.2])


def changed_after_the_paths_met(x, c):
    a = x * 2.0
    a[0] = 3.0
    t = a if c > 0 else 2.0
    a[1] = x[2]
    return np.sum(t * x)


def changed_under_the_name_of_its_path(x, c):
    if c > 0:
        a = x * 2.0
        a[0] = 3.0
        t = a
    else:
        t = 2.0
    if c > 0:
        a[1] = 5.0
    return np.sum(t * x)


def changed_in_later_iterations(x, c):
    a = x * 1.0
    a[0] = 2.0
    found = 0.0
    k = 0
    while k < c * x[1] * 8:
        if x[0] * k > 0.5:
            found = a
        a[0] += x[1]
        k += 1
    return np.sum(found * x)


def changed_through_the_name_itself(x, c):
    t = x * 2.0 if c > 0 else 2.0
    a = x * 3.0
    a[0] = 1.0
    if c > 0:
        t = a
    t[1] = 0.0
    return np.sum(t * x)


@pytest.mark.parametrize(
    "function",
    [
        changed_after_the_paths_met,
        changed_under_the_name_of_its_path,
        changed_in_later_iterations,
        changed_through_the_name_itself,
    ],
)
def test_what_may_be_one_of_several_is_not_read_after_a_change(function):
    with pytest.raises(UnsupportedError, match=r"in changed_"):
        grad(function)(X.copy(), 1.0)


def store_after_the_loop(x, n):
    for i in range(n):
        r = x * i
        r[0] = 1.0
    r[1] = x[2]
    return np.sum(r * x)


def test_a_store_tells_iterations_apart():
    np.testing.assert_allclose(grad(store_after_the_loop)(X, 3), [1.0, X[2], 4 * X[2] + X[1]])
