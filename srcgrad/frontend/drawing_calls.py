"""Random draws and clocks: numbers that nobody knows before the call, made once at each call.

Where a draw depends on numbers (`random.gauss(mu, sigma)`), the draw itself is that of the standard
distribution, and what Python computes with it is computed here, so that it is differentiated.
"""

from __future__ import annotations

import ast
import random
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from srcgrad.frontend import replay
from srcgrad.frontend.abstract import Abstract, Keywords, Number, Static, is_static
from srcgrad.graph import FLOAT, INT, ScalarType, Type

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator

Handler = Callable[..., Abstract]


def _giving(type_: Type) -> Handler:
    """A call that is made again at each call, and gives a number of this type."""

    def handle(
        ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
    ) -> Abstract:
        for item in [*args, *kwargs.values()]:
            if not is_static(item) and not _is_integer(item):
                text = ev.frame.source.text(node)
                ev.refuse(
                    node,
                    f"`{text}` draws from a distribution that depends on numbers of the call",
                    "Draw from a standard distribution, and scale and shift the result.",
                )
        return drawn(ev, function, args, kwargs, type_, node)

    return handle


def drawn(
    ev: Evaluator,
    function: Any,
    args: list[Abstract],
    kwargs: Keywords,
    type_: Type,
    node: Any,
) -> Abstract:
    reached = replay.reference(ev, function, function.__name__)
    return replay.replay(ev, reached, args, kwargs, node, type_)


def _is_integer(value: Abstract) -> bool:
    return (
        isinstance(value, Number)
        and isinstance(value.value.type, ScalarType)
        and value.value.type.python_type is int
    )


def _uniform(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    """a + (b - a) * random()"""
    low, high = [*args, *kwargs.values()]
    draw = drawn(ev, function.__self__.random, [], {}, FLOAT, node)
    width = ev.binary(ast.Sub(), high, low, node)
    return ev.binary(ast.Add(), low, ev.binary(ast.Mult(), width, draw, node), node)


def _normal(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    """mu + z * sigma"""
    given = {**dict(zip(("mu", "sigma"), args)), **kwargs}
    mu, sigma = given.get("mu", Static(0.0)), given.get("sigma", Static(1.0))
    draw = drawn(ev, function, [Static(0.0), Static(1.0)], {}, FLOAT, node)
    return ev.binary(ast.Add(), mu, ev.binary(ast.Mult(), draw, sigma, node), node)


_METHODS: dict[str, Handler] = {
    "random": _giving(FLOAT),
    "uniform": _uniform,
    "gauss": _normal,
    "normalvariate": _normal,
    **dict.fromkeys(
        (
            "betavariate",
            "expovariate",
            "gammavariate",
            "lognormvariate",
            "paretovariate",
            "triangular",
            "vonmisesvariate",
            "weibullvariate",
        ),
        _giving(FLOAT),
    ),
    **dict.fromkeys(("getrandbits", "randint", "randrange"), _giving(INT)),
}


def handler_of_draw(function: Any) -> Handler | None:
    """The handler of a method of `random.Random`; the module's functions are such, too."""
    if isinstance(getattr(function, "__self__", None), random.Random):
        return _METHODS.get(function.__name__)
    return None


DRAWING_HANDLERS: dict[Any, Handler] = {
    time.time: _giving(FLOAT),
    time.perf_counter: _giving(FLOAT),
    time.process_time: _giving(FLOAT),
    time.monotonic: _giving(FLOAT),
    time.perf_counter_ns: _giving(INT),
    time.time_ns: _giving(INT),
}
