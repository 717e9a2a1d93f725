"""The algebraic identities that `simplify` knows, one line each.

`exact` identities keep every bit of the result; they may change the user's own computation as far
as Python numbers go (for arrays they would return an operand itself where NumPy makes a copy).  The
others round differently or in another order, and are for derived nodes only.  `once` identities pay
off only where the inner results are not needed anyway, `equal_shapes` ones only where no array is
smaller than another: a factor is best multiplied into the smallest.

Never here: `0 * x`, `x - x`, `x / x` (shape, NaN and infinity get lost).
"""

from __future__ import annotations

from dataclasses import dataclass

from srcgrad.transforms.patterns import (
    Apply,
    Pattern,
    Variable,
    apply_pattern,
    is_array,
    is_mask,
    is_negative_number,
    is_number,
    is_scalar,
)


@dataclass(frozen=True, slots=True)
class Identity:
    name: str
    left: Apply
    right: Pattern
    exact: bool = False
    once: bool = False
    shape_safe: bool = False
    equal_shapes: bool = False


def _identity(
    name: str,
    left: Pattern,
    right: Pattern,
    *,
    exact: bool = False,
    once: bool = False,
    shape_safe: bool = False,
    equal_shapes: bool = False,
) -> Identity:
    assert isinstance(left, Apply)
    return Identity(name, left, right, exact, once, shape_safe, equal_shapes)


x = Variable("x", lambda value: True)
y = Variable("y", lambda value: True)
z = Variable("z", lambda value: True)
array = Variable("array", is_array)
other = Variable("other", is_array)
mask = Variable("mask", is_mask)
s = Variable("s", is_scalar)
t = Variable("t", is_scalar)
minus_x = -x
number = Variable("number", is_number)
factor = Variable("factor", is_number)
negative = Variable("negative", is_negative_number)


def _either(condition: Pattern, then: Pattern | float, otherwise: Pattern | float) -> Pattern:
    return apply_pattern("where", condition, then, otherwise)


def _chosen(condition: Pattern, then: Pattern) -> Pattern:
    return _either(condition, then, 0.0)


def _opposite(condition: Pattern) -> Pattern:
    return apply_pattern("invert", condition)


def _with_parameters(operation: str, *operands: Pattern) -> Pattern:
    return apply_pattern(operation, *operands, any_parameters=True)


IDENTITIES = (
    # Neutral elements
    _identity("multiply by one", x * 1.0, x, exact=True, shape_safe=True),
    _identity("divide by one", x / 1.0, x, exact=True, shape_safe=True),
    _identity("power one", x**1.0, x, exact=True, shape_safe=True),
    _identity("subtract zero", x - 0.0, x, exact=True, shape_safe=True),
    _identity("add zero", x + 0.0, x, shape_safe=True),
    _identity("subtract from zero", 0.0 - x, -x, shape_safe=True),
    _identity("add zeros", x + _with_parameters("zeros_like", y), x),
    # Conversions that change nothing: the engine compares the types
    _identity("cast to the same type", _with_parameters("cast", x), x, shape_safe=True),
    _identity("float of a float", apply_pattern("builtins.float", x), x),
    _identity("complex of a complex", apply_pattern("builtins.complex", x), x),
    _identity("real part of a real", apply_pattern("real", x), x, shape_safe=True),
    _identity(
        "real part of a converted real", apply_pattern("real", _with_parameters("cast", x)), x
    ),
    _identity("broadcast to the same shape", apply_pattern("broadcast_like", x, y), x),
    _identity("sum to the same shape", apply_pattern("sum_like", x, y), x),
    _identity("reshape to the same shape", apply_pattern("reshape_like", x, y), x),
    _identity(
        "transpose twice",
        apply_pattern("transpose", apply_pattern("transpose", x)),
        x,
        shape_safe=True,
    ),
    # What a mask chooses on one side and its opposite on the other
    _identity(
        "choose once",
        _chosen(mask, x) + _chosen(_opposite(mask), y),
        _either(mask, x, y),
        once=True,
        shape_safe=True,
    ),
    _identity(
        "choose once",
        _chosen(mask, x) + _either(mask, 0.0, y),
        _either(mask, x, y),
        once=True,
        shape_safe=True,
    ),
    _identity(
        "choose once",
        _chosen(mask, x) - _chosen(_opposite(mask), y),
        _either(mask, x, -y),
        once=True,
        shape_safe=True,
    ),
    # Signs
    _identity("negate twice", -minus_x, x, exact=True, shape_safe=True),
    _identity("add the negative", x + (-y), x - y, shape_safe=True),
    _identity("subtract the negative", x - (-y), x + y, shape_safe=True),
    _identity(
        "add a negative multiple", x + negative * y, x - (-negative) * y, once=True, shape_safe=True
    ),
    _identity(
        "subtract a negative multiple",
        x - negative * y,
        x + (-negative) * y,
        once=True,
        shape_safe=True,
    ),
    _identity(
        "add a negative quotient",
        x + (negative / s) * y,
        x - ((-negative) / s) * y,
        once=True,
        shape_safe=True,
    ),
    _identity(
        "add a negative quotient",
        x + ((negative / s) * y) * z,
        x - (((-negative) / s) * y) * z,
        once=True,
        shape_safe=True,
    ),
    _identity("negate a difference", -(x - y), y - x, once=True, shape_safe=True),
    _identity("negate a multiple", -(number * x), (-number) * x, once=True, shape_safe=True),
    _identity("negate a quotient", -(number / x), (-number) / x, once=True, shape_safe=True),
    _identity("pull the sign out of a product", (-x) * y, -(x * y), once=True, shape_safe=True),
    _identity("pull the sign out of a numerator", (-x) / y, -(x / y), once=True, shape_safe=True),
    _identity("pull the sign out of a denominator", x / (-y), -(x / y), once=True, shape_safe=True),
    _identity(
        "pull the sign out of a matrix product", (-x) @ y, -(x @ y), once=True, shape_safe=True
    ),
    _identity(
        "pull the sign out of a matrix product", x @ (-y), -(x @ y), once=True, shape_safe=True
    ),
    # Numbers known now
    _identity(
        "gather two numbers",
        number * (factor * x),
        (number * factor) * x,
        once=True,
        shape_safe=True,
    ),
    _identity(
        "gather two numbers",
        number * (factor / x),
        (number * factor) / x,
        once=True,
        shape_safe=True,
    ),
    _identity(
        "gather two numbers",
        (number * x) / factor,
        (number / factor) * x,
        once=True,
        shape_safe=True,
    ),
    _identity(
        "pull a number out of a product",
        x * (number * y),
        number * (x * y),
        once=True,
        shape_safe=True,
        equal_shapes=True,
    ),
    _identity(
        "pull a number out of a numerator",
        (number * x) / y,
        number * (x / y),
        once=True,
        shape_safe=True,
        equal_shapes=True,
    ),
    _identity("multiply by an inverse", x * (1.0 / s), x / s, once=True, shape_safe=True),
    _identity(
        "multiply by a negative inverse", x * (-1.0 / s), -(x / s), once=True, shape_safe=True
    ),
    _identity(
        "gather two numbers",
        number * ((x * (factor / s)) * y),
        (x * ((number * factor) / s)) * y,
        once=True,
        shape_safe=True,
    ),
    _identity(
        "gather two numbers",
        number * (x * (factor * s)),
        x * ((number * factor) * s),
        once=True,
        shape_safe=True,
    ),
    _identity(
        "gather two terms", (x + number) + factor, x + (number + factor), once=True, shape_safe=True
    ),
    _identity(
        "add the number last",
        (x + number) + y,
        (x + y) + number,
        once=True,
        shape_safe=True,
        equal_shapes=True,
    ),
    _identity("add twice", (x + y) + y, x + 2.0 * y, once=True, shape_safe=True),
    _identity("subtract twice", (x - y) - y, x - 2.0 * y, once=True, shape_safe=True),
    _identity("double", x + x, 2.0 * x, shape_safe=True),
    _identity("gather multiples", number * x + x, (number + 1.0) * x, once=True, shape_safe=True),
    _identity(
        "gather multiples",
        number * x + factor * x,
        (number + factor) * x,
        once=True,
        shape_safe=True,
    ),
    _identity(
        "gather a common scalar",
        s * array + s * other,
        (array + other) * s,
        once=True,
        shape_safe=True,
    ),
    _identity(
        "gather a common scalar",
        s * array - s * other,
        (array - other) * s,
        once=True,
        shape_safe=True,
    ),
    _identity(
        "gather a common divisor",
        array / s - other / s,
        (array - other) / s,
        once=True,
        shape_safe=True,
    ),
    _identity(
        "gather a common divisor",
        array / s + other / s,
        (array + other) / s,
        once=True,
        shape_safe=True,
    ),
    # Scalar factors of arrays are gathered in one scalar product
    _identity("gather scalars", s * (t * array), array * (s * t), once=True, shape_safe=True),
    _identity("gather scalars", s * (array / t), array * (s / t), once=True, shape_safe=True),
    _identity("gather scalars", (s * array) / t, array * (s / t), once=True, shape_safe=True),
    _identity("gather scalars", (array / s) / t, array / (s * t), once=True, shape_safe=True),
    _identity(
        "pull a scalar out of a product",
        (s * array) * other,
        (array * other) * s,
        once=True,
        shape_safe=True,
        equal_shapes=True,
    ),
    _identity(
        "pull a divisor out of a product",
        (array / s) * other,
        (array * other) / s,
        once=True,
        shape_safe=True,
        equal_shapes=True,
    ),
    _identity(
        "pull a scalar out of a numerator",
        (s * array) / other,
        (array / other) * s,
        once=True,
        shape_safe=True,
        equal_shapes=True,
    ),
)
