"""Python's builtins on abstract values: each does what Python does, as far as it can be known."""

from __future__ import annotations

import ast
import collections
import functools
import math
import statistics
import types
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from srcgrad.frontend import containers, generators, iterators, objects, storage, strings
from srcgrad.frontend.abstract import (
    FALSE,
    ITEMS,
    NONE,
    POSITION,
    PYTHON_NUMBERS,
    TRUE,
    Abstract,
    ArrayRef,
    BoundMethod,
    Builtin,
    Closure,
    DictOf,
    Endless,
    GeneratorOf,
    IteratorOf,
    Keywords,
    ListOf,
    Number,
    ObjectOf,
    OneOf,
    Partial,
    RangeOf,
    Static,
    TupleOf,
    Walk,
    describe,
    is_static,
)
from srcgrad.frontend.out_arguments import call_with_out
from srcgrad.frontend.replay import call_now, replay
from srcgrad.graph import ArrayType, ListType, ScalarType, Value, is_integral
from srcgrad.rules import primitive_named

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator


def _len(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    (value,) = args
    value = storage.current(ev, value)
    return length(ev, value, node)


def length(ev: Evaluator, value: Abstract, node: ast.AST) -> Abstract:
    """`len(value)`."""
    if isinstance(value, Number):
        type_ = value.value.type
        if isinstance(type_, ListType):
            return ev.call_primitive("list_length", (value,))
        if value.value in ev.texts:
            counted = strings.call_method(ev, value, "__len__", [], {}, node)
            assert counted is not None
            return counted
        shape = type_.shape if isinstance(type_, ArrayType) else ()
        if shape is not None and not shape:
            ev.reject(node, "a number has no len()", raises=TypeError)
        if shape is not None and isinstance(shape[0], int):
            return Static(shape[0])
        return ev.call_primitive("dim", (value,), {"axis": Static(0)})
    items = containers.items_if_known(ev, value)
    if isinstance(value, Static) and type(value.value) in PYTHON_NUMBERS:
        ev.reject(node, f"{describe(value)} has no len()", raises=TypeError)
    if items is None:
        ev.refuse(
            node,
            f"the length of {describe(value)} is not known before the call",
            "Pass the length as an argument.",
        )
    return Static(len(items))


def _range(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    for item in args:
        if isinstance(item, Static) and not isinstance(item.value, int):
            ev.reject(node, f"{describe(item)} cannot be interpreted as an integer")
        if isinstance(item, Number) and not is_integral(item.value.type):
            ev.reject(
                node, f"{describe(item)} cannot be interpreted as an integer", "Write `int(...)`."
            )
    if len(args) == 1:
        return RangeOf(Static(0), args[0], Static(1))
    step = args[2] if len(args) == 3 else Static(1)
    return RangeOf(args[0], args[1], step)


def _slice(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    """As `start:stop:step` between brackets."""
    parts = [None if part == NONE else part for part in args]
    if not 1 <= len(parts) <= 3 or kwargs:
        ev.reject(node, "`slice` takes one to three arguments")
    return Static(slice(*parts))


def _ndarray(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    """`np.ndarray(shape, dtype)` is `np.empty(shape, dtype)`."""
    if len(args) + len(kwargs) > 2 or not kwargs.keys() <= {"shape", "dtype"}:
        ev.refuse(
            node,
            "making an array of memory that is there already is not supported",
            "Use `np.empty`, `np.zeros` or a view.",
        )
    return ev.call(Static(np.empty), args, kwargs, node)


def _zip(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    if ev.make_static(kwargs.get("strict", FALSE), node).value:
        _require_same_length(ev, args, node)
    walked = [objects.walked(ev, part, node) for part in args]
    if any(isinstance(part, IteratorOf) for part in walked):
        return iterators.zipped(ev, walked, node)
    return Walk("zip", tuple(_as_list(ev, part, node) for part in walked))


def _as_list(ev: Evaluator, walked: Abstract, node: Any) -> Abstract:
    return generators.as_list(ev, walked, node) if isinstance(walked, GeneratorOf) else walked


def _require_same_length(ev: Evaluator, args: list[Abstract], node: Any) -> None:
    known = [containers.items_if_known(ev, item) for item in args]
    if any(items is None for items in known) or len({len(items) for items in known if items}) > 1:
        ev.refuse(
            node,
            "`zip(..., strict=True)` needs iterables known to be of one length",
            "Leave `strict=True` out, or `assert` the lengths outside the function.",
        )


def _enumerate(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    start = kwargs.get("start", args[1] if len(args) > 1 else Static(0))
    walked = objects.walked(ev, args[0], node)
    return Walk("enumerate", (walked,), ev.make_static(start, node))


def _reversed(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    own = objects.call_special(ev, args[0], "__reversed__", [], node)
    if own is not None:
        return objects.iterable(ev, own, node)
    items = None if isinstance(args[0], TupleOf) else objects.items_by_index(ev, args[0], node)
    return Walk("reversed", (items or args[0],))


def _tuple(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    given = storage.current(ev, args[0]) if args else None
    if function is list and isinstance(given, Number) and isinstance(given.value.type, ListType):
        copied = ListOf(())
        copied.entries[ITEMS] = given
        return copied
    items = containers.known_items(ev, args[0], node) if args else ()
    return ListOf(items) if function is list else TupleOf(items)


def _dict(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    return DictOf(containers.pairs_of(ev, args, kwargs, node))


def _sum(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    args = [storage.current(ev, item) for item in args]
    start = kwargs.get("start", args[1] if len(args) > 1 else Static(0))
    if isinstance(args[0], Number) and isinstance(args[0].value.type, ListType):
        if start != Static(0):
            ev.refuse(
                node,
                "`sum` of a list of unknown length with a start is not supported yet",
                "Add the start to the sum instead.",
            )
        return ev.call_primitive("list_sum", args[:1])
    if isinstance(args[0], Number):
        return _sum_of_array(ev, args[0], start, node)
    items = containers.known_items(ev, args[0], node)
    if not items:
        return start
    if all(map(is_static, items)) and is_static(start):
        now = call_now(ev, sum, [TupleOf(items), start], {})
        if now is not None:
            return now
    if any(isinstance(item, ObjectOf) for item in items):
        return functools.reduce(lambda a, b: ev.binary(ast.Add(), a, b, node), [start, *items])
    numbers = [item for item in [start, *items] if item != Static(0)]
    if all(_is_python_number(item) for item in numbers):
        return ev.call_primitive("builtins.sum", numbers)
    total = numbers[0]
    for item in numbers[1:]:
        total = ev.binary(ast.Add(), total, item, node)
    return total


def _sum_of_array(ev: Evaluator, value: Number, start: Abstract, node: Any) -> Abstract:
    """Python's `sum` of an array adds up its rows."""
    total = ev.call_primitive(np.sum, (value,), {"axis": Static(0)})
    return total if start == Static(0) else ev.binary(ast.Add(), start, total, node)


def _is_python_number(value: Abstract) -> bool:
    if isinstance(value, Number):
        return isinstance(value.value.type, ScalarType)
    return isinstance(value, Static) and type(value.value) in PYTHON_NUMBERS


def _min_max(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    args = [storage.current(ev, item) for item in args]
    key, default = kwargs.get("key", NONE), kwargs.get("default")
    if len(args) == 1 and isinstance(args[0], Number) and key == NONE:
        if default is not None:
            ev.refuse(
                node,
                f"`default=` of `{function.__name__}` of an array is not supported",
                "Test for the empty case with `if` first.",
            )
        return _extreme_of_array(ev, np.max if function is max else np.min, args[0])
    items = list(containers.known_items(ev, args[0], node)) if len(args) == 1 else args
    if not items and default is not None:
        return default
    if not items:
        ev.reject(node, f"`{function.__name__}` of nothing")
    if key != NONE:
        return _extreme_by_key(ev, function, items, key, node)
    if all(map(is_static, items)):
        now = call_now(ev, function, items, {}) if len(items) > 1 else items[0]
        if now is not None:
            return now
    best = items[0]
    for item in items[1:]:
        best = ev.call_primitive(function, (best, item))
    return best


def _extreme_by_key(
    ev: Evaluator, function: Any, items: list[Abstract], key: Abstract, node: Any
) -> Abstract:
    """The first of the items whose key is greatest (least), as Python's `max` and `min` find it."""
    compare = ast.Gt() if function is max else ast.Lt()
    best, best_key = items[0], ev.call(key, [items[0]], {}, node)
    for item in items[1:]:
        item_key = ev.call(key, [item], {}, node)
        better = ev.truth(ev.compare(compare, item_key, best_key, node), node)
        if isinstance(better, Static):
            best, best_key = (item, item_key) if better.value else (best, best_key)
            continue
        pairs = TupleOf((item, item_key)), TupleOf((best, best_key))
        chosen = ev.choose(better, pairs[0], pairs[1], node)
        best, best_key = containers.known_items(ev, chosen, node)
    return best


def _extreme_of_array(ev: Evaluator, reduce: Any, value: Number) -> Abstract:
    """`max` or `min` of an array, or of a list whose length is known only during the call."""
    type_ = value.value.type
    if not isinstance(type_, ListType):
        return ev.call_primitive(reduce, (value,))
    found = ev.call_primitive(reduce, (ev.call_primitive("stack_list", (value,)),))
    return ev.call_primitive(float, (found,)) if isinstance(type_.element, ScalarType) else found


def _iter(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    if len(args) > 1:
        ev.refuse(node, "`iter` with a sentinel is not supported yet", "Write a `while` loop.")
    walked = objects.iterable(ev, args[0], node)
    return walked if isinstance(walked, (GeneratorOf, IteratorOf)) else IteratorOf(walked)


def _next(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    iterator, *default = args
    if not isinstance(iterator, IteratorOf):
        ev.refuse(
            node,
            f"`next` of {describe(iterator)} is not supported yet",
            "Make a list of what it yields, and take `iter` of that: `iter(list(...))`.",
        )
    at = iterators.place_in(ev, iterator, node)
    if isinstance(iterator.source, Endless):
        ev.trail.set(iterator, POSITION, Static((at or 0) + 1))
        return iterator.source.item(at or 0)
    items = () if at is None else containers.known_items(ev, iterator.source, node)
    if at is None or at >= len(items):
        if not default:
            ev.reject(node, "the iterator has no more items", raises=StopIteration)
        return default[0]
    ev.trail.set(iterator, POSITION, Static(at + 1))
    return items[at]


def _set(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    items = containers.known_items(ev, args[0], node) if args else ()
    return Static(function(ev.make_static(item, node).value for item in items))


def _now(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    """A pure function of things known now."""
    if all(map(is_static, [*args, *kwargs.values()])):
        now = call_now(ev, function, args, kwargs)
        if isinstance(now, (Static, TupleOf, ListOf, DictOf)):
            return now
    ev.refuse(
        node,
        f"`{function.__name__}` of what is known only during the call is not supported",
        "Make the call outside the function, and pass its result as an argument.",
    )


def _dist(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    first, second = (containers.known_items(ev, item, node) for item in args)
    if len(first) != len(second):
        ev.reject(node, "both points must have the same number of dimensions")
    steps = [ev.binary(ast.Sub(), a, b, node) for a, b in zip(first, second)]
    return ev.call_primitive(math.hypot, steps)


def _fmean(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    items = containers.known_items(ev, args[0], node)
    if len(args) > 1 or kwargs or not items:
        ev.refuse(node, "this form of `statistics.fmean` is not supported yet")
    total = ev.call_primitive(math.fsum, (ListOf(items),))
    return ev.binary(ast.Div(), total, Static(len(items)), node)


def _all_any(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    args = [storage.current(ev, item) for item in args]
    if isinstance(args[0], Number) and isinstance(args[0].value.type, ListType):
        return ev.call_primitive("list_all" if function is all else "list_any", args)
    if isinstance(args[0], Number):
        return ev.call_primitive(np.all if function is all else np.any, args)
    result: Abstract = TRUE if function is all else FALSE
    for item in containers.known_items(ev, args[0], node):
        truth = ev.truth(item, node)
        if isinstance(truth, Static):
            if truth.value is not (function is all):
                return truth
            continue
        both = "bitwise_and" if function is all else "bitwise_or"
        result = truth if isinstance(result, Static) else ev.call_primitive(both, (result, truth))
    return result


def _isinstance(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    value, kinds = args
    plain = containers.to_rule_argument(ev, kinds)
    answers = {issubclass(kind, plain) for kind in _scalar_or_array(storage.current(ev, value))}
    if len(answers) == 1:
        return Static(answers.pop())
    return Static(issubclass(kind_of(ev, value, node), plain))


def _scalar_or_array(value: Abstract) -> tuple[type, ...]:
    """What a number of a dtype may be, of which NumPy makes arrays here and scalars there."""
    type_ = value.value.type if isinstance(value, Number) else None
    if not isinstance(type_, ArrayType) or type_.shape:
        return ()
    return type_.dtype.type, np.ndarray


def _type(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    if len(args) != 1:
        ev.refuse(
            node,
            "making a class inside the function is not supported",
            "Define the class outside the function.",
        )
    return Static(kind_of(ev, args[0], node))


def kind_of(ev: Evaluator, value: Abstract, node: Any) -> type:
    """The Python type of an abstract value."""
    if isinstance(value, (ArrayRef, OneOf)):
        return np.ndarray
    value = storage.current(ev, value)
    if isinstance(value, Static):
        return type(value.value)
    if isinstance(value, TupleOf):
        return value.kind
    if isinstance(value, ObjectOf):
        return value.kind
    if isinstance(value, Number):
        return _kind_of_number(ev, value, node)
    if isinstance(value, (ListOf, DictOf)):
        return value.kind
    kinds: dict[type, type] = {
        Partial: functools.partial,
        Closure: types.FunctionType,
        RangeOf: range,
    }
    if type(value) not in kinds:
        ev.refuse(
            node,
            f"the type of {describe(value)} is not known here",
            "Decide by an argument that is a bool or a string, or by `np.ndim`.",
        )
    return kinds[type(value)]


def _kind_of_number(ev: Evaluator, value: Number, node: Any) -> type:
    type_ = value.value.type
    if isinstance(type_, ScalarType):
        return type_.python_type
    given = ev.captures.reader.objects.get(value.value)
    if given is not None:
        return type(given)
    if isinstance(type_, ListType):
        return list
    if isinstance(type_, ArrayType) and type_.shape:
        return np.ndarray
    if isinstance(type_, ArrayType) and _is_scalar_of_numpy(ev, value.value):
        return type_.dtype.type
    ev.refuse(
        node,
        f"the type of {describe(value)} is not known before the call",
        "Decide by an argument that is a bool or a string, or by `np.ndim`.",
    )


def _is_scalar_of_numpy(ev: Evaluator, value: Value) -> bool:
    """Is this the result of what gives scalars and never arrays without dimensions?"""
    defined = ev.definition(value)
    if value.type.shape != () or defined is None:  # type: ignore[union-attr]
        return False
    if defined.operation == "getitem":
        index = defined.parameters.get("index")
        return ... not in (index if isinstance(index, tuple) else (index,))
    function = primitive_named(defined.operation).function
    return isinstance(function, np.ufunc) or function in _GIVING_SCALARS


_GIVING_SCALARS = (
    np.sum,
    np.prod,
    np.max,
    np.min,
    np.mean,
    np.std,
    np.var,
    np.dot,
    np.vdot,
    np.trace,
    np.linalg.norm,
    np.linalg.det,
)


def _map(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    if len(args) == 2:
        rows: list[tuple[Abstract, ...]] = [
            (item,) for item in containers.known_items(ev, args[1], node)
        ]
    else:
        zipped = containers.known_items(ev, Walk("zip", tuple(args[1:])), node)
        rows = [row.items for row in zipped if isinstance(row, TupleOf)]
    return ListOf(tuple(ev.call(args[0], list(row), {}, node) for row in rows))


def _has_attribute(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    return Static(has_attribute(ev, args[0], str(ev.make_static(args[1], node).value), node))


def has_attribute(ev: Evaluator, owner: Abstract, name: str, node: Any) -> bool:
    """`hasattr(owner, name)`."""
    if isinstance(owner, (ObjectOf, TupleOf)) and objects.class_of(owner) is not None:
        return bool(objects.has_attribute(ev, owner, name, node))
    if isinstance(owner, Static):
        return ev.captures.has_attribute(owner.value, name)
    return hasattr(kind_of(ev, owner, node), name)


def _get_attribute(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    if len(args) > 2 and _has_attribute(ev, function, args[:2], {}, node) == FALSE:
        return args[2]
    return ev.attribute_of(args[0], str(ev.make_static(args[1], node).value), node)


def _str(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    if all(map(is_static, args)):
        now = call_now(ev, function, args, kwargs)
        if now is not None:
            return now
    if len(args) == 1 and not kwargs and function is not format:
        return strings.text_of(ev, args[0], "r" if function is repr else "s", node)
    if function is format and not kwargs:
        spec = str(ev.make_static(args[1], node).value) if len(args) > 1 else ""
        return strings.formatted(ev, args[0], spec, node)
    return replay(ev, function.__name__, args, kwargs, node)


def _print(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    replay(ev, "print", [strings.shown(ev, item, node) for item in args], kwargs, node)
    return NONE


def _prod(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    """`np.prod(x.shape)` is a product of Python integers; of an array it is the primitive."""
    args = [storage.current(ev, item) for item in args]
    if not isinstance(args[0], (TupleOf, ListOf)) or kwargs or len(args) > 1:
        stored = call_with_out(ev, function, args, kwargs, node)
        return stored or ev.call_primitive(np.prod, args, kwargs)
    total: Abstract = Static(1)
    for item in args[0].items:
        total = ev.binary(ast.Mult(), total, item, node)
    return total


def _callable(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    value = args[0]
    if isinstance(value, Static):
        return Static(callable(value.value))
    if objects.special_method(ev, value, "__call__") is not None:
        return TRUE
    return Static(isinstance(value, (Closure, BoundMethod, Builtin, Partial)))


HANDLERS: dict[Any, Callable[..., Abstract]] = {
    len: _len,
    range: _range,
    np.ndarray: _ndarray,
    slice: _slice,
    zip: _zip,
    enumerate: _enumerate,
    reversed: _reversed,
    tuple: _tuple,
    list: _tuple,
    dict: _dict,
    sum: _sum,
    min: _min_max,
    max: _min_max,
    all: _all_any,
    any: _all_any,
    isinstance: _isinstance,
    type: _type,
    map: _map,
    iter: _iter,
    next: _next,
    set: _set,
    frozenset: _set,
    **dict.fromkeys((ord, chr, bin, hex, oct, ascii, collections.namedtuple), _now),
    hasattr: _has_attribute,
    getattr: _get_attribute,
    str: _str,
    repr: _str,
    format: _str,
    print: _print,
    callable: _callable,
    np.prod: _prod,
    math.prod: _prod,
    math.dist: _dist,
    statistics.fmean: _fmean,
}
