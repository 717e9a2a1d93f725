"""Zero cotangents at singular points: nothing invalid leaks out of an arm that was not taken."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from srcgrad.graph import ArrayType, Assumptions, Builder, Graph, Value, definitions, walk
from srcgrad.rules import Symbol, as_value, call
from srcgrad.rules.masking import (
    divide_or_zero,
    divide_where,
    divide_where_nonzero,
    ieee_divide,
    is_never_zero,
    vanishes_flatly,
)
from srcgrad.transforms import reverse
from tests.interpreter import interpret
from tests.rules.rows import Row, check, normal, row, uniform

INFINITY, NAN = np.inf, np.nan

ROWS = [
    row("divide_where_nonzero", normal(3), uniform(1, 2, 3)),
    row("divide_where_nonzero", normal(3, 2), 0.7),
    row("divide_where_nonzero", 0.3, 0.7),
    row("divide_or_zero", normal(3, 1), normal(2, seed=1)),
    row("divide_or_zero", 0.3, 0.7),
    row("share", uniform(0.2, 0.9, 3), uniform(1, 2, 3)),
    row("divide_where", normal(3), uniform(1, 2, 3), np.array([True, False, True])),
    row("ieee_divide", 0.3, 0.7),
    row("if_else", True, 0.3, 0.7),
    row("power_slope", 0.3, 0.7),
    row("power_slope", 0.3, 3),
]


@pytest.mark.parametrize("case", ROWS, ids=str)
def test_rules_agree_with_their_functions_and_with_differences(case: Row) -> None:
    check(case)


def traced(function, *arrays) -> Graph:
    builder = Builder(Assumptions())
    inputs = tuple(
        Value(ArrayType(np.asarray(a).dtype, np.shape(a)), f"x{k}") for k, a in enumerate(arrays)
    )
    result = function(*(Symbol(builder, value) for value in inputs))
    return Graph("f", inputs, tuple(builder.nodes), (as_value(result),), builder.assumptions)


def gradient(function, *arrays):
    arrays = [np.asarray(a, float) for a in arrays]
    joint = reverse(traced(function, *arrays), range(len(arrays)))
    with np.errstate(all="ignore"):
        _, *found = interpret(joint, arrays)
    return found[0] if len(found) == 1 else found


def operations(function, *arrays) -> set[str]:
    joint = reverse(traced(function, *(np.asarray(a, float) for a in arrays)), [0])
    return {node.operation for node in walk(joint.nodes)}


MASKED = [
    # a function, an argument, its gradient
    (lambda x: np.sum(np.where(x > 0, np.sqrt(x), 0.0)), [0, 4, -1], [0, 0.25, 0]),
    (lambda x: np.sum(np.where(x > 0, np.log(x), 0.0)), [0, 4, -1], [0, 0.25, 0]),
    (lambda x: np.sum(np.where(x == 0, 1.0, np.sin(x) / x)), [0.0], [0.0]),
    (lambda x: np.sum(np.where(x > 0, x * np.log(x), 0.0)), [0, 1], [0, 1]),
    (lambda x: np.sum(np.where(x > 0, 1.0 / x, x)), [0, 2], [1, -0.25]),
    (lambda x: np.sum(np.where(x > 0, x**0.5, 0.0)), [0, 4], [0, 0.25]),
    (lambda x: np.sum(np.where(x > 0, x**-1, 0.0)), [0, 2], [0, -0.25]),
    (lambda x: np.sum(np.where(x <= 0, np.exp(x), 1 + x)), [1000, 0], [1, 1]),
    (lambda x: np.sum(np.where(abs(x) < 1, np.arcsin(x), 0.0)), [1, 0], [0, 1]),
    (lambda x: np.sum(np.where(np.isnan(x), 0.0, x * x)), [NAN, 3], [0, 6]),
    (lambda x: np.sum(np.where(np.isnan(x), 0.0, np.tanh(x * x) * 2)), [NAN, 0], [0, 0]),
    (lambda x: np.sum(np.where(np.isnan(x), 0.0, np.sin(x) * np.cos(x))), [NAN, 0], [0, 1]),
    (lambda x: np.sum(np.where(x > 0, np.sqrt(x) * 3.0, 0.0) + x), [0, 4], [1, 1.75]),
    (lambda x: np.sum(np.where(x > 0, -np.sqrt(x), 0.0)), [0, 4], [0, -0.25]),
    (lambda x: np.sum(np.sqrt(x)[1:]), [0, 4], [0, 0.25]),
    (lambda x: np.sum(np.minimum(np.exp(x), 2.0)), [1000, 0], [0, 1]),
    (lambda x: np.sum(np.maximum(np.log(x), 0.0)), [0, 2], [0, 0.5]),
    (lambda x: np.sum(np.clip(np.exp(x), 0.5, 2.0)), [1000, 0], [0, 1]),
    (lambda x: np.sum(x * np.sqrt(x)), [0, 4], [0, 3]),
    (lambda x: np.sum(x * x**0.25), [0, 1], [0, 1.25]),
    (lambda x: np.sum(x * np.cbrt(x)), [0, 1], [0, 4 / 3]),
    (lambda x: np.sqrt(np.sum(x * x)), [0, 0], [0, 0]),
    (lambda x: np.sqrt(np.sum(x**2)), [3, 4], [0.6, 0.8]),
    (lambda x: np.sum(np.sqrt(x * x)), [0, -2], [0, -1]),
    (lambda x: np.sum(x**2) ** 0.5, [0, 0], [0, 0]),
    (lambda x: np.sqrt(np.var(x)), [2, 2], [0, 0]),
    (lambda x: np.sum(np.sqrt(x)), [0, 4], [INFINITY, 0.25]),
]


@pytest.mark.parametrize(("function", "x", "expected"), MASKED)
def test_gradients_are_finite_wherever_a_finite_subgradient_exists(function, x, expected) -> None:
    np.testing.assert_allclose(gradient(function, x), expected, rtol=1e-14)


def test_both_arguments_of_a_masked_quotient_are_masked() -> None:
    d_a, d_b = gradient(lambda a, b: np.sum(np.where(b > 0, a / b, 0.0)), [1, 1], [0, 2])
    np.testing.assert_array_equal(d_a, [0, 0.5])
    np.testing.assert_array_equal(d_b, [0, -0.25])


def test_second_derivatives_stay_finite_in_the_arm_not_taken() -> None:
    def f(x):
        return np.sum(np.where(x > 0, np.sqrt(x), 0.0))

    x = np.array([0.0, 4.0])
    first = reverse(traced(f, x), [0])
    second = reverse(first, [0], outputs=[1])
    with np.errstate(all="ignore"):
        *_, hessian_of_sum = interpret(second, [x])
    np.testing.assert_allclose(hessian_of_sum, [0, -1 / 32])


PLAIN = [
    (lambda x: np.sum(np.log(x)), {"divide"}),
    (lambda x: np.sum(np.sqrt(x)), {"divide"}),
    (lambda x: np.sum(np.maximum(x * 2.0, 0.0) * 3.0), set()),
    (lambda x: np.sum(np.where(x > 0, x / 3.0, -1e9)), {"divide", "where"}),
    (lambda x: np.sum(np.maximum(x * x[::-1], x)), {"where"}),
    (lambda x: np.sum(np.hypot(x, 2.0)), {"divide"}),
    (lambda x: np.sum(np.maximum((x - x.sum()) / np.sqrt(x * x + 1e-5), 0.0)), {"divide"}),
]


@pytest.mark.parametrize(("function", "expected"), PLAIN)
def test_code_without_masked_singularities_stays_plain(function, expected) -> None:
    found = operations(function, [1.0, 2.0])
    guarded = {"divide", "where", "divide_where", "divide_where_nonzero", "divide_or_zero"}
    assert found & guarded == expected


def test_a_chain_in_one_arm_is_masked_once_at_its_end() -> None:
    joint = reverse(traced(lambda x: np.sum(np.where(x > 0, np.exp(np.sin(x)), 0.0)), [1.0]), [0])
    read = {operand for node in walk(joint.nodes) for operand in node.operands}
    derived = [node for node in joint.nodes if node.phase and node.operation == "where"]
    last = definitions(joint.nodes)[joint.results[1]]
    assert last.operation == "where"
    assert not any(node.result in read for node in derived)


def test_guarded_divisions_warn_of_nothing() -> None:
    zero = np.zeros(2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_array_equal(divide_where_nonzero(zero, zero), [0, 0])
        np.testing.assert_array_equal(divide_or_zero(np.ones(2), zero), [0, 0])
        np.testing.assert_array_equal(divide_where(1.0, zero, np.array([False, False])), [0, 0])


def test_divisions_of_python_numbers_do_not_raise() -> None:
    assert ieee_divide(-1.0, 0.0) == -INFINITY
    assert divide_where_nonzero(1.0, 0.0) == INFINITY
    assert divide_where_nonzero(0.0, 0.0) == 0.0
    assert divide_or_zero(1.0, 0.0) == 0.0
    assert type(divide_or_zero(1.0, 0.0)) is float


def test_guarded_divisions_keep_single_precision() -> None:
    one = np.ones(2, np.float32)
    for function in (divide_or_zero, divide_where_nonzero):
        assert function(one, one).dtype == np.float32
        assert function(one, 2.0).dtype == np.float32
        assert function(1.0, one).dtype == np.float32


@pytest.mark.parametrize(
    ("function", "never_zero", "flat"),
    [
        (lambda x: x * x + 1.0, True, False),
        (lambda x: np.sqrt(np.var(x) + 1e-5), True, False),
        (lambda x: 1.0 + np.exp(x), True, False),
        (lambda x: np.exp(x), False, False),
        (lambda x: x + 1.0, False, False),
        (lambda x: np.sum(x * x) / 2.0, False, True),
        (lambda x: np.mean(np.square(x)) + np.sum(x**4), False, True),
        (lambda x: abs(x), False, False),
        (lambda x: x * x - 1.0, False, False),
        (lambda x: np.sum(x**3), False, False),
        (lambda x: x * x * x, False, False),
    ],
)
def test_values_that_are_never_zero_or_vanish_flatly_are_known(function, never_zero, flat) -> None:
    builder = Builder(Assumptions())
    x = Symbol(builder, Value(ArrayType(np.dtype(float), (3,)), "x"))
    result = function(x)
    assert is_never_zero(result) is never_zero
    assert vanishes_flatly(result) is flat


def test_sizes_are_positive() -> None:
    builder = Builder(Assumptions())
    x = Symbol(builder, Value(ArrayType(np.dtype(float), (None,)), "x"))
    assert is_never_zero(call(np.sqrt, x.shape[0]))
