"""Adjoints against central differences, in every kind of program."""

from __future__ import annotations

import numpy as np
import pytest

from srcgrad.graph import verify
from srcgrad.transforms import reverse
from tests.interpreter import interpret
from tests.transforms.differences import directions, inner, slope, value_of
from tests.transforms.programs import PROGRAMS, Program

in_every_program = pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.title)


@in_every_program
def test_adjoints_agree_with_central_differences(program: Program):
    joint = verify(reverse(program.graph, program.wrt))
    _, *adjoints = interpret(joint, program.point)
    along = directions([program.point[place] for place in program.wrt])
    expected = slope(value_of(program.graph), program.point, program.wrt, along)
    tolerance = 2e-3 if "float32" in program.title else 1e-6
    assert inner(adjoints, along) == pytest.approx(expected, rel=tolerance, abs=1e-7)


@in_every_program
def test_the_primal_result_stays_the_same(program: Program):
    joint = reverse(program.graph, program.wrt)
    assert interpret(joint, program.point)[0] == interpret(program.graph, program.point)[0]


@in_every_program
def test_adjoints_have_the_kind_of_their_inputs(program: Program):
    _, *adjoints = interpret(reverse(program.graph, program.wrt), program.point)
    for place, adjoint in zip(program.wrt, adjoints, strict=True):
        argument = program.point[place]
        assert np.shape(adjoint) == np.shape(argument)
        if isinstance(argument, np.ndarray):
            assert np.asarray(adjoint).dtype == argument.dtype
        else:
            assert isinstance(adjoint, float)
