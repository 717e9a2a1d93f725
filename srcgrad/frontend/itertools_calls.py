"""`itertools` and `filter` on iterables of known length: Python's own functions arrange the items.

What they yield is made a list at once; `iterators` sees to it that nobody keeps it as an iterator.
Functions and predicates are called on abstract items, and a predicate must be known.
"""

from __future__ import annotations

import ast
import functools
import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from srcgrad.frontend import containers
from srcgrad.frontend.abstract import (
    NONE,
    Abstract,
    Endless,
    IteratorOf,
    Keywords,
    ListOf,
    Static,
    TupleOf,
)

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator

# An iterable that is made by the factor of millions of items is a mistake more often than a wish.
ITEMS_AT_MOST = 100_000

_ONE, _TWO = Static(1), Static(2)


class _Call:
    """One call: its evaluator and the place that errors name."""

    def __init__(self, ev: Evaluator, node: ast.AST) -> None:
        self.ev = ev
        self.node = node

    def items(self, value: Abstract) -> tuple[Abstract, ...]:
        return containers.known_items(self.ev, value, self.node)

    def number(self, value: Abstract) -> Any:
        return self.ev.make_static(value, self.node).value

    def apply(self, function: Abstract, *args: Abstract) -> Abstract:
        return self.ev.call(function, list(args), {}, self.node)

    def holds(self, function: Abstract, item: Abstract) -> bool:
        """What a predicate says of an item; `None` stands for the item's own truth."""
        said = item if function == NONE else self.apply(function, item)
        truth = self.ev.truth(said, self.node)
        if not isinstance(truth, Static):
            self.ev.refuse(
                self.node,
                "which items are taken is known only during the call",
                "Multiply by a condition, use `np.where`, or append in a loop with an `if`.",
            )
        return bool(truth.value)


def _rows(rows: Iterable[tuple[Abstract, ...]]) -> Iterator[Abstract]:
    return map(TupleOf, rows)


def _chain(call: _Call, *parts: Abstract) -> Iterable[Abstract]:
    return itertools.chain(*map(call.items, parts))


def _chain_from_iterable(call: _Call, parts: Abstract) -> Iterable[Abstract]:
    return _chain(call, *call.items(parts))


def _accumulate(
    call: _Call, items: Abstract, func: Abstract = NONE, *, initial: Abstract = NONE
) -> Iterable[Abstract]:
    def join(total: Abstract, item: Abstract) -> Abstract:
        if func == NONE:
            return call.ev.binary(ast.Add(), total, item, call.node)
        return call.apply(func, total, item)

    first = None if initial == NONE else initial
    return itertools.accumulate(call.items(items), join, initial=first)


def _product(call: _Call, *parts: Abstract, repeat: Abstract = _ONE) -> Iterable[Abstract]:
    return _rows(itertools.product(*map(call.items, parts), repeat=call.number(repeat)))


def _arranged(function: Callable[..., Any]) -> Callable[..., Iterable[Abstract]]:
    def arrange(call: _Call, items: Abstract, r: Abstract = NONE) -> Iterable[Abstract]:
        known = call.items(items)
        return _rows(function(known, len(known) if r == NONE else call.number(r)))

    return arrange


def _pairwise(call: _Call, items: Abstract) -> Iterable[Abstract]:
    return _rows(itertools.pairwise(call.items(items)))


def _batched(call: _Call, items: Abstract, n: Abstract) -> Iterable[Abstract]:
    known, size = call.items(items), call.number(n)
    return _rows(known[at : at + size] for at in range(0, len(known), size))


def _zip_longest(call: _Call, *parts: Abstract, fillvalue: Abstract = NONE) -> Iterable[Abstract]:
    return _rows(itertools.zip_longest(*map(call.items, parts), fillvalue=fillvalue))


def _islice(call: _Call, items: Abstract, *bounds: Abstract) -> Iterable[Abstract]:
    at = slice(*map(call.number, bounds))
    if isinstance(items, Endless) and at.stop is not None:
        return [items.item(i) for i in range(*at.indices(at.stop))]
    return call.items(items)[at]


def _starmap(call: _Call, function: Abstract, rows: Abstract) -> Iterable[Abstract]:
    return (call.apply(function, *call.items(row)) for row in call.items(rows))


def _filterfalse(call: _Call, function: Abstract, items: Abstract) -> Iterable[Abstract]:
    return (item for item in call.items(items) if not call.holds(function, item))


def _takewhile(call: _Call, function: Abstract, items: Abstract) -> Iterable[Abstract]:
    found = _first_items(items) if isinstance(items, Endless) else call.items(items)
    return itertools.takewhile(lambda item: call.holds(function, item), found)


def _dropwhile(call: _Call, function: Abstract, items: Abstract) -> Iterable[Abstract]:
    return itertools.dropwhile(lambda item: call.holds(function, item), call.items(items))


def _first_items(endless: Endless) -> Iterator[Abstract]:
    return map(endless.item, range(ITEMS_AT_MOST))


def _compress(call: _Call, items: Abstract, selectors: Abstract) -> Iterable[Abstract]:
    chosen = (call.holds(NONE, item) for item in call.items(selectors))
    return itertools.compress(call.items(items), chosen)


def _groupby(call: _Call, items: Abstract, key: Abstract = NONE) -> Iterable[Abstract]:
    def key_of(item: Abstract) -> Any:
        found = item if key == NONE else call.apply(key, item)
        return containers.to_rule_argument(call.ev, call.ev.make_static(found, call.node))

    groups = itertools.groupby(call.items(items), key_of)
    return (
        TupleOf((Static(name), IteratorOf(TupleOf(tuple(members))))) for name, members in groups
    )


def _tee(call: _Call, items: Abstract, n: Abstract = _TWO) -> Iterable[Abstract]:
    known = call.items(items)
    return (IteratorOf(ListOf(known)) for _ in range(call.number(n)))


def _reading_all(arrange: Callable[..., Iterable[Abstract]]) -> Callable[..., Abstract]:
    """The handler of a call whose items are all made now."""

    def handle(
        ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
    ) -> Abstract:
        items = tuple(itertools.islice(arrange(_Call(ev, node), *args, **kwargs), ITEMS_AT_MOST))
        if len(items) == ITEMS_AT_MOST:
            ev.refuse(
                node,
                f"`{ev.frame.source.text(node)}` yields too many items to write them out",
                "Write a loop over a range.",
            )
        return ListOf(items)

    return handle


def _filter(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    """What the predicate holds of; where that is known during the call, so is the length."""
    predicate, iterable = args
    taken = ListOf(())

    def take(item: Abstract) -> None:
        containers.call_method(ev, taken, "append", [item], node)

    for item in containers.known_items(ev, iterable, node):
        said = item if predicate == NONE else ev.call(predicate, [item], {}, node)
        truth = ev.truth(said, node)
        if not isinstance(truth, Static):
            ev.branch(truth, functools.partial(take, item), lambda: None)
        elif truth.value:
            take(item)
    return taken


def _repeat(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    item, *rest = [*args, *kwargs.values()]
    if not rest:
        return Endless(lambda at: item)
    return ListOf((item,) * max(ev.make_static(rest[0], node).value, 0))  # type: ignore[operator]


def _count(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    given: Keywords = {**dict(zip(("start", "step"), args)), **kwargs}
    start, step = given.get("start", Static(0)), given.get("step", _ONE)
    first, by = ev.make_static(start, node).value, ev.make_static(step, node).value
    return Endless(lambda at: Static(first + at * by))  # type: ignore[operator]


def _cycle(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    items = containers.known_items(ev, args[0], node)
    return Endless(lambda at: items[at % len(items)]) if items else ListOf(())


_ARRANGEMENTS: dict[Any, Callable[..., Iterable[Abstract]]] = {
    itertools.accumulate: _accumulate,
    itertools.chain: _chain,
    itertools.chain.from_iterable: _chain_from_iterable,
    itertools.combinations: _arranged(itertools.combinations),
    itertools.combinations_with_replacement: _arranged(itertools.combinations_with_replacement),
    itertools.compress: _compress,
    itertools.dropwhile: _dropwhile,
    itertools.filterfalse: _filterfalse,
    itertools.groupby: _groupby,
    itertools.islice: _islice,
    itertools.pairwise: _pairwise,
    itertools.permutations: _arranged(itertools.permutations),
    itertools.product: _product,
    itertools.starmap: _starmap,
    itertools.takewhile: _takewhile,
    itertools.tee: _tee,
    itertools.zip_longest: _zip_longest,
}
if hasattr(itertools, "batched"):  # Python 3.12 and later
    _ARRANGEMENTS[itertools.batched] = _batched

ITERTOOLS_HANDLERS: dict[Any, Callable[..., Abstract]] = {
    **{function: _reading_all(arrange) for function, arrange in _ARRANGEMENTS.items()},
    itertools.count: _count,
    itertools.cycle: _cycle,
    itertools.repeat: _repeat,
    filter: _filter,
}
