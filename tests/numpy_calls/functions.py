"""Calls written as texts, made into functions of the sample arguments that they name."""

from __future__ import annotations

import ast
import importlib.util
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

_RANDOM = np.random.default_rng(0)
SAMPLES: dict[str, Any] = {
    "s": 0.7,
    "u": _RANDOM.uniform(0.5, 2.0, 5),
    "v": _RANDOM.normal(size=5),
    "w": _RANDOM.normal(size=5) + 1j * _RANDOM.normal(size=5),
    "x": _RANDOM.normal(size=(3, 4)),
    "q": _RANDOM.uniform(0.5, 2.0, (3, 4)),
    "z": _RANDOM.normal(size=(3, 4)) + 1j * _RANDOM.normal(size=(3, 4)),
    "a": _RANDOM.normal(size=(3, 3)) + 2.0 * np.eye(3),
    "t": _RANDOM.normal(size=(2, 3, 4)),
}
"""The arguments by the names that texts give them: `x` is a matrix, `s` a number and so on."""

PRELUDE = """\
import builtins, cmath, functools, math, operator

import numpy as np
from numpy import linalg as la
from numpy.lib.stride_tricks import sliding_window_view
from numpy.polynomial import chebyshev, hermite, hermite_e, laguerre, legendre, polynomial

MASK = np.array([[True, False, True, True], [False, True, True, False], [True, True, False, True]])
ROWS = np.array([0, 2, 1])
PLACES = np.array([[0, 2, 1, 0], [1, 1, 0, 2], [2, 0, 0, 1]])
W3, W4 = np.array([0.5, 1.0, 2.0]), np.array([0.5, 1.0, 2.0, 0.7])
W5 = np.array([0.5, 1.0, 2.0, 0.7, 1.3])


def total(result):
    \"\"\"A number that depends on all numbers of the result, in every one differently.\"\"\"
    if isinstance(result, (tuple, list)):
        found = 0.0
        for item in result:
            found = found + total(item)
        return found
    result = np.asarray(result)
    if result.dtype.kind == "c":
        return total(result.real) + 2.0 * total(result.imag)
    if result.dtype.kind != "f":
        return 0.0
    return np.sum(np.cos(result * 1.3 + 0.2))


"""


@dataclass(frozen=True)
class Call:
    """What a text says, as a function of the samples it names: its result, and a number of it."""

    text: str
    function: Callable[..., Any]
    result: Callable[..., Any]
    names: tuple[str, ...]

    @property
    def arguments(self) -> list[Any]:
        """New copies, for calls that write into their arguments."""
        return [np.copy(SAMPLES[name])[()] for name in self.names]


def lines_of(text: str) -> list[str]:
    lines = [line.strip() for line in text.splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def calls_of(lines: Iterable[str], prelude: str = PRELUDE) -> list[Call]:
    """A function for each line: statements that end with an expression, parted by `;`."""
    lines = list(lines)
    named = [_names_in(line) for line in lines]
    texts = [
        _function(place, line, names)
        for place, (line, names) in enumerate(zip(lines, named, strict=True))
    ]
    module = _loaded(prelude + "\n\n".join(texts))
    return [
        Call(line, getattr(module, f"call_{place}"), getattr(module, f"result_{place}"), names)
        for place, (line, names) in enumerate(zip(lines, named, strict=True))
    ]


def _names_in(line: str) -> tuple[str, ...]:
    nodes = list(ast.walk(ast.parse(line)))
    bound = {node.arg for node in nodes if isinstance(node, ast.arg)}
    read = {node.id for node in nodes if isinstance(node, ast.Name)} - bound
    return tuple(name for name in SAMPLES if name in read)


def _function(place: int, line: str, names: tuple[str, ...]) -> str:
    *statements, expression = (ast.unparse(node) for node in ast.parse(line).body)
    body = "".join(f"    {statement}\n" for statement in statements)
    taken = ", ".join(names)
    return (
        f"def result_{place}({taken}):\n{body}    return {expression}\n\n\n"
        f"def call_{place}({taken}):\n{body}    return total({expression})\n"
    )


def _loaded(source: str) -> Any:
    """A module of this source, from a file, where srcgrad finds its text."""
    folder = Path(tempfile.mkdtemp(prefix="numpy_calls"))
    path = folder / f"numpy_calls_{abs(hash(source))}.py"
    path.write_text(source, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module
