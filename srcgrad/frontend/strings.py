"""Strings: made now where everything is known, else at each call, from the values of that call."""

from __future__ import annotations

import ast
from collections import namedtuple
from collections.abc import Callable
from types import FunctionType
from typing import TYPE_CHECKING, Any

from srcgrad.frontend import objects, replay
from srcgrad.frontend.abstract import (
    MISSING,
    Abstract,
    DictOf,
    Keywords,
    ListOf,
    Number,
    ObjectOf,
    Static,
    TupleOf,
    describe,
    is_static,
)
from srcgrad.graph import BOOL, INT, Type

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator


def run_joined_str(ev: Evaluator, node: ast.JoinedStr) -> Abstract:
    parts: list[Any] = []
    for part in node.values:
        if isinstance(part, ast.Constant):
            parts.append(part.value)
            continue
        assert isinstance(part, ast.FormattedValue)
        value = ev.evaluate(part.value)
        spec = ""
        if part.format_spec is not None:
            written = ev.evaluate(part.format_spec)
            spec = str(ev.make_static(written, part).value)
        conversion = chr(part.conversion) if part.conversion > 0 else ""
        parts += _formatted(ev, value, conversion, spec, node)
    return _joined(ev, parts)


def _formatted(
    ev: Evaluator, value: Abstract, conversion: str, spec: str, node: ast.AST
) -> list[Any]:
    """The parts of an f-string that show a value."""
    if isinstance(value, Static):
        return [_format_now(value.value, conversion, spec)]
    if not conversion and isinstance(value, ObjectOf):
        own = objects.call_special(ev, value, "__format__", [Static(spec)], node)
        if own is not None:
            return _of_text(ev, own)
    if not _has_own_look(value):
        return [(replay.passive_argument(ev, value), conversion, spec)]
    parts = _parts(ev, value, conversion or "s", node)
    return [(replay.passive_argument(ev, _joined(ev, parts)), "", spec)] if spec else parts


def _format_now(value: Any, conversion: str, spec: str) -> str:
    converters: dict[str, Callable[[Any], Any]] = {"r": repr, "s": str, "a": ascii}
    convert = converters.get(conversion, lambda plain: plain)
    return format(convert(value), spec)


def _joined(ev: Evaluator, parts: list[Any]) -> Abstract:
    """The text of parts: literal text, and values with their conversion and specification."""
    if all(isinstance(part, str) for part in parts):
        return Static("".join(parts))
    return _as_text(ev, ev.call_primitive("format", (), {"parts": Static(tuple(parts))}))


# Which values are strings


def _as_text(ev: Evaluator, made: Abstract) -> Abstract:
    """What a call has made, noted as a string."""
    if isinstance(made, Number):
        ev.texts.add(made.value)
    return made


def is_text(ev: Evaluator, value: Abstract) -> bool:
    """Is this a string, known now or during the call?"""
    if isinstance(value, Static):
        return isinstance(value.value, str)
    return isinstance(value, Number) and value.value in ev.texts


def concatenated(ev: Evaluator, left: Abstract, right: Abstract) -> Abstract:
    """`left + right` of two strings."""
    return _joined(ev, [*_of_text(ev, left), *_of_text(ev, right)])


def _of_text(ev: Evaluator, text: Abstract) -> list[Any]:
    if isinstance(text, Static):
        return [str(text.value)]
    return [(replay.passive_argument(ev, text), "", "")]


# `str`, `repr`, `print`


def text_of(ev: Evaluator, value: Abstract, conversion: str, node: ast.AST) -> Abstract:
    """`str(value)`, with conversion "s", or `repr(value)`, with "r"."""
    if isinstance(value, Static):
        return Static(_format_now(value.value, conversion, ""))
    if _has_own_look(value):
        return _joined(ev, _parts(ev, value, conversion, node))
    function = "repr" if conversion == "r" else "str"
    return _as_text(ev, replay.replay(ev, function, [value], {}, node))


def formatted(ev: Evaluator, value: Abstract, spec: str, node: ast.AST) -> Abstract:
    """`format(value, spec)`."""
    return _joined(ev, _formatted(ev, value, "", spec, node))


def shown(ev: Evaluator, value: Abstract, node: ast.AST) -> Abstract:
    """A value as it is given to `print`: what it looks like, where its class says that."""
    return text_of(ev, value, "s", node) if _has_own_look(value) else value


def _has_own_look(value: Abstract) -> bool:
    """Is there anything in this that does not look as a number, a tuple, a list or a dict does?"""
    if isinstance(value, ObjectOf):
        return True
    if isinstance(value, TupleOf):
        return value.kind is not tuple or any(map(_has_own_look, value.items))
    if isinstance(value, ListOf):
        is_known = isinstance(value.content, TupleOf)
        return value.kind is not list or (is_known and any(map(_has_own_look, value.items)))
    if isinstance(value, DictOf):
        return value.kind is not dict or any(map(_has_own_look, value.items.values()))
    return False


def _parts(ev: Evaluator, value: Abstract, conversion: str, node: ast.AST) -> list[Any]:
    """The parts that show a value; what is in it is shown as `repr` shows it."""
    if isinstance(value, Static):
        return [_format_now(value.value, conversion, "")]
    if not _has_own_look(value):
        return [(replay.passive_argument(ev, value), conversion, "")]
    if isinstance(value, (ListOf, DictOf)) and value.kind not in (list, dict):
        ev.refuse(
            node,
            f"showing a `{value.kind.__name__}` whose items are known during the call only is not "
            "supported yet",
            "Show a list or a dict made of it: `list(...)`, `dict(...)`.",
        )
    if isinstance(value, ListOf):
        return ["[", *_separated(ev, [("", item) for item in value.items], node), "]"]
    if isinstance(value, DictOf):
        pairs = [(f"{key!r}: ", item) for key, item in value.items.items()]
        return ["{", *_separated(ev, pairs, node), "}"]
    own = _by_class(ev, value, conversion, node)
    if own is not None:
        return own
    assert isinstance(value, TupleOf)
    if value.kind is not tuple:
        fields = zip(value.kind._fields, value.items)  # type: ignore[attr-defined]
        named = [(f"{name}=", item) for name, item in fields]
        return [f"{value.kind.__name__}(", *_separated(ev, named, node), ")"]
    end = ",)" if len(value.items) == 1 else ")"
    return ["(", *_separated(ev, [("", item) for item in value.items], node), end]


def _separated(ev: Evaluator, items: list[tuple[str, Abstract]], node: ast.AST) -> list[Any]:
    parts: list[Any] = []
    for at, (name, item) in enumerate(items):
        parts += [", "] * (at > 0) + [name] * bool(name) + _parts(ev, item, "r", node)
    return parts


def _by_class(ev: Evaluator, value: Abstract, conversion: str, node: ast.AST) -> list[Any] | None:
    """What a class says that its instance looks like; None for a named tuple without its own."""
    kind = objects.class_of(value)
    for name in ("__str__", "__repr__") if conversion == "s" else ("__repr__",):
        held = objects.look_up(ev, kind, name) if kind is not None else None
        if isinstance(held, FunctionType) and _is_of_dataclass(held):
            return _as_dataclass(ev, value, node)
        is_plain = isinstance(held, FunctionType) and held.__code__ is _OF_NAMED_TUPLES
        if objects.is_method(held) and not is_plain:
            method = objects.special_method(ev, value, name)
            assert method is not None
            return _of_text(ev, ev.call(method, [], {}, node))
    if kind is not None and issubclass(kind, BaseException):
        return _of_exception(ev, value, conversion, node)
    if isinstance(value, ObjectOf):
        ev.refuse(
            node,
            f"what {describe(value)} looks like depends on where it is in memory",
            f"Give `{value.kind.__name__}` a `__repr__`.",
        )
    return None


_OF_NAMED_TUPLES = namedtuple("_Any", "").__repr__.__code__  # type: ignore[attr-defined]


def _is_of_dataclass(function: FunctionType) -> bool:
    inner = getattr(function, "__wrapped__", function)
    is_written = getattr(getattr(inner, "__code__", None), "co_filename", "") == "<string>"
    return is_written and function.__name__ == "__repr__"


def _as_dataclass(ev: Evaluator, value: Abstract, node: ast.AST) -> list[Any]:
    kind: Any = objects.class_of(value)
    fields = [field for field in kind.__dataclass_fields__.values() if field.repr]
    own = [field.name for field in fields if str(field._field_type.name) == "_FIELD"]
    named = [(f"{name}=", ev.attribute_of(value, name, node)) for name in own]
    return [f"{kind.__qualname__}(", *_separated(ev, named, node), ")"]


def _of_exception(ev: Evaluator, value: Abstract, conversion: str, node: ast.AST) -> list[Any]:
    if isinstance(value, ObjectOf) and value.own("args") == MISSING:
        ev.refuse(
            node,
            "what Python says in this exception is not known before the call",
            "Write a message of your own.",
        )
    args = ev.attribute_of(value, "args", node)
    items = ev.known_items(args, node)
    if conversion == "s" and len(items) < 2:
        return _parts(ev, items[0], "s", node) if items else []
    shown_args = ["(", *_separated(ev, [("", item) for item in items], node), ")"]
    kind = objects.class_of(value)
    assert kind is not None
    return shown_args if conversion == "s" else [kind.__name__, *shown_args]


# Methods

_GIVING_TEXT = frozenset(
    (
        "capitalize center expandtabs format join ljust lower lstrip replace rjust rstrip strip "
        "swapcase title upper zfill removeprefix removesuffix"
    ).split()
)
_GIVING_NUMBERS: dict[str, Type] = {
    **dict.fromkeys(("startswith", "endswith", "isdigit", "isalpha", "isspace"), BOOL),
    **dict.fromkeys(("count", "find", "index", "rfind", "__len__"), INT),
}


def call_method(
    ev: Evaluator, owner: Abstract, name: str, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract | None:
    """A method of a string where that, or an argument, is known during the call only."""
    if name not in _GIVING_TEXT and name not in _GIVING_NUMBERS:
        return None
    args = [shown(ev, item, node) for item in args]
    kwargs = {key: shown(ev, item, node) for key, item in kwargs.items()}
    is_known = is_static(owner)
    function = f"{owner.value!r}.{name}" if isinstance(owner, Static) else f"str.{name}"
    given = args if is_known else [owner, *args]
    if name in _GIVING_NUMBERS:
        return replay.replay(ev, function, given, kwargs, node, _GIVING_NUMBERS[name])
    return _as_text(ev, replay.replay(ev, function, given, kwargs, node))
