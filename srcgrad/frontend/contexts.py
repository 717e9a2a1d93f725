"""`with`: contexts of the emitted code, and context managers whose code runs in place.

`np.errstate`, `np.printoptions` and `warnings.catch_warnings` are in force during the call around
what was computed inside them, the adjoints of it included: an adjoint makes no noise that the user
has switched off.  Managers written in Python are run like any function of the user.
"""

from __future__ import annotations

import ast
import contextlib
import dis
import inspect
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from srcgrad.frontend import builtin_calls, generators, guarding, jumps
from srcgrad.frontend.abstract import (
    FALSE,
    NONE,
    TRUE,
    Abstract,
    GeneratorOf,
    Keywords,
    ObjectOf,
    Slots,
    Static,
    describe,
)
from srcgrad.frontend.guarding import Guard
from srcgrad.frontend.members import MethodMember, is_method
from srcgrad.frontend.on_gradient import run_on_gradient
from srcgrad.location import Context
from srcgrad.markers import on_gradient

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator

_REMEDY = "Enter the context outside, around the call of the gradient."


def run_with(ev: Evaluator, statement: ast.With) -> None:
    _enter(ev, statement.items, statement)


def _enter(ev: Evaluator, items: Sequence[ast.withitem], statement: ast.With) -> None:
    """Enter the first of the contexts, and the others inside it."""
    if not items:
        ev.run_block(statement.body)
        return
    first, *others = items

    def run_inside() -> None:
        _enter(ev, others, statement)

    call = first.context_expr
    function = ev.evaluate(call.func) if isinstance(call, ast.Call) else None
    known = function.value if isinstance(function, Static) else None
    if isinstance(call, ast.Call) and known in (np.errstate, np.printoptions):
        _refuse_name(ev, first)
        inside(ev, _state_of_numpy(ev, known, call), run_inside)
    elif isinstance(call, ast.Call) and known is warnings.catch_warnings:
        _refuse_name(ev, first)
        if call.args or call.keywords:
            ev.refuse(call, "recording warnings is not supported yet", _REMEDY)
        _without_filters(ev, items, statement)
    elif isinstance(call, ast.Call) and known is np.nditer:
        _bind(ev, first, ev.evaluate(call))
        run_inside()
    elif isinstance(call, ast.Call) and _only_skips_checks(known, call):
        run_inside()
    elif isinstance(call, ast.Call) and known is contextlib.nullcontext:
        held = ev.evaluate(call.args[0]) if call.args else NONE
        _bind(ev, first, held)
        run_inside()
    elif isinstance(call, ast.Call) and known is on_gradient:
        body = statement.body
        if others:
            body = [ast.copy_location(ast.With(list(others), statement.body), statement)]
        run_on_gradient(ev, first, body)
    elif isinstance(call, ast.Call) and known is contextlib.suppress:
        ev.run_statement(_as_try(call, others, statement))
    elif isinstance(call, ast.Call) and known is not None and _is_context_of_generator(known):
        args, kwargs = ev.arguments(call)
        made = ev.call(Static(known.__wrapped__), args, kwargs, call)
        _run_generator(ev, made, first, run_inside)
    elif getattr(known, "__module__", None) == "contextlib":
        ev.refuse(call, f"entering `{ev.frame.source.text(call)}` is not supported yet", _REMEDY)
    else:
        _run_manager(ev, ev.evaluate(call), first, run_inside)


def _only_skips_checks(function: Any, call: ast.Call) -> bool:
    """Does this context of scikit-learn's tell functions inside not to check their arguments again?

    They are checked before the call anyway, and once.
    """
    module, name = getattr(function, "__module__", None), getattr(function, "__name__", None)
    given = [keyword.arg for keyword in call.keywords]
    return (module, name) == ("sklearn._config", "config_context") and (
        not call.args and given == ["skip_parameter_validation"]
    )


def _as_try(call: ast.Call, others: list[ast.withitem], statement: ast.With) -> ast.Try:
    """`with suppress(A, B)` as `try ... except (A, B): pass`, made once: loops know syntax."""
    made: ast.Try | None = getattr(call, "_as_try", None)
    if made is None:
        body = statement.body
        if others:
            body = [ast.copy_location(ast.With(others, statement.body), statement)]
        kinds = ast.Tuple(call.args, ast.Load())
        handler = ast.ExceptHandler(kinds, None, [ast.Pass()])
        made = ast.Try(body, [handler], [], [])
        for part in (made, handler, kinds, handler.body[0]):
            ast.copy_location(part, statement)
        call._as_try = made  # type: ignore[attr-defined]
    return made


def inside(ev: Evaluator, context: Context, run: Callable[[], None]) -> None:
    """Run something whose nodes belong to a context of the emitted code."""
    outer = ev.contexts
    ev.contexts = (*outer, context)
    try:
        run()
    finally:
        ev.contexts = outer


def _bind(ev: Evaluator, item: ast.withitem, value: Abstract) -> None:
    if item.optional_vars is not None:
        ev.assign(item.optional_vars, value)


def _refuse_name(ev: Evaluator, item: ast.withitem) -> None:
    if item.optional_vars is not None:
        ev.refuse(item.optional_vars, "keeping this context under a name is not supported", _REMEDY)


# Contexts of the emitted code


def _state_of_numpy(ev: Evaluator, function: Any, call: ast.Call) -> Context:
    """`np.errstate(divide="ignore")`, with what it is given known now."""
    if call.args:
        ev.reject(call, f"`{function.__name__}` takes no positional arguments")
    _, kwargs = ev.arguments(call)
    plain = {key: ev.make_static(value, call).value for key, value in kwargs.items()}
    if not all(isinstance(value, (str, int, float, bool, type(None))) for value in plain.values()):
        ev.refuse(call, "this argument of a context is not supported yet", _REMEDY)
    if "raise" in plain.values() and guarding.target_of(ev, FloatingPointError) is not None:
        ev.refuse(call, guarding.FLOATING_POINT, guarding.REMEDY_OF_FLOATING_POINT)
    written = ", ".join(f"{key}={value!r}" for key, value in plain.items())
    return Context(f"np.{function.__name__}({written})")


def _without_filters(ev: Evaluator, items: Sequence[ast.withitem], statement: ast.With) -> None:
    """`catch_warnings` with the filters that its first statements set.

    The filters become part of the context, so that it holds for adjoints as well.
    """
    setup: list[str] = []
    body = list(statement.body)
    while body and len(items) == 1:
        text = _filter(ev, body[0])
        if text is None:
            break
        setup.append(text)
        body.pop(0)
    context = Context(_CATCHING, "warnings", tuple(setup))
    rest = ast.copy_location(ast.With(list(items[1:]), body), statement)
    inside(ev, context, lambda: _enter(ev, items[1:], rest))


def _set_filter(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    """A filter that is set further down in a `catch_warnings`: it holds for what follows there."""
    context = ev.contexts[-1] if ev.contexts else None
    if context is None or context.expression != _CATCHING:
        ev.refuse(
            node,
            f"`{ev.frame.source.text(node)}` changes the filters of warnings for good",
            "Change them inside `with warnings.catch_warnings():`, or outside the function.",
        )
    text = _filter_text(ev, function, args, kwargs, node)
    ev.contexts = (*ev.contexts[:-1], replace(context, setup=(*context.setup, text)))
    return NONE


_CATCHING = "warnings.catch_warnings()"
HANDLERS: dict[Any, Callable[..., Abstract]] = {
    warnings.simplefilter: _set_filter,
    warnings.filterwarnings: _set_filter,
}


def _filter(ev: Evaluator, statement: ast.stmt) -> str | None:
    """`warnings.simplefilter("ignore")` as text, where a statement is that."""
    call = statement.value if isinstance(statement, ast.Expr) else None
    if not isinstance(call, ast.Call):
        return None
    function = ev.evaluate(call.func)
    if function not in (Static(warnings.simplefilter), Static(warnings.filterwarnings)):
        return None
    assert isinstance(function, Static)
    return _filter_text(ev, function.value, *ev.arguments(call), call)


def _filter_text(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, call: ast.Call
) -> str:
    plain = [_filter_argument(ev, item, call) for item in args]
    named = [f"{key}={_filter_argument(ev, item, call)}" for key, item in kwargs.items()]
    return f"warnings.{function.__name__}({', '.join([*plain, *named])})"


def _filter_argument(ev: Evaluator, value: Abstract, call: ast.Call) -> str:
    held = ev.make_static(value, call).value
    if isinstance(held, (str, int)):
        return repr(held)
    if isinstance(held, type) and held.__module__ == "builtins":
        return held.__name__
    if isinstance(held, type) and held.__module__ == "numpy.exceptions":
        return f"np.exceptions.{held.__name__}"
    if isinstance(held, type) and issubclass(held, Warning):
        return ev.captures.passive(held.__name__, held)
    ev.refuse(call, "this filter of warnings is not supported yet", _REMEDY)


# Managers written in Python

_RUNS = "runs"


@contextlib.contextmanager
def _nothing() -> Any:
    yield


_MADE_BY_CONTEXTMANAGER = _nothing.__code__  # type: ignore[attr-defined]


def _is_context_of_generator(function: Any) -> bool:
    """Was this made by `@contextlib.contextmanager`?"""
    return getattr(function, "__code__", None) is _MADE_BY_CONTEXTMANAGER


def _run_generator(
    ev: Evaluator, made: Abstract, item: ast.withitem, run: Callable[[], None]
) -> None:
    """The body of the `with` runs where the generator yields."""
    assert isinstance(made, GeneratorOf)
    runs = Slots({_RUNS: FALSE})

    def run_body(value: Abstract) -> Abstract:
        if runs.entries[_RUNS] != FALSE:
            ev.reject(item.context_expr, "the generator of a context yields once")
        ev.trail.set(runs, _RUNS, TRUE)
        _bind(ev, item, value)
        run()
        return FALSE

    generators.consume(ev, made, run_body, item.context_expr, throws_into=True)
    if runs.entries[_RUNS] != TRUE:
        ev.refuse(
            item.context_expr,
            "whether the generator of this context yields is not known before the call",
            "Let it yield once, outside branches and loops.",
        )


def _run_manager(
    ev: Evaluator, manager: Abstract, item: ast.withitem, run: Callable[[], None]
) -> None:
    """A manager of a class of the user: its `__enter__`, the body, its `__exit__`."""
    node = item.context_expr
    if not _is_users(ev, manager, node):
        ev.refuse(node, f"entering {describe(manager)} is not supported yet", _REMEDY)
    entered = _call_method(ev, manager, "__enter__", [], node)
    _bind(ev, item, entered)
    may_fail = _runs_and_may_fail(ev, item, run)
    before = len(ev.builder.nodes)
    swallows = _call_method(ev, manager, "__exit__", [NONE, NONE, NONE], node)
    has_effect = any(made.has_effect for made in ev.builder.nodes[before:])
    if may_fail and (has_effect or _looks_at_exceptions(ev, manager, node)):
        ev.refuse(
            node,
            "what this manager does when its block raises is not supported yet",
            _REMEDY,
        )
    if swallows not in (NONE, FALSE) or jumps.pending(ev, ev.caught_flags()) != FALSE:
        ev.refuse(
            node,
            "what this manager does with exceptions is not supported yet",
            "Let its `__exit__` return `None`, and catch exceptions with `try` inside the `with`.",
        )


def _runs_and_may_fail(ev: Evaluator, item: ast.withitem, run: Callable[[], None]) -> bool:
    """Run the body of a `with`: may it raise what no `try` inside it catches?"""
    guard = Guard(ev.frame, ("with", id(item), ev.frame.caller), [], [], is_final=True)
    ev.guards.append(guard)
    try:
        run()
    finally:
        ev.guards.pop()
    return guard.may_fail


def _looks_at_exceptions(ev: Evaluator, manager: Abstract, node: ast.AST) -> bool:
    """Does `__exit__` read what it is told of an exception?"""
    leave = builtin_calls.kind_of(ev, manager, node).__exit__  # type: ignore[attr-defined]
    if isinstance(leave, MethodMember):
        return True
    code = leave.__code__
    count = code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & inspect.CO_VARARGS)
    told = set(code.co_varnames[1:count])
    return any(
        step.argval in told for step in dis.get_instructions(code) if step.opname.startswith("LOAD")
    )


def _is_users(ev: Evaluator, manager: Abstract, node: ast.AST) -> bool:
    if not isinstance(manager, (Static, ObjectOf)):
        return False
    kind = builtin_calls.kind_of(ev, manager, node)
    methods = (getattr(kind, name, None) for name in ("__enter__", "__exit__"))
    return all(map(is_method, methods))


def _call_method(
    ev: Evaluator, owner: Abstract, name: str, args: list[Abstract], node: ast.AST
) -> Abstract:
    no_keywords: Keywords = {}
    return ev.call(ev.attribute_of(owner, name, node), args, no_keywords, node)
