"""Random draws: the same stream as in the plain program, once; derivatives by reparametrisation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from srcgrad import MissingRuleError, UnsupportedError, grad, value_and_grad

X = np.array([0.5, 1.5, 2.5])


def noisy(mu, sigma, rng):
    return np.sum((rng.normal(mu, sigma, size=3) - X) ** 2)


def moved_by_arrays(mu, sigma, rng):
    return np.sum(np.sin(rng.laplace(mu * X, sigma)) + rng.gumbel(loc=mu, scale=sigma * X))


def with_a_loop(mu, sigma, rng):
    total = 0.0
    for k in range(4):
        z = rng.standard_normal(3)
        total = total + np.sum((mu + sigma * z) ** 2) * rng.uniform(mu, sigma + 5.0)
        if total > 10.0 * k:
            total = total + rng.exponential(sigma)
    return total


def scaled(a, b, rng):
    draws = rng.gamma(2.0, a, 3) + rng.rayleigh(b, 3) + rng.weibull(a, 3) + rng.pareto(b + 2.0, 3)
    return np.sum(draws * X) + rng.lognormal(a, b) + rng.power(a) + rng.logistic(a, b)


def picked(mu, sigma, rng):
    values = mu * X**sigma
    return values[rng.integers(3)] + np.sum(rng.permutation(values) * X) + rng.choice(values)


def gaussian_vectors(mu, sigma, rng):
    draws = rng.multivariate_normal(mu * X, np.eye(3), size=4)
    return np.sum(draws**2) * sigma


def by_module_functions(mu, sigma):
    np.random.seed(3)
    noise = np.random.randn(2, 3) + np.random.rand(3) + np.random.normal(mu, sigma, 3)
    return np.sum(noise * X) * np.random.uniform(mu, 3.0)


def made_inside(mu, sigma):
    rng = np.random.default_rng(7)
    old = np.random.RandomState(7)
    return np.sum(rng.normal(mu, sigma, 3) ** 2) + np.sum(old.normal(size=(2, 3)) * mu)


WITH_GENERATOR = [noisy, moved_by_arrays, with_a_loop, scaled, picked, gaussian_vectors]
makers = pytest.mark.parametrize("make", [np.random.default_rng, np.random.RandomState])


def check(f: Callable[..., Any], point: tuple[float, float]) -> None:
    value, gradient = value_and_grad(f, wrt=(0, 1))(*point)
    assert value == f(*point)
    h = 1e-5
    for place, found in enumerate(gradient):
        ahead, behind = list(point), list(point)
        ahead[place] += h
        behind[place] -= h
        expected = (f(*ahead) - f(*behind)) / (2.0 * h)
        assert found == pytest.approx(expected, rel=1e-6, abs=1e-7)


@pytest.mark.parametrize("function", WITH_GENERATOR, ids=lambda f: f.__name__)
def test_draws_of_a_generator(function) -> None:
    for seed in (0, 1):
        plain, mine = np.random.default_rng(seed), np.random.default_rng(seed)
        expected = function(0.7, 1.3, plain)
        value, gradient = value_and_grad(function, wrt=(0, 1))(0.7, 1.3, mine)
        assert value == expected
        assert mine.random() == plain.random(), "the stream was consumed exactly once"
        for place, found in enumerate(gradient):
            samples = []
            for h in (1e-5, -1e-5):
                point = [0.7, 1.3]
                point[place] += h
                samples.append(function(*point, np.random.default_rng(seed)))
            assert found == pytest.approx((samples[0] - samples[1]) / 2e-5, rel=1e-6, abs=1e-7)


@pytest.mark.parametrize("function", [by_module_functions, made_inside], ids=lambda f: f.__name__)
def test_draws_of_the_module_and_of_generators_made_inside(function) -> None:
    check(function, (0.7, 1.3))


@makers
def test_another_generator_compiles_nothing_anew(make) -> None:
    gradient = grad(noisy)
    found = [gradient(0.7, 1.3, make(seed)) for seed in (0, 1)]
    assert found[0] != found[1]
    assert len(gradient.specializations) == 1


def test_a_global_generator_is_read_anew(monkeypatch) -> None:
    monkeypatch.setitem(globals(), "GENERATOR", np.random.default_rng(0))
    gradient = grad(lambda mu: mu * GENERATOR.normal(0.0, 1.0))
    assert gradient(1.0) == np.random.default_rng(0).normal()
    monkeypatch.setitem(globals(), "GENERATOR", np.random.default_rng(5))
    assert gradient(1.0) == np.random.default_rng(5).normal()


GENERATOR = np.random.default_rng(0)


def test_what_has_no_reparametrisation_is_refused_where_it_is_asked_for() -> None:
    assert grad(lambda b, rng: b * rng.beta(2.0, 3.0))(1.0, np.random.default_rng(0)) > 0
    with pytest.raises(MissingRuleError, match="beta"):
        grad(lambda a, rng: rng.beta(a, 3.0))(2.0, np.random.default_rng(0))
    with pytest.raises(MissingRuleError, match="gamma"):
        grad(lambda a, rng: rng.gamma(a, 3.0))(2.0, np.random.default_rng(0))


def test_shuffling_in_place_is_refused() -> None:
    def shuffled(x, rng):
        rng.shuffle(x)
        return x[0]

    with pytest.raises(UnsupportedError, match="shuffle"):
        grad(shuffled)(X.copy(), np.random.default_rng(0))


def test_the_code_is_the_users() -> None:
    gradient = grad(noisy)
    gradient(0.7, 1.3, np.random.default_rng(0))
    assert "rng.normal(mu, sigma, size=3)" in gradient.source
