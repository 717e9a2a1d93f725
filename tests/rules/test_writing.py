"""Functions that write into an array: rules against NumPy's results and differences."""

from __future__ import annotations

import numpy as np
import pytest

from srcgrad.rules import all_primitives
from srcgrad.rules.writing import MASKED
from tests.rules.rows import check, fixed, gradient, normal, row, uniform

UNIT = uniform(0.2, 0.9, 3, 4)
OTHER = uniform(0.3, 0.8, 3, 4, seed=5)
MASK = normal(3, 4, seed=9) > 0
OF_INTEGERS = "invert bitwise_and bitwise_or bitwise_xor left_shift right_shift gcd lcm".split()
OF_INTEGERS += ["bitwise_count"]
TWICE = [2, 0, 2, 2]
DIFFERENTIABLE = [p for p in all_primitives() if p.vjp is not None and p.name.startswith(MASKED)]


def arguments_of(name: str) -> list:
    if name.endswith("arccosh"):
        return [1.0 + UNIT]
    ufunc = getattr(np, name.removeprefix(MASKED))
    if ufunc is np.ldexp:
        return [UNIT, np.array([1, 2, 0, 3])]
    if ufunc.__name__ in OF_INTEGERS:
        return [np.array([1, 2, 3, 4]), np.array([2, 0, 1, 3])][: ufunc.nin]
    return [UNIT, OTHER][: ufunc.nin]


ROWS = [
    *(row(p.name, normal(3, 4, seed=2), MASK, *arguments_of(p.name)) for p in DIFFERENTIABLE),
    row("masked_divide", normal(3, 4), MASK[0], normal(4), uniform(1.0, 2.0, 3, 1)),
    row("masked_multiply", normal(3, 4, dtype=complex), MASK, UNIT, normal(4, dtype=complex)),
    row("masked_add", normal(3, 4, dtype="f4"), MASK, UNIT, 0.5),
    *(
        row(name, uniform(0.5, 1.5, 4, *more), uniform(0.5, 1.5, 4, *more, seed=3), fixed(TWICE))
        for name in ("divide_at", "maximum_at", "minimum_at")
        for more in ((), (2,))
    ),
    # the product of all other factors has no derivative yet
    row("multiply_at", normal(4), uniform(0.5, 1.5, 4), fixed(TWICE), twice=False),
    row("multiply_at", normal(4, 2), uniform(0.5, 1.5, 2), fixed(TWICE), twice=False),
    row("multiply_at", normal(4), np.array([0.0, 2.0, 0.5, 3.0]), fixed(TWICE), twice=False),
    row("multiply_at", normal(4), np.array([0.0, 2.0, 0.0, 3.0]), fixed([0, 1, 1, 2]), twice=False),
    row("diagonal_set", normal(3, 3), 2.0),
    row("diagonal_set", normal(3, 3), normal(3)),
    row("diagonal_set", normal(2, 3), 2.0),
    row("real_set", normal(3, 2, dtype=complex), normal(2)),
    row("imag_set", normal(3, 2, dtype=complex), normal(3, 2)),
    row("imag_set", normal(3, dtype="c8"), normal(3, dtype="f4")),
    row("flat", normal(3, 2)),
    row("flat", normal(3, dtype="f4")),
]


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_rules_agree_with_numpy_and_with_differences(row) -> None:
    check(row)


def test_nothing_leaks_from_where_a_masked_function_did_not_write() -> None:
    with np.errstate(all="raise"):
        d_base, _, d_a, d_b = gradient(
            "masked_divide",
            np.array([5.0, 6.0]),
            np.array([True, False]),
            np.array([1.0, 1.0]),
            np.array([2.0, 0.0]),
        )
    assert d_base.tolist() == [0.0, 1.0]
    assert d_a.tolist() == [0.5, 0.0]
    assert d_b.tolist() == [-0.25, 0.0]


def test_what_was_rounded_when_it_was_stored_still_counts_as_stored() -> None:
    base = np.zeros(2, np.float32)
    _, d_v = gradient("maximum_at", base, np.array([0.1, 0.3]), fixed([0, 1]))
    assert d_v.tolist() == [1.0, 1.0]


def test_largest_elements_that_come_to_one_place_share_its_cotangent() -> None:
    d_a, d_v = gradient("maximum_at", np.array([1.0, 0.0]), np.ones(3), fixed([0, 0, 1]))
    assert d_a.tolist() == [1 / 3, 0.0]
    assert d_v.tolist() == [1 / 3, 1 / 3, 1.0]
