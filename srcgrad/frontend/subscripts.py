"""Items: what `owner[key]` gives, and indices as NumPy takes them."""

from __future__ import annotations

import ast
import enum
import typing
from typing import TYPE_CHECKING, Any

import numpy as np

from srcgrad.frontend import assembling, containers, objects, storage
from srcgrad.frontend.abstract import (
    ITEMS,
    NONE,
    Abstract,
    ArrayRef,
    DictOf,
    ListOf,
    Number,
    OneOf,
    RangeOf,
    Static,
    TupleOf,
    Walk,
    describe,
    is_static,
)
from srcgrad.frontend.collections_calls import about_missing
from srcgrad.graph import ListType, ScalarType, Type

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator


def run_subscript(ev: Evaluator, node: ast.Subscript) -> Abstract:
    owner = ev.evaluate(node.value)
    return item(ev, owner, ev.evaluate(node.slice), node)


def item(ev: Evaluator, owner: Abstract, key: Abstract, node: ast.AST) -> Abstract:
    """`owner[key]`."""
    by_class = objects.call_special(ev, owner, "__getitem__", [key], node)
    if by_class is not None:
        return by_class
    if isinstance(owner, Static) and isinstance(owner.value, type(np.s_)):
        return key if owner.value is np.s_ or isinstance(key, TupleOf) else TupleOf((key,))
    if isinstance(owner, Static):
        assembled = assembling.by_index(ev, owner.value, key, node)
        if assembled is not None:
            return assembled
    if isinstance(owner, (ArrayRef, OneOf)):
        return storage.item_of(ev, owner, index_of(ev, key, node))
    owner = storage.current(ev, owner)
    if isinstance(owner, Number) and isinstance(owner.value.type, ListType):
        if isinstance(key, Static) and isinstance(key.value, slice):
            return _part_of_list(ev, owner, key, node)
        return ev.call_primitive("list_getitem", (owner, key))
    if isinstance(owner, Number):
        return _number_item(ev, owner, key, node)
    if isinstance(owner, Static) and isinstance(owner.value, type):
        return _item_of_class(ev, owner.value, key, node)
    if isinstance(owner, Static) and isinstance(owner.value, (str, bytes)):
        return _item_of_text(ev, owner.value, key, node)
    if isinstance(owner, (TupleOf, ListOf, RangeOf, Walk)) or _is_static_sequence(owner):
        return _item(ev, owner, key, node)
    if isinstance(owner, DictOf):
        known = ev.make_static(key, _place_of_key(node)).value if not is_static(key) else None
        plain = containers.to_rule_argument(ev, key) if is_static(key) else known
        if plain not in owner.items:
            missing = about_missing(ev, owner)
            if missing is not None:
                return missing(ev, plain, node)
            ev.reject(
                node,
                f"the dict has no key {plain!r}",
                f"Its keys are: {', '.join(map(repr, owner.items)) or 'none'}.",
                raises=KeyError,
            )
        return owner.items[plain]
    ev.reject(node, f"{describe(owner)} cannot be indexed")


def _part_of_list(ev: Evaluator, owner: Number, key: Static, node: ast.AST) -> ListOf:
    """A new list, of the items at a slice of one whose length is known during the call."""
    index = Static(index_of(ev, key, node))
    part = ListOf(())
    part.entries[ITEMS] = ev.call_primitive("list_slice", (owner,), {"index": index})
    return part


def _item_of_class(ev: Evaluator, kind: Any, key: Abstract, node: ast.AST) -> Abstract:
    """`Box[float]`, and `Colour["RED"]` for a member of an enumeration."""
    if not is_static(key):
        ev.refuse(node, "the index of a class is not known before the call")
    plain = containers.to_rule_argument(ev, key)
    if issubclass(kind, enum.Enum):
        if plain not in kind.__members__:
            ev.reject(node, f"`{kind.__name__}` has no member {plain!r}")
        return Static(kind[plain])
    if not issubclass(kind, (typing.Generic, tuple, list, dict)):  # type: ignore[arg-type]
        ev.reject(node, f"`{kind.__name__}` cannot be indexed")
    return Static(kind[plain])


def _item_of_text(ev: Evaluator, text: str | bytes, key: Abstract, node: ast.AST) -> Abstract:
    index = known_place(ev, key, _place_of_key(node))
    try:
        return Static(text[index])  # type: ignore[index]
    except (IndexError, TypeError) as error:
        ev.reject(node, f"{error}: the index is {index!r}")


def _place_of_key(node: ast.AST) -> ast.AST:
    """Where errors about the key point: at the key, or at a call of `operator.getitem`."""
    return getattr(node, "slice", node)


def _is_static_sequence(owner: Abstract) -> bool:
    return isinstance(owner, Static) and isinstance(owner.value, (str, tuple, range))


def _item(ev: Evaluator, owner: Abstract, key: Abstract, node: ast.AST) -> Abstract:
    items = containers.known_items(ev, owner, node)
    index = known_place(ev, key, _place_of_key(node))
    if isinstance(index, slice):
        kept = items[index]
        return ListOf(kept) if isinstance(owner, ListOf) else TupleOf(kept)
    try:
        return items[index]  # type: ignore[index]
    except (IndexError, TypeError) as error:
        ev.reject(
            node,
            f"{error}: {describe(owner)} has {len(items)} items, the index is {index!r}",
            raises=type(error),
        )


def known_place(ev: Evaluator, key: Abstract, node: ast.AST) -> Any:
    """An index or slice into what has a known length."""
    if not isinstance(key, Static) or not isinstance(key.value, slice):
        return ev.make_static(key, node).value
    parts = (key.value.start, key.value.stop, key.value.step)
    return slice(
        *(None if p is None else ev.make_static(_as_abstract(p), node).value for p in parts)
    )


def _as_abstract(part: Any) -> Abstract:
    return part if isinstance(part, (Static, Number)) else Static(part)


def run_slice(ev: Evaluator, node: ast.Slice) -> Abstract:
    """A slice whose bounds are abstract values."""
    parts = [None if p is None else ev.evaluate(p) for p in (node.lower, node.upper, node.step)]
    plain = [None if p == NONE else p for p in parts]
    return Static(slice(*plain))


def _number_item(ev: Evaluator, owner: Number, index: Abstract, node: ast.AST) -> Abstract:
    return ev.call_primitive("getitem", (owner,), {"index": Static(index_of(ev, index, node))})


def index_of(ev: Evaluator, index: Abstract, node: ast.AST) -> Any:
    """An index as NumPy takes it, with symbols for what is known during the call."""
    if isinstance(index, Static) and isinstance(index.value, slice):
        bounds = (index.value.start, index.value.stop, index.value.step)
        return slice(*(None if b is None else index_of(ev, _as_abstract(b), node) for b in bounds))
    if isinstance(index, TupleOf):
        return tuple(index_of(ev, item, node) for item in index.items)
    index = storage.current(ev, index)
    if isinstance(index, Number) and isinstance(index.value.type, ListType):
        return _index_by_list(ev, index, index.value.type.element)
    if isinstance(index, ListOf):
        return [index_of(ev, item, node) for item in index.items]
    return containers.to_rule_argument(ev, index)


def _index_by_list(ev: Evaluator, places: Number, element: Type | None) -> Any:
    """A list whose length is known only during the call as an array that is an index.

    No items are integers, or truths: NumPy's array of them would be one of floats.
    """
    stacked = ev.call_primitive("stack_list", (places,))
    if isinstance(element, ScalarType) and element.python_type in (int, bool):
        dtype = Static(np.dtype(element.python_type))
        stacked = ev.call_primitive("cast", (stacked,), {"dtype": dtype})
    return containers.to_rule_argument(ev, stacked)
