"""Adjoints against central differences, in every kind of program."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from srcgrad.errors import MissingRuleError
from srcgrad.graph import Value, parse_graph, verify
from srcgrad.location import Location
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


def test_a_function_without_a_rule_is_refused_with_the_way_out():
    graph = parse_graph("graph f(x: f64[n]) { y = mystery x : f64[n] s = sum y : f64[] return s }")
    with pytest.raises(MissingRuleError, match="cannot differentiate `mystery`") as caught:
        reverse(graph, (0,))
    assert "stop_gradient" in str(caught.value)


def test_a_function_without_a_rule_is_no_matter_where_nothing_is_active():
    text = """
    graph f(x: f64[n], z: f64[n]) {
      y = mystery z : f64[n]
      w = multiply x, y : f64[n]
      s = sum w : f64[]
      return s
    }
    """
    joint = reverse(parse_graph(text), (0,))
    assert joint.nodes[0].operation == "mystery"


def test_an_input_that_does_not_reach_the_result_has_a_zero_adjoint():
    graph = parse_graph("graph f(x: f64[n], a: float) { s = sum x : f64[] return s }")
    _, d_a, d_x = interpret(reverse(graph, (1, 0)), (np.ones(3), 2.0))
    assert d_a == 0.0
    np.testing.assert_array_equal(d_x, np.ones(3))


def test_a_result_that_is_an_input_has_the_seed_as_adjoint():
    graph = parse_graph("graph f(x: float) { return x }")
    assert interpret(reverse(graph, (0,)), (3.0,)) == (3.0, 1.0)


def test_seeds_are_literals_or_become_inputs():
    graph = parse_graph("graph f(x: f64[n]) { y = multiply x, x : f64[n] return y }")
    seed = Value(graph.results[0].type, "seed")
    joint = verify(reverse(graph, (0,), (0,), [seed]))
    _, d_x = interpret(joint, (np.array([1.0, 2.0]), np.array([1.0, 10.0])))
    np.testing.assert_array_equal(d_x, [2.0, 40.0])


def test_masked_adjoints_stay_finite_from_one_iteration_to_the_next():
    text = """
    graph f(x: f64[n]) {
      y = for i: int in range(0, 2, 1) carry (h: f64[n] = x) {
        p = greater h, 0.0 : bool[n]
        r = sqrt h : f64[n]
        w = where p, r, 0.0 : f64[n]
        yield w
      } : f64[n]
      s = sum y : f64[]
      return s
    }
    """
    _, d_x = interpret(reverse(parse_graph(text), (0,)), (np.array([0.0, 1.0]),))
    np.testing.assert_array_equal(d_x, [0.0, 0.25])


def test_adjoint_nodes_say_where_they_come_from():
    graph = PROGRAMS[0].graph
    place = Location("model.py", 3)
    located = graph.replace(nodes=tuple(replace(node, location=place) for node in graph.nodes))
    derived = [node for node in reverse(located, (0,)).nodes if node.phase]
    assert {node.phase for node in derived} == {"adjoint of "}
    assert {node.location for node in derived} == {place}
