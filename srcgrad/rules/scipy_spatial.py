"""`scipy.spatial.distance`: loaded when the first function of it is met, and never before.

Distances of all pairs are one primitive.  The adjoint of Euclidean ones is a product of matrices;
the points are centred first, so that it cancels no digits of points far from the origin.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.spatial import distance

from srcgrad.errors import UnsupportedError
from srcgrad.graph import ArrayType, Assumptions, Type
from srcgrad.rules.masking import quotient_or_zero
from srcgrad.rules.products import mT
from srcgrad.rules.registry import defjvp, defshape, defvjp, primitive_for
from srcgrad.rules.shapes import array_shape
from srcgrad.rules.symbols import call

for _function in (distance.cdist, distance.pdist, distance.squareform):
    primitive_for(_function, f"scipy.spatial.distance.{_function.__name__}")

_METRICS = ("euclidean", "sqeuclidean", "cityblock")


def _check(metric: Any) -> None:
    if metric not in _METRICS:
        raise UnsupportedError(
            f"distances of all pairs by the metric {metric!r} are not differentiated",
            remedy="Those of " + ", ".join(map(repr, _METRICS)) + " are; or write the differences: "
            "`x[:, None] - y[None, :]`.",
        )


@defshape(distance.cdist, operands=("XA", "XB"))
def cdist_shape(sizes: Assumptions, XA: Type, XB: Type, metric: Any = "euclidean") -> Type:
    _check(metric)
    a, b = array_shape(XA), array_shape(XB)
    rows = a[0] if a else None
    columns = b[0] if b else None
    return ArrayType(np.dtype(float), (rows, columns))


def _weights(g: Any, y: Any, metric: str) -> Any:
    """By what the difference of two points is multiplied."""
    return 2.0 * g if metric == "sqeuclidean" else quotient_or_zero(g, y)


def _signs(a: Any, b: Any) -> Any:
    return call(np.sign, a[:, None] - b[None])


def _total(x: Any, axis: int) -> Any:
    return call(np.sum, x, axis=axis, keepdims=True)


@defvjp(distance.cdist)
def cdist_vjp(g, y, XA, XB, metric="euclidean"):
    """d|a - b|² = 2 (a - b)ᵀ(da - db), summed over the pairs."""
    if metric == "cityblock":
        moved = g[:, :, None] * _signs(XA, XB)
        return call(np.sum, moved, axis=1), -call(np.sum, moved, axis=0)
    weights = _weights(g, y, metric)
    centre = call(np.mean, XB, axis=0)
    a, b = XA - centre, XB - centre
    d_a = _total(weights, 1) * a - weights @ b
    return d_a, mT(_total(weights, 0)) * b - mT(weights) @ a


@defjvp(distance.cdist)
def cdist_jvp(a_dot, b_dot, y, XA, XB, metric="euclidean"):
    step = 0.0
    if a_dot is not None:
        step = a_dot[:, None]
    if b_dot is not None:
        step = step - b_dot[None]
    if metric == "cityblock":
        return call(np.sum, _signs(XA, XB) * step, axis=-1)
    along = call(np.sum, (XA[:, None] - XB[None]) * step, axis=-1)
    return _weights(along, y, metric)


@defshape(distance.pdist, operands=("X",))
def pdist_shape(sizes: Assumptions, X: Type, metric: Any = "euclidean") -> Type:
    _check(metric)
    return ArrayType(np.dtype(float), (None,))


@defvjp(distance.pdist)
def pdist_vjp(g, y, X, metric="euclidean"):
    """As `cdist` of the points with themselves, each pair once."""
    if metric == "cityblock":
        pairs = call(distance.squareform, g)
        return (call(np.sum, pairs[:, :, None] * _signs(X, X), axis=1),)
    weights = call(distance.squareform, _weights(g, y, metric))
    x = X - call(np.mean, X, axis=0)
    return (_total(weights, 1) * x - weights @ x,)


@defjvp(distance.pdist)
def pdist_jvp(x_dot, y, X, metric="euclidean"):
    step = x_dot[:, None] - x_dot[None]
    if metric == "cityblock":
        return call(distance.squareform, call(np.sum, _signs(X, X) * step, axis=-1))
    along = call(np.sum, (X[:, None] - X[None]) * step, axis=-1)
    return _weights(call(distance.squareform, along), y, metric)


@defshape(distance.squareform, operands=("X",))
def squareform_shape(sizes: Assumptions, X: Type, force: Any = "no", checks: Any = True) -> Type:
    shape = array_shape(X)
    if shape is None or force != "no":
        raise UnsupportedError("`squareform` of an array of unknown rank, or with `force`")
    return ArrayType(np.dtype(float), (None, None) if len(shape) == 1 else (None,))


@defvjp(distance.squareform)
def squareform_vjp(g, y, X, force="no", checks=True):
    """A matrix has each distance twice, and only those above the diagonal are read."""
    if X.ndim == 1:
        return (call(distance.squareform, g + mT(g), checks=False),)
    return (call(np.triu, call(distance.squareform, g)),)


@defjvp(distance.squareform)
def squareform_jvp(x_dot, y, X, force="no", checks=True):
    return call(distance.squareform, x_dot, checks=False)
