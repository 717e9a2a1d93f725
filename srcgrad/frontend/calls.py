"""Calls: primitives become nodes, user functions run in place, builtins do as in Python."""

from __future__ import annotations

import ast
import functools
import logging
import types
import typing
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from srcgrad.declarations import own_rules
from srcgrad.frontend import (
    array_walks,
    assembling,
    checkpoints,
    class_statements,
    classes,
    containers,
    contexts,
    conversions,
    derivatives,
    generators,
    handing_on,
    introspection,
    iterators,
    joining_calls,
    object_calls,
    objects,
    on_gradient,
    questions,
    random_calls,
    series_calls,
    storage,
    strings,
    views,
    writing_calls,
)
from srcgrad.frontend.abstract import (
    ITEMS,
    NONE,
    TRUE,
    Abstract,
    ArrayRef,
    BoundMethod,
    Builtin,
    Closure,
    Derived,
    DictOf,
    GeneratorOf,
    GivenFunction,
    Keywords,
    LinearMapOf,
    ListOf,
    Number,
    ObjectOf,
    OneOf,
    Partial,
    Static,
    TupleOf,
    describe,
    is_static,
    leaves,
)
from srcgrad.frontend.builtin_calls import HANDLERS
from srcgrad.frontend.classes import call_written, construct, written_by_dataclass
from srcgrad.frontend.collections_calls import COLLECTIONS_HANDLERS
from srcgrad.frontend.drawing_calls import DRAWING_HANDLERS, handler_of_draw
from srcgrad.frontend.functions import call_closure, call_given_function, call_user_function
from srcgrad.frontend.functools_calls import FUNCTOOLS_HANDLERS, handler_of_instance
from srcgrad.frontend.itertools_calls import ITERTOOLS_HANDLERS
from srcgrad.frontend.members import Member
from srcgrad.frontend.normal_calls import astype, in_normal_form
from srcgrad.frontend.object_calls import SPECIAL_METHODS
from srcgrad.frontend.operator_calls import OPERATOR_HANDLERS
from srcgrad.frontend.own_calls import call_with_own_rules
from srcgrad.frontend.replay import (
    belongs_to_numpy,
    call_now,
    call_unknown,
    missing_rule,
    package_of,
    reference,
    replay,
)
from srcgrad.frontend.sorting import SORTING_HANDLERS, in_order
from srcgrad.frontend.stand_ins import (
    METHODS_OF_ARRAYS,
    is_stand_in,
    stand_in_for,
    stand_in_for_pad,
)
from srcgrad.graph import ArrayType, is_integral
from srcgrad.request import Derivative, Mode, is_mode
from srcgrad.rules import METHODS, find_primitive
from srcgrad.rules.ledger import refusal_of

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator


def evaluate_call(ev: Evaluator, node: ast.Call) -> Abstract:
    function = ev.evaluate(node.func)
    reads_at_once = iterators.reads_at_once(function)
    args, kwargs = arguments(ev, node, ev.evaluate if reads_at_once else None)
    return call(ev, function, args, kwargs, node)


def arguments(
    ev: Evaluator, node: ast.Call, evaluate: Callable[[ast.expr], Abstract] | None = None
) -> tuple[list[Abstract], Keywords]:
    """What a call is given, by position and by keyword; a function of the user's may keep it."""
    evaluate = evaluate or functools.partial(iterators.evaluate_kept, ev)
    args: list[Abstract] = []
    for argument in node.args:
        if isinstance(argument, ast.Starred):
            args += containers.known_items(ev, ev.evaluate(argument.value), argument)
        else:
            args.append(evaluate(argument))
    kwargs: Keywords = {}
    for keyword in node.keywords:
        value = evaluate(keyword.value)
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
    return args, kwargs


def call(
    ev: Evaluator, function: Abstract, args: list[Abstract], kwargs: Keywords, node: ast.AST
) -> Abstract:
    """The result of calling an abstract function."""
    if isinstance(function, Closure):
        return call_closure(ev, function, args, kwargs, node)
    if isinstance(function, Derived):
        return derivatives.call_derived(ev, function, args, kwargs, node)
    if isinstance(function, LinearMapOf):
        return derivatives.call_linear_map(ev, function, args, node)
    if isinstance(function, GivenFunction):
        return call_given_function(ev, function, args, kwargs, node)
    if isinstance(function, BoundMethod):
        return _call_method(ev, function, args, kwargs, node)
    if isinstance(function, Partial):
        merged = dict(function.kwargs) | kwargs
        return call(ev, function.function, [*function.args, *args], merged, node)
    if isinstance(function, Builtin):
        return function.run(ev, args, kwargs, node)
    if isinstance(function, Static) and isinstance(function.value, Member):
        return call(ev, function.value.held, args, kwargs, node)
    if isinstance(function, Static):
        return _call_known(ev, function.value, args, kwargs, node)
    if isinstance(function, ObjectOf):
        return _call_instance(ev, function, args, kwargs, node)
    ev.reject(node, f"{describe(function)} cannot be called")


def _call_known(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: ast.AST
) -> Abstract:
    own = own_rules(function)
    if own is None:
        return _call_without_own_rules(ev, function, args, kwargs, node)

    def plain(args: list[Abstract], kwargs: Keywords) -> Abstract:
        return _call_without_own_rules(ev, function, args, kwargs, node)

    return call_with_own_rules(ev, own, args, kwargs, node, plain)


def _call_without_own_rules(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: ast.AST
) -> Abstract:
    if any(isinstance(item, GeneratorOf) for item in args) and not _takes_generators(function):
        args = [_listed(ev, item, node) for item in args]
    by_class = _by_class(ev, function, args, node)
    if by_class is not None:
        return by_class
    function, args, kwargs = in_normal_form(ev, function, args, kwargs, node)
    if function is np.einsum:
        args = assembling.with_subscripts(ev, args)
    handler = _handler(function)
    if handler is not None:
        return handler(ev, function, args, kwargs, node)
    drawn = random_calls.call_generator(ev, function, args, kwargs, node)
    if drawn is not None:
        return drawn
    if _is_logging(function):
        return _log(ev, function, args, kwargs, node)
    stand_in = _stand_in(ev, function, args, kwargs)
    if stand_in is not None:
        return call_user_function(ev, stand_in, args, kwargs, node)
    if function is np.array and kwargs.get("copy", TRUE) != TRUE:
        if kwargs.get("ndmin") == Static(1):
            args = [_call_known(ev, np.atleast_1d, args[:1], {}, node), *args[1:]]
            kwargs = {key: item for key, item in kwargs.items() if key != "ndmin"}
        kwargs = {key: item for key, item in kwargs.items() if key != "copy"}
        return _call_known(ev, np.asarray, args, kwargs, node)
    written = writing_calls.call_that_writes(ev, function, args, kwargs, node)
    if written is not None:
        return written
    same = conversions.same_array(function, args, kwargs)
    if same is not None:
        return same
    seen = views.call_on_reference(ev, function, args, kwargs)
    if seen is not None:
        return seen
    joined = joining_calls.joined(ev, function, args, kwargs, node)
    if joined is not None:
        return joined
    if function in _ARRAY_MAKING:
        made = _array_of_lists(ev, args, kwargs)
        if made is not None:
            return made
    source = series_calls.written_out(ev, function, args, kwargs)
    if source is not None:
        return call_user_function(ev, *source, kwargs, node)
    if find_primitive(function) is not None:
        return _call_primitive(ev, function, args, kwargs, node)
    if isinstance(function, functools.partial):
        known = [Static(item) for item in function.args]
        named = {key: Static(item) for key, item in function.keywords.items()}
        return call(ev, Static(function.func), [*known, *args], {**named, **kwargs}, node)
    if isinstance(function, type):
        return construct(ev, function, args, kwargs, node)
    if isinstance(function, types.MethodType):
        owner = ev.captures.attribute(function, "__self__")
        return _call_known(ev, function.__func__, [owner, *args], kwargs, node)
    if isinstance(function, (types.GenericAlias, _TypingAlias)):
        return call(ev, Static(typing.get_origin(function)), args, kwargs, node)
    if isinstance(function, Derivative) and hasattr(function, "_gradient"):
        owner = ev.captures.attribute(function, "_instance")
        return _call_known(ev, function._gradient, [owner, *args], kwargs, node)
    if isinstance(function, Derivative):
        derived = Derived(Static(function.primal), function.request)
        return derivatives.call_derived(ev, derived, args, kwargs, node)
    if isinstance(function, Mode):
        return derivatives.call_on_function(function, args)
    if is_mode(function):
        return derivatives.call_mode(ev, function, args, kwargs, node)
    is_read = _is_made_anew(function) or is_stand_in(function)
    if package_of(function) == "srcgrad" and not is_read:
        ev.refuse(
            node,
            f"`{ev.frame.source.text(node)}` is not supported in a differentiated function",
            "Call it outside the function.",
        )
    refusal = refusal_of(function)
    if refusal is not None and str(function.__module__).startswith("numpy.polynomial."):
        raise missing_rule(ev, refusal, function.__name__, node, function)
    if isinstance(function, types.FunctionType) and not belongs_to_numpy(function):
        written_for = written_by_dataclass(function, args[0]) if args else None
        if written_for is not None:
            return call_written(ev, written_for, function, args, kwargs, node)
        return call_user_function(ev, function, args, kwargs, node)
    by_class = getattr(type(function), "__call__", None)  # noqa: B004  (the class's own function)
    if isinstance(by_class, types.FunctionType) and not belongs_to_numpy(type(function)):
        return call_user_function(ev, by_class, [Static(function), *args], kwargs, node)
    return call_unknown(ev, function, args, kwargs, node)


def _is_made_anew(function: Any) -> bool:
    """Is this a function made by another (by `check_grads`) or by a user's own text?"""
    name = getattr(function, "__qualname__", "")
    return "<locals>" in name or "<lambda>" in name


def _by_class(ev: Evaluator, function: Any, args: list[Abstract], node: ast.AST) -> Abstract | None:
    """A builtin that asks the class of its argument first: `len`, `abs`, `float`."""
    if not args or objects.class_of(args[0]) is None:
        return None
    name = _found_in(SPECIAL_METHODS, function)
    return None if name is None else objects.call_special(ev, args[0], name, args[1:], node)


def _is_logging(function: Any) -> bool:
    """Is this a function or a method of `logging`?"""
    return package_of(getattr(function, "__func__", function)) == "logging"


def _log(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: ast.AST
) -> Abstract:
    """Messages are written at each call; the logger of a name is one object for ever."""
    if function is logging.getLogger and all(map(is_static, args)):
        return call_now(ev, function, args, kwargs) or Static(logging.getLogger())
    given = [strings.shown(ev, item, node) for item in args]
    replay(ev, reference(ev, function, function.__name__), given, kwargs, node)
    return NONE


def _listed(ev: Evaluator, item: Abstract, node: ast.AST) -> Abstract:
    if not isinstance(item, GeneratorOf):
        return item
    return storage.current(ev, generators.as_list(ev, item, node))


def _stand_in(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords
) -> types.FunctionType | None:
    """The function in Python that is evaluated in the place of this one."""
    if function is not np.pad:
        given = [key for key, item in kwargs.items() if item != NONE and not _is_false(item)]
        return stand_in_for(function, given)
    held = storage.current(ev, args[0]) if args else NONE
    if not isinstance(held, Number) or is_integral(held.value.type):
        return None  # NumPy rounds what it fills into arrays of integers.
    mode = kwargs.get("mode", args[2] if len(args) > 2 else Static("constant"))
    kind = kwargs.get("reflect_type", NONE)
    moves = any(True for _ in leaves(kwargs.get("constant_values", NONE)))
    plain = [item.value if isinstance(item, Static) else None for item in (mode, kind)]
    return stand_in_for_pad(*plain, moves_constants=moves)


def _is_false(item: Abstract) -> bool:
    return isinstance(item, Static) and item.value is False


def _takes_generators(function: Any) -> bool:
    """Does a function take a generator as it is?  Those of the user may read it late."""
    if function in (enumerate, functools.partial, isinstance, type):
        return True
    if isinstance(function, type):
        return function.__module__ not in ("builtins", "numpy")
    return isinstance(function, types.FunctionType) and package_of(function) not in (
        "functools",
        "numpy",
        "math",
    )


def _handler(function: Any) -> Callable[..., Abstract] | None:
    found = _found_in(EVALUATED, function)
    return (
        found
        or handler_of_instance(function)
        or handler_of_draw(function)
        or array_walks.handler_of_vectorized(function)
        or introspection.handler_of_question(function)
    )


def _found_in(table: Mapping[Any, Any], function: Any) -> Any:
    """What a table has for a function; None for one that cannot be looked up."""
    try:
        return table.get(function)
    except TypeError:
        return None


EVALUATED: dict[Any, Callable[..., Abstract]] = {
    **HANDLERS,
    **array_walks.HANDLERS,
    **class_statements.HANDLERS,
    **classes.HANDLERS,
    **COLLECTIONS_HANDLERS,
    **DRAWING_HANDLERS,
    **FUNCTOOLS_HANDLERS,
    **ITERTOOLS_HANDLERS,
    **object_calls.HANDLERS,
    **OPERATOR_HANDLERS,
    **assembling.HANDLERS,
    **checkpoints.HANDLERS,
    **on_gradient.HANDLERS,
    **contexts.HANDLERS,
    **conversions.HANDLERS,
    **handing_on.HANDLERS,
    **introspection.HANDLERS,
    **questions.HANDLERS,
    **SORTING_HANDLERS,
}


def _call_primitive(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: ast.AST
) -> Abstract:
    for name in _KEYWORDS_OF_BUILTINS.get(function, ())[len(args) :]:
        if name in kwargs:
            args, kwargs = [*args, kwargs[name]], {k: v for k, v in kwargs.items() if k != name}
    if _is_pure_python(function) and all(map(is_static, [*args, *kwargs.values()])):
        now = call_now(ev, function, args, kwargs)
        if now is not None:
            return now
        _raise_of_text(ev, function, args, node)
    if isinstance(function, np.ufunc) and _is_operator(function):
        on_numbers = not any(
            isinstance(leaf.type, ArrayType) for item in args for leaf in leaves(item)
        )
        # `np.power` and `**` differ in the last bit: of scalars, and of complex arrays.
        if on_numbers or function is np.power:
            kwargs = {**kwargs, "function": TRUE}
    return ev.call_primitive(function, args, kwargs)


def _raise_of_text(ev: Evaluator, function: Any, args: list[Abstract], node: ast.AST) -> None:
    """`int("a")` raises; of numbers it is left to the call."""
    if not any(isinstance(item, Static) and isinstance(item.value, str) for item in args):
        return
    try:
        function(*(item.value for item in args if isinstance(item, Static)))
    except Exception as error:
        ev.reject(node, str(error), raises=type(error))


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


_ARRAY_MAKING = (np.array, np.asarray, np.asanyarray)


def _is_operator(function: np.ufunc) -> bool:
    primitive = find_primitive(function)
    assert primitive is not None and primitive.signature is not None
    return "function" in primitive.signature.parameters


def _is_pure_python(function: Any) -> bool:
    return getattr(function, "__module__", None) in ("math", "cmath", "builtins", "_operator")


def _call_method(
    ev: Evaluator, method: BoundMethod, args: list[Abstract], kwargs: Keywords, node: ast.AST
) -> Abstract:
    owner, name = method.owner, method.name
    if not isinstance(owner, ObjectOf):
        args = [_listed(ev, item, node) for item in args]
    if random_calls.is_generator(ev, owner):
        return random_calls.call_method(ev, owner, name, args, kwargs, node)
    if name in writing_calls.WRITING_METHODS and storage.is_array(owner):
        return writing_calls.call_writing_method(ev, owner, name, args, kwargs, node)
    if isinstance(owner, Number) and owner.value in ev.texts:
        made = strings.call_method(ev, owner, name, args, kwargs, node)
        if made is not None:
            return made
    if isinstance(owner, (Number, ArrayRef, OneOf)):
        if name in METHODS_OF_ARRAYS:
            return call_user_function(ev, METHODS_OF_ARRAYS[name], [owner, *args], kwargs, node)
        if name not in METHODS:
            refusal = refusal_of(None, f"numpy.ndarray.{name}")
            if refusal is not None:
                raise missing_rule(ev, refusal, name, node)
            ev.refuse(
                node,
                f"the method `{name}` of {describe(owner)} is not supported yet",
                "Make the call outside the function, and pass its result as an argument.",
            )
        if name == "astype":
            return astype(ev, owner, args, kwargs, node)
        if name == "view" and (args == [Static(np.ndarray)] or not (args or kwargs)):
            return call(ev, Static(np.asarray), [owner], {}, node)
        if name == "flatten" and isinstance(owner, (ArrayRef, OneOf)):
            return ev.call_primitive(np.copy, (ev.call_primitive(np.ravel, (owner, *args)),))
        function, given, named = METHODS[name](owner, args, kwargs)
        kwargs = {key: _collected(item) for key, item in named.items()}
        args = [_collected(item) for item in given]
        if isinstance(function, str):
            return ev.call_primitive(function, args, dict(kwargs))
        return call(ev, Static(function), list(args), dict(kwargs), node)
    if isinstance(owner, Static) and name == "_make" and hasattr(owner.value, "_fields"):
        return TupleOf(containers.known_items(ev, args[0], node), owner.value)
    if isinstance(owner, TupleOf) and name == "_asdict":
        return DictOf(dict(zip(owner.kind._fields, owner.items)))  # type: ignore[attr-defined]
    if isinstance(owner, Static):
        return _known_method(ev, owner, name, args, kwargs, node)
    if isinstance(owner, TupleOf) and name == "_replace":
        fields = owner.kind._fields  # type: ignore[attr-defined]
        if unknown := set(kwargs) - set(fields):
            ev.reject(node, f"`{owner.kind.__name__}` has no field `{min(unknown)}`")
        items = tuple(kwargs.get(key, item) for key, item in zip(fields, owner.items))
        return TupleOf(items, owner.kind)
    if isinstance(owner, ListOf) and name == "sort" and isinstance(owner.content, TupleOf):
        ev.trail.set(owner, ITEMS, TupleOf(in_order(ev, owner.items, kwargs, node)))
        return NONE
    if isinstance(owner, DictOf) and name == "update":
        args, kwargs = [*args, DictOf(dict(kwargs.items()))], {}
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
        now = call_now(ev, getattr(owner.value, name), args, kwargs)
        if now is not None:
            return now
    if isinstance(owner.value, str):
        made = strings.call_method(ev, owner, name, args, kwargs, node)
        return made or replay(ev, f"{owner.value!r}.{name}", args, kwargs, node)
    ev.refuse(
        node,
        f"the method `{name}` of {describe(owner)} is not supported here",
        "Do it outside the function, and pass the result as an argument.",
    )


def _call_instance(
    ev: Evaluator, owner: ObjectOf, args: list[Abstract], kwargs: Keywords, node: ast.AST
) -> Abstract:
    method = objects.special_method(ev, owner, "__call__")
    if method is None:
        ev.reject(node, f"{describe(owner)} cannot be called")
    return call(ev, method, args, kwargs, node)


_TypingAlias: type = type(typing.List[int])  # noqa: UP006  (the alias class itself is wanted)
