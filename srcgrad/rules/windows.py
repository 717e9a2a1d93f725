"""Window functions, and the Bessel functions that the Kaiser window is made of.

https://numpy.org/doc/stable/reference/routines.window.html
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from srcgrad.graph import ArrayType, Assumptions, Type
from srcgrad.rules.composites import composite
from srcgrad.rules.creation import make
from srcgrad.rules.masking import either, product
from srcgrad.rules.registry import constant, defshape, defvjp, elementwise, named
from srcgrad.rules.shapes import array_shape, as_dim, dtype_of
from srcgrad.rules.symbols import call


@defshape(np.bartlett, np.blackman, np.hamming, np.hanning, operands=())
def window_shape(sizes: Assumptions, M: Any) -> Type:
    dim = as_dim(M)
    return ArrayType(np.dtype(float), (max(dim, 0) if isinstance(dim, int) else dim,))


constant(np.bartlett, np.blackman, np.hamming, np.hanning)


@defshape(np.i0)
def i0_shape(sizes: Assumptions, x: Type) -> Type:
    return ArrayType(np.i0(np.zeros((), dtype_of(x))).dtype, array_shape(x))


@defvjp(np.i0)
def i0_vjp(g, y, x):
    return (product(g, call("bessel_i1", x), unbounded=True),)


@lambda function: named("bessel_i1", function)
def bessel_i1(x: Any) -> Any:
    """The modified Bessel function of the first kind and order 1.

    To 30 by its power series, whose terms all have one sign; beyond by the asymptotic series.
    Source: Abramowitz and Stegun, 9.6.10 and 9.7.1.
    """
    size = np.minimum(np.abs(x), 30.0) / 2.0
    near, factorials = np.zeros_like(size), [1.0]
    for k in range(1, 70):
        factorials.append(factorials[-1] * k * (k + 1))
    for factorial in reversed(factorials):
        near = near * size * size + 1.0 / factorial
    large = np.maximum(np.abs(x), 30.0)
    far, term = np.ones_like(large), np.ones_like(large)
    for k in range(1, 20):
        term = term * ((2 * k - 1) ** 2 - 4.0) / (8.0 * k * large)
        far = far + term
    far = far * np.exp(large) / np.sqrt(2.0 * math.pi * large)
    return np.sign(x) * np.where(np.abs(x) < 30.0, near * size, far)


@defshape(bessel_i1)
def bessel_i1_shape(sizes: Assumptions, x: Type) -> Type:
    return ArrayType(np.result_type(dtype_of(x), np.float16), array_shape(x))


@defvjp(bessel_i1)
def bessel_i1_vjp(g, y, x):
    """I0(x) - I1(x) / x, which is 1 / 2 at 0."""
    slope = np.i0(x) - call("divide_or_zero", y, x)
    return (product(g, either(x == 0, 0.5, slope), unbounded=True),)


elementwise(np.i0, bessel_i1)


@composite(np.kaiser, operands=("beta",), like=np.kaiser)
def kaiser(beta, M):
    """At the ends, where the root is of 0, the window is 1 / I0(beta)."""
    half = (M - 1) / 2.0
    where = (make(beta, np.arange, 0, M) - half) / half
    return np.i0(beta * np.sqrt(1.0 - where * where)) / np.i0(beta)
