"""The kinds of things that paths may leave under one name, and their order.

Two things of one kind have a common pattern: numbers and arrays, tuples of one length, the same
known object.  Things of unlike kinds become the options of an `Either`, in the order of their
kinds, so that two paths agree on it.
"""

from __future__ import annotations

import enum
from typing import Any

from srcgrad.frontend.abstract import (
    ITEMS,
    ArrayRef,
    Carry,
    Closure,
    DictOf,
    Either,
    Frozen,
    Keyed,
    ListOf,
    Number,
    ObjectOf,
    OneOf,
    Static,
    TupleOf,
    is_python_number,
)

Kind = tuple


def options_of(value: Any) -> tuple[Any, ...]:
    """What a value may be."""
    if not isinstance(value, Either):
        return (value,)
    return tuple(option for inner in value.options for option in options_of(inner))


def kind_of(value: Any) -> Kind | None:
    """The kind of a value or pattern, by which options are ordered; None where there is none."""
    if isinstance(value, ArrayRef) and value.steps:
        return (8,)  # A view of a written array stays one.
    if isinstance(value, (Number, ArrayRef, OneOf, Frozen, Carry)) or is_python_number(value):
        return (9,)
    if isinstance(value, Static):
        return _of_known(value.value)
    if isinstance(value, TupleOf):
        return (1, value.kind.__qualname__, len(value.items))
    if isinstance(value, ListOf):
        content = value.entries[ITEMS]
        return (2, len(content.items) if isinstance(content, TupleOf) else -1)
    if isinstance(value, DictOf):
        held = value.entries[ITEMS]
        return (3, repr(held.keys)) if isinstance(held, Keyed) else None
    if isinstance(value, ObjectOf):
        return (4, value.kind.__module__, value.kind.__qualname__)
    if isinstance(value, Closure):
        node = value.node
        return (5, value.source.filename, node.lineno, node.col_offset, value.frame.serial)
    return None


def _of_known(value: object) -> Kind | None:
    if value is None:
        return (0, "", "")
    if isinstance(value, (str, bytes, slice, enum.Enum)):
        return (0, type(value).__name__, repr(value))
    name = getattr(value, "__qualname__", None) or getattr(value, "__name__", None)
    if isinstance(name, str):
        return (0, type(value).__name__, f"{getattr(value, '__module__', '')}.{name}")
    return None


def has_two_lengths(value: Any) -> bool:
    """Are there tuples or lists of several lengths among the options?"""
    ranks = [kind[0] for kind in map(kind_of, options_of(value)) if kind and kind[0] in (1, 2, 3)]
    return len(ranks) != len(set(ranks))
