"""Globals, closure variables and attributes of known objects: read anew at each call.

Numbers and arrays among them become captured inputs of the graph; functions, classes and the like
are known now, and a guard notices when the name is bound to another one.
"""

from __future__ import annotations

import enum
import functools
import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import CellType, FunctionType, ModuleType
from typing import Any

import numpy as np

from srcgrad.declarations import note_run_in_place
from srcgrad.errors import ArgumentError, UnsupportedError
from srcgrad.frontend.abstract import (
    MISSING,
    Abstract,
    DictOf,
    GivenFunction,
    ListOf,
    ObjectOf,
    PlacedCell,
    Static,
    TupleOf,
)
from srcgrad.frontend.inputs import Guards, InputReader
from srcgrad.frontend.installed import is_installed, is_unchanging, is_unchanging_name
from srcgrad.frontend.members import is_made_inside, is_whole
from srcgrad.graph import (
    OPAQUE,
    Builder,
    Leaf,
    Parameter,
    Passive,
    Tree,
    Value,
    leaves,
    settled,
)
from srcgrad.rules import Symbol

_NUMBERS = (int, float, complex)
_WITHOUT_NEW_ATTRIBUTES = (*_NUMBERS, bool, str, bytes, tuple, type(None))


@dataclass(slots=True)
class Captures:
    """What the evaluation read beside its arguments.

    `parameters` are the captured parameters of the emitted function, `fetches` the expression that
    reads each of them anew.
    """

    reader: InputReader
    guards: Guards
    parameters: list[Parameter] = field(default_factory=list)
    fetches: dict[str, str] = field(default_factory=dict)
    taken_names: set[str] = field(default_factory=set)
    writes_cells: bool = False
    # The places of cells and functions that are known by their place.
    _places: dict[int, str] = field(default_factory=dict)
    _read: dict[tuple[int, str], Abstract] = field(default_factory=dict)
    _expressions: dict[int, str] = field(default_factory=dict)
    _kept: list[object] = field(default_factory=list)
    _builtins: dict[int, set[str]] = field(default_factory=dict)
    _instances: dict[str, tuple[Tree, str]] = field(default_factory=dict)
    _changed: set[str] = field(default_factory=set)
    _settled: dict[int, object] = field(default_factory=dict)
    _passive: dict[int, str] = field(default_factory=dict)
    _passive_values: dict[int, Value] = field(default_factory=dict)

    def global_variable(self, globals_: dict[str, Any], name: str) -> Abstract:
        if is_unchanging_name(globals_.get("__name__")):
            return self._offered(globals_[name])
        place = f"{self.guards.constant(globals_)}[{name!r}]"
        if is_installed(globals_):
            self.reader.of_libraries.append(place)
        return self._capture(globals_, name, globals_[name], place)

    def cell(
        self, cell: CellType | PlacedCell, name: str, globals_: Mapping[str, Any] | None = None
    ) -> Abstract:
        """A closure variable of a function that has these globals."""
        globals_ = globals_ or {}
        if isinstance(cell, PlacedCell):
            place, cell = cell.place, cell.cell
        else:
            place = self.guards.constant(cell)
        known = self._places.setdefault(id(cell), place)
        if known != place:
            self.guards.require(f"{place} is {known}")
        try:
            content = cell.cell_contents
        except ValueError:
            return MISSING
        if is_unchanging_name(globals_.get("__name__")):
            return self._offered(content)
        if is_installed(globals_):
            self.reader.of_libraries.append(known)
        return self._capture(cell, name, content, f"{known}.cell_contents")

    def default_of_given(self, given: GivenFunction, at: int, value: object) -> Abstract:
        """The default of a parameter of a function that is known by its code: read anew."""
        known = self._places.setdefault(id(given.function), given.place)
        if known != given.place:
            self.guards.require(f"{given.place} is {known}")
        code, count = given.function.__code__, len(given.function.__defaults__ or ())
        name = code.co_varnames[code.co_argcount - count + at]
        return self._capture(given.function, name, value, f"{known}.__defaults__[{at}]")

    def builtin(self, globals_: dict[str, Any], name: str) -> None:
        """A builtin was read: a later global of that name would hide it."""
        used = self._builtins.setdefault(id(globals_), set())
        if name not in used:
            used.add(name)
            self._kept.append(globals_)
            self.guards.require(f"{name!r} not in {self.guards.constant(globals_)}")

    def attribute(self, owner: object, name: str) -> Abstract:
        """An attribute of an object that is known now (a module, a class, an instance)."""
        value = inspect.getattr_static(owner, name, None)
        if isinstance(owner, enum.Enum) and name in ("name", "value"):
            return Static(getattr(owner, name))
        if isinstance(value, property):
            raise UnsupportedError(
                f"the property `{name}` of {type(owner).__name__} is not supported yet",
                remedy="Read it outside the function, and pass it as an argument.",
            )
        value = getattr(owner, name)
        if self.is_settled(owner):
            return self.settle(value)
        if is_unchanging(owner):
            if not isinstance(owner, ModuleType) or not isinstance(value, _NUMBERS):
                return self._offered(value)
            owner_name = {"numpy": "np"}.get(owner.__name__, owner.__name__)
            return Static(value, f"{owner_name}.{name}")
        return self._capture(owner, name, value, f"{self.expression_of(owner)}.{name}")

    def settle(self, made: Any) -> Abstract:
        """An object that was made while compiling: nobody else has it, so that it never changes."""
        if isinstance(made, (list, tuple)) and type(made) in (list, tuple):
            items = tuple(map(self.settle, made))
            return TupleOf(items) if type(made) is tuple else ListOf(items)
        if isinstance(made, Mapping):
            return DictOf({key: self.settle(item) for key, item in made.items()})
        if _is_data(made):
            return self.read_constant(made)
        if not isinstance(made, _WITHOUT_NEW_ATTRIBUTES):
            self._settled[id(made)] = made
        return Static(made)

    def _offered(self, value: Any) -> Abstract:
        """What an unchanging module, or an instance that it offers, holds."""
        plain = isinstance(value, (dict, list, tuple)) and type(value) in (dict, list, tuple)
        return self.settle(value) if plain or _is_data(value) else Static(value)

    def is_settled(self, known: object) -> bool:
        return id(known) in self._settled

    def read_constant(self, known: object) -> Abstract:
        """The abstract value of an object that is known now, and by no name."""
        name = type(known).__name__.lower()
        return self._capture(known, name, known, self.expression_of(known))

    def has_attribute(self, owner: object, name: str) -> bool:
        """Has an object that is known now this attribute?  Guarded: it may come and go."""
        found = hasattr(owner, name)
        if (
            not (is_unchanging(owner) or self.is_settled(owner))
            and type(owner) not in _WITHOUT_NEW_ATTRIBUTES
        ):
            word = "" if found else "not "
            self.guards.require(f"{word}hasattr({self.expression_of(owner)}, {name!r})")
        return found

    def expression_of(self, known: object) -> str:
        """An expression that reaches a known object in a guard or in emitted code."""
        return self._expressions.get(id(known)) or self.guards.constant(known)

    def remember(self, known: object, expression: str) -> None:
        self._expressions.setdefault(id(known), expression)

    def _capture(self, owner: object, name: str, content: object, place: str) -> Abstract:
        found = self._read.get((id(owner), name))
        if found is None:
            self._kept.append(owner)
            found = self._capture_anew(name, content, place)
            self._read[id(owner), name] = found
        return found

    def _capture_anew(self, name: str, content: object, place: str) -> Abstract:
        unique = self._unique(_identifier(name))
        try:
            abstract, tree = self.reader.read(content, place, unique)
        except ArgumentError as error:
            # The user knows it by its name, not by the expression that guards read it with.
            raise ArgumentError(error.message.replace(place, name), construct=name) from None
        if isinstance(content, FunctionType):
            self.guards.require(f"{place}.__code__ is {self.guards.constant(content.__code__)}")
        if isinstance(abstract, Static):
            self.remember(content, place)
        if _may_change(abstract):
            # What of it is read, and whether it changes, is known in the end.
            self.taken_names.add(unique)
            self._instances[unique] = (tree, place)
        elif any(True for _ in leaves(tree)):
            self.add_parameter(unique, tree, place)
        return abstract

    def add_instances(self) -> None:
        """Make parameters of the instances, and of containers of them, that were read."""
        for name, (tree, place) in self._instances.items():
            finished = settled(tree)
            if name in self._changed or any(True for _ in leaves(finished)):
                self.add_parameter(name, finished, place)

    def path_of(self, place: str) -> str:
        """How emitted code reaches what guards find at a place, which is going to change."""
        for name, (_, start) in self._instances.items():
            if place.startswith(start):
                self._changed.add(name)
                return name + place[len(start) :]
        return place

    def class_attribute(self, kind: type, name: str, held: object) -> None:
        """What a class has under this name was used: a guard notices when it is another thing."""
        if is_unchanging(kind):
            return
        if isinstance(held, (FunctionType, property, functools.cached_property)):
            self._require_class_has(kind, name, "", held)
        elif isinstance(held, staticmethod):
            self._require_class_has(kind, name, "", held.__func__)
        elif isinstance(held, classmethod):
            self._require_class_has(kind, name, ".__func__", held.__func__)

    def _require_class_has(self, kind: type, name: str, rest: str, held: object) -> None:
        # `super()` reads what a subclass hides: the class that has it is asked.
        place = f"{self.guards.constant(kind)}.{name}{rest}"
        self.guards.require(f"{place} is {self.guards.constant(held)}")

    def default(self, function: Any, place: str, value: object) -> Abstract:
        """The default of a parameter: evaluated once by Python, so plain values are known now."""
        expression = f"{self.expression_of(function)}.{place}"
        if isinstance(value, (*_NUMBERS, str, bytes, type(None))):
            return Static(value)
        return self._capture(function, place, value, expression)

    def remember_function(self, function: FunctionType) -> None:
        """A function was evaluated in place: guards notice when its code or defaults change."""
        note_run_in_place(function)
        if is_unchanging_name(function.__module__):
            return
        place = self.expression_of(function)
        for attribute in ("__code__", "__defaults__", "__kwdefaults__"):
            self._require_same(place, attribute, getattr(function, attribute))
        for name, default in (function.__kwdefaults__ or {}).items():
            self._require_same(place, f"__kwdefaults__[{name!r}]", default)

    def remember_wrapped(self, wrapper: Any) -> None:
        """A function inside another callable was reached through its `__wrapped__`."""
        place = f"{self.expression_of(wrapper)}.__wrapped__"
        self.guards.require(f"{place} is {self.guards.constant(wrapper.__wrapped__)}")

    def require_dispatch(self, function: Any, kind: type, chosen: Any) -> None:
        """A generic function has this implementation for a type: another may be registered."""
        place = f"{self.expression_of(function)}.dispatch({self.guards.constant(kind)})"
        self.guards.require(f"{place} is {self.guards.constant(chosen)}")

    def _require_same(self, place: str, attribute: str, held: object) -> None:
        if held is not None:
            self.guards.require(f"{place}.{attribute} is {self.guards.constant(held)}")

    def passive(self, name: str, known: object) -> str:
        """The name of a captured parameter that holds an object through which no numbers flow."""
        _require_whole(known)
        found = self._passive.get(id(known))
        if found is None:
            found = self._unique(_identifier(name))
            self._passive[id(known)] = found
            self._kept.append(known)
            self.add_parameter(found, Passive(known), self.expression_of(known))
        return found

    def passive_symbol(self, builder: Builder, name: str, known: object) -> Symbol:
        """A captured object as an argument of a replayed call."""
        _require_whole(known)
        found = self._passive_values.get(id(known))
        if found is None:
            unique = self._unique(_identifier(name))
            found = Value(OPAQUE, unique)
            self.reader.values.append(found)
            self._passive_values[id(known)] = found
            self._kept.append(known)
            self.add_parameter(unique, Leaf(found), self.expression_of(known))
        return Symbol(builder, found)

    def add_parameter(self, name: str, tree: Tree | Leaf, place: str) -> None:
        kind = inspect.Parameter.KEYWORD_ONLY
        self.parameters.append(Parameter(name, tree, kind, captured=True))
        self.fetches[name] = place
        self.taken_names.add(name)

    def _unique(self, name: str) -> str:
        unique, count = name, 0
        while unique in self.taken_names:
            count += 1
            unique = f"{name}_{count}"
        return unique


def _is_data(value: object) -> bool:
    """Is this read as an input, wherever it stands?"""
    return isinstance(value, (np.ndarray, np.generic))


def _require_whole(known: object) -> None:
    """Refuse to hand out a class whose methods the evaluator alone knows."""
    if isinstance(known, type) and is_made_inside(known) and not is_whole(known):
        raise UnsupportedError(
            f"`{known.__name__}`, a class with methods that is made inside the function, leaves it",
            remedy="Define the class outside the function, or return what its instances hold.",
        )


def _may_change(value: Abstract) -> bool:
    """Is there a list, a dict or an instance in this?"""
    if isinstance(value, TupleOf):
        return any(map(_may_change, value.items))
    return isinstance(value, (ListOf, DictOf, ObjectOf))


def _identifier(name: str) -> str:
    text = "".join(c if c.isalnum() else "_" for c in name)
    return text if text.isidentifier() else f"captured_{text}"
