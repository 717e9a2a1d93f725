"""Directions built like instances: tangents, vectors and cotangents of what models hold."""

import copy

import numpy as np
import pytest

from srcgrad import ArgumentError, grad, hvp, jvp, linearize


class Gate:
    """Holds numbers in every kind of container, and things that are no numbers."""

    def __init__(self, w, scales, offsets, gains):
        self.name, self.sizes, self.history = "gate", [2, 3], [0.5]
        self.w, self.scales, self.offsets, self.gains = w, scales, offsets, gains

    def __call__(self, x):
        gained = x @ self.w * self.gains["in"] + self.offsets[1]
        return np.tanh(gained) * self.scales[0] * self.scales[1] + self.sizes[0]


class Chain:
    def __init__(self, gates, rate):
        self.gates, self.rate = gates, rate

    def loss(self, x):
        for gate in self.gates:
            x = gate(x)
        return self.rate * np.sum(x**2)


def chain(seed):
    rng = np.random.default_rng(seed)

    def gate():
        scales, offset, gain = rng.normal(size=2).tolist(), float(rng.normal()), float(rng.normal())
        return Gate(rng.normal(size=(3, 3)), scales, (1, offset), {"in": gain, "steps": 4})

    return Chain([gate(), gate()], float(rng.normal()))


def numbers_of(model):
    gates = [[*g.w.flat, *g.scales, g.offsets[1], g.gains["in"]] for g in model.gates]
    return np.array([*gates[0], *gates[1], model.rate])


MODEL, DIRECTION, X = chain(0), chain(1), np.linspace(-1.0, 1.0, 6).reshape(2, 3)


def test_tangents_of_what_instances_hold_in_containers():
    expected = numbers_of(grad(Chain.loss)(MODEL, X)) @ numbers_of(DIRECTION)
    _, tangent = jvp(Chain.loss, (MODEL, X), (DIRECTION, None))
    _, linear = linearize(Chain.loss, MODEL, X)
    assert tangent == pytest.approx(expected, rel=1e-12)
    assert linear(DIRECTION, None) == pytest.approx(expected, rel=1e-12)


def test_each_number_of_an_instance_moves_the_result():
    slopes = numbers_of(grad(Chain.loss)(MODEL, X))
    for change, slope in [
        (lambda d: d.gates[0].scales.__setitem__(1, 1.0), slopes[10]),
        (lambda d: setattr(d.gates[1], "offsets", (1, 1.0)), slopes[13 + 11]),
        (lambda d: d.gates[1].gains.update({"in": 1}), slopes[13 + 12]),
        (lambda d: setattr(d, "rate", 1), slopes[-1]),
    ]:
        direction = Chain([Gate(np.zeros((3, 3)), [0.0, 0.0], (1, 0.0), {"in": 0.0, "steps": 4})
                           for _ in range(2)], 0.0)  # fmt: skip
        change(direction)
        _, tangent = jvp(Chain.loss, (MODEL, X), (direction, None))
        assert tangent == pytest.approx(slope, rel=1e-12)


def test_vectors_of_what_instances_hold_in_containers():
    def slope(model):
        return jvp(Chain.loss, (model, X), (DIRECTION, None))[1]

    product = numbers_of(hvp(Chain.loss)(MODEL, X, DIRECTION))
    np.testing.assert_allclose(product, numbers_of(grad(slope)(MODEL)), rtol=1e-12)
    assert np.abs(product[9:13]).min() > 1e-6


def test_the_order_in_which_attributes_are_set_says_nothing():
    direction = copy.copy(DIRECTION)
    direction.__dict__ = dict(reversed(direction.__dict__.items()))
    assert jvp(Chain.loss, (MODEL, X), (direction, None)) == jvp(
        Chain.loss, (MODEL, X), (DIRECTION, None)
    )


def test_none_stands_for_zero_and_other_structures_are_refused():
    direction = copy.deepcopy(DIRECTION)
    direction.gates[0].scales = None
    direction.gates[1].w = None
    jvp(Chain.loss, (MODEL, X), (direction, None))
    direction.gates[0].scales = [1.0]
    with pytest.raises(ArgumentError, match="list of 1"):
        jvp(Chain.loss, (MODEL, X), (direction, None))
