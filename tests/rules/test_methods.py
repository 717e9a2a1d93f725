"""Methods and attributes: each is the call of a function that gives the same."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from srcgrad.errors import ArgumentError
from srcgrad.rules.methods import ATTRIBUTES, METHODS, PYTHON_NUMBER_METHODS
from tests.rules.rows import Row, check, check_constant, normal, row

X = normal(2, 3)
LINE = normal(6)
MASK = np.array([True, False])

CALLS: list[tuple[str, np.ndarray, tuple, dict]] = [
    ("all", X > 0, (), {"axis": 0}),
    ("any", X > 0, (1,), {}),
    ("argmax", X, (), {"axis": 1}),
    ("argmin", X, (), {}),
    ("argpartition", LINE, (2,), {}),
    ("argsort", X, (0,), {}),
    ("astype", X, (np.float32,), {}),
    ("astype", X, (), {"dtype": np.float32, "copy": False}),
    ("choose", np.array([0, 1]), (([1.0, 2.0], [3.0, 4.0]),), {}),
    ("clip", X, (-0.5, 0.5), {}),
    ("compress", X, (MASK, 0), {}),
    ("compress", X, (MASK,), {"axis": 0}),
    ("conj", X, (), {}),
    ("conjugate", X + 1j, (), {}),
    ("copy", X, (), {}),
    ("cumprod", X, (1,), {}),
    ("cumsum", X, (), {"axis": 0}),
    ("diagonal", X, (1,), {}),
    ("dot", X, (LINE[:3],), {}),
    ("flatten", X, (), {}),
    ("flatten", X, ("F",), {}),
    ("item", X[:1, :1], (), {}),
    ("max", X, (0,), {}),
    ("mean", X, (), {"keepdims": True}),
    ("min", X, (), {}),
    ("nonzero", X, (), {}),
    ("prod", X, (1,), {}),
    ("ravel", X, (), {}),
    ("repeat", X, (2, 0), {}),
    ("reshape", X, (3, 2), {}),
    ("reshape", X, ((3, -1),), {}),
    ("reshape", X, (-1,), {"order": "F"}),
    ("round", X, (1,), {}),
    ("searchsorted", np.arange(3.0), (X,), {}),
    ("squeeze", X[None], (0,), {}),
    ("std", X, (0,), {}),
    ("sum", X, (0,), {}),
    ("swapaxes", X, (0, 1), {}),
    ("take", X, ([1, 0], 1), {}),
    ("trace", X, (1,), {}),
    ("transpose", X, (), {}),
    ("transpose", X[None], (1, 0, 2), {}),
    ("transpose", X[None], ((1, 0, 2),), {}),
    ("transpose", X, (None,), {}),
    ("var", X, (), {"ddof": 1}),
    ("view", X, (), {}),
    ("view", LINE, (complex,), {}),
    ("view", X + 1j, (), {"dtype": float}),
]


@pytest.mark.parametrize(("name", "x", "args", "kwargs"), CALLS, ids=lambda part: str(part)[:20])
def test_a_method_is_a_call_of_a_function(
    name: str, x: np.ndarray, args: tuple, kwargs: dict
) -> None:
    function, given, keywords = METHODS[name](x, args, kwargs)
    expected = getattr(x, name)(*args, **kwargs)
    np.testing.assert_array_equal(function(*given, **keywords), expected)
    assert type(function(*given, **keywords)) is type(expected)


def test_every_method_is_tested() -> None:
    assert {name for name, *_ in CALLS} == set(METHODS)


@pytest.mark.parametrize("name", sorted(ATTRIBUTES))
def test_an_attribute_is_a_call_of_a_function(name: str) -> None:
    function, args, kwargs = ATTRIBUTES[name](X)
    np.testing.assert_array_equal(function(*args, **kwargs), getattr(X, name))


@pytest.mark.parametrize("name", sorted(PYTHON_NUMBER_METHODS))
@pytest.mark.parametrize("number", [2.0, 1.5, 3])
def test_a_method_of_a_number_is_a_call_of_a_function(name: str, number: float) -> None:
    function, args, kwargs = PYTHON_NUMBER_METHODS[name](number)
    expected: Callable[[], object] | None = getattr(number, name, None)
    if expected is not None:
        assert function(*args, **kwargs) == expected()


ROWS = [
    row("item", normal(1, 1)),
    row("item", normal(2, 3), index=4),
    row("item", normal(2, 3), index=-1),
    row("item", normal(2, 3), index=(1, -1)),
    row("item", normal(6), index=(2,)),
    row("view_as", normal(2, 4), dtype=np.dtype(complex)),
    row("view_as", normal(2, 3, dtype=complex), dtype=np.dtype(float)),
    row("view_as", normal(3), dtype=np.dtype(float)),
    row("item", normal()),
    row("item", normal(1, dtype="f4")),
    row("item", normal(dtype=complex)),
    row("conjugate_number", 2.0),
    row("conjugate_number", 2.0 + 1.0j),
]


@pytest.mark.parametrize("case", ROWS, ids=str)
def test_rules_agree_with_numpy_and_with_differences(case: Row) -> None:
    check(case)


def test_whether_a_number_is_whole_has_no_derivative() -> None:
    check_constant(row("is_integer", 2.0))


def test_a_reshape_without_shape_is_refused() -> None:
    with pytest.raises(ArgumentError, match="needs a shape"):
        METHODS["reshape"](X, ())
