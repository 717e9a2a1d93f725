"""Tangents against central differences, and the modes against each other, to second order."""

from __future__ import annotations

import pytest

from srcgrad.graph import Value, verify
from srcgrad.transforms import forward, reverse
from tests.interpreter import interpret
from tests.transforms.differences import directions, inner, slope, value_of
from tests.transforms.programs import PROGRAMS, Program

in_every_program = pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.title)


def _arguments(program: Program, seed: int = 7) -> list[object]:
    return directions([program.point[place] for place in program.wrt], seed)


def _tolerance(program: Program) -> float:
    return 2e-3 if "float32" in program.title else 1e-6


@in_every_program
def test_tangents_agree_with_central_differences(program: Program):
    along = _arguments(program)
    joint = verify(forward(program.graph, program.wrt))
    _, tangent = interpret(joint, [*program.point, *along])
    expected = slope(value_of(program.graph), program.point, program.wrt, along)
    assert float(tangent) == pytest.approx(expected, rel=_tolerance(program), abs=1e-7)


@in_every_program
def test_forward_and_reverse_mode_agree(program: Program):
    along = _arguments(program)
    _, tangent = interpret(forward(program.graph, program.wrt), [*program.point, *along])
    _, *adjoints = interpret(reverse(program.graph, program.wrt), program.point)
    exact = 1e-5 if "float32" in program.title else 1e-12
    assert inner(adjoints, along) == pytest.approx(float(tangent), rel=exact)


def _slope_of_gradient(program: Program, along: list[object], across: list[object]) -> float:
    """Central differences of the gradient along one direction, in another direction."""
    gradient = reverse(program.graph, program.wrt)

    def along_gradient(point: list[object]) -> float:
        _, *adjoints = interpret(gradient, point)
        return inner(adjoints, across)

    return slope(along_gradient, program.point, program.wrt, along)


@in_every_program
def test_forward_over_reverse_is_the_hessian_vector_product(program: Program):
    along, across = _arguments(program), _arguments(program, seed=8)
    gradient = reverse(program.graph, program.wrt)
    places = range(1, len(gradient.results))
    product = verify(forward(gradient, program.wrt, places))
    results = interpret(product, [*program.point, *along])
    hessian_vector = results[len(gradient.results) :]
    expected = _slope_of_gradient(program, along, across)
    assert inner(hessian_vector, across) == pytest.approx(
        expected, rel=10 * _tolerance(program), abs=1e-5
    )


@in_every_program
def test_reverse_over_reverse_is_the_hessian_vector_product(program: Program):
    along, across = _arguments(program), _arguments(program, seed=8)
    gradient = reverse(program.graph, program.wrt)
    seeds = gradient.results[1:]
    joint = reverse(gradient, program.wrt, range(1, len(gradient.results)), _seeds(seeds))
    results = interpret(verify(joint), [*program.point, *across])
    product = results[len(gradient.results) :]
    expected = _slope_of_gradient(program, along, across)
    assert inner(product, along) == pytest.approx(expected, rel=10 * _tolerance(program), abs=1e-5)


def _seeds(results):
    return [Value(value.type, f"seed_{place}") for place, value in enumerate(results)]


@in_every_program
def test_reverse_over_forward_agrees_with_forward_over_reverse(program: Program):
    along, across = _arguments(program), _arguments(program, seed=8)
    tangents = forward(program.graph, program.wrt)
    joint = verify(reverse(tangents, program.wrt, (1,)))
    _, _, *adjoints = interpret(joint, [*program.point, *along])
    gradient = reverse(program.graph, program.wrt)
    product = forward(gradient, program.wrt, range(1, len(gradient.results)))
    results = interpret(product, [*program.point, *along])
    exact = 1e-4 if "float32" in program.title else 1e-9
    assert inner(adjoints, across) == pytest.approx(
        inner(results[len(gradient.results) :], across), rel=exact, abs=1e-12
    )
