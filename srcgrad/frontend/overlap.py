"""Do arrays that are written share memory, with one another or within themselves?"""

from __future__ import annotations

import numpy as np

_MOST_WORK = 1000  # Beyond that many steps nobody can tell; then they may as well.


def share_memory(a: np.ndarray, b: np.ndarray) -> bool:
    """Is there an element of one in the memory of the other?  Two columns of a matrix do not."""
    if not np.may_share_memory(a, b):
        return False
    try:
        return np.shares_memory(a, b, max_work=_MOST_WORK)  # type: ignore[arg-type]
    except np.exceptions.TooHardError:
        return True


def overlaps_itself(array: np.ndarray) -> bool:
    """Are two elements at one place, as in broadcast arrays and windows?"""
    if array.flags.c_contiguous or array.flags.f_contiguous or array.size < 2:
        return False
    reach = array.itemsize
    for stride, length in sorted((abs(s), n) for s, n in zip(array.strides, array.shape)):
        if length > 1:
            if stride < reach:
                return True
            reach += stride * (length - 1)
    return False
