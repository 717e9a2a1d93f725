"""Functions of `math` and `cmath` without a counterpart in NumPy."""

from __future__ import annotations

import cmath
import math

import pytest

from srcgrad.rules.python_functions import polygamma
from tests.rules.rows import Row, check, check_constant, row

ROWS = [
    *(row(math.lgamma, x) for x in (0.3, 1.7, 30.0, -2.4)),
    *(row(math.gamma, x) for x in (0.3, 1.7, 6.5, -1.4)),
    *(row("polygamma", order, x) for order in (0, 1, 2, 3) for x in (0.7, 4.2)),
    row(math.remainder, 7.3, 2.1),
    row(math.nextafter, 1.5, 2.0),
    row(cmath.phase, 0.5 + 1.2j),
]
if hasattr(math, "fma"):
    ROWS.append(row(math.fma, 0.5, 1.5, -2.0))


@pytest.mark.parametrize("case", ROWS, ids=str)
def test_rules_agree_with_python_and_with_differences(case: Row) -> None:
    check(case)


CONSTANT = [row(math.isclose, 0.5, 0.5), row(math.ulp, 0.5), row(cmath.isnan, 1j)]


@pytest.mark.parametrize("case", CONSTANT, ids=str)
def test_truth_values_have_no_derivative(case: Row) -> None:
    check_constant(case)


@pytest.mark.parametrize("x", [0.01, 0.5, 1.0, 3.3, 19.5, 25.0, 1e4, -0.5, -3.7, -12.2])
@pytest.mark.parametrize("order", [0, 1, 2, 4])
def test_polygamma_is_right_to_the_last_digits(order, x) -> None:
    mpmath = pytest.importorskip("mpmath")
    exact = float(mpmath.polygamma(order, x))
    assert polygamma(order, x) == pytest.approx(exact, rel=2e-13)
