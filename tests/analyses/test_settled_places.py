"""Which readings of an array in a loop the array still has when the loop is over."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from srcgrad.analyses import settled_places
from srcgrad.graph import Value, parse_graph, walk


def _settled(body: str, header: str = "range(1, n, 1)", before: str = "") -> set[str | None]:
    """The names of what is settled in a loop over an array."""
    text = f"""
    graph f(x: f64[m], a: f64[m, m], n: int, c: f64[], flag: bool) {{
      {before}
      y = for i: int in {header} carry (v: f64[m] = x) {{
        {body}
        yield w
      }} : f64[m]
      return y
    }}
    """
    graph = parse_graph(text)
    values = [value for node in walk(graph.nodes) for value in node.results]
    readings = settled_places(graph.nodes, graph.assumptions)
    return {value.name for value in values if value in readings}


BEFORE = "j = subtract i, 1 : int  r = getitem v, j {index=hole(1)} : f64[]"
AFTER = "j = add i, 1 : int  r = getitem v, j {index=hole(1)} : f64[]"
STORED = "t = multiply r, c : f64[]  w = index_set v, t, i {index=hole(2)} : f64[m]"


def test_the_element_before_the_one_that_is_stored_is_settled():
    assert _settled(f"{BEFORE} {STORED}") == {"r", "t"}


def test_an_element_that_a_later_iteration_stores_is_not():
    assert _settled(f"{AFTER} {STORED}") == {"t"}


def test_the_element_after_is_settled_where_the_loop_counts_down():
    assert _settled(f"{AFTER} {STORED}", "range(n, -1, -1)") == {"r", "t"}


def test_an_element_that_is_overwritten_in_the_same_iteration_is_not():
    assert _settled(f"r = getitem v, i {{index=hole(1)}} : f64[] {STORED}") == {"t"}


def test_an_index_that_may_count_from_the_end_tells_nothing():
    # x[i - 1] is the last element in the first iteration, and another one stores there.
    assert _settled(f"{BEFORE} {STORED}", "range(0, n, 1)") == {"t"}


def test_a_step_known_during_the_call_only_tells_nothing():
    assert _settled(f"{BEFORE} {STORED}", "range(1, n, n)") == set()


def test_a_store_in_a_branch_counts():
    body = f"""
    {BEFORE}
    w = if flag {{
      u = index_set v, c {{index=0}} : f64[m]
      yield u
    }} else {{
      yield v
    }} : f64[m]
    """
    assert _settled(body) == set()


def test_a_value_that_is_broadcast_or_converted_is_not_read_back():
    spread = "t = multiply c, c : f64[]  w = index_set v, t {index=slice(1, 3, None)} : f64[m]"
    converted = "t = cast c : f32[]  w = index_set v, t, i {index=hole(2)} : f64[m]"
    assert _settled(spread) == set()
    assert _settled(converted) == set()


def test_arrays_that_change_places_are_not_followed():
    text = """
    graph f(x: f64[m], y: f64[m], n: int) {
      p, q = for i: int in range(1, n, 1) carry (v: f64[m] = x, u: f64[m] = y) {
        j = subtract i, 1 : int
        r = getitem v, j {index=hole(1)} : f64[]
        w = index_set v, r, i {index=hole(2)} : f64[m]
        yield u, w
      } : f64[m], f64[m]
      return p, q
    }
    """
    graph = parse_graph(text)
    assert settled_places(graph.nodes, graph.assumptions) == {}


def test_an_old_version_read_in_an_inner_loop_is_not_settled():
    text = """
    graph f(x: f64[m], n: int) {
      y = for i: int in range(1, n, 1) carry (v: f64[m] = x) {
        z = for k: int in range(0, i, 1) carry (u: f64[m] = v) {
          r = getitem v, k {index=hole(1)} : f64[]
          w = index_set u, r, i {index=hole(2)} : f64[m]
          w1 = index_set w, 0.0 {index=0} : f64[m]
          yield w1
        } : f64[m]
        yield z
      } : f64[m]
      return y
    }
    """
    graph = parse_graph(text)
    assert settled_places(graph.nodes, graph.assumptions) == {}


LENGTH = 10
RANGES = [(0, 5, 1), (1, 6, 1), (1, 6, 2), (5, -1, -1), (5, 0, -1), (5, 1, -2), (2, 2, 1)]
KINDS = ["at", "up to", "from", "number"]
ACCESSES = list(itertools.product(KINDS, (-1, 0, 1, 2)))


def _index(kind: str, name: str, hole: int, offset: int) -> tuple[str, str, str]:
    """Nodes, operand and index of an access at, up to or from the loop index plus the offset."""
    if kind == "number":
        return "", "", str(max(offset, 0))
    made = f"{name} = add i, {offset} : int"
    place = f"hole({hole})"
    index = {
        "at": place,
        "up to": f"slice(None, {place}, None)",
        "from": f"slice({place}, None, None)",
    }
    return made, f", {name}", index[kind]


def _python_index(kind: str, offset: int, i: int) -> int | slice:
    if kind == "number":
        return max(offset, 0)
    return {"at": i + offset, "up to": slice(None, i + offset), "from": slice(i + offset, None)}[
        kind
    ]


@pytest.mark.parametrize("bounds", RANGES)
@pytest.mark.parametrize("is_first", [True, False])
def test_what_is_called_settled_is_there_at_the_end(bounds, is_first):
    """All pairs of a reading and a store, run: every version that is read must still be there."""
    header = f"range({bounds[0]}, {bounds[1]}, {bounds[2]})"
    settled = 0
    for (kind, offset), (store_kind, store_offset) in itertools.product(ACCESSES, ACCESSES):
        made, operand, index = _index(kind, "j", 1, offset)
        store_made, store_operand, store_index = _index(store_kind, "k", 2, store_offset)
        rank = "f64[]" if kind in ("at", "number") else "f64[?]"
        source = "v" if is_first else "w"
        read = f"r = getitem {source}{operand} {{index={index}}} : {rank}"
        store = f"w = index_set v, c{store_operand} {{index={store_index}}} : f64[m]"
        order = f"{read} {store}" if is_first else f"{store} {read}"
        if "r" in _settled(f"{made} {store_made} {order}", header):
            settled += 1
            _check_by_running((kind, offset), (store_kind, store_offset), bounds, is_first)
    assert settled > 0


def _check_by_running(read, store, bounds, is_first):
    x = np.arange(LENGTH, dtype=float)
    seen = []
    for i in range(*bounds):
        if is_first:
            seen.append((i, np.copy(x[_python_index(*read, i)])))
        x[_python_index(*store, i)] = 100.0 + i
        if not is_first:
            seen.append((i, np.copy(x[_python_index(*read, i)])))
    for i, values in seen:
        assert np.array_equal(x[_python_index(*read, i)], values), (read, store, bounds, i)


def test_readings_are_made_of_the_array_that_the_outermost_loop_gives():
    text = """
    graph f(x: f64[m, m], n: int) {
      y = for i: int in range(1, n, 1) carry (v: f64[m, m] = x) {
        z = for k: int in range(0, i, 1) carry (u: f64[m, m] = v) {
          r = getitem u, k {index=(hole(1), hole(1))} : f64[]
          w = index_set u, r, i, k {index=(hole(2), hole(3))} : f64[m, m]
          yield w
        } : f64[m, m]
        yield z
      } : f64[m, m]
      return y
    }
    """
    graph = parse_graph(text)
    readings = settled_places(graph.nodes, graph.assumptions)
    (final,) = graph.results
    arrays: set[Value] = {node.operands[0] for node in readings.values()}
    assert {value.name for value in readings} == {"r"}
    assert arrays == {final}
