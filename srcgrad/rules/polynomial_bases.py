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
from numpy.polynomial.polyutils import trimseq

from srcgrad.errors import UnsupportedError
from srcgrad.graph import ArrayType, Assumptions, Dim, ScalarType, Shape, Type, add_dims, rank_of
from srcgrad.rules.broadcasting import unbroadcast
from srcgrad.rules.composites import composite
from srcgrad.rules.creation import make
from srcgrad.rules.registry import constant, defjvp, defshape, defvjp, linear, named, primitive_for
from srcgrad.rules.shapes import array_shape, as_dim, broadcast_shapes, dtype_of, inexact_dtype
from srcgrad.rules.symbols import Symbol, apply, call


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
    add: Callable[..., Any]
    sub: Callable[..., Any]
    mul: Callable[..., Any]
    div: Callable[..., Any]
    gauss: Callable[..., Any] | None = None


_PREFIXES = {
    polynomial: "poly",
    chebyshev: "cheb",
    hermite: "herm",
    hermite_e: "herme",
    laguerre: "lag",
    legendre: "leg",
}
_PARTS = ("val", "der", "int", "vander", "roots", "fit", "add", "sub", "mul", "div")


def _part(module: Any, name: str) -> Any:
    return getattr(module, name, None)  # Powers have no quadrature.


BASES = [
    Basis(
        module.__name__,
        *(_part(module, prefix + part) for part in (*_PARTS, "gauss")),
    )
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


def _identity(c: Any, axis: int = 0) -> Any:
    return make(c, np.eye, c.shape[axis])


def _define(basis: Basis) -> None:
    for part in _PARTS:
        function = getattr(basis, part)
        primitive_for(function, f"{function.__module__}.{function.__name__}")
    for define in (_define_val, _define_der, _define_int, _define_vander, _define_roots):
        define(basis)
    _define_fit(basis)
    _define_sum(basis.add, 1.0)
    _define_sum(basis.sub, -1.0)
    if basis.gauss is not None:  # The product of powers is a convolution, and read as source.
        _define_product(basis)


def _define_val(basis: Basis) -> None:
    @defshape(basis.val, operands=("x", "c"))
    def val_shape(sizes: Assumptions, x: Type, c: Type, tensor: bool = True) -> Type:
        points, series = array_shape(x), array_shape(c)
        if points is None or series is None:
            raise UnsupportedError("the number of dimensions of points and series must be known")
        more = series[1:]
        shape = more + points if tensor else broadcast_shapes(sizes, more, points)
        return ArrayType(inexact_dtype(x, c), shape)

    @defvjp(basis.val)
    def val_vjp(g, y, x, c, tensor=True):
        """Several series stand in the further axes of `c`, which come first in the result."""
        d_c = _by_coefficients(g, x, c, tensor) if isinstance(c, Symbol) else None
        if not isinstance(x, Symbol):
            return None, d_c
        d_x = g * _slope(x, c, tensor)
        more = _rank(c) - 1
        if more > 0 and tensor:
            d_x = call(np.sum, d_x, axis=tuple(range(more)) if more > 1 else 0)
        return d_x if tensor else unbroadcast(d_x, x), d_c

    def _by_coefficients(g: Any, x: Any, c: Any, tensor: bool) -> Any:
        values = call(basis.vander, x, deg=_degree_of(c))
        more, points = _rank(c) - 1, _rank(x)
        if more <= 0:
            return by_coefficients(g, values)
        values = values if points else values[0]
        if tensor:
            axes = (tuple(range(points)), tuple(range(more, more + points)))
            return call(np.tensordot, values, g, axes=axes)
        aligned = call(np.moveaxis, values, -1, 0)
        missing = tuple(range(1, 1 + g.ndim - points))
        aligned = call(np.expand_dims, aligned, missing) if missing else aligned
        return unbroadcast(aligned * g, c)

    def _slope(x: Any, c: Any, tensor: bool) -> Any:
        options = {} if tensor else {"tensor": False}
        return call(basis.val, x, call(basis.der, c), **options)

    @defjvp(basis.val)
    def val_jvp(x_dot, c_dot, y, x, c, tensor=True):
        options = {} if tensor else {"tensor": False}
        by_x = None if x_dot is None else x_dot * _slope(x, c, tensor)
        by_c = None if c_dot is None else call(basis.val, x, c_dot, **options)
        return by_c if by_x is None else by_x if by_c is None else by_x + by_c


def _rank(value: Any) -> int:
    return value.ndim if isinstance(value, Symbol) and isinstance(value.type, ArrayType) else 0


def _define_der(basis: Basis) -> None:
    @defshape(basis.der, operands=("c",))
    def der_shape(sizes: Assumptions, c: Type, m: int = 1, scl: float = 1, axis: int = 0) -> Type:
        _require_known(scl=scl)
        shape = array_shape(c)
        if shape is None:
            return ArrayType(inexact_dtype(c), None)
        return ArrayType(inexact_dtype(c), _changed(shape, axis, -m))

    @defvjp(basis.der)
    def der_vjp(g, y, c, m=1, scl=1, axis=0):
        """The derivatives of the basis are the columns of a matrix."""
        return (_through(g, call(basis.der, _identity(c, axis), m=m, scl=scl), axis),)

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
    def int_vjp(g, y, c, m=1, k=(), lbnd=0, scl=1, axis=0):
        return (_through(g, call(basis.int, _identity(c, axis), m=m, lbnd=lbnd, scl=scl), axis),)

    @defjvp(basis.int)
    def int_jvp(c_dot, y, c, m=1, k=(), lbnd=0, scl=1, axis=0):
        return call(basis.int, c_dot, m=m, lbnd=lbnd, scl=scl, axis=axis)


def _through(g: Any, matrix: Any, axis: int) -> Any:
    """The cotangent of coefficients along an axis, on which the matrix acts."""
    if g.ndim == 1:
        return g @ matrix
    moved = call(np.tensordot, matrix, g, axes=((0,), (axis,)))
    return moved if axis == 0 else call(np.moveaxis, moved, 0, axis)


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


def _define_sum(function: Callable[..., Any], sign: float) -> None:
    """The sum or difference of two series, without the zeros at its end."""

    @defshape(function)
    def sum_shape(sizes: Assumptions, c1: Type, c2: Type) -> Type:
        for c in (c1, c2):
            if array_shape(c) != ():
                series_length(c, sizes)
        return ArrayType(inexact_dtype(c1, c2), (None,))

    @defvjp(function)
    def sum_vjp(g, y, c1, c2):
        return _resized(g, c1), _resized(g if sign > 0 else -g, c2)

    @defjvp(function)
    def sum_jvp(c1_dot, c2_dot, y, c1, c2):
        if c1_dot is None:
            return _resized(c2_dot if sign > 0 else -c2_dot, y)
        if c2_dot is None:
            return _resized(c1_dot, y)
        c2_dot = _resized(c2_dot, y)
        return _resized(c1_dot, y) + (c2_dot if sign > 0 else -c2_dot)


def _define_product(basis: Basis) -> None:
    """The product of two series, by its values at the points of a quadrature with weights w.

    The basis is orthogonal there: y_k = sum(w f_k a b) / sum(w f_k f_k) for functions f_k of it.
    """
    gauss, mul = basis.gauss, basis.mul
    assert gauss is not None
    primitive_for(gauss, f"{gauss.__module__}.{gauss.__name__}")

    @defshape(gauss, operands=())
    def gauss_shape(sizes: Assumptions, deg: Any) -> tuple[Type, Type]:
        points = ArrayType(np.dtype(float), (as_dim(deg),))
        return points, points

    constant(gauss)

    @defshape(mul)
    def mul_shape(sizes: Assumptions, c1: Type, c2: Type) -> Type:
        series_length(c1, sizes)
        series_length(c2, sizes)
        return ArrayType(inexact_dtype(c1, c2), (None,))

    def quadrature(c1: Any, c2: Any) -> tuple[Any, Any, Any]:
        like = c1 if isinstance(c1, Symbol) else c2
        count = c1.shape[0] + c2.shape[0] - 1
        points, weights = _quadrature(like, gauss, count)
        return points, weights, call(basis.vander, points, deg=count - 1)

    @defvjp(mul)
    def mul_vjp(g, y, c1, c2):
        points, weights, values = quadrature(c1, c2)
        whole = make(g, np.zeros, values.shape[0], dtype=g.dtype)
        whole = call("index_set", whole, g, index=slice(None, y.shape[0]))
        by_points = weights * (values @ (whole / (weights @ (values * values))))
        return tuple(
            (by_points * call(basis.val, points, other)) @ values[:, : c.shape[0]]
            for c, other in ((c1, c2), (c2, c1))
        )

    @defjvp(mul)
    def mul_jvp(c1_dot, c2_dot, y, c1, c2):
        points, weights, values = quadrature(c1, c2)
        terms = [
            call(basis.val, points, dot) * call(basis.val, points, other)
            for dot, other in ((c1_dot, c2), (c2_dot, c1))
            if dot is not None
        ]
        total = terms[0] if len(terms) == 1 else terms[0] + terms[1]
        moved = ((weights * total) @ values) / (weights @ (values * values))
        return moved[: y.shape[0]]


def _quadrature(like: Symbol, gauss: Callable[..., Any], count: Any) -> tuple[Any, Any]:
    """Points and weights, made in the graph also where their number is known."""
    made = apply(like.builder, primitive_for(gauss), (), {"deg": count})
    points, weights = (Symbol(like.builder, value) for value in made)
    return points, weights


def _resized(series: Any, like: Any) -> Any:
    """As many coefficients as `like` has: the first ones, and zeros for others."""
    if not isinstance(like, Symbol):
        return None
    if _rank(like) == 0:
        return series[0]
    series = series if _rank(series) else call(np.expand_dims, series, 0)
    start = slice(None, like.shape[0])
    zeros = call(np.zeros_like, like)
    return call("index_set", zeros, series[start], index=slice(None, series.shape[0]))


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


# Series without the zeros at their ends


@defshape(named("numpy.polynomial.polyutils.trimseq", trimseq))
def trimseq_shape(sizes: Assumptions, seq: Type) -> Type:
    series_length(seq, sizes)
    return ArrayType(dtype_of(seq), (None,))


@defvjp(trimseq)
def trimseq_vjp(g, y, seq):
    return (call("index_set", call(np.zeros_like, seq), g, index=slice(None, y.shape[0])),)


@defjvp(trimseq)
def trimseq_jvp(seq_dot, y, seq):
    return seq_dot[: y.shape[0]]
