from __future__ import annotations

from srcgrad.transforms import remove_dead_code
from tests.transforms.texts import assert_becomes, assert_stays


def test_a_node_that_nobody_reads_goes():
    assert_becomes(
        remove_dead_code,
        """
        graph f(x: f64[n]) {
          t = exp x : f64[n]
          u = sin t : f64[n]
          y = sin x : f64[n]
          return y
        }
        """,
        """
        graph f(x: f64[n]) {
          y = sin x : f64[n]
          return y
        }
        """,
    )


def test_a_node_with_an_effect_stays():
    assert_stays(
        remove_dead_code,
        """
        graph f(x: f64[n]) {
          t = assert True {effect=True} : object
          return x
        }
        """,
    )


def test_a_branch_with_an_effect_inside_stays():
    assert_stays(
        remove_dead_code,
        """
        graph f(x: f64[n], c: bool) {
          if c {
            t = assert True {effect=True} : object
            yield
          } else {
            yield
          }
          return x
        }
        """,
    )


def test_results_of_branches_that_nobody_reads_go():
    assert_becomes(
        remove_dead_code,
        """
        graph f(x: float, c: bool) {
          y, z = if c {
            a = multiply x, 2.0 : float
            b = multiply x, 3.0 : float
            yield a, b
          } else {
            yield x, x
          } : float, float
          return z
        }
        """,
        """
        graph f(x: float, c: bool) {
          z = if c {
            b = multiply x, 3.0 : float
            yield b
          } else {
            yield x
          } : float
          return z
        }
        """,
    )


def test_a_carried_value_that_feeds_only_itself_goes():
    assert_becomes(
        remove_dead_code,
        """
        graph f(x: float, n: int) {
          y, z = for i: int in range(0, n, 1) carry (a: float = x, b: float = x) {
            p = multiply a, 2.0 : float
            q = multiply b, a : float
            yield p, q
          } : float, float
          return y
        }
        """,
        """
        graph f(x: float, n: int) {
          y = for i: int in range(0, n, 1) carry (a: float = x) {
            p = multiply a, 2.0 : float
            yield p
          } : float
          return y
        }
        """,
    )


def test_a_carried_value_that_feeds_another_stays():
    assert_stays(
        remove_dead_code,
        """
        graph f(x: float, n: int) {
          y, z = for i: int in range(0, n, 1) carry (a: float = x, b: float = x) {
            p = multiply a, b : float
            q = multiply b, 2.0 : float
            yield p, q
          } : float, float
          return y
        }
        """,
    )


def test_a_carried_value_read_by_the_condition_stays():
    assert_stays(
        remove_dead_code,
        """
        graph f(x: float, n: int) {
          y, m = while carry (a: float = x, i: int = 0) {
            k = less i, n : bool
            test k
            do
            p = multiply a, 2.0 : float
            j = add i, 1 : int
            yield p, j
          } : float, int
          return y
        }
        """,
    )


def test_collected_lists_that_nobody_reads_go():
    assert_becomes(
        remove_dead_code,
        """
        graph f(xs: f64[n]) {
          y, tape = for each (x: f64[] = xs) carry (a: f64[] = 0.0) {
            p = add a, x : f64[]
            e = exp p : f64[]
            yield p collect e
          } : f64[], list[f64[]]
          return y
        }
        """,
        """
        graph f(xs: f64[n]) {
          y = for each (x: f64[] = xs) carry (a: f64[] = 0.0) {
            p = add a, x : f64[]
            yield p
          } : f64[]
          return y
        }
        """,
    )


def test_a_sequence_as_long_as_another_goes_when_it_is_not_read():
    assert_becomes(
        remove_dead_code,
        """
        graph f(xs: f64[n], ys: f64[n]) {
          s = for each (x: f64[] = xs, y: f64[] = ys) carry (a: f64[] = 0.0) {
            p = add a, x : f64[]
            yield p
          } : f64[]
          return s
        }
        """,
        """
        graph f(xs: f64[n], ys: f64[n]) {
          s = for each (x: f64[] = xs) carry (a: f64[] = 0.0) {
            p = add a, x : f64[]
            yield p
          } : f64[]
          return s
        }
        """,
    )


def test_a_sequence_that_may_be_the_shortest_stays():
    assert_stays(
        remove_dead_code,
        """
        graph f(xs: f64[n], ys: f64[m]) {
          s = for each (x: f64[] = xs, y: f64[] = ys) carry (a: f64[] = 0.0) {
            p = add a, x : f64[]
            yield p
          } : f64[]
          return s
        }
        """,
    )
