"""Where reshapes of written arrays are views and where copies: as NumPy decides, or refused."""

import numpy as np
import pytest

import srcgrad


def double_the_second(x):
    flat = x.reshape(-1)
    flat[1] *= 2.0
    return np.sum(x * x)


def test_a_reshape_of_an_argument_in_order_is_a_view():
    x = np.arange(6.0).reshape(2, 3)
    value, gradient = srcgrad.value_and_grad(double_the_second)(x)
    assert value == 58.0
    assert x[0, 1] == 2.0
    np.testing.assert_array_equal(gradient, [[0.0, 8.0, 4.0], [6.0, 8.0, 10.0]])


def test_another_memory_order_does_not_use_the_same_code():
    function = srcgrad.value_and_grad(double_the_second)
    function(np.ones((2, 3)))
    with pytest.raises(srcgrad.UnsupportedError, match="a view of an array, or a copy"):
        function(np.ones((3, 2)).T)
    function(np.ones((2, 3)))


def sum_of_made(x, made):
    y = made(x)
    y.ravel()[0] = 0.0
    return np.sum(y * x)


@pytest.mark.parametrize(
    "made",
    [
        lambda x: np.zeros((2, 3)) + x,
        lambda x: np.sin(x),
        lambda x: x.copy() * 2,
        lambda x: np.ones_like(x),
    ],
)
def test_a_reshape_of_an_array_made_in_order_is_a_view(made):
    x = np.arange(1.0, 7.0).reshape(2, 3)
    assert srcgrad.value_and_grad(sum_of_made)(x.copy(), made)[0] == sum_of_made(x, made)


@pytest.mark.parametrize(
    "made", [lambda x: np.sin(x.T), lambda x: np.zeros((3, 2), order="F"), lambda x: x.T.copy()]
)
def test_a_reshape_of_an_array_that_may_be_in_another_order_is_refused(made):
    def program(x):
        y = made(x)
        y.ravel()[0] = 0.0
        return np.sum(y)

    with pytest.raises(srcgrad.UnsupportedError):
        srcgrad.value_and_grad(program)(np.ones((2, 3)))
