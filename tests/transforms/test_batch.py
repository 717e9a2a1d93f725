"""Batched graphs against the graph itself, sample by sample."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from srcgrad.graph import Graph, Value, verify
from srcgrad.transforms import batch, forward, reverse
from tests.interpreter import interpret
from tests.transforms.differences import directions
from tests.transforms.programs import PROGRAMS, Program

COUNT = 3

in_every_program = pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.title)


def samples_of(value: object, seed: int) -> object:
    """As many values near `value`, along a new first axis; lists have samples in each item."""
    if isinstance(value, list):
        return [samples_of(item, seed + k) for k, item in enumerate(value)]
    generator = np.random.default_rng(seed)
    array = np.asarray(value)
    if array.dtype.kind in "bi":
        return np.stack([array] * COUNT)
    noise = generator.uniform(0.9, 1.1, (COUNT, *array.shape))
    return (array * noise).astype(array.dtype)


def sample(values: object, place: int, like: object) -> object:
    if isinstance(values, list):
        return [sample(item, place, part) for item, part in zip(values, like, strict=True)]  # type: ignore
    one = values[place]  # type: ignore[index]
    return type(like)(one) if isinstance(like, (bool, int, float, complex)) else one


def stacked(values: Sequence[object]) -> object:
    if isinstance(values[0], list):
        return [stacked(items) for items in zip(*values, strict=True)]
    return np.stack([np.asarray(value) for value in values])


def check(graph: Graph, point: Sequence[object], places: Sequence[int]) -> None:
    """The results for samples along these inputs are those for one sample after another."""
    given = [samples_of(x, k) if k in places else x for k, x in enumerate(point)]
    computed = interpret(verify(batch(graph, places, COUNT)), given)
    each = []
    for place in range(COUNT):
        one = [sample(x, place, like) if k in places else x
               for k, (x, like) in enumerate(zip(given, point))]  # fmt: skip
        each.append(interpret(graph, one))
    for mine, theirs in zip(computed, map(stacked, zip(*each, strict=True)), strict=True):
        compare(mine, theirs, tolerance_of(point))


def tolerance_of(point: Sequence[object]) -> float:
    return 1e-5 if any(np.asarray(x).dtype == np.float32 for x in point) else 1e-11


def compare(mine: object, theirs: object, tolerance: float) -> None:
    if isinstance(theirs, list):
        for a, b in zip(mine, theirs, strict=True):  # type: ignore[call-overload]
            compare(a, b, tolerance)
        return
    assert np.shape(mine) == np.shape(theirs)
    np.testing.assert_allclose(mine, theirs, rtol=tolerance, atol=1e-12)  # type: ignore


def real_places(point: Sequence[object]) -> list[int]:
    return [k for k, x in enumerate(point) if np.asarray(x).dtype.kind in "fc"]


@in_every_program
def test_values_of_samples_of_all_inputs(program: Program) -> None:
    check(program.graph, program.point, real_places(program.point))


@in_every_program
def test_values_of_samples_of_one_input(program: Program) -> None:
    for place in real_places(program.point):
        check(program.graph, program.point, [place])


@in_every_program
def test_gradients_of_samples(program: Program) -> None:
    graph = reverse(program.graph, program.wrt)
    check(graph, program.point, real_places(program.point))
    check(graph, program.point, program.wrt[:1])


@in_every_program
def test_pullbacks_of_many_cotangents(program: Program) -> None:
    seed = Value(program.graph.results[0].type, "g")
    graph = reverse(program.graph, program.wrt, (0,), (seed,))
    check(graph, [*program.point, 1.5], [len(program.point)])


@in_every_program
def test_tangents_of_many_directions(program: Program) -> None:
    graph = forward(program.graph, program.wrt)
    along = directions([program.point[place] for place in program.wrt])
    places = range(len(program.point), len(program.point) + len(along))
    check(graph, [*program.point, *along], list(places))
