"""Arrays that are written, where paths meet on which the same name is something else.

A name that is such an array on one path, and a number, a fresh array or nothing on another, is what
it is where the paths meet: a value that may be read until one of the arrays changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from srcgrad.frontend.abstract import (
    MISSING,
    VERSION,
    Abstract,
    ArrayRef,
    DictOf,
    Either,
    Frozen,
    Keyed,
    ListOf,
    Missing,
    Number,
    ObjectOf,
    OneOf,
    Slots,
    Storage,
    TupleOf,
    is_python_number,
)
from srcgrad.frontend.merging import Carry, NoCommonType, Pattern, join_types, type_of
from srcgrad.graph import Assumptions

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator

Ends = Mapping[tuple[Slots, object], Abstract]


def meeting(
    sides: Iterable[tuple[Abstract, Ends]],
    sizes: Assumptions,
    name: str | None,
    born_before: int | None = None,
    loop: object = None,
) -> Frozen | None:
    """The pattern of a name that is each of these values at the end of a path; None if it cannot.

    With each value come the entries that its path has changed.  Of the arrays it may be, those
    with a serial number below `born_before` are watched: what an iteration makes has no other
    name later.
    """
    found: Any = None
    watched: dict[Storage, None] = {}
    plain: dict[Number, None] = {}
    for value, ends in sides:
        if isinstance(value, Number):
            plain.setdefault(value)
        number = value_at_end(value, ends)
        if number is None:
            return None
        watched.update(dict.fromkeys(_storages(value)))
        if isinstance(number, Missing):
            continue
        try:
            type_ = type_of(number)
            found = type_ if found is None else join_types(found, type_, sizes)
        except NoCommonType:
            return None
    if found is None:
        return None
    kept = [held for held in watched if born_before is None or held.serial < born_before]
    versions = tuple((held, MISSING) for held in kept)
    return Frozen(Carry(found, name), versions, loop, tuple(plain))  # type: ignore[arg-type]


def value_at_end(value: Pattern, ends: Ends) -> Pattern | None:
    """The number or array that a name is at the end of a path; None if it is not one."""
    if isinstance(value, ArrayRef):
        return None if value.steps else _version(value.storage, ends)
    if isinstance(value, Frozen):
        is_pattern = isinstance(value.value, Carry)
        stale = any(_version(held, ends) != version for held, version in value.watched)
        return None if stale and not is_pattern else value.value
    if isinstance(value, (Carry, Number, Missing)) or is_python_number(value):
        return value
    return None


def is_met(pattern: Pattern) -> bool:
    """Is this the pattern of a name that is frozen where the paths meet?"""
    return isinstance(pattern, Frozen) and isinstance(pattern.value, Carry)


def as_met(pattern: Pattern, value: Abstract, ends: Ends) -> Abstract:
    """What `flatten` reads of a value for a pattern."""
    if not is_met(pattern):
        return value
    found = value_at_end(value, ends)
    assert found is not None
    return found


def watch_from_now(ev: Evaluator, patterns: Iterable[tuple[Slots, object, Pattern]]) -> None:
    """Let what has been frozen here watch its arrays at their versions of this moment."""
    for owner, key, pattern in patterns:
        value = owner.entries.get(key)
        if is_met(pattern) and isinstance(value, Frozen):
            versions = tuple((held, held.entries[VERSION]) for held, _ in value.watched)
            ev.trail.set(owner, key, replace(value, watched=versions), told=True)


def arrays_in(values: Iterable[Pattern], born_since: int) -> list[Storage]:
    """The written arrays, made since then, to which the values refer."""
    found: dict[Storage, None] = {}
    seen: set[int] = set()
    left = list(values)
    while left:
        value = left.pop()
        if isinstance(value, ArrayRef) and value.storage.serial >= born_since:
            found.setdefault(value.storage)
        elif isinstance(value, OneOf):
            left += value.refs
        elif isinstance(value, Either):
            left += value.options
        elif isinstance(value, (TupleOf, Keyed)):
            left += value.items
        elif isinstance(value, (ListOf, DictOf, ObjectOf)) and id(value) not in seen:
            seen.add(id(value))
            left += value.entries.values()
    return list(found)


def _version(storage: Storage, ends: Ends) -> Abstract:
    return ends.get((storage, VERSION), storage.entries[VERSION])


def _storages(value: Pattern) -> Iterable[Storage]:
    if isinstance(value, ArrayRef):
        return (value.storage,)
    return [held for held, _ in value.watched] if isinstance(value, Frozen) else ()
