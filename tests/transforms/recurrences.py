"""Loops over time, with arguments for each: what deferring and preallocating must keep right."""

from __future__ import annotations

import numpy as np

from tests.transforms.programs import Program


def _numbers(*shape: int, seed: int = 0, dtype: type = float) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0.1, 0.6, shape).astype(dtype)


def _network(dtype: str = "f64") -> str:
    return f"""
    graph f(w: {dtype}[d, k], u: {dtype}[k, k], b: {dtype}[k], xs: {dtype}[n, d], e: {dtype}[k]) {{
      y = for each (x: {dtype}[d] = xs) carry (h: {dtype}[k] = e) {{
        p = matmul x, w : {dtype}[k]
        q = matmul h, u : {dtype}[k]
        r = add p, q : {dtype}[k]
        t = add r, b : {dtype}[k]
        v = tanh t : {dtype}[k]
        yield v
      }} : {dtype}[k]
      s = sum y : {dtype}[]
      return s
    }}
    """


def _arguments(steps: int, dtype: type = float) -> tuple[np.ndarray, ...]:
    shapes = ((3, 4), (4, 4), (4,), (steps, 3), (4,))
    return tuple(_numbers(*shape, seed=seed, dtype=dtype) for seed, shape in enumerate(shapes))


RECURRENCES = [
    Program("six steps", _network(), _arguments(6), (0, 1, 2, 3, 4)),
    Program("no step at all", _network(), _arguments(0), (0, 1, 2, 3, 4)),
    Program("one step in float32", _network("f32"), _arguments(1, np.float32), (0, 1, 2, 3, 4)),
    Program("no step in float32", _network("f32"), _arguments(0, np.float32), (0, 1, 2, 3, 4)),
    Program(
        "a batch",
        """
        graph f(w: f64[d, k], u: f64[k, k], b: f64[k], xs: f64[n, m, d], e: f64[m, k]) {
          y = for each (x: f64[m, d] = xs) carry (h: f64[m, k] = e) {
            p = matmul x, w : f64[m, k]
            q = matmul h, u : f64[m, k]
            r = add p, q : f64[m, k]
            t = add r, b : f64[m, k]
            v = tanh t : f64[m, k]
            yield v
          } : f64[m, k]
          s = sum y : f64[]
          return s
        }
        """,
        (
            _numbers(3, 4),
            _numbers(4, 4),
            _numbers(4),
            _numbers(5, 2, 3, seed=1),
            _numbers(2, 4, seed=2),
        ),
        (0, 1, 2, 3, 4),
    ),
    Program(
        "a loop that stops early",
        """
        graph f(w: f64[d, k], u: f64[k, k], xs: f64[n, d], e: f64[k]) {
          y = for each (x: f64[d] = xs) carry (h: f64[k] = e) {
            p = matmul x, w : f64[k]
            q = matmul h, u : f64[k]
            r = add p, q : f64[k]
            v = tanh r : f64[k]
            t = sum v : f64[]
            c = greater t, 2.2 : bool
            yield v stop c
          } : f64[k]
          s = sum y : f64[]
          return s
        }
        """,
        (_numbers(3, 4), _numbers(4, 4), _numbers(7, 3, seed=1), np.zeros(4)),
        (0, 1, 2, 3),
    ),
    Program(
        "a loop that walks backwards and stops early",
        """
        graph f(w: f64[d, k], u: f64[k, k], xs: f64[n, d], e: f64[k]) {
          y = for reverse each (x: f64[d] = xs) carry (h: f64[k] = e) {
            p = matmul x, w : f64[k]
            q = matmul h, u : f64[k]
            r = add p, q : f64[k]
            v = tanh r : f64[k]
            t = sum v : f64[]
            c = greater t, 2.2 : bool
            yield v stop c
          } : f64[k]
          s = sum y : f64[]
          return s
        }
        """,
        (_numbers(3, 4), _numbers(4, 4), _numbers(7, 3, seed=1), np.zeros(4)),
        (0, 1, 2, 3),
    ),
    Program(
        "a loop that walks backwards",
        """
        graph f(w: f64[d, k], u: f64[k, k], xs: f64[n, d], e: f64[k]) {
          y = for reverse each (x: f64[d] = xs) carry (h: f64[k] = e) {
            p = matmul x, w : f64[k]
            q = matmul h, u : f64[k]
            r = subtract p, q : f64[k]
            v = tanh r : f64[k]
            yield v
          } : f64[k]
          s = sum y : f64[]
          return s
        }
        """,
        (_numbers(3, 4), _numbers(4, 4), _numbers(5, 3, seed=1), _numbers(4)),
        (0, 1, 2, 3),
    ),
    Program(
        "two arrays of different length",
        """
        graph f(w: f64[d, k], u: f64[k, k], xs: f64[n, d], ys: f64[m, k], e: f64[k]) {
          y = for each (x: f64[d] = xs, z: f64[k] = ys) carry (h: f64[k] = e) {
            p = matmul x, w : f64[k]
            q = matmul h, u : f64[k]
            r = add p, q : f64[k]
            v = tanh r : f64[k]
            o = multiply v, z : f64[k]
            yield o
          } : f64[k]
          s = sum y : f64[]
          return s
        }
        """,
        (
            _numbers(3, 4),
            _numbers(4, 4),
            _numbers(6, 3, seed=1),
            _numbers(4, 4, seed=2),
            _numbers(4),
        ),
        (0, 1, 2, 3, 4),
    ),
    Program(
        "rows read by index, this one and the one before",
        """
        graph f(w: f64[d, k], u: f64[k, k], xs: f64[n, d], e: f64[k], n: int) {
          y = for i: int in range(1, n, 1) carry (h: f64[k] = e) {
            x = getitem xs, i {index=hole(1)} : f64[d]
            j = subtract i, 1 : int
            z = getitem xs, j {index=hole(1)} : f64[d]
            p = matmul x, w : f64[k]
            o = matmul z, w : f64[k]
            q = matmul h, u : f64[k]
            r = add p, q : f64[k]
            t = multiply r, o : f64[k]
            v = tanh t : f64[k]
            yield v
          } : f64[k]
          s = sum y : f64[]
          return s
        }
        """,
        (_numbers(3, 4), _numbers(4, 4), _numbers(6, 3, seed=1), _numbers(4), 5),
        (0, 1, 2, 3),
    ),
    Program(
        "an empty range that would count backwards",
        """
        graph f(w: f64[d, k], u: f64[k, k], xs: f64[n, d], e: f64[k], n: int) {
          y = for i: int in range(1, n, 1) carry (h: f64[k] = e) {
            x = getitem xs, i {index=hole(1)} : f64[d]
            p = matmul x, w : f64[k]
            q = matmul h, u : f64[k]
            r = add p, q : f64[k]
            v = tanh r : f64[k]
            yield v
          } : f64[k]
          s = sum y : f64[]
          return s
        }
        """,
        (_numbers(3, 4), _numbers(4, 4), _numbers(6, 3, seed=1), _numbers(4), -2),
        (0, 1, 2, 3),
    ),
    Program(
        "steps until a bound is reached",
        """
        graph f(u: f64[k, k], x: f64[k]) {
          y, c = while carry (h: f64[k] = x, c: int = 0) {
            t = less c, 5 : bool
            test t
          do
            q = matmul u, h : f64[k]
            r = add q, x : f64[k]
            v = tanh r : f64[k]
            m = add c, 1 : int
            yield v, m
          } : f64[k], int
          s = sum y : f64[]
          return s
        }
        """,
        (_numbers(4, 4), _numbers(4)),
        (0, 1),
    ),
    Program(
        "a scalar that scales a vector",
        """
        graph f(a: f64[k], xs: f64[n], e: f64[k]) {
          y = for each (x: f64[] = xs) carry (h: f64[k] = e) {
            p = multiply a, x : f64[k]
            q = add p, h : f64[k]
            v = tanh q : f64[k]
            yield v
          } : f64[k]
          s = sum y : f64[]
          return s
        }
        """,
        (_numbers(4), _numbers(5, seed=1), _numbers(4, seed=2)),
        (0, 1, 2),
    ),
]
