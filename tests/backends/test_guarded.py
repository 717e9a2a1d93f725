"""How divisions that may meet a zero are written, and that they do not fail where they are run."""

from __future__ import annotations

import math

import numpy as np
import pytest

from srcgrad import value_and_grad


def root_of_number(x):
    return math.sqrt(x)


def root_times_number(x):
    return x * x**0.5


def power_of_number(x, n):
    return x**n


def masked_root(x):
    return np.sum(np.where(x > 0, np.sqrt(x), 0.0))


def root_times_array(x):
    return np.sum(x * np.sqrt(x))


def norm(x):
    return np.sqrt(np.sum(x**2))


def norms(x):
    return np.sum(np.sqrt(np.sum(x**2, axis=1)))


def spread(x):
    return np.std(x)


def logarithm(x):
    return np.log(x)


CASES = [
    (root_of_number, (0.0,), math.inf, "0.5 / value if value else 0.5 * math.inf"),
    (root_times_number, (0.0,), 0.0, "t_1 and (t_1 / t if t else t_1 * math.inf)"),
    (power_of_number, (0.0, 0), 0.0, "n * x ** (n - 1) if n else 0.0"),
    (masked_root, (np.array([0.0, 4.0]),), [0, 0.25], "out=np.zeros_like(sqrt_x), where="),
    (root_times_array, (np.array([0.0, 4.0]),), [0, 3], "out=np.zeros_like(t), where=t != 0)"),
    (norm, (np.zeros(2),), [0, 0], "0.5 / value if value else 0.0"),
    (norms, (np.zeros((2, 1)),), [[0], [0]], "where="),
    (spread, (np.ones(2),), [0, 0], "else 0.0"),
]


@pytest.mark.parametrize(("function", "arguments", "expected", "text"), CASES)
def test_guarded_divisions_read_like_numpy_and_run(function, arguments, expected, text) -> None:
    compiled = value_and_grad(function)
    with np.errstate(all="raise"):
        _, found = compiled(*arguments)
    np.testing.assert_array_equal(found, expected)
    assert text in compiled.source
    assert "def _divide" not in compiled.source


def test_a_ufunc_of_a_number_gives_infinities_instead_of_errors() -> None:
    with np.errstate(all="ignore"):
        assert value_and_grad(logarithm)(0.0) == (-math.inf, math.inf)


def test_divmod_of_numbers_is_python_s_own() -> None:
    def remainder(x):
        quotient, rest = divmod(x, 2.0)
        return rest * quotient

    compiled = value_and_grad(remainder)
    assert compiled(7.0) == (3.0, 3.0)
    assert "np." not in compiled.source
