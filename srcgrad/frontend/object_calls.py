"""Builtins and functions of the standard library that ask about classes and instances."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from srcgrad.frontend import containers, objects, storage
from srcgrad.frontend.abstract import (
    NONE,
    Abstract,
    ArrayRef,
    DictOf,
    Keywords,
    ListOf,
    Number,
    ObjectOf,
    OneOf,
    Static,
    TupleOf,
    describe,
)
from srcgrad.frontend.classes import construct, new_by
from srcgrad.graph import ArrayType

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator

Handler = Callable[..., Abstract]


def _super(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    return objects.make_super(ev, args, node)


def _vars(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    if len(args) != 1 or not isinstance(args[0], ObjectOf):
        ev.refuse(node, "`vars` and `locals` are supported for instances only")
    return objects.attributes_as_dict(ev, args[0])


def _set_attribute(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    owner, name, value = args
    text = str(ev.make_static(name, node).value)
    if function is object.__setattr__ and isinstance(owner, ObjectOf):
        objects.set_plainly(ev, owner, text, value, node)
    else:
        objects.set_attribute(ev, owner, text, value, node)
    return NONE


def _delete_attribute(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    objects.delete_attribute(ev, args[0], str(ev.make_static(args[1], node).value), node)
    return NONE


def _issubclass(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    plain = [containers.to_rule_argument(ev, item) for item in args]
    return Static(issubclass(plain[0], plain[1]))


def _nothing(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    """`object.__init__` and `object.__init_subclass__`."""
    return NONE


def _new(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    kind = args[0]
    if not isinstance(kind, Static) or not isinstance(kind.value, type):
        ev.reject(node, f"{describe(kind)} is not a class")
    return new_by(ev, function, kind.value, args[1:], kwargs, node)


# dataclasses, copy


def _fields(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    return TupleOf(tuple(map(Static, dataclasses.fields(_dataclass_of(ev, args[0], node)))))


def _is_dataclass(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    value = args[0]
    kind = value.value if isinstance(value, Static) else objects.class_of(value)
    return Static(kind is not None and dataclasses.is_dataclass(kind))


def _dataclass_of(ev: Evaluator, value: Abstract, node: Any) -> Any:
    kind = value.value if isinstance(value, Static) else objects.class_of(value)
    if kind is None or not dataclasses.is_dataclass(kind):
        ev.reject(node, f"{describe(value)} is not a dataclass")
    return kind


def _replace(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    """`dataclasses.replace`: made anew by its class, from its own fields and what is given."""
    kind = _dataclass_of(ev, args[0], node)
    given = dict(kwargs)
    for field in dataclasses.fields(kind):
        if field.init:
            given.setdefault(field.name, ev.attribute_of(args[0], field.name, node))
        elif field.name in kwargs:
            ev.reject(node, f"`{field.name}` is no argument of `{kind.__name__}`")
    return construct(ev, kind, [], given, node)


def _as_dict(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    _dataclass_of(ev, args[0], node)
    if kwargs or len(args) > 1:
        ev.refuse(node, f"`{function.__name__}` with a factory is not supported yet")
    return _taken_apart(ev, args[0], function is dataclasses.asdict, node)


def _taken_apart(ev: Evaluator, value: Abstract, as_dict: bool, node: Any) -> Abstract:
    """`dataclasses.asdict` and `astuple`: instances inside as well, arrays copied."""
    kind = objects.class_of(value)
    if isinstance(value, ObjectOf) and dataclasses.is_dataclass(value.kind):
        names = [field.name for field in dataclasses.fields(value.kind)]  # type: ignore[arg-type]
        items = [_taken_apart(ev, ev.attribute_of(value, n, node), as_dict, node) for n in names]
        return DictOf(dict(zip(names, items))) if as_dict else TupleOf(tuple(items))
    if isinstance(value, TupleOf):
        items = [_taken_apart(ev, item, as_dict, node) for item in value.items]
        return TupleOf(tuple(items), kind or tuple)
    if isinstance(value, ListOf):
        known = containers.known_items(ev, value, node)
        return ListOf(tuple(_taken_apart(ev, item, as_dict, node) for item in known))
    if isinstance(value, DictOf):
        pairs = value.items.items()
        return DictOf({key: _taken_apart(ev, item, as_dict, node) for key, item in pairs})
    return _deep_copy(ev, value, {}, node)


def _copy(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    value = args[0]
    if objects.special_method(ev, value, f"__{function.__name__}__") is not None:
        ev.refuse(node, f"a `__{function.__name__}__` of the class is not supported yet")
    if function is copy.deepcopy:
        return _deep_copy(ev, value, {}, node)
    if isinstance(value, ObjectOf):
        return ObjectOf(value.kind, {name: value.own(name) for name in value.names()})
    if isinstance(value, ListOf):
        return ListOf(containers.known_items(ev, value, node))
    if isinstance(value, DictOf):
        return DictOf(value.items)
    return _copied_array(ev, value, node)


def _copied_array(ev: Evaluator, value: Abstract, node: Any) -> Abstract:
    held = storage.current(ev, value)
    is_array = isinstance(held, Number) and isinstance(held.value.type, ArrayType)
    if isinstance(value, (ArrayRef, OneOf)) or is_array:
        return storage.made_by(ev, node, ev.call_primitive(np.copy, (value,)))
    return value


def _deep_copy(ev: Evaluator, value: Abstract, made: dict[int, Abstract], node: Any) -> Abstract:
    """A copy of everything in a value; what stands at two places is copied once."""
    found = made.get(id(value))
    if found is not None:
        return found
    if isinstance(value, ObjectOf):
        copied = ObjectOf(value.kind, {})
        made[id(value)] = copied
        for name in value.names():
            copied.entries[name] = _deep_copy(ev, value.own(name), made, node)
        return copied
    if isinstance(value, TupleOf):
        items = tuple(_deep_copy(ev, item, made, node) for item in value.items)
        return TupleOf(items, value.kind)
    if isinstance(value, ListOf):
        known = containers.known_items(ev, value, node)
        made[id(value)] = ListOf(tuple(_deep_copy(ev, item, made, node) for item in known))
    elif isinstance(value, DictOf):
        pairs = value.items.items()
        made[id(value)] = DictOf({k: _deep_copy(ev, item, made, node) for k, item in pairs})
    else:
        made[id(value)] = _copied_array(ev, value, node)
    return made[id(value)]


HANDLERS: dict[Any, Handler] = {
    super: _super,
    vars: _vars,
    setattr: _set_attribute,
    object.__setattr__: _set_attribute,
    delattr: _delete_attribute,
    issubclass: _issubclass,
    object.__init__: _nothing,
    object.__init_subclass__: _nothing,
    object.__new__: _new,
    dataclasses.fields: _fields,
    dataclasses.is_dataclass: _is_dataclass,
    dataclasses.replace: _replace,
    dataclasses.asdict: _as_dict,
    dataclasses.astuple: _as_dict,
    copy.copy: _copy,
    copy.deepcopy: _copy,
}

# Asked of the class before anything else is tried.
SPECIAL_METHODS: dict[Any, str] = {
    len: "__len__",
    abs: "__abs__",
    float: "__float__",
    int: "__int__",
    complex: "__complex__",
    round: "__round__",
}
