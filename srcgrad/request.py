"""What users ask for: a mode, with respect to which parameters, of which results."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from srcgrad.errors import ArgumentError

_Function = TypeVar("_Function", bound=Callable[..., Any])
Wrt: TypeAlias = "int | str | Sequence[int | str]"
Outputs: TypeAlias = "str | Sequence[str] | None"
# The modes that differentiate with respect to every parameter where none is named.
_OF_EVERYTHING = ("vjp", "jvp", "linearize")


@dataclass(frozen=True, slots=True)
class Request:
    """A mode and its options.

    `wrt` of None means every parameter (of a method that is `bound`, all but the instance);
    `batched` names the parameters whose arrays hold samples.
    `value` says whether the value is returned too, `outputs` which arguments hold the results when
    the function is done.  `direction` insists on "forward" or "reverse" where a mode could go
    either way.  `without` names what is left out of the optimisation of the passes and of the
    backend.
    """

    mode: str
    wrt: Wrt | None = 0
    batched: Wrt | None = None
    value: bool = False
    has_aux: bool = False
    outputs: Outputs = None
    direction: str | None = None
    bound: bool = False
    without: frozenset[str] = frozenset()

    def parameters(
        self, names: Sequence[str] | Mapping[str, object], function: str
    ) -> tuple[str, ...]:
        """The names of the parameters to differentiate with respect to."""
        if self.wrt is None and self.bound and self.mode != "jvp":
            return tuple(names)[1:]
        if self.wrt is None and self.mode not in _OF_EVERYTHING:
            return parameters_of((None,), names, function)  # type: ignore[arg-type]
        return parameters_of(self.wrt, names, function)

    def holding_samples(
        self, names: Sequence[str] | Mapping[str, object], function: str
    ) -> tuple[str, ...]:
        """The names of the parameters whose arrays hold samples: all others, if none is named."""
        if self.mode != "per_example":
            return ()
        if self.batched is not None:
            return parameters_of(self.batched, names, function, "batched")
        wanted = self.parameters(names, function)
        return tuple(name for name in names if name not in wanted)

    @property
    def suffix(self) -> str:
        """What the emitted function is called after the user's."""
        return f"value_and_{self.mode}" if self.value else self.mode


class Mode:
    """A mode with its options, before it has a function: `grad(wrt=1)`."""

    request: Request


_MODES: list[object] = []


def mode(function: _Function) -> _Function:
    """Declare a function of the API to be a mode, which may also be called inside functions."""
    _MODES.append(function)
    return function


def is_mode(function: object) -> bool:
    return any(function is mode for mode in _MODES)


class Derivative:
    """What a mode makes of a function: the frontend meets it where one is called by another."""

    primal: Callable[..., Any]
    request: Request

    @property
    def spoken_name(self) -> str:
        """The name of the function that is emitted: `loss_grad`."""
        return f"{spoken_name(self.primal)}_{self.request.suffix}"


def spoken_name(function: object) -> str:
    """The name of a function, or of what a mode made of it, as part of an identifier."""
    if isinstance(function, Derivative):
        return function.spoken_name
    name = getattr(function, "__name__", "function")
    name = name.strip("_") or name
    return name if name.isidentifier() else "function"


def frozen(names: Any) -> Any:
    """Lists as tuples, so that requests can be compared and hashed."""
    return tuple(names) if isinstance(names, list) else names


def parameters_of(
    wrt: Wrt | None,
    parameters: Mapping[str, object] | Sequence[str],
    function: str,
    option: str = "wrt",
) -> tuple[str, ...]:
    """The names of the parameters that `wrt` (or another option) means.  Raises `ArgumentError`."""
    names = list(parameters)
    if wrt is None:
        return tuple(names)
    wanted = tuple(wrt) if isinstance(wrt, (tuple, list)) else (wrt,)
    chosen: list[str] = []
    for item in wanted:
        chosen.append(_one(item, names, function, option))
    if not chosen:
        raise ArgumentError(
            f"`{option}` of `{function}` names no parameter",
            construct=repr(wrt),
            remedy=_known(names),
        )
    if len(set(chosen)) < len(chosen):
        raise ArgumentError(
            f"`{option}={wrt!r}` names a parameter of `{function}` twice",
            construct=repr(wrt),
            remedy=_known(names),
        )
    return tuple(chosen)


def _one(item: object, names: list[str], function: str, option: str) -> str:
    if isinstance(item, bool) or not isinstance(item, (int, str)):
        raise ArgumentError(
            f"`{option}` must be an index or a name (or a tuple of them), not {item!r}",
            construct=repr(item),
            remedy=_known(names),
        )
    if isinstance(item, str):
        if item not in names:
            raise ArgumentError(
                f"`{option}={item!r}` is not a parameter of `{function}`",
                construct=repr(item),
                remedy=_known(names),
            )
        return item
    if not -len(names) <= item < len(names):
        raise ArgumentError(
            f"`{option}={item}` is out of range: `{function}` has {_count(names)}",
            construct=repr(item),
            remedy=_known(names),
        )
    return names[item]


def _count(names: list[str]) -> str:
    return "1 parameter" if len(names) == 1 else f"{len(names)} parameters"


def _known(names: list[str]) -> str:
    return f"The parameters are: {', '.join(names) or 'none'}."


def output_parameters(
    outputs: Outputs, signature: inspect.Signature, function: str
) -> tuple[str, ...]:
    """The names of the parameters that hold results.  Raises `ArgumentError`."""
    if outputs is None:
        return ()
    wanted = outputs if isinstance(outputs, (tuple, list)) else (outputs,)
    names = list(signature.parameters)
    for item in wanted:
        if not isinstance(item, str) or item not in names:
            raise ArgumentError(
                f"`outputs={outputs!r}` names no parameter of `{function}`",
                construct=repr(item),
                remedy=_known(names),
            )
    if not wanted or len(set(wanted)) < len(wanted):
        raise ArgumentError(
            f"`outputs={outputs!r}` must name parameters of `{function}`, each once",
            construct=repr(outputs),
            remedy=_known(names),
        )
    return tuple(wanted)


def is_single(wrt: Wrt | None) -> bool:
    return isinstance(wrt, (int, str))


# The modes whose functions take a direction beside the arguments.
_DIRECTED = ("jvp", "hvp")


def direction_parameters(
    request: Request, signature: inspect.Signature, function: str
) -> tuple[inspect.Parameter, ...]:
    """The parameters that hold tangents (`x_dot`, `w_dot`) or the vector (`v`)."""
    if request.mode not in _DIRECTED:
        return ()
    wanted = request.parameters(signature.parameters, function)
    names = ("v",) if request.mode == "hvp" else tuple(f"{name}_dot" for name in wanted)
    kinds = inspect.Parameter
    plain = all(
        p.kind in (kinds.POSITIONAL_ONLY, kinds.POSITIONAL_OR_KEYWORD) and p.default is p.empty
        for p in signature.parameters.values()
    )
    kind = kinds.POSITIONAL_OR_KEYWORD if plain else kinds.KEYWORD_ONLY
    return tuple(kinds(_free_name(name, signature), kind) for name in names)


def _free_name(name: str, signature: inspect.Signature) -> str:
    while name in signature.parameters:
        name += "_"
    return name


def rest_parameter(request: Request, kinds: Mapping[str, inspect._ParameterKind]) -> str | None:
    """The parameter `*args`, where each of its arguments has a derivative of its own."""
    if request.wrt is not None or request.mode != "vjp":
        return None
    rest = (name for name, kind in kinds.items() if kind is inspect.Parameter.VAR_POSITIONAL)
    return next(rest, None)
