"""Inverses, determinants, norms and factorisations: NumPy's manual, "Linear algebra".

Formulas not stated otherwise follow M. Giles, "An extended collection of matrix derivative results
for forward and reverse mode algorithmic differentiation" (2008).  Cotangents are transposed and
not conjugated, so that holomorphic formulas hold for complex matrices as they stand.

Functions of symmetric matrices (`cholesky`, `eigh`) read one triangle of their argument; so do
their derivatives: the other triangle has gradient zero.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.errors import ShapeError, UnsupportedError
from srcgrad.graph import (
    ArrayType,
    Assumptions,
    Dim,
    Shape,
    Type,
    is_complex,
    subtract_dims,
)
from srcgrad.rules.broadcasting import unbroadcast
from srcgrad.rules.creation import make
from srcgrad.rules.products import conjugate, mT
from srcgrad.rules.registry import defjvp, defshape, defvjp
from srcgrad.rules.shapes import (
    array_shape,
    broadcast_shapes,
    dtype_of,
    normalize_axes,
    reduced_shape,
    shape_text,
)
from srcgrad.rules.symbols import Symbol, call

_FLOAT64 = np.dtype(float)


def _inexact(*types: Type) -> np.dtype:
    """The dtype in which `np.linalg` computes: float64 for integers."""
    dtypes = [_FLOAT64 if dtype_of(type_).kind in "biu" else dtype_of(type_) for type_ in types]
    return np.result_type(*dtypes)


def _real_dtype(dtype: np.dtype) -> np.dtype:
    return np.zeros((), dtype).real.dtype


def _square(sizes: Assumptions, name: str, a: Type) -> Shape | None:
    """The shape of a stack of square matrices."""
    shape = array_shape(a)
    if shape is None:
        return None
    if len(shape) < 2 or sizes.differ(shape[-1], shape[-2]):
        raise ShapeError(
            f"`{name}` of shape {shape_text(shape, sizes)}: the matrices must be square"
        )
    return shape


# Inverses and equations


@defshape(np.linalg.inv)
def inv_shape(sizes: Assumptions, a: Type) -> Type:
    return ArrayType(_inexact(a), _square(sizes, "inv", a))


@defvjp(np.linalg.inv)
def inv_vjp(g, y, a):
    """dY = -Y dA Y, so that Ā = -Yᵀ Ȳ Yᵀ (Giles 2008, 2.2.3)."""
    return (-mT(y) @ g @ mT(y),)


@defjvp(np.linalg.inv)
def inv_jvp(a_dot, y, a):
    return -y @ a_dot @ y


@defshape(np.linalg.solve)
def solve_shape(sizes: Assumptions, a: Type, b: Type) -> Type:
    matrices, right = _square(sizes, "solve", a), array_shape(b)
    dtype = _inexact(a, b)
    if matrices is None or right is None:
        return ArrayType(dtype, None)
    rows = right[-1] if len(right) == 1 else right[-2] if right else 0
    if sizes.differ(matrices[-1], rows):
        raise ShapeError(
            f"`solve` of shapes {shape_text(matrices, sizes)} and {shape_text(right, sizes)}: "
            "they do not fit",
            reason="there must be one right-hand side for each row of the matrix",
        )
    if len(right) == 1:
        return ArrayType(dtype, matrices[:-1])
    batch = broadcast_shapes(sizes, matrices[:-2], right[:-2])
    assert batch is not None
    return ArrayType(dtype, batch + (matrices[-1], right[-1]))


@defvjp(np.linalg.solve)
def solve_vjp(g, y, a, b):
    """A Y = B: B̄ = A⁻ᵀ Ȳ and Ā = -B̄ Yᵀ (Giles 2008, 2.3.1)."""
    if b.ndim > 1:
        d_b = call(np.linalg.solve, mT(a), g)
        return unbroadcast(-d_b @ mT(y), a), unbroadcast(d_b, b)
    if a.ndim == 2:
        d_b = call(np.linalg.solve, a.T, g)
        return -call(np.outer, d_b, y), d_b
    d_b = call(np.linalg.solve, mT(a), g[..., None])
    return -d_b @ y[..., None, :], unbroadcast(d_b[..., 0], b)


@defjvp(np.linalg.solve)
def solve_jvp(a_dot, b_dot, y, a, b):
    """A dY = dB - dA Y."""
    if a_dot is None:
        return call(np.linalg.solve, a, b_dot)
    if b.ndim > 1 or a.ndim == 2:
        moved = a_dot @ y
        return call(np.linalg.solve, a, -moved if b_dot is None else b_dot - moved)
    moved = a_dot @ y[..., None]
    right = -moved if b_dot is None else b_dot[..., None] - moved
    return call(np.linalg.solve, a, right)[..., 0]


@defshape(np.linalg.pinv)
def pinv_shape(sizes: Assumptions, a: Type) -> Type:
    shape = array_shape(a)
    swapped = None if shape is None else (*shape[:-2], shape[-1], shape[-2])
    return ArrayType(_inexact(a), swapped)


@defvjp(np.linalg.pinv)
def pinv_vjp(g, y, a):
    """Golub and Pereyra 1973, (4.12), transposed; for matrices whose rank does not change."""
    _refuse_complex("pinv", a)
    rows, columns = a.shape[-2:]
    y_t, g_t = mT(y), mT(g)
    outside_rows = make(a, np.eye, rows, dtype=a.dtype) - a @ y
    outside_columns = make(a, np.eye, columns, dtype=a.dtype) - y @ a
    return (-y_t @ g @ y_t + outside_rows @ g_t @ y @ y_t + y_t @ y @ g_t @ outside_columns,)


@defjvp(np.linalg.pinv)
def pinv_jvp(a_dot, y, a):
    _refuse_complex("pinv", a)
    rows, columns = a.shape[-2:]
    y_t, a_dot_t = mT(y), mT(a_dot)
    outside_rows = make(a, np.eye, rows, dtype=a.dtype) - a @ y
    outside_columns = make(a, np.eye, columns, dtype=a.dtype) - y @ a
    return -y @ a_dot @ y + y @ y_t @ a_dot_t @ outside_rows + outside_columns @ a_dot_t @ y_t @ y


def _refuse_complex(name: str, *values: Any) -> None:
    if any(is_complex(value.type) for value in values):
        raise UnsupportedError(f"`{name}` of complex matrices is not differentiated")


# Determinants


@defshape(np.linalg.det)
def det_shape(sizes: Assumptions, a: Type) -> Type:
    shape = _square(sizes, "det", a)
    return ArrayType(_inexact(a), None if shape is None else shape[:-2])


def _as_matrices(x: Any, a: Symbol) -> Any:
    """Numbers, one for each matrix of `a`, with two axes more to multiply matrices with."""
    return x if a.ndim == 2 else x[..., None, None]


@defvjp(np.linalg.det)
def det_vjp(g, y, a):
    """Ā = Ȳ Y A⁻ᵀ (Giles 2008, 2.2.4); a singular matrix raises as `np.linalg.inv` does."""
    return (_as_matrices(g * y, a) * mT(call(np.linalg.inv, a)),)


@defjvp(np.linalg.det)
def det_jvp(a_dot, y, a):
    return y * _trace_of_quotient(a, a_dot)


def _trace_of_quotient(a: Symbol, a_dot: Symbol) -> Any:
    """tr(A⁻¹ dA)."""
    return call(np.trace, call(np.linalg.solve, a, a_dot), axis1=-2, axis2=-1)


@defshape(np.linalg.slogdet)
def slogdet_shape(sizes: Assumptions, a: Type) -> tuple[Type, ...]:
    shape = _square(sizes, "slogdet", a)
    batch = None if shape is None else shape[:-2]
    dtype = _inexact(a)
    return ArrayType(dtype, batch), ArrayType(_real_dtype(dtype), batch)


@defvjp(np.linalg.slogdet)
def slogdet_vjp(g, y, a):
    """d log|det A| = Re tr(A⁻¹ dA); the sign of a real determinant is constant."""
    g_sign, g_log = g
    if g_sign is not None and is_complex(a.type):
        _refuse_complex("slogdet(...)[0]", a)
    if g_log is None:
        return (None,)
    return (_as_matrices(g_log, a) * mT(call(np.linalg.inv, a)),)


@defjvp(np.linalg.slogdet)
def slogdet_jvp(a_dot, y, a):
    _refuse_complex("slogdet", a)
    return None, _trace_of_quotient(a, a_dot)


# Triangles


def _lower_with_half_diagonal(x: Any) -> Any:
    return 0.5 * (call(np.tril, x) + call(np.tril, x, k=-1))


def _folded(d: Any, lower: bool = True) -> Any:
    """The adjoint of a symmetric matrix, folded on the triangle that is read."""
    if lower:
        return call(np.tril, d) + call(np.tril, mT(d), k=-1)
    return call(np.triu, d) + call(np.triu, mT(d), k=1)


def _unfolded(a_dot: Any, lower: bool = True) -> Any:
    """The tangent of a symmetric matrix from the triangle that is read."""
    if lower:
        return call(np.tril, a_dot) + mT(call(np.tril, a_dot, k=-1))
    return call(np.triu, a_dot) + mT(call(np.triu, a_dot, k=1))


@defshape(np.linalg.cholesky)
def cholesky_shape(sizes: Assumptions, a: Type, /) -> Type:
    return ArrayType(_inexact(a), _square(sizes, "cholesky", a))


@defvjp(np.linalg.cholesky)
def cholesky_vjp(g, y, a):
    """S = L⁻ᵀ Φ(Lᵀ L̄) L⁻¹ with Φ the lower triangle, its diagonal halved (Murray 2016, (9))."""
    _refuse_complex("cholesky", a)
    lower_t = mT(y)
    inner = call(np.linalg.solve, lower_t, _lower_with_half_diagonal(lower_t @ g))
    return (_folded(mT(call(np.linalg.solve, lower_t, mT(inner)))),)


@defjvp(np.linalg.cholesky)
def cholesky_jvp(a_dot, y, a):
    """dL = L Φ(L⁻¹ dA L⁻ᵀ) (Murray 2016, (8))."""
    _refuse_complex("cholesky", a)
    inner = call(np.linalg.solve, y, _unfolded(a_dot))
    return y @ _lower_with_half_diagonal(call(np.linalg.solve, y, mT(inner)))


# Eigenvalues.  Where eigenvalues are equal their eigenvectors are not unique; what depends on them
# all alike has a derivative all the same: the terms that would divide by zero are left out.


@defshape(np.linalg.eigh, operands=("a",))
def eigh_shape(sizes: Assumptions, a: Type, UPLO: str = "L") -> tuple[Type, ...]:
    shape = _square(sizes, "eigh", a)
    dtype = _inexact(a)
    values = ArrayType(_real_dtype(dtype), None if shape is None else shape[:-1])
    return values, ArrayType(dtype, shape)


@defvjp(np.linalg.eigh)
def eigh_vjp(g, y, a, UPLO="L"):
    """V (diag(w̄) + F ∘ (Vᵀ V̄)) Vᵀ with F_ij = 1 / (w_j - w_i) (Giles 2008, 3.1)."""
    _refuse_complex("eigh", a)
    (g_w, g_v), (w, v) = g, y
    if g_w is None and g_v is None:
        return (None,)
    inner = None if g_v is None else _over_differences(mT(v) @ g_v, w)
    left = v @ inner if inner is not None else None
    if g_w is not None:
        scaled = v * g_w[..., None, :]
        left = scaled if left is None else scaled + left
    return (_folded(left @ mT(v), UPLO.upper() == "L"),)


def _over_differences(x: Any, w: Any) -> Any:
    """x_ij / (w_j - w_i), and 0 where that is a division by zero."""
    return call("divide_or_zero", x, w[..., None, :] - w[..., :, None])


@defjvp(np.linalg.eigh)
def eigh_jvp(a_dot, y, a, UPLO="L"):
    _refuse_complex("eigh", a)
    w, v = y
    inner = mT(v) @ _unfolded(a_dot, UPLO.upper() == "L") @ v
    return call(np.diagonal, inner, axis1=-2, axis2=-1), v @ _over_differences(inner, w)


@defshape(np.linalg.eigvalsh, operands=("a",))
def eigvalsh_shape(sizes: Assumptions, a: Type, UPLO: str = "L") -> Type:
    return eigh_shape(sizes, a, UPLO)[0]


@defvjp(np.linalg.eigvalsh)
def eigvalsh_vjp(g, y, a, UPLO="L"):
    return eigh_vjp((g, None), call(np.linalg.eigh, a, UPLO=UPLO), a, UPLO)


@defjvp(np.linalg.eigvalsh)
def eigvalsh_jvp(a_dot, y, a, UPLO="L"):
    return eigh_jvp(a_dot, call(np.linalg.eigh, a, UPLO=UPLO), a, UPLO)[0]


# Singular values


@defshape(np.linalg.svd, operands=("a",))
def svd_shape(
    sizes: Assumptions,
    a: Type,
    full_matrices: bool = True,
    compute_uv: bool = True,
    hermitian: bool = False,
) -> Any:
    shape = array_shape(a)
    if shape is None or hermitian:
        raise UnsupportedError("`np.linalg.svd` needs a matrix of known rank, not `hermitian=True`")
    dtype = _inexact(a)
    batch, (m, n) = shape[:-2], shape[-2:]
    k = _shorter(sizes, m, n)
    values = ArrayType(_real_dtype(dtype), (*batch, k))
    if not compute_uv:
        return values
    left = ArrayType(dtype, (*batch, m, m if full_matrices else k))
    right = ArrayType(dtype, (*batch, n if full_matrices else k, n))
    return left, values, right


def _shorter(sizes: Assumptions, m: Dim, n: Dim) -> Dim:
    if m == n:
        return m
    fewer = sizes.is_nonnegative(subtract_dims(n, m))
    if fewer is None:
        return None
    return m if fewer else n


@defvjp(np.linalg.svd)
def svd_vjp(g, y, a, full_matrices=True, compute_uv=True, hermitian=False):
    """J. Townsend, "Differentiating the singular value decomposition" (2016), for thin factors."""
    _refuse_complex("svd", a)
    if not compute_uv:
        u, s, vt = call(np.linalg.svd, a, full_matrices=False)
        return (u * g[..., None, :] @ vt,)
    _refuse_full(a, full_matrices)
    (g_u, g_s, g_vt), (u, s, vt) = g, y
    total = None
    if g_s is not None:
        total = u * g_s[..., None, :] @ vt
    if g_u is not None:
        total = _sum(total, _left_adjoint(g_u, u, s) @ vt)
    if g_vt is not None:
        total = _sum(total, u @ mT(_left_adjoint(mT(g_vt), mT(vt), s)))
    return (total,)


def _sum(total: Any, term: Any) -> Any:
    return term if total is None else total + term


def _refuse_full(a: Symbol, full_matrices: bool) -> None:
    m, n = a.dims[-2:]
    if full_matrices and not (m is not None and m == n):
        raise UnsupportedError(
            "the singular vectors of `np.linalg.svd` are differentiated with full_matrices=False"
        )


def _left_adjoint(g_u: Any, u: Any, s: Any) -> Any:
    """U (F ∘ (Uᵀ Ū - Ūᵀ U)) S + (I - U Uᵀ) Ū S⁻¹, with F_ij = 1 / (s_j² - s_i²)."""
    inner = mT(u) @ g_u
    squares = s * s
    skew = _over_differences(inner - mT(inner), squares)
    outside = g_u - u @ inner
    return u @ (skew * s[..., None, :]) + call("divide_or_zero", outside, s[..., None, :])


@defjvp(np.linalg.svd)
def svd_jvp(a_dot, y, a, full_matrices=True, compute_uv=True, hermitian=False):
    _refuse_complex("svd", a)
    if compute_uv:
        _refuse_full(a, full_matrices)
    u, s, vt = y if compute_uv else call(np.linalg.svd, a, full_matrices=False)
    v = mT(vt)
    inner = mT(u) @ a_dot @ v
    s_dot = call(np.diagonal, inner, axis1=-2, axis2=-1)
    if not compute_uv:
        return s_dot
    row, column = s[..., None, :], s[..., :, None]
    turned_u = _over_differences(inner * row + column * mT(inner), s * s)
    turned_v = _over_differences(column * inner + mT(inner) * row, s * s)
    out_u = a_dot @ v - u @ inner
    out_v = mT(a_dot) @ u - v @ mT(inner)
    u_dot = u @ turned_u + call("divide_or_zero", out_u, row)
    v_dot = v @ turned_v + call("divide_or_zero", out_v, row)
    return u_dot, s_dot, mT(v_dot)


# Orthogonal factors


@defshape(np.linalg.qr, operands=("a",))
def qr_shape(sizes: Assumptions, a: Type, mode: str = "reduced") -> tuple[Type, ...]:
    shape = array_shape(a)
    if shape is None or mode != "reduced":
        raise UnsupportedError("`np.linalg.qr` needs a matrix of known rank and mode='reduced'")
    dtype = _inexact(a)
    batch, (m, n) = shape[:-2], shape[-2:]
    k = _shorter(sizes, m, n)
    return ArrayType(dtype, (*batch, m, k)), ArrayType(dtype, (*batch, k, n))


def _refuse_wide(a: Symbol) -> None:
    m, n = a.dims[-2:]
    sizes = a.builder.assumptions
    if not sizes.is_nonnegative(subtract_dims(m, n)):
        raise UnsupportedError("`np.linalg.qr` is differentiated for matrices not wider than high")


@defvjp(np.linalg.qr)
def qr_vjp(g, y, a, mode="reduced"):
    """(Q̄ + Q copyltu(R R̄ᵀ - Q̄ᵀ Q)) R⁻ᵀ (Walter and Lehmann 2018; Seeger et al. 2017)."""
    _refuse_complex("qr", a)
    _refuse_wide(a)
    (g_q, g_r), (q, r) = g, y
    inner = None if g_r is None else r @ mT(g_r)
    if g_q is not None:
        inner = -mT(g_q) @ q if inner is None else inner - mT(g_q) @ q
    if inner is None:
        return (None,)
    lower = call(np.tril, inner) + mT(call(np.tril, inner, k=-1))
    total = q @ lower if g_q is None else g_q + q @ lower
    return (mT(call(np.linalg.solve, r, mT(total))),)


@defjvp(np.linalg.qr)
def qr_jvp(a_dot, y, a, mode="reduced"):
    _refuse_complex("qr", a)
    _refuse_wide(a)
    q, r = y
    quotient = mT(call(np.linalg.solve, mT(r), mT(a_dot)))
    inner = mT(q) @ quotient
    below = call(np.tril, inner, k=-1)
    skew = below - mT(below)
    return q @ (skew - inner) + quotient, (inner - skew) @ r


# Norms


@defshape(np.linalg.norm, operands=("x",))
def norm_shape(
    sizes: Assumptions, x: Type, ord: object = None, axis: object = None, keepdims: bool = False
) -> Type:
    shape = array_shape(x)
    dtype = _real_dtype(_inexact(x))
    return ArrayType(dtype, reduced_shape(shape, axis, keepdims))


@defvjp(np.linalg.norm)
def norm_vjp(g, y, x, ord=None, axis=None, keepdims=False):
    slope = _norm_slope(y, x, ord, axis, keepdims)
    if slope is None:
        return (None,)
    return (_along(g, x, axis, keepdims) * slope,)


@defjvp(np.linalg.norm)
def norm_jvp(x_dot, y, x, ord=None, axis=None, keepdims=False):
    slope = _norm_slope(y, x, ord, axis, keepdims)
    if slope is None:
        return None
    total = call(np.sum, slope * x_dot, axis=axis, keepdims=keepdims)
    return call(np.real, total) if is_complex(x.type) else total


def _along(g: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    """A result of the reduction with the reduced axes back, to broadcast against x."""
    if keepdims or axis is None or not isinstance(g, Symbol):
        return g
    return call(np.expand_dims, g, normalize_axes(axis, x.ndim))


def _norm_slope(y: Any, x: Any, ord: Any, axis: Any, keepdims: bool) -> Any:
    """The derivative of the norm by each element: 0 at 0, shared equally by tied maxima."""
    y = _along(y, x, axis, keepdims)
    if ord is None or ord == "fro":
        return call("divide_or_zero", conjugate(x), y)
    matrices = x.ndim == 2 if axis is None else isinstance(axis, (tuple, list)) and len(axis) == 2
    if matrices:
        return _matrix_norm_slope(y, x, ord, axis)
    if is_complex(x.type):
        raise UnsupportedError(f"`np.linalg.norm` with ord={ord!r} of complex numbers")
    return _vector_norm_slope(y, x, ord, axis)


def _vector_norm_slope(y: Any, x: Any, ord: Any, axis: Any) -> Any:
    if not isinstance(ord, (int, float)):
        raise UnsupportedError(f"`np.linalg.norm` with ord={ord!r} is not differentiated")
    if ord == 2:
        return call("divide_or_zero", x, y)
    if ord == 1:
        return call(np.sign, x)
    if abs(ord) == np.inf:
        tied = call(np.absolute, x) == y
        return call(np.sign, x) * tied / call(np.sum, tied, axis=axis, keepdims=True)
    if ord == 0:
        return None
    if ord < 1:
        raise UnsupportedError(f"`np.linalg.norm` with ord={ord!r} is not differentiated")
    return call(np.sign, x) * call("divide_or_zero", call(np.absolute, x), y) ** (ord - 1)


def _matrix_norm_slope(y: Any, x: Any, ord: Any, axis: Any) -> Any:
    rows, columns = normalize_axes((0, 1) if axis is None else axis, x.ndim)
    if ord not in (1, -1, np.inf, -np.inf) or is_complex(x.type):
        raise UnsupportedError(f"`np.linalg.norm` of a matrix with ord={ord!r} has no rule")
    summed, compared = (rows, columns) if abs(ord) == 1 else (columns, rows)
    tied = call(np.sum, call(np.absolute, x), axis=summed, keepdims=True) == y
    return call(np.sign, x) * tied / call(np.sum, tied, axis=compared, keepdims=True)
