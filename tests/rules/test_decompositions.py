"""Factors and eigenvalues: rules against differences; what depends on a choice of basis is nan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from srcgrad import grad
from srcgrad.errors import UnsupportedError
from tests.rules.rows import Row, check, gradient, normal, row


def positive(*shape: int, dtype: Any = float) -> np.ndarray:
    """Symmetric or Hermitian positive definite matrices."""
    x = normal(*shape, dtype=dtype)
    return x @ np.conj(np.swapaxes(x, -1, -2)) + 2.0 * np.eye(shape[-1])


SYMMETRIC = positive(3, 3)
HERMITIAN = positive(3, 3, dtype=complex)
SQUARE = normal(3, 3) + np.diag([1.0, 3.0, 6.0])
COMPLEX = normal(3, 3, dtype=complex)
HIGH, WIDE = normal(5, 3), normal(3, 5)
HIGH_COMPLEX, WIDE_COMPLEX = normal(5, 3, dtype=complex), normal(3, 5, dtype=complex)

ROWS = [
    row(np.linalg.cholesky, SYMMETRIC),
    row(np.linalg.cholesky, positive(2, 3, 3)),
    row(np.linalg.cholesky, SYMMETRIC, upper=True),
    row(np.linalg.cholesky, HERMITIAN),
    row(np.linalg.cholesky, HERMITIAN, upper=True),
    row(np.linalg.eigvalsh, SYMMETRIC),
    row(np.linalg.eigvalsh, SYMMETRIC, UPLO="U"),
    row(np.linalg.eigvalsh, HERMITIAN),
    row(np.linalg.eigvalsh, HERMITIAN, UPLO="U"),
    row(np.linalg.eigh, SYMMETRIC),
    row(np.linalg.eigh, positive(2, 3, 3), UPLO="U"),
    row(np.linalg.eigvals, COMPLEX),
    row(np.linalg.eig, COMPLEX, differentiable=False),  # NumPy's choice of phases is not smooth
    row(np.linalg.svd, HIGH, full_matrices=False),
    row(np.linalg.svd, WIDE, full_matrices=False),
    row(np.linalg.svd, normal(2, 3, 3)),
    row(np.linalg.svd, HIGH, compute_uv=False),
    row(np.linalg.svd, SYMMETRIC, hermitian=True),
    row(np.linalg.svd, SYMMETRIC, hermitian=True, compute_uv=False),
    row(np.linalg.svdvals, WIDE_COMPLEX),
    row(np.linalg.qr, HIGH),
    row(np.linalg.qr, WIDE),
    row(np.linalg.qr, normal(2, 3, 3)),
    row(np.linalg.qr, HIGH, "r"),
    row(np.linalg.qr, WIDE, mode="r"),
    row(np.linalg.qr, WIDE, mode="complete"),
    row(np.linalg.qr, HIGH_COMPLEX),
    row(np.linalg.qr, WIDE_COMPLEX),
    row(np.linalg.qr, COMPLEX),
]


@pytest.mark.parametrize("case", ROWS, ids=str)
def test_rules_agree_with_numpy_and_with_differences(case: Row) -> None:
    check(case)


# Functions that do not depend on the basis, where NumPy's choice of one is not smooth


def eigenvalue_function(a):
    w, v = np.linalg.eigh(a)
    return np.sum(np.abs((v * np.sin(w)) @ np.conj(v.T)) ** 2 * WEIGHTS)


def first_projector(a):
    _, v = np.linalg.eigh(a)
    p = v[:, :1] @ np.conj(v[:, :1].T)
    return np.sum(np.abs(p) ** 2 * WEIGHTS)


def function_by_eig(a):
    w, v = np.linalg.eig(a)
    return np.sum(np.abs((v * np.exp(0.3 * w)) @ np.linalg.inv(v)) ** 2 * WEIGHTS)


def eigenvector_sizes(a):
    w, v = np.linalg.eig(a)
    return np.sum(np.abs(v) ** 2 * WEIGHTS) + np.sum(np.abs(w - 0.5j) ** 3)


def function_by_svd(a):
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    return np.sum(np.abs((u * np.sqrt(s)) @ vh + 0.5 * a) ** 2 * weights_like(a))


def polar_part(a):
    u, _, vh = np.linalg.svd(a, full_matrices=False)
    return np.sum(np.real(u @ vh * weights_like(a)))


def left_projector(a):
    u, s, _ = np.linalg.svd(a, full_matrices=False)
    p = u[:, :2] @ np.conj(u[:, :2].T)
    return np.sum(np.abs(p) ** 2 * weights_like(p)) + s[0]


def full_svd(a):
    u, s, vh = np.linalg.svd(a)
    k = s.shape[0]
    p = u[:, k:] @ np.conj(u[:, k:].T)
    q = np.conj(vh[k:].T) @ vh[k:]
    r = (u[:, :k] * s**2) @ vh[:k]
    first = np.sum(np.abs(p) ** 2 * weights_like(p)) + np.sum(np.abs(q) ** 2 * weights_like(q))
    return first + np.sum(np.abs(r) ** 2 * weights_like(r))


def complete_qr(a):
    q, r = np.linalg.qr(a, mode="complete")
    k = min(a.shape)
    p = q[:, k:] @ np.conj(q[:, k:].T)
    return np.sum(np.abs(p) ** 2 * weights_like(p)) + np.sum(np.abs(r) ** 2 * weights_like(r))


def hermitian_svd(a):
    u, s, vh = np.linalg.svd(a, hermitian=True)
    return np.sum(np.abs((u * s**2) @ vh) ** 2 * WEIGHTS) + s[0]


WEIGHTS = normal(3, 3, seed=3)


def weights_like(a):
    return np.cos(np.arange(a.shape[0])[:, None] + 2.0 * np.arange(a.shape[1])[None, :])


def hermitised(function: Callable[..., Any]) -> Callable[..., Any]:
    def through(a):
        return function(a + np.conj(a.T))

    through.__name__ = function.__name__
    return through


FUNCTIONS = [
    *((hermitised(eigenvalue_function), a) for a in (SYMMETRIC, HERMITIAN)),
    *((hermitised(first_projector), a) for a in (SYMMETRIC, HERMITIAN)),
    *((function_by_eig, a) for a in (SQUARE, COMPLEX, normal(3, 3))),
    *((eigenvector_sizes, a) for a in (SQUARE, COMPLEX, normal(3, 3))),
    *((function_by_svd, a) for a in (SQUARE, COMPLEX, HIGH, WIDE, HIGH_COMPLEX, WIDE_COMPLEX)),
    *((polar_part, a) for a in (SQUARE, COMPLEX, HIGH, WIDE, HIGH_COMPLEX, WIDE_COMPLEX)),
    *((left_projector, a) for a in (SQUARE, COMPLEX, HIGH, WIDE, HIGH_COMPLEX, WIDE_COMPLEX)),
    *((full_svd, a) for a in (SQUARE, HIGH, WIDE, HIGH_COMPLEX, WIDE_COMPLEX)),
    *((complete_qr, a) for a in (SQUARE, HIGH, WIDE, HIGH_COMPLEX, WIDE_COMPLEX)),
    *((hermitised(hermitian_svd), a) for a in (SYMMETRIC, HERMITIAN)),
]


def directional_difference(function: Callable[..., Any], a: np.ndarray, along: np.ndarray) -> float:
    def at(h: float) -> float:
        return float(function(a + h * along))

    h = 1e-4
    return (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h)


@pytest.mark.parametrize(
    ("function", "a"), FUNCTIONS, ids=[f"{f.__name__}-{a.dtype}{a.shape}" for f, a in FUNCTIONS]
)
def test_functions_that_do_not_depend_on_the_basis(function, a) -> None:
    along = normal(*a.shape, seed=9, dtype=a.dtype)
    gradient = grad(function)(a)
    found = np.real(np.sum(np.conj(gradient) * along))
    expected = directional_difference(function, a, along)
    assert found == pytest.approx(expected, rel=1e-8, abs=1e-8)


# Equal values


def test_equal_eigenvalues_leave_functions_of_them_all_alike_finite() -> None:
    d_a = gradient(np.linalg.eigh, np.eye(2), g=(np.ones(2), np.zeros((2, 2))))
    assert d_a.tolist() == [[1.0, 0.0], [0.0, 1.0]]
    assert grad(lambda a: np.sum(np.linalg.svd(a, compute_uv=False)))(np.eye(3)).tolist() == (
        np.eye(3).tolist()
    )


def test_a_projector_on_the_space_of_equal_eigenvalues_has_its_derivative() -> None:
    rotation = np.linalg.qr(normal(3, 3))[0]
    a = rotation @ np.diag([1.0, 1.0, 4.0]) @ rotation.T

    def projector(a):
        _, v = np.linalg.eigh(0.5 * (a + a.T))
        p = v[:, :2] @ v[:, :2].T
        return np.sum(p * WEIGHTS)

    along = normal(3, 3, seed=5)
    found = np.sum(grad(projector)(a) * along)
    assert found == pytest.approx(directional_difference(projector, a, along), rel=1e-7)


def test_what_depends_on_the_choice_of_eigenvectors_is_nan() -> None:
    d_a = grad(lambda a: np.linalg.eigh(a)[1][0, 1])(np.eye(2))
    assert np.isnan(d_a).any()


def test_what_equal_eigenvalues_and_their_vectors_make_together_is_nan_and_not_wrong() -> None:
    def rebuilt(a):
        w, v = np.linalg.eigh(a)
        return np.sum((v * w) @ v.T * np.array([[1.0, 2.0], [2.0, 5.0]]))

    assert np.isnan(grad(rebuilt)(np.eye(2))).any()


def test_a_further_column_of_a_full_factor_is_nan() -> None:
    assert np.isnan(grad(lambda a: np.linalg.svd(a)[0][0, 4])(HIGH)).all()
    assert np.isnan(grad(lambda a: np.linalg.qr(a, mode="complete")[0][0, 4])(HIGH)).all()


def test_the_triangle_that_cholesky_does_not_read_has_gradient_zero() -> None:
    d_a = gradient(np.linalg.cholesky, SYMMETRIC, g=np.ones((3, 3)))
    assert (np.triu(d_a, 1) == 0).all()
    assert (np.tril(d_a) != 0).sum() == 6


def test_the_raw_form_of_qr_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="mode='raw'"):
        check(row(np.linalg.qr, HIGH, mode="raw"))


GAPS = [
    row("gaps", np.array([1.0, 2.0, 4.0]), differentiable=False),  # infinite on the diagonal
    row("over_gap", normal(3, 3), np.array([1.0, 2.0, 4.0])),
    row("skew", normal(3, 3)),
    row("skew", normal(2, 3, 3, dtype=complex)),
]


@pytest.mark.parametrize("case", GAPS, ids=str)
def test_gaps(case: Row) -> None:
    check(case)
