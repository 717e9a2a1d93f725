"""Assignments: to names, to targets that unpack, to items and attributes; in place; and `del`."""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING, NoReturn

from srcgrad.frontend import (
    class_variables,
    containers,
    effects,
    iterators,
    names,
    objects,
    protocols,
    storage,
    unlike,
)
from srcgrad.frontend.abstract import (
    ITEMS,
    MISSING,
    VERSION,
    Abstract,
    ArrayRef,
    DictOf,
    Frozen,
    Keyed,
    ListOf,
    Number,
    OneOf,
    Static,
    TupleOf,
    describe,
)
from srcgrad.frontend.attributes import mangled
from srcgrad.frontend.subscripts import index_of, item, known_place
from srcgrad.graph import Literal, give_name

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator


def run_assign(ev: Evaluator, statement: ast.Assign) -> None:
    is_unpacked = all(isinstance(target, (ast.Tuple, ast.List)) for target in statement.targets)
    evaluate = ev.evaluate if is_unpacked else partial(iterators.evaluate_kept, ev)
    value = evaluate(statement.value)
    for target in statement.targets:
        assign(ev, target, value)


def run_ann_assign(ev: Evaluator, statement: ast.AnnAssign) -> None:
    if statement.value is not None:
        assign(ev, statement.target, iterators.evaluate_kept(ev, statement.value))


ARRAY_PARTS = ("real", "imag", "flat", "T", "mT")


def run_aug_assign(ev: Evaluator, statement: ast.AugAssign) -> None:
    target = statement.target
    if isinstance(target, ast.Subscript):
        _update_item(ev, statement, target)
        return
    if isinstance(target, ast.Attribute):
        owner = ev.evaluate(target.value)
        name = mangled(ev, target.attr)
        old = ev.attribute_of(owner, name, target)
        result = _updated(ev, statement, old, ev.evaluate(statement.value))
        if result is not old or not (storage.is_array(owner) and name in ARRAY_PARTS):
            _set_attribute(ev, owner, name, result, target)
        return
    old = unlike.one(ev, names.read_name(ev, target))
    result = _updated(ev, statement, old, ev.evaluate(statement.value))
    if result is not old:
        assign(ev, target, result)


def _updated(ev: Evaluator, statement: ast.AugAssign, old: Abstract, value: Abstract) -> Abstract:
    """What `old op= value` binds the target to: `old` itself where that has been changed."""
    by_class = protocols.update(ev, statement.op, old, value, statement)
    if by_class is not None:
        return by_class
    if _update_in_place(ev, statement, old, value):
        return old
    return ev.binary(statement.op, old, value, statement)


def _update_in_place(
    ev: Evaluator, statement: ast.AugAssign, old: Abstract, value: Abstract
) -> bool:
    """`old op= value` where `old` is changed by that; False where it is a plain value."""
    if isinstance(old, Number) and storage.is_mutable_array(ev, old):
        storage.require_storage(ev, old, statement)
    if isinstance(old, Frozen):
        storage.refuse_frozen(ev, old, statement)
    if isinstance(old, (ArrayRef, OneOf)):
        result = ev.binary(statement.op, old, value, statement)
        storage.update(ev, old, result, statement)
        return True
    if isinstance(old, ListOf):
        containers.update_list(ev, old, statement.op, value, statement)
        return True
    if isinstance(old, DictOf) and isinstance(statement.op, ast.BitOr):
        containers.call_method(ev, old, "update", [value], statement)
        return True
    return False


def _update_item(ev: Evaluator, statement: ast.AugAssign, target: ast.Subscript) -> None:
    """`owner[key] op= value`: reads the item, and stores what the operator gives."""
    owner = ev.evaluate(target.value)
    key = ev.evaluate(target.slice)
    old = item(ev, owner, key, target)
    value = ev.evaluate(statement.value)
    arrays = (ArrayRef, OneOf)
    is_element = isinstance(owner, (Number, *arrays)) and not isinstance(old, arrays)
    if is_element:
        store_item(ev, owner, key, ev.binary(statement.op, old, value, statement), target)
        return
    result = _updated(ev, statement, old, value)
    if result is not old:
        store_item(ev, owner, key, result, target)
    elif isinstance(owner, TupleOf):
        ev.reject(target, "a tuple does not support item assignment")


def assign(ev: Evaluator, target: ast.expr, value: Abstract) -> None:
    with ev.taking(target):
        _assign(ev, target, value)


def _assign(ev: Evaluator, target: ast.expr, value: Abstract) -> None:
    if isinstance(target, ast.Name):
        _assign_name(ev, target, value)
    elif isinstance(target, (ast.Tuple, ast.List)):
        _unpack(ev, target, value)
    elif isinstance(target, ast.Subscript):
        _assign_item(ev, target, value)
    elif isinstance(target, ast.Attribute):
        _assign_attribute(ev, target, value)
    else:
        ev.refuse(
            target, f"cannot assign to a {type(target).__name__} yet", "Assign to a variable."
        )


def _assign_name(ev: Evaluator, target: ast.Name, value: Abstract) -> None:
    named = value.storage.entries[VERSION] if isinstance(value, ArrayRef) else value
    if isinstance(named, Number) and not isinstance(named.value, Literal):
        give_name(named.value, target.id)
    names.bind(ev, target, value)


def _unpack(ev: Evaluator, target: ast.Tuple | ast.List, value: Abstract) -> None:
    count = len(target.elts)
    starred = [i for i, item in enumerate(target.elts) if isinstance(item, ast.Starred)]
    items = ev.known_items(value, target, None if starred else count)
    if not starred:
        if len(items) != count:
            _reject_count(ev, target, len(items), count)
        for element, item in zip(target.elts, items):
            assign(ev, element, item)
        return
    (at,) = starred
    after = count - at - 1
    if len(items) < count - 1:
        _reject_count(ev, target, len(items), count)
    middle = items[at : len(items) - after]
    rest = items[len(items) - after :]
    parts = items[:at] + (ListOf(middle),) + rest
    for element, item in zip(target.elts, parts):
        assign(ev, element.value if isinstance(element, ast.Starred) else element, item)


def _reject_count(ev: Evaluator, target: ast.expr, items: int, count: int) -> NoReturn:
    message = f"cannot unpack {items} values into {count} variables"
    ev.reject(target, message, raises=ValueError)


def _assign_item(ev: Evaluator, target: ast.Subscript, value: Abstract) -> None:
    owner = ev.evaluate(target.value)
    store_item(ev, owner, ev.evaluate(target.slice), value, target)


def store_item(
    ev: Evaluator, owner: Abstract, key: Abstract, value: Abstract, target: ast.Subscript
) -> None:
    """`owner[key] = value`."""
    if objects.call_special(ev, owner, "__setitem__", [key, value], target) is not None:
        return
    if isinstance(owner, Number):
        storage.require_storage(ev, owner, target)
    if isinstance(owner, Frozen):
        storage.refuse_frozen(ev, owner, target)
    if isinstance(owner, (ArrayRef, OneOf)):
        index = index_of(ev, key, target.slice)
        storage.store(ev, owner, index, value, target)
        return
    if isinstance(owner, DictOf) and owner.instance is not None:
        name = str(ev.make_static(key, target.slice).value)
        objects.store(ev, owner.instance, name, value, target)
    elif isinstance(owner, DictOf):
        place = ev.make_static(key, target.slice).value
        effects.put(ev, owner, effects.step_to(place), value)
        ev.trail.set(owner, ITEMS, _keyed({**owner.items, place: value}), told=True)
    elif isinstance(owner, ListOf):
        _store_in_list(ev, owner, key, value, target)
    else:
        ev.reject(target, f"cannot assign to an item of {describe(owner)}")


def _store_in_list(
    ev: Evaluator, owner: ListOf, key: Abstract, value: Abstract, target: ast.Subscript
) -> None:
    if not isinstance(owner.content, TupleOf):
        containers.ask_for_length(ev, storage.current(ev, owner))
        ev.refuse(
            target,
            "assigning to an item of a list whose length is known only during the call is not "
            "supported yet",
            "Append to a new list, or use an array.",
        )
    items: list[Abstract] = list(owner.items)
    place = known_place(ev, key, target.slice)
    try:
        items[place] = list(ev.known_items(value, target)) if isinstance(place, slice) else value
    except (IndexError, TypeError, ValueError) as error:
        ev.reject(target, str(error))
    told = isinstance(place, int)
    if told:
        effects.put(ev, owner, f"[{place % len(items)}]", value)
    ev.trail.set(owner, ITEMS, TupleOf(tuple(items)), told=told)


def _assign_attribute(ev: Evaluator, target: ast.Attribute, value: Abstract) -> None:
    owner = ev.evaluate(target.value)
    if target.attr in ARRAY_PARTS and storage.is_array(owner):
        part = ev.attribute_of(storage.as_written(ev, owner, target), target.attr, target)
        storage.store(ev, storage.as_written(ev, part, target), Ellipsis, value, target)
        return
    _set_attribute(ev, owner, mangled(ev, target.attr), value, target)


def _set_attribute(
    ev: Evaluator, owner: Abstract, name: str, value: Abstract, node: ast.AST
) -> None:
    if isinstance(owner, Static) and isinstance(owner.value, type):
        class_variables.assign(ev, owner.value, name, value, node)
    else:
        objects.set_attribute(ev, owner, name, value, node)


def run_delete(ev: Evaluator, statement: ast.Delete) -> None:
    for target in statement.targets:
        _delete(ev, target)


def _delete(ev: Evaluator, target: ast.expr) -> None:
    if isinstance(target, ast.Name):
        names.read_name(ev, target)
        names.bind(ev, target, MISSING)
    elif isinstance(target, (ast.Tuple, ast.List)):
        for part in target.elts:
            _delete(ev, part)
    elif isinstance(target, ast.Subscript):
        _delete_item(ev, ev.evaluate(target.value), ev.evaluate(target.slice), target)
    elif isinstance(target, ast.Attribute):
        objects.delete_attribute(ev, ev.evaluate(target.value), mangled(ev, target.attr), target)
    else:
        ev.reject(target, f"cannot delete a {type(target).__name__}")


def _delete_item(ev: Evaluator, owner: Abstract, key: Abstract, target: ast.Subscript) -> None:
    """`del owner[key]`."""
    if isinstance(owner, DictOf):
        items, place = owner.items, ev.make_static(key, target.slice).value
        if place not in items:
            ev.reject(target, f"the dict has no key {place!r}")
        del items[place]
        effects.call_method(ev, owner, "pop", [Static(place)])
        ev.trail.set(owner, ITEMS, _keyed(items), told=True)
    elif isinstance(owner, ListOf) and isinstance(owner.content, TupleOf):
        kept, place = list(owner.items), known_place(ev, key, target.slice)
        try:
            del kept[place]
        except IndexError:
            ev.reject(target, "list assignment index out of range")
        told = isinstance(place, int)
        if told:
            effects.call_method(ev, owner, "pop", [Static(place)])
        ev.trail.set(owner, ITEMS, TupleOf(tuple(kept)), told=told)
    elif isinstance(owner, ListOf):
        ev.refuse(
            target,
            "`del` of an item of a list whose length is known only during the call is not "
            "supported yet",
            "Build a new list without it.",
        )
    else:
        ev.reject(target, f"{describe(owner)} does not support item deletion")


def _keyed(items: dict[object, Abstract]) -> Keyed:
    return Keyed(tuple(items), tuple(items.values()))
