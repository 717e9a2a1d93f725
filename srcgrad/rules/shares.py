"""The share of one summand in a sum of positive numbers: at most 1, and 1 where it is infinite."""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.graph import Assumptions, Type
from srcgrad.rules.masking import divide_shape
from srcgrad.rules.registry import defshape, defvjp, elementwise, named


@lambda function: named("share", function)
def share(part: Any, whole: Any) -> Any:
    """`part / whole`, where `whole` is `part` and a positive number.

    `np.fmin(part / whole, 1.0)`, which passes over the nan of inf / inf.
    """
    return np.fmin(part / whole, 1.0)


@defshape(share)
def share_shape(sizes: Assumptions, part: Type, whole: Type) -> Type:
    return divide_shape(sizes, part, whole)


@defvjp(share)
def share_vjp(g, y, part, whole):
    """As of the quotient, which it is wherever that can be computed."""
    return g / whole, -g * y / whole


elementwise(share)
