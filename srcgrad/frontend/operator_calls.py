"""The module `operator` on abstract values: each function does what its operator does."""

from __future__ import annotations

import ast
import functools
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from srcgrad.frontend import subscripts
from srcgrad.frontend.abstract import (
    Abstract,
    ArrayRef,
    Builtin,
    Keywords,
    ListOf,
    OneOf,
    Static,
    TupleOf,
)
from srcgrad.frontend.comparisons import COMPARE
from srcgrad.frontend.operators import BINARY

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator

Handler = Callable[..., Abstract]


def _binary(op: ast.operator) -> Handler:
    def handle(
        ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
    ) -> Abstract:
        left, right = args
        return ev.binary(op, left, right, node)

    return handle


def _updating(op: ast.operator) -> Handler:
    def handle(
        ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
    ) -> Abstract:
        left, right = args
        if isinstance(left, (ArrayRef, OneOf, ListOf)):
            ev.refuse(
                node,
                f"`operator.{function.__name__}` of what it changes in place is not supported",
                "Write the operator itself.",
            )
        return ev.binary(op, left, right, node)

    return handle


def _comparison(op: ast.cmpop) -> Handler:
    def handle(
        ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
    ) -> Abstract:
        left, right = args
        return ev.compare(op, left, right, node)

    return handle


def _contains(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    container, item = args
    return ev.compare(ast.In(), item, container, node)


def _getitem(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    owner, key = args
    return subscripts.item(ev, owner, key, node)


def _truth(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    return ev.truth(args[0], node)


# `itemgetter`, `attrgetter` and `methodcaller`: the call that makes one keeps what it is to get.


def _making(get: Handler) -> Handler:
    """The handler of the class, and of instances that were made outside."""

    def handle(
        ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
    ) -> Abstract:
        if isinstance(function, type):
            return Builtin(lambda ev, given, named, node: get(ev, given[0], args, kwargs, node))
        kept, named = _kept_by(function)
        return get(ev, args[0], kept, named, node)

    return handle


def _kept_by(getter: Any) -> tuple[list[Abstract], Keywords]:
    """What an instance was made with."""
    made_by, args = getter.__reduce__()
    if isinstance(made_by, functools.partial):
        named: Keywords = {key: Static(item) for key, item in made_by.keywords.items()}
        return [Static(item) for item in (*made_by.args, *args)], named
    return [Static(item) for item in args], {}


def _get_items(
    ev: Evaluator, owner: Abstract, keys: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    found = [subscripts.item(ev, owner, key, node) for key in keys]
    return found[0] if len(found) == 1 else TupleOf(tuple(found))


def _get_attributes(
    ev: Evaluator, owner: Abstract, paths: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    found = []
    for path in paths:
        value = owner
        for name in str(ev.make_static(path, node).value).split("."):
            value = ev.attribute_of(value, name, node)
        found.append(value)
    return found[0] if len(found) == 1 else TupleOf(tuple(found))


def _call_method(
    ev: Evaluator, owner: Abstract, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    name, *rest = args
    method = ev.attribute_of(owner, str(ev.make_static(name, node).value), node)
    return ev.call(method, rest, dict(kwargs), node)


GETTERS: dict[type, Handler] = {
    operator.itemgetter: _making(_get_items),
    operator.attrgetter: _making(_get_attributes),
    operator.methodcaller: _making(_call_method),
}

OPERATOR_HANDLERS: dict[Any, Handler] = {
    **{function: _binary(op()) for op, function in BINARY.items()},
    **{
        getattr(operator, f"i{function.__name__.strip('_')}"): _updating(op())
        for op, function in BINARY.items()
    },
    **{
        function: _comparison(op())
        for op, function in COMPARE.items()
        if op not in (ast.In, ast.NotIn)
    },
    **GETTERS,
    operator.concat: _binary(ast.Add()),
    operator.contains: _contains,
    operator.getitem: _getitem,
    operator.truth: _truth,
}
