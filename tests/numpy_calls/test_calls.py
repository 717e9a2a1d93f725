"""Gradients of calls with each of their arguments, against differences and the complex step."""

from __future__ import annotations

import cmath
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

import srcgrad
from tests.numpy_calls.calls import CALLS, REFUSED, SERIES, calls_of_ufuncs
from tests.numpy_calls.functions import Call, calls_of, lines_of

STEP = 1e-3
TINY = 1e-150
SINGLE = ("float32", "'f4'", "float16", "complex64", "half", "single")
SUPPORTED = calls_of([*lines_of(CALLS), *lines_of(SERIES), *calls_of_ufuncs()])
NOT_SUPPORTED = calls_of(lines_of(REFUSED))


@contextmanager
def quiet() -> Iterator[None]:
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


@pytest.mark.parametrize("call", SUPPORTED, ids=lambda call: call.text)
def test_values_and_gradients(call: Call) -> None:
    with quiet():
        expected = call.function(*call.arguments)
        value, gradients = srcgrad.value_and_grad(call.function, wrt=call.names)(*call.arguments)
        assert value == expected
        for place, gradient in enumerate(gradients):
            check_slope(call, place, gradient)


def check_slope(call: Call, place: int, gradient: Any) -> None:
    """The slope along a direction by the gradient, by differences, and by the complex step."""
    given = call.arguments[place]
    along = direction(given)
    mine = float(np.sum(np.real(np.conj(gradient) * along)))
    slope, error = by_differences(call, place, along)
    single = any(name in call.text for name in SINGLE)
    scale = max(1.0, abs(mine))
    assert mine == pytest.approx(slope, abs=error + (5e-3 if single else 1e-9) * scale)
    exact = None if single or np.iscomplexobj(given) else by_complex_step(call, place, along)
    if exact is not None and exact == pytest.approx(slope, abs=error + 1e-6 * scale):
        assert mine == pytest.approx(exact, abs=1e-11 * scale)


def direction(given: Any) -> Any:
    random = np.random.default_rng(1)
    along = random.normal(size=np.shape(given))
    return along + 1j * random.normal(size=np.shape(given)) if np.iscomplexobj(given) else along


def by_differences(call: Call, place: int, along: Any) -> tuple[float, float]:
    """The slope with an error of the sixth order, and an estimate of that error."""

    def at(step: float) -> float:
        arguments = call.arguments
        moved = arguments[place] + step * along
        arguments[place] = moved if np.ndim(moved) else moved.item()
        return float(call.function(*arguments))

    def slope(step: float) -> float:
        near, far = at(step) - at(-step), at(2.0 * step) - at(-2.0 * step)
        return (8.0 * near - far) / (12.0 * step)

    coarse, fine = slope(STEP), slope(STEP / 2.0)
    limit = (16.0 * fine - coarse) / 15.0
    return limit, 4.0 * abs(limit - fine) + 1e-10 * abs(limit)


def by_complex_step(call: Call, place: int, along: Any) -> float | None:
    """The slope to the last digits, where the function is analytic; None where it takes no complex.

    Whether it is analytic differences must tell.
    """
    arguments = call.arguments
    moved = arguments[place] + 1j * TINY * along
    arguments[place] = moved if np.ndim(moved) else moved.item()
    try:
        return float(np.imag(analytic_total(call.result(*arguments)))) / TINY
    except Exception:
        return None


def analytic_total(result: Any) -> complex:
    """As `total` of the prelude, of real results moved to complex ones."""
    if isinstance(result, (tuple, list)):
        return sum(map(analytic_total, result))
    result = np.asarray(result)
    if result.dtype.kind not in "fc":
        return 0.0
    return complex(sum(cmath.cos(item * 1.3 + 0.2) for item in result.ravel().tolist()))


@pytest.mark.parametrize("call", NOT_SUPPORTED, ids=lambda call: call.text)
def test_what_is_not_supported_is_refused(call: Call) -> None:
    with pytest.raises(srcgrad.SrcgradError) as caught:
        srcgrad.grad(call.function, wrt=call.names)(*call.arguments)
    assert isinstance(caught.value, (srcgrad.UnsupportedError, srcgrad.MissingRuleError))
    assert caught.value.remedy
