"""Models that are instances of classes: steps, tied layers, attributes that come later."""

import numpy as np

import srcgrad
from srcgrad.optim import SGD, Adam, clip_by_global_norm


class Dense:
    def __init__(self, n, m, seed):
        self.w = np.random.default_rng(seed).normal(size=(n, m)) * 0.5
        self.b = np.zeros(m)
        self.size = m
        self.activation = np.tanh

    def forward(self, x):
        self.x = x
        return self.activation(x @ self.w + self.b)


class Network:
    def __init__(self):
        self.first = Dense(3, 3, 0)
        self.second = self.first
        self.last = Dense(3, 1, 1)
        self.losses = []

    def loss(self, x, y):
        out = self.last.forward(self.second.forward(self.first.forward(x)))
        value = np.mean((out - y) ** 2)
        self.losses.append(value)
        return value


X = np.random.default_rng(2).normal(size=(20, 3))
Y = np.sin(X[:, :1])


def test_a_step_gives_a_model_of_the_same_class():
    model = Network()
    gradient = srcgrad.grad(Network.loss)(model, X, Y)
    optimizer = SGD(0.1)
    moved, _ = optimizer.update(model, gradient, optimizer.init(model))
    assert type(moved) is Network and moved is not model
    assert np.allclose(moved.last.w, model.last.w - 0.1 * gradient.last.w)
    assert moved.last.size == 1 and moved.last.activation is np.tanh
    assert moved.losses == model.losses


def test_layers_that_remember_train_and_stay_tied():
    model, optimizer = Network(), Adam(0.05)
    state = optimizer.init(model)  # Before the layers have their `x`.
    for _ in range(30):
        gradient = srcgrad.grad(model.loss, wrt="self")(X, Y)
        model, state = optimizer.update(model, gradient, state)
        assert model.first is model.second
    assert model.losses[-1] < 0.2 * model.losses[0]


def test_what_is_remembered_belongs_to_its_parameter_when_attributes_are_added():
    model, plain = Network(), Network()
    optimizer = SGD(0.1, momentum=0.9)
    state, expected = optimizer.init(model), optimizer.init(plain)
    for k in range(3):
        gradient = srcgrad.grad(Network.loss)(plain, X, Y)
        setattr(model.first, f"extra_{k}", np.ones(2))
        model, state = optimizer.update(model, gradient, state)
        plain, expected = optimizer.update(plain, gradient, expected)
    assert np.array_equal(model.last.w, plain.last.w)
    assert np.array_equal(model.first.b, plain.first.b)


def test_gradients_that_are_instances_are_clipped():
    gradient = srcgrad.grad(Network.loss)(Network(), X, Y)
    clipped = clip_by_global_norm(gradient, 1e-3)
    assert type(clipped) is Network and clipped.first is clipped.second
    assert np.allclose(clipped.last.b / gradient.last.b, clipped.first.b / gradient.first.b)
