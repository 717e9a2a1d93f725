from __future__ import annotations

from srcgrad.transforms import simplify_loops
from tests.transforms.texts import assert_becomes, assert_stays


def test_a_carried_value_that_never_changes_is_its_initial_value():
    assert_becomes(
        simplify_loops,
        """
        graph f(x: float, n: int) {
          y, z = for i: int in range(0, n, 1) carry (a: float = x, b: float = 1.0) {
            p = multiply b, a : float
            yield a, p
          } : float, float
          w = add y, z : float
          return w
        }
        """,
        """
        graph f(x: float, n: int) {
          z = for i: int in range(0, n, 1) carry (b: float = 1.0) {
            p = multiply b, x : float
            yield p
          } : float
          w = add x, z : float
          return w
        }
        """,
    )


def test_the_condition_of_a_while_loop_reads_the_initial_value_too():
    assert_becomes(
        simplify_loops,
        """
        graph f(x: float, n: int) {
          m, z = while carry (k: int = n, b: float = x) {
            t = less b, k : bool
            test t
            do
            p = multiply b, 2.0 : float
            yield k, p
          } : int, float
          return z
        }
        """,
        """
        graph f(x: float, n: int) {
          z = while carry (b: float = x) {
            t = less b, n : bool
            test t
            do
            p = multiply b, 2.0 : float
            yield p
          } : float
          return z
        }
        """,
    )


def test_a_value_is_collected_once():
    assert_becomes(
        simplify_loops,
        """
        graph f(xs: f64[n]) {
          p, q = for each (x: f64[] = xs) {
            e = exp x : f64[]
            yield collect e, e
          } : list[f64[]], list[f64[]]
          return p, q
        }
        """,
        """
        graph f(xs: f64[n]) {
          p = for each (x: f64[] = xs) {
            e = exp x : f64[]
            yield collect e
          } : list[f64[]]
          return p, p
        }
        """,
    )


def test_carried_values_that_change_places_stay():
    assert_stays(
        simplify_loops,
        """
        graph f(x: float, n: int) {
          y, z = for i: int in range(0, n, 1) carry (a: float = x, b: float = 1.0) {
            yield b, a
          } : float, float
          return y, z
        }
        """,
    )


SEED = """
        graph f(x: f64[n], n: int, d: f64[n]) {{
          s, e = for i: int in range(0, n, 1) carry (g: f64[] = 1.0, a: f64[n] = d) {{
            t = getitem x, i {{index=hole(1)}} : f64[]
            {step}
            b = index_add a, u, i {{index=hole(2)}} : f64[n]
            yield g, b
          }} : f64[], f64[n]
          return e
        }}
"""


def test_a_seed_that_never_changes_is_a_plain_number_in_derived_loops():
    assert_becomes(
        simplify_loops,
        SEED.format(step="u = multiply g, t : f64[]"),
        """
        graph f(x: f64[n], n: int, d: f64[n]) {
          e = for i: int in range(0, n, 1) carry (a: f64[n] = d) {
            t = getitem x, i {index=hole(1)} : f64[]
            u = multiply 1.0, t : f64[]
            b = index_add a, u, i {index=hole(2)} : f64[n]
            yield b
          } : f64[n]
          return e
        }
        """,
        derived=True,
    )


def test_a_seed_that_python_would_divide_stays_a_numpy_number():
    assert_stays(simplify_loops, SEED.format(step="u = divide g, 2.0 : f64[]"), derived=True)


def test_a_loop_over_a_list_of_one_thing_reads_the_thing():
    assert_becomes(
        simplify_loops,
        """
        graph f(x: float, w: list[float]) {
          l = repeat_list x, w : list[float]
          y = for each (v: float = w, g: float = l) carry (s: float = 0.0) {
            p = multiply g, v : float
            t = add s, p : float
            yield t
          } : float
          return y
        }
        """,
        """
        graph f(x: float, w: list[float]) {
          l = repeat_list x, w : list[float]
          y = for each (v: float = w) carry (s: float = 0.0) {
            p = multiply x, v : float
            t = add s, p : float
            yield t
          } : float
          return y
        }
        """,
    )


def test_a_list_of_one_thing_that_decides_how_often_a_loop_runs_is_still_walked():
    assert_becomes(
        simplify_loops,
        """
        graph f(x: float, w: list[float], u: list[float]) {
          l = repeat_list x, w : list[float]
          y = for each (v: float = u, g: float = l) carry (s: float = 0.0) {
            p = multiply g, v : float
            t = add s, p : float
            yield t
          } : float
          return y
        }
        """,
        """
        graph f(x: float, w: list[float], u: list[float]) {
          l = repeat_list x, w : list[float]
          y = for each (v: float = u, g: float = l) carry (s: float = 0.0) {
            p = multiply x, v : float
            t = add s, p : float
            yield t
          } : float
          return y
        }
        """,
    )
