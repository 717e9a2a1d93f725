"""Which values may be of another shape than their type says, or not be at all."""

from __future__ import annotations

import pytest

from srcgrad.analyses import shapes_in_doubt
from srcgrad.graph import parse_graph


def _names_in_doubt(initial: str, other: str, after: str = "") -> set[str | None]:
    text = f"""
    graph f(x: f64[n], xs: f64[m, n], c: bool) {{
      s = for each (r: f64[n] = xs) carry (b: f64[n] = {initial}) {{
        a = add b, r : f64[n]
        yield a
      }} : f64[n]
      p = if c {{
        yield {other}
      }} else {{
        yield x
      }} : f64[n]
      {after}
      return s, p
    }}
    """
    return {value.name for value in shapes_in_doubt(parse_graph(text).nodes)}


def test_arrays_that_meet_arrays_of_their_rank_are_what_they_are():
    assert _names_in_doubt("x", "x") == set()


def test_a_number_that_becomes_an_array_and_all_that_is_made_of_it():
    assert _names_in_doubt("0.0", "x") == {"b", "a", "s"}


@pytest.mark.parametrize("other", ["undefined", "1.0"])
def test_what_another_path_does_not_have_as_an_array(other: str):
    after = "q = exp p : f64[n]\n r = exp x : f64[n]"
    assert _names_in_doubt("x", other, after) == {"p", "q"}
