"""Which indices name each place once."""

from __future__ import annotations

import pytest

from srcgrad.analyses import names_places_once
from srcgrad.graph import definitions, parse_graph

ONCE = [
    "y = getitem x {index=(slice(None, None, None), 1)} : f64[n]",
    "t = arange n, None, None : i64[k] y = getitem x, t, i {index=(hole(1), hole(2))} : f64[k]",
    "t = arange n, None, None : i64[k] y = getitem x, i, t {index=(hole(1), hole(2))} : f64[k]",
]
TWICE = [
    "y = getitem x, i {index=hole(1)} : f64[k, m]",
    "y = getitem x, i, i {index=(hole(1), hole(2))} : f64[k]",
    # A count of length 1 would be broadcast against the other index.
    "t = arange n, None, None : i64[n] y = getitem x, t, i {index=(hole(1), hole(2))} : f64[k]",
    # Negative numbers count from the end, where they may meet the others.
    "t = arange -1, n, None : i64[k] y = getitem x, t, i {index=(hole(1), hole(2))} : f64[k]",
    "t = arange n, None, None : i64[k] u = expand_dims t {axis=1} : i64[k, 1]"
    " y = getitem x, u, i {index=(hole(1), hole(2))} : f64[k, k]",
]


def _answer(body: str) -> bool:
    graph = parse_graph(f"graph f(x: f64[n, m], i: i64[k], n: int) {{\n{body} return y\n}}")
    return names_places_once(graph.nodes[-1], definitions(graph.nodes), graph.assumptions)


@pytest.mark.parametrize("body", ONCE)
def test_slices_numbers_and_counted_rows_name_each_place_once(body: str) -> None:
    assert _answer(body)


@pytest.mark.parametrize("body", TWICE)
def test_what_may_repeat_is_not_taken_to_name_each_place_once(body: str) -> None:
    assert not _answer(body)
