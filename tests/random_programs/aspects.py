"""What is asked of a program beside its gradient, of each program one of these in turn.

Each takes the program and its gradient, which is right, and raises `Mistake`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import srcgrad
from srcgrad.api.differentiated import Differentiated
from srcgrad.backends import OPTIMISATIONS as OF_THE_BACKEND
from srcgrad.pipeline import OPTIMISATIONS as PASSES
from srcgrad.request import Request
from tests.random_programs.comparing import (
    LARGEST_SLOPE,
    UNSETTLED,
    along,
    check_call,
    check_effects,
    check_value,
    slope_is_settled,
    unsettled,
)
from tests.random_programs.program import RandomProgram
from tests.random_programs.running import OWN_EXCEPTIONS, Mistake, Run, run
from tests.random_programs.slopes import directions, slope

EVERYTHING = frozenset((*PASSES, *OF_THE_BACKEND))
PROBE = 2.0  # the phase of a second direction, for products with the Hessian from both sides


def second_call(program: RandomProgram, gradient: srcgrad.Differentiated) -> None:
    """Other arguments of the same kinds, through the same specialisation."""
    _check_another_call(program, gradient, 1, np.float64)


def single_precision(program: RandomProgram, gradient: srcgrad.Differentiated) -> None:
    """Arrays of single precision, through a specialisation of their own."""
    _check_another_call(program, gradient, 0, np.float32)


def _check_another_call(
    program: RandomProgram, gradient: srcgrad.Differentiated, call: int, dtype: Any
) -> None:
    arguments = program.arguments(call, dtype)
    plain, found = run(program.function, arguments), run(gradient, arguments)
    if isinstance(found.raised, srcgrad.UnsupportedError):
        return
    if plain.raised is not None and not isinstance(plain.raised, OWN_EXCEPTIONS):
        return
    check_effects(found, plain)
    if plain.raised is None:
        check_call(program, gradient, call, found, plain, dtype)


def without_optimisations(program: RandomProgram, gradient: srcgrad.Differentiated) -> None:
    """The same value and effects, and the same gradients but for rounding."""
    request = Request("grad", program.wrt, value=True, without=EVERYTHING)
    plain = _given(Differentiated(program.function, request), program.arguments())
    optimised = run(gradient, program.arguments())
    if plain is None:
        raise Mistake("refused without optimisations")
    check_effects(plain, optimised)
    check_value(plain.result[0], optimised.result[0])
    ours, theirs = (
        along(result[1], directions(program.arguments()[: len(program.wrt)]))
        for result in (optimised.result, plain.result)
    )
    _check_close("without optimisations", program, gradient, ours, theirs[0])


def forward_mode(program: RandomProgram, gradient: srcgrad.Differentiated) -> None:
    """The tangent is the gradient times the direction."""
    ways = directions(program.arguments()[: len(program.wrt)])

    def pushed(*arguments: Any) -> Any:
        tangents = tuple(map(_like, ways, arguments))
        return srcgrad.jvp(program.function, wrt=program.wrt)(arguments, tangents)

    found = _given(pushed, program.arguments())
    if found is None:
        return
    plain = run(program.function, program.arguments())
    check_effects(found, plain)
    check_value(found.result[0], plain.result)
    ours = along(run(gradient, program.arguments()).result[1], ways)
    _check_close("by forward mode", program, gradient, ours, float(found.result[1]))


def second_order(program: RandomProgram, gradient: srcgrad.Differentiated) -> None:
    """The product of the Hessian with a direction is the slope of the gradient along it."""
    arguments, count = program.arguments(), len(program.wrt)
    ways, probe = directions(arguments[:count]), directions(arguments[:count], PROBE)
    product = srcgrad.hvp(program.function, wrt=program.wrt)
    found = _given(product, (*arguments, tuple(map(_like, ways, arguments))))
    if found is None:
        return

    def probed(*arguments: Any) -> float:
        return along(run(gradient, arguments).result[1], probe)[0]

    def curved(*arguments: Any) -> float:
        moved = run(product, (*arguments, tuple(map(_like, ways, arguments))))
        return float("nan") if moved.raised else along(moved.result, probe)[0]

    ours, size = along(found.result, probe)
    expected = slope(program.source, arguments, count, probed)
    if expected is None or not slope_is_settled(expected, size):
        return
    off = abs(ours - expected.value)
    if off <= 1e-5 * (1e-2 + size) + 50 * expected.error:
        return
    if off > UNSETTLED * unsettled(curved, arguments, count):
        raise Mistake(f"the Hessian gives {ours}, differences of the gradient {expected}")


def _given(function: Callable[..., Any], arguments: Sequence[Any]) -> Run | None:
    """The call, or None where it is refused."""
    found = run(function, arguments)
    if isinstance(found.raised, srcgrad.InternalError):
        raise Mistake(f"internal error: {found.raised}")
    if isinstance(found.raised, srcgrad.SrcgradError):
        return None
    if found.raised is not None:
        raise Mistake(f"raises {found.raised!r}")
    return found


def _like(way: Any, argument: Any) -> Any:
    return way.astype(argument.dtype) if isinstance(argument, np.ndarray) else way


def _check_close(
    words: str,
    program: RandomProgram,
    gradient: srcgrad.Differentiated,
    ours: tuple[float, float],
    theirs: float,
) -> None:
    """Is a second way to the same slope near the first one, as rounding allows?"""
    ways = directions(program.arguments()[: len(program.wrt)])
    (slope_, size), count = ours, len(program.wrt)

    def again(*arguments: Any) -> float:
        return along(run(gradient, arguments).result[1], ways)[0]

    if np.isfinite(slope_) == np.isfinite(theirs) and not size <= LARGEST_SLOPE:
        return
    off = abs(slope_ - theirs)
    if off <= 1e-9 * (1.0 + size):
        return
    if not off <= UNSETTLED * unsettled(again, program.arguments(), count):
        raise Mistake(f"the slope is {slope_}, {words} {theirs}")


Aspect = Callable[[RandomProgram, srcgrad.Differentiated], None]
ASPECTS: tuple[Aspect, ...] = (
    single_precision,
    without_optimisations,
    forward_mode,
    second_order,
)
