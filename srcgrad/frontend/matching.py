"""`match`: which case fits a subject, as far as it can be known, and what its pattern binds.

What a pattern asks of structure (lengths, keys, classes) is known before the call; what it asks of
numbers becomes a condition of the graph, and the case a branch.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from srcgrad.frontend import builtin_calls, containers, storage
from srcgrad.frontend.abstract import (
    FALSE,
    TRUE,
    Abstract,
    DictOf,
    ListOf,
    Number,
    RangeOf,
    Static,
    TupleOf,
    describe,
)
from srcgrad.graph import ListType

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator

Bindings = dict[str, Abstract]


def run_match(ev: Evaluator, statement: ast.Match) -> None:
    _run_cases(ev, ev.evaluate(statement.subject), statement.cases)


def _run_cases(ev: Evaluator, subject: Abstract, cases: Sequence[ast.match_case]) -> None:
    if not cases:
        return
    case, rest = cases[0], cases[1:]
    bound: Bindings = {}
    with ev.builder.at(ev.location(case.pattern)):
        fits = _fits(ev, case.pattern, subject, bound)

    def try_rest() -> None:
        _run_cases(ev, subject, rest)

    def enter() -> None:
        for name, value in bound.items():
            ev.assign(ast.copy_location(ast.Name(name, ast.Store()), case.pattern), value)
        guard = TRUE if case.guard is None else ev.truth(ev.evaluate(case.guard), case.guard)
        _either(ev, guard, lambda: ev.run_block(case.body), try_rest)

    _either(ev, fits, enter, try_rest)


def _either(
    ev: Evaluator, condition: Abstract, then: Callable[[], Any], orelse: Callable[[], Any]
) -> None:
    if isinstance(condition, Static):
        (then if condition.value else orelse)()
    else:
        ev.branch(condition, then, orelse)


def _fits(ev: Evaluator, pattern: ast.pattern, subject: Abstract, bound: Bindings) -> Abstract:
    """Does the pattern fit the subject?  Collects what it binds."""
    match pattern:
        case ast.MatchValue(value):
            same = ev.compare(ast.Eq(), subject, ev.evaluate(value), pattern)
            return ev.truth(same, pattern)
        case ast.MatchSingleton(value):
            return ev.compare(ast.Is(), subject, Static(value), pattern)
        case ast.MatchAs(inner, name):
            fits = TRUE if inner is None else _fits(ev, inner, subject, bound)
            if name is not None and fits != FALSE:
                bound[name] = subject
            return fits
        case ast.MatchOr(alternatives):
            return _fits_one_of(ev, alternatives, subject, bound)
        case ast.MatchSequence(patterns):
            return _fits_sequence(ev, pattern, patterns, subject, bound)
        case ast.MatchMapping():
            return _fits_mapping(ev, pattern, subject, bound)
        case ast.MatchClass():
            return _fits_class(ev, pattern, subject, bound)
    ev.refuse(pattern, "this pattern is not supported yet", "Write it with `if` and `elif`.")


def _all_fit(
    ev: Evaluator, pairs: Sequence[tuple[ast.pattern, Abstract]], bound: Bindings
) -> Abstract:
    """Do all patterns fit their subjects?"""
    result: Abstract = TRUE
    for pattern, subject in pairs:
        fits = _fits(ev, pattern, subject, bound)
        if fits == FALSE:
            return FALSE
        if fits != TRUE:
            both = (result, fits)
            result = fits if result == TRUE else ev.call_primitive("bitwise_and", both)
    return result


def _fits_one_of(
    ev: Evaluator, alternatives: Sequence[ast.pattern], subject: Abstract, bound: Bindings
) -> Abstract:
    """The first alternative that fits, and what that one binds."""
    first, rest = alternatives[0], alternatives[1:]
    by_first: Bindings = {}
    fits = _fits(ev, first, subject, by_first)
    if fits == TRUE or not rest:
        bound.update(by_first)
        return fits
    by_rest: Bindings = {}
    fits_rest = _fits_one_of(ev, rest, subject, by_rest)
    if fits == FALSE or fits_rest == FALSE:
        bound.update(by_rest if fits == FALSE else by_first)
        return fits_rest if fits == FALSE else fits
    for name in by_first:
        bound[name] = ev.choose(fits, by_first[name], by_rest[name], first)
    return TRUE if fits_rest == TRUE else ev.call_primitive("bitwise_or", (fits, fits_rest))


def _fits_sequence(
    ev: Evaluator,
    pattern: ast.pattern,
    patterns: Sequence[ast.pattern],
    subject: Abstract,
    bound: Bindings,
) -> Abstract:
    """Tuples, lists and ranges are sequences; arrays and strings are none to `match`."""
    if not _is_sequence(ev, subject, pattern):
        return FALSE
    items = containers.known_items(ev, subject, pattern)
    stars = [at for at, inner in enumerate(patterns) if isinstance(inner, ast.MatchStar)]
    if not stars:
        fits_length = len(items) == len(patterns)
        return _all_fit(ev, list(zip(patterns, items)), bound) if fits_length else FALSE
    (at,) = stars
    after = len(patterns) - at - 1
    if len(items) < at + after:
        return FALSE
    end = len(items) - after
    pairs = [*zip(patterns[:at], items[:at]), *zip(patterns[at + 1 :], items[end:])]
    fits = _all_fit(ev, pairs, bound)
    name = patterns[at].name  # type: ignore[attr-defined]
    if name is not None:
        bound[name] = ListOf(items[at:end])
    return fits


def _is_sequence(ev: Evaluator, subject: Abstract, node: ast.AST) -> bool:
    subject = storage.current(ev, subject)
    if isinstance(subject, Number) and isinstance(subject.value.type, ListType):
        ev.refuse(
            node,
            f"the length of {describe(subject)} is not known before the call",
            "Test `len(...)` with `if`, and read the items by their indices.",
        )
    if isinstance(subject, Static):
        return isinstance(subject.value, (tuple, range))
    return isinstance(subject, (TupleOf, ListOf, RangeOf))


def _fits_mapping(
    ev: Evaluator, pattern: ast.MatchMapping, subject: Abstract, bound: Bindings
) -> Abstract:
    if not isinstance(subject, DictOf):
        return FALSE
    items = subject.items
    keys = [ev.make_static(ev.evaluate(key), key).value for key in pattern.keys]
    if any(key not in items for key in keys):
        return FALSE
    fits = _all_fit(ev, [(p, items[key]) for p, key in zip(pattern.patterns, keys)], bound)
    if pattern.rest is not None:
        bound[pattern.rest] = DictOf({k: item for k, item in items.items() if k not in keys})
    return fits


# Builtin classes whose single positional pattern is matched against the whole subject: the data
# model's list in "Class patterns" of the language reference.
_MATCHED_WHOLE = (bool, bytearray, bytes, dict, float, frozenset, int, list, set, str, tuple)


def _fits_class(
    ev: Evaluator, pattern: ast.MatchClass, subject: Abstract, bound: Bindings
) -> Abstract:
    kind = ev.make_static(ev.evaluate(pattern.cls), pattern.cls).value
    if not isinstance(kind, type):
        ev.reject(pattern, f"{describe(Static(kind))} is not a class")
    if not issubclass(builtin_calls.kind_of(ev, subject, pattern), kind):
        return FALSE
    if kind in _MATCHED_WHOLE and pattern.patterns:
        return _all_fit(ev, [(pattern.patterns[0], subject)], bound)
    names = [*getattr(kind, "__match_args__", ())[: len(pattern.patterns)], *pattern.kwd_attrs]
    patterns = [*pattern.patterns, *pattern.kwd_patterns]
    if len(names) != len(patterns):
        ev.reject(pattern, f"`{kind.__name__}` takes fewer positional patterns than are given")
    if not all(builtin_calls.has_attribute(ev, subject, name, pattern) for name in names):
        return FALSE
    held = [ev.attribute_of(subject, name, pattern) for name in names]
    return _all_fit(ev, list(zip(patterns, held)), bound)
