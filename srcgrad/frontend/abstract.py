"""Abstract values: what the evaluator knows of a Python object before the call.

A number is a value of the graph; everything else (containers, functions, modules, strings) is known
as far as Python's semantics need it.
"""

from __future__ import annotations

import ast
import enum
import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import BuiltinFunctionType, CellType, FunctionType, ModuleType
from typing import Any, TypeAlias

import numpy as np

from srcgrad.errors import UnsupportedError
from srcgrad.frontend.decisions import NeedsDecision
from srcgrad.frontend.source import Source
from srcgrad.graph import Literal, Outline, Tree, Type, Value, literal
from srcgrad.instances import attributes_of
from srcgrad.location import Location
from srcgrad.modes import Primal
from srcgrad.request import Request
from srcgrad.rules import kind_text


@dataclass(frozen=True, slots=True)
class Static:
    """A Python object known now.  `expression` is how the user wrote it (`np.pi / 2`)."""

    value: Any
    expression: str | None = None

    def __eq__(self, other: object) -> bool:
        """As the objects are; but NumPy's dtypes say that float64 is equal to None."""
        if not isinstance(other, Static):
            return NotImplemented
        if self.value is None or other.value is None:
            return self.value is other.value and self.expression == other.expression
        return (self.value, self.expression) == (other.value, other.expression)


@dataclass(frozen=True, slots=True)
class Number:
    """A number, an array or an opaque object that exists during the call: a value of the graph."""

    value: Value


@dataclass(frozen=True, slots=True)
class TupleOf:
    """A tuple of known length; `kind` is `tuple` or a named-tuple class."""

    items: tuple[Abstract, ...]
    kind: type = tuple


class Slots:
    """Something mutable: its entries are changed through the trail only, so they can be undone.

    `fixed` says why its content may not be changed, where it may not.  What stands for one of
    several containers may be read as long as none of them, `watched`, has changed.
    """

    __slots__ = ("entries", "serial", "fixed", "watched")

    def __init__(self, entries: Mapping[object, Abstract] | None = None) -> None:
        self.entries: dict[object, Abstract] = dict(entries or {})
        self.serial = next(_serial_numbers)
        self.fixed: str | None = None
        self.watched: tuple[tuple[Slots, Any], ...] = ()

    def be_there_before(self) -> None:
        """Count as older than any path: what the caller has is found late, and was there before."""
        self.serial = -next(_serial_numbers)

    def held(self) -> Abstract:
        """The content of a container."""
        for source, content in self.watched:
            if source.entries.get(ITEMS) is not content:
                message, remedy = _REASONS[self.fixed is not None]
                raise UnsupportedError(message, remedy=remedy)
        content = self.entries[ITEMS]
        if isinstance(content, Unread):
            raise NeedsDecision({("content", content.place)})
        return content


_serial_numbers = itertools.count()

# Of what is one of several containers, and of a view that cannot be changed itself.
_REASONS = (
    (
        "this container may be one of several, and one of them has been changed since",
        "Copy it before the change, or do the change on each path by itself.",
    ),
    (
        "what this iterator or view reads has been changed since it was made",
        "Make it after the change, or make a list of it before: `list(...)`.",
    ),
)


ITEMS = "items"


@dataclass(frozen=True, slots=True)
class Growing:
    """The content of a list that a loop appends to: what this iteration has appended so far."""

    items: tuple[Abstract, ...] = ()


@dataclass(frozen=True, slots=True)
class Unread:
    """The content of a list of the caller's that is appended to: nothing is known of it.

    `place` is the expression that reaches it.  Whoever asks for it starts the evaluation again.
    """

    place: str


class ListOf(Slots):
    """A list.  Its single entry `ITEMS` holds its content.

    That is a `TupleOf` where its length is known, a `Number` (a list of the graph) where it is
    known only during the call, and `Growing` inside the loop that appends to it.  `kind` is `list`
    or `deque`, and `limit` the greatest length of a `deque`.
    """

    __slots__ = ("kind", "limit")

    def __init__(
        self, items: tuple[Abstract, ...], kind: type = list, limit: int | None = None
    ) -> None:
        super().__init__({ITEMS: TupleOf(items)})
        self.kind = kind
        self.limit = limit

    @property
    def content(self) -> Abstract:
        return self.held()

    @property
    def items(self) -> tuple[Abstract, ...]:
        held = self.held()
        assert isinstance(held, TupleOf)
        return held.items


class DictOf(Slots):
    """A dict with known keys.  Its single entry `ITEMS` holds a `Keyed`.

    Where it is the `__dict__` of an instance, `instance`, it shows that as it is.  `kind` is `dict`
    or a class like it; `missing` is what `defaultdict` and `Counter` do about a key that is not
    there: it takes the evaluator, the key, and the place that reads it.
    """

    __slots__ = ("kind", "missing", "instance")

    def __init__(self, items: Mapping[object, Abstract], kind: type = dict) -> None:
        super().__init__({ITEMS: Keyed(tuple(items), tuple(items.values()))})
        self.kind = kind
        self.missing: Callable[..., Abstract] | None = None
        self.instance: ObjectOf | None = None

    @property
    def items(self) -> dict[object, Abstract]:
        if self.instance is not None:
            return {name: self.instance.own(name) for name in self.instance.names()}
        held = self.held()
        if isinstance(held, Conflict):
            raise UnsupportedError(
                "the keys of this dict depend on the path taken, which is not supported yet",
                remedy="Give it the same keys on every path, for instance with `None` at first.",
            )
        assert isinstance(held, Keyed)
        return dict(zip(held.keys, held.items))


@dataclass(frozen=True, slots=True)
class Keyed:
    """The content of a dict at one moment."""

    keys: tuple[object, ...]
    items: tuple[Abstract, ...]


VERSION = "version"


class Storage(Slots):
    """The memory of an array that is written in place: its single entry `VERSION` is a `Number`.

    `of_caller` says that the memory is an argument's, a global's or a closure variable's; `first`
    is the array as it was made or given.
    """

    __slots__ = ("of_caller", "first")

    def __init__(self, version: Number, *, of_caller: bool) -> None:
        super().__init__({VERSION: version})
        self.of_caller = of_caller
        self.first = version


@dataclass(frozen=True, slots=True)
class Step:
    """One step from an array to a view of it: a function and its parameters, with holes."""

    function: object
    parameters: tuple[tuple[str, object], ...]


@dataclass(frozen=True, slots=True)
class ArrayRef:
    """A name for all of a storage (no steps) or a view of it.

    `values` holds, for each step, the numbers that stand in the holes of its parameters.
    """

    storage: Storage
    steps: tuple[Step, ...]
    values: tuple[tuple[Number, ...], ...]


@dataclass(frozen=True, slots=True)
class OneOf:
    """A name for one of two arrays that are written: the second, where `second` is true."""

    second: Number
    refs: tuple[ArrayRef, ArrayRef]


@dataclass(frozen=True, slots=True)
class Frozen:
    """An array that may share memory with storages, as it was at their versions `watched`.

    `loop` is the loop whose iterations leave one or another array; unrolled, it is known which.
    `plain` are the arrays among them that have not been written so far.
    """

    value: Number
    watched: tuple[tuple[Storage, Abstract], ...]
    loop: object = None
    plain: tuple[Number, ...] = ()


@dataclass(frozen=True, slots=True)
class Either:
    """What paths have left as things of unlike kinds: the second, where `second` is true.

    One of three is an `Either` whose second option is an `Either`.
    """

    second: Number
    options: tuple[Abstract, Abstract]


class ObjectOf(Slots):
    """An instance of a user class: its entries are its attributes."""

    __slots__ = ("kind",)

    def __init__(self, kind: type, attributes: Mapping[object, Abstract]) -> None:
        super().__init__(attributes)
        self.kind = kind

    def own(self, name: str) -> Abstract:
        """An attribute that the instance itself has, else `MISSING`."""
        for source, content in self.watched:
            if source.entries.get(name, MISSING) is not content.get(name, MISSING):
                raise UnsupportedError(
                    "this instance may be one of several, and one of them has been changed since",
                    remedy="Do the change on each path by itself.",
                )
        return self.entries.get(name, MISSING)

    def names(self) -> tuple[str, ...]:
        """The names of the attributes that the instance itself has."""
        return tuple(str(name) for name, held in self.entries.items() if held != MISSING)


class GivenObject(ObjectOf):
    """An instance that an argument, a global or a closure variable holds.

    Its attributes are read, and guarded, when the function asks for them: `read` makes an abstract
    value of what stands at an expression.  `outline` notes what has been read.
    """

    __slots__ = ("instance", "read", "outline")

    def __init__(
        self,
        instance: object,
        outline: Outline,
        read: Callable[[object, str, str | None], tuple[Abstract, Tree]],
    ) -> None:
        super().__init__(type(instance), {})
        self.instance = instance
        self.outline = outline
        self.read = read

    @property
    def expression(self) -> str:
        """How guards reach the instance."""
        return self.outline.like

    def own(self, name: str) -> Abstract:
        if name not in self.entries:
            self.read_value(name, attributes_of(self.instance).get(name, MISSING))
        return super().own(name)

    def read_value(self, name: str, value: object) -> Abstract:
        """Note what an attribute was before the function ran."""
        held: Abstract = MISSING
        if value is not MISSING:
            held, tree = self.read(value, f"{self.expression}.{name}", None)
            self.outline.parts[name] = tree
        self.entries[name] = held
        return held

    def names(self) -> tuple[str, ...]:
        for name in attributes_of(self.instance):
            self.own(name)
        return super().names()


class Frame(Slots):
    """The variables of one call of a user function.

    `parent` is the frame of the function around it (closures read it late, as Python does);
    `function` the function object where there is one, for its globals and cells.
    """

    __slots__ = (
        "source",
        "parent",
        "globals",
        "cells",
        "caller",
        "local_names",
        "nonlocals",
        "global_names",
        "is_comprehension",
        "consume",
        "seen_by_functions",
        "class_name",
    )

    def __init__(
        self,
        source: Source,
        parent: Frame | None,
        globals_: dict[str, Any],
        cells: Mapping[str, CellType | PlacedCell],
        caller: Location | None,
        local_names: frozenset[str],
        nonlocals: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__()
        self.source = source
        self.parent = parent
        self.globals = globals_
        self.cells = cells
        self.caller = caller
        self.local_names = local_names
        self.nonlocals = nonlocals
        self.global_names: frozenset[str] = frozenset()
        self.is_comprehension = False
        # In the body of a class: what its functions see instead of it, and what it is called.
        self.seen_by_functions: Frame | None = None
        self.class_name: str | None = None
        self.consume: Callable[[Abstract], Abstract] | None = None


class GeneratorOf(Slots):
    """A generator; its entries say whether it has been read.

    `start` runs its body, `listed` makes the list of what it yields where there is a shorter way;
    `returned` is what its body has returned.  `endless` says that it may yield for ever,
    `never_ends` that it does.
    """

    __slots__ = ("start", "listed", "endless", "never_ends", "returned")

    def __init__(
        self,
        entries: Mapping[object, Abstract],
        start: Callable[[Callable[[Abstract], Abstract]], Abstract],
        listed: Callable[[], Abstract] | None,
        endless: bool,
        never_ends: bool,
    ) -> None:
        super().__init__(entries)
        self.start = start
        self.listed = listed
        self.endless = endless
        self.never_ends = never_ends
        self.returned: Abstract = NONE


@dataclass(frozen=True, slots=True, eq=False)
class Closure:
    """A function defined inside the differentiated function: `def`, `lambda`."""

    node: ast.FunctionDef | ast.Lambda
    source: Source
    frame: Frame
    defaults: tuple[Abstract, ...]
    keyword_defaults: Mapping[str, Abstract]
    name: str


@dataclass(frozen=True, slots=True)
class GivenFunction:
    """A function of the caller's that is known by its code: another of this code serves as well.

    `place` is the expression that reaches it; its defaults and cells are read there at each call.
    """

    function: FunctionType
    place: str


@dataclass(frozen=True, slots=True)
class PlacedCell:
    """A cell of such a function, and the expression that reaches it."""

    cell: CellType
    place: str


@dataclass(frozen=True, slots=True)
class BoundMethod:
    """A method of an abstract value, looked up and not yet called."""

    owner: Abstract
    name: str


@dataclass(frozen=True, slots=True)
class Super:
    """`super()`: what the classes after `cls` in the order of `owner`'s class have."""

    cls: type
    owner: Abstract


@dataclass(frozen=True, slots=True)
class RangeOf:
    """A range whose bounds may exist only during the call."""

    start: Abstract
    stop: Abstract
    step: Abstract


@dataclass(frozen=True, slots=True)
class Walk:
    """`zip`, `enumerate` or `reversed` of other iterables.

    `kind` is "zip", "enumerate" (with `start`) or "reversed".
    """

    kind: str
    parts: tuple[Abstract, ...]
    start: Abstract | None = None


@dataclass(frozen=True, slots=True)
class Checkpointed:
    """What a loop walks whose steps an adjoint computes again, `every` so many at a time."""

    part: Abstract
    every: Abstract | None = None


@dataclass(frozen=True, slots=True)
class Partial:
    """`functools.partial` of an abstract function."""

    function: Abstract
    args: tuple[Abstract, ...]
    kwargs: tuple[tuple[str, Abstract], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Builtin:
    """A function that the evaluator computes itself: what `itemgetter(1)` makes, a decorator.

    `run` takes the evaluator, the arguments, those by name, and the place of the call.
    """

    run: Callable[..., Abstract]


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """An item as a key of `functools.cmp_to_key`: `function` compares it with others."""

    function: Abstract
    item: Abstract


@dataclass(frozen=True, slots=True, eq=False)
class Endless:
    """An iterable without an end (`count`, `cycle`, `repeat`), as a function of the place."""

    item: Callable[[int], Abstract]


POSITION = "position"


class IteratorOf(Slots):
    """What `iter` gives: an iterable, and in the entry `POSITION` how much of it was read."""

    __slots__ = ("source",)

    def __init__(self, source: Abstract) -> None:
        super().__init__({POSITION: Static(0)})
        self.source = source


@dataclass(frozen=True, slots=True, eq=False)
class Derived:
    """What a mode makes of an abstract function: `grad(g)`."""

    function: Abstract
    request: Request


@dataclass(frozen=True, slots=True, eq=False)
class LinearMapOf:
    """A pullback, or a linearised function, of an abstract function at one place."""

    primal: Primal
    request: Request


@dataclass(frozen=True, slots=True)
class Missing:
    """No value: the variable is unbound on this path."""


@dataclass(frozen=True, slots=True)
class Carry:
    """A place in the pattern of a value where a number differs from path to path."""

    type: Type
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Conflict:
    """What two paths disagree about in a way that has no common kind; an error when it is read.

    `items` are those of two lists of different lengths, which can be made lists of the graph.
    `loop` is the loop whose iterations disagree: unrolled, each has its own kind.
    """

    first: str
    second: str
    items: tuple[Abstract, ...] = ()
    loop: object = None


Abstract: TypeAlias = (
    "Static | Number | ArrayRef | OneOf | Frozen | Either | Growing"
    " | TupleOf | ListOf | DictOf | ObjectOf | Unread | Keyed | Closure | GivenFunction"
    " | Derived | LinearMapOf | BoundMethod | Super"
    " | GeneratorOf | RangeOf | Walk | Checkpointed | Partial | Builtin | Compared | Endless"
    " | IteratorOf | Missing | Conflict | Frame"
)

# The entries of a frame that say whether its function has returned, and what.
RETURNED, RESULT = "return", "return value"

Keywords: TypeAlias = "dict[str, Abstract]"

MISSING = Missing()
TRUE = Static(True)
FALSE = Static(False)
NONE = Static(None)
PYTHON_NUMBERS = (bool, int, float, complex)


def is_python_number(value: Abstract) -> bool:
    """Is this a Python number known now?"""
    return isinstance(value, Static) and type(value.value) in PYTHON_NUMBERS


def is_static(value: Abstract) -> bool:
    """Is this known now, containers included?"""
    if isinstance(value, TupleOf):
        return all(map(is_static, value.items))
    if isinstance(value, ListOf):
        return isinstance(value.content, TupleOf) and all(map(is_static, value.items))
    return isinstance(value, Static)


_FIXED = (
    *PYTHON_NUMBERS,
    type(None),
    str,
    bytes,
    tuple,
    frozenset,
    set,  # guarded item by item
    range,
    slice,
    type,
    type(None),
    np.dtype,
    np.ufunc,
    FunctionType,
    BuiltinFunctionType,
    enum.Enum,
)


def is_changeable(value: object, *methods: str) -> bool:
    """May a known object answer one of these methods in another way at a later call?

    What it is, is guarded; what it holds is not, unless it is of a class that cannot change.
    """
    kind = type(value)
    own = (getattr(kind, name, None) not in (None, getattr(object, name, None)) for name in methods)
    return any(own) and not isinstance(value, _FIXED)


def as_literal(value: Static) -> Literal:
    return literal(value.value, value.expression)


def describe(value: Abstract) -> str:
    """The kind of thing, as error messages name it."""
    if isinstance(value, Static):
        return _describe_known(value.value)
    if isinstance(value, Number):
        return kind_text(value.value.type)
    names = {
        ArrayRef: "an array",
        OneOf: "an array",
        Frozen: "an array",
        Either: "one of two kinds of things",
        TupleOf: "a tuple",
        ListOf: "a list",
        DictOf: "a dict",
        Closure: "a function",
        Derived: "a function",
        LinearMapOf: "a function",
        GivenFunction: "a function",
        BoundMethod: "a method",
        GeneratorOf: "a generator",
        Partial: "a function",
        Builtin: "a function",
        Endless: "an iterator without an end",
        IteratorOf: "an iterator",
        RangeOf: "a range",
        Missing: "nothing",
    }
    if isinstance(value, ObjectOf):
        return f"an instance of {value.kind.__name__}"
    return names.get(type(value), "an object")


def _describe_known(value: object) -> str:
    if value is None:
        return "`None`"
    if isinstance(value, (type, ModuleType, FunctionType, BuiltinFunctionType)):
        return f"`{value.__name__}`"
    kind = type(value).__name__
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"


_REMEDY_OF_FIXED = "Change a copy of it (`x = x.copy()`), or build it anew."
Changes = dict[tuple[Slots, object], Abstract]


@dataclass(slots=True)
class Trail:
    """Every change to mutable abstract values, so that a path can be tried and taken back.

    What was made since `begin` is not taken back: nobody outside the path has seen it before.
    `outside` has the serial numbers of the lists, dicts and objects that the function was given or
    found, whose changes the caller would see: they must be `told` to the emitted code.
    `put_outside` has those that the function puts where the caller may see them.
    """

    outside: Mapping[int, str] = field(default_factory=dict)
    put_outside: set[int] = field(default_factory=set)
    logs: list[tuple[int, Changes]] = field(default_factory=list)

    def set(self, owner: Slots, key: object, value: Abstract, *, told: bool = False) -> None:
        seen = owner.serial in self.outside or owner.serial in self.put_outside
        if seen and not told:
            raise UnsupportedError(
                f"changing {describe(owner)} that the caller sees "  # type: ignore[arg-type]
                "is not supported yet",
                remedy="Change a copy (`list(...)`, `dict(...)`), and return it with has_aux=True.",
            )
        if owner.fixed is not None and (key == ITEMS or isinstance(owner, ObjectOf)):
            raise UnsupportedError(owner.fixed, remedy=_REMEDY_OF_FIXED)
        if self.logs:
            born_before, log = self.logs[-1]
            if owner.serial < born_before:
                log.setdefault((owner, key), owner.entries.get(key, MISSING))
        owner.entries[key] = value

    def begin(self) -> None:
        self.logs.append((next(_serial_numbers), {}))

    def keep(self) -> bool:
        """Keep the changes since `begin`; were there any to what existed before?"""
        _, log = self.logs.pop()
        if self.logs:
            born_before, outer = self.logs[-1]
            for (owner, key), old in log.items():
                if owner.serial < born_before:
                    outer.setdefault((owner, key), old)
        return bool(log)

    def take_back(self) -> Changes:
        """Undo everything since `begin`; returns what each changed entry had become."""
        _, log = self.logs.pop()
        became = {(owner, key): owner.entries.get(key, MISSING) for owner, key in log}
        for (owner, key), old in log.items():
            if isinstance(old, Missing):
                owner.entries.pop(key, None)
            else:
                owner.entries[key] = old
        return became


def leaves(value: Abstract) -> Iterator[Value]:
    """The graph values inside an abstract value, left to right."""
    if isinstance(value, Number):
        yield value.value
    elif isinstance(value, (TupleOf, Keyed)):
        for item in value.items:
            yield from leaves(item)
    elif isinstance(value, OneOf):
        for ref in value.refs:
            yield from leaves(ref)
    elif isinstance(value, Either):
        yield value.second.value
        for option in value.options:
            yield from leaves(option)
    elif isinstance(value, ArrayRef):
        yield from leaves(value.storage.entries[VERSION])
    elif isinstance(value, Frozen):
        yield value.value.value
    elif isinstance(value, Slots) and not isinstance(value, Frame):
        for item in value.entries.values():
            yield from leaves(item)
