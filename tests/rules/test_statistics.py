"""Order statistics, correlating and histograms."""

from __future__ import annotations

import numpy as np
import pytest

from srcgrad.errors import UnsupportedError
from tests.rules.rows import Row, check, check_constant, fixed, gradient, normal, row, uniform

X = normal(5)
M = normal(3, 4)
CUBE = normal(2, 3, 4)
Z = normal(3, 5, dtype=complex)
HOLED = np.where(uniform(0, 1, 3, 5) > 0.2, normal(3, 5), np.nan)
W = uniform(0.5, 2.0, 4, seed=3)
QS = np.array([0.12, 0.58, 0.86])
CONTINUOUS = ["linear", "hazen", "weibull", "median_unbiased", "normal_unbiased"]
CONTINUOUS += ["interpolated_inverted_cdf"]
DISCRETE = [
    "averaged_inverted_cdf",
    "midpoint",
    "inverted_cdf",
    "closest_observation",
    "lower",
    "higher",
    "nearest",
]
LONG, SHORT = normal(6), normal(3, seed=1)
COUNTS = np.array([0, 2, 1, 2, 0])
EDGES = np.array([-1.5, -0.5, 0.0, 0.75, 1.5])

ROWS = [
    *(row(np.quantile, X, q) for q in (0.33, QS)),
    *(row(np.quantile, X, fixed(q)) for q in (0.0, 1.0, 0.5)),
    *(row(np.quantile, CUBE, 0.33, axis=axis) for axis in (0, -1, (0, 2), (2, 1, 0))),
    *(row(np.quantile, CUBE, QS, axis=axis) for axis in (None, 0, 1, (-1, 0))),
    row(np.quantile, CUBE, 0.33, axis=1, keepdims=True),
    row(np.quantile, CUBE, QS, axis=(0, 1), keepdims=True),
    *(row(np.quantile, X, 0.33, method=method) for method in CONTINUOUS),
    *(row(np.quantile, M, QS, axis=0, method=method) for method in CONTINUOUS),
    *(row(np.quantile, M, fixed(0.33), axis=1, method=method) for method in DISCRETE),
    row(np.quantile, X.astype("f4"), fixed(0.33)),
    row(np.quantile, np.arange(5), 0.33),
    row(np.percentile, X, 30.0),
    row(np.percentile, M, 100.0 * QS, axis=0),
    row(np.nanquantile, HOLED, 0.33),
    row(np.nanquantile, HOLED, 0.33, axis=1),
    row(np.nanquantile, HOLED, QS, axis=0),
    row(np.nanpercentile, HOLED, 40.0, axis=1, keepdims=True),
    *(row(np.nanmedian, HOLED, axis=axis) for axis in (None, 0, 1, (0, 1))),
    row(np.nanmedian, HOLED, axis=1, keepdims=True),
    row(np.quantile, X, fixed(0.33), method="inverted_cdf", weights=uniform(1, 2, 5)),
    row(np.cov, X),
    row(np.cov, M),
    row(np.cov, M, rowvar=False),
    row(np.cov, X, normal(5, seed=1)),
    row(np.cov, M, normal(2, 4, seed=1)),
    row(np.cov, M, bias=True),
    row(np.cov, M, ddof=0),
    row(np.cov, M, fweights=np.array([1, 2, 1, 3])),
    row(np.cov, M, aweights=W),
    row(np.cov, M, aweights=W, ddof=0),
    row(np.cov, M, fweights=np.array([1, 2, 1, 3]), aweights=W),
    row(np.cov, Z),
    row(np.cov, X.astype("f4")),
    row(np.corrcoef, M),
    row(np.corrcoef, X, normal(5, seed=1)),
    row(np.corrcoef, M, rowvar=False),
    row(np.corrcoef, Z),
    *(row(np.convolve, a, v, mode=mode)
      for mode in ("full", "same", "valid") for a, v in ((LONG, SHORT), (SHORT, LONG))),
    *(row(np.correlate, a, v, mode=mode)
      for mode in ("full", "same", "valid") for a, v in ((LONG, SHORT), (SHORT, LONG))),
    *(row(f, LONG, normal(4, seed=1), mode="same") for f in (np.convolve, np.correlate)),
    *(row(f, normal(4, seed=1), LONG, mode="same") for f in (np.convolve, np.correlate)),
    row(np.convolve, normal(5, dtype=complex), normal(3, dtype=complex)),
    row(np.correlate, normal(5, dtype=complex), normal(3, dtype=complex)),
    row(np.convolve, LONG.astype("f4"), SHORT.astype("f4")),
    row(np.bincount, COUNTS, X),
    row(np.bincount, COUNTS, X, minlength=6),
    row(np.histogram, X, bins=fixed(3), weights=normal(5, seed=1), range=fixed((-3.0, 3.0))),
    row(np.histogram, COUNTS, bins=fixed(3), weights=normal(5, seed=1), range=fixed((0, 3))),
    row(np.histogram, COUNTS, bins=np.array([0, 1, 2]), weights=X),
    row(np.histogram, COUNTS, bins=np.array([0, 1, 3]), weights=uniform(1, 2, 5), density=True),
]  # fmt: skip


@pytest.mark.parametrize("case", ROWS, ids=str)
def test_rules_agree_with_numpy_and_with_differences(case: Row) -> None:
    check(case)


@pytest.mark.parametrize("x", [0.33, X, M], ids=str)
def test_places_in_bins_have_no_derivative(x) -> None:
    check_constant(row(np.digitize, np.asarray(x), EDGES))


def test_edges_that_a_histogram_finds_have_no_rule() -> None:
    with pytest.raises(UnsupportedError, match="edges that") as caught:
        gradient(np.histogram, X)
    assert caught.value.remedy
