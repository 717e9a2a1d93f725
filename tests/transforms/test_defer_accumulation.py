"""Sums over time leave their loop as products, and stay where that would cost memory."""

from __future__ import annotations

import numpy as np
import pytest

from srcgrad.graph import Node, loop_parts, parse_graph, verify, walk
from srcgrad.transforms import (
    defer_accumulation,
    fold_constants,
    hoist_invariants,
    remove_dead_code,
    reverse,
    simplify,
)
from tests.interpreter import interpret
from tests.transforms.programs import PROGRAMS, Program
from tests.transforms.recurrences import RECURRENCES
from tests.transforms.texts import as_derived, assert_becomes, assert_stays

LOOP = """
graph f(w: f64[d, k], u: f64[k, k], xs: f64[n, d], e: f64[k]) {
  z = zeros_like w : f64[d, k]
  d, a = for reverse each (x: f64[d] = xs) carry (g: f64[k] = e, acc: f64[d, k] = z) {
    h = matmul u, g : f64[k]
    t = outer x, h : f64[d, k]
    b = add acc, t : f64[d, k]
    yield h, b
  } : f64[k], f64[d, k]
  return d, a
}
"""


_WEIGHTS = ("[d, k]", "[k, k]")


def _joint(program: Program):
    joint = reverse(program.graph, program.wrt)
    for transform in (remove_dead_code, fold_constants, simplify, hoist_invariants):
        joint = transform(joint)
    return joint


@pytest.mark.parametrize("program", PROGRAMS + RECURRENCES, ids=lambda p: p.title)
def test_deferring_changes_no_result_beyond_rounding(program: Program):
    plain = _joint(program)
    deferred = verify(remove_dead_code(defer_accumulation(plain)))
    tolerance = 1e-5 if "float32" in program.title else 1e-12
    for before, after in zip(interpret(plain, program.point), interpret(deferred, program.point)):
        assert np.shape(after) == np.shape(before)
        assert np.asarray(after).dtype == np.asarray(before).dtype
        np.testing.assert_allclose(after, before, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("program", RECURRENCES, ids=lambda p: p.title)
def test_no_weight_is_carried_by_the_adjoint_of_a_recurrence(program: Program):
    deferred = remove_dead_code(defer_accumulation(_joint(program)))
    (backward,) = [node for node in deferred.nodes if node.operation == "for" and node.phase]
    weights = {str(value.type) for value in deferred.inputs if str(value.type)[3:] in _WEIGHTS}
    assert weights.isdisjoint(str(value.type) for value in loop_parts(backward).carried)


def test_outer_products_are_summed_as_one_product():
    assert_becomes(
        defer_accumulation,
        LOOP,
        """
        graph f(w: f64[d, k], u: f64[k, k], xs: f64[n, d], e: f64[k]) {
          z = zeros_like w : f64[d, k]
          d, h_1 = for reverse each (x: f64[d] = xs) carry (g: f64[k] = e) {
            h = matmul u, g : f64[k]
            t = outer x, h : f64[d, k]
            yield h collect h
          } : f64[k], list[f64[k]]
          t_1 = dim w {axis=1} : int(k)
          t_2 = stack_rows h_1, t_1 {shape=(hole(1),), dtype=dtype('float64')} : f64[?, k]
          t_3 = transpose xs : f64[d, n]
          a = matmul t_3, t_2 : f64[d, k]
          return d, a
        }
        """,
        derived=True,
    )


def test_the_loops_of_the_user_stay_as_they_are():
    assert_stays(defer_accumulation, LOOP)


def test_an_accumulator_that_the_loop_reads_stays_in_it():
    assert_stays(
        defer_accumulation,
        LOOP.replace("h = matmul u, g : f64[k]", "h = matmul g, acc : f64[k]").replace(
            "f64[d, k]", "f64[k, k]"
        ),
        derived=True,
    )


def test_a_plain_sum_stays_where_nothing_is_collected_anyway():
    assert_stays(
        defer_accumulation,
        """
        graph f(xs: f64[n, k], e: f64[k]) {
          z = zeros_like e : f64[k]
          d, a = for reverse each (x: f64[k] = xs) carry (g: f64[k] = e, acc: f64[k] = z) {
            h = multiply g, x : f64[k]
            b = add acc, h : f64[k]
            yield h, b
          } : f64[k], f64[k]
          return d, a
        }
        """,
        derived=True,
    )


def test_matrices_are_not_collected_where_the_loop_walks_vectors_only():
    assert_stays(
        defer_accumulation,
        """
        graph f(w: f64[k, k], xs: f64[n, k]) {
          z = zeros_like w : f64[k, k]
          d, a = for reverse each (x: f64[k] = xs) carry (g: f64[k, k] = w, acc: f64[k, k] = z) {
            h = multiply g, x : f64[k, k]
            t = matmul h, g : f64[k, k]
            b = add acc, t : f64[k, k]
            yield h, b
          } : f64[k, k], f64[k, k]
          return d, a
        }
        """,
        derived=True,
    )


def test_sums_of_python_numbers_stay_in_their_loop():
    assert_stays(
        defer_accumulation,
        """
        graph f(xs: list[float], e: float) {
          d, a = for reverse each (x: float = xs) carry (g: float = e, acc: float = 0.0) {
            h = multiply g, x : float
            b = add acc, h : float
            yield h, b
          } : float, float
          return d, a
        }
        """,
        derived=True,
    )


def _operations_in_loops(nodes: tuple[Node, ...]) -> list[str]:
    return [
        inner.operation
        for node in nodes
        if node.operation == "for" and node.phase
        for region in node.regions
        for inner in walk(region.nodes)
    ]


def test_the_adjoint_of_the_walked_array_is_one_product_after_the_loop():
    program = next(p for p in RECURRENCES if p.title == "six steps")
    deferred = remove_dead_code(defer_accumulation(_joint(program)))
    assert _operations_in_loops(deferred.nodes).count("matmul") == 1
    assert "stack_like" not in [node.operation for node in deferred.nodes]


def test_an_accumulator_that_starts_from_something_keeps_it():
    graph = parse_graph(
        LOOP.replace(
            "carry (g: f64[k] = e, acc: f64[d, k] = z)", "carry (g: f64[k] = e, acc: f64[d, k] = w)"
        )
    )
    derived = as_derived(graph)
    point = [np.full((2, 3), 0.5), np.eye(3), np.ones((4, 2)), np.ones(3)]
    expected = interpret(derived, point)
    found = interpret(defer_accumulation(derived), point)
    assert "stack_rows" in [node.operation for node in defer_accumulation(derived).nodes]
    np.testing.assert_allclose(found[1], expected[1])
