from __future__ import annotations

from srcgrad.analyses import activity
from srcgrad.graph import Graph, parse_graph, walk


def _active_names(text: str, wrt: tuple[int, ...] = (0,)) -> set[str]:
    graph: Graph = parse_graph(text)
    found = activity(graph, [graph.inputs[k] for k in wrt], [graph.results[0]])
    values = list(graph.inputs)
    for node in walk(graph.nodes):
        values += node.results
        values += [value for region in node.regions for value in region.parameters]
    return {value.name for value in values if found.is_active(value) and value.name}


def test_active_is_what_depends_on_wrt_and_reaches_the_result():
    names = _active_names(
        """
        graph f(x: float, y: float) {
          a = multiply x, y : float
          b = multiply y, y : float
          c = multiply x, x : float
          d = add a, b : float
          return d
        }
        """
    )
    assert names == {"x", "a", "d"}


def test_functions_without_a_derivative_stop_activity():
    names = _active_names(
        """
        graph f(x: f64[n]) {
          a = floor_divide x, 2.0 : f64[n]
          b = multiply a, 3.0 : f64[n]
          return b
        }
        """
    )
    assert names == set()


def test_integer_arrays_and_bools_carry_no_derivative():
    names = _active_names(
        """
        graph f(x: f64[n]) {
          a = cast x {dtype=dtype('int64')} : i64[n]
          b = multiply a, 3.0 : f64[n]
          return b
        }
        """
    )
    assert names == set()


def test_indices_and_shapes_carry_no_derivative():
    names = _active_names(
        """
        graph f(x: f64[n], i: int) {
          a = getitem x, i {index=hole(1)} : f64[]
          b = broadcast_like a, x : f64[n]
          return b
        }
        """,
        (0, 1),
    )
    assert names == {"x", "a", "b"}


def test_conditions_carry_no_derivative_and_both_sides_count():
    names = _active_names(
        """
        graph f(x: float, y: float, c: bool) {
          r = if c {
            a = multiply x, 2.0 : float
            yield a
          } else {
            b = multiply y, 2.0 : float
            yield b
          } : float
          return r
        }
        """
    )
    assert names == {"x", "a", "r"}


def test_activity_goes_round_a_loop_until_nothing_changes():
    names = _active_names(
        """
        graph f(x: float, n: int) {
          p, q, r = for i: int in range(0, n, 1)
                    carry (a: float = 0.0, b: float = 0.0, c: float = 0.0) {
            s = add b, a : float
            yield s, c, x
          } : float, float, float
          return p
        }
        """
    )
    assert names == {"x", "a", "b", "c", "s", "p"}


def test_a_carried_value_that_reaches_no_result_is_not_active():
    names = _active_names(
        """
        graph f(x: float, n: int) {
          p, q = for i: int in range(0, n, 1) carry (a: float = x, b: float = x) {
            s = multiply a, 2.0 : float
            t = multiply b, a : float
            yield s, t
          } : float, float
          return p
        }
        """
    )
    assert names == {"x", "a", "s", "p"}


def test_items_and_lists_of_a_loop_carry_derivatives():
    names = _active_names(
        """
        graph f(xs: f64[n]) {
          tape = for each (x: f64[] = xs) {
            y = exp x : f64[]
            yield collect y
          } : list[f64[]]
          s = for each (z: f64[] = tape) carry (t: f64[] = 0.0) {
            u = add t, z : f64[]
            yield u
          } : f64[]
          return s
        }
        """
    )
    assert names == {"xs", "x", "y", "tape", "z", "t", "u", "s"}
