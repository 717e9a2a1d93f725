"""Inverses, equations, determinants and norms: NumPy's manual, "Linear algebra".

Formulas not stated otherwise follow M. Giles, "An extended collection of matrix derivative results
for forward and reverse mode algorithmic differentiation" (2008).  Cotangents are transposed and
not conjugated, so that holomorphic formulas hold for complex matrices as they stand.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from srcgrad.errors import ShapeError, UnsupportedError
from srcgrad.graph import (
    ArrayType,
    Assumptions,
    Type,
    is_complex,
    subtract_dims,
)
from srcgrad.rules.broadcasting import unbroadcast
from srcgrad.rules.composites import composite
from srcgrad.rules.creation import make
from srcgrad.rules.decompositions import folded, mH, unfolded
from srcgrad.rules.products import conjugate, mT
from srcgrad.rules.registry import constant, defjvp, defshape, defvjp, named
from srcgrad.rules.shapes import (
    array_shape,
    broadcast_shapes,
    inexact_dtype,
    normalize_axes,
    real_dtype,
    reduced_shape,
    shape_text,
    square_shape,
)
from srcgrad.rules.symbols import Symbol, call

# Inverses and equations


@defshape(np.linalg.inv)
def inv_shape(sizes: Assumptions, a: Type) -> Type:
    return ArrayType(inexact_dtype(a), square_shape(sizes, "inv", a))


@defvjp(np.linalg.inv)
def inv_vjp(g, y, a):
    """dY = -Y dA Y, so that Ā = -Yᵀ Ȳ Yᵀ (Giles 2008, 2.2.3)."""
    return (-mT(y) @ g @ mT(y),)


@defjvp(np.linalg.inv)
def inv_jvp(a_dot, y, a):
    return -y @ a_dot @ y


@defshape(np.linalg.solve)
def solve_shape(sizes: Assumptions, a: Type, b: Type) -> Type:
    matrices, right = square_shape(sizes, "solve", a), array_shape(b)
    dtype = inexact_dtype(a, b)
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


@defshape(np.linalg.pinv, operands=("a",))
def pinv_shape(
    sizes: Assumptions, a: Type, rcond: object = None, hermitian: bool = False, *, rtol: Any = None
) -> Type:
    shape = array_shape(a)
    swapped = None if shape is None else (*shape[:-2], shape[-1], shape[-2])
    return ArrayType(inexact_dtype(a), swapped)


@defvjp(np.linalg.pinv)
def pinv_vjp(g, y, a, rcond=None, hermitian=False, rtol=None):
    """Golub and Pereyra 1973, (4.12), transposed; for matrices whose rank does not change."""
    y_bar, y_h = conjugate(g), mH(y)
    outside_rows, outside_columns = _outside(y, a)
    total = -y_h @ y_bar @ y_h
    total = total + outside_rows @ mH(y_bar) @ y @ y_h + y_h @ y @ mH(y_bar) @ outside_columns
    return (conjugate(folded(total) if hermitian else total),)


def _outside(y: Any, a: Any) -> tuple[Any, Any]:
    """The projections on what a matrix does not reach, and on what it maps to zero."""
    rows, columns = a.shape[-2:]
    outside_rows = make(a, np.eye, rows, dtype=y.dtype) - a @ y
    return outside_rows, make(a, np.eye, columns, dtype=y.dtype) - y @ a


@defjvp(np.linalg.pinv)
def pinv_jvp(a_dot, y, a, rcond=None, hermitian=False, rtol=None):
    a_dot = unfolded(a_dot) if hermitian else a_dot
    y_h, a_dot_h = mH(y), mH(a_dot)
    outside_rows, outside_columns = _outside(y, a)
    return -y @ a_dot @ y + y @ y_h @ a_dot_h @ outside_rows + outside_columns @ a_dot_h @ y_h @ y


@defshape(np.linalg.lstsq, operands=("a", "b"))
def lstsq_shape(sizes: Assumptions, a: Type, b: Type, rcond: object = None) -> tuple[Type, ...]:
    left, right = array_shape(a), array_shape(b)
    dtype = inexact_dtype(a, b)
    if left is None or right is None:
        raise UnsupportedError("`np.linalg.lstsq` needs arrays with known numbers of dimensions")
    shorter = left[0] if sizes.is_nonnegative(subtract_dims(left[1], left[0])) else left[1]
    return (
        ArrayType(dtype, (left[1], *right[1:])),
        ArrayType(real_dtype(dtype), (None,)),
        ArrayType(np.dtype(np.int32), ()),
        ArrayType(real_dtype(dtype), (shorter,)),
    )


@defvjp(np.linalg.lstsq)
def lstsq_vjp(g, y, a, b, rcond=None):
    """X = A⁺ B; residuals sum(|B - A X|²) and singular values, where they are asked for."""
    (g_x, g_residuals, _, g_s), (x, *_) = g, y
    d_a, d_b = None, None
    if g_x is not None:
        inverse = call(np.linalg.pinv, a)
        wide_g, wide_b = (g_x, b) if b.ndim == 2 else (g_x[:, None], b[:, None])
        (d_a,) = pinv_vjp(wide_g @ mT(wide_b), inverse, a)
        d_b = mT(inverse) @ g_x
    if g_residuals is not None:
        weights = g_residuals if b.ndim == 2 else call(np.sum, g_residuals)
        d_r = 2.0 * weights * conjugate(b - a @ x)
        d_b = d_r if d_b is None else d_b + d_r
        by_a = -d_r @ mT(x) if b.ndim == 2 else -call(np.outer, d_r, x)
        d_a = by_a if d_a is None else d_a + by_a
    if g_s is not None:
        u, _, vh = call(np.linalg.svd, a, full_matrices=False)
        by_s = conjugate(u * g_s[None, :] @ vh)
        d_a = by_s if d_a is None else d_a + by_s
    return d_a, d_b


@defjvp(np.linalg.lstsq)
def lstsq_jvp(a_dot, b_dot, y, a, b, rcond=None):
    x = y[0]
    inverse = call(np.linalg.pinv, a)
    x_dot, r_dot, s_dot = None, None, None
    if a_dot is not None:
        x_dot = pinv_jvp(a_dot, inverse, a) @ b
        r_dot = -a_dot @ x
        u, _, vh = call(np.linalg.svd, a, full_matrices=False)
        s_dot = call(np.real, call(np.diagonal, mH(u) @ a_dot @ mH(vh)))
    if b_dot is not None:
        by_b = inverse @ b_dot
        x_dot = by_b if x_dot is None else x_dot + by_b
        r_dot = b_dot if r_dot is None else r_dot + b_dot
    products = call(np.real, conjugate(b - a @ x) * r_dot)
    squares = call(np.sum, 2.0 * products, axis=0)
    return x_dot, call("broadcast_like", squares, y[1]), None, s_dot


@composite(np.linalg.tensorsolve)
def tensorsolve(a, b, axes=None):
    if axes is not None:
        last = [axis % a.ndim for axis in axes]
        a = call(np.transpose, a, [k for k in range(a.ndim) if k not in last] + last)
    unknowns = a.shape[b.ndim :]
    solved = call(np.linalg.solve, a.reshape(b.size, b.size), call(np.ravel, b))
    return solved.reshape(unknowns)


@composite(np.linalg.tensorinv)
def tensorinv(a, ind=2):
    rows, columns = a.shape[:ind], a.shape[ind:]
    count = math.prod(columns)
    return call(np.linalg.inv, a.reshape(count, count)).reshape((*columns, *rows))


# Determinants


@defshape(np.linalg.det)
def det_shape(sizes: Assumptions, a: Type) -> Type:
    shape = square_shape(sizes, "det", a)
    return ArrayType(inexact_dtype(a), None if shape is None else shape[:-2])


def _as_matrices(x: Any, a: Symbol) -> Any:
    """Numbers, one for each matrix of `a`, with two axes more to multiply matrices with."""
    return x if a.ndim == 2 else x[..., None, None]


@defvjp(np.linalg.det)
def det_vjp(g, y, a):
    """Ā = Ȳ Y A⁻ᵀ (Giles 2008, 2.2.4), that is Ȳ times the cofactors, which singular ones have."""
    return (_as_matrices(g, a) * call("cofactors", y, a),)


@defjvp(np.linalg.det)
def det_jvp(a_dot, y, a):
    return call(np.sum, call("cofactors", y, a) * a_dot, axis=(-2, -1))


@lambda function: named("cofactors", function)
def cofactors(det: Any, a: Any) -> Any:
    """`det * inv(a).T`, also of singular matrices."""
    if np.all(det):
        return np.asarray(det)[..., None, None] * np.swapaxes(np.linalg.inv(a), -1, -2)
    u, s, vh = np.linalg.svd(a)
    others = np.where(np.eye(s.shape[-1], dtype=bool), 1.0, s[..., None, :]).prod(axis=-1)
    sign = np.linalg.det(u) * np.linalg.det(vh)
    return sign[..., None, None] * np.conj(u * others[..., None, :] @ vh)


@defshape(cofactors)
def cofactors_shape(sizes: Assumptions, det: Type, a: Type) -> Type:
    return ArrayType(inexact_dtype(a), array_shape(a))


@defvjp(cofactors)
def cofactors_vjp(g, y, det, a):
    """d(det A A⁻ᵀ), all of it by A, where A has an inverse."""
    inverse_t = mT(call(np.linalg.inv, a))
    total = call(np.sum, g * y, axis=(-2, -1))
    return None, _as_matrices(total, a) * inverse_t - inverse_t @ mT(g) @ y


@defjvp(cofactors)
def cofactors_jvp(det_dot, a_dot, y, det, a):
    if a_dot is None:
        return None
    inverse_t = mT(call(np.linalg.inv, a))
    total = call(np.sum, inverse_t * a_dot, axis=(-2, -1))
    return _as_matrices(total, a) * y - inverse_t @ mT(a_dot) @ y


def _trace_of_quotient(a: Symbol, a_dot: Symbol) -> Any:
    """tr(A⁻¹ dA)."""
    return call(np.trace, call(np.linalg.solve, a, a_dot), axis1=-2, axis2=-1)


@defshape(np.linalg.slogdet)
def slogdet_shape(sizes: Assumptions, a: Type) -> tuple[Type, ...]:
    shape = square_shape(sizes, "slogdet", a)
    batch = None if shape is None else shape[:-2]
    dtype = inexact_dtype(a)
    return ArrayType(dtype, batch), ArrayType(real_dtype(dtype), batch)


@defvjp(np.linalg.slogdet)
def slogdet_vjp(g, y, a):
    """d log|det A| = Re tr(A⁻¹ dA); the sign turns by i Im tr(A⁻¹ dA), that of a real one not."""
    (g_sign, g_log), (sign, _) = g, y
    factor = g_log
    if g_sign is not None and is_complex(a.type):
        turned = 1j * call(np.imag, g_sign * sign)
        factor = turned if factor is None else factor + turned
    if factor is None:
        return (None,)
    return (_as_matrices(factor, a) * mT(call(np.linalg.inv, a)),)


@defjvp(np.linalg.slogdet)
def slogdet_jvp(a_dot, y, a):
    trace = _trace_of_quotient(a, a_dot)
    if not is_complex(a.type):
        return None, trace
    return 1j * y[0] * call(np.imag, trace), call(np.real, trace)


# Norms


@defshape(np.linalg.norm, operands=("x",))
def norm_shape(
    sizes: Assumptions, x: Type, ord: object = None, axis: object = None, keepdims: bool = False
) -> Type:
    shape = array_shape(x)
    dtype = real_dtype(inexact_dtype(x))
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
        return call("divide_or_zero", conjugate(x), y, kink=True)
    matrices = x.ndim == 2 if axis is None else isinstance(axis, (tuple, list)) and len(axis) == 2
    return _matrix_norm_slope(y, x, ord, axis) if matrices else _vector_norm_slope(y, x, ord, axis)


def _direction(x: Any) -> Any:
    """The derivative of |x|: the sign; 0 at 0."""
    if is_complex(x.type):
        return call("divide_or_zero", conjugate(x), call(np.absolute, x), kink=True)
    return call(np.sign, x)


def _vector_norm_slope(y: Any, x: Any, ord: Any, axis: Any) -> Any:
    if not isinstance(ord, (int, float)):
        raise UnsupportedError(f"`np.linalg.norm` with ord={ord!r} is not differentiated")
    if ord == 2:
        return call("divide_or_zero", conjugate(x), y, kink=True)
    if ord == 1:
        return _direction(x)
    if abs(ord) == np.inf:
        tied = call(np.absolute, x) == y
        return _direction(x) * tied / call(np.sum, tied, axis=axis, keepdims=True)
    if ord == 0:
        return None
    return _direction(x) * call("divide_or_zero", call(np.absolute, x), y) ** (ord - 1)


def _matrix_norm_slope(y: Any, x: Any, ord: Any, axis: Any) -> Any:
    rows, columns = normalize_axes((0, 1) if axis is None else axis, x.ndim)
    if ord in (2, -2, "nuc"):
        return _spectral_slope(y, x, ord, rows, columns)
    if ord not in (1, -1, np.inf, -np.inf):
        raise UnsupportedError(f"`np.linalg.norm` of a matrix with ord={ord!r} has no rule")
    summed, compared = (rows, columns) if abs(ord) == 1 else (columns, rows)
    tied = call(np.sum, call(np.absolute, x), axis=summed, keepdims=True) == y
    return _direction(x) * tied / call(np.sum, tied, axis=compared, keepdims=True)


def _spectral_slope(y: Any, x: Any, ord: Any, rows: int, columns: int) -> Any:
    """Sum of u_k v_kᴴ over the singular values that the norm is made of (Giles 2008, 3.2.1)."""
    is_last = (rows, columns) == (x.ndim - 2, x.ndim - 1)
    matrices = x if is_last else call(np.moveaxis, x, (rows, columns), (-2, -1))
    u, s, vh = call(np.linalg.svd, matrices, full_matrices=False)
    if ord == "nuc":
        slope = u @ vh
    else:
        extreme = call(np.max if ord == 2 else np.min, s, axis=-1, keepdims=True)
        tied = s == extreme
        weights = tied / call(np.sum, tied, axis=-1, keepdims=True)
        slope = u * weights[..., None, :] @ vh
    slope = conjugate(slope)
    return slope if is_last else call(np.moveaxis, slope, (-2, -1), (rows, columns))


@composite(np.linalg.matrix_norm)
def matrix_norm(x, /, *, keepdims=False, ord="fro"):
    return call(np.linalg.norm, x, ord=ord, axis=(-2, -1), keepdims=keepdims)


@composite(np.linalg.vector_norm)
def vector_norm(x, /, *, axis=None, keepdims=False, ord=2):
    if axis is None or isinstance(axis, tuple):
        axes = normalize_axes(axis, x.ndim)
        rest = [k for k in range(x.ndim) if k not in axes]
        moved = x if not rest else call(np.transpose, x, (*axes, *rest))
        kept = moved.shape[len(axes) :]
        y = call(np.linalg.norm, moved.reshape(-1, *kept), ord=ord, axis=0)
        return call(np.expand_dims, y, tuple(sorted(axes))) if keepdims else y
    return call(np.linalg.norm, x, ord=ord, axis=axis, keepdims=keepdims)


@composite(np.linalg.cond)
def cond(x, p=None):
    if p in (None, 2, -2):
        s = call(np.linalg.svd, x, compute_uv=False)
        largest, smallest = s[..., 0], s[..., -1]
        return smallest / largest if p == -2 else largest / smallest
    inverse = call(np.linalg.inv, x)
    norm = call(np.linalg.norm, x, ord=p, axis=(-2, -1))
    return norm * call(np.linalg.norm, inverse, ord=p, axis=(-2, -1))


# What is the same in `np.linalg`, with the matrices in the last two axes


@composite(np.linalg.trace)
def trace(x, /, *, offset=0, dtype=None):
    return call(np.trace, x, offset=offset, axis1=-2, axis2=-1, dtype=dtype)


@composite(np.linalg.diagonal)
def diagonal(x, /, *, offset=0):
    return call(np.diagonal, x, offset=offset, axis1=-2, axis2=-1)


@composite(np.linalg.matrix_transpose)
def matrix_transpose(x, /):
    return call(np.swapaxes, x, -1, -2)


@composite(np.linalg.vecdot)
def vecdot(x1, x2, /, *, axis=-1):
    return call(np.sum, conjugate(x1) * x2, axis=axis)


@defshape(np.linalg.matrix_rank, operands=("A",))
def matrix_rank_shape(
    sizes: Assumptions, A: Type, tol: Any = None, hermitian: bool = False, *, rtol: Any = None
) -> Type:
    shape = array_shape(A)
    return ArrayType(np.dtype(np.int64), None if shape is None else shape[:-2])


constant(np.linalg.matrix_rank)
