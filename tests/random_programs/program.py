"""A random program: its source, and the arguments of two calls."""

from __future__ import annotations

import linecache
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.random_programs.scope import (
    CUBE,
    INTEGER,
    LONG,
    NUMBER,
    SQUARE,
    TURNING,
    VECTOR,
    WIDE,
    Choose,
    Kind,
    Scope,
)
from tests.random_programs.statements import Statements, indented

PREAMBLE = """\
import functools
import math
from dataclasses import dataclass

import numpy as np


@dataclass
class Pair:
    p: object
    q: object


class Cell:
    def __init__(self, h, c):
        self.h = h
        self.c = c
        self.seen = []

    def step(self, value):
        self.h = np.tanh(self.h + value)
        self.seen.append(self.h)
        return self.c * 0.5

    def scale(self, value):
        self.h *= value
        return self

    @property
    def energy(self):
        return np.sum(self.h * self.h) + self.c

    def __call__(self, value):
        return value * self.c + np.sum(self.h)


def blend(a, b, *, rate=0.5, **options):
    a *= rate
    a += b
    return np.sum(a * b)


def power(value, times):
    if times <= 0:
        return value
    return 0.5 * np.sin(power(value, times - 1)) + value


def running(values):
    total = 0.0
    for value in values:
        total = total + np.sum(value)
        yield total


"""
# The last two are integers, which are not differentiated: numbers of trips, indices.
INTEGERS = {"n": INTEGER, "k": INTEGER}
OF_ARRAYS = {"x": VECTOR, "y": LONG, "a": SQUARE, "b": WIDE, "t": CUBE, "s": NUMBER, **INTEGERS}
OF_NUMBERS = {"u": NUMBER, "v": NUMBER, "w": NUMBER, **INTEGERS}
OF_FEW = {"x": VECTOR, "a": SQUARE, "s": NUMBER, **INTEGERS}
LENGTHS = (2, 3, 6)  # Many small programs try more than few large ones.
OF_COMPLEX = {"z": TURNING, "x": VECTOR, "s": NUMBER, **INTEGERS}


@dataclass(frozen=True)
class RandomProgram:
    """`source` defines the function `program` and imports what it needs."""

    source: str
    parameters: tuple[Kind, ...]
    seed: int
    integers: tuple[int, int]

    @property
    def wrt(self) -> tuple[int, ...]:
        return tuple(range(len(self.parameters) - len(INTEGERS)))

    @property
    def function(self) -> Callable[..., Any]:
        return compiled(self.source)

    def arguments(self, call: int = 0, dtype: Any = np.float64) -> tuple[Any, ...]:
        """The arguments of one of several calls of one kind."""
        generator = np.random.default_rng((self.seed, call))
        drawn = [_drawn(kind, generator, dtype) for kind in self.parameters[: -len(INTEGERS)]]
        return (*drawn, *self.integers)


def _drawn(kind: Kind, generator: np.random.Generator, dtype: Any) -> Any:
    if kind.shape is None:
        return float(np.round(generator.uniform(-1.5, 1.5), 3))
    found = generator.uniform(-1.5, 1.5, kind.shape)
    if kind.dtype == "complex":
        found = found + 1j * generator.uniform(-1.5, 1.5, kind.shape)
        dtype = np.result_type(dtype, np.complex64)
    return found.astype(dtype)


def compiled(source: str) -> Callable[..., Any]:
    filename = f"<random program {hash(source)}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
    namespace: dict[str, Any] = {"__name__": "random_program"}
    exec(compile(source, filename, "exec", dont_inherit=True), namespace)
    return namespace["program"]


def write_program(choose: Choose) -> RandomProgram:
    writer = Statements(choose)
    parameters = writer.pick([OF_ARRAYS, OF_ARRAYS, OF_FEW, OF_FEW, OF_NUMBERS, OF_COMPLEX])
    scope = Scope(dict(parameters), frozen=frozenset(INTEGERS))
    lines = writer.block(scope, 2, writer.pick(LENGTHS))
    results = [writer.expression(NUMBER, scope, 1)]
    for name in scope.arrays():
        results.append(
            f"np.sum(np.sin({name}) * np.cos(np.arange({name}.size)).reshape({name}.shape))"
        )
    results += [f"np.sum(np.abs({name}) ** 2 + {name}.imag)" for name in scope.of_kind(TURNING)]
    results += scope.of_kind(NUMBER)
    lines.append(f"return {' + '.join(results)}")
    head = f"def program({', '.join(parameters)}):\n"
    source = PREAMBLE + head + "".join(f"{line}\n" for line in indented(lines))
    integers = (1 + choose(3), choose(3))
    return RandomProgram(source, tuple(parameters.values()), choose(1000), integers)
