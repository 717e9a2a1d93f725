from __future__ import annotations

from srcgrad.transforms import eliminate_common_subexpressions
from tests.transforms.texts import assert_becomes, assert_stays


def test_an_expression_is_computed_once():
    assert_becomes(
        eliminate_common_subexpressions,
        """
        graph f(x: f64[n], y: f64[n]) {
          a = multiply x, y : f64[n]
          b = multiply y, x : f64[n]
          c = subtract a, b : f64[n]
          return c
        }
        """,
        """
        graph f(x: f64[n], y: f64[n]) {
          a = multiply x, y : f64[n]
          c = subtract a, a : f64[n]
          return c
        }
        """,
    )


def test_an_expression_inside_a_branch_reads_the_one_before_it():
    assert_becomes(
        eliminate_common_subexpressions,
        """
        graph f(x: float, c: bool) {
          a = multiply x, x : float
          y = if c {
            b = multiply x, x : float
            yield b
          } else {
            yield x
          } : float
          z = add y, a : float
          return z
        }
        """,
        """
        graph f(x: float, c: bool) {
          a = multiply x, x : float
          y = if c {
            yield a
          } else {
            yield x
          } : float
          z = add y, a : float
          return z
        }
        """,
    )


def test_expressions_on_two_sides_of_a_branch_stay():
    assert_stays(
        eliminate_common_subexpressions,
        """
        graph f(x: float, c: bool) {
          y = if c {
            a = multiply x, x : float
            yield a
          } else {
            b = multiply x, x : float
            yield b
          } : float
          z = multiply x, x : float
          w = add y, z : float
          return w
        }
        """,
    )


def test_operands_of_a_difference_keep_their_order():
    assert_stays(
        eliminate_common_subexpressions,
        """
        graph f(x: f64[n], y: f64[n]) {
          a = subtract x, y : f64[n]
          b = subtract y, x : f64[n]
          c = multiply a, b : f64[n]
          return c
        }
        """,
    )


def test_zero_and_minus_zero_are_two_numbers():
    assert_stays(
        eliminate_common_subexpressions,
        """
        graph f(x: float) {
          a = multiply x, 0.0 : float
          b = multiply x, -0.0 : float
          c = subtract a, b : float
          return c
        }
        """,
    )


def test_two_arrays_of_zeros_stay_two_arrays():
    assert_stays(
        eliminate_common_subexpressions,
        """
        graph f(x: float) {
          a = zeros {shape=3} : f64[3]
          b = zeros {shape=3} : f64[3]
          return a, b
        }
        """,
    )


def test_two_results_of_the_function_stay_two_arrays():
    assert_stays(
        eliminate_common_subexpressions,
        """
        graph f(x: f64[n]) {
          a = exp x : f64[n]
          b = exp x : f64[n]
          return a, b
        }
        """,
    )


def test_an_array_that_is_stored_into_has_memory_of_its_own():
    assert_stays(
        eliminate_common_subexpressions,
        """
        graph f(n: int, v: float) {
          a = zeros n {shape=hole(0)} : f64[?]
          b = zeros n {shape=hole(0)} : f64[?]
          a_1 = index_set a, v {index=0} : f64[?]
          b_1 = index_set b, v {index=0} : f64[?]
          c = add a_1, b_1 : f64[?]
          return c
        }
        """,
    )


def test_views_of_an_array_that_is_stored_into_are_merged():
    assert_becomes(
        eliminate_common_subexpressions,
        """
        graph f(x: f64[n, n]) {
          a = copy x : f64[n, n]
          b = index_set a, 0.0 {index=0} : f64[n, n]
          c = transpose b : f64[n, n]
          d = transpose b : f64[n, n]
          e = add c, d : f64[n, n]
          return e
        }
        """,
        """
        graph f(x: f64[n, n]) {
          a = copy x : f64[n, n]
          b = index_set a, 0.0 {index=0} : f64[n, n]
          c = transpose b : f64[n, n]
          e = add c, c : f64[n, n]
          return e
        }
        """,
    )
