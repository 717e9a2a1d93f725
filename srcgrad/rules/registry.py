"""What srcgrad knows of each function: its shape rule, its backward rule, its forward rule.

A function that has a shape rule is a *primitive*: the frontend makes a node of a call to it.  The
registry finds primitives by the function (`np.tanh`) and by name (`"tanh"`, what nodes carry).

    @defshape(np.trace)                       # result type; parameters in NumPy's order and names
    def trace_shape(sizes, a, offset=0): ...

    @defvjp(np.tanh)                          # cotangent, result, then the function's own arguments
    def tanh_vjp(g, y, x):
        return g * (1 - y * y)

Arguments without a default are operands (values of the graph); the others are parameters, known
before the call.  A rule receives operands as symbols in NumPy notation (or as plain Python numbers
where the user wrote a literal) and parameters as keywords, and returns one contribution for each
operand, `None` where there is none.  Broadcasting, dtypes, activity and summation are the driver's.

Cotangents are transposed, not conjugated: dL = Re(sum(g * dy)), also for complex values.
"""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from srcgrad.errors import ArgumentError, UnsupportedError
from srcgrad.graph import Type

Rule = Callable[..., Any]


@dataclass(slots=True, eq=False)
class Primitive:
    """One function and its rules.

    `operands` names the parameters that are values of the graph; a name that starts with `*` stands
    for a sequence of them (`np.concatenate`) or for the rest of the arguments (`np.einsum`).
    `composite` is a body in NumPy notation that stands for the rules (see `composites`).
    `on_numbers` is what a ufunc is on Python numbers, without the parameter `function`:
    `operator.add` for `np.add`.
    """

    name: str
    function: Callable[..., object]
    shape: Rule | None = None
    signature: inspect.Signature | None = None
    operands: tuple[str, ...] = ()
    vjp: Rule | None = None
    jvp: Rule | None = None
    batch: Rule | None = None
    composite: Rule | None = None
    elementwise: bool = False
    linear: bool = False
    bilinear: bool = False
    constant: bool = False
    effect: bool = False
    gives_tuple: bool = False
    store: bool = False
    on_numbers: Callable[..., object] | None = None
    accepted: dict[str, frozenset[str] | None] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<primitive {self.name}>"

    def rule_accepts(self, rule: str, parameters: Sequence[str]) -> list[str]:
        """The parameters that the rule ("vjp" or "jvp") does not know, which is a refusal."""
        accepted = self.accepted.get(rule)
        if accepted is None:
            return []
        return [name for name in parameters if name not in accepted]


_by_function: dict[object, Primitive] = {}
_by_name: dict[str, Primitive] = {}
_PREFIXES = {"builtins": "builtins.", "math": "math.", "cmath": "cmath."}


def qualified_name(function: Callable[..., object]) -> str:
    """`tanh` for `np.tanh`, `linalg.inv`, `math.sin`, `builtins.max`; else the full dotted name."""
    module = getattr(function, "__module__", None) or ""
    name: str = getattr(function, "__qualname__", "") or getattr(function, "__name__", "")
    if isinstance(function, np.ufunc):
        name, module = function.__name__, getattr(function, "__module__", None) or "numpy"
        return name if getattr(np, name, None) is function else f"{module}.{name}"
    if module in _PREFIXES:
        return _PREFIXES[module] + name
    if module == "numpy" or module.startswith("numpy."):
        public = module.removeprefix("numpy").removeprefix(".")
        area = public.split(".")[0] if public.split(".")[0] in ("linalg", "fft") else ""
        return f"{area}.{name}" if area else name
    return f"{module}.{name}"


def primitive_for(function: Callable[..., object], name: str | None = None) -> Primitive:
    """The primitive of a function, made where there is none yet."""
    found = _by_function.get(function)
    if found is None:
        name = name or qualified_name(function)
        found = _by_name.get(name)
        if found is None or found.function is not function:
            found = Primitive(name, function)
            _by_name[name] = found
        _by_function[function] = found
    return found


_EXTRAS = {
    "scipy.special": "srcgrad.rules.special",
    "scipy.linalg": "srcgrad.rules.scipy_linalg",
    "scipy.spatial.distance": "srcgrad.rules.scipy_spatial",
}


def _load_extras() -> bool:
    """Load the rules for the packages that the program has loaded; was there anything to load?

    Who does not use SciPy does not need it.
    """
    loaded = [package for package in _EXTRAS if package in sys.modules]
    for package in loaded:
        importlib.import_module(_EXTRAS.pop(package))
    return bool(loaded)


def find_primitive(function: object) -> Primitive | None:
    """The primitive of a function that has a shape rule, else None."""
    try:
        found = _by_function.get(function)
    except TypeError:
        return None
    if found is None and callable(function) and _load_extras():
        return find_primitive(function)
    return found if found is not None and found.shape is not None else None


def primitive_named(name: str) -> Primitive:
    return _by_name[name]


def is_primitive_name(name: str) -> bool:
    return name in _by_name


def is_elementwise(name: str) -> bool:
    """Is this the name of a primitive that works on each element by itself?"""
    return name in _by_name and bool(_by_name[name].elementwise)


def all_primitives() -> list[Primitive]:
    """Every primitive with a shape rule, in the order of registration."""
    return [primitive for primitive in _by_name.values() if primitive.shape is not None]


def alias(function: Callable[..., object], of: Callable[..., object]) -> None:
    """`function` is the same primitive as `of` (`operator.add` as `np.add`)."""
    _by_function[function] = primitive_for(of)


def named(name: str, function: Callable[..., object]) -> Callable[..., object]:
    """Give a function of srcgrad's own (`broadcast_like`) a primitive under a short name."""
    primitive_for(function, name)
    return function


def defshape(
    *functions: Callable[..., object],
    operands: tuple[str, ...] | None = None,
    like: Callable[..., object] | None = None,
) -> Callable[[Rule], Rule]:
    """Register the rule that gives the type of the result from the types of the operands.

    The rule's own signature after `sizes` is that of the function: names, order and defaults.
    Where that cannot be (a sequence of operands, an operand that is not first), `like` has the
    function's signature.
    """

    def register(rule: Rule) -> Rule:
        full = inspect.signature(like or rule)
        parameters = list(full.parameters.values())[0 if like else 1 :]
        signature = full.replace(parameters=parameters)
        for function in functions:
            primitive = primitive_for(function)
            primitive.shape = rule
            primitive.signature = signature
            primitive.operands = _operands_of(parameters) if operands is None else operands
        return rule

    return register


def _operands_of(parameters: list[inspect.Parameter]) -> tuple[str, ...]:
    found = []
    for parameter in parameters:
        if parameter.kind is parameter.VAR_POSITIONAL:
            found.append(f"*{parameter.name}")
        elif parameter.default is parameter.empty and parameter.kind is not parameter.VAR_KEYWORD:
            found.append(parameter.name)
    return tuple(found)


def defvjp(*functions: Callable[..., object]) -> Callable[[Rule], Rule]:
    """Register a backward rule: cotangent, result, arguments → one contribution per operand."""

    def register(rule: Rule) -> Rule:
        for function in functions:
            primitive = primitive_for(function)
            primitive.vjp = rule
            primitive.accepted["vjp"] = _keywords(rule)
        return rule

    return register


def defjvp(*functions: Callable[..., object]) -> Callable[[Rule], Rule]:
    """Register a forward rule: one tangent per operand (None where zero), result, arguments."""

    def register(rule: Rule) -> Rule:
        for function in functions:
            primitive = primitive_for(function)
            primitive.jvp = rule
            primitive.accepted["jvp"] = _keywords(rule)
        return rule

    return register


def _keywords(rule: Rule) -> frozenset[str] | None:
    """The parameters a rule takes by keyword; None where it takes any."""
    found = set()
    for parameter in inspect.signature(rule).parameters.values():
        if parameter.kind is parameter.VAR_KEYWORD:
            return None
        if parameter.default is not parameter.empty:
            found.add(parameter.name)
    return frozenset(found)


def elementwise(*functions: Callable[..., object]) -> None:
    """Declare functions that act element by element: each backward rule serves forward as well."""
    for function in functions:
        primitive_for(function).elementwise = True


def linear(*functions: Callable[..., object]) -> None:
    """Declare functions linear in all operands together: the tangent goes through the function."""
    for function in functions:
        primitive_for(function).linear = True


def bilinear(*functions: Callable[..., object]) -> None:
    """Declare functions linear in each operand by itself (`np.matmul`)."""
    for function in functions:
        primitive_for(function).bilinear = True


def constant(*functions: Callable[..., object]) -> None:
    """Declare functions without a derivative: piecewise constant, or no numbers flow."""
    for function in functions:
        primitive_for(function).constant = True


def gives_tuple(*functions: Callable[..., object]) -> None:
    """Declare functions whose results come in a tuple or list, be it only one (`np.split`)."""
    for function in functions:
        primitive_for(function).gives_tuple = True


def stores(*functions: Callable[..., object]) -> None:
    """Declare functions whose result is the next version of their first operand.

    The emitted code writes it where the old version stands, if nobody reads that later.
    """
    for function in functions:
        primitive_for(function).store = True


def is_store(operation: str) -> bool:
    """Is the result of the operation the next version of its first operand?"""
    return operation in _by_name and _by_name[operation].store


def bind(primitive: Primitive, args: Sequence[object], kwargs: dict[str, object]) -> BoundCall:
    """Sort the arguments of a call into operands and parameters, as the function itself would.

    Raises `ArgumentError` where Python would raise `TypeError`.
    """
    assert primitive.signature is not None
    kwargs = {key: item for key, item in kwargs.items() if _says_something(primitive, key, item)}
    try:
        bound = primitive.signature.bind(*args, **kwargs)
    except TypeError as error:
        _refuse_argument_of_its_own(primitive, args, kwargs)
        raise ArgumentError(f"`{primitive.name}`: {error}") from None
    operands: list[object] = []
    parameters: dict[str, object] = {}
    plain = {name.lstrip("*"): name.startswith("*") for name in primitive.operands}
    for name, parameter in primitive.signature.parameters.items():
        given = bound.arguments.get(name, parameter.default)
        if name in plain:
            if not plain[name]:
                operands.append(None if given is parameter.empty else given)
            elif isinstance(given, Iterable):
                operands += list(given)
            elif given is not parameter.empty:
                raise UnsupportedError(
                    f"`{primitive.name}` takes a tuple or a list here",
                    remedy="Put the arrays into a list of known length.",
                )
        elif parameter.kind is parameter.VAR_KEYWORD:
            parameters.update(bound.arguments.get(name, {}))
        elif name in bound.arguments and not _same(given, parameter.default):
            parameters[name] = given
    return BoundCall(operands, parameters)


def _says_something(primitive: Primitive, name: str, given: object) -> bool:
    """Do rules know the argument, or has it another value than the function's default?"""
    assert primitive.signature is not None
    if name in primitive.signature.parameters:
        return True
    return not _same(given, default_of(primitive, name))


def _refuse_argument_of_its_own(
    primitive: Primitive, args: Sequence[object], kwargs: dict[str, object]
) -> None:
    """Say that an argument is not supported, where the function itself takes the call."""
    assert primitive.signature is not None
    known = primitive.signature.parameters
    more = [name for name in kwargs if name not in known]
    try:
        bound = inspect.signature(primitive.function).bind(*args, **kwargs)
    except (TypeError, ValueError):
        return
    more = more or [name for name in bound.arguments if name not in known]
    if more:
        raise UnsupportedError(
            f"`{more[0]}=` of `{primitive.name}` is not supported", remedy="Leave it out."
        )


@dataclass(frozen=True, slots=True)
class BoundCall:
    operands: list[object]
    parameters: dict[str, object]


def _same(given: object, default: object) -> bool:
    return given is default or (
        type(given) is type(default)
        and isinstance(given, (bool, int, float, str, tuple))
        and given == default
    )


def result_types(inferred: Type | Sequence[Type]) -> tuple[Type, ...]:
    return tuple(inferred) if isinstance(inferred, (tuple, list)) else (inferred,)  # type: ignore


def default_of(primitive: Primitive, name: str) -> object:
    """The default that the function itself has for a parameter; `Parameter.empty` for none."""
    try:
        parameters = inspect.signature(primitive.function).parameters
    except (TypeError, ValueError):  # functions written in C may not say
        return inspect.Parameter.empty
    found = parameters.get(name)
    return inspect.Parameter.empty if found is None else found.default


def unbind(
    primitive: Primitive,
    operands: Sequence[object],
    parameters: dict[str, object],
    left_out: Collection[int] = (),
) -> tuple[list[object], dict[str, object]]:
    """The positional and keyword arguments of the call that `bind` took apart.

    `operands` are the regular ones, without those that holes in parameters stand for; those at the
    places `left_out` are not given, and the ones after them by keyword.
    """
    assert primitive.signature is not None
    plain = {name.lstrip("*"): name.startswith("*") for name in primitive.operands}
    rest = list(operands)
    args: list[object] = []
    kwargs = dict(parameters)
    by_position = True
    for name, parameter in primitive.signature.parameters.items():
        if name not in plain:
            required = parameter.default is parameter.empty
            pending = name in kwargs and parameter.kind is not parameter.KEYWORD_ONLY
            if pending and by_position and (rest or required):
                args.append(kwargs.pop(name))
            elif bool(rest):
                by_position = False
        elif parameter.kind is parameter.VAR_POSITIONAL:
            args += rest
            rest = []
        elif plain[name]:
            args.append(tuple(rest))
            rest = []
        elif rest:
            item = rest.pop(0)
            if len(operands) - len(rest) - 1 in left_out:
                by_position = False
            elif by_position and parameter.kind is not parameter.KEYWORD_ONLY:
                args.append(item)
            else:
                kwargs[name] = item
    return args, kwargs
