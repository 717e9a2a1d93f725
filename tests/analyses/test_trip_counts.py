"""Which loops, lists and arrays have certainly the same length."""

from __future__ import annotations

import pytest

from srcgrad.analyses import TripCounts
from srcgrad.graph import LoopParts, loop_parts, parse_graph


def _loops(first: str, second: str, stop: str = "") -> tuple[TripCounts, list[LoopParts]]:
    """A loop that collects a list `l`, and a loop that may walk it."""
    graph = parse_graph(
        f"""
        graph f(xs: f64[n], ys: f64[m], zs: f64[n], k: int, c: bool) {{
          y, l = for {first} carry (h: float = 0.0) {{
            p = add h, 1.0 : float
            yield p collect p{stop}
          }} : float, list[float]
          z = for {second} carry (g: float = 0.0) {{
            q = add g, 1.0 : float
            yield q
          }} : float
          return y, z
        }}
        """
    )
    return TripCounts(graph.nodes), [loop_parts(node) for node in graph.nodes]


@pytest.mark.parametrize(
    "second",
    [
        "reverse each (a: float = l)",
        "each (x: f64[] = zs)",
        "each (x: f64[] = xs, a: float = l)",
    ],
)
def test_a_list_is_as_long_as_what_its_loop_walked(second):
    trips, (one, other) = _loops("each (x: f64[] = xs)", second)
    assert trips.of_loop(one) == trips.of_loop(other) == trips.of_sequence(one.sequences[0])


def test_the_same_range_runs_as_often():
    trips, (one, other) = _loops("i: int in range(2, k, 1)", "j: int in range(2, k, 1)")
    assert trips.of_loop(one) == trips.of_loop(other)


def test_other_ranges_do_not():
    trips, (one, other) = _loops("i: int in range(2, k, 1)", "j: int in range(1, k, 1)")
    assert trips.of_loop(one) != trips.of_loop(other)


def test_a_loop_that_may_stop_early_is_no_longer_than_what_it_walks():
    first, second = "each (x: f64[] = xs)", "each (x: f64[] = xs, a: float = l)"
    trips, (one, other) = _loops(first, second, stop=" stop c")
    early, walked = trips.of_loop(one), trips.of_sequence(one.sequences[0])
    assert early != walked
    assert trips.is_no_longer(early, walked)
    assert not trips.is_no_longer(walked, early)
    assert trips.of_loop(other) == early


def test_of_two_arrays_nothing_says_which_is_shorter():
    trips, (one, _) = _loops("each (x: f64[] = xs, y: f64[] = ys)", "each (x: f64[] = xs)")
    assert trips.shortest(trips.walked(one)) is None
    assert trips.of_loop(one) not in trips.walked(one)
