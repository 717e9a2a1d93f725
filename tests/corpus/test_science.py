"""Ten programs as found in scientific practice: value, effects and gradient as they stand.

The gradient is compared with differences along a few directions, which is enough: an error in any
part of it shows in every direction.
"""

from __future__ import annotations

import copy
import importlib
import pkgutil
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import srcgrad
from tests.corpus import science
from tests.corpus.test_corpus import identical, kind
from tests.differences import STENCIL, children, is_numeric, leaves, rebuilt

STEP = 1e-4
MODULES = [
    importlib.import_module(f"{science.__name__}.{module.name}")
    for module in pkgutil.iter_modules(science.__path__)
]
in_every_module = pytest.mark.parametrize(
    "module", MODULES, ids=lambda module: module.__name__.rsplit(".", 1)[-1]
)


def direction(tree: Any, generator: np.random.Generator) -> Any:
    """Random numbers in the structure of an argument."""
    items = children(tree)
    if items is not None:
        return rebuilt(tree, [direction(item, generator) for item in items])
    return generator.uniform(-1.0, 1.0, np.shape(tree)) if is_numeric(tree) else None


def moved(tree: Any, by: Any, step: float) -> Any:
    items = children(tree)
    if items is not None:
        steps = children(by)
        assert steps is not None
        return rebuilt(tree, [moved(a, b, step) for a, b in zip(items, steps, strict=True)])
    return tree + step * by if by is not None else tree


def slope(module: ModuleType, directions: dict[int, Any]) -> float:
    total = 0.0
    for steps, weight in STENCIL:
        arguments = list(copy.deepcopy(module.ARGUMENTS))
        for place, along in directions.items():
            arguments[place] = moved(arguments[place], along, steps * STEP)
        total += weight * float(module.FUNCTION(*arguments))
    return total / STEP


@in_every_module
def test_value_effects_and_gradient_are_those_of_the_program(module: ModuleType):
    plainly, given = copy.deepcopy(module.ARGUMENTS), copy.deepcopy(module.ARGUMENTS)
    plain = module.FUNCTION(*plainly)
    value, gradient = srcgrad.value_and_grad(module.FUNCTION, wrt=module.WRT)(*given)
    assert np.asarray(value).tobytes() == np.asarray(plain).tobytes()
    assert identical(list(given), list(plainly))
    assert kind(gradient) == kind(tuple(module.ARGUMENTS[place] for place in module.WRT))
    generator = np.random.default_rng(1)
    for _ in range(3):
        directions = {p: direction(module.ARGUMENTS[p], generator) for p in module.WRT}
        pairs = zip(leaves(gradient), leaves(tuple(directions.values())), strict=True)
        found = sum(float(np.sum(g * d)) for g, d in pairs if d is not None)
        np.testing.assert_allclose(found, slope(module, directions), rtol=1e-6, atol=1e-8)
