"""What a `with` switches off stays off in the gradient, and what it does not, does not."""

import contextlib
import threading
import warnings

import numpy as np
import pytest

from srcgrad import UnsupportedError, grad, value_and_grad

AT_ZERO = np.array([0.0, 1.0])


def quiet(x):
    with np.errstate(divide="ignore", invalid="ignore"):
        y = np.log(x)
    return np.sum(y)


def loud_after(x):
    with np.errstate(divide="ignore"):
        y = np.sum(np.exp(x))
    return y + np.sum(np.log(x))


def strict(x):
    with np.errstate(divide="raise"):
        y = np.log(x)
    return np.sum(y)


def filtered(x):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        y = np.log(x)
    return np.sum(y)


@pytest.mark.parametrize("function", [quiet, filtered])
def test_value_and_adjoint_are_quiet(function):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        value, slope = value_and_grad(function)(AT_ZERO)
    assert value == -np.inf
    assert slope.tolist() == [np.inf, 1.0]


def test_what_stands_outside_is_not_quiet():
    with pytest.warns(RuntimeWarning, match="divide by zero"):
        value_and_grad(loud_after)(AT_ZERO)


def test_a_state_that_raises_does():
    assert value_and_grad(strict)(np.array([1.0, 2.0]))[1].tolist() == [1.0, 0.5]
    with pytest.raises(FloatingPointError):
        value_and_grad(strict)(AT_ZERO)


def test_states_stay_after_a_call_as_they_were():
    before = np.geterr()
    value_and_grad(quiet)(np.array([1.0, 2.0]))
    assert np.geterr() == before


LOCK = threading.Lock()


def locked(x):
    with LOCK:
        return x * x


def stacked(x):
    with contextlib.ExitStack():
        return x * x


def recorded(x):
    with warnings.catch_warnings(record=True):
        return x * x


def named(x):
    with np.errstate(all="ignore") as _state:
        return x * x


@pytest.mark.parametrize("function", [locked, stacked, recorded, named])
def test_other_contexts_are_refused(function):
    with pytest.raises(UnsupportedError) as refusal:
        value_and_grad(function)(1.5)
    assert refusal.value.remedy == "Enter the context outside, around the call of the gradient."


class Swallowing:
    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        return kind is ValueError or error is None


def swallowed(x):
    with Swallowing():
        y = x * x
    return y


def test_a_manager_that_may_swallow_exceptions_is_refused():
    with pytest.raises(UnsupportedError, match="what this manager does with exceptions"):
        value_and_grad(swallowed)(1.5)


@contextlib.contextmanager
def tolerant(x):
    try:
        yield x * 2.0
    except ValueError:
        print("caught")


def tolerated(x):
    y = x
    with tolerant(x) as scale:
        if x < 0.0:
            raise ValueError("negative")
        y = x * scale
    return y * x


def test_a_generator_that_catches_what_is_raised_inside_is_refused():
    with pytest.raises(UnsupportedError, match="the generator of this manager catches"):
        value_and_grad(tolerated)(-1.5)


class Telling:
    def __enter__(self):
        print("in")

    def __exit__(self, *_):
        print("out")


class SwallowingValueErrors:
    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        return kind is ValueError


def tells_of_an_exception(x):
    with Telling():
        if x[0] > 0:
            raise ValueError("positive")
        y = x * 2
    return y.sum()


def tells_of_a_division(x):
    with Telling():
        y = 1.0 / (float(x.sum()) - 3.0)
    return y


def swallows_an_exception(x):
    y = x
    with SwallowingValueErrors():
        if x[0] > 0:
            raise ValueError("positive")
        y = x * 2
    return y.sum()


def catches_what_numpy_raises(x):
    with np.errstate(divide="raise"):
        try:
            y = x / (x - 1.0)
        except FloatingPointError:
            y = x * 2
    return y.sum()


def catches_around_what_numpy_raises(x):
    try:
        with np.errstate(divide="raise"):
            y = x / (x - 1.0)
    except ArithmeticError:
        y = x * 2
    return y.sum()


@pytest.mark.parametrize(
    "function",
    [
        tells_of_an_exception,
        tells_of_a_division,
        swallows_an_exception,
        catches_what_numpy_raises,
        catches_around_what_numpy_raises,
    ],
)
def test_exceptions_that_a_context_would_see_are_refused(function, capsys):
    with pytest.raises(UnsupportedError, match=rf"in {function.__name__}\b"):
        grad(function)(np.ones(3))
    assert capsys.readouterr().out == ""


def test_a_manager_whose_block_does_not_raise_may_tell(capsys):
    def f(x):
        with Telling():
            y = x * 2
        return y.sum()

    np.testing.assert_array_equal(grad(f)(np.ones(3)), [2.0, 2.0, 2.0])
    assert capsys.readouterr().out == "in\nout\n"
