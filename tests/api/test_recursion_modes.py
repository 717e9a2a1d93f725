"""Recursion whose depth the data decides: what the modes make of it."""

import numpy as np
import pytest

import srcgrad


def _root(y, a):
    z = 0.5 * (y + a / y)
    return z if abs(z - y) < 1e-12 else _root(z, a)


def cubed_root(a):
    return _root(1.0, a) ** 3


def test_a_pullback():
    value, pullback = srcgrad.vjp(cubed_root)(2.0)
    assert value == cubed_root(2.0)
    assert pullback(2.0)[0] == pytest.approx(2.0 * 1.5 * 2.0**0.5)
    assert pullback(1.0)[0] == pytest.approx(1.5 * 2.0**0.5)


def test_a_pullback_where_an_array_is_kept_is_refused():
    def f(x):
        def go(a):
            return a if a < 0.5 else go(a * 0.5) * x[0]

        return go(x[1])

    with pytest.raises(srcgrad.SrcgradError, match="may change"):
        srcgrad.vjp(f)(np.array([1.5, 3.0]))


SECOND = {
    "hvp": lambda: srcgrad.hvp(cubed_root)(2.0, 1.0),
    "hessian": lambda: srcgrad.hessian(cubed_root)(2.0),
    "grad of grad": lambda: srcgrad.grad(srcgrad.grad(cubed_root))(2.0),
    "jvp": lambda: srcgrad.jvp(cubed_root)((2.0,), (1.0,)),
}


@pytest.mark.parametrize("call", SECOND.values(), ids=SECOND.keys())
def test_forward_and_second_derivatives_are_refused_at_the_call(call):
    with pytest.raises(srcgrad.SrcgradError, match="no forward or second derivative") as caught:
        call()
    assert "_root(1.0, a) ** 3" in str(caught.value)
