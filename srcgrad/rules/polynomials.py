"""Polynomials by their coefficients, highest power first: NumPy's manual, "Poly1d".

These are the older functions, of the main namespace.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.polynomial import polynomial

from srcgrad.errors import UnsupportedError
from srcgrad.graph import ArrayType, Assumptions, Type, add_dims, is_complex, subtract_dims
from srcgrad.rules.composites import composite
from srcgrad.rules.creation import make
from srcgrad.rules.polynomial_bases import by_coefficients, fitted, series_length
from srcgrad.rules.registry import defjvp, defshape, defvjp
from srcgrad.rules.shapes import array_shape, dtype_of, inexact_dtype
from srcgrad.rules.symbols import Symbol, call


@defshape(np.polyval, operands=("p", "x"))
def polyval_shape(sizes: Assumptions, p: Type, x: Type) -> Type:
    series_length(p, sizes)
    return ArrayType(np.result_type(inexact_dtype(p, x)), array_shape(x))


@defvjp(np.polyval)
def polyval_vjp(g, y, p, x):
    d_p = None
    if isinstance(p, Symbol):
        d_p = by_coefficients(g, _powers(x, p.shape[0]))
    return d_p, g * call(np.polyval, call(np.polyder, p), x)


@defjvp(np.polyval)
def polyval_jvp(p_dot, x_dot, y, p, x):
    by_p = None if p_dot is None else call(np.polyval, p_dot, x)
    by_x = None if x_dot is None else x_dot * call(np.polyval, call(np.polyder, p), x)
    return by_p if by_x is None else by_x if by_p is None else by_x + by_p


def _powers(x: Any, count: Any) -> Any:
    """The columns x ** (count - 1), ..., x, 1."""
    return call(polynomial.polyvander, x, deg=count - 1)[..., ::-1]


@composite(np.polyder)
def polyder(p, m=1):
    return call(polynomial.polyder, _times_integers(p)[::-1], m=m)[::-1]


@composite(np.polyint)
def polyint(p, m=1, k=None):
    constants = () if k is None else k
    return call(polynomial.polyint, _times_integers(p)[::-1], m=m, k=constants)[::-1]


def _times_integers(p: Any) -> Any:
    """The coefficients in the dtype of their products with integers: float64 for float32."""
    dtype = np.result_type(p.dtype, np.int64)
    return p if p.dtype == dtype else call("cast", p, dtype=dtype)


@composite(np.polyadd)
def polyadd(a1, a2):
    return _padded(a1, a2) + _padded(a2, a1)


@composite(np.polysub)
def polysub(a1, a2):
    return _padded(a1, a2) - _padded(a2, a1)


def _padded(a: Any, other: Any) -> Any:
    """The coefficients with zeros before them, as many as `other` has more."""
    (length,), (wanted,) = a.dims, other.dims
    if not isinstance(length, int) or not isinstance(wanted, int):
        missing = call(max, other.shape[0] - a.shape[0], 0)
        return call(np.pad, a, (missing, 0))
    return call(np.pad, a, (wanted - length, 0)) if wanted > length else a


@composite(np.polyfit, operands=("x", "y", "w"), like=np.polyfit)
def polyfit(x, y, w=None, deg=None, rcond=None, full=False, cov=False):
    """With `cov` also the covariance of the coefficients, (Vᵀ V)⁻¹ times the mean square error."""
    values = _powers(_times_integers(x), deg + 1)
    solution = fitted(values, y, w, full)
    if cov is False:
        return solution
    weighted = values if w is None else values * w[:, None]
    covariance = call(np.linalg.inv, weighted.T @ weighted)
    if cov == "unscaled":
        return solution, covariance
    error = values @ solution - y
    error = error if w is None else error * (w if y.ndim == 1 else w[:, None])
    scale = call(np.sum, error * error, axis=0) / (x.shape[0] - (deg + 1))
    if y.ndim == 1:
        return solution, covariance * scale
    return solution, covariance[:, :, None] * scale


@defshape(np.polymul)
def polymul_shape(sizes: Assumptions, a1: Type, a2: Type) -> Type:
    """Zeros at the front are left out, how many only the call knows."""
    series_length(a1, sizes)
    series_length(a2, sizes)
    return ArrayType(np.result_type(dtype_of(a1), dtype_of(a2)), (None,))


@defvjp(np.polymul)
def polymul_vjp(g, y, a1, a2):
    """Those of a convolution; the zeros that were left out have a zero cotangent."""
    whole = make(g, np.zeros, a1.shape[0] + a2.shape[0] - 1, dtype=g.dtype)
    g = call("index_set", whole, g, index=_last(whole, y))
    return _correlated(g, a2), _correlated(g, a1)


def _correlated(g: Any, v: Any) -> Any:
    return call(np.correlate, g, np.conjugate(v) if is_complex(v.type) else v, mode="valid")


@defjvp(np.polymul)
def polymul_jvp(a1_dot, a2_dot, y, a1, a2):
    terms = [
        call(np.convolve, dot, other)
        for dot, other in ((a1_dot, a2), (a2_dot, a1))
        if dot is not None
    ]
    total = terms[0] if len(terms) == 1 else terms[0] + terms[1]
    return total[_last(total, y)]


@defshape(np.polydiv)
def polydiv_shape(sizes: Assumptions, u: Type, v: Type) -> tuple[Type, Type]:
    """The quotient, and the remainder without the zeros at its front."""
    more = subtract_dims(series_length(u, sizes), series_length(v, sizes))
    if not sizes.is_nonnegative(more):
        raise UnsupportedError(
            "`np.polydiv` by a polynomial of a higher degree is not differentiated",
            remedy="The quotient is 0, and the remainder the polynomial itself.",
        )
    dtype = inexact_dtype(u, v)
    return ArrayType(dtype, (add_dims(more, 1),)), ArrayType(dtype, (None,))


@defvjp(np.polydiv)
def polydiv_vjp(g, y, u, v):
    """u = q v + r, so that (dq, dr) is the division of du - q dv by v.

    The transpose solves for l with corr(l, v) = g_q, whose end is g_r: a division again, of what is
    turned round.
    """
    (g_q, g_r), (q, r) = g, y
    end = call(np.zeros_like, v[1:])
    if g_r is not None:  # Rounding may leave r longer than it is.
        whole = make(g_r, np.zeros, u.shape[0], dtype=g_r.dtype)
        whole = call("index_set", whole, g_r, index=_last(u, r))
        end = whole[_last(u, end)]
    head = call(np.zeros_like, q) if g_q is None else g_q
    if g_r is not None:
        head = head - _correlated(np.concatenate((call(np.zeros_like, q), end)), v)
    turned = np.concatenate((head[::-1], call(np.zeros_like, end)))
    solved, _ = call(np.polydiv, turned, v)
    whole = np.concatenate((solved[::-1], end))
    return whole, -_correlated(whole, q)


def _last(a: Any, b: Any) -> slice:
    """The end of a that is as long as b."""
    return slice(a.shape[0] - b.shape[0], None)


@defjvp(np.polydiv)
def polydiv_jvp(u_dot, v_dot, y, u, v):
    q, r = y
    moved = call(np.zeros_like, u) if u_dot is None else u_dot
    if v_dot is not None:
        moved = moved - call(np.convolve, q, v_dot)
    q_dot, _ = call(np.polydiv, moved, v)
    rest = moved - call(np.convolve, q_dot, v)
    return q_dot, rest[_last(rest, r)]


@defshape(np.roots)
def roots_shape(sizes: Assumptions, p: Type) -> Type:
    series_length(p, sizes)
    return ArrayType(np.result_type(inexact_dtype(p), np.complex64), (None,))


def _root_quotients(y: Any, p: Any) -> Any:
    steepness = call(np.polyval, call(np.polyder, p), y)
    return -_powers(y, p.shape[0]) / steepness[:, None]


@defvjp(np.roots)
def roots_vjp(g, y, p):
    """A root moves by minus the change of the polynomial there over its slope."""
    return (g @ _root_quotients(y, p),)


@defjvp(np.roots)
def roots_jvp(p_dot, y, p):
    return _root_quotients(y, p) @ p_dot
