"""How many digits of derivatives are right, at ordinary and at extreme arguments, against mpmath.

A derivative that can be represented is right to a few units in its last place, whatever overflows,
underflows or cancels on a naive way to it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.rules.rows import gradient

mpmath = pytest.importorskip("mpmath")
mpmath.mp.dps = 60
mp = mpmath.mp

Exact = Callable[..., Any]
LARGE, SMALL = 1e200, 1e-200

# Function, its derivatives by mpmath, arguments, and the error allowed in units of the precision.
TABLE: list[tuple[Callable[..., Any], tuple[Exact, ...], list[tuple[float, ...]], float]] = [
    (np.sqrt, (lambda x: 1 / (2 * mp.sqrt(x)),), [(2.0,), (SMALL,), (LARGE,)], 4),
    (np.cbrt, (lambda x: 1 / (3 * mp.cbrt(x) ** 2),), [(2.0,), (SMALL,), (LARGE,)], 8),
    (np.log1p, (lambda x: 1 / (1 + x),), [(1e-12,), (-1 + 1e-12,), (1e12,)], 4),
    (np.expm1, (mp.exp,), [(1e-12,), (-40.0,), (-600.0,), (300.0,)], 4),
    (np.log, (lambda x: 1 / x,), [(SMALL,), (LARGE,)], 4),
    (np.log2, (lambda x: 1 / (x * mp.log(2)),), [(SMALL,), (LARGE,)], 4),
    (np.arcsin, (lambda x: 1 / mp.sqrt(1 - x * x),), [(0.3,), (1 - 1e-12,), (-1 + 1e-12,)], 8),
    (np.arccos, (lambda x: -1 / mp.sqrt(1 - x * x),), [(0.3,), (1 - 1e-12,)], 8),
    (np.arctan, (lambda x: 1 / (1 + x * x),), [(1e-9,), (1e100,)], 4),
    (np.arcsinh, (lambda x: 1 / mp.sqrt(1 + x * x),), [(1e-9,), (LARGE,), (-LARGE,)], 4),
    (np.arccosh, (lambda x: 1 / mp.sqrt(x * x - 1),), [(1 + 1e-12,), (LARGE,)], 8),
    (np.arctanh, (lambda x: 1 / (1 - x * x),), [(0.3,), (1 - 1e-12,)], 8),
    (np.sinc, (lambda x: mp.diff(mp.sincpi, x),), [(1e-9,), (1e-3,), (0.2,), (3.3,)], 64),
    (np.square, (lambda x: 2 * x,), [(SMALL,), (1e150,)], 4),
    (np.reciprocal, (lambda x: -1 / x**2,), [(1e-100,), (1e100,)], 4),
    (
        np.hypot,
        (lambda a, b: a / mp.hypot(a, b), lambda a, b: b / mp.hypot(a, b)),
        [(3.0, 4.0), (LARGE, LARGE), (SMALL, 2e-200), (1.0, 1e-100)],
        8,
    ),
    (
        np.arctan2,
        (lambda a, b: b / (a * a + b * b), lambda a, b: -a / (a * a + b * b)),
        [(3.0, 4.0), (LARGE, LARGE), (SMALL, 2e-200), (1.0, 1e-100)],
        8,
    ),
    (
        np.logaddexp,
        (lambda a, b: 1 / (1 + mp.exp(b - a)), lambda a, b: 1 / (1 + mp.exp(a - b))),
        [(1.0, 2.0), (1000.0, 1001.0), (-1000.0, -1002.0), (0.0, 50.0)],
        2000,
    ),
    (
        np.power,
        (lambda x, p: p * x ** (p - 1), lambda x, p: x**p * mp.log(x)),
        [(2.0, 3.5), (1e-100, 2.5), (1e100, 2.5), (1e-150, 0.5), (5.0, -0.5)],
        600,
    ),
    (np.divide, (lambda a, b: 1 / b, lambda a, b: -a / b**2), [(1e200, 1e150), (SMALL, 1e-150)], 8),
]
CASES = [
    pytest.param(function, exact, point, units, id=f"{function.__name__}{point}")
    for function, exact, points, units in TABLE
    for point in points
]


@pytest.mark.parametrize(("function", "exact", "point", "units"), CASES)
def test_double_precision(function, exact, point, units) -> None:
    with np.errstate(all="ignore"):
        found = gradient(function, *map(np.float64, point))
    assert_right(found, exact, point, units * np.finfo(np.float64).eps)


@pytest.mark.parametrize(("function", "exact", "point", "units"), CASES)
def test_single_precision(function, exact, point, units) -> None:
    """At the same places as far as they fit."""
    singles = [np.float32(np.clip(x, -1e15, 1e15)) for x in point]
    singles = [x if abs(x) > 1e-15 else np.float32(1e-15) for x in singles]
    with np.errstate(all="ignore"):
        found = gradient(function, *singles)
    assert_right(found, exact, [float(x) for x in singles], units * np.finfo(np.float32).eps)


def assert_right(found: Any, exact: tuple[Exact, ...], point: Any, tolerance: float) -> None:
    for mine, derivative in zip(found if isinstance(found, list) else [found], exact, strict=True):
        limits = np.finfo(np.asarray(mine).dtype)
        try:
            right = derivative(*map(mp.mpf, map(float, point)))
        except ZeroDivisionError:
            continue  # a pole, to which the argument was rounded
        if limits.tiny < abs(right) < limits.max:
            assert abs(mp.mpf(float(mine)) - right) <= tolerance * abs(right), (mine, right)
