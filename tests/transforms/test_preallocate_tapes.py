"""Tapes that are stacked are arrays from the beginning; other tapes stay lists."""

from __future__ import annotations

import numpy as np
import pytest

from srcgrad.graph import verify
from srcgrad.pipeline import optimise
from srcgrad.transforms import (
    defer_accumulation,
    hoist_invariants,
    preallocate_tapes,
    remove_dead_code,
    reverse,
    simplify,
)
from tests.interpreter import interpret
from tests.transforms.programs import Program
from tests.transforms.recurrences import RECURRENCES
from tests.transforms.texts import assert_becomes, assert_stays

LOOP = """
graph f(xs: f64[n, k], e: f64[k]) {
  y, l = for each (x: f64[k] = xs) carry (h: f64[k] = e) {
    p = multiply x, h : f64[k]
    yield p collect h
  } : f64[k], list[f64[k]]
  r = stack_rows l, 3 {shape=(hole(1),), dtype=dtype('float64')} : f64[?, k]
  return y, r
}
"""


def _deferred(program: Program):
    joint = reverse(program.graph, program.wrt)
    for transform in (remove_dead_code, simplify, hoist_invariants, defer_accumulation):
        joint = transform(joint)
    return remove_dead_code(joint)


@pytest.mark.parametrize("program", RECURRENCES, ids=lambda p: p.title)
def test_preallocating_changes_no_bit(program: Program):
    plain = _deferred(program)
    arrays = verify(preallocate_tapes(plain))
    for before, after in zip(interpret(plain, program.point), interpret(arrays, program.point)):
        np.testing.assert_array_equal(after, before)
        assert np.asarray(after).dtype == np.asarray(before).dtype


@pytest.mark.parametrize("program", RECURRENCES, ids=lambda p: p.title)
def test_optimised_recurrences_compute_what_plain_ones_do(program: Program):
    plain = reverse(program.graph, program.wrt)
    tolerance = 1e-5 if "float32" in program.title else 1e-12
    optimised = verify(optimise(plain))
    for before, after in zip(interpret(plain, program.point), interpret(optimised, program.point)):
        assert np.shape(after) == np.shape(before)
        np.testing.assert_allclose(after, before, rtol=tolerance, atol=tolerance)


def test_a_stacked_list_becomes_an_array_that_the_loop_fills():
    assert_becomes(
        preallocate_tapes,
        LOOP,
        """
        graph f(xs: f64[n, k], e: f64[k]) {
          t = dim xs {axis=1} : int(k)
          t_1 = dim xs {axis=0} : int(n)
          t_2 = empty t_1, t {shape=(hole(0), hole(1))} : f64[n, k]
          y, h_tape_2 = for t_3: int in range(0, t_1, 1) each (x: f64[k] = xs)
              carry (h: f64[k] = e, h_tape: f64[n, k] = t_2) {
            h_tape_1 = index_set h_tape, h, t_3 {index=hole(2)} : f64[n, k]
            p = multiply x, h : f64[k]
            yield p, h_tape_1
          } : f64[k], f64[n, k]
          return y, h_tape_2
        }
        """,
    )


def test_a_list_that_is_returned_too_stays_a_list():
    assert_stays(preallocate_tapes, LOOP.replace("return y, r", "return y, r, l"))


def test_a_list_that_is_only_walked_stays_a_list():
    assert_stays(
        preallocate_tapes,
        """
        graph f(xs: f64[n, k], e: f64[k]) {
          y, l = for each (x: f64[k] = xs) carry (h: f64[k] = e) {
            p = multiply x, h : f64[k]
            yield p collect h
          } : f64[k], list[f64[k]]
          z = for reverse each (h: f64[k] = l) carry (g: f64[k] = y) {
            q = multiply g, h : f64[k]
            yield q
          } : f64[k]
          return z
        }
        """,
    )


def test_a_loop_that_may_stop_early_fills_a_list():
    assert_stays(
        preallocate_tapes,
        LOOP.replace(
            "yield p collect h", "t = sum p : f64[] c = less t, 1.0 : bool yield p collect h stop c"
        ),
    )
