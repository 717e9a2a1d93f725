import numpy as np
import pytest

from srcgrad import optim
from srcgrad.errors import ArgumentError


def run(optimizer, start, gradient, steps):
    """The parameters after each of some steps on a function with this gradient."""
    params, state = start, optimizer.init(start)
    path = []
    for _ in range(steps):
        params, state = optimizer.update(params, gradient(params), state)
        path.append(params)
    return path


def test_plain_descent_on_a_parabola_shrinks_geometrically():
    # f = a p² / 2: each step multiplies p by 1 - rate * a.
    path = run(optim.SGD(0.25), 8.0, lambda p: p, 4)
    assert path == [8.0 * 0.75**k for k in (1, 2, 3, 4)]


def test_momentum_adds_up_the_steps_by_hand():
    # v: -0.5, -0.75, -0.875 for a constant gradient 1, rate 0.5, momentum 0.5
    assert run(optim.SGD(0.5, momentum=0.5), 0.0, lambda p: 1.0, 3) == [-0.5, -1.25, -2.125]


def test_momentum_follows_the_closed_form_of_heavy_ball_on_a_parabola():
    # p_{t+1} - p_t = μ (p_t - p_{t-1}) - rate a p_t (Polyak 1964)
    rate, momentum, a = 0.1, 0.8, 2.0
    path = [3.0, *run(optim.SGD(rate, momentum=momentum), 3.0, lambda p: a * p, 20)]
    for before, now, after in zip(path, path[1:], path[2:], strict=False):
        assert after - now == pytest.approx(momentum * (now - before) - rate * a * now)


def test_nesterov_is_sutskevers_two_point_form_seen_from_the_point_looked_ahead_to():
    rate, momentum = 0.1, 0.9
    ahead = run(optim.SGD(rate, momentum=momentum, nesterov=True), 1.0, np.cos, 10)
    theta, v = 1.0, 0.0
    for point in ahead:
        v = momentum * v - rate * np.cos(theta + momentum * v)
        theta = theta + v
        assert point == pytest.approx(theta + momentum * v, rel=1e-12)


def test_weight_decay_is_the_gradient_of_half_the_squared_norm():
    decayed = run(optim.SGD(0.5, weight_decay=0.25), 2.0, lambda p: 1.0, 2)
    assert decayed == run(optim.SGD(0.5), 2.0, lambda p: 1.0 + 0.25 * p, 2)


def test_nesterov_without_momentum_is_refused():
    with pytest.raises(ArgumentError, match="needs a momentum"):
        optim.SGD(0.1, nesterov=True)
