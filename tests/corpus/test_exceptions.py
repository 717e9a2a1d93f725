"""What the function raises comes out unchanged, and the caller's arrays are as it left them."""

from __future__ import annotations

import copy
import math
import traceback
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

import srcgrad


class Row(NamedTuple):
    function: Callable[..., Any]
    arguments: tuple[Any, ...]


def raises_at_once(x):
    if x[0] > 0:
        raise ValueError(f"bad {x[0]}")
    return x.sum()


def raises_after_stores(x):
    x[0] = 5.0
    x[1] *= 2
    if x[0] > 0:
        raise ValueError("after the store")
    return x.sum()


def runs_out_of_an_array(x):
    for i in range(5):
        x[i] += 1
    return x.sum()


def asserts(x):
    assert x < 0, "negative wanted"
    return x * x


def raises_in_a_called_function(x):
    def checked(item):
        if item > 1:
            raise OverflowError("too large")
        return item * item

    total = 0.0
    for i in range(len(x)):
        x[i] = -x[i]
        total += checked(x[i])
    return total


# fmt: off
ROWS = [
    Row(raises_at_once, (np.ones(2),)),
    Row(raises_after_stores, (np.ones(2),)),
    Row(runs_out_of_an_array, (np.ones(3),)),
    Row(asserts, (1.0,)),
    Row(raises_in_a_called_function, (np.array([1.0, -3.0, 1.0]),)),
    Row(lambda x: x[7], (np.ones(3),)),
    Row(lambda x: np.max(x), (np.zeros(0),)),
    Row(lambda x: 1.0 / (x - x), (1.0,)),
    Row(lambda x: math.log(-x), (1.0,)),
    Row(lambda x: math.exp(x * 1000), (1.0,)),
    Row(lambda x: np.linalg.inv(x).sum(), (np.zeros((2, 2)),)),
    Row(lambda x: np.linalg.cholesky(x).sum(), (-np.eye(2),)),
    Row(lambda x: np.sum(x.reshape(2, 2)), (np.ones(3),)),
]
# fmt: on
in_every_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{ROWS.index(row)}")


@in_every_row
def test_exceptions_and_effects_are_those_of_the_function(row: Row):
    plainly, given = copy.deepcopy(row.arguments), copy.deepcopy(row.arguments)
    with pytest.raises(Exception) as expected:  # noqa: B017
        row.function(*plainly)
    with pytest.raises(expected.type) as found:
        srcgrad.value_and_grad(row.function)(*given)
    if not isinstance(found.value, srcgrad.SrcgradError):  # which says the same, and where
        # Pytest adds lines of its own to what an assertion of this file says.
        assert str(found.value).split("\n")[0] == str(expected.value).split("\n")[0]
    assert all(map(np.array_equal, given, plainly))


@in_every_row
def test_exceptions_name_the_line_of_the_function(row: Row):
    with pytest.raises(Exception) as found:  # noqa: B017
        srcgrad.value_and_grad(row.function)(*copy.deepcopy(row.arguments))
    shown = "".join(traceback.format_exception(found.value))
    assert "test_exceptions.py" in shown.replace(__name__, "")
