"""Creation: shapes with dynamic and symbolic sizes; derivatives by what the arrays are made of."""

from __future__ import annotations

import numpy as np
import pytest

from srcgrad.errors import UnsupportedError
from srcgrad.graph import FLOAT, INT, ArrayType, Assumptions, ListType, ScalarType, Type, symbol
from srcgrad.rules.creation import shape_from
from tests.rules.rows import Row, check, check_constant, fixed, normal, row, uniform

X = normal(2, 3)
COUNT = np.intp(3)
ENDS = uniform(1.0, 2.0, 2, 3), uniform(2.0, 3.0, 2, 3)

ROWS = [
    row(np.full, (2, 3), 2.0),
    row(np.full, 3, normal()),
    row(np.full, (2, 3), normal(3)),
    row(np.full, (COUNT, 2), 2.0, dtype=np.float32),
    row(np.full_like, X, 2.0),
    row(np.full_like, X, normal(3)),
    row(np.linspace, 1.0, 2.0),
    row(np.linspace, 1.0, normal(), 5, endpoint=False),
    row(np.linspace, 1.0, 2.0, 1),
    row(np.linspace, 1.0, 2.0, 0),
    row(np.linspace, 1.0, 2.0, COUNT),
    row(np.linspace, normal(dtype="f4")[()], 2.0, 3),
    row(np.logspace, 0.5, 1.0, 4),
    row(np.logspace, 0.5, 1.0, 4, base=2.0),
    row(np.geomspace, 1.0, 8.0, 4),
    *(row(np.linspace, *ENDS, 4, axis=axis) for axis in (0, 1, -1)),
    *(row(np.linspace, 0.0, ENDS[0], 4, axis=axis) for axis in (0, -1)),
    row(np.linspace, *ENDS, 4, endpoint=False),
    row(np.linspace, ENDS[0], ENDS[1][0], 4, axis=1),
    row(np.linspace, 1.0, 2.0, 5, retstep=True),
    row(np.linspace, *ENDS, 5, retstep=True, endpoint=False),
    *(row(np.logspace, *ENDS, 4, axis=axis) for axis in (0, -1)),
    row(np.logspace, *ENDS, 4, base=uniform(1.5, 2.5, 3), axis=1),
    row(np.logspace, 0.0, 1.0, 4, base=uniform(1.5, 2.5, 3)),
    *(row(np.geomspace, *ENDS, 4, axis=axis) for axis in (0, 1)),
    row(np.geomspace, ENDS[0], 3.0, 4),
    row(np.arange, 1.0, 2.0, 0.3, tolerance=1e-6),
    row(np.arange, 0.5, 4),
    row(np.meshgrid, normal(2), normal(3)),
    row(np.meshgrid, normal(2), normal(3), normal(4), indexing="ij"),
    row(np.meshgrid, normal(2), normal(3), sparse=True),
    row(np.meshgrid, normal(2), normal(3), normal(2, seed=2), indexing="xy"),
]
CONSTANTS = [
    row(np.zeros, (COUNT, 2)),
    row(np.ones, COUNT, dtype=np.float32),
    row(np.zeros_like, X),
    row(np.ones_like, X, dtype=np.float32),
    row(np.zeros_like, X, shape=(4,)),
    row(np.zeros_like, 2.0),
    row(np.eye, COUNT),
    row(np.eye, 2, COUNT, k=1, dtype=np.float32),
    row(np.identity, COUNT),
    row(np.tri, COUNT, 4, -1),
    row(np.indices, (COUNT, 2)),
]


@pytest.mark.parametrize("case", ROWS, ids=str)
def test_rules_agree_with_numpy_and_with_differences(case: Row) -> None:
    check(case)


@pytest.mark.parametrize("case", CONSTANTS, ids=str)
def test_constants_agree_with_numpy(case: Row) -> None:
    check_constant(case)


N = symbol("n")


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        (3, (3,)),
        ((3, INT), (3, None)),
        ([ScalarType(int, N), 2], (N, 2)),
        (ScalarType(int, N), (N,)),
        (ArrayType(np.dtype(int), (2,)), (None, None)),
        (ArrayType(np.dtype(int), (N,)), None),
        (ListType(INT), None),
        ((), ()),
    ],
)
def test_a_shape_argument_says_what_it_can(shape: object, expected: object) -> None:
    assert shape_from(shape) == expected


def length_of(function: object, *operands: Type | None, sizes: Assumptions | None = None) -> object:
    rule = row(function, 1.0).primitive.shape  # type: ignore[arg-type]
    assert rule is not None
    return rule(sizes or Assumptions({"n": 7}), *operands).shape[0]  # type: ignore[union-attr]


def test_a_range_of_a_symbolic_size_has_that_size() -> None:
    n, three = ScalarType(int, N), ScalarType(int, 3)
    assert length_of(np.arange, n, None, None) == N
    assert str(length_of(np.arange, three, n, None)) == "n - 3"
    assert length_of(np.arange, three, three, None) == 0
    assert length_of(np.arange, n, three, None) == 0
    assert length_of(np.arange, three, n, ScalarType(int, 2)) is None
    assert length_of(np.arange, FLOAT, None, None) is None


@pytest.mark.parametrize(
    "case",
    [
        row(np.zeros_like, X, dtype=FLOAT),
    ],
    ids=str,
)
def test_what_is_not_supported_is_refused(case: Row) -> None:
    with pytest.raises(UnsupportedError):
        check(case)


def test_integers_make_ranges_of_integers_and_spaces_of_floats() -> None:
    check_constant_range = row(np.arange, fixed(3), differentiable=False)
    rule = check_constant_range.primitive.shape
    assert rule is not None
    assert rule(Assumptions(), ScalarType(int, 3), None, None).dtype == np.dtype(int)
    spaced = row(np.linspace, 1.0, 2.0).primitive.shape
    assert spaced is not None
    assert spaced(Assumptions(), INT, INT).dtype == np.dtype(float)
