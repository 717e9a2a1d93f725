"""One gradient called with sizes and integers of all kinds."""

import numpy as np
import pytest

from srcgrad import grad


def products_of_a_part(x, k):
    return np.sum(x[:k] * x[:1])


@pytest.mark.parametrize("ks", [(2, -2, -3), (-2, 2), (-3, 3)])
def test_an_integer_may_turn_negative(ks):
    gradient = grad(products_of_a_part)
    x = np.array([1.0, 2.0, 3.0, 5.0])
    for k in ks:
        expected = np.zeros(4)
        part = x[:k]
        expected[:k] += x[0]
        expected[0] += part.sum()
        np.testing.assert_array_equal(gradient(x, k), expected)


def heads_by_heads(x, heads):
    n, d = x.shape
    parts = x.reshape(n, heads, d // heads)
    return np.sum(parts * parts[:, :1])


@pytest.mark.parametrize("order", [((6, 2), (6, 6), (6, 3)), ((4, 4), (4, 2), (8, 2))])
def test_a_computed_size_may_become_one(order):
    gradient = grad(heads_by_heads)
    for d, heads in order:
        x = np.random.default_rng(d).normal(size=(3, d))
        parts = x.reshape(3, heads, d // heads)
        expected = np.repeat(parts[:, :1], heads, axis=1)
        expected[:, 0] += parts.sum(axis=1)
        np.testing.assert_allclose(gradient(x, heads), expected.reshape(3, d), rtol=1e-14)
