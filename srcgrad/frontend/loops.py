"""Loops and comprehensions: unrolled over containers of known structure, else one node.

What a loop carries is found by trying: the body is evaluated with a guess of what is carried and of
which types, and again with a wider guess until what comes out of an iteration is what goes in.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from srcgrad.frontend import containers, iterators, storage
from srcgrad.frontend.abstract import (
    FALSE,
    ITEMS,
    MISSING,
    RETURNED,
    TRUE,
    Abstract,
    ArrayRef,
    Conflict,
    DictOf,
    Frame,
    Growing,
    ListOf,
    Number,
    RangeOf,
    Slots,
    Static,
    TupleOf,
    Walk,
    as_literal,
    describe,
    is_python_number,
)
from srcgrad.frontend.decisions import NeedsDecision
from srcgrad.frontend.merging import (
    Carry,
    carries,
    flatten,
    generalize,
    instantiate,
    variable_name,
)
from srcgrad.graph import (
    ArrayType,
    Dim,
    ListType,
    Literal,
    Node,
    Region,
    ScalarType,
    Type,
    Value,
    is_python_int,
    literal,
    make_for,
    make_while,
    rank_of,
    size_of_integer,
    subtract_dims,
)

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator

FIXED_POINT_LIMIT = 20
UNROLL_LIMIT_ITERATIONS = 10_000

Entry = tuple[Slots, object]


# Statements


def run_for(ev: Evaluator, statement: ast.For) -> None:
    iterators.refuse_late(ev, statement)
    iterable = _by_index(ev, ev.evaluate(statement.iter), statement.iter)
    key = loop = (id(statement), ev.frame.caller)
    _set_flags(ev, loop)
    if key in ev.decisions.peeled and key not in ev.decisions.unrolled:
        _run_peeled(ev, statement, iterable, key)
    elif _is_dynamic(iterable, key in ev.decisions.unrolled):
        _run_loop_over(ev, statement, iterable, loop)
    else:
        items = containers.known_items(ev, iterable, statement.iter)
        walked = iterators.Walked(ev, iterable, statement.iter)
        _run_unrolled(ev, statement, list(items), loop, walked)
    _run_else(ev, statement.orelse, loop)
    _set_flags(ev, loop)


def _run_loop_over(ev: Evaluator, statement: ast.For, iterable: Abstract, loop: object) -> None:
    """A loop of the graph."""
    walk = _Walked(ev, statement.iter)
    target = walk.item(iterable)

    def start(values: Iterator[Value]) -> None:
        ev.assign(statement.target, instantiate(target, values))

    _run_dynamic_for(ev, statement, walk, start, loop)


def run_while(ev: Evaluator, statement: ast.While) -> None:
    key = loop = (id(statement), ev.frame.caller)
    _set_flags(ev, loop)
    if key in ev.decisions.unrolled:
        _run_unrolled_while(ev, statement, loop, UNROLL_LIMIT_ITERATIONS)
    else:
        _run_dynamic_while(ev, statement, key, loop)
    _run_else(ev, statement.orelse, loop)
    _set_flags(ev, loop)


def _set_flags(ev: Evaluator, loop: object) -> None:
    ev.trail.set(ev.frame, ("break", loop), FALSE)
    ev.trail.set(ev.frame, ("continue", loop), FALSE)


def _run_else(ev: Evaluator, orelse: list[ast.stmt], loop: object) -> None:
    broke = ev.frame.entries[("break", loop)]
    if not orelse or broke == TRUE:
        return
    if broke == FALSE:
        ev.run_block(orelse)
    else:
        ev.branch(broke, lambda: None, lambda: ev.run_block(orelse))


def _run_body(ev: Evaluator, body: list[ast.stmt], loop: object) -> None:
    ev.loops.append(loop)
    try:
        ev.run_block(body)
    finally:
        ev.loops.pop()


def _stopped(ev: Evaluator, loop: object) -> Abstract:
    """Has the loop ended by `break` or `return`?"""
    return ev.any_of([ev.frame.entries[("break", loop)], ev.frame.entries.get(RETURNED, FALSE)])


# Unrolled loops


def _run_peeled(ev: Evaluator, statement: ast.For, iterable: Abstract, loop: object) -> None:
    """The first iteration by itself, because it starts from other kinds of values than the rest."""
    first, rest = _split(ev, iterable, statement.iter)

    def go_on() -> None:
        _run_loop_over(ev, statement, rest, loop)

    ev.assign(statement.target, first)
    _run_body(ev, statement.body, loop)
    ev.trail.set(ev.frame, ("continue", loop), FALSE)
    stopped = _stopped(ev, loop)
    if stopped == FALSE:
        go_on()
    elif stopped != TRUE:
        ev.unless_jumped([("break", loop), RETURNED], stopped, go_on)


def _split(ev: Evaluator, iterable: Abstract, node: ast.AST) -> tuple[Abstract, Abstract]:
    """The first item of an iterable that has one, and the rest of it."""
    if isinstance(iterable, RangeOf):
        second = ev.binary(ast.Add(), iterable.start, iterable.step, node)
        return iterable.start, RangeOf(second, iterable.stop, iterable.step)
    if isinstance(iterable, Number) and isinstance(iterable.value.type, ArrayType):
        return (
            ev.call_primitive("getitem", (iterable,), {"index": Static(0)}),
            ev.call_primitive("getitem", (iterable,), {"index": Static(slice(1, None))}),
        )
    if isinstance(iterable, Walk) and iterable.kind == "zip":
        pairs = [_split(ev, part, node) for part in iterable.parts]
        rest = Walk("zip", tuple(rest for _, rest in pairs))
        return TupleOf(tuple(first for first, _ in pairs)), rest
    if isinstance(iterable, Walk) and iterable.kind == "enumerate":
        start = iterable.start
        assert isinstance(start, Static) and isinstance(start.value, int)
        first, rest_of_part = _split(ev, iterable.parts[0], node)
        return TupleOf((start, first)), Walk("enumerate", (rest_of_part,), Static(start.value + 1))
    ev.refuse(
        node,
        "the types of the loop's variables change after the first iteration",
        "Give every variable the kind of value before the loop that it has after it.",
    )


def _run_unrolled(
    ev: Evaluator,
    statement: ast.For,
    items: list[Abstract],
    loop: object,
    walked: iterators.Walked | None = None,
) -> None:
    for at, item in enumerate(items):
        ev.assign(statement.target, item)
        _run_body(ev, statement.body, loop)
        if walked is not None:
            walked.refuse_changes(ev, statement.iter, len(items) - at - 1)
        ev.trail.set(ev.frame, ("continue", loop), FALSE)
        stopped = _stopped(ev, loop)
        if stopped == TRUE:
            return
        if stopped != FALSE:
            rest = items[at + 1 :]
            if rest:
                ev.unless_jumped(
                    [("break", loop), RETURNED],
                    stopped,
                    partial(_run_unrolled, ev, statement, rest, loop, walked),
                )
            return


def _run_unrolled_while(ev: Evaluator, statement: ast.While, loop: object, left: int) -> None:
    for _ in range(left):
        goes_on = ev.truth(ev.evaluate(statement.test), statement.test)
        goes_on = ev.make_static(goes_on, statement.test)
        if not goes_on.value:
            return
        _run_body(ev, statement.body, loop)
        ev.trail.set(ev.frame, ("continue", loop), FALSE)
        stopped = _stopped(ev, loop)
        if stopped == TRUE:
            return
        if stopped != FALSE:
            ev.unless_jumped(
                [("break", loop), RETURNED],
                stopped,
                lambda: _run_unrolled_while(ev, statement, loop, left - 1),
            )
            return
    ev.refuse(
        statement,
        f"the loop runs more than {UNROLL_LIMIT_ITERATIONS} times",
        "Make the loop's condition depend on numbers that are known during the call only.",
    )


# What is walked


def _by_index(ev: Evaluator, iterable: Abstract, node: ast.AST) -> Abstract:
    """What is walked; an array that is written in place cannot be walked as it is."""
    if isinstance(iterable, ArrayRef):
        ev.refuse(
            node,
            "walking an array that is changed in place is not supported yet",
            "Walk its indices: `for i in range(len(x))`, and read `x[i]`.",
        )
    return storage.current(ev, iterable)


def _is_dynamic(iterable: Abstract, unrolled: bool) -> bool:
    """Is this walked by a loop of the emitted code?"""
    if unrolled:
        return False
    if isinstance(iterable, RangeOf):
        return True
    if isinstance(iterable, Number):
        return True
    if isinstance(iterable, Walk):
        return all(_is_dynamic(part, False) for part in iterable.parts)
    return False


@dataclass(slots=True)
class _Walked:
    """The range and the sequences that a loop walks, found from its iterable."""

    ev: Evaluator
    node: ast.AST
    range: tuple[Value, ...] = ()
    sequences: list[Value] = field(default_factory=list)
    item_types: list[Type] = field(default_factory=list)
    index_type: ScalarType | None = None
    trips: Dim = None

    def item(self, iterable: Abstract) -> Any:
        """The pattern of one item, whose carries are the index and the items of the sequences."""
        if isinstance(iterable, RangeOf):
            return self._over_range(iterable)
        if isinstance(iterable, Number):
            return self._over_sequence(iterable)
        assert isinstance(iterable, Walk)
        if iterable.kind == "zip":
            return TupleOf(tuple(self.item(part) for part in iterable.parts))
        if iterable.kind == "enumerate":
            return self._enumerated(iterable)
        return self._reversed(iterable.parts[0])

    def _over_range(self, over: RangeOf) -> Any:
        bounds = tuple(self._integer(part) for part in (over.start, over.stop, over.step))
        if self.range:
            self.ev.refuse(
                self.node,
                "a loop over two ranges at once is not supported yet",
                "Walk one range, and compute the other number from it.",
            )
        self.range = bounds
        self.index_type = ScalarType(int)
        self.trips = _trips(bounds)
        return Carry(self.index_type, _INDEX)

    def _integer(self, part: Abstract) -> Value:
        if isinstance(part, Static) and isinstance(part.value, int):
            return as_literal(part)
        if isinstance(part, Number):
            return part.value
        self.ev.reject(self.node, f"{describe(part)} cannot be interpreted as an integer")

    def _over_sequence(self, over: Number) -> Any:
        type_ = over.value.type
        if isinstance(type_, ListType):
            item: Type = type_.element
        elif isinstance(type_, ArrayType) and type_.shape != ():
            item = ArrayType(type_.dtype, None if type_.shape is None else type_.shape[1:])
            if type_.shape is not None and not self.range:
                self.trips = type_.shape[0]
        else:
            self.ev.reject(self.node, f"{describe(over)} cannot be walked")
        self.sequences.append(over.value)
        self.item_types.append(item)
        return Carry(item, f"{_ITEM}{len(self.sequences) - 1}")

    def _enumerated(self, walk: Walk) -> Any:
        start = walk.start
        (inner,) = walk.parts
        first = inner
        while isinstance(first, Walk) and first.kind == "zip" and first.parts:
            first = first.parts[0]
        if not isinstance(first, Number) or self.range:
            self.ev.refuse(
                self.node,
                "`enumerate` of this is not supported yet",
                "Walk the indices: `for i in range(len(x))`, and read `x[i]`.",
            )
        length = self.ev.length(first, self.node)
        assert isinstance(start, Static) and isinstance(start.value, int)
        stop = self.ev.binary(ast.Add(), length, start, self.node) if start.value else length
        index = self._over_range(RangeOf(start, stop, Static(1)))
        return TupleOf((index, self.item(inner)))

    def _reversed(self, inner: Abstract) -> Any:
        if isinstance(inner, Number) and isinstance(inner.value.type, ArrayType):
            index = Static(slice(None, None, -1))
            backwards = self.ev.call_primitive("getitem", (inner,), {"index": index})
            assert isinstance(backwards, Number)
            return self._over_sequence(backwards)
        if isinstance(inner, RangeOf):
            return self._over_range(self._reversed_range(inner))
        self.ev.refuse(
            self.node,
            "`reversed` of this is not supported yet",
            "Walk the indices: `for i in range(n - 1, -1, -1)`.",
        )

    def _reversed_range(self, over: RangeOf) -> RangeOf:
        parts = (over.start, over.stop, over.step)
        known = [part.value for part in parts if isinstance(part, Static)]
        if len(known) == len(parts):
            backwards = range(*known)[::-1]
            return RangeOf(Static(backwards.start), Static(backwards.stop), Static(backwards.step))
        if over.step != Static(1):
            self.ev.refuse(
                self.node,
                "`reversed` of a range with a step is not supported yet",
                "Write the range backwards: `range(stop - 1, start - 1, -1)`.",
            )
        one = Static(1)
        first = self.ev.binary(ast.Sub(), over.stop, one, self.node)
        last = self.ev.binary(ast.Sub(), over.start, one, self.node)
        return RangeOf(first, last, Static(-1))

    def runs(self) -> bool:
        """Does the loop run at least once, as far as known or as the first call shows?"""
        if self.trips is None:
            return False
        return self.ev.builder.assumptions.is_nonnegative(subtract_dims(self.trips, 1)) is True


_INDEX, _ITEM = "index of the loop", "item of the loop "


def _trips(bounds: tuple[Value, ...]) -> Dim:
    start, stop, step = (_known_integer(bound) for bound in bounds)
    if step == 1:
        return subtract_dims(stop, start)
    if step == -1:
        return subtract_dims(start, stop)
    return None


def _known_integer(value: Value) -> Dim:
    if isinstance(value, Literal):
        return value.value  # type: ignore[return-value]
    return size_of_integer(value.type)


# Loops of the graph


@dataclass(slots=True)
class _Attempt:
    """One evaluation of a loop's body: what came out of it for a guess of what is carried."""

    nodes: list[Node]
    carried: dict[Entry, tuple[Value, ...]]
    ends: dict[Entry, Abstract]
    stop: Value | None
    collected: tuple[Value, ...] = ()
    condition: Region | None = None
    grown: list[ListOf] = field(default_factory=list)


Patterns = dict[Entry, Any]


def _find_carried(
    ev: Evaluator,
    patterns: Patterns,
    attempt: Callable[[Patterns], _Attempt],
    key: object,
    runs: bool,
) -> tuple[Patterns, _Attempt]:
    """Evaluate the body until the patterns of what is carried stay as they are."""
    guess = patterns
    for _ in range(FIXED_POINT_LIMIT):
        tried = attempt(patterns)
        try:
            wider = {
                entry: _wider_pattern(ev, entry, patterns, tried, key, runs)
                for entry in {**patterns, **tried.ends}
            }
        except _ListMadeDynamic:
            patterns = dict(guess)
            continue
        if _shape_of(wider) == _shape_of(patterns):
            return patterns, tried
        patterns = wider
    ev.refuse(
        ev.statement,
        "the types of the loop's variables keep changing from iteration to iteration",
        "Give every variable one kind of value in the loop.",
    )


def _wider_pattern(
    ev: Evaluator, entry: Entry, patterns: Patterns, tried: _Attempt, loop: object, runs: bool
) -> Any:
    """The pattern that covers what an entry is before and after an iteration."""
    owner, key = entry
    before = owner.entries.get(key, MISSING)
    known = patterns.get(entry, before)
    end = tried.ends.get(entry, before)
    if isinstance(owner, ListOf) and _grows(before, end) and loop not in ev.decisions.lists:
        assert isinstance(end, (Growing, TupleOf))
        if not _is_number(end.items[0]):
            raise NeedsDecision({("loop", loop)})
        return Growing()
    weak = runs and entry not in patterns
    sizes = ev.builder.assumptions
    changed = {owner for owner, _ in [*patterns, *tried.ends]}
    wider = generalize(known, end, sizes, variable_name(key), weak_start=weak, changed=changed)
    if isinstance(wider, Conflict) and isinstance(owner, ListOf):
        if isinstance(before, Growing):
            raise NeedsDecision({("list", ev.growing_in[-1])})
        if containers.make_dynamic(ev, owner, _added(end, wider)):
            raise _ListMadeDynamic
    lost = isinstance(wider, Conflict) or _loses_rank(wider, before, end)
    if lost and runs and loop not in ev.decisions.peeled:
        raise NeedsDecision({("peel", loop)})
    if isinstance(wider, Conflict) and isinstance(owner, (ListOf, DictOf)):
        raise NeedsDecision({("loop", loop)})
    return replace(wider, loop=loop) if isinstance(wider, Conflict) else wider


class _ListMadeDynamic(Exception):
    """A list has become a list of the graph: the loop is tried again."""


def _added(end: Abstract, conflict: Conflict) -> tuple[Abstract, ...]:
    if isinstance(end, (TupleOf, Growing)):
        return end.items
    if isinstance(end, Number):
        return (end,)
    return end.items if isinstance(end, Conflict) else conflict.items


def _grows(before: Abstract, end: Abstract) -> bool:
    """Does an iteration append one number to a list that was empty before the loop?"""
    if before != TupleOf(()):
        return False
    return isinstance(end, (Growing, TupleOf)) and len(end.items) == 1


def _is_number(value: Abstract) -> bool:
    return isinstance(value, Number) or is_python_number(value)


def _loses_rank(wider: Any, before: Abstract, end: Abstract) -> bool:
    """Is the rank unknown only because the first iteration starts from another kind of number?"""
    if not isinstance(wider, Carry) or rank_of(wider.type) is not None:
        return False
    ends = [side.value.type for side in (before, end) if isinstance(side, Number)]
    return all(rank_of(type_) is not None for type_ in ends)


def _shape_of(patterns: Patterns) -> list[Any]:
    return [(entry, _signature(pattern)) for entry, pattern in patterns.items()]


def _signature(pattern: Any) -> Any:
    """Patterns with equal signatures are the same, whatever objects they are made of."""
    if isinstance(pattern, Carry):
        return pattern.type
    if isinstance(pattern, TupleOf):
        return (pattern.kind, tuple(map(_signature, pattern.items)))
    if isinstance(pattern, (ListOf, DictOf)):
        return (type(pattern), tuple(map(_signature, pattern.entries.values())))
    if hasattr(pattern, "keys") and hasattr(pattern, "items") and not isinstance(pattern, Slots):
        return (pattern.keys, tuple(map(_signature, pattern.items)))
    if isinstance(pattern, ArrayRef):
        rows = tuple(tuple(map(_signature, row)) for row in pattern.values)
        return (id(pattern.storage), pattern.steps, rows)
    if isinstance(pattern, (Conflict, Growing)):
        return type(pattern)
    if isinstance(pattern, Static):
        return (type(pattern.value), repr(pattern.value))
    return id(pattern) if not isinstance(pattern, Number) else id(pattern.value)


def _first_guess(ev: Evaluator, body: list[ast.stmt]) -> Patterns:
    """The numbers that the body assigns to: nearly always what is carried."""
    guess: Patterns = {}
    for name in _stored_names(body):
        held = ev.frame.entries.get(name)
        if isinstance(held, Number):
            guess[ev.frame, name] = Carry(held.value.type, name)
    return guess


def _stored_names(body: list[ast.stmt]) -> list[str]:
    names: dict[str, None] = {}
    for statement in body:
        for part in ast.walk(statement):
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                names.setdefault(part.id)
    return list(names)


def _enter(ev: Evaluator, patterns: Patterns, key: object) -> dict[Entry, tuple[Value, ...]]:
    """Put new parameters where the patterns have carries."""
    carried: dict[Entry, tuple[Value, ...]] = {}
    for (owner, entry), pattern in patterns.items():
        values = tuple(Value(carry.type, variable_name(carry.name)) for carry in carries(pattern))
        carried[owner, entry] = values
        before = flatten(pattern, owner.entries.get(entry, MISSING))
        ev.aliases.update((value, (start,)) for value, start in zip(values, before))
        for value in values:
            if is_python_int(value.type):
                ev.sources[value] = ("loop", key)
        ev.trail.set(owner, entry, instantiate(pattern, iter(values)))
    ev.trail.set(ev.frame, RETURNED, FALSE)
    return carried


def _leave(
    ev: Evaluator, carried: dict[Entry, tuple[Value, ...]], nodes: list[Node], stop: Abstract
) -> _Attempt:
    ends = ev.trail.take_back()
    return _Attempt(nodes, carried, ends, _stop_value(stop))


def _stop_value(stop: Abstract) -> Value | None:
    if stop == FALSE:
        return None
    return stop.value if isinstance(stop, Number) else literal(True)


def _run_dynamic_for(
    ev: Evaluator,
    statement: ast.For,
    walk: _Walked,
    start: Callable[[Iterator[Value]], None],
    loop: object,
) -> None:
    key = loop
    places: list[Value] = []

    def attempt(patterns: Patterns) -> _Attempt:
        ev.trail.begin()
        with ev.builder.nested() as nodes:
            carried = _enter(ev, patterns, key)
            places[:] = _new_places(ev, walk, key)
            start(iter(places))
            _set_flags(ev, loop)
            with ev.growing(key):
                _run_body(ev, statement.body, loop)
            stop = _stopped(ev, loop)
            ev.trail.set(ev.frame, ("continue", loop), FALSE)
        return _leave(ev, carried, nodes, stop)

    guess = _first_guess(ev, statement.body)
    patterns, tried = _find_carried(ev, guess, attempt, key, walk.runs())
    _collect_growth(ev, patterns, tried, statement)
    _finish(ev, walk, places, patterns, tried, statement)


def _new_places(ev: Evaluator, walk: _Walked, key: object) -> list[Value]:
    """The index and the items of one iteration, in the order in which the pattern takes them."""
    places: list[Value] = []
    if walk.index_type is not None:
        index = Value(walk.index_type)
        ev.sources[index] = ("loop", key)
        places.append(index)
    for type_, sequence in zip(walk.item_types, walk.sequences):
        place = Value(type_)
        ev.aliases[place] = (sequence,)
        places.append(place)
    return places


def _finish(
    ev: Evaluator,
    walk: _Walked,
    places: list[Value],
    patterns: Patterns,
    tried: _Attempt,
    statement: ast.stmt | ast.expr,
) -> tuple[Value, ...]:
    """Append the loop's node and let the variables hold its results; returns the lists."""
    initial, yielded, carried, final = _ends_of(patterns, tried)
    first_item = 1 if walk.index_type is not None else 0
    lists = tuple(Value(ListType(value.type)) for value in tried.collected)
    ev.builder.add(
        make_for(
            range=walk.range,
            sequences=tuple(walk.sequences),
            initial=tuple(initial),
            index=places[0] if first_item else None,
            items=tuple(places[first_item:]),
            carried=tuple(carried),
            nodes=tuple(tried.nodes),
            stop=tried.stop,
            yielded=tuple(yielded),
            collected=tried.collected,
            final=tuple(final),
            lists=lists,
            location=ev.builder.location,
            phase=ev.builder.phase,
        )
    )
    _set_results(ev, patterns, final)
    _set_grown(ev, tried, lists)
    return lists


def _set_grown(ev: Evaluator, tried: _Attempt, lists: tuple[Value, ...]) -> None:
    for owner, made in zip(tried.grown, lists[len(lists) - len(tried.grown) :]):
        containers.name_list(ev, owner, Number(made))
        ev.trail.set(owner, ITEMS, Number(made))


def _collect_growth(
    ev: Evaluator, patterns: Patterns, tried: _Attempt, statement: ast.stmt
) -> None:
    """What the loop appends to lists is collected by the loop itself."""
    for entry in [entry for entry, pattern in patterns.items() if isinstance(pattern, Growing)]:
        owner, _ = entry
        del patterns[entry]
        end = tried.ends.pop(entry)
        assert isinstance(owner, ListOf) and isinstance(end, Growing)
        (item,) = end.items
        tried.collected = (*tried.collected, _number_in(ev, item, statement))
        tried.grown.append(owner)


def _ends_of(
    patterns: Patterns, tried: _Attempt
) -> tuple[list[Value], list[Value], list[Value], list[Value]]:
    """Initial, yielded, carried and final values of a loop, in one order."""
    initial: list[Value] = []
    yielded: list[Value] = []
    carried: list[Value] = []
    final: list[Value] = []
    for (owner, key), pattern in patterns.items():
        before = owner.entries.get(key, MISSING)
        initial += flatten(pattern, before)
        yielded += flatten(pattern, tried.ends.get((owner, key), before))
        carried += tried.carried[owner, key]
        final += [Value(carry.type, variable_name(carry.name)) for carry in carries(pattern)]
    return initial, yielded, carried, final


def _set_results(ev: Evaluator, patterns: Patterns, final: list[Value]) -> None:
    values = iter(final)
    for (owner, key), pattern in patterns.items():
        ev.trail.set(owner, key, instantiate(pattern, values))


def _run_dynamic_while(ev: Evaluator, statement: ast.While, key: object, loop: object) -> None:
    test_changes_nothing = True

    def attempt(patterns: Patterns) -> _Attempt:
        nonlocal test_changes_nothing
        condition = None
        if test_changes_nothing:
            condition = _condition(ev, statement, patterns, key)
            if condition is None:
                test_changes_nothing = False
        ev.trail.begin()
        with ev.builder.nested() as nodes:
            carried = _enter(ev, patterns, key)
            _set_flags(ev, loop)
            with ev.growing(key):
                if condition is None:
                    _run_tested_body(ev, statement, loop)
                else:
                    _run_body(ev, statement.body, loop)
            stop = _stopped(ev, loop)
            ev.trail.set(ev.frame, ("continue", loop), FALSE)
        tried = _leave(ev, carried, nodes, stop)
        tried.condition = condition or _always(carried)
        return tried

    guess = _first_guess(ev, statement.body)
    patterns, tried = _find_carried(ev, guess, attempt, key, False)
    _collect_growth(ev, patterns, tried, statement)
    initial, yielded, carried, final = _ends_of(patterns, tried)
    assert tried.condition is not None
    lists = tuple(Value(ListType(value.type)) for value in tried.collected)
    ev.builder.add(
        make_while(
            initial=tuple(initial),
            condition=tried.condition,
            carried=tuple(carried),
            nodes=tuple(tried.nodes),
            stop=tried.stop,
            yielded=tuple(yielded),
            collected=tried.collected,
            final=tuple(final),
            lists=lists,
            location=ev.builder.location,
            phase=ev.builder.phase,
        )
    )
    _set_results(ev, patterns, final)
    _set_grown(ev, tried, lists)
    _note_endless(ev, tried, loop)


def _note_endless(ev: Evaluator, tried: _Attempt, loop: object) -> None:
    """A `while True` without a `break` ends by a `return`, or never."""
    assert tried.condition is not None
    (goes_on,) = tried.condition.results
    always = isinstance(goes_on, Literal) and goes_on.value is True
    if always and ev.frame.entries[("break", loop)] == FALSE:
        ev.trail.set(ev.frame, RETURNED, TRUE)


def _condition(
    ev: Evaluator, statement: ast.While, patterns: Patterns, key: object
) -> Region | None:
    """The region of the test, or None where testing changes variables."""
    ev.trail.begin()
    with ev.builder.nested() as nodes:
        carried = _enter(ev, patterns, key)
        ev.trail.begin()
        truth = ev.truth(ev.evaluate(statement.test), statement.test)
        changes = ev.trail.take_back()
    ev.trail.take_back()
    if changes:
        return None
    result = truth.value if isinstance(truth, Number) else literal(bool(truth.value))  # type: ignore
    parameters = tuple(value for values in carried.values() for value in values)
    return Region(parameters, tuple(nodes), (result,))


def _always(carried: dict[Entry, tuple[Value, ...]]) -> Region:
    """The condition of a loop that tests in its body."""
    parameters = tuple(
        Value(value.type, value.name) for values in carried.values() for value in values
    )
    return Region(parameters, (), (literal(True),))


def _run_tested_body(ev: Evaluator, statement: ast.While, loop: object) -> None:
    goes_on = ev.truth(ev.evaluate(statement.test), statement.test)

    def stop() -> None:
        ev.trail.set(ev.frame, ("break", loop), TRUE)

    if isinstance(goes_on, Static):
        if goes_on.value:
            _run_body(ev, statement.body, loop)
        else:
            stop()
        return
    ev.branch(goes_on, lambda: _run_body(ev, statement.body, loop), stop)


# Comprehensions


def run_comprehension(ev: Evaluator, node: Any) -> Abstract:
    """A list (or, for a generator, what it would yield, made at once) or a dict."""
    outer = ev.frame
    first = ev.evaluate(node.generators[0].iter)
    names = frozenset(
        part.id
        for generator in node.generators
        for part in ast.walk(generator.target)
        if isinstance(part, ast.Name)
    )
    frame = Frame(outer.source, outer, outer.globals, outer.cells, outer.caller, names)
    frame.is_comprehension = True
    ev.frame = frame
    outer_loops, ev.loops = ev.loops, []
    try:
        key = (id(node), frame.caller)
        dynamic = _is_dynamic(first, key in ev.decisions.unrolled)
        if dynamic and _short_static_range(first):
            dynamic = False
        if dynamic and (len(node.generators) > 1 or node.generators[0].ifs):
            return _run_as_loops(ev, node, first)
        if dynamic:
            return _collect(ev, node, first, key)
        try:
            items = list(_known_results(ev, node, 0, first))
        except _KnownOnlyDuringCall:
            return _run_as_loops(ev, node, first)
    finally:
        ev.frame, ev.loops = outer, outer_loops
    if isinstance(node, ast.DictComp):
        return DictOf({ev.make_static(key, node.key).value: value for key, value in items})
    return ListOf(tuple(items))


SHORT_RANGE_ITEMS = 16


def _short_static_range(iterable: Abstract) -> bool:
    """A list made over a short known range has a known length, which is worth more than a loop."""
    if not isinstance(iterable, RangeOf):
        return False
    parts = (iterable.start, iterable.stop, iterable.step)
    if not all(isinstance(part, Static) for part in parts):
        return False
    return len(range(*(part.value for part in parts))) <= SHORT_RANGE_ITEMS  # type: ignore


def _known_results(ev: Evaluator, node: Any, depth: int, iterable: Abstract) -> Iterator[Any]:
    generator = node.generators[depth]
    for item in containers.known_items(ev, iterable, generator.iter):
        ev.assign(generator.target, item)
        if not _passes(ev, generator.ifs):
            continue
        if depth + 1 < len(node.generators):
            inner = ev.evaluate(node.generators[depth + 1].iter)
            yield from _known_results(ev, node, depth + 1, inner)
        elif isinstance(node, ast.DictComp):
            yield ev.evaluate(node.key), ev.evaluate(node.value)
        else:
            yield ev.evaluate(node.elt)


def _passes(ev: Evaluator, conditions: list[ast.expr]) -> bool:
    for condition in conditions:
        truth = ev.truth(ev.evaluate(condition), condition)
        if not isinstance(truth, Static):
            raise _KnownOnlyDuringCall
        if not truth.value:
            return False
    return True


class _KnownOnlyDuringCall(Exception):
    """How many items a comprehension has is known only during the call."""


_LIST, _FIRST = ".list", ".first"


def _run_as_loops(ev: Evaluator, node: Any, first: Abstract) -> Abstract:
    """The comprehension as nested loops that append to a list."""
    if isinstance(node, ast.DictComp):
        ev.refuse(
            node,
            "a dict whose keys are known only during the call is not supported yet",
            "Use keys that are known before the call, or lists.",
        )
    made = ListOf(())
    ev.trail.set(ev.frame, _LIST, made)
    ev.trail.set(ev.frame, _FIRST, first)
    ev.run_block([_as_loops(node)])
    return made


def _as_loops(node: Any) -> ast.stmt:
    """The loops, made once for each comprehension: loops are known by their syntax."""
    made: ast.stmt | None = getattr(node, "_as_loops", None)
    if made is not None:
        return made
    append = ast.Attribute(ast.Name(_LIST, ast.Load()), "append", ast.Load())
    made = ast.Expr(ast.Call(append, [node.elt], []))
    for depth in range(len(node.generators) - 1, -1, -1):
        generator = node.generators[depth]
        for condition in reversed(generator.ifs):
            made = ast.If(condition, [made], [])
        iterable = generator.iter if depth else ast.Name(_FIRST, ast.Load())
        made = ast.For(generator.target, iterable, [made], [])
    for part in ast.walk(made):
        if not hasattr(part, "lineno"):
            ast.copy_location(part, node)
    node._as_loops = made
    return made


def _collect(ev: Evaluator, node: Any, iterable: Abstract, key: object) -> Abstract:
    """A comprehension over something whose length is known only during the call."""
    generator = node.generators[0]
    if isinstance(node, ast.DictComp):
        ev.refuse(
            node,
            "a dict whose keys are known only during the call is not supported yet",
            "Use keys that are known before the call, or lists.",
        )
    walk = _Walked(ev, generator.iter)
    target = walk.item(iterable)
    places: list[Value] = []

    def attempt(patterns: Patterns) -> _Attempt:
        ev.trail.begin()
        with ev.builder.nested() as nodes:
            carried = _enter(ev, patterns, key)
            places[:] = _new_places(ev, walk, key)
            ev.assign(generator.target, instantiate(target, iter(places)))
            made = ev.evaluate(node.elt)
            collected = _number_in(ev, made, node.elt)
        tried = _leave(ev, carried, nodes, FALSE)
        tried.ends = {entry: end for entry, end in tried.ends.items() if entry[0] is not ev.frame}
        tried.collected = (collected,)
        return tried

    patterns, tried = _find_carried(ev, {}, attempt, key, walk.runs())
    (made,) = _finish(ev, walk, places, patterns, tried, node)
    return Number(made)


def _number_in(ev: Evaluator, made: Abstract, node: ast.AST) -> Value:
    if isinstance(made, Number):
        return made.value
    if isinstance(made, Static) and type(made.value) in (bool, int, float, complex):
        return as_literal(made)
    ev.refuse(
        node,
        f"a list of unknown length of {describe(made)} is not supported yet",
        "Collect numbers or arrays, each in a list of its own.",
    )
