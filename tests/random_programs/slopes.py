"""The slope of a program along a direction, from plain runs of it, with an estimate of its error.

Central differences at several steps are extrapolated (Ridders, Advances in Engineering Software 4,
1982).  A step counts only if all comparisons of the program come out as they do at the point
itself; the one-sided slopes must agree, or there is a kink and no slope.
"""

from __future__ import annotations

import ast
import copy
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

STEPS = tuple(4e-3 / 2**k for k in range(7))
LEAST_STEPS = 4


@dataclass(frozen=True)
class Slope:
    value: float
    error: float


class _Watching(ast.NodeTransformer):
    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        watch = ast.Name("_watched", ast.Load())
        return ast.copy_location(ast.Call(watch, [node], []), node)


class Watched:
    """The program as it is, which also keeps how its comparisons came out."""

    def __init__(self, source: str) -> None:
        tree = ast.fix_missing_locations(_Watching().visit(ast.parse(source)))
        namespace: dict[str, Any] = {"__name__": "watched", "_watched": self._keep}
        exec(compile(tree, "<watched program>", "exec", dont_inherit=True), namespace)
        self._program: Callable[..., Any] = namespace["program"]
        self.decisions: list[bytes] = []

    def _keep(self, outcome: Any) -> Any:
        self.decisions.append(np.asarray(outcome).tobytes())
        return outcome

    def __call__(self, *arguments: Any) -> float:
        self.decisions = []
        with np.errstate(all="ignore"):
            return float(self._program(*copy.deepcopy(arguments)))


def directions(arguments: Sequence[Any], phase: float = 1.0) -> list[Any]:
    """One fixed direction for each argument, different in every element and for every phase."""
    found: list[Any] = []
    for place, argument in enumerate(arguments):
        size = np.size(argument)
        along = np.cos(phase + place + 1.7 * np.arange(size)).reshape(np.shape(argument))
        if np.iscomplexobj(argument):
            along = along + 1j * np.sin(phase + 2.3 * np.arange(size)).reshape(along.shape)
        found.append(along if np.ndim(along) else float(along))
    return found


def slope(
    source: str,
    arguments: Sequence[Any],
    count: int,
    number: Callable[..., float] | None = None,
) -> Slope | None:
    """The slope in the first `count` arguments together; None where there is none to be found.

    That of the program, or of another `number` that depends on the same arguments.
    """
    watched = Watched(source)
    along = directions(arguments[:count])

    def at(step: float) -> float:
        moved = [a + step * d for a, d in zip(arguments, along)]
        value = watched(*moved, *arguments[count:])
        return value if number is None else number(*moved, *arguments[count:])

    middle = at(0.0)
    decisions = watched.decisions
    central, bends = [], []
    for step in STEPS:
        sides = []
        for sign in (1.0, -1.0):
            sides.append(at(sign * step))
            if watched.decisions != decisions:
                break
        else:
            ahead, behind = sides
            central.append((ahead - behind) / (2 * step))
            bends.append((ahead - 2 * middle + behind) / step)
            continue
        central, bends = [], []
    if len(central) < LEAST_STEPS or not np.all(np.isfinite(central)):
        return None
    # What is left of the difference between the one-sided slopes as the step goes to zero.
    kink = abs(2 * bends[-1] - bends[-2])
    found = _extrapolated(central)
    return found if kink < 1e-5 * (1.0 + abs(found.value)) + 2 * found.error else None


def _extrapolated(central: list[float]) -> Slope:
    best = Slope(central[-1], float("inf"))
    column = central
    factor = 4.0
    while len(column) > 1:
        finer = [(factor * b - a) / (factor - 1) for a, b in itertools.pairwise(column)]
        for new, coarse, fine in zip(finer, column, column[1:]):
            error = max(abs(new - coarse), abs(new - fine))
            if error < best.error:
                best = Slope(new, error)
        column, factor = finer, factor * 4
    return best
