"""Is what one call of a gradient gave right?  The value, the effects, the slope, the kinds."""

from __future__ import annotations

import enum
import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import srcgrad
from tests.random_programs.program import RandomProgram
from tests.random_programs.running import Mistake, Run, run
from tests.random_programs.slopes import Slope, directions, slope

LARGEST_SLOPE = 1e6
UNSETTLED = 10.0  # A few samples do not show how far rounding reaches.
MOVED_BY_DIGITS = (0, 0, 2, -2, 5, -5, 9, -9)


class Verdict(enum.Enum):
    RIGHT = "right"
    UNKNOWN = "right as far as can be told: there is no slope to compare with"
    RAISES = "raises, as the program does"
    REFUSED = "refused"
    INVALID = "no program"
    WRONG = "wrong"


def check_effects(found: Run, plain: Run) -> None:
    if type(found.raised) is not type(plain.raised) or str(found.raised) != str(plain.raised):
        raise Mistake(f"raises {found.raised!r}, the program {plain.raised!r}")
    for place, (ours, theirs) in enumerate(zip(found.arguments, plain.arguments)):
        if np.asarray(ours).tobytes() != np.asarray(theirs).tobytes():
            raise Mistake(f"argument {place} is left as {ours}, by the program as {theirs}")


def check_value(value: Any, expected: Any) -> None:
    if not identical(value, expected):
        raise Mistake(f"the value is {value!r}, the program's {expected!r}")


def identical(a: Any, b: Any) -> bool:
    x, y = np.asarray(a), np.asarray(b)
    both_nan = x.dtype == y.dtype and x.shape == y.shape and np.array_equal(x, y, equal_nan=True)
    return both_nan or (x.dtype, x.shape, x.tobytes()) == (y.dtype, y.shape, y.tobytes())


def check_call(
    program: RandomProgram,
    gradient: srcgrad.Differentiated,
    call: int,
    found: Run,
    plain: Run,
    dtype: Any = np.float64,
) -> Verdict:
    value, gradients = found.result
    check_value(value, plain.result)
    arguments = program.arguments(call, dtype)
    check_kinds(gradients, arguments, found.arguments)
    exact = tuple(np.asarray(a, np.result_type(a, float)) if np.ndim(a) else a for a in arguments)
    expected = slope(program.source, exact, len(program.wrt))
    ours, size = along(gradients, directions(arguments[: len(gradients)]))
    size += abs(float(np.real(value)))
    is_settled = slope_is_settled(expected, size)
    rounding = 1e-6 if dtype is np.float64 else 1e-2
    if expected is None or not is_settled:
        return Verdict.UNKNOWN
    off = abs(ours - expected.value)
    if off <= rounding * (1e-3 + size) + 50 * expected.error:
        return Verdict.RIGHT

    def again(*arguments: Any) -> float:
        moved = run(gradient, arguments)
        ways = directions(arguments[: len(gradients)])
        return float("nan") if moved.raised else along(moved.result[1], ways)[0]

    if off <= UNSETTLED * unsettled(again, arguments, len(program.wrt)):
        return Verdict.UNKNOWN
    raise Mistake(f"the slope in {dtype.__name__} is {ours}, by differences {expected}")


def slope_is_settled(expected: Slope | None, size: float) -> bool:
    """Do differences say anything?  Of sines of huge numbers, they see nothing."""
    return expected is not None and expected.error <= 1e-4 * (1.0 + size) and size <= LARGEST_SLOPE


def along(gradients: Sequence[Any], ways: Sequence[Any]) -> tuple[float, float]:
    """The slope along a direction, and the sum of the sizes of its terms."""
    terms = [np.real(np.conj(g) * np.asarray(d)) for g, d in zip(gradients, ways)]
    return sum(float(np.sum(t)) for t in terms), sum(float(np.sum(np.abs(t))) for t in terms)


def unsettled(number: Callable[..., float], arguments: Sequence[Any], count: int) -> float:
    """How far a number moves with the last digits of the arguments: what rounding makes of it.

    The slope of a spread of elements that are equal but for rounding is such a one.  What moves
    between calls with the same arguments is no rounding.
    """
    found = []
    for digits in MOVED_BY_DIGITS:
        moved = [a + digits * np.spacing(np.abs(a)) for a in arguments[:count]]
        found.append(number(*map(_of_kind, moved, arguments), *arguments[count:]))
    is_repeatable = found[0] == found[1] and np.all(np.isfinite(found))
    return float(np.ptp(found)) if is_repeatable else 0.0


def _of_kind(moved: Any, argument: Any) -> Any:
    return float(moved) if isinstance(argument, float) else moved


def check_kinds(gradients: Sequence[Any], arguments: Sequence[Any], left: Sequence[Any]) -> None:
    """Are these new, writable arrays of the arguments' kinds, which share no memory?"""
    arrays = [g for g in gradients if isinstance(g, np.ndarray)]
    for place, (gradient, argument) in enumerate(zip(gradients, arguments)):
        kinds = [(np.asarray(thing).dtype, np.shape(thing)) for thing in (gradient, argument)]
        if kinds[0] != kinds[1]:
            raise Mistake(f"gradient {place} is {kinds[0]}, its argument {kinds[1]}")
    if not all(array.flags.writeable for array in arrays):
        raise Mistake("a gradient is read-only")
    if any(np.shares_memory(a, b) for a, b in itertools.combinations(arrays, 2)):
        raise Mistake("two gradients share memory")
    if any(np.shares_memory(a, b) for a in arrays for b in left if isinstance(b, np.ndarray)):
        raise Mistake("a gradient shares memory with an argument")
