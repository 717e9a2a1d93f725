"""Set routines: what is taken once, and what of several equal elements."""

from __future__ import annotations

import numpy as np
import pytest

from tests.rules.rows import Row, check, check_constant, gradient, normal, row

X = np.array([0.5, -1.0, 2.0, 1.5])
M = normal(2, 3)
TAKEN = np.array([2.0, 0.5, 7.0])

ROWS = [
    row(np.unique, X),
    row(np.unique, M),
    row(np.unique, X, return_inverse=True, return_counts=True),
    row(np.unique, M, return_index=True),
    row(np.unique_values, X),
    row(np.union1d, X, normal(3)),
    row(np.union1d, M, normal(3)),
    row(np.setdiff1d, X, np.array([9.0, 8.0])),
    row(np.setxor1d, X, np.array([9.0, 8.0])),
]


@pytest.mark.parametrize("case", ROWS, ids=str)
def test_rules_agree_with_numpy_and_with_differences(case: Row) -> None:
    check(case)


def test_membership_has_no_derivative() -> None:
    check_constant(row(np.isin, X, TAKEN))


def test_equal_elements_share_what_is_taken_once() -> None:
    np.testing.assert_array_equal(gradient(np.unique, np.array([1.0, 2.0, 1.0])), [0.5, 1.0, 0.5])


def test_common_elements_belong_to_the_first_array() -> None:
    d_x, d_taken = gradient(np.intersect1d, X, TAKEN)
    np.testing.assert_array_equal(d_x, [1.0, 0.0, 1.0, 0.0])
    np.testing.assert_array_equal(d_taken, [0.0, 0.0, 0.0])
