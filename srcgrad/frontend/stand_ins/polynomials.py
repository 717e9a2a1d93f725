"""`np.poly`, and what the functions for series of polynomials make of their arguments."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.polynomial.polyutils import trimseq


def poly(seq_of_zeros: Any) -> Any:
    """The product of x - r over all roots r, one factor after another."""
    roots = np.atleast_1d(seq_of_zeros)
    if roots.ndim != 1 or roots.dtype.kind not in "fiu":
        raise NotImplementedError("`np.poly` of a matrix, or of complex roots")
    roots = roots.astype(np.float64) if roots.dtype.kind in "iu" else roots
    product = np.ones(1, dtype=roots.dtype)
    for root in roots:
        product = np.convolve(product, np.array([1.0, -root], dtype=roots.dtype))
    return product


def as_series(alist: Any, trim: Any = True) -> Any:
    arrays = [np.atleast_1d(a) for a in alist]
    if trim:
        arrays = [trimseq(a) for a in arrays]
    dtype = np.common_type(*arrays)
    return [np.array(a, dtype=dtype) for a in arrays]


def derivative(der: Any, c: Any, m: Any = 1, scl: Any = 1) -> Any:
    """As the function `der` of a basis, with a scale that is known only during the call."""
    dtype = _dtype_of(c)
    for _ in range(m):
        c = der((c * scl).astype(dtype))
    return c


def _dtype_of(c: Any) -> Any:
    """NumPy scales in place."""
    return c.dtype if c.dtype.kind in "fc" else np.float64


def integral(
    int: Any, val: Any, c: Any, m: Any = 1, k: Any = (), lbnd: Any = 0, scl: Any = 1
) -> Any:
    """As the function `int` of a basis, with numbers that are known only during the call."""
    dtype = _dtype_of(c)
    constants = [*k] if np.iterable(k) else [k]
    for place in range(m):
        c = int((c * scl).astype(dtype))
        constant = constants[place] if place < len(constants) else 0
        first = (c[:1] + (constant - val(lbnd, c))).astype(dtype)
        c = np.concatenate((first, c[1:]))
    return c


def times_number(c: Any, number: Any) -> Any:
    (series,) = as_series([c])
    return trimseq(series * number)


def over_number(c: Any, number: Any) -> Any:
    (series,) = as_series([c])
    return series / number, np.take(series, [0]) * 0
