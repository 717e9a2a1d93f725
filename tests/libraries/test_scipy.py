"""SciPy's functions in Python are read and differentiated as they are installed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from srcgrad import grad
from tests.libraries.differences import check

integrate = pytest.importorskip("scipy.integrate")
linalg = pytest.importorskip("scipy.linalg")
optimize = pytest.importorskip("scipy.optimize")
special = pytest.importorskip("scipy.special")
stats = pytest.importorskip("scipy.stats")
distance = pytest.importorskip("scipy.spatial.distance")

RNG = np.random.default_rng(3)
VECTOR = RNG.standard_normal(6)
OTHER = RNG.standard_normal(6)
UNIT = RNG.uniform(0.1, 0.9, 6)
SHARES = RNG.uniform(0.1, 0.9, 6)
MATRIX = RNG.standard_normal((3, 3)) + 3.0 * np.eye(3)


def rosen_der(x):
    return np.sum(optimize.rosen_der(x) ** 2)


def rosen_hess_prod(x):
    return np.sum(optimize.rosen_hess_prod(x, OTHER))


def trapezoid(y):
    return integrate.trapezoid(y, UNIT)


def of_points(function: Callable[..., float]) -> Callable[..., float]:
    return lambda x: function(x, SHARES)


def minkowski(x):
    return distance.minkowski(x, OTHER, 3.0)


def mahalanobis(x):
    return distance.mahalanobis(x, OTHER[:3], MATRIX @ MATRIX.T)


def softmax(x):
    return np.sum(special.softmax(x) * OTHER)


ROWS = {
    "rosen": (optimize.rosen, VECTOR),
    "rosen_der": (rosen_der, VECTOR),
    "rosen_hess_prod": (rosen_hess_prod, VECTOR),
    "logsumexp": (special.logsumexp, VECTOR),
    "softmax": (softmax, VECTOR),
    "trapezoid": (trapezoid, VECTOR),
    "mahalanobis": (mahalanobis, VECTOR[:3]),
    **{
        function.__name__: (of_points(function), UNIT)
        for function in (
            distance.cosine,
            distance.correlation,
            distance.cityblock,
            distance.chebyshev,
            distance.canberra,
            distance.braycurtis,
            distance.jensenshannon,
        )
    },
}


@pytest.mark.parametrize("name", ROWS)
def test_gradients_agree_with_differences(name):
    check(*ROWS[name])


@pytest.mark.parametrize("name", ["norm", "logistic", "laplace", "cauchy", "gumbel_r", "expon"])
@pytest.mark.parametrize("method", ["logpdf", "pdf", "cdf", "sf"])
def test_distributions_are_differentiable_by_what_they_are_asked_for(name, method):
    distribution = getattr(stats, name)

    def total(x):
        return np.sum(getattr(distribution, method)(x, loc=0.03, scale=1.3))

    check(total, UNIT)


def test_a_distribution_is_differentiable_by_its_parameters():
    def log_likelihood(theta):
        return np.sum(stats.norm.logpdf(VECTOR, loc=theta[0], scale=theta[1]))

    check(log_likelihood, np.array([0.2, 1.4]))


def test_outside_of_its_support_a_density_does_not_change():
    def total(x):
        return np.sum(stats.expon.pdf(x))

    np.testing.assert_array_equal(grad(total)(np.array([-1.0, 2.0])), [0.0, -np.exp(-2.0)])


def test_the_emitted_code_does_not_check_its_arguments():
    source = grad(optimize.rosen).lower(VECTOR).source
    assert "asarray" not in source
    assert "raise" not in source


def of_positive(a):
    return a @ a.T + np.eye(3)


@pytest.mark.parametrize(
    "function",
    [
        lambda a: linalg.norm(a),
        lambda a: np.sum(linalg.cho_solve(linalg.cho_factor(of_positive(a)), OTHER[:3])),
        lambda a: np.sum(linalg.eigvalsh(of_positive(a)) ** 2),
        lambda a: np.sum(linalg.svdvals(a)),
        lambda a: np.sum(linalg.pinv(a)),
        lambda a: np.sum(linalg.block_diag(a, 2.0 * a) ** 2),
        lambda a: np.sum(linalg.toeplitz(a[0], a[1]) @ a),
        lambda a: np.sum(linalg.circulant(a[0]) @ a),
        lambda a: np.sum(np.abs(linalg.qr(a, mode="economic")[1])),
    ],
)
def test_functions_of_linalg(function):
    check(function, MATRIX, tolerance=1e-6)
