"""Arrays made of the elements of others."""

from __future__ import annotations

import numpy as np
import pytest

from srcgrad.errors import UnsupportedError
from tests.rules.rows import Row, check, check_constant, gradient, normal, row, uniform

X = normal(4)
M = normal(3, 4)
CUBE = normal(2, 3, 4)
HOLED = np.array([0.0, 0.0, 1.5, 0.0, -2.0, 0.0])
sliding = np.lib.stride_tricks.sliding_window_view

ROWS = [
    row(np.diagflat, X),
    row(np.diagflat, M, k=1),
    row(np.vander, X),
    row(np.vander, X, N=3),
    row(np.vander, np.array([0.0, 2.0]), N=4, increasing=True),
    row(np.vander, X.astype("f4")),
    row(np.resize, X, (2, 3)),
    row(np.resize, M, 5),
    row(np.resize, M, (5, 6)),
    row(sliding, X, 2),
    row(sliding, M, 2, axis=1),
    row(sliding, M, (2, 3)),
    row(sliding, CUBE, 3, axis=-1),
    row(np.sort_complex, normal(4, dtype=complex)),
    row(np.asarray_chkfinite, X),
    row(np.real_if_close, X),
    row(np.vecdot, M, normal(3, 4, seed=1)),
    row(np.vecdot, M, X),
    row(np.vecdot, normal(3, 4, dtype=complex), normal(4, dtype=complex)),
    row(np.vecdot, CUBE, normal(2, 3, 4, seed=1), axis=1),
]
if hasattr(np, "unstack"):
    ROWS += [row(np.unstack, M), row(np.unstack, CUBE, axis=-1)]
if hasattr(np, "cumulative_sum"):
    ROWS += [
        row(f, x, **options)
        for f in (np.cumulative_sum, np.cumulative_prod)
        for x, options in [
            (X, {}),
            (M, {"axis": 0}),
            (M, {"axis": -1, "include_initial": True}),
            (X, {"include_initial": True}),
        ]
    ]
if hasattr(np, "matvec"):
    ROWS += [
        row(np.matvec, M, X),
        row(np.matvec, CUBE, normal(2, 4)),
        row(np.vecmat, normal(3), M),
        row(np.vecmat, normal(3, dtype=complex), M),
        row(np.vecmat, normal(5, 3), M[None]),
    ]


@pytest.mark.parametrize("case", ROWS, ids=str)
def test_rules_agree_with_numpy_and_with_differences(case: Row) -> None:
    check(case)


PLACES = np.array([0, 2, 1])
CONSTANT = [
    row(np.isreal, normal(3, dtype=complex)),
    row(np.iscomplex, X),
    row(np.isposinf, X),
    row(np.isneginf, X),
    row(np.array_equiv, X, X),
    row(np.lexsort, [X, uniform(0, 1, 4)]),
    row(np.ix_, PLACES, np.array([True, False])),
    row(np.unravel_index, PLACES, (2, 3)),
    row(np.ravel_multi_index, (PLACES, PLACES), (3, 4)),
    row(np.diag_indices_from, normal(3, 3)),
    row(np.tril_indices_from, M),
    row(np.triu_indices_from, M, k=1),
]


@pytest.mark.parametrize("case", CONSTANT, ids=str)
def test_places_and_truth_values_have_no_derivative(case: Row) -> None:
    check_constant(case)


def test_what_is_left_between_zeros_has_all_of_the_cotangent() -> None:
    found = gradient(np.trim_zeros, HOLED, g=np.array([1.0, 2.0, 3.0]))
    np.testing.assert_array_equal(found, [0.0, 0.0, 1.0, 2.0, 3.0, 0.0])
    np.testing.assert_array_equal(gradient(np.trim_zeros, np.zeros(3), g=np.zeros(0)), np.zeros(3))


def test_whether_a_complex_array_becomes_real_only_the_call_knows() -> None:
    with pytest.raises(UnsupportedError, match="which only the call knows") as caught:
        gradient(np.real_if_close, normal(3, dtype=complex))
    assert caught.value.remedy
