"""Iterators and views of dicts: when may they be computed at once, and when not?

The evaluator makes lists of what `map`, `zip` and the like would yield, and of the
keys, values and items of a dict.  That is what Python does as long as they are read at once, by a
loop or by a function like `sum`.  Kept under a name they are something else: an iterator is empty
after its first reader and sees its variables when it is read; a view follows its dict.
"""

from __future__ import annotations

import ast
import itertools
from typing import TYPE_CHECKING

from srcgrad.errors import UndefinedError
from srcgrad.frontend.abstract import (
    Abstract,
    BoundMethod,
    Closure,
    DictOf,
    IteratorOf,
    ListOf,
    Static,
    Walk,
)
from srcgrad.markers import checkpoint

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator

_ITERATORS: frozenset[object] = frozenset(
    (zip, map, filter, enumerate, reversed, itertools.chain.from_iterable)
) | frozenset(item for item in vars(itertools).values() if isinstance(item, type))
_COMPUTING: frozenset[object] = frozenset(
    (map, filter, itertools.accumulate, itertools.starmap, itertools.takewhile)
)
_VIEWS = ("keys", "values", "items")
_REMEDY = "Make a list of it where it is made: `list({text})`."


def refuse_kept(ev: Evaluator, node: ast.expr | None) -> None:
    """Refuse to keep the iterator or view that an expression makes."""
    if isinstance(node, ast.IfExp):
        refuse_kept(ev, node.body)
        refuse_kept(ev, node.orelse)
    elif node is not None and (_is_iterator(ev, node) or _viewed(ev, node) is not None):
        text = ev.frame.source.text(node)
        ev.refuse(
            node,
            f"keeping `{text}` is not supported yet: what it yields depends on when it is read, "
            "and on whether it was read before",
            _REMEDY.format(text=text),
        )


def refuse_given(ev: Evaluator, function: Abstract, node: ast.Call) -> None:
    """Refuse to give an iterator to a function that may keep it: one of the user."""
    if not _reads_at_once(function):
        for argument in [*node.args, *(keyword.value for keyword in node.keywords)]:
            refuse_kept(ev, argument)


def refuse_late(ev: Evaluator, loop: ast.For) -> None:
    """Refuse a loop whose items are computed from variables that its body assigns."""
    if not _calls(ev, loop.iter, _COMPUTING):
        return
    read = {name for part in ast.walk(loop.iter) for name in _names_read(ev, part)}
    assigned = {
        part.id
        for statement in loop.body
        for part in ast.walk(statement)
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
    }
    late = sorted(read & assigned)
    if late:
        text = ev.frame.source.text(loop.iter)
        ev.refuse(
            loop.iter,
            f"the items of `{text}` are computed during the loop, which assigns `{late[0]}`; "
            "that is not supported yet",
            "Make a list of the items before the loop.",
        )


def refuse_leaving(ev: Evaluator, iterator: Abstract, loop: ast.For) -> None:
    """Refuse a loop that may leave an iterator before its end: what is left is not kept."""
    leaves = (ast.Break, ast.Return)
    if isinstance(iterator, IteratorOf) and any(
        isinstance(part, leaves) for statement in loop.body for part in ast.walk(statement)
    ):
        ev.refuse(
            loop.iter,
            "a loop over an iterator may be left before the end of the iterator; that is not "
            "supported yet",
            "Walk the list itself.",
        )


class Walked:
    """The lists or the dict that a loop walks; its body may change what it has passed already."""

    def __init__(self, ev: Evaluator, iterable: Abstract, node: ast.expr) -> None:
        self._backwards = isinstance(iterable, Walk) and iterable.kind == "reversed"
        held = _dict_in(ev, iterable, node)
        owners: list[ListOf | DictOf] = [held] if held else list(_lists_in(iterable))
        self._before = [(owner, _items(owner)) for owner in owners]

    def refuse_changes(self, ev: Evaluator, node: ast.expr, left: int) -> None:
        """Refuse changes to the `left` items that are still to come, or to how many there are."""
        for owner, before in self._before:
            now = _items(owner)
            to_come = slice(None, left) if self._backwards else slice(len(before) - left, None)
            if len(now) != len(before) or now[to_come] != before[to_come]:
                text = ev.frame.source.text(node)
                ev.refuse(
                    node,
                    f"the loop over `{text}` changes items that it has not reached yet; "
                    "that is not supported yet",
                    f"Walk a copy: `list({text})`.",
                )


def _items(owner: ListOf | DictOf) -> tuple[object, ...]:
    return owner.items if isinstance(owner, ListOf) else tuple(owner.items.items())


def _dict_in(ev: Evaluator, iterable: Abstract, node: ast.expr) -> DictOf | None:
    """The dict that is walked by its keys, or through a view of it."""
    if isinstance(iterable, DictOf):
        return iterable
    return _viewed(ev, node)


def _lists_in(iterable: Abstract) -> list[ListOf]:
    if isinstance(iterable, ListOf):
        return [iterable]
    parts = iterable.parts if isinstance(iterable, Walk) else ()
    return [found for part in parts for found in _lists_in(part)]


def _is_iterator(ev: Evaluator, node: ast.expr) -> bool:
    return _calls(ev, node, _ITERATORS)


def _calls(ev: Evaluator, node: ast.expr, functions: frozenset[object]) -> bool:
    """Is this a call of one of these functions?"""
    if not isinstance(node, ast.Call) or not _is_path(node.func):
        return False
    try:
        function = ev.evaluate(node.func)
    except UndefinedError:  # on a path that is not taken, or for the evaluation itself to say
        return False
    if not isinstance(function, Static):
        return False
    try:
        return function.value in functions
    except TypeError:  # no hash
        return False


def _is_path(node: ast.expr) -> bool:
    """Is this a name, or attributes of one: `itertools.chain.from_iterable`?"""
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)


def _viewed(ev: Evaluator, node: ast.expr) -> DictOf | None:
    """The dict `d` in `d.keys()`, `d.values()` and `d.items()`."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.args:
        return None
    if node.func.attr not in _VIEWS or not isinstance(node.func.value, ast.Name):
        return None
    owner = ev.evaluate(node.func.value)
    return owner if isinstance(owner, DictOf) else None


def _reads_at_once(function: Abstract) -> bool:
    if isinstance(function, BoundMethod):
        return isinstance(function.owner, (ListOf, DictOf)) and function.name != "append"
    if not isinstance(function, Static):
        return False
    if function.value is iter:
        return False
    if function.value is checkpoint:
        return True
    code = getattr(function.value, "__code__", None)
    owner = (getattr(function.value, "__module__", None) or "").split(".")[0]
    return code is None or owner in ("numpy", "functools", "math")


def _names_read(ev: Evaluator, part: ast.AST) -> set[str]:
    """The variables that are read here, and by a function of this name when it is called."""
    if not isinstance(part, ast.Name) or not isinstance(part.ctx, ast.Load):
        return set()
    held = ev.frame.entries.get(part.id)
    inside = ast.walk(held.node) if isinstance(held, Closure) else ()
    return {part.id} | {inner.id for inner in inside if isinstance(inner, ast.Name)}
