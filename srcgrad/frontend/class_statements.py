"""`class` inside a function: a class is made when the statement is evaluated.

Its body runs in a frame of its own, which the functions defined in it do not see.  Python then
makes the class (see `members`); what it would run of the user's program while it does so,
`__set_name__` and `__init_subclass__`, is evaluated like any other call.
"""

from __future__ import annotations

import abc
import ast
import dataclasses
import enum
import functools
import sys
import types
import typing
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from srcgrad.errors import SrcgradError
from srcgrad.frontend import objects
from srcgrad.frontend.abstract import (
    FALSE,
    RETURNED,
    Abstract,
    Builtin,
    DictOf,
    Frame,
    Keywords,
    ListOf,
    ObjectOf,
    Static,
    Super,
    TupleOf,
    describe,
    is_static,
)
from srcgrad.frontend.members import Member, MethodMember, as_member, mark_as_made_inside

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator

_OUTSIDE = "Define the class outside the function."
_METACLASSES = (type, abc.ABCMeta, enum.EnumMeta, type(typing.Protocol), type(typing.NamedTuple))
_KEYWORDS = ("metaclass", "total")


def run_class(ev: Evaluator, statement: ast.ClassDef) -> None:
    decorators = [(ev.evaluate(node), node) for node in statement.decorator_list]
    bases = tuple(_base(ev, node) for node in statement.bases)
    keywords = {k.arg: _keyword(ev, k) for k in statement.keywords}
    scope = _scope_of_methods(ev)
    namespace = _run_body(ev, statement, scope)
    kind = _make(ev, statement, bases, keywords, namespace)
    ev.made_classes.append(kind)
    scope.entries["__class__"] = Static(kind)
    _tell_names(ev, kind, statement)
    _tell_bases(ev, kind, statement)
    value: Abstract = Static(kind)
    for decorator, node in reversed(decorators):
        value = ev.call(decorator, [value], {}, node)
    ev.trail.set(ev.frame, statement.name, value)


def _base(ev: Evaluator, node: ast.expr) -> Any:
    base = ev.evaluate(node)
    if not isinstance(base, Static):
        ev.refuse(node, f"{describe(base)} as the base of a class is not supported here", _OUTSIDE)
    return base.value


def _keyword(ev: Evaluator, keyword: ast.keyword) -> Any:
    if keyword.arg not in _KEYWORDS:
        ev.refuse(keyword.value, "this argument of a class is not supported here", _OUTSIDE)
    return ev.make_static(ev.evaluate(keyword.value), keyword.value).value


def _scope_of_methods(ev: Evaluator) -> Frame:
    """What the functions of a class see around them: `__class__`, and then the outer function."""
    outer = ev.frame
    parent = outer.seen_by_functions or outer
    return _frame_in(outer, parent, frozenset({"__class__"}))


def _frame_in(outer: Frame, parent: Frame, names: frozenset[str]) -> Frame:
    return Frame(outer.source, parent, outer.globals, outer.cells, outer.caller, names)


def _run_body(ev: Evaluator, statement: ast.ClassDef, scope: Frame) -> dict[str, Any]:
    outer, loops = ev.frame, ev.loops
    frame = _frame_in(outer, outer.seen_by_functions or outer, frozenset())
    frame.seen_by_functions = scope
    frame.class_name = scope.class_name = statement.name
    ev.frame, ev.loops = frame, []
    try:
        frame.entries[RETURNED] = FALSE
        ev.run_block(statement.body)
        annotations = _annotations(ev, statement)
    finally:
        ev.frame, ev.loops = outer, loops
    namespace = {
        str(name): _as_attribute(ev, str(name), value, statement)
        for name, value in frame.entries.items()
        if isinstance(name, str) and name.isidentifier()
    }
    if annotations:
        namespace["__annotations__"] = annotations
    docstring = ast.get_docstring(statement)
    return namespace if docstring is None else {"__doc__": docstring, **namespace}


def _annotations(ev: Evaluator, statement: ast.ClassDef) -> dict[str, Any]:
    """The annotated names, each with its annotation, or the text of one that is not known."""
    found: dict[str, Any] = {}
    for part in statement.body:
        if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name):
            found[part.target.id] = _annotation(ev, part.annotation)
    return found


def _annotation(ev: Evaluator, node: ast.expr) -> Any:
    try:
        held = ev.evaluate(node)
    except SrcgradError:
        return ast.unparse(node)
    return held.value if isinstance(held, Static) else ast.unparse(node)


_CLASS_METHODS = ("__init_subclass__", "__class_getitem__")


def _as_attribute(ev: Evaluator, name: str, value: Abstract, statement: ast.ClassDef) -> Any:
    if name == "__slots__" and is_static(value):
        return ev.rule_argument(value)
    if isinstance(value, TupleOf) and is_static(value):
        return ev.rule_argument(value)
    member = as_member(value)
    if isinstance(member, MethodMember) and name in _CLASS_METHODS:
        return classmethod(member)  # type: ignore[arg-type]
    if isinstance(member, MethodMember) and name == "__new__":
        return staticmethod(member)
    return member


def _make(
    ev: Evaluator,
    statement: ast.ClassDef,
    bases: tuple[Any, ...],
    keywords: dict[Any, Any],
    namespace: dict[str, Any],
) -> type:
    for base in types.resolve_bases(bases):
        _require_quiet(ev, base, statement)
    if keywords.get("metaclass", type) not in _METACLASSES:
        ev.refuse(statement, "a metaclass of the user's is not supported here", _OUTSIDE)
    namespace["__module__"] = ev.frame.globals.get("__name__", "__main__")
    namespace["__qualname__"] = f"{ev.frame.source.qualname}.<locals>.{statement.name}"
    try:
        kind = types.new_class(statement.name, bases, keywords, lambda ns: ns.update(namespace))
    except (TypeError, ValueError) as error:
        ev.reject(statement, str(error), raises=type(error))
    mark_as_made_inside(kind)
    return kind


def _require_quiet(ev: Evaluator, base: Any, statement: ast.ClassDef) -> None:
    """Refuse what would run the user's program when Python makes a class of this base."""
    if type(base) not in _METACLASSES and base is not _NAMED_TUPLE:
        ev.refuse(statement, f"the metaclass of `{base.__name__}` is not supported here", _OUTSIDE)
    for cls in getattr(base, "__mro__", ()):
        held = vars(cls).get("__init_subclass__")
        of_user = isinstance(held, classmethod) and isinstance(held.__func__, types.FunctionType)
        if of_user and cls.__module__.split(".")[0] not in sys.stdlib_module_names:
            ev.refuse(
                statement,
                f"`__init_subclass__` of `{cls.__name__}` sees a class that exists during the "
                "call only, which is not supported",
                _OUTSIDE,
            )


_NAMED_TUPLE = types.resolve_bases((typing.NamedTuple,))[0]


def _tell_names(ev: Evaluator, kind: type, statement: ast.ClassDef) -> None:
    """`__set_name__` of the descriptors in a class."""
    for name, held in list(vars(kind).items()):
        if isinstance(held, Member) and isinstance(held.held, ObjectOf):
            given: list[Abstract] = [Static(kind), Static(name)]
            objects.call_special(ev, held.held, "__set_name__", given, statement)


def _tell_bases(ev: Evaluator, kind: type, statement: ast.ClassDef) -> None:
    """`__init_subclass__` of the classes above, where one of them was made here as well."""
    held = objects.look_up(ev, kind, "__init_subclass__", kind)
    if isinstance(held, classmethod) and isinstance(held.__func__, MethodMember):
        above = Super(kind, Static(kind))
        told = objects.super_attribute(ev, above, "__init_subclass__", statement)
        ev.call(told, [], {}, statement)


# Decorators of methods and of classes


def _wrapper(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    """`staticmethod`, `property` and others of a function that is defined here."""
    named = {key: as_member(item) for key, item in kwargs.items()}
    return Static(function(*map(as_member, args), **named))


def accessor(wrapped: property, name: str) -> Builtin:
    """`wrapped.setter`, as a decorator."""

    def decorate(ev: Evaluator, args: list[Abstract], kwargs: Keywords, node: Any) -> Abstract:
        return Static(getattr(wrapped, name)(as_member(args[0])))

    return Builtin(decorate)


def _field(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    named = {key: as_member(item) for key, item in kwargs.items()}
    return Static(dataclasses.field(**named))


def _dataclass(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    """`@dataclass` and `@dataclass(frozen=True)` of a class made here."""
    options = {key: ev.make_static(item, node).value for key, item in kwargs.items()}

    def decorate(ev: Evaluator, given: list[Abstract], named: Keywords, node: Any) -> Abstract:
        kind = ev.make_static(given[0], node).value
        _refuse_shared_defaults(ev, kind, node)
        try:
            made = dataclasses.dataclass(kind, **options)  # type: ignore[call-overload]
        except (TypeError, ValueError) as error:
            ev.reject(node, str(error), raises=type(error))
        mark_as_made_inside(made)
        ev.made_classes.append(made)
        return Static(made)

    return decorate(ev, args, {}, node) if args else Builtin(decorate)


def _refuse_shared_defaults(ev: Evaluator, kind: Any, node: Any) -> None:
    for name in vars(kind).get("__annotations__", {}):
        held = vars(kind).get(name)
        if isinstance(held, Member) and isinstance(held.held, (ListOf, DictOf)):
            ev.reject(
                node,
                f"mutable default {describe(held.held)} for field {name} is not allowed",
                "Use `field(default_factory=...)`.",
                raises=ValueError,
            )


def _auto(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    return Static(enum.auto())


def _type_variable(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    plain = [ev.make_static(item, node).value for item in args]
    named = {key: ev.make_static(item, node).value for key, item in kwargs.items()}
    return Static(function(*plain, **named))


def _of_class(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    """`total_ordering` and others, which Python does by itself."""
    return Static(function(ev.make_static(args[0], node).value))


HANDLERS: dict[Any, Callable[..., Abstract]] = {
    **dict.fromkeys(
        (
            staticmethod,
            classmethod,
            property,
            functools.cached_property,
            functools.partialmethod,
            abc.abstractmethod,
        ),
        _wrapper,
    ),
    dataclasses.field: _field,
    dataclasses.dataclass: _dataclass,
    enum.auto: _auto,
    typing.TypeVar: _type_variable,
    functools.total_ordering: _of_class,
    typing.runtime_checkable: _of_class,
    typing.final: _of_class,
    enum.unique: _of_class,
}
