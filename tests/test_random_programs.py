"""Whole random programs: what Python computes, and differences of it, is what comes out.

A refusal is no wrong number; which programs are refused is for other tests to say.  The programs
here are the same in every run, so that it takes a minute or two; `make fuzz` tries programs
without end.
"""

from __future__ import annotations

import random

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from tests.random_programs import Verdict, examine, write_program
from tests.random_programs.program import RandomProgram, compiled
from tests.random_programs.reduction import reduced

EXAMPLES = settings.default.max_examples
PROGRAMS_AT_ONCE = 50
THOUSANDS = range(0, 2400, PROGRAMS_AT_ONCE)


@st.composite
def programs(draw: st.DrawFn) -> RandomProgram:
    return write_program(lambda below: draw(st.integers(0, below - 1)))


@given(programs())
@settings(max_examples=EXAMPLES)
def test_random_programs_are_differentiated_right_or_refused(program: RandomProgram):
    note(program.source)
    outcome = examine(program)
    assert outcome.verdict is not Verdict.WRONG, outcome.detail


@pytest.mark.slow
@pytest.mark.parametrize("first", THOUSANDS)
def test_thousands_of_programs_are_differentiated_right_or_refused(first: int):
    wrong = {}
    for seed in range(first, first + PROGRAMS_AT_ONCE):
        outcome = examine(write_program(random.Random(seed).randrange))
        if outcome.verdict is Verdict.WRONG:
            wrong[seed] = outcome.detail
    assert not wrong


def test_most_programs_run_and_are_compared_with_differences():
    verdicts = [examine(write_program(random.Random(seed).randrange)).verdict for seed in range(60)]
    assert verdicts.count(Verdict.RIGHT) > 20
    assert Verdict.INVALID not in verdicts


def test_a_wrong_gradient_is_found_and_made_small():
    program = write_program(random.Random(1).randrange)
    source = f"{program.source.rsplit('return', 1)[0]}return np.sum(np.sin(x) ** 2)\n"
    program = RandomProgram(source, program.parameters, program.seed, program.integers)
    small = reduced(program, lambda smaller: "np.sin(x)" in smaller.source)
    compiled(small.source)
    assert small.source.split("program")[1].count("\n") <= 3
