"""Reductions: rules against NumPy's results and differences; ties, zeros and constants exactly."""

from __future__ import annotations

import numpy as np
import pytest

from tests.rules.rows import Row, check, fixed, normal, row

X = normal(3, 4)
CUBE = normal(2, 3, 4)
AXES = [{}, {"axis": 0}, {"axis": -1}, {"axis": (0, 2)}, {"axis": (-1, 1), "keepdims": True}]
AXES += [{"axis": None, "keepdims": True}]

ROWS = [
    *(row(f, CUBE, **axes) for f in (np.sum, np.mean, np.max, np.min) for axes in AXES),
    *(row(f, normal(3, dtype="f4")) for f in (np.sum, np.mean, np.max, np.min)),
    *(row(f, 2.0) for f in (np.sum, np.mean, np.max, np.min)),
    row(np.sum, X, dtype=np.float32, axis=1, step=1.0),
    row(np.sum, X, initial=fixed(2.0)),
    row(np.sum, X, where=X > 0, axis=1),
    row(np.max, X, initial=fixed(0.5), axis=1),
]


@pytest.mark.parametrize("case", ROWS, ids=str)
def test_rules_agree_with_numpy_and_with_differences(case: Row) -> None:
    check(case)
