"""Central differences, and inner products over arrays, numbers and lists of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from srcgrad.graph import Graph
from tests.interpreter import interpret

STEP = 1e-6


def directions(arguments: Sequence[object], seed: int = 7) -> list[object]:
    """A random direction for each argument, of its kind."""
    generator = np.random.default_rng(seed)
    return [
        generator.normal(size=np.shape(x)).astype(np.asarray(x).dtype)
        if np.shape(x)
        else float(generator.normal())
        for x in arguments
    ]


def moved(point: Sequence[object], wrt: Sequence[int], along: Sequence[object], step: float):
    """The point moved along the directions of the inputs `wrt`."""
    result = list(point)
    for place, direction in zip(wrt, along, strict=True):
        result[place] = np.asarray(point[place], float) + step * np.asarray(direction, float)
        if isinstance(point[place], (float, int)):
            result[place] = float(result[place])
    return result


def slope(
    function: Callable[[Sequence[object]], float],
    point: Sequence[object],
    wrt: Sequence[int],
    along: Sequence[object],
) -> float:
    """The derivative of a function of a point along directions, by central differences."""
    ahead = function(moved(point, wrt, along, STEP))
    behind = function(moved(point, wrt, along, -STEP))
    return (ahead - behind) / (2 * STEP)


def inner(a: object, b: object) -> float:
    if isinstance(a, (list, tuple)):
        return sum(inner(x, y) for x, y in zip(a, b, strict=True))
    return float(np.sum(np.asarray(a, float) * np.asarray(b, float)))


def value_of(graph: Graph) -> Callable[[Sequence[object]], float]:
    return lambda point: float(interpret(graph, point)[0])
