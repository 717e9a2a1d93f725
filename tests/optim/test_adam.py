import math

import numpy as np
import pytest

from srcgrad import optim


def test_the_first_step_is_the_rate_whatever_the_size_of_the_gradient():
    # Bias correction makes m̂ = g and ŝ = g², so the step is rate * sign(g).
    optimizer = optim.Adam(0.1, eps=0.0)
    params = np.zeros(3)
    moved, _ = optimizer.update(params, np.array([1e-5, -3.0, 1e5]), optimizer.init(params))
    assert moved == pytest.approx([-0.1, 0.1, -0.1], rel=1e-12)


def test_two_steps_by_hand():
    optimizer = optim.Adam(0.1, beta1=0.5, beta2=0.75, eps=0.0)
    p, state = optimizer.update(0.0, 2.0, optimizer.init(0.0))
    assert p == pytest.approx(-0.1, rel=1e-15)
    p, state = optimizer.update(p, 4.0, state)
    # m = 0.5 * 1 + 0.5 * 4 = 2.5, m̂ = 2.5 / 0.75;  s = 0.75 * 1 + 0.25 * 16 = 4.75, ŝ = s / 0.4375
    step = 0.1 * (2.5 / 0.75) / math.sqrt(4.75 / 0.4375)
    assert p == pytest.approx(-0.1 - step, rel=1e-14)


def test_a_run_follows_algorithm_1_of_kingma_and_ba():
    rng = np.random.default_rng(0)
    gradients = rng.normal(size=(20, 4))
    params = rng.normal(size=4)
    optimizer = optim.Adam(0.01)
    expected, m, v = params.copy(), np.zeros(4), np.zeros(4)
    state = optimizer.init(params)
    for t, g in enumerate(gradients, 1):
        params, state = optimizer.update(params, g, state)
        m = 0.9 * m + 0.1 * g
        v = 0.999 * v + 0.001 * g**2
        expected -= 0.01 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
        assert params == pytest.approx(expected, rel=1e-12)


def test_decay_of_adamw_is_beside_the_step_of_adam_and_unseen_by_it():
    params = np.array([1.0, -2.0])
    grads = np.array([0.3, 0.4])
    plain, decoupled = optim.Adam(0.1), optim.AdamW(0.1, weight_decay=0.5)
    after, memory = plain.update(params, grads, plain.init(params))
    decayed, decayed_memory = decoupled.update(params, grads, decoupled.init(params))
    assert decayed == pytest.approx(after - 0.1 * 0.5 * params, rel=1e-14)
    for name in ("mean", "mean_square"):
        assert np.array_equal(memory.memory[name][0], decayed_memory.memory[name][0])


def test_complex_parameters_are_scaled_by_the_size_of_their_gradient():
    optimizer = optim.Adam(0.1, eps=0.0)
    moved, _ = optimizer.update(0j, 3.0 + 4.0j, optimizer.init(0j))
    assert moved == pytest.approx(-0.1 * (0.6 + 0.8j), rel=1e-14)


def test_adam_finds_the_minimum_of_a_badly_scaled_parabola():
    params = {"x": -1.0, "y": 1.5}
    optimizer = optim.Adam(optim.cosine(0.1, steps=500))
    state = optimizer.init(params)
    for _ in range(500):
        grads = {"x": 1e-3 * (params["x"] - 3.0), "y": 1e3 * (params["y"] + 1.0)}
        params, state = optimizer.update(params, grads, state)
    assert params == pytest.approx({"x": 3.0, "y": -1.0}, abs=1e-3)
