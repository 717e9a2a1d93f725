"""Differences of eigenvalues and singular values, by which the derivatives of vectors are divided.

Where two values are equal their vectors are any basis of a plane.  What depends on the choice has
no derivative there, and the quotient is nan; what does not reach the two vectors at all has the
derivative 0.  Values that are equal up to rounding count as equal: their difference is noise.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.graph import ArrayType, Assumptions, Type
from srcgrad.rules.registry import defjvp, defshape, defvjp, elementwise, named
from srcgrad.rules.shapes import array_shape, broadcast_shapes, dtype_of
from srcgrad.rules.symbols import call


@lambda function: named("gaps", function)
def gaps(w: Any) -> Any:
    """`w_j - w_i`: inf for `i == j`, and 0 where the difference is of the size of rounding."""
    differences = w[..., None, :] - w[..., :, None]
    rounding = w.shape[-1] * np.finfo(w.dtype).eps * np.max(abs(w), axis=-1, initial=0.0)
    differences[abs(differences) <= rounding[..., None, None]] = 0.0
    differences[..., np.eye(w.shape[-1], dtype=bool)] = np.inf
    return differences


@defshape(gaps)
def gaps_shape(sizes: Assumptions, w: Type) -> Type:
    shape = array_shape(w)
    return ArrayType(dtype_of(w), None if shape is None else (*shape, shape[-1]))


@defvjp(gaps)
def gaps_vjp(g, y, w):
    return (call(np.sum, g, axis=-2) - call(np.sum, g, axis=-1),)


@defjvp(gaps)
def gaps_jvp(w_dot, y, w):
    return w_dot[..., None, :] - w_dot[..., :, None]


@lambda function: named("over_gap", function)
def over_gap(x: Any, gap: Any) -> Any:
    """`x / gap`; where there is no gap, 0 if `x` is 0, else nan."""
    x, gap = np.broadcast_arrays(x, gap)
    quotient = np.full(x.shape, np.nan, np.result_type(x, gap))
    quotient[x == 0] = 0.0
    return np.divide(x, gap, out=quotient, where=gap != 0)


@defshape(over_gap)
def over_gap_shape(sizes: Assumptions, x: Type, gap: Type) -> Type:
    shape = broadcast_shapes(sizes, array_shape(x), array_shape(gap))
    return ArrayType(np.result_type(dtype_of(x), dtype_of(gap)), shape)


@defvjp(over_gap)
def over_gap_vjp(g, y, x, gap):
    return call("over_gap", g, gap), -call("over_gap", g * y, gap)


elementwise(over_gap)


@lambda function: named("skew", function)
def skew(x: Any) -> Any:
    """Half of `x` minus its conjugate transpose; 0 where the difference is of the size of rounding.

    A function of eigenvectors that does not depend on the choice of a basis has none for equal
    eigenvalues.
    """
    half = 0.5 * (x - np.conj(np.swapaxes(x, -1, -2)))
    rounding = x.shape[-1] * np.finfo(x.dtype).eps * np.max(abs(x), axis=(-2, -1), initial=0.0)
    half[abs(half) <= rounding[..., None, None]] = 0.0
    return half


@defshape(skew)
def skew_shape(sizes: Assumptions, x: Type) -> Type:
    return x


@defvjp(skew)
def skew_vjp(g, y, x):
    return (call("skew", g),)


@defjvp(skew)
def skew_jvp(x_dot, y, x):
    return call("skew", x_dot)
