"""Gradients of the calls against JAX, where JAX has the function with these arguments.

Every third of them; `make jax` takes all.
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest

import srcgrad
from tests.numpy_calls.calls import CALLS
from tests.numpy_calls.functions import PRELUDE, Call, calls_of, lines_of
from tests.numpy_calls.test_calls import SINGLE, quiet

jax = pytest.importorskip("jax")
jax.config.update("jax_enable_x64", True)

PRELUDE_OF_JAX = PRELUDE.replace("import numpy as np\n", "import jax.numpy as np\n").replace(
    "from numpy import linalg as la\n", "from jax.numpy import linalg as la\n"
)
# JAX makes plain numbers of these, which have no derivative.
WITHOUT_DERIVATIVE_IN_JAX = ("np.arange(", "np.unique", ".item(", "np.intersect1d(")
WRITING = ("o=", "random", ".sort(", ".fill(", "= 0.0")
LINES = [
    line
    for line in lines_of(CALLS)
    if not any(word in line for word in (*WRITING, *WITHOUT_DERIVATIVE_IN_JAX, *SINGLE))
]
SHARE = int(os.environ.get("JAX_SHARE", "3"))
PAIRS = list(zip(calls_of(LINES), calls_of(LINES, PRELUDE_OF_JAX), strict=True))


@pytest.mark.slow
@pytest.mark.parametrize(("call", "theirs"), PAIRS[::SHARE], ids=lambda call: call.text)
def test_gradients_are_those_of_jax(call: Call, theirs: Call) -> None:
    check_against_jax(call, theirs)


@pytest.mark.parametrize(("call", "theirs"), PAIRS[::25], ids=lambda call: call.text)
def test_a_sample_of_gradients_are_those_of_jax(call: Call, theirs: Call) -> None:
    check_against_jax(call, theirs)


def check_against_jax(call: Call, theirs: Call) -> None:
    expected = gradients_by_jax(theirs)
    with quiet():
        mine = srcgrad.grad(call.function, wrt=call.names)(*call.arguments)
    for gradient, other in zip(mine, expected, strict=True):
        np.testing.assert_allclose(gradient, np.conj(other), rtol=1e-9, atol=1e-11)


def gradients_by_jax(call: Call) -> tuple[Any, ...]:
    """The gradients by JAX, whose complex ones are conjugated; skips what JAX does not take."""
    arguments = [jax.numpy.asarray(item) for item in call.arguments]
    places = tuple(range(len(arguments)))
    try:
        with quiet():
            return jax.grad(call.function, argnums=places)(*arguments)
    except Exception as error:
        pytest.skip(f"JAX: {type(error).__name__}")
