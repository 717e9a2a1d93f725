"""Lists and arrays into one another: values, and each mode against the other."""

from __future__ import annotations

import numpy as np
import pytest

from srcgrad.graph import Value, parse_graph, verify
from srcgrad.rules import call
from srcgrad.transforms import forward, reverse
from tests.interpreter import interpret
from tests.transforms.differences import inner

ROWS = [np.array([1.0, 2.0]), np.array([3.0, 4.0])]
MORE = [*ROWS, np.array([5.0, 6.0])]
ARRAY = np.arange(6.0).reshape(3, 2)


def _value(operation: str, *arguments: object, **parameters: object) -> object:
    return call(operation, *arguments, **parameters)


def test_stacking_fills_the_rest_with_zeros():
    np.testing.assert_array_equal(_value("stack_like", ROWS, ARRAY), [[1, 2], [3, 4], [0, 0]])


def test_stacking_at_the_end_fills_the_beginning_with_zeros():
    stacked = _value("stack_like", ROWS, ARRAY, at_end=True)
    np.testing.assert_array_equal(stacked, [[0, 0], [1, 2], [3, 4]])


def test_stacking_nothing_gives_zeros_of_the_right_kind():
    stacked = _value("stack_like", [], np.zeros((0, 2), np.float32))
    assert stacked.shape == (0, 2)
    assert stacked.dtype == np.float32


def test_rows_of_nothing_keep_their_shape_and_dtype():
    rows = _value("stack_rows", [], shape=(2, 3), dtype=np.dtype(np.float32))
    assert rows.shape == (0, 2, 3)
    assert rows.dtype == np.float32


def test_lists_are_filled_and_trimmed_at_either_end():
    assert _value("fill_list", [1.0], [2.0, 3.0]) == [1.0, 0.0]
    assert _value("fill_list", [1.0], [2.0, 3.0], at_end=True) == [0.0, 1.0]
    assert _value("trim_list", [1.0, 2.0], [0.0]) == [1.0]
    assert _value("trim_list", [1.0, 2.0], [0.0], at_end=True) == [2.0]
    assert _value("trim_list", [1.0, 2.0], [], at_end=True) == []


def test_lists_of_lists_are_added_item_by_item():
    assert _value("add_lists", [[1.0], [2.0]], [[3.0], [4.0]]) == [[4.0], [6.0]]


def test_an_item_is_added_to_without_changing_the_list():
    items = [1.0, 2.0]
    assert _value("list_add_at", items, 5.0, 1) == [1.0, 7.0]
    assert items == [1.0, 2.0]


LINEAR = {
    "stack_like": (
        "graph f(a: list[f64[2]], x: f64[3, 2]) { y = stack_like a, x : f64[3, 2] return y }",
        (ROWS, ARRAY),
    ),
    "stack_like at the end": (
        "graph f(a: list[f64[2]], x: f64[3, 2])"
        " { y = stack_like a, x {at_end=True} : f64[3, 2] return y }",
        (ROWS, ARRAY),
    ),
    "unstack_like": (
        "graph f(x: f64[3, 2], a: list[f64[2]]) { y = unstack_like x, a : list[f64[2]] return y }",
        (ARRAY, ROWS),
    ),
    "unstack_like at the end": (
        "graph f(x: f64[3, 2], a: list[f64[2]])"
        " { y = unstack_like x, a {at_end=True} : list[f64[2]] return y }",
        (ARRAY, ROWS),
    ),
    "fill_list": (
        "graph f(a: list[f64[2]], b: list[f64[2]]) { y = fill_list a, b : list[f64[2]] return y }",
        (ROWS, MORE),
    ),
    "trim_list at the end": (
        "graph f(a: list[f64[2]], b: list[f64[2]])"
        " { y = trim_list a, b {at_end=True} : list[f64[2]] return y }",
        (MORE, ROWS),
    ),
    "add_lists": (
        "graph f(a: list[f64[2]], b: list[f64[2]]) { y = add_lists a, a : list[f64[2]] return y }",
        (ROWS, ROWS),
    ),
    "list_getitem": (
        "graph f(a: list[f64[2]], i: int) { y = list_getitem a, i : f64[2] return y }",
        (ROWS, 1),
    ),
    "list_slice": (
        "graph f(a: list[f64[2]], i: int)"
        " { y = list_slice a, i {index=slice(hole(1), None, -1)} : list[f64[2]] return y }",
        (ROWS, 0),
    ),
    "list_slice_set": (
        "graph f(a: list[f64[2]], b: list[f64[2]])"
        " { y = list_slice_set b, a {index=slice(0, 2, None)} : list[f64[2]] return y }",
        (ROWS, MORE),
    ),
    "list_add_at": (
        "graph f(a: list[f64[2]], i: int)"
        " { v = list_getitem a, 0 : f64[2] y = list_add_at a, v, i : list[f64[2]] return y }",
        (ROWS, 1),
    ),
    "stack_list": (
        "graph f(a: list[f64[2]], i: int) { y = stack_list a : f64[?, 2] return y }",
        (ROWS, 1),
    ),
    "stack_rows": (
        "graph f(a: list[f64[2]], i: int)"
        " { y = stack_rows a {shape=(2,), dtype=dtype('float64')} : f64[?, 2] return y }",
        (ROWS, 0),
    ),
    "stack_list of lists": (
        "graph f(a: list[list[float]], i: int) { y = stack_list a : f64[?, ?] return y }",
        ([[1.0, 2.0], [3.0, 4.0]], 1),
    ),
    "unstack_nested": (
        "graph f(x: f64[2, 2], a: list[list[float]])"
        " { y = unstack_nested x, a : list[list[float]] return y }",
        (np.array([[1.0, 2.0], [3.0, 4.0]]), [[5.0, 6.0], [7.0, 8.0]]),
    ),
    "rows_of": (
        "graph f(x: f64[3, 2], i: int) { y = rows_of x : list[f64[2]] return y }",
        (ARRAY, 1),
    ),
    "concatenate_list": (
        "graph f(a: list[f64[2]], i: int) { y = concatenate_list a : f64[?] return y }",
        (ROWS, 1),
    ),
    "concatenate_list along an axis": (
        "graph f(a: list[f64[2, 2]], i: int)"
        " { y = concatenate_list a {axis=1} : f64[2, ?] return y }",
        ([np.eye(2), np.ones((2, 2))], 1),
    ),
    "split_like": (
        "graph f(x: f64[4], a: list[f64[2]]) { y = split_like x, a : list[f64[2]] return y }",
        (np.array([1.0, 2.0, 3.0, 4.0]), ROWS[:2]),
    ),
    "stack_list of numbers": (
        "graph f(a: list[float], i: int) { y = stack_list a : f64[?] return y }",
        ([1.0, 2.0, 3.0], 1),
    ),
}


def _random_like(value: object, generator: np.random.Generator) -> object:
    if isinstance(value, list):
        return [_random_like(item, generator) for item in value]
    return generator.normal(size=np.shape(value)) if np.shape(value) else float(generator.normal())


@pytest.mark.parametrize(("text", "point"), LINEAR.values(), ids=LINEAR.keys())
def test_tangents_and_adjoints_agree(text: str, point: tuple[object, ...]):
    graph = verify(parse_graph(text))
    generator = np.random.default_rng(0)
    tangent = _random_like(point[0], generator)
    (result,) = interpret(graph, point)
    cotangent = _random_like(result, generator)
    _, pushed = interpret(verify(forward(graph, (0,))), [*point, tangent])
    seed = Value(graph.results[0].type, "seed")
    _, pulled = interpret(verify(reverse(graph, (0,), (0,), [seed])), [*point, cotangent])
    assert inner(cotangent, pushed) == pytest.approx(inner(pulled, tangent), rel=1e-12)
