"""`np.cross` along other axes and in the plane, and segments of reductions, written out."""

from __future__ import annotations

from typing import Any

import numpy as np


def cross(
    a: Any,
    b: Any,
    axisa: Any = -1,
    axisb: Any = -1,
    axisc: Any = -1,
    axis: Any = None,
    *,
    components: Any,
) -> Any:
    """With the numbers of `components` of the vectors, which are known; the third may be left out.

    What NumPy says of vectors in the plane on the way it says in the plain program.
    """
    if axis is not None:
        axisa, axisb, axisc = axis, axis, axis
    first = np.moveaxis(np.asarray(a), axisa, -1)
    second = np.moveaxis(np.asarray(b), axisb, -1)
    if components == (3, 3):
        return np.moveaxis(np.cross(first, second), -1, axisc)
    a0, a1, b0, b1 = first[..., 0], first[..., 1], second[..., 0], second[..., 1]
    last = a0 * b1 - a1 * b0
    if components == (2, 2):
        return last
    if components == (2, 3):
        parts = [a1 * second[..., 2], -(a0 * second[..., 2]), last]
    else:
        parts = [-(first[..., 2] * b1), first[..., 2] * b0, last]
    return np.moveaxis(np.stack(np.broadcast_arrays(*parts), axis=-1), -1, axisc)


def reduceat(
    ufunc: Any, array: Any, indices: Any, axis: Any = 0, dtype: Any = None, out: Any = None
) -> Any:
    """A reduction of each segment; the element alone where a segment does not go forward."""
    rows = np.moveaxis(np.asarray(array, dtype), axis, 0)
    stops = [*indices[1:], len(rows)]
    segments = []
    for start, stop in zip(indices, stops):
        segments.append(ufunc.reduce(rows[start:stop]) if start < stop else rows[start])
    return np.stack(segments, axis=axis)
