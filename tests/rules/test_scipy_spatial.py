"""`scipy.spatial.distance`: distances of all pairs, against differences."""

from __future__ import annotations

import numpy as np
import pytest

from srcgrad import UnsupportedError, grad
from tests.rules.rows import Row, check, normal, row, uniform

distance = pytest.importorskip("scipy.spatial.distance")

POINTS = normal(4, 3)
OTHERS = normal(5, 3, seed=1)
APART = 0.5 * np.arange(6.0).reshape(2, 3)
ROWS = [
    row(distance.cdist, POINTS, OTHERS),
    row(distance.cdist, POINTS, OTHERS, metric="sqeuclidean"),
    row(distance.cdist, APART, APART + 0.2, metric="cityblock"),
    *(
        row(distance.pdist, POINTS, metric=metric)
        for metric in ("euclidean", "sqeuclidean", "cityblock")
    ),
    row(distance.squareform, uniform(0.5, 2.0, 6)),
]


@pytest.mark.parametrize("case", ROWS, ids=str)
def test_rules_agree_with_differences(case: Row) -> None:
    check(case)


def test_equal_points_have_the_slope_zero() -> None:
    x = np.array([[1.0, 2.0], [1.0, 2.0]])
    np.testing.assert_array_equal(grad(lambda x: np.sum(distance.pdist(x)))(x), np.zeros((2, 2)))


def test_points_far_from_the_origin_lose_no_digits() -> None:
    x = np.array([[0.0, 0.0], [3.0, 4.0]])
    far = grad(lambda x: np.sum(distance.pdist(x)))(x + 2.0**30)
    np.testing.assert_allclose(far, [[-0.6, -0.8], [0.6, 0.8]], rtol=1e-12)


def test_a_metric_without_rule_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="metric 'cosine'"):
        grad(lambda x: np.sum(distance.pdist(x, "cosine")))(np.ones((2, 2)))
