"""Series of polynomials: NumPy's manual, "Polynomials", the modules of `numpy.polynomial`.

In every basis the derivative of a sum of basis polynomials is that of the coefficients which the
basis' own `der` gives, and by the coefficients it is the basis' own `vander`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.polynomial import chebyshev, hermite, hermite_e, laguerre, legendre, polynomial

from srcgrad.errors import UnsupportedError
from srcgrad.graph import ArrayType, Assumptions, Dim, ScalarType, Shape, Type, add_dims, rank_of
from srcgrad.rules.composites import composite
from srcgrad.rules.creation import make
from srcgrad.rules.registry import defjvp, defshape, defvjp, linear, primitive_for
from srcgrad.rules.shapes import array_shape, as_dim, inexact_dtype
from srcgrad.rules.symbols import Symbol, call


@dataclass(frozen=True, slots=True)
class Basis:
    """The functions of one module of `numpy.polynomial`."""

    name: str
    val: Callable[..., Any]
    der: Callable[..., Any]
    int: Callable[..., Any]
    vander: Callable[..., Any]
    roots: Callable[..., Any]
    fit: Callable[..., Any]


_PREFIXES = {
    polynomial: "poly",
    chebyshev: "cheb",
    hermite: "herm",
    hermite_e: "herme",
    laguerre: "lag",
    legendre: "leg",
}
_PARTS = ("val", "der", "int", "vander", "roots", "fit")
BASES = [
    Basis(module.__name__, *(getattr(module, prefix + part) for part in _PARTS))
    for module, prefix in _PREFIXES.items()
]


def series_length(c: Type, sizes: Assumptions) -> Dim:
    """How many coefficients there are; only one series at a time is differentiated."""
    shape = array_shape(c)
    if shape is None or len(shape) != 1:
        raise UnsupportedError(
            "coefficients of several polynomials at once are not differentiated",
            remedy="Give the coefficients of one polynomial, a one-dimensional array.",
        )
    return shape[0]


def _at_least_one(dim: Dim) -> Dim:
    return max(dim, 1) if isinstance(dim, int) else dim


def _degree_of(c: Any) -> Any:
    return c.shape[0] - 1


def _identity(c: Any) -> Any:
    return make(c, np.eye, c.shape[0])


def _define(basis: Basis) -> None:
    for function in (basis.val, basis.der, basis.int, basis.vander, basis.roots, basis.fit):
        primitive_for(function, f"{function.__module__}.{function.__name__}")
    for define in (_define_val, _define_der, _define_int, _define_vander, _define_roots):
        define(basis)
    _define_fit(basis)


def _define_val(basis: Basis) -> None:
    @defshape(basis.val, operands=("x", "c"))
    def val_shape(sizes: Assumptions, x: Type, c: Type, tensor: bool = True) -> Type:
        series_length(c, sizes)
        return ArrayType(inexact_dtype(x, c), array_shape(x))

    @defvjp(basis.val)
    def val_vjp(g, y, x, c, tensor=True):
        return g * _slope(x, c), _by_coefficients(g, x, c)

    def _by_coefficients(g: Any, x: Any, c: Any) -> Any:
        if not isinstance(c, Symbol):
            return None
        return by_coefficients(g, call(basis.vander, x, deg=_degree_of(c)))

    def _slope(x: Any, c: Any) -> Any:
        return call(basis.val, x, call(basis.der, c))

    @defjvp(basis.val)
    def val_jvp(x_dot, c_dot, y, x, c, tensor=True):
        by_x = None if x_dot is None else x_dot * _slope(x, c)
        by_c = None if c_dot is None else call(basis.val, x, c_dot)
        return by_c if by_x is None else by_x if by_c is None else by_x + by_c


def _define_der(basis: Basis) -> None:
    @defshape(basis.der, operands=("c",))
    def der_shape(sizes: Assumptions, c: Type, m: int = 1, scl: float = 1, axis: int = 0) -> Type:
        _require_known(scl=scl)
        shape = array_shape(c)
        if shape is None:
            return ArrayType(inexact_dtype(c), None)
        return ArrayType(inexact_dtype(c), _changed(shape, axis, -m))

    @defvjp(basis.der)
    def der_vjp(g, y, c, m=1, scl=1):
        """The derivatives of the basis are the columns of a matrix."""
        return (g @ call(basis.der, _identity(c), m=m, scl=scl),)

    linear(basis.der)


def _define_int(basis: Basis) -> None:
    @defshape(basis.int, operands=("c",))
    def int_shape(
        sizes: Assumptions,
        c: Type,
        m: int = 1,
        k: Any = (),
        lbnd: float = 0,
        scl: float = 1,
        axis: int = 0,
    ) -> Type:
        _require_known(k=k, lbnd=lbnd, scl=scl)
        shape = array_shape(c)
        if shape is None:
            return ArrayType(inexact_dtype(c), None)
        return ArrayType(inexact_dtype(c), _changed(shape, axis, m))

    @defvjp(basis.int)
    def int_vjp(g, y, c, m=1, k=(), lbnd=0, scl=1):
        return (g @ call(basis.int, _identity(c), m=m, lbnd=lbnd, scl=scl),)

    @defjvp(basis.int)
    def int_jvp(c_dot, y, c, m=1, k=(), lbnd=0, scl=1):
        return call(basis.int, c_dot, m=m, lbnd=lbnd, scl=scl)


def _define_vander(basis: Basis) -> None:
    @defshape(basis.vander, operands=("x",))
    def vander_shape(sizes: Assumptions, x: Type, deg: Any) -> Type:
        shape = array_shape(x)
        if shape is None:
            return ArrayType(inexact_dtype(x), None)
        points = shape if shape else (1,)
        return ArrayType(inexact_dtype(x), (*points, add_dims(as_dim(deg), 1)))

    def _vander_slope(y: Any, x: Any, deg: Any) -> Any:
        return call(basis.vander, x, deg=deg - 1) @ call(basis.der, make(x, np.eye, deg + 1))

    @defvjp(basis.vander)
    def vander_vjp(g, y, x, deg=None):
        if isinstance(deg, int) and deg == 0:
            return (None,)
        return (call("reshape_like", call(np.sum, g * _vander_slope(y, x, deg), axis=-1), x),)

    @defjvp(basis.vander)
    def vander_jvp(x_dot, y, x, deg=None):
        if isinstance(deg, int) and deg == 0:
            return None
        slope = _vander_slope(y, x, deg)
        return x_dot * slope if rank_of(x.type) == 0 else x_dot[..., None] * slope


def _define_roots(basis: Basis) -> None:
    @defshape(basis.roots)
    def roots_shape(sizes: Assumptions, c: Type) -> Type:
        series_length(c, sizes)
        return ArrayType(np.result_type(inexact_dtype(c), np.complex64), (None,))

    def _quotients(y: Any, c: Any) -> Any:
        """How a root moves with each coefficient: by the implicit function theorem."""
        steepness = call(basis.val, y, call(basis.der, c))
        return -call(basis.vander, y, deg=_degree_of(c)) / steepness[:, None]

    @defvjp(basis.roots)
    def roots_vjp(g, y, c):
        return (g @ _quotients(y, c),)

    @defjvp(basis.roots)
    def roots_jvp(c_dot, y, c):
        return _quotients(y, c) @ c_dot


def _define_fit(basis: Basis) -> None:
    @composite(basis.fit, operands=("x", "y", "w"), like=_fit_like)
    def fit(x, y, w=None, deg=None, rcond=None, full=False):
        return fitted(call(basis.vander, x, deg=deg), y, w, full)


def _fit_like(
    x: Any, y: Any, deg: Any, rcond: Any = None, full: Any = False, w: Any = None
) -> None:
    """The signature of the functions for fitting."""


def _require_known(**numbers: Any) -> None:
    """Refuse numbers that a rule takes as they are, where only the call knows them."""
    for name, number in numbers.items():
        items = number if isinstance(number, (tuple, list)) else (number,)
        if any(isinstance(item, (ArrayType, ScalarType)) for item in items):
            raise UnsupportedError(
                f"`{name}` of a derivative or integral must be known before the call",
                remedy="Write it as a constant, or scale the coefficients: they have derivatives.",
            )


def by_coefficients(g: Any, values: Any) -> Any:
    """The cotangent of coefficients, by the values of the basis at each point.

    NumPy makes a row of values for a single point too.
    """
    rank = g.ndim if isinstance(g, Symbol) else 0
    return call(np.tensordot, g, values, axes=rank) if rank else g * values[0]


def _changed(shape: Shape, axis: int, by: int) -> Shape:
    """The shape of coefficients of a derivative (`by` < 0) or integral; at least one is left."""
    dims = list(shape)
    dims[axis] = _at_least_one(add_dims(dims[axis], by))
    return tuple(dims)


def fitted(matrix: Any, y: Any, w: Any, full: Any) -> Any:
    """The least squares solution, whose derivative does not depend on how it is found."""
    if full is not False:
        raise UnsupportedError("fits of polynomials are differentiated without `full=True`")
    if w is not None:
        matrix, y = matrix * w[:, None], y * (w if y.ndim == 1 else w[:, None])
    solution, _, _, _ = call(np.linalg.lstsq, matrix, y)
    return solution


for _basis in BASES:
    _define(_basis)
