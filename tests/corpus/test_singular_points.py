"""Where a function has a kink or a singular point: finite wherever a subgradient is.

Differences say nothing there; what is expected stands beside each function.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

import srcgrad


class Row(NamedTuple):
    function: Callable[[Any], Any]
    point: Any
    gradient: Any


def stored_through_a_mask(x):
    y = np.zeros_like(x)
    mask = x > 0
    y[mask] = np.sqrt(x[mask])
    return y.sum()


def overwritten_through_a_mask(x):
    y = np.sqrt(x)
    y[x <= 0] = 0.0
    return y.sum()


def branch_around_the_singular_point(x):
    total = 0.0
    for item in x:
        total += np.sqrt(item) if item > 0 else 0.0
    return total


def logsumexp(x):
    m = x.max()
    return m + np.log(np.sum(np.exp(x - m)))


def relu_of_all_kinds(x):
    return np.maximum(x, 0) + max(x, 0.0) + np.abs(x) + abs(x) + np.clip(x, 0, 1)


# fmt: off
ROWS = [
    Row(relu_of_all_kinds, 0.0, 0.0),
    Row(lambda x: np.sqrt(x * x), 0.0, 0.0),
    Row(lambda x: np.sqrt(np.sum(x**2)), np.zeros(3), np.zeros(3)),
    Row(lambda x: np.linalg.norm(x), np.zeros(3), np.zeros(3)),
    Row(lambda x: np.linalg.norm(x) ** 2, np.zeros(3), np.zeros(3)),
    Row(lambda x: x * np.sqrt(x), 0.0, 0.0),
    Row(lambda x: x * math.sqrt(x), 0.0, 0.0),
    Row(lambda x: np.sqrt(x), 0.0, np.inf),
    Row(lambda x: np.std(x) + np.var(x), np.ones(3), np.zeros(3)),
    Row(lambda x: np.sum(np.std(x, axis=0)), np.full((100, 2), 0.1), np.zeros((100, 2))),
    Row(lambda x: np.sum(np.std(x, axis=1)), np.full((2, 100), 0.1), np.zeros((2, 100))),
    Row(lambda x: np.sum(np.std(x, axis=1)), np.zeros((0, 2)), np.zeros((0, 2))),
    Row(lambda x: np.sum(np.where(x > 0, np.log(x), x)), np.array([0.0, -1, 2]), [1, 1, 0.5]),
    Row(lambda x: np.sum(np.where(x > 0, 1 / x, 0.0)), np.array([0.0, -1, 2]), [0, 0, -0.25]),
    Row(lambda x: np.sum(np.sqrt(np.maximum(x, 0))), np.array([0.0, -1, 4]), [0, 0, 0.25]),
    Row(lambda x: np.sum(np.sqrt(2.0 * np.fmax(x, 0))), np.array([-1.0, 2]), [0, 0.5]),
    Row(lambda x: np.sum(np.sqrt(-np.minimum(x, 0))), np.array([1.0, -4]), [0, -0.25]),
    Row(lambda x: np.sum(np.maximum(x, 0) ** 0.5), np.array([0.0, -1, 4]), [0, 0, 0.25]),
    Row(lambda x: np.sum(np.sqrt(np.clip(x, 0, 9))), np.array([-1.0, 4, 16]), [0, 0.25, 0]),
    Row(lambda x: np.sum(np.arccos(np.clip(x, -1, 1))), np.array([-2.0, 0, 2]), [0, -1, 0]),
    Row(lambda x: np.sqrt(max(x[0], 0.0)) + math.sqrt(max(x[1], 0.0)), np.array([-1.0, -2]), [0, 0]),
    Row(stored_through_a_mask, np.array([0.0, -1, 4]), [0, 0, 0.25]),
    Row(overwritten_through_a_mask, np.array([0.0, -1, 4]), [0, 0, 0.25]),
    Row(branch_around_the_singular_point, np.array([0.0, -1, 4]), [0, 0, 0.25]),
    Row(lambda x: np.prod(x), np.array([0.0, 2, 3]), [6, 0, 0]),
    Row(lambda x: np.prod(x), np.array([0.0, 0, 3]), [0, 0, 0]),
    Row(lambda x: np.sum(np.cumprod(x)), np.array([2.0, 0, 3]), [1, 8, 0]),
    Row(lambda x: np.sum(x**0) + np.sum(x**1.5) + np.sum(x**2), np.zeros(2), np.zeros(2)),
    Row(lambda x: np.arctan2(x[0], x[1]) + np.hypot(x[0], x[1]), np.zeros(2), np.zeros(2)),
    Row(lambda x: np.sinc(x), 0.0, 0.0),
    Row(lambda x: np.sum(np.sort(np.array([x, x]))), 0.0, 2.0),
    Row(lambda x: np.max(x) + np.min(x), np.ones(4), np.full(4, 0.5)),
    Row(lambda x: np.sum(np.clip(x, 0, 1)), np.array([0, 0.5, 1, 2]), [0, 1, 0, 0]),
    Row(lambda x: np.logaddexp(x, x), 0.0, 1.0),
    Row(logsumexp, np.array([1000.0, 0, 1000]), [0.5, 0, 0.5]),
    Row(lambda x: np.sum(np.where(x < 5, np.exp(x), 1 + x)), np.array([1000.0, 0]), [1, 1]),
    Row(lambda x: np.sum(np.nan_to_num(x / x)), np.array([0.0, 1]), [0, 0]),
    Row(lambda x: np.nansum(x * x) + np.nanmax(x), np.array([np.nan, 1, 3]), [0, 2, 7]),
    Row(lambda x: np.sum(np.round(x) * x), np.array([0.7, -1.2]), [1, -1]),
    Row(lambda x: np.sum(x / np.arange(3)), np.ones(3), [np.inf, 1, 0.5]),
]
# fmt: on


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{ROWS.index(row)}")
def test_gradients_at_kinks_and_singular_points(row: Row):
    value, gradient = srcgrad.value_and_grad(row.function)(row.point)
    np.testing.assert_array_equal(value, row.function(row.point))
    np.testing.assert_allclose(gradient, row.gradient, rtol=1e-12, atol=1e-15)
