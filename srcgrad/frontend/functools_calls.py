"""`functools` on abstract functions: partial, caches, single dispatch, and what decorators need."""

from __future__ import annotations

import functools
import types
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from srcgrad.frontend import containers
from srcgrad.frontend.abstract import (
    Abstract,
    ArrayRef,
    Builtin,
    Closure,
    DictOf,
    Keywords,
    ListOf,
    Number,
    OneOf,
    Partial,
    Static,
)
from srcgrad.frontend.builtin_calls import kind_of
from srcgrad.frontend.operator_calls import GETTERS
from srcgrad.graph import ArrayType

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator

_CACHED = type(functools.lru_cache(len))
_DISPATCHING = functools.singledispatch(len).__code__  # type: ignore[attr-defined]


def handler_of_instance(function: Any) -> Callable[..., Abstract] | None:
    """The handler of a known callable that one of these functions made outside."""
    if type(function) in GETTERS:
        return GETTERS[type(function)]
    if type(function) is _CACHED:
        return _call_cached
    if isinstance(function, types.FunctionType) and function.__code__ is _DISPATCHING:
        return _dispatch
    return None


def _partial(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    return Partial(args[0], tuple(args[1:]), tuple(kwargs.items()))


def _reduce(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    join, iterable, *initial = [*args, *kwargs.values()]
    items = [*initial, *containers.known_items(ev, iterable, node)]
    if not items:
        ev.reject(node, "`reduce` of nothing has no value", "Give it an initial value.")
    total = items[0]
    for item in items[1:]:
        total = ev.call(join, [total, item], {}, node)
    return total


# Caches


def _call_cached(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    """A call of a function that `lru_cache` decorates outside."""
    inner = Static(function.__wrapped__)
    ev.captures.remember_wrapped(function)
    return _Cache.of(ev, function, inner)(ev, args, kwargs, node)


class _Cache:
    """A function that is evaluated once for equal arguments, as far as they are known to be equal.

    What was found on one path does not hold on another.
    """

    def __init__(self, function: Abstract) -> None:
        self._function = function
        self._found: dict[object, tuple[tuple[int, ...], Abstract]] = {}

    @staticmethod
    def of(ev: Evaluator, key: object, function: Abstract) -> _Cache:
        found = ev.caches.setdefault(id(key), _Cache(function))
        assert isinstance(found, _Cache)
        return found

    def __call__(
        self, ev: Evaluator, args: list[Abstract], kwargs: Keywords, node: Any
    ) -> Abstract:
        given = [*args, *kwargs.values()]
        for item in given:
            if isinstance(item, (ListOf, DictOf, ArrayRef, OneOf)) or _is_array(item):
                ev.reject(node, "the arguments of a cached function must be hashable")
        key = (tuple(map(_key, args)), tuple((name, _key(item)) for name, item in kwargs.items()))
        path = tuple(born for born, _ in ev.trail.logs)
        where, result = self._found.get(key, (path, None))
        if result is not None and path[: len(where)] == where:
            return result
        result = ev.call(self._function, args, kwargs, node)
        self._found[key] = (path, result)
        return result


def _is_array(value: Abstract) -> bool:
    return (
        isinstance(value, Number)
        and isinstance(value.value.type, ArrayType)
        and (value.value.type.shape != ())
    )


def _key(value: Abstract) -> object:
    return (type(value.value), value.value) if isinstance(value, Static) else value


def _caching(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    """`cache` and `lru_cache`, as decorators with or without arguments."""

    def decorate(ev: Evaluator, given: list[Abstract], named: Keywords, node: Any) -> Abstract:
        return Builtin(_Cache(given[0]))

    if len(args) == 1 and not kwargs and not isinstance(getattr(args[0], "value", None), int):
        return decorate(ev, args, kwargs, node)
    return Builtin(decorate)


# Single dispatch


def _dispatch(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    """A generic function: the implementation for the type of the first argument."""
    if not args:
        ev.reject(node, f"`{function.__name__}` requires at least 1 positional argument")
    kind = kind_of(ev, args[0], node)
    chosen = function.dispatch(kind)
    ev.captures.require_dispatch(function, kind, chosen)
    return ev.call(Static(chosen), args, kwargs, node)


# Decorators that leave a function what it does


def _wraps(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    return Builtin(lambda ev, given, named, node: _named_like(given[0], args[0]))


def _update_wrapper(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    return _named_like(args[0], args[1])


def _named_like(wrapper: Abstract, wrapped: Abstract) -> Abstract:
    """The wrapper under the name of what it wraps."""
    name = wrapped.name if isinstance(wrapped, Closure) else None
    if isinstance(wrapped, Static):
        name = getattr(wrapped.value, "__name__", None)
    return replace(wrapper, name=name) if isinstance(wrapper, Closure) and name else wrapper


FUNCTOOLS_HANDLERS: dict[Any, Callable[..., Abstract]] = {
    functools.cache: _caching,
    functools.lru_cache: _caching,
    functools.partial: _partial,
    functools.reduce: _reduce,
    functools.update_wrapper: _update_wrapper,
    functools.wraps: _wraps,
}
