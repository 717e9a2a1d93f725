from __future__ import annotations

from srcgrad.transforms import hoist_invariants
from tests.transforms.texts import assert_becomes, assert_stays

LOOP = """
graph f(w: f64[k, k], xs: f64[n, k]) {
  y = for each (x: f64[k] = xs) carry (h: f64[k] = 0.0) {
    t = transpose w : f64[k, k]
    p = matmul t, x : f64[k]
    q = add h, p : f64[k]
    yield q
  } : f64[k]
  return y
}
"""


def test_what_is_the_same_in_every_iteration_is_computed_before_the_loop():
    assert_becomes(
        hoist_invariants,
        LOOP,
        """
        graph f(w: f64[k, k], xs: f64[n, k]) {
          t = transpose w : f64[k, k]
          y = for each (x: f64[k] = xs) carry (h: f64[k] = 0.0) {
            p = matmul t, x : f64[k]
            q = add h, p : f64[k]
            yield q
          } : f64[k]
          return y
        }
        """,
        derived=True,
    )


def test_the_loops_of_the_user_stay_as_they_are():
    assert_stays(hoist_invariants, LOOP)


def test_a_division_of_numbers_stays_in_a_loop_that_may_not_run():
    assert_stays(
        hoist_invariants,
        """
        graph f(a: float, xs: f64[n]) {
          y = for each (x: f64[] = xs) carry (h: f64[] = 0.0) {
            t = divide 1.0, a : float
            p = add h, t : f64[]
            yield p
          } : f64[]
          return y
        }
        """,
        derived=True,
    )
