"""Comprehensions: lists of known items, loops that collect, or loops that append."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from srcgrad.frontend import branching, containers, generators, guarding, objects
from srcgrad.frontend.abstract import (
    FALSE,
    ITEMS,
    NONE,
    RETURNED,
    Abstract,
    ArrayRef,
    DictOf,
    Frame,
    GeneratorOf,
    ListOf,
    Number,
    RangeOf,
    Static,
    TupleOf,
    Walk,
)
from srcgrad.frontend.carrying import (
    Attempt,
    Patterns,
    enter,
    find_carried,
    finish,
    leave,
    new_places,
    number_in,
)
from srcgrad.frontend.decisions import NeedsDecision
from srcgrad.frontend.merging import (
    instantiate,
)
from srcgrad.frontend.walking import Walking, arranged, as_walked, is_dynamic, items_of, reached
from srcgrad.graph import (
    Value,
)

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator


def run_comprehension(ev: Evaluator, node: Any) -> Abstract:
    """A list or a dict."""
    return _comprehend(ev, node, _iterable(ev, node.generators[0].iter), ev.frame)


def run_generator_expression(ev: Evaluator, node: ast.GeneratorExp) -> Abstract:
    """Its first iterable is evaluated now, as in Python; all the rest when it is read."""
    outer, first = ev.frame, _iterable(ev, node.generators[0].iter)

    def start(with_each: generators.Consume) -> Abstract:
        with _inside(ev, node, outer) as frame:
            frame.consume = with_each
            frame.entries[RETURNED] = FALSE
            ev.trail.set(frame, _FIRST, first)
            ev.run_block([_as_yielding_loops(node)])
        return NONE

    return generators.make(start, lambda: _comprehend(ev, node, first, outer))


@contextmanager
def _inside(ev: Evaluator, node: Any, outer: Frame) -> Iterator[Frame]:
    """A frame for the variables of a comprehension."""
    names = frozenset(
        part.id
        for generator in node.generators
        for part in ast.walk(generator.target)
        if isinstance(part, ast.Name)
    )
    frame = Frame(outer.source, outer, outer.globals, outer.cells, outer.caller, names)
    frame.is_comprehension = True
    before, loops = ev.frame, ev.loops
    ev.frame, ev.loops = frame, []
    try:
        yield frame
    finally:
        ev.frame, ev.loops = before, loops


def _comprehend(ev: Evaluator, node: Any, first: Abstract, outer: Frame) -> Abstract:
    with _inside(ev, node, outer) as frame, guarding.unremembered(ev):
        if isinstance(first, GeneratorOf) and not isinstance(node, ast.DictComp):
            return _run_as_loops(ev, node, first)
        if isinstance(first, Walk):
            first = as_walked(ev, first)
        key = (id(node), frame.caller)
        dynamic = is_dynamic(first, key in ev.decisions.unrolled)
        if dynamic and _short_static_range(first):
            dynamic = False
        if dynamic and isinstance(node, ast.DictComp):
            # The keys have to be known, and so how many there are.
            known = containers.known_items(ev, first, node.generators[0].iter)
            first, dynamic = TupleOf(known), False
        if dynamic and (len(node.generators) > 1 or node.generators[0].ifs):
            return _run_as_loops(ev, node, first)
        if dynamic:
            return _collect(ev, node, first, key)
        try:
            items = list(_known_results(ev, node, 0, first))
        except _KnownOnlyDuringCall:
            return _run_as_loops(ev, node, first)
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
    for item in items_of(ev, iterable, generator.iter):
        ev.assign(generator.target, reached(ev, item))
        if not _passes(ev, generator.ifs):
            continue
        if depth + 1 < len(node.generators):
            inner = _iterable(ev, node.generators[depth + 1].iter)
            if isinstance(inner, GeneratorOf):
                raise _KnownOnlyDuringCall
            yield from _known_results(ev, node, depth + 1, inner)
        elif isinstance(node, ast.DictComp):
            yield ev.evaluate(node.key), ev.evaluate(node.value)
        else:
            yield ev.evaluate(node.elt)


def _passes(ev: Evaluator, conditions: list[ast.expr]) -> bool:
    for condition in conditions:
        truth = branching.condition_of(ev, condition)
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
    append = ast.Attribute(ast.Name(_LIST, ast.Load()), "append", ast.Load())
    return _loops_around(node, ast.Call(append, [node.elt], []))


def _as_yielding_loops(node: Any) -> ast.stmt:
    return _loops_around(node, ast.Yield(node.elt))


def _loops_around(node: Any, innermost: ast.expr) -> ast.stmt:
    """The loops, made once for each comprehension: loops are known by their syntax."""
    name = f"_as_loops_{type(innermost).__name__}"
    made: ast.stmt | None = getattr(node, name, None)
    if made is not None:
        return made
    made = ast.Expr(innermost)
    for depth in range(len(node.generators) - 1, -1, -1):
        generator = node.generators[depth]
        for condition in reversed(generator.ifs):
            made = ast.If(condition, [made], [])
        iterable = generator.iter if depth else ast.Name(_FIRST, ast.Load())
        made = ast.For(generator.target, iterable, [made], [])
    for part in ast.walk(made):
        if not hasattr(part, "lineno"):
            ast.copy_location(part, node)
    setattr(node, name, made)
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
    walk = Walking(ev, generator.iter)
    target = walk.item(iterable)
    places: list[Value] = []

    def attempt(patterns: Patterns) -> Attempt:
        ev.trail.begin()
        with ev.builder.nested() as nodes:
            carried = enter(ev, patterns, key)
            places[:] = new_places(ev, walk, key)
            item = instantiate(target, arranged(target, places))
            ev.assign(generator.target, reached(ev, item))
            made = ev.evaluate(node.elt)
            if isinstance(made, ArrayRef) and key not in ev.decisions.unrolled:
                raise NeedsDecision({("loop", key)})
            if isinstance(made, ListOf) and isinstance(made.content, Number):
                made = made.content
            collected = number_in(ev, made, node.elt)
        tried = leave(ev, carried, nodes, FALSE)
        tried.ends = {entry: end for entry, end in tried.ends.items() if entry[0] is not ev.frame}
        tried.collected = (collected,)
        return tried

    patterns, tried = find_carried(ev, {}, attempt, key, walk.runs())
    (made,) = finish(ev, walk, places, patterns, tried, node, key)
    collected = ListOf(())
    collected.entries[ITEMS] = Number(made)
    return collected


def _iterable(ev: Evaluator, node: ast.expr) -> Abstract:
    return objects.iterable(ev, ev.evaluate(node), node)
