"""Primitives that stand for Python itself: `not`, truth, f-strings, calls that are replayed."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from srcgrad.errors import MissingRuleError
from srcgrad.graph import BOOL, OPAQUE, ArrayType, Assumptions, ListType, ScalarType, Type
from srcgrad.rules.broadcasting import sum_to
from srcgrad.rules.registry import (
    Primitive,
    alias,
    constant,
    defjvp,
    defshape,
    defvjp,
    linear,
    named,
    primitive_for,
    primitive_named,
)
from srcgrad.rules.shapes import (
    array_shape,
    broadcast_shapes,
    common_dtype,
    wider_python_type,
)
from srcgrad.rules.symbols import Symbol, call

alias(operator.matmul, np.matmul)
alias(operator.imatmul, np.matmul)
named("not", operator.not_)
named("is", operator.is_)
named("is_not", operator.is_not)


@defshape(operator.not_)
def not_shape(sizes: Assumptions, x: Type) -> Type:
    return BOOL


@defshape(operator.is_, operator.is_not)
def identity_shape(sizes: Assumptions, a: Type, b: Type) -> Type:
    return BOOL


@lambda function: named("call", function)
def replayed_call(
    function: str,
    arguments: tuple[object, ...] = (),
    keywords: tuple[str, ...] = (),
    result: Type = OPAQUE,
) -> Any:
    """A call of a Python function through which no numbers flow, made again at each call.

    `function` is an expression that reaches it; the last `arguments` go by `keywords`.  What it
    gives is an object, or a number of type `result` that depends on nothing (a random draw).
    """
    raise NotImplementedError("replayed calls exist in emitted code only")


@defshape(replayed_call, operands=())
def replayed_call_shape(
    sizes: Assumptions,
    function: str = "",
    arguments: tuple[object, ...] = (),
    keywords: tuple[str, ...] = (),
    result: Type = OPAQUE,
) -> Type:
    return result


@lambda function: named("format", function)
def format_parts(*args: Any, parts: tuple[object, ...]) -> str:
    """An f-string: literal text and (value, conversion, format specification) in turn."""
    raise NotImplementedError("f-strings exist in emitted code only")


@defshape(format_parts)
def format_parts_shape(sizes: Assumptions, *args: Type, parts: tuple[object, ...] = ()) -> Type:
    return OPAQUE


@lambda function: named("assert", function)
def check(condition: Any, message: Any = None) -> None:
    """`assert condition, message`."""
    assert condition, message


@defshape(check, operands=("condition", "message"))
def check_shape(sizes: Assumptions, condition: Type, message: Type | None = None) -> Type:
    return OPAQUE


@lambda function: named("raise", function)
def raise_exception(*args: Any, exception: str, cause: str = "") -> None:
    """`raise exception(*args)`; `cause` is "None", or says that the "last" argument is it."""
    raise RuntimeError(exception, *args)


@defshape(raise_exception)
def raise_exception_shape(
    sizes: Assumptions, *args: Type, exception: str = "", cause: str = ""
) -> Type:
    return OPAQUE


@lambda function: named("reraise", function)
def raise_again(error: Any) -> None:
    """`raise error`."""
    raise error


@defshape(raise_again)
def raise_again_shape(sizes: Assumptions, error: Type) -> Type:
    return OPAQUE


@lambda function: named("attempt", function)
def attempt(
    *args: Any,
    function: str,
    inner: dict[str, Any],
    handlers: tuple[tuple[str, ...], ...],
    named: tuple[bool, ...],
) -> Any:
    """A call inside a `try`: its result, whether it failed, for each handler, and the exceptions.

    `function` and `inner` are the name and the parameters of the call, `handlers` the classes that
    each handler catches, `named` whether it wants the exception.
    """
    failed, errors = [False] * len(handlers), [None] * len(handlers)
    raw = None
    try:
        raw = primitive_named(function).function(*args, **inner)
    except Exception as error:
        names = {kind.__name__ for kind in type(error).__mro__}
        place = next(
            at
            for at, kinds in enumerate(handlers)
            if any(kind.split(".")[-1] in names for kind in kinds)
        )
        failed[place], errors[place] = True, error  # type: ignore[call-overload]
    return (raw, *failed, *(e for e, wanted in zip(errors, named) if wanted))


@defshape(attempt)
def attempt_shape(
    sizes: Assumptions,
    *args: Type,
    function: str = "",
    inner: Any = None,
    handlers: tuple[tuple[str, ...], ...] = (),
    named: tuple[bool, ...] = (),
) -> Any:
    return (OPAQUE, *(BOOL for _ in handlers), *(OPAQUE for wanted in named if wanted))


@lambda function: named("outcome", function)
def outcome(raw: Any, *args: Any, function: str, inner: dict[str, Any]) -> Any:
    """The result of an attempt that has not failed; it has the derivative of what was attempted."""
    return raw


@defshape(outcome)
def outcome_shape(
    sizes: Assumptions, raw: Type, *args: Type, function: str = "", inner: Any = None
) -> Any:
    shape = primitive_named(function).shape
    assert shape is not None
    return shape(sizes, *args, **inner)


@defvjp(outcome)
def outcome_vjp(g, y, raw, *args, function, inner):
    primitive = primitive_named(function)
    if primitive.vjp is None:
        raise MissingRuleError(f"srcgrad has no rule for `{function}`")
    found = primitive.vjp(g, y, *args, **inner)
    parts = found if isinstance(found, (tuple, list)) else (found,)
    if primitive.elementwise:
        shaped = [isinstance(x, Symbol) and d is not None for d, x in zip(parts, args)]
        parts = [sum_to(d, x) if s else d for d, x, s in zip(parts, args, shaped)]
    return (None, *parts)


@defjvp(outcome)
def outcome_jvp(*given, function, inner):
    """Forward mode asks `attempted` for the function that was called, and takes its rule."""
    raise NotImplementedError("the forward rule of an attempt is that of what was attempted")


def attempted(parameters: Any, arguments: list[Any]) -> tuple[Primitive, Any, list[Any]]:
    """The call whose outcome it is: its function, its parameters and its arguments."""
    return primitive_named(parameters["function"]), parameters["inner"], arguments[1:]


for _function in (replayed_call, check, raise_exception, raise_again):
    primitive_for(_function).effect = True


@lambda function: named("builtins.sum", function)
def python_sum(*items: Any) -> Any:
    """`sum` of items known one by one, in Python's order (and with Python 3.12's compensation)."""
    return sum(items)


@defshape(python_sum)
def python_sum_shape(sizes: Assumptions, *items: Type) -> Type:
    if all(isinstance(item, ScalarType) for item in items):
        return ScalarType(wider_python_type(*(item.python_type for item in items)))  # type: ignore
    dtype = common_dtype((ScalarType(int), *items))
    return ArrayType(dtype, broadcast_shapes(sizes, *map(array_shape, items)))


@defvjp(python_sum)
def python_sum_vjp(g, y, *items):
    return (g,) * len(items)


linear(python_sum)
primitive_for(python_sum).elementwise = True


@lambda function: named("list_sum", function)
def list_sum(items: Any) -> Any:
    """`sum` of a list whose length is known during the call only."""
    return sum(items)


@defshape(list_sum)
def list_sum_shape(sizes: Assumptions, items: Type) -> Type:
    assert isinstance(items, ListType)
    return items.element


@lambda function: named("list_any", function)
def list_any(items: Any) -> bool:
    """`any` of a list whose length is known during the call only."""
    return any(items)


@lambda function: named("list_all", function)
def list_all(items: Any) -> bool:
    """`all` of a list whose length is known during the call only."""
    return all(items)


@defshape(list_any, list_all)
def list_truth_shape(sizes: Assumptions, items: Type) -> Type:
    return BOOL


constant(list_any, list_all)


@lambda function: named("repeat_list", function)
def repeat_list(x: Any, items: Any) -> Any:
    """A list with `x` for each of the items."""
    return [x for _ in items]


@defshape(repeat_list)
def repeat_list_shape(sizes: Assumptions, x: Type, items: Type) -> Type:
    return ListType(x)


@defvjp(list_sum)
def list_sum_vjp(g, y, items):
    return (call("repeat_list", g, items),)


@defvjp(repeat_list)
def repeat_list_vjp(g, y, x, items):
    return call("list_sum", g), None


@defjvp(repeat_list)
def repeat_list_jvp(x_dot, items_dot, y, x, items):
    return call("repeat_list", x_dot, items)


primitive_for(outcome).accepted.clear()
linear(list_sum)
constant(operator.not_, operator.is_, operator.is_not)
constant(replayed_call, format_parts, check, raise_exception, raise_again, attempt)
