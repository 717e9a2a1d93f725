"""Random programs: whatever Python computes, and central differences of it, is what comes out.

A program is drawn as a tree of statements over a few variables, numbers or arrays, written as
Python source, and run three ways.  Every function used is smooth and bounded, and conditions stay
away from equality, so that differences are meaningful.
"""

from __future__ import annotations

import copy
import linecache
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import assume, given, note, settings
from hypothesis import strategies as st

import srcgrad
from tests.differences import STENCIL, STEP

NAMES = ("x", "y", "a", "b", "c")
ARGUMENTS = ("x", "y")
EXAMPLES = settings.default.max_examples // 3
MARGIN = 0.05  # conditions nearer to equality than this make differences unreliable


# Drawing programs


@st.composite
def expressions(draw: Any, names: tuple[str, ...], depth: int = 2) -> str:
    if depth == 0 or draw(st.integers(0, 3)) == 0:
        return draw(st.sampled_from([*names, *names, "0.5", "2.0", "-1.5", "1", "3"]))
    inner = expressions(names, depth - 1)
    form = draw(
        st.sampled_from(
            [
                "{0} + {1}",
                "{0} - {1}",
                "{0} * {1}",
                "np.sin({0})",
                "np.tanh({0})",
                "{0} / (1.5 + np.cos({1}))",
                "-({0})",
                "({0}) ** 2",
                "np.where({2} > 0, {0}, {1})",
                "np.logaddexp({0}, {1})",
                "({0} if {2} > 0 else {1})",
                "np.exp(-({0}) ** 2)",
            ]
        )
    )
    condition = (
        f"gap({draw(st.sampled_from(names))}, {draw(st.sampled_from(['0.3', '-0.7', '0']))})"
    )
    # Array conditions cannot choose whole values.
    if " if " in form:
        condition = f"np.sum({condition})"
    return "(" + form.format(draw(inner), draw(inner), condition) + ")"


@st.composite
def statements(draw: Any, names: tuple[str, ...], depth: int, in_loop: bool) -> list[str]:
    lines: list[str] = []
    for _ in range(draw(st.integers(1, 3))):
        lines += draw(statement(names, depth, in_loop))
    return lines


@st.composite
def statement(draw: Any, names: tuple[str, ...], depth: int, in_loop: bool) -> list[str]:
    kinds = ["assign", "assign", "swap", "augment"]
    if depth:
        kinds += ["if", "if else", "for", "while", "early"]
    if in_loop:
        kinds += ["break", "continue"]
    kind = draw(st.sampled_from(kinds))
    value = draw(expressions(names))
    name, other = draw(st.sampled_from(names)), draw(st.sampled_from(names))
    test = f"np.sum(gap({other}, {draw(st.sampled_from(['0.2', '-0.4', '1']))})) > 0"
    if kind == "assign":
        return [f"{name} = {value}"]
    if kind == "swap":
        return [f"{name}, {other} = {other}, {value}"]
    if kind == "augment":
        return [f"{name} = {name} * 0.5", f"{name} += {value}"]
    if kind == "break" or kind == "continue":
        return [f"if {test}:", f"    {kind}"]
    if kind == "early":
        return [f"if {test}:", f"    return np.sum({value})"]
    body = ["    " + line for line in draw(statements(names, depth - 1, in_loop or kind in LOOPS))]
    if kind == "if":
        return [f"if {test}:", *body]
    if kind == "if else":
        orelse = ["    " + line for line in draw(statements(names, depth - 1, in_loop))]
        return [f"if {test}:", *body, "else:", *orelse]
    calm = [f"    {name} = np.tanh({name})" for name in names]
    if kind == "for":
        return [f"for i in range({draw(st.sampled_from(['n', '3', 'n - 1', '0']))}):", *calm, *body]
    k = f"k{depth}"
    return [f"{k} = 0", f"while {k} < n:", f"    {k} = {k} + 1", *calm, *body]


LOOPS = ("for", "while")


@st.composite
def programs(draw: Any) -> str:
    lines = ["a, b, c = x * y, x - y, 0.5"]
    lines += draw(statements(NAMES, 2, False))
    result = draw(expressions(NAMES))
    lines.append(f"return np.sum({result} + a * b + c)")
    return "def program(x, y, n):\n" + "".join(f"    {line}\n" for line in lines)


class TooClose(Exception):
    """A condition is too near to equality for differences."""


def gap(value: Any, threshold: float) -> Any:
    return value - threshold


def watched_gap(value: Any, threshold: float) -> Any:
    """The same, in plain execution: gives up where differences would not be meaningful."""
    distance = value - threshold
    if np.any(np.abs(distance) < MARGIN) or abs(np.sum(distance)) < MARGIN:
        raise TooClose
    return distance


def compiled(source: str, gap: Callable[..., Any]) -> Callable[..., Any]:
    filename = f"<random program {hash(source)}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
    namespace: dict[str, Any] = {"np": np, "gap": gap}
    exec(compile(source, filename, "exec"), namespace)
    return namespace["program"]


# Checking them


def differences(function: Callable[..., Any], arguments: tuple, directions: tuple) -> float:
    total = 0.0
    for steps, weight in STENCIL:
        moved = [
            argument + steps * STEP * 0.1 * direction
            for argument, direction in zip(arguments, directions)
        ]
        total += weight * float(function(*moved, *arguments[len(directions) :]))
    return total / (STEP * 0.1)


def check(source: str, x: Any, y: Any, n: int) -> None:
    note(source)
    watched, function = compiled(source, watched_gap), compiled(source, gap)
    arguments = (x, y, n)
    directions = (np.cos(np.arange(1.0, 1.0 + np.size(x))).reshape(np.shape(x)), -0.7)
    directions = tuple(d if np.ndim(d) else float(d) for d in directions)
    try:
        plain = watched(*copy.deepcopy(arguments))
        expected = differences(watched, arguments, directions)
    except TooClose:
        assume(False)
    assume(np.isfinite(expected) and abs(expected) < 1e4)
    given = copy.deepcopy(arguments)
    # That a result does not depend on an argument is no fault of a random program.
    gradient = srcgrad.value_and_grad(function, wrt=(0, 1))
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", srcgrad.NoGradientWarning)
        # A refusal is no wrong number; which programs are refused is for other tests to say.
        assume(is_supported(gradient, given))
        value, found = gradient(*given)
        again, found_again = gradient(*given)
    assert np.asarray(value).tobytes() == np.asarray(plain).tobytes()
    assert np.array_equal(value, again)
    for ours, repeated, argument, original in zip(found, found_again, arguments, given):
        assert np.shape(ours) == np.shape(argument)
        assert np.array_equal(ours, repeated)
        assert np.array_equal(argument, original)
    slope = sum(float(np.sum(g * d)) for g, d in zip(found, directions))
    np.testing.assert_allclose(slope, expected, rtol=1e-5, atol=1e-6)


def is_supported(gradient: srcgrad.Differentiated, arguments: tuple[Any, ...]) -> bool:
    try:
        gradient.lower(*arguments)
    except srcgrad.UnsupportedError:
        return False
    return True


numbers = st.floats(-1.5, 1.5).map(lambda v: round(v, 3))


@given(programs(), numbers, numbers, st.integers(0, 4))
@settings(max_examples=EXAMPLES)
def test_programs_of_numbers(source: str, x: float, y: float, n: int):
    check(source, x, y, n)


@given(programs(), st.lists(numbers, min_size=3, max_size=3), numbers, st.integers(0, 4))
@settings(max_examples=EXAMPLES)
def test_programs_of_arrays(source: str, x: list[float], y: float, n: int):
    check(source, np.array(x), y, n)
