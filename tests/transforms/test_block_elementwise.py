"""Chains of elementwise functions run block by block on large arrays, and only there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import srcgrad
from srcgrad.api.differentiated import Differentiated
from srcgrad.request import Request
from srcgrad.transforms import block_elementwise
from tests.benchmarks.memory import peak
from tests.differences import leaves
from tests.transforms.blocks import REMARK, tiny_blocks
from tests.transforms.texts import assert_becomes, assert_stays

N = 50_001
X = np.linspace(0.1, 2.0, N)

CHAIN = """
graph f(x: f64[SIZE]) {
  a = exp x : f64[SIZE]
  b = add a, 1.0 : f64[SIZE]
  c = log b : f64[SIZE]
  y = multiply c, x : f64[SIZE]
  return y
}
"""


def test_a_chain_becomes_a_loop_over_blocks():
    assert_becomes(
        block_elementwise,
        CHAIN.replace("SIZE", "40000"),
        """
graph f(x: f64[40000]) {
  t = empty_like x : f64[40000]
  y_2 = for start: int in range(0, 40000, 8192) carry (y: f64[40000] = t) {
    stop = add start, 8192 : int
    x_part = getitem x, start, stop {index=slice(hole(1), hole(2), None)} : f64[part]
    a = exp x_part : f64[part]
    b = add a, 1.0 : f64[part]
    c = log b : f64[part]
    y_part = multiply c, x_part : f64[part]
    y_1 = index_set y, y_part, start, stop {index=slice(hole(2), hole(3), None)} : f64[40000]
    yield y_1
  } : f64[40000]
  return y_2
}
""",
    )


@pytest.mark.parametrize("size", ["30000", "n", "?"])
def test_small_arrays_and_those_of_unknown_size_stay_whole(size: str):
    assert_stays(block_elementwise, CHAIN.replace("SIZE", size))


def test_a_short_chain_stays():
    text = CHAIN.replace("SIZE", "40000").replace("  c = log b : f64[40000]\n", "")
    assert_stays(block_elementwise, text.replace("multiply c", "multiply b"))


def test_long_rows_stay():
    assert_stays(block_elementwise, CHAIN.replace("SIZE", "40, 4000"))


def test_a_chain_ends_at_a_store():
    """Else what reads before the store would read after it."""
    assert_stays(
        block_elementwise,
        """
graph f(x: f64[40000], v: f64[40000]) {
  a = exp x : f64[40000]
  b = add a, v : f64[40000]
  s = index_set v, 1.0 {index=0} : f64[40000]
  c = log b : f64[40000]
  y = multiply c, s : f64[40000]
  return y
}
""",
    )


# What the user sees


def damped(x, rate):
    wave = np.exp(-rate * x) * np.sin(x)
    return np.sum(wave * wave / (1 + wave))


def two_shifts(x, y):
    u = np.tanh(x[1:] - y[:-1])
    v = np.sqrt(1 + u * u) * np.exp(-u)
    return np.sum(v[::2]) * np.max(v)


def normalised(x):
    e = np.exp(x - np.max(x))
    p = e / np.sum(e)
    return -np.sum(p * np.log(p + 1e-30) * np.tanh(x))


def on_rows(x, b, s):
    h = np.tanh(x + b) * s[:, None]
    return np.sum(h**2 / (1 + h**2))


def stored_before(x, y):
    y = y.copy()
    y[::3] = np.exp(x[::3])
    z = np.sin(x) * y + np.log(y) * x
    return np.sum(z * z)


def in_a_loop(x, steps):
    for k in range(steps):
        x = x + 0.01 * np.sin(x * k) * np.exp(-x * x) / (1 + x)
    return np.sum(x)


PROGRAMS = [
    (damped, (X, 1.5), (0, 1)),
    (damped, (X.astype(np.float32), 1.5), (0, 1)),
    (damped, (np.repeat(X, 2)[::2], np.float64(1.5)), (0, 1)),
    (two_shifts, (X, X[::-1]), (0, 1)),
    (normalised, (X,), (0,)),
    (on_rows, (X[:50_000].reshape(-1, 4), np.arange(4.0), X[:12_500]), (0, 1, 2)),
    (on_rows, (np.asfortranarray(X[:50_000].reshape(-1, 4)), np.ones(4), X[:12_500]), (0, 1, 2)),
    (stored_before, (X, X * X), (0, 1)),
    (in_a_loop, (X, 3), (0,)),
]


def of(function: Callable[..., Any], wrt: tuple[int, ...], *without: str) -> Differentiated:
    return Differentiated(function, Request("grad", wrt, value=True, without=frozenset(without)))


@pytest.mark.parametrize(("function", "arguments", "wrt"), PROGRAMS, ids=lambda p: str(p)[:20])
def test_blocks_change_no_value_and_gradients_by_rounding_only(
    function: Callable[..., Any], arguments: tuple[Any, ...], wrt: tuple[int, ...]
):
    in_blocks, whole = of(function, wrt), of(function, wrt, "block_elementwise")
    value, gradient = in_blocks(*arguments)
    expected, expected_gradient = whole(*arguments)
    assert np.asarray(value).tobytes() == np.asarray(expected).tobytes()
    tolerance = 100 * np.finfo(arguments[0].dtype).eps
    for ours, theirs in zip(leaves(gradient), leaves(expected_gradient), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance)
    assert REMARK not in whole.lower(*arguments).source


@pytest.mark.parametrize(("function", "arguments"), [(damped, (X, 1.5)), (in_a_loop, (X, 3))])
def test_what_runs_in_blocks_says_so(function: Callable[..., Any], arguments: tuple[Any, ...]):
    assert REMARK in srcgrad.grad(function).lower(*arguments).source


def test_small_and_large_arrays_each_get_their_own_code():
    gradient = srcgrad.grad(damped)
    for x in (X[:100], X, X[:200], X[:40_000]):
        gradient(x, 1.5)
        assert (REMARK in gradient.source) == (len(x) > 30_000)
    assert len(gradient.specializations) == 2


def long_chain(x):
    y = x * x + 1.0
    z = np.sqrt(y) * 0.5
    w = np.exp(-z) + y
    v = np.log(w) * z
    return np.sum(np.tanh(v) * z)


def test_a_chain_takes_little_more_memory_than_its_result():
    x = np.linspace(0.1, 2.0, 1_000_000)
    gradient = srcgrad.grad(long_chain)
    gradient(x)
    assert peak(gradient, x) < 1.3 * x.nbytes


def test_pullbacks_run_in_blocks_too():
    _, pullback = srcgrad.vjp(damped, X, 1.5)
    _, expected = of(damped, (0, 1), "block_elementwise")(X, 1.5)
    np.testing.assert_allclose(pullback(1.0)[0], expected[0], rtol=1e-12)


def test_tiny_blocks_make_loops_of_small_programs():
    with tiny_blocks():
        assert REMARK in srcgrad.grad(damped).lower(X[:5], 1.5).source
