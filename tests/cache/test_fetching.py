"""Guards fetch nothing twice, and mean what they meant."""

import numpy as np
import pytest

from srcgrad.cache.fetching import fetched_once

CONDITIONS = [
    "type(p['w']) is A",
    "p['w'].dtype is B or p['w'].dtype == B",
    "p['w'].ndim == 2",
    "p['w'].shape[0] == x.shape[1]",
    "p['w'].shape[1] != 1",
    "all(type(item) is A for item in p['rest'])",
]


def holds(conditions, w, x, rest=()):
    names = {"A": np.ndarray, "B": np.dtype(float), "p": {"w": w, "rest": rest}, "x": x}
    return bool(eval(" and ".join(f"({condition})" for condition in conditions), names))


def test_what_is_read_again_is_named_where_it_is_read_first():
    assert fetched_once(CONDITIONS[:4]) == [
        "type((_srcgrad_fetched_0 := p['w'])) is A",
        "(_srcgrad_fetched_1 := _srcgrad_fetched_0.dtype) is B or _srcgrad_fetched_1 == B",
        "len((_srcgrad_fetched_2 := _srcgrad_fetched_0.shape)) == 2",
        "_srcgrad_fetched_2[0] == x.shape[1]",
    ]


def test_what_is_read_once_is_left_alone():
    assert fetched_once(["type(x) is A", "x.dtype is B"]) == ["type(x) is A", "x.dtype is B"]


def test_what_may_not_be_reached_is_not_named_there():
    first, second = fetched_once(["x is A or x.k == 1", "x.k > 0"])
    assert first == "x is A or x.k == 1"
    assert second == "x.k > 0"


@pytest.mark.parametrize("w", [np.ones((3, 2)), np.ones((3, 1)), np.ones(3), np.ones((3, 2), int)])
@pytest.mark.parametrize("x", [np.ones((5, 3)), np.ones((5, 2))])
@pytest.mark.parametrize("rest", [(), (np.ones(2),), (1.0,)])
def test_the_conditions_hold_where_they_held(w, x, rest):
    assert holds(fetched_once(CONDITIONS), w, x, rest) == holds(CONDITIONS, w, x, rest)
