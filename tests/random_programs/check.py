"""Is the gradient of a random program right?  What is asked, and of whom.

- Plain execution: the value, bit for bit; what becomes of the arguments; which exception is raised.
- Differences of plain executions: the slope along one direction (see `slopes`).
- The gradient itself: new, writable arrays of the arguments' kinds that share no memory; a second
  call through the same specialisation; a call with arrays of single precision through another one.
"""

from __future__ import annotations

import copy
import enum
import itertools
import signal
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

import srcgrad
from tests.random_programs.program import RandomProgram
from tests.random_programs.slopes import directions, slope

RUN_SECONDS, COMPILE_SECONDS = 3, 20
LARGEST_SLOPE = 1e6
UNSETTLED = 10.0  # A few samples do not show how far rounding reaches.

# What a program may raise of its own accord.
OWN_EXCEPTIONS = (ValueError, AssertionError, IndexError, ZeroDivisionError, OverflowError)


class Verdict(enum.Enum):
    RIGHT = "right"
    UNKNOWN = "right as far as can be told: there is no slope to compare with"
    RAISES = "raises, as the program does"
    REFUSED = "refused"
    INVALID = "no program"
    WRONG = "wrong"


@dataclass(frozen=True)
class Outcome:
    verdict: Verdict
    detail: str = ""


class Mistake(BaseException):
    """What srcgrad did is wrong."""


@contextmanager
def at_most(seconds: int) -> Iterator[None]:
    """A mistake where the body takes longer than this."""

    def stop(*_: object) -> None:
        raise Mistake(f"takes more than {seconds} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@dataclass(frozen=True)
class Run:
    """One call: what came back or was raised, and the arguments afterwards."""

    result: Any
    raised: Exception | None
    arguments: tuple[Any, ...]


def run(function: Any, arguments: Sequence[Any]) -> Run:
    given = copy.deepcopy(tuple(arguments))
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return Run(function(*given), None, given)
        except Exception as error:
            return Run(None, error, given)


Differentiate = Callable[..., srcgrad.Differentiated]


def examine(
    program: RandomProgram, differentiate: Differentiate = srcgrad.value_and_grad
) -> Outcome:
    try:
        with at_most(RUN_SECONDS):
            plain = run(program.function, program.arguments())
    except Mistake as mistake:
        return Outcome(Verdict.INVALID, str(mistake))
    if plain.raised is not None and not isinstance(plain.raised, OWN_EXCEPTIONS):
        return Outcome(Verdict.INVALID, repr(plain.raised))
    gradient = differentiate(program.function, wrt=program.wrt)
    try:
        with at_most(COMPILE_SECONDS):
            return _compared(program, gradient, plain)
    except Mistake as mistake:
        return Outcome(Verdict.WRONG, str(mistake))


def _compared(program: RandomProgram, gradient: srcgrad.Differentiated, plain: Run) -> Outcome:
    found = run(gradient, program.arguments())
    if isinstance(found.raised, srcgrad.SrcgradError):
        if isinstance(found.raised, srcgrad.InternalError):
            raise Mistake(f"internal error: {found.raised}")
        return Outcome(Verdict.REFUSED, str(found.raised))
    _check_effects(found, plain)
    if plain.raised is not None:
        return Outcome(Verdict.RAISES)
    verdict = _check_call(program, gradient, 0, found, plain)
    _check_later_calls(program, gradient)
    return Outcome(verdict)


def _check_later_calls(program: RandomProgram, gradient: srcgrad.Differentiated) -> None:
    for call, dtype in ((1, np.float64), (0, np.float32)):
        arguments = program.arguments(call, dtype)
        plain, found = run(program.function, arguments), run(gradient, arguments)
        if isinstance(found.raised, srcgrad.UnsupportedError):
            continue
        if plain.raised is not None and not isinstance(plain.raised, OWN_EXCEPTIONS):
            continue
        _check_effects(found, plain)
        if plain.raised is None:
            _check_call(program, gradient, call, found, plain, dtype)


def _check_effects(found: Run, plain: Run) -> None:
    if type(found.raised) is not type(plain.raised) or str(found.raised) != str(plain.raised):
        raise Mistake(f"raises {found.raised!r}, the program {plain.raised!r}")
    for place, (ours, theirs) in enumerate(zip(found.arguments, plain.arguments)):
        if np.asarray(ours).tobytes() != np.asarray(theirs).tobytes():
            raise Mistake(f"argument {place} is left as {ours}, by the program as {theirs}")


def _check_call(
    program: RandomProgram,
    gradient: srcgrad.Differentiated,
    call: int,
    found: Run,
    plain: Run,
    dtype: Any = np.float64,
) -> Verdict:
    value, gradients = found.result
    if not _identical(value, plain.result):
        raise Mistake(f"the value is {value!r}, the program's {plain.result!r}")
    arguments = program.arguments(call, dtype)
    _check_kinds(gradients, arguments, found.arguments)
    exact = tuple(np.asarray(a).astype(float) if np.ndim(a) else a for a in arguments)
    expected = slope(program.source, exact, len(program.wrt))
    if expected is None:
        return Verdict.UNKNOWN
    ours, size = _along(gradients, arguments)
    size += abs(float(np.real(value)))
    rounding = 1e-6 if dtype is np.float64 else 1e-2
    # Of sines of huge numbers, differences see nothing.
    if expected.error > 1e-4 * (1.0 + size) or size > LARGEST_SLOPE:
        return Verdict.UNKNOWN
    off = abs(ours - expected.value)
    if off <= rounding * (1e-3 + size) + 50 * expected.error:
        return Verdict.RIGHT
    if off <= UNSETTLED * _unsettled(gradient, arguments, len(program.wrt)):
        return Verdict.UNKNOWN
    raise Mistake(f"the slope in {dtype.__name__} is {ours}, by differences {expected}")


def _along(gradients: Sequence[Any], arguments: Sequence[Any]) -> tuple[float, float]:
    """The slope along the direction of the differences, and the sum of the sizes of its terms."""
    pairs = zip(gradients, directions(arguments[: len(gradients)]))
    terms = [np.asarray(g, float) * d for g, d in pairs]
    return sum(float(np.sum(t)) for t in terms), sum(float(np.sum(np.abs(t))) for t in terms)


def _unsettled(gradient: srcgrad.Differentiated, arguments: Sequence[Any], count: int) -> float:
    """How far the slope moves with the last digits of the arguments: what rounding makes of it.

    The slope of a spread of elements that are equal but for rounding is such a one.  What moves
    between calls with the same arguments is no rounding.
    """
    slopes = []
    for digits in (0, 0, 2, -2, 5, -5, 9, -9):
        moved = [a + digits * np.spacing(a) for a in arguments[:count]]
        again = run(gradient, [*map(_of_kind, moved, arguments), *arguments[count:]])
        if again.raised is not None:
            return 0.0
        slopes.append(_along(again.result[1], arguments)[0])
    return 0.0 if slopes[0] != slopes[1] else float(np.ptp(slopes))


def _of_kind(moved: Any, argument: Any) -> Any:
    return float(moved) if isinstance(argument, float) else moved


def _identical(a: Any, b: Any) -> bool:
    x, y = np.asarray(a), np.asarray(b)
    both_nan = x.dtype == y.dtype and x.shape == y.shape and np.array_equal(x, y, equal_nan=True)
    return both_nan or (x.dtype, x.shape, x.tobytes()) == (y.dtype, y.shape, y.tobytes())


def _check_kinds(gradients: Sequence[Any], arguments: Sequence[Any], left: Sequence[Any]) -> None:
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
