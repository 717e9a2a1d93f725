"""What two paths have in common: the join of abstract values at branches and around loops.

`generalize` compares two abstract values and gives a *pattern*: the same structure with a `Carry`
wherever the paths have different numbers.  `flatten` reads off the graph values that go into the
carries, `instantiate` puts values into them.
"""

from __future__ import annotations

import keyword
from collections.abc import Iterator, Set
from dataclasses import replace
from typing import Any

import numpy as np

from srcgrad.frontend.abstract import (
    FALSE,
    ITEMS,
    MISSING,
    NONE,
    PYTHON_NUMBERS,
    TRUE,
    VERSION,
    ArrayRef,
    Carry,
    Closure,
    Conflict,
    Derived,
    DictOf,
    Either,
    Frozen,
    Growing,
    Keyed,
    ListOf,
    Missing,
    Number,
    ObjectOf,
    OneOf,
    Slots,
    Static,
    TupleOf,
    as_literal,
    describe,
    is_python_number,
)
from srcgrad.frontend.kinds import kind_of, options_of
from srcgrad.graph import (
    BOOL,
    COMPLEX,
    FLOAT,
    INT,
    UNDEFINED,
    ArrayType,
    Assumptions,
    ListType,
    OpaqueType,
    ScalarType,
    Shape,
    Type,
    Value,
    literal,
)
from srcgrad.rules import kind_text

Pattern = Any
_SCALARS = {bool: BOOL, int: INT, float: FLOAT, complex: COMPLEX}


class NoCommonType(Exception):
    """Two numbers of kinds that no type covers (an array and a string)."""


def join_types(first: Type, second: Type, sizes: Assumptions) -> Type:
    """The most specific type that covers both.  Raises `NoCommonType`."""
    if first == second:
        return first
    if isinstance(first, ScalarType) and isinstance(second, ScalarType):
        wider = max(first.python_type, second.python_type, key=PYTHON_NUMBERS.index)
        return ScalarType(wider)
    if isinstance(first, ListType) and isinstance(second, ListType):
        return ListType(join_types(first.element, second.element, sizes))
    if isinstance(first, (ListType, OpaqueType)) or isinstance(second, (ListType, OpaqueType)):
        raise NoCommonType
    if isinstance(first, ArrayType) and isinstance(second, ArrayType):
        return ArrayType(
            np.result_type(first.dtype, second.dtype), _join_shapes(first, second, sizes)
        )
    array, scalar = (first, second) if isinstance(first, ArrayType) else (second, first)
    assert isinstance(array, ArrayType) and isinstance(scalar, ScalarType)
    dtype = np.result_type(array.dtype, scalar.python_type(0))
    return ArrayType(dtype, () if array.shape == () else None)


def _join_shapes(first: ArrayType, second: ArrayType, sizes: Assumptions) -> Shape | None:
    if first.shape is None or second.shape is None or len(first.shape) != len(second.shape):
        return None
    return tuple(
        a if a == b or sizes.assume_equal(a, b) else None for a, b in zip(first.shape, second.shape)
    )


def variable_name(key: object) -> str | None:
    """The user's name for an entry, if it is a variable and not bookkeeping of the evaluator."""
    if isinstance(key, str) and key.isidentifier() and key not in (ITEMS, VERSION):
        return None if keyword.iskeyword(key) else key
    return None


def generalize(
    a: Pattern,
    b: Pattern,
    sizes: Assumptions,
    name: str | None = None,
    *,
    weak_start: bool = False,
    changed: Set[Slots] = frozenset(),
    born_before: int = 0,
    is_content: bool = False,
) -> Pattern:
    """The pattern that covers both.

    `changed` are the containers whose content one of the paths has changed; what has a serial
    number below `born_before` was there before the paths parted.

    With `weak_start`, a literal number in `a` is only where a loop starts that is known to run:
    it takes the type of the array in `b` (`s = 0` before `s = s + x`).  `is_content` says that this
    is what a list or dict holds, which is of one length.
    """
    found = _generalize(a, b, sizes, name, weak_start, changed, born_before)
    if not isinstance(found, Conflict) or is_content:
        return found
    return _either(a, b, sizes, name, changed, born_before) or found


def _generalize(
    a: Pattern,
    b: Pattern,
    sizes: Assumptions,
    name: str | None,
    weak_start: bool,
    changed: Set[Slots],
    born_before: int,
) -> Pattern:
    """The pattern that covers two of one kind."""
    if a is b or _same_static(a, b):
        return a
    if isinstance(a, Missing) or isinstance(b, Missing):
        present = b if isinstance(a, Missing) else a
        if isinstance(present, Frozen):
            return Conflict(_describe(a), _describe(b))
        if isinstance(present, Slots) and present.serial < born_before:
            return present  # It is there on both paths, by this name on one of them.
        if not changed.isdisjoint(_containers(present)):
            return Conflict(_describe(a), _describe(b))
        return _all_carried(present, name)
    if isinstance(a, (ArrayRef, OneOf, Frozen)) or isinstance(b, (ArrayRef, OneOf, Frozen)):
        return _generalize_references(a, b, sizes, born_before)
    if _is_numeric(a) and _is_numeric(b):
        return _generalize_numbers(a, b, sizes, name, weak_start)
    if isinstance(a, ObjectOf) and isinstance(b, ObjectOf):
        return _generalize_instances(a, b, sizes, weak_start, changed, born_before)
    if type(a) is type(b):
        return _generalize_containers(a, b, sizes, weak_start, changed, born_before)
    return Conflict(_describe(a), _describe(b))


def element_type(items: tuple[Pattern, ...], sizes: Assumptions) -> Type | None:
    """The type that covers the items of a list; None if they are not all numbers."""
    if not items or not all(map(_is_numeric, items)):
        return None
    found = type_of(items[0])
    try:
        for item in items[1:]:
            found = join_types(found, type_of(item), sizes)
    except NoCommonType:
        return None
    return found


# More kinds than these are not told apart.
OPTIONS_AT_MOST = 6


def _either(
    a: Pattern,
    b: Pattern,
    sizes: Assumptions,
    name: str | None,
    changed: Set[Slots],
    born_before: int,
) -> Either | None:
    """The pattern of things of unlike kinds, in the order of their kinds; None if it cannot be."""
    found: dict[tuple, Pattern] = {}
    options = [(kind_of(option), option) for option in (*options_of(a), *options_of(b))]
    if not 1 < len({kind for kind, _ in options}) <= OPTIONS_AT_MOST:
        return None
    for kind, option in options:
        if kind is None:
            return None
        if kind in found:
            found[kind] = generalize(
                found[kind], option, sizes, name, changed=changed, born_before=born_before
            )
        else:
            found[kind] = option
        if isinstance(found[kind], Conflict):
            return None
    pattern: Pattern = None
    for kind in sorted(found, reverse=True):
        option = _alone(found[kind], name, born_before)
        if pattern is not None:
            flag = f"has_{name}" if name is not None and option == NONE else None
            option = Either(Carry(BOOL, flag), (option, pattern))  # type: ignore[arg-type]
        pattern = option
    return pattern


def _alone(option: Pattern, name: str | None, born_before: int) -> Pattern:
    """The pattern of what one path has; what was there before the paths parted is still itself."""
    if isinstance(option, Slots) and option.serial < born_before:
        return option
    return _all_carried(option, name)


def _is_numeric(value: Pattern) -> bool:
    return isinstance(value, (Carry, Number)) or is_python_number(value)


def _same_static(a: Pattern, b: Pattern) -> bool:
    if isinstance(a, Static) and isinstance(b, Static) and type(a.value) is type(b.value):
        if a.value is b.value:
            return True
        try:
            return bool(a.value == b.value) and repr(a.value) == repr(b.value)
        except Exception:
            return False
    return isinstance(a, Number) and isinstance(b, Number) and a.value is b.value


def type_of(value: Pattern) -> Type:
    """The type of a number, a literal or a carry."""
    if isinstance(value, Carry):
        return value.type
    if isinstance(value, Number):
        return value.value.type
    return _SCALARS[type(value.value)]


def _generalize_numbers(
    a: Pattern, b: Pattern, sizes: Assumptions, name: str | None, weak_start: bool
) -> Pattern:
    first, second = type_of(a), type_of(b)
    if weak_start and is_python_number(a) and isinstance(second, ArrayType):
        dtype = np.result_type(second.dtype, a.value)
        return Carry(ArrayType(dtype, second.shape), name)
    try:
        return Carry(join_types(first, second, sizes), name or _name(a) or _name(b))
    except NoCommonType:
        return Conflict(str(first), str(second))


def _name(value: Pattern) -> str | None:
    if isinstance(value, Carry):
        return value.name
    return value.value.name if isinstance(value, Number) else None


def _generalize_containers(
    a: Pattern,
    b: Pattern,
    sizes: Assumptions,
    weak: bool,
    changed: Set[Slots],
    born_before: int,
) -> Pattern:
    if isinstance(a, TupleOf) and a.kind is b.kind and len(a.items) == len(b.items):
        return TupleOf(_each(a.items, b.items, sizes, weak, changed, born_before), a.kind)
    if isinstance(a, Keyed) and a.keys == b.keys:
        return Keyed(a.keys, _each(a.items, b.items, sizes, weak, changed, born_before))
    if isinstance(a, (ListOf, DictOf)):
        if a in changed or b in changed:
            return Conflict(_describe(a), f"another {_describe(b).split()[-1]}")
        inner = generalize(
            a.entries[ITEMS],
            b.entries[ITEMS],
            sizes,
            weak_start=weak,
            changed=changed,
            born_before=born_before,
            is_content=True,
        )
        if isinstance(inner, Conflict):
            return inner
        return _one_of(_rebuilt(a, {ITEMS: inner}), a, b)
    if isinstance(a, Closure) and a.node is b.node and a.frame is b.frame:
        return a
    if isinstance(a, Derived) and a.request == b.request:
        same = generalize(a.function, b.function, sizes) is a.function
        return a if same else Conflict(_describe(a), _describe(b))
    if isinstance(a, TupleOf) and a.kind is b.kind:
        return Conflict(_describe(a), _describe(b), (*a.items, *b.items))
    return a if a == b else Conflict(_describe(a), _describe(b))


def _generalize_instances(
    a: ObjectOf,
    b: ObjectOf,
    sizes: Assumptions,
    weak: bool,
    changed: Set[Slots],
    born_before: int,
) -> Pattern:
    names = a.names()
    if a.kind is not b.kind or set(names) != set(b.names()):
        return Conflict(_describe(a), f"another {describe(b)}")
    if a in changed or b in changed:
        return Conflict(_describe(a), f"another of {b.kind.__name__}")
    joined: dict[object, Pattern] = {
        name: generalize(
            a.own(name),
            b.own(name),
            sizes,
            name,
            weak_start=weak,
            changed=changed,
            born_before=born_before,
        )
        for name in names
    }
    return _one_of(_rebuilt(a, joined), a, b)


def _generalize_references(a: Pattern, b: Pattern, sizes: Assumptions, born_before: int) -> Pattern:
    """References to one storage by the same steps stay one; those to two are one of two."""
    both = isinstance(a, ArrayRef) and isinstance(b, ArrayRef)
    if both and a.storage is b.storage and a.steps == b.steps:
        values = tuple(_each(x, y, sizes, False) for x, y in zip(a.values, b.values))
        return ArrayRef(a.storage, a.steps, values)
    pair = _two_references(a, b, born_before)
    if pair is None:
        return Conflict(_describe(a), _describe(b))
    refs = tuple(_alternative(ref, a, b, sizes) for ref in pair)
    if isinstance(a, OneOf) and isinstance(b, OneOf):
        return OneOf(generalize(a.second, b.second, sizes), refs)  # type: ignore[arg-type]
    return OneOf(Carry(BOOL), refs)  # type: ignore[arg-type]


def _references(value: Pattern) -> tuple[ArrayRef, ...]:
    if isinstance(value, OneOf):
        return value.refs
    return (value,) if isinstance(value, ArrayRef) else ()


def _two_references(a: Pattern, b: Pattern, born_before: int) -> list[ArrayRef] | None:
    """The two arrays that a name may be, in the order in which they were made."""
    if not _references(a) or not _references(b):
        return None
    found: dict[int, ArrayRef] = {}
    for ref in (*_references(a), *_references(b)):
        other = found.setdefault(ref.storage.serial, ref)
        if other.steps != ref.steps or ref.storage.serial >= born_before:
            return None
    return [found[serial] for serial in sorted(found)] if len(found) == 2 else None


def _alternative(ref: ArrayRef, a: Pattern, b: Pattern, sizes: Assumptions) -> Pattern:
    """The pattern of one of two references, which only one path may know."""
    known = [found for side in (a, b) if (found := _reference_to(ref, side)) is not None]
    if len(known) == 1:
        return _all_carried(known[0], None)
    first, second = known
    values = tuple(_each(x, y, sizes, False) for x, y in zip(first.values, second.values))
    return ArrayRef(ref.storage, ref.steps, values)


def _reference_to(ref: ArrayRef, value: Pattern) -> ArrayRef | None:
    return next((found for found in _references(value) if found.storage is ref.storage), None)


def _each(
    a: tuple,
    b: tuple,
    sizes: Assumptions,
    weak: bool,
    changed: Set[Slots] = frozenset(),
    born_before: int = 0,
) -> tuple:
    return tuple(
        generalize(x, y, sizes, weak_start=weak, changed=changed, born_before=born_before)
        for x, y in zip(a, b)
    )


def _containers(value: Pattern) -> Iterator[Slots]:
    """The lists, dicts and instances in a value."""
    if isinstance(value, (ListOf, DictOf)):
        yield value
        yield from _containers(value.entries[ITEMS])
    elif isinstance(value, ObjectOf):
        yield value
        for item in value.entries.values():
            yield from _containers(item)
    elif isinstance(value, (TupleOf, Keyed)):
        for item in value.items:
            yield from _containers(item)


def _one_of(made: Slots, *sources: Slots) -> Slots:
    """What stands for one of several containers can be read, until one of them changes."""
    kind = {DictOf: "dict", ListOf: "list"}.get(type(made), "instance")
    made.fixed = f"this {kind} may be one of several, so that it cannot be changed"
    watched = [pair for source in sources for pair in source.watched]
    watched += [(source, _content(source)) for source in sources if not source.watched]
    # Each once: what is one of several again and again would else double every time.
    made.watched = tuple({(id(pair[0]), id(pair[1])): pair for pair in watched}.values())
    return made


def _content(source: Slots) -> Any:
    """What a container holds at this moment: its items, or its attributes by name."""
    return dict(source.entries) if isinstance(source, ObjectOf) else source.entries[ITEMS]


_EMPTY: dict[type, Any] = {ListOf: lambda: ListOf(()), DictOf: lambda: DictOf({})}


def _rebuilt(like: Slots, entries: dict[object, Pattern]) -> Slots:
    """A mutable value of the same kind as `like` with other entries."""
    fresh = ObjectOf(like.kind, {}) if isinstance(like, ObjectOf) else _EMPTY[type(like)]()
    fresh.entries = entries
    fresh.fixed, fresh.watched = like.fixed, like.watched
    return fresh


def _all_carried(value: Pattern, name: str | None) -> Pattern:
    """The pattern of a value that the other path does not have."""
    if isinstance(value, Number):
        return Carry(value.value.type, name or value.value.name)
    if isinstance(value, TupleOf):
        return TupleOf(tuple(_all_carried(item, None) for item in value.items), value.kind)
    if isinstance(value, Keyed):
        return Keyed(value.keys, tuple(_all_carried(item, None) for item in value.items))
    if isinstance(value, OneOf):
        refs = tuple(_all_carried(ref, None) for ref in value.refs)
        return OneOf(_all_carried(value.second, None), refs)  # type: ignore[arg-type]
    if isinstance(value, Either):
        options = tuple(_all_carried(option, name) for option in value.options)
        return Either(_all_carried(value.second, None), options)  # type: ignore[arg-type]
    if isinstance(value, ArrayRef):
        values = tuple(tuple(_all_carried(v, None) for v in row) for row in value.values)
        return ArrayRef(value.storage, value.steps, values)
    if isinstance(value, (ListOf, DictOf, ObjectOf)):
        if isinstance(value, ObjectOf):
            value.names()  # What is read later must have been read before.
        made = _rebuilt(value, {k: _all_carried(v, None) for k, v in value.entries.items()})
        return _one_of(made, value)
    return value


def _describe(value: Pattern) -> str:
    return kind_text(value.type) if isinstance(value, Carry) else describe(value)


def flatten(pattern: Pattern, value: Pattern) -> Iterator[Value]:
    """The graph values that stand in `value` where `pattern` has carries."""
    if isinstance(pattern, Carry):
        yield _as_graph_value(value)
    elif isinstance(pattern, (TupleOf, Keyed)):
        items = value.items if not isinstance(value, Missing) else (value,) * len(pattern.items)
        for inner, item in zip(pattern.items, items):
            yield from flatten(inner, item)
    elif isinstance(pattern, Frozen):
        yield from flatten(pattern.value, value.value if isinstance(value, Frozen) else value)
    elif isinstance(pattern, OneOf):
        yield from flatten(pattern.second, _is_second(value, pattern))
        for ref in pattern.refs:
            yield from flatten(ref, _reference_to(ref, value) or MISSING)
    elif isinstance(pattern, Either):
        yield from _flatten_either(pattern, value)
    elif isinstance(pattern, ArrayRef):
        rows = value.values if isinstance(value, ArrayRef) else pattern.values
        for inner_row, row in zip(pattern.values, rows):
            for inner, item in zip(inner_row, row):
                yield from flatten(inner, item if isinstance(value, ArrayRef) else value)
    elif isinstance(pattern, (ListOf, DictOf, ObjectOf)) and pattern is not value:
        if isinstance(value, Missing) and not any(True for _ in carries(pattern)):
            return
        for key, inner in pattern.entries.items():
            item = value if isinstance(value, Missing) else value.entries[key]
            yield from flatten(inner, item)


def _flatten_either(pattern: Either, value: Pattern) -> Iterator[Value]:
    """Both are in the order of kinds, and the value has some of those of the pattern."""
    first, rest = pattern.options
    if isinstance(value, Missing):
        which, head, tail = value, value, value
    elif isinstance(value, Either) and kind_of(value.options[0]) == kind_of(first):
        which, (head, tail) = value.second, value.options  # type: ignore[assignment]
    elif not isinstance(value, Either) and kind_of(value) == kind_of(first):
        which, head, tail = FALSE, value, MISSING  # type: ignore[assignment]
    else:
        which, head, tail = TRUE, MISSING, value  # type: ignore[assignment]
    yield from flatten(pattern.second, which)
    yield from flatten(first, head)
    yield from flatten(rest, tail)


def _is_second(value: Pattern, pattern: OneOf) -> Pattern:
    """Which of the two a value is, as far as it has a value."""
    if isinstance(value, OneOf):
        return value.second
    if isinstance(value, ArrayRef):
        return Static(value.storage is pattern.refs[1].storage)
    return value


def _as_graph_value(value: Pattern) -> Value:
    if isinstance(value, Number):
        return value.value
    if isinstance(value, Static):
        return as_literal(value)
    return literal(UNDEFINED)


def carries(pattern: Pattern) -> Iterator[Carry]:
    """The carries of a pattern, in the order of `flatten`."""
    if isinstance(pattern, Carry):
        yield pattern
    elif isinstance(pattern, (TupleOf, Keyed)):
        for item in pattern.items:
            yield from carries(item)
    elif isinstance(pattern, Frozen):
        yield from carries(pattern.value)
    elif isinstance(pattern, OneOf):
        yield from carries(pattern.second)
        for ref in pattern.refs:
            yield from carries(ref)
    elif isinstance(pattern, Either):
        yield from carries(pattern.second)
        for option in pattern.options:
            yield from carries(option)
    elif isinstance(pattern, ArrayRef):
        for row in pattern.values:
            for item in row:
                yield from carries(item)
    elif isinstance(pattern, (ListOf, DictOf, ObjectOf)):
        for item in pattern.entries.values():
            yield from carries(item)


def instantiate(pattern: Pattern, values: Iterator[Value]) -> Any:
    """The abstract value with the next values put in place of the carries."""
    if isinstance(pattern, Carry):
        return Number(next(values))
    if isinstance(pattern, TupleOf):
        return TupleOf(tuple(instantiate(i, values) for i in pattern.items), pattern.kind)
    if isinstance(pattern, Keyed):
        return Keyed(pattern.keys, tuple(instantiate(i, values) for i in pattern.items))
    if isinstance(pattern, Frozen):
        return replace(pattern, value=instantiate(pattern.value, values))
    if isinstance(pattern, OneOf):
        second = instantiate(pattern.second, values)
        refs = tuple(instantiate(ref, values) for ref in pattern.refs)
        return OneOf(second, refs)  # type: ignore[arg-type]
    if isinstance(pattern, Either):
        second = instantiate(pattern.second, values)
        options = tuple(instantiate(option, values) for option in pattern.options)
        return Either(second, options)  # type: ignore[arg-type]
    if isinstance(pattern, ArrayRef):
        rows = tuple(tuple(instantiate(i, values) for i in row) for row in pattern.values)
        return ArrayRef(pattern.storage, pattern.steps, rows)
    if isinstance(pattern, (ListOf, DictOf, ObjectOf)) and any(True for _ in carries(pattern)):
        entries = {key: instantiate(item, values) for key, item in pattern.entries.items()}
        return _rebuilt(pattern, entries)
    return pattern


def signature_of(pattern: Any) -> Any:
    """Patterns with equal signatures are the same, whatever objects they are made of."""
    if isinstance(pattern, Carry):
        return pattern.type
    if isinstance(pattern, TupleOf):
        return (pattern.kind, tuple(map(signature_of, pattern.items)))
    if isinstance(pattern, (ListOf, DictOf)):
        return (type(pattern), tuple(map(signature_of, pattern.entries.values())))
    if isinstance(pattern, ObjectOf):
        items = tuple((key, signature_of(item)) for key, item in pattern.entries.items())
        return (pattern.kind, items)
    if hasattr(pattern, "keys") and hasattr(pattern, "items") and not isinstance(pattern, Slots):
        return (pattern.keys, tuple(map(signature_of, pattern.items)))
    if isinstance(pattern, Frozen) and isinstance(pattern.value, Carry):
        return (pattern.value.type, *(id(held) for held, _ in pattern.watched))
    if isinstance(pattern, OneOf):
        return (signature_of(pattern.second), *map(signature_of, pattern.refs))
    if isinstance(pattern, Either):
        return (signature_of(pattern.second), *map(signature_of, pattern.options))
    if isinstance(pattern, ArrayRef):
        rows = tuple(tuple(map(signature_of, row)) for row in pattern.values)
        return (id(pattern.storage), pattern.steps, rows)
    if isinstance(pattern, (Conflict, Growing)):
        return type(pattern)
    if isinstance(pattern, Static):
        return (type(pattern.value), repr(pattern.value))
    return id(pattern) if not isinstance(pattern, Number) else id(pattern.value)
