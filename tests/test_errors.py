"""What every error says, and that it says so before anything has run."""

from __future__ import annotations

import importlib
import inspect
import linecache
import traceback
import warnings

import numpy as np
import pytest

import srcgrad
from srcgrad import ArgumentError, ShapeError, SrcgradError, grad, value_and_grad
from srcgrad.errors import InternalError, UnsupportedError
from srcgrad.location import Location


def product(w, x):
    return np.sum(x @ w)


def difference(x, y):
    return np.sum(x - y)


def helper(x, y):
    return x + y


def through_a_helper(x, y):
    return np.sum(helper(x, y))


def line_of(function, text: str) -> int:
    lines, first = inspect.getsourcelines(function)
    return first + next(k for k, line in enumerate(lines) if text in line)


def refusal_of(function, *args, **options) -> SrcgradError:
    with pytest.raises(SrcgradError) as caught:
        grad(function, **options)(*args)
    return caught.value


def test_an_error_knows_its_place_and_construct():
    error = refusal_of(product, np.ones(4), np.ones((2, 3)))
    assert error.filename == __file__
    assert error.lineno == line_of(product, "x @ w")
    assert error.column == 19
    assert error.construct == "x @ w"


def test_an_error_reads_message_place_remedy():
    error = SrcgradError(
        "cannot do this",
        location=Location("a/model.py", 3, 4, 9, "loss", "    do(x) + 1", Location("b/run.py", 7)),
        remedy="Do that.",
    )
    assert str(error).splitlines() == [
        "cannot do this",
        "  model.py:3:5, in loss, called from run.py:7",
        "    3 | do(x) + 1",
        "      | ^^^^^",
        "  Do that.",
    ]
    assert error.construct == "do(x)"


def test_calls_from_the_same_line_are_counted():
    place = None
    for _ in range(3):
        place = Location("model.py", 5, caller=place)
    assert "called from model.py:5 (2 times)" in place.describe()


def test_shapes_carry_the_users_names_and_numbers():
    error = refusal_of(product, np.ones(4), np.ones((2, 3)))
    assert isinstance(error, ShapeError)
    assert error.message.startswith("`x @ w`: shapes (2, 3) of `x` and (4,) of `w` do not fit")


def test_an_error_in_a_called_function_names_both_lines():
    error = refusal_of(through_a_helper, np.ones(3), np.ones(4))
    assert error.lineno == line_of(helper, "x + y")
    assert f"called from test_errors.py:{line_of(through_a_helper, 'sum(helper')}" in str(error)


@pytest.mark.parametrize("function", [product, difference])
def test_shapes_that_stop_to_fit_are_refused_though_the_value_is_not_needed(function):
    f = grad(function, wrt=0)
    fitting = (np.ones(3), np.ones((2, 3)) if function is product else np.ones(3))
    f(*fitting)
    with pytest.raises(ShapeError):
        f(np.ones(4), fitting[1])


def test_nothing_runs_before_a_refusal(capsys):
    def loss(x):
        print("running")
        return np.asmatrix(x).sum()

    refusal_of(loss, np.ones(3))
    assert capsys.readouterr().out == ""


def test_errors_are_also_what_plain_python_would_raise():
    assert isinstance(refusal_of(product, np.ones(4), np.ones((2, 3))), ValueError)
    assert isinstance(refusal_of(lambda x: x * nowhere, 1.0), NameError)  # noqa: F821
    assert isinstance(refusal_of(lambda x: np.asmatrix(x).sum(), np.ones(2)), NotImplementedError)


def test_a_refusal_shows_the_users_lines_and_one_of_srcgrad():
    error = refusal_of(product, np.ones(4), np.ones((2, 3)))
    files = [frame.filename for frame in traceback.extract_tb(error.__traceback__)]
    assert files[0] == __file__
    assert len([name for name in files if name != __file__]) == 1


@pytest.mark.parametrize(
    ("wrt", "message"),
    [
        (2, "out of range"),
        (-3, "out of range"),
        ("z", "not a parameter"),
        (1.0, "must be an index or a name"),
        (True, "must be an index or a name"),
        (None, "must be an index or a name"),
        ({"w"}, "must be an index or a name"),
        (("w", 0), "twice"),
        ((), "names no parameter"),
        ([], "names no parameter"),
    ],
)
def test_a_wrong_wrt_is_refused_where_it_is_given(wrt, message):
    with pytest.raises(ArgumentError, match=message) as caught:
        grad(product, wrt=wrt)
    assert caught.value.lineno == line_of(product, "def product")
    assert "The parameters are: w, x." in str(caught.value)


@pytest.mark.parametrize("thing", [np.add.outer.__call__, int, np.ndarray, 3.0])
def test_what_is_not_a_python_function_is_refused_at_the_callers_line(thing):
    with pytest.raises(ArgumentError, match="cannot differentiate") as caught:
        grad(thing)
    assert caught.value.filename == __file__
    assert caught.value.construct


@pytest.mark.parametrize("function", [grad, value_and_grad])
def test_no_gradient_path_is_a_warning_at_the_line_of_the_call(function):
    def loss(x, y):
        return x * x

    f = function(loss, wrt="y")
    with pytest.warns(srcgrad.NoGradientWarning, match="does not depend on `y`") as caught:
        f(2.0, 1.0)
    assert caught[0].filename == __file__
    assert linecache.getline(__file__, caught[0].lineno).strip() == "f(2.0, 1.0)"


def test_a_gradient_that_is_zero_only_here_is_no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert grad(lambda x: x * x)(0.0) == 0.0


def test_columns_count_characters_and_not_bytes():
    def loss(α):
        return α * unknown(α)  # noqa: F821

    error = refusal_of(loss, 1.0)
    assert error.construct == "unknown"
    assert str(error).splitlines()[3].endswith("           ^^^^^^^")


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_an_array_that_is_written_may_share_memory_with_no_other(order):
    def store(x, y):
        x[0] = 3.0 * y[0]
        return np.sum(x * y)

    def store_in_the_second(y, x):
        return store(x, y)

    a = np.ones(4)
    f = grad([store, store_in_the_second][order[0]])
    f(a.copy(), a.copy())
    with pytest.raises(UnsupportedError, match="`x` is changed in place and shares memory"):
        f(a, a[1:])


def test_recursion_of_unknown_depth_is_refused_and_no_crash():
    def halved(x):
        print(x)
        return np.sum(x) if np.sum(x) < 1.0 else halved(x / 2)

    error = refusal_of(halved, np.ones(3))
    assert "recursion" in error.message


def test_an_internal_error_keeps_its_traceback(monkeypatch):
    def fail(*_):
        raise InternalError("a fault")

    monkeypatch.setattr(importlib.import_module("srcgrad.modes.gradient"), "reverse", fail)
    with pytest.raises(InternalError) as caught:
        grad(lambda x: x * x)(2.0)
    assert traceback.extract_tb(caught.value.__traceback__)[-1].name == "fail"
