"""Windows, and the Bessel functions that they are made of."""

from __future__ import annotations

import numpy as np
import pytest

from srcgrad.rules.windows import bessel_i1
from tests.rules.rows import Row, check, normal, row, uniform

ROWS = [
    row(np.i0, normal(4)),
    row(np.i0, uniform(20.0, 45.0, 5)),
    row(np.i0, np.array([0.0, -0.5])),
    row(np.i0, 0.7),
    row("bessel_i1", normal(4)),
    row("bessel_i1", np.array([0.0, 1e-3])),
    row("bessel_i1", uniform(25.0, 35.0, 6)),
    row(np.kaiser, 5, 8.6, like=np.kaiser),
    row(np.kaiser, 6, np.float64(3.0)),
]


@pytest.mark.parametrize("case", ROWS, ids=str)
def test_rules_agree_with_numpy_and_with_differences(case: Row) -> None:
    check(case)


@pytest.mark.parametrize("x", [1e-8, 0.5, 3.0, 12.0, 29.9, 30.1, 80.0, 600.0, -3.0, 0.0])
def test_the_bessel_function_is_right_to_the_last_digits(x) -> None:
    special = pytest.importorskip("scipy.special")
    np.testing.assert_allclose(bessel_i1(np.float64(x)), special.i1(x), rtol=4e-15)
