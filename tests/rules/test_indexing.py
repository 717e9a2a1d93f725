"""Indexing: rules against NumPy's results and differences; repeated indices and last stores."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from srcgrad.errors import ArgumentError, ShapeError, UnsupportedError
from srcgrad.graph import FLOAT, INT, ArrayType, Assumptions, ListType, ScalarType, symbol
from srcgrad.rules.indexing import indexed_shape, may_repeat, slice_dim
from tests.rules.rows import Row, check, check_constant, fixed, gradient, normal, row

X = normal(3, 4)
CUBE = normal(3, 4, 5)
TWICE = np.array([0, 2, 0])
COLUMN = np.array([[1], [0]])

INDICES = [
    0,
    -1,
    (1, -1),
    (0, 1, 2),
    np.intp(1),
    slice(1, -1),
    slice(None, None, -1),
    slice(None, None, 2),
    slice(2, 0, -1),
    slice(-100, 2),
    slice(2, 1),
    (slice(None), None, 1),
    None,
    Ellipsis,
    (Ellipsis, 0),
    (0, Ellipsis, slice(1, None)),
    [0, 2, 0],
    (slice(None), [0, 1, 1]),
    TWICE,
    (slice(None), TWICE),
    (TWICE, slice(None), TWICE),
    (0, slice(None), TWICE),
    (COLUMN, TWICE),
    (slice(None), COLUMN, TWICE),
    CUBE > 0,
    (slice(None), CUBE[0] > 0),
    CUBE[:, 0, 0] > 0,
    (slice(0, 0), 1),
]
STORES = [
    row("index_set", CUBE, normal(5), fixed(slice(1, 3))),
    row("index_set", CUBE, normal(1, 1, 2, 4, 1), fixed(slice(1, 3))),
    row("index_set", CUBE, 2.0, fixed((0, 1, 1))),
    row("index_set", CUBE, normal(2, 4, 1), fixed((slice(None, None, 2),))),
    row("index_set", CUBE, normal(4, 5), fixed(CUBE[:, 0, 0] > 0.2)),
    row("index_set", CUBE, normal(3, 3, 5), fixed((slice(None), [0, 0, -1]))),
    row("index_set", CUBE, normal(3, 1, 5), fixed((slice(None), TWICE))),
    row("index_set", CUBE, normal(3, 3, 5), (slice(None), TWICE)),
    row("index_set", normal(3, dtype="f4"), 2.0, fixed(1)),
    row("index_add", CUBE, normal(3, 4, 5), fixed(TWICE)),
    row("index_add", CUBE, normal(5), fixed(TWICE)),
    row("index_add", CUBE, normal(3, 4, 5), TWICE),
    row("index_add", CUBE, 2.0, fixed(slice(1, None))),
    row("index_add", normal(0, 3), normal(3), fixed(slice(None))),
]
ROWS = [
    *(row("getitem", CUBE, fixed(index)) for index in INDICES),
    row("getitem", CUBE, (slice(None), TWICE)),
    row("getitem", CUBE, CUBE > 0),
    row("getitem", normal(0, 3), fixed(slice(1, None))),
    row("getitem", normal(1, 3, dtype="f4"), fixed(0)),
    row("getitem", normal(3, dtype=complex), fixed(TWICE)),
    *STORES,
    row(np.take, X, TWICE),
    row(np.take, X, COLUMN, axis=1),
    row(np.take, X, TWICE, axis=-1, mode="wrap"),
    row(np.take, X, np.array([-5, 7]), axis=0, mode="clip"),
    row(np.take, X, np.array([-5, 7]), axis=0, mode="wrap"),
    row(np.take, X, 1, axis=0),
    row(np.take_along_axis, X, np.array([[0, 0], [1, 0], [2, 3]]), axis=1),
    row(np.take_along_axis, X, np.array([[0, 0, 2, 1]]), axis=0),
    row(np.take_along_axis, normal(4), np.array([0, 0]), axis=0),
    row(np.take_along_axis, X, np.array([0, 0, 11]), axis=None),
    row(np.sort, X),
    row(np.sort, X, axis=0),
    row(np.sort, X, axis=None),
    row(np.sort, normal(5), kind="stable"),
    row(np.partition, X, 2),
    row(np.partition, X, fixed((1, 2)), axis=0),
    row(np.compress, np.array([True, False, True]), X, axis=1),
    row(np.compress, np.array([True, False, True]), X),
    row(np.extract, X > 0, X),
    row(np.choose, np.array([0, 1, 0]), [normal(3), normal(3, seed=1)]),
    row(np.choose, np.array([[0], [2]]), [normal(3), 2.0], mode="clip"),
]
CONSTANTS = [
    row(np.argsort, X, axis=0),
    row(np.argpartition, X, 1),
    row(np.searchsorted, np.arange(4.0), X),
    row(np.flatnonzero, X > 0),
    row(np.argwhere, X > 0),
    row(np.nonzero, X > 0),
]


@pytest.mark.parametrize("case", ROWS, ids=str)
def test_rules_agree_with_numpy_and_with_differences(case: Row) -> None:
    check(case)


@pytest.mark.parametrize("case", CONSTANTS, ids=str)
def test_constants_agree_with_numpy(case: Row) -> None:
    check_constant(case)


# Shapes

entries = st.one_of(
    st.integers(-2, 1),
    st.builds(
        slice,
        st.none() | st.integers(-6, 6),
        st.none() | st.integers(-6, 6),
        st.none() | st.sampled_from([-3, -2, -1, 1, 2, 3]),
    ),
    st.none(),
    st.just(Ellipsis),
    st.sampled_from([[0, 1], [[1], [0]], np.array([0, 1, 1]), np.array([1]), np.array(1)]),
    st.booleans(),
    st.sampled_from([np.array([True, False]), np.array([[True, False, True], [False] * 3])]),
)


@settings(max_examples=600, deadline=None)
@given(st.lists(entries, max_size=5), st.booleans())
def test_the_shape_of_an_indexed_array_is_numpys(index: list[object], symbolic: bool) -> None:
    x = np.zeros((2, 3, 2, 4))
    sizes = Assumptions({"a": 2, "b": 3, "c": 4})
    shape = (symbol("a"), symbol("b"), symbol("a"), symbol("c")) if symbolic else x.shape
    try:
        expected = x[tuple(index)].shape
    except IndexError:
        return
    found = indexed_shape(sizes, shape, tuple(index))
    assert found is not None
    assert len(found) == len(expected)
    for dim, size in zip(found, expected):
        assert sizes.hint(dim) in (None, size)


@given(
    st.integers(0, 7),
    st.none() | st.integers(-9, 9),
    st.none() | st.integers(-9, 9),
    st.sampled_from([None, -3, -2, -1, 1, 2, 3]),
)
def test_the_length_of_a_slice_is_pythons(
    n: int, start: int | None, stop: int | None, step: int | None
) -> None:
    part = slice(start, stop, step)
    sizes = Assumptions({"n": n})
    assert slice_dim(sizes, part, n) == len(range(n)[part])
    assert sizes.hint(slice_dim(sizes, part, symbol("n"))) in (None, len(range(n)[part]))


def test_slices_of_symbolic_lengths_stay_symbolic() -> None:
    sizes = Assumptions({"n": 7})
    n = symbol("n")
    assert str(slice_dim(sizes, slice(1, -1), n)) == "n - 2"
    assert slice_dim(sizes, slice(None, None, -1), n) == n
    assert slice_dim(sizes, slice(None, 3), n) == 3
    assert slice_dim(sizes, slice(None, ScalarType(int, n)), n) == n
    assert slice_dim(sizes, slice(None, INT), n) is None
    assert slice_dim(sizes, slice(None, None, 2), n) is None


def test_asking_whether_a_slice_is_empty_becomes_an_assumption() -> None:
    sizes = Assumptions({"n": 7})
    n = symbol("n")
    slice_dim(sizes, slice(None), n)
    assert not sizes.facts
    slice_dim(sizes, slice(2, None), n)
    assert [(relation, str(dim)) for relation, dim in sizes.facts] == [(">= 0", "n - 2")]


def test_an_index_into_an_array_of_unknown_rank_has_unknown_rank() -> None:
    assert indexed_shape(Assumptions(), None, (0, slice(None))) is None


def test_a_mask_of_another_shape_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"\(4,\).*\(3, 4\)"):
        indexed_shape(Assumptions(), (3, 4), np.ones(4, bool))


def test_too_many_indices_are_refused() -> None:
    with pytest.raises(ShapeError, match="too many indices: 3"):
        indexed_shape(Assumptions(), (3, 4), (0, 0, 0))


def test_floats_are_no_indices() -> None:
    with pytest.raises(ArgumentError, match="integer or boolean"):
        indexed_shape(Assumptions(), (3, 4), ArrayType(np.dtype(float), (2,)))


@pytest.mark.parametrize("index", [FLOAT, "name", 1.5])
def test_what_is_no_index_is_refused(index: object) -> None:
    with pytest.raises(UnsupportedError):
        indexed_shape(Assumptions(), (3, 4), index)


def test_an_item_of_a_list_has_the_lists_element_type() -> None:
    element = ArrayType(np.dtype(float), (3,))
    rule = row("getitem", X, fixed(0)).primitive.shape
    assert rule is not None
    assert rule(Assumptions(), ListType(element), index=0) == element
    assert rule(Assumptions(), ListType(element), index=slice(1, None)) == ListType(element)


# Repeated indices


def test_an_element_read_twice_gets_both_cotangents() -> None:
    d_x = gradient("getitem", np.arange(4.0), fixed([1, 1, 3]), g=np.array([1.0, 10.0, 100.0]))
    assert d_x.tolist() == [0.0, 11.0, 0.0, 100.0]


def test_of_two_stores_to_one_place_the_last_gets_the_cotangent() -> None:
    d_a, d_v = gradient(
        "index_set", np.zeros(3), np.array([5.0, 6.0, 7.0]), fixed([2, 0, 2]), g=np.arange(1.0, 4.0)
    )
    assert d_a.tolist() == [0.0, 2.0, 0.0]
    assert d_v.tolist() == [0.0, 1.0, 3.0]


def test_of_two_negative_and_positive_names_of_a_place_the_last_store_wins() -> None:
    _, d_v = gradient("index_set", np.zeros(3), np.ones(2), fixed(np.array([2, -1])))
    assert d_v.tolist() == [0.0, 1.0]


def test_additions_to_one_place_all_get_the_cotangent() -> None:
    d_a, d_v = gradient(
        "index_add", np.zeros(2), np.ones(3), fixed([1, 1, 0]), g=np.array([2.0, 3.0])
    )
    assert d_a.tolist() == [2.0, 3.0]
    assert d_v.tolist() == [3.0, 3.0, 2.0]


@pytest.mark.parametrize(
    ("index", "expected"),
    [
        (3, False),
        (slice(1, None), False),
        (np.array([True, False]), False),
        ([0, 1, 2], False),
        ([0, 1, 0], True),
        ([0, -1], True),
        (np.array([2, 0]), False),
        (np.array([2, 2]), True),
        (ArrayType(np.dtype(int), (3,)), True),
        (ArrayType(np.dtype(bool), (3,)), False),
        (ArrayType(np.dtype(int), ()), False),
        ((slice(None), [1, 1]), True),
    ],
)
def test_only_integer_arrays_may_repeat(index: object, expected: bool) -> None:
    assert may_repeat(index) is expected


def test_a_value_that_does_not_fit_is_refused_with_both_shapes() -> None:
    with pytest.raises(ShapeError, match=r"\(3,\) into a place of shape \(2, 4\)"):
        check(row("index_set", X, normal(3), fixed(slice(1, None))))


# Ties


def test_the_derivative_of_sort_follows_the_permutation_taken() -> None:
    d_x = gradient(
        np.sort, np.array([2.0, 1.0, 2.0]), kind="stable", g=np.array([1.0, 10.0, 100.0])
    )
    assert d_x.tolist() == [10.0, 1.0, 100.0]
