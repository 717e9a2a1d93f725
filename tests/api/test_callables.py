"""Gradients of callables that are no functions written in Python."""

import functools
import math
import operator
import pickle

import numpy as np
import pytest

import srcgrad
from srcgrad import grad, value_and_grad


@pytest.mark.parametrize("sine", [np.sin, math.sin])
def test_ufuncs_and_functions_of_math(sine):
    assert grad(sine)(1.0) == pytest.approx(math.cos(1.0))
    assert grad(sine).primal is sine


def test_several_arguments_of_a_ufunc():
    assert grad(np.multiply, wrt=(0, 1))(2.0, 3.0) == (3.0, 2.0)
    assert grad(np.multiply, wrt="x2")(2.0, 3.0) == 2.0


def test_derivatives_of_derivatives_of_ufuncs():
    assert grad(grad(np.sin))(1.0) == pytest.approx(-math.sin(1.0))
    assert srcgrad.hessian(np.tanh)(0.0) == 0.0
    twice = srcgrad.elementwise_grad(srcgrad.elementwise_grad(np.exp))
    np.testing.assert_allclose(twice(np.ones(2)), [math.e, math.e])


def test_functions_of_numpy_and_their_keywords():
    assert grad(np.sum)(np.ones(3)).tolist() == [1.0] * 3
    assert grad(np.mean)(np.ones((1, 2)), keepdims=True).tolist() == [[0.5, 0.5]]
    np.testing.assert_allclose(grad(np.linalg.norm)(np.array([3.0, 4.0])), [0.6, 0.8])
    a, b = grad(np.dot, wrt=(0, 1))(np.ones(2), np.arange(2.0))
    assert (a.tolist(), b.tolist()) == ([0.0, 1.0], [1.0, 1.0])


def test_builtins_and_operators():
    assert grad(abs)(-2.0) == -1.0
    assert grad(pow)(2.0, 3.0) == 12.0
    assert grad(operator.mul, wrt=(0, 1))(2.0, 3.0) == (3.0, 2.0)
    assert grad(sum)([1.0, 2.0]) == [1.0, 1.0]


def _scaled(x, y, *, k=2.0):
    """What a partial wraps."""
    return x * y * k


def test_partials():
    assert grad(functools.partial(_scaled, 3.0))(2.0) == 6.0
    assert grad(functools.partial(_scaled, y=3.0))(2.0) == 6.0
    assert grad(functools.partial(_scaled, k=3.0), wrt=(0, "y"))(2.0, 5.0) == (15.0, 6.0)


def test_a_partial_of_an_array_follows_the_array():
    weights = np.array([1.0, 2.0])
    g = grad(functools.partial(lambda w, x: np.sum(w * x), weights))
    assert g(1.0) == 3.0
    weights[0] = 5.0
    assert g(1.0) == 7.0


def test_a_cached_function():
    @functools.lru_cache
    def square(x):
        return x * x

    assert value_and_grad(square)(3.0) == (9.0, 6.0)


def test_the_source_is_that_of_a_function_that_calls_it():
    source = grad(np.hypot).lower(3.0, 4.0).source
    assert source.startswith("def hypot_grad(x1, x2, /, *args, **kwargs):")
    assert "# <hypot(x1, x2)>:2  return hypot(x1, x2, *args, **kwargs)" in source


def test_a_gradient_of_a_ufunc_can_be_pickled():
    assert pickle.loads(pickle.dumps(grad(np.sin)))(0.0) == 1.0


@pytest.mark.parametrize("thing", [3, "sin", dict, np.ndarray])
def test_what_is_not_a_function_is_refused(thing):
    with pytest.raises(srcgrad.ArgumentError, match="cannot differentiate"):
        grad(thing)
