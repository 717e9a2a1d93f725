"""Iterators and views of dicts: when may they be computed at once, and when not?

The evaluator makes lists of what `map`, `zip` and the like would yield, and of the
keys, values and items of a dict.  That is what Python does as long as they are read at once, by a
loop or by a function like `sum`.  Kept under a name they are something else: an iterator is empty
after its first reader and sees its variables when it is read; a view follows its dict.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

from srcgrad.errors import UndefinedError
from srcgrad.frontend.abstract import (
    ITEMS,
    POSITION,
    Abstract,
    BoundMethod,
    Closure,
    DictOf,
    Endless,
    GeneratorOf,
    IteratorOf,
    ListOf,
    Number,
    RangeOf,
    Static,
    TupleOf,
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
_WALKING: frozenset[object] = frozenset(
    (zip, enumerate, reversed, itertools.count, itertools.cycle, itertools.repeat)
)
_ARRANGING: frozenset[object] = frozenset(
    (
        itertools.chain,
        itertools.islice,
        itertools.pairwise,
        itertools.product,
        itertools.combinations,
        itertools.permutations,
        itertools.zip_longest,
    )
)
_VIEWS = ("keys", "values", "items")
_REMEDY = "Make a list of it where it is made: `list({text})`."


def evaluate_kept(ev: Evaluator, node: ast.expr) -> Abstract:
    """The value of an expression that is kept: an iterator or a view as what it is."""
    viewed = _viewed(ev, node)
    if viewed is not None:
        return _view(ev, viewed, node)
    if _computes_inside(ev, node):
        refuse_kept(ev, node)
    if _calls(ev, node, _WALKING):
        made = ev.evaluate(node)
        return IteratorOf(made) if isinstance(made, (Walk, Endless)) else made
    if _calls(ev, node, frozenset((map,))):
        return _mapped(ev, node)
    if isinstance(node, ast.Call) and _calls(ev, node, _ARRANGING):
        return _arranged(ev, node)
    refuse_kept(ev, node)
    return ev.evaluate(node)


def _computes_inside(ev: Evaluator, node: ast.expr) -> bool:
    """Is an iterator made of another one that calls functions when it is read?"""
    parts = node.args if isinstance(node, ast.Call) and _is_iterator(ev, node) else []
    return any(_calls(ev, part, _COMPUTING) or _computes_inside(ev, part) for part in parts)


def _view(ev: Evaluator, viewed: DictOf, node: ast.expr) -> Abstract:
    """`d.keys()` and its like: what they are now, as long as the dict does not change."""
    items = ev.evaluate(node)
    assert isinstance(items, TupleOf)
    made = ListOf(items.items)
    made.kind = type(getattr({}, node.func.attr)())  # type: ignore[attr-defined]
    made.fixed = "a view of a dict has no items of its own"
    made.watched = ((viewed, viewed.entries[ITEMS]),)
    return made


def _mapped(ev: Evaluator, node: ast.expr) -> Abstract:
    """`map(f, xs)`, whose function is called when each item is asked for: a generator."""
    made = getattr(node, "_as_generator", None)
    if made is None:
        made = node._as_generator = _generator_of_map(node)  # type: ignore[attr-defined]
    return ev.evaluate(made)


def _generator_of_map(node: Any) -> ast.expr:
    """`map(f, a, b)` as a generator function: `for x, y in zip(a, b): yield f(x, y)`."""
    count = len(node.args) - 1
    names = [f".{at}" for at in range(count)]
    walk: ast.expr = ast.Call(_read(".zip"), [_read(name) for name in names], [])
    target: ast.expr = ast.Tuple([_written(f".item{at}") for at in range(count)], ast.Store())
    if count == 1:
        walk, target = _read(names[0]), _written(".item0")
    value = ast.Call(_read(".function"), [_read(f".item{at}") for at in range(count)], [])
    loop = ast.For(target, walk, [ast.Expr(ast.Yield(value))], [], lineno=0)
    parameters = [ast.arg(name) for name in (".function", ".zip", *names)]
    arguments = ast.arguments([], parameters, None, [], [], None, [])
    function = ast.FunctionDef("map", arguments, [loop], [], None, lineno=0)
    for part in ast.walk(function):
        if isinstance(part, (ast.expr, ast.stmt)):
            ast.copy_location(part, node)
    return ast.copy_location(MapCall(function, node), node)


def _read(name: str) -> ast.expr:
    return ast.Name(name, ast.Load())


def _written(name: str) -> ast.expr:
    return ast.Name(name, ast.Store())


class MapCall(ast.expr):
    """A call of `map` that is kept, and the generator function that does what it does."""

    _fields = ()

    def __init__(self, function: ast.FunctionDef, call: ast.Call) -> None:
        super().__init__()
        self.function = function
        self.call = call


def run_map(ev: Evaluator, node: MapCall) -> Abstract:
    """Its arguments are evaluated now, the function is called when the items are read."""
    args, kwargs = ev.arguments(node.call)
    if kwargs or len(args) < 2 or any(isinstance(item, GeneratorOf) for item in args):
        refuse_kept(ev, node.call)
    made = Closure(node.function, ev.frame.source, ev.frame, (), {}, "map")
    return ev.call(made, [args[0], Static(zip), *args[1:]], {}, node.call)


def _arranged(ev: Evaluator, node: ast.Call) -> Abstract:
    """What arranges items without computing any: its items, as long as the lists do not change."""
    function = ev.evaluate(node.func)
    args, kwargs = ev.arguments(node)
    given = [*args, *kwargs.values()]
    if not all(isinstance(item, (Static, Number, TupleOf, ListOf, RangeOf)) for item in given):
        refuse_kept(ev, node)
    made = ev.call(function, args, kwargs, node)
    if not isinstance(made, ListOf):
        return IteratorOf(made)
    made.fixed = "an iterator has no items of its own"
    lists = [item for item in given if isinstance(item, ListOf)]
    made.watched = tuple((held, held.entries[ITEMS]) for held in lists)
    return IteratorOf(made)


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
    is_iterator = isinstance(iterator, IteratorOf) and _is_path(loop.iter)
    if is_iterator and any(
        isinstance(part, leaves) for statement in loop.body for part in ast.walk(statement)
    ):
        ev.refuse(
            loop.iter,
            "a loop over an iterator may be left before the end of the iterator; that is not "
            "supported yet",
            "Walk the list itself.",
        )


_BEING_WALKED, _READ_OUT = Static("walked"), Static("read out")


@contextmanager
def taken(ev: Evaluator, iterator: IteratorOf, node: ast.AST) -> Iterator[Abstract]:
    """What a loop walks that reads an iterator to its end; it has nothing left after that."""
    at = iterator.entries[POSITION]
    if at == _BEING_WALKED:
        _refuse_walked(ev, node)
    whole = at == Static(0) and not isinstance(iterator.source, (IteratorOf, GeneratorOf))
    rest = iterator.source if whole else TupleOf(ev.known_items(iterator, node))
    ev.trail.set(iterator, POSITION, _BEING_WALKED)
    yield rest
    ev.trail.set(iterator, POSITION, _READ_OUT)


def _refuse_walked(ev: Evaluator, node: ast.AST) -> NoReturn:
    ev.refuse(
        node,
        "reading an iterator inside the loop that walks it is not supported yet",
        "Walk the items by their indices.",
    )


def place_in(ev: Evaluator, iterator: IteratorOf, node: ast.AST) -> int | None:
    """How many items an iterator has given; None where it has no more."""
    at = iterator.entries[POSITION]
    if at == _BEING_WALKED:
        _refuse_walked(ev, node)
    return None if at == _READ_OUT else ev.make_static(at, node).value  # type: ignore[return-value]


def zipped(ev: Evaluator, parts: Sequence[Abstract], node: ast.AST) -> TupleOf:
    """The rows of a `zip` of iterators: each gives its next item, until one has none."""
    places: dict[int, int | None] = {}
    columns: dict[int, tuple[Abstract, ...] | Endless] = {}
    for at, part in enumerate(parts):
        key = id(part) if isinstance(part, IteratorOf) else at
        source = part.source if isinstance(part, IteratorOf) else part
        if key not in columns:
            places[key] = place_in(ev, part, node) if isinstance(part, IteratorOf) else 0
            columns[key] = source if isinstance(source, Endless) else ev.known_items(source, node)
    if all(isinstance(column, Endless) for column in columns.values()):
        ev.refuse(node, "this `zip` has no end", "Walk it beside a list or a range.")
    rows: list[Abstract] = []
    keys = [id(part) if isinstance(part, IteratorOf) else at for at, part in enumerate(parts)]
    while (row := _next_row(keys, columns, places)) is not None:
        rows.append(TupleOf(row))
    for part in parts:
        if isinstance(part, IteratorOf):
            place = places[id(part)]
            ev.trail.set(part, POSITION, _READ_OUT if place is None else Static(place))
    return TupleOf(tuple(rows))


def _next_row(
    keys: Sequence[int],
    columns: dict[int, tuple[Abstract, ...] | Endless],
    places: dict[int, int | None],
) -> tuple[Abstract, ...] | None:
    row: list[Abstract] = []
    for key in keys:
        column, place = columns[key], places[key]
        if place is None or (isinstance(column, tuple) and place >= len(column)):
            places[key] = None
            return None
        row.append(column.item(place) if isinstance(column, Endless) else column[place])
        places[key] = place + 1
    return tuple(row)


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


def reads_at_once(function: Abstract) -> bool:
    if isinstance(function, BoundMethod):
        return isinstance(function.owner, (Static, ListOf, DictOf)) and function.name != "append"
    if not isinstance(function, Static) or function.value is iter:
        return False
    if function.value is checkpoint:
        return True
    if isinstance(function.value, type):
        return function.value.__module__.split(".")[0] in _READING_CLASSES
    code = getattr(function.value, "__code__", None)
    owner = (getattr(function.value, "__module__", None) or "").split(".")[0]
    return code is None or owner in ("numpy", "functools", "math")


_READING_CLASSES = ("builtins", "collections", "itertools", "functools", "numpy")


def _names_read(ev: Evaluator, part: ast.AST) -> set[str]:
    """The variables that are read here, and by a function of this name when it is called."""
    if not isinstance(part, ast.Name) or not isinstance(part.ctx, ast.Load):
        return set()
    held = ev.frame.entries.get(part.id)
    inside = ast.walk(held.node) if isinstance(held, Closure) else ()
    return {part.id} | {inner.id for inner in inside if isinstance(inner, ast.Name)}
