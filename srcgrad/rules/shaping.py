"""Arrays in another shape or order: NumPy's manual, "Array manipulation routines"."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from srcgrad.errors import ShapeError, UnsupportedError
from srcgrad.graph import (
    ArrayType,
    Assumptions,
    Builder,
    Dim,
    DimExpression,
    Shape,
    Type,
    shape_of,
)
from srcgrad.rules.creation import asked_dtype, shape_from
from srcgrad.rules.indexing import slice_dim
from srcgrad.rules.registry import defjvp, defshape, defvjp, linear, named, primitive_for
from srcgrad.rules.shapes import (
    array_shape,
    broadcast_shapes,
    common_dtype,
    dtype_of,
    normalize_axes,
    product_of_dims,
    shape_text,
    sum_of_dims,
)
from srcgrad.rules.symbols import Symbol, apply, as_value, call

# Shape


@defshape(np.reshape, operands=("a",))
def reshape_shape(
    sizes: Assumptions, a: Type, /, shape: object, order: str = "C", *, copy: bool | None = None
) -> Type:
    have, want = array_shape(a), shape_from(shape)
    if want is None:
        return ArrayType(dtype_of(a), None)
    places = [place for place, dim in enumerate(want) if dim == -1]
    if len(places) > 1:
        raise ShapeError("reshape can only specify one unknown dimension")
    if not places:
        _check_same_size(sizes, have, want)
        return ArrayType(dtype_of(a), want)
    (place,) = places
    others = want[:place] + want[place + 1 :]
    return ArrayType(dtype_of(a), want[:place] + (_quotient(have, others),) + want[place + 1 :])


def _check_same_size(sizes: Assumptions, have: Shape | None, want: Shape) -> None:
    if have is None:
        return
    count, wanted = product_of_dims(have), product_of_dims(want)
    if count is not None and wanted is not None and sizes.differ(count, wanted):
        raise ShapeError(
            f"cannot reshape an array of shape {shape_text(have)} into shape {shape_text(want)}"
        )


def _quotient(have: Shape | None, others: Shape) -> Dim:
    """The dim that `-1` stands for: the product of `have` over that of the other dims."""
    if have is None:
        return None
    left = list(have)
    right = []
    for dim in others:
        if dim is not None and dim in left:
            left.remove(dim)
        else:
            right.append(dim)
    count, divisor = product_of_dims(left), product_of_dims(right)
    if not isinstance(divisor, int) or divisor == 0 or count is None:
        return None
    if isinstance(count, int) and count % divisor:
        raise ShapeError(f"cannot reshape shape {shape_text(have)} into rows of {divisor}")
    return divide_dim(count, divisor)


def divide_dim(dim: int | DimExpression, divisor: int) -> Dim:
    """The exact quotient, where it is affine again."""
    if isinstance(dim, int):
        return dim // divisor if dim % divisor == 0 else None
    if dim.constant % divisor or any(k % divisor for _, k in dim.terms):
        return None
    terms = tuple((name, k // divisor) for name, k in dim.terms)
    return DimExpression(terms, dim.constant // divisor)


@defvjp(np.reshape)
def reshape_vjp(g, y, a, shape=None, order="C", copy=None):
    return (_reshape_back(g, a, order),)


def _reshape_back(g: Any, a: Any, order: str) -> Any:
    if order == "C":
        return call("reshape_like", g, a)
    if order != "F":
        raise UnsupportedError(
            f"cannot differentiate a reshape with order={order!r}: it depends on the memory layout"
        )
    return call(np.reshape, g, a.shape, order="F")


@defshape(np.ravel)
def ravel_shape(sizes: Assumptions, a: Type, order: str = "C") -> Type:
    shape = array_shape(a)
    return ArrayType(dtype_of(a), (None if shape is None else product_of_dims(shape),))


@defvjp(np.ravel)
def ravel_vjp(g, y, a, order="C"):
    return (_reshape_back(g, a, order),)


linear(np.reshape, np.ravel)


# Transposition


@defshape(np.transpose, operands=("a",))
def transpose_shape(sizes: Assumptions, a: Type, axes: object = None) -> Type:
    shape = array_shape(a)
    if shape is None:
        return ArrayType(dtype_of(a), (None,) * len(axes) if isinstance(axes, tuple) else None)
    order = tuple(reversed(range(len(shape)))) if axes is None else _permutation(axes, len(shape))
    return ArrayType(dtype_of(a), tuple(shape[axis] for axis in order))


def _permutation(axes: object, rank: int) -> tuple[int, ...]:
    order = normalize_axes(axes, rank, name="axes")
    if len(order) != rank:
        raise ShapeError(f"axes {axes} don't match an array of {rank} dimensions")
    return order


@defvjp(np.transpose)
def transpose_vjp(g, y, a, axes=None):
    if axes is None:
        return (call(np.transpose, g),)
    order = _permutation(axes, len(axes))
    inverse = tuple(order.index(axis) for axis in range(len(order)))
    return (call(np.transpose, g, axes=inverse),)


@defshape(np.swapaxes, operands=("a",))
def swapaxes_shape(sizes: Assumptions, a: Type, axis1: int, axis2: int) -> Type:
    shape = array_shape(a)
    if shape is None:
        return ArrayType(dtype_of(a), None)
    (first,), (second,) = normalize_axes(axis1, len(shape)), normalize_axes(axis2, len(shape))
    dims = list(shape)
    dims[first], dims[second] = dims[second], dims[first]
    return ArrayType(dtype_of(a), tuple(dims))


@defvjp(np.swapaxes)
def swapaxes_vjp(g, y, a, axis1=None, axis2=None):
    return (call(np.swapaxes, g, axis1, axis2),)


@defshape(np.moveaxis, operands=("a",))
def moveaxis_shape(sizes: Assumptions, a: Type, source: object, destination: object) -> Type:
    shape = array_shape(a)
    if shape is None:
        return ArrayType(dtype_of(a), None)
    sources = normalize_axes(source, len(shape), name="source")
    destinations = normalize_axes(destination, len(shape), name="destination")
    if len(sources) != len(destinations):
        raise ShapeError("`source` and `destination` must name as many axes")
    order = [axis for axis in range(len(shape)) if axis not in sources]
    for place, axis in sorted(zip(destinations, sources)):
        order.insert(place, axis)
    return ArrayType(dtype_of(a), tuple(shape[axis] for axis in order))


@defvjp(np.moveaxis)
def moveaxis_vjp(g, y, a, source=None, destination=None):
    return (call(np.moveaxis, g, destination, source),)


@defshape(np.rollaxis, operands=("a",))
def rollaxis_shape(sizes: Assumptions, a: Type, axis: int, start: int = 0) -> Type:
    shape = array_shape(a)
    if shape is None:
        return ArrayType(dtype_of(a), None)
    return moveaxis_shape(sizes, a, *_rolled(len(shape), axis, start))


def _rolled(rank: int, axis: int, start: int) -> tuple[int, int]:
    """The source and destination of `np.moveaxis` that do what `np.rollaxis` does."""
    (source,) = normalize_axes(axis, rank)
    start = start + rank if start < 0 else start
    return source, start - 1 if source < start else start


@defvjp(np.rollaxis)
def rollaxis_vjp(g, y, a, axis=None, start=0):
    source, destination = _rolled(g.ndim, axis, start)
    return (call(np.moveaxis, g, destination, source),)


@defshape(np.matrix_transpose)
def matrix_transpose_shape(sizes: Assumptions, x: Type, /) -> Type:
    return swapaxes_shape(sizes, x, -1, -2)


@defvjp(np.matrix_transpose)
def matrix_transpose_vjp(g, y, x):
    return (call(np.matrix_transpose, g),)


linear(np.transpose, np.swapaxes, np.moveaxis, np.rollaxis, np.matrix_transpose)


# Number of dimensions


@defshape(np.squeeze, operands=("a",))
def squeeze_shape(sizes: Assumptions, a: Type, axis: object = None) -> Type:
    shape = array_shape(a)
    if shape is None:
        return ArrayType(dtype_of(a), None)
    if axis is not None:
        dropped = normalize_axes(axis, len(shape))
        if any(sizes.differ(shape[i], 1) for i in dropped):
            raise ShapeError(f"cannot squeeze axis {axis} of shape {shape_text(shape)}: not 1 long")
        return ArrayType(dtype_of(a), tuple(d for i, d in enumerate(shape) if i not in dropped))
    ones = [sizes.is_one(dim) for dim in shape]
    if None in ones:
        return ArrayType(dtype_of(a), None)
    return ArrayType(dtype_of(a), tuple(dim for dim, one in zip(shape, ones) if not one))


@defvjp(np.squeeze)
def squeeze_vjp(g, y, a, axis=None):
    return (call("reshape_like", g, a),)


@defshape(np.expand_dims, operands=("a",))
def expand_dims_shape(sizes: Assumptions, a: Type, axis: object) -> Type:
    shape = array_shape(a)
    if shape is None:
        return ArrayType(dtype_of(a), None)
    rank = len(shape) + (len(axis) if isinstance(axis, (tuple, list)) else 1)
    added = normalize_axes(axis, rank)
    rest = iter(shape)
    return ArrayType(dtype_of(a), tuple(1 if i in added else next(rest) for i in range(rank)))


@defvjp(np.expand_dims)
def expand_dims_vjp(g, y, a, axis=None):
    return (call("reshape_like", g, a),)


def _at_least(rank: int, a: Type) -> Type:
    """The type of one argument of `np.atleast_1d`, `_2d` or `_3d`."""
    shape = array_shape(a)
    if shape is None or len(shape) >= rank:
        return ArrayType(dtype_of(a), shape)
    if rank == 3 and len(shape) == 2:
        return ArrayType(dtype_of(a), (*shape, 1))
    if rank == 3 and len(shape) == 1:
        return ArrayType(dtype_of(a), (1, *shape, 1))
    return ArrayType(dtype_of(a), (1,) * (rank - len(shape)) + shape)


def _register_at_least(function: Any, rank: int) -> None:
    @defshape(function)
    def shape(sizes: Assumptions, ary: Type, /) -> Type:
        """Several arguments, which give a tuple, are refused."""
        return _at_least(rank, ary)

    @defvjp(function)
    def at_least_vjp(g, y, ary):
        return (call("reshape_like", g, ary),)

    linear(function)


_register_at_least(np.atleast_1d, 1)
_register_at_least(np.atleast_2d, 2)
_register_at_least(np.atleast_3d, 3)


@defshape(np.broadcast_to, operands=("array",))
def broadcast_to_shape(sizes: Assumptions, array: Type, shape: object, subok: bool = False) -> Type:
    have, want = array_shape(array), shape_from(shape)
    if have is not None and want is not None:
        pairs = zip(reversed(have), reversed(want))
        if len(have) > len(want) or any(
            sizes.differ(a, b) and sizes.differ(a, 1) for a, b in pairs
        ):
            raise ShapeError(
                f"cannot broadcast shape {shape_text(have)} to shape {shape_text(want)}"
            )
    return ArrayType(dtype_of(array), want)


@defvjp(np.broadcast_to)
def broadcast_to_vjp(g, y, array, shape=None, subok=False):
    return (g,)


@defshape(np.broadcast_arrays)
def broadcast_arrays_shape(
    sizes: Assumptions, *args: Type, subok: bool = False
) -> tuple[Type, ...]:
    shape = broadcast_shapes(sizes, *map(array_shape, args))
    return tuple(ArrayType(dtype_of(item), shape) for item in args)


@defvjp(np.broadcast_arrays)
def broadcast_arrays_vjp(g, y, *args, subok=False):
    return g if isinstance(g, tuple) else (g,)


linear(np.squeeze, np.expand_dims, np.broadcast_to)


@defjvp(np.broadcast_arrays)
def broadcast_arrays_jvp(*values, subok=False):
    """The tangents broadcast each by itself, for they may be missing."""
    count = (len(values) - 1) // 2
    tangents, y = values[:count], values[count]
    results = y if isinstance(y, tuple) else (y,)
    return tuple(
        None if tangent is None else call("broadcast_like", tangent, like)
        for tangent, like in zip(tangents, results)
    )


# Copies and kinds of array


@defshape(np.copy, operands=("a",))
def copy_shape(sizes: Assumptions, a: Type, order: str = "K", subok: bool = False) -> Type:
    return ArrayType(dtype_of(a), array_shape(a))


@defshape(np.asarray, np.asanyarray, operands=("a",))
def asarray_shape(
    sizes: Assumptions, a: Type, dtype: object = None, order: object = None, *, copy: object = None
) -> Type:
    return ArrayType(asked_dtype(dtype, dtype_of(a)), array_shape(a))


@defshape(np.array, operands=("object",))
def new_array_shape(
    sizes: Assumptions,
    object: Type,
    dtype: Any = None,
    *,
    copy: Any = True,
    order: Any = "K",
    ndmin: int = 0,
) -> Type:
    shape = array_shape(object)
    if ndmin and (shape is None or len(shape) < ndmin):
        raise UnsupportedError("`np.array(..., ndmin=...)` that adds dimensions is not supported")
    return ArrayType(asked_dtype(dtype, dtype_of(object)), shape)


@defvjp(np.copy, np.asarray, np.asanyarray, np.array)
def copy_vjp(g, y, x, **options):
    return (g,)


linear(np.copy, np.asarray, np.asanyarray, np.array)


@defshape(np.ascontiguousarray, operands=("a",))
def contiguous_shape(sizes: Assumptions, a: Type, dtype: object = None) -> Type:
    """At least one dimension, as its documentation says."""
    made = _at_least(1, a)
    return ArrayType(asked_dtype(dtype, dtype_of(a)), shape_of(made))


@defvjp(np.ascontiguousarray)
def contiguous_vjp(g, y, a, dtype=None):
    return (call("reshape_like", g, a),)


linear(np.ascontiguousarray)


@lambda function: named("array_of", function)
def array_of(*items: Any, lengths: tuple[int, ...], dtype: Any = None) -> Any:
    """`np.array` of nested lists of these `lengths` with the items, left to right, innermost."""
    if not items:
        return np.zeros(lengths, dtype)
    nested: list[Any] = list(items)
    for length in reversed(lengths[1:]):
        nested = [nested[i : i + length] for i in range(0, len(nested), length)]
    return np.array(nested, dtype)


@defshape(array_of, operands=("*items",))
def array_of_shape(
    sizes: Assumptions, *items: Type, lengths: tuple[int, ...], dtype: object = None
) -> Type:
    shapes = [array_shape(item) for item in items]
    strong = np.result_type(*map(dtype_of, items)) if items else np.dtype(float)
    inner = _common_shape(sizes, shapes) if shapes else ()
    return ArrayType(asked_dtype(dtype, strong), None if inner is None else lengths + inner)


@defvjp(array_of)
def array_of_vjp(g, y, *items, lengths=(), dtype=None):
    places = np.ndindex(*lengths)
    return tuple(g[place[0] if len(place) == 1 else place] for place in places)


@defjvp(array_of)
def array_of_jvp(*values, lengths=(), dtype=None):
    count = (len(values) - 1) // 2
    tangents, items = values[:count], values[count + 1 :]
    given = [_zero(item) if dot is None else dot for dot, item in zip(tangents, items)]
    return call("array_of", *given, lengths=lengths)


def _zero(x: Any) -> Any:
    return call(np.zeros_like, x) if isinstance(x, Symbol) and x.ndim else 0.0


def array_from_nested(builder: Builder, nested: Sequence[Any], dtype: Any = None) -> Symbol:
    """`np.array` of nested lists or tuples of numbers and symbols, as a symbol."""
    lengths = [len(nested)]
    items = list(nested)
    while items and all(map(_is_sequence, items)) and len({len(item) for item in items}) == 1:
        lengths.append(len(items[0]))
        items = [inner for item in items for inner in item]
    operands = [
        array_from_nested(builder, item, dtype) if _is_sequence(item) else item for item in items
    ]
    parameters: dict[str, object] = {"lengths": tuple(lengths)}
    if dtype is not None:
        parameters["dtype"] = dtype
    (value,) = apply(builder, primitive_for(array_of), operands, parameters)
    return Symbol(builder, value)


def _is_sequence(item: object) -> bool:
    return isinstance(item, (list, tuple))


def _common_shape(sizes: Assumptions, shapes: Sequence[Shape | None]) -> Shape | None:
    """The shape of arrays that must all have the same; its best known dims."""
    if any(shape is None for shape in shapes):
        return None
    first, *others = (shape for shape in shapes if shape is not None)
    for shape in others:
        unequal = any(sizes.differ(a, b) for a, b in zip(first, shape))
        if len(shape) != len(first) or unequal:
            raise ShapeError(
                f"arrays of shapes {shape_text(first)} and {shape_text(shape)} cannot be stacked"
            )
    known = [shape for shape in shapes if shape is not None]
    return tuple(next((d for d in dims if d is not None), None) for dims in zip(*known))


# Joining


def _joined(sizes: Assumptions, shapes: Sequence[Shape | None], axis: object) -> Shape | None:
    """The shape of arrays joined along an axis that they have."""
    if any(shape is None for shape in shapes):
        return None
    known = [shape for shape in shapes if shape is not None]
    ranks = {len(shape) for shape in known}
    if len(ranks) > 1 or 0 in ranks:
        listing = " and ".join(map(shape_text, known))
        raise ShapeError(f"arrays of shapes {listing} cannot be joined")
    (place,) = normalize_axes(axis, ranks.pop())
    around = _common_shape(sizes, [shape[:place] + shape[place + 1 :] for shape in known])
    assert around is not None
    return around[:place] + (sum_of_dims([shape[place] for shape in known]),) + around[place:]


def _concatenate_like(
    arrays: Any, axis: Any = 0, out: Any = None, dtype: Any = None, casting: Any = "same_kind"
) -> None:
    """The signature of `np.concatenate`."""


@defshape(np.concatenate, operands=("*arrays",), like=_concatenate_like)
def concatenate_shape(
    sizes: Assumptions,
    *arrays: Type,
    axis: object = 0,
    dtype: object = None,
    casting: str = "same_kind",
) -> Type:
    made = asked_dtype(dtype, common_dtype(arrays))
    shapes = [array_shape(array) for array in arrays]
    if axis is None:
        counts = [None if shape is None else product_of_dims(shape) for shape in shapes]
        return ArrayType(made, (sum_of_dims(counts),))
    return ArrayType(made, _joined(sizes, shapes, axis))


@defvjp(np.concatenate)
def concatenate_vjp(g, y, *arrays, axis=0, dtype=None, casting="same_kind"):
    if axis is None:
        counts = [array.size if isinstance(array, Symbol) else 1 for array in arrays]
        pieces = _pieces(g, counts, 0)
        return tuple(call("reshape_like", piece, a) for piece, a in zip(pieces, arrays))
    (place,) = normalize_axes(axis, g.ndim)
    return _pieces(g, [array.shape[place] for array in arrays], place)


def _pieces(g: Symbol, lengths: Sequence[Any], axis: int) -> tuple[Symbol, ...]:
    """Consecutive parts of `g` of these lengths along an axis; the last reaches to the end."""
    stops: list[Any] = []
    for length in lengths[:-1]:
        stops.append(length if not stops else stops[-1] + length)
    bounds = zip([None, *stops], [*stops, None])
    return tuple(g[(slice(None),) * axis + (slice(start, stop),)] for start, stop in bounds)


def _joined_tangents(values: Sequence[Any]) -> list[Any]:
    """The tangents of the operands of a join, with zeros where there is none."""
    count = (len(values) - 1) // 2
    pairs = zip(values[:count], values[count + 1 :])
    return [call(np.zeros_like, item) if dot is None else dot for dot, item in pairs]


@defjvp(np.concatenate)
def concatenate_jvp(*values, axis=0, dtype=None, casting="same_kind"):
    return call(np.concatenate, _joined_tangents(values), axis=axis)


def _stack_like(
    arrays: Any, axis: Any = 0, out: Any = None, dtype: Any = None, casting: Any = "same_kind"
) -> None:
    """The signature of `np.stack`."""


@defshape(np.stack, operands=("*arrays",), like=_stack_like)
def stack_shape(
    sizes: Assumptions,
    *arrays: Type,
    axis: object = 0,
    dtype: object = None,
    casting: str = "same_kind",
) -> Type:
    made = asked_dtype(dtype, common_dtype(arrays))
    inner = _common_shape(sizes, [array_shape(array) for array in arrays])
    if inner is None:
        return ArrayType(made, None)
    (place,) = normalize_axes(axis, len(inner) + 1)
    return ArrayType(made, inner[:place] + (len(arrays),) + inner[place:])


@defvjp(np.stack)
def stack_vjp(g, y, *arrays, axis=0, dtype=None, casting="same_kind"):
    if not isinstance(axis, int) or axis < 0:
        (axis,) = normalize_axes(axis, g.ndim)
    around = (slice(None),) * axis
    return tuple(g[(*around, k) if axis else k] for k in range(len(arrays)))


@defjvp(np.stack)
def stack_jvp(*values, axis=0, dtype=None, casting="same_kind"):
    return call(np.stack, _joined_tangents(values), axis=axis)


def _register_stack(
    function: Any, prepare: Callable[[Type], Type], axis_of: Callable[[int], int]
) -> None:
    """`np.vstack` and its family: give each array some dimensions, then join them."""

    @defshape(function, operands=("*tup",), like=lambda tup, dtype=None, casting="same_kind": None)
    def family_shape(
        sizes: Assumptions, *tup: Type, dtype: object = None, casting: str = "same_kind"
    ) -> Type:
        shapes = [shape_of(prepare(item)) for item in tup]
        made = asked_dtype(dtype, common_dtype(tup))
        if any(shape is None for shape in shapes):
            return ArrayType(made, None)
        return ArrayType(made, _joined(sizes, shapes, axis_of(len(shapes[0] or ()))))

    @defvjp(function)
    def family_vjp(g, y, *tup, dtype=None, casting="same_kind"):
        axis = axis_of(g.ndim)
        shapes = [shape_of(prepare(as_value(item).type)) for item in tup]
        if any(shape is None for shape in shapes):
            raise UnsupportedError(
                f"the number of dimensions of what `np.{function.__name__}` joins is not known"
            )
        lengths = [
            shape[axis] if isinstance(shape[axis], int) else _length_along(item, len(shape), axis)
            for item, shape in zip(tup, shapes)
        ]
        pieces = _pieces(g, lengths, axis)
        return tuple(_put_back(piece, item) for piece, item in zip(pieces, tup))

    @defjvp(function)
    def family_jvp(*values, dtype=None, casting="same_kind"):
        return call(function, _joined_tangents(values))


def _length_along(item: Symbol, rank: int, axis: int) -> Any:
    """The length of an item along an axis of the result: vectors lie along their only axis."""
    return item.shape[axis] if item.ndim == rank else item.shape[0]


def _put_back(piece: Symbol, item: Any) -> Any:
    same_rank = isinstance(item, Symbol) and item.ndim == piece.ndim
    return piece if same_rank else call("reshape_like", piece, item)


def _as_column(a: Type) -> Type:
    shape = array_shape(a)
    if shape is None or len(shape) > 1:
        return ArrayType(dtype_of(a), shape)
    return ArrayType(dtype_of(a), (shape[0] if shape else 1, 1))


_register_stack(np.vstack, lambda a: _at_least(2, a), lambda rank: 0)
_register_stack(np.hstack, lambda a: _at_least(1, a), lambda rank: 0 if rank == 1 else 1)
_register_stack(np.dstack, lambda a: _at_least(3, a), lambda rank: 2)
_register_stack(np.column_stack, _as_column, lambda rank: 1)


@defshape(np.append, operands=("arr", "values"))
def append_shape(sizes: Assumptions, arr: Type, values: Type, axis: object = None) -> Type:
    return concatenate_shape(sizes, *_strong(arr, values), axis=axis)


def _strong(*types: Type) -> list[Type]:
    return [ArrayType(dtype_of(type_), array_shape(type_)) for type_ in types]


@defvjp(np.append)
def append_vjp(g, y, arr, values, axis=None):
    return concatenate_vjp(g, y, arr, values, axis=axis)


@defjvp(np.append)
def append_jvp(arr_dot, values_dot, y, arr, values, axis=None):
    given = _joined_tangents((arr_dot, values_dot, y, arr, values))
    return call(np.append, *given, axis=axis)


# Splitting


def _split_bounds(sizes: Assumptions, n: Dim, sections: object, equal: bool) -> list[Dim]:
    """The lengths of the parts of an axis of length `n`."""
    if isinstance(sections, (int, np.integer)):
        return _even_parts(sizes, n, int(sections), equal)
    if not isinstance(sections, (tuple, list, np.ndarray)):
        raise UnsupportedError("the number of parts of a split must be known before the call")
    marks = [None, *sections], [*sections, None]
    return [slice_dim(sizes, slice(start, stop), n) for start, stop in zip(*marks)]


def _even_parts(sizes: Assumptions, n: Dim, count: int, equal: bool) -> list[Dim]:
    if count <= 0:
        raise ShapeError("the number of parts of a split must be larger than 0")
    if isinstance(n, int):
        if equal and n % count:
            raise ShapeError(f"an axis of length {n} cannot be split into {count} equal parts")
        return [n // count + (part < n % count) for part in range(count)]
    return [divide_dim(n, count) if n is not None else None] * count


def _register_split(function: Any, equal: bool, axis_of: Callable[[int, int], int]) -> None:
    """`np.split` and its family, which give views of parts along an axis."""
    has_axis = "axis" in inspect.signature(function).parameters

    def signature(ary: Any, indices_or_sections: Any, axis: Any = 0) -> None: ...

    def without_axis(ary: Any, indices_or_sections: Any) -> None: ...

    @defshape(function, operands=("ary",), like=signature if has_axis else without_axis)
    def split_shape(
        sizes: Assumptions, ary: Type, indices_or_sections: object, axis: int = 0
    ) -> tuple[Type, ...]:
        shape = array_shape(ary)
        if shape is None:
            raise UnsupportedError("cannot split an array of unknown number of dimensions")
        (place,) = normalize_axes(axis_of(len(shape), axis), len(shape))
        lengths = _split_bounds(sizes, shape[place], indices_or_sections, equal)
        return tuple(
            ArrayType(dtype_of(ary), shape[:place] + (length,) + shape[place + 1 :])
            for length in lengths
        )

    @defvjp(function)
    def split_vjp(g, y, ary, indices_or_sections=None, axis=0):
        parts = zip(g, y) if isinstance(y, tuple) else [(g, y)]
        given = [call(np.zeros_like, like) if part is None else part for part, like in parts]
        place = axis_of(ary.ndim, axis)
        return (given[0] if len(given) == 1 else call(np.concatenate, given, axis=place),)

    linear(function)


_register_split(np.split, True, lambda rank, axis: axis)
_register_split(np.array_split, False, lambda rank, axis: axis)
_register_split(np.hsplit, True, lambda rank, axis: 0 if rank == 1 else 1)
_register_split(np.vsplit, True, lambda rank, axis: 0)
_register_split(np.dsplit, True, lambda rank, axis: 2)
