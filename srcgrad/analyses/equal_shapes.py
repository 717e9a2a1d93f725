"""Which shapes are the same, always or by what a specialisation assumes already."""

from __future__ import annotations

from srcgrad.graph import (
    ArrayType,
    Assumptions,
    Dim,
    DimExpression,
    ScalarType,
    Shape,
    Value,
    shape_of,
    subtract_dims,
    symbol,
)


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


class UnifiedShapes:
    """Shapes with one symbol for all sizes that are assumed equal already.

    Nothing is said about the shapes of values that are `in_doubt`.
    """

    def __init__(self, sizes: Assumptions, in_doubt: frozenset[Value] = frozenset()) -> None:
        self._in_doubt = in_doubt
        self._first: dict[str, str] = {}
        for (relation, difference), holds in sizes.facts.items():
            if holds and relation == "== 0" and not difference.constant:
                self._unify(difference)

    def _unify(self, difference: DimExpression) -> None:
        names = {coefficient: name for name, coefficient in difference.terms}
        if len(difference.terms) == 2 and set(names) == {1, -1}:
            first, other = sorted(map(self._representative, names.values()))
            if first != other:
                self._first[other] = first

    def _representative(self, name: str) -> str:
        while name in self._first:
            name = self._first[name]
        return name

    def of(self, value: Value) -> Shape | None:
        """The shape of an array or number, where all of it is known."""
        if value in self._in_doubt or not isinstance(value.type, (ArrayType, ScalarType)):
            return None
        shape = shape_of(value.type)
        if shape is None or None in shape:
            return None
        return tuple(self._unified(dim) for dim in shape)

    def _unified(self, dim: Dim) -> Dim:
        if not isinstance(dim, DimExpression) or len(dim.terms) != 1:
            return dim
        ((name, coefficient),) = dim.terms
        if coefficient != 1 or dim.constant:
            return dim
        return symbol(self._representative(name))
