"""Things of unlike kinds by path: `None` or an array, one function or another, a list or a tuple.

Where two paths leave such things under one name, it is an `Either`.  On a path whose condition
tells which it is (`if state is None:`), it is just that; an expression or statement that needs to
know it is evaluated for each of them, in a branch.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from srcgrad.errors import ArgumentError, SrcgradError, UndefinedError, UnsupportedError
from srcgrad.frontend.abstract import (
    NONE,
    Abstract,
    Either,
    Number,
    Slots,
    Static,
    describe,
)
from srcgrad.frontend.decisions import NeedsDecision
from srcgrad.frontend.kinds import options_of
from srcgrad.graph import Literal, Node, Value, free_values

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator


# More things of unlike kinds in one statement, or chosen inside of it, are not told apart.
_MANY, _MANY_INSIDE = 12, 4


class Apart(UnsupportedError):
    """It must be known which of its options an `Either` is."""

    def __init__(self, either: Either) -> None:
        first, second, *_ = map(describe, options_of(either))
        super().__init__(
            f"what is {first} on one path and {second} on another is used here",
            remedy="Give it one kind of value on every path.",
        )
        self.either = either


# These make something of what they are given, whatever kind of thing that is.
_TAKES_ANYTHING = (
    ast.AnnAssign,
    ast.Assert,
    ast.Assign,
    ast.BoolOp,
    ast.Dict,
    ast.DictComp,
    ast.Expr,
    ast.GeneratorExp,
    ast.If,
    ast.IfExp,
    ast.Lambda,
    ast.List,
    ast.ListComp,
    ast.NamedExpr,
    ast.Return,
    ast.Tuple,
    ast.While,
    ast.Yield,
    ast.YieldFrom,
)


def takes_anything(node: ast.AST) -> bool:
    return isinstance(node, _TAKES_ANYTHING)


def resolved(ev: Evaluator, value: Abstract) -> Abstract:
    """The one option that a value is on this path, as far as the conditions on the way say."""
    while isinstance(value, Either):
        is_second = _known(ev, value.second)
        if is_second is None:
            return value
        value = value.options[is_second]
    return value


def one(ev: Evaluator, value: Abstract) -> Abstract:
    """The one option that a value is, which has to be known here."""
    value = watched(ev, value)
    if isinstance(value, Either):
        raise Apart(value)
    return value


def _refusal(found: Apart) -> UnsupportedError:
    """What cannot be told apart here: it is made within the expression, or inside a `try`."""
    return UnsupportedError(
        found.message,
        remedy="Give it a name in a statement of its own, and ask with `if` which of them it is.",
    )


def watched(ev: Evaluator, value: Abstract) -> Abstract:
    """The one option that a value is, or itself; from now on whoever uses it is watched."""
    if isinstance(value, Either) and not ev.decisions.apart:
        raise NeedsDecision({("apart", "")})
    return resolved(ev, value)


def for_each(ev: Evaluator, value: Either, run: Callable[[Abstract], Abstract]) -> Abstract:
    """What is made of the one option or of the other."""
    first, second = value.options
    holder = Slots()
    ev.branch(
        value.second,
        lambda: ev.trail.set(holder, "made", run(resolved(ev, second))),
        lambda: ev.trail.set(holder, "made", run(resolved(ev, first))),
    )
    return holder.entries["made"]


def apart(ev: Evaluator, run: Callable[[], Any], deep: int = 0) -> Either | None:
    """Run something; where it must know which of two things it is about, once for each.

    Gives what it had to know that of.
    """
    ev.trail.begin()
    wanted: Either | None = None
    decided: list[Node] = []
    with ev.builder.nested() as nodes:
        try:
            run()
        except Apart as found:
            ev.trail.take_back()
            wanted = found.either
            computing = _computing(wanted.second, nodes)
            is_lost = computing is None or not (computing or _is_there(ev, wanted.second))
            if is_lost or deep > (_MANY_INSIDE if computing else _MANY):
                raise
            decided = computing or []
        except BaseException:
            ev.trail.take_back()
            raise
        else:
            ev.trail.keep()
    if wanted is None:
        ev.builder.nodes += nodes
        return None
    # What decides may be computed inside: then it is computed before, and recognised inside.
    ev.builder.nodes += decided
    failed: dict[int, SrcgradError] = {}

    def of_option(place: int) -> None:
        try:
            apart(ev, run, deep + 1)
        except SrcgradError as error:
            failed[place] = error
            if not _would_fail(error, wanted.options[place]) or len(failed) == 2:
                raise
            _raise(ev, error)

    ev.branch(wanted.second, partial(of_option, 1), partial(of_option, 0))
    return wanted


def _is_there(ev: Evaluator, flag: Abstract) -> bool:
    """Is the flag computed on this path?  A `try` remembers some that were taken back."""
    made = ev.builder.definitions.get(flag.value) if isinstance(flag, Number) else None
    return made is None or any(made in block for block in ev.builder.open_blocks())


def _computing(flag: Abstract, nodes: Sequence[Node]) -> list[Node] | None:
    """Those of the nodes that compute the flag; None where one of them may not run once more."""
    needed = {flag.value} if isinstance(flag, Number) else set()
    found: list[Node] = []
    for node in reversed(nodes):
        if not needed.isdisjoint(node.results):
            if node.has_effect:
                return None
            found.append(node)
            needed.update(free_values(node))
    return found[::-1]


def _would_fail(error: SrcgradError, option: Abstract) -> bool:
    """Would Python, too, raise on the path where a value is this option?"""
    return option == NONE or isinstance(error, (ArgumentError, UndefinedError))


def _raise(ev: Evaluator, error: SrcgradError) -> None:
    """Let the emitted code raise where Python would."""
    kind = error.raises or (AttributeError if isinstance(error, UndefinedError) else TypeError)
    name = kind.__name__ if hasattr(builtins, kind.__name__) else "TypeError"
    ev.call_primitive("raise", [Static(error.message)], {"exception": Static(name)})


# What is known on a path


@contextmanager
def on_path(ev: Evaluator, condition: Value, truth: bool) -> Iterator[None]:
    """Inside the `with`, the evaluation is that of the path on which the condition is so."""
    outer = ev.facts
    ev.facts = {**outer, **dict(_learned(ev, condition, truth))}
    try:
        yield
    finally:
        ev.facts = outer


def _known(ev: Evaluator, flag: Abstract) -> bool | None:
    if isinstance(flag, Static):
        return bool(flag.value)
    assert isinstance(flag, Number)
    return _truth(ev, flag.value)


def _truth(ev: Evaluator, value: Value) -> bool | None:
    """Whether a condition holds on this path, as far as known."""
    if isinstance(value, Literal):
        return value.value if isinstance(value.value, bool) else None
    if value in ev.facts:
        return ev.facts[value]
    for other, truth in ev.facts.items():
        if _computed_alike(ev, value, other):
            return truth
    node = ev.builder.definitions.get(value)
    if node is None:
        return None
    if node.operation == "not":
        inner = _truth(ev, node.operands[0])
        return None if inner is None else not inner
    if node.operation == "if":
        side = _truth(ev, node.operands[0])
        return None if side is None else _yielded(ev, node, value, side)
    return None


def _computed_alike(ev: Evaluator, first: Value, second: Value) -> bool:
    """Are these the same, because they are computed of the same values in the same way?"""
    if first is second:
        return True
    if isinstance(first, Literal) and isinstance(second, Literal):
        return first.type == second.type and first.value == second.value
    one, other = (ev.builder.definitions.get(value) for value in (first, second))
    if one is None or other is None or one.has_effect or one.operation in ("for", "while"):
        return False
    place = one.results.index(first)
    if (
        one.operation != other.operation
        or len(one.operands) != len(other.operands)
        or one.parameters != other.parameters
        or place != other.results.index(second)
    ):
        return False
    ends = [
        (a.results[place], b.results[place])
        for a, b in zip(one.regions, other.regions, strict=True)
    ]
    pairs = [*zip(one.operands, other.operands), *ends]
    return all(_computed_alike(ev, a, b) for a, b in pairs)


def _yielded(ev: Evaluator, node: Node, result: Value, side: bool) -> bool | None:
    """What a branch yields on one side, as far as known."""
    end = node.regions[0 if side else 1].results[node.results.index(result)]
    return side if end is node.operands[0] else _truth(ev, end)


def _learned(ev: Evaluator, value: Value, truth: bool) -> Iterator[tuple[Value, bool]]:
    """What follows from a condition: `not a` and `a or b` say something of `a`."""
    yield value, truth
    node = ev.builder.definitions.get(value)
    if node is None:
        return
    if node.operation == "not":
        yield from _learned(ev, node.operands[0], not truth)
    elif node.operation == "bitwise_or" and not truth:
        for operand in node.operands:
            yield from _learned(ev, operand, False)
    elif node.operation == "if":
        for side in (True, False):
            if _yielded(ev, node, value, side) is (not truth):
                yield from _learned(ev, node.operands[0], not side)
                other = node.regions[1 if side else 0].results[node.results.index(value)]
                yield from _learned(ev, other, truth)
