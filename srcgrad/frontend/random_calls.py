"""Random draws: calls of generators, which are made once and in order; see `rules.random`."""

from __future__ import annotations

import ast
import inspect
from typing import TYPE_CHECKING, Any

import numpy as np

from srcgrad.declarations import OwnRules
from srcgrad.frontend import containers, storage
from srcgrad.frontend.abstract import NONE, Abstract, Keywords, Number, Static, describe
from srcgrad.frontend.inputs import GENERATORS
from srcgrad.frontend.own_calls import OwnCall, Plain
from srcgrad.frontend.replay import replay
from srcgrad.graph import FLOAT, INT, OPAQUE, ArrayType, Shape, Type, Value
from srcgrad.rules import (
    DISTRIBUTIONS,
    FLOAT64,
    INDICES,
    INT64,
    Distribution,
    Symbol,
    broadcast_shapes,
    shape_from,
)

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator

_MAKERS = {"np.random.default_rng": np.random.default_rng} | {
    f"np.random.{kind.__name__}": kind for kind in GENERATORS
}
_PICKING = ("permutation", "choice")


def call_generator(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: ast.AST
) -> Abstract | None:
    """The result of a function that makes a generator or draws from one; None for any other."""
    for text, maker in _MAKERS.items():
        if function is maker:
            return replay(ev, text, args, kwargs, node)
    owner = None if isinstance(function, type) else getattr(function, "__self__", None)
    if not isinstance(owner, GENERATORS):
        return None
    return call_method(ev, Static(owner), function.__name__, args, kwargs, node)


def is_generator(ev: Evaluator, owner: Abstract) -> bool:
    """Is this a generator that was given, or that the function has made?"""
    if not isinstance(owner, Number) or owner.value.type != OPAQUE:
        return False
    if isinstance(ev.captures.reader.objects.get(owner.value), GENERATORS):
        return True
    node = ev.definition(owner.value)
    return node is not None and node.parameters.get("function") in _MAKERS


def call_method(
    ev: Evaluator, owner: Abstract, name: str, args: list[Abstract], kwargs: Keywords, node: ast.AST
) -> Abstract:
    """The result of a method of a generator."""
    if name in DISTRIBUTIONS:
        return _Draw(ev, owner, name, DISTRIBUTIONS[name], args, kwargs, node).append()
    if name in _PICKING and (args or kwargs):
        return _picked(ev, owner, name, args, kwargs, node)
    ev.refuse(
        node,
        f"`{name}` of a random generator is not supported yet",
        "Draw outside the function, and pass the result as an argument.",
    )


def _picked(
    ev: Evaluator, owner: Abstract, name: str, args: list[Abstract], kwargs: Keywords, node: ast.AST
) -> Abstract:
    """What is picked from an array: the indices are drawn, which takes the same random numbers."""
    rest = dict(kwargs)
    key = "x" if name == "permutation" else "a"
    population = args[0] if args else rest.pop(key, NONE)
    population = storage.current(ev, population)
    if not isinstance(population, (Number, Static)) or rest.get("axis", Static(0)) != Static(0):
        ev.refuse(
            node,
            f"`{name}` of {describe(population)} along an axis is not supported yet",
            "Draw the indices, `rng.permutation(len(x))`, and pick by them.",
        )
    held = population.value.type if isinstance(population, Number) else None
    if not isinstance(held, ArrayType) or held.shape == ():
        given = [population, *args[1:]]
        return _Draw(ev, owner, name, INDICES[name], given, rest, node).append()
    count = ev.length(population, node)
    given = [count, *args[1:]]
    indices = _Draw(ev, owner, name, INDICES[name], given, rest, node).append()
    return ev.call_primitive("getitem", (population,), {"index": indices})


class _Draw(OwnCall):
    """One draw: a call as it is, whose result has the type of its distribution."""

    def __init__(
        self,
        ev: Evaluator,
        owner: Abstract,
        name: str,
        distribution: Distribution,
        args: list[Abstract],
        kwargs: Keywords,
        node: ast.AST,
    ) -> None:
        self.distribution, self.method = distribution, name
        own = OwnRules(getattr(np.random.RandomState, name, _nameless), vjp=distribution.vjp)
        super().__init__(ev, own, args, kwargs, node)
        self.name = name
        self.owner = owner
        if isinstance(owner, Number):
            self.receiver = self._operand(owner.value, Value(OPAQUE))

    def signature(self) -> inspect.Signature:
        return self.distribution.signature

    def function_text(self) -> str:
        if self.receiver is not None:
            return self.method
        assert isinstance(self.owner, Static)
        if self.owner.value is getattr(np.random.normal, "__self__", None):
            return f"np.random.{self.method}"
        generator = self.ev.captures.passive("rng", self.owner.value)
        return f"{generator}.{self.method}"

    def result(self, plain: Plain | None) -> Abstract:
        return Number(Value(self._type()))

    def _type(self) -> Type:
        distribution, sizes = self.distribution, self.ev.builder.assumptions
        shapes = [self._shape_of(name) for name in distribution.parameters]
        dtype = np.dtype(self._plain("dtype") or distribution.dtype)
        event: Shape = ()
        if distribution.event:
            event, shapes = (shapes[0] or (None,))[-1:], []
        drawn = self._asked_shape()
        if drawn is None:
            drawn = broadcast_shapes(sizes, *shapes)
            if drawn == () and not event:
                return self._single(dtype)
        return ArrayType(dtype, None if drawn is None else (*drawn, *event))

    def _single(self, dtype: np.dtype) -> Type:
        """The type of a single draw: a Python number, save for `integers`."""
        if self.method == "integers" or self._plain("dtype") is not None:
            return ArrayType(dtype, ())
        return FLOAT if dtype == FLOAT64 else INT if dtype == INT64 else ArrayType(dtype, ())

    def _asked_shape(self) -> Shape | None:
        """The shape by `size`, or by the sizes that `rand` takes; None where none is asked for."""
        given = self.given.arguments
        if "dims" in given:
            return shape_from(tuple(map(self._size, given["dims"])))
        if self.method == "permutation":
            return shape_from((self._size(given["x"]),))
        size = self._size(given.get("size", NONE))
        return None if size is None else shape_from(size)

    def _size(self, value: Abstract) -> Any:
        """A size with the types of what is known only during the call."""
        plain = containers.to_rule_argument(self.ev, value)
        if isinstance(plain, (tuple, list)):
            return tuple(item.type if isinstance(item, Symbol) else item for item in plain)
        return plain.type if isinstance(plain, Symbol) else plain

    def _shape_of(self, name: str) -> Shape | None:
        plain = containers.to_rule_argument(self.ev, self.given.arguments.get(name, NONE))
        if isinstance(plain, Symbol):
            return plain.type.shape if isinstance(plain.type, ArrayType) else ()
        return np.shape(plain) if plain is not None and not _holds_symbols(plain) else ()

    def _plain(self, name: str) -> Any:
        given = self.given.arguments.get(name, NONE)
        return given.value if isinstance(given, Static) else None


def _holds_symbols(plain: Any) -> bool:
    return isinstance(plain, (tuple, list)) and any(isinstance(item, Symbol) for item in plain)


def _nameless() -> None:
    """Stands for methods that only `Generator` has."""
