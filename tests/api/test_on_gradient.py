"""Working with gradients while they flow: `on_gradient`, and what is made of it."""

import sys

import numpy as np
import pytest

import srcgrad
from srcgrad import (
    ArgumentError,
    UnsupportedError,
    clip_gradient,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    on_gradient,
    per_example,
    scale_gradient,
    straight_through,
    vjp,
)

X = np.array([1.0, 2.0])


def halved(x):
    h = x * x
    with on_gradient(h) as g:
        g *= 0.5
    return np.sum(3.0 * h)


def bound_anew(x):
    h = x * x
    with on_gradient(h) as g:
        g = g * 0.5
    return np.sum(3.0 * h)


def by_forward_values(x):
    h = x * x
    k = np.sin(x)
    with on_gradient(h) as g:
        factor = np.where(h > 1.0, k, 0.0)
        g = g * factor
    return np.sum(3.0 * h)


def stopped(x):
    h = x * x
    with on_gradient(h) as g:
        g = None  # noqa: F841
    return np.sum(3.0 * h) + np.sum(x)


def of_a_number(x):
    h = x[0] * 2.0
    with on_gradient(h) as g:
        g = min(g, 0.5)
    return h * x[1]


def in_place_by_parts(x):
    h = np.sin(x)
    with on_gradient(h) as g:
        g[0] = 0.0
        g[1:] *= 2.0
    return np.sum(h)


ROWS = [
    (halved, 3.0 * X),
    (bound_anew, 3.0 * X),
    (by_forward_values, 6.0 * X * np.where(X > 1.0, np.sin(X), 0.0)),
    (stopped, np.ones(2)),
    (of_a_number, np.array([1.0, 2.0])),
    (in_place_by_parts, np.array([0.0, 2.0 * np.cos(2.0)])),
]


@pytest.mark.parametrize(("function", "gradient"), ROWS, ids=lambda p: getattr(p, "__name__", ""))
def test_the_body_changes_the_gradient(function, gradient):
    plain = function(X)
    value, found = srcgrad.value_and_grad(function)(X)
    assert value == plain and np.allclose(found, gradient)
    value, pullback = vjp(function, X)
    assert np.allclose(pullback(1.0)[0], gradient)


def test_uses_before_are_not_concerned():
    def function(x):
        h = 2.0 * x
        before = np.sum(h)
        with on_gradient(h) as g:
            g = 10.0 * g
        return before + np.sum(h)

    assert grad(function)(X).tolist() == [22.0, 22.0]


def test_in_loops_branches_and_helpers():
    def clipped(y):
        with on_gradient(y) as g:
            size = np.sqrt(np.sum(g * g))
            if size > 0.5:
                g = g * (0.5 / size)
        return y

    def function(x, n):
        for i in range(n):
            x = 1.5 * clipped(np.sin(x))
            if i == 1:
                with on_gradient(x) as g:
                    g = -g
        return np.sum(x)

    def by_hand(x, n):
        kept = []
        for _ in range(n):
            kept.append(x)
            x = 1.5 * np.sin(x)
        d = np.ones(2)
        for i in reversed(range(n)):
            if i == 1:
                d = -d
            d = 1.5 * d
            size = np.sqrt(np.sum(d * d))
            d = np.where(size > 0.5, d * (0.5 / size), d) * np.cos(kept[i])
        return d

    assert np.allclose(grad(function)(X, 4), by_hand(X, 4))


def test_several_in_one_function_run_in_reverse_order(capsys):
    def function(x):
        h = x * x
        with on_gradient(h) as g:
            print("h", g.shape)
        k = np.sin(h)
        with on_gradient(k) as g:
            print("k", g[0])
        return np.sum(k)

    function(X)
    assert capsys.readouterr().out == ""
    grad(function)(X)
    assert capsys.readouterr().out == "k 1.0\nh (2,)\n"
    _, pullback = vjp(function, X)
    assert capsys.readouterr().out == ""
    pullback(2.0)
    pullback(1.0)
    assert capsys.readouterr().out == "k 2.0\nh (2,)\nk 1.0\nh (2,)\n"
    jvp(function, (X,), (X,))
    assert capsys.readouterr().out == ""


def test_a_body_may_raise():
    def function(x):
        h = np.sqrt(x)
        with on_gradient(h) as g:
            assert np.all(np.isfinite(g)), "no number"
            if np.any(g > 10.0):
                raise FloatingPointError("too steep")
        return np.sum(h * 3.0 * x)

    assert np.all(np.isfinite(grad(function)(X)))
    with pytest.raises(FloatingPointError, match="too steep"):
        grad(function)(10.0 * X)


def test_arrays_that_are_changed_in_place():
    def function(x):
        h = np.zeros(2)
        h[:] = x * x
        with on_gradient(h) as g:
            g *= 0.5
        h[0] = h[0] * 2.0
        return np.sum(h)

    assert np.allclose(grad(function)(X), [2.0, 2.0])


def test_further_derivatives_are_those_of_the_changed_gradient():
    assert np.allclose(hessian(halved)(X), 3.0 * np.eye(2))
    assert np.allclose(hvp(halved)(X, X), 3.0 * X)
    assert np.allclose(jacobian(grad(halved))(X), 3.0 * np.eye(2))
    assert np.allclose(grad(lambda x: np.sum(grad(halved)(x) * x))(X), 6.0 * X)


def test_jacobians_change_each_row_by_itself():
    def function(x):
        h = x * x
        with on_gradient(h) as g:
            g = g / np.sqrt(np.sum(g * g))
        return np.concatenate([h, 5.0 * h])

    expected = np.concatenate([np.diag(2 * X), np.diag(2 * X)])
    assert np.allclose(jacobian(function)(X), expected)
    with pytest.raises(UnsupportedError, match="forward mode"):
        jacobian(function, mode="forward")(X)


def test_gradients_of_samples_are_changed_one_by_one():
    def loss(w, x):
        h = w * x
        with on_gradient(h) as g:
            size = np.sqrt(np.sum(g * g))
            g = g * np.minimum(1.0, 1.0 / size)
        return np.sum(h * h)

    x = np.array([[0.1, 0.2], [3.0, 4.0]])
    found = per_example(loss)(X, x)
    assert np.allclose(found, [grad(loss)(X, row) for row in x])


def test_where_no_gradient_flows_the_body_does_not_run(capsys):
    def function(x, y):
        h = 2.0 * y
        with on_gradient(h) as g:
            print("here", g)
        return np.sum(x * h)

    grad(function)(X, X)
    assert capsys.readouterr().out == ""


def test_other_contexts_beside_it():
    def function(x):
        h = x * x
        with np.errstate(divide="ignore"), on_gradient(h) as g, np.errstate(over="ignore"):
            g = g / (h - h)
        return np.sum(h)

    assert np.all(np.isinf(grad(function)(X)))


# Without a gradient


def test_the_function_itself_does_not_run_the_body():
    ran = []

    def function(x):
        for k in range(3):
            h = x * k
            with on_gradient(h) as g:
                ran.append(g)
                h = None
            exec("with on_gradient(h) as g: ran.append(g)")
            with on_gradient(h) as g:
                pass
        return np.sum(h)

    tracing = sys.gettrace()
    assert function(X) == 6.0 and ran == []
    assert sys.gettrace() is tracing


# What is made of it


def test_clipping_by_value_and_by_norm():
    gradient = grad(lambda x: np.sum(clip_gradient(x, -1.0, 3.0) ** 2))
    assert gradient(np.array([-2.0, 1.0, 5.0])).tolist() == [-1.0, 2.0, 3.0]
    gradient = grad(lambda x: np.sum(clip_gradient(x, norm=1.0) ** 2))
    assert np.allclose(gradient(np.array([3.0, 4.0])), [0.6, 0.8])
    assert np.allclose(gradient(np.array([0.0, 0.1])), [0.0, 0.2])
    assert clip_gradient(X, norm=1.0) is X
    with pytest.raises(ArgumentError, match="bounds"):
        grad(lambda x: np.sum(clip_gradient(x)))(X)


def test_scaling_is_linear_in_both_modes():
    def function(x):
        return np.sum(scale_gradient(x, -2.0) ** 2)

    assert grad(function)(X).tolist() == [-4.0, -8.0]
    assert jvp(function, (X,), (X,))[1] == -20.0
    assert scale_gradient(X, 3.0) is X


def test_straight_through_in_both_modes():
    def function(x):
        return np.sum(straight_through(np.round(x), x) ** 2)

    x = np.array([0.6, 2.3])
    assert function(x) == 5.0 and grad(function)(x).tolist() == [2.0, 4.0]
    assert jvp(function, (x,), (np.ones(2),))[1] == 6.0
    with pytest.raises(ArgumentError, match="real numbers"):
        grad(lambda x: np.sum(straight_through(x > 0.0, x)))(x)


# Refusals


def _assigns(x):
    h = x * x
    k = 1.0
    with on_gradient(h) as g:
        k = np.sum(g)
    return np.sum(h) * k


def _stores(x):
    h = x * x
    k = np.zeros(2)
    with on_gradient(h) as g:
        k[:] = g
    return np.sum(h * k)


def _appends(x):
    h = x * x
    found = []
    with on_gradient(h) as g:
        found.append(g)
    return np.sum(h) * len(found)


def _returns(x):
    h = x * x
    with on_gradient(h) as g:
        return np.sum(g)
    return np.sum(h)


def _breaks(x):
    for _ in range(3):
        with on_gradient(x) as g:
            if np.sum(g) > 0.0:
                break
    return np.sum(x)


def _expression(x):
    with on_gradient(x * x) as g:
        g *= 2.0
    return np.sum(x)


def _without_a_name(x):
    h = x * x
    with on_gradient(h):
        print("here")
    return np.sum(h)


def _another_shape(x):
    h = x * x
    with on_gradient(h) as g:
        g = np.array([1.0, 2.0, 3.0]) * np.sum(g)
    return np.sum(h)


def _complex(x):
    h = x * x
    with on_gradient(h) as g:
        g = 1j * g
    return np.sum(h)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (_assigns, "assigns `k`"),
        (_stores, "changes what the function reads"),
        (_appends, "changes what the function reads"),
        (_returns, "may not leave"),
        (_breaks, "may not leave"),
        (_expression, "a variable"),
        (_without_a_name, "as g"),
        (_another_shape, "shape"),
        (_complex, "complex"),
    ],
    ids=lambda item: getattr(item, "__name__", ""),
)
def test_what_a_body_may_not_do_is_said_with_its_place(function, message):
    with pytest.raises(srcgrad.SrcgradError, match=message) as error:
        grad(function)(X)
    assert error.value.location is not None


@pytest.mark.parametrize("mode", [jvp, srcgrad.linearize])
def test_forward_mode_refuses_what_changes_the_gradient(mode):
    with pytest.raises(UnsupportedError, match="forward mode") as error:
        mode(halved, (X,), (X,)) if mode is jvp else mode(halved, X)
    assert error.value.location.line
