"""NumPy's functions that write into an array they are given, as functions of values.

Each gives the next version of its first operand, as stores do (`indexing.py`): the ufuncs with
`where=`, `ufunc.at` where a place may be named repeatedly, `np.fill_diagonal`, and the real and
imaginary parts of complex arrays.  The emitted code calls NumPy's function on the array itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from srcgrad.graph import ArrayType, Assumptions, Type
from srcgrad.rules import arithmetic, elementwise, language  # noqa: F401  (they register the ufuncs)
from srcgrad.rules.broadcasting import unbroadcast
from srcgrad.rules.indexing import indexed_shape, store_shape
from srcgrad.rules.masking import either
from srcgrad.rules.registry import (
    Primitive,
    all_primitives,
    defjvp,
    defshape,
    defvjp,
    named,
    stores,
)
from srcgrad.rules.registry import elementwise as acts_elementwise
from srcgrad.rules.shapes import array_shape, dtype_of
from srcgrad.rules.symbols import Symbol, call

# Ufuncs with `where=`

MASKED = "masked_"


def _define_masked(primitive: Primitive) -> None:
    """`masked_divide(base, condition, a, b)` is `np.divide(a, b, out=base, where=condition)`."""
    ufunc: Any = primitive.function

    @lambda function: named(f"{MASKED}{primitive.name}", function)
    def masked(base: Any, condition: Any, *args: Any) -> Any:
        result = np.array(base)
        ufunc(*args, out=result, where=condition, casting="unsafe")
        return result

    def shape(sizes: Assumptions, base: Type, condition: Type, *args: Type) -> Type:
        return ArrayType(dtype_of(base), array_shape(base))

    defshape(masked, operands=("base", "condition", "*args"))(shape)
    defvjp(masked)(_masked_vjp(primitive))
    acts_elementwise(masked)
    stores(masked)


def _masked_vjp(primitive: Primitive) -> Callable[..., Any]:
    """Where the ufunc wrote, its own rule; elsewhere the cotangent is that of the base."""

    def masked_vjp(g, y, base, condition, *args):
        rest = either(condition, 0.0, g)
        if primitive.vjp is None:
            return rest, None, *(None for _ in args)
        return rest, None, *primitive.vjp(either(condition, g, 0.0), y, *args)

    return masked_vjp


def _has_mask(primitive: Primitive) -> bool:
    function = primitive.function
    return isinstance(function, np.ufunc) and function.signature is None and function.nout == 1


for _primitive in all_primitives():
    if _has_mask(_primitive):
        _define_masked(_primitive)


# `ufunc.at` where places repeat: each occurrence acts, in order

AT = "_at"


def _at(ufunc: np.ufunc) -> Callable[..., Any]:
    @lambda function: named(f"{ufunc.__name__}{AT}", function)
    def act(a: Any, v: Any, index: Any) -> Any:
        result = np.array(a)
        ufunc.at(result, index, v)
        return result

    defshape(act, operands=("a", "v"))(store_shape)
    stores(act)
    return act


multiply_at = _at(np.multiply)
divide_at = _at(np.divide)
maximum_at = _at(np.maximum)
minimum_at = _at(np.minimum)


@lambda function: named("others_at", function)
def others_at(a: Any, v: Any, index: Any) -> Any:
    """For each of the factors `v` the product of `a` and all other factors of its place.

    Also where factors are 0: the product of those that are not, and 0 where another one is 0.
    """
    zero = np.broadcast_to(v == 0, np.shape(a[index]))
    factors = np.where(zero, 1, v)
    count, product = np.zeros(np.shape(a), np.intp), np.array(a)
    np.add.at(count, index, zero)
    np.multiply.at(product, index, factors)
    return np.where(count[index] == zero, product[index] / factors, 0)


@defshape(others_at, operands=("a", "v"))
def others_at_shape(sizes: Assumptions, a: Type, v: Type, index: object) -> Type:
    return ArrayType(dtype_of(a), indexed_shape(sizes, array_shape(a), index))


def _multiply_slope(y: Symbol, a: Symbol, v: Any, index: object) -> Any:
    return call("others_at", a, v, index=index)


def _divide_slope(y: Symbol, a: Symbol, v: Any, index: object) -> Any:
    return -_read(y, index) / v


def _extremum_slope(y: Symbol, a: Symbol, v: Any, index: object) -> Any:
    taken = _taken(y, v, index)
    return call(np.where, taken, _read(_share(y, a, v, index), index), 0.0)


def _taken(y: Symbol, v: Any, index: object) -> Symbol:
    """Which of `v`, in the dtype in which they were stored, are what stands at their places?"""
    if isinstance(v, Symbol) and isinstance(v.type, ArrayType) and v.dtype != y.dtype:
        v = call("cast", v, dtype=y.dtype)
    return call(np.equal, _read(y, index), v)


def _share(y: Symbol, a: Symbol, v: Any, index: object) -> Symbol:
    """Ties share equally, as in `np.max`: the array's element and all that came to the place."""
    kept = call("cast", call(np.equal, a, y), dtype=y.dtype)
    taken = call("cast", _taken(y, v, index), dtype=y.dtype)
    return 1.0 / call("index_add", kept, taken, index=index)


def _define_at(act: Callable[..., Any], slope: Callable[..., Any], through: Any) -> None:
    """The rules of `ufunc.at` from the slope in each `v`, and the way of cotangents of `a`."""

    @defvjp(act)
    def at_vjp(g, y, a, v, index=None):
        d_v = unbroadcast(_read(g, index) * slope(y, a, v, index), v)
        return through(g, y, a, v, index), d_v

    @defjvp(act)
    def at_jvp(a_dot, v_dot, y, a, v, index=None):
        base = call(np.zeros_like, y) if a_dot is None else through(a_dot, y, a, v, index)
        if v_dot is None:
            return base
        return call("index_add", base, v_dot * slope(y, a, v, index), index=index)


def _through_itself(function: Callable[..., Any]) -> Callable[..., Any]:
    """Linear in `a`: its cotangents are multiplied and divided like `a` itself."""

    def through(g: Any, y: Symbol, a: Symbol, v: Any, index: object) -> Any:
        return call(function, g, v, index=index)

    return through


def _to_kept(g: Any, y: Symbol, a: Symbol, v: Any, index: object) -> Any:
    return call(np.where, call(np.equal, a, y), g * _share(y, a, v, index), 0.0)


_define_at(multiply_at, _multiply_slope, _through_itself(multiply_at))
_define_at(divide_at, _divide_slope, _through_itself(divide_at))
_define_at(maximum_at, _extremum_slope, _to_kept)
_define_at(minimum_at, _extremum_slope, _to_kept)


def _read(x: Symbol, index: object) -> Symbol:
    return call("getitem", x, index=index)


# Parts of arrays


@lambda function: named("diagonal_set", function)
def diagonal_set(a: Any, v: Any) -> Any:
    """A copy of the matrix `a` with `v`, a number or a vector, as its diagonal."""
    result = np.array(a)
    np.fill_diagonal(result, v)
    return result


@defshape(diagonal_set)
def diagonal_set_shape(sizes: Assumptions, a: Type, v: Type) -> Type:
    return a


@defvjp(diagonal_set)
def diagonal_set_vjp(g, y, a, v):
    return call("diagonal_set", g, 0.0), unbroadcast(call(np.diagonal, g), v)


@defjvp(diagonal_set)
def diagonal_set_jvp(a_dot, v_dot, y, a, v):
    a_dot = call(np.zeros_like, y) if a_dot is None else a_dot
    return call("diagonal_set", a_dot, 0.0 if v_dot is None else v_dot)


@lambda function: named("real_set", function)
def real_set(a: Any, v: Any) -> Any:
    """A copy of the complex array `a` with `v` as its real part."""
    result = np.array(a)
    result.real = v
    return result


@lambda function: named("imag_set", function)
def imag_set(a: Any, v: Any) -> Any:
    """A copy of the complex array `a` with `v` as its imaginary part."""
    result = np.array(a)
    result.imag = v
    return result


@defshape(real_set, imag_set)
def part_set_shape(sizes: Assumptions, a: Type, v: Type) -> Type:
    return a


@defvjp(real_set)
def real_set_vjp(g, y, a, v):
    """dL = Re(g dv) - Im(g) Im(da), and Re(g' da) is that for g' = i Im(g)."""
    return call("real_set", g, 0.0), unbroadcast(call(np.real, g), v)


@defvjp(imag_set)
def imag_set_vjp(g, y, a, v):
    """dL = Re(g) Re(da) - Im(g) dv."""
    return call("imag_set", g, 0.0), unbroadcast(-call(np.imag, g), v)


@defjvp(real_set)
def real_set_jvp(a_dot, v_dot, y, a, v):
    return _part_jvp("real_set", a_dot, v_dot, y)


@defjvp(imag_set)
def imag_set_jvp(a_dot, v_dot, y, a, v):
    return _part_jvp("imag_set", a_dot, v_dot, y)


def _part_jvp(store: str, a_dot: Any, v_dot: Any, y: Symbol) -> Any:
    a_dot = call(np.zeros_like, y) if a_dot is None else a_dot
    return call(store, a_dot, 0.0 if v_dot is None else v_dot)


stores(diagonal_set, real_set, imag_set)
