"""Identity, equality and truth: decided by the program, never by what compiling happened to see."""

from collections import namedtuple
from dataclasses import dataclass

import numpy as np
import pytest

import srcgrad
from srcgrad import grad

Point = namedtuple("Point", "x y")


@dataclass
class Plain:
    a: float


@dataclass
class Truthless:
    a: float

    def __bool__(self):
        return self.a > 1


@dataclass
class Sized:
    a: float

    def __len__(self):
        return int(self.a)


class Switch:
    on = False

    def __bool__(self):
        return self.on

    def __eq__(self, other):
        return self.on

    __hash__ = None


SWITCH = Switch()
ONE = 1


def right_or_refused(function, *arguments):
    """The gradient with respect to the last argument is Python's, for each of the arguments."""
    gradient = grad(function, wrt=-1)
    for given in arguments:
        try:
            found = gradient(*given)
        except srcgrad.UnsupportedError:
            continue
        *first, x = given
        ahead, behind = function(*first, x + 1e-6), function(*first, x - 1e-6)
        assert found == pytest.approx((ahead - behind) / 2e-6, rel=1e-6)


a, b = np.ones(2), np.ones(2)


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (lambda p, x: x * 2 if p[0] is p[1] else x * x, [((a, a), 3.0), ((a, b), 3.0)]),
        (lambda p, x: x * 2 if p[0] is not p[1] else x * x, [((a, a), 3.0), ((a, b), 3.0)]),
        (lambda n, x: x * 2 if n is ONE else x * x, [(1, 3.0), (2, 3.0)]),
        (lambda f, x: x * 2 if f is True else x * x, [(True, 3.0), (False, 3.0), (1, 3.0)]),
        (lambda y, x: x * 2 if (y > 0) is True else x * x, [(1.0, 3.0), (-1.0, 3.0)]),
        (lambda y, x: x * 2 if (y > 0) is False else x * x, [(1.0, 3.0), (-1.0, 3.0)]),
        (lambda y, x: x * 2 if (y > 0) is not True else x * x, [(1.0, 3.0), (-1.0, 3.0)]),
        (lambda y, x: x * 2 if (y > 0) is True else x * x, [(np.float64(1.0), 3.0)]),
        (lambda p, x: x * 2 if p is None else x * x, [(None, 3.0), (1.0, 3.0), (a, 3.0)]),
        (lambda p, x: x * 2 if p == (1, 2.0) else x * x, [((1, 2.0), 3.0), ((1, 2.5), 3.0)]),
        (lambda p, x: x * 2 if p != [1, 2.0] else x * x, [([1, 2.0], 3.0), ((1, 2.0), 3.0)]),
        (lambda p, x: x * 2 if p else x * x, [([], 3.0), ([0.0], 3.0), ({}, 3.0), ((), 3.0)]),
        (lambda p, x: x * 2 if p else x * x, [(0, 3.0), (2, 3.0), (0.0, 3.0), ("", 3.0)]),
        (lambda p, x: x * 2 if p else x * x, [(np.zeros(1), 3.0), (np.ones((1, 1)), 3.0)]),
        (lambda p, x: x * p.a if p else x * x, [(Plain(0.5), 3.0)]),
        (lambda p, x: x * p.a if p else x * x, [(Truthless(0.5), 3.0), (Truthless(2.0), 3.0)]),
        (lambda p, x: x * p.a if p else x * x, [(Sized(0.5), 3.0), (Sized(2.0), 3.0)]),
        (lambda p, x: x * p.a if not p else x * x, [(Truthless(0.5), 3.0)]),
        (lambda p, x: (p and x) * x if p is not None else x, [(2.0, 3.0), (0.0, 3.0)]),
        (lambda p, x: x * 2 if p == Point(1.0, 2.0) else x * x, [(Point(1.0, 2.0), 3.0)]),
        (lambda p, x: x * 2 if p == p else x * x, [(float("nan"), 3.0), (1.0, 3.0)]),
        (lambda p, x: x * 2 if x in p else x * x, [((3.0, 1.0), 2.5), ((2.0,), 3.0)]),
        (lambda p, x: x * 2 if p in ("a", "b") else x * x, [("a", 3.0), ("c", 3.0), (1, 3.0)]),
        (lambda p, x: x * 2 if p in {"a": 1} else x * x, [("a", 3.0), ("c", 3.0)]),
        (lambda p, x: x * 2 if p == "a" else x * x, [("a", 3.0), (1.0, 3.0), (None, 3.0)]),
        (lambda p, x: x * 2 if (p, x) == (x, p) else x * p, [(2.0, 3.0)]),
    ],
)
def test_conditions_are_right_or_refused(function, arguments):
    right_or_refused(function, *arguments)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x * 2 if SWITCH else x * x,
        lambda x: x * 2 if SWITCH == 1 else x * x,
        lambda x: x * 2 if not SWITCH else x * x,
        lambda x: (SWITCH and x) or x * x,
    ],
)
def test_the_truth_of_an_object_may_change(function, monkeypatch):
    right_or_refused(function, (3.0,))
    gradient = grad(function)
    for on in (False, True):
        monkeypatch.setattr(SWITCH, "on", on)
        try:
            found = gradient(3.0)
        except srcgrad.UnsupportedError:
            continue
        assert found == pytest.approx((function(3.0 + 1e-6) - function(3.0 - 1e-6)) / 2e-6)
