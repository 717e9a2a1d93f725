"""Functions of NumPy that give the elements taken once in named tuples, written out."""

from __future__ import annotations

from typing import Any

import numpy as np

_ALL: Any = type(np.unique_all(np.zeros(1)))
_COUNTS: Any = type(np.unique_counts(np.zeros(1)))
_INVERSE: Any = type(np.unique_inverse(np.zeros(1)))


def unique_all(x: Any, /) -> Any:
    values, indices, inverse, counts = np.unique(
        x, return_index=True, return_inverse=True, return_counts=True, equal_nan=False
    )
    return _ALL(values, indices, inverse, counts)


def unique_counts(x: Any, /) -> Any:
    values, counts = np.unique(x, return_counts=True, equal_nan=False)
    return _COUNTS(values, counts)


def unique_inverse(x: Any, /) -> Any:
    values, inverse = np.unique(x, return_inverse=True, equal_nan=False)
    return _INVERSE(values, inverse)
