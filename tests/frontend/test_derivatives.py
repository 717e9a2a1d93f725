"""Derivatives inside a differentiated function, and derivatives of derivatives."""

import math

import numpy as np
import pytest

from srcgrad import (
    ArgumentError,
    SrcgradError,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    linearize,
    value_and_grad,
    vjp,
)
from tests.benchmarks import orders

X = np.array([1.0, 2.0])


def forward_gradient(function):
    """The gradient by forward mode, one direction after the other."""
    return lambda x: np.array([jvp(function, (x,), (e,))[1] for e in np.eye(len(x))])


GRADIENTS = [grad, forward_gradient]
in_all_modes = pytest.mark.parametrize(
    ("outer", "inner"), [(a, b) for a in GRADIENTS for b in GRADIENTS]
)


# To any order


def test_gradients_of_gradients():
    f = lambda x: x**5  # noqa: E731
    for expected in (80.0, 160.0, 240.0, 240.0, 120.0, 0.0):
        f = grad(f)
        assert f(2.0) == expected
    assert f.__name__ == "<lambda>"


def test_the_sixth_derivative_of_a_loop_is_exact():
    def f(x):
        s = 1.0
        for _ in range(7):
            s = s * x
        return s

    for _ in range(6):
        f = grad(f)
    assert f(1.5) == 7 * 6 * 5 * 4 * 3 * 2 * 1.5


def test_forward_over_reverse_over_forward():
    def f(x):
        y = np.zeros(2)
        for i in range(2):
            if x[i] > 0:
                y[i] = x[i] ** 4
        return y

    def along(x):
        return np.sum(jvp(f, (x,), (np.ones(2),))[1])

    _, tangent = jvp(grad(along), (X,), (np.array([1.0, 0.5]),))
    np.testing.assert_allclose(tangent, 24 * X * [1.0, 0.5])


def test_modes_of_modes():
    cube = lambda x: x**3  # noqa: E731
    total = lambda x: np.sum(x**3)  # noqa: E731
    third = jacobian(jacobian(cube))(X)
    assert third.shape == (2, 2, 2)
    np.testing.assert_allclose(np.einsum("iii->i", third), 6 * X)
    np.testing.assert_allclose(jacobian(hvp(total))(X, np.ones(2)), 6 * np.eye(2))
    np.testing.assert_allclose(
        grad(lambda x, v: hvp(total)(x, v) @ v)(X, np.array([1.0, 2.0])), [6.0, 24.0]
    )
    np.testing.assert_allclose(hessian(total)(X), jacobian(grad(total))(X))
    value, gradient = value_and_grad(lambda x: np.sum(hessian(total)(x)))(X)
    np.testing.assert_allclose([value, *gradient], [18.0, 6.0, 6.0])


def test_decorated_functions_are_differentiated_again():
    @grad
    @grad
    def f(x):
        return np.sin(x * x)

    x = 0.7
    assert f(x) == pytest.approx(2 * np.cos(x * x) - 4 * x * x * np.sin(x * x))


# Inside a function


def test_no_confusion_of_perturbations():
    assert grad(lambda x: x * grad(lambda y: x + y)(1.0))(1.0) == 1.0
    assert grad(lambda x: x * jvp(lambda y: x + y, (1.0,), (1.0,))[1])(1.0) == 1.0
    assert jvp(lambda x: x * grad(lambda y: x * y)(1.0), (2.0,), (1.0,)) == (4.0, 4.0)
    assert jvp(lambda x: x * jvp(lambda y: x * y, (3.0,), (1.0,))[1], (2.0,), (1.0,))[1] == 4.0


def test_the_argument_of_the_inner_function_may_be_that_of_the_outer():
    def f(x):
        return grad(lambda y: x * y**2)(x)

    assert grad(f)(3.0) == 12.0  # of 2 x²


def test_gradient_descent_inside():
    def minimum(a):
        x = 0.0
        for _ in range(20):
            x = x - 0.1 * grad(lambda z: (z - a) ** 2)(x)
        return x

    assert grad(minimum)(3.0) == pytest.approx(1 - 0.8**20, rel=1e-14)
    value, tangent = jvp(minimum, (3.0,), (1.0,))
    assert value == minimum(3.0)
    assert tangent == pytest.approx(1 - 0.8**20, rel=1e-14)


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda x: np.sum(vjp(lambda y: y * x, x)[1](X)[0]), X),
        (lambda x: np.sum(linearize(lambda y: y**3, x)[1](X)), 6 * X * X),
        (lambda x: np.sum(jacobian(lambda y: y**3)(x)), 6 * X),
        (lambda x: np.sum(hessian(lambda y: np.sum(y**4))(x)), 24 * X),
        (lambda x: np.sum(hvp(lambda y: np.sum(y**4))(x, x)), 36 * X**2),
        (lambda x: jvp(lambda y: np.sum(y**3), (x,), (x,))[1], 9 * X**2),
        (
            lambda x: np.sum(grad(lambda p: np.sum(p["a"] ** 3) * p["b"])({"a": x, "b": 2.0})["a"]),
            12 * X,
        ),
        (lambda x: value_and_grad(lambda y: np.sum(y**3))(x)[0], 3 * X**2),
        (lambda x: np.sum(grad(lambda k, y: np.sum(k * y**3), wrt="y")(2.0, x)), 12 * X),
    ],
)
def test_every_mode_inside(function, expected):
    np.testing.assert_allclose(grad(function)(X), expected)
    value, tangent = jvp(function, (X,), (np.array([1.0, -2.0]),))
    np.testing.assert_allclose(tangent, np.dot(expected, [1.0, -2.0]))
    np.testing.assert_allclose(value, function(X))


def test_a_pullback_is_called_twice_inside():
    def f(x):
        total = 0.0
        value, pullback = vjp(lambda y: loop(y), x)
        for k in range(3):
            total = total + k * pullback(1.0)[0]
        return total + value

    def loop(y):
        s = 1.0
        for _ in range(4):
            s = s * y
        return s

    assert grad(f)(2.0) == 3 * 12 * 4.0 + 32.0


def test_what_an_inner_function_stores_outside_is_kept():
    def f(x):
        seen = []

        def inner(y):
            seen.append(y * 2.0)
            return y * y

        slope = grad(inner)(x)
        return slope * seen[0]

    assert grad(f)(3.0) == 24.0  # of 2 x * 2 x


def test_inner_options_and_methods():
    class Spring:
        def __init__(self, k):
            self.k = k

        def energy(self, x):
            return 0.5 * self.k * x * x

    def force(k, x):
        spring = Spring(k)
        return -grad(spring.energy)(x)

    assert grad(force, wrt=(0, 1))(2.0, 3.0) == (-3.0, -2.0)

    def aux(x):
        slope, extra = grad(lambda y: (y**3, y + 1.0), has_aux=True)(x)
        return slope * extra

    assert grad(aux)(2.0) == 48.0  # of 3 x² (x + 1): 9 x² + 6 x


@in_all_modes
def test_a_particle_in_the_field_of_two_charges(outer, inner):
    """Pearlmutter and Siskind 2008: a gradient by Euler steps, with a gradient in each."""

    def potential(x, charges):
        return sum(1.0 / np.linalg.norm(x - charge) for charge in charges)

    def end(w):
        charges = [np.array([10.0, 10.0 - w[0]]), np.array([10.0, 0.0])]
        x, v = np.array([0.0, 8.0]), np.array([0.75, 0.0])
        while True:
            a = -inner(lambda p: potential(p, charges))(x)
            x_new = x + 0.1 * v
            if x_new[1] <= 0:
                break
            x, v = x_new, v + 0.1 * a
        return (x - x[1] / v[1] * v)[0] ** 2

    w = np.array([0.1])
    step = 1e-6
    expected = (end(w + step) - end(w - step)) / (2 * step)
    np.testing.assert_allclose(outer(end)(w), [expected], rtol=1e-6)
    np.testing.assert_allclose(end(np.array([0.20719187464861194])), 0.0, atol=1e-8)


@in_all_modes
def test_the_saddle_point_of_a_game(outer, inner):
    """Pearlmutter and Siskind 2008: the gradient of a function whose value is found by descent."""

    def gain(a, b):
        return a @ a - b @ b + a @ b

    def best(a):
        b, rate, count = np.zeros(2), 0.25, 0
        slope = inner(lambda b: -gain(a, b))
        while np.linalg.norm(slope(b)) > 1e-12 and count < 200:
            b, count = b - rate * slope(b), count + 1
        return gain(a, b)

    # The best b is a / 2, so that the value is 5/4 a².
    np.testing.assert_allclose(outer(best)(X), 2.5 * X, rtol=1e-9)


# Refusals


def test_what_is_wrong_inside_is_said_with_its_place():
    def vector(x):
        return np.sum(grad(lambda y: y * 2)(x))

    with pytest.raises(ArgumentError, match="must return a number") as refusal:
        grad(vector)(X)
    assert refusal.value.filename == __file__

    def tangent(x):
        return jvp(lambda y: y * 2, (x,), (np.ones(3),))[1].sum()

    with pytest.raises(ArgumentError, match="has shape") as refusal:
        grad(tangent)(X)
    assert refusal.value.filename == __file__

    def writes(x):
        def inner(y):
            y[0] = 1.0
            return np.sum(y)

        return np.sum(grad(inner)(x))

    with pytest.raises(SrcgradError) as refusal:
        grad(writes)(X)
    assert refusal.value.filename == __file__


def test_functions_of_one_code_are_compiled_once():
    made = [grad(lambda x, k=k: x * k) for k in (2.0, 3.0)]
    closures = [grad(lambda x: x * k) for k in (2.0,)]
    assert [f(1.0) for f in made] == [2.0, 3.0] and closures[0](1.0) == 2.0

    def scaled(k):
        return grad(lambda x: x * k)

    first, second = scaled(2.0), scaled(3.0)
    assert (first(1.0), second(1.0)) == (2.0, 3.0)
    assert second.cache_info().compilations == 0

    def applied(h):
        return grad(lambda x: h(x))

    assert [applied(h)(0.5) for h in (np.sin, np.cos)] == [np.cos(0.5), -np.sin(0.5)]
    assert applied(lambda x: x**2)(0.5) == 1.0
    assert applied(lambda x: x**3)(0.5) == 0.75


def test_further_derivatives_in_one_number_do_not_explode():
    found = orders.row(orders.loop, 5)[0] / orders.row(orders.loop, 3)[0]
    assert found < 6.0
    assert orders.row(orders.sine, 6)[0] < 40


def test_the_sixth_derivative_of_a_sine_of_a_square():
    """By Faà di Bruno's formula for sin(x²)."""
    x = 0.7
    u, s, c = 2.0 * x, math.sin(x * x), math.cos(x * x)
    exact = -(u**6) * s + 30.0 * u**4 * c + 180.0 * u**2 * s - 120.0 * c
    assert math.isclose(orders.derivative(orders.sine, 6)(x), exact, rel_tol=1e-12)
