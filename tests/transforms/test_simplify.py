from __future__ import annotations

import numpy as np
import pytest

import srcgrad
from srcgrad.graph import Graph
from srcgrad.transforms import eliminate_common_subexpressions, remove_dead_code, simplify
from tests.transforms.texts import after, assert_becomes, assert_stays, canonical


def _tidy(graph: Graph) -> Graph:
    for _ in range(5):
        graph = remove_dead_code(simplify(graph))
    return graph


def _function(inputs: str, body: str) -> str:
    return f"graph f({inputs}) {{\n{body}\n}}"


DERIVED = [
    # What a mask chooses on one side and its opposite on the other.
    (
        "x: f64[n], y: f64[n], m: bool[n]",
        "t = where m, x, 0.0 : f64[n] k = invert m : bool[n] u = where k, y, 0.0 : f64[n]"
        " v = add t, u : f64[n] return v",
        "v = where m, x, y : f64[n] return v",
    ),
    (
        "x: f64[n], y: f64[n], m: bool[n]",
        "t = where m, x, 0.0 : f64[n] u = where m, 0.0, y : f64[n] v = add t, u : f64[n] return v",
        "v = where m, x, y : f64[n] return v",
    ),
    (
        "x: f64[n], s: float",
        "t = multiply 0.5, s : float u = multiply x, t : f64[n] v = multiply 2.0, u : f64[n]"
        " return v",
        "v = multiply x, s : f64[n] return v",
    ),
    # What is stored stands there already.
    (
        "x: f64[n], i: int",
        "t = getitem x, i {index=hole(1)} : f64[] y = index_set x, t, i {index=hole(2)} : f64[n]"
        " z = exp y : f64[n] return z",
        "z = exp x : f64[n] return z",
    ),
    (
        "x: f64[n], y: f64[n]",
        "t = negative x : f64[n] u = multiply t, y : f64[n] v = add y, u : f64[n] return v",
        "t = multiply x, y : f64[n] v = subtract y, t : f64[n] return v",
    ),
    (
        "s: float, x: f64[n], y: f64[n]",
        "t = broadcast_like s, x : f64[n] v = multiply t, y : f64[n] return v",
        "v = multiply s, y : f64[n] return v",
    ),
    # The other operand is smaller: the broadcast decides the shape, and comes last.
    (
        "s: float, x: f64[n, m], y: f64[m]",
        "t = broadcast_like s, x : f64[n, m] v = multiply t, y : f64[n, m] return v",
        "t = multiply s, y : f64[m] v = broadcast_like t, x : f64[n, m] return v",
    ),
    (
        "s: f64[], x: f64[n, m]",
        "t = broadcast_like s, x : f64[n, m] u = expand_dims t {axis=0} : f64[1, n, m]"
        " v = add u, u : f64[1, n, m] return v",
        "t = broadcast_like s, x : f64[n, m] u = expand_dims t {axis=0} : f64[1, n, m]"
        " v = multiply 2.0, u : f64[1, n, m] return v",
    ),
    (
        "s: f64[], x: f64[n, m], y: f64[1, n, m]",
        "t = broadcast_like s, x : f64[n, m] u = expand_dims t {axis=0} : f64[1, n, m]"
        " v = add y, u : f64[1, n, m] return v",
        "v = add y, s : f64[1, n, m] return v",
    ),
    (
        "s: f64[], x: f64[n, m]",
        "t = broadcast_like s, x : f64[n, m] v = sum t {axis=0} : f64[m] return v",
        "t = dim x {axis=0} : int(n) t_1 = dim x {axis=1} : int(m) t_2 = multiply s, t : f64[]"
        " v = full t_2, t_1 {shape=(hole(1),)} : f64[m] return v",
    ),
    (
        "x: f64[n], v: f64[n, 1]",
        "z = zeros_like x : f64[n]"
        " y = index_set z, v {index=(slice(None, None, None), None)} : f64[n] return y",
        "y = getitem v {index=(slice(None, None, None), 0)} : f64[n] return y",
    ),
    (
        "x: f64[n, m]",
        "t = sum x {axis=1, keepdims=True} : f64[n, 1]"
        " y = getitem t {index=(slice(None, None, None), 0)} : f64[n] return y",
        "y = sum x {axis=1} : f64[n] return y",
    ),
    (
        "x: f64[n], y: f64[n], v: float, i: int",
        "t = index_add x, v, i {index=hole(2)} : f64[n] z = add t, y : f64[n] return z",
        "t = add x, y : f64[n] z = index_add t, v, i {index=hole(2)} : f64[n] return z",
    ),
    (
        "x: f64[n], v: float, w: float, i: int",
        "t = index_set x, v, i {index=hole(2)} : f64[n]"
        " z = index_add t, w, i {index=hole(2)} : f64[n] return z",
        "t = add v, w : float z = index_set x, t, i {index=hole(2)} : f64[n] return z",
    ),
    (
        "x: f64[n], y: f64[n]",
        "t = index_set x, 0.0 {index=slice(None, None, None)} : f64[n]"
        " z = index_add t, y {index=slice(None, None, None)} : f64[n] return z",
        "return y",
    ),
    ("x: f64[n]", "z = getitem x {index=slice(None, None, None)} : f64[n] return z", "return x"),
    (
        "x: f64[n], y: f64[n]",
        "t = subtract x, y : f64[n] z = subtract t, y : f64[n] return z",
        "t = multiply 2.0, y : f64[n] z = subtract x, t : f64[n] return z",
    ),
    (
        "a: f64[n, k, m], b: f64[n, k, l]",
        "t = swapaxes a {axis1=-1, axis2=-2} : f64[n, m, k] u = matmul t, b : f64[n, m, l]"
        " v = swapaxes u {axis1=-1, axis2=-2} : f64[n, l, m] return v",
        "t = swapaxes b {axis1=-1, axis2=-2} : f64[n, l, k] v = matmul t, a : f64[n, l, m]"
        " return v",
    ),
    (
        "x: f64[n, 1], y: f64[n, m], z: f64[n, m], s: float",
        "t = divide -0.5, s : float u = multiply x, t : f64[n, 1] v = multiply u, y : f64[n, m]"
        " w = multiply 2.0, v : f64[n, m] r = add z, w : f64[n, m] return r",
        "t = divide x, s : f64[n, 1] t_1 = multiply t, y : f64[n, m]"
        " r = subtract z, t_1 : f64[n, m] return r",
    ),
    ("x: float", "z = add 4.0, x : float return z", "z = add x, 4.0 : float return z"),
    (
        "x: f64[n]",
        "t = divide -2.0, x : f64[n] z = negative t : f64[n] return z",
        "z = divide 2.0, x : f64[n] return z",
    ),
    (
        "x: float",
        "t = add x, 4.0 : float z = add t, 1.0 : float return z",
        "z = add x, 5.0 : float return z",
    ),
    (
        "s: f64[], x: f64[n]",
        "t = broadcast_like s, x : f64[n] v = sum t : f64[] return v",
        "t = size x : int(n) v = multiply s, t : f64[] return v",
    ),
    (
        "x: f64[n]",
        "t = multiply 3.0, x : f64[n] v = multiply 2.0, t : f64[n] return v",
        "v = multiply 6.0, x : f64[n] return v",
    ),
    (
        "x: f64[n], s: float",
        "t = divide 1.0, s : float u = multiply 2.0, x : f64[n] v = multiply u, t : f64[n]"
        " return v",
        "t = divide 2.0, s : float v = multiply x, t : f64[n] return v",
    ),
    ("x: f64[n]", "v = add x, x : f64[n] return v", "v = multiply 2.0, x : f64[n] return v"),
    (
        "x: f64[n, m]",
        "t = transpose x : f64[m, n] v = transpose t : f64[n, m] return v",
        "return x",
    ),
    ("x: f32[n]", "v = cast x {dtype=dtype('float32')} : f32[n] return v", "return x"),
    ("x: float", "v = builtins.float x : float return v", "return x"),
    ("x: f64[1, n]", "v = sum x {axis=0, keepdims=True} : f64[1, n] return v", "return x"),
    (
        "x: f64[n], v: float",
        "z = zeros_like x : f64[n] y = index_add z, v {index=2} : f64[n] return y",
        "z = zeros_like x : f64[n] y = index_set z, v {index=2} : f64[n] return y",
    ),
    (
        "a: f64[n], v: f64[]",
        "t = index_set a, 0.0 {index=2} : f64[n] y = index_add t, v {index=2} : f64[n] return y",
        "y = index_set a, v {index=2} : f64[n] return y",
    ),
    (
        "a: f64[n], x: f64[n], v: f64[]",
        "z = zeros_like x : f64[n] t = index_add z, v {index=2} : f64[n]"
        " y = add a, t : f64[n] return y",
        "y = index_add a, v {index=2} : f64[n] return y",
    ),
    (
        "x: f64[n, m], y: i64[n], s: float",
        "i = arange 5 : i64[n] z = zeros_like x : f64[n, m] g = broadcast_like s, y : f64[n]"
        " v = index_add z, g, i, y {index=(hole(2), hole(3))} : f64[n, m] return v",
        "i = arange 5 : i64[n] z = zeros_like x : f64[n, m]"
        " v = index_set z, s, i, y {index=(hole(2), hole(3))} : f64[n, m] return v",
    ),
    (
        "a: f64[n], b: f64[n], s: float",
        "t = multiply a, s : f64[n] u = multiply s, b : f64[n] v = subtract t, u : f64[n] return v",
        "t = subtract a, b : f64[n] v = multiply t, s : f64[n] return v",
    ),
]


@pytest.mark.parametrize(("inputs", "before", "expected"), DERIVED, ids=lambda text: str(text))
def test_derived_expressions_become_simpler(inputs: str, before: str, expected: str):
    result = after(_tidy, _function(inputs, before), derived=True)
    assert result == canonical(_function(inputs, expected))


IN_THE_PRIMAL = [
    ("x: f64[n]", "v = add x, x : f64[n] return v"),
    ("x: f64[n]", "v = add x, 0.0 : f64[n] return v"),
    ("x: f64[n]", "v = multiply x, 1.0 : f64[n] return v"),
    ("x: float", "v = add x, 0.0 : float return v"),
    ("x: f64[n]", "t = multiply 3.0, x : f64[n] v = multiply 2.0, t : f64[n] return v"),
    ("x: float", "t = divide 1.0, x : float v = multiply 2.0, t : float return v"),
]


@pytest.mark.parametrize(("inputs", "body"), IN_THE_PRIMAL)
def test_the_primal_keeps_its_operations(inputs: str, body: str):
    assert_stays(simplify, _function(inputs, body))


NEVER = [
    ("x: f64[n]", "v = multiply 0.0, x : f64[n] return v"),
    ("x: f64[n]", "v = subtract x, x : f64[n] return v"),
    ("x: f64[n]", "v = divide x, x : f64[n] return v"),
    # A factor of another dtype decides the dtype of the product.
    ("x: f32[n], s: f64[]", "v = multiply x, s : f64[n] return v"),
    ("x: i64[n]", "v = multiply 1.0, x : f64[n] return v"),
    # Nobody knows whether the dims are the same.
    (
        "s: float, x: f64[?], y: f64[?]",
        "t = broadcast_like s, x : f64[?] v = multiply t, y : f64[?] return v",
    ),
    # Repeated indices add up.
    (
        "x: f64[n], v: f64[k], i: i64[k]",
        "z = zeros_like x : f64[n] y = index_add z, v, i {index=hole(2)} : f64[n] return y",
    ),
    # The sum of two bools is a bool, their difference an error.
    *(
        (
            "p: bool[n], q: bool[n]",
            "t = multiply 2.0, p : f64[n] u = multiply 2.0, q : f64[n]"
            f" v = {operation} t, u : f64[n] return v",
        )
        for operation in ("add", "subtract")
    ),
    # Another reader needs the product anyway.
    (
        "x: f64[n], y: f64[n]",
        "t = negative x : f64[n] u = multiply t, y : f64[n] return t, u",
    ),
]


@pytest.mark.parametrize(("inputs", "body"), NEVER)
def test_what_would_change_the_meaning_stays_even_in_derived_code(inputs: str, body: str):
    assert_stays(simplify, _function(inputs, body), derived=True)


def test_python_numbers_of_the_primal_lose_neutral_elements():
    assert_becomes(
        simplify,
        "graph f(x: float) { t = multiply x, 1.0 : float y = exp t : float return y }",
        "graph f(x: float) { y = exp x : float return y }",
    )


def test_the_gradient_of_a_mean_square_gathers_its_scalar_factors():
    before = """
    graph f(r: f64[n, k]) {
      q = size r : int
      t = divide 1.0, q : float
      u = broadcast_like t, r : f64[n, k]
      a = multiply u, r : f64[n, k]
      b = multiply u, r : f64[n, k]
      d = add a, b : f64[n, k]
      return d
    }
    """
    expected = """
    graph f(r: f64[n, k]) {
      q = size r : int
      t = divide 2.0, q : float
      d = multiply r, t : f64[n, k]
      return d
    }
    """

    def tidy(graph: Graph) -> Graph:
        for _ in range(5):
            graph = remove_dead_code(eliminate_common_subexpressions(simplify(graph)))
        return graph

    assert after(tidy, before, derived=True) == canonical(expected)


def test_the_gradient_of_a_choice_chooses_once_and_does_not_compute_its_value():
    def huber(w, x, y, delta=1.0):
        r = x @ w - y
        a = np.abs(r)
        return np.mean(np.where(a < delta, 0.5 * r**2, delta * (a - 0.5 * delta)))

    source = srcgrad.grad(huber).lower(np.ones(3), np.ones((5, 3)), np.ones(5)).source
    assert source.count("np.where") == 1
    assert "**" not in source
