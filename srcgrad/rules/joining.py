"""Several arrays made one and one made several: NumPy's manual, "Joining" and "Splitting"."""

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
    Shape,
    Type,
    shape_of,
)
from srcgrad.rules.creation import asked_dtype
from srcgrad.rules.indexing import at_axis, slice_dim
from srcgrad.rules.registry import defjvp, defshape, defvjp, gives_tuple, named, primitive_for
from srcgrad.rules.shapes import (
    array_shape,
    common_dtype,
    dtype_of,
    normalize_axes,
    product_of_dims,
    shape_text,
    sum_of_dims,
)
from srcgrad.rules.shaping import at_least, divide_dim
from srcgrad.rules.symbols import Symbol, apply, as_value, call

# Nested lists


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


def _common_shape(
    sizes: Assumptions, shapes: Sequence[Shape | None], reason: str = "they must be equal"
) -> Shape | None:
    """The shape of arrays that must all have the same; its best known dims."""
    if any(shape is None for shape in shapes):
        return None
    first, *others = (shape for shape in shapes if shape is not None)
    for shape in others:
        unequal = any(sizes.differ(a, b) for a, b in zip(first, shape))
        if len(shape) != len(first) or unequal:
            listing = f"{shape_text(first, sizes)} and {shape_text(shape, sizes)}"
            raise ShapeError(
                f"arrays of shapes {listing} cannot be stacked",
                reason=reason,
            )
        for a, b in zip(first, shape):
            sizes.assume_equal(a, b)
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
        listing = " and ".join(shape_text(shape, sizes) for shape in known)
        raise ShapeError(
            f"arrays of shapes {listing} cannot be joined",
            reason="they must have as many dimensions",
        )
    (place,) = normalize_axes(axis, ranks.pop())
    others = [shape[:place] + shape[place + 1 :] for shape in known]
    around = _common_shape(sizes, others, f"they must be equal except along axis {place}")
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
    return tuple(g[at_axis(axis, slice(start, stop))] for start, stop in bounds)


def _joined_tangents(values: Sequence[Any]) -> list[Any]:
    """The tangents of the operands of a join, with zeros where there is none."""
    count = (len(values) - 1) // 2
    pairs = zip(values[:count], values[count + 1 :])
    return [_zero(item) if dot is None else dot for dot, item in pairs]


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
    return tuple(g[at_axis(axis, k)] for k in range(len(arrays)))


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
        known = [shape for shape in shapes if shape is not None]
        if len(known) < len(shapes):
            raise UnsupportedError(
                f"the number of dimensions of what `np.{function.__name__}` joins is not known"
            )
        lengths = [
            shape[axis] if isinstance(shape[axis], int) else _length_along(item, len(shape), axis)
            for item, shape in zip(tup, known)
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


_register_stack(np.vstack, lambda a: at_least(2, a), lambda rank: 0)
_register_stack(np.hstack, lambda a: at_least(1, a), lambda rank: 0 if rank == 1 else 1)
_register_stack(np.dstack, lambda a: at_least(3, a), lambda rank: 2)
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
        raise UnsupportedError(
            "the number of parts of a split must be known before the call",
            remedy="Pass it as a Python number, or write it as a constant.",
        )
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

    gives_tuple(function)

    @defvjp(function)
    def split_vjp(g, y, ary, indices_or_sections=None, axis=0):
        parts = zip(g, y) if isinstance(y, tuple) else [(g, y)]
        given = [call(np.zeros_like, like) if part is None else part for part, like in parts]
        place = axis_of(ary.ndim, axis)
        return (given[0] if len(given) == 1 else call(np.concatenate, given, axis=place),)

    @defjvp(function)
    def split_jvp(ary_dot, y, ary, indices_or_sections=None, axis=0):
        axes = {"axis": axis} if axis else {}
        return call(function, ary_dot, indices_or_sections, **axes)


_register_split(np.split, True, lambda rank, axis: axis)
_register_split(np.array_split, False, lambda rank, axis: axis)
_register_split(np.hsplit, True, lambda rank, axis: 0 if rank == 1 else 1)
_register_split(np.vsplit, True, lambda rank, axis: 0)
_register_split(np.dsplit, True, lambda rank, axis: 2)
