"""Differences, slopes, integrals and values between samples."""

from __future__ import annotations

import numpy as np
import pytest

from tests.rules.rows import Row, check, fixed, gradient, normal, row, uniform

X = normal(5)
M = normal(4, 5)
CUBE = normal(3, 4, 5)
GRID = np.cumsum(uniform(0.5, 1.5, 5))
ROWS_GRID = np.cumsum(uniform(0.5, 1.5, 4, seed=1))
AT = uniform(0.6, 3.0, 4, seed=2)

ROWS = [
    row(np.ediff1d, X),
    row(np.ediff1d, M),
    row(np.ediff1d, X, to_begin=0.5, to_end=normal(2, seed=1)),
    *(
        row(np.gradient, x)
        for x in (X, M, CUBE, normal(2), X.astype("f4"), normal(5, dtype=complex))
    ),
    row(np.gradient, np.arange(4) ** 2, 0.5),
    row(np.gradient, X, 0.25),
    row(np.gradient, M, 0.5, 0.25),
    row(np.gradient, M, axis=0),
    row(np.gradient, M, 0.5, axis=(0,)),
    row(np.gradient, CUBE, axis=(0, -1)),
    row(np.gradient, X, GRID),
    row(np.gradient, X, GRID, edge_order=2),
    row(np.gradient, M, ROWS_GRID, 0.5),
    row(np.gradient, M, ROWS_GRID, GRID, edge_order=2),
    row(np.gradient, CUBE, ROWS_GRID, axis=1),
    row(np.gradient, X, edge_order=2),
    row(np.gradient, M, fixed(0.3), edge_order=2),
    row(np.trapezoid, X),
    row(np.trapezoid, M),
    row(np.trapezoid, M, axis=0),
    row(np.trapezoid, CUBE, dx=0.5, axis=1),
    row(np.trapezoid, X, GRID),
    row(np.trapezoid, CUBE, ROWS_GRID, axis=1),
    row(np.trapezoid, M, M + 3.0),
    row(np.trapezoid, M, normal(4, 5, seed=1), axis=0),
    row(np.trapezoid, normal(5, dtype=complex), GRID),
    row(np.trapezoid, X.astype("f4")),
    row(np.interp, AT, GRID, X),
    row(np.interp, np.float64(1.3), GRID, X),
    row(np.interp, 1.3, GRID, X),
    row(np.interp, AT, GRID, normal(5, dtype=complex)),
    row(np.interp, normal(2, 3) * 3.0, GRID, X),
    row(np.interp, normal(6) * 4.0, GRID, X, 0.5, 0.25),
    row(np.interp, normal(6) * 4.0, GRID, X, left=fixed(0.0)),
    row(np.unwrap, np.array([0.1, 3.0, -3.0, 1.0, 9.0])),
    row(np.unwrap, 4.0 * M, axis=0),
    row(np.unwrap, 4.0 * X, period=fixed(3.0)),
]


@pytest.mark.parametrize("case", ROWS, ids=str)
def test_rules_agree_with_numpy_and_with_differences(case: Row) -> None:
    check(case)


def test_at_a_sample_the_slope_is_that_on_its_right_and_beyond_the_ends_there_is_none() -> None:
    xp, fp = np.array([0.0, 1.0, 2.0]), np.array([0.0, 1.0, 5.0])
    d_x, d_xp, d_fp = gradient(np.interp, np.array([1.0, -1.0, 3.0]), xp, fp)
    np.testing.assert_array_equal(d_x, [4.0, 0.0, 0.0])
    np.testing.assert_array_equal(d_xp, [0.0, -4.0, 0.0])
    np.testing.assert_array_equal(d_fp, [1.0, 1.0, 1.0])
