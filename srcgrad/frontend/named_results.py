"""Functions of NumPy that return named tuples: `np.linalg.slogdet(a).logabsdet`."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

_EXAMPLES: dict[Any, Callable[[], Any]] = {
    function: functools.partial(function, np.eye(1))
    for function in (
        np.linalg.eig,
        np.linalg.eigh,
        np.linalg.qr,
        np.linalg.slogdet,
        np.linalg.svd,
    )
}


@functools.cache
def kind_of_result(function: Any, count: int) -> type:
    """The class of the tuple of `count` results: `tuple`, or the named tuple that NumPy returns."""
    example = _EXAMPLES.get(function)
    kind = tuple if example is None else type(example())
    return kind if len(getattr(kind, "_fields", ())) == count else tuple


def is_named_result(kind: type) -> bool:
    """Is this a class of NumPy's own, which emitted code has no public name for?"""
    return hasattr(kind, "_fields") and kind.__module__.split(".")[0] == "numpy"
