"""Linear algebra: rules against NumPy's results and differences; norms at zero."""

from __future__ import annotations

import numpy as np
import pytest

from srcgrad.errors import ShapeError
from tests.rules.rows import Row, check, check_constant, fixed, gradient, normal, row


def positive(*shape: int) -> np.ndarray:
    """Symmetric positive definite matrices."""
    x = normal(*shape)
    return x @ np.swapaxes(x, -1, -2) + 2.0 * np.eye(shape[-1])


def first_two_of_lstsq(*arguments):
    return np.linalg.lstsq(*arguments)


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
    row(np.linalg.pinv, normal(2, 4, 3)),
    row(np.linalg.pinv, normal(4, 3, dtype=complex)),
    row(np.linalg.pinv, positive(3, 3), hermitian=True),
    row(np.linalg.pinv, X, fixed(1e-10)),
    row(np.linalg.lstsq, normal(5, 3), normal(5), fixed(None)),
    row(np.linalg.lstsq, normal(5, 3), normal(5, 2), fixed(None)),
    row(np.linalg.tensorsolve, normal(2, 3, 6) + np.eye(6).reshape(2, 3, 6), normal(2, 3)),
    row(np.linalg.tensorinv, normal(2, 3, 6) + np.eye(6).reshape(2, 3, 6)),
    row(np.linalg.tensorinv, normal(4, 2, 2) + 4.0 * np.eye(4).reshape(4, 2, 2), ind=1),
    row(np.linalg.det, SQUARE),
    row(np.linalg.det, STACK),
    row(np.linalg.det, COMPLEX),
    row("cofactors", np.linalg.det(SQUARE), SQUARE, twice=False, differentiable=False),
    row(np.linalg.slogdet, SQUARE),
    row(np.linalg.slogdet, STACK),
    row(np.linalg.slogdet, COMPLEX),
    row(np.linalg.cond, SQUARE),
    *(row(np.linalg.cond, STACK, fixed(p)) for p in (2, -2, 1, -1, np.inf, -np.inf, "fro")),
    row(np.linalg.cond, X),
    row(np.linalg.trace, normal(2, 3, 4), offset=1),
    row(np.linalg.diagonal, normal(2, 3, 4), offset=-1),
    row(np.linalg.matrix_transpose, normal(2, 3, 4)),
    row(np.linalg.vecdot, X, normal(4)),
    row(np.linalg.vecdot, normal(3, 4, dtype=complex), normal(3, 4, dtype=complex), axis=0),
    row(np.linalg.matrix_norm, normal(2, 3, 4)),
    row(np.linalg.matrix_norm, normal(2, 3, 4), ord=2, keepdims=True),
    row(np.linalg.vector_norm, normal(2, 3, 4)),
    row(np.linalg.vector_norm, normal(2, 3, 4), axis=(0, 2), ord=3),
    row(np.linalg.vector_norm, normal(2, 3, 4), axis=1, ord=1, keepdims=True),
    row(np.linalg.vector_norm, X, keepdims=True),
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
    *(row(np.linalg.norm, X, fixed(order)) for order in (1, -1, np.inf, -np.inf, 2, -2, "nuc")),
    *(row(np.linalg.norm, COMPLEX, fixed(order)) for order in (1, -1, np.inf, 2, -2, "nuc")),
    *(row(np.linalg.norm, COMPLEX, fixed(order), axis=1) for order in (1, 3, np.inf, -np.inf)),
    row(np.linalg.norm, X, fixed(0.5), axis=0),
    row(np.linalg.norm, X, fixed(-2), axis=0),
    row(np.linalg.norm, normal(2, 3, 4), fixed("nuc"), axis=(2, 0), keepdims=True),
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


@pytest.mark.parametrize("function", [np.linalg.inv, np.linalg.det, np.linalg.cholesky])
def test_matrices_that_are_not_square_are_refused(function: object) -> None:
    with pytest.raises(ShapeError, match="square"):
        check(row(function, X))  # type: ignore[arg-type]


def test_the_determinant_of_a_singular_matrix_has_its_cofactors_as_gradient() -> None:
    a = np.array([[1.0, 2.0], [2.0, 4.0]])
    np.testing.assert_allclose(gradient(np.linalg.det, a), [[4.0, -2.0], [-2.0, 1.0]], atol=1e-14)


def test_the_rank_of_a_matrix_is_constant() -> None:
    check_constant(row(np.linalg.matrix_rank, STACK))
