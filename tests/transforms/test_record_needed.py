"""What a loop keeps for its adjoint: as little as possible, and nothing that is there anyway."""

from __future__ import annotations

from srcgrad.graph import Graph, ListType, Node, parse_graph, walk
from srcgrad.transforms import remove_dead_code, reverse


def _forward_loop(text: str, wrt: tuple[int, ...] = (0,)) -> Node:
    joint: Graph = remove_dead_code(reverse(parse_graph(text), wrt))
    return next(node for node in joint.nodes if node.operation in ("for", "while"))


def _tapes(text: str, wrt: tuple[int, ...] = (0,)) -> list[str | None]:
    """The names of what the forward loop records."""
    results = _forward_loop(text, wrt).results
    return [value.name for value in results if isinstance(value.type, ListType)]


def _loop(body: str, carried: str = "h: f64[k] = w") -> str:
    return f"""
    graph f(w: f64[k], xs: f64[n, k], c: float) {{
      y = for each (x: f64[k] = xs) carry ({carried}) {{
        {body}
      }} : f64[k]
      s = sum y : f64[]
      return s
    }}
    """


def test_items_and_values_from_outside_are_read_again():
    text = _loop("p = multiply x, w : f64[k] q = multiply h, p : f64[k] yield q")
    # The adjoint reads h, which is recorded, and p, which is x * w.
    assert _tapes(text) == ["h"]


def test_a_linear_loop_records_nothing():
    assert _tapes(_loop("p = multiply h, c : f64[k] q = add p, x : f64[k] yield q")) == []


def test_the_result_of_an_expensive_function_is_recorded():
    text = _loop("p = multiply h, x : f64[k] q = exp p : f64[k] r = add q, h : f64[k] yield r")
    assert _tapes(text) == ["q"]


def test_two_cheap_values_share_the_value_they_come_from():
    text = _loop(
        "p = add h, 1.0 : f64[k] q = subtract h, 2.0 : f64[k] r = multiply p, q : f64[k] yield r"
    )
    assert _tapes(text) == ["h"]


def test_one_tape_serves_a_state_before_and_after_an_iteration():
    text = _loop("p = multiply h, h : f64[k] q = add p, x : f64[k] u = tanh q : f64[k] yield u")
    assert _tapes(text) == ["h"]


def test_elements_of_an_array_that_is_written_are_recorded_and_not_the_array():
    text = """
    graph f(x: f64[n], c: float) {
      y = for i: int in range(1, 5, 1) carry (a: f64[n] = x) {
        p = getitem a, i {index=hole(1)} : f64[]
        q = multiply p, p : f64[]
        b = index_set a, q, i {index=hole(2)} : f64[n]
        yield b
      } : f64[n]
      s = sum y : f64[]
      return s
    }
    """
    assert _tapes(text) == ["p"]


NESTED = """
graph f(x: f64[n], m: int) {
  y = for i: int in range(1, 4, 1) carry (a: f64[n] = x) {
    z = for k: int in range(0, i, 1) carry (t: f64[] = 0.0) {
      p = getitem a, k {index=hole(1)} : f64[]
      q = multiply p, p : f64[]
      u = add t, q : f64[]
      yield u
    } : f64[]
    b = index_set a, z {index=0} : f64[n]
    yield b
  } : f64[n]
  s = sum y : f64[]
  return s
}
"""


def test_elements_read_in_an_inner_loop_are_recorded_and_not_the_array_that_the_outer_stores_into():
    (tape,) = [v for v in _forward_loop(NESTED).results if isinstance(v.type, ListType)]
    assert str(tape.type) == "list[list[f64[]]]"


def test_elements_that_no_later_iteration_overwrites_are_not_recorded():
    stored_behind = NESTED.replace("index_set a, z {index=0}", "index_set a, z, i {index=hole(2)}")
    lists = [v for v in _forward_loop(stored_behind).results if isinstance(v.type, ListType)]
    assert lists == []


def test_a_branch_records_the_element_that_it_reads_of_an_array_that_is_written():
    text = """
    graph f(x: f64[n], c: bool) {
      y = for i: int in range(1, 5, 1) carry (a: f64[n] = x) {
        b = if c {
          p = getitem a, i {index=hole(1)} : f64[]
          q = multiply p, p : f64[]
          v = index_set a, q, i {index=hole(2)} : f64[n]
          yield v
        } else {
          yield a
        } : f64[n]
        yield b
      } : f64[n]
      s = sum y : f64[]
      return s
    }
    """
    assert _tapes(text) == ["p"]


def test_a_shape_alone_is_taken_from_another_value():
    text = _loop(
        "e = exp x : f64[k] p = multiply h, e : f64[k] s1 = sum p : f64[]"
        " q = multiply h, s1 : f64[k] yield q"
    )
    # exp(x) is expensive; the sum of p is a number; the shape of p is that of the cotangent.
    assert "p" not in _tapes(text)


def test_a_branch_in_a_loop_records_for_the_side_that_needs_it():
    text = _loop(
        """
        t = sum h : f64[]
        b = greater t, 3.0 : bool
        q = if b {
          e = exp h : f64[k]
          yield e
        } else {
          yield x
        } : f64[k]
        yield q
        """
    )
    loop = _forward_loop(text)
    branch = next(node for node in walk(loop.regions[0].nodes) if node.operation == "if")
    assert branch.regions[0].results[-1].name == "e"
    assert all(value.name != "h" for value in loop.results)
