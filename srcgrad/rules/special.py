"""`scipy.special`: loaded when the first function of it is met, and never before.

The derivatives are those of the Digital Library of Mathematical Functions (dlmf.nist.gov), in a
form that keeps its relative accuracy; a number in a comment is the formula's there.  Each entry of
the tables is `(y, *arguments) -> dy/dx`, one for each argument.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special as sp

from srcgrad.errors import MissingRuleError
from srcgrad.graph import ArrayType, Assumptions, Type
from srcgrad.rules.arithmetic import ufunc_shape_rule
from srcgrad.rules.broadcasting import unbroadcast
from srcgrad.rules.registry import (
    constant,
    defjvp,
    defshape,
    defvjp,
    elementwise,
    primitive_for,
)
from srcgrad.rules.shapes import array_shape, broadcast_shapes, inexact_dtype, reduced_shape
from srcgrad.rules.symbols import Symbol, call

Slope = Callable[..., Any]

_ROOT_PI = math.sqrt(math.pi)
_ROOT_TWO_PI = math.sqrt(2.0 * math.pi)


class _NoFormula:
    """An argument by which a function has no derivative in closed form."""


NONE_KNOWN = _NoFormula()


def _where(condition: Any, a: Any, b: Any) -> Any:
    return call(np.where, condition, a, b)


def _exp(x: Any) -> Any:
    return call(np.exp, x)


def _log(x: Any) -> Any:
    return call(np.log, x)


def _psi(x: Any) -> Any:
    return call(sp.digamma, x)


def _normal_density(x: Any) -> Any:
    return _exp(-0.5 * x * x) / _ROOT_TWO_PI


def _sinhc(x: Any) -> Any:
    """sinh(x) / x."""
    return _where(x == 0, 1.0, call(np.sinh, x) / _where(x == 0, 1.0, x))


# One argument

_OF_ONE: dict[Any, Slope] = {
    sp.gamma: lambda y, x: y * _psi(x),
    sp.gammaln: lambda y, x: _psi(x),
    sp.loggamma: lambda y, x: _psi(x),
    sp.rgamma: lambda y, x: -y * _psi(x),
    sp.digamma: lambda y, x: call(sp.polygamma, 1, x),
    sp.erf: lambda y, x: 2.0 / _ROOT_PI * _exp(-x * x),
    sp.erfc: lambda y, x: -2.0 / _ROOT_PI * _exp(-x * x),
    sp.erfcx: lambda y, x: _beyond(
        x > 50.0,
        x,
        lambda x: 2.0 * (x * y - 1.0 / _ROOT_PI),
        lambda r: -_polynomial(r, (1.0, -1.5, 3.75, -13.125)) * r / _ROOT_PI,
    ),
    sp.erfi: lambda y, x: 2.0 / _ROOT_PI * _exp(x * x),
    sp.erfinv: lambda y, x: 0.5 * _ROOT_PI * _exp(y * y),
    sp.erfcinv: lambda y, x: -0.5 * _ROOT_PI * _exp(y * y),
    sp.dawsn: lambda y, x: _beyond(
        abs(x) > 50.0,
        x,
        lambda x: 1.0 - 2.0 * x * y,
        lambda r: -0.5 * r * _polynomial(r, (1.0, 1.5, 3.75, 13.125)),
    ),
    sp.wofz: lambda y, z: 2j / _ROOT_PI - 2.0 * z * y,
    sp.expit: lambda y, x: y * call(sp.expit, -x),
    sp.log_expit: lambda y, x: call(sp.expit, -x),
    sp.logit: lambda y, x: 1.0 / (x * (1.0 - x)),
    sp.entr: lambda y, x: -_log(x) - 1.0,
    sp.ndtr: lambda y, x: _normal_density(x),
    sp.ndtri: lambda y, x: _ROOT_TWO_PI * _exp(0.5 * y * y),
    sp.log_ndtr: lambda y, x: _exp(-0.5 * x * x - y) / _ROOT_TWO_PI,
    sp.ndtri_exp: lambda y, x: _ROOT_TWO_PI * _exp(x + 0.5 * y * y),
    # Bessel functions: 10.6.1, 10.29.1
    sp.j0: lambda y, x: -call(sp.j1, x),
    sp.j1: lambda y, x: 0.5 * (call(sp.j0, x) - call(sp.jv, 2, x)),
    sp.y0: lambda y, x: -call(sp.y1, x),
    sp.y1: lambda y, x: 0.5 * (call(sp.y0, x) - call(sp.yv, 2, x)),
    sp.i0: lambda y, x: call(sp.i1, x),
    sp.i1: lambda y, x: 0.5 * (call(sp.i0, x) + call(sp.iv, 2, x)),
    sp.i0e: lambda y, x: call(sp.i1e, x) - call(np.sign, x) * y,
    sp.i1e: lambda y, x: 0.5 * (call(sp.i0e, x) + call(sp.ive, 2, x)) - call(np.sign, x) * y,
    sp.k0: lambda y, x: -call(sp.k1, x),
    sp.k1: lambda y, x: -0.5 * (call(sp.k0, x) + call(sp.kv, 2, x)),
    sp.k0e: lambda y, x: y - call(sp.k1e, x),
    sp.k1e: lambda y, x: y - 0.5 * (call(sp.k0e, x) + call(sp.kve, 2, x)),
    # integrals
    sp.exp1: lambda y, x: -_exp(-x) / x,
    sp.expi: lambda y, x: _exp(x) / x,
    sp.spence: lambda y, x: -_where(x == 1, 1.0, _log(x) / _where(x == 1, 1.0, x - 1.0)),
    sp.ellipk: lambda y, m: _near_zero(
        m,
        lambda m: (call(sp.ellipe, m) / (1.0 - m) - y) / (2.0 * m),
        (math.pi / 8.0, 9.0 * math.pi / 64.0, 75.0 * math.pi / 512.0, 1225.0 * math.pi / 8192.0),
    ),
    sp.ellipkm1: lambda y, p: (p * y - call(sp.ellipe, 1.0 - p)) / (2.0 * p * (1.0 - p)),
    sp.ellipe: lambda y, m: _near_zero(
        m,
        lambda m: (y - call(sp.ellipk, m)) / (2.0 * m),
        (-math.pi / 8.0, -3.0 * math.pi / 64.0, -15.0 * math.pi / 512.0, -175.0 * math.pi / 8192.0),
    ),
    # convenience functions
    sp.exprel: lambda y, x: _where(
        abs(x) < 0.02,
        0.5 + x * (1.0 / 3.0 + x * (0.125 + x * (1.0 / 30.0 + x * (1.0 / 144.0 + x / 840.0)))),
        y - (y - 1.0) / _where(abs(x) < 0.02, 1.0, x),
    ),
    sp.expm1: lambda y, x: y + 1.0,
    sp.log1p: lambda y, x: 1.0 / (1.0 + x),
    sp.exp2: lambda y, x: math.log(2.0) * y,
    sp.exp10: lambda y, x: math.log(10.0) * y,
    sp.cbrt: lambda y, x: 1.0 / (3.0 * y * y),
    sp.cosm1: lambda y, x: -call(np.sin, x),
    sp.sindg: lambda y, x: math.pi / 180.0 * call(sp.cosdg, x),
    sp.cosdg: lambda y, x: -math.pi / 180.0 * call(sp.sindg, x),
    sp.tandg: lambda y, x: math.pi / 180.0 * (1.0 + y * y),
    sp.cotdg: lambda y, x: -math.pi / 180.0 * (1.0 + y * y),
    sp.wrightomega: lambda y, z: y / (1.0 + y),
}


def _polynomial(x: Any, coefficients: tuple[float, ...]) -> Any:
    """The sum of c * x**k, by Horner's rule."""
    *lower, result = coefficients
    for c in reversed(lower):
        result = c + x * result
    return result


def _near_zero(x: Any, slope: Slope, series: tuple[float, ...]) -> Any:
    """A slope by its Taylor series where its formula is the difference of nearly equal numbers."""
    near = abs(x) < 1e-4
    return _where(near, _polynomial(x, series), slope(_where(near, 0.5, x)))


def _beyond(far: Any, x: Any, slope: Slope, series: Slope) -> Any:
    """A slope by its series in x**-2 (7.12.1) where its formula cancels."""
    inverse = 1.0 / _where(far, x, 1.0)
    return _where(far, series(inverse * inverse), slope(x))


# Several arguments; orders have none


def _of_order(function: Any, sign: float, also: Slope | None = None) -> tuple[Any, Slope]:
    """Half the sum (or difference) of the functions of the next lower and higher order."""

    def slope(y: Any, v: Any, z: Any) -> Any:
        lower, higher = call(function, v - 1, z), call(function, v + 1, z)
        half = 0.5 * (lower + higher) if sign > 0 else 0.5 * (lower - higher)
        return half if also is None else also(half, y, z)

    return NONE_KNOWN, slope


def _gamma_density(a: Any, x: Any) -> Any:
    return _exp(call(sp.xlogy, a - 1.0, x) - x - call(sp.gammaln, a))


def _beta_density(a: Any, b: Any, x: Any) -> Any:
    powers = call(sp.xlogy, a - 1.0, x) + call(sp.xlog1py, b - 1.0, -x)
    return _exp(powers - call(sp.betaln, a, b))


def _boxcox_by_lambda(y: Any, x: Any, power: Any) -> Any:
    logarithm = _log(x)
    safe = _where(power == 0, 1.0, power)
    slope = ((power * y + 1.0) * logarithm - y) / safe
    return _where(power == 0, 0.5 * logarithm * logarithm, slope)


def _inv_boxcox_by_lambda(x: Any, y: Any, power: Any) -> Any:
    safe = _where(power == 0, 1.0, power)
    base = 1.0 + power * y
    slope = x * (y / (safe * base) - call(np.log1p, power * y) / (safe * safe))
    return _where(power == 0, -0.5 * y * y * x, slope)


def _root(phi: Any, m: Any) -> Any:
    return call(np.sqrt, 1.0 - m * call(np.sin, phi) ** 2)


def _ellipkinc_by_m(y: Any, phi: Any, m: Any) -> Any:
    """19.4.5."""
    first = call(sp.ellipeinc, phi, m) / (2.0 * m * (1.0 - m)) - y / (2.0 * m)
    return first - call(np.sin, 2.0 * phi) / (4.0 * (1.0 - m) * _root(phi, m))


def _bent(delta: Any, r: Any) -> Any:
    return call(np.sqrt, 1.0 + (r / delta) ** 2)


_OF_SEVERAL: dict[Any, tuple[Any, ...]] = {
    sp.beta: (
        lambda y, a, b: y * (_psi(a) - _psi(a + b)),
        lambda y, a, b: y * (_psi(b) - _psi(a + b)),
    ),
    sp.betaln: (lambda y, a, b: _psi(a) - _psi(a + b), lambda y, a, b: _psi(b) - _psi(a + b)),
    sp.binom: (
        lambda y, n, k: y * (_psi(n + 1.0) - _psi(n - k + 1.0)),
        lambda y, n, k: y * (_psi(n - k + 1.0) - _psi(k + 1.0)),
    ),
    sp.poch: (
        lambda y, z, m: y * (_psi(z + m) - _psi(z)),
        lambda y, z, m: y * _psi(z + m),
    ),
    sp.xlogy: (
        lambda y, a, b: _log(b),
        lambda y, a, b: call("divide_where_nonzero", a, b),
    ),
    sp.xlog1py: (
        lambda y, a, b: call(np.log1p, b),
        lambda y, a, b: call("divide_where_nonzero", a, 1.0 + b),
    ),
    sp.rel_entr: (lambda y, a, b: _log(a / b) + 1.0, lambda y, a, b: -a / b),
    sp.kl_div: (lambda y, a, b: _log(a / b), lambda y, a, b: 1.0 - a / b),
    sp.huber: (
        lambda y, d, r: call(np.maximum, abs(r) - d, 0.0),
        lambda y, d, r: call(np.clip, r, -d, d),
    ),
    sp.pseudo_huber: (
        lambda y, d, r: 2.0 * y / d - (r / d) * r / _bent(d, r),
        lambda y, d, r: r / _bent(d, r),
    ),
    sp.jv: _of_order(sp.jv, -1),
    sp.yv: _of_order(sp.yv, -1),
    sp.yn: _of_order(sp.yv, -1),
    sp.iv: _of_order(sp.iv, 1),
    sp.kv: _of_order(sp.kv, 1, lambda half, y, z: -half),
    sp.kn: _of_order(sp.kv, 1, lambda half, y, z: -half),
    sp.ive: _of_order(sp.ive, 1, lambda half, y, z: half - call(np.sign, z) * y),
    sp.kve: _of_order(sp.kve, 1, lambda half, y, z: y - half),
    sp.hankel1: _of_order(sp.hankel1, -1),
    sp.hankel2: _of_order(sp.hankel2, -1),
    sp.expn: (NONE_KNOWN, lambda y, n, x: -call(sp.expn, n - 1, x)),
    sp.hyp0f1: (NONE_KNOWN, lambda y, v, z: call(sp.hyp0f1, v + 1.0, z) / v),
    sp.hyp1f1: (
        NONE_KNOWN,
        NONE_KNOWN,
        lambda y, a, b, x: a / b * call(sp.hyp1f1, a + 1.0, b + 1.0, x),
    ),
    sp.hyp2f1: (
        NONE_KNOWN,
        NONE_KNOWN,
        NONE_KNOWN,
        lambda y, a, b, c, z: a * b / c * call(sp.hyp2f1, a + 1.0, b + 1.0, c + 1.0, z),
    ),
    sp.hyperu: (
        NONE_KNOWN,
        NONE_KNOWN,
        lambda y, a, b, x: -a * call(sp.hyperu, a + 1.0, b + 1.0, x),
    ),
    sp.gammainc: (NONE_KNOWN, lambda y, a, x: _gamma_density(a, x)),
    sp.gammaincc: (NONE_KNOWN, lambda y, a, x: -_gamma_density(a, x)),
    sp.gammaincinv: (NONE_KNOWN, lambda y, a, p: 1.0 / _gamma_density(a, y)),
    sp.gammainccinv: (NONE_KNOWN, lambda y, a, p: -1.0 / _gamma_density(a, y)),
    sp.betainc: (NONE_KNOWN, NONE_KNOWN, lambda y, a, b, x: _beta_density(a, b, x)),
    sp.betaincinv: (NONE_KNOWN, NONE_KNOWN, lambda y, a, b, p: 1.0 / _beta_density(a, b, y)),
    sp.boxcox: (lambda y, x, p: x ** (p - 1.0), _boxcox_by_lambda),
    sp.boxcox1p: (
        lambda y, x, p: (1.0 + x) ** (p - 1.0),
        lambda y, x, p: _boxcox_by_lambda(y, 1.0 + x, p),
    ),
    sp.inv_boxcox: (lambda x, y, p: x ** (1.0 - p), _inv_boxcox_by_lambda),
    sp.inv_boxcox1p: (
        lambda x, y, p: (1.0 + x) ** (1.0 - p),
        lambda x, y, p: _inv_boxcox_by_lambda(1.0 + x, y, p),
    ),
    sp.ellipkinc: (lambda y, phi, m: 1.0 / _root(phi, m), _ellipkinc_by_m),
    sp.ellipeinc: (
        lambda y, phi, m: _root(phi, m),
        lambda y, phi, m: (y - call(sp.ellipkinc, phi, m)) / (2.0 * m),
    ),
    # orthogonal polynomials: 18.9.15 ff.
    sp.eval_chebyt: (NONE_KNOWN, lambda y, n, x: n * call(sp.eval_chebyu, n - 1, x)),
    sp.eval_chebyu: (NONE_KNOWN, lambda y, n, x: 2.0 * call(sp.eval_gegenbauer, n - 1, 2.0, x)),
    sp.eval_legendre: (NONE_KNOWN, lambda y, n, x: call(sp.eval_gegenbauer, n - 1, 1.5, x)),
    sp.eval_hermite: (NONE_KNOWN, lambda y, n, x: 2 * n * call(sp.eval_hermite, n - 1, x)),
    sp.eval_hermitenorm: (NONE_KNOWN, lambda y, n, x: n * call(sp.eval_hermitenorm, n - 1, x)),
    sp.eval_laguerre: (NONE_KNOWN, lambda y, n, x: -call(sp.eval_genlaguerre, n - 1, 1.0, x)),
    sp.eval_genlaguerre: (
        NONE_KNOWN,
        NONE_KNOWN,
        lambda y, n, a, x: -call(sp.eval_genlaguerre, n - 1, a + 1.0, x),
    ),
    sp.eval_gegenbauer: (
        NONE_KNOWN,
        NONE_KNOWN,
        lambda y, n, a, x: 2.0 * a * call(sp.eval_gegenbauer, n - 1, a + 1.0, x),
    ),
    sp.eval_jacobi: (
        NONE_KNOWN,
        NONE_KNOWN,
        NONE_KNOWN,
        lambda y, n, a, b, x: (
            0.5 * (n + a + b + 1.0) * call(sp.eval_jacobi, n - 1, a + 1.0, b + 1.0, x)
        ),
    ),
}
for _name, _slopes in {
    "betaincc": (NONE_KNOWN, NONE_KNOWN, lambda y, a, b, x: -_beta_density(a, b, x)),
    "softplus": (lambda y, x: call(sp.expit, x),),
}.items():
    if isinstance(getattr(sp, _name, None), np.ufunc):  # newer than the oldest SciPy
        _OF_SEVERAL[getattr(sp, _name)] = _slopes

_SEVERAL_RESULTS: dict[Any, tuple[Slope, ...]] = {
    sp.sici: (lambda y, x: call(np.sinc, x / math.pi), lambda y, x: call(np.cos, x) / x),
    sp.shichi: (lambda y, x: _sinhc(x), lambda y, x: call(np.cosh, x) / x),
    sp.fresnel: (
        lambda y, x: call(np.sin, 0.5 * math.pi * x * x),
        lambda y, x: call(np.cos, 0.5 * math.pi * x * x),
    ),
    sp.airy: (
        lambda y, z: y[1],
        lambda y, z: z * y[0],
        lambda y, z: y[3],
        lambda y, z: z * y[2],
    ),
}


def name_of(function: Any) -> str:
    return f"scipy.special.{function.__name__}"


def _no_formula(function: Any) -> MissingRuleError:
    name = name_of(function)
    return MissingRuleError(
        f"`{name}` has no derivative in closed form by this argument",
        construct=name,
        remedy="Pass the argument as a constant, or wrap it in `stop_gradient(...)`.",
    )


def _define(function: Any, slopes: tuple[Any, ...]) -> None:
    primitive_for(function, name_of(function))
    ufunc_shape_rule(function)

    def special_vjp(g: Any, y: Any, *arguments: Any, **_options: Any) -> list[Any]:
        contributions: list[Any] = []
        for slope, argument in zip(slopes, arguments):
            if not isinstance(argument, Symbol):
                contributions.append(None)
            elif isinstance(slope, _NoFormula):
                contributions.append(_no_formula(function))
            else:
                contributions.append(g * slope(y, *arguments))
        return contributions

    defvjp(function)(special_vjp)


def _define_several(function: Any, slopes: tuple[Slope, ...]) -> None:
    primitive_for(function, name_of(function))
    ufunc_shape_rule(function)

    def special_vjp(g: Any, y: Any, x: Any) -> tuple[Any]:
        total = None
        for cotangent, slope in zip(g, slopes):
            if cotangent is not None:
                term = cotangent * slope(y, x)
                total = term if total is None else total + term
        return (total,)

    def special_jvp(x_dot: Any, y: Any, x: Any) -> tuple[Any, ...]:
        return tuple(x_dot * slope(y, x) for slope in slopes)

    defvjp(function)(special_vjp)
    defjvp(function)(special_jvp)


for _function, _slope in _OF_ONE.items():
    _define(_function, (_slope,))
for _function, _slopes in _OF_SEVERAL.items():
    _define(_function, _slopes)
for _function, _slopes in _SEVERAL_RESULTS.items():
    _define_several(_function, _slopes)
for _function in (sp.gammasgn, sp.round):
    primitive_for(_function, name_of(_function))
    ufunc_shape_rule(_function)
    constant(_function)


# Functions that are written in Python

for _function in (sp.polygamma, sp.zeta, sp.lambertw, sp.logsumexp, sp.softmax, sp.log_softmax):
    primitive_for(_function, name_of(_function))


@defshape(sp.polygamma)
def polygamma_shape(sizes: Assumptions, n: Type, x: Type) -> Type:
    shape = broadcast_shapes(sizes, array_shape(n), array_shape(x))
    return ArrayType(np.dtype(float), shape)


@defvjp(sp.polygamma)
def polygamma_vjp(g, y, n, x):
    by_order = _no_formula(sp.polygamma) if isinstance(n, Symbol) else None
    return by_order, g * call(sp.polygamma, n + 1, x)


elementwise(sp.polygamma)


@defshape(sp.zeta, operands=("x", "q"))
def zeta_shape(sizes: Assumptions, x: Type, q: Type | None = None) -> Type:
    given = [x] if q is None else [x, q]
    return ArrayType(inexact_dtype(*given), broadcast_shapes(sizes, *map(array_shape, given)))


@defvjp(sp.zeta)
def zeta_vjp(g, y, x, q):
    """25.11.17; by x there is no formula."""
    by_x = _no_formula(sp.zeta) if isinstance(x, Symbol) else None
    return by_x, None if q is None else -g * x * call(sp.zeta, x + 1.0, q)


elementwise(sp.zeta)


@defshape(sp.lambertw, operands=("z",))
def lambertw_shape(sizes: Assumptions, z: Type, k: Any = 0, tol: Any = 1e-8) -> Type:
    return ArrayType(np.dtype(complex), array_shape(z))


@defvjp(sp.lambertw)
def lambertw_vjp(g, y, z, k=0, tol=1e-8):
    """4.13.4, finite at 0."""
    return (g * _exp(-y) / (1.0 + y),)


elementwise(sp.lambertw)


def _logsumexp_like(a: Any, axis: Any = None, b: Any = None, keepdims: bool = False) -> None:
    """The signature of `scipy.special.logsumexp`, as far as it is differentiated."""


@defshape(sp.logsumexp, operands=("a", "b"), like=_logsumexp_like)
def logsumexp_shape(
    sizes: Assumptions, a: Type, b: Type | None = None, axis: Any = None, keepdims: bool = False
) -> Type:
    given = [a] if b is None else [a, b]
    shape = broadcast_shapes(sizes, *map(array_shape, given))
    return ArrayType(inexact_dtype(*given), reduced_shape(shape, axis, keepdims))


def _weights(y: Any, a: Any, axis: Any, keepdims: bool) -> Any:
    """exp(a - y); where all is -inf, 0."""
    if axis is not None and not keepdims:
        y = call(np.expand_dims, y, axis)
    return _exp(a - _where(call(np.isfinite, y), y, 0.0))


@defvjp(sp.logsumexp)
def logsumexp_vjp(g, y, a, b, axis=None, keepdims=False):
    weights = _weights(y, a, axis, keepdims)
    if axis is not None and not keepdims:
        g = call(np.expand_dims, g, axis)
    if b is None:
        return g * weights, None
    return unbroadcast(g * b * weights, a), unbroadcast(g * weights, b)


@defjvp(sp.logsumexp)
def logsumexp_jvp(a_dot, b_dot, y, a, b, axis=None, keepdims=False):
    weights = _weights(y, a, axis, keepdims)
    total = None if a_dot is None else (a_dot if b is None else b * a_dot)
    if b_dot is not None:
        total = b_dot if total is None else total + b_dot
    return call(np.sum, total * weights, axis=axis, keepdims=keepdims)


@defshape(sp.softmax, sp.log_softmax, operands=("x",))
def softmax_shape(sizes: Assumptions, x: Type, axis: Any = None) -> Type:
    return ArrayType(inexact_dtype(x), array_shape(x))


def _total(x: Any, axis: Any) -> Any:
    return call(np.sum, x, axis=axis, keepdims=True)


@defvjp(sp.softmax)
def softmax_vjp(g, y, x, axis=None):
    return (y * (g - _total(g * y, axis)),)


@defjvp(sp.softmax)
def softmax_jvp(x_dot, y, x, axis=None):
    return y * (x_dot - _total(x_dot * y, axis))


@defvjp(sp.log_softmax)
def log_softmax_vjp(g, y, x, axis=None):
    return (g - _exp(y) * _total(g, axis),)


@defjvp(sp.log_softmax)
def log_softmax_jvp(x_dot, y, x, axis=None):
    return x_dot - _total(_exp(y) * x_dot, axis)
