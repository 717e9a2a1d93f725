"""`check_grads`: what it accepts, and what it says of wrong derivatives."""

import numpy as np
import pytest

import srcgrad
from srcgrad import ArgumentError, GradientError, check_grads

X = np.array([0.5, 2.0])


@srcgrad.primitive
def wrong_cube(x):
    return x**3


@srcgrad.defvjp(wrong_cube)
def wrong_cube_vjp(g, y, x):
    return 2 * g * x**2


def nested(params, y):
    return {"a": np.tanh(params["w"] * y), "n": 3}


def loop(x):
    s = 0.0
    for i in range(2):
        s = s + np.exp(x[i]) * s + x[i]
    return s


@pytest.mark.parametrize(
    ("function", "args", "order"),
    [
        (lambda x: np.sin(x) * x[0], (X,), 3),
        (nested, ({"w": X, "k": 2}, 1.5), 2),
        (lambda x: np.abs(x) * x, (X,), 2),
        (lambda x: np.maximum(x, 1.0), (X,), 1),
        (lambda x: np.linalg.norm(x), (X.astype(np.float32),), 1),
        (lambda z: z * np.conj(z) * 1j, (X + 1j,), 1),
        (lambda a, b: a * b, (2.0, 3.0), 2),
        (loop, (X,), 2),
    ],
)
@pytest.mark.parametrize("modes", [("rev", "fwd"), "rev", ("fwd",)])
def test_right_derivatives_pass(function, args, order, modes):
    check_grads(function, args, order, modes)


def test_a_wrong_rule_is_found_with_its_element_and_line():
    def area(x, y):
        z = x * 2.0
        return np.sum(wrong_cube(z)) + y

    with pytest.raises(GradientError, match=r"in reverse mode is wrong, most in `x\[1\]`") as found:
        check_grads(area, (X, 1.0), modes="rev")
    assert isinstance(found.value, AssertionError)
    assert "wrong_cube(z)" in found.value.location.text


def test_wrt_leaves_arguments_out():
    def area(x, y):
        return np.sum(wrong_cube(x)) + y * y

    check_grads(area, (X, 1.0), modes="rev", wrt="y")
    check_grads(area, (X, 1.0), modes="rev", wrt=1)
    with pytest.raises(GradientError):
        check_grads(area, (X, 1.0), modes="rev", wrt=(0,))


def test_arguments_are_left_alone():
    def doubles(x):
        x *= 2.0
        return np.sum(x**2)

    x = X.copy()
    check_grads(doubles, (x,), order=1)
    np.testing.assert_array_equal(x, X)


def test_wrong_calls_are_refused():
    with pytest.raises(ArgumentError, match="modes"):
        check_grads(loop, (X,), modes="backward")
    with pytest.raises(ArgumentError, match="args"):
        check_grads(loop, X)


def test_arguments_that_are_not_given_are_not_checked():
    def smoothed(x, width=1e-3, *, power=2.0):
        return np.sqrt(np.sum(x**power) + width)

    check_grads(smoothed, (np.ones(3),), order=2)


# The line, wherever it is


@srcgrad.primitive
def softened(x):
    return np.log1p(np.exp(x))


@srcgrad.defvjp(softened)
def softened_vjp(g, y, x):
    return g / (1.0 + np.exp(x))  # the sign of the exponent is wrong


class WrongLayer:
    def __init__(self, w):
        self.w = w

    def forward(self, x):
        z = x @ self.w
        return softened(z)


class WrongNetwork:
    def __init__(self, rng):
        self.layers = [WrongLayer(rng.normal(size=(3, 3))) for _ in range(2)]

    def loss(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return np.mean(x**2)


def wrong_in_a_loop(params, x, n):
    h = x
    for _ in range(n):
        h = np.tanh(h @ params["w"])
        if h[0] > -5.0:
            h = softened(h) * params["b"]
    return {"out": np.sum(h), "h": h}


def checked_wrong_calls():
    rng = np.random.default_rng(0)
    params = {"w": rng.normal(size=(3, 3)), "b": rng.normal(size=3)}
    network = WrongNetwork(rng)
    x = rng.normal(size=(4, 3))
    return [
        (wrong_in_a_loop, (params, x[0], 3)),
        (network.loss, (x,)),
        (WrongNetwork.loss, (network, x)),
        (lambda x: srcgrad.checkpoint(lambda y: softened(y))(x), (x,)),
    ]


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("modes", ["rev", "fwd", ("rev", "fwd")], ids=str)
def test_the_line_is_found_in_loops_branches_and_methods(place, modes):
    function, args = checked_wrong_calls()[place]
    with pytest.raises(srcgrad.GradientError) as error:
        srcgrad.check_grads(function, args, modes=modes)
    assert "softened(" in str(error.value) and "most in `" in str(error.value)
