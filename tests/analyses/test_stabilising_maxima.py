from __future__ import annotations

import pytest

from srcgrad.analyses import stabilising_maxima
from srcgrad.graph import parse_graph, verify

HEAD = "graph f(s: f64[n, m], w: f64[m, k], y: i64[n]) {"

CANCELLING = {
    "softmax": """
        x = max s {axis=1, keepdims=True} : f64[n, 1]
        c = subtract s, x : f64[n, m]
        e = exp c : f64[n, m]
        z = sum e {axis=1, keepdims=True} : f64[n, 1]
        p = divide e, z : f64[n, m]
        return p
    """,
    "softmax over everything": """
        x = max s : f64[]
        c = subtract s, x : f64[n, m]
        e = exp c : f64[n, m]
        z = sum e : f64[]
        p = divide e, z : f64[n, m]
        return p
    """,
    "log-sum-exp": """
        x = max s {axis=1} : f64[n]
        x1 = getitem x {index=(slice(None, None, None), None)} : f64[n, 1]
        c = subtract s, x1 : f64[n, m]
        e = exp c : f64[n, m]
        z = sum e {axis=1} : f64[n]
        l = log z : f64[n]
        r = add l, x : f64[n]
        return r
    """,
    "cross-entropy of picked logarithms": """
        x = max s {axis=-1, keepdims=True} : f64[n, 1]
        c = subtract s, x : f64[n, m]
        e = exp c : f64[n, m]
        z = sum e {axis=-1, keepdims=True} : f64[n, 1]
        l = log z : f64[n, 1]
        q = subtract c, l : f64[n, m]
        n1 = dim s {axis=0} : int(n)
        i = arange n1 : i64[n]
        r = getitem q, i, y {index=(hole(1), hole(2))} : f64[n]
        return r
    """,
    "picked before the logarithm is subtracted": """
        x = max s {axis=-1, keepdims=True} : f64[n, 1]
        c = subtract s, x : f64[n, m]
        n1 = dim s {axis=0} : int(n)
        i = arange n1 : i64[n]
        q = getitem c, i, y {index=(hole(1), hole(2))} : f64[n]
        e = exp c : f64[n, m]
        z = sum e {axis=-1} : f64[n]
        l = log z : f64[n]
        r = subtract q, l : f64[n]
        return r
    """,
    "normalised after a matrix product": """
        x = max s {axis=1, keepdims=True} : f64[n, 1]
        c = subtract s, x : f64[n, m]
        e = exp c : f64[n, m]
        z = sum e {axis=1, keepdims=True} : f64[n, 1]
        o = matmul e, w : f64[n, k]
        p = divide o, z : f64[n, k]
        return p
    """,
}

STAYING = {
    "unnormalised": """
        x = max s {axis=1, keepdims=True} : f64[n, 1]
        c = subtract s, x : f64[n, m]
        e = exp c : f64[n, m]
        return e
    """,
    "normalised along another axis": """
        x = max s {axis=1, keepdims=True} : f64[n, 1]
        c = subtract s, x : f64[n, m]
        e = exp c : f64[n, m]
        z = sum e {axis=0, keepdims=True} : f64[1, m]
        p = divide e, z : f64[n, m]
        return p
    """,
    "an added constant does not scale": """
        x = max s {axis=1, keepdims=True} : f64[n, 1]
        c = subtract s, x : f64[n, m]
        e = exp c : f64[n, m]
        z = sum e {axis=1, keepdims=True} : f64[n, 1]
        z1 = add z, 1.0 : f64[n, 1]
        p = divide e, z1 : f64[n, m]
        return p
    """,
    "the maximum is a result as well": """
        x = max s {axis=1, keepdims=True} : f64[n, 1]
        c = subtract s, x : f64[n, m]
        e = exp c : f64[n, m]
        z = sum e {axis=1, keepdims=True} : f64[n, 1]
        p = divide e, z : f64[n, m]
        return p, x
    """,
    "divided by the square": """
        x = max s {axis=1, keepdims=True} : f64[n, 1]
        c = subtract s, x : f64[n, m]
        e = exp c : f64[n, m]
        z = sum e {axis=1, keepdims=True} : f64[n, 1]
        q = multiply z, z : f64[n, 1]
        p = divide e, q : f64[n, m]
        return p
    """,
    "rows picked in another order": """
        x = max s {axis=-1, keepdims=True} : f64[n, 1]
        c = subtract s, x : f64[n, m]
        q = getitem c, y, y {index=(hole(1), hole(2))} : f64[n]
        e = exp c : f64[n, m]
        z = sum e {axis=-1} : f64[n]
        l = log z : f64[n]
        r = subtract q, l : f64[n]
        return r
    """,
}


@pytest.mark.parametrize("body", CANCELLING.values(), ids=CANCELLING.keys())
def test_a_maximum_that_cancels_is_stabilising(body: str):
    graph = verify(parse_graph(f"{HEAD}{body}}}"))
    assert [value.name for value in stabilising_maxima(graph)] == ["x"]


@pytest.mark.parametrize("body", STAYING.values(), ids=STAYING.keys())
def test_a_maximum_that_the_results_depend_on_is_not(body: str):
    graph = verify(parse_graph(f"{HEAD}{body}}}"))
    assert stabilising_maxima(graph) == frozenset()
