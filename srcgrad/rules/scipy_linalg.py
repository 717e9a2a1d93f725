"""`scipy.linalg`: loaded when the first function of it is met, and never before.

What NumPy has too is differentiated as NumPy's function; the triangles that are read are the same.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import linalg as sl

from srcgrad.errors import UnsupportedError
from srcgrad.graph import ArrayType, Assumptions, Type, is_complex
from srcgrad.rules.broadcasting import unbroadcast
from srcgrad.rules.composites import composite
from srcgrad.rules.products import mT
from srcgrad.rules.registry import defjvp, defshape, defvjp, primitive_for
from srcgrad.rules.shapes import array_shape, inexact_dtype, square_shape
from srcgrad.rules.symbols import call

for _function in (sl.solve, sl.inv, sl.det, sl.cholesky, sl.solve_triangular, sl.expm):
    primitive_for(_function, f"scipy.linalg.{_function.__name__}")


@composite(sl.inv)
def inv(a, overwrite_a=False, check_finite=True):
    return call(np.linalg.inv, a)


@composite(sl.det)
def det(a, overwrite_a=False, check_finite=True):
    return call(np.linalg.det, a)


@composite(sl.cholesky)
def cholesky(a, lower=False, overwrite_a=False, check_finite=True):
    return call(np.linalg.cholesky, a, upper=not lower)


@composite(sl.solve)
def solve(
    a,
    b,
    lower=False,
    overwrite_a=False,
    overwrite_b=False,
    check_finite=True,
    assume_a=None,
    transposed=False,
):
    if assume_a not in (None, "gen", "general"):
        raise UnsupportedError(
            f"`scipy.linalg.solve` with assume_a={assume_a!r} is not differentiated",
            remedy="Leave it out, or write `np.linalg.solve(a, b)`.",
        )
    return call(np.linalg.solve, mT(a) if transposed else a, b)


@defshape(sl.solve_triangular, operands=("a", "b"))
def solve_triangular_shape(
    sizes: Assumptions,
    a: Type,
    b: Type,
    trans: Any = 0,
    lower: bool = False,
    unit_diagonal: bool = False,
    overwrite_b: bool = False,
    check_finite: bool = True,
) -> Type:
    square_shape(sizes, "solve_triangular", a)
    matrix = array_shape(a)
    if matrix is not None and len(matrix) > 2:
        raise UnsupportedError("`scipy.linalg.solve_triangular` of stacks is not differentiated")
    return ArrayType(inexact_dtype(a, b), array_shape(b))


_TRANSPOSED = {0: False, "N": False, 1: True, "T": True}


@defvjp(sl.solve_triangular)
def solve_triangular_vjp(g, y, a, b, trans=0, lower=False, check_finite=True):
    """A Y = B: B̄ = A⁻ᵀ Ȳ and Ā = -B̄ Yᵀ, in the triangle that is read."""
    transposed = _is_transposed(trans)
    d_b = call(sl.solve_triangular, a, g, trans=0 if transposed else 1, lower=lower)
    left, right = (y, d_b) if transposed else (d_b, y)
    product = call(np.outer, left, right) if b.ndim == 1 else left @ mT(right)
    return -call(np.tril if lower else np.triu, product), unbroadcast(d_b, b)


@defjvp(sl.solve_triangular)
def solve_triangular_jvp(a_dot, b_dot, y, a, b, trans=0, lower=False, check_finite=True):
    right = b_dot
    if a_dot is not None:
        triangle = call(np.tril if lower else np.triu, a_dot)
        moved = (mT(triangle) if _is_transposed(trans) else triangle) @ y
        right = -moved if right is None else right - moved
    return call(sl.solve_triangular, a, right, trans=trans, lower=lower)


def _is_transposed(trans: Any) -> bool:
    if trans not in _TRANSPOSED:
        raise UnsupportedError(
            f"`scipy.linalg.solve_triangular` with trans={trans!r} is not differentiated",
            remedy="Conjugate the matrix: `solve_triangular(np.conj(a), b, trans=1)`.",
        )
    return _TRANSPOSED[trans]


@defshape(sl.expm)
def expm_shape(sizes: Assumptions, A: Type) -> Type:
    return ArrayType(inexact_dtype(A), square_shape(sizes, "expm", A))


def _corner(a: Any, e: Any) -> Any:
    """The derivative of exp(A) in the direction E: the corner of exp([[A, E], [0, A]])."""
    n = a.shape[-1]
    if is_complex(e.type) and not is_complex(a.type):
        a = a + 0j
    upper = call(np.concatenate, (a, e), axis=-1)
    lower = call(np.concatenate, (call(np.zeros_like, e), a), axis=-1)
    return call(sl.expm, call(np.concatenate, (upper, lower), axis=-2))[..., :n, n:]


@defvjp(sl.expm)
def expm_vjp(g, y, A):
    """The adjoint of the derivative in a direction is that of Aᵀ (Mathias 1996; Higham 2008)."""
    return (_corner(mT(A), g),)


@defjvp(sl.expm)
def expm_jvp(A_dot, y, A):
    return _corner(A, A_dot)
