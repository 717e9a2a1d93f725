"""Rearranging: rules against NumPy's results and differences."""

from __future__ import annotations

import numpy as np
import pytest

from srcgrad.errors import UnsupportedError
from tests.rules.rows import Row, check, fixed, normal, row

X = normal(2, 3)
CUBE = normal(2, 3, 4)
INTP = np.intp

ROWS = [
    row(np.flip, X),
    row(np.flip, X, axis=0),
    row(np.flip, CUBE, axis=(0, -1)),
    row(np.fliplr, X),
    row(np.flipud, X),
    row(np.rot90, X),
    row(np.rot90, CUBE, k=2, axes=(1, 2)),
    row(np.rot90, CUBE, k=3, axes=(0, 2)),
    row(np.roll, X, 2),
    row(np.roll, X, -1, axis=1),
    row(np.roll, CUBE, (1, -2), axis=(0, 2)),
    row(np.roll, X, INTP(1), axis=0),
    row(np.tile, normal(3), 2),
    row(np.tile, X, (2, 1)),
    row(np.tile, X, (4, 2, 1)),
    row(np.tile, CUBE, 3),
    row(np.tile, 2.0, (2, 3)),
    row(np.tile, X, (INTP(2), 3)),
    row(np.tile, X, (0, 3)),
    row(np.repeat, X, 2),
    row(np.repeat, X, 2, axis=0),
    row(np.repeat, X, 0, axis=1),
    row(np.repeat, X, 0),
    row(np.repeat, X, INTP(3), axis=-1),
    row(np.repeat, X, np.array([1, 0, 3]), axis=1),
    row(np.repeat, X, fixed([1, 0, 3]), axis=1),
    row(np.repeat, normal(2), np.array([1, 2])),
    row(np.repeat, 2.0, 3),
    row(np.pad, X, 1),
    row(np.pad, X, (1, 2)),
    row(np.pad, X, ((1, 0), (0, 2)), constant_values=3),
    row(np.pad, X, ((INTP(1), INTP(0)), (INTP(0), INTP(2)))),
    row(np.pad, X, fixed({1: (1, 2)})),
    row(np.pad, normal(0, 3), 1),
    *(row(np.pad, CUBE, ((1, 1), (2, 1), (0, 3)), mode=mode) for mode in ("edge", "reflect")),
    *(row(np.pad, CUBE, ((3, 1), (2, 4), (0, 3)), mode=mode) for mode in ("symmetric", "wrap")),
    row(np.pad, normal(3), (INTP(5), INTP(0)), mode="reflect"),
    row(np.pad, normal(1), 3, mode="reflect"),
    row(np.pad, normal(3, dtype="f4"), 1, mode="edge"),
    row(np.tril, normal(3, 3)),
    row(np.tril, CUBE, k=-1),
    row(np.triu, normal(3, 4), k=1),
    row(np.triu, normal(3)),
    row(np.diag, normal(3)),
    row(np.diag, normal(3), k=-2),
    row(np.diag, normal(3, 4)),
    row(np.diag, normal(3, 4), k=2),
    row(np.diag, normal(4, 3), k=-1),
    row(np.diag, normal(2, 2), k=5),
    row(np.diagonal, normal(3, 4), offset=1),
    row(np.diagonal, normal(3, 4, 3), offset=-1, axis1=0, axis2=2),
    row(np.diagonal, normal(3, 4, 3), axis1=2, axis2=1),
    row(np.diagonal, normal(2, 3, 4, 3), axis1=1, axis2=3),
    row(np.diagonal, normal(2, 3, 3, 2), axis1=1, axis2=2),
    row(np.trace, normal(3, 3)),
    row(np.trace, normal(3, 4), offset=1),
    row(np.trace, normal(3, 4), offset=1, axis1=1, axis2=0),
    row(np.trace, normal(3, 4, 3), axis1=0, axis2=2),
    row(np.trace, normal(3, 3, dtype="f4")),
    row(np.diff, normal(4)),
    row(np.diff, X, axis=0),
    row(np.diff, CUBE, n=2),
    row(np.diff, X, n=3, axis=0),
    row(np.diff, normal(0, 3), axis=0),
    row(np.diff, normal(1)),
    row(np.delete, normal(4), 1),
    row(np.delete, normal(4), fixed([0, -1])),
    row(np.delete, X, 1, axis=1),
    row(np.delete, X, 4),
    row(np.delete, X, fixed(slice(0, 2)), axis=1),
    row(np.insert, normal(3), 1, 2.0),
    row(np.insert, normal(3), 1, normal(2)),
    row(np.insert, normal(3), fixed([0, 2]), normal(2)),
    row(np.insert, X, -1, 2.0),
]


@pytest.mark.parametrize("case", ROWS, ids=str)
def test_rules_agree_with_numpy_and_with_differences(case: Row) -> None:
    check(case)


@pytest.mark.parametrize("mode", ["mean", "linear_ramp", "empty"])
def test_a_padding_without_a_rule_is_refused(mode: str) -> None:
    with pytest.raises(UnsupportedError, match=mode):
        check(row(np.pad, X, 1, mode=mode))


def test_a_dynamic_offset_of_a_diagonal_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="offset"):
        check(row(np.diagonal, X, offset=INTP(1)))
