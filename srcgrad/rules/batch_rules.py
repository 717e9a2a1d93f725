"""How NumPy's functions take samples along a leading axis; `batching.py` says what a rule is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from srcgrad.graph import ArrayType, ListType, ScalarType, map_template
from srcgrad.rules import (  # noqa: F401  (their functions get rules here)
    creation,
    indexing,
    joining,
    language,
    linalg,
    lists,
    python_math,
    rearranging,
    reductions,
    shaping,
    structural,
    writing,
)
from srcgrad.rules.batching import (
    OneByOne,
    Samples,
    align_all,
    aligned,
    count_of,
    defbatch,
    moved,
    rank_of_one,
    samples_in,
    spread,
    whole,
)
from srcgrad.rules.einsum import parse_subscripts
from srcgrad.rules.indexing import gathered_entries, indexed_shape
from srcgrad.rules.registry import all_primitives, find_primitive
from srcgrad.rules.shapes import normalize_axes
from srcgrad.rules.symbols import Symbol, call
from srcgrad.rules.writing import MASKED


def _each(*functions: Any) -> Callable[[Callable[[Any], Any]], Callable[[Any], Any]]:
    """Register for each function the rule that the decorated function makes for it."""

    def register(make_rule: Callable[[Any], Any]) -> Callable[[Any], Any]:
        for function in functions:
            defbatch(function)(make_rule(function))
        return make_rule

    return register


# Reductions, running sums, sorting


@_each(
    np.sum, np.mean, np.prod, np.max, np.min, np.var, np.std, np.any, np.all, np.median,
    np.count_nonzero, np.nansum, np.nanmean, np.nanprod, np.nanmax, np.nanmin, np.nanvar,
    np.nanstd, np.ptp,
)  # fmt: skip
def _over_axes(function: Any) -> Any:
    def rule(a: Any, *, axis: Any = None, where: Any = None, **options: Any) -> Any:
        a = samples_in(a)
        if where is not None or a.rank == 0:
            raise OneByOne
        axes = moved(tuple(range(a.rank)) if axis is None else axis, a.rank)
        single = isinstance(axes, tuple) and len(axes) == 1
        return call(function, a.all, axis=axes[0] if single else axes, **options)

    return rule


@_each(
    np.argmax, np.argmin, np.nanargmax, np.nanargmin, np.cumsum, np.cumprod, np.nancumsum,
    np.nancumprod, np.sort, np.argsort, np.partition, np.argpartition, np.diff,
)  # fmt: skip
def _along_one_axis(function: Any) -> Any:
    primitive = find_primitive(function)
    assert primitive is not None and primitive.signature is not None
    default = primitive.signature.parameters["axis"].default

    def rule(a: Any, *, axis: Any = default, **options: Any) -> Any:
        a = samples_in(a)
        if a.rank == 0 or options.get("keepdims"):
            raise OneByOne
        if axis is None:
            return call(function, a.all.reshape(a.count, -1), axis=1, **options)
        return call(function, a.all, axis=moved(axis, a.rank), **options)

    return rule


# Shapes


@defbatch(np.reshape)
def reshape_batch(a, shape, order="C"):
    a = samples_in(a)
    if order != "C":
        raise OneByOne
    return a.all.reshape(a.count, *(shape if isinstance(shape, (tuple, list)) else (shape,)))


@defbatch(np.ravel)
def ravel_batch(a, order="C"):
    a = samples_in(a)
    if order != "C":
        raise OneByOne
    return a.all if a.rank == 1 else a.all.reshape(a.count, -1)


@defbatch("reshape_like")
def reshape_like_batch(g, x):
    g = samples_in(g)
    shape = _shape_of_one(x)
    return call(np.reshape, g.all, (g.count, *shape))


def _shape_of_one(x: Any) -> tuple[Any, ...]:
    if isinstance(x, Samples):
        x.rank  # noqa: B018  (raises where it is not known)
        return x.all.shape[1:]
    if not isinstance(x, Symbol) or isinstance(x.type, ScalarType):
        return ()
    rank_of_one(x)
    return x.shape


@defbatch(np.transpose)
def transpose_batch(a, axes=None):
    a = samples_in(a)
    order = tuple(reversed(range(a.rank))) if axes is None else normalize_axes(axes, a.rank)
    return call(np.transpose, a.all, axes=(0, *moved(order, a.rank)))


@defbatch(np.swapaxes)
def swapaxes_batch(a, axis1, axis2):
    a = samples_in(a)
    return call(np.swapaxes, a.all, moved(axis1, a.rank), moved(axis2, a.rank))


@defbatch(np.moveaxis)
def moveaxis_batch(a, source, destination):
    a = samples_in(a)
    return call(np.moveaxis, a.all, moved(source, a.rank), moved(destination, a.rank))


@defbatch(np.matrix_transpose)
def matrix_transpose_batch(x):
    return call(np.swapaxes, samples_in(x).all, -1, -2)


@defbatch(np.squeeze)
def squeeze_batch(a, axis=None):
    a = samples_in(a)
    if axis is None:
        raise OneByOne
    return call(np.squeeze, a.all, axis=moved(axis, a.rank))


@defbatch(np.expand_dims)
def expand_dims_batch(a, axis):
    a = samples_in(a)
    added = len(axis) if isinstance(axis, (tuple, list)) else 1
    return call(np.expand_dims, a.all, moved(axis, a.rank + added))


@defbatch(np.atleast_1d)
def atleast_1d_batch(ary):
    return aligned(ary, 1)


@defbatch(np.atleast_2d)
def atleast_2d_batch(ary):
    return aligned(ary, 2)


@defbatch(np.broadcast_to)
def broadcast_to_batch(array, shape):
    array = samples_in(array)
    shape = shape if isinstance(shape, (tuple, list)) else (shape,)
    return call(np.broadcast_to, aligned(array, len(shape)), (array.count, *shape))


@defbatch("broadcast_like")
def broadcast_like_batch(g, x):
    if isinstance(g, Samples):
        return broadcast_to_batch(g, _shape_of_one(x))
    return call("broadcast_like", g, x.all)


@defbatch(np.flip)
def flip_batch(m, axis=None):
    m = samples_in(m)
    axis = tuple(range(m.rank)) if axis is None else axis
    return call(np.flip, m.all, axis=moved(axis, m.rank))


@defbatch(np.roll)
def roll_batch(a, shift, axis=None):
    a = samples_in(a)
    if isinstance(shift, Samples) or (axis is None and a.rank != 1):
        raise OneByOne
    return call(np.roll, a.all, shift, axis=moved(0 if axis is None else axis, a.rank))


@_each(np.tril, np.triu)
def _triangle(function: Any) -> Any:
    def rule(m: Any, k: Any = 0) -> Any:
        m = samples_in(m)
        if m.rank < 2:
            raise OneByOne
        return call(function, m.all, k=k)

    return rule


@_each(np.trace, np.diagonal)
def _diagonal(function: Any) -> Any:
    def rule(a: Any, *, offset: Any = 0, axis1: int = 0, axis2: int = 1, **options: Any) -> Any:
        a = samples_in(a)
        axis1, axis2 = moved(axis1, a.rank), moved(axis2, a.rank)
        return call(function, a.all, offset=offset, axis1=axis1, axis2=axis2, **options)

    return rule


@defbatch(np.repeat)
def repeat_batch(a, repeats, axis=None):
    a = samples_in(a)
    flat = a.all.reshape(a.count, -1) if axis is None else a.all
    return call(np.repeat, flat, repeats, axis=1 if axis is None else moved(axis, a.rank))


@defbatch(np.take)
def take_batch(a, indices, axis=None, mode="raise"):
    if isinstance(indices, Samples) or mode != "raise":
        raise OneByOne
    flat = a.all.reshape(a.count, -1) if axis is None else a.all
    return call(np.take, flat, indices, axis=1 if axis is None else moved(axis, a.rank))


@defbatch(np.take_along_axis)
def take_along_axis_batch(arr, indices, axis=-1):
    if axis is None:
        raise OneByOne
    count = count_of((arr, indices))
    arr, indices = spread(arr, count), spread(indices, count)
    return call(np.take_along_axis, arr.all, indices.all, axis=moved(axis, arr.rank))


# Joining


def _all_spread(arrays: Sequence[Any]) -> list[Symbol]:
    count = count_of(arrays)
    return [spread(array, count).all for array in arrays]


@defbatch(np.concatenate)
def concatenate_batch(*arrays, axis=0, **options):
    if axis is None:
        raise OneByOne
    return call(
        np.concatenate, _all_spread(arrays), axis=moved(axis, rank_of_one(arrays[0])), **options
    )


@defbatch(np.stack)
def stack_batch(*arrays, axis=0, **options):
    place = moved(axis, rank_of_one(arrays[0]) + 1)
    return call(np.stack, _all_spread(arrays), axis=place, **options)


@defbatch(np.hstack)
def hstack_batch(*tup, **options):
    rank = max(1, rank_of_one(tup[0]))
    count = count_of(tup)
    arrays = [aligned(spread(array, count), 1) for array in tup]
    return call(np.concatenate, arrays, axis=1 if rank == 1 else 2, **options)


@defbatch(np.vstack)
def vstack_batch(*tup, **options):
    count = count_of(tup)
    arrays = [aligned(spread(array, count), 2) for array in tup]
    return call(np.concatenate, arrays, axis=1, **options)


@defbatch("array_of")
def array_of_batch(*items, lengths, dtype=None):
    """Numbers side by side, then in the shape of the nested lists."""
    rank = max(map(rank_of_one, items))
    count = count_of(items)
    if rank > 0 and any(rank_of_one(item) != rank for item in items):
        raise OneByOne
    columns = []
    for item in items:
        known = not isinstance(item, (Samples, Symbol))
        columns.append(call(np.full, (count,), item) if known else spread(item, count).all)
    stacked = call(np.stack, columns, axis=1)
    if len(lengths) > 1:
        inner = stacked.shape[2:]
        stacked = call(np.reshape, stacked, (count, *lengths, *inner))
    return stacked if dtype is None else call("cast", stacked, dtype=np.dtype(dtype))


# Zeros and copies


@_each(np.zeros_like, np.ones_like, np.empty_like)
def _filled_like(function: Any) -> Any:
    def rule(a: Any, dtype: Any = None, **options: Any) -> Any:
        if options:
            raise OneByOne
        return call(function, samples_in(a).all, **({} if dtype is None else {"dtype": dtype}))

    return rule


@defbatch(np.full_like)
def full_like_batch(a, fill_value, dtype=None, **options):
    if options:
        raise OneByOne
    rank = rank_of_one(a)
    count = count_of((a, fill_value))
    value = aligned(fill_value, rank)
    dtype = whole(a).dtype if dtype is None else dtype
    shape = (count, *_shape_of_one(a))
    if not isinstance(value, Symbol):
        return call(np.full, shape, value, dtype=dtype)
    return call("cast", call(np.broadcast_to, value, shape), dtype=np.dtype(dtype))


@defbatch(np.ascontiguousarray)
def ascontiguousarray_batch(a, dtype=None, **options):
    options = options if dtype is None else options | {"dtype": dtype}
    return call(np.ascontiguousarray, aligned(samples_in(a), 1), **options)


@_each(np.array, np.asarray, np.copy, np.asanyarray)
def _copied(function: Any) -> Any:
    def rule(a: Any, dtype: Any = None, **options: Any) -> Any:
        if options.get("ndmin"):
            raise OneByOne
        return call(function, samples_in(a).all, **({} if dtype is None else {"dtype": dtype}))

    return rule


@_each(float, complex, bool)
def _converted(python_type: Any) -> Any:
    def rule(*parts: Any) -> Any:
        if len(parts) != 1:
            raise OneByOne
        return call("cast", samples_in(parts[0]).all, dtype=np.dtype(python_type))

    return rule


# Products


@defbatch(np.matmul)
def matmul_batch(a, b):
    left, right = rank_of_one(a), rank_of_one(b)
    if isinstance(a, Samples) and isinstance(b, Samples):
        return _product_of_samples(a, b, left, right)
    if isinstance(a, Samples):
        return _samples_times(a, b, left, right)
    return _times_samples(a, b, left, right)


def _product_of_samples(a: Samples, b: Samples, left: int, right: int) -> Any:
    if left == 1 and right == 1:
        return call(np.sum, a.all * b.all, axis=1)
    if right == 1:
        columns = b.all[(slice(None),) + (None,) * (left - 2) + (slice(None), None)]
        return (a.all @ columns)[..., 0]
    if left == 1:
        rows = a.all[(slice(None),) + (None,) * (right - 1) + (slice(None),)]
        return (rows @ b.all)[..., 0, :]
    rank = max(left, right)
    return aligned(a, rank) @ aligned(b, rank)


def _samples_times(a: Samples, b: Any, left: int, right: int) -> Any:
    """Samples times one and the same: all samples together are one tall matrix."""
    if right <= 2:
        return a.all @ b
    if left == 1:
        rows = a.all[(slice(None),) + (None,) * (right - 1) + (slice(None),)]
        return (rows @ b)[..., 0, :]
    return aligned(a, right) @ b


def _times_samples(a: Any, b: Samples, left: int, right: int) -> Any:
    if right == 1 and left == 1:
        return b.all @ a
    if right == 1 and left == 2:
        return b.all @ a.T
    if right == 1:
        columns = b.all[(slice(None),) + (None,) * (left - 2) + (slice(None), None)]
        return (a @ columns)[..., 0]
    return a @ aligned(b, max(left, 2))


@defbatch(np.dot)
def dot_batch(a, b):
    left, right = rank_of_one(a), rank_of_one(b)
    if left == 0 or right == 0:
        return call(np.multiply, *align_all((a, b)))
    if left > 2 or right > 2:
        raise OneByOne
    return matmul_batch(a, b)


@defbatch(np.inner)
def inner_batch(a, b):
    left, right = rank_of_one(a), rank_of_one(b)
    if left == 0 or right == 0:
        return call(np.multiply, *align_all((a, b)))
    if left != 1 or right != 1:
        raise OneByOne
    return matmul_batch(a, b)


@defbatch(np.outer)
def outer_batch(a, b):
    if rank_of_one(a) != 1 or rank_of_one(b) != 1:
        raise OneByOne
    return whole(a)[..., None] * whole(b)[..., None, :]


@defbatch(np.tensordot)
def tensordot_batch(a, b, axes=2):
    left, right = rank_of_one(a), rank_of_one(b)
    if isinstance(axes, int):
        of_a, of_b = tuple(range(left - axes, left)), tuple(range(axes))
    else:
        of_a, of_b = normalize_axes(axes[0], left), normalize_axes(axes[1], right)
    if isinstance(a, Samples) and isinstance(b, Samples):
        return _contraction_of_samples(a, b, of_a, of_b)
    if isinstance(a, Samples):
        return call(np.tensordot, a.all, b, axes=(moved(of_a, left), of_b))
    product = call(np.tensordot, a, b.all, axes=(of_a, moved(of_b, right)))
    return call(np.moveaxis, product, left - len(of_a), 0)


def _contraction_of_samples(
    a: Samples, b: Samples, of_a: tuple[int, ...], of_b: tuple[int, ...]
) -> Any:
    letters = iter("abcdefghijklmnopqrstuvwxyz")
    sample = next(letters)
    in_a = [next(letters) for _ in range(a.rank)]
    in_b = [in_a[of_a[of_b.index(k)]] if k in of_b else next(letters) for k in range(b.rank)]
    free = [x for k, x in enumerate(in_a) if k not in of_a]
    free += [x for k, x in enumerate(in_b) if k not in of_b]
    terms = [sample + "".join(term) for term in (in_a, in_b, free)]
    return call(np.einsum, f"{terms[0]},{terms[1]}->{terms[2]}", a.all, b.all)


@defbatch(np.einsum)
def einsum_batch(*operands, subscripts, optimize=False):
    parsed = parse_subscripts(subscripts, [rank_of_one(x) for x in operands])
    used = set("".join(parsed.operands) + parsed.result)
    sample = next(letter for letter in "nbsmkabcdefghijlopqrtuvwxyz" if letter not in used)
    terms = [
        sample + term if isinstance(x, Samples) else term
        for term, x in zip(parsed.operands, operands, strict=True)
    ]
    text = f"{','.join(terms)}->{sample}{parsed.result}"
    options = {"optimize": optimize} if optimize is not False else {}
    return call(np.einsum, text, *map(whole, operands), **options)


@defbatch(np.cross)
def cross_batch(a, b, axis=-1):
    if axis != -1:
        raise OneByOne
    return call(np.cross, *align_all((a, b)))


# Linear algebra takes leading axes as it is


@_each(
    np.linalg.inv, np.linalg.det, np.linalg.slogdet, np.linalg.cholesky, np.linalg.eigh,
    np.linalg.eigvalsh, np.linalg.svd, np.linalg.qr, np.linalg.pinv, np.linalg.matrix_power,
)  # fmt: skip
def _on_matrices(function: Any) -> Any:
    def rule(a: Any, **options: Any) -> Any:
        return call(function, samples_in(a).all, **options)

    return rule


@defbatch(np.linalg.solve)
def solve_batch(a, b):
    left, right = rank_of_one(a), rank_of_one(b)
    if isinstance(b, Samples) and right == 1:
        if left != 2:
            raise OneByOne
        if not isinstance(a, Samples):
            return call(np.linalg.solve, a, b.all.T).T
        return call(np.linalg.solve, a.all, b.all[..., None])[..., 0]
    if left > 2 or right > 2:
        raise OneByOne
    return call(np.linalg.solve, whole(a), whole(b))


# Reading and writing parts


@defbatch("getitem")
def getitem_batch(x, index):
    if isinstance(x, Samples) and isinstance(x.all.type, ListType):
        return call("getitem", x.all, index=_same_for_all(index))
    return samples_in(x).all[_index_of_samples(index)]


def _same_for_all(index: Any) -> Any:
    def look(entry: object) -> object:
        if isinstance(entry, Samples):
            raise OneByOne
        return entry

    return map_template(index, look)


def _index_of_samples(index: Any) -> tuple[Any, ...]:
    """The index into all samples.  Where arrays of places stand apart from one another NumPy puts
    their axes first, in front of the samples."""
    entries = index if isinstance(index, tuple) else (index,)
    _same_for_all(entries)
    gathered = gathered_entries(entries)
    if gathered and gathered != list(range(gathered[0], gathered[-1] + 1)):
        raise OneByOne
    return (slice(None), *entries)


@_each(*[p.name for p in all_primitives() if p.name.startswith(MASKED)])
def _masked(name: str) -> Any:
    def rule(base: Any, *operands: Any) -> Any:
        base = spread(base, count_of((base, *operands)))
        return call(name, *align_all((base, *operands)))

    return rule


@_each("index_set", "index_add", "multiply_at", "divide_at", "maximum_at", "minimum_at")
def _store(function: Any) -> Any:
    def rule(a: Any, v: Any, index: Any) -> Any:
        entries = _index_of_samples(index)
        count = count_of((a, v))
        into = call(np.copy, spread(a, count).all) if not isinstance(a, Samples) else a.all
        types = map_template(index, lambda part: part.type if isinstance(part, Symbol) else part)
        sizes = into.builder.assumptions
        assert isinstance(into.type, ArrayType) and into.type.shape is not None
        slot = indexed_shape(sizes, into.type.shape[1:], types)
        if slot is None or rank_of_one(v) > len(slot):
            raise OneByOne
        return call(function, into, aligned(v, len(slot)), index=entries)

    return rule


# Lists: each item holds all samples


@_each(
    "list_getitem", "list_append", "list_without_last", "zeros_list", "list_sum", "trim_list",
    "fill_list", "list_slice",
)  # fmt: skip
def _on_lists(function: Any) -> Any:
    def rule(items: Any, *arguments: Any, **options: Any) -> Any:
        return call(function, samples_in(items).all, *map(whole, arguments), **options)

    return rule


@_each("add_lists", "list_add_at")
def _on_items(function: Any) -> Any:
    """Sums of items: one operand may be the same for all samples, as long as the shapes fit."""

    def rule(a: Any, b: Any, *arguments: Any) -> Any:
        return call(function, samples_in(a).all, samples_in(b).all, *map(whole, arguments))

    return rule


@defbatch("float_list")
def float_list_batch(items):
    """Numbers of many samples are arrays and stay so."""
    return samples_in(items).all


@defbatch("stack_list")
def stack_list_batch(items):
    return _samples_first(call("stack_list", samples_in(items).all))


@defbatch("stack_rows")
def stack_rows_batch(items, shape, dtype):
    items = samples_in(items)
    return _samples_first(call("stack_rows", items.all, shape=(items.count, *shape), dtype=dtype))


def _samples_first(x: Any) -> Any:
    return call(np.swapaxes, x, 0, 1)


@defbatch("stack_like")
def stack_like_batch(items, x, **options):
    items = samples_in(items)
    rows = _samples_first(spread(x, items.count).all)
    return _samples_first(call("stack_like", items.all, rows, **options))


@defbatch("unstack_like")
def unstack_like_batch(x, items, **options):
    x = samples_in(x)
    return call("unstack_like", _samples_first(x.all), whole(items), **options)
