"""Calls: primitives become nodes, user functions run in place, builtins do as in Python."""

from __future__ import annotations

import ast
import builtins
import dataclasses
import functools
import inspect
import math
import types
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from srcgrad.errors import ArgumentError, MissingRuleError, UnsupportedError
from srcgrad.frontend import containers, iterators, storage
from srcgrad.frontend.abstract import (
    FALSE,
    MISSING,
    NONE,
    PYTHON_NUMBERS,
    TRUE,
    Abstract,
    ArrayRef,
    BoundMethod,
    Closure,
    Conflict,
    DictOf,
    Frame,
    Frozen,
    ListOf,
    Number,
    ObjectOf,
    Partial,
    RangeOf,
    Static,
    TupleOf,
    Walk,
    describe,
    is_static,
    leaves,
)
from srcgrad.frontend.source import FunctionNode, Source, source_of
from srcgrad.graph import ArrayType, ListType, ScalarType, is_integral
from srcgrad.location import Location
from srcgrad.rules import METHODS, find_primitive

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator

Keywords = dict[str, Abstract]
RETURNED, RESULT = "return", "return value"
CALL_DEPTH_LIMIT = 60
# Where every call stands in a branch of its caller, the recursion has no known end.
CALL_DEPTH_LIMIT_IN_BRANCHES = 20
_NUMPY_PACKAGES = ("numpy", "scipy")


def evaluate_call(ev: Evaluator, node: ast.Call) -> Abstract:
    function = ev.evaluate(node.func)
    iterators.refuse_given(ev, function, node)
    args: list[Abstract] = []
    for argument in node.args:
        if isinstance(argument, ast.Starred):
            args += containers.known_items(ev, ev.evaluate(argument.value), argument)
        else:
            args.append(ev.evaluate(argument))
    kwargs: Keywords = {}
    for keyword in node.keywords:
        value = ev.evaluate(keyword.value)
        if keyword.arg is not None:
            kwargs[keyword.arg] = value
        elif isinstance(value, DictOf):
            kwargs.update({str(key): item for key, item in value.items.items()})
        else:
            ev.refuse(
                keyword.value,
                f"cannot pass {describe(value)} as keyword arguments",
                "Pass a dict, or write the arguments out.",
            )
    return call(ev, function, args, kwargs, node)


def call(
    ev: Evaluator, function: Abstract, args: list[Abstract], kwargs: Keywords, node: ast.AST
) -> Abstract:
    """The result of calling an abstract function."""
    if isinstance(function, Closure):
        return _call_closure(ev, function, args, kwargs, node)
    if isinstance(function, BoundMethod):
        return _call_method(ev, function, args, kwargs, node)
    if isinstance(function, Partial):
        merged = dict(function.kwargs) | kwargs
        return call(ev, function.function, [*function.args, *args], merged, node)
    if isinstance(function, Static):
        return _call_known(ev, function.value, args, kwargs, node)
    if isinstance(function, ObjectOf):
        return _call_instance(ev, function, args, kwargs, node)
    ev.reject(node, f"{describe(function)} cannot be called")


def _call_known(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: ast.AST
) -> Abstract:
    handler = _handler(function)
    if handler is not None:
        return handler(ev, function, args, kwargs, node)
    if function is np.array and kwargs.get("copy", TRUE) != TRUE:
        kwargs = {key: item for key, item in kwargs.items() if key != "copy"}
        return _call_known(ev, np.asarray, args, kwargs, node)
    seen = storage.call_on_reference(ev, function, args, kwargs)
    if seen is not None:
        return seen
    if function in _STACKING:
        stacked = _stacked(ev, function, args, kwargs, node)
        if stacked is not None:
            return stacked
    if function in _ARRAY_MAKING:
        made = _array_of_lists(ev, args, kwargs)
        if made is not None:
            return made
    if find_primitive(function) is not None:
        return _call_primitive(ev, function, args, kwargs, node)
    if isinstance(function, functools.partial):
        known = [Static(item) for item in function.args]
        named = {key: Static(item) for key, item in function.keywords.items()}
        return call(ev, Static(function.func), [*known, *args], {**named, **kwargs}, node)
    if isinstance(function, type):
        return _construct(ev, function, args, kwargs, node)
    if isinstance(function, types.MethodType):
        return _call_known(ev, function.__func__, [Static(function.__self__), *args], kwargs, node)
    if _package_of(function) == "srcgrad":
        ev.refuse(
            node,
            "gradients inside a differentiated function are not supported yet",
            "Take the gradient outside the function.",
        )
    if isinstance(function, types.FunctionType) and not _belongs_to_numpy(function):
        return call_user_function(ev, function, args, kwargs, node)
    by_class = getattr(type(function), "__call__", None)  # noqa: B004  (the class's own function)
    if isinstance(by_class, types.FunctionType) and not _belongs_to_numpy(type(function)):
        return call_user_function(ev, by_class, [Static(function), *args], kwargs, node)
    return _call_unknown(ev, function, args, kwargs, node)


def _handler(function: Any) -> Callable[..., Abstract] | None:
    try:
        return _HANDLERS.get(function)
    except TypeError:
        return None


def _call_primitive(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: ast.AST
) -> Abstract:
    for name in _KEYWORDS_OF_BUILTINS.get(function, ())[len(args) :]:
        if name in kwargs:
            args, kwargs = [*args, kwargs[name]], {k: v for k, v in kwargs.items() if k != name}
    if _is_pure_python(function) and all(map(is_static, [*args, *kwargs.values()])):
        now = _call_now(ev, function, args, kwargs)
        if now is not None:
            return now
    if isinstance(function, np.ufunc) and not any(
        isinstance(leaf.type, ArrayType) for item in args for leaf in leaves(item)
    ):
        kwargs = {**kwargs, "function": TRUE} if _is_operator(function) else kwargs
    return ev.call_primitive(function, args, kwargs)


def _array_of_lists(ev: Evaluator, args: list[Abstract], kwargs: Keywords) -> Abstract | None:
    """`np.array` of lists and tuples of numbers."""
    value = storage.current(ev, args[0]) if len(args) == 1 else None
    if not isinstance(value, (ListOf, TupleOf)) or not kwargs.keys() <= {"dtype"}:
        return None
    dtype = kwargs.get("dtype", NONE)
    if not isinstance(dtype, Static):
        return None
    nested = containers.to_rule_argument(ev, value)
    return Number(containers.as_array(ev, nested, dtype.value).value)


# Builtins whose primitives go by the names of ufuncs.
_KEYWORDS_OF_BUILTINS: dict[Any, tuple[str, ...]] = {pow: ("base", "exp", "mod")}


def _stacked(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: ast.AST
) -> Abstract | None:
    """`np.stack` or `np.array` of a list whose length is known only during the call."""
    value = storage.current(ev, args[0]) if args else None
    if not isinstance(value, Number) or not isinstance(value.value.type, ListType):
        return None
    axis = kwargs.get("axis", Static(0))
    if len(args) > 1 or set(kwargs) - {"axis"} or axis != Static(0):
        ev.refuse(
            node,
            "of a list of unknown length only a stack along axis 0 is supported yet",
            "Stack along axis 0, and move the axis: `np.moveaxis(np.stack(items), 0, axis)`.",
        )
    return ev.call_primitive("stack_list", (value,))


_STACKING = (np.stack, np.array, np.asarray)
_ARRAY_MAKING = (np.array, np.asarray, np.asanyarray)


def _is_operator(function: np.ufunc) -> bool:
    primitive = find_primitive(function)
    assert primitive is not None and primitive.signature is not None
    return "function" in primitive.signature.parameters


def _is_pure_python(function: Any) -> bool:
    return getattr(function, "__module__", None) in ("math", "cmath", "builtins", "_operator")


def _call_now(ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords) -> Any:
    """The result of a pure function of known values; None where it must be left to the call."""
    plain = [containers.to_rule_argument(ev, item) for item in args]
    named = {key: containers.to_rule_argument(ev, item) for key, item in kwargs.items()}
    plain = [float(item) if isinstance(item, containers.WrittenFloat) else item for item in plain]
    try:
        return Static(function(*plain, **named))
    except Exception:
        return None


def _package_of(function: Any) -> str:
    """The package in which a function, or the class of a callable object, is defined."""
    owner = function if isinstance(function, types.FunctionType) else type(function)
    return (getattr(owner, "__module__", None) or "").split(".")[0]


def _belongs_to_numpy(function: Any) -> bool:
    return (getattr(function, "__module__", None) or "").split(".")[0] in _NUMPY_PACKAGES


def _call_unknown(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: ast.AST
) -> Abstract:
    """A function that srcgrad does not know: replayed where no numbers flow, else refused."""
    name = getattr(function, "__name__", str(function))
    numeric = any(True for item in [*args, *kwargs.values()] for _ in leaves(item))
    if numeric and (_belongs_to_numpy(function) or isinstance(function, np.ufunc)):
        written = _function_text(ev, node) or name
        text = ev.frame.source.text(node)
        raise MissingRuleError(
            f"cannot differentiate `{text}`: srcgrad has no rule for `{written}`",
            location=ev.location(node),
            construct=text,
            remedy="Where the result does not depend on `wrt`, compute it outside the function and "
            "pass it as an\nargument.  If it has a derivative, give it a rule; see "
            "docs/adding-a-rule.md.",
        )
    if any(map(_holds_array, [*args, *kwargs.values()])) and function not in _CHANGE_NOTHING:
        text = ev.frame.source.text(node)
        ev.refuse(
            node,
            f"`{text}` hands an array to a function which srcgrad does not know and may change it",
            "Make the call outside the function, or hand it a copy: `x.copy()`.",
        )
    return replay(ev, _reference(ev, function, name), args, kwargs, node)


_CHANGE_NOTHING = (print, repr, str, format, id, bytes, ascii)


def _holds_array(value: Abstract) -> bool:
    """Is this an array, or a container with one?"""
    if isinstance(value, (ArrayRef, Frozen)):
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


def _reference(ev: Evaluator, function: Any, name: str) -> str:
    """The expression by which emitted code reaches a function: a builtin's name, or a parameter."""
    if getattr(builtins, name, None) is function:
        return name
    return ev.captures.passive(name, function)


def replay(
    ev: Evaluator, function: str, args: list[Abstract], kwargs: Keywords, node: ast.AST
) -> Abstract:
    """Append a call that is made again, unchanged, at each call; its result is opaque."""
    values = [passive_argument(ev, item) for item in [*args, *kwargs.values()]]
    parameters: Keywords = {"function": Static(function), "arguments": Static(tuple(values))}
    if kwargs:
        parameters["keywords"] = Static(tuple(kwargs))
    return ev.call_primitive("call", (), parameters)


def passive_argument(ev: Evaluator, value: Abstract) -> Any:
    """An argument of a replayed call: symbols for numbers, plain values for the rest."""
    if isinstance(value, Static) and not isinstance(
        value.value, (*PYTHON_NUMBERS, str, bytes, tuple, type(None), np.dtype)
    ):
        name = getattr(value.value, "__name__", type(value.value).__name__.lower())
        return ev.captures.passive_symbol(ev.builder, name, value.value)
    return containers.to_rule_argument(ev, value)


def raise_exception(ev: Evaluator, statement: ast.Raise) -> None:
    if statement.exc is None or statement.cause is not None:
        ev.refuse(
            statement,
            "this form of `raise` is not supported yet",
            "Write `raise SomeError(message)`.",
        )
    exc = statement.exc
    args: list[ast.expr] = []
    if isinstance(exc, ast.Call) and not exc.keywords:
        args, exc = exc.args, exc.func
    kind = ev.evaluate(exc)
    if not isinstance(kind, Static) or not isinstance(kind.value, type):
        ev.refuse(
            statement,
            "this form of `raise` is not supported yet",
            "Write `raise SomeError(message)`.",
        )
    name = _reference(ev, kind.value, kind.value.__name__)
    values = [Static(passive_argument(ev, ev.evaluate(item))) for item in args]
    ev.call_primitive("raise", values, {"exception": Static(name)})


# User functions


def call_user_function(
    ev: Evaluator,
    function: types.FunctionType,
    args: list[Abstract],
    kwargs: Keywords,
    node: ast.AST | None,
) -> Abstract:
    """Evaluate the body of a Python function in place."""
    source = source_of(function)
    code = function.__code__
    _refuse_generators(ev, function.__name__, code, node)
    caller = ev.location(node) if node is not None else None
    frame = _frame_of(source, function, caller)
    positional = tuple(
        ev.captures.default(function, f"__defaults__[{i}]", value)
        for i, value in enumerate(function.__defaults__ or ())
    )
    keyword = {
        key: ev.captures.default(function, f"__kwdefaults__[{key!r}]", value)
        for key, value in (function.__kwdefaults__ or {}).items()
    }
    ev.captures.remember_function(function)
    bound = _bind(ev, source.node, args, kwargs, positional, keyword, function.__name__, node)
    return run_function(ev, frame, source.node, bound, node)


def run_entry(
    ev: Evaluator, function: types.FunctionType, given: Mapping[str, Abstract]
) -> Abstract:
    """Run the function that is differentiated, its parameters being bound already."""
    source = source_of(function)
    code = function.__code__
    if code.co_flags & _GENERATOR_FLAGS:
        raise UnsupportedError(
            f"`{function.__qualname__}` is a generator or coroutine, which has no gradient",
            location=source.location(source.node, None),
            construct=source.header(source.node),
            remedy="Build a list and return a number computed from it.",
        )
    bound = given
    if inspect.signature(function, follow_wrapped=False).parameters.keys() != given.keys():
        # A wrapper has the signature of what it wraps, and parameters of its own.
        args, kwargs = _as_passed(inspect.signature(function), given)
        bound = _bind(ev, source.node, args, kwargs, (), {}, function.__name__, None)
    return run_function(ev, _frame_of(source, function, None), source.node, bound, None)


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


def _frame_of(source: Source, function: types.FunctionType, caller: Location | None) -> Frame:
    code = function.__code__
    cells = dict(zip(code.co_freevars, function.__closure__ or ()))
    names = frozenset(code.co_varnames + code.co_cellvars)
    return Frame(source, None, function.__globals__, cells, caller, names)


_GENERATOR_FLAGS = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR


def _refuse_generators(ev: Evaluator, name: str, code: types.CodeType, node: Any) -> None:
    if code.co_flags & _GENERATOR_FLAGS:
        ev.refuse(
            node,
            f"`{name}` is a generator or coroutine, which is not supported yet",
            "Build a list and return it.",
        )


def _call_closure(
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
    nested = min(ev.depth, ev.branch_depth())
    if ev.depth >= CALL_DEPTH_LIMIT or nested >= CALL_DEPTH_LIMIT_IN_BRANCHES:
        assert node is not None
        _refuse_depth(ev, node)
    outer, outer_loops = ev.frame, ev.loops
    ev.frame, ev.loops, ev.depth = frame, [], ev.depth + 1
    try:
        frame.entries.update(bound)
        if isinstance(function, ast.Lambda):
            with ev.builder.at(ev.location(function)):
                return ev.evaluate(function.body)
        frame.entries[RETURNED] = FALSE
        frame.entries[RESULT] = MISSING
        ev.run_block(function.body)
        return _result(ev, frame, function)
    except RecursionError:
        if node is None or outer is None:
            raise
        ev.frame = outer
        _refuse_depth(ev, node)
    finally:
        ev.frame, ev.loops, ev.depth = outer, outer_loops, ev.depth - 1


def _refuse_depth(ev: Evaluator, node: ast.AST) -> NoReturn:
    ev.refuse(
        node,
        "calls are nested too deep; recursion whose depth is not known before the call is not "
        "supported yet",
        "Write the recursion as a loop.",
    )


def _result(
    ev: Evaluator, frame: Frame, function: ast.FunctionDef | ast.AsyncFunctionDef
) -> Abstract:
    returned, result = frame.entries[RETURNED], frame.entries[RESULT]
    if returned == FALSE or (result == MISSING and returned == TRUE):
        return NONE
    if isinstance(result, Conflict):
        ev.refuse(
            function,
            f"`{function.name}` returns {result.first} on one path and {result.second} on another",
            "Return one kind of value on every path.",
        )
    if returned != TRUE and result != NONE:
        ev.refuse(
            function,
            f"`{function.name}` returns a value on one path and falls off its end on another",
            "End it with a `return` or a `raise`.",
        )
    return result


# Methods


def _call_method(
    ev: Evaluator, method: BoundMethod, args: list[Abstract], kwargs: Keywords, node: ast.AST
) -> Abstract:
    owner, name = method.owner, method.name
    if isinstance(owner, (Number, ArrayRef)):
        if name not in METHODS:
            ev.refuse(
                node,
                f"the method `{name}` of {describe(owner)} is not supported yet",
                "Make the call outside the function, and pass its result as an argument.",
            )
        if name == "astype" and kwargs.get("copy", TRUE) != TRUE:
            dtype = args[0] if args else kwargs["dtype"]
            return call(ev, Static(np.asarray), [owner, dtype], {}, node)
        if name == "flatten" and isinstance(owner, ArrayRef):
            return ev.call_primitive(np.copy, (ev.call_primitive(np.ravel, (owner, *args)),))
        function, given, kwargs = METHODS[name](owner, args, kwargs)
        args = [_collected(item) for item in given]
        if isinstance(function, str):
            return ev.call_primitive(function, args, dict(kwargs))
        return call(ev, Static(function), list(args), dict(kwargs), node)
    if isinstance(owner, Static):
        return _known_method(ev, owner, name, args, kwargs, node)
    if isinstance(owner, TupleOf) and name == "_replace":
        fields = owner.kind._fields  # type: ignore[attr-defined]
        items = tuple(kwargs.get(key, item) for key, item in zip(fields, owner.items))
        return TupleOf(items, owner.kind)
    if isinstance(owner, ObjectOf):
        function = inspect.getattr_static(owner.kind, name)
        if isinstance(function, (staticmethod, classmethod)):
            first = [Static(owner.kind)] if isinstance(function, classmethod) else []
            return _call_known(ev, function.__func__, [*first, *args], kwargs, node)
        return _call_known(ev, function, [owner, *args], kwargs, node)
    if kwargs:
        ev.refuse(
            node,
            f"keyword arguments of `{name}` are not supported yet",
            "Give the arguments by position.",
        )
    return containers.call_method(ev, owner, name, args, node)


def _collected(item: Any) -> Abstract:
    """Several arguments that a method's adapter put in one tuple (`x.reshape(2, 3)`)."""
    return TupleOf(item) if type(item) is tuple else item


def _known_method(
    ev: Evaluator, owner: Static, name: str, args: list[Abstract], kwargs: Keywords, node: ast.AST
) -> Abstract:
    """A method of a string or a known number: pure, so it runs now if its arguments are known."""
    if all(map(is_static, [*args, *kwargs.values()])):
        now = _call_now(ev, getattr(owner.value, name), args, kwargs)
        if now is not None:
            return now
    if isinstance(owner.value, str):
        return replay(ev, f"{owner.value!r}.{name}", args, kwargs, node)
    ev.refuse(
        node,
        f"the method `{name}` of {describe(owner)} is not supported here",
        "Do it outside the function, and pass the result as an argument.",
    )


def _call_instance(
    ev: Evaluator, owner: ObjectOf, args: list[Abstract], kwargs: Keywords, node: ast.AST
) -> Abstract:
    function = getattr(owner.kind, "__call__", None)  # noqa: B004  (the function is wanted)
    if not isinstance(function, types.FunctionType):
        ev.reject(node, f"{describe(owner)} cannot be called")
    return call_user_function(ev, function, [owner, *args], kwargs, node)


# Classes


def _construct(
    ev: Evaluator, kind: type, args: list[Abstract], kwargs: Keywords, node: ast.AST
) -> Abstract:
    if issubclass(kind, np.generic):
        return ev.call_primitive("cast", args[:1], {"dtype": Static(np.dtype(kind))})
    if issubclass(kind, tuple) and hasattr(kind, "_fields"):
        names: tuple[str, ...] = kind._fields
        defaults = getattr(kind, "_field_defaults", {})
        bound = _bind_fields(ev, names, defaults, args, kwargs, node)
        return TupleOf(tuple(bound[name] for name in names), kind)
    if dataclasses.is_dataclass(kind):
        return _construct_dataclass(ev, kind, args, kwargs, node)
    ev.refuse(
        node,
        f"making an instance of `{kind.__name__}` inside the function is not supported yet",
        "Make it outside, and pass it or what it computes as an argument.",
    )


def _construct_dataclass(
    ev: Evaluator, kind: type, args: list[Abstract], kwargs: Keywords, node: ast.AST
) -> Abstract:
    fields = [f for f in dataclasses.fields(kind) if f.init]  # type: ignore[arg-type]
    if hasattr(kind, "__post_init__") or any(
        f.default_factory is not dataclasses.MISSING for f in fields
    ):
        ev.refuse(
            node,
            f"`{kind.__name__}` has `__post_init__` or a default factory",
            "Make the instance outside, and pass it as an argument.",
        )
    defaults = {f.name: f.default for f in fields if f.default is not dataclasses.MISSING}
    names = tuple(f.name for f in fields)
    return ObjectOf(kind, _bind_fields(ev, names, defaults, args, kwargs, node))  # type: ignore


def _bind_fields(
    ev: Evaluator,
    names: tuple[str, ...],
    defaults: Mapping[str, object],
    args: list[Abstract],
    kwargs: Keywords,
    node: ast.AST,
) -> dict[str, Abstract]:
    bound: dict[str, Abstract] = dict(zip(names, args)) | kwargs
    for name, default in defaults.items():
        bound.setdefault(name, Static(default))
    missing = [name for name in names if name not in bound]
    if missing or len(args) > len(names) or set(bound) - set(names):
        ev.reject(node, f"the arguments do not fit the fields {', '.join(names)}")
    return {name: bound[name] for name in names}


# Builtins


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
        shape = type_.shape if isinstance(type_, ArrayType) else ()
        if shape is not None and not shape:
            ev.reject(node, "a number has no len()")
        if shape is not None and isinstance(shape[0], int):
            return Static(shape[0])
        return ev.call_primitive("dim", (value,), {"axis": Static(0)})
    items = containers.items_if_known(ev, value)
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


def _zip(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    if kwargs:
        _require_same_length(ev, args, node)
    return Walk("zip", tuple(args))


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
    return Walk("enumerate", (args[0],), ev.make_static(start, node))


def _reversed(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    return Walk("reversed", tuple(args))


def _tuple(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    items = containers.known_items(ev, args[0], node) if args else ()
    return ListOf(items) if function is list else TupleOf(items)


def _dict(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    items: dict[object, Abstract] = {}
    if args:
        if isinstance(args[0], DictOf):
            items.update(args[0].items)
        else:
            for pair in containers.known_items(ev, args[0], node):
                key, value = containers.known_items(ev, pair, node)
                items[ev.make_static(key, node).value] = value
    items.update(kwargs.items())
    return DictOf(items)


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
        now = _call_now(ev, sum, [TupleOf(items), start], {})
        if now is not None:
            return now
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
    key = kwargs.pop("key", NONE)
    if kwargs:
        ev.refuse(
            node,
            f"`default=` of `{function.__name__}` is not supported yet",
            "Test for the empty case with `if` first.",
        )
    if len(args) == 1 and isinstance(args[0], Number) and key == NONE:
        return _extreme_of_array(ev, np.max if function is max else np.min, args[0])
    items = list(containers.known_items(ev, args[0], node)) if len(args) == 1 else args
    if not items:
        ev.reject(node, f"`{function.__name__}` of nothing")
    if key != NONE:
        return _extreme_by_key(ev, function, items, key, node)
    if all(map(is_static, items)):
        now = _call_now(ev, function, items, {}) if len(items) > 1 else items[0]
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
    best, best_key = items[0], call(ev, key, [items[0]], {}, node)
    for item in items[1:]:
        item_key = call(ev, key, [item], {}, node)
        better = ev.truth(ev.compare(compare, item_key, best_key, node), node)
        if isinstance(better, Static):
            best, best_key = (item, item_key) if better.value else (best, best_key)
            continue
        pairs = TupleOf((item, item_key)), TupleOf((best, best_key))
        chosen = ev.choose(better, pairs[0], pairs[1], node)
        best, best_key = containers.known_items(ev, chosen, node)
    return best


def _sorted(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    """`sorted` of things known now, or of numbers, which `np.sort` puts in order."""
    items = containers.known_items(ev, args[0], node)
    reverse = ev.make_static(kwargs.pop("reverse", FALSE), node).value
    key = kwargs.pop("key", NONE)
    keys = items if key == NONE else tuple(call(ev, key, [i], {}, node) for i in items)
    if all(map(is_static, keys)):
        plain = [containers.to_rule_argument(ev, item) for item in keys]
        order = sorted(range(len(items)), key=plain.__getitem__, reverse=bool(reverse))
        return ListOf(tuple(items[at] for at in order))
    if key != NONE or not all(map(_is_python_number, items)):
        ev.refuse(
            node,
            "`sorted` by keys that are known only during the call is not supported yet",
            "Use `np.argsort` and `np.take`.",
        )
    ordered = ev.call_primitive(np.sort, (ev.call_primitive(np.array, (ListOf(items),)),))
    places = range(len(items))
    taken = [
        ev.call_primitive("getitem", (ordered,), {"index": Static(at)})
        for at in (reversed(places) if reverse else places)
    ]
    return ListOf(tuple(ev.call_primitive(float, (item,)) for item in taken))


def _extreme_of_array(ev: Evaluator, reduce: Any, value: Number) -> Abstract:
    """`max` or `min` of an array, or of a list whose length is known only during the call."""
    type_ = value.value.type
    if not isinstance(type_, ListType):
        return ev.call_primitive(reduce, (value,))
    found = ev.call_primitive(reduce, (ev.call_primitive("stack_list", (value,)),))
    return ev.call_primitive(float, (found,)) if isinstance(type_.element, ScalarType) else found


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
    return Static(issubclass(_kind_of(ev, value, node), plain))


def _type(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    if len(args) != 1:
        ev.refuse(
            node,
            "making a class inside the function is not supported",
            "Define the class outside the function.",
        )
    return Static(_kind_of(ev, args[0], node))


def _kind_of(ev: Evaluator, value: Abstract, node: Any) -> type:
    """The Python type of an abstract value."""
    if isinstance(value, ArrayRef):
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
    kinds: dict[type, type] = {
        ListOf: list,
        DictOf: dict,
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
    ev.refuse(
        node,
        f"the type of {describe(value)} is not known before the call",
        "Decide by an argument that is a bool or a string, or by `np.ndim`.",
    )


def _map(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    columns = [containers.known_items(ev, item, node) for item in args[1:]]
    return ListOf(tuple(call(ev, args[0], list(row), {}, node) for row in zip(*columns)))


def _partial(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    return Partial(args[0], tuple(args[1:]), tuple(kwargs.items()))


def _reduce(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    items = list(containers.known_items(ev, args[1], node))
    total = args[2] if len(args) > 2 else items.pop(0)
    for item in items:
        total = call(ev, args[0], [total, item], {}, node)
    return total


def _has_attribute(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    name = ev.make_static(args[1], node).value
    owner = args[0]
    if isinstance(owner, ObjectOf):
        return Static(name in owner.entries or hasattr(owner.kind, str(name)))
    if isinstance(owner, Static):
        return Static(hasattr(owner.value, str(name)))
    return Static(hasattr(_kind_of(ev, owner, node), str(name)))


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
        now = _call_now(ev, function, args, kwargs)
        if now is not None:
            return now
    return replay(ev, function.__name__, args, kwargs, node)


def _print(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    replay(ev, "print", args, kwargs, node)
    return NONE


def _prod(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    """`np.prod(x.shape)` is a product of Python integers; of an array it is the primitive."""
    if not isinstance(args[0], (TupleOf, ListOf)) or kwargs or len(args) > 1:
        return ev.call_primitive(np.prod, args, kwargs)
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
    return Static(isinstance(value, (Closure, BoundMethod, Partial)))


_HANDLERS: dict[Any, Callable[..., Abstract]] = {
    len: _len,
    range: _range,
    zip: _zip,
    enumerate: _enumerate,
    reversed: _reversed,
    tuple: _tuple,
    list: _tuple,
    dict: _dict,
    sum: _sum,
    min: _min_max,
    max: _min_max,
    sorted: _sorted,
    all: _all_any,
    any: _all_any,
    isinstance: _isinstance,
    type: _type,
    map: _map,
    functools.partial: _partial,
    functools.reduce: _reduce,
    hasattr: _has_attribute,
    getattr: _get_attribute,
    str: _str,
    repr: _str,
    format: _str,
    print: _print,
    callable: _callable,
    np.prod: _prod,
    math.prod: _prod,
}
