"""Classes of `collections` made inside the function: dicts and lists with ways of their own."""

from __future__ import annotations

import collections
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from srcgrad.frontend import containers, effects
from srcgrad.frontend.abstract import (
    ITEMS,
    NONE,
    Abstract,
    DictOf,
    Keyed,
    Keywords,
    ListOf,
    Static,
)

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator


def _ordered_dict(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    return DictOf(containers.pairs_of(ev, args, kwargs, node), collections.OrderedDict)


def _defaultdict(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    items = containers.pairs_of(ev, args[1:], kwargs, node)
    made = DictOf(items, collections.defaultdict)
    factory = args[0] if args else NONE
    made.missing = None if factory == NONE else filling_with(made, factory)
    return made


def filling_with(owner: DictOf, factory: Abstract) -> Callable[..., Abstract]:
    """What `defaultdict` does about a missing key: it makes a value, and keeps it."""

    def fill(ev: Evaluator, key: object, node: Any) -> Abstract:
        value = ev.call(factory, [], {}, node)
        effects.put(ev, owner, effects.step_to(key), value)
        items = {**owner.items, key: value}
        ev.trail.set(owner, ITEMS, Keyed(tuple(items), tuple(items.values())), told=True)
        return value

    return fill


def about_missing(ev: Evaluator, owner: DictOf) -> Callable[..., Abstract] | None:
    """What a dict does about a missing key; None where Python raises a KeyError."""
    reader = ev.captures.reader
    given = reader.given.get(owner.serial)
    if not isinstance(given, collections.defaultdict) or given.default_factory is None:
        return owner.missing
    factory, place = given.default_factory, reader.places[owner.serial]
    reader.guards.require(f"{place}.default_factory is {reader.guards.constant(factory)}")
    return filling_with(owner, ev.captures.read_constant(factory))


def counting_none(ev: Evaluator, key: object, node: Any) -> Abstract:
    """What `Counter` says of a missing key."""
    return Static(0)


def _counter(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    if args and not isinstance(args[0], DictOf):
        keys = [
            ev.make_static(item, node).value for item in containers.known_items(ev, args[0], node)
        ]
        items: dict[object, Abstract] = {
            key: Static(count) for key, count in collections.Counter(keys).items()
        }
    else:
        items = containers.pairs_of(ev, args, kwargs, node)
    made = DictOf(items, collections.Counter)
    made.missing = counting_none
    return made


def _fromkeys(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    """`dict.fromkeys(keys, value)`: one value at all of the keys."""
    keys = [ev.make_static(k, node).value for k in containers.known_items(ev, args[0], node)]
    return DictOf(dict.fromkeys(keys, args[1] if len(args) > 1 else NONE))


def _chain_map(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    """A `ChainMap` as what is found in it, as long as the dicts in it do not change."""
    maps = [item for item in args if isinstance(item, DictOf)]
    if len(maps) < len(args):
        ev.refuse(node, "a `ChainMap` of these is not supported yet", "Merge dicts: `{**b, **a}`.")
    made = DictOf(containers.pairs_of(ev, list(reversed(args)), {}, node), collections.ChainMap)
    made.fixed = "a change of a `ChainMap` changes the first dict in it"
    made.watched = tuple((held, held.entries[ITEMS]) for held in maps)
    return made


def _deque(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    named: Keywords = {**dict(zip(("iterable", "maxlen"), args)), **kwargs}
    given, limit = named.get("iterable", NONE), named.get("maxlen", NONE)
    kept = None if limit == NONE else ev.make_static(limit, node).value
    items = () if given == NONE else containers.known_items(ev, given, node)
    assert kept is None or isinstance(kept, int)
    return ListOf(containers.newest(items, kept), collections.deque, kept)


COLLECTIONS_HANDLERS: dict[Any, Callable[..., Abstract]] = {
    collections.ChainMap: _chain_map,
    dict.fromkeys: _fromkeys,
    collections.Counter: _counter,
    collections.OrderedDict: _ordered_dict,
    collections.defaultdict: _defaultdict,
    collections.deque: _deque,
}
