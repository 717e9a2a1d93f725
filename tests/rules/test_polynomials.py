"""Polynomials: rules against NumPy's results and differences, in every basis."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.polynomial import polynomial
from numpy.polynomial.polyutils import trimseq

from srcgrad import grad
from srcgrad.rules.polynomial_bases import BASES
from tests.rules.rows import Row, check, fixed, normal, row, uniform

C = np.array([0.3, 1.2, -0.7, 0.5])
X = uniform(-0.9, 0.9, 5)
GRID = uniform(-0.9, 0.9, 2, 3)
M = normal(5, 2)

ROWS = [
    *(row(basis.val, x, C) for basis in BASES for x in (X, GRID)),
    *(row(basis.der, C) for basis in BASES),
    *(row(basis.der, C, 2, fixed(3.0)) for basis in BASES),
    *(row(basis.int, C) for basis in BASES),
    *(row(basis.int, C, 2, fixed((1.0, 2.0)), fixed(0.5)) for basis in BASES),
    *(row(basis.vander, X, 3) for basis in BASES),
    *(row(basis.vander, GRID, 2) for basis in BASES),
    *(row(basis.roots, C + 0.5j) for basis in BASES),
    *(row(basis.val, x, normal(4, 2)) for basis in BASES for x in (X, GRID, 0.3)),
    *(row(basis.val, X[:2], normal(4, 2), tensor=False) for basis in BASES),
    *(row(basis.val, 0.3, normal(4, 2, 3), tensor=False) for basis in BASES[:2]),
    *(row(basis.der, normal(2, 4), axis=1) for basis in BASES),
    *(row(basis.int, normal(2, 4, 2), axis=1, m=2) for basis in BASES),
    *(row(f, C, v) for basis in BASES for f in (basis.add, basis.sub) for v in (normal(2), X)),
    row(BASES[0].add, C, 0.3),
    *(row(basis.mul, C, normal(3)) for basis in BASES if basis.mul is not polynomial.polymul),
    row(trimseq, C),
    row(np.roots, C + 0.5j),
    row(np.polyval, C, X),
    row(np.polyval, C, normal()),
    row(np.polyval, C, GRID),
    row(np.polyder, C),
    row(np.polyder, C, 2),
    row(np.polyint, C),
    row(np.polyint, C, 2, fixed((1.0, 2.0))),
    row(np.polyadd, C, normal(2)),
    row(np.polysub, normal(2), C),
    *(row(np.polyval, C, x) for x in (0.3, normal())),
    *(row(basis.val, 0.3, C) for basis in BASES),
    *(row(np.polymul, a, v) for a, v in ((C, normal(2)), (normal(2), C), (C, normal(4)))),
    row(np.polymul, C, normal(3, dtype=complex)),
    *(row(np.polydiv, C, v + 2.0) for v in (normal(1), normal(2), normal(3), normal(4))),
    row(np.polydiv, C, normal(3, dtype=complex)),
]


@pytest.mark.parametrize("case", ROWS, ids=str)
def test_rules_agree_with_numpy_and_with_differences(case: Row) -> None:
    check(case)


def agrees_with_differences(f, *arguments) -> None:
    wrt = tuple(range(len(arguments)))
    gradients = grad(f, wrt=wrt)(*arguments)
    for place, gradient in enumerate(gradients):
        along = np.cos(np.arange(arguments[place].size)).reshape(arguments[place].shape)
        samples = []
        for h in (1e-5, -1e-5):
            moved = list(arguments)
            moved[place] = moved[place] + h * along
            samples.append(f(*moved))
        expected = (samples[0] - samples[1]) / 2e-5
        assert np.sum(gradient * along) == pytest.approx(expected, rel=1e-7, abs=1e-8)


@pytest.mark.parametrize("basis", BASES, ids=lambda basis: basis.name)
def test_roots_move_with_the_coefficients(basis) -> None:
    agrees_with_differences(lambda c: np.sum(np.abs(basis.roots(c)) ** 3), C)


@pytest.mark.parametrize("basis", BASES, ids=lambda basis: basis.name)
def test_numbers_of_derivatives_and_integrals_that_the_call_knows(basis) -> None:
    def changed(c, x):
        first = np.sum(np.sin(basis.der(c, 2, x[0])))
        return first + np.sum(np.sin(basis.int(c, 2, [x[1]], x[2], x[3])))

    agrees_with_differences(changed, C, X)


@pytest.mark.parametrize("basis", BASES, ids=lambda basis: basis.name)
def test_fits(basis) -> None:
    def fitted(x, y, w):
        return np.sum(np.sin(basis.fit(x, y, 2, w=w)))

    agrees_with_differences(fitted, X, normal(5), uniform(0.5, 1.5, 5))


def test_the_older_functions() -> None:
    agrees_with_differences(lambda c: np.sum(np.abs(np.roots(c)) ** 3), C)
    agrees_with_differences(lambda x, y: np.sum(np.sin(np.polyfit(x, y, 2))), X, normal(5))


def test_fits_with_the_covariance_of_the_coefficients() -> None:
    def spread(x, y, w):
        solution, covariance = np.polyfit(x, y, 1, w=w, cov=True)
        return np.sum(np.sin(covariance)) + solution[0]

    def unscaled(x, w):
        return np.sum(np.sin(np.polyfit(x, X, 1, w=w, cov="unscaled")[1]))

    w = uniform(0.5, 1.5, 5)
    agrees_with_differences(spread, X, normal(5), w)
    agrees_with_differences(unscaled, X, w)
    agrees_with_differences(lambda x, y: np.sum(np.polyfit(x, y, 1, cov=True)[1] ** 2), X, M)


def test_zeros_at_the_front_of_a_product_are_left_out() -> None:
    a, v = np.array([0.0, 2.0, 1.0]), np.array([3.0, -1.0])
    d_a, d_v = grad(lambda a, v: np.sum(np.polymul(a, v) * np.arange(1.0, 4.0)), wrt=(0, 1))(a, v)
    assert d_a.tolist() == [-1.0, 1.0, 3.0]
    assert d_v.tolist() == [4.0, 7.0]


def test_the_code_names_functions_in_full() -> None:
    gradient = grad(lambda c, x: np.sum(np.polynomial.chebyshev.chebval(x, c)))
    gradient(C, X)
    assert "np.polynomial.chebyshev.chebvander(x, " in gradient.source
    assert gradient.specializations[0].emitted.references == {}
