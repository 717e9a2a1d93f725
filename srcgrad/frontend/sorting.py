"""Sorting: `sorted`, `list.sort` and `cmp_to_key`, by keys known now or during the call."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from srcgrad.frontend import containers, storage
from srcgrad.frontend.abstract import (
    FALSE,
    NONE,
    PYTHON_NUMBERS,
    Abstract,
    Builtin,
    Compared,
    Keywords,
    ListOf,
    Number,
    Static,
    TupleOf,
    is_static,
)
from srcgrad.graph import ArrayType, ScalarType

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator


class _Unknown(Exception):
    """Which of two keys is less is known only during the call."""


def _sorted(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    items = containers.known_items(ev, args[0], node)
    return ListOf(in_order(ev, items, kwargs, node))


def in_order(
    ev: Evaluator, items: tuple[Abstract, ...], kwargs: Keywords, node: Any
) -> tuple[Abstract, ...]:
    """The items as `sorted(items, key=..., reverse=...)` puts them."""
    reverse = bool(ev.make_static(kwargs.get("reverse", FALSE), node).value)
    key = kwargs.get("key", NONE)
    keys = items if key == NONE else tuple(ev.call(key, [item], {}, node) for item in items)
    try:
        order = _known_order(ev, keys, reverse, node)
    except _Unknown:
        return _ordered_during_the_call(ev, items, keys, reverse, key != NONE, node)
    return tuple(items[at] for at in order)


def _known_order(ev: Evaluator, keys: Sequence[Abstract], reverse: bool, node: Any) -> list[int]:
    if all(map(is_static, keys)):
        plain = [containers.to_rule_argument(ev, key) for key in keys]
        return sorted(range(len(keys)), key=plain.__getitem__, reverse=reverse)

    def compare(a: int, b: int) -> int:
        return _compare_known(ev, keys[a], keys[b], node)

    return sorted(range(len(keys)), key=functools.cmp_to_key(compare), reverse=reverse)


def _compare_known(ev: Evaluator, a: Abstract, b: Abstract, node: Any) -> int:
    """-1, 0 or 1 as `a` is less than, equal to or greater than `b`.  Raises `_Unknown`."""
    if isinstance(a, Compared) and isinstance(b, Compared):
        said = ev.call(a.function, [a.item, b.item], {}, node)
        if not isinstance(said, Static):
            raise _Unknown
        return (said.value > 0) - (said.value < 0)
    if isinstance(a, Static) and isinstance(b, Static):
        return (a.value > b.value) - (a.value < b.value)
    if isinstance(a, (TupleOf, ListOf)) and type(a) is type(b):
        for first, second in zip(a.items, b.items):  # type: ignore[union-attr]
            found = _compare_known(ev, first, second, node)
            if found:
                return found
        return (len(a.items) > len(b.items)) - (len(a.items) < len(b.items))  # type: ignore
    if a is b:
        return 0
    raise _Unknown


def _ordered_during_the_call(
    ev: Evaluator,
    items: tuple[Abstract, ...],
    keys: tuple[Abstract, ...],
    reverse: bool,
    has_key: bool,
    node: Any,
) -> tuple[Abstract, ...]:
    items, keys = (tuple(storage.current(ev, item) for item in part) for part in (items, keys))
    of_array = all(map(_is_element, items))
    numbers = of_array or all(map(_is_python_number, items))
    if not numbers or not all(_is_python_number(key) or _is_element(key) for key in keys):
        ev.refuse(
            node,
            "sorting by keys that are known only during the call is supported for numbers alone",
            "Use `np.argsort` of the keys, and index arrays with it.",
        )
    places = range(len(items))
    if not has_key:
        ordered = ev.call_primitive(np.sort, (_array(ev, items),))
        found = [_element(ev, ordered, Static(at), of_array) for at in places]
        return tuple(reversed(found) if reverse else found)
    if reverse:  # Equal keys keep their order, so what is sorted is the reverse of the reverse.
        items, keys = items[::-1], keys[::-1]
    order = ev.call_primitive(np.argsort, (_array(ev, keys),), {"kind": Static("stable")})
    ordered = ev.call_primitive("getitem", (_array(ev, items),), {"index": order})
    found = [_element(ev, ordered, Static(at), of_array) for at in places]
    return tuple(reversed(found) if reverse else found)


def _array(ev: Evaluator, items: tuple[Abstract, ...]) -> Abstract:
    return ev.call_primitive(np.array, (ListOf(items),))


def _element(ev: Evaluator, array: Abstract, at: Static, of_array: bool) -> Abstract:
    """An element: a number of Python's where the items were, an array's element else."""
    element = ev.call_primitive("getitem", (array,), {"index": at})
    return element if of_array else ev.call_primitive(float, (element,))


def _is_element(value: Abstract) -> bool:
    """Is this an element of an array of floating point numbers?"""
    if not isinstance(value, Number) or not isinstance(value.value.type, ArrayType):
        return False
    return value.value.type.shape == () and value.value.type.dtype.kind == "f"


def _is_python_number(value: Abstract) -> bool:
    if isinstance(value, Number):
        type_ = value.value.type
        return isinstance(type_, ScalarType) and type_.python_type is float
    return isinstance(value, Static) and type(value.value) in PYTHON_NUMBERS


def _cmp_to_key(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    (compare,) = args
    return Builtin(lambda ev, given, named, node: Compared(compare, given[0]))


SORTING_HANDLERS: dict[Any, Callable[..., Abstract]] = {
    sorted: _sorted,
    functools.cmp_to_key: _cmp_to_key,
}
