"""What a specialisation assumes about the sizes of its arguments.

A specialisation is compiled for a first call, whose sizes serve as hints.  Questions such as "is
`n - 2` one?" are answered from the hints, and each answer is remembered: it becomes a guard of the
specialisation.  What nobody asks is not assumed, so that a new batch size needs no compilation.
"""

from __future__ import annotations

from srcgrad.graph.types import Dim, DimExpression, subtract_dims

_FIRST_STAND_IN = 1009
_STAND_IN_STEP = 1013


class Assumptions:
    """The hints for symbols and the facts that were asked for, in the order of asking.

    `facts` maps (relation, dim) to the answer; relations are "== 0", "== 1" and ">= 0".
    A symbol without a hint (in a graph read from text) gets a large stand-in size, so that it
    counts as neither 0 nor 1.  A symbol declared unknown is never assumed anything about.
    """

    def __init__(self, hints: dict[str, int] | None = None, *, stand_ins: bool = False) -> None:
        self.hints: dict[str, int] = dict(hints or {})
        self.facts: dict[tuple[str, DimExpression], bool] = {}
        self._stand_ins = stand_ins

    def hint(self, dim: Dim) -> int | None:
        """The size of `dim` in the first call, or None where it is not known before the call."""
        if dim is None or isinstance(dim, int):
            return dim
        total = dim.constant
        for name, coefficient in dim.terms:
            size = self._symbol_hint(name)
            if size is None:
                return None
            total += coefficient * size
        return total

    def _symbol_hint(self, name: str) -> int | None:
        if name not in self.hints and self._stand_ins:
            self.hints[name] = _FIRST_STAND_IN + _STAND_IN_STEP * len(self.hints)
        return self.hints.get(name)

    def is_one(self, dim: Dim) -> bool | None:
        """Is the dim 1?  None where that is known only during the call."""
        return self._ask("== 1", dim)

    def is_zero(self, dim: Dim) -> bool | None:
        return self._ask("== 0", dim)

    def is_nonnegative(self, dim: Dim) -> bool | None:
        return self._ask(">= 0", dim)

    def assume_equal(self, a: Dim, b: Dim) -> bool:
        """Are two dims equal?  Assumes so where they are so in the first call, else nothing."""
        if a is None or b is None:
            return False
        difference = subtract_dims(a, b)
        return self.hint(difference) == 0 and self.is_zero(difference) is True

    def differ(self, a: Dim, b: Dim) -> bool:
        """Do two sizes differ, always or in the first call?  Assumes nothing: for errors only."""
        if self._stand_ins and not (isinstance(a, int) and isinstance(b, int)):
            return False
        sizes = self.hint(a), self.hint(b)
        return None not in sizes and sizes[0] != sizes[1]

    def _ask(self, relation: str, dim: Dim) -> bool | None:
        if isinstance(dim, int):
            return _holds(relation, dim)
        if dim is None:
            return None
        if relation == ">= 0" and _is_sum_of_sizes(dim):
            return True
        known = self.facts.get((relation, dim))
        if known is not None:
            return known
        size = self.hint(dim)
        if size is None:
            return None
        answer = _holds(relation, size)
        self.facts[relation, dim] = answer
        return answer


def _is_sum_of_sizes(dim: DimExpression) -> bool:
    """Is the dim nonnegative whatever the sizes are?"""
    return dim.constant >= 0 and all(coefficient > 0 for _, coefficient in dim.terms)


def _holds(relation: str, size: int) -> bool:
    if relation == "== 0":
        return size == 0
    if relation == "== 1":
        return size == 1
    return size >= 0


def known_equal(a: Dim, b: Dim) -> bool:
    """Are two dims equal whatever the sizes are?"""
    return a is not None and a == b
