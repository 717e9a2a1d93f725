"""Exceptions that no handler catches come out as in plain Python, and what stays refused."""

import numpy as np
import pytest

from srcgrad import UnsupportedError, grad


def passes_on(x):
    try:
        if x < 0.0:
            raise ValueError("negative")
    except KeyError:
        x = 2.0
    return x * x


def chains(x):
    try:
        y = np.linalg.cholesky(x)
    except np.linalg.LinAlgError as error:
        raise ValueError("not positive") from error
    return np.sum(y)


def raises_again(x):
    try:
        y = np.linalg.cholesky(x)
    except np.linalg.LinAlgError:
        raise
    return np.sum(y)


def from_nothing(x):
    if x < 0.0:
        raise ValueError("negative") from None
    return x * x


def test_what_is_not_caught_comes_out():
    assert grad(passes_on)(3.0) == 6.0
    with pytest.raises(ValueError, match="negative"):
        grad(passes_on)(-3.0)


def test_the_cause_is_kept():
    assert np.isfinite(grad(chains)(np.eye(2))).all()
    with pytest.raises(ValueError, match="not positive") as found:
        grad(chains)(-np.eye(2))
    assert isinstance(found.value.__cause__, np.linalg.LinAlgError)


def test_an_exception_raised_again_is_the_same():
    with pytest.raises(np.linalg.LinAlgError, match="not positive definite"):
        grad(raises_again)(-np.eye(2))


def test_from_none_hides_the_context():
    with pytest.raises(ValueError) as found:
        grad(from_nothing)(-1.0)
    assert found.value.__suppress_context__


def group(x):
    try:
        y = x * x
    except* ValueError:
        y = x
    return y


def jumps_out_of_finally(x):
    for _ in range(2):
        try:
            x = x * 2.0
        finally:
            break  # noqa: B012
    return x


def a_comprehension_that_may_raise(x):
    try:
        items = [1.0 / v for v in [x, x * 2.0, x - 1.0]]
    except ZeroDivisionError:
        items = [x]
    return items[0]


def effects_after_what_may_raise(x):
    try:
        y = np.linalg.inv(x)
    finally:
        print("done")
    return np.sum(y)


@pytest.mark.parametrize(
    ("function", "x"),
    [
        (group, 1.5),
        (jumps_out_of_finally, 1.5),
        (a_comprehension_that_may_raise, 1.5),
        (effects_after_what_may_raise, np.eye(2)),
    ],
)
def test_what_is_refused(function, x):
    with pytest.raises(UnsupportedError) as refusal:
        grad(function)(x)
    assert refusal.value.remedy
    assert refusal.value.filename == __file__


def test_messages_that_paths_have_left_in_a_try():
    def f(x):
        try:
            if not np.isfinite(np.sum(x)):
                if np.isnan(x).any():
                    kind = "nan"
                else:
                    kind = "infinity"
                raise ValueError(f"found {kind}")
            return np.sum(x * x)
        except KeyError as error:
            raise KeyError("again") from error

    np.testing.assert_array_equal(grad(f)(np.ones(2)), [2.0, 2.0])
    with pytest.raises(ValueError, match="found infinity"):
        grad(f)(np.array([np.inf, 1.0]))
    with pytest.raises(ValueError, match="found nan"):
        grad(f)(np.array([np.nan, 1.0]))
