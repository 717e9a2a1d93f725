"""From the arguments of the first call to abstract values, with the guards that they imply.

Numbers and arrays become inputs of the graph; everything else is known now and guarded.  Globals
and closure variables that hold numbers are inputs too (captured ones), read anew at each call.
"""

from __future__ import annotations

import dataclasses
import types
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from srcgrad.errors import ArgumentError, UnsupportedError
from srcgrad.frontend.abstract import (
    Abstract,
    ArrayRef,
    DictOf,
    ListOf,
    Number,
    ObjectOf,
    Slots,
    Static,
    Storage,
    TupleOf,
)
from srcgrad.graph import (
    BOOL,
    COMPLEX,
    FLOAT,
    ArrayType,
    Assumptions,
    Entries,
    Fields,
    Items,
    Leaf,
    Passive,
    ScalarType,
    Tree,
    Value,
    symbol,
)

_SCALAR_TYPES = {float: FLOAT, complex: COMPLEX, bool: BOOL}
_VALUE_COMPARED = (str, bytes, bool, int, np.dtype, slice, type(Ellipsis), frozenset)
_UNCHANGING_MODULES = ("numpy", "math", "cmath", "builtins", "operator", "functools", "itertools")


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

    `static` holds the expressions of integers whose value had to be known before the call,
    `storage` those of arrays that are written in place.  `outside` gets the serial numbers of the
    mutable things that were read.
    """

    assumptions: Assumptions
    guards: Guards
    static: frozenset[str]
    storage: frozenset[object]
    values: list[Value] = field(default_factory=list)
    origins: dict[Value, str] = field(default_factory=dict)
    objects: dict[Value, object] = field(default_factory=dict)
    outside: set[int] = field(default_factory=set)
    _symbols: set[str] = field(default_factory=set)

    def read(self, given: Any, expression: str, name: str | None) -> tuple[Abstract, Tree]:
        """The abstract value of an object, and the tree of its leaves."""
        kind = type(given)
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
        if isinstance(given, tuple) and hasattr(kind, "_fields"):
            return self._named_tuple(given, expression)
        if dataclasses.is_dataclass(given) and not isinstance(given, type):
            return self._dataclass(given, expression)
        if isinstance(given, np.ndarray):
            raise ArgumentError(
                f"`{expression}` is a {kind.__name__}, a subclass of numpy.ndarray",
                construct=expression,
                remedy=f"Pass a plain array: np.asarray({expression}).",
            )
        return self._static(given, expression), Passive(given)

    def _seen(self, held: _Held) -> _Held:
        """Note that the caller sees changes to this."""
        self.outside.add(held.serial)
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
        dims = []
        for axis, size in enumerate(given.shape):
            text = f"{base}{axis}"
            self.assumptions.hints[text] = size
            g.sizes[text] = f"{expression}.shape[{axis}]"
            dims.append(symbol(text))
        number, leaf = self._input(Value(ArrayType(dtype, tuple(dims)), name), expression, given)
        self._forbid_overlap(given, expression)
        if expression not in self.storage:
            return number, leaf
        return ArrayRef(Storage(number, of_caller=True), (), ()), leaf

    def _forbid_overlap(self, given: np.ndarray, expression: str) -> None:
        """An array that is written must not share memory with any other argument."""
        overlap = self.guards.constant(np.may_share_memory)
        for value, other in self.objects.items():
            place = self.origins[value]
            written = [name for name in (expression, place) if name in self.storage]
            if place == expression or not written or not isinstance(other, np.ndarray):
                continue
            self.guards.require(f"not {overlap}({place}, {expression})")
            if np.may_share_memory(other, given):
                (other_name,) = {expression, place} - {written[0]}
                raise UnsupportedError(
                    f"`{written[0]}` is changed in place and shares memory with `{other_name}`",
                    construct=written[0],
                    remedy=f"Pass a copy of one of them: `{other_name}.copy()`.",
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
        self.guards.sizes[text] = expression
        return self._input(Value(ScalarType(int, symbol(text)), name), expression, given)

    def _require_type(self, expression: str, kind: type) -> None:
        self.guards.require(f"type({expression}) is {self.guards.constant(kind)}")

    def _sequence(self, given: Any, expression: str, name: str | None) -> tuple[Abstract, Tree]:
        self._require_type(expression, type(given))
        self.guards.require(f"len({expression}) == {len(given)}")
        pairs = [self.read(item, f"{expression}[{i}]", None) for i, item in enumerate(given)]
        items, trees = tuple(a for a, _ in pairs), tuple(t for _, t in pairs)
        held = self._seen(ListOf(items)) if type(given) is list else TupleOf(items)
        return held, Items(type(given), trees)

    def _dict(self, given: dict, expression: str) -> tuple[Abstract, Tree]:
        self._require_type(expression, dict)
        keys = tuple(given)
        self.guards.require(f"tuple({expression}) == {self.guards.constant(keys)}")
        pairs = [self.read(given[key], f"{expression}[{key!r}]", _as_name(key)) for key in keys]
        return self._seen(DictOf(dict(zip(keys, (a for a, _ in pairs))))), Entries(
            keys, tuple(t for _, t in pairs)
        )

    def _named_tuple(self, given: Any, expression: str) -> tuple[Abstract, Tree]:
        kind, names = type(given), type(given)._fields
        self._require_type(expression, kind)
        pairs = [self.read(getattr(given, n), f"{expression}.{n}", n) for n in names]
        trees = tuple(t for _, t in pairs)
        return TupleOf(tuple(a for a, _ in pairs), kind), Fields(kind, names, trees, expression)

    def _dataclass(self, given: Any, expression: str) -> tuple[Abstract, Tree]:
        kind = type(given)
        names = tuple(f.name for f in dataclasses.fields(given))
        self._require_type(expression, kind)
        pairs = [self.read(getattr(given, n), f"{expression}.{n}", n) for n in names]
        held = self._seen(ObjectOf(kind, dict(zip(names, (a for a, _ in pairs)))))
        return held, Fields(kind, names, tuple(t for _, t in pairs), expression)

    def _static(self, given: object, expression: str) -> Static:
        g = self.guards
        if isinstance(given, _VALUE_COMPARED):
            self._require_type(expression, type(given))
            g.require(f"{expression} == {g.constant(given)}")
        else:
            g.require(f"{expression} is {g.constant(given)}")
        return Static(given)


def _as_name(key: object) -> str | None:
    return key if isinstance(key, str) and key.isidentifier() else None


def is_unchanging(owner: object) -> bool:
    """Is this a module whose functions nobody replaces (NumPy, the standard library's own)?"""
    name = getattr(owner, "__name__", "")
    return isinstance(owner, types.ModuleType) and name.split(".")[0] in _UNCHANGING_MODULES
