"""The methods of ufuncs."""

from __future__ import annotations

import numpy as np
import pytest

from tests.rules.rows import Row, check, check_constant, normal, row, uniform

X = normal(4)
M = normal(3, 4)
CUBE = normal(2, 3, 4)
POSITIVE = uniform(0.5, 2.0, 3, 4)
ALL = [np.add, np.multiply, np.maximum, np.minimum, np.logaddexp, np.logaddexp2, np.hypot]
ALL += [np.subtract, np.fmax, np.fmin]
STARTS = np.array([0, 2, 1])

ROWS = [
    *(row(f"{ufunc.__name__}.reduce", x) for ufunc in ALL for x in (X, M)),
    *(row(f"{ufunc.__name__}.reduce", M, axis=1, keepdims=True) for ufunc in ALL),
    *(row(f"{ufunc.__name__}.reduce", CUBE, axis=axis)
      for ufunc in (np.add, np.multiply, np.logaddexp) for axis in (None, (0, 2), -1)),
    *(row(f"{ufunc.__name__}.accumulate", x) for ufunc in ALL for x in (X, M)),
    *(row(f"{ufunc.__name__}.accumulate", CUBE, axis=axis) for ufunc in ALL for axis in (1, -1)),
    *(row(f"{ufunc.__name__}.outer", X, normal(2, seed=1)) for ufunc in ALL),
    row("arctan2.outer", X, normal(2, seed=1)),
    row("divide.reduce", POSITIVE),
    row("divide.accumulate", POSITIVE, axis=1),
    row("divide.outer", M, POSITIVE[0]),
    row("subtract.outer", normal(2, 2), normal(2, 3, seed=1)),
    row("multiply.outer", X, 2.0),
    row("multiply.outer", X, normal(3, dtype=complex)),
    row("power.outer", POSITIVE[0], np.arange(3)),
    row("copysign.outer", X, normal(2, seed=1)),
    row("add.reduce", X.astype("f4")),
    row("multiply.reduce", np.array([2.0, 0.0, 3.0])),
    row("add.reduceat", X, np.array([0, 2])),
    row("add.reduceat", X, STARTS),
    row("add.reduceat", M, np.array([0, 3, 1]), axis=1),
    row("add.reduceat", M, np.array([1]), axis=0),
]  # fmt: skip


@pytest.mark.parametrize("case", ROWS, ids=str)
def test_rules_agree_with_numpy_and_with_differences(case: Row) -> None:
    check(case)


@pytest.mark.parametrize("name", ["less.outer", "logical_and.reduce", "logical_or.accumulate"])
def test_methods_of_functions_without_derivative_have_none(name) -> None:
    arguments = (X, X) if name.endswith("outer") else (X > 0,)
    check_constant(row(name, *arguments))
