import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from srcgrad import optim
from srcgrad.errors import ArgumentError

numbers = st.floats(-1e6, 1e6)
trees = st.recursive(
    numbers | st.lists(numbers, max_size=4).map(np.array),
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(st.text(max_size=3), parts),
    max_leaves=6,
)


def test_global_norm_is_that_of_all_leaves_together():
    assert optim.global_norm({"w": np.array([1.0, 2.0]), "b": [2.0, None]}) == 3.0
    assert optim.global_norm([]) == 0.0


def test_global_norm_neither_overflows_nor_underflows():
    assert optim.global_norm([3e200, 4e200]) == pytest.approx(5e200)
    assert optim.global_norm([3e-200, 4e-200]) == pytest.approx(5e-200)
    assert optim.global_norm([np.full(4, 1e30, np.float32)]) == pytest.approx(2e30)


@given(trees, st.floats(1e-3, 1e3))
def test_the_clipped_norm_is_the_limit_or_what_it_was(grads, limit):
    norm = optim.global_norm(grads)
    clipped = optim.clip_by_global_norm(grads, limit)
    assert optim.global_norm(clipped) == pytest.approx(min(norm, limit))


def test_clipping_by_norm_keeps_direction_kinds_and_dtypes():
    grads = [np.array([3.0], np.float32), np.array(0.0), 4.0, None]
    clipped = optim.clip_by_global_norm(grads, 1.0)
    assert clipped[0] == pytest.approx([0.6]) and clipped[0].dtype == np.float32
    assert isinstance(clipped[1], np.ndarray)
    assert clipped[2] == pytest.approx(0.8) and type(clipped[2]) is float
    assert clipped[3] is None
    assert grads[0].tolist() == [3.0]


def test_gradients_with_infinities_or_nan_come_back_as_they_are():
    for fault in (math.inf, -math.inf, math.nan):
        grads = [np.array([1.0, fault]), 100.0]
        assert optim.clip_by_global_norm(grads, 1.0) is grads
    assert math.isnan(optim.global_norm([1.0, math.nan]))
    assert math.isnan(optim.global_norm([math.inf, math.nan]))
    assert optim.global_norm([0.0, -math.inf]) == math.inf


def test_clipping_by_value_bounds_each_element():
    grads = {"w": np.array([-3.0, 0.5, 3.0], np.float32), "b": -7.0, "c": None, "d": np.array(9.0)}
    clipped = optim.clip_by_value(grads, 1.0)
    assert clipped["w"].tolist() == [-1.0, 0.5, 1.0] and clipped["w"].dtype == np.float32
    assert clipped["b"] == -1.0 and clipped["c"] is None
    assert isinstance(clipped["d"], np.ndarray) and clipped["d"] == 1.0
    assert math.isnan(optim.clip_by_value(math.nan, 1.0))


def test_limits_that_make_no_sense_are_refused():
    for limit in (0.0, -1.0, math.nan):
        with pytest.raises(ArgumentError):
            optim.clip_by_value([1.0], limit)
        with pytest.raises(ArgumentError):
            optim.clip_by_global_norm([1.0], limit)
    with pytest.raises(ArgumentError, match="complex"):
        optim.clip_by_value([1j], 1.0)
