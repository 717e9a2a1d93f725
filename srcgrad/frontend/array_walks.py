"""Walks over elements of arrays: `np.ndindex`, `np.ndenumerate`, `np.nditer`, `np.vectorize`."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from srcgrad.frontend import memory_order, storage
from srcgrad.frontend.abstract import (
    NONE,
    Abstract,
    ArrayRef,
    Builtin,
    Closure,
    Keywords,
    Number,
    Static,
    TupleOf,
)
from srcgrad.frontend.functions import call_user_function
from srcgrad.frontend.source import source_of
from srcgrad.frontend.stand_ins import elements
from srcgrad.graph import Literal, Node, ScalarType, Value

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator


def _run(
    ev: Evaluator, function: Callable[..., Any], args: list[Abstract], node: ast.AST
) -> Abstract:
    """What a stand-in makes of these."""
    return call_user_function(ev, function, args, {}, node)  # type: ignore[arg-type]


def _ndindex(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    """`np.ndindex(3, 4)` and `np.ndindex((3, 4))`."""
    shape = args[0] if len(args) == 1 and isinstance(args[0], TupleOf) else TupleOf(tuple(args))
    if len(args) == 1 and isinstance(args[0], Static) and isinstance(args[0].value, tuple):
        shape = args[0]  # type: ignore[assignment]
    return _run(ev, elements.ndindex, [shape], node)


def _ndenumerate(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    return _run(ev, elements.ndenumerate, args, node)


def _nditer(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    """The elements of one array, in the order of its memory."""
    given: Keywords = {**dict(zip(("op", "flags", "op_flags"), args)), **kwargs}
    flags = _known(ev, given.get("flags", NONE), node)
    modes = set(_words(_known(ev, given.get("op_flags", NONE), node)))
    array = given["op"]
    if not storage.is_array(array) or not given.keys() <= {"op", "flags", "op_flags", "order"}:
        _refuse_nditer(ev, node)
    if flags or not modes <= {"readonly", "readwrite", "writeonly"}:
        _refuse_nditer(ev, node)
    order = _known(ev, given.get("order", Static("K")), node)
    if order != "C" and not _is_in_order(ev, array):
        ev.refuse(
            node,
            "the order of the elements in memory is not known before the call",
            "Say which order is meant: `np.nditer(x, order='C')`.",
        )
    writes = bool(modes & {"readwrite", "writeonly"})
    walk = elements.places_to_write if writes else elements.elements
    return _run(ev, walk, [array], node)


def _known(ev: Evaluator, value: Abstract, node: Any) -> Any:
    return ev.rule_argument(value) if value != NONE else ()


def _words(flags: Any) -> Iterable[str]:
    for item in flags:
        yield from (item,) if isinstance(item, str) else item


def _is_in_order(ev: Evaluator, array: Abstract) -> bool:
    if isinstance(array, ArrayRef):
        return memory_order.is_in_order(ev, array)
    return isinstance(array, Number) and memory_order.value_in_order(ev, array.value)


def _refuse_nditer(ev: Evaluator, node: Any) -> Any:
    ev.refuse(
        node,
        "this form of `np.nditer` is not supported",
        "Walk the indices: `for i, j in np.ndindex(x.shape)`, or `np.ndenumerate(x)`.",
    )


# `np.vectorize`


def handler_of_vectorized(function: Any) -> Callable[..., Abstract] | None:
    """The handler of what `@np.vectorize` has made outside."""
    return _call_given if type(function) is np.vectorize else None


def _call_given(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    inner = ev.captures.attribute(function, "pyfunc")
    options = {name: getattr(function, name) for name in ("otypes", "excluded", "signature")}
    return _vectorized(ev, inner, options, args, kwargs, node)


def _vectorize(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    """`np.vectorize(f, otypes=[float])`, also as a decorator with arguments."""
    named: Keywords = {
        **dict(zip(("pyfunc", "otypes", "doc", "excluded", "cache"), args)),
        **kwargs,
    }
    inner = named.pop("pyfunc", None)
    options = {key: _known(ev, item, node) or None for key, item in named.items()}

    def call(ev: Evaluator, args: list[Abstract], kwargs: Keywords, node: Any) -> Abstract:
        assert inner is not None
        return _vectorized(ev, inner, options, args, kwargs, node)

    def decorate(ev: Evaluator, args: list[Abstract], kwargs: Keywords, node: Any) -> Abstract:
        return _vectorize(ev, function, args, named, node)

    return Builtin(decorate if inner is None else call)


_PARAMETERS = ("pyfunc", "otypes", "doc", "excluded", "cache")


def _vectorized(
    ev: Evaluator,
    inner: Abstract,
    options: dict[str, Any],
    args: list[Abstract],
    kwargs: Keywords,
    node: Any,
) -> Abstract:
    """A function called for each element, which is a number of Python."""
    otypes, excluded = options.get("otypes"), options.get("excluded") or ()
    if options.get("signature") is not None or any(type(place) is int for place in excluded):
        _refuse_vectorize(ev, node, "this form of `np.vectorize` is not supported yet")
    whole = {key: item for key, item in kwargs.items() if key in excluded}
    names = [key for key in kwargs if key not in excluded]
    arrays = [*args, *(kwargs[name] for name in names)]
    if not arrays or (otypes is not None and len(otypes) != 1):
        _refuse_vectorize(ev, node, "this form of `np.vectorize` is not supported yet")
    found: list[Abstract] = []

    def element(ev: Evaluator, given: list[Abstract], named: Keywords, node: Any) -> Abstract:
        by_name = dict(zip(names, given[len(args) :]))
        made = ev.call(inner, given[: len(args)], {**by_name, **whole}, node)
        found.append(made)
        return made

    before = len(ev.builder.nodes)
    dtype = NONE if otypes is None else Static(np.dtype(otypes[0]))
    result = _run(ev, elements.vectorized, [Builtin(element), dtype, *arrays], node)
    if otypes is None:
        if any(made.has_effect for made in ev.builder.nodes[before:]):
            _refuse_vectorize(ev, node, "`np.vectorize` runs a function twice on the first element")
        if _may_be_of_two_types(ev, inner) or not all(_is_of_one_type(ev, item) for item in found):
            _refuse_vectorize(
                ev, node, "`np.vectorize` gives all results the type of the first, which may differ"
            )
    return result


def _refuse_vectorize(ev: Evaluator, node: Any, message: str) -> Any:
    ev.refuse(
        node,
        message,
        "Say the type, `otypes=[float]`, or write a loop over the elements.",
    )


def _may_be_of_two_types(ev: Evaluator, inner: Abstract) -> bool:
    """Does a function give an integer of its text on one path and something else on another?"""
    known = inner.value if isinstance(inner, Static) else None
    body: Any = inner.node if isinstance(inner, Closure) else None
    if hasattr(known, "__code__"):
        body = source_of(known).node  # type: ignore[arg-type]
    parts = list(ast.walk(body)) if body is not None else []
    ends = [part.value for part in parts if isinstance(part, (ast.Return, ast.Assign))]
    ends += [
        arm for part in parts if isinstance(part, ast.IfExp) for arm in (part.body, part.orelse)
    ]
    return any(isinstance(end, ast.Constant) and type(end.value) is int for end in ends)


def _is_of_one_type(ev: Evaluator, made: Abstract) -> bool:
    """Is a result of one type whatever path was taken to it?"""
    if not isinstance(made, Number):
        return isinstance(made, Static)
    kinds = set(_types_of(ev, made.value))
    return len(kinds) == 1


def _types_of(ev: Evaluator, value: Value | Literal) -> Iterable[str]:
    node = None if isinstance(value, Literal) else ev.definition(value)
    yield from _types_in(value, node)


def _types_in(value: Value, node: Node | None) -> Iterable[str]:
    if node is None or node.operation != "if":
        yield str(value.type) if isinstance(value.type, ScalarType) else "array"
        return
    at = node.results.index(value)
    for region in node.regions:
        inner = next((n for n in region.nodes if region.results[at] in n.results), None)
        yield from _types_in(region.results[at], inner)


HANDLERS: dict[Any, Callable[..., Abstract]] = {
    np.ndindex: _ndindex,
    np.ndenumerate: _ndenumerate,
    np.nditer: _nditer,
    np.vectorize: _vectorize,
}
