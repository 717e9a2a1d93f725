"""Pullbacks and linearised functions: they hold the residuals of one call, and may be called often.

What they are given is checked against what it belongs to: structure, shapes and dtypes.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from srcgrad.backends import Part
from srcgrad.errors import ArgumentError
from srcgrad.graph import (
    ArrayType,
    Entries,
    Fields,
    Items,
    Leaf,
    Outline,
    Passive,
    Tree,
    is_integral,
)
from srcgrad.instances import declares_fields
from srcgrad.location import caller_location, note_origin
from srcgrad.request import Request


@dataclass(frozen=True, slots=True)
class Number:
    """A place where a number or array goes; `dtype` is None for a Python number."""

    shape: tuple[int, ...]
    dtype: np.dtype | None
    is_complex: bool


@dataclass(frozen=True, slots=True)
class Nothing:
    """A place where there is no derivative, and only None goes.

    What an instance holds beside numbers (sizes, names, histories) is `ignored`: a direction is
    often made from a copy of the instance.
    """

    ignored: bool = False


@dataclass(frozen=True, slots=True)
class Container:
    tree: Items | Entries | Fields
    items: tuple[Place, ...]


Place: TypeAlias = "Number | Nothing | Container"


def place_of_tree(tree: Tree, held: Any, *, in_instance: bool = False) -> Place:
    """What goes to the places of a value, which is built like `tree`."""
    if isinstance(tree, Passive):
        return Nothing(ignored=in_instance)
    if isinstance(tree, Leaf):
        type_ = tree.value.type
        if isinstance(type_, ArrayType):
            if is_integral(type_):
                return Nothing(ignored=in_instance)
            return Number(np.shape(held), type_.dtype, type_.dtype.kind == "c")
        if type(held) is bool:
            return Nothing(ignored=in_instance)
        return Number((), None, isinstance(held, complex))
    assert not isinstance(tree, Outline)
    inside = in_instance or (isinstance(tree, Fields) and not declares_fields(tree.kind))
    items = [
        place_of_tree(item, part, in_instance=inside)
        for item, part in zip(tree.items, _items(tree, held))
    ]
    return Container(tree, tuple(items))


def _items(tree: Items | Entries | Fields, held: Any) -> list[Any]:
    if isinstance(tree, Items):
        return list(held)
    if isinstance(tree, Entries):
        return [held[key] for key in tree.keys]
    return [getattr(held, name) for name in tree.names]


def fitted(place: Place, given: Any, name: str, word: str) -> Any:
    """What is given, with zeros for None.  Raises `ArgumentError` where it does not fit."""
    if isinstance(place, Nothing):
        if given is not None and not place.ignored:
            _refuse(name, word, "must be None: there are no derivatives at this place", None)
        return None
    if isinstance(place, Container):
        return _fitted_container(place, given, name, word)
    if given is None:
        kind = complex if place.is_complex else float
        return kind(0) if place.dtype is None else np.zeros(place.shape, place.dtype)
    if isinstance(given, (bool, int, float, complex)):
        return _fitted_number(place, given, name, word)
    if not isinstance(given, (np.ndarray, np.generic)):
        _refuse(
            name,
            word,
            f"is a {type(given).__name__}, but it belongs to {_spoken(place)}",
            f"Pass an array: `np.asarray({name})`." if isinstance(given, (list, tuple)) else None,
        )
    if given.shape != place.shape:
        _refuse(
            name,
            word,
            f"has shape {given.shape}, but it belongs to {_spoken(place)}",
            f"Pass a {word} of the same shape.",
        )
    if place.dtype is None:
        return _fitted_number(place, given.item(), name, word)
    if given.dtype != place.dtype:
        if given.shape == () and given.dtype.kind in "biuf":
            return place.dtype.type(given)
        _refuse(
            name,
            word,
            f"has dtype {given.dtype}, but it belongs to {_spoken(place)} of dtype {place.dtype}",
            f"Convert it: `{name}.astype({str(place.dtype)!r})`.",
        )
    return given


def _fitted_number(place: Number, given: Any, name: str, word: str) -> Any:
    if place.shape != ():
        _refuse(
            name,
            word,
            f"is a number, but it belongs to {_spoken(place)}",
            f"Pass a {word} of the same shape.",
        )
    if isinstance(given, complex) and not place.is_complex:
        _refuse(name, word, "is complex, but it belongs to a real number", "Pass its real part.")
    if place.dtype is not None:
        return place.dtype.type(given)
    return complex(given) if place.is_complex else float(given)


def _fitted_container(place: Container, given: Any, name: str, word: str) -> Any:
    tree = place.tree
    kind = dict if isinstance(tree, Entries) else tree.kind
    if given is None:
        return _build(tree, None, [fitted(item, None, name, word) for item in place.items])
    if type(given) is not kind:
        _refuse(
            name,
            word,
            f"is a {type(given).__name__}, but it belongs to a {kind.__name__}",
            f"Give the {word} the structure of what it belongs to, with None for zeros.",
        )
    if isinstance(tree, Items) and len(given) != len(tree.items):
        _refuse(
            name, word, f"has {len(given)} items, but it belongs to one of {len(tree.items)}", None
        )
    if isinstance(tree, Entries) and set(given) != set(tree.keys):
        _refuse(name, word, f"has the keys {list(given)}, not {list(tree.keys)}", None)
    steps = tree.names if isinstance(tree, Fields) else range(len(tree.items))
    if isinstance(tree, Entries):
        steps = tree.keys  # type: ignore[assignment]
    items = [
        fitted(
            item, one, f"{name}.{step}" if isinstance(tree, Fields) else f"{name}[{step!r}]", word
        )
        for item, one, step in zip(place.items, _items(tree, given), steps)
    ]
    return _build(tree, given, items)


def _build(tree: Items | Entries | Fields, given: Any, items: list[Any]) -> Any:
    if isinstance(tree, Items):
        return tree.kind(items)
    if isinstance(tree, Entries):
        return dict(zip(tree.keys, items))
    if hasattr(tree.kind, "_fields"):
        return tree.kind(*items)
    built: Any = object.__new__(tree.kind)
    for name, item in zip(tree.names, items):
        object.__setattr__(built, name, item)
    return built


def _spoken(place: Number) -> str:
    return f"an array of shape {place.shape}" if place.shape else "a number"


def _refuse(name: str, word: str, what: str, remedy: str | None) -> None:
    raise ArgumentError(
        f"the {word} `{name}` {what}", location=caller_location(), construct=name, remedy=remedy
    )


class LinearMap:
    """A linear function at the place of one call, whose residuals it holds."""

    __slots__ = ("_name", "_places", "_residuals", "_run")

    def __init__(
        self, run: Callable[..., Any], residuals: Any, places: tuple[Place, ...], name: str
    ) -> None:
        self._run = run
        self._residuals = residuals
        self._places = places
        self._name = name

    def _apply(self, *vectors: Any) -> Any:
        try:
            return self._run(self._residuals, *vectors)
        except Exception as error:
            note_origin(error)
            raise


class Pullback(LinearMap):
    """From a cotangent of the value to the cotangents of the arguments; see `vjp`."""

    __slots__ = ()

    def __call__(self, cotangent: Any) -> Any:
        checked = fitted(self._places[0], cotangent, "cotangent", "cotangent")
        return self._apply(checked)

    def __repr__(self) -> str:
        return f"<pullback of {self._name}>"


class Linearized(LinearMap):
    """From tangents of the arguments to the tangent of the value; see `linearize`."""

    __slots__ = ()

    def __call__(self, *tangents: Any) -> Any:
        if len(tangents) != len(self._places):
            raise ArgumentError(
                f"the linear map of `{self._name}` takes {len(self._places)} tangents, one for "
                f"each argument, but {len(tangents)} are given",
                location=caller_location(),
                construct=self._name,
                remedy="Pass None where a tangent is zero.",
            )
        checked = [
            fitted(place, tangent, f"tangents[{k}]", "tangent")
            for k, (place, tangent) in enumerate(zip(self._places, tangents))
        ]
        return self._apply(*checked)

    def __repr__(self) -> str:
        return f"<linear map of {self._name}>"


def map_class(request: Request, parts: Sequence[Part], name: str) -> Callable[..., LinearMap]:
    """What makes the linear map of a call: (run, residuals, value, args, kwargs) to a map."""
    if request.mode == "vjp":
        tree = parts[0].interface.result.items[0]  # type: ignore[union-attr]
        tree = tree.items[0] if request.has_aux else tree  # type: ignore[union-attr]

        def pullback(
            run: Callable[..., Any], residuals: Any, value: Any, args: Any, kwargs: Any
        ) -> LinearMap:
            held = value[0] if request.has_aux else value
            return Pullback(run, residuals, (place_of_tree(tree, held),), name)

        return pullback
    parameters = parts[0].interface.parameters
    signature = inspect.Signature(
        [inspect.Parameter(p.name, p.kind) for p in sorted(parameters, key=lambda p: p.kind)]
    )
    given = [p for p in parts[1].interface.parameters[1:] if p.kind is not p.kind.KEYWORD_ONLY]
    names = [parameter.name.removesuffix("_dot") for parameter in given]
    trees = {p.name: p.tree for p in parameters}

    def linearized(
        run: Callable[..., Any], residuals: Any, value: Any, args: Any, kwargs: Any
    ) -> LinearMap:
        held = signature.bind(*args, **kwargs).arguments
        places = tuple(place_of_tree(trees[key], held[key]) for key in names)
        return Linearized(run, residuals, places, name)

    return linearized
