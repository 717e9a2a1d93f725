"""Primitives of srcgrad's own: copies of another value's shape, casts, sizes."""

from __future__ import annotations

import numpy as np
import pytest

from tests.rules.rows import Row, check, check_constant, normal, row

ROWS = [
    row("broadcast_like", normal(3), normal(2, 3)),
    row("broadcast_like", normal(2, 1), normal(2, 3)),
    row("broadcast_like", 0.5, normal(2, 3)),
    row("sum_like", normal(2, 3), normal(3)),
    row("sum_like", normal(2, 3), normal(2, 1)),
    row("sum_like", normal(4, 2, 3), normal(2, 1)),
    row("sum_like", normal(2, 3), np.array(1.0)),
    row("reshape_like", normal(2, 3), normal(3, 2)),
    row("reshape_like", normal(6), normal(3, 2)),
    row("argument", normal(3)),
    row("cast", normal(3), dtype=np.dtype(np.float32), step=1.0),
    row("cast", normal(3, dtype="f4"), dtype=np.dtype(np.float64)),
    row("cast", normal(3), dtype=np.dtype(complex)),
    row("flat_get", normal(2, 3), np.array([1, 4, 0])),
    row("flat_set", normal(2, 3), normal(2), np.array([1, 4])),
    row("flat_set", normal(2, 3), 0.5, np.array([[1, 4], [2, 0]])),
    row("item", np.array(0.7)),
    row("item", normal(1)),
    row("conjugate_number", 0.3 + 0.4j),
    row("conjugate_number", 0.3),
    row("builtins.sum", 0.3, 0.4, 2),
    row("builtins.sum", normal(3), 0.4),
]


@pytest.mark.parametrize("case", ROWS, ids=str)
def test_rules_agree_with_their_functions_and_with_differences(case: Row) -> None:
    check(case)


@pytest.mark.parametrize("case", [row("dim", normal(3, 2), axis=1), row("size", normal(3, 2))])
def test_sizes_have_no_derivative(case: Row) -> None:
    check_constant(case)
