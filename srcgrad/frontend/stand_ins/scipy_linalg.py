"""What some functions of SciPy do, in terms of functions that have rules.

`scipy.linalg` calls LAPACK; its functions that NumPy has too are evaluated as NumPy's.  They are
found by their names, so that nobody loads SciPy who does not use it.
"""

from __future__ import annotations

import sys
from types import FunctionType
from typing import Any

import numpy as np


class _Loaded:
    """SciPy's modules, once the program has loaded them."""

    linalg: Any = None


def norm(
    a: Any, ord: Any = None, axis: Any = None, keepdims: Any = False, check_finite: Any = True
) -> Any:
    return np.linalg.norm(a, ord=ord, axis=axis, keepdims=keepdims)


def cho_factor(
    a: Any, lower: Any = False, overwrite_a: Any = False, check_finite: Any = True
) -> Any:
    return np.linalg.cholesky(a, upper=not lower), lower


def cho_solve(c_and_lower: Any, b: Any, overwrite_b: Any = False, check_finite: Any = True) -> Any:
    c, lower = c_and_lower
    first, second = (0, 1) if lower else (1, 0)
    inner = _Loaded.linalg.solve_triangular(c, b, trans=first, lower=lower)
    return _Loaded.linalg.solve_triangular(c, inner, trans=second, lower=lower)


def eigh(
    a: Any,
    b: Any = None,
    *,
    lower: Any = True,
    eigvals_only: Any = False,
    overwrite_a: Any = False,
    overwrite_b: Any = False,
    type: Any = 1,
    check_finite: Any = True,
    subset_by_index: Any = None,
    subset_by_value: Any = None,
    driver: Any = None,
) -> Any:
    if b is not None or subset_by_index is not None or subset_by_value is not None:
        raise NotImplementedError("generalised problems and subsets of eigenvalues")
    if eigvals_only:
        return np.linalg.eigvalsh(a, UPLO="L" if lower else "U")
    return np.linalg.eigh(a, UPLO="L" if lower else "U")


def eigvalsh(
    a: Any,
    b: Any = None,
    *,
    lower: Any = True,
    overwrite_a: Any = False,
    overwrite_b: Any = False,
    type: Any = 1,
    check_finite: Any = True,
    subset_by_index: Any = None,
    subset_by_value: Any = None,
    driver: Any = None,
) -> Any:
    if b is not None or subset_by_index is not None or subset_by_value is not None:
        raise NotImplementedError("generalised problems and subsets of eigenvalues")
    return np.linalg.eigvalsh(a, UPLO="L" if lower else "U")


def svd(
    a: Any,
    full_matrices: Any = True,
    compute_uv: Any = True,
    overwrite_a: Any = False,
    check_finite: Any = True,
    lapack_driver: Any = "gesdd",
) -> Any:
    return np.linalg.svd(a, full_matrices=full_matrices, compute_uv=compute_uv)


def svdvals(a: Any, overwrite_a: Any = False, check_finite: Any = True) -> Any:
    return np.linalg.svd(a, compute_uv=False)


def pinv(
    a: Any,
    *,
    atol: Any = None,
    rtol: Any = None,
    return_rank: Any = False,
    check_finite: Any = True,
) -> Any:
    if atol is not None or return_rank:
        raise NotImplementedError("pinv with atol or return_rank")
    if rtol is None:
        rtol = max(a.shape[-2], a.shape[-1]) * np.finfo(a.dtype).eps
    return np.linalg.pinv(a, rcond=rtol)


def qr(
    a: Any,
    overwrite_a: Any = False,
    lwork: Any = None,
    mode: Any = "full",
    pivoting: Any = False,
    check_finite: Any = True,
) -> Any:
    if pivoting or mode not in ("full", "economic"):
        raise NotImplementedError("qr with pivoting, or of mode 'r' or 'raw'")
    return np.linalg.qr(a, mode="complete" if mode == "full" else "reduced")


def block_diag(*arrs: Any) -> Any:
    blocks = [np.atleast_2d(a) for a in arrs]
    if any(block.ndim > 2 for block in blocks):
        raise NotImplementedError("block_diag of stacks")
    rows = sum([block.shape[0] for block in blocks])
    columns = sum([block.shape[1] for block in blocks])
    result = np.zeros((rows, columns), dtype=np.result_type(*blocks))
    row, column = 0, 0
    for block in blocks:
        result[row : row + block.shape[0], column : column + block.shape[1]] = block
        row, column = row + block.shape[0], column + block.shape[1]
    return result


def toeplitz(c: Any, r: Any = None) -> Any:
    row = np.conj(c) if r is None else r
    diagonals = np.concatenate((c[::-1], row[1:]))
    below = np.arange(len(c))[::-1]
    return diagonals[below[:, None] + np.arange(len(row))]


def hankel(c: Any, r: Any = None) -> Any:
    row = np.zeros_like(c) if r is None else r
    diagonals = np.concatenate((c, row[1:]))
    return diagonals[np.arange(len(c))[:, None] + np.arange(len(row))]


def circulant(c: Any) -> Any:
    places = np.arange(len(c))
    return c[(places[:, None] - places) % len(c)]


_OF_LINALG: dict[str, Any] = {
    function.__name__: function
    for function in (
        *(norm, cho_factor, cho_solve, eigh, eigvalsh, svd, svdvals, pinv, qr, block_diag),
        *(toeplitz, hankel, circulant),
    )
}


def stand_in_of_scipy(function: Any) -> FunctionType | None:
    """The function that is evaluated in the place of one of `scipy.linalg`."""
    module = _Loaded.linalg = sys.modules.get("scipy.linalg")
    name = getattr(function, "__name__", None)
    if module is None or name is None or getattr(module, name, None) is not function:
        return None
    return _OF_LINALG.get(name)
