"""Stores through a view that no index describes (`x.T[i] = v`): by the places of its elements."""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.graph import ArrayType, Assumptions, Type, shape_of
from srcgrad.rules.broadcasting import sum_to
from srcgrad.rules.registry import constant, defjvp, defshape, defvjp, linear, named, stores
from srcgrad.rules.shapes import dtype_of
from srcgrad.rules.shaping import ravel_shape
from srcgrad.rules.symbols import Symbol, call


@lambda function: named("positions_like", function)
def positions_like(x: Any) -> Any:
    """For each element of `x` its place in `x.flat`."""
    return np.arange(np.size(x)).reshape(np.shape(x))


@defshape(positions_like)
def positions_like_shape(sizes: Assumptions, x: Type) -> Type:
    return ArrayType(np.dtype(np.intp), shape_of(x))


@lambda function: named("flat_set", function)
def flat_set(a: Any, v: Any, positions: Any) -> Any:
    """A copy of `a` with `v` at the places `positions` of `a.flat`."""
    result = np.array(a)
    result.flat[positions] = np.broadcast_to(v, np.shape(positions))
    return result


@defshape(flat_set)
def flat_set_shape(sizes: Assumptions, a: Type, v: Type, positions: Type) -> Type:
    return a


@lambda function: named("flat_get", function)
def flat_get(a: Any, positions: Any) -> Any:
    """The elements of `a` at the places `positions` of `a.flat`."""
    return np.ravel(a)[positions]


@defshape(flat_get)
def flat_get_shape(sizes: Assumptions, a: Type, positions: Type) -> Type:
    return ArrayType(dtype_of(a), shape_of(positions))


@defvjp(flat_set)
def flat_set_vjp(g, y, a, v, positions):
    taken = call("flat_get", g, positions)
    return (
        call("flat_set", g, 0.0, positions),
        sum_to(taken, v) if isinstance(v, Symbol) else None,
        None,
    )


@defjvp(flat_set)
def flat_set_jvp(a_dot, v_dot, positions_dot, y, a, v, positions):
    a_dot = call(np.zeros_like, y) if a_dot is None else a_dot
    return call("flat_set", a_dot, 0.0 if v_dot is None else v_dot, positions)


@defvjp(flat_get)
def flat_get_vjp(g, y, a, positions):
    return call("flat_set", call(np.zeros_like, a), g, positions), None


@defjvp(flat_get)
def flat_get_jvp(a_dot, positions_dot, y, a, positions):
    return call("flat_get", a_dot, positions)


@lambda function: named("flat", function)
def flat(x: Any) -> Any:
    """The elements that `x.flat` walks."""
    return np.ravel(x)


@defshape(flat)
def flat_shape(sizes: Assumptions, x: Type) -> Type:
    return ravel_shape(sizes, x)


@defvjp(flat)
def flat_vjp(g, y, x):
    return (call("reshape_like", g, x),)


linear(flat)
constant(positions_like)
stores(flat_set)
