"""Writes to variables outside the function happen once, as in plain Python."""

import numpy as np
import pytest

from srcgrad import UnsupportedError, grad, value_and_grad

CALLS = 0
LAST = None
LARGE = "no"


def counts(x):
    global CALLS
    CALLS += 1
    return x * x * CALLS


def keeps(x):
    global LAST
    LAST = x * 2.0
    y = LAST * LAST
    LAST = y
    return y


def marks_on_one_path(x):
    global LARGE
    if x > 1.0:
        LARGE = "yes"
    return x * x


def keeps_an_array(x):
    global LAST
    y = x * x
    LAST = y
    y = y * 3.0
    return np.sum(y)


def makes_new(x):
    global FRESH
    FRESH = x
    return helper() * x


def helper():
    return FRESH * 2.0


def test_counts_calls_in_a_global():
    global CALLS
    CALLS = 0
    gradient = value_and_grad(counts)
    for n in (1, 2, 3):
        value, slope = gradient(1.5)
        assert (n, value, slope) == (CALLS, 2.25 * n, 3.0 * n)


def test_keeps_the_last_value():
    assert value_and_grad(keeps)(1.5) == (9.0, 12.0)
    assert LAST == 9.0


def test_writes_on_the_path_taken_only():
    global LARGE
    LARGE = "no"
    gradient = grad(marks_on_one_path)
    assert gradient(0.5) == 1.0
    assert LARGE == "no"
    assert gradient(1.5) == 3.0
    assert LARGE == "yes"


def test_an_array_kept_is_not_reused():
    x = np.array([1.0, 2.0])
    assert grad(keeps_an_array)(x).tolist() == [6.0, 12.0]
    assert LAST.tolist() == [1.0, 4.0]


def test_reads_a_global_made_by_the_call():
    assert value_and_grad(makes_new)(1.5) == (4.5, 6.0)
    assert FRESH == 1.5


def test_writes_the_cell_of_a_closure():
    def maker():
        seen = 0

        def step(x):
            nonlocal seen
            seen += 1
            return x * x * seen

        return step, lambda: seen

    step, read = maker()
    gradient = value_and_grad(step)
    assert gradient(2.0) == (4.0, 4.0)
    assert gradient(2.0) == (8.0, 8.0)
    assert read() == 2


def test_refuses_to_keep_containers_outside():
    def keeps_list(x):
        global LAST
        LAST = [x]
        return x * x

    with pytest.raises(UnsupportedError, match="outer variable `LAST`"):
        grad(keeps_list)(1.5)
