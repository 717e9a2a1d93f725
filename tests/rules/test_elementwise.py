"""NumPy's ufuncs: rules against NumPy's results and differences; exact values at kinks."""

from __future__ import annotations

import numpy as np
import pytest

from tests.rules.rows import Row, check, fixed, normal, row, uniform

X = normal(3, 2)
SMALL = uniform(-0.9, 0.9, 4)
POSITIVE = uniform(0.3, 3.0, 4)

ROWS = [
    *(row(f, X) for f in (np.sin, np.cos, np.tanh, np.exp, np.arctan, np.sinh, np.cosh)),
    *(row(f, X) for f in (np.expm1, np.exp2, np.arcsinh, np.square, np.cbrt, np.absolute)),
    *(row(f, X) for f in (np.fabs, np.degrees, np.radians, np.deg2rad, np.rad2deg)),
    *(row(f, SMALL) for f in (np.tan, np.arcsin, np.arccos, np.arctanh)),
    *(row(f, POSITIVE) for f in (np.log, np.log2, np.log10, np.log1p, np.sqrt, np.reciprocal)),
    *(row(f, normal(3, 2), normal(2, seed=1)) for f in (np.maximum, np.minimum, np.fmax, np.fmin)),
    *(row(f, normal(3, 1), normal(2, seed=1)) for f in (np.hypot, np.arctan2)),
    row(np.arccosh, 1.0 + POSITIVE),
    row(np.where, X > 0, X, normal(2, seed=2)),
    row(np.where, X > 0, X, fixed(0.0)),
    row(np.maximum, X, fixed(0.0)),
]


@pytest.mark.parametrize("case", ROWS, ids=str)
def test_rules_agree_with_numpy_and_with_differences(case: Row) -> None:
    check(case)
