import math

import numpy as np
import pytest

from srcgrad import optim


def test_two_steps_by_hand():
    optimizer = optim.RMSProp(0.1, decay=0.5, eps=0.0)
    p, state = optimizer.update(1.0, 2.0, optimizer.init(1.0))
    # s = 0.5 * 4 = 2
    assert p == pytest.approx(1.0 - 0.1 * 2.0 / math.sqrt(2.0), rel=1e-15)
    q, state = optimizer.update(p, -4.0, state)
    # s = 0.5 * 2 + 0.5 * 16 = 9
    assert q == pytest.approx(p + 0.1 * 4.0 / 3.0, rel=1e-15)


def test_a_zero_gradient_is_no_step():
    optimizer = optim.RMSProp(0.1)
    params = np.ones(2)
    moved, _ = optimizer.update(params, np.zeros(2), optimizer.init(params))
    assert np.array_equal(moved, params)


def test_the_step_for_a_steady_gradient_tends_to_the_rate_whatever_its_size():
    optimizer = optim.RMSProp(0.1)
    params = np.zeros(2)
    state = optimizer.init(params)
    for _ in range(300):
        before = params
        params, state = optimizer.update(params, np.array([1e-3, 1e3]), state)
    assert before - params == pytest.approx([0.1, 0.1], rel=1e-4)
