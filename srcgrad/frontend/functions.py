"""User functions: their arguments are bound as Python binds them, their bodies run in place."""

from __future__ import annotations

import ast
import inspect
import types
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from srcgrad.errors import ArgumentError, UnsupportedError
from srcgrad.frontend import checkpoints, generators, guarding
from srcgrad.frontend.abstract import (
    FALSE,
    MISSING,
    NONE,
    RESULT,
    RETURNED,
    TRUE,
    Abstract,
    Closure,
    Conflict,
    DictOf,
    Either,
    Frame,
    GivenFunction,
    Keywords,
    Number,
    PlacedCell,
    Static,
    TupleOf,
    describe,
)
from srcgrad.frontend.decisions import NeedsDecision
from srcgrad.frontend.handing_on import hand_on, only_hands_on
from srcgrad.frontend.kinds import options_of
from srcgrad.frontend.recursion import call_recursive
from srcgrad.frontend.source import FunctionNode, Source, source_of
from srcgrad.graph import Value
from srcgrad.location import Location
from srcgrad.markers import CHECKPOINTED
from srcgrad.request import Derivative
from srcgrad.rules import find_primitive

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator


CALL_DEPTH_LIMIT = 200


# A function that calls itself on paths that sizes or integers decide is written out call by call.
RECURSION_BEFORE_ASKING = 3


# Each call is evaluated in place: more of them are recursion that branches.
CALLS_AT_MOST = 5000
CALLS_BEFORE_RECURSION = 1000


# Where every call stands in a branch of its caller, the recursion has no known end.
CALL_DEPTH_LIMIT_IN_BRANCHES = 20


_GENERATOR_FLAGS = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR


def call_user_function(
    ev: Evaluator,
    function: types.FunctionType,
    args: list[Abstract],
    kwargs: Keywords,
    node: ast.AST | None,
) -> Abstract:
    """Evaluate the body of a Python function in place."""
    recomputed = function.__dict__.get(CHECKPOINTED)
    if recomputed is not None:
        return checkpoints.call_checkpointed(ev, Static(recomputed), args, kwargs, node)
    if only_hands_on(function):
        ev.captures.remember_function(function)
        return hand_on(function, args, kwargs)
    positional = tuple(
        ev.captures.default(function, f"__defaults__[{i}]", value)
        for i, value in enumerate(function.__defaults__ or ())
    )
    keyword = {
        key: ev.captures.default(function, f"__kwdefaults__[{key!r}]", value)
        for key, value in (function.__kwdefaults__ or {}).items()
    }
    ev.captures.remember_function(function)
    cells = dict(zip(function.__code__.co_freevars, function.__closure__ or ()))
    return _call_with(ev, function, cells, (positional, keyword), args, kwargs, node)


def call_given_function(
    ev: Evaluator, given: GivenFunction, args: list[Abstract], kwargs: Keywords, node: ast.AST
) -> Abstract:
    """Evaluate the body of a function that is known by its code."""
    if ev.captures.writes_cells:
        ev.refuse(node, "calling a function known by its code after an outer variable is assigned")
    function = given.function
    positional = tuple(
        ev.captures.default_of_given(given, at, value)
        for at, value in enumerate(function.__defaults__ or ())
    )
    cells = {
        name: PlacedCell(cell, f"{given.place}.__closure__[{at}]")
        for at, (name, cell) in enumerate(
            zip(function.__code__.co_freevars, function.__closure__ or ())
        )
    }
    return _call_with(ev, function, cells, (positional, {}), args, kwargs, node)


def _call_with(
    ev: Evaluator,
    function: types.FunctionType,
    cells: Mapping[str, types.CellType | PlacedCell],
    defaults: tuple[tuple[Abstract, ...], dict[str, Abstract]],
    args: list[Abstract],
    kwargs: Keywords,
    node: ast.AST | None,
) -> Abstract:
    source = source_of(function)
    code = function.__code__
    _refuse_coroutines(ev, function.__name__, code, node)
    caller = ev.location(node) if node is not None else None
    frame = _frame_of(source, function, caller, cells)
    bound = _bind(ev, source.node, args, kwargs, *defaults, function.__name__, node)
    if code.co_flags & inspect.CO_GENERATOR:
        return generators.call_generator(ev, frame, source.node, bound, node)
    return run_function(ev, frame, source.node, bound, node)


def run_entry(
    ev: Evaluator, function: Callable[..., Any], given: Mapping[str, Abstract]
) -> Abstract:
    """Run the function that is differentiated, its parameters being bound already."""
    if isinstance(function, Derivative):
        args, kwargs = _as_passed(inspect.signature(function), given)
        return ev.call(Static(function), args, kwargs, None)
    if find_primitive(function) is not None:
        return _run_by_rule(ev, function, given)
    source = source_of(function)  # type: ignore[arg-type]
    code = function.__code__
    if code.co_flags & _GENERATOR_FLAGS:
        raise UnsupportedError(
            f"`{function.__qualname__}` is a generator or coroutine, which has no gradient",
            location=source.location(source.node, None),
            construct=source.header(source.node),
            remedy="Build a list and return a number computed from it.",
        )
    ev.captures.remember_function(function)  # type: ignore[arg-type]
    cells = dict(zip(code.co_freevars, function.__closure__ or ()))
    frame = _frame_of(source, function, None, cells)  # type: ignore[arg-type]
    bound = given
    if inspect.signature(function, follow_wrapped=False).parameters.keys() != given.keys():
        # A wrapper has the signature of what it wraps, and parameters of its own.
        args, kwargs = _as_passed(inspect.signature(function), given)
        bound = _bind(ev, source.node, args, kwargs, (), {}, function.__name__, None)
    return run_function(ev, frame, source.node, bound, None)


def _run_by_rule(
    ev: Evaluator, function: Callable[..., Any], given: Mapping[str, Abstract]
) -> Abstract:
    """A function that has a rule (`scipy.special.logsumexp`) by that, not by its source."""
    parameters = inspect.signature(function).parameters
    args = [given[name] for name, p in parameters.items() if p.default is p.empty]
    kwargs = {
        name: given[name]
        for name, p in parameters.items()
        if p.default is not p.empty and given[name] != Static(p.default)
    }
    return ev.call_primitive(function, args, kwargs)


def _as_passed(
    signature: inspect.Signature, given: Mapping[str, Abstract]
) -> tuple[list[Abstract], Keywords]:
    """Bound parameters as the arguments of a call."""
    args: list[Abstract] = []
    kwargs: Keywords = {}
    for name, parameter in signature.parameters.items():
        held = given[name]
        if parameter.kind is parameter.VAR_POSITIONAL:
            assert isinstance(held, TupleOf)
            args += held.items
        elif parameter.kind is parameter.VAR_KEYWORD:
            assert isinstance(held, DictOf)
            kwargs |= {str(key): item for key, item in held.items.items()}
        elif parameter.kind is parameter.KEYWORD_ONLY:
            kwargs[name] = held
        else:
            args.append(held)
    return args, kwargs


def _frame_of(
    source: Source,
    function: types.FunctionType,
    caller: Location | None,
    cells: Mapping[str, types.CellType | PlacedCell],
) -> Frame:
    code = function.__code__
    names = frozenset(code.co_varnames + code.co_cellvars)
    return Frame(source, None, function.__globals__, cells, caller, names)


def _refuse_coroutines(ev: Evaluator, name: str, code: types.CodeType, node: Any) -> None:
    if code.co_flags & (inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR):
        ev.refuse(
            node,
            f"`{name}` is a coroutine, which is not supported",
            "Make it a plain function.",
        )


def call_closure(
    ev: Evaluator, function: Closure, args: list[Abstract], kwargs: Keywords, node: ast.AST
) -> Abstract:
    outer = function.frame
    names = _assigned_names(function.node)
    frame = Frame(function.source, outer, outer.globals, outer.cells, ev.location(node), names)
    bound = _bind(
        ev,
        function.node,
        args,
        kwargs,
        function.defaults,
        dict(function.keyword_defaults),
        function.name,
        node,
    )
    if generators.is_generator(function.node):
        return generators.call_generator(ev, frame, function.node, bound, node)
    return run_function(ev, frame, function.node, bound, node)


def _assigned_names(node: FunctionNode) -> frozenset[str]:
    """The local variables of a function: its parameters and whatever its own body binds."""
    arguments = node.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    names = {argument.arg for argument in every}
    names |= {a.arg for a in (arguments.vararg, arguments.kwarg) if a is not None}
    pending: list[ast.AST] = [node.body] if isinstance(node, ast.Lambda) else list(node.body)
    while pending:
        part = pending.pop()
        if isinstance(part, (ast.FunctionDef, ast.ClassDef)):
            names.add(part.name)
            continue
        if isinstance(
            part, (ast.Lambda, ast.ListComp, ast.GeneratorExp, ast.DictComp, ast.SetComp)
        ):
            continue
        if isinstance(part, ast.Name) and isinstance(part.ctx, (ast.Store, ast.Del)):
            names.add(part.id)
        pending += ast.iter_child_nodes(part)
    return frozenset(names)


def _bind(
    ev: Evaluator,
    function: FunctionNode,
    args: list[Abstract],
    kwargs: Keywords,
    defaults: tuple[Abstract, ...],
    keyword_defaults: Mapping[str, Abstract],
    name: str,
    node: ast.AST | None,
) -> dict[str, Abstract]:
    """The parameters of a function bound to arguments, as Python binds them."""
    spec = function.args
    positional = [argument.arg for argument in [*spec.posonlyargs, *spec.args]]
    by_name_only = [argument.arg for argument in spec.posonlyargs]
    bound: dict[str, Abstract] = dict(zip(positional, args))
    rest = dict(kwargs)
    extra = args[len(positional) :]
    if extra and spec.vararg is None:
        _refuse_binding(
            ev,
            node,
            f"`{name}` takes {len(positional)} positional arguments, but {len(args)} are given",
        )
    for parameter in [*positional, *(argument.arg for argument in spec.kwonlyargs)]:
        if parameter in rest and parameter not in by_name_only:
            if parameter in bound:
                _refuse_binding(ev, node, f"`{name}` is given `{parameter}` twice")
            bound[parameter] = rest.pop(parameter)
    with_defaults = dict(zip(positional[len(positional) - len(defaults) :], defaults))
    for parameter, default in {**with_defaults, **keyword_defaults}.items():
        bound.setdefault(parameter, default)
    for parameter in [*positional, *(argument.arg for argument in spec.kwonlyargs)]:
        if parameter not in bound:
            _refuse_binding(ev, node, f"`{name}` misses the argument `{parameter}`")
    if spec.vararg is not None:
        bound[spec.vararg.arg] = TupleOf(tuple(extra))
    if spec.kwarg is not None:
        bound[spec.kwarg.arg] = DictOf(dict(rest.items()))
    elif rest:
        _refuse_binding(ev, node, f"`{name}` has no parameter `{next(iter(rest))}`")
    return bound


def _refuse_binding(ev: Evaluator, node: ast.AST | None, message: str) -> Any:
    if node is None:
        raise ArgumentError(message)
    ev.reject(node, message)


def run_function(
    ev: Evaluator,
    frame: Frame,
    function: FunctionNode,
    bound: Mapping[str, Abstract],
    node: ast.AST | None,
) -> Abstract:
    """Run a function's body in a frame and return its result."""
    key = id(function)
    if key not in ev.decisions.recursive or node is None:
        return _run_in_place(ev, frame, function, bound, node)
    if ev.guards:
        ev.refuse(
            node,
            "recursion whose depth depends on the data is not supported inside `try` yet",
            "Test with `if` for what may raise, or catch it around the call of the gradient.",
        )

    def run(given: Mapping[str, Abstract]) -> Abstract:
        return _run_in_place(ev, renewed(frame), function, given, node)

    name = getattr(function, "name", "function")
    return call_recursive(ev, key, name, bound, run, node)


def _run_in_place(
    ev: Evaluator,
    frame: Frame,
    function: FunctionNode,
    bound: Mapping[str, Abstract],
    node: ast.AST | None,
) -> Abstract:
    nested = min(ev.depth, ev.branch_depth())
    ev.calls += 1
    activations = [at for key, at in ev.running if key == id(function)]
    if len(activations) >= RECURSION_BEFORE_ASKING:
        _ask_for_deciding(ev, ev.conditions[activations[0] :])
    if ev.depth >= CALL_DEPTH_LIMIT or nested >= CALL_DEPTH_LIMIT_IN_BRANCHES:
        assert node is not None
        _ask_for_depth(ev, id(function))
        _refuse_depth(ev, node)
    if ev.calls > CALLS_BEFORE_RECURSION and len(activations) > 2:
        _ask_for_recursion(ev, id(function))
    if ev.calls > CALLS_AT_MOST:
        assert node is not None
        ev.refuse(
            node,
            f"more than {CALLS_AT_MOST} calls would have to be written out",
            "Write the recursion, or the loop around the call, as a loop over a range or an array.",
        )
    outer, outer_loops = ev.frame, ev.loops
    ev.frame, ev.loops, ev.depth = frame, [], ev.depth + 1
    ev.running.append((id(function), len(ev.conditions)))
    try:
        frame.entries.update(bound)
        if isinstance(function, ast.Lambda):
            with ev.builder.at(ev.location(function)), guarding.unremembered(ev):
                return ev.evaluate(function.body)
        frame.entries[RETURNED] = FALSE
        frame.entries[RESULT] = MISSING
        ev.run_block(function.body)
        return _result(ev, frame, function, is_entry=node is None)
    except RecursionError:
        if node is None or outer is None:
            raise
        ev.frame = outer
        _refuse_depth(ev, node)
    finally:
        ev.running.pop()
        ev.frame, ev.loops, ev.depth = outer, outer_loops, ev.depth - 1


def _ask_for_depth(ev: Evaluator, key: int) -> None:
    """Start again with the integers known that decide how deep the calls go, if integers do.

    Else with the function that calls itself made a graph of its own.
    """
    _ask_for_deciding(ev, ev.conditions)
    if sum(key == other for other, _ in ev.running) > 2:
        _ask_for_recursion(ev, key)


def _ask_for_recursion(ev: Evaluator, key: int) -> None:
    """Start again with a function made a graph of its own, if none is yet."""
    if not ev.decisions.recursive:
        raise NeedsDecision({("recursion", key)})


def _ask_for_deciding(ev: Evaluator, conditions: Sequence[Value]) -> None:
    """Start again with the sizes and integers known that conditions depend on, if such do."""
    wanted = set().union(*(ev.decisions.sources_of(condition, ev) for condition in conditions))
    if wanted:
        raise NeedsDecision(wanted)


def renewed(frame: Frame) -> Frame:
    """A frame of the same function without variables."""
    return Frame(
        frame.source,
        frame.parent,
        frame.globals,
        frame.cells,
        frame.caller,
        frame.local_names,
        frame.nonlocals,
    )


def _refuse_depth(ev: Evaluator, node: ast.AST) -> NoReturn:
    ev.refuse(
        node,
        f"calls are nested more than {CALL_DEPTH_LIMIT} deep, or to a depth that is not known "
        "before the call",
        "Write the recursion as a loop.",
    )


def _result(
    ev: Evaluator,
    frame: Frame,
    function: ast.FunctionDef | ast.AsyncFunctionDef,
    *,
    is_entry: bool,
) -> Abstract:
    returned, result = frame.entries[RETURNED], frame.entries[RESULT]
    if returned == FALSE or result == MISSING:
        return NONE
    unclear = isinstance(result, (Conflict, Either))
    if isinstance(returned, Number) and (unclear or result != NONE):
        # Integers that decide which path is taken can be made static.
        wanted = ev.decisions.sources_of(returned.value, ev)
        if wanted:
            raise NeedsDecision(wanted)
    if isinstance(result, Conflict) or (is_entry and isinstance(result, Either)):
        kinds = map(describe, options_of(result)) if isinstance(result, Either) else ()
        first, second, *_ = kinds or (result.first, result.second)  # type: ignore[union-attr]
        ev.refuse(
            function,
            f"`{function.name}` returns {first} on one path and {second} on another",
            "Return one kind of value on every path.",
        )
    if returned == TRUE or result == NONE:
        return result
    if is_entry:
        ev.refuse(
            function,
            f"`{function.name}` returns a value on one path and falls off its end on another",
            "End it with a `return` or a `raise`.",
        )
    return ev.choose(returned, result, NONE, function)
