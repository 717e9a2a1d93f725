"""Is the gradient of a random program right?  What is asked, and of whom.

- Plain execution: the value, bit for bit; what becomes of the arguments; which exception is raised.
- Differences of plain executions: the slope along one direction (see `slopes`).
- The gradient itself: new, writable arrays of the arguments' kinds that share no memory; a second
  call through the same specialisation.
- Other ways to the same numbers, one for each program: see `aspects`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import srcgrad
from tests.random_programs.aspects import ASPECTS, Aspect, second_call
from tests.random_programs.comparing import Verdict, check_call, check_effects
from tests.random_programs.program import RandomProgram
from tests.random_programs.running import OWN_EXCEPTIONS, Mistake, Run, at_most, run

RUN_SECONDS, COMPILE_SECONDS = 3, 20

Differentiate = Callable[..., srcgrad.Differentiated]


@dataclass(frozen=True)
class Outcome:
    verdict: Verdict
    detail: str = ""


def examine(
    program: RandomProgram,
    differentiate: Differentiate = srcgrad.value_and_grad,
    aspects: Sequence[Aspect] = ASPECTS,
) -> Outcome:
    """What is true of the gradient, and of one of the aspects, which the program's seed chooses."""
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
            outcome = _compared(program, gradient, plain)
            if outcome.verdict in (Verdict.RIGHT, Verdict.UNKNOWN):
                second_call(program, gradient)
                if aspects:
                    aspects[program.seed % len(aspects)](program, gradient)
            return outcome
    except Mistake as mistake:
        return Outcome(Verdict.WRONG, str(mistake))


def _compared(program: RandomProgram, gradient: srcgrad.Differentiated, plain: Run) -> Outcome:
    found = run(gradient, program.arguments())
    if isinstance(found.raised, srcgrad.SrcgradError):
        if isinstance(found.raised, srcgrad.InternalError):
            raise Mistake(f"internal error: {found.raised}")
        return Outcome(Verdict.REFUSED, str(found.raised))
    check_effects(found, plain)
    if plain.raised is not None:
        return Outcome(Verdict.RAISES)
    return Outcome(check_call(program, gradient, 0, found, plain))
