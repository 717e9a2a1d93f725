"""The text of emitted functions, exactly, and what they compute, against the interpreter."""

import numpy as np
import pytest

from srcgrad.backends import load
from tests.backends.graphs import emitted, graph_of
from tests.interpreter import interpret


def _same(a: object, b: object) -> bool:
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(_same, a, b))
    return np.array_equal(np.asarray(a), np.asarray(b), equal_nan=True)


def _copies(arguments: tuple) -> list:
    return [np.copy(a) if isinstance(a, np.ndarray) else a for a in arguments]


def check(text: str, source: str, expected: str, *arguments: object) -> None:
    made = emitted(text, source)
    assert made.source == expected.lstrip("\n")
    function = load(made)
    found = function(*_copies(arguments))
    wanted = interpret(graph_of(text, source), _copies(arguments))
    assert _same(found if len(wanted) > 1 else (found,), wanted)


def test_a_linear_neuron_reads_as_written_by_hand():
    check(
        """
        graph loss(w: f64[k], b: float, x: f64[n, k], y: f64[n]) {
          t = matmul x, w {line=3} : f64[n]
          t1 = add t, b {line=3} : f64[n]
          r = subtract t1, y {line=3} : f64[n]
          t2 = power r, 2 {line=4} : f64[n]
          t3 = mean t2 {line=4} : f64[]
          t4 = size r {line=4, adjoint=True} : int
          t5 = divide 2.0, t4 {line=4, adjoint=True} : float
          d_r = multiply r, t5 {line=4, adjoint=True} : f64[n]
          d_b = sum d_r {line=3, adjoint=True} : f64[]
          d_w = matmul d_r, x {line=3, adjoint=True} : f64[k]
          return t3, d_w, d_b
        }
        """,
        """
@value_and_grad
def loss(w, b, x, y):
    r = x @ w + b - y
    return np.mean(r ** 2)
""",
        """
def loss(w, b, x, y):
    # model.py:3  r = x @ w + b - y
    r = x @ w + b - y
    # model.py:4  return np.mean(r ** 2)
    value = (r ** 2).mean()

    # adjoint of model.py:4
    d_r = r * (2.0 / r.size)
    # adjoint of model.py:3
    d_b = d_r.sum()
    d_w = d_r @ x
    return value, d_w, d_b
""",
        np.array([0.5, -1.0]),
        0.25,
        np.array([[1.0, 2.0], [3.0, 4.0], [-1.0, 0.5]]),
        np.array([1.0, 0.0, -1.0]),
    )


def test_adjoints_reuse_the_arrays_that_nobody_reads_again():
    rng = np.random.default_rng(0)
    check(
        """
        graph fit(x: f64[n, a], y: f64[n, c], w: f64[a, b], b: f64[b], v: f64[b, c]) {
          t = matmul x, w {line=2} : f64[n, b]
          t1 = add t, b {line=2} : f64[n, b]
          h = tanh t1 {line=2} : f64[n, b]
          t2 = matmul h, v {line=3}: f64[n, c]
          r = subtract t2, y {line=3} : f64[n, c]
          t6 = multiply r, r {line=4} : f64[n, c]
          t7 = mean t6 {line=4} : f64[]
          t8 = size r {line=4, adjoint=True} : int
          t9 = divide 2.0, t8 {line=4, adjoint=True} : float
          d_r = multiply r, t9 {line=4, adjoint=True} : f64[n, c]
          t10 = transpose h {line=3, adjoint=True}: f64[b, n]
          d_v = matmul t10, d_r {line=3, adjoint=True} : f64[b, c]
          t11 = transpose v {line=3, adjoint=True} : f64[c, b]
          d_h = matmul d_r, t11 {line=3, adjoint=True} : f64[n, b]
          t12 = multiply h, h {line=2, adjoint=True} : f64[n, b]
          t13 = subtract 1.0, t12 {line=2, adjoint=True} : f64[n, b]
          t14 = multiply d_h, t13 {line=2, adjoint=True} : f64[n, b]
          t15 = transpose x {line=2, adjoint=True}: f64[a, n]
          d_w = matmul t15, t14 {line=2, adjoint=True}: f64[a, b]
          d_b = sum t14 {line=2, adjoint=True, axis=0}: f64[b]
          return t7, d_w, d_b, d_v
        }
        """,
        """def fit(x, y, w, b, v):
    h = np.tanh(x @ w + b)
    r = h @ v - y
    return np.mean(r * r)""",
        """
def fit(x, y, w, b, v):
    # model.py:2  h = np.tanh(x @ w + b)
    h = np.tanh(x @ w + b)
    # model.py:3  r = h @ v - y
    r = h @ v - y
    # model.py:4  return np.mean(r * r)
    value = (r * r).mean()

    # adjoint of model.py:4
    d_r = r * (2.0 / r.size)
    # adjoint of model.py:3
    d_v = h.T @ d_r
    d_h = d_r @ v.T
    # adjoint of model.py:2
    d_h *= 1.0 - h * h
    d_w = x.T @ d_h
    d_b = d_h.sum(axis=0)
    return value, d_w, d_b, d_v
""",
        rng.normal(size=(5, 3)),
        rng.normal(size=(5, 2)),
        rng.normal(size=(3, 4)),
        rng.normal(size=4),
        rng.normal(size=(4, 2)),
    )


_HEAT = """def smooth(a, b, steps):
    for _ in range(steps):
        b[1:-1] = (a[:-2] + a[1:-1] + a[2:]) / 3.0
        a[1:-1] = (b[:-2] + b[1:-1] + b[2:]) / 3.0
    return np.sum(a * a)"""


def _third_of_three(target: str, source: str, line: int) -> str:
    interior = f"index=slice(1, -1, None), in_place=True, line={line}"
    return f"""
    t = getitem {source} {{index=slice(None, -2, None), line={line}}} : f64[n-2]
    t1 = getitem {source} {{index=slice(1, -1, None), line={line}}} : f64[n-2]
    t2 = getitem {source} {{index=slice(2, None, None), line={line}}} : f64[n-2]
    t3 = add t, t1 {{line={line}}}: f64[n-2]
    t4 = add t3, t2 {{line={line}}}: f64[n-2]
    t5 = divide t4, 3.0 {{line={line}}}: f64[n-2]
    {target} = index_set {target}, t5 {{{interior}}} : f64[n]
"""


def _adjoint_of_third(target: str, source: str, line: int) -> str:
    setting = f"line={line}, adjoint=True"
    return f"""
    t = getitem d_{target} {{index=slice(1, -1, None), {setting}}} : f64[n-2]
    t1 = divide t, 3.0 {{{setting}}} : f64[n-2]
    d_{target} = index_set d_{target}, 0.0 {{index=slice(1, -1, None), {setting}}} : f64[n]
    d_{source} = index_add d_{source}, t1 {{index=slice(None, -2, None), {setting}}} : f64[n]
    d_{source} = index_add d_{source}, t1 {{index=slice(1, -1, None), {setting}}} : f64[n]
    d_{source} = index_add d_{source}, t1 {{index=slice(2, None, None), {setting}}} : f64[n]
"""


def test_stores_and_their_shadows_are_written_where_they_stand():
    check(
        f"""
        graph smooth(a: f64[n], b: f64[n], steps: int) {{
          a, b = for i: int in range(0, steps, 1) carry (a: f64[n] = a, b: f64[n] = b) {{
            {_third_of_three("b", "a", 3)}
            {_third_of_three("a", "b", 4)}
            yield a, b
          }} : f64[n], f64[n]
          t6 = multiply a, a {{line=5}} : f64[n]
          t7 = sum t6 {{line=5}} : f64[]
          d_a = multiply 2.0, a {{line=5, adjoint=True}} : f64[n]
          d_b = zeros_like b {{line=5, adjoint=True}} : f64[n]
          d_a, d_b = for reverse i: int in range(0, steps, 1)
              carry (d_a: f64[n] = d_a, d_b: f64[n] = d_b) {{
            {_adjoint_of_third("a", "b", 4)}
            {_adjoint_of_third("b", "a", 3)}
            yield d_a, d_b
          }} : f64[n], f64[n]
          return t7, d_a, d_b
        }}
        """,
        _HEAT,
        """
def smooth(a, b, steps):
    for _ in range(steps):
        # model.py:3  b[1:-1] = (a[:-2] + a[1:-1] + a[2:]) / 3.0
        b[1:-1] = (a[:-2] + a[1:-1] + a[2:]) / 3.0
        # model.py:4  a[1:-1] = (b[:-2] + b[1:-1] + b[2:]) / 3.0
        a[1:-1] = (b[:-2] + b[1:-1] + b[2:]) / 3.0
    # model.py:5  return np.sum(a * a)
    value = (a * a).sum()

    # adjoint of model.py:5
    d_a = 2.0 * a
    d_b = np.zeros_like(b)
    for _ in range(steps):
        # adjoint of model.py:4
        t = d_a[1:-1] / 3.0
        d_a[1:-1] = 0.0
        d_b[:-2] += t
        d_b[1:-1] += t
        d_b[2:] += t
        # adjoint of model.py:3
        t = d_b[1:-1] / 3.0
        d_b[1:-1] = 0.0
        d_a[:-2] += t
        d_a[1:-1] += t
        d_a[2:] += t
    return value, d_a, d_b
""",
        np.array([1.0, 2.0, 4.0, 8.0, 3.0]),
        np.array([0.5, 1.0, 1.5, 2.0, 2.5]),
        3,
    )


def test_a_while_loop_keeps_its_tape_and_returns_early():
    check(
        """
        graph root(a: float) {
          t = less a, 0.0 {line=2} : bool
          t1, t2 = if t {
            t3 = multiply 0.0, a {line=3} : float
            yield t3, 0.0
          } else {
            x, x_list = while carry (x: float = a) {
              t4 = multiply x, x {line=5} : float
              t5 = subtract t4, a {line=5} : float
              t6 = absolute t5 {line=5} : float
              t7 = greater t6, 1e-12 {line=5} : bool
              test t7
            do
              t8 = divide a, x {line=6} : float
              t9 = add x, t8 {line=6} : float
              t10 = multiply 0.5, t9 {line=6} : float
              yield t10 collect x
            } : float, list[float]
            d_x, d_a = for reverse each (x: float = x_list)
                carry (d_x: float = 1.0, d_a: float = 0.0) {
              t11 = multiply 0.5, d_x {line=6, adjoint=True} : float
              t12 = divide t11, x {line=6, adjoint=True} : float
              t13 = add d_a, t12 {line=6, adjoint=True} : float
              t14 = multiply t12, a {line=6, adjoint=True} : float
              t15 = divide t14, x {line=6, adjoint=True} : float
              t16 = subtract t11, t15 {line=6, adjoint=True} : float
              yield t16, t13
            } : float, float
            d_a = add d_a, d_x {line=4, adjoint=True} : float
            yield x, d_a
          } : float, float
          return t1, t2
        }
        """,
        """def root(a):
    if a < 0.0:
        return 0.0 * a
    x = a
    while abs(x * x - a) > 1e-12:
        x = 0.5 * (x + a / x)
    return x""",
        """
def root(a):
    # model.py:2  if a < 0.0:
    if a < 0.0:
        # model.py:3  return 0.0 * a
        return 0.0 * a, 0.0
    x_list = []
    x = a
    # model.py:5  while abs(x * x - a) > 1e-12:
    while abs(x * x - a) > 1e-12:
        x_list.append(x)
        # model.py:6  x = 0.5 * (x + a / x)
        x = 0.5 * (x + a / x)
    d_x = 1.0
    d_a = 0.0
    for x_1 in reversed(x_list):
        # adjoint of model.py:6
        d_x *= 0.5
        t = d_x / x_1
        d_a += t
        d_x -= t * a / x_1
    # adjoint of model.py:4
    d_a += d_x
    return x, d_a
""",
        2.0,
    )


def test_a_nonlinear_store_keeps_what_it_overwrites():
    check(
        """
        graph sweep(x: f64[n], c: float) {
          n = dim x {axis=0, line=2} : int(n)
          x, x_old = for i: int in range(1, n, 1) carry (x: f64[n] = x) {
            old = getitem x, i {index=hole(1), line=3} : f64[]
            t = subtract i, 1 {line=3} : int
            t1 = getitem x, t {index=hole(1), line=3} : f64[]
            t2 = multiply old, t1 {line=3} : f64[]
            t3 = add t2, c {line=3} : f64[]
            x = index_set x, t3, i {index=hole(2), in_place=True, line=3} : f64[n]
            yield x collect old
          } : f64[n], list[f64[]]
          t4 = getitem x {index=-1, line=4} : f64[]
          t5 = zeros_like x {line=4, adjoint=True} : f64[n]
          d_x = index_set t5, 1.0 {index=-1, line=4, adjoint=True} : f64[n]
          d_x, d_c = for reverse i: int in range(1, n, 1) each (old: f64[] = x_old)
              carry (d_x: f64[n] = d_x, d_c: float = 0.0) {
            g = getitem d_x, i {index=hole(1), line=3, adjoint=True} : f64[]
            d_c = add d_c, g {line=3, adjoint=True} : float
            t6 = subtract i, 1 {line=3, adjoint=True} : int
            t7 = getitem x, t6 {index=hole(1), line=3, adjoint=True} : f64[]
            t8 = multiply g, t7 {line=3, adjoint=True} : f64[]
            d_x = index_set d_x, t8, i {index=hole(2), line=3, adjoint=True} : f64[n]
            t9 = subtract i, 1 {line=3, adjoint=True} : int
            t10 = multiply g, old {line=3, adjoint=True} : f64[]
            d_x = index_add d_x, t10, t9 {index=hole(2), line=3, adjoint=True} : f64[n]
            yield d_x, d_c
          } : f64[n], float
          return t4, d_x, d_c
        }
        """,
        """def sweep(x, c):
    for i in range(1, len(x)):
        x[i] = x[i] * x[i - 1] + c
    return x[-1]""",
        """
def sweep(x, c):
    # model.py:2  for i in range(1, len(x)):
    n = len(x)
    x_old = []
    for i in range(1, n):
        # model.py:3  x[i] = x[i] * x[i - 1] + c
        old = x[i]
        x_old.append(old)
        x[i] = old * x[i - 1] + c
    # model.py:4  return x[-1]
    value = x[-1]

    # adjoint of model.py:4
    d_x = np.zeros_like(x)
    d_x[-1] = 1.0
    d_c = 0.0
    for i, old in zip(range(n - 1, 0, -1), reversed(x_old)):
        # adjoint of model.py:3
        g = d_x[i]
        d_c += g
        d_x[i] = g * x[i - 1]
        d_x[i - 1] += g * old
    return value, d_x, d_c
""",
        np.array([0.5, 2.0, -1.0, 3.0]),
        0.25,
    )


@pytest.mark.parametrize("n", [0, 1, 7])
def test_a_swap_is_one_parallel_assignment(n):
    check(
        """
        graph fib(n: int) {
          a, b = for i: int in range(0, n, 1) carry (a: int = 0, b: int = 1) {
            b = add a, b : int
            yield b, b
          } : int, int
          return a
        }
        """.replace(
            "b = add a, b : int\n            yield b, b", "t = add a, b : int\n yield b, t"
        ),
        "",
        """
def fib(n):
    a = 0
    b = 1
    for _ in range(n):
        a, b = b, a + b
    return a
""",
        n,
    )


def test_a_stop_in_the_last_branch_is_a_break():
    check(
        """
        graph f(x: float, n: int) {
          s = for i: int in range(0, n, 1) carry (s: float = 0.0) {
            s = add s, x {line=3} : float
            t = greater s, 3.0 {line=4} : bool
            t1, s = if t {
              s = multiply s, 2.0 {line=5} : float
              yield True, s
            } else {
              yield False, s
            } : bool, float
            yield s stop t1
          } : float
          return s
        }
        """,
        """def f(x, n):
    for i in range(n):
        s += x
        if s > 3.0:
            s = s * 2.0
            break
    return s""",
        """
def f(x, n):
    s = 0.0
    for _ in range(n):
        # model.py:3  s += x
        s += x
        # model.py:4  if s > 3.0:
        if s > 3.0:
            # model.py:5  s = s * 2.0
            s = s * 2.0
            break
    return s
""",
        0.9,
        10,
    )


def test_branches_of_branches_are_elif():
    check(
        """
        graph f(x: float) {
          t = less x, 0.0 {line=2} : bool
          y = if t {
            y = negative x {line=3} : float
            yield y
          } else {
            t1 = less x, 1.0 {line=4} : bool
            y = if t1 {
              y = multiply x, x {line=5} : float
              yield y
            } else {
              yield x
            } : float
            yield y
          } : float
          z = multiply y, 3.0 {line=6} : float
          return z
        }
        """,
        """def f(x):
    if x < 0.0:
        y = -x
    elif x < 1.0:
        y = x * x
    z = y * 3.0
    return z""",
        """
def f(x):
    # model.py:2  if x < 0.0:
    if x < 0.0:
        # model.py:3  y = -x
        y = -x
    elif x < 1.0:
        # model.py:4  elif x < 1.0:
        # model.py:5  y = x * x
        y = x * x
    else:
        y = x
    # model.py:6  z = y * 3.0
    z = y * 3.0
    return z
""",
        0.5,
    )


def test_an_array_of_the_callers_is_copied_once_before_the_loop_that_stores_into_it():
    check(
        """
        graph f(x: f64[n], k: int) {
          y = for i: int in range(0, k, 1) carry (y: f64[n] = x) {
            y = index_add y, 1.0, i {index=hole(2)} : f64[n]
            yield y
          } : f64[n]
          z = add x, y : f64[n]
          return z
        }
        """,
        "",
        """
def f(x, k):
    y = x.copy()
    for i in range(k):
        y[i] += 1.0
    z = x + y
    return z
""",
        np.array([1.0, 2.0, 3.0]),
        2,
    )


def test_repeated_places_are_added_one_by_one():
    check(
        """
        graph f(x: f64[n], i: i64[k]) {
          d = zeros_like x : f64[n]
          t = index_add d, 1.0, i {index=hole(2)} : f64[n]
          return t
        }
        """,
        "",
        """
def f(x, i):
    d = np.zeros_like(x)
    np.add.at(d, i, 1.0)
    return d
""",
        np.array([1.0, 2.0, 3.0]),
        np.array([0, 2, 0]),
    )


def test_an_unknown_rank_is_settled_by_a_helper_beside_the_function():
    made = emitted(
        """
        graph f(g: f64[...], x: f64[...]) {
          t = sum_like g, x : f64[...]
          return t
        }
        """
    )
    assert made.source.startswith("def _sum_like(g, x):\n")
    assert "\n\n\ndef f(g, x):\n    return _sum_like(g, x)\n" in made.source
    assert np.array_equal(load(made)(np.ones((2, 3)), np.ones((1, 3))), [[2.0, 2.0, 2.0]])


def test_an_unknown_operation_is_our_own_fault():
    with pytest.raises(Exception, match="no spelling for `frobnicate`"):
        emitted(
            """
            graph f(x: float) {
              t = frobnicate x : float
              return t
            }
            """
        )


def test_reading_the_size_of_an_old_version_does_not_keep_it_alive():
    made = emitted(
        """
        graph f(x: f64[n]) {
          t = dim x {axis=0} : int(n)
          x = for i: int in range(1, t, 1) carry (x: f64[n] = x) {
            x = index_set x, 0.0, i {index=hole(2), in_place=True, effect=True} : f64[n]
            yield x
          } : f64[n]
          y = for reverse i: int in range(1, t, 1) carry (y: float = 0.0) {
            t1 = multiply y, 2.0 : float
            y = add t1, i : float
            yield y
          } : float
          return x, y
        }
        """
    )
    assert made.source == (
        "def f(x):\n"
        "    for i in range(1, x.shape[0]):\n"
        "        x[i] = 0.0\n"
        "    y = 0.0\n"
        "    for i in range(x.shape[0] - 1, 0, -1):\n"
        "        y = y * 2.0 + i\n"
        "    return x, y\n"
    )


def test_a_number_broadcast_to_a_shape_is_an_array_full_of_it():
    check(
        """
        graph f(x: f64[n], y: f32[m, k], s: float) {
          a = broadcast_like 1.0, x {line=2, adjoint=True} : f64[n]
          b = broadcast_like s, y {line=2, adjoint=True} : f64[m, k]
          c = broadcast_like s, y {line=2, adjoint=True} : f64[m, k]
          d = cast c {dtype=dtype('float32'), line=2, adjoint=True} : f32[m, k]
          return a, b, d
        }
        """,
        "def f():\n    return work()\n",
        """
def f(x, y, s):
    # adjoint of model.py:2
    b = np.full_like(y, s, dtype=np.float64)
    return np.ones_like(x), b, np.full_like(y, s)
""",
        np.ones(3),
        np.ones((2, 2), np.float32),
        0.5,
    )


def test_new_axes_of_derived_arrays_are_written_as_an_index():
    check(
        """
        graph f(x: f64[n, m], y: f64[n]) {
          t = expand_dims y {axis=1, line=2, adjoint=True} : f64[n, 1]
          z = multiply x, t {line=2, adjoint=True} : f64[n, m]
          return z
        }
        """,
        "def f():\n    return work()\n",
        """
def f(x, y):
    # adjoint of model.py:2
    return x * y[:, None]
""",
        np.ones((3, 2)),
        np.arange(3.0),
    )


def test_what_is_computed_from_an_item_and_stored_there_is_an_augmented_assignment():
    check(
        """
        graph f(x: f64[n], v: f64[n], w: f64[1, n], i: int) {
          a = copy x {line=3} : f64[n]
          t = getitem a, i {index=hole(1), line=4} : f64[]
          t2 = add t, 2.0 {line=4} : f64[]
          b = index_set a, t2, i {index=hole(2), line=4} : f64[n]
          t1 = getitem b {index=slice(1, None, None), line=5} : f64[n - 1]
          t3 = multiply t1, t1 {line=5} : f64[n - 1]
          c = index_set b, t3 {index=slice(1, None, None), line=5} : f64[n]
          return c
        }
        """,
        """
@grad
def f(x, v, w, i):
    a = x.copy()
    a[i] += 2
    a[1:] *= a[1:]
""",
        """
def f(x, v, w, i):
    # model.py:3  a = x.copy()
    a = x.copy()
    # model.py:4  a[i] += 2
    a[i] += 2.0
    # model.py:5  a[1:] *= a[1:]
    b_part = a[1:]
    a[1:] = b_part * b_part
    return a
""",
        np.array([1.0, 2.0, 3.0]),
        np.zeros(3),
        np.zeros((1, 3)),
        1,
    )


def test_what_has_more_dimensions_or_another_dtype_than_the_item_is_stored_as_it_is():
    check(
        """
        graph f(x: f64[n], w: f64[1, n], k: i64[n]) {
          a = copy x {line=3} : f64[n]
          t = getitem a {index=slice(None, None, None), line=4} : f64[n]
          t2 = add t, w {line=4} : f64[1, n]
          b = index_set a, t2 {index=slice(None, None, None), line=4} : f64[n]
          t1 = getitem k {index=slice(1, None, None), line=5} : i64[n - 1]
          t3 = divide t1, 2 {line=5} : f64[n - 1]
          m = copy k {line=5} : i64[n]
          c = index_set m, t3 {index=slice(1, None, None), line=5} : i64[n]
          return b, c
        }
        """,
        """
@grad
def f(x, w, k):
    a = x.copy()
    a[:] = a[:] + w
    m[1:] = k[1:] / 2
""",
        """
def f(x, w, k):
    # model.py:3  a = x.copy()
    a = x.copy()
    # model.py:4  a[:] = a[:] + w
    a[:] = a[:] + w
    # model.py:5  m[1:] = k[1:] / 2
    m = np.copy(k)
    m[1:] = k[1:] / 2
    return a, m
""",
        np.array([1.0, 2.0, 3.0]),
        np.ones((1, 3)),
        np.array([1, 2, 3]),
    )
