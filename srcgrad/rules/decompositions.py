"""Factors and eigenvalues of matrices: NumPy's manual, "Linear algebra".

The sources write Ȳ for what makes dL = Re(sum(conj(Ȳ) dY)); cotangents here are transposed, so that
g = conj(Ȳ).  Rules conjugate what comes in and goes out; of real numbers nothing remains of that.

Functions of symmetric matrices (`cholesky`, `eigh`) read one triangle of their argument; so do
their derivatives: the other triangle has gradient zero.  For equal values see `gaps`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.errors import UnsupportedError
from srcgrad.graph import ArrayType, Assumptions, Dim, Type, is_complex, subtract_dims
from srcgrad.rules.composites import composite
from srcgrad.rules.products import conjugate, mT
from srcgrad.rules.registry import defjvp, defshape, defvjp
from srcgrad.rules.shapes import array_shape, inexact_dtype, real_dtype, square_shape
from srcgrad.rules.symbols import Symbol, call


def mH(x: Any) -> Any:
    """The matrices in `x` conjugated and transposed."""
    return mT(conjugate(x))


def _real(x: Any) -> Any:
    return call(np.real, x) if is_complex(x.type) else x


def _diagonal(x: Any) -> Any:
    return call(np.diagonal, x, axis1=-2, axis2=-1)


def _sum(total: Any, term: Any) -> Any:
    return term if total is None else total + term


def _scaled_columns(x: Any, factors: Any) -> Any:
    return x * factors[..., None, :]


# Triangles


def _lower_with_half_diagonal(x: Any) -> Any:
    return 0.5 * (call(np.tril, x) + call(np.tril, x, k=-1))


def folded(d: Any, lower: bool = True) -> Any:
    """The adjoint of a symmetric (Hermitian) matrix, folded on the triangle that is read."""
    if is_complex(d.type):
        both = d + mH(d)
        part = _lower_with_half_diagonal(both if lower else mT(both))
        return part if lower else mT(part)
    if lower:
        return call(np.tril, d) + call(np.tril, mT(d), k=-1)
    return call(np.triu, d) + call(np.triu, mT(d), k=1)


def unfolded(a_dot: Any, lower: bool = True) -> Any:
    """The tangent of a symmetric (Hermitian) matrix from the triangle that is read."""
    if is_complex(a_dot.type):
        part = _lower_with_half_diagonal(a_dot if lower else mT(a_dot))
        part = part if lower else mT(part)
        return part + mH(part)
    if lower:
        return call(np.tril, a_dot) + mT(call(np.tril, a_dot, k=-1))
    return call(np.triu, a_dot) + mT(call(np.triu, a_dot, k=1))


@defshape(np.linalg.cholesky, operands=("a",))
def cholesky_shape(sizes: Assumptions, a: Type, /, *, upper: bool = False) -> Type:
    return ArrayType(inexact_dtype(a), square_shape(sizes, "cholesky", a))


@defvjp(np.linalg.cholesky)
def cholesky_vjp(g, y, a, upper=False):
    """S = L⁻ᴴ Φ(Lᴴ L̄) L⁻¹ with Φ the lower triangle, its diagonal halved (Murray 2016, (9))."""
    upper_factor = y if upper else mH(y)
    lower_bar = mT(g) if upper else conjugate(g)
    inner = call(np.linalg.solve, upper_factor, _lower_with_half_diagonal(upper_factor @ lower_bar))
    s = mH(call(np.linalg.solve, upper_factor, mH(inner)))
    return (conjugate(folded(s, not upper)),)


@defjvp(np.linalg.cholesky)
def cholesky_jvp(a_dot, y, a, upper=False):
    """dL = L Φ(L⁻¹ dA L⁻ᴴ) (Murray 2016, (8))."""
    lower = mH(y) if upper else y
    inner = call(np.linalg.solve, lower, unfolded(a_dot, not upper))
    dot = lower @ _lower_with_half_diagonal(call(np.linalg.solve, lower, mH(inner)))
    return mH(dot) if upper else dot


# Eigenvalues of symmetric and Hermitian matrices


@defshape(np.linalg.eigh, operands=("a",))
def eigh_shape(sizes: Assumptions, a: Type, UPLO: str = "L") -> tuple[Type, ...]:
    shape = square_shape(sizes, "eigh", a)
    dtype = inexact_dtype(a)
    values = ArrayType(real_dtype(dtype), None if shape is None else shape[:-1])
    return values, ArrayType(dtype, shape)


@defvjp(np.linalg.eigh)
def eigh_vjp(g, y, a, UPLO="L"):
    """V (diag(w̄) + F ∘ (Vᴴ V̄)) Vᴴ with F_ij = 1 / (w_j - w_i) (Giles 2008, 3.1).

    Where the values are not read, only the skew part counts, and that of a function of subspaces
    is 0.
    """
    (g_w, g_v), (w, v) = g, y
    left = None
    if g_v is not None:
        inner = mH(v) @ conjugate(g_v)
        inner = call("skew", inner) if g_w is None else inner
        left = v @ call("over_gap", inner, call("gaps", w))
    if g_w is not None:
        left = _sum(_scaled_columns(v, g_w), left) if left is not None else _scaled_columns(v, g_w)
    if left is None:
        return (None,)
    return (conjugate(folded(left @ mH(v), UPLO.upper() == "L")),)


@defjvp(np.linalg.eigh)
def eigh_jvp(a_dot, y, a, UPLO="L"):
    w, v = y
    inner = mH(v) @ unfolded(a_dot, UPLO.upper() == "L") @ v
    return _real(_diagonal(inner)), v @ call("over_gap", inner, call("gaps", w))


@defshape(np.linalg.eigvalsh, operands=("a",))
def eigvalsh_shape(sizes: Assumptions, a: Type, UPLO: str = "L") -> Type:
    return eigh_shape(sizes, a, UPLO)[0]


@defvjp(np.linalg.eigvalsh)
def eigvalsh_vjp(g, y, a, UPLO="L"):
    return eigh_vjp((g, None), call(np.linalg.eigh, a, UPLO=UPLO), a, UPLO)


@defjvp(np.linalg.eigvalsh)
def eigvalsh_jvp(a_dot, y, a, UPLO="L"):
    _, v = call(np.linalg.eigh, a, UPLO=UPLO)
    return _real(_diagonal(mH(v) @ unfolded(a_dot, UPLO.upper() == "L") @ v))


# Eigenvalues of any matrix.  NumPy gives real ones where all are real, which only the call knows:
# the type is complex here, of which real numbers are a part.


@defshape(np.linalg.eig)
def eig_shape(sizes: Assumptions, a: Type) -> tuple[Type, ...]:
    shape = square_shape(sizes, "eig", a)
    dtype = np.result_type(inexact_dtype(a), np.complex64)
    return ArrayType(dtype, None if shape is None else shape[:-1]), ArrayType(dtype, shape)


@defvjp(np.linalg.eig)
def eig_vjp(g, y, a):
    """V⁻ᴴ (diag(w̄) + (Vᴴ V̄ - Vᴴ V diag(Re(Vᴴ V̄))) / conj(w_j - w_i)) Vᴴ.

    Boeddeker et al. 2017, (4.77), with the part that follows from columns of length one.
    """
    (g_w, g_v), (w, v) = g, y
    left = None
    v_h = mH(v)
    if g_v is not None:
        inner = v_h @ conjugate(g_v)
        inner = inner - _scaled_columns(v_h @ v, call(np.real, _diagonal(inner)))
        left = call("over_gap", inner, conjugate(call("gaps", w))) @ v_h
    if g_w is not None:
        left = _sum(left, conjugate(g_w)[..., :, None] * v_h)
    if left is None:
        return (None,)
    return (conjugate(call(np.linalg.solve, v_h, left)),)


@defjvp(np.linalg.eig)
def eig_jvp(a_dot, y, a):
    w, v = y
    inner = call(np.linalg.solve, v, a_dot @ v)
    turned = v @ call("over_gap", inner, call("gaps", w))
    lengths = call(np.real, call(np.sum, conjugate(v) * turned, axis=-2))
    return _diagonal(inner), turned - _scaled_columns(v, lengths)


@defshape(np.linalg.eigvals)
def eigvals_shape(sizes: Assumptions, a: Type) -> Type:
    return eig_shape(sizes, a)[0]


@defvjp(np.linalg.eigvals)
def eigvals_vjp(g, y, a):
    w, v = call(np.linalg.eig, a)
    return eig_vjp((g, None), (w, v), a)


@defjvp(np.linalg.eigvals)
def eigvals_jvp(a_dot, y, a):
    _, v = call(np.linalg.eig, a)
    return _diagonal(call(np.linalg.solve, v, a_dot @ v))


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
    if shape is None:
        raise UnsupportedError("`np.linalg.svd` needs an array with a known number of dimensions")
    dtype = inexact_dtype(a)
    batch, (m, n) = shape[:-2], shape[-2:]
    k = _shorter(sizes, m, n)
    values = ArrayType(real_dtype(dtype), (*batch, k))
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


def _is_square(a: Symbol) -> bool:
    m, n = a.dims[-2:]
    return m is not None and m == n


@defvjp(np.linalg.svd)
def svd_vjp(g, y, a, full_matrices=True, compute_uv=True, hermitian=False):
    """Wan and Zhang 2019, "Automatic differentiation for complex valued SVD"; Townsend 2016."""
    if not compute_uv:
        y = call(np.linalg.svd, a, full_matrices=False, hermitian=hermitian)
        g = (None, g, None)
    elif full_matrices and not hermitian and not _is_square(a):
        return svd_of_full_vjp(g, y, a)
    (g_u, g_s, g_vh), (u, s, vh) = g, y
    total = None if g_s is None else _scaled_columns(u, g_s) @ vh
    if g_u is not None:
        total = _sum(total, _left_adjoint(conjugate(g_u), u, s, a) @ vh)
    if g_vh is not None:
        total = _sum(total, u @ mH(_left_adjoint(mT(g_vh), mH(vh), s, a)))
    if total is not None and g_u is not None and is_complex(a.type):
        total = total + _phases(g_u, u, s) @ vh
    if total is not None and hermitian:
        total = folded(total)
    return (None if total is None else conjugate(total),)


def _left_adjoint(u_bar: Any, u: Any, s: Any, a: Any) -> Any:
    """U (F ∘ (Uᴴ Ū - Ūᴴ U)) S + (I - U Uᴴ) Ū S⁻¹, with F_ij = 1 / (s_j² - s_i²)."""
    inner = mH(u) @ u_bar
    sums = s[..., None, :] + s[..., :, None]
    turned = call("over_gap", 2.0 * call("skew", inner), call("gaps", s))
    left = u @ _scaled_columns(call("over_gap", turned, sums), s)
    if _is_square(a):
        return left
    return left + call("over_gap", u_bar - u @ inner, s[..., None, :])


def _phases(g_u: Any, u: Any, s: Any) -> Any:
    """What a complex matrix adds: U (diag(Uᴴ Ū) - its conjugate) / 2 S⁻¹."""
    phases = 1j * call(np.imag, call(np.sum, conjugate(u) * conjugate(g_u), axis=-2))
    return _scaled_columns(u, call("over_gap", phases, s))


def svd_of_full_vjp(g: Any, y: Any, a: Any) -> Any:
    """The further columns of U are turned by those before them: Ū₁ gets -U₂ Ū₂ᴴ U₁; so for V.

    What depends on the choice of further columns has no derivative, and gets nan.
    """
    (g_u, g_s, g_vh), (u, s, vh) = g, y
    k = s.shape[-1]
    if _is_high(a):
        u_bar, undefined = _thin_adjoint(None if g_u is None else conjugate(g_u), u, k)
        thin = (u[..., :, :k], s, vh)
        g = (None if u_bar is None else conjugate(u_bar), g_s, g_vh)
    else:
        v_bar, undefined = _thin_adjoint(None if g_vh is None else mT(g_vh), mH(vh), k)
        thin = (u, s, vh[..., :k, :])
        g = (g_u, g_s, None if v_bar is None else mT(v_bar))
    (total,) = svd_vjp(g, thin, a, full_matrices=False)
    return (total if undefined is None or total is None else total + undefined,)


def _is_high(a: Symbol) -> bool:
    """Has the matrix at least as many rows as columns?"""
    m, n = a.dims[-2:]
    found = a.builder.assumptions.is_nonnegative(subtract_dims(m, n))
    if found is None:
        raise UnsupportedError("all columns of an orthogonal factor of a matrix of unknown shape")
    return found


def _thin_adjoint(u_bar: Any, u: Any, k: Any) -> tuple[Any, Any]:
    """The adjoint of the first k columns of a square U, and 0, or nan where it is not defined."""
    if u_bar is None:
        return None, None
    first, further = u[..., :, :k], u[..., :, k:]
    further_bar = u_bar[..., :, k:]
    thin = u_bar[..., :, :k] - further @ (mH(further_bar) @ first)
    chosen = call("over_gap", call("skew", mH(further) @ further_bar), 0.0)
    return thin, call(np.sum, chosen)


@defjvp(np.linalg.svd)
def svd_jvp(a_dot, y, a, full_matrices=True, compute_uv=True, hermitian=False):
    if hermitian:
        a_dot = unfolded(a_dot)
    if not compute_uv:
        u, s, vh = call(np.linalg.svd, a, full_matrices=False, hermitian=hermitian)
        return _real(_diagonal(mH(u) @ a_dot @ mH(vh)))
    u, s, vh = y
    if full_matrices and not hermitian and not _is_square(a):
        return _svd_of_full_jvp(a_dot, u, s, vh, a)
    return _thin_svd_jvp(a_dot, u, s, vh, a)


def _thin_svd_jvp(a_dot: Any, u: Any, s: Any, vh: Any, a: Any) -> Any:
    v = mH(vh)
    inner = mH(u) @ a_dot @ v
    s_dot = _real(_diagonal(inner))
    row, column = s[..., None, :], s[..., :, None]
    gap = call("gaps", s)
    turned_u = call(
        "over_gap", call("over_gap", inner * row + column * mH(inner), gap), row + column
    )
    turned_v = call(
        "over_gap", call("over_gap", column * inner + mH(inner) * row, gap), row + column
    )
    u_dot, v_dot = u @ turned_u, v @ turned_v
    if is_complex(a.type):
        phases = 1j * call("over_gap", call(np.imag, _diagonal(inner)), s)
        u_dot = u_dot + _scaled_columns(u, phases)
    if not _is_square(a):
        u_dot = u_dot + call("over_gap", a_dot @ v - u @ inner, row)
        v_dot = v_dot + call("over_gap", mH(a_dot) @ u - v @ mH(inner), row)
    return u_dot, s_dot, mH(v_dot)


def _svd_of_full_jvp(a_dot: Any, u: Any, s: Any, vh: Any, a: Any) -> Any:
    """The further columns of U: -U₁ (U₂ᴴ dU₁)ᴴ; so for V."""
    k = s.shape[-1]
    if _is_high(a):
        first = u[..., :, :k]
        u_dot, s_dot, vh_dot = _thin_svd_jvp(a_dot, first, s, vh, a)
        further = -first @ (mH(u_dot) @ u[..., :, k:])
        return call(np.concatenate, (u_dot, further), axis=-1), s_dot, vh_dot
    first = vh[..., :k, :]
    u_dot, s_dot, vh_dot = _thin_svd_jvp(a_dot, u, s, first, a)
    further = -(vh[..., k:, :] @ mH(vh_dot)) @ first
    return u_dot, s_dot, call(np.concatenate, (vh_dot, further), axis=-2)


@composite(np.linalg.svdvals)
def svdvals(x, /):
    return call(np.linalg.svd, x, compute_uv=False)


# Orthogonal factors


@defshape(np.linalg.qr, operands=("a",))
def qr_shape(sizes: Assumptions, a: Type, mode: str = "reduced") -> Any:
    shape = array_shape(a)
    if shape is None:
        raise UnsupportedError("`np.linalg.qr` needs an array with a known number of dimensions")
    if mode not in ("reduced", "complete", "r"):
        raise UnsupportedError(
            f"`np.linalg.qr` with mode={mode!r} is not differentiated",
            remedy='Ask for the factors themselves: mode="reduced", "complete" or "r".',
        )
    dtype = inexact_dtype(a)
    batch, (m, n) = shape[:-2], shape[-2:]
    k = m if mode == "complete" else _shorter(sizes, m, n)
    right = ArrayType(dtype, (*batch, k, n))
    return right if mode == "r" else (ArrayType(dtype, (*batch, m, k)), right)


def _is_wide(a: Symbol) -> bool:
    m, n = a.dims[-2:]
    return not a.builder.assumptions.is_nonnegative(subtract_dims(m, n))


@defvjp(np.linalg.qr)
def qr_vjp(g, y, a, mode="reduced"):
    """Wide matrices: the columns beyond the square part are Qᴴ times those of A (Roberts 2020)."""
    if mode == "r":
        g, y = (None, g), call(np.linalg.qr, a)
    (g_q, g_r), (q, r) = g, y
    if g_q is None and g_r is None:
        return (None,)
    q_bar = None if g_q is None else conjugate(g_q)
    r_bar = None if g_r is None else conjugate(g_r)
    if mode == "complete":
        _is_high(a)
    if _is_wide(a):
        return (conjugate(_wide_qr_adjoint(q_bar, r_bar, q, r, a)),)
    undefined = None
    if mode == "complete" and not _is_square(a):
        n = a.shape[-1]
        r_bar, r = None if r_bar is None else r_bar[..., :n, :], r[..., :n, :]
        q_bar, undefined = _thin_adjoint(q_bar, q, n)
        q = q[..., :, :n]
    total = conjugate(_qr_adjoint(q_bar, r_bar, q, r))
    return (total if undefined is None else total + undefined,)


def _qr_adjoint(q_bar: Any, r_bar: Any, q: Any, r: Any) -> Any:
    """(Q̄ + Q copyltu(R R̄ᴴ - Q̄ᴴ Q)) R⁻ᴴ (Walter and Lehmann 2010; Seeger et al. 2017)."""
    inner = None if r_bar is None else r @ mH(r_bar)
    if q_bar is not None:
        inner = -mH(q_bar) @ q if inner is None else inner - mH(q_bar) @ q
    total = q @ _from_lower(inner)
    total = total if q_bar is None else q_bar + total
    return mH(call(np.linalg.solve, r, mH(total)))


def _from_lower(x: Any) -> Any:
    """The Hermitian matrix with the lower triangle of `x`."""
    if is_complex(x.type):
        half = _lower_with_half_diagonal(x)
        return half + mH(half)
    return call(np.tril, x) + mT(call(np.tril, x, k=-1))


def _wide_qr_adjoint(q_bar: Any, r_bar: Any, q: Any, r: Any, a: Any) -> Any:
    m = a.shape[-2]
    square, beyond = r[..., :, :m], a[..., :, m:]
    if r_bar is None:
        first = _qr_adjoint(q_bar, None, q, square)
        return call(np.concatenate, (first, call(np.zeros_like, beyond)), axis=-1)
    from_beyond = beyond @ mH(r_bar[..., :, m:])
    q_bar = from_beyond if q_bar is None else q_bar + from_beyond
    first = _qr_adjoint(q_bar, r_bar[..., :, :m], q, square)
    return call(np.concatenate, (first, q @ r_bar[..., :, m:]), axis=-1)


@defjvp(np.linalg.qr)
def qr_jvp(a_dot, y, a, mode="reduced"):
    q, r = call(np.linalg.qr, a) if mode == "r" else y
    if _is_wide(a):
        m = a.shape[-2]
        q_dot, square_dot = _qr_dot(a_dot[..., :, :m], q, r[..., :, :m])
        beyond_dot = mH(q_dot) @ a[..., :, m:] + mH(q) @ a_dot[..., :, m:]
        r_dot = call(np.concatenate, (square_dot, beyond_dot), axis=-1)
    elif mode == "complete" and not _is_square(a):
        n = a.shape[-1]
        first = q[..., :, :n]
        q_dot, r_dot = _qr_dot(a_dot, first, r[..., :n, :])
        further = -first @ (mH(q_dot) @ q[..., :, n:])
        q_dot = call(np.concatenate, (q_dot, further), axis=-1)
        r_dot = call(np.concatenate, (r_dot, call(np.zeros_like, r[..., n:, :])), axis=-2)
    else:
        q_dot, r_dot = _qr_dot(a_dot, q, r)
    return r_dot if mode == "r" else (q_dot, r_dot)


def _qr_dot(a_dot: Any, q: Any, r: Any) -> tuple[Any, Any]:
    quotient = mT(call(np.linalg.solve, mT(r), mT(a_dot)))
    inner = mH(q) @ quotient
    below = call(np.tril, inner, k=-1)
    turned = below - mH(below)
    if is_complex(inner.type):
        # The diagonal of R is real, so that Q takes the imaginary part.
        phases = 1j * call(np.imag, _diagonal(inner))
        turned = turned + _on_diagonal(phases, inner)
    return q @ (turned - inner) + quotient, (inner - turned) @ r


def _on_diagonal(d: Any, like: Any) -> Any:
    eye = call(np.tril, call(np.triu, call(np.ones_like, like)))
    return eye * d[..., None, :]
