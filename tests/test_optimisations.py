"""Every optimisation switched off in turn: the same values and effects, and the same gradients.

Gradients may differ by rounding, since optimisations change the order of sums: by at most
`ROUNDINGS` units in the last place of their largest element.
"""

from __future__ import annotations

import contextlib
import functools
import random
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

from srcgrad.api import value_and_grad
from srcgrad.api.differentiated import Differentiated
from srcgrad.backends import OPTIMISATIONS as OF_THE_BACKEND
from srcgrad.graph import parse_graph, verify
from srcgrad.pipeline import NEEDED_PASSES, optimise
from srcgrad.pipeline import OPTIMISATIONS as PASSES
from srcgrad.request import Request
from srcgrad.transforms import reverse
from tests.corpus.program import PROGRAMS, Program
from tests.corpus.test_corpus import Call, call, identical
from tests.differences import leaves
from tests.random_programs import Verdict, examine, write_program
from tests.transforms.blocks import tiny_blocks

ROUNDINGS = 1000
RANDOM_PROGRAMS = 20
EVERYTHING = (*PASSES, *OF_THE_BACKEND)
in_turn = pytest.mark.parametrize(
    "without",
    [frozenset({name}) for name in EVERYTHING] + [frozenset(EVERYTHING)],
    ids=[*EVERYTHING, "everything"],
)


def differentiated(
    function: Callable[..., Any], wrt: tuple[int, ...], without: frozenset[str] = frozenset()
) -> Differentiated:
    return Differentiated(function, Request("grad", wrt, value=True, without=without))


@functools.cache
def optimised(program: Program) -> Call:
    return call(differentiated(program.function, program.wrt), program)


def is_rounding(a: Any, b: Any) -> bool:
    if a is None or b is None:
        return a is b
    # A Python int that stands for a real number is one.
    x, y = (np.asarray(float(n) if type(n) is int else n) for n in (a, b))
    bound = ROUNDINGS * np.finfo(x.dtype).eps * max(1.0, np.max(np.abs(y), initial=0.0))
    return x.dtype == y.dtype and np.allclose(x, y, rtol=0.0, atol=bound, equal_nan=True)


def is_the_same(program: Program, without: frozenset[str]) -> bool:
    found = call(differentiated(program.function, program.wrt, without), program)
    return agree(found, optimised(program))


def is_the_same_in_blocks(program: Program) -> bool:
    with tiny_blocks():
        found = call(differentiated(program.function, program.wrt), program)
    return agree(found, optimised(program))


def agree(found: Call, with_all: Call) -> bool:
    """Equal values and effects, and gradients that are equal up to rounding?"""
    (value, gradient), (expected, expected_gradient) = found.result, with_all.result
    return (
        identical(value, expected)
        and identical(found.arguments, with_all.arguments)
        and found.printed == with_all.printed
        and all(
            is_rounding(ours, theirs)
            for ours, theirs in zip(leaves(gradient), leaves(expected_gradient), strict=True)
        )
    )


@pytest.mark.slow
@pytest.mark.parametrize("place", range(len(EVERYTHING)), ids=EVERYTHING)
def test_the_corpus_gives_the_same_without_an_optimisation(place: int):
    """Each program without one of them, each of them by a share of the programs."""
    without = frozenset({EVERYTHING[place]})
    share = PROGRAMS[place :: len(EVERYTHING)]
    assert [program.title for program in share if not is_the_same(program, without)] == []


@pytest.mark.slow
@pytest.mark.parametrize("first", range(4))
def test_the_corpus_gives_the_same_in_blocks(first: int):
    assert [p.title for p in PROGRAMS[first::8] if not is_the_same_in_blocks(p)] == []


def test_what_another_path_returns_is_not_there_on_this_one():
    """Its adjoint would be None, which only `simplify_branches` removes from the sums."""
    returning = [p for p in PROGRAMS if "three_sizes_by_early_returns" in p.title]
    assert all(is_the_same(program, frozenset({"simplify_branches"})) for program in returning)


@pytest.mark.parametrize("program", PROGRAMS[::24], ids=lambda p: p.title)
def test_a_program_gives_the_same_without_any_optimisation(program: Program):
    assert is_the_same(program, frozenset(EVERYTHING))


@pytest.mark.slow
def test_the_corpus_gives_the_same_without_any_optimisation():
    without = frozenset(EVERYTHING)
    assert [program.title for program in PROGRAMS[::4] if not is_the_same(program, without)] == []


@pytest.mark.slow
@in_turn
def test_random_programs_are_right_without_an_optimisation(without: frozenset[str]):
    first = 100_000 + RANDOM_PROGRAMS * sorted(EVERYTHING).index(min(without))
    wrong = {}
    for seed in range(first, first + RANDOM_PROGRAMS):
        program = write_program(random.Random(seed).randrange)
        outcome = examine(program, partial(differentiated, without=without), aspects=())
        if outcome.verdict is Verdict.WRONG:
            wrong[seed] = outcome.detail
    assert not wrong


@pytest.mark.slow
@pytest.mark.parametrize("name", EVERYTHING)
def test_each_optimisation_changes_some_program(name: str):
    """That which changes nothing would be checked by nothing here."""

    def source(program: Program, *without: str) -> str:
        gradient = differentiated(program.function, program.wrt, frozenset(without))
        return gradient.lower(*program.arguments).source

    with tiny_blocks() if name == "block_elementwise" else contextlib.nullcontext():
        assert any(source(program) != source(program, name) for program in PROGRAMS)


def test_what_the_backend_counts_on_is_no_optimisation():
    assert not set(PASSES) & {needed.__name__ for needed in NEEDED_PASSES}


def test_graphs_are_well_formed_without_any_pass():
    graph = parse_graph("graph f(x: f64[n]) {\n  y = sum x : f64[]\n  return y\n}")
    assert verify(optimise(reverse(graph, (0,)), PASSES))


def test_nothing_is_left_out_unless_asked_for():
    assert value_and_grad(lambda x: x * x).request.without == frozenset()
