"""Making instances: `__new__` and `__init__` run as Python runs them.

What Python itself writes (the `__init__` of a dataclass, the `__new__` of a named tuple) has no
source text and is done here.
"""

from __future__ import annotations

import ast
import builtins
import dataclasses
import enum
import inspect
from collections.abc import Callable, Mapping
from types import FunctionType, MappingProxyType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from srcgrad.frontend import containers, objects
from srcgrad.frontend.abstract import (
    MISSING,
    NONE,
    Abstract,
    Keywords,
    ObjectOf,
    Static,
    TupleOf,
    describe,
    is_static,
)
from srcgrad.frontend.members import Member, is_method
from srcgrad.instances import holds_attributes

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator


def construct(
    ev: Evaluator, kind: type, args: list[Abstract], kwargs: Keywords, node: ast.AST
) -> Abstract:
    """`kind(*args, **kwargs)`."""
    if issubclass(kind, np.generic):
        return ev.call_primitive("cast", args[:1], {"dtype": Static(np.dtype(kind))})
    if issubclass(kind, enum.Enum) and all(map(is_static, [*args, *kwargs.values()])):
        return _member(ev, kind, args, node)
    if kind in _KNOWN_NOW or kind.__name__ == "__array_namespace_info__":
        return ev.captures.settle(_made_now(ev, kind, args, kwargs, node))
    if issubclass(kind, BaseException):
        return _exception(ev, kind, args, kwargs, node)
    is_named_tuple = issubclass(kind, tuple) and hasattr(kind, "_fields")
    if not is_named_tuple and not holds_attributes(kind):
        ev.refuse(
            node,
            f"making an instance of `{kind.__name__}` inside the function is not supported yet",
            "Make it outside, and pass it or what it computes as an argument.",
        )
    if type(kind).__call__ is not type.__call__:
        ev.refuse(
            node,
            f"`{type(kind).__name__}`, the metaclass of `{kind.__name__}`, makes its instances in "
            "a way of its own, which is not supported",
            "Make the instance outside, and pass it as an argument.",
        )
    if inspect.isabstract(kind):
        message = f"`{kind.__name__}` is abstract: it has no instances"
        ev.reject(node, message, raises=TypeError)
    made = _new(ev, kind, args, kwargs, node)
    if isinstance(made, (ObjectOf, TupleOf)) and issubclass(made.kind, kind):
        _initialise(ev, made, args, kwargs, node)
    return made


# What NumPy and Python say of dtypes, of themselves, and of what is known.
_KNOWN_NOW: tuple[type, ...] = (np.dtype, MappingProxyType)


def _made_now(
    ev: Evaluator, kind: type, args: list[Abstract], kwargs: Keywords, node: ast.AST
) -> object:
    if not all(map(is_static, [*args, *kwargs.values()])):
        ev.refuse(node, f"the arguments of `{kind.__name__}` must be known before the call")
    plain = [containers.to_rule_argument(ev, item) for item in args]
    return kind(*plain, **{k: containers.to_rule_argument(ev, v) for k, v in kwargs.items()})


def _exception(
    ev: Evaluator, kind: type, args: list[Abstract], kwargs: Keywords, node: ast.AST
) -> Abstract:
    """An exception: its `args` are what it was called with, unless its own `__init__` says else."""
    made = ObjectOf(kind, {"args": TupleOf(tuple(args))})
    ev.made_exceptions[made.serial] = None if kwargs else tuple(args)
    initialise = objects.look_up(ev, kind, "__init__")
    if is_method(initialise):
        ev.call(Static(initialise), [made, *args], kwargs, node)
    elif kwargs:
        ev.reject(node, f"{kind.__name__}() takes no keyword arguments", raises=TypeError)
    return made


def _initialise_exception(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    """`super().__init__(...)` of an exception."""
    made, *given = args
    assert isinstance(made, ObjectOf)
    ev.trail.set(made, "args", TupleOf(tuple(given)), told=True)
    return NONE


_EXCEPTIONS = [
    kind
    for kind in vars(builtins).values()
    if isinstance(kind, type) and issubclass(kind, BaseException) and "__init__" in vars(kind)
]
HANDLERS: dict[Any, Callable[..., Abstract]] = {
    kind.__init__: _initialise_exception  # type: ignore[misc]
    for kind in _EXCEPTIONS
}


def _member(ev: Evaluator, kind: type, args: list[Abstract], node: ast.AST) -> Abstract:
    try:
        return Static(kind(*(item.value for item in args)))  # type: ignore[union-attr]
    except ValueError as error:
        ev.reject(node, str(error))


def _new(
    ev: Evaluator, kind: type, args: list[Abstract], kwargs: Keywords, node: ast.AST
) -> Abstract:
    held = objects.look_up(ev, kind, "__new__")
    function = held.__func__ if isinstance(held, staticmethod) else held
    return new_by(ev, function, kind, args, kwargs, node)


def new_by(
    ev: Evaluator,
    function: Any,
    kind: type,
    args: list[Abstract],
    kwargs: Keywords,
    node: ast.AST,
) -> Abstract:
    """What a `__new__` makes."""
    if function is object.__new__ or function is SimpleNamespace.__new__:
        return ObjectOf(kind, {})
    if _is_of_named_tuple(function, kind):
        fields: tuple[str, ...] = kind._fields  # type: ignore[attr-defined]
        given = getattr(kind, "_field_defaults", {})
        defaults = {
            name: value.held
            if isinstance(value, Member)
            else ev.captures.default(kind, f"_field_defaults[{name!r}]", value)
            for name, value in given.items()
        }
        bound = _bind_fields(ev, fields, defaults, args, kwargs, node)
        return TupleOf(tuple(bound[name] for name in fields), kind)
    if is_method(function) and function.__module__ not in ("typing", "abc"):
        return ev.call(Static(function), [Static(kind), *args], kwargs, node)
    return ObjectOf(kind, {})


def _is_of_named_tuple(function: object, kind: type) -> bool:
    """Is this the `__new__` that `collections.namedtuple` has written?"""
    if not issubclass(kind, tuple):
        return False
    owner = next(cls for cls in kind.__mro__ if "_fields" in vars(cls))
    return owner.__new__ is function


def _initialise(
    ev: Evaluator,
    made: ObjectOf | TupleOf,
    args: list[Abstract],
    kwargs: Keywords,
    node: ast.AST,
) -> None:
    kind = made.kind
    function = objects.look_up(ev, kind, "__init__")
    if is_method(function):
        ev.call(Static(function), [made, *args], kwargs, node)
    elif kind is SimpleNamespace or function is SimpleNamespace.__init__:
        assert isinstance(made, ObjectOf)
        made.entries.update(kwargs)
    elif (args or kwargs) and function is object.__init__ and not _has_own_new(kind):
        ev.reject(node, f"{kind.__name__}() takes no arguments")


def _has_own_new(kind: type) -> bool:
    return inspect.getattr_static(kind, "__new__") is not object.__dict__["__new__"]


# What a dataclass is given


def written_by_dataclass(function: FunctionType, owner: Abstract) -> type | None:
    """The dataclass for which Python wrote this method, else None."""
    kind = objects.class_of(owner)
    if kind is None or function.__code__.co_filename != "<string>":
        return None
    for cls in kind.__mro__:
        if vars(cls).get(function.__name__) is function and "__dataclass_params__" in vars(cls):
            return cls
    return None


def call_written(
    ev: Evaluator,
    cls: type,
    function: FunctionType,
    args: list[Abstract],
    kwargs: Keywords,
    node: ast.AST,
) -> Abstract:
    """A method that Python wrote for a dataclass."""
    name = function.__name__
    if name == "__init__":
        assert isinstance(args[0], ObjectOf)
        _initialise_dataclass(ev, cls, args[0], args[1:], kwargs, node)
        return NONE
    if name in _ORDERS:
        left, right = args
        if objects.class_of(left) is not objects.class_of(right):
            return Static(NotImplemented)
        names = [f.name for f in dataclasses.fields(cls) if f.compare]  # type: ignore[arg-type]
        sides = [
            TupleOf(tuple(ev.attribute_of(side, n, node) for n in names)) for side in (left, right)
        ]
        return ev.compare(_ORDERS[name], sides[0], sides[1], node)
    ev.refuse(node, f"`{name}` of {describe(args[0])} is not supported yet")


_ORDERS: dict[str, ast.cmpop] = {
    "__eq__": ast.Eq(),
    "__lt__": ast.Lt(),
    "__le__": ast.LtE(),
    "__gt__": ast.Gt(),
    "__ge__": ast.GtE(),
}


def _initialise_dataclass(
    ev: Evaluator,
    cls: type,
    made: ObjectOf,
    args: list[Abstract],
    kwargs: Keywords,
    node: ast.AST,
) -> None:
    every: Mapping[str, Any] = cls.__dataclass_fields__  # type: ignore[attr-defined]
    fields = [f for f in every.values() if _role(f) != "_FIELD_CLASSVAR"]
    taken = [f for f in fields if f.init]
    by_position = tuple(f.name for f in taken if not f.kw_only)
    names = (*by_position, *(f.name for f in taken if f.kw_only))
    if len(args) > len(by_position):
        ev.reject(node, f"the arguments do not fit the fields {', '.join(names)}")
    defaults = {f.name: _default(ev, f, cls, kwargs, node) for f in fields}
    of_names = {n: v for n, v in defaults.items() if n in names and v is not MISSING}
    bound = defaults | _bind_fields(ev, names, of_names, args, kwargs, node)
    only_given: list[Abstract] = []
    for field in fields:
        value = bound[field.name]
        if _role(field) == "_FIELD_INITVAR":
            only_given.append(value)
        elif value is not MISSING:
            ev.trail.set(made, field.name, value)
    after = objects.look_up(ev, made.kind, "__post_init__")
    if is_method(after):
        ev.call(Static(after), [made, *only_given], {}, node)


def _role(field: Any) -> str:
    """What a field is: "_FIELD", "_FIELD_INITVAR" (given to `__post_init__`) or a class's own."""
    return str(field._field_type.name)


def _default(ev: Evaluator, field: Any, cls: type, kwargs: Keywords, node: ast.AST) -> Abstract:
    if isinstance(field.default, Member):
        return field.default.held
    if field.default is not dataclasses.MISSING:
        place = f"__dataclass_fields__[{field.name!r}].default"
        return ev.captures.default(cls, place, field.default)
    if field.default_factory is not dataclasses.MISSING and field.name not in kwargs:
        factory = field.default_factory
        is_member = isinstance(factory, Member)
        made = factory.held if is_member else ev.captures.read_constant(factory)
        return ev.call(made, [], {}, node)
    return MISSING


def _bind_fields(
    ev: Evaluator,
    names: tuple[str, ...],
    defaults: Mapping[str, Abstract],
    args: list[Abstract],
    kwargs: Keywords,
    node: ast.AST,
) -> dict[str, Abstract]:
    bound: dict[str, Abstract] = {**defaults, **dict(zip(names, args)), **kwargs}
    missing = [name for name in names if name not in bound]
    if missing or len(args) > len(names) or set(bound) - set(names):
        ev.reject(node, f"the arguments do not fit the fields {', '.join(names)}")
    return {name: bound[name] for name in names}
