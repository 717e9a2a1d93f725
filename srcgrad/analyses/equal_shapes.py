"""Which shapes are the same, always or by what a specialisation assumes already."""

from __future__ import annotations

from srcgrad.graph import Assumptions, Dim, DimExpression, Shape, subtract_dims


def are_assumed_equal(a: Dim, b: Dim, sizes: Assumptions) -> bool:
    """Are two dims equal, by what was assumed before?  Assumes nothing new."""
    if a is None or b is None or a == b:
        return a is not None and a == b
    differences = subtract_dims(a, b), subtract_dims(b, a)
    return any(sizes.facts.get(("== 0", d)) for d in differences if isinstance(d, DimExpression))


def have_shapes_assumed_equal(a: Shape | None, b: Shape | None, sizes: Assumptions) -> bool:
    """Are two shapes equal, by what was assumed before?"""
    if a is None or b is None or len(a) != len(b):
        return False
    return all(are_assumed_equal(x, y, sizes) for x, y in zip(a, b))
