"""Which values are versions of one array that is stored into."""

from __future__ import annotations

from srcgrad.analyses import StoredArrays
from srcgrad.graph import Value, definitions, loop_parts, parse_graph, walk

TEXT = """
graph f(x: f64[n], w: f64[n], c: bool) {
  y, v = for i: int in range(0, 3, 1) carry (a: f64[n] = x, b: f64[n] = w) {
    p = multiply b, b : f64[n]
    q = if c {
      r = index_set a, 1.0, i {index=hole(2)} : f64[n]
      yield r
    } else {
      yield a
    } : f64[n]
    yield q, p
  } : f64[n], f64[n]
  return y, v
}
"""


def _values() -> tuple[StoredArrays, dict[str | None, Value]]:
    graph = parse_graph(TEXT)
    values = [*graph.inputs, *definitions(graph.nodes)]
    for node in walk(graph.nodes):
        for region in node.regions:
            values += region.parameters
    return StoredArrays(graph.nodes), {value.name: value for value in values}


def test_versions_are_followed_through_loops_branches_and_stores():
    stored, values = _values()
    versions = {stored.of(values[name]) for name in ("x", "a", "r", "q", "y")}
    assert len(versions) == 1
    assert None not in versions


def test_arrays_that_are_only_computed_anew_are_not_stored_into():
    stored, values = _values()
    assert [stored.of(values[name]) for name in ("w", "b", "p", "v")] == [None] * 4


def test_a_loop_carries_the_arrays_that_it_stores_into():
    graph = parse_graph(TEXT)
    stored = StoredArrays(graph.nodes)
    parts = loop_parts(graph.nodes[0])
    assert stored.carried_by(parts) == {stored.of(parts.carried[0])}
