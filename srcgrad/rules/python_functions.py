"""Functions of `math` and `cmath` without a counterpart among NumPy's ufuncs.

https://docs.python.org/3/library/math.html: number theory, special functions, and the rest.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from srcgrad.graph import BOOL, FLOAT, INT, Assumptions, Type
from srcgrad.rules.masking import product, quotient_or_zero
from srcgrad.rules.python_math import on_python_numbers
from srcgrad.rules.registry import constant, defjvp, defshape, defvjp, elementwise, named
from srcgrad.rules.symbols import call

# Number theory, truth values


def _of_integers(*x: Any) -> None:
    """The signature of functions of some integers."""


_INTEGERS = (math.comb, math.factorial, math.gcd, math.isqrt, math.lcm, math.perm)


@defshape(*_INTEGERS, like=_of_integers)
def integers_shape(sizes: Assumptions, *x: Type) -> Type:
    return INT


def _isclose_like(a: Any, b: Any, *, rel_tol: Any = 1e-09, abs_tol: Any = 0.0) -> None:
    """The signature of `math.isclose`."""


@defshape(math.isclose, cmath.isclose, like=_isclose_like)
def isclose_shape(sizes: Assumptions, a: Type, b: Type, **tolerances: Any) -> Type:
    return BOOL


@defshape(cmath.isfinite, cmath.isinf, cmath.isnan)
def kind_shape(sizes: Assumptions, z: Type, /) -> Type:
    return BOOL


@defshape(math.ulp)
def ulp_shape(sizes: Assumptions, x: Type, /) -> Type:
    return FLOAT


constant(*_INTEGERS, math.isclose, cmath.isclose, cmath.isfinite, cmath.isinf, cmath.isnan)
constant(math.ulp)


# Floating point


@defshape(math.remainder, math.nextafter)
def of_two_shape(sizes: Assumptions, x: Type, y: Type, /) -> Type:
    return FLOAT


@defvjp(math.remainder)
def remainder_vjp(g, y, a, b):
    """a - n b, with the quotient n a whole number, constant almost everywhere."""
    return g, -g * call(round, (a - y) / b)


@defvjp(math.nextafter)
def nextafter_vjp(g, y, a, b):
    return g, None


if hasattr(math, "fma"):  # since Python 3.13

    @defshape(math.fma)
    def fma_shape(sizes: Assumptions, x: Type, y: Type, z: Type, /) -> Type:
        return FLOAT

    @defvjp(math.fma)
    def fma_vjp(g, y, a, b, c):
        return g * b, g * a, g

    elementwise(math.fma)


# Special functions


@lambda function: named("polygamma", function)
def polygamma(order: int, x: float) -> float:
    """The derivative of this order of the digamma function, which has order 0, for a real number.

    By recurrence up to 20, and the asymptotic series from there; by reflection below 0 for order 0.
    Source: Abramowitz and Stegun, 6.3.5, 6.3.18, 6.4.6 and 6.4.11.
    """
    bernoulli = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510)
    if order == 0 and x < 0.0:
        reflected = math.pi / math.tan(math.pi * (x % 1.0))
        return polygamma(0, 1.0 - x) - reflected  # type: ignore[operator]
    total: float = 0.0
    sign = -1.0 if order % 2 == 0 else 1.0
    factorial = math.factorial(order)
    while x < 20.0:
        total += sign * factorial / x ** (order + 1)
        x += 1.0
    if order == 0:
        total += math.log(x) - 0.5 / x
    else:
        total += sign * (math.factorial(order - 1) / x**order + 0.5 * factorial / x ** (order + 1))
    for k, number in enumerate(bernoulli, 1):
        term = number * math.factorial(2 * k + order - 1) / math.factorial(2 * k)
        total += sign * term / x ** (2 * k + order)
    return total


@defshape(polygamma)
def polygamma_shape(sizes: Assumptions, order: Type, x: Type) -> Type:
    return FLOAT


@defvjp(polygamma)
def polygamma_vjp(g, y, order, x):
    return None, product(g, call("polygamma", order + 1, x))


def _special(function: Callable[..., Any]) -> Callable[[Any], Any]:
    def register(rule: Any) -> Any:
        defvjp(function)(on_python_numbers(rule))
        elementwise(function)
        return rule

    return register


@_special(math.lgamma)
def lgamma_vjp(g, y, x):
    return (product(g, call("polygamma", 0, x)),)


@_special(math.gamma)
def gamma_vjp(g, y, x):
    return (product(g, y * call("polygamma", 0, x), unbounded=True),)


# Polar coordinates


@defshape(cmath.phase)
def phase_shape(sizes: Assumptions, z: Type, /) -> Type:
    return FLOAT


@defvjp(cmath.phase)
def phase_vjp(g, y, z):
    """Im(dz / z), taken to be 0 at 0."""
    return (quotient_or_zero(-(g * 1j), z),)


@defjvp(cmath.phase)
def phase_jvp(z_dot, y, z):
    return np.real(quotient_or_zero(-(z_dot * 1j), z))


elementwise(math.remainder, math.nextafter, polygamma)
