"""The eight programs of tests/cases/programs.case against differences, and against JAX."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from srcgrad import value_and_grad
from tests.cases import Case, last_function, read_cases
from tests.differences import gradients, leaves

CASES = read_cases(Path(__file__).parent / "cases" / "programs.case")
in_every_program = pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)


def prepared(case: Case) -> tuple[Any, list[Any], tuple[int, ...]]:
    """The program, its arguments, and the places of those that are not integers."""
    namespace = case.namespace()
    arguments = list(case.arguments(namespace).values())
    places = tuple(at for at, item in enumerate(arguments) if is_real(item))
    return last_function(case, namespace), arguments, places


def is_real(argument: Any) -> bool:
    kinds = [np.asarray(leaf).dtype.kind for leaf in leaves(argument)]
    return all(kind == "f" for kind in kinds)


@in_every_program
def test_the_gradients_of_a_program_are_its_differences(case: Case) -> None:
    function, arguments, places = prepared(case)
    value, found = value_and_grad(function, wrt=places)(*arguments)
    assert value == function(*arguments)
    for mine, theirs in zip(found, gradients(function, arguments, places), strict=True):
        for a, b in zip(leaves(mine), leaves(theirs), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-8)


@pytest.mark.slow
@in_every_program
def test_the_gradients_of_a_program_are_those_of_jax(case: Case) -> None:
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    function, arguments, places = prepared(case)
    namespace = {"np": jax.numpy, "math": math}
    exec(case.source, namespace)
    in_jax = namespace[function.__name__]
    as_jax = jax.tree_util.tree_map(jax.numpy.asarray, tuple(arguments))
    as_jax = tuple(a if at in places else b for at, (a, b) in enumerate(zip(as_jax, arguments)))
    expected = jax.grad(in_jax, argnums=places)(*as_jax)
    _, found = value_and_grad(function, wrt=places)(*arguments)
    for mine, theirs in zip(found, expected, strict=True):
        # JAX walks dicts in the order of their keys, so both sides go through its own walk.
        pairs = zip(*map(jax.tree_util.tree_leaves, (mine, theirs)), strict=True)
        for a, b in pairs:
            np.testing.assert_allclose(a, np.asarray(b), rtol=1e-9, atol=1e-12)


@in_every_program
def test_the_emitted_source_is_the_same_whenever_it_is_made(case: Case) -> None:
    function, arguments, places = prepared(case)
    sources = {value_and_grad(function, wrt=places).lower(*arguments).source for _ in range(2)}
    assert len(sources) == 1
