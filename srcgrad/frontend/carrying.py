"""What a loop carries from iteration to iteration, found by trying.

The body is evaluated with a guess of what is carried and of which types, and again with a wider
guess until what comes out of an iteration is what goes in.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from srcgrad.frontend import containers, freezing
from srcgrad.frontend.abstract import (
    FALSE,
    ITEMS,
    MISSING,
    RETURNED,
    Abstract,
    Conflict,
    DictOf,
    Either,
    Growing,
    Keyed,
    ListOf,
    Number,
    Slots,
    Static,
    TupleOf,
    as_literal,
    describe,
    is_python_number,
)
from srcgrad.frontend.decisions import NeedsDecision
from srcgrad.frontend.kinds import has_two_lengths, kind_of, options_of
from srcgrad.frontend.merging import (
    Carry,
    carries,
    flatten,
    generalize,
    instantiate,
    signature_of,
    variable_name,
)
from srcgrad.frontend.walking import Walking
from srcgrad.graph import (
    ListType,
    Node,
    Region,
    Value,
    is_python_int,
    literal,
    make_for,
    rank_of,
)

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator


FIXED_POINT_LIMIT = 20


Entry = tuple[Slots, object]


@dataclass(slots=True)
class Attempt:
    """One evaluation of a loop's body: what came out of it for a guess of what is carried."""

    nodes: list[Node]
    carried: dict[Entry, tuple[Value, ...]]
    ends: dict[Entry, Abstract]
    stop: Value | None
    collected: tuple[Value, ...] = ()
    condition: Region | None = None
    grown: list[ListOf] = field(default_factory=list)


Patterns = dict[Entry, Any]


def find_carried(
    ev: Evaluator,
    patterns: Patterns,
    attempt: Callable[[Patterns], Attempt],
    key: object,
    runs: bool,
    *,
    may_unroll: bool = False,
) -> tuple[Patterns, Attempt]:
    """Evaluate the body until the patterns of what is carried stay as they are.

    What never does (a linked list that grows) is left to an unrolled loop, if there may be one.
    """
    guess = patterns
    born_before = Slots().serial
    for _ in range(FIXED_POINT_LIMIT):
        tried = attempt(patterns)
        try:
            wider = {
                entry: _wider_pattern(ev, entry, patterns, tried, key, runs, born_before)
                for entry in {**patterns, **tried.ends}
            }
        except _ListMadeDynamic:
            patterns = dict(guess)
            continue
        if _shape_of(wider) == _shape_of(patterns):
            return patterns, tried
        patterns = wider
    if may_unroll:
        raise NeedsDecision({("loop", key)})
    ev.refuse(
        ev.statement,
        "the types of the loop's variables keep changing from iteration to iteration",
        "Give every variable one kind of value in the loop.",
    )


def _wider_pattern(
    ev: Evaluator,
    entry: Entry,
    patterns: Patterns,
    tried: Attempt,
    loop: object,
    runs: bool,
    born_before: int,
) -> Any:
    """The pattern that covers what an entry is before and after an iteration."""
    owner, key = entry
    before = owner.entries.get(key, MISSING)
    known = patterns.get(entry, before)
    end = tried.ends.get(entry, before)
    grows = isinstance(owner, ListOf) and owner.limit is None and _grows(before, end)
    if grows and loop not in ev.decisions.lists:
        assert isinstance(end, (Growing, TupleOf))
        if not _is_number(end.items[0]):
            raise NeedsDecision({("loop", loop)})
        return Growing()
    weak = runs and entry not in patterns
    sizes = ev.builder.assumptions
    changed = {owner for owner, _ in [*patterns, *tried.ends]}
    wider = generalize(
        known,
        end,
        sizes,
        variable_name(key),
        weak_start=weak,
        changed=changed,
        born_before=born_before,
        is_content=key == ITEMS,
    )
    if isinstance(wider, Either) and has_two_lengths(wider):
        wider = Conflict(describe(known), describe(end))  # It would become longer and longer.
    if isinstance(wider, Conflict):
        sides: list[tuple[Any, freezing.Ends]] = [(before, {}), (known, {}), (end, tried.ends)]
        wider = freezing.meeting(sides, sizes, variable_name(key), born_before, loop) or wider
    if isinstance(wider, Conflict) and isinstance(owner, ListOf):
        if isinstance(before, Growing):
            raise NeedsDecision({("list", ev.growing_in[-1])})
        if containers.make_dynamic(ev, owner, _added(end, wider)):
            raise _ListMadeDynamic
    lost = isinstance(wider, Conflict) or _loses_rank(wider, before, end)
    lost |= isinstance(wider, Either) and not _has_kind_of(end, before)
    if lost and runs and loop not in ev.decisions.peeled:
        raise NeedsDecision({("peel", loop)})
    if isinstance(owner, (ListOf, DictOf)) and _has_conflict(wider):
        raise NeedsDecision({("loop", loop)})
    return replace(wider, loop=loop) if isinstance(wider, Conflict) else wider


def _has_kind_of(end: Abstract, before: Abstract) -> bool:
    """May the end of an iteration leave what there was before the loop, if there was anything?"""
    return before == MISSING or not {*map(kind_of, options_of(before))}.isdisjoint(
        map(kind_of, options_of(end))
    )


def _has_conflict(pattern: Any) -> bool:
    """Is there anything in it that iterations disagree about?"""
    inner = pattern.items if isinstance(pattern, (TupleOf, Keyed)) else ()
    return isinstance(pattern, Conflict) or any(map(_has_conflict, inner))


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
    return [(entry, signature_of(pattern)) for entry, pattern in patterns.items()]


def first_guess(ev: Evaluator, body: list[ast.stmt]) -> Patterns:
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


def enter(ev: Evaluator, patterns: Patterns, key: object) -> dict[Entry, tuple[Value, ...]]:
    """Put new parameters where the patterns have carries."""
    carried: dict[Entry, tuple[Value, ...]] = {}
    for (owner, entry), pattern in patterns.items():
        values = tuple(Value(carry.type, variable_name(carry.name)) for carry in carries(pattern))
        carried[owner, entry] = values
        start = freezing.as_met(pattern, owner.entries.get(entry, MISSING), {})
        before = flatten(pattern, start)
        ev.aliases.update((value, (start,)) for value, start in zip(values, before))
        for value in values:
            if is_python_int(value.type):
                ev.sources[value] = ("loop", key)
        ev.trail.set(owner, entry, instantiate(pattern, iter(values)), told=True)
    freezing.watch_from_now(ev, ((*entry, pattern) for entry, pattern in patterns.items()))
    for owner, flag in [(ev.frame, RETURNED), *ev.caught_flags()]:
        ev.trail.set(owner, flag, FALSE)
    return carried


def leave(
    ev: Evaluator, carried: dict[Entry, tuple[Value, ...]], nodes: list[Node], stop: Abstract
) -> Attempt:
    ends = ev.trail.take_back()
    return Attempt(nodes, carried, ends, _stop_value(stop))


def _stop_value(stop: Abstract) -> Value | None:
    if stop == FALSE:
        return None
    return stop.value if isinstance(stop, Number) else literal(True)


def collect_growth(ev: Evaluator, patterns: Patterns, tried: Attempt, statement: ast.stmt) -> None:
    """What the loop appends to lists is collected by the loop itself."""
    for entry in [entry for entry, pattern in patterns.items() if isinstance(pattern, Growing)]:
        owner, _ = entry
        del patterns[entry]
        end = tried.ends.pop(entry)
        assert isinstance(owner, ListOf) and isinstance(end, Growing)
        (item,) = end.items
        tried.collected = (*tried.collected, number_in(ev, item, statement))
        tried.grown.append(owner)


def ends_of(
    patterns: Patterns, tried: Attempt
) -> tuple[list[Value], list[Value], list[Value], list[Value]]:
    """Initial, yielded, carried and final values of a loop, in one order."""
    initial: list[Value] = []
    yielded: list[Value] = []
    carried: list[Value] = []
    final: list[Value] = []
    for (owner, key), pattern in patterns.items():
        before = owner.entries.get(key, MISSING)
        after = tried.ends.get((owner, key), before)
        initial += flatten(pattern, freezing.as_met(pattern, before, {}))
        yielded += flatten(pattern, freezing.as_met(pattern, after, tried.ends))
        carried += tried.carried[owner, key]
        final += [Value(carry.type, variable_name(carry.name)) for carry in carries(pattern)]
    return initial, yielded, carried, final


def note_lists(ev: Evaluator, made: Iterable[Value], key: object) -> None:
    """Lists whose length a loop decides: it is known where the loop is unrolled."""
    for value in made:
        if isinstance(value.type, ListType):
            ev.sources[value] = ("loop", key)


def set_results(ev: Evaluator, patterns: Patterns, final: list[Value]) -> None:
    values = iter(final)
    for (owner, key), pattern in patterns.items():
        ev.trail.set(owner, key, instantiate(pattern, values), told=True)
    freezing.watch_from_now(ev, ((*entry, pattern) for entry, pattern in patterns.items()))


def set_grown(ev: Evaluator, tried: Attempt, lists: tuple[Value, ...]) -> None:
    for owner, made in zip(tried.grown, lists[len(lists) - len(tried.grown) :]):
        containers.name_list(ev, owner, Number(made))
        ev.trail.set(owner, ITEMS, Number(made), told=True)


def number_in(ev: Evaluator, made: Abstract, node: ast.AST) -> Value:
    if isinstance(made, Number):
        return made.value
    if isinstance(made, Static) and type(made.value) in (bool, int, float, complex):
        return as_literal(made)
    ev.refuse(
        node,
        f"a list of unknown length of {describe(made)} is not supported yet",
        "Collect numbers or arrays, each in a list of its own.",
    )


def new_places(ev: Evaluator, walk: Walking, key: object) -> list[Value]:
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


def finish(
    ev: Evaluator,
    walk: Walking,
    places: list[Value],
    patterns: Patterns,
    tried: Attempt,
    statement: ast.stmt | ast.expr,
    key: object,
) -> tuple[Value, ...]:
    """Append the loop's node and let the variables hold its results; returns the lists."""
    initial, yielded, carried, final = ends_of(patterns, tried)
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
    note_lists(ev, (*final, *lists), key)
    set_results(ev, patterns, final)
    set_grown(ev, tried, lists)
    return lists
