from __future__ import annotations

from srcgrad.transforms import merge_branches
from tests.transforms.texts import assert_becomes, assert_stays


def test_two_branches_on_one_condition_become_one():
    assert_becomes(
        merge_branches,
        """
        graph f(x: float, c: bool) {
          y, kept = if c {
            a = multiply x, x : float
            yield a, a
          } else {
            yield x, undefined
          } : float, float
          d = if c {
            g = multiply kept, 2.0 : float
            yield g
          } else {
            yield 1.0
          } : float
          return y, d
        }
        """,
        """
        graph f(x: float, c: bool) {
          y, kept, d = if c {
            a = multiply x, x : float
            g = multiply a, 2.0 : float
            yield a, a, g
          } else {
            yield x, undefined, 1.0
          } : float, float, float
          return y, d
        }
        """,
    )


def test_what_only_the_second_branch_needs_moves_before_the_first():
    assert_becomes(
        merge_branches,
        """
        graph f(x: float, c: bool) {
          y = if c {
            yield x
          } else {
            yield 0.0
          } : float
          t = multiply x, 3.0 : float
          u = multiply y, 2.0 : float
          d = if c {
            yield t
          } else {
            yield 1.0
          } : float
          return u, d
        }
        """,
        """
        graph f(x: float, c: bool) {
          t = multiply x, 3.0 : float
          y, d = if c {
            yield x, t
          } else {
            yield 0.0, 1.0
          } : float, float
          u = multiply y, 2.0 : float
          return u, d
        }
        """,
    )


def test_branches_stay_apart_where_the_second_needs_the_first():
    assert_stays(
        merge_branches,
        """
        graph f(x: float, c: bool) {
          y = if c {
            yield x
          } else {
            yield 0.0
          } : float
          u = multiply y, 2.0 : float
          d = if c {
            yield u
          } else {
            yield 1.0
          } : float
          return d
        }
        """,
    )


def test_a_branch_on_a_flag_follows_the_branch_that_set_it():
    assert_becomes(
        merge_branches,
        """
        graph f(x: float, c: bool) {
          done, early = if c {
            a = multiply x, x : float
            yield True, a
          } else {
            yield False, undefined
          } : bool, float
          y = if done {
            yield early
          } else {
            b = add x, 1.0 : float
            yield b
          } : float
          return y
        }
        """,
        """
        graph f(x: float, c: bool) {
          done, early, y = if c {
            a = multiply x, x : float
            yield True, a, a
          } else {
            b = add x, 1.0 : float
            yield False, undefined, b
          } : bool, float, float
          return y
        }
        """,
    )


def test_branches_with_effects_keep_their_order():
    assert_stays(
        merge_branches,
        """
        graph f(x: float, c: bool) {
          y = if c {
            yield x
          } else {
            yield 0.0
          } : float
          p = assert c {effect=True} : object
          d = if c {
            q = assert c {effect=True} : object
            yield x
          } else {
            yield 1.0
          } : float
          return y, d
        }
        """,
    )


RETURNED_IN_A_BRANCH = """
        graph f(x: float, c: bool, d: bool) {{
          t, returned = if c {{
            a, inner = if d {{
              yield 1.0, True
            }} else {{
              yield x, False
            }} : float, bool
            yield a, inner
          }} else {{
            yield 2.0, False
          }} : float, bool
          y = if returned {{
            yield t
          }} else {{
            {body}
          }} : float
          return y
        }}
"""


def test_a_branch_moves_to_where_inner_branches_have_decided_it():
    assert_becomes(
        merge_branches,
        RETURNED_IN_A_BRANCH.format(body="s = multiply t, x : float yield s"),
        """
        graph f(x: float, c: bool, d: bool) {
          t, returned, y_1 = if c {
            a, inner, y = if d {
              yield 1.0, True, 1.0
            } else {
              s = multiply x, x : float
              yield x, False, s
            } : float, bool, float
            yield a, inner, y
          } else {
            s_1 = multiply 2.0, x : float
            yield 2.0, False, s_1
          } : float, bool, float
          return y_1
        }
        """,
    )


def test_a_branch_with_much_to_repeat_stays_where_it_is():
    steps = "".join(f"s{k} = sin s{k - 1} : f64 " for k in range(1, 14)).replace("s0", "t")
    body = steps.replace(": f64 ", ": float ").replace("sin", "math.sin") + "yield s13"
    assert_stays(merge_branches, RETURNED_IN_A_BRANCH.format(body=body))
