"""Einstein summation: its rule against NumPy's results and differences."""

from __future__ import annotations

import numpy as np
import pytest

from srcgrad.errors import ArgumentError, ShapeError, UnsupportedError
from srcgrad.rules.einsum import parse_subscripts
from tests.rules.rows import Row, check, fixed, normal, row

ROWS = [
    row(np.einsum, "ij,jk->ik", normal(2, 3), normal(3, 4)),
    row(np.einsum, "ij,jk", normal(2, 3), normal(3, 4)),
    row(np.einsum, "ji,kj", normal(3, 2), normal(4, 3)),
    row(np.einsum, "i,i", normal(3), normal(3, seed=1)),
    row(np.einsum, "i,j->ij", normal(3), normal(2)),
    row(np.einsum, "ij->ji", normal(2, 3)),
    row(np.einsum, "ij->", normal(2, 3)),
    row(np.einsum, "ij->j", normal(2, 3)),
    row(np.einsum, "ijk->ki", normal(2, 3, 4)),
    row(np.einsum, "ii", normal(3, 3)),
    row(np.einsum, "ii->i", normal(3, 3)),
    row(np.einsum, "iji->j", normal(3, 2, 3)),
    row(np.einsum, "iji->ij", normal(3, 2, 3)),
    row(np.einsum, "iij,j->i", normal(3, 3, 2), normal(2)),
    row(np.einsum, "ij,k->i", normal(2, 3), normal(4)),
    row(np.einsum, "i,ij,j->", normal(2), normal(2, 3), normal(3)),
    row(np.einsum, "...ij,jk->...ik", normal(5, 2, 3), normal(3, 4)),
    row(np.einsum, "...ij,...jk->...ik", normal(5, 2, 3), normal(3, 4)),
    row(np.einsum, "...i,...i", normal(2, 3), normal(4, 2, 3)),
    row(np.einsum, "...i,...i->...", normal(2, 1, 3), normal(4, 3)),
    row(np.einsum, "i...->...", normal(3, 2)),
    row(np.einsum, "ij,ij->j", normal(1, 3), normal(2, 3)),
    row(np.einsum, ",i->i", 2.0, normal(3)),
    row(np.einsum, "i,->i", normal(3, dtype="f4"), 2.0),
    row(np.einsum, "ij,jk,kl->il", normal(2, 3), normal(3, 2), normal(2, 4), optimize=True),
    row(np.einsum, "ij,jk->ik", normal(2, 3, dtype=complex), normal(3, 4)),
    row(np.einsum, "ij,jk->ik", normal(2, 0), normal(0, 4)),
]


@pytest.mark.parametrize("case", ROWS, ids=str)
def test_rules_agree_with_numpy_and_with_differences(case: Row) -> None:
    check(case)


@pytest.mark.parametrize(
    ("text", "ranks", "operands", "result"),
    [
        ("ij,jk", [2, 2], ("ij", "jk"), "ik"),
        ("b a, c", [2, 1], ("ba", "c"), "abc"),
        ("i...,...", [3, 1], ("iab", "b"), "abi"),
        ("a...->...a", [3], ("abc",), "bca"),
        ("...", [0], ("",), ""),
    ],
)
def test_subscripts_are_written_out(text: str, ranks: list, operands: tuple, result: str) -> None:
    found = parse_subscripts(text, ranks)
    assert (found.operands, found.result) == (operands, result)


def test_sizes_that_disagree_are_refused() -> None:
    with pytest.raises(ShapeError, match="'j'"):
        check(row(np.einsum, "ij,jk->ik", normal(2, 3), normal(4, 2)))


@pytest.mark.parametrize("text", ["ij->ik", "ij->ii", "ij,j->i", "...j->j"])
def test_subscripts_that_do_not_fit_are_refused(text: str) -> None:
    with pytest.raises(ArgumentError):
        check(row(np.einsum, text, normal(2, 3)))


def test_subscripts_as_lists_are_refused() -> None:
    with pytest.raises(UnsupportedError, match="as a string"):
        check(row(np.einsum, normal(2), fixed([0])))
