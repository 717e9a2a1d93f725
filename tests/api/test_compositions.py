"""Third derivatives by every way to compose modes, through every kind of program."""

import numpy as np
import pytest

import srcgrad
from srcgrad import checkpoint, grad, hessian, hvp, jacobian, jvp, linearize, vjp

X, V = np.array([0.7, 1.3]), np.array([0.4, -0.6])


@srcgrad.primitive
def swing(x):
    return np.sin(x) * x


@srcgrad.defvjp(swing)
def swing_vjp(g, y, x):
    return g * (np.cos(x) * x + np.sin(x))


def in_a_loop(x):
    y = x
    for i in range(3):
        y = np.sin(y) + 0.1 * x * i
    return np.sum(y)


def in_a_branch(x):
    if x[0] > 0.0:
        return np.sum(x**3)
    return np.sum(np.exp(x))


def by_stores(x):
    a = np.zeros(4)
    for i in range(1, 4):
        a[i] = a[i - 1] * 0.5 + np.sin(x[i % 2] * i)
    a[1:] *= x[0]
    return np.sum(a**2)


def in_containers(x):
    parts = {"a": x[0], "b": [x[1], x]}
    return parts["a"] * parts["b"][0] ** 2 + np.sum(parts["b"][1] ** 3)


def by_a_rule(x):
    return np.sum(swing(x) ** 2)


def while_small(x):
    s, n = x[0] * 1.0, 0
    while s < 5.0 and n < 20:
        s = s * 1.3 + 0.1 * x[1]
        n += 1
    return s * x[1] ** 2


def by_descent(x):
    y = 0.3
    for _ in range(3):
        y = y - 0.1 * grad(lambda z: (z - x[0]) ** 2 * x[1] + z**3)(y)
    return y * x[0]


def computed_again(x):
    for t in checkpoint(range(4)):
        x = np.sin(x) + 0.1 * x * t
    return np.sum(x)


PROGRAMS = [
    in_a_loop,
    in_a_branch,
    by_stores,
    in_containers,
    by_a_rule,
    while_small,
    by_descent,
    computed_again,
]


def gradient_of_hvp(f):
    return grad(lambda x: np.sum(hvp(f)(x, V) * V))(X)


def tangent_of_hvp(f):
    return np.array([jvp(lambda x: np.sum(hvp(f)(x, V) * V), (X,), (e,))[1] for e in np.eye(2)])


def linear_map_of_hvp(f):
    _, linear = linearize(lambda x: np.sum(hvp(f)(x, V) * V), X)
    return np.array([linear(e) for e in np.eye(2)])


def jacobian_of_jacobian(f):
    return np.einsum("ijk,j,k->i", jacobian(jacobian(grad(f)))(X), V, V)


def jacobian_of_hessian(f):
    return np.einsum("ijk,j,k->i", jacobian(hessian(f), mode="reverse")(X), V, V)


def forward_over_reverse_over_forward(f):
    along = jacobian(grad(lambda x: jvp(f, (x,), (V,))[1]), mode="forward")(X)
    return V @ along


def pullback_of_jacobian(f):
    _, pullback = vjp(lambda x: jacobian(grad(f), mode="forward")(x), X)
    return pullback(np.outer(V, V))[0]


WAYS = [
    gradient_of_hvp,
    linear_map_of_hvp,
    forward_over_reverse_over_forward,
]
SLOW_WAYS = [
    tangent_of_hvp,
    jacobian_of_jacobian,
    jacobian_of_hessian,
    pullback_of_jacobian,
]


def test_a_value_of_one_path_has_no_adjoint_on_the_other():
    assert np.allclose(jacobian(jacobian(grad(in_a_branch)))(X)[1, 1], [0.0, 6.0])


@pytest.mark.parametrize(
    "way", WAYS + [pytest.param(way, marks=pytest.mark.slow) for way in SLOW_WAYS]
)
@pytest.mark.parametrize("function", PROGRAMS, ids=lambda f: f.__name__)
def test_third_derivatives(function, way):
    def curvature(x):
        return np.einsum("ij,i,j->", hessian(function)(x), V, V)

    step = 1e-4
    ends = [[curvature(X + s * step * e) for s in (1, -1, 2, -2)] for e in np.eye(2)]
    expected = [(8 * (a - b) - (c - d)) / (12 * step) for a, b, c, d in ends]
    assert np.allclose(way(function), expected, rtol=1e-7, atol=1e-8)
