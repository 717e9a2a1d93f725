"""Elements taken once: NumPy's manual, "Set routines".

How many there are is known during the call only.  A result that several equal elements give has its
cotangent shared by them equally, as that of an extremum.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.errors import UnsupportedError
from srcgrad.graph import ArrayType, Assumptions, Type
from srcgrad.rules.composites import composite
from srcgrad.rules.registry import constant, defjvp, defshape, defvjp
from srcgrad.rules.shapes import array_shape, dtype_of
from srcgrad.rules.symbols import call

_PLACES = np.dtype(np.intp)


def _unique_like(
    ar: Any,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: Any = None,
    *,
    equal_nan: bool = True,
    sorted: bool = True,
) -> None:
    """The signature of `np.unique`."""


@defshape(np.unique, operands=("ar",), like=_unique_like)
def unique_shape(
    sizes: Assumptions,
    ar: Type,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: Any = None,
    equal_nan: bool = True,
    sorted: bool = True,
) -> Any:
    if axis is not None:
        raise UnsupportedError(
            "`axis=` of `np.unique` is not supported",
            remedy="Leave it out for the elements; take rows with `x[np.unique(..., axis=0)]`.",
        )
    values = ArrayType(dtype_of(ar), (None,))
    places = ArrayType(_PLACES, (None,))
    inverse = ArrayType(_PLACES, array_shape(ar))
    wanted = ((return_index, places), (return_inverse, inverse), (return_counts, places))
    more = [type_ for given, type_ in wanted if given]
    return (values, *more) if more else values


@defvjp(np.unique)
def unique_vjp(
    g, y, ar, return_index=False, return_inverse=False, return_counts=False, axis=None,
    equal_nan=True, sorted=True,
):  # fmt: skip
    first = g[0] if isinstance(g, tuple) else g
    if first is None:
        return (None,)
    inverse, counts = _inverse_and_counts(ar)
    return (call("reshape_like", (first / counts)[inverse], ar),)


@defjvp(np.unique)
def unique_jvp(
    ar_dot, y, ar, return_index=False, return_inverse=False, return_counts=False, axis=None,
    equal_nan=True, sorted=True,
):  # fmt: skip
    values = y[0] if isinstance(y, tuple) else y
    inverse, counts = _inverse_and_counts(ar)
    total = call("index_add", call(np.zeros_like, values), np.ravel(ar_dot), index=inverse)
    more = sum((return_index, return_inverse, return_counts))
    return (total / counts, *[None] * more)


def _inverse_and_counts(ar: Any) -> tuple[Any, Any]:
    """For each element which of the unique ones it is, and how many there are of each of these."""
    _, inverse, counts = call(np.unique, ar, return_inverse=True, return_counts=True)
    return np.ravel(inverse), counts


@composite(np.unique_values)
def unique_values(x):
    return call(np.unique, x)


def _flat(x: Any) -> Any:
    return x if x.ndim == 1 else np.ravel(x)


@composite(np.union1d)
def union1d(ar1, ar2):
    return call(np.unique, np.concatenate((_flat(ar1), _flat(ar2))))


@composite(np.intersect1d, operands=("ar1", "ar2"))
def intersect1d(ar1, ar2, assume_unique=False, return_indices=False):
    """The elements come from the first array."""
    if return_indices:
        raise UnsupportedError("`return_indices=` of `np.intersect1d` is not supported")
    once = call(np.unique, ar1)
    return once[np.isin(once, ar2)]


@composite(np.setdiff1d, operands=("ar1", "ar2"))
def setdiff1d(ar1, ar2, assume_unique=False):
    once = _flat(ar1) if assume_unique else call(np.unique, ar1)
    return once[~np.isin(once, ar2)]


@composite(np.setxor1d, operands=("ar1", "ar2"))
def setxor1d(ar1, ar2, assume_unique=False):
    return np.sort(np.concatenate((setdiff1d(ar1, ar2), setdiff1d(ar2, ar1))))


@defshape(np.isin, operands=("element", "test_elements"))
def isin_shape(
    sizes: Assumptions,
    element: Type,
    test_elements: Type,
    assume_unique: bool = False,
    invert: bool = False,
    *,
    kind: Any = None,
) -> Type:
    return ArrayType(np.dtype(bool), array_shape(element))


constant(np.isin)
