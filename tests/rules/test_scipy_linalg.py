"""`scipy.linalg`: rules against differences."""

from __future__ import annotations

import numpy as np
import pytest

from tests.rules.rows import Row, check, normal, row

sl = pytest.importorskip("scipy.linalg")

SQUARE = normal(3, 3) + 2.0 * np.eye(3)
COMPLEX = normal(3, 3, dtype=complex) + 2.0 * np.eye(3)
POSITIVE = normal(3, 3) @ normal(3, 3).T + 2.0 * np.eye(3)

ROWS = [
    row(sl.inv, SQUARE),
    row(sl.det, SQUARE),
    row(sl.solve, SQUARE, normal(3)),
    row(sl.solve, SQUARE, normal(3, 2), transposed=True),
    row(sl.cholesky, POSITIVE),
    row(sl.cholesky, POSITIVE, lower=True),
    row(sl.solve_triangular, SQUARE, normal(3)),
    row(sl.solve_triangular, SQUARE, normal(3, 2), lower=True),
    row(sl.solve_triangular, SQUARE, normal(3), trans=1),
    row(sl.solve_triangular, SQUARE, normal(3, 2), trans="T", lower=True),
    row(sl.solve_triangular, COMPLEX, normal(3, dtype=complex)),
    row(sl.expm, 0.5 * SQUARE),
    row(sl.expm, 0.5 * COMPLEX),
]


@pytest.mark.parametrize("case", ROWS, ids=str)
def test_rules_agree_with_scipy_and_with_differences(case: Row) -> None:
    check(case)
