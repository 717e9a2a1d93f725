"""Programs of the corpus at second order, in both ways, against differences of the gradient.

A fixed share of them, chosen by name; `make second-order` takes all.  What a mode cannot do is
refused with an error of srcgrad's own.
"""

from __future__ import annotations

import contextlib
import copy
import functools
import io
import os
import warnings
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import srcgrad
from tests.corpus.program import PROGRAMS, Program
from tests.corpus.test_corpus import calls_itself, direction, first_call, slope

SHARE = int(os.environ.get("SECOND_ORDER_SHARE", "4"))
STEP = 1e-3
WITHOUT_SECOND_DERIVATIVE = {"writing_calls.multiply_at_and_divide_at"}
SETTLED = 1e-2  # Where two steps differ by more, there is a kink near and no second derivative.


def is_differentiable_along(program: Program) -> bool:
    """Are there tangents for its arguments?  For instances of classes there are none here."""
    return all(tangent is not None for tangent in tangents_of(program, 7))


def tangents_of(program: Program, seed: int) -> tuple[Any, ...]:
    return tuple(direction(program.arguments[place], [seed, place]) for place in program.wrt)


SAMPLE = [
    program
    for program in PROGRAMS
    if zlib.crc32(program.title.encode()) % SHARE == 0 and is_differentiable_along(program)
]
in_the_sample = pytest.mark.parametrize("program", SAMPLE, ids=lambda p: p.title)


def moved(argument: Any, tangent: Any, step: float) -> Any:
    """The argument, `step` along its tangent."""
    if tangent is None:
        return argument
    if isinstance(argument, dict):
        return {key: moved(item, tangent[key], step) for key, item in argument.items()}
    if isinstance(argument, (list, tuple)):
        items = [moved(a, t, step) for a, t in zip(argument, tangent, strict=True)]
        return type(argument)(*items) if hasattr(argument, "_fields") else type(argument)(items)
    result = argument + step * tangent
    if isinstance(argument, (np.ndarray, np.generic)):
        return result.astype(argument.dtype)
    return type(argument)(result)


def conjugate(tree: Any) -> Any:
    """Cotangents of the pullback are transposed; directions, gradients and probes are not."""
    if tree is None:
        return None
    if isinstance(tree, dict):
        return {key: conjugate(item) for key, item in tree.items()}
    if isinstance(tree, (list, tuple)):
        items = map(conjugate, tree)
        return type(tree)(*items) if hasattr(tree, "_fields") else type(tree)(items)
    return tree.conjugate()


def silently(function: Callable[..., Any], arguments: Sequence[Any]) -> Any:
    with contextlib.redirect_stdout(io.StringIO()), np.errstate(all="ignore"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return function(*copy.deepcopy(list(arguments)))


@dataclass(frozen=True)
class Curvature:
    """How the gradient, seen through a probe, changes along a direction; and how far that is off."""

    value: float
    error: float

    def agrees_with(self, found: float, tolerance: float) -> bool:
        if not self.error <= SETTLED * (1.0 + abs(self.value)):
            return True  # as far as differences can tell
        room = max(1e-4, 100 * tolerance) * (1.0 + abs(self.value))
        return abs(found - self.value) <= room + 20 * self.error


@functools.cache
def curvature(program: Program) -> Curvature:
    gradient = srcgrad.grad(program.function, wrt=program.wrt)
    along, probe = tangents_of(program, 7), tangents_of(program, 8)

    def at(step: float) -> float:
        arguments = list(program.arguments)
        for place, tangent in zip(program.wrt, along, strict=True):
            arguments[place] = moved(arguments[place], tangent, step)
        return seen_through(probe, silently(gradient, arguments))

    def difference(step: float) -> float:
        return (8 * (at(step) - at(-step)) - (at(2 * step) - at(-2 * step))) / (12 * step)

    coarse, fine = difference(STEP), difference(STEP / 2)
    return Curvature(fine, abs(fine - coarse))


def seen_through(probe: Sequence[Any], gradient: Sequence[Any]) -> float:
    return sum(slope(g, p) for g, p in zip(gradient, probe, strict=True))


@pytest.mark.slow
@in_the_sample
def test_forward_over_reverse_agrees_with_differences_of_the_gradient(program: Program):
    product = srcgrad.hvp(program.function, wrt=program.wrt)
    arguments = (*program.arguments, tangents_of(program, 7))
    try:
        found = silently(product, arguments)
    except srcgrad.MissingRuleError:
        first_call(program)
        assert calls_itself(program) or program.title in WITHOUT_SECOND_DERIVATIVE
        return
    ours = seen_through(tangents_of(program, 8), found)
    assert curvature(program).agrees_with(ours, program.tolerance), (ours, curvature(program))


@pytest.mark.slow
@in_the_sample
def test_reverse_over_reverse_agrees_with_differences_or_is_refused(program: Program):
    gradient = srcgrad.grad(program.function, wrt=program.wrt)
    try:
        _, pullback = silently(srcgrad.vjp(gradient, wrt=program.wrt), program.arguments)
    except srcgrad.InternalError:
        raise
    except srcgrad.SrcgradError:
        return
    found = conjugate(pullback(conjugate(tangents_of(program, 8))))
    ours = seen_through(tangents_of(program, 7), found)
    assert curvature(program).agrees_with(ours, program.tolerance), (ours, curvature(program))
