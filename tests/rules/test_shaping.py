"""Shapes: rules against NumPy's results and differences; sizes known by symbols."""

from __future__ import annotations

import numpy as np
import pytest

from srcgrad.errors import ShapeError, UnsupportedError
from srcgrad.graph import ArrayType, Assumptions, ScalarType, Type, symbol
from tests.rules.rows import Row, check, fixed, normal, row

X = normal(2, 3)
CUBE = normal(2, 3, 4)

ROWS = [
    row(np.reshape, X, 6),
    row(np.reshape, X, -1),
    row(np.reshape, X, (3, -1)),
    row(np.reshape, X, (1, 6, -1), order="F"),
    row(np.reshape, normal(0, 3), (3, 0)),
    row(np.reshape, 2.0, (1, 1)),
    row(np.ravel, X),
    row(np.ravel, X, order="F"),
    row(np.ravel, normal()),
    row(np.transpose, X),
    row(np.transpose, CUBE, (2, 0, 1)),
    row(np.transpose, CUBE, axes=(0, -1, 1)),
    row(np.transpose, CUBE, [2, 0, 1]),
    row(np.transpose, normal(3), 0),
    row(np.swapaxes, CUBE, 0, -1),
    row(np.moveaxis, CUBE, 0, -1),
    row(np.moveaxis, CUBE, fixed([0, 1]), fixed([2, 0])),
    row(np.rollaxis, CUBE, 2),
    row(np.rollaxis, CUBE, -1, 1),
    row(np.rollaxis, CUBE, 0, 3),
    row(np.rollaxis, CUBE, 1, 1),
    row(np.matrix_transpose, CUBE),
    row(np.squeeze, normal(2, 1, 4, 1)),
    row(np.squeeze, normal(2, 1, 4, 1), axis=-1),
    row(np.squeeze, normal(1, 1, dtype="f4")),
    row(np.expand_dims, normal(2), 0),
    row(np.expand_dims, normal(2), (0, -1)),
    row(np.expand_dims, 2.0, 0),
    *(
        row(function, normal(*shape))
        for function in (np.atleast_1d, np.atleast_2d, np.atleast_3d)
        for shape in ((), (2,), (2, 3), (2, 3, 4))
    ),
    row(np.broadcast_to, normal(2), (3, 2)),
    row(np.broadcast_to, normal(3, 1), (3, 2)),
    row(np.broadcast_to, 2.0, (3, 2)),
    row(np.broadcast_arrays, normal(3, 1), normal(2)),
    row(np.copy, X),
    row(np.copy, 2.0),
    row(np.asarray, X),
    row(np.asarray, X, dtype=np.float32),
    row(np.asanyarray, X),
    row(np.array, X),
    *(row(f, x) for f in (np.ascontiguousarray, np.asfortranarray) for x in (CUBE, normal())),
    row(np.require, CUBE, requirements="F"),
    row(np.require, normal(), dtype=np.float32, requirements=fixed(["C", "W"])),
]


@pytest.mark.parametrize("case", ROWS, ids=str)
def test_rules_agree_with_numpy_and_with_differences(case: Row) -> None:
    check(case)


# What is known of the result


def inferred(function: object, x: Type, sizes: Assumptions, **parameters: object) -> Type:
    rule = row(function, X).primitive.shape  # type: ignore[arg-type]
    assert rule is not None
    return rule(sizes, x, **parameters)  # type: ignore[return-value]


def array(*shape: object) -> ArrayType:
    return ArrayType(np.dtype(float), tuple(shape))  # type: ignore[arg-type]


N, M = symbol("n"), symbol("m")


@pytest.mark.parametrize(
    ("have", "want", "expected"),
    [
        ((N, 3), (-1,), "f64[3*n]"),
        ((N, M), (-1,), "f64[?]"),
        ((N, M), (-1, ScalarType(int, M)), "f64[n, m]"),
        ((N, 4), (-1, 2, 2), "f64[n, 2, 2]"),
        ((N, 4), (-1, 2), "f64[2*n, 2]"),
        ((N, 4), (-1, 8), "f64[?, 8]"),
        ((N, M, 5), (-1, 5), "f64[?, 5]"),
        ((2, 6), (3, -1), "f64[3, 4]"),
        ((N,), (ScalarType(int, N), 1), "f64[n, 1]"),
        ((N,), (ScalarType(int), -1), "f64[?, ?]"),
        ((None, 3), (-1,), "f64[?]"),
    ],
)
def test_reshape_finds_the_missing_dimension(have: tuple, want: tuple, expected: str) -> None:
    sizes = Assumptions({"n": 6, "m": 5})
    assert str(inferred(np.reshape, array(*have), sizes, shape=want)) == expected
    assert not sizes.facts


def test_squeeze_of_an_unknown_dimension_has_unknown_rank() -> None:
    assert inferred(np.squeeze, array(None, 3), Assumptions()) == ArrayType(np.dtype(float), None)


def test_squeeze_of_a_symbolic_dimension_assumes_whether_it_is_one() -> None:
    sizes = Assumptions({"n": 1})
    assert inferred(np.squeeze, array(N, 3), sizes) == array(3)
    assert sizes.facts == {("== 1", N): True}


@pytest.mark.parametrize(
    ("have", "want"), [((2, 3), (4, 2)), ((2, 3), (-1, 4)), ((N,), (7,)), ((2,), (-1, -1))]
)
def test_a_reshape_that_does_not_fit_is_refused(have: tuple, want: tuple) -> None:
    with pytest.raises(ShapeError):
        inferred(np.reshape, array(*have), Assumptions({"n": 6}), shape=want)


def test_squeezing_an_axis_that_is_not_one_long_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"axis 1 of shape \(2, 3\)"):
        inferred(np.squeeze, array(2, 3), Assumptions(), axis=1)


def test_broadcasting_to_a_shape_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"\(2, 3\) to shape \(2, 4\)"):
        inferred(np.broadcast_to, array(2, 3), Assumptions(), shape=(2, 4))


def test_a_reshape_by_memory_layout_is_not_differentiated() -> None:
    with pytest.raises(UnsupportedError, match="memory layout"):
        check(row(np.reshape, X, (3, 2), order="A"))
