"""What users declare of functions: `primitive`, `defvjp`, `defjvp`, `constant`; the record of it.

Each declaration gives the function, or the rule, back unchanged: without srcgrad everything runs as
it stands.  What becomes of the rules is in `frontend.own_calls` and `rules.own`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, overload
from weakref import WeakKeyDictionary, WeakSet

from srcgrad.errors import ArgumentError

Function = TypeVar("Function", bound=Callable[..., Any])
Like = str | Callable[..., Any]


@overload
def primitive(function: Function, *, like: Like | None = None) -> Function: ...


@overload
def primitive(
    function: None = None, *, like: Like | None = None
) -> Callable[[Function], Function]: ...


def primitive(function: Any = None, *, like: Like | None = None) -> Any:
    """Declare a function that srcgrad does not read, but calls as it is, once for each call.

    It must not change its arguments.  The type of its result is found by reading it after all, or,
    where that cannot be, from `like`: the name of an argument that the result is like, or a NumPy
    function of the same arguments, of which only shape and dtype count.  Its derivative comes from
    `defvjp` or `defjvp`; without either it can be called with what does not depend on `wrt`.

        @srcgrad.primitive(like="b")
        def solve(a, b):
            return library.solve(a, b)

    Raises `ArgumentError` for what is no function, or has been read into a gradient already.
    """
    if function is None:
        return lambda function: primitive(function, like=like)
    own = _record(function, "primitive")
    if isinstance(like, str) and like not in signature_of(function).parameters:
        raise ArgumentError(
            f"`{_name(function)}` has no parameter `{like}` that its result could be like",
            construct=like,
            remedy=f"Its parameters are {signature_of(function)}.",
        )
    own.opaque, own.like = True, like
    return function


def defvjp(function: Callable[..., Any]) -> Callable[[Function], Function]:
    """Register the decorated function as the backward rule of `function`.

    It takes the cotangent `g`, the result `y` and the arguments of the call, and returns one
    contribution for each argument, `None` where there is none.  It is read like any function, so
    that its code is optimised and differentiated again, and serves forward mode as well.

    `function` is called as it is from then on, as if it were declared with `primitive`.

    Raises `ArgumentError` where the rule cannot take the arguments of the function.
    """

    def add(rule: Function) -> Function:
        taken_by_vjp(signature_of(function), rule)
        own = _record(function, "defvjp")
        own.opaque, own.vjp = True, rule
        return rule

    return add


def defjvp(function: Callable[..., Any]) -> Callable[[Function], Function]:
    """Register the decorated function as the forward rule of `function`.

    It takes a tangent for each argument that a call must give, the result `y` and the arguments,
    and returns the tangent of each result.  The tangent of an argument `scale=1.0` is passed by
    name, if the rule takes `scale_dot=None`.  Alone, it serves reverse mode as well.

    Raises `ArgumentError` where the rule cannot take the arguments of the function.
    """

    def add(rule: Function) -> Function:
        taken_by_jvp(signature_of(function), rule)
        own = _record(function, "defjvp")
        own.opaque, own.jvp = True, rule
        return rule

    return add


def constant(function: Function) -> Function:
    """Declare that no derivative flows through calls of `function`, as by `stop_gradient`.

    @srcgrad.constant
    def scale(x):
        return np.max(np.abs(x))
    """
    _record(function, "constant").passive = True
    return function


def _record(function: Callable[..., Any], declaration: str) -> OwnRules:
    if not callable(function) or isinstance(function, (type, staticmethod, classmethod)):
        raise ArgumentError(
            f"`{declaration}` is for functions, not for {function!r}",
            construct=str(function),
            remedy="Declare the function itself, below `@staticmethod` where there is one.",
        )
    if own_rules(function) is None and was_run_in_place(function):
        raise ArgumentError(
            f"`{_name(function)}` is part of a gradient that was compiled already",
            construct=_name(function),
            remedy="Declare it before the first call of a gradient in which it is called.",
        )
    return register(function)


# What was registered


@dataclass(slots=True, eq=False)
class OwnRules:
    """What the user says of a function.

    `like` tells the type of the result: a parameter's name, or a function of the same arguments.
    `passive` says that no derivative flows through it.
    """

    function: Callable[..., Any]
    like: str | Callable[..., Any] | None = None
    vjp: Callable[..., Any] | None = None
    jvp: Callable[..., Any] | None = None
    opaque: bool = False
    passive: bool = False


_registered: MutableMapping[Any, OwnRules] = WeakKeyDictionary()
_registered_for_good: dict[Any, OwnRules] = {}  # for what cannot be referred to weakly
_run_in_place: WeakSet[Any] = WeakSet()


def own_rules(function: object) -> OwnRules | None:
    """What the user registered for a function, if anything."""
    try:
        return _registered.get(function)
    except TypeError:
        pass
    try:
        return _registered_for_good.get(function)
    except TypeError:
        return None


def register(function: Callable[..., Any]) -> OwnRules:
    """The record of a function, made where there is none yet."""
    found = own_rules(function)
    if found is None:
        found = OwnRules(function)
        try:
            _registered[function] = found
        except TypeError:
            _registered_for_good[function] = found
    return found


def note_run_in_place(function: object) -> None:
    """A function was read and compiled as part of another: rules for it would come too late."""
    _run_in_place.add(function)


def was_run_in_place(function: object) -> bool:
    try:
        return function in _run_in_place
    except TypeError:
        return False


# What rules take


@dataclass(frozen=True, slots=True)
class Taken:
    """The parameters of a function that a rule takes.

    `required` go by position, in the function's order; `rest` is the parameter for the remaining
    arguments (`*xs`); `named` go by name.  `with_tangent` are those of `named` for which a forward
    rule takes a tangent, `x_dot`.
    """

    required: tuple[str, ...]
    rest: str | None
    named: tuple[str, ...]
    with_tangent: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[str, ...]:
        return (*self.required, *((self.rest,) if self.rest else ()), *self.named)

    def as_passed(self, arguments: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        """The positional and keyword arguments of the call of the rule."""
        rest = arguments[self.rest].items if self.rest else ()
        args = [*(arguments[name] for name in self.required), *rest]
        return args, {name: arguments[name] for name in self.named}

    def spread(self, arguments: Mapping[str, Any]) -> list[tuple[str, Any]]:
        """What a backward rule returns one item for each of, with the names."""
        first = [(name, arguments[name]) for name in self.required]
        if self.rest:
            first += [(self.rest, item) for item in arguments[self.rest].items]
        return first + [(name, arguments[name]) for name in self.named]


_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def taken_by_vjp(function: inspect.Signature, rule: Callable[..., Any]) -> Taken:
    """What a backward rule `rule(g, y, *arguments)` takes.  Raises `ArgumentError`."""
    return _taken(function, rule, ("g", "y"), {})


def taken_by_jvp(function: inspect.Signature, rule: Callable[..., Any]) -> Taken:
    """What a forward rule `rule(*tangents, y, *arguments)` takes.  Raises `ArgumentError`."""
    if any(p.kind is p.VAR_POSITIONAL for p in function.parameters.values()):
        raise ArgumentError(
            f"`{_name(rule)}` is a forward rule of a function that takes any number of arguments",
            remedy="Write a backward rule; it serves forward mode as well.",
        )
    leading = [f"{name}_dot" for name in _required(function)]
    tangents = {f"{name}_dot": name for name in function.parameters if f"{name}_dot" not in leading}
    return _taken(function, rule, (*leading, "y"), tangents)


def signature_of(function: Callable[..., Any]) -> inspect.Signature:
    """The parameters of a function; any number of arguments where Python does not know."""
    try:
        return inspect.signature(function)
    except (TypeError, ValueError):
        return inspect.Signature([inspect.Parameter("args", inspect.Parameter.VAR_POSITIONAL)])


def _required(function: inspect.Signature) -> list[str]:
    return [
        name
        for name, parameter in function.parameters.items()
        if parameter.kind in _POSITIONAL and parameter.default is parameter.empty
    ]


def _name(function: Callable[..., Any]) -> str:
    return getattr(function, "__name__", str(function))


def _taken(
    function: inspect.Signature,
    rule: Callable[..., Any],
    leading: Sequence[str],
    tangents: Mapping[str, str],
) -> Taken:
    required = _required(function)
    rest = next((n for n, p in function.parameters.items() if p.kind is p.VAR_POSITIONAL), None)
    parameters = list(inspect.signature(rule).parameters.values())
    positional = [p for p in parameters if p.kind in _POSITIONAL]
    takes_rest = any(p.kind is p.VAR_POSITIONAL for p in parameters)
    count = len(leading) + len(required)
    fits = len(positional) >= count or takes_rest
    named = [p for p in parameters if p in positional[count:] or p.kind is p.KEYWORD_ONLY]
    unknown = [p for p in named if p.name not in function.parameters and p.name not in tangents]
    if any(p.default is p.empty for p in unknown) or not fits or (rest and not takes_rest):
        expected = ", ".join([*leading, *required, *([f"*{rest}"] if rest else [])])
        raise ArgumentError(
            f"`{_name(rule)}{inspect.signature(rule)}` cannot be a rule of a function with the "
            f"parameters {function}",
            remedy=f"Write `def {_name(rule)}({expected}): ...`, and after these the parameters "
            "with defaults\nthat it covers.",
        )
    names = [p.name for p in named if p.name in function.parameters]
    if any(p.kind is p.VAR_KEYWORD for p in parameters):
        names += [n for n in function.parameters if n not in (*required, rest, *names)]
    given = tuple(tangents[p.name] for p in named if p.name in tangents)
    return Taken(tuple(required), rest, tuple(names), given)
