"""Values whose derivatives are said by hand: `scale_gradient`, `straight_through`."""

from __future__ import annotations

from srcgrad.errors import ArgumentError, ShapeError
from srcgrad.graph import Assumptions, Type, carries_derivative, shape_of
from srcgrad.markers import scale_gradient, straight_through
from srcgrad.rules.registry import defjvp, defshape, defvjp, elementwise, named

named("scale_gradient", scale_gradient)
named("straight_through", straight_through)


@defshape(scale_gradient)
def scale_gradient_shape(sizes: Assumptions, x: Type, factor: Type) -> Type:
    if shape_of(factor) != ():
        raise ShapeError("`scale_gradient` takes one factor, a number")
    return x


@defvjp(scale_gradient)
def scale_gradient_vjp(g, y, x, factor):
    return g * factor, None


@defjvp(scale_gradient)
def scale_gradient_jvp(x_dot, factor_dot, y, x, factor):
    return None if x_dot is None else x_dot * factor


@defshape(straight_through)
def straight_through_shape(sizes: Assumptions, value: Type, x: Type) -> Type:
    """The value has the shape of `x`, and is of a kind that has derivatives."""
    if not carries_derivative(value):
        raise ArgumentError(
            "the value of `straight_through` is not made of real numbers: it has no derivative",
            remedy="Convert it: `value.astype(float)`, `float(value)`.",
        )
    have, want = shape_of(value), shape_of(x)
    if have is None or want is None or len(have) != len(want):
        raise ShapeError("`straight_through` takes two of one shape")
    if not all(a == b or sizes.assume_equal(a, b) for a, b in zip(have, want)):
        raise ShapeError("`straight_through` takes two of one shape")
    return value


@defvjp(straight_through)
def straight_through_vjp(g, y, value, x):
    return None, g


@defjvp(straight_through)
def straight_through_jvp(value_dot, x_dot, y, value, x):
    return x_dot


elementwise(scale_gradient, straight_through)
