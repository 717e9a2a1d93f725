from __future__ import annotations

from srcgrad.transforms import simplify_branches
from tests.transforms.texts import assert_becomes, assert_stays


def test_a_branch_on_a_literal_is_the_side_taken():
    assert_becomes(
        simplify_branches,
        """
        graph f(x: float) {
          y = if False {
            yield x
          } else {
            a = multiply x, x : float
            yield a
          } : float
          z = add y, 1.0 : float
          return z
        }
        """,
        """
        graph f(x: float) {
          a = multiply x, x : float
          z = add a, 1.0 : float
          return z
        }
        """,
    )


def test_a_result_that_is_the_same_on_both_sides_needs_no_branch():
    assert_becomes(
        simplify_branches,
        """
        graph f(x: float, c: bool) {
          y, z = if c {
            a = multiply x, x : float
            yield x, a
          } else {
            yield x, x
          } : float, float
          w = add y, z : float
          return w
        }
        """,
        """
        graph f(x: float, c: bool) {
          y, z = if c {
            a = multiply x, x : float
            yield x, a
          } else {
            yield x, x
          } : float, float
          w = add x, z : float
          return w
        }
        """,
    )


def test_results_that_differ_stay():
    assert_stays(
        simplify_branches,
        """
        graph f(x: float, c: bool) {
          y = if c {
            yield 0.0
          } else {
            yield -0.0
          } : float
          return y
        }
        """,
    )


def test_a_branch_on_a_flag_is_one_on_the_condition_that_sets_it():
    assert_becomes(
        simplify_branches,
        """
        graph f(x: float, c: bool) {
          y, flag, opposite = if c {
            a = multiply x, x : float
            yield a, True, False
          } else {
            yield x, False, True
          } : float, bool, bool
          z = if flag {
            yield y
          } else {
            yield 1.0
          } : float
          w = if opposite {
            yield z
          } else {
            yield 2.0
          } : float
          return w
        }
        """,
        """
        graph f(x: float, c: bool) {
          y, flag, opposite = if c {
            a = multiply x, x : float
            yield a, True, False
          } else {
            yield x, False, True
          } : float, bool, bool
          z = if c {
            yield y
          } else {
            yield 1.0
          } : float
          w = if c {
            yield 2.0
          } else {
            yield z
          } : float
          return w
        }
        """,
    )
