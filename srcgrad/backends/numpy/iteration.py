"""The header of a `for` statement: what is walked, in which direction, and under which names.

    for i in range(n)      for x in xs      for i, x in enumerate(xs)      for x, y in zip(xs, ys)
    for i in reversed(range(n))     for i in range(n - 1, 0, -1)     for x_t in reversed(x_tape)

Walking several things backwards at once needs to know which is the shortest; where that is not
known before the call, the rows are gathered first.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from srcgrad.analyses import TripCounts
from srcgrad.backends.numpy import trees
from srcgrad.backends.numpy.expressions import Expressions, is_array
from srcgrad.graph import (
    ListType,
    Literal,
    LoopParts,
    Value,
)

_UNUSED = "_"


def for_header(
    parts: LoopParts,
    build: Expressions,
    is_read: Callable[[Value], bool],
    lengths: TripCounts,
) -> tuple[ast.expr, ast.expr]:
    """The target and the iterable."""
    reverse = bool(parts.node.parameters.get("reverse"))
    walked = _worth_walking(parts, is_read, lengths)
    if len(walked) == 1:
        (value,) = walked
        if value is parts.index:
            iterable = _range(parts, build, reverse and is_read(value))
        else:
            iterable = _sequence(_source(parts, value), build, reverse)
        return _target([value], build, is_read), iterable
    same = len({_length(parts, value, lengths) for value in walked}) == 1
    if _counts_from_zero(parts) and walked[0] is parts.index and same and not reverse:
        rest = walked[1:]
        inner = _zip([_sequence(_source(parts, v), build, False) for v in rest])
        pair = _target(rest, build, is_read)
        both = trees.tuple_of([_target([walked[0]], build, is_read), pair], store=True)
        return both, trees.call("enumerate", [inner])
    if reverse and not same:
        backwards = _backwards(parts, walked, build, lengths)
        if backwards is not None:
            return _target(walked, build, is_read), _zip(backwards)
    one_by_one = reverse and same
    iterables = [
        _range(parts, build, one_by_one)
        if value is parts.index
        else _sequence(_source(parts, value), build, one_by_one)
        for value in walked
    ]
    rows = _zip(iterables)
    if reverse and not same:
        rows = trees.call("reversed", [trees.call("list", [rows])])
    return _target(walked, build, is_read), rows


def _backwards(
    parts: LoopParts, walked: list[Value], build: Expressions, lengths: TripCounts
) -> list[ast.expr] | None:
    """What to walk backwards, each as far as the shortest goes, where one is known to be that.

    A tape of a loop that was left early is no longer than what the loop walked.
    """
    every = [_length(parts, value, lengths) for value in walked]
    shortest = lengths.shortest(every)
    tapes = [
        _source(parts, value)
        for value, length in zip(walked, every)
        if value is not parts.index and length == shortest
    ]
    if shortest is None or not tapes:
        return None
    count = trees.call("len", [build.value(tapes[0])])
    found: list[ast.expr] = []
    for value, length in zip(walked, every):
        if value is parts.index:
            if not _counts_from_zero(parts):
                return None
            found.append(trees.call("reversed", [trees.call("range", [count])]))
        elif length == shortest:
            found.append(_sequence(_source(parts, value), build, True))
        else:
            tree = build.value(_source(parts, value))
            found.append(trees.call("reversed", [trees.subscript(tree, slice(None, count))]))
    return found


def _worth_walking(
    parts: LoopParts, is_read: Callable[[Value], bool], lengths: TripCounts
) -> list[Value]:
    """What has to be walked: all that is read, and what decides the number of iterations."""
    every = [*([] if parts.index is None else [parts.index]), *parts.items]
    if len({_length(parts, value, lengths) for value in every}) > 1:
        return every
    read = [value for value in every if is_read(value)]
    return read or every[:1]


def _source(parts: LoopParts, item: Value) -> Value:
    return parts.sequences[parts.items.index(item)]


def _length(parts: LoopParts, walked: Value, lengths: TripCounts) -> object:
    if walked is parts.index:
        return lengths.of_range(parts)
    return lengths.of_sequence(_source(parts, walked))


def _target(values: list[Value], build: Expressions, is_read: Callable[[Value], bool]) -> ast.expr:
    names = [build.names[value] if is_read(value) else _UNUSED for value in values]
    if len(names) == 1:
        return trees.target(names[0])
    return trees.tuple_of([trees.target(text) for text in names], store=True)


def _zip(iterables: list[ast.expr]) -> ast.expr:
    return iterables[0] if len(iterables) == 1 else trees.call("zip", iterables)


def _sequence(source: Value, build: Expressions, reverse: bool) -> ast.expr:
    tree = build.value(source)
    if not reverse:
        return tree
    if isinstance(source.type, ListType) or not is_array(source):
        return trees.call("reversed", [tree])
    return trees.subscript(tree, slice(None, None, -1))


def _range(parts: LoopParts, build: Expressions, reverse: bool) -> ast.expr:
    start, stop, step = parts.range
    unit = _is_number(step, 1)
    first = start.value if isinstance(start, Literal) and isinstance(start.value, int) else None
    if reverse and unit and first:
        last = trees.plain(first - 1)
        top = ast.BinOp(build.value(stop), ast.Sub(), trees.constant(1))
        if isinstance(stop, Literal) and isinstance(stop.value, int):
            top = trees.plain(stop.value - 1)  # type: ignore[assignment]
        return trees.call("range", [top, last, trees.plain(-1)])
    bounds = [build.value(stop)]
    if not (unit and first == 0):
        bounds.insert(0, build.value(start))
    if not unit:
        bounds.append(build.value(step))
    tree = trees.call("range", bounds)
    return trees.call("reversed", [tree]) if reverse else tree


def _counts_from_zero(parts: LoopParts) -> bool:
    return bool(parts.range) and _is_number(parts.range[0], 0) and _is_number(parts.range[2], 1)


def _is_number(value: Value, number: int) -> bool:
    return isinstance(value, Literal) and type(value.value) is int and value.value == number
