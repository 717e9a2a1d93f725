"""Shapes and dtypes of results: what many shape rules share."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from srcgrad.errors import ShapeError, UnsupportedError
from srcgrad.graph import (
    ArrayType,
    Assumptions,
    Dim,
    ListType,
    OpaqueType,
    ScalarType,
    Shape,
    Type,
    add_dims,
    multiply_dims,
    shape_of,
)

PYTHON_ORDER = (bool, int, float, complex)


def shape_text(shape: Shape | None, sizes: Assumptions) -> str:
    """A shape as errors show it: `(5, 3)`, with the sizes of the call that is compiled for."""
    if shape is None:
        return "(...)"
    known = [(dim, sizes.hint(dim)) for dim in shape]
    dims = ", ".join(
        "?" if dim is None else str(dim if size is None else size) for dim, size in known
    )
    return f"({dims},)" if len(shape) == 1 else f"({dims})"


def kind_text(type_: Type | None) -> str:
    """What kind of thing a type describes, as errors name it; a literal `None` has no type."""
    if type_ is None:
        return "`None`"
    if isinstance(type_, ScalarType):
        return f"{'an' if type_.python_type is int else 'a'} {type_.python_type.__name__}"
    if isinstance(type_, ListType):
        return "a list of unknown length"
    if isinstance(type_, OpaqueType):
        return "the result of a call that srcgrad does not know"
    if type_.shape is None:
        return f"an array of {type_.dtype}"
    if not type_.shape:
        return f"a number of dtype {type_.dtype}"
    return f"a {len(type_.shape)}-dimensional array of {type_.dtype}"


def broadcast_shapes(sizes: Assumptions, *shapes: Shape | None) -> Shape | None:
    """The shape of operands of these shapes broadcast together; None where a rank is unknown."""
    if any(shape is None for shape in shapes):
        return None
    known = [shape for shape in shapes if shape is not None]
    rank = max(map(len, known), default=0)
    result: list[Dim] = []
    for axis in range(-rank, 0):
        dims = [shape[axis] for shape in known if len(shape) >= -axis]
        result.append(_broadcast_dim(sizes, dims, known))
    return tuple(result)


def _broadcast_dim(sizes: Assumptions, dims: list[Dim], shapes: list[Shape]) -> Dim:
    first = dims[0]
    if first is not None and all(dim == first for dim in dims):
        return first
    wide = [dim for dim in dims if sizes.is_one(dim) is not True]
    if not wide:
        return 1
    if any(sizes.differ(a, b) for a, b in combinations(wide, 2)):
        listing = " and ".join(shape_text(shape, sizes) for shape in shapes)
        raise ShapeError(
            f"shapes {listing} do not fit together",
            reason="sizes along an axis must be equal, or one of them 1",
        )
    for other in wide[1:]:
        # Nobody else may ask: where the primal's value is not needed, nothing would raise.
        sizes.assume_equal(wide[0], other)
    numbers = {dim for dim in wide if isinstance(dim, int)}
    if numbers:
        return numbers.pop()
    certain = [dim for dim in wide if sizes.is_one(dim) is False]
    if certain:
        return certain[0]
    return wide[0] if all(dim == wide[0] for dim in wide) else None


def array_shape(type_: Type) -> Shape | None:
    if isinstance(type_, (OpaqueType, ListType)):
        raise UnsupportedError(f"{kind_text(type_)} is not an array")
    return shape_of(type_)


def weak_dtype(type_: Type) -> object:
    """What NumPy promotes with: the dtype of an array, the Python type of a Python number."""
    if isinstance(type_, ArrayType):
        return type_.dtype
    if isinstance(type_, ScalarType):
        return type_.python_type
    raise UnsupportedError(f"{kind_text(type_)} is not a number")


def dtype_of(type_: Type) -> np.dtype:
    """The dtype of `np.asarray(value)`."""
    return np.dtype(weak_dtype(type_))  # type: ignore[call-overload]


def ufunc_dtypes(ufunc: np.ufunc, types: Sequence[Type]) -> tuple[np.dtype, ...]:
    """The dtypes of a ufunc's results, by NumPy's own promotion."""
    given = tuple(weak_dtype(type_) for type_ in types)
    if all(item is bool for item in given) or bool in given:
        given = tuple(np.dtype(bool) if item is bool else item for item in given)
    if all(isinstance(item, type) for item in given):
        given = tuple(np.dtype(item) for item in given)  # type: ignore[call-overload]
    try:
        resolved = ufunc.resolve_dtypes(given + (None,) * ufunc.nout)  # type: ignore[arg-type]
    except TypeError as error:
        raise UnsupportedError(f"`np.{ufunc.__name__}`: {error}") from None
    return resolved[ufunc.nin :]


def common_dtype(types: Sequence[Type]) -> np.dtype:
    """The dtype of joining values of these types (`np.concatenate`, `np.where`)."""
    samples = [
        type_.dtype if isinstance(type_, ArrayType) else weak_dtype(type_)(0)  # type: ignore
        for type_ in types
    ]
    return np.result_type(*samples)


def normalize_axes(axis: object, rank: int, *, name: str = "axis") -> tuple[int, ...]:
    """The axes as non-negative numbers in the order given; None means all of them."""
    if axis is None:
        return tuple(range(rank))
    axes = axis if isinstance(axis, (tuple, list)) else (axis,)
    found = []
    for item in axes:
        if not isinstance(item, (int, np.integer)):
            raise UnsupportedError(
                f"`{name}` must be known before the call",
                remedy="Pass it as a Python number, or write it as a constant.",
            )
        if not -rank <= item < rank:
            raise ShapeError(f"{name} {item} is out of bounds for {rank} dimensions")
        found.append(int(item) % rank)
    if len(set(found)) < len(found):
        raise ShapeError(f"duplicate value in `{name}`: {axis}")
    return tuple(found)


def reduced_shape(shape: Shape | None, axis: object, keepdims: bool) -> Shape | None:
    """The shape of a reduction over `axis`."""
    if shape is None:
        return () if axis is None and not keepdims else None
    axes = normalize_axes(axis, len(shape))
    if keepdims:
        return tuple(1 if i in axes else dim for i, dim in enumerate(shape))
    return tuple(dim for i, dim in enumerate(shape) if i not in axes)


def product_of_dims(dims: Sequence[Dim]) -> Dim:
    total: Dim = 1
    for dim in dims:
        total = multiply_dims(total, dim)
    return total


def sum_of_dims(dims: Sequence[Dim]) -> Dim:
    total: Dim = 0
    for dim in dims:
        total = add_dims(total, dim)
    return total


def as_dim(entry: object) -> Dim:
    """A dim from an entry of a shape argument: a number, or the type of a dynamic integer."""
    if isinstance(entry, (int, np.integer)):
        return int(entry)
    if isinstance(entry, ScalarType):
        return entry.size
    return None


def wider_python_type(*types: type) -> type:
    """The Python type of arithmetic on these: bool counts as int."""
    return max(types + (int,), key=PYTHON_ORDER.index)


def inexact_dtype(*types: Type) -> np.dtype:
    """The dtype in which `np.linalg` and `np.fft` compute: float64 for integers."""
    dtypes = [dtype_of(type_) for type_ in types]
    exact = [np.dtype(float) if dtype.kind in "biu" else dtype for dtype in dtypes]
    return np.result_type(*exact)


def real_dtype(dtype: np.dtype) -> np.dtype:
    return np.zeros((), dtype).real.dtype


def square_shape(sizes: Assumptions, name: str, a: Type) -> Shape | None:
    """The shape of a stack of square matrices."""
    shape = array_shape(a)
    if shape is None:
        return None
    if len(shape) < 2 or sizes.differ(shape[-1], shape[-2]):
        raise ShapeError(
            f"`{name}` of shape {shape_text(shape, sizes)}: the matrices must be square"
        )
    return shape
