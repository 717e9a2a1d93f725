"""Containers of known structure: their items, their methods, their way into NumPy calls."""

from __future__ import annotations

import ast
import collections
import enum
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from srcgrad.errors import UnsupportedError
from srcgrad.frontend import effects, generators, iterators, objects, storage
from srcgrad.frontend.abstract import (
    ITEMS,
    NONE,
    POSITION,
    Abstract,
    ArrayRef,
    DictOf,
    Endless,
    Frozen,
    GeneratorOf,
    Growing,
    IteratorOf,
    Keyed,
    ListOf,
    Number,
    ObjectOf,
    OneOf,
    RangeOf,
    Static,
    TupleOf,
    Unread,
    Walk,
    as_literal,
    describe,
    is_static,
)
from srcgrad.frontend.decisions import NeedsDecision
from srcgrad.frontend.merging import Carry, element_type, variable_name
from srcgrad.graph import ArrayType, ListType, Literal, ScalarType, give_name, subtract_dims
from srcgrad.rules import Symbol, array_from_nested
from srcgrad.rules import call as symbol_call

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator

UNROLL_LIMIT_ITEMS = 2000


def known_items(
    ev: Evaluator, value: Abstract, node: ast.AST, count: int | None = None
) -> tuple[Abstract, ...]:
    """The items of an iterable of known length, or of an array that is to have `count` items."""
    value = objects.iterable(ev, value, node)
    if isinstance(value, GeneratorOf):
        value = generators.as_list(ev, value, node)
    if isinstance(value, IteratorOf):
        return rest_of(ev, value, node)
    items = items_if_known(ev, value)
    if items is not None:
        return items
    if isinstance(value, (ArrayRef, OneOf)):
        whole = known_items(ev, storage.current(ev, value), node, count)
        return tuple(storage.item_of(ev, value, i) for i in range(len(whole)))
    value = storage.current(ev, value)
    if isinstance(value, Number) and isinstance(value.value.type, ArrayType):
        shape = value.value.type.shape
        known = shape[0] if shape else None
        length = known if isinstance(known, int) else count
        if length is None and shape:
            length = _assumed_length(ev, value, shape[0])
        if length is not None and length <= UNROLL_LIMIT_ITEMS:
            return tuple(
                ev.call_primitive("getitem", (value,), {"index": Static(i)}) for i in range(length)
            )
    if isinstance(value, RangeOf):
        bounds = [
            ev.make_static(part, node).value for part in (value.start, value.stop, value.step)
        ]
        return tuple(Static(i) for i in range(*bounds))  # type: ignore[arg-type]
    if isinstance(value, Walk):
        walked = items_if_known(ev, _over_known_items(ev, value, node))
        if walked is not None:
            return walked
    if isinstance(value, ObjectOf):
        ev.refuse(
            node,
            f"how many items {describe(value)} gives is not known before the call",
            "Walk it with a `for` loop, and collect what it gives in a list.",
        )
    ask_for_length(ev, value)
    _reject_number(ev, value, node)
    ev.refuse(
        node,
        f"the number of items of {describe(value)} is not known before the call",
        "Walk it with a loop, or pass a list whose length is known.",
    )


def _over_known_items(ev: Evaluator, walk: Walk, node: ast.AST) -> Walk:
    """The walk with tuples for its parts, where these end."""
    parts = tuple(
        part if isinstance(part, Endless) else TupleOf(known_items(ev, part, node))
        for part in walk.parts
    )
    return replace(walk, parts=parts)


def _reject_number(ev: Evaluator, value: Abstract, node: ast.AST) -> None:
    type_ = value.value.type if isinstance(value, Number) else None
    is_known = isinstance(value, Static) and type(value.value) in (bool, int, float, complex)
    is_scalar = isinstance(type_, ScalarType)
    if is_known or is_scalar or (isinstance(type_, ArrayType) and type_.shape == ()):
        ev.reject(node, f"{describe(value)} is not iterable", raises=TypeError)


def rest_of(ev: Evaluator, iterator: IteratorOf, node: ast.AST) -> tuple[Abstract, ...]:
    """All that an iterator has not given yet; it has nothing left after that."""
    at = iterators.place_in(ev, iterator, node)
    if at is None:
        return ()
    items = known_items(ev, iterator.source, node)
    ev.trail.set(iterator, POSITION, Static(len(items)))
    return items[at:]


def from_known(value: object) -> Abstract:
    """A new object that a pure function made of known ones: its lists and dicts can be changed."""
    if type(value) is list:
        return ListOf(tuple(map(from_known, value)))
    if type(value) is dict:
        return DictOf({key: from_known(item) for key, item in value.items()})
    if type(value) is tuple and any(isinstance(item, (list, dict, tuple)) for item in value):
        return TupleOf(tuple(map(from_known, value)))
    return Static(value)


def ask_for_length(ev: Evaluator, value: Abstract) -> None:
    """Start again with the loops that make a list unrolled, if that has not been tried."""
    if isinstance(value, Walk):
        for part in value.parts:
            ask_for_length(ev, storage.current(ev, part))
    if not isinstance(value, Number):
        return
    wanted = ev.decisions.sources_of(value.value, ev)
    if not all(ev.decisions.has_taken(decision) for decision in wanted):
        raise NeedsDecision(wanted)


def _assumed_length(ev: Evaluator, value: Number, dim: Any) -> int | None:
    """The length of an array in the first call, which becomes a guard."""
    sizes = ev.builder.assumptions
    hint = sizes.hint(dim)
    return hint if sizes.assume_equal(dim, hint) else None


def items_if_known(ev: Evaluator, value: Abstract) -> tuple[Abstract, ...] | None:
    """The items of an iterable whose length is known, else None."""
    value = storage.current(ev, value) if isinstance(value, ListOf) else value
    if isinstance(value, (TupleOf, ListOf)):
        return value.items
    if isinstance(value, DictOf):
        return tuple(Static(key) for key in value.items)
    if isinstance(value, RangeOf):
        bounds = (value.start, value.stop, value.step)
        if all(isinstance(part, Static) for part in bounds):
            return tuple(Static(i) for i in range(*(part.value for part in bounds)))  # type: ignore
        return None
    if isinstance(value, Static) and isinstance(value.value, (str, tuple, range, frozenset, set)):
        return tuple(Static(item) for item in value.value)
    if isinstance(value, Static) and isinstance(value.value, enum.EnumMeta):
        return tuple(map(Static, value.value))
    if isinstance(value, Walk):
        return _walked_items(ev, value)
    return None


def _walked_items(ev: Evaluator, walk: Walk) -> tuple[Abstract, ...] | None:
    parts = _columns(ev, walk)
    known = [items for items in parts if items is not None]
    if not known:
        return None
    if walk.kind == "zip":
        length = min(map(len, known))
        columns = [
            items if items is not None else _first_items(ev, part, length)
            for items, part in zip(parts, walk.parts)
        ]
        if any(column is None for column in columns):
            return None
        return tuple(TupleOf(row) for row in zip(*columns))  # type: ignore[arg-type]
    if walk.kind == "reversed":
        return tuple(reversed(known[0]))
    start = walk.start
    assert isinstance(start, Static)
    return tuple(
        TupleOf((Static(start.value + i), item))
        for i, item in enumerate(known[0])  # type: ignore
    )


def _columns(ev: Evaluator, walk: Walk) -> list[tuple[Abstract, ...] | None]:
    """The items of what is walked; those without an end go as far as the shortest of the others."""
    parts = [items_if_known(ev, part) for part in walk.parts]
    if walk.kind != "zip" or not any(isinstance(part, Endless) for part in walk.parts):
        return parts
    known = [len(items) for items in parts if items is not None]
    return [
        tuple(map(part.item, range(min(known)))) if isinstance(part, Endless) and known else items
        for items, part in zip(parts, walk.parts)
    ]


def _first_items(ev: Evaluator, value: Abstract, length: int) -> tuple[Abstract, ...] | None:
    """The first items of an array that is walked beside a container of known length."""
    if isinstance(value, RangeOf):
        return None
    if not isinstance(value, Number) or not isinstance(value.value.type, ArrayType):
        return None
    shape = value.value.type.shape
    if not shape or not ev.builder.assumptions.is_nonnegative(subtract_dims(shape[0], length)):
        return None
    return tuple(
        ev.call_primitive("getitem", (value,), {"index": Static(i)}) for i in range(length)
    )


# Into NumPy calls


class WrittenFloat(float):
    """A float that remembers how the user wrote it (`np.pi / 2`), on its way to a literal."""

    expression: str


def to_rule_argument(ev: Evaluator, value: Abstract) -> Any:
    """A plain Python object in which every graph value is a symbol."""
    value = storage.current(ev, value)
    if isinstance(value, Number):
        if isinstance(value.value, Literal):
            return value.value.value
        return ev.symbol(value.value)
    if isinstance(value, Static):
        if value.expression is not None and isinstance(value.value, float):
            written = WrittenFloat(value.value)
            written.expression = value.expression
            return written
        if isinstance(value.value, enum.Enum) and isinstance(value.value, (int, float)):
            # A member that is a number counts as that number.
            return value.value.value
        return value.value
    if isinstance(value, TupleOf):
        return tuple(to_rule_argument(ev, item) for item in value.items)
    if isinstance(value, ListOf):
        return [to_rule_argument(ev, item) for item in value.items]
    if isinstance(value, DictOf):
        return {key: to_rule_argument(ev, item) for key, item in value.items.items()}
    items = items_if_known(ev, value)
    if items is not None:
        return [to_rule_argument(ev, item) for item in items]
    if isinstance(value, RangeOf):
        bounds = (value.start, value.stop, value.step)
        return to_rule_argument(ev, ev.call_primitive(np.arange, bounds))
    raise UnsupportedError(
        f"{describe(value)} cannot be an argument here",
        remedy="Make a tuple or a list of it, or an array.",
    )


def as_operand(ev: Evaluator, item: Any, *, takes_arrays: bool = False) -> Any:
    """An operand as `apply` takes it: written floats become literals with their text.

    What `takes_arrays` makes arrays of lists whose length is known only during the call.
    """
    if isinstance(item, WrittenFloat):
        return as_literal(Static(float(item), item.expression))
    if takes_arrays and isinstance(item, Symbol) and isinstance(item.type, ListType):
        return symbol_call("stack_list", item)
    if isinstance(item, (tuple, list)) and not isinstance(item, Symbol):
        return as_array(ev, item)
    return item


def as_array(ev: Evaluator, nested: Any, dtype: Any = None) -> Symbol:
    """An array made of a nested list of numbers that is given where NumPy takes an array."""
    return array_from_nested(ev.builder, [_as_item(ev, item) for item in nested], dtype)


def _as_item(ev: Evaluator, item: Any) -> Any:
    if isinstance(item, (tuple, list)) and not isinstance(item, Symbol):
        return [_as_item(ev, inner) for inner in item]
    return as_operand(ev, item)


def pairs_of(
    ev: Evaluator, args: list[Abstract], kwargs: Mapping[str, Abstract], node: ast.AST
) -> dict[object, Abstract]:
    """The items of `dict(...)`: of a dict, or of pairs, and those given by name."""
    items: dict[object, Abstract] = {}
    for given in args:
        if isinstance(given, DictOf):
            items.update(given.items)
            continue
        for pair in known_items(ev, given, node):
            key, value = known_items(ev, pair, node)
            items[ev.make_static(key, node).value] = value
    items.update(kwargs.items())
    return items


def newest(items: tuple[Abstract, ...], limit: int | None) -> tuple[Abstract, ...]:
    """What a `deque` of limited length keeps."""
    return items if limit is None else items[max(len(items) - limit, 0) :]


# Methods of containers


def call_method(
    ev: Evaluator, owner: Any, name: str, args: list[Abstract], node: ast.AST
) -> Abstract:
    """A method of a list, dict or tuple of known structure."""
    if isinstance(owner, ListOf):
        return _list_method(ev, owner, name, args, node)
    if isinstance(owner, DictOf):
        return _dict_method(ev, owner, name, args, node)
    if isinstance(owner, TupleOf):
        if name == "_replace":
            ev.reject(node, "`_replace` needs keyword arguments")
        if is_static(owner) and all(map(is_static, args)):
            plain = tuple(item.value for item in owner.items)  # type: ignore[union-attr]
            return Static(getattr(plain, name)(*(a.value for a in args)))  # type: ignore[union-attr]
    ev.refuse(
        node,
        f"the method `{name}` of {describe(owner)} is not supported yet",
        "Do it outside the function, and pass the result as an argument.",
    )


def _list_method(
    ev: Evaluator, owner: ListOf, name: str, args: list[Abstract], node: ast.AST
) -> Abstract:
    if name == "append" and _appends_unread(ev, owner):
        effects.call_method(ev, owner, name, args)
        return NONE
    content = owner.content
    if name in ("pop", "popleft") and _varies_in_loop(ev, owner):
        make_dynamic(ev, owner, ())
        content = owner.content
    if isinstance(content, Growing) and name == "append":
        effects.call_method(ev, owner, name, args)
        ev.trail.set(owner, ITEMS, Growing((*content.items, args[0])), told=True)
        return NONE
    if isinstance(content, (Growing, Number)) and name == "append":
        _refuse_reference(ev, args[0], node)
    if isinstance(content, Number) and name == "append":
        effects.call_method(ev, owner, name, args)
        longer = ev.call_primitive("list_append", (content, args[0]))
        name_list(ev, owner, longer)
        ev.trail.set(owner, ITEMS, longer, told=True)
        return NONE
    if not isinstance(content, TupleOf):
        changed = _change_unknown(ev, owner, name, args)
        if changed is not None:
            return changed
        ask_for_length(ev, content)
        _ask_to_unroll(ev, content)
        ev.refuse(
            node,
            f"`{name}` of a list of unknown length is not supported yet",
            "Collect with `append`, and work with `np.stack(items)` after the loop.",
        )
    items = list(owner.items)
    result: Abstract = NONE
    if owner.kind is not list:
        known = _deque_method(ev, owner, name, args, node)
        if known is not None:
            return known
    if name == "append":
        items.append(args[0])
    elif name == "extend":
        added = known_items(ev, args[0], node)
        items += added
        args = [ListOf(added)]
    elif name == "insert":
        items.insert(ev.make_static(args[0], node).value, args[1])  # type: ignore[arg-type]
    elif name == "pop":
        at = ev.make_static(args[0], node).value if args else -1
        args = [Static(at)] if args else []
        if not items:
            _ask_for_unknown_length(ev)
            ev.reject(node, "pop from an empty list")
        result = items.pop(at)  # type: ignore[arg-type]
    elif name == "reverse":
        items.reverse()
    elif name == "clear":
        items.clear()
    elif name == "copy":
        return ListOf(tuple(items), owner.kind, owner.limit)
    elif name == "index" and len(args) == 1:
        return Static(_place_of(ev, items, args[0], node))
    elif name == "count":
        return Static(sum(_is_known_equal(ev, item, args[0], node) for item in items))
    elif name == "remove":
        del items[_place_of(ev, items, args[0], node)]
    else:
        ev.refuse(node, f"the method `{name}` of a list is not supported yet", "Build a new list.")
    effects.call_method(ev, owner, name, args)
    ev.trail.set(owner, ITEMS, TupleOf(tuple(items)), told=True)
    if name == "append":
        effects.settle_item(ev, owner, len(items) - 1, args[0])
    return result


def _ask_to_unroll(ev: Evaluator, content: Abstract) -> None:
    """Start again with the loop written out in which a list grows, if that has not been tried."""
    in_loop = isinstance(content, (Growing, Number)) and ev.loops
    if in_loop and ev.loops[-1] not in ev.decisions.unrolled:
        raise NeedsDecision({("loop", ev.loops[-1])})


def _ask_for_unknown_length(ev: Evaluator) -> None:
    """A list that is too short in what is known of a loop may be longer in its iterations."""
    if ev.growing_in and ev.growing_in[-1] not in ev.decisions.varying:
        raise NeedsDecision({("varying", ev.growing_in[-1])})


def _varies_in_loop(ev: Evaluator, owner: ListOf) -> bool:
    """Is the length of this list another one in each iteration of the loop that takes from it?"""
    is_told = bool(ev.growing_in) and ev.growing_in[-1] in ev.decisions.varying
    return is_told and isinstance(owner.content, TupleOf) and bool(owner.items)


def _change_unknown(
    ev: Evaluator, owner: ListOf, name: str, args: list[Abstract]
) -> Abstract | None:
    """What takes from or adds to a list of unknown length; None for other methods."""
    content = storage.current(ev, owner)
    if owner.serial in ev.captures.reader.places:
        return None
    at = -1 if not args else args[0].value if isinstance(args[0], Static) else None
    place = 0 if name == "popleft" else at
    result: Abstract = NONE
    if name in ("pop", "popleft") and type(place) is int and place in (0, -1):
        both = ev.call_primitive("list_pop", (content,), {"at": Static(place)})
        assert isinstance(both, TupleOf)
        result, content = both.items
    elif name == "appendleft" and owner.limit is None:
        content = ev.call_primitive("list_insert", (content, args[0]))
    elif name == "insert" and args[0] == Static(0):
        content = ev.call_primitive("list_insert", (content, args[1]))
    elif name == "copy":
        result = ListOf((), owner.kind, owner.limit)
        ev.trail.set(result, ITEMS, content)
        return result
    else:
        return None
    name_list(ev, owner, content)
    ev.trail.set(owner, ITEMS, content, told=True)
    return result


def _appends_unread(ev: Evaluator, owner: ListOf) -> bool:
    """Is this a list of the caller's of which nothing has to be known?"""
    if isinstance(owner.entries[ITEMS], Unread):
        return True
    place = ev.captures.reader.places.get(owner.serial)
    if place is not None and place not in ev.decisions.appended:
        raise NeedsDecision({("append", place)})
    return False


def _deque_method(
    ev: Evaluator, owner: ListOf, name: str, args: list[Abstract], node: ast.AST
) -> Abstract | None:
    """What a `deque` does that a list does not, or in another way; None for the rest."""
    items, limit = owner.items, owner.limit
    result: Abstract = NONE
    if name == "append":
        items = newest((*items, args[0]), limit)
    elif name == "appendleft":
        items = (args[0], *items)[:limit]
    elif name == "extend":
        items = newest((*items, *known_items(ev, args[0], node)), limit)
    elif name == "extendleft":
        items = (*reversed(known_items(ev, args[0], node)), *items)[:limit]
    elif name == "popleft":
        if not items:
            ev.reject(node, "pop from an empty deque")
        result, *rest = items
        items = tuple(rest)
    elif name == "rotate":
        by = ev.make_static(args[0], node).value if args else 1
        assert isinstance(by, int)
        at = -by % len(items) if items else 0
        items = items[at:] + items[:at]
    else:
        return None
    ev.trail.set(owner, ITEMS, TupleOf(items))
    return result


def _place_of(ev: Evaluator, items: list[Abstract], wanted: Abstract, node: ast.AST) -> int:
    for at, item in enumerate(items):
        if _is_known_equal(ev, item, wanted, node):
            return at
    ev.reject(node, f"{describe(wanted)} is not in the list")


def _is_known_equal(ev: Evaluator, a: Abstract, b: Abstract, node: ast.AST) -> bool:
    if a is b:
        return True
    same = ev.truth(ev.compare(ast.Eq(), a, b, node), node)
    if not isinstance(same, Static):
        ev.refuse(
            node,
            "which item equals the one that is looked for is known only during the call",
            "Use `np.argmax`, `np.argmin` or a mask on an array.",
        )
    return bool(same.value)


def update_list(
    ev: Evaluator, owner: ListOf, op: ast.operator, value: Abstract, node: ast.AST
) -> None:
    """`owner += value` and `owner *= value`, which change the list itself."""
    if isinstance(op, ast.Add):
        for item in known_items(ev, value, node):
            _list_method(ev, owner, "append", [item], node)
        return
    count = ev.make_static(value, node).value if isinstance(op, ast.Mult) else None
    if not isinstance(count, int) or not isinstance(owner.content, TupleOf):
        ev.refuse(
            node,
            "this operator on a list is not supported",
            "Use `+`, `*` or the methods of lists.",
        )
    effects.call_method(ev, owner, "__imul__", [Static(count)])
    ev.trail.set(owner, ITEMS, TupleOf(owner.items * count), told=True)


def _refuse_reference(ev: Evaluator, item: Abstract, node: ast.AST) -> None:
    """A list of the graph holds arrays as they are; one that is written would change in it."""
    if isinstance(item, (ArrayRef, OneOf, Frozen)):
        if ev.growing_in and ev.growing_in[-1] not in ev.decisions.unrolled:
            raise NeedsDecision({("loop", ev.growing_in[-1])})
        ev.refuse(
            node,
            "an array that is changed in place is put into a list of unknown length",
            "Append a copy: `items.append(x.copy())`.",
        )


def make_dynamic(ev: Evaluator, owner: ListOf, items: tuple[Abstract, ...]) -> bool:
    """Make a list of the graph of a list that holds `items` among others; False if it cannot be."""
    content = owner.content
    if not isinstance(content, TupleOf) or owner.limit is not None:
        return False
    if any(isinstance(item, (ArrayRef, OneOf, Frozen)) for item in (*content.items, *items)):
        return False
    settled = [storage.current(ev, item) for item in (*content.items, *items)]
    element = element_type(tuple(map(_item_of_list, settled)), ev.builder.assumptions)
    if element is None:
        return False
    made = ev.call_primitive("list_of", content.items, {"element": Static(element)})
    name_list(ev, owner, made)
    ev.trail.set(owner, ITEMS, made, told=True)
    return True


def name_list(ev: Evaluator, owner: ListOf, made: Abstract) -> None:
    """Call a list of the graph what the user calls the list."""
    for name, held in ev.frame.entries.items():
        if held is owner and isinstance(made, Number) and variable_name(name):
            give_name(made.value, str(name))


def _item_of_list(item: Abstract) -> Any:
    """An item of a list of the graph in place of the list; anything else as it is."""
    if isinstance(item, Number) and isinstance(item.value.type, ListType):
        return Carry(item.value.type.element)
    return item


def _dict_method(
    ev: Evaluator, owner: DictOf, name: str, args: list[Abstract], node: ast.AST
) -> Abstract:
    items = owner.items
    if name == "items":
        return TupleOf(tuple(TupleOf((Static(k), v)) for k, v in items.items()))
    if name == "keys":
        return TupleOf(tuple(map(Static, items)))
    if name == "values":
        return TupleOf(tuple(items.values()))
    if name == "copy":
        made = DictOf(items, owner.kind)
        made.missing = owner.missing
        return made
    if name == "popitem" and items:
        last = next(iter(items)) if args and args[0] == Static(False) else next(reversed(items))
        pair = TupleOf((Static(last), items.pop(last)))
        ev.trail.set(owner, ITEMS, Keyed(tuple(items), tuple(items.values())))
        return pair
    if name == "move_to_end" and len(args) < 2:
        key = ev.make_static(args[0], node).value
        items[key] = items.pop(key)
        ev.trail.set(owner, ITEMS, Keyed(tuple(items), tuple(items.values())))
        return NONE
    if name == "most_common" and all(map(is_static, items.values())):
        counts = sorted(items.items(), key=lambda pair: pair[1].value, reverse=True)  # type: ignore
        count = ev.make_static(args[0], node).value if args else None
        return ListOf(tuple(TupleOf((Static(k), v)) for k, v in counts)[:count])  # type: ignore
    if name in ("get", "pop", "setdefault"):
        key = ev.make_static(args[0], node).value
        default = args[1] if len(args) > 1 else NONE
        found = items.get(key, default)
        if name == "pop":
            if key not in items and len(args) < 2:
                ev.reject(node, f"the dict has no key {key!r}")
            if key in items:
                effects.call_method(ev, owner, name, [Static(key)])
            items.pop(key, None)
            ev.trail.set(owner, ITEMS, Keyed(tuple(items), tuple(items.values())), told=True)
        if name == "setdefault" and key not in items:
            items[key] = default
            effects.put(ev, owner, effects.step_to(key), default)
            ev.trail.set(owner, ITEMS, Keyed(tuple(items), tuple(items.values())), told=True)
        return found
    if name == "update" and owner.kind is not collections.Counter:
        given = pairs_of(ev, args, {}, node)
        if owner.instance is not None:
            for key, item in given.items():
                objects.store(ev, owner.instance, str(key), item, node)
            return NONE
        items.update(given)
        for key, item in given.items():
            effects.put(ev, owner, effects.step_to(key), item)
        ev.trail.set(owner, ITEMS, Keyed(tuple(items), tuple(items.values())), told=True)
        return NONE
    if name == "clear":
        effects.call_method(ev, owner, name, [])
        ev.trail.set(owner, ITEMS, Keyed((), ()), told=True)
        return NONE
    ev.refuse(node, f"the method `{name}` of a dict is not supported yet", "Build a new dict.")
