"""Calls that srcgrad does not know: run now on known values, replayed at each call, or refused."""

from __future__ import annotations

import ast
import builtins
import enum
import types
from typing import TYPE_CHECKING, Any

import numpy as np

from srcgrad.errors import MissingRuleError
from srcgrad.frontend import containers
from srcgrad.frontend.abstract import (
    PYTHON_NUMBERS,
    Abstract,
    ArrayRef,
    DictOf,
    Frozen,
    Keywords,
    ListOf,
    Number,
    OneOf,
    Static,
    TupleOf,
    leaves,
)
from srcgrad.graph import ArrayType, Type
from srcgrad.rules import rule_to_write
from srcgrad.rules.ledger import NO_RULE, OWN_RULE, Statement, refusal_of

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator


def call_now(ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords) -> Any:
    """The result of a pure function of known values; None where it must be left to the call."""
    plain = [containers.to_rule_argument(ev, item) for item in args]
    named = {key: containers.to_rule_argument(ev, item) for key, item in kwargs.items()}
    plain = [float(item) if isinstance(item, containers.WrittenFloat) else item for item in plain]
    try:
        return containers.from_known(function(*plain, **named))
    except Exception:
        return None


def package_of(function: Any) -> str:
    """The package in which a function, or the class of a callable object, is defined."""
    owner = function if isinstance(function, types.FunctionType) else type(function)
    return (getattr(owner, "__module__", None) or "").split(".")[0]


def belongs_to_numpy(function: Any) -> bool:
    """Is this NumPy's, and not one of its series of polynomials, which are read like any source?"""
    module = getattr(function, "__module__", None) or ""
    return module.split(".")[0] in _NUMPY_PACKAGES and not module.startswith("numpy.polynomial.")


def call_unknown(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: ast.AST
) -> Abstract:
    """A function that srcgrad does not know: replayed where no numbers flow, else refused."""
    name = getattr(function, "__name__", str(function))
    numeric = any(True for item in [*args, *kwargs.values()] for _ in leaves(item))
    refusal = refusal_of(function)
    if numeric and (refusal or belongs_to_numpy(function) or isinstance(function, np.ufunc)):
        raise missing_rule(ev, refusal, _function_text(ev, node) or name, node, function)
    if any(map(_holds_array, [*args, *kwargs.values()])) and function not in _CHANGE_NOTHING:
        text = ev.frame.source.text(node)
        ev.refuse(
            node,
            f"`{text}` hands an array to a function which srcgrad does not know and may change it",
            "Make the call outside the function, or hand it a copy: `x.copy()`.",
        )
    return replay(ev, reference(ev, function, name), args, kwargs, node)


_CHANGE_NOTHING = (print, repr, str, format, id, bytes, ascii)


def missing_rule(
    ev: Evaluator, refusal: Statement | None, written: str, node: ast.AST, function: Any = None
) -> MissingRuleError:
    """The refusal of a call of NumPy's that has no rule, with the ledger's reason and remedy."""
    remedy = OWN_RULE if refusal is None else refusal.remedy
    if remedy is OWN_RULE and function is not None:
        known = isinstance(function, np.ufunc)
        remedy = f"{remedy}\n{rule_to_write(function, written, result_is_known=known)}"
    text = ev.frame.source.text(node)
    no_rule = f"srcgrad has no rule for `{written}`"
    reason = no_rule if refusal is None or refusal.reason == NO_RULE else refusal.reason
    return MissingRuleError(
        f"cannot differentiate `{text}`: {reason}",
        location=ev.location(node),
        construct=text,
        remedy=remedy,
    )


def _holds_array(value: Abstract) -> bool:
    """Is this an array, or a container with one?"""
    if isinstance(value, (ArrayRef, OneOf, Frozen)):
        return True
    if isinstance(value, Number):
        type_ = value.value.type
        return isinstance(type_, ArrayType) and type_.shape != ()
    if isinstance(value, ListOf) and not isinstance(value.content, TupleOf):
        return True
    if isinstance(value, DictOf):
        return any(map(_holds_array, value.items.values()))
    return isinstance(value, (TupleOf, ListOf)) and any(map(_holds_array, value.items))


def _function_text(ev: Evaluator, node: ast.AST) -> str | None:
    """The function of a call, as the user wrote it."""
    return ev.frame.source.text(node.func) if isinstance(node, ast.Call) else None


def reference(ev: Evaluator, function: Any, name: str) -> str:
    """The expression by which emitted code reaches a function: a builtin's name, or a parameter."""
    if getattr(builtins, name, None) is function:
        return name
    return ev.captures.passive(name, function)


def replay(
    ev: Evaluator,
    function: str,
    args: list[Abstract],
    kwargs: Keywords,
    node: ast.AST,
    result: Type | None = None,
) -> Abstract:
    """Append a call that is made again, unchanged, at each call.

    Its result is opaque, or where it is known to be a number, of type `result`.
    """
    values = [passive_argument(ev, item) for item in [*args, *kwargs.values()]]
    parameters: Keywords = {"function": Static(function), "arguments": Static(tuple(values))}
    if kwargs:
        parameters["keywords"] = Static(tuple(kwargs))
    if result is not None:
        parameters["result"] = Static(result)
    return ev.call_primitive("call", (), parameters)


def passive_argument(ev: Evaluator, value: Abstract) -> Any:
    """An argument of a replayed call: symbols for numbers, plain values for the rest."""
    if isinstance(value, Static) and not _is_written_out(value.value):
        name = getattr(value.value, "__name__", type(value.value).__name__.lower())
        return ev.captures.passive_symbol(ev.builder, name, value.value)
    return containers.to_rule_argument(ev, value)


def _is_written_out(known: object) -> bool:
    """Can emitted code hold this as a literal?"""
    kinds = (*PYTHON_NUMBERS, str, bytes, tuple, type(None), np.dtype)
    return isinstance(known, kinds) and not isinstance(known, enum.Enum)


_NUMPY_PACKAGES = ("numpy",)
