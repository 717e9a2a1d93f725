"""Linear algebra: rules against NumPy's results and differences; norms at zero."""

from __future__ import annotations

import numpy as np
import pytest

from srcgrad.errors import ShapeError, UnsupportedError
from tests.rules.rows import Row, check, fixed, gradient, normal, row


def positive(*shape: int) -> np.ndarray:
    """Symmetric positive definite matrices."""
    x = normal(*shape)
    return x @ np.swapaxes(x, -1, -2) + 2.0 * np.eye(shape[-1])


SQUARE = normal(3, 3) + 2.0 * np.eye(3)
STACK = normal(2, 3, 3) + 2.0 * np.eye(3)
COMPLEX = normal(3, 3, dtype=complex) + 2.0 * np.eye(3)
X = normal(3, 4)

ROWS = [
    row(np.linalg.inv, SQUARE),
    row(np.linalg.inv, STACK),
    row(np.linalg.inv, COMPLEX),
    row(np.linalg.inv, SQUARE.astype("f4")),
    row(np.linalg.solve, SQUARE, normal(3)),
    row(np.linalg.solve, SQUARE, normal(3, 2)),
    row(np.linalg.solve, STACK, normal(2, 3, 2)),
    row(np.linalg.solve, STACK, normal(3, 2)),
    row(np.linalg.solve, STACK, normal(3)),
    row(np.linalg.solve, SQUARE, normal(2, 3, 2)),
    row(np.linalg.solve, COMPLEX, normal(3)),
    row(np.linalg.pinv, normal(4, 3)),
    row(np.linalg.pinv, normal(3, 4)),
    row(np.linalg.det, SQUARE),
    row(np.linalg.det, STACK),
    row(np.linalg.det, COMPLEX),
    row(np.linalg.slogdet, SQUARE),
    row(np.linalg.slogdet, STACK),
    row(np.linalg.cholesky, positive(3, 3)),
    row(np.linalg.cholesky, positive(2, 3, 3)),
    row(np.linalg.eigvalsh, positive(3, 3)),
    row(np.linalg.eigvalsh, positive(3, 3), UPLO="U"),
    row(np.linalg.eigh, positive(3, 3)),
    row(np.linalg.eigh, positive(2, 3, 3), UPLO="U"),
    row(np.linalg.svd, normal(4, 3), full_matrices=False),
    row(np.linalg.svd, X, full_matrices=False),
    row(np.linalg.svd, normal(2, 3, 3)),
    row(np.linalg.svd, X, compute_uv=False),
    row(np.linalg.qr, normal(4, 3)),
    row(np.linalg.qr, normal(2, 3, 3)),
    row(np.linalg.norm, normal(3)),
    row(np.linalg.norm, X),
    row(np.linalg.norm, normal(2, 3, 4)),
    row(np.linalg.norm, normal(3, dtype="f4")),
    row(np.linalg.norm, normal(3, dtype=complex)),
    row(np.linalg.norm, X, axis=0),
    row(np.linalg.norm, X, axis=-1, keepdims=True),
    row(np.linalg.norm, X, "fro"),
    row(np.linalg.norm, normal(2, 3, 4), "fro", axis=(0, 2)),
    *(row(np.linalg.norm, X, fixed(order), axis=1) for order in (1, 2, 3, 2.5, np.inf, -np.inf)),
    *(row(np.linalg.norm, normal(4), fixed(order)) for order in (1, 2, 3, np.inf, -np.inf)),
    *(row(np.linalg.norm, X, fixed(order)) for order in (1, -1, np.inf, -np.inf)),
    *(row(np.linalg.norm, normal(2, 3, 4), fixed(order), axis=(2, 0)) for order in (1, np.inf)),
]


@pytest.mark.parametrize("case", ROWS, ids=str)
def test_rules_agree_with_numpy_and_with_differences(case: Row) -> None:
    check(case)


@pytest.mark.parametrize("order", [None, 2, 1, 3])
def test_the_derivative_of_a_norm_at_zero_is_zero(order: object) -> None:
    assert gradient(np.linalg.norm, np.zeros(3), order).tolist() == [0.0, 0.0, 0.0]


def test_a_norm_of_rows_of_which_one_is_zero_is_finite() -> None:
    d_x = gradient(np.linalg.norm, np.array([[0.0, 0.0], [3.0, 4.0]]), axis=1)
    assert d_x.tolist() == [[0.0, 0.0], [0.6, 0.8]]


def test_a_tied_maximum_norm_is_shared_equally() -> None:
    d_x = gradient(np.linalg.norm, np.array([2.0, -2.0, 1.0]), fixed(np.inf))
    assert d_x.tolist() == [0.5, -0.5, 0.0]


def test_equal_eigenvalues_leave_the_derivative_of_their_sum_finite() -> None:
    d_a = gradient(np.linalg.eigh, np.eye(2), g=(np.ones(2), np.zeros((2, 2))))
    assert d_a.tolist() == [[1.0, 0.0], [0.0, 1.0]]


def test_the_triangle_that_cholesky_does_not_read_has_gradient_zero() -> None:
    d_a = gradient(np.linalg.cholesky, positive(3, 3), g=np.ones((3, 3)))
    assert (np.triu(d_a, 1) == 0).all()
    assert (np.tril(d_a) != 0).sum() == 6


@pytest.mark.parametrize("function", [np.linalg.inv, np.linalg.det, np.linalg.cholesky])
def test_matrices_that_are_not_square_are_refused(function: object) -> None:
    with pytest.raises(ShapeError, match="square"):
        check(row(function, X))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        (row(np.linalg.norm, X, 2), "ord=2"),
        (row(np.linalg.norm, X, "nuc"), "nuc"),
        (row(np.linalg.norm, X, fixed(0.5), axis=0), "ord=0.5"),
        (row(np.linalg.svd, X), "full_matrices=False"),
        (row(np.linalg.qr, X), "not wider"),
        (row(np.linalg.cholesky, COMPLEX @ COMPLEX.conj().T), "complex"),
    ],
    ids=str,
)
def test_what_has_no_rule_is_refused(case: Row, reason: str) -> None:
    with pytest.raises(UnsupportedError, match=reason):
        check(case)
