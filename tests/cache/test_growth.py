"""The warning that a function keeps being compiled: which assumption changes, and the way out."""

import warnings

import numpy as np
import pytest

from srcgrad import SpecializationWarning, grad


def _warning(function, calls):
    """What is said when a function is called in 32 ways that each need code of their own."""
    derivative = grad(function)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for call in calls:
            derivative(*call)
    (found,) = (w for w in caught if w.category is SpecializationWarning)
    return str(found.message)


NUMBERS = range(1, 33)


def _with_attribute():
    def scale(x):
        return x * 2

    scale.unit = "m"
    return scale


CHANGES = {
    "a string": (lambda x, s: x * x, [(2.0, f"s{k}") for k in NUMBERS], "`s` was 's29', 's30'"),
    "an integer": (
        lambda x, n: np.sum(np.swapaxes(x.reshape((1,) * 31 + (3,)), n - 1, 0)),
        [(np.ones(3), k) for k in NUMBERS],
        "`n` was 29, 30, 31, 32",
    ),
    "a size": (
        lambda x: np.sum(np.split(x, len(x))[0]),
        [(np.ones(k),) for k in NUMBERS],
        "`x.shape[0]` was 29, 30, 31, 32",
    ),
    "a length": (
        lambda x, v: x * v[0],
        [(2.0, [1.0] * k) for k in NUMBERS],
        "`v` had these lengths",
    ),
    "keys": (
        lambda x, d: x * d["a"],
        [(2.0, {"a": 1.0, f"b{k}": 2.0}) for k in NUMBERS],
        "`d` had these keys: ('a', 'b29')",
    ),
    "a rank": (
        lambda x, v: np.sum(x * v),
        [(2.0, np.ones((1,) * k)) for k in NUMBERS],
        "`v` had this many dimensions: 29, 30, 31, 32",
    ),
    "a type": (
        lambda x, v: x * x,
        [(2.0, type(f"C{k}", (), {})()) for k in NUMBERS],
        "`v` was of the types C29, C30, C31, C32",
    ),
    "a function": (
        lambda x, f: f(x) * x,
        [(2.0, _with_attribute()) for _ in NUMBERS],
        "`f` was scale (line",
    ),
}


@pytest.mark.parametrize(("function", "calls", "said"), CHANGES.values(), ids=CHANGES.keys())
def test_the_warning_names_what_changes(function, calls, said):
    assert said in _warning(function, calls)


def test_the_warning_names_the_last_function_of_many():
    message = _warning(*CHANGES["a function"][:2])
    assert "Make the function once" in message


MODE = (1.0,)


def test_the_warning_names_a_global():
    def use(x, turn):
        return x * MODE[0]

    def calls():
        global MODE
        for k in NUMBERS:
            MODE = (2.0,) * k
            yield 2.0, k

    assert "`MODE` had these lengths: 29, 30, 31, 32" in _warning(use, calls())


def test_the_warning_names_a_variable_of_an_outer_function():
    mode = ""

    def use(x, turn):
        return x * len(mode)

    def calls():
        nonlocal mode
        for k in NUMBERS:
            mode = f"mode {k}"
            yield 2.0, k

    assert "`mode` was 'mode 29', 'mode 30'" in _warning(use, calls())
