"""Calls that write into an array they are given: `out=`, `np.copyto`, `np.add.at`, `x.sort()`.

Each is evaluated as the store that it amounts to.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from srcgrad.frontend import storage, views
from srcgrad.frontend.abstract import (
    FALSE,
    NONE,
    TRUE,
    Abstract,
    ArrayRef,
    Keywords,
    ListOf,
    Number,
    OneOf,
    Static,
    TupleOf,
    is_static,
)
from srcgrad.frontend.out_arguments import (
    SAME_KIND,
    call_with_out,
    check_casting,
    has_shape_of,
    rank,
    write_masked,
)
from srcgrad.frontend.storage import as_written, current, store
from srcgrad.frontend.subscripts import index_of
from srcgrad.graph import ArrayType, Dim, Type, is_complex, is_real, shape_of
from srcgrad.rules import index_along, may_repeat

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator

WRITING_METHODS = ("fill", "partition", "put", "resize", "sort")
_LAST_AXIS, _RAISE, _INTROSELECT = Static(-1), Static("raise"), Static("introselect")


def call_that_writes(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: ast.AST
) -> Abstract | None:
    """The result of a call that writes into one of its arguments; None where it is no such call."""
    handler = _handler(function)
    if handler is not None:
        _bind(ev, function.__name__, handler, args, kwargs, node)
        return NONE
    ufunc = getattr(function, "__self__", None)
    if isinstance(ufunc, np.ufunc):
        if function.__name__ != "at":
            return None
        _bind(ev, f"{ufunc.__name__}.at", _at(ufunc), args, kwargs, node)
        return NONE
    return call_with_out(ev, function, args, kwargs, node)


def call_writing_method(
    ev: Evaluator, owner: Abstract, name: str, args: list[Abstract], kwargs: Keywords, node: ast.AST
) -> Abstract:
    """`owner.sort()` and the like."""
    _bind(ev, name, _METHODS[name], [owner, *args], kwargs, node)
    return NONE


def _handler(function: Any) -> Callable[..., None] | None:
    try:
        return WRITING_FUNCTIONS.get(function)
    except TypeError:
        return None


def _bind(
    ev: Evaluator,
    name: str,
    handler: Callable[..., None],
    args: list[Abstract],
    kwargs: Keywords,
    node: ast.AST,
) -> None:
    try:
        bound = inspect.signature(handler).bind(ev, node, *args, **kwargs)
    except TypeError as error:
        ev.reject(node, f"`{name}`: {error}")
    handler(*bound.args, **bound.kwargs)


# `ufunc.at`


def _at(ufunc: np.ufunc) -> Callable[..., None]:
    def at(
        ev: Evaluator, node: ast.AST, a: Abstract, indices: Abstract, b: Abstract = NONE
    ) -> None:
        target = as_written(ev, a, node)
        index = index_of(ev, indices, node)
        value = current(ev, b)
        if ufunc is np.subtract:
            _change_at(
                ev, target, "index_add", index, ev.call_primitive(np.negative, (value,)), node
            )
        elif ufunc in _AT_REPEATED:
            _change_at(ev, target, _AT_REPEATED[ufunc], index, value, node)
        elif not may_repeat(index):
            items = ev.call_primitive("getitem", (current(ev, target),), {"index": Static(index)})
            operands = [items] if ufunc.nin == 1 else [items, value]
            store(ev, target, index, ev.call(Static(ufunc), operands, {}, node), node)
        else:
            ev.refuse(
                node,
                f"`np.{ufunc.__name__}.at` with an index that may name a place twice is not "
                "supported",
                "Write the loop: `for i, v in zip(index, values): a[i] = ...`.",
            )

    return at


_AT_REPEATED = {
    np.add: "index_add",
    np.multiply: "multiply_at",
    np.divide: "divide_at",
    np.maximum: "maximum_at",
    np.minimum: "minimum_at",
}


def _change_at(
    ev: Evaluator, target: ArrayRef | OneOf, name: str, index: Any, value: Abstract, node: ast.AST
) -> None:
    if isinstance(target, OneOf):
        storage.on_each(ev, target, lambda one: _change_at(ev, one, name, index, value, node))
        return
    held = storage.read(ev, target)
    check_casting(ev, value, held, SAME_KIND, node)

    def changed(held: Abstract, writes: bool) -> Abstract:
        return ev.call_primitive(name, (held, value), {"index": Static(index)}, effect=writes)

    storage.change(ev, target, node, changed)


# Functions that write into their first argument


def _copyto(
    ev: Evaluator,
    node: ast.AST,
    dst: Abstract,
    src: Abstract,
    casting: Abstract = SAME_KIND,
    where: Abstract = TRUE,
) -> None:
    target = as_written(ev, dst, node)
    held = current(ev, target)
    assert isinstance(held, Number)
    value = current(ev, src)
    check_casting(ev, value, held, casting, node)
    if where == TRUE:
        store(ev, target, Ellipsis, src, node)
    else:
        check_casting(ev, value, held, SAME_KIND, node)
        _store_masked(ev, target, where, value, node)


def _store_masked(
    ev: Evaluator, target: ArrayRef | OneOf, where: Abstract, value: Abstract, node: ast.AST
) -> None:
    """Elements of `value` where the mask holds; elsewhere the array stays what it is."""
    held = current(ev, target)
    assert isinstance(held, Number)
    type_ = held.value.type
    if is_real(type_) or is_complex(type_):
        write_masked(ev, target, "masked_positive", where, [value], node)
    else:
        store(ev, target, Ellipsis, ev.call_primitive(np.where, (where, value, held)), node)


def _put(
    ev: Evaluator,
    node: ast.AST,
    a: Abstract,
    ind: Abstract,
    v: Abstract,
    mode: Abstract = _RAISE,
) -> None:
    target = as_written(ev, a, node)
    known = ev.rule_argument(ind) if is_static(ind) and mode == _RAISE else None
    if isinstance(known, list):
        values = _repeated(ev, v, len(known), Static(len(known)), node)
        store(ev, views.flat(ev, target), known, values, node)
        return
    places: Abstract = _flat_array(ev, ind, node)
    size = ev.call_primitive("size", (current(ev, target),))
    if mode == Static("wrap"):
        places = ev.call_primitive(np.remainder, (places, size))
    elif mode == Static("clip"):
        last = ev.binary(ast.Sub(), size, Static(1), node)
        lowest = ev.call_primitive(np.maximum, (places, Static(0)))
        places = ev.call_primitive(np.minimum, (lowest, last))
    values = _repeated(ev, v, _dim(places), ev.call_primitive("size", (places,)), node)
    store(ev, views.flat(ev, target), ev.rule_argument(places), values, node)


def _flat_array(ev: Evaluator, value: Abstract, node: ast.AST) -> Number:
    """A number, list or array as a vector."""
    held = current(ev, value)
    if isinstance(held, Number) and rank(held) == 1:
        return held
    array = ev.call(Static(np.ravel), [ev.call(Static(np.asarray), [value], {}, node)], {}, node)
    held = current(ev, array)
    assert isinstance(held, Number)
    return held


def _dim(vector: Abstract) -> Dim:
    (dim,) = (isinstance(vector, Number) and shape_of(vector.value.type)) or (None,)
    return dim


def _repeated(ev: Evaluator, value: Abstract, dim: Dim, count: Abstract, node: ast.AST) -> Abstract:
    """`count` values, `dim` where that is known: those given, over and over or as far as needed."""
    held = current(ev, value)
    if isinstance(held, Static) or (isinstance(held, Number) and rank(held) == 0):
        return held
    vector = _flat_array(ev, value, node)
    sizes = ev.builder.assumptions
    if _dim(vector) == 1 or (dim is not None and sizes.assume_equal(_dim(vector), dim)):
        return vector
    numbers = ev.call_primitive(np.arange, (count,))
    places = ev.call_primitive(np.remainder, (numbers, ev.call_primitive("size", (vector,))))
    return ev.call_primitive("getitem", (vector,), {"index": Static(ev.rule_argument(places))})


def _place(ev: Evaluator, node: ast.AST, arr: Abstract, mask: Abstract, vals: Abstract) -> None:
    target = as_written(ev, arr, node)
    condition = _as_mask(ev, mask, node)
    count = ev.call_primitive(np.sum, (condition,))
    values = _repeated(ev, vals, None, count, node)
    store(ev, target, ev.rule_argument(condition), values, node)


def _as_mask(ev: Evaluator, mask: Abstract, node: ast.AST) -> Abstract:
    """A mask of numbers holds where they are not 0; as an index it would name places."""
    held = current(ev, mask)
    if isinstance(held, (ListOf, TupleOf)):
        held = current(ev, ev.call(Static(np.asarray), [held], {}, node))
    if isinstance(held, Number) and not _is_boolean(held.value.type):
        held = ev.call_primitive("cast", (held,), {"dtype": Static(np.dtype(bool))})
    return held


def _is_boolean(type_: Type) -> bool:
    dtype = type_.dtype if isinstance(type_, ArrayType) else getattr(type_, "python_type", None)
    return bool(np.dtype(dtype) == np.dtype(bool))


def _putmask(ev: Evaluator, node: ast.AST, a: Abstract, mask: Abstract, values: Abstract) -> None:
    target = as_written(ev, a, node)
    held, given = current(ev, target), current(ev, values)
    assert isinstance(held, Number)
    if isinstance(given, Static) or (isinstance(given, Number) and rank(given) == 0):
        store(ev, target, ev.rule_argument(_as_mask(ev, mask, node)), given, node)
        return
    if not has_shape_of(ev, given, held):
        count = ev.call_primitive("size", (held,))
        given = ev.call_primitive("reshape_like", (_repeated(ev, given, None, count, node), held))
    _store_masked(ev, target, _as_mask(ev, mask, node), given, node)


def _fill_diagonal(
    ev: Evaluator, node: ast.AST, a: Abstract, val: Abstract, wrap: Abstract = FALSE
) -> None:
    target = as_written(ev, a, node)
    held, value = current(ev, target), current(ev, val)
    assert isinstance(held, Number)
    shape = shape_of(held.value.type)
    if shape is None or len(shape) < 2:
        ev.refuse(node, "`np.fill_diagonal` needs an array of known rank", "Store by index.")
    is_number = isinstance(value, Static) or (isinstance(value, Number) and rank(value) == 0)
    if wrap == FALSE and len(shape) == 2 and (is_number or _fits_diagonal(ev, value, shape)):
        _write_diagonal(ev, target, value, node)
        return
    if len(shape) > 2 and not _is_square(ev, shape):
        ev.reject(node, "all dimensions of the array must be of equal length")
    lengths = [_assumed_length(ev, dim, node) for dim in shape]
    step = 1 + sum(int(np.prod(lengths[k:])) for k in range(1, len(lengths)))
    stop = None if wrap != FALSE or len(shape) > 2 else lengths[1] * lengths[1]
    count = len(range(int(np.prod(lengths)))[:stop:step])
    values = _repeated(ev, val, count, Static(count), node)
    store(ev, views.flat(ev, target), slice(None, stop, step), values, node)


def _fits_diagonal(ev: Evaluator, value: Abstract, shape: tuple[Dim, ...]) -> bool:
    if not isinstance(value, Number) or rank(value) != 1 or not _is_square(ev, shape):
        return False
    return ev.builder.assumptions.assume_equal(_dim(value), shape[0])


def _is_square(ev: Evaluator, shape: tuple[Dim, ...]) -> bool:
    sizes = ev.builder.assumptions
    return all(sizes.assume_equal(shape[0], dim) for dim in shape[1:])


def _assumed_length(ev: Evaluator, dim: Dim, node: ast.AST) -> int:
    sizes = ev.builder.assumptions
    hint = sizes.hint(dim)
    if hint is None or not sizes.assume_equal(dim, hint):
        ev.refuse(node, "the shape of this array is not known", "Store by index.")
    return hint


def _write_diagonal(
    ev: Evaluator, target: ArrayRef | OneOf, value: Abstract, node: ast.AST
) -> None:
    if isinstance(target, OneOf):
        storage.on_each(ev, target, lambda one: _write_diagonal(ev, one, value, node))
        return

    def changed(held: Abstract, writes: bool) -> Abstract:
        return ev.call_primitive("diagonal_set", (held, value), effect=writes)

    storage.change(ev, target, node, changed)


def _put_along_axis(
    ev: Evaluator,
    node: ast.AST,
    arr: Abstract,
    indices: Abstract,
    values: Abstract,
    axis: Abstract = _LAST_AXIS,
) -> None:
    target = as_written(ev, arr, node)
    along = ev.make_static(axis, node).value
    if along is None:
        store(ev, views.flat(ev, target), ev.rule_argument(indices), values, node)
        return
    held = current(ev, target)
    places = current(ev, ev.call(Static(np.asarray), [indices], {}, node))
    assert isinstance(held, Number) and isinstance(places, Number)
    index = index_along(ev.symbol(held.value), ev.symbol(places.value), along)
    store(ev, target, index, values, node)


# Methods


def _fill(ev: Evaluator, node: ast.AST, x: Abstract, value: Abstract) -> None:
    target = as_written(ev, x, node)
    given = current(ev, value)
    if isinstance(given, (TupleOf, ListOf)) or (isinstance(given, Number) and rank(given) != 0):
        ev.reject(node, "`fill` takes a number")
    store(ev, target, Ellipsis, given, node)


def _sort(
    ev: Evaluator,
    node: ast.AST,
    x: Abstract,
    axis: Abstract = _LAST_AXIS,
    kind: Abstract = NONE,
    order: Abstract = NONE,
    *,
    stable: Abstract = NONE,
) -> None:
    given = {"axis": axis, "kind": kind, "order": order, "stable": stable}
    _reorder(ev, np.sort, x, [], {k: v for k, v in given.items() if v != NONE}, node)


def _partition(
    ev: Evaluator,
    node: ast.AST,
    x: Abstract,
    kth: Abstract,
    axis: Abstract = _LAST_AXIS,
    kind: Abstract = _INTROSELECT,
) -> None:
    _reorder(ev, np.partition, x, [kth], {"axis": axis, "kind": kind}, node)


def _reorder(
    ev: Evaluator,
    function: Any,
    x: Abstract,
    args: list[Abstract],
    kwargs: Keywords,
    node: ast.AST,
) -> None:
    target = as_written(ev, x, node)
    made = ev.call(Static(function), [current(ev, target), *args], kwargs, node)
    storage.update(ev, target, made, node)


def _resize(ev: Evaluator, node: ast.AST, x: Abstract, *args: Abstract, **kwargs: Abstract) -> None:
    ev.refuse(
        node,
        "`resize` changes the shape of an array under all its names",
        "Make a new one: `x = np.resize(x, shape)`, or a longer one that you store into.",
    )


WRITING_FUNCTIONS: dict[Any, Callable[..., None]] = {
    np.copyto: _copyto,
    np.fill_diagonal: _fill_diagonal,
    np.place: _place,
    np.put: _put,
    np.put_along_axis: _put_along_axis,
    np.putmask: _putmask,
}
_METHODS: dict[str, Callable[..., None]] = {
    "fill": _fill,
    "partition": _partition,
    "put": _put,
    "resize": _resize,
    "sort": _sort,
}
