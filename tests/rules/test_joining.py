"""Joining and splitting: rules against NumPy's results and differences."""

from __future__ import annotations

import numpy as np
import pytest

import srcgrad
from srcgrad.errors import ShapeError, UnsupportedError
from srcgrad.graph import ArrayType, Assumptions, Builder, Value, symbol
from srcgrad.rules import Symbol
from srcgrad.rules.joining import array_from_nested
from tests.rules.rows import Row, check, fixed, gradient, normal, row

X = normal(2, 3)
F4 = normal(2, 3, dtype="f4")

ROWS = [
    row("array_of", 2.0, normal(), 1.5, 3.0, lengths=(2, 2)),
    row("array_of", normal(3), normal(3, seed=1), lengths=(2,)),
    row("array_of", 1.0, 2.0, lengths=(2,), dtype=np.dtype("f4"), differentiable=False),
    row(np.concatenate, [X, normal(4, 3)]),
    row(np.concatenate, [X, normal(2, 1), F4], axis=1),
    row(np.concatenate, [X, normal(2, 1)], axis=-1),
    row(np.concatenate, [X, normal(0, 3)]),
    row(np.concatenate, [X, normal(4)], axis=None),
    row(np.concatenate, [F4, normal(1, 3, dtype="f4")]),
    row(np.append, X, normal(4)),
    row(np.append, normal(3), 2.0),
    row(np.append, X, normal(1, 3), axis=0),
    row(np.stack, [X, normal(2, 3, seed=1)]),
    row(np.stack, [X, normal(2, 3, seed=1)], axis=1),
    row(np.stack, [X, normal(2, 3, seed=1)], axis=-1),
    row(np.stack, [2.0, normal()]),
    *(
        row(function, [normal(3), normal(3, seed=1)])
        for function in (np.vstack, np.hstack, np.dstack, np.column_stack)
    ),
    *(
        row(function, [normal(3, 2), normal(3, 2, seed=1)])
        for function in (np.vstack, np.hstack, np.dstack, np.column_stack)
    ),
    row(np.column_stack, [normal(3), normal(3, 2)]),
    row(np.vstack, [normal(3), normal(2, 3)]),
    row(np.hstack, [normal(3, 1), normal(3, 2)]),
    row(np.hstack, [1.0, normal(3)]),
    row(np.split, normal(4, 3), 2),
    row(np.split, normal(2, 5), fixed([1, 3]), axis=1),
    row(np.array_split, normal(5), 3),
    row(np.hsplit, normal(4, 2), 2),
    row(np.hsplit, normal(4), 2),
    row(np.vsplit, normal(4, 3), fixed([1])),
    row(np.dsplit, normal(1, 2, 4), 2),
]


@pytest.mark.parametrize("case", ROWS, ids=str)
def test_rules_agree_with_numpy_and_with_differences(case: Row) -> None:
    check(case)


def test_symbolic_lengths_add_up() -> None:
    rule = row(np.concatenate, [X, X]).primitive.shape
    assert rule is not None
    n = symbol("n")
    one, other = ArrayType(np.dtype(float), (n, 3)), ArrayType(np.dtype("f4"), (2, None))
    assert str(rule(Assumptions({"n": 4}), one, other)) == "f64[n + 2, 3]"


@pytest.mark.parametrize("function", [np.concatenate, np.vstack, np.stack])
def test_arrays_that_do_not_fit_are_refused_with_their_shapes(function: object) -> None:
    with pytest.raises(ShapeError, match=r"3.*4"):
        check(row(function, [X, normal(2, 4)]))  # type: ignore[arg-type]


def test_an_unequal_split_is_refused() -> None:
    with pytest.raises(ShapeError, match="cannot be split into 2 equal parts"):
        check(row(np.split, normal(3), 2))


def test_a_dynamic_number_of_parts_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="known before the call"):
        check(row(np.split, normal(3), np.intp(3)))


def test_a_part_that_is_not_used_has_a_zero_adjoint() -> None:
    d_x = gradient(np.split, np.zeros(4), 2, g=(np.zeros(2), np.array([1.0, 2.0])))
    assert d_x.tolist() == [0.0, 0.0, 1.0, 2.0]


# Nested lists


def nested_array(*items: object) -> tuple[Builder, Symbol]:
    builder = Builder(Assumptions())
    x = Symbol(builder, Value(ArrayType(np.dtype(float), (2,)), "x"))
    nested = [x if item == "x" else item for item in items]
    return builder, array_from_nested(builder, nested)


def test_nested_numbers_are_one_array() -> None:
    builder, made = nested_array([1.0, 2, 3], [4.0, 5, 6])
    assert str(made.type) == "f64[2, 3]"
    assert len(builder.nodes) == 1


def test_lists_beside_arrays_become_arrays_first() -> None:
    builder, made = nested_array("x", [0.0, 1.0])
    assert str(made.type) == "f64[2, 2]"
    assert [node.operation for node in builder.nodes] == ["array_of", "array_of"]


def test_integers_stay_integers() -> None:
    assert str(nested_array([1, 2])[1].type) == "i64[1, 2]"


def test_an_empty_list_is_an_empty_array() -> None:
    assert str(nested_array()[1].type) == "f64[0]"


def test_ragged_lists_are_refused() -> None:
    with pytest.raises(ShapeError, match=r"\(2,\) and \(1,\)"):
        nested_array([1.0, 2.0], [3.0])


def test_tangents_of_a_stack_with_plain_numbers():
    value, tangent = srcgrad.jvp(lambda x: np.stack([x, 3.0, 2.0 * x]), (1.5,), (1.0,))
    np.testing.assert_array_equal(value, [1.5, 3.0, 3.0])
    np.testing.assert_array_equal(tangent, [1.0, 0.0, 2.0])
