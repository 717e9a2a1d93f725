from __future__ import annotations

from srcgrad.transforms import fold_constants
from tests.transforms.texts import assert_becomes, assert_stays


def test_arithmetic_of_numbers_is_done_now():
    assert_becomes(
        fold_constants,
        """
        graph f(x: float) {
          t = multiply 2.0, 3.0 : float
          u = subtract t, 1 : float
          y = multiply x, u : float
          return y
        }
        """,
        """
        graph f(x: float) {
          y = multiply x, 5.0 : float
          return y
        }
        """,
    )


def test_a_division_by_zero_is_left_to_raise_during_the_call():
    assert_stays(
        fold_constants,
        """
        graph f(x: float) {
          t = divide 1.0, 0.0 : float
          y = multiply x, t : float
          return y
        }
        """,
    )


def test_arithmetic_with_arrays_stays():
    assert_stays(
        fold_constants,
        """
        graph f(x: f64[n]) {
          y = multiply x, 2.0 : f64[n]
          return y
        }
        """,
    )
