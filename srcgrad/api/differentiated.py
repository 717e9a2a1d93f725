"""What `grad` and `value_and_grad` give: it looks like the function and compiles itself."""

from __future__ import annotations

import functools
import inspect
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import BuiltinFunctionType, MethodType
from typing import TYPE_CHECKING, Any

import numpy as np

from srcgrad.api import sharing
from srcgrad.api.callables import function_calling
from srcgrad.errors import (
    ArgumentError,
    InternalError,
    SpecializationWarning,
    SrcgradError,
    warn_caller,
)
from srcgrad.location import caller_location, note_origin
from srcgrad.request import (
    Derivative,
    Request,
    direction_parameters,
    is_single,
    output_parameters,
)

if TYPE_CHECKING:
    from types import ModuleType

    from srcgrad.api.specialization import Specialization
    from srcgrad.graph import Graph

SPECIALIZATIONS_BEFORE_WARNING = 32
SPECIALIZATIONS_KEPT = 128


@dataclass(frozen=True, slots=True)
class CacheInfo:
    """How many specialisations there are, and how many compilations there have been."""

    specializations: int
    compilations: int


class _SignatureChanged(Exception):
    """The function's defaults or code were replaced: bind the arguments again."""


class Differentiated(Derivative):
    """A function's gradient, compiled on the first call with each new kind of arguments.

    `primal` is the function itself.  Calls may come from many threads: look-ups take no lock,
    compilations one per function.
    """

    __name__: str
    __qualname__: str

    def __init__(self, primal: Callable[..., Any], request: Request) -> None:
        function: Any = primal if isinstance(primal, Derivative) else function_calling(primal)
        if function is None:
            name = _spoken_name(primal)
            raise ArgumentError(
                f"cannot differentiate `{name}`: it is {_kind(primal)}, not a function written in "
                "Python",
                location=caller_location(),
                construct=name,
                remedy="Write a function that calls it: `lambda x: ...`."
                if callable(primal)
                else None,
            )
        updated = () if isinstance(primal, Derivative) else ("__dict__",)
        functools.update_wrapper(self, function, updated=updated)
        self.primal = primal
        self._function = function
        self.request = request
        # The parameters of the primal; with directions (tangents, a vector), those of the
        # functions that are compiled.
        self._of_primal = inspect.signature(function)
        try:
            request.parameters(self._of_primal.parameters, function.__name__)
            request.holding_samples(self._of_primal.parameters, function.__name__)
            output_parameters(request.outputs, self._of_primal, function.__name__)
        except ArgumentError as error:
            error.located(compiler().place_of(function))
            raise
        self._take_signature(self._of_primal)
        self._lock = threading.RLock()
        self._generation = 0
        # What ran last; the dispatcher writes it.
        self._ran: list[Specialization | None] = [None]
        self.cache_clear()

    # Calls

    def _take_signature(self, signature: inspect.Signature) -> None:
        self._of_primal = signature
        name = self._function.__name__
        self._directions = direction_parameters(self.request, signature, name)
        every = [*signature.parameters.values(), *self._directions]
        self._signature = signature.replace(parameters=sorted(every, key=lambda p: p.kind))
        self.__signature__ = self._public_signature()

    def _public_signature(self) -> inspect.Signature:
        return self._signature

    def _arranged(
        self, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[Sequence[Any], dict[str, Any]]:
        """The arguments of a call as the compiled functions take them."""
        return args, kwargs

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return self._dispatch(*args, **kwargs)
        except _SignatureChanged:
            # The dispatcher had filled in the old defaults.
            return self(*args, **kwargs)
        except SrcgradError as error:
            _cut_traceback(error)
            raise error from None
        except Exception as error:
            note_origin(error)
            raise

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        return self if instance is None else BoundDifferentiated(self, instance)

    def _call_anew(self, generation: int, /, *args: Any, **kwargs: Any) -> Any:
        """A call that no specialisation of a generation serves: compile one, and use it."""
        with self._lock:
            if self._has_new_signature():
                self._install([])
                raise _SignatureChanged
            # Another thread may have compiled what is wanted while this one waited.
            made = self._specialize(args, kwargs) if generation == self._generation else None
        if made is None:
            return self._dispatch(*args, **kwargs)
        self._ran[0] = made
        return made(*args, **kwargs)

    def _bind(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, object]:
        try:
            bound = self._signature.bind(*args, **kwargs)
        except TypeError:
            # A function with this signature says what is wrong in Python's own words.
            self._dispatcher([], lambda *args, **kwargs: None)(*args, **kwargs)
            raise
        bound.apply_defaults()
        return dict(bound.arguments)

    def _has_new_signature(self) -> bool:
        """Has the function other parameters or defaults by now?  If so, take its new signature."""
        signature = inspect.signature(self._function)
        if _parts(signature) == _parts(self._of_primal):
            return False
        self._take_signature(signature)
        return True

    def _specialize(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Specialization:
        arguments = self._bind(args, kwargs)
        made = sharing.find(self._function, self.request, arguments)
        if made is not None:
            made = replace(made, signature=self._signature)
            self._install([*self._specializations, made][-SPECIALIZATIONS_KEPT:])
            return made
        made = compiler().specialize(
            self._function, self._of_primal, self.request, arguments, self._specializations
        )
        sharing.remember(self._function, self.request, made)
        self._compilations += 1
        self._install([*self._specializations, made][-SPECIALIZATIONS_KEPT:])
        self._warn_of_growth()
        return made

    def _install(self, kept: list[Specialization]) -> None:
        self._generation += 1
        dispatch: Callable[..., Any] = functools.partial(self._call_anew, self._generation)
        if kept:
            # The newest first: it is the one that the next calls are most likely to want.
            dispatch = self._dispatcher(kept[::-1], dispatch)
        # At once: a call from another thread must meet this generation whole, or the one before.
        self._dispatch = dispatch
        self._specializations = kept

    def _dispatcher(
        self, specializations: list[Specialization], otherwise: Callable[..., Any]
    ) -> Callable[..., Any]:
        """A function with the primal's name and signature that calls what fits."""
        name = self._function.__name__ if self._function.__name__.isidentifier() else "function"
        dispatcher: Callable[..., Any] = compiler().build_dispatcher(
            name, self._signature, specializations, otherwise, self._ran
        )
        return dispatcher

    def _warn_of_growth(self) -> None:
        if self._compilations != SPECIALIZATIONS_BEFORE_WARNING:
            return
        changes = compiler().what_changes([item.selector for item in self._specializations])
        warn_caller(
            f"`{self._function.__name__}` was compiled {self._compilations} times.  {changes}",
            SpecializationWarning,
        )

    # What there is to see

    def lower(self, *args: Any, **kwargs: Any) -> Specialization:
        """The specialisation for arguments like these; nothing of the function is run."""
        arranged, named = self._arranged(args, kwargs)
        arguments = self._bind(tuple(arranged), named)
        return compiler().specialize(self._function, self._of_primal, self.request, arguments)

    @property
    def specializations(self) -> tuple[Specialization, ...]:
        """The specialisations so far, oldest first."""
        return tuple(self._specializations)

    @property
    def source(self) -> str:
        """The emitted source that ran last; before any call, that for unknown ranks."""
        return self._shown().source

    @property
    def graph(self) -> Graph:
        """The graph behind `source`; it prints as text."""
        return self._shown().graph

    def _shown(self) -> Specialization:
        return self._shown_for({})

    def _shown_for(self, known: Mapping[str, object]) -> Specialization:
        """What ran last; before any call, what is made for these arguments and unknown others."""
        shown = self._ran[0]
        if shown is None:
            loaded = compiler()
            arguments = {**loaded.unknown_arguments(self._signature), **known}
            return loaded.specialize(self._function, self._of_primal, self.request, arguments)
        return shown

    def cache_info(self) -> CacheInfo:
        return CacheInfo(len(self._specializations), self._compilations)

    def cache_clear(self) -> None:
        """Forget all specialisations."""
        with self._lock:
            self._compilations = 0
            self._ran[0] = None
            self._install([])

    # Copies

    def __reduce__(self) -> Any:
        module = sys.modules.get(self.__module__)
        found: Any = module
        for part in self.__qualname__.split("."):
            found = getattr(found, part, None)
        if found is self:
            return self.__qualname__
        return (type(self), (self.primal, self.request))

    def __deepcopy__(self, memo: dict[int, Any]) -> Differentiated:
        return type(self)(self.primal, self.request)

    __copy__ = functools.partialmethod(__deepcopy__, None)  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<{self.request.suffix} of {self._function.__qualname__}>"


class BoundDifferentiated(Differentiated):
    """The gradient of a method of one instance; all instances share what has been compiled."""

    def __init__(self, gradient: Differentiated, instance: object) -> None:
        self._gradient = gradient
        self._instance = instance
        self.__dict__.update(
            {name: held for name, held in vars(gradient).items() if not name.startswith("_")}
        )
        for name in ("__name__", "__qualname__", "__module__", "__doc__", "__wrapped__"):
            setattr(self, name, getattr(gradient, name))
        whole = inspect.signature(gradient)
        self.__signature__ = whole.replace(parameters=list(whole.parameters.values())[1:])

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._gradient(self._instance, *args, **kwargs)

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        return self

    def lower(self, *args: Any, **kwargs: Any) -> Specialization:
        return self._gradient.lower(self._instance, *args, **kwargs)

    @property
    def specializations(self) -> tuple[Specialization, ...]:
        return self._gradient.specializations

    def _shown(self) -> Specialization:
        return self._gradient._shown_for({self._first_name: self._instance})

    @property
    def _first_name(self) -> str:
        return next(iter(inspect.signature(self._gradient).parameters))

    def cache_info(self) -> CacheInfo:
        return self._gradient.cache_info()

    def cache_clear(self) -> None:
        self._gradient.cache_clear()

    def __reduce__(self) -> Any:
        return (BoundDifferentiated, (self._gradient, self._instance))

    def __deepcopy__(self, memo: dict[int, Any]) -> BoundDifferentiated:
        return BoundDifferentiated(self._gradient, self._instance)

    def __repr__(self) -> str:
        return f"{self._gradient!r} of {self._instance!r}"


class HessianVectorProduct(Differentiated):
    """What `hvp` gives: it takes the vector after the other positional arguments."""

    def _arranged(
        self, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[Sequence[Any], dict[str, Any]]:
        (vector,) = self._directions
        if vector.name in kwargs:
            return args, kwargs
        if len(args) < 2 and not kwargs:
            raise ArgumentError(
                f"the Hessian-vector product of `{self.__name__}` takes the arguments of "
                f"`{self.__name__}` and then the vector",
                location=caller_location(),
                construct=self.__name__,
                remedy=f"Call it as `hvp({self.__name__})(*args, v)`.",
            )
        return args[:-1], {**kwargs, vector.name: args[-1]}

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        arranged, named = self._arranged(args, kwargs)
        return super().__call__(*arranged, **named)


class Pushforward(Differentiated):
    """What `jvp` gives: it takes the arguments as one tuple, and their tangents as another."""

    def _public_signature(self) -> inspect.Signature:
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        return inspect.Signature(
            [inspect.Parameter(name, kind) for name in ("primals", "tangents")]
        )

    def _arranged(
        self, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[Sequence[Any], dict[str, Any]]:
        instance: tuple[Any, ...] = ()
        if len(args) == 3:  # of a method of this instance
            instance, args = args[:1], args[1:]
        bound = self._public_signature().bind(*args, **kwargs).arguments
        primals, tangents = bound["primals"], bound["tangents"]
        if not isinstance(primals, (tuple, list)):
            self._refuse(
                f"`primals` must be a tuple of arguments, not {_kind(primals)}",
                f"Call it as `jvp({self.__name__}, (x,), (x_dot,))`.",
            )
        if instance:
            primals = (*instance, *primals)
            if self.request.wrt is None and isinstance(tangents, (tuple, list)):
                tangents = (None, *tangents)
        given = self._tangents(primals, tangents)
        return primals, {p.name: given.get(p.name) for p in self._directions}

    def _tangents(self, primals: Sequence[Any], tangents: Any) -> dict[str, Any]:
        """The tangents by the names of their parameters."""
        names = [parameter.name for parameter in self._directions]
        wrt = self.request.wrt
        if is_single(wrt):
            return {names[0]: tangents}
        expected = len(primals) if wrt is None else len(names)
        if not isinstance(tangents, (tuple, list)) or len(tangents) != expected:
            count = len(tangents) if isinstance(tangents, (tuple, list)) else _kind(tangents)
            self._refuse(
                f"`tangents` must be a tuple of {expected}, one for each argument, not {count}",
                "Pass None where a tangent is zero.",
            )
        if wrt is not None:
            return dict(zip(names, tangents))
        by_parameter = dict(zip(self._of_primal.parameters, names))
        bound = self._of_primal.bind(*tangents).arguments
        return {by_parameter[key]: tangent for key, tangent in bound.items()}

    def _refuse(self, message: str, remedy: str) -> None:
        raise ArgumentError(
            message, location=caller_location(), construct=self.__name__, remedy=remedy
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        arranged, named = self._arranged(args, kwargs)
        return super().__call__(*arranged, **named)


def compiler() -> ModuleType:
    """The compiler, which takes longer to load than a program that only imports may wait."""
    from srcgrad.api import compiler

    return compiler


def _parts(signature: inspect.Signature) -> list[tuple[str, object, int]]:
    """What callers see of a signature; defaults by identity, since arrays have no equality."""
    return [(p.name, p.kind, id(p.default)) for p in signature.parameters.values()]


def _cut_traceback(error: SrcgradError) -> None:
    """Show the user's own lines only: an error about the user's code says itself where it is."""
    if not isinstance(error, InternalError):
        error.__traceback__ = None


def _spoken_name(thing: object) -> str:
    """How the user most likely wrote it: `np.sin`, `math.sin`, `Model.loss`."""
    name = getattr(thing, "__qualname__", None) or getattr(thing, "__name__", None)
    module = getattr(thing, "__module__", None)
    if name is None:
        return repr(thing)
    if isinstance(thing, np.ufunc):
        return f"np.{name}"
    return f"{module}.{name}" if isinstance(thing, BuiltinFunctionType) and module else name


def _kind(thing: object) -> str:
    if isinstance(thing, type):
        return "a class"
    if isinstance(thing, MethodType):
        return "a method bound to an object"
    if isinstance(thing, (BuiltinFunctionType, np.ufunc)):
        return "a compiled function"
    name = type(thing).__name__
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"
