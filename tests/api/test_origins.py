"""What the primal raises during a call comes out as it is, with a note of the user's line."""

import inspect
import traceback

import numpy as np
import pytest

from srcgrad import value_and_grad, vjp
from srcgrad.location import note_origin

X = np.array([0.3, 0.8, -0.2])


def raises_on_a_path(x):
    if x[0] > 0:
        raise ValueError("positive")
    return x.sum()


def solved(a, b):
    return np.linalg.solve(a, b)


def meets_a_singular_matrix(x):
    return solved(np.outer(x, x) * 0, x).sum()


def divides_by_zero(x):
    return 1.0 / (float(x[0]) - 0.3)


def reads_beyond_the_end(x):
    i = int(x[1] * 10)
    return x[i] * 2


def asserts_too_much(x):
    s = 0.0
    for i in range(3):
        assert x[i] < 0.5
        s += x[i]
    return s


def raised_by(call, *args):
    with pytest.raises(Exception) as caught:
        call(*args)
    return caught.value


def place_of(function, text):
    lines, first = inspect.getsourcelines(function)
    (at,) = (first + k for k, line in enumerate(lines) if text in line)
    return f"test_origins.py:{at}:"


@pytest.mark.parametrize(
    ("function", "where", "text"),
    [
        (raises_on_a_path, raises_on_a_path, "raise Value"),
        (meets_a_singular_matrix, solved, "solve("),
        (divides_by_zero, divides_by_zero, "1.0 /"),
        (reads_beyond_the_end, reads_beyond_the_end, "x[i]"),
        (asserts_too_much, asserts_too_much, "assert x"),
    ],
)
@pytest.mark.parametrize("derivative", [value_and_grad, vjp])
def test_the_users_line_is_in_a_note(function, where, text, derivative):
    call = derivative(function) if derivative is value_and_grad else lambda x: vjp(function)(x)
    expected = raised_by(function, X.copy())
    for _ in range(2):  # The call that compiles, and one that is dispatched.
        error = raised_by(call, X.copy())
        assert type(error) is type(expected)
        # The assertions of tests, this file among them, are given messages by pytest.
        assert error.args == expected.args or isinstance(error, AssertionError)
        (note,) = error.__notes__
        assert place_of(where, text) in note


def test_the_helper_and_its_caller_are_named():
    error = raised_by(value_and_grad(meets_a_singular_matrix), X.copy())
    shown = "".join(traceback.format_exception(error))
    assert "in solved, called from test_origins.py:" in shown
    assert "| return np.linalg.solve(a, b)" in shown


def test_an_exception_that_passes_twice_has_its_note_once():
    error = raised_by(value_and_grad(raises_on_a_path), X.copy())
    note_origin(error)
    assert len(error.__notes__) == 1


def test_what_python_says_of_the_arguments_has_no_note():
    error = raised_by(value_and_grad(divides_by_zero), X, X, X)
    assert not hasattr(error, "__notes__")
