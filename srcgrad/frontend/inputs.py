"""From the arguments of the first call to abstract values, with the guards that they imply.

Numbers and arrays become inputs of the graph; everything else is known now and guarded.  Globals
and closure variables that hold numbers are inputs too (captured ones), read anew at each call.
"""

from __future__ import annotations

import collections
import dataclasses
import dis
import functools
import itertools
import types
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, TypeVar

import numpy as np

from srcgrad.declarations import own_rules
from srcgrad.errors import ArgumentError, UnsupportedError
from srcgrad.frontend.abstract import (
    ITEMS,
    Abstract,
    ArrayRef,
    DictOf,
    GivenFunction,
    GivenObject,
    ListOf,
    Number,
    Partial,
    Slots,
    Static,
    Storage,
    TupleOf,
    Unread,
)
from srcgrad.frontend.installed import is_offered
from srcgrad.frontend.overlap import overlaps_itself, share_memory
from srcgrad.graph import (
    BOOL,
    COMPLEX,
    FLOAT,
    OPAQUE,
    ArrayType,
    Assumptions,
    Dim,
    Entries,
    Fields,
    Items,
    Leaf,
    Outline,
    Passive,
    ScalarType,
    Tree,
    Value,
    leaves,
    symbol,
)
from srcgrad.instances import attributes_of, is_instance

GENERATORS = (np.random.Generator, np.random.RandomState)
_SCALAR_TYPES = {float: FLOAT, complex: COMPLEX, bool: BOOL}
_VALUE_COMPARED = (str, bytes, bool, int, np.dtype, slice, type(Ellipsis), frozenset)
_DICTS = (collections.OrderedDict, collections.defaultdict, collections.Counter)
_WRITTEN_KEYS = (str, bytes, bool, int, type(None))
_OF_ONE_CLASS = (
    type,
    type(None),
    types.FunctionType,
    types.BuiltinFunctionType,
    types.MethodType,
    types.ModuleType,
    np.ufunc,
)


@dataclass(frozen=True, slots=True)
class UnknownArgument:
    """Stands for an argument of which nothing is known but that it is a float64 array or number."""

    name: str


@dataclass(slots=True)
class Guards:
    """Conditions on the arguments, as Python expressions, and the objects they name."""

    conditions: list[str] = field(default_factory=list)
    constants: dict[str, object] = field(default_factory=dict)
    sizes: dict[str, str] = field(default_factory=dict)
    _names: dict[int, str] = field(default_factory=dict)

    def require(self, condition: str) -> None:
        if condition not in self.conditions:
            self.conditions.append(condition)

    def constant(self, value: object) -> str:
        """A name by which conditions refer to an object."""
        name = self._names.get(id(value))
        if name is None:
            name = f"_srcgrad_{len(self.constants)}"
            self._names[id(value)] = name
            self.constants[name] = value
        return name


_Held = TypeVar("_Held", bound=Slots)


@dataclass(slots=True)
class InputReader:
    """Turns concrete objects into abstract values, each with the expression that reaches it.

    `of_libraries` holds the places below which all numbers belong to installed libraries.
    `static` holds the expressions of integers and sizes that had to be known before the call,
    `storage` those of arrays that are written in place.  `seen_functions` holds the functions that
    earlier specialisations knew by identity, by their code.  By serial number, `places` gets the
    expressions of the mutable things that were read, and `changed` notes those that change.  Arrays
    of the parameters `batched` hold samples: the function gets one, which is in `samples` with the
    input that holds them all.
    """

    assumptions: Assumptions
    guards: Guards
    static: frozenset[str]
    storage: frozenset[object]
    appended: frozenset[object] = frozenset()
    seen_functions: Mapping[types.CodeType, Collection[types.FunctionType]] = field(
        default_factory=dict
    )
    gives_functions: bool = False
    batched: frozenset[str] = frozenset()
    batched_instances: bool = False
    samples: dict[Value, Value] = field(default_factory=dict)
    values: list[Value] = field(default_factory=list)
    origins: dict[Value, str] = field(default_factory=dict)
    objects: dict[Value, object] = field(default_factory=dict)
    places: dict[int, str] = field(default_factory=dict)
    changed: set[int] = field(default_factory=set)
    given: dict[int, object] = field(default_factory=dict)
    of_libraries: list[str] = field(default_factory=list)
    _symbols: set[str] = field(default_factory=set)
    _instances: dict[int, GivenObject] = field(default_factory=dict)

    def read(self, given: Any, expression: str, name: str | None) -> tuple[Abstract, Tree]:
        """The abstract value of an object, and the tree of its leaves."""
        kind = type(given)
        if kind in (float, int) and self._belongs_to_library(expression):
            return self._static(given, expression), Passive(given)
        if kind is UnknownArgument:
            value = Value(ArrayType(np.dtype(float), None), name)
            return self._input(value, expression, given)
        if kind is np.ndarray or isinstance(given, np.generic):
            return self._array(given, expression, name)
        if kind in (float, complex):
            return self._scalar(given, expression, name)
        if kind is int and expression not in self.static:
            return self._integer(given, expression, name)
        if kind in (tuple, list):
            return self._sequence(given, expression, name)  # type: ignore[arg-type]
        if kind is dict:
            return self._dict(given, expression)  # type: ignore[arg-type]
        if kind in _DICTS:
            return self._kind_of_dict(given, expression)  # type: ignore[arg-type]
        if kind is collections.deque:
            return self._deque(given, expression)  # type: ignore[arg-type]
        if kind is set:
            return self._set(given, expression)  # type: ignore[arg-type]
        if kind is functools.partial:
            return self._partial(given, expression)  # type: ignore[arg-type]
        if isinstance(given, tuple) and hasattr(kind, "_fields"):
            return self._named_tuple(given, expression)
        if kind in GENERATORS:
            self.guards.require(f"type({expression}) is {self.guards.constant(kind)}")
            return self._input(Value(OPAQUE, name), expression, given)
        if is_instance(given) and not is_offered(given):
            return self._instance(given, expression)
        if isinstance(given, np.ndarray):
            raise ArgumentError(
                f"`{expression}` is a {kind.__name__}, a subclass of numpy.ndarray",
                construct=expression,
                remedy=f"Pass a plain array: np.asarray({expression}).",
            )
        if kind is types.FunctionType:
            return self._function(given, expression), Passive(given)
        return self._static(given, expression), Passive(given)

    def _belongs_to_library(self, expression: str) -> bool:
        return any(expression.startswith(place) for place in self.of_libraries)

    def _seen(self, held: _Held, given: object, expression: str) -> _Held:
        """Note that the caller sees changes to this, and where."""
        held.be_there_before()
        self.places[held.serial] = expression
        self.given[held.serial] = given
        return held

    def _input(self, value: Value, expression: str, given: object) -> tuple[Number, Leaf]:
        self.values.append(value)
        self.origins[value] = expression
        self.objects[value] = given
        return Number(value), Leaf(value)

    def _array(self, given: Any, expression: str, name: str | None) -> tuple[Abstract, Tree]:
        dtype = given.dtype
        if dtype.kind not in "biufc":
            raise ArgumentError(
                f"`{expression}` is an array of dtype {dtype}, which is not numeric",
                construct=expression,
                remedy="Pass numbers as an array of numbers, and other things in a list or tuple.",
            )
        g = self.guards
        g.require(f"type({expression}) is {g.constant(type(given))}")
        if type(given) is np.ndarray:
            # NumPy's own dtypes are singletons; others (byte-swapped, unpickled) must be compared.
            same = g.constant(dtype)
            g.require(f"{expression}.dtype is {same} or {expression}.dtype == {same}")
            g.require(f"{expression}.ndim == {given.ndim}")
        base = self._base_symbol(name or expression)
        dims: list[Dim] = []
        for axis, size in enumerate(given.shape):
            text, place = f"{base}{axis}", f"{expression}.shape[{axis}]"
            if place in self.static:
                g.require(f"{place} == {size}")
                dims.append(size)
                continue
            self.assumptions.hints[text] = size
            g.sizes[text] = place
            dims.append(symbol(text))
        number, leaf = self._input(Value(ArrayType(dtype, tuple(dims)), name), expression, given)
        if dims and self._holds_samples(expression):
            number = self._sample(leaf.value, ArrayType(dtype, tuple(dims[1:])))
        self._forbid_overlap(given, expression)
        if expression not in self.storage:
            return number, leaf
        memory = Storage(number, of_caller=True)
        memory.be_there_before()
        return ArrayRef(memory, (), ()), leaf

    def _holds_samples(self, expression: str) -> bool:
        """Is this in a parameter whose arrays hold samples?"""
        if expression.partition("[")[0].partition(".")[0] not in self.batched:
            return False
        owners = (held.expression for held in self._instances.values())
        return self.batched_instances or not any(
            expression.startswith(f"{owner}.") for owner in owners
        )

    def _sample(self, whole: Value, type_: ArrayType) -> Number:
        """One of the samples of an array, as the function sees it."""
        sample = Value(type_, whole.name)
        self.samples[sample] = whole
        self.origins[sample] = self.origins[whole]
        return Number(sample)

    def _forbid_overlap(self, given: np.ndarray, expression: str) -> None:
        """An array that is written must not share memory with any other argument."""
        if expression in self.storage:
            self._forbid_overlap_within(given, expression)
        overlap = self.guards.constant(share_memory)
        for value, other in self.objects.items():
            place = self.origins[value]
            written = [name for name in (expression, place) if name in self.storage]
            if place == expression or not written or not isinstance(other, np.ndarray):
                continue
            self.guards.require(f"not {overlap}({place}, {expression})")
            if share_memory(other, given):
                (other_name,) = {expression, place} - {written[0]}
                raise UnsupportedError(
                    f"`{written[0]}` is changed in place and shares memory with `{other_name}`",
                    construct=written[0],
                    remedy=f"Pass a copy of one of them: `{other_name}.copy()`.",
                )

    def _forbid_overlap_within(self, given: np.ndarray, expression: str) -> None:
        """Nor must a store into one of its elements change another one."""
        self.guards.require(f"not {self.guards.constant(overlaps_itself)}({expression})")
        if overlaps_itself(given):
            raise UnsupportedError(
                f"`{expression}` is changed in place, and elements of it share memory",
                construct=expression,
                remedy=f"Pass a copy of it: `{expression}.copy()`.",
            )

    def _base_symbol(self, text: str) -> str:
        base = "".join(c if c.isalnum() else "_" for c in text).strip("_")
        unique, count = base, 0
        while unique in self._symbols:
            count += 1
            unique = f"{base}_{count}_"
        self._symbols.add(unique)
        return unique

    def _scalar(self, given: Any, expression: str, name: str | None) -> tuple[Abstract, Tree]:
        self._require_type(expression, type(given))
        return self._input(Value(_SCALAR_TYPES[type(given)], name), expression, given)

    def _integer(self, given: int, expression: str, name: str | None) -> tuple[Abstract, Tree]:
        self._require_type(expression, int)
        text = self._base_symbol(name or expression)
        self.assumptions.hints[text] = given
        self.assumptions.signed.add(text)
        self.guards.sizes[text] = expression
        return self._input(Value(ScalarType(int, symbol(text)), name), expression, given)

    def _require_type(self, expression: str, kind: type) -> None:
        self.guards.require(f"type({expression}) is {self.guards.constant(kind)}")

    def _sequence(self, given: Any, expression: str, name: str | None) -> tuple[Abstract, Tree]:
        self._require_type(expression, type(given))
        if expression in self.appended:
            made = ListOf(())
            made.entries[ITEMS] = Unread(expression)
            return self._seen(made, given, expression), Passive()
        self.guards.require(f"len({expression}) == {len(given)}")
        pairs = [self.read(item, f"{expression}[{i}]", None) for i, item in enumerate(given)]
        items, trees = tuple(a for a, _ in pairs), tuple(t for _, t in pairs)
        held = TupleOf(items)
        if type(given) is not tuple:
            made = self._seen(ListOf(items), given, expression)
            return made, Items(type(given), trees)
        return held, Items(type(given), trees)

    def _dict(self, given: dict, expression: str) -> tuple[Abstract, Tree]:
        self._require_type(expression, type(given))
        keys = tuple(given)
        self._require_equal(f"tuple({expression})", keys)
        pairs = [
            self.read(given[key], f"{expression}[{self._key_text(key)}]", _as_name(key))
            for key in keys
        ]
        for key, (_, tree) in zip(keys, pairs):
            if not _has_literal(key) and any(True for _ in leaves(tree)):
                raise UnsupportedError(
                    f"`{expression}` holds numbers under the key {key!r}, which has no literal",
                    construct=expression,
                    remedy="Use strings or numbers as keys.",
                )
        held = DictOf(dict(zip(keys, (a for a, _ in pairs))))
        return self._seen(held, given, expression), Entries(keys, tuple(t for _, t in pairs))

    def _kind_of_dict(self, given: Any, expression: str) -> tuple[Abstract, Tree]:
        """An `OrderedDict`, a `defaultdict` or a `Counter`, to be read."""
        held, tree = self._dict(given, expression)
        assert isinstance(held, DictOf) and isinstance(tree, Entries)
        held.kind = type(given)
        if held.kind is collections.Counter:
            held.missing = lambda ev, key, node: Static(0)
        return held, replace(tree, kind=type(given), like=expression)

    def _deque(self, given: collections.deque, expression: str) -> tuple[Abstract, Tree]:
        held, tree = self._sequence(given, expression, None)
        assert isinstance(held, ListOf)
        held.kind, held.limit = collections.deque, given.maxlen
        return held, tree

    def _require_equal(self, expression: str, items: tuple[object, ...]) -> None:
        """The items, in this order; those that may equal others of another type, of these types."""
        g = self.guards
        g.require(f"{expression} == {g.constant(items)}")
        if not all(isinstance(item, str) for item in items):
            kinds = tuple(map(type, items))
            g.require(f"tuple(map(type, {expression})) == {g.constant(kinds)}")

    def _key_text(self, key: object) -> str:
        """A key of a dict as it is written in a guard."""
        return repr(key) if type(key) in _WRITTEN_KEYS else self.guards.constant(key)

    def _set(self, given: set, expression: str) -> tuple[Abstract, Tree]:
        """A set is known now: its items and the order in which it gives them are guarded."""
        self._require_type(expression, set)
        self._require_equal(f"tuple({expression})", tuple(given))
        return Static(given), Passive(given)

    def _partial(self, given: functools.partial, expression: str) -> tuple[Abstract, Tree]:
        """A partial function by its parts, so that one of other numbers needs no new code."""
        self._require_type(expression, functools.partial)
        function, _ = self.read(given.func, f"{expression}.func", None)
        args, args_tree = self.read(given.args, f"{expression}.args", None)
        kwargs, kwargs_tree = self.read(given.keywords, f"{expression}.keywords", None)
        assert isinstance(args, TupleOf) and isinstance(kwargs, DictOf)
        named = tuple((str(key), item) for key, item in kwargs.items.items())
        names = ("args", "keywords")
        tree = Fields(functools.partial, names, (args_tree, kwargs_tree), expression)
        return Partial(function, args.items, named), tree

    def _named_tuple(self, given: Any, expression: str) -> tuple[Abstract, Tree]:
        kind, names = type(given), type(given)._fields
        self._require_type(expression, kind)
        pairs = [self.read(getattr(given, n), f"{expression}.{n}", n) for n in names]
        trees = tuple(t for _, t in pairs)
        return TupleOf(tuple(a for a, _ in pairs), kind), Fields(kind, names, trees, expression)

    def _instance(self, given: object, expression: str) -> tuple[Abstract, Tree]:
        """An instance, whose attributes are read later, and once, however often it is met."""
        found = self._instances.get(id(given))
        if found is not None:
            if found.expression != expression:
                self.guards.require(f"{expression} is {found.expression}")
            return found, found.outline
        kind = type(given)
        if kind.__getattribute__ is not object.__getattribute__ and kind is not SimpleNamespace:
            raise UnsupportedError(
                f"`{kind.__name__}` has a `__getattribute__` of its own, which is not supported",
                construct=expression,
                remedy="Define `__getattr__` or properties instead.",
            )
        self._require_type(expression, kind)
        held = GivenObject(given, Outline(kind, expression), self.read)
        self._seen(held, given, expression)
        self._instances[id(given)] = held
        return held, held.outline

    def require_single_names(self) -> None:
        """A list or dict that changes must not be another one as well, under another name.

        An instance has one name only: that under which it was read first.
        """
        by_kind: dict[type, list[int]] = {}
        for serial in self.places:
            if not is_instance(self.given[serial]):
                by_kind.setdefault(type(self.given[serial]), []).append(serial)
        for serials in by_kind.values():
            changed = [serial for serial in serials if serial in self.changed]
            for serial in changed:
                self._forbid_other_names(serial, serials)
            if changed and len({id(self.given[serial]) for serial in serials}) == len(serials):
                self._require_distinct([self.places[serial] for serial in serials])
            elif changed:
                # Those that do not change may be one.
                for one, other in itertools.product(changed, serials):
                    if one != other:
                        self._require_distinct([self.places[one], self.places[other]])

    def _forbid_other_names(self, changed: int, serials: list[int]) -> None:
        for other in serials:
            if other != changed and self.given[other] is self.given[changed]:
                place = self.places[other]
                raise UnsupportedError(
                    f"`{self.places[changed]}` is changed, and is the same object as `{place}`",
                    construct=place,
                    remedy="Pass a copy of one of them.",
                )

    def require_distinct_instances(self) -> None:
        """Instances that were different objects must be so in each call."""
        by_kind: dict[type, list[str]] = {}
        for held in self._instances.values():
            by_kind.setdefault(held.kind, []).append(held.expression)
        for places in by_kind.values():
            self._require_distinct(places)

    def _require_distinct(self, places: list[str]) -> None:
        if len(places) == 2:
            self.guards.require(f"{places[0]} is not {places[1]}")
        elif len(places) > 2:
            listing = ", ".join(f"id({place})" for place in places)
            self.guards.require(f"len({{{listing}}}) == {len(places)}")

    def read_whole(self, tree: Tree) -> None:
        """Read what the function did not of the instances in a tree that is to have a gradient."""
        pending = [tree]
        seen: set[Outline] = set()
        while pending:
            part = pending.pop()
            if isinstance(part, (Items, Entries, Fields)):
                pending += part.items[::-1]
            elif isinstance(part, Outline) and part not in seen:
                seen.add(part)
                held = next(h for h in self._instances.values() if h.outline is part)
                self._read_rest(held)
                pending += list(part.parts.values())[::-1]

    def read_like(self, tree: Tree, like: Tree) -> None:
        """Read of the instances in a direction what was read of those that it belongs to."""
        if isinstance(tree, Outline) and isinstance(like, Outline):
            held = next(h for h in self._instances.values() if h.outline is tree)
            attributes = attributes_of(held.instance)
            for name, part in list(like.parts.items()):
                is_new = name in attributes and name not in held.entries
                if is_new and not isinstance(part, Passive):
                    held.read_value(name, attributes[name])
                if name in tree.parts:
                    self.read_like(tree.parts[name], part)
        elif isinstance(tree, (Items, Entries, Fields)) and type(tree) is type(like):
            for item, other in zip(tree.items, like.items):  # type: ignore[union-attr]
                self.read_like(item, other)

    def _read_rest(self, held: GivenObject) -> None:
        attributes = attributes_of(held.instance)
        fields = _field_names(held.kind)
        for name, value in attributes.items():
            if name in held.outline.parts:
                continue
            if name not in held.entries and (name in fields or _may_have_gradient(value)):
                held.read_value(name, value)
                continue
            held.outline.parts[name] = Passive()
            if name not in held.entries:
                self._require_type(f"{held.expression}.{name}", type(value))
        # In the order in which the instance has them.
        parts = {name: held.outline.parts[name] for name in attributes}
        held.outline.parts.clear()
        held.outline.parts.update(parts)

    def _function(self, given: types.FunctionType, expression: str) -> Abstract:
        """A function by its identity, or by its code where others of this code came before it."""
        seen = self.seen_functions.get(given.__code__, ())
        if not seen or given in seen or not may_be_known_by_code(given):
            return self._static(given, expression)
        g = self.guards
        self._require_type(expression, types.FunctionType)
        g.require(f"{expression}.__code__ is {g.constant(given.__code__)}")
        g.require(f"{expression}.__globals__ is {g.constant(given.__globals__)}")
        g.require(f"len({expression}.__defaults__ or ()) == {len(given.__defaults__ or ())}")
        g.require(f"not {expression}.__kwdefaults__ and not {expression}.__dict__")
        g.require(f"{g.constant(own_rules)}({expression}) is None")
        self.gives_functions = True
        return GivenFunction(given, expression)

    def _static(self, given: object, expression: str) -> Static:
        g = self.guards
        if is_offered(given):
            g.require(f"{expression} is {g.constant(given)}")
        elif type(given) is float:
            self._require_type(expression, float)
            g.require(f"{expression}.hex() == {given.hex()!r}")
        elif isinstance(given, _VALUE_COMPARED):
            self._require_type(expression, type(given))
            g.require(f"{expression} == {g.constant(given)}")
        else:
            g.require(f"{expression} is {g.constant(given)}")
            if type(given) not in _OF_ONE_CLASS:
                # An instance may be made one of another class.
                self._require_type(expression, type(given))
        return Static(given)


def may_be_known_by_code(function: types.FunctionType) -> bool:
    """Is all that a call of the function does a matter of its code, globals, defaults and cells?

    One that binds the variables around it anew shares them with whoever made it.
    """
    has_own = function.__kwdefaults__ or function.__dict__ or own_rules(function) is not None
    return not has_own and not _binds_outer_variables(function.__code__)


def _binds_outer_variables(code: types.CodeType) -> bool:
    stores = (
        instruction.opname in ("STORE_DEREF", "DELETE_DEREF")
        and instruction.argval in code.co_freevars
        for instruction in dis.get_instructions(code)
    )
    inner = (held for held in code.co_consts if isinstance(held, types.CodeType))
    return any(stores) or any(map(_binds_outer_variables, inner))


def _field_names(kind: type) -> tuple[str, ...]:
    return tuple(f.name for f in dataclasses.fields(kind)) if dataclasses.is_dataclass(kind) else ()


def _may_have_gradient(value: object) -> bool:
    """Is this a number with small steps, an array of them, or a container with an array in it?"""
    if isinstance(value, (np.ndarray, np.generic)):
        return value.dtype.kind in "fc"
    if isinstance(value, (tuple, list)):
        return any(_may_have_gradient(item) and type(item) is not float for item in value)
    if isinstance(value, dict):
        return _may_have_gradient(list(value.values()))
    return type(value) in (float, complex) or is_instance(value)


def _has_literal(key: object) -> bool:
    """Can emitted code name this key?"""
    if type(key) is tuple:
        return all(map(_has_literal, key))
    return type(key) in (*_WRITTEN_KEYS, float)


def _as_name(key: object) -> str | None:
    return key if isinstance(key, str) and key.isidentifier() else None
