"""The optimised joint graphs compute what the plain ones do, and hold nothing needless."""

from __future__ import annotations

import pytest

from srcgrad.graph import Graph, verify, walk
from srcgrad.pipeline import PASSES, optimise
from srcgrad.transforms import forward, reverse
from tests.interpreter import interpret
from tests.transforms.differences import directions, inner, slope, value_of
from tests.transforms.programs import PROGRAMS, Program

in_every_program = pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.title)


def _tolerance(program: Program) -> float:
    return 2e-3 if "float32" in program.title else 1e-6


@in_every_program
def test_optimised_adjoints_agree_with_central_differences(program: Program):
    joint = verify(optimise(reverse(program.graph, program.wrt)))
    _, *adjoints = interpret(joint, program.point)
    along = directions([program.point[place] for place in program.wrt])
    expected = slope(value_of(program.graph), program.point, program.wrt, along)
    assert inner(adjoints, along) == pytest.approx(expected, rel=_tolerance(program), abs=1e-7)


@in_every_program
def test_the_optimised_primal_is_the_same_bit_for_bit(program: Program):
    joint = optimise(reverse(program.graph, program.wrt))
    assert interpret(joint, program.point)[0] == interpret(program.graph, program.point)[0]


@in_every_program
def test_every_pass_leaves_a_well_formed_graph(program: Program):
    joint = reverse(program.graph, program.wrt)
    for transform in PASSES:
        joint = verify(transform(joint))


@in_every_program
def test_optimising_twice_changes_nothing_more(program: Program):
    once = optimise(reverse(program.graph, program.wrt))
    assert str(optimise(once)) == str(once)


@in_every_program
def test_optimised_graphs_can_be_differentiated_again(program: Program):
    along, across = (
        directions([program.point[place] for place in program.wrt], seed) for seed in (7, 8)
    )
    plain = reverse(program.graph, program.wrt)
    places = range(1, len(plain.results))

    def product(gradient: Graph) -> float:
        joint = verify(optimise(forward(gradient, program.wrt, places)))
        return inner(interpret(joint, [*program.point, *along])[len(plain.results) :], across)

    exact = 1e-4 if "float32" in program.title else 1e-8
    assert product(optimise(plain)) == pytest.approx(product(plain), rel=exact, abs=1e-9)


def _operations(graph: Graph) -> list[str]:
    return [node.operation for node in walk(graph.nodes)]


def _program(title: str) -> Program:
    return next(program for program in PROGRAMS if program.title == title)


def test_a_linear_loop_records_nothing():
    program = _program("stores into arrays, linear, in a loop")
    joint = optimise(reverse(program.graph, program.wrt))
    assert all(not node.parameters.get("collects") for node in joint.nodes)


def test_newtons_square_root_records_one_value_per_iteration():
    program = _program("Newton's square root")
    joint = optimise(reverse(program.graph, program.wrt))
    assert [node.parameters.get("collects") for node in joint.nodes if node.regions] == [1, None]


def test_a_recurrent_network_records_its_state_once():
    program = _program("a recurrent network")
    joint = optimise(reverse(program.graph, program.wrt))
    forward_loop = next(node for node in joint.nodes if node.operation == "for")
    assert "collects" not in forward_loop.parameters
    assert [value.name for value in forward_loop.results] == ["last", "h_tape"]


def test_broadcasting_leaves_no_trace_in_the_adjoint_of_a_mean():
    program = _program("mean squared error of a linear neuron")
    joint = optimise(reverse(program.graph, program.wrt))
    derived = [node.operation for node in joint.nodes if node.phase]
    assert "broadcast_like" not in derived
    assert derived.count("multiply") == 1
