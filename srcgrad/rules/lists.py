"""Lists of unknown length: tapes, and what loops collect.

A loop that walks an array collects the adjoints of its items in a list; these primitives turn such
lists into arrays and back, so that everything about a tape can be differentiated again.  Where a
loop stopped early, the list is shorter than what was walked: the items it never reached get zeros.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.errors import UnsupportedError
from srcgrad.graph import INT, ArrayType, Assumptions, ListType, ScalarType, Type, shape_of
from srcgrad.rules.registry import (
    constant,
    defjvp,
    defshape,
    defvjp,
    gives_tuple,
    linear,
    named,
    stores,
)
from srcgrad.rules.shapes import array_shape, dtype_of, kind_text, normalize_axes
from srcgrad.rules.symbols import call


def zero_of(item: Any) -> Any:
    """The zero of a number, an array or a list of them."""
    if isinstance(item, list):
        return [zero_of(inner) for inner in item]
    return np.zeros_like(item) if isinstance(item, (np.ndarray, np.generic)) else 0.0


def _sum_of(a: Any, b: Any) -> Any:
    if isinstance(a, list):
        return [_sum_of(x, y) for x, y in zip(a, b, strict=True)]
    return a + b


def row_type(array: Type) -> Type:
    """The type of an item of an array that is walked along its first axis."""
    if not isinstance(array, ArrayType):
        raise UnsupportedError(f"{kind_text(array)} cannot be walked")
    return ArrayType(array.dtype, None if array.shape is None else array.shape[1:])


def element_type(items: Type) -> Type:
    """The type of an item of a list."""
    if not isinstance(items, ListType):
        raise UnsupportedError(f"{kind_text(items)} is not a list")
    return items.element


@lambda function: named("stack_like", function)
def stack_like(items: list[Any], x: Any, at_end: bool = False) -> Any:
    """An array of the shape of `x` whose first rows (last ones, if `at_end`) are `items`."""
    result = np.zeros_like(x)
    first = len(x) - len(items) if at_end else 0
    for place, item in enumerate(items, first):
        result[place] = item
    return result


@defshape(stack_like)
def stack_like_shape(sizes: Assumptions, items: Type, x: Type, at_end: bool = False) -> Type:
    return ArrayType(dtype_of(x), shape_of(x))


@defvjp(stack_like)
def stack_like_vjp(g, y, items, x, at_end=False):
    return call("unstack_like", g, items, **_placed(at_end)), None


@defjvp(stack_like)
def stack_like_jvp(items_dot, x_dot, y, items, x, at_end=False):
    return call("stack_like", items_dot, x, **_placed(at_end))


@lambda function: named("unstack_like", function)
def unstack_like(x: Any, items: list[Any], at_end: bool = False) -> list[Any]:
    """The first rows of `x` (last ones, if `at_end`), as many as there are `items`."""
    return list(x[len(x) - len(items) :]) if at_end else list(x[: len(items)])


@defshape(unstack_like)
def unstack_like_shape(sizes: Assumptions, x: Type, items: Type, at_end: bool = False) -> Type:
    return ListType(row_type(x))


@defvjp(unstack_like)
def unstack_like_vjp(g, y, x, items, at_end=False):
    return call("stack_like", g, x, **_placed(at_end)), None


@defjvp(unstack_like)
def unstack_like_jvp(x_dot, items_dot, y, x, items, at_end=False):
    return call("unstack_like", x_dot, items, **_placed(at_end))


@lambda function: named("rows_of", function)
def rows_of(x: Any) -> list[Any]:
    """The rows of an array."""
    return list(x)


@defshape(rows_of)
def rows_of_shape(sizes: Assumptions, x: Type) -> Type:
    return ListType(row_type(x))


@defvjp(rows_of)
def rows_of_vjp(g, y, x):
    return (call("stack_like", g, x),)


linear(rows_of)


@lambda function: named("fill_list", function)
def fill_list(items: list[Any], like: list[Any], at_end: bool = False) -> list[Any]:
    """`items` made as long as `like` with zeros: after them (before them, if `at_end`)."""
    if at_end:
        return [zero_of(item) for item in like[: len(like) - len(items)]] + items
    return items + [zero_of(item) for item in like[len(items) :]]


@defshape(fill_list)
def fill_list_shape(sizes: Assumptions, items: Type, like: Type, at_end: bool = False) -> Type:
    return items


@defvjp(fill_list)
def fill_list_vjp(g, y, items, like, at_end=False):
    return call("trim_list", g, items, **_placed(at_end)), None


@defjvp(fill_list)
def fill_list_jvp(items_dot, like_dot, y, items, like, at_end=False):
    return call("fill_list", items_dot, like, **_placed(at_end))


@lambda function: named("trim_list", function)
def trim_list(items: list[Any], like: list[Any], at_end: bool = False) -> list[Any]:
    """The first items (last ones, if `at_end`), as many as `like` has."""
    return items[len(items) - len(like) :] if at_end else items[: len(like)]


@defshape(trim_list)
def trim_list_shape(sizes: Assumptions, items: Type, like: Type, at_end: bool = False) -> Type:
    return items


@defvjp(trim_list)
def trim_list_vjp(g, y, items, like, at_end=False):
    return call("fill_list", g, items, **_placed(at_end)), None


@defjvp(trim_list)
def trim_list_jvp(items_dot, like_dot, y, items, like, at_end=False):
    return call("trim_list", items_dot, like, **_placed(at_end))


def _placed(at_end: bool) -> dict[str, bool]:
    return {"at_end": True} if at_end else {}


@lambda function: named("add_lists", function)
def add_lists(a: list[Any], b: list[Any]) -> list[Any]:
    """The sums of the items of two lists of the same length."""
    return _sum_of(a, b)


@defshape(add_lists)
def add_lists_shape(sizes: Assumptions, a: Type, b: Type) -> Type:
    return a


@defvjp(add_lists)
def add_lists_vjp(g, y, a, b):
    return g, g


@lambda function: named("zeros_list", function)
def zeros_list(items: list[Any]) -> list[Any]:
    """A zero for every item."""
    return zero_of(items)


@defshape(zeros_list)
def zeros_list_shape(sizes: Assumptions, items: Type) -> Type:
    return ListType(element_type(items))


@lambda function: named("list_length", function)
def list_length(items: list[Any]) -> int:
    """`len(items)`."""
    return len(items)


@defshape(list_length)
def list_length_shape(sizes: Assumptions, items: Type) -> Type:
    return INT


@lambda function: named("list_getitem", function)
def list_getitem(items: list[Any], index: int) -> Any:
    """`items[index]`."""
    return items[index]


@defshape(list_getitem)
def list_getitem_shape(sizes: Assumptions, items: Type, index: Type) -> Type:
    return element_type(items)


@defvjp(list_getitem)
def list_getitem_vjp(g, y, items, index):
    return call("list_add_at", call("zeros_list", items), g, index), None


@defjvp(list_getitem)
def list_getitem_jvp(items_dot, index_dot, y, items, index):
    return call("list_getitem", items_dot, index)


@lambda function: named("list_slice", function)
def list_slice(items: list[Any], index: slice) -> list[Any]:
    """`items[index]`."""
    return items[index]


@defshape(list_slice, operands=("items",))
def list_slice_shape(sizes: Assumptions, items: Type, index: object) -> Type:
    return ListType(element_type(items))


@defvjp(list_slice)
def list_slice_vjp(g, y, items, index=None):
    return (call("list_slice_set", call("zeros_list", items), g, index=index),)


@defjvp(list_slice)
def list_slice_jvp(items_dot, y, items, index=None):
    return call("list_slice", items_dot, index=index)


@lambda function: named("list_slice_set", function)
def list_slice_set(items: list[Any], values: list[Any], index: slice) -> list[Any]:
    """`items` with `values` in the place of `items[index]`, which are as many."""
    result = list(items)
    result[index] = values
    return result


@defshape(list_slice_set, operands=("items", "values"))
def list_slice_set_shape(sizes: Assumptions, items: Type, values: Type, index: object) -> Type:
    return items


@defvjp(list_slice_set)
def list_slice_set_vjp(g, y, items, values, index=None):
    kept = call("list_slice_set", g, call("zeros_list", values), index=index)
    return kept, call("list_slice", g, index=index)


@defjvp(list_slice_set)
def list_slice_set_jvp(items_dot, values_dot, y, items, values, index=None):
    items_dot = call("zeros_list", items) if items_dot is None else items_dot
    values_dot = call("zeros_list", values) if values_dot is None else values_dot
    return call("list_slice_set", items_dot, values_dot, index=index)


@lambda function: named("list_add_at", function)
def list_add_at(items: list[Any], value: Any, index: int) -> list[Any]:
    """`items` with `value` added to the item at `index`."""
    result = list(items)
    result[index] = _sum_of(result[index], value)
    return result


@defshape(list_add_at)
def list_add_at_shape(sizes: Assumptions, items: Type, value: Type, index: Type) -> Type:
    return items


@defvjp(list_add_at)
def list_add_at_vjp(g, y, items, value, index):
    return g, call("list_getitem", g, index), None


@defjvp(list_add_at)
def list_add_at_jvp(items_dot, value_dot, index_dot, y, items, value, index):
    items_dot = call("zeros_list", items) if items_dot is None else items_dot
    if value_dot is None:
        return items_dot
    return call("list_add_at", items_dot, value_dot, index)


@lambda function: named("stack_list", function)
def stack_list(items: list[Any]) -> Any:
    """`np.stack(items)`, for numbers and lists of numbers as well as for arrays."""
    return np.array(items) if not items or np.ndim(items[0]) == 0 else np.stack(items)


@defshape(stack_list)
def stack_list_shape(sizes: Assumptions, items: Type) -> Type:
    element = element_type(items)
    if isinstance(element, ListType):
        element = stack_list_shape(sizes, element)
    shape = shape_of(element)
    return ArrayType(dtype_of(element), None if shape is None else (None, *shape))


@defvjp(stack_list)
def stack_list_vjp(g, y, items):
    if isinstance(element_type(items.type), ListType):
        return (call("unstack_nested", g, items),)
    rows = call("unstack_like", g, items)
    if isinstance(element_type(items.type), ScalarType):
        rows = call("float_list", rows)
    return (rows,)


@lambda function: named("unstack_nested", function)
def unstack_nested(x: Any, items: list[Any]) -> list[Any]:
    """The rows or numbers of `x` in lists nested like `items`."""
    if isinstance(items, list):
        return [unstack_nested(part, item) for part, item in zip(x, items, strict=True)]
    return x.item() if isinstance(items, (float, complex)) else x


@defshape(unstack_nested)
def unstack_nested_shape(sizes: Assumptions, x: Type, items: Type) -> Type:
    return items


@defvjp(unstack_nested)
def unstack_nested_vjp(g, y, x, items):
    return call("stack_list", g), None


@defjvp(unstack_nested)
def unstack_nested_jvp(x_dot, items_dot, y, x, items):
    return call("unstack_nested", x_dot, items)


@lambda function: named("concatenate_list", function)
def concatenate_list(items: list[Any], axis: int = 0) -> Any:
    """`np.concatenate(items, axis)`."""
    return np.concatenate(items, axis)


@defshape(concatenate_list)
def concatenate_list_shape(sizes: Assumptions, items: Type, axis: int = 0) -> Type:
    element = element_type(items)
    shape = array_shape(element)
    if shape is None:
        return ArrayType(dtype_of(element), None)
    (place,) = normalize_axes(axis, len(shape))
    return ArrayType(dtype_of(element), (*shape[:place], None, *shape[place + 1 :]))


@defvjp(concatenate_list)
def concatenate_list_vjp(g, y, items, axis=0):
    return (call("split_like", g, items, **_along(axis)),)


@lambda function: named("split_like", function)
def split_like(x: Any, items: list[Any], axis: int = 0) -> list[Any]:
    """`x` in parts that are as long as `items` along an axis."""
    lengths = [np.shape(item)[axis] for item in items]
    return np.split(x, np.cumsum(lengths)[:-1], axis)


@defshape(split_like)
def split_like_shape(sizes: Assumptions, x: Type, items: Type, axis: int = 0) -> Type:
    return items


@defvjp(split_like)
def split_like_vjp(g, y, x, items, axis=0):
    return call("concatenate_list", g, **_along(axis)), None


@defjvp(split_like)
def split_like_jvp(x_dot, items_dot, y, x, items, axis=0):
    return call("split_like", x_dot, items, **_along(axis))


def _along(axis: int) -> dict[str, int]:
    return {"axis": axis} if axis else {}


@lambda function: named("stack_rows", function)
def stack_rows(items: list[Any], shape: tuple[int, ...], dtype: Any) -> Any:
    """`np.stack(items)` of arrays of this shape and dtype; no rows where there are no items."""
    return np.array(items, dtype).reshape(len(items), *shape)


@defshape(stack_rows, operands=("items",))
def stack_rows_shape(sizes: Assumptions, items: Type, shape: object, dtype: np.dtype) -> Type:
    row = shape_of(element_type(items))
    return ArrayType(np.dtype(dtype), None if row is None else (None, *row))


@defvjp(stack_rows)
def stack_rows_vjp(g, y, items, shape=None, dtype=None):
    return (call("unstack_like", g, items),)


@lambda function: named("float_list", function)
def float_list(items: list[Any]) -> list[Any]:
    """NumPy numbers as Python numbers."""
    return [item.item() if isinstance(item, np.generic) else item for item in items]


@defshape(float_list)
def float_list_shape(sizes: Assumptions, items: Type) -> Type:
    element = element_type(items)
    return ListType(ScalarType(complex if dtype_of(element).kind == "c" else float))


@defvjp(float_list)
def float_list_vjp(g, y, items):
    return (g,)


linear(add_lists, stack_list, stack_rows, concatenate_list, float_list)
constant(list_length, zeros_list)

__all__ = ["element_type", "row_type", "zero_of"]


@lambda function: named("list_of", function)
def list_of(*items: Any, element: Type) -> list[Any]:
    """A list of these items, which is going to grow; `element` is the type that covers all."""
    return list(items)


@defshape(list_of)
def list_of_shape(sizes: Assumptions, *items: Type, element: Type = INT) -> Type:
    return ListType(element)


@defvjp(list_of)
def list_of_vjp(g, y, *items, element=None):
    return tuple(call("list_getitem", g, place) for place in range(len(items)))


@defjvp(list_of)
def list_of_jvp(*tangents_and_values, element=None):
    count = len(tangents_and_values) // 2
    tangents, values = tangents_and_values[:count], tangents_and_values[count + 1 :]
    dots = [_tangent_or_zero(dot, value) for dot, value in zip(tangents, values, strict=True)]
    return call("list_of", *dots, element=element)


def _tangent_or_zero(dot: Any, value: Any) -> Any:
    if dot is not None:
        return dot
    return 0.0 if isinstance(value, (int, float, complex)) else call(np.zeros_like, value)


@lambda function: named("list_append", function)
def list_append(items: list[Any], value: Any) -> list[Any]:
    """The list with `value` at its end."""
    return [*items, value]


@defshape(list_append)
def list_append_shape(sizes: Assumptions, items: Type, value: Type) -> Type:
    return items


@defvjp(list_append)
def list_append_vjp(g, y, items, value):
    return call("list_without_last", g), call("list_getitem", g, -1)


@defjvp(list_append)
def list_append_jvp(items_dot, value_dot, y, items, value):
    items_dot = call("zeros_list", items) if items_dot is None else items_dot
    return call("list_append", items_dot, _tangent_or_zero(value_dot, value))


stores(list_append)


@lambda function: named("list_without_last", function)
def list_without_last(items: list[Any]) -> list[Any]:
    """The list without its last item."""
    return items[:-1]


@defshape(list_without_last)
def list_without_last_shape(sizes: Assumptions, items: Type) -> Type:
    return items


@defvjp(list_without_last)
def list_without_last_vjp(g, y, items):
    return (call("fill_list", g, items),)


@defjvp(list_without_last)
def list_without_last_jvp(items_dot, y, items):
    return call("list_without_last", items_dot)


@lambda function: named("list_pop", function)
def list_pop(items: list[Any], at: int = -1) -> tuple[Any, list[Any]]:
    """The last item (the first one, `at` 0), and the list without it."""
    return (items[0], items[1:]) if at == 0 else (items[-1], items[:-1])


gives_tuple(list_pop)


@defshape(list_pop)
def list_pop_shape(sizes: Assumptions, items: Type, at: int = -1) -> tuple[Type, ...]:
    return element_type(items), items


@defvjp(list_pop)
def list_pop_vjp(g, y, items, at=-1):
    item, rest = y
    g_item = _tangent_or_zero(g[0], item)
    g_rest = call("zeros_list", rest) if g[1] is None else g[1]
    return (
        call("list_insert", g_rest, g_item) if at == 0 else call("list_append", g_rest, g_item),
    )


@defjvp(list_pop)
def list_pop_jvp(items_dot, y, items, at=-1):
    return call("list_pop", items_dot, at=at)


@lambda function: named("list_insert", function)
def list_insert(items: list[Any], value: Any) -> list[Any]:
    """The list with `value` before its first item."""
    return [value, *items]


@defshape(list_insert)
def list_insert_shape(sizes: Assumptions, items: Type, value: Type) -> Type:
    return items


@defvjp(list_insert)
def list_insert_vjp(g, y, items, value):
    first, rest = call("list_pop", g, at=0)
    return rest, first


@defjvp(list_insert)
def list_insert_jvp(items_dot, value_dot, y, items, value):
    items_dot = call("zeros_list", items) if items_dot is None else items_dot
    return call("list_insert", items_dot, _tangent_or_zero(value_dot, value))
