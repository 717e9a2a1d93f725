"""Which values may be of another dtype than their type says."""

from __future__ import annotations

import pytest

from srcgrad.analyses import dtypes_in_doubt
from srcgrad.graph import parse_graph


def _names_in_doubt(nodes: str, dtype: str = "f32") -> set[str | None]:
    text = f"""
    graph f(y: {dtype}[n], z: {dtype}[], c: bool, k: int) {{
      s = if c {{
        yield 1.0
      }} else {{
        yield z
      }} : {dtype}[]
      {nodes}
      return s
    }}
    """
    graph = parse_graph(text.replace("DTYPE", dtype))
    return {value.name for value in dtypes_in_doubt(graph.nodes)}


def test_a_number_or_a_float32_scalar_is_in_doubt():
    assert _names_in_doubt("") == {"s"}


@pytest.mark.parametrize("dtype", ["f64", "c128"])
def test_python_numbers_have_the_dtypes_that_numpy_gives_them(dtype: str):
    assert _names_in_doubt("t = tanh s : DTYPE[]", dtype) == set()


def test_an_array_gives_its_dtype_to_a_number():
    assert _names_in_doubt("t = multiply y, s : DTYPE[n]") == {"s"}


def test_a_function_of_the_number_alone_leaves_doubt_in_all_that_comes_of_it():
    nodes = """t = tanh s : DTYPE[]
      u = multiply y, t : DTYPE[n]
      v = sum u : DTYPE[]"""
    assert _names_in_doubt(nodes) == {"s", "t", "u", "v"}


def test_a_conversion_ends_it_and_what_is_stored_into_keeps_its_dtype():
    nodes = """t = tanh s : DTYPE[]
      u = cast t {dtype=dtype('float32')} : DTYPE[]
      v = index_set y, t {index=0} : DTYPE[n]"""
    assert _names_in_doubt(nodes) == {"s", "t"}


def test_a_loop_that_may_run_no_iteration_hands_on_its_first_value():
    nodes = """r = for i: int in range(0, k, 1) carry (p: DTYPE[] = 0.0) {
        q = add p, z : DTYPE[]
        yield q
      } : DTYPE[]"""
    assert _names_in_doubt(nodes) == {"s", "p", "r"}
