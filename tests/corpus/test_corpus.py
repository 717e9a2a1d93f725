"""Every program of the corpus: values, effects and gradients against plain Python.

What is expected of a gradient function, whatever the program does:
- the value is the program's own, bit for bit, and so is what it prints;
- the arguments are as the program itself leaves them;
- the gradients agree with central differences, and have the structure, shapes and dtypes of the
  arguments;
- they are new arrays, which may be written, and share memory neither with the arguments nor with
  one another.
"""

from __future__ import annotations

import contextlib
import copy
import functools
import importlib
import io
import itertools
import pkgutil
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import srcgrad
from srcgrad.graph import walk
from tests import corpus
from tests.corpus.program import PROGRAMS, REFUSED, Program
from tests.differences import children, differentiable, gradients, is_numeric, leaves, leaves_once

for _module in pkgutil.iter_modules(corpus.__path__):
    if not _module.name.startswith("test_"):
        importlib.import_module(f"{corpus.__name__}.{_module.name}")

in_every_program = pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.title)


@dataclass(frozen=True)
class Call:
    """What one call gave, what it printed, and its arguments as it left them."""

    result: Any
    printed: str
    arguments: list[Any]


def call(function: Any, program: Program) -> Call:
    arguments = copy.deepcopy(list(program.arguments))
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        result = function(*arguments)
    return Call(result, printed.getvalue(), arguments)


@functools.cache
def differentiated(program: Program) -> srcgrad.Differentiated:
    return srcgrad.value_and_grad(program.function, wrt=program.wrt)


@functools.cache
def first_call(program: Program) -> Call:
    return call(differentiated(program), program)


def bits(array: np.ndarray) -> object:
    """What tells two arrays apart; long doubles have bytes that mean nothing."""
    is_padded = array.dtype.char in "gG"
    return [repr(item) for item in array.flat] if is_padded else array.tobytes()


def identical(a: Any, b: Any) -> bool:
    """Are these of the same types and equal, bit for bit?"""
    items = children(a)
    if items is not None:
        others = children(b)
        same_kind = type(a) is type(b) and others is not None and len(items) == len(others)
        return same_kind and all(map(identical, items, others))
    if is_numeric(a) and is_numeric(b):
        # A float64 scalar stands for a float, which it is.
        kinds = {float: np.float64, complex: np.complex128}
        same_kind = kinds.get(type(a), type(a)) is kinds.get(type(b), type(b))
        x, y = np.asarray(a), np.asarray(b)
        return same_kind and (x.dtype, x.shape, bits(x)) == (y.dtype, y.shape, bits(y))
    return type(a) is type(b) and bool(np.all(a == b))


@in_every_program
def test_value_output_and_effects_are_those_of_the_program(program: Program):
    plain, found = call(program.function, program), first_call(program)
    value, expected = np.asarray(found.result[0]), np.asarray(plain.result)
    assert bits(value) == bits(expected)
    assert (value.dtype, value.shape) == (expected.dtype, expected.shape)
    assert found.printed == plain.printed
    assert identical(found.arguments, plain.arguments)


@in_every_program
def test_gradients_agree_with_central_differences(program: Program):
    _, found = first_call(program).result
    with contextlib.redirect_stdout(io.StringIO()):
        expected = gradients(program.function, program.arguments, program.wrt)
    for ours, theirs in zip(leaves(found), leaves(expected), strict=True):
        if theirs is None:
            assert ours is None
            continue
        np.testing.assert_allclose(
            ours, theirs, rtol=program.tolerance, atol=program.tolerance * 1e-1
        )


def kind(tree: Any) -> Any:
    """Types, dtypes and shapes; an int counts as the real number that it stands for.

    As in NumPy, whose operations turn one into the other, a 0-d array is a NumPy scalar.
    """
    items = differentiable(tree)
    if items is not None:
        keys = tuple(tree) if isinstance(tree, dict) else ()
        return type(tree), keys, [kind(item) for item in items]
    if tree is None or not is_numeric(tree):
        return None
    if type(tree) in (int, float):
        return float
    if type(tree) is complex:
        return complex
    return np.generic if np.shape(tree) == () else type(tree), tree.dtype, tree.shape


@in_every_program
def test_gradients_are_new_arrays_of_the_kind_of_the_arguments(program: Program):
    found = first_call(program)
    value, gradient = found.result
    assert kind(gradient) == kind(tuple(program.arguments[place] for place in program.wrt))
    ours = [leaf for leaf in leaves_once(gradient) if isinstance(leaf, np.ndarray)]
    theirs = [leaf for leaf in leaves(found.arguments) if isinstance(leaf, np.ndarray)]
    theirs += [value] if isinstance(value, np.ndarray) else []
    assert all(array.flags.writeable for array in ours)
    assert not any(np.shares_memory(a, b) for a in ours for b in theirs)
    assert not any(np.shares_memory(a, b) for a, b in itertools.combinations(ours, 2))
    # Memory that several elements share, as of a broadcast array, is no array of one's own.
    assert all(array.flags.c_contiguous or _is_dense(array) for array in ours)


def _is_dense(array: np.ndarray) -> bool:
    return not any(
        stride == 0 and size > 1 for stride, size in zip(array.strides, array.shape, strict=True)
    )


@pytest.mark.slow
@in_every_program
def test_a_second_call_gives_the_same_whatever_became_of_the_first_results(program: Program):
    function = differentiated(program)
    before = copy.deepcopy(call(function, program).result)
    for leaf in leaves(call(function, program).result[1]):
        if isinstance(leaf, np.ndarray):
            leaf[...] = 7
    again = call(function, program).result
    assert identical(list(leaves(again)), list(leaves(before)))


@pytest.mark.slow
@in_every_program
def test_grad_gives_the_gradient_of_value_and_grad(program: Program):
    alone = call(srcgrad.grad(program.function, wrt=program.wrt), program)
    _, gradient = first_call(program).result
    for ours, theirs in zip(leaves(alone.result), leaves(gradient), strict=True):
        if theirs is not None:
            is_single = np.asarray(theirs).dtype in (np.float32, np.complex64)
            rounding = np.finfo(np.float32 if is_single else np.float64).eps
            np.testing.assert_allclose(ours, theirs, rtol=1e-9 + 16 * rounding, atol=1e-12)
    assert alone.printed == first_call(program).printed


@pytest.mark.parametrize("program", REFUSED, ids=lambda p: p.title)
def test_programs_beyond_the_present_are_refused(program: Program):
    call(program.function, program)  # Python itself runs it.
    with pytest.raises(srcgrad.SrcgradError) as refusal:
        call(differentiated(program), program)
    assert not isinstance(refusal.value, srcgrad.InternalError)


def test_titles_are_unique():
    titles = [program.title for program in [*PROGRAMS, *REFUSED]]
    assert len(titles) == len(set(titles))


def direction(tree: Any, seed: list[int]) -> Any:
    """A tangent for an argument: of its structure, None for what is no real or complex number."""
    items = children(tree)
    if items is not None and not isinstance(tree, (dict, list, tuple)):
        return None
    if isinstance(tree, dict):
        return {key: direction(item, [*seed, k]) for k, (key, item) in enumerate(tree.items())}
    if items is not None:
        made = [direction(item, [*seed, k]) for k, item in enumerate(tree)]
        return type(tree)(*made) if hasattr(tree, "_fields") else type(tree)(made)
    if np.asarray(tree).dtype.kind not in "fc" or isinstance(tree, str):
        return None
    generator = np.random.default_rng(seed)
    drawn = generator.normal(size=np.shape(tree))
    if np.asarray(tree).dtype.kind == "c":
        drawn = drawn + 1j * generator.normal(size=np.shape(tree))
    kind_of_number = type(tree) if isinstance(tree, (float, complex)) else None
    if kind_of_number in (float, complex):
        return kind_of_number(drawn)
    return (
        np.asarray(drawn).astype(tree.dtype)[()] if np.ndim(tree) == 0 else drawn.astype(tree.dtype)
    )


def slope(gradient: Any, tangent: Any) -> float:
    """What the gradient says of the change along the tangent."""
    if tangent is None or gradient is None:
        return 0.0
    items = children(tangent)
    if items is not None:
        pairs = zip(children(gradient), items, strict=True)  # type: ignore[arg-type]
        return sum(slope(a, b) for a, b in pairs)
    return float(np.sum(np.conj(gradient) * tangent).real)


def calls_itself(program: Program) -> bool:
    """Is there recursion in it whose depth is known only during the call?"""
    graph = differentiated(program).specializations[-1].graph
    return any(node.operation == "call_graph" for node in walk(graph.nodes))


@pytest.mark.slow
@in_every_program
def test_tangents_agree_with_the_gradient(program: Program):
    tangents = tuple(direction(program.arguments[k], [7, k]) for k in program.wrt)
    arguments = copy.deepcopy(program.arguments)
    pushed = srcgrad.jvp(program.function, wrt=program.wrt)
    gradient = first_call(program).result[1]
    if calls_itself(program):
        with pytest.raises(srcgrad.MissingRuleError, match="recursion whose depth is known only"):
            pushed(arguments, tangents)
        return
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        value, tangent = pushed(arguments, tangents)
    expected = sum(slope(g, t) for g, t in zip(gradient, tangents, strict=True))
    exact = 1e-9 if program.tolerance <= 1e-6 else program.tolerance
    assert np.sum(tangent) == pytest.approx(expected, rel=exact, abs=exact)
    assert np.asarray(value).dtype == np.asarray(first_call(program).result[0]).dtype
    assert printed.getvalue() == first_call(program).printed
