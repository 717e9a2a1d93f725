"""Gradients for each sample of a batch: those of one sample after the other, in one pass."""

import numpy as np
import pytest

from srcgrad import ArgumentError, check_grads, grad, jacobian, per_example

RANDOM = np.random.default_rng(0)
X, Y = RANDOM.normal(size=(5, 3)), RANDOM.normal(size=(5, 2))
W, B = RANDOM.normal(size=(3, 2)), RANDOM.normal(size=2)


def loss(w, b, x, y):
    r = np.tanh(x @ w + b) - y
    return np.sum(r * r)


def network(params, batch):
    x = batch["x"]
    for layer in params:
        x = np.tanh(x @ layer["w"] + layer["b"])
    return np.sum((x - batch["y"]) ** 2)


def root(a, x):
    z = x
    for _ in range(5):
        z = 0.5 * (z + a / z)
    if z > 1.3:
        z = z * z
    while z < 3.0:
        z = z * 1.5
    return z


def one_by_one(function, wrt, batched, *args):
    """The gradients of one sample after the other, stacked."""
    count = len(next(args[k] for k in batched))
    found = [
        grad(function, wrt=wrt)(*(a[k] if p in batched else a for p, a in enumerate(args)))
        for k in range(count)
    ]
    return [np.stack(parts) for parts in zip(*found)]


@pytest.mark.parametrize("wrt", [("w", "b"), (1, 0), ("b",)])
def test_gradients_are_those_of_the_samples(wrt):
    found = per_example(loss, wrt=wrt, batched=("x", "y"))(W, B, X, Y)
    for ours, theirs in zip(found, one_by_one(loss, wrt, (2, 3), W, B, X, Y), strict=True):
        assert np.allclose(ours, theirs, rtol=1e-12, atol=0)


def test_containers_of_parameters_and_of_samples():
    params = [{"w": W, "b": B}, {"w": np.ones((2, 2)), "b": np.zeros(2)}]
    found = per_example(network)(params, {"x": X, "y": Y})
    for k in range(5):
        wanted = grad(network)(params, {"x": X[k], "y": Y[k]})
        for ours, theirs in zip(found, wanted, strict=True):
            assert ours.keys() == theirs.keys()
            assert all(np.allclose(ours[name][k], theirs[name]) for name in theirs)


def test_their_sum_is_the_gradient_of_the_sum():
    def total(w):
        return sum(loss(w, B, X[k], Y[k]) for k in range(5))

    gradients = per_example(loss, batched=("x", "y"))(W, B, X, Y)
    assert np.allclose(gradients.sum(axis=0), grad(total)(W))


@pytest.mark.parametrize("x", [np.array([0.2, 1.0, 5.0]), np.array([4.0])])
def test_each_sample_takes_its_own_way(x):
    found = per_example(root)(2.0, x)
    assert np.allclose(found, [grad(root)(2.0, float(one)) for one in x])


def test_samples_may_be_what_is_differentiated():
    found = per_example(loss, wrt=("x", "w"), batched=("x", "y"))(W, B, X, Y)
    for ours, theirs in zip(found, one_by_one(loss, ("x", "w"), (2, 3), W, B, X, Y)):
        assert np.allclose(ours, theirs)


def test_the_samples_go_through_in_one_pass():
    source = per_example(loss, batched=("x", "y")).lower(W, B, X, Y).source
    assert "for " not in source and "[..., None, :]" in source


def test_another_number_of_samples_needs_no_compilation():
    gradients = per_example(loss, wrt=("w", "b"), batched=("x", "y"))
    gradients(W, B, X, Y)
    assert gradients(W, B, X[:2], Y[:2])[1].shape == (2, 2)
    assert gradients.cache_info().compilations == 1


def test_auxiliary_results_are_those_of_the_samples():
    def with_aux(w, x):
        return np.sum(w * x), {"doubled": 2.0 * x, "same": w}

    gradient, aux = per_example(with_aux, has_aux=True)(np.ones(3), X)
    assert np.array_equal(gradient, X) and np.array_equal(aux["doubled"], 2 * X)
    assert aux["same"].shape == (5, 3)


def test_a_gradient_that_is_the_same_for_all_samples_is_the_callers_own():
    gradient = per_example(lambda w, x: np.sum(w * 2.0) + x)(np.ones(3), np.ones(4))
    gradient[0] = 7.0
    assert gradient.tolist() == [[7.0] * 3, [2.0] * 3, [2.0] * 3, [2.0] * 3]


class Model:
    def __init__(self):
        self.w, self.scale = W.copy(), 2.0

    def loss(self, x, y):
        return self.scale * np.sum((x @ self.w - y) ** 2)

    @per_example(wrt="self")
    def gradients(self, x, y):
        return self.loss(x, y)


def test_models_are_the_same_for_all_samples():
    model = Model()
    for found in (per_example(model.loss, wrt="self")(X, Y), model.gradients(X, Y)):
        assert type(found) is Model and found.scale.shape == (5,)
        for k in range(5):
            assert np.allclose(found.w[k], grad(model.loss, wrt="self")(X[k], Y[k]).w)
    inputs = per_example(model.loss, batched=(0, "y"))(X, Y)
    assert np.allclose(inputs[1], grad(model.loss)(X[1], Y[1]))


def norms(w, b, x, y):
    gradients = per_example(loss, batched=("x", "y"))(w, b, x, y)
    return np.sum(np.sqrt(np.sum(gradients * gradients, axis=(1, 2))))


def test_gradients_of_functions_of_the_gradients():
    check_grads(norms, (W, B, X, Y), order=2)


def test_hessians_of_the_samples():
    found = jacobian(per_example(loss, wrt="b", batched=("x", "y")), wrt="b")(W, B, X, Y)
    assert found.shape == (5, 2, 2)
    assert np.allclose(found[3], jacobian(grad(loss, wrt="b"), wrt="b")(W, B, X[3], Y[3]))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: per_example(loss)(W, B, X, Y[:3]), "holds 2 samples, but `x` holds 5"),
        (lambda: per_example(loss)(W, 1.0, X, Y[:3]), "holds 5 samples, but `y` holds 3"),
        (lambda: per_example(lambda w, x: w * x)(2.0, 3.0), "no argument"),
        (lambda: per_example(loss, batched="z"), "batched='z'"),
        (lambda: per_example(lambda w, x: x @ w, batched=())(W[:, 0], X), "names no parameter"),
        (lambda: per_example(lambda x, y: x - y)(Y[0], Y), "an array of shape"),
    ],
)
def test_what_is_wrong_with_the_samples_is_said(call, message):
    with pytest.raises(ArgumentError, match=message):
        call()
