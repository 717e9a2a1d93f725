"""Slopes of logistic functions are shares: right where the exponential overflows."""

from __future__ import annotations

import numpy as np
import pytest

from srcgrad import grad, hessian
from srcgrad.graph import Graph
from srcgrad.transforms import remove_dead_code, simplify
from tests.transforms.texts import after, canonical

SUM = "e = exp x : f64[n] u = add 1, e : f64[n] "


def tidy(graph: Graph) -> Graph:
    for _ in range(5):
        graph = remove_dead_code(simplify(graph))
    return graph


def function(body: str) -> str:
    return f"graph f(x: f64[n], g: f64[n]) {{\n{SUM}{body}\n}}"


BECOMES = [
    (
        "y = divide g, u : f64[n] d = multiply y, e : f64[n] return d",
        "s = share e, u : f64[n] d = multiply g, s : f64[n] return d",
    ),
    (
        "y = multiply g, e : f64[n] d = divide y, u : f64[n] return d",
        "s = share e, u : f64[n] d = multiply g, s : f64[n] return d",
    ),
    (
        "y = divide g, u : f64[n] z = divide y, u : f64[n] d = multiply e, z : f64[n] return d",
        "y = divide g, u : f64[n] s = share e, u : f64[n] d = multiply y, s : f64[n] return d",
    ),
]


@pytest.mark.parametrize(("before", "expected"), BECOMES)
def test_a_product_of_the_exponential_and_a_quotient_becomes_a_share(before, expected) -> None:
    found = canonical(after(tidy, function(before), derived=True))
    assert "share" in found
    assert found.count("exp") == 1
    assert found.count("divide") == expected.count("divide")


@pytest.mark.parametrize(
    "body",
    [
        # Not a sum of positive numbers
        "v = subtract e, 1.0 : f64[n] y = divide g, v : f64[n] d = multiply y, e : f64[n] return d",
        # Another exponential
        "h = exp g : f64[n] y = divide g, u : f64[n] d = multiply y, h : f64[n] return d",
    ],
)
def test_other_quotients_stay(body) -> None:
    assert "share" not in canonical(after(tidy, function(body), derived=True))


def test_gradients_are_right_where_the_exponential_overflows() -> None:
    x = np.array([-800.0, -720.0, 0.0, 800.0])

    def loss(x):
        return np.sum(1 / (1 + np.exp(-x)))

    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(grad(loss)(x), [0.0, 0.0, 0.25, 0.0])
        assert np.all(np.isfinite(hessian(loss)(x)))


def test_gradients_of_a_ufunc_itself_have_derivatives() -> None:
    assert grad(grad(np.tanh))(0.5) == pytest.approx(-2 * np.tanh(0.5) / np.cosh(0.5) ** 2)
