"""Graphs that every derivative is checked on, with arguments for each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from srcgrad.graph import Graph, parse_graph, verify


@dataclass(frozen=True)
class Program:
    """A graph as text, a point, and the inputs that are differentiated."""

    title: str
    text: str
    point: tuple[object, ...]
    wrt: tuple[int, ...]

    @property
    def graph(self) -> Graph:
        return verify(parse_graph(self.text))


def _numbers(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0.5, 1.5, shape)


PROGRAMS = [
    Program(
        "straight-line arithmetic of Python numbers",
        """
        graph f(x: float, a: float) {
          y = multiply x, x : float
          z = divide y, a : float
          w = subtract z, x : float
          return w
        }
        """,
        (1.5, 0.7),
        (0, 1),
    ),
    Program(
        "a value used three times",
        """
        graph f(x: f64[n]) {
          y = multiply x, x : f64[n]
          z = multiply y, x : f64[n]
          w = add z, y : f64[n]
          s = sum w : f64[]
          return s
        }
        """,
        (_numbers(4),),
        (0,),
    ),
    Program(
        "broadcasting of a row, a column and a scalar",
        """
        graph f(x: f64[n, 3], row: f64[3], column: f64[n, 1], c: float) {
          y = add x, row : f64[n, 3]
          z = multiply y, column : f64[n, 3]
          w = multiply z, c : f64[n, 3]
          v = divide w, row : f64[n, 3]
          s = sum v : f64[]
          return s
        }
        """,
        (_numbers(4, 3), _numbers(3, seed=1), _numbers(4, 1, seed=2), 0.8),
        (0, 1, 2, 3),
    ),
    Program(
        "mean squared error of a linear neuron",
        """
        graph f(w: f64[k], b: float, x: f64[n, k], y: f64[n]) {
          t = matmul x, w : f64[n]
          u = add t, b : f64[n]
          r = subtract u, y : f64[n]
          q = multiply r, r : f64[n]
          m = mean q : f64[]
          return m
        }
        """,
        (_numbers(3), 0.3, _numbers(5, 3, seed=1), _numbers(5, seed=2)),
        (0, 1),
    ),
    Program(
        "unknown shapes are settled at run time",
        """
        graph f(x: f64[?, ?], b: f64[?]) {
          y = multiply x, b : f64[?, ?]
          z = multiply y, y : f64[?, ?]
          s = sum z : f64[]
          return s
        }
        """,
        (_numbers(3, 4), _numbers(1, seed=1)),
        (0, 1),
    ),
    Program(
        "a branch on a condition, with a use after it",
        """
        graph f(a: float, b: float) {
          c = less a, 0.0 : bool
          x = if c {
            q = multiply a, b : float
            yield q
          } else {
            y = multiply a, a : float
            z = multiply y, y : float
            yield z
          } : float
          r = multiply x, b : float
          return r
        }
        """,
        (1.2, 0.7),
        (0, 1),
    ),
    Program(
        "a branch taken the other way",
        """
        graph f(a: float, x: f64[n]) {
          c = less a, 2.0 : bool
          y = if c {
            q = multiply x, a : f64[n]
            e = exp q : f64[n]
            yield e
          } else {
            yield x
          } : f64[n]
          r = multiply y, x : f64[n]
          s = sum r : f64[]
          return s
        }
        """,
        (1.2, _numbers(3)),
        (0, 1),
    ),
    Program(
        "a polynomial by Horner's rule",
        """
        graph f(x: float, cs: f64[n]) {
          s = for each (c: f64[] = cs) carry (s1: f64[] = 0.0) {
            p = multiply s1, x : f64[]
            q = add p, c : f64[]
            yield q
          } : f64[]
          return s
        }
        """,
        (0.7, _numbers(5)),
        (0, 1),
    ),
    Program(
        "Newton's square root",
        """
        graph f(a: float) {
          x = while carry (x1: float = a) {
            q = multiply x1, x1 : float
            r = subtract q, a : float
            t = absolute r : float
            k = greater t, 1e-12 : bool
            test k
            do
            u = divide a, x1 : float
            v = add x1, u : float
            w = multiply 0.5, v : float
            yield w
          } : float
          return x
        }
        """,
        (2.0,),
        (0,),
    ),
    Program(
        "a linear loop over a range",
        """
        graph f(x: f64[k], n: int) {
          y = for i: int in range(0, n, 1) carry (h: f64[k] = x) {
            t = multiply h, 1.1 : f64[k]
            u = add t, i : f64[k]
            yield u
          } : f64[k]
          s = sum y : f64[]
          return s
        }
        """,
        (_numbers(3), 4),
        (0,),
    ),
    Program(
        "a recurrent network",
        """
        graph f(wx: f64[d, h], wh: f64[h, h], b: f64[h], xs: f64[n, d], h0: f64[h]) {
          last = for each (x: f64[d] = xs) carry (h: f64[h] = h0) {
            p = matmul x, wx : f64[h]
            q = matmul h, wh : f64[h]
            r = add p, q : f64[h]
            t = add r, b : f64[h]
            u = tanh t : f64[h]
            yield u
          } : f64[h]
          q2 = multiply last, last : f64[h]
          s = sum q2 : f64[]
          return s
        }
        """,
        (
            _numbers(2, 3),
            _numbers(3, 3, seed=1),
            _numbers(3, seed=2),
            _numbers(4, 2, seed=3),
            _numbers(3, seed=4),
        ),
        (0, 1, 2, 3, 4),
    ),
    Program(
        "nested loops",
        """
        graph f(x: f64[n, m], c: float) {
          s = for each (row: f64[m] = x) carry (s1: f64[] = 1.0) {
            t = for each (v: f64[] = row) carry (t1: f64[] = s1) {
              p = multiply t1, v : f64[]
              e = sin p : f64[]
              q = add e, c : f64[]
              yield q
            } : f64[]
            u = multiply t, s1 : f64[]
            yield u
          } : f64[]
          return s
        }
        """,
        (_numbers(3, 2), 0.4),
        (0, 1),
    ),
    Program(
        "a loop that stops early, over a sequence and a range",
        """
        graph f(x: f64[n], c: float) {
          s = for i: int in range(2, 20, 3) each (v: f64[] = x) carry (t: f64[] = 1.0) {
            p = multiply t, v : f64[]
            q = multiply p, i : f64[]
            r = multiply q, c : f64[]
            k = greater i, 7 : bool
            yield r stop k
          } : f64[]
          return s
        }
        """,
        (_numbers(6), 0.9),
        (0, 1),
    ),
    Program(
        "a linear loop that stops early counts its iterations",
        """
        graph f(x: f64[n], c: float) {
          s = for i: int in range(2, 20, 3) carry (t: float = c) {
            r = multiply t, 1.5 : float
            k = greater i, 7 : bool
            yield r stop k
          } : float
          t = multiply x, s : f64[n]
          u = sum t : f64[]
          return u
        }
        """,
        (_numbers(6), 0.9),
        (0, 1),
    ),
    Program(
        "a loop over two sequences of unequal length",
        """
        graph f(x: f64[n], y: f64[m]) {
          s = for each (a: f64[] = x, b: f64[] = y) carry (t: f64[] = 0.0) {
            p = multiply a, b : f64[]
            q = multiply p, p : f64[]
            u = add t, q : f64[]
            yield u
          } : f64[]
          return s
        }
        """,
        (_numbers(3), _numbers(5, seed=1)),
        (0, 1),
    ),
    Program(
        "a linear while loop counts its iterations",
        """
        graph f(a: float, n: int) {
          x, i = while carry (x1: float = a, i1: int = 0) {
            k = less i1, n : bool
            test k
            do
            w = multiply 0.5, x1 : float
            j = add i1, 1 : int
            yield w, j
          } : float, int
          return x
        }
        """,
        (2.0, 3),
        (0,),
    ),
    Program(
        "a loop with a branch and a break",
        """
        graph f(x: f64[n], a: float) {
          s = for each (v: f64[] = x) carry (t: f64[] = 1.0) {
            c = less v, 1.0 : bool
            u = if c {
              e = exp v : f64[]
              p = multiply e, t : f64[]
              yield p
            } else {
              d = divide t, v : f64[]
              p = multiply d, a : f64[]
              yield p
            } : f64[]
            k = greater u, 3.0 : bool
            yield u stop k
          } : f64[]
          return s
        }
        """,
        (np.array([0.7, 1.3, 0.9, 0.8, 1.4]), 0.9),
        (0, 1),
    ),
    Program(
        "a loop that collects what it computes",
        """
        graph f(x: f64[n], c: float) {
          last, seen = for each (v: f64[] = x) carry (t: f64[] = 1.0) {
            p = multiply t, v : f64[]
            q = sin p : f64[]
            yield q collect p
          } : f64[], list[f64[]]
          total = for each (p2: f64[] = seen) carry (t2: f64[] = 0.0) {
            q2 = multiply p2, p2 : f64[]
            r2 = multiply q2, c : f64[]
            u2 = add t2, r2 : f64[]
            yield u2
          } : f64[]
          y = multiply total, last : f64[]
          return y
        }
        """,
        (_numbers(4), 0.6),
        (0, 1),
    ),
    Program(
        "a loop that walks backwards and stops early",
        """
        graph f(x: f64[n]) {
          s = for reverse i: int in range(0, 5, 1) each (v: f64[] = x) carry (t: f64[] = 1.0) {
            p = multiply t, v : f64[]
            q = multiply p, i : f64[]
            e = sin q : f64[]
            k = less i, 3 : bool
            yield e stop k
          } : f64[]
          return s
        }
        """,
        (_numbers(5),),
        (0,),
    ),
    Program(
        "a loop whose carried array starts as a number",
        """
        graph f(x: f64[n, k], a: float) {
          h = for each (row: f64[k] = x) carry (h1: f64[...] = a) {
            p = multiply h1, row : f64[...]
            q = add p, row : f64[...]
            yield q
          } : f64[...]
          s = sum h : f64[]
          return s
        }
        """,
        (_numbers(3, 2), 0.5),
        (0, 1),
    ),
    Program(
        "a carried value that is assigned and never read",
        """
        graph f(x: f64[n, k], w: f64[k]) {
          y = for each (row: f64[k] = x) carry (y1: f64[k] = w) {
            p = multiply row, w : f64[k]
            q = multiply p, p : f64[k]
            yield q
          } : f64[k]
          s = sum y : f64[]
          return s
        }
        """,
        (_numbers(3, 2), _numbers(2, seed=1)),
        (0, 1),
    ),
    Program(
        "a loop that runs no iteration",
        """
        graph f(x: f64[k], n: int) {
          y = for i: int in range(0, n, 1) carry (h: f64[k] = x) {
            t = multiply h, x : f64[k]
            yield t
          } : f64[k]
          s = sum y : f64[]
          return s
        }
        """,
        (_numbers(3), 0),
        (0,),
    ),
    Program(
        "reads of single elements and slices",
        """
        graph f(x: f64[n], i: int) {
          a = getitem x, i {index=hole(1)} : f64[]
          b = getitem x {index=slice(1, None, None)} : f64[n - 1]
          c = getitem x {index=slice(None, -1, None)} : f64[n - 1]
          d = multiply b, c : f64[n - 1]
          e = multiply d, a : f64[n - 1]
          s = sum e : f64[]
          return s
        }
        """,
        (_numbers(5), 2),
        (0,),
    ),
    Program(
        "stores into an array, nonlinear, in a loop",
        """
        graph f(x: f64[n], c: float) {
          y = for i: int in range(1, 5, 1) carry (a: f64[n] = x) {
            p = getitem a, i {index=hole(1)} : f64[]
            j = subtract i, 1 : int
            q = getitem a, j {index=hole(1)} : f64[]
            r = multiply p, q : f64[]
            t = add r, c : f64[]
            b = index_set a, t, i {index=hole(2)} : f64[n]
            yield b
          } : f64[n]
          v = getitem y {index=-1} : f64[]
          return v
        }
        """,
        (_numbers(5), 0.3),
        (0, 1),
    ),
    Program(
        "stores into arrays, linear, in a loop",
        """
        graph f(a0: f64[n], b0: f64[n], steps: int) {
          a, b = for t: int in range(0, steps, 1) carry (a1: f64[n] = a0, b1: f64[n] = b0) {
            l = getitem a1 {index=slice(None, -2, None)} : f64[n - 2]
            r = getitem a1 {index=slice(2, None, None)} : f64[n - 2]
            s = add l, r : f64[n - 2]
            m = divide s, 2.0 : f64[n - 2]
            b2 = index_set b1, m {index=slice(1, -1, None)} : f64[n]
            l2 = getitem b2 {index=slice(None, -2, None)} : f64[n - 2]
            r2 = getitem b2 {index=slice(2, None, None)} : f64[n - 2]
            s2 = add l2, r2 : f64[n - 2]
            m2 = divide s2, 2.0 : f64[n - 2]
            a2 = index_set a1, m2 {index=slice(1, -1, None)} : f64[n]
            yield a2, b2
          } : f64[n], f64[n]
          q = multiply a, a : f64[n]
          v = sum q : f64[]
          return v
        }
        """,
        (_numbers(6), _numbers(6, seed=1), 3),
        (0, 1),
    ),
    Program(
        "float32 stays float32",
        """
        graph f(x: f32[n], c: float) {
          y = multiply x, c : f32[n]
          z = tanh y : f32[n]
          s = sum z : f32[]
          return s
        }
        """,
        (_numbers(4).astype(np.float32), 0.5),
        (0, 1),
    ),
    Program(
        "softmax with a stabilising maximum, and its cross-entropy",
        """
        graph f(s: f64[n, 3], y: i64[n]) {
          x = max s {axis=1, keepdims=True} : f64[n, 1]
          c = subtract s, x : f64[n, 3]
          e = exp c : f64[n, 3]
          z = sum e {axis=1, keepdims=True} : f64[n, 1]
          l = log z : f64[n, 1]
          q = subtract c, l : f64[n, 3]
          n1 = dim s {axis=0} : int(n)
          i = arange n1 : i64[n]
          r = getitem q, i, y {index=(hole(1), hole(2))} : f64[n]
          m = mean r : f64[]
          v = negative m : f64[]
          return v
        }
        """,
        (_numbers(4, 3), np.array([0, 2, 1, 2])),
        (0,),
    ),
]
