"""scikit-learn's metrics and kernels are read as they are installed, with their validation."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from srcgrad import grad
from tests.libraries.differences import check

metrics = pytest.importorskip("sklearn.metrics")
kernels = pytest.importorskip("sklearn.gaussian_process.kernels")
pairwise = pytest.importorskip("sklearn.metrics.pairwise")

RNG = np.random.default_rng(5)
SHARES = RNG.uniform(0.1, 0.9, 6)
FOUND = RNG.uniform(0.1, 0.9, 6)
POINTS = RNG.standard_normal((4, 3))
OTHERS = RNG.standard_normal((5, 3))

METRICS = [
    metrics.mean_squared_error,
    metrics.root_mean_squared_error,
    metrics.mean_absolute_error,
    metrics.r2_score,
    metrics.mean_poisson_deviance,
]
PAIRWISE = [
    pairwise.linear_kernel,
    pairwise.polynomial_kernel,
    pairwise.rbf_kernel,
]
KERNELS = {
    "rbf": kernels.RBF(1.3),
    "matern_1.5": kernels.Matern(1.1, nu=1.5),
    "rational": kernels.RationalQuadratic(),
    "periodic": kernels.ExpSineSquared(),
    "dot": kernels.DotProduct(),
    "sum": kernels.ConstantKernel(2.0) * kernels.RBF(1.0) + kernels.WhiteKernel(),
}


@pytest.mark.parametrize("metric", METRICS, ids=lambda m: m.__name__)
def test_metrics_are_differentiable_by_the_prediction(metric) -> None:
    check(lambda y: metric(SHARES, y), FOUND)


@pytest.mark.parametrize("kernel", PAIRWISE, ids=lambda k: k.__name__)
def test_kernels_of_pairs(kernel) -> None:
    check(lambda x: np.sum(kernel(x, OTHERS)), POINTS)


@pytest.mark.parametrize("name", KERNELS)
def test_kernels_of_gaussian_processes(name) -> None:
    kernel = KERNELS[name]
    check(lambda x: np.sum(kernel(x, OTHERS)), POINTS)
    check(lambda x: np.sum(kernel(x) ** 2), POINTS)


def test_a_kernel_is_differentiable_by_its_length() -> None:
    check(lambda length: np.sum(kernels.RBF(length)(POINTS)), 1.3)


def test_invalid_arguments_raise_what_they_raise_without_srcgrad() -> None:
    def loss(y):
        return metrics.mean_squared_error(SHARES, y)

    assert np.all(np.isfinite(grad(loss)(FOUND)))
    with pytest.raises(ValueError, match="Input contains NaN"):
        grad(loss)(np.full(6, np.nan))


def test_the_emitted_code_checks_the_data_and_no_more() -> None:
    with warnings.catch_warnings():
        source = grad(lambda y: metrics.mean_squared_error(SHARES, y)).lower(FOUND).source
    assert "np.isfinite" in source
    assert "isinstance" not in source and "signature" not in source
