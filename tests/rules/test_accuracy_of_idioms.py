"""How many digits are right where programs compose a function of several, against mpmath.

Each idiom is measured where the exponential in it overflows, where it underflows, and in between;
in reverse and in forward mode, and where it is marked so, at second order.  `docs/numerics.md`
states the bounds, which are checked here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from srcgrad import grad, jvp

mpmath = pytest.importorskip("mpmath")
mp = mpmath.mp

DOCUMENT = Path(__file__).parents[2] / "docs" / "numerics.md"


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def sigmoid_of_positive_exponent(x):
    return np.exp(x) / (1 + np.exp(x))


def softplus(x):
    return np.log(1 + np.exp(x))


def softplus_by_log1p(x):
    return np.log1p(np.exp(x))


def softplus_by_logaddexp(x):
    return np.logaddexp(0.0, x)


def log_sigmoid(x):
    return -np.log1p(np.exp(-x))


def swish(x):
    return x / (1 + np.exp(-x))


def log_odds(p):
    return np.log(p / (1 - p))


def softmax_of_two(x):
    shifted = np.exp(np.stack([x, 0.0 * x]) - np.maximum(x, 0.0))
    return shifted[0] / np.sum(shifted)


def log_of_a_sum(x):
    z = np.stack([x, 0.5 * x, 0.0 * x])
    return np.log(np.sum(np.exp(z - np.max(z)))) + np.max(z)


def gaussian(x):
    return np.exp(-0.5 * x**2)


def entropy_term(x):
    return x * np.log(x)


def length(x):
    return np.linalg.norm(np.stack([x, 2.0 * x, 3.0]))


def _logistic(x: Any) -> Any:
    return 1 / (1 + mp.exp(-x))


def _logistic_slope(x: Any) -> Any:
    return 1 / ((1 + mp.exp(-x)) * (1 + mp.exp(x)))


def _logistic_bend(x: Any) -> Any:
    return -_logistic_slope(x) * mp.tanh(x / 2)


def _swish_slope(x: Any) -> Any:
    return _logistic(x) + x * _logistic_slope(x)


@dataclass(frozen=True)
class Idiom:
    """A function, its first and (if it is measured) second derivative, and where."""

    function: Callable[[Any], Any]
    slope: Callable[[Any], Any]
    places: tuple[float, ...]
    bend: Callable[[Any], Any] | None = None


WIDE = (-800.0, -700.0, -40.0, -1.0, 0.0, 1.0, 30.0, 700.0, 800.0)
IDIOMS = [
    Idiom(sigmoid, _logistic_slope, WIDE, _logistic_bend),
    Idiom(sigmoid_of_positive_exponent, _logistic_slope, (-800.0, -40.0, 0.0, 4.0)),
    Idiom(softplus, _logistic, WIDE),
    Idiom(softplus_by_log1p, _logistic, WIDE),
    Idiom(softplus_by_logaddexp, _logistic, WIDE),
    Idiom(log_sigmoid, lambda x: _logistic(-x), WIDE),
    Idiom(swish, _swish_slope, WIDE),
    Idiom(log_odds, lambda p: 1 / (p * (1 - p)), (1e-30, 1e-10, 0.5, 1 - 2.0**-20)),
    Idiom(softmax_of_two, _logistic_slope, (-700.0, -30.0, 0.0, 30.0, 700.0)),
    Idiom(
        log_of_a_sum,
        lambda x: (mp.exp(x) + mp.exp(x / 2) / 2) / (mp.exp(x) + mp.exp(x / 2) + 1),
        (-1000.0, -20.0, 0.5, 20.0, 1000.0),
    ),
    Idiom(gaussian, lambda x: -x * mp.exp(-x * x / 2), (1e-30, 0.5, 5.0, 13.0)),
    Idiom(entropy_term, lambda x: mp.log(x) + 1, (1e-300, 0.5, 1e300), lambda x: 1 / x),
    Idiom(length, lambda x: 5 * x / mp.sqrt(5 * x * x + 9), (1e-30, 0.5, 1e10)),
]
NAMES = [idiom.function.__name__ for idiom in IDIOMS]
SMALLEST = {np.float64: 1e-307, np.float32: 1e-37}


def relative_error(found: Any, exact: Any, smallest: float) -> float:
    """0 where the derivative cannot be represented and is found to be that small."""
    if abs(exact) < smallest:
        assert abs(float(found)) <= smallest
        return 0.0
    return float(abs(mp.mpf(float(found)) - exact) / abs(exact))


def measured(idiom: Idiom, kind: type, order: int) -> float:
    """The greatest error of the derivative in both modes, over the places that fit the type."""
    exact = idiom.slope if order == 1 else idiom.bend
    assert exact is not None
    derivative = grad(idiom.function) if order == 1 else grad(grad(idiom.function))
    worst = 0.0
    with mp.workdps(400), np.errstate(all="ignore"):
        for place in idiom.places:
            if kind is np.float32 and not 1e-30 <= abs(place or 1.0) < 1e18:
                continue
            x = kind(place)
            found = [derivative(x)]
            if order == 1:
                found.append(jvp(idiom.function, (x,), (kind(1.0),))[1])
            right = exact(mp.mpf(float(x)))
            worst = max(worst, *(relative_error(d, right, SMALLEST[kind]) for d in found))
    return worst


def stated() -> dict[tuple[str, str], float]:
    """The bounds of the table in the document, by function and column."""
    found = {}
    for line in DOCUMENT.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        name = re.fullmatch(r"`(\w+)`", cells[0])
        if name and len(cells) == 5:
            bounds = zip(("double", "single", "second"), cells[2:])
            found.update({(name[1], column): float(b) for column, b in bounds if b})
    return found


@pytest.mark.parametrize("idiom", IDIOMS, ids=NAMES)
def test_derivatives_are_as_accurate_as_documented(idiom: Idiom) -> None:
    name = idiom.function.__name__
    assert measured(idiom, np.float64, 1) <= stated()[name, "double"]
    assert measured(idiom, np.float32, 1) <= stated()[name, "single"]
    if idiom.bend is not None:
        assert measured(idiom, np.float64, 2) <= stated()[name, "second"]


def test_an_overflow_of_the_exponential_reaches_no_gradient() -> None:
    x = np.array([-1e4, -800.0, 0.0, 800.0, 1e4])
    for idiom in IDIOMS[:7]:
        with np.errstate(all="ignore"):
            total = grad(lambda x, f=idiom.function: np.sum(f(x)))(x)
        finite = np.isfinite(total)
        if idiom.function is sigmoid_of_positive_exponent:
            # Its value is inf / inf there, too.
            finite |= x > 700.0
        assert np.all(finite), (idiom.function.__name__, total)
