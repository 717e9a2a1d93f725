"""Products of vectors, matrices and tensors: NumPy's manual, "Linear algebra", "Products".

Ranks decide the form that a rule takes, so that each comes out as one would write it by hand.
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
    multiply_dims,
    rank_of,
    shape_of,
)
from srcgrad.rules.broadcasting import unbroadcast
from srcgrad.rules.composites import composite
from srcgrad.rules.registry import alias, bilinear, defjvp, defshape, defvjp, named
from srcgrad.rules.shapes import (
    array_shape,
    broadcast_shapes,
    common_dtype,
    dtype_of,
    normalize_axes,
    product_of_dims,
    shape_text,
    ufunc_dtypes,
)
from srcgrad.rules.structural import sum_like
from srcgrad.rules.symbols import Symbol, call

# Products


def _check_contracted(
    sizes: Assumptions, name: str, a: Shape, b: Shape, pairs: list[tuple[Dim, Dim]]
) -> None:
    for left, right in pairs:
        if sizes.differ(left, right):
            listing = f"{shape_text(a, sizes)} and {shape_text(b, sizes)}"
            raise ShapeError(
                f"`{name}` of shapes {listing}: the summed dimensions differ",
                reason=f"the summed dimensions are {sizes.hint(left)} and {sizes.hint(right)}",
            )
        sizes.assume_equal(left, right)


@defshape(np.matmul)
def matmul_shape(sizes: Assumptions, x1: Type, x2: Type, /) -> Type:
    (dtype,) = ufunc_dtypes(np.matmul, (x1, x2))
    a, b = array_shape(x1), array_shape(x2)
    if a is None or b is None:
        return ArrayType(dtype, None)
    if not a or not b:
        raise ShapeError("`@` needs arrays with dimensions, not a number", remedy="Write `*`.")
    _check_contracted(sizes, "matmul", a, b, [(a[-1], b[0] if len(b) == 1 else b[-2])])
    batch = broadcast_shapes(sizes, a[:-2], b[:-2])
    assert batch is not None
    return ArrayType(dtype, batch + a[-2:-1] + (b[-1:] if len(b) > 1 else ()))


def mT(x: Any) -> Any:
    """The matrices in `x` transposed: [..., n, m] from [..., m, n]."""
    return x.T if x.ndim == 2 else call(np.swapaxes, x, -1, -2)


@defvjp(np.matmul)
def matmul_vjp(g, y, a, b):
    if rank_of(a.type) is None or rank_of(b.type) is None:
        return call("left_adjoint", g, a, b), call("right_adjoint", g, a, b)
    if a.ndim == 1 and b.ndim == 1:
        return g * b, g * a
    if b.ndim == 1:
        return _rows_times_vector_vjp(g, a, b)
    if a.ndim == 1:
        return _vector_times_columns_vjp(g, a, b)
    if b.ndim == 2 and a.ndim > 2:
        return g @ b.T, _sum_of_products(a, g)
    if a.ndim == 2 and b.ndim > 2:
        others = [axis for axis in range(g.ndim) if axis != g.ndim - 2]
        return call(np.tensordot, g, b, axes=(others, others)), a.T @ g
    return unbroadcast(g @ mT(b), a, fixed=2), unbroadcast(mT(a) @ g, b, fixed=2)


def _product_shape(a: Any, b: Any) -> tuple[int, ...]:
    """The shape of `a @ b` with a vector `a` taken as a row and a vector `b` as a column."""
    a, b = np.atleast_2d(a), b if np.ndim(b) > 1 else np.reshape(b, (-1, 1))
    batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    return (*batch, a.shape[-2], b.shape[-1])


@lambda function: named("left_adjoint", function)
def left_adjoint(g: Any, a: Any, b: Any) -> Any:
    """The cotangent of `a`, given that of `a @ b`, for any numbers of dimensions."""
    columns = b if np.ndim(b) > 1 else np.reshape(b, (-1, 1))
    product = np.reshape(g, _product_shape(a, b)) @ np.swapaxes(columns, -1, -2)
    return sum_like(product[..., 0, :] if np.ndim(a) == 1 else product, a)


@lambda function: named("right_adjoint", function)
def right_adjoint(g: Any, a: Any, b: Any) -> Any:
    """The cotangent of `b`, given that of `a @ b`, for any numbers of dimensions."""
    rows = np.atleast_2d(a)
    product = np.swapaxes(rows, -1, -2) @ np.reshape(g, _product_shape(a, b))
    return sum_like(product[..., 0] if np.ndim(b) == 1 else product, b)


@defshape(left_adjoint)
def left_adjoint_shape(sizes: Assumptions, g: Type, a: Type, b: Type) -> Type:
    return ArrayType(common_dtype((g, b)), shape_of(a))


@defshape(right_adjoint)
def right_adjoint_shape(sizes: Assumptions, g: Type, a: Type, b: Type) -> Type:
    return ArrayType(common_dtype((g, a)), shape_of(b))


@defvjp(left_adjoint)
def left_adjoint_vjp(h, y, g, a, b):
    return h @ b, None, call("right_adjoint", g, h, b)


@defvjp(right_adjoint)
def right_adjoint_vjp(h, y, g, a, b):
    return a @ h, call("left_adjoint", g, a, h), None


@defjvp(left_adjoint)
def left_adjoint_jvp(g_dot, a_dot, b_dot, y, g, a, b):
    parts = [] if g_dot is None else [call("left_adjoint", g_dot, a, b)]
    parts += [] if b_dot is None else [call("left_adjoint", g, a, b_dot)]
    return sum(parts[1:], parts[0])


@defjvp(right_adjoint)
def right_adjoint_jvp(g_dot, a_dot, b_dot, y, g, a, b):
    parts = [] if g_dot is None else [call("right_adjoint", g_dot, a, b)]
    parts += [] if a_dot is None else [call("right_adjoint", g, a_dot, b)]
    return sum(parts[1:], parts[0])


def _rows_times_vector_vjp(g: Any, a: Any, b: Any) -> tuple[Any, Any]:
    """y = a @ b with a: [..., n, k], b: [k], g: [..., n]."""
    if a.ndim == 2:
        return call(np.outer, g, b), g @ a
    d_b = call(np.tensordot, g, a, axes=g.ndim)
    return g[..., None] * b, d_b


def _vector_times_columns_vjp(g: Any, a: Any, b: Any) -> tuple[Any, Any]:
    """y = a @ b with a: [k], b: [..., k, m], g: [..., m]."""
    if b.ndim == 2:
        return b @ g, call(np.outer, a, g)
    batch = list(range(g.ndim - 1))
    d_a = call(np.tensordot, b, g, axes=(batch + [b.ndim - 1], batch + [g.ndim - 1]))
    return d_a, a[:, None] * g[..., None, :]


def _sum_of_products(a: Any, g: Any) -> Any:
    """The sum over the batch of a.T @ g, as one product of tall matrices.

    a: [..., n, k], g: [..., n, m].  `reshape(-1, 0)` is ambiguous: empty rows go another way.
    """
    k, m = a.dims[-1], g.dims[-1]
    sizes = a.builder.assumptions
    if sizes.is_zero(k) is not False or sizes.is_zero(m) is not False:
        rows = list(range(a.ndim - 1))
        return call(np.tensordot, a, g, axes=(rows, rows))
    return a.reshape(-1, a.shape[-1]).T @ g.reshape(-1, g.shape[-1])


def strong_dtype(*types: Type) -> np.dtype:
    """The dtype of functions that make arrays of Python numbers before they look at them."""
    return np.result_type(*map(dtype_of, types))


@defshape(np.dot)
def dot_shape(sizes: Assumptions, a: Type, b: Type) -> Type:
    dtype = strong_dtype(a, b)
    left, right = array_shape(a), array_shape(b)
    if left == () or right == ():
        return ArrayType(dtype, right if left == () else left)
    if left is None or right is None:
        return ArrayType(dtype, None)
    _check_contracted(sizes, "dot", left, right, [(left[-1], right[max(len(right) - 2, 0)])])
    return ArrayType(dtype, left[:-1] + (right[:-2] + right[-1:] if len(right) > 1 else ()))


@defvjp(np.dot)
def dot_vjp(g, y, a, b):
    if _rank(a) == 0 or _rank(b) == 0:
        return _scaled_vjp(g, a, b)
    if (a.ndim <= 2 and b.ndim <= 2) or b.ndim == 1:
        return matmul_vjp(g, y, a, b)
    return tensordot_vjp(g, y, a, b, axes=((a.ndim - 1,), (b.ndim - 2,)))


def _scaled_vjp(g: Any, a: Any, b: Any) -> tuple[Any, Any]:
    """The product with a number."""
    return unbroadcast(g * b, a), unbroadcast(g * a, b)


def _rank(x: Any) -> int:
    return x.ndim if isinstance(x, Symbol) else 0


@defshape(np.outer)
def outer_shape(sizes: Assumptions, a: Type, b: Type) -> Type:
    return ArrayType(strong_dtype(a, b), (_flat_dim(a), _flat_dim(b)))


def _flat_dim(type_: Type) -> Dim:
    shape = array_shape(type_)
    return None if shape is None else product_of_dims(shape)


@defvjp(np.outer)
def outer_vjp(g, y, a, b):
    return (
        call("reshape_like", g @ _flat(b), a),
        call("reshape_like", _flat(a) @ g, b),
    )


def _flat(x: Any) -> Any:
    return x if _rank(x) == 1 else call(np.ravel, x)


@defshape(np.tensordot, operands=("a", "b"))
def tensordot_shape(sizes: Assumptions, a: Type, b: Type, axes: object = 2) -> Type:
    dtype = strong_dtype(a, b)
    left, right = array_shape(a), array_shape(b)
    if left is None or right is None:
        return ArrayType(dtype, None)
    of_a, of_b = _contracted_axes(axes, len(left), len(right))
    pairs = [(left[i], right[j]) for i, j in zip(of_a, of_b)]
    _check_contracted(sizes, "tensordot", left, right, pairs)
    free = [dim for axis, dim in enumerate(left) if axis not in of_a]
    free += [dim for axis, dim in enumerate(right) if axis not in of_b]
    return ArrayType(dtype, tuple(free))


def _contracted_axes(
    axes: object, rank_a: int, rank_b: int
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The axes of each operand that are summed, in pairs."""
    if isinstance(axes, (int, np.integer)):
        if axes > min(rank_a, rank_b):
            raise ShapeError(f"`tensordot` over {axes} axes of arrays of {rank_a} and {rank_b}")
        return tuple(range(rank_a - axes, rank_a)), tuple(range(axes))
    if not isinstance(axes, (tuple, list)) or len(axes) != 2:
        raise UnsupportedError(
            "`axes` of `tensordot` must be known before the call",
            remedy="Pass it as a Python number, or write it as a constant.",
        )
    of_a, of_b = normalize_axes(axes[0], rank_a), normalize_axes(axes[1], rank_b)
    if len(of_a) != len(of_b):
        raise ShapeError(f"`tensordot` needs as many axes of each operand, not {axes}")
    return of_a, of_b


@defvjp(np.tensordot)
def tensordot_vjp(g, y, a, b, axes=2):
    """The cotangent against the other operand over its free axes, put in the operand's order."""
    of_a, of_b = _contracted_axes(axes, a.ndim, b.ndim)
    free_a = [axis for axis in range(a.ndim) if axis not in of_a]
    free_b = [axis for axis in range(b.ndim) if axis not in of_b]
    in_g_a = list(range(len(free_a)))
    in_g_b = list(range(len(free_a), len(free_a) + len(free_b)))
    partner_a = [of_a[k] for k in np.argsort(of_b)]
    partner_b = [of_b[k] for k in np.argsort(of_a)]
    d_a = call(np.tensordot, g, b, axes=(in_g_b, free_b))
    d_b = call(np.tensordot, a, g, axes=(free_a, in_g_a))
    return _ordered(d_a, free_a + partner_a), _ordered(d_b, partner_b + free_b)


def _ordered(x: Any, axes: list[int]) -> Any:
    """`x`, whose axis k is to become axis `axes[k]`, transposed."""
    order = tuple(int(k) for k in np.argsort(axes))
    return x if order == tuple(range(len(axes))) else call(np.transpose, x, axes=order)


@defshape(np.inner)
def inner_shape(sizes: Assumptions, a: Type, b: Type, /) -> Type:
    left, right = array_shape(a), array_shape(b)
    if left == () or right == ():
        return dot_shape(sizes, a, b)
    dtype = strong_dtype(a, b)
    if left is None or right is None:
        return ArrayType(dtype, None)
    _check_contracted(sizes, "inner", left, right, [(left[-1], right[-1])])
    return ArrayType(dtype, left[:-1] + right[:-1])


@defvjp(np.inner)
def inner_vjp(g, y, a, b):
    if _rank(a) == 0 or _rank(b) == 0 or (a.ndim == 1 and b.ndim == 1):
        return _scaled_vjp(g, a, b)
    return tensordot_vjp(g, y, a, b, axes=((-1,), (-1,)))


@defshape(np.vdot)
def vdot_shape(sizes: Assumptions, a: Type, b: Type, /) -> Type:
    return ArrayType(strong_dtype(a, b), ())


@defvjp(np.vdot)
def vdot_vjp(g, y, a, b):
    """y = sum(conj(a) * b), so that dL = Re(g conj(da) b) = Re(conj(g b) da)."""
    d_a, d_b = g * _flat(b), g * conjugate(_flat(a))
    return call("reshape_like", conjugate(d_a), a), call("reshape_like", d_b, b)


def conjugate(x: Any) -> Any:
    """The conjugate, which of real numbers is themselves."""
    return call(np.conjugate, x) if isinstance(x, Symbol) and is_complex(x.type) else x


@defshape(np.kron)
def kron_shape(sizes: Assumptions, a: Type, b: Type) -> Type:
    left, right = array_shape(a), array_shape(b)
    if left is None or right is None:
        return ArrayType(strong_dtype(a, b), None)
    left, right = _same_rank(left, right)
    return ArrayType(strong_dtype(a, b), tuple(map(multiply_dims, left, right)))


def _same_rank(a: tuple[Any, ...], b: tuple[Any, ...]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    rank = max(len(a), len(b))
    return (1,) * (rank - len(a)) + a, (1,) * (rank - len(b)) + b


@defvjp(np.kron)
def kron_vjp(g, y, a, b):
    """Each axis of g is a pair (place in a, place in b); the other operand's places are summed."""
    if _rank(a) == 0 or _rank(b) == 0:
        return _scaled_vjp(g, a, b)
    left, right = _same_rank(a.shape, b.shape)
    rank = len(left)
    pairs = call(np.reshape, g, tuple(dim for pair in zip(left, right) for dim in pair))
    of_a, of_b = list(range(0, 2 * rank, 2)), list(range(1, 2 * rank, 2))
    d_a = call(np.tensordot, pairs, call(np.reshape, b, right), axes=(of_b, list(range(rank))))
    d_b = call(np.tensordot, call(np.reshape, a, left), pairs, axes=(list(range(rank)), of_a))
    return call("reshape_like", d_a, a), call("reshape_like", d_b, b)


@defshape(np.cross, operands=("a", "b"))
def cross_shape(sizes: Assumptions, a: Type, b: Type, axis: object = -1) -> Type:
    left, right = array_shape(a), array_shape(b)
    (dtype,) = ufunc_dtypes(np.multiply, (a, b))
    if left is None or right is None:
        raise UnsupportedError("`np.cross` needs operands of known number of dimensions")
    if axis != -1:
        raise UnsupportedError(
            "`np.cross` along another axis than the last is not supported",
            remedy="Move the axis to the end first: `np.moveaxis(x, axis, -1)`.",
        )
    for shape in (left, right):
        if not shape or not sizes.assume_equal(shape[-1], 3):
            raise UnsupportedError(
                "`np.cross` is supported for vectors of three components",
                remedy="Write the components out.",
            )
    batch = broadcast_shapes(sizes, left[:-1], right[:-1])
    assert batch is not None
    return ArrayType(dtype, (*batch, 3))


@defvjp(np.cross)
def cross_vjp(g, y, a, b, axis=-1):
    """g · (da × b) = da · (b × g)."""
    return unbroadcast(call(np.cross, b, g), a), unbroadcast(call(np.cross, g, a), b)


def _multi_dot_like(arrays: Any, out: Any = None) -> None:
    """The signature of `np.linalg.multi_dot`."""


@defshape(np.linalg.multi_dot, operands=("*arrays",), like=_multi_dot_like)
def multi_dot_shape(sizes: Assumptions, *arrays: Type) -> Type:
    product = arrays[0]
    for array in arrays[1:]:
        product = dot_shape(sizes, product, array)
    return product


@defvjp(np.linalg.multi_dot)
def multi_dot_vjp(g, y, *arrays):
    """Each factor gets (what stands before)ᵀ g (what stands after)ᵀ."""
    first, last = arrays[0], arrays[-1]
    factors = list(arrays)
    if first.ndim == 1:
        factors[0], g = first[None, :], call(np.expand_dims, g, 0)
    if last.ndim == 1:
        factors[-1], g = last[:, None], call(np.expand_dims, g, -1)
    before, after = _products(factors), _products([mT(x) for x in reversed(factors)])
    contributions = []
    for k, array in enumerate(arrays):
        d = g if k == 0 else mT(before[k - 1]) @ g
        d = d if k == len(arrays) - 1 else d @ after[len(arrays) - 2 - k]
        contributions.append(call("reshape_like", d, array) if array.ndim == 1 else d)
    return tuple(contributions)


def _products(factors: list[Any]) -> list[Any]:
    """The products of the first one, two, three ... factors, but not of all."""
    found = factors[:1]
    for factor in factors[1:-1]:
        found.append(found[-1] @ factor)
    return found


bilinear(np.matmul, np.dot, np.outer, np.tensordot, np.inner, np.vdot, np.kron, np.cross)
bilinear(np.linalg.multi_dot)
alias(np.linalg.matmul, np.matmul)
alias(np.linalg.outer, np.outer)
alias(np.linalg.tensordot, np.tensordot)
alias(np.linalg.cross, np.cross)


POWER_LIMIT = 64


@defshape(np.linalg.matrix_power, operands=("a",))
def matrix_power_shape(sizes: Assumptions, a: Type, n: object) -> Type:
    if not isinstance(n, (int, np.integer)):
        raise UnsupportedError(
            "the exponent of `matrix_power` must be known before the call",
            remedy="Pass it as a Python number, or write it as a constant.",
        )
    dtype = dtype_of(a)
    inexact = np.result_type(dtype, 0.0) if n < 0 and dtype.kind in "biu" else dtype
    return ArrayType(inexact, array_shape(a))


@defvjp(np.linalg.matrix_power)
def matrix_power_vjp(g, y, a, n=None):
    """The sum over k < n of (Aᵀ)^k g (Aᵀ)^(n-1-k); for n < 0 through dA⁻¹ = -A⁻¹ dA A⁻¹."""
    if n == 0:
        return (None,)
    base = mT(a) if n > 0 else mT(call(np.linalg.inv, a))
    total = _power_adjoint(g, base, abs(n))
    return (total if n > 0 else -base @ total @ base,)


@defjvp(np.linalg.matrix_power)
def matrix_power_jvp(a_dot, y, a, n=None):
    if n == 0:
        return None
    if n > 0:
        return _power_adjoint(a_dot, a, n)
    inverse = call(np.linalg.inv, a)
    return _power_adjoint(-inverse @ a_dot @ inverse, inverse, -n)


def _power_adjoint(g: Any, base: Any, n: int) -> Any:
    """The sum over k < n of base^k g base^(n-1-k)."""
    if n > POWER_LIMIT:
        raise UnsupportedError(
            f"`matrix_power` is differentiated up to the power {POWER_LIMIT}",
            remedy="Square it: `b @ b`, where `b` is the power with half the exponent.",
        )
    total, power = g, base
    for k in range(1, n):
        total = base @ total + g @ power
        power = power @ base if k < n - 1 else power
    return total


# Products of stacks of vectors and matrices


def _conjugated(x: Any) -> Any:
    return conjugate(x) if isinstance(x, Symbol) and is_complex(x.type) else x


def _vecdot_like(x1: Any, x2: Any, /, axis: Any = -1, keepdims: Any = False) -> None:
    """The signature of `np.vecdot`."""


@composite(np.vecdot, like=_vecdot_like)
def vecdot(x1, x2, axis=-1, keepdims=False):
    """The sum of conj(x1) x2, of broadcast shapes."""
    return np.sum(_conjugated(x1) * x2, axis=axis, keepdims=keepdims)


def matvec(x1, x2, /):
    return (x1 @ call(np.expand_dims, x2, axis=-1))[..., 0]


def vecmat(x1, x2, /):
    """conj(x1) x2, for each of a stack."""
    return (call(np.expand_dims, _conjugated(x1), axis=-2) @ x2)[..., 0, :]


# Since NumPy 2.2.
if hasattr(np, "matvec"):
    composite(np.matvec)(matvec)
    composite(np.vecmat)(vecmat)
