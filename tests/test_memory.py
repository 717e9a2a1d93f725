"""Gradients of linear in-place code keep nothing of its steps; others what they overwrite."""

from __future__ import annotations

import numpy as np
import pytest

import srcgrad
from tests.benchmarks.memory import LINEAR, of_shape, peak, peaks


@pytest.mark.parametrize("name", LINEAR)
def test_memory_of_linear_code_does_not_grow_with_the_steps(name: str) -> None:
    few, many = peaks(name, 10, 100)
    assert many < 1.05 * few + 2000


@pytest.mark.parametrize("name", LINEAR)
def test_linear_code_records_nothing(name: str) -> None:
    function, make, wrt = LINEAR[name]
    source = srcgrad.grad(function, wrt=wrt).lower(*make(3)).source
    assert "tape" not in source and "append" not in source


def squared_one_by_one(steps, x):
    for t in range(steps):
        x[t % 10] = x[t % 10] * x[0]
    return np.sum(x)


def test_of_an_array_of_which_an_element_is_overwritten_the_element_is_kept() -> None:
    gradient = srcgrad.grad(squared_one_by_one, wrt=1)
    x = of_shape(4000)
    gradient(2, x.copy())
    few, many = (peak(gradient, steps, x.copy()) for steps in (10, 110))
    assert many - few < 100 * 300
