"""Loops and comprehensions: unrolled over containers of known structure, else one node.

What a loop carries is found by trying: the body is evaluated with a guess of what is carried and of
which types, and again with a wider guess until what comes out of an iteration is what goes in.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from srcgrad.frontend import (
    branching,
    checkpoints,
    generators,
    guarding,
    iterators,
    jumps,
    objects,
    storage,
)
from srcgrad.frontend.abstract import (
    FALSE,
    RETURNED,
    TRUE,
    Abstract,
    Checkpointed,
    Either,
    Frozen,
    GeneratorOf,
    IteratorOf,
    Number,
    ObjectOf,
    Slots,
    Static,
    TupleOf,
    Walk,
)
from srcgrad.frontend.carrying import (
    Attempt,
    Entry,
    Patterns,
    collect_growth,
    ends_of,
    enter,
    find_carried,
    finish,
    first_guess,
    leave,
    new_places,
    note_lists,
    set_grown,
    set_results,
)
from srcgrad.frontend.merging import (
    instantiate,
)
from srcgrad.frontend.walking import (
    Walking,
    arranged,
    as_walked,
    is_dynamic,
    items_of,
    reached,
    split_first,
)
from srcgrad.graph import (
    ListType,
    Literal,
    Region,
    Value,
    literal,
    make_while,
)

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator


UNROLL_LIMIT_ITERATIONS = 10_000


def run_for(ev: Evaluator, statement: ast.For) -> None:
    iterators.refuse_late(ev, statement)
    named = ev.evaluate(statement.iter)
    if isinstance(named, Checkpointed):
        _run_checkpointed(ev, statement, named)
        return
    iterators.refuse_leaving(ev, named, statement)
    given = objects.walked(ev, named, statement.iter)
    with guarding.unremembered(ev):
        if isinstance(given, ObjectOf):
            _run_over_instance(ev, statement, given)
        elif isinstance(given, IteratorOf):
            with iterators.taken(ev, given, statement.iter) as rest:
                _run_over(ev, statement, rest)
        else:
            _run_over(ev, statement, given)


def _run_checkpointed(ev: Evaluator, statement: ast.For, given: Checkpointed) -> None:
    """A loop whose steps an adjoint computes again: the loop's node becomes one over segments."""
    before = set(ev.builder.nodes)
    with guarding.unremembered(ev):
        _run_over(ev, statement, objects.walked(ev, given.part, statement.iter))
    made = (node for node in ev.builder.nodes if node not in before)
    loop = next((node for node in made if node.operation == "for"), None)
    if loop is None:
        ev.refuse(
            statement,
            "the steps of this loop are written out one by one, and none is computed again",
            "Walk a range or an array.",
        )
    checkpoints.segment(ev, loop, given.every, statement)


_ITERATOR = ".iterator"


def _run_over_instance(ev: Evaluator, statement: ast.For, iterator: ObjectOf) -> None:
    """An instance with `__next__` is asked for items until it raises StopIteration."""
    if statement.orelse:
        ev.refuse(
            statement.iter,
            "`else` of a loop over an iterator of the user's is not supported yet",
            "Use a flag: `found = False` before the loop.",
        )
    made: ast.While | None = getattr(statement, "_as_while", None)
    if made is None:
        made = statement._as_while = _asking_while(statement)  # type: ignore[attr-defined]
    ev.trail.set(ev.frame, f"{_ITERATOR}{id(statement)}", iterator)
    ev.run_statement(made)


def _asking_while(statement: ast.For) -> ast.While:
    """`while True: try: target = iterator.__next__() ... except StopIteration: break ...`."""
    held = ast.Name(f"{_ITERATOR}{id(statement)}", ast.Load())
    item = ast.Call(ast.Attribute(held, "__next__", ast.Load()), [], [])
    ask = ast.Assign([statement.target], item, lineno=0)
    ended = ast.ExceptHandler(ast.Name("StopIteration", ast.Load()), None, [ast.Break()])
    guarded = ast.Try([ask], [ended], [], [])
    loop = ast.While(ast.Constant(True), [guarded], [], lineno=0)
    for part in ast.walk(loop):
        if isinstance(part, (ast.expr, ast.stmt, ast.ExceptHandler)):
            ast.copy_location(part, statement.iter)
    loop.body += statement.body
    return loop


def _run_over(ev: Evaluator, statement: ast.For, given: Abstract) -> None:
    key = loop = (id(statement), ev.frame.caller)
    _set_flags(ev, loop)
    if _reads_generator(given):
        _run_over_generator(ev, statement, given, loop)
        return
    iterable = as_walked(ev, given)
    if key in ev.decisions.peeled and key not in ev.decisions.unrolled:
        _run_peeled(ev, statement, iterable, key)
    elif is_dynamic(iterable, key in ev.decisions.unrolled):
        _run_loop_over(ev, statement, iterable, loop)
    else:
        items = items_of(ev, iterable, statement.iter)
        walked = iterators.Walked(ev, iterable, statement.iter)
        _run_unrolled(ev, statement, list(items), loop, walked)
    if isinstance(given, Frozen):
        storage.current(ev, given)  # The loop must not have changed what it walks a view of.
    _run_else(ev, statement.orelse, loop)
    _set_flags(ev, loop)


def _reads_generator(iterable: Abstract) -> bool:
    """Is this a generator, or one that `enumerate` counts?"""
    if isinstance(iterable, Walk) and iterable.kind == "enumerate":
        return _reads_generator(iterable.parts[0])
    return isinstance(iterable, GeneratorOf)


_COUNT = "count"


def _run_over_generator(
    ev: Evaluator, statement: ast.For, iterable: Abstract, loop: object
) -> None:
    """The body runs where the generator yields."""
    counter = Slots()
    if isinstance(iterable, Walk):
        assert iterable.start is not None
        counter.entries[_COUNT] = iterable.start
        (iterable,) = iterable.parts
    assert isinstance(iterable, GeneratorOf)

    def run_body(item: Abstract) -> Abstract:
        _set_flags(ev, loop)
        if RETURNED in ev.frame.entries:
            ev.trail.set(ev.frame, RETURNED, FALSE)
        if counter.entries:
            count = counter.entries[_COUNT]
            item = TupleOf((count, item))
            after = ev.binary(ast.Add(), count, Static(1), statement.iter)
            ev.trail.set(counter, _COUNT, after)
        ev.assign(statement.target, item)
        _run_body(ev, statement.body, loop)
        ev.trail.set(ev.frame, ("continue", loop), FALSE)
        return _stopped(ev, loop)

    generators.consume(ev, iterable, run_body, statement.iter)
    if iterable.never_ends and ev.frame.entries[("break", loop)] == FALSE:
        ev.trail.set(ev.frame, RETURNED, TRUE)
    _run_else(ev, statement.orelse, loop)
    _set_flags(ev, loop)


def _run_loop_over(ev: Evaluator, statement: ast.For, iterable: Abstract, loop: object) -> None:
    """A loop of the graph."""
    walk = Walking(ev, statement.iter)
    target = walk.item(iterable)

    def start(places: Sequence[Value]) -> None:
        item = instantiate(target, arranged(target, places))
        ev.assign(statement.target, reached(ev, item))

    _run_dynamic_for(ev, statement, walk, start, loop)


def run_while(ev: Evaluator, statement: ast.While) -> None:
    with guarding.unremembered(ev):
        _run_while(ev, statement)


def _run_while(ev: Evaluator, statement: ast.While) -> None:
    key = loop = (id(statement), ev.frame.caller)
    _set_flags(ev, loop)
    if _never_runs(ev, statement):
        pass
    elif key in ev.decisions.unrolled:
        _run_unrolled_while(ev, statement, loop, UNROLL_LIMIT_ITERATIONS)
    else:
        _run_dynamic_while(ev, statement, key, loop)
    _run_else(ev, statement.orelse, loop)
    _set_flags(ev, loop)


def _set_flags(ev: Evaluator, loop: object) -> None:
    ev.trail.set(ev.frame, ("break", loop), FALSE)
    ev.trail.set(ev.frame, ("continue", loop), FALSE)


def _run_else(ev: Evaluator, orelse: list[ast.stmt], loop: object) -> None:
    stopped = _stopped(ev, loop)
    if not orelse or stopped == TRUE:
        return
    if stopped == FALSE:
        ev.run_block(orelse)
    else:
        flags = jumps.end_flags(ev, loop)
        jumps.unless_jumped(ev, flags, stopped, lambda: ev.run_block(orelse))


def _run_body(ev: Evaluator, body: list[ast.stmt], loop: object) -> None:
    ev.loops.append(loop)
    try:
        ev.run_block(body)
    finally:
        ev.loops.pop()


def _stopped(ev: Evaluator, loop: object) -> Abstract:
    """Has the loop ended by `break` or `return`?"""
    return jumps.pending(ev, jumps.end_flags(ev, loop))


def _run_peeled(ev: Evaluator, statement: ast.For, iterable: Abstract, loop: object) -> None:
    """The first iteration by itself, because it starts from other kinds of values than the rest."""
    first, rest = split_first(ev, iterable, statement.iter)

    def go_on() -> None:
        _run_loop_over(ev, statement, rest, loop)

    ev.assign(statement.target, first)
    _run_body(ev, statement.body, loop)
    ev.trail.set(ev.frame, ("continue", loop), FALSE)
    stopped = _stopped(ev, loop)
    if stopped == FALSE:
        go_on()
    elif stopped != TRUE:
        jumps.unless_jumped(ev, jumps.end_flags(ev, loop), stopped, go_on)


def _run_unrolled(
    ev: Evaluator,
    statement: ast.For,
    items: list[Abstract],
    loop: object,
    walked: iterators.Walked | None = None,
) -> None:
    for at, item in enumerate(items):
        ev.assign(statement.target, reached(ev, item))
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
                jumps.unless_jumped(
                    ev,
                    jumps.end_flags(ev, loop),
                    stopped,
                    partial(_run_unrolled, ev, statement, rest, loop, walked),
                )
            return


def _run_unrolled_while(ev: Evaluator, statement: ast.While, loop: object, left: int) -> None:
    for _ in range(left):
        goes_on = branching.condition_of(ev, statement.test)
        goes_on = ev.make_static(goes_on, statement.test)
        if not goes_on.value:
            return
        _run_body(ev, statement.body, loop)
        ev.trail.set(ev.frame, ("continue", loop), FALSE)
        stopped = _stopped(ev, loop)
        if stopped == TRUE:
            return
        if stopped != FALSE:
            jumps.unless_jumped(
                ev,
                jumps.end_flags(ev, loop),
                stopped,
                lambda: _run_unrolled_while(ev, statement, loop, left - 1),
            )
            return
    ev.refuse(
        statement,
        f"the loop runs more than {UNROLL_LIMIT_ITERATIONS} times",
        "Make the loop's condition depend on numbers that are known during the call only.",
    )


def _run_dynamic_for(
    ev: Evaluator,
    statement: ast.For,
    walk: Walking,
    start: Callable[[Sequence[Value]], None],
    loop: object,
) -> None:
    key = loop
    places: list[Value] = []

    def attempt(patterns: Patterns) -> Attempt:
        ev.trail.begin()
        with ev.builder.nested() as nodes:
            carried = enter(ev, patterns, key)
            places[:] = new_places(ev, walk, key)
            start(places)
            _set_flags(ev, loop)
            with ev.growing(key):
                _run_body(ev, statement.body, loop)
            stop = _stopped(ev, loop)
            ev.trail.set(ev.frame, ("continue", loop), FALSE)
        return leave(ev, carried, nodes, stop)

    guess = first_guess(ev, statement.body)
    known = isinstance(walk.trips, int)
    patterns, tried = find_carried(ev, guess, attempt, key, walk.runs(), may_unroll=known)
    collect_growth(ev, patterns, tried, statement)
    finish(ev, walk, places, patterns, tried, statement, key)


def _run_dynamic_while(ev: Evaluator, statement: ast.While, key: object, loop: object) -> None:
    test_changes_nothing = True

    def attempt(patterns: Patterns) -> Attempt:
        nonlocal test_changes_nothing
        condition = None
        told_apart = any(isinstance(pattern, Either) for pattern in patterns.values())
        if test_changes_nothing and not told_apart:
            condition = _condition(ev, statement, patterns, key)
            if condition is None:
                test_changes_nothing = False
        ev.trail.begin()
        with ev.builder.nested() as nodes:
            carried = enter(ev, patterns, key)
            _set_flags(ev, loop)
            with ev.growing(key):
                if condition is None:
                    _run_tested_body(ev, statement, loop)
                else:
                    _run_body(ev, statement.body, loop)
            stop = _stopped(ev, loop)
            ev.trail.set(ev.frame, ("continue", loop), FALSE)
        tried = leave(ev, carried, nodes, stop)
        tried.condition = condition or _always(carried)
        return tried

    guess = first_guess(ev, statement.body)
    patterns, tried = find_carried(ev, guess, attempt, key, False)
    collect_growth(ev, patterns, tried, statement)
    initial, yielded, carried, final = ends_of(patterns, tried)
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
    note_lists(ev, (*final, *lists), key)
    set_results(ev, patterns, final)
    set_grown(ev, tried, lists)
    _note_endless(ev, tried, loop)


def _note_endless(ev: Evaluator, tried: Attempt, loop: object) -> None:
    """A `while True` without a `break` ends by a `return`, or never."""
    assert tried.condition is not None
    (goes_on,) = tried.condition.results
    always = isinstance(goes_on, Literal) and goes_on.value is True
    if always and ev.frame.entries[("break", loop)] == FALSE:
        ev.trail.set(ev.frame, RETURNED, TRUE)


def _never_runs(ev: Evaluator, statement: ast.While) -> bool:
    """Is it known now that the condition is false at first (`while stack` of an empty list)?"""
    ev.trail.begin()
    with ev.builder.nested():
        try:
            truth = branching.condition_of(ev, statement.test)
        finally:
            changes = ev.trail.take_back()
    return truth == FALSE and not changes


def _condition(
    ev: Evaluator, statement: ast.While, patterns: Patterns, key: object
) -> Region | None:
    """The region of the test, or None where testing changes variables."""
    ev.trail.begin()
    with ev.builder.nested() as nodes:
        carried = enter(ev, patterns, key)
        ev.trail.begin()
        truth = branching.condition_of(ev, statement.test)
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
    goes_on = branching.condition_of(ev, statement.test)

    def stop() -> None:
        ev.trail.set(ev.frame, ("break", loop), TRUE)

    if isinstance(goes_on, Static):
        if goes_on.value:
            _run_body(ev, statement.body, loop)
        else:
            stop()
        return
    ev.branch(goes_on, lambda: _run_body(ev, statement.body, loop), stop)
