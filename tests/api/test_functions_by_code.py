"""Functions as arguments: new ones of the same code are served by one specialisation."""

import functools

import numpy as np
import pytest

import srcgrad
from srcgrad import grad


def _scaled(rate):
    return lambda v: np.tanh(rate * v)


def _with_defaults(rate):
    weights = np.ones(3) * rate

    def act(v, k=rate, w=weights):
        return v * k + w

    return act


def _nested(rate):
    inner = _scaled(rate)
    return lambda v: inner(v) * rate


def _generator(rate):
    def values(v):
        for item in v:
            yield item * rate

    return lambda v: np.array(list(values(v)))


def _partial(rate):
    return functools.partial(lambda v, k: v * k, k=rate)


def loss(x, act):
    return np.sum(act(x) ** 2)


def slope(function, x, *rest):
    steps = 1e-6 * np.eye(len(x))
    return np.array([function(x + h, *rest) - function(x - h, *rest) for h in steps]) / 2e-6


FACTORIES = [_scaled, _with_defaults, _nested, _generator, _partial]


@pytest.mark.parametrize("make", FACTORIES, ids=lambda f: f.__name__)
def test_a_function_made_anew_for_each_call_is_compiled_twice_at_most(make):
    derivative, x = grad(loss), np.array([0.5, 1.0, 1.5])
    for k in range(6):
        act = make(0.1 + 0.2 * k)
        np.testing.assert_allclose(derivative(x, act), slope(loss, x, act), atol=1e-7)
    assert derivative.cache_info().compilations <= 2


def test_functions_in_a_list():
    def chain(x, layers):
        for layer in layers:
            x = layer(x)
        return np.sum(x)

    derivative, x = grad(chain), np.array([0.5, 1.0])
    for k in range(5):
        layers = [_scaled(0.3 + k), _scaled(2.0 - 0.1 * k)]
        np.testing.assert_allclose(derivative(x, layers), slope(chain, x, layers), atol=1e-7)
    assert derivative.cache_info().compilations <= 2


def test_one_function_twice_and_two_of_one_code():
    def both(x, f, g):
        return np.sum(f(x) * g(x))

    derivative, x = grad(both), np.array([0.5, 1.0, 2.0])
    for make in (_scaled, _with_defaults):
        for k in range(3):
            same = make(0.1 + k)
            for f, g in [(same, same), (make(0.5 + k), make(1.5)), (same, make(0.7))]:
                expected = slope(both, x, f, g)
                np.testing.assert_allclose(derivative(x, f, g), expected, atol=1e-6)


def test_the_identity_of_a_function_counts_where_it_is_asked_for():
    special = _scaled(2.0)

    def asks(x, f):
        return np.sum(x**2) if f is special else np.sum(f(x))

    derivative, x = grad(asks), np.array([0.5, 1.0])
    for f in (_scaled(0.5), _scaled(0.6), special, _scaled(0.7), special):
        np.testing.assert_allclose(derivative(x, f), slope(asks, x, f), atol=1e-7)


def test_functions_that_are_looked_up_by_equality():
    first, second = _scaled(1.0), _scaled(2.0)
    rates = ((first, 3.0), (second, 5.0))

    def looks_up(x, f):
        for key, rate in rates:
            if f == key:
                return np.sum(x**2) * rate
        return np.sum(f(x))

    derivative, x = grad(looks_up), np.array([0.5, 1.0])
    for f in (_scaled(4.0), first, second, first, _scaled(3.0)):
        np.testing.assert_allclose(derivative(x, f), slope(looks_up, x, f), atol=1e-7)


def test_a_captured_function_that_is_replaced_by_another_of_its_code():
    act = _scaled(1.0)

    def f(x):
        return np.sum(act(x))

    derivative, x = grad(f), np.array([0.5, 1.0])
    for k in range(5):
        act = _scaled(0.5 * k)
        np.testing.assert_allclose(derivative(x), slope(f, x), atol=1e-7)
    assert derivative.cache_info().compilations <= 2


def test_a_cell_of_another_kind_is_compiled_anew():
    derivative, x = grad(loss), np.array([0.5, 1.0, 1.5])
    for rate in (1.0, 2.0, np.array([1.0, 2.0, 3.0]), 3, np.float32(0.5), 0.25):
        act = _scaled(rate)
        np.testing.assert_allclose(derivative(x, act), slope(loss, x, act), rtol=1e-4, atol=1e-5)


def test_the_cell_that_the_function_shares_with_its_argument():
    shared = 2.0

    def f(x, g):
        return g(x) * shared

    def make(rate):
        return lambda x: x * rate

    def own(x):
        return x * shared

    derivative = grad(f)
    for g, expected in [(own, 4.0), (make(3.0), 6.0), (make(4.0), 8.0), (own, 4.0)]:
        assert derivative(1.0, g) == expected
    shared = 5.0
    assert derivative(1.0, own) == 25.0
    assert derivative(1.0, make(3.0)) == 15.0


def test_a_function_that_binds_a_variable_around_it():
    def counting():
        count = 0.0

        def g(x):
            nonlocal count
            count += 1.0
            return x * count

        return g

    derivative = grad(lambda x, g: g(x))
    for _ in range(3):
        g = counting()
        assert [derivative(2.0, g), derivative(2.0, g)] == [1.0, 2.0]


def test_a_function_with_rules_of_its_own():
    def make(rate):
        return lambda x: x * rate

    derivative = grad(lambda x, g: g(x))
    assert [derivative(2.0, make(k)) for k in (1.0, 2.0, 3.0)] == [1.0, 2.0, 3.0]
    ruled = srcgrad.primitive(make(4.0))
    srcgrad.defvjp(ruled)(lambda g, y, x: g * 100.0)
    assert derivative(2.0, ruled) == 100.0
    assert derivative(2.0, make(5.0)) == 5.0
