from __future__ import annotations

from srcgrad.transforms import defer_conversions, remove_dead_code
from tests.transforms.texts import assert_becomes, assert_stays


def test_a_sum_of_array_elements_is_converted_after_the_loop():
    assert_becomes(
        lambda graph: remove_dead_code(defer_conversions(graph)),
        """
        graph f(xs: f64[n]) {
          d = for each (x: f64[] = xs) carry (c: float = 0.0) {
            t = builtins.float x : float
            u = add c, t : float
            yield u
          } : float
          return d
        }
        """,
        """
        graph f(xs: f64[n]) {
          d = for each (x: f64[] = xs) carry (c: f64[] = 0.0) {
            u = add c, x : f64[]
            yield u
          } : f64[]
          d_1 = builtins.float d : float
          return d_1
        }
        """,
        derived=True,
    )


def test_a_sum_of_float32_elements_keeps_its_precision():
    assert_stays(
        defer_conversions,
        """
        graph f(xs: f32[n]) {
          d = for each (x: f32[] = xs) carry (c: float = 0.0) {
            t = builtins.float x : float
            u = add c, t : float
            yield u
          } : float
          return d
        }
        """,
        derived=True,
    )


def test_a_number_that_is_read_in_the_loop_stays_a_number():
    assert_stays(
        defer_conversions,
        """
        graph f(xs: f64[n]) {
          d = for each (x: f64[] = xs) carry (c: float = 0.0) {
            t = builtins.float x : float
            e = math.exp c : float
            v = add c, t : float
            u = multiply v, e : float
            yield u
          } : float
          return d
        }
        """,
        derived=True,
    )
