"""What a specialisation assumes about the sizes of its arguments.

A specialisation is compiled for a first call, whose sizes serve as hints.  Questions such as "is
`n - 2` one?" are answered from the hints, and each answer is remembered: it becomes a guard of the
specialisation.  What nobody asks is not assumed, so that a new batch size needs no compilation.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass

from srcgrad.graph.types import Dim, DimExpression, multiply_dims, subtract_dims, symbol

_FIRST_STAND_IN = 1009
_STAND_IN_STEP = 1013
_LONGEST_NAME = 80  # of a computed size: what is computed of itself again and again is unknown


@dataclass(frozen=True, slots=True)
class Computed:
    """What a symbol stands for that is computed of others: `d // heads`, `n * m`, `n % k`."""

    operator: str
    left: int | DimExpression
    right: int | DimExpression


_OPERATORS: dict[str, tuple[str, Callable[[int, int], int]]] = {
    "//": ("over", operator.floordiv),
    "*": ("times", operator.mul),
    "%": ("modulo", operator.mod),
}


class Assumptions:
    """The hints for symbols and the facts that were asked for, in the order of asking.

    `facts` maps (relation, dim) to the answer; relations are "== 0", "== 1", ">= 8", ...
    `signed` are the symbols of integers, which may be negative as no size can.  `computed` says
    what the symbols stand for that are no affine expressions of others.
    A symbol without a hint (in a graph read from text) gets a large stand-in size, so that it
    counts as neither 0 nor 1.  A symbol declared unknown is never assumed anything about.
    """

    def __init__(self, hints: dict[str, int] | None = None, *, stand_ins: bool = False) -> None:
        self.hints: dict[str, int] = dict(hints or {})
        self.facts: dict[tuple[str, DimExpression], bool] = {}
        self.signed: set[str] = set()
        self.computed: dict[str, Computed] = {}
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

    def is_at_least(self, dim: Dim, number: int) -> bool | None:
        return self._ask(f">= {number}", dim)

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
        if relation == ">= 0" and self._is_sum_of_sizes(dim):
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

    def _is_sum_of_sizes(self, dim: DimExpression) -> bool:
        """Is the dim nonnegative whatever the sizes are?"""
        return dim.constant >= 0 and all(
            coefficient > 0 and name not in self.signed for name, coefficient in dim.terms
        )

    # Sizes computed of others

    def quotient(self, a: Dim, b: Dim) -> Dim:
        """`a // b`."""
        if isinstance(a, DimExpression) and isinstance(b, int) and b > 0:
            parts = [k // b for _, k in a.terms]
            if all(k * b == whole for k, (_, whole) in zip(parts, a.terms)):
                terms = tuple((name, k) for (name, _), k in zip(a.terms, parts))
                return DimExpression(terms, a.constant // b)
        return self._compute("//", a, b)

    def remainder(self, a: Dim, b: Dim) -> Dim:
        """`a % b`."""
        return self._compute("%", a, b)

    def product(self, a: Dim, b: Dim) -> Dim:
        """`a * b`."""
        affine = multiply_dims(a, b)
        return self._compute("*", a, b) if affine is None else affine

    def _compute(self, sign: str, a: Dim, b: Dim) -> Dim:
        """A symbol for the result, which is the same one for the same operands."""
        if a is None or b is None or (sign != "*" and b == 0):
            return None
        word, compute = _OPERATORS[sign]
        if isinstance(a, int) and isinstance(b, int):
            return compute(a, b)
        if sign == "*" and str(b) < str(a):
            a, b = b, a
        name = f"{_identifier(a)}_{word}_{_identifier(b)}"
        if len(name) > _LONGEST_NAME:
            return None
        if name not in self.computed:
            self.computed[name] = Computed(sign, a, b)
            sizes = self.hint(a), self.hint(b)
            if sizes[0] is not None and sizes[1] is not None and (sizes[1] or sign == "*"):
                self.hints[name] = compute(sizes[0], sizes[1])
            if not (self._is_size(a) and self._is_size(b)):
                self.signed.add(name)
        return symbol(name)

    def _is_size(self, dim: int | DimExpression) -> bool:
        return dim >= 0 if isinstance(dim, int) else self._is_sum_of_sizes(dim)


def _identifier(dim: int | DimExpression) -> str:
    """The dim as a part of a symbol, different for different dims: `n_minus_2`."""
    words = {"+": "plus", "-": "minus", "*": "times"}
    text = str(dim).replace("-", "- ").replace("+", "+ ").replace("*", " * ").split()
    return "_".join(words.get(word, word) for word in text)


def _holds(relation: str, size: int) -> bool:
    sign, number = relation.split()
    return size == int(number) if sign == "==" else size >= int(number)


def known_equal(a: Dim, b: Dim) -> bool:
    """Are two dims equal whatever the sizes are?"""
    return a is not None and a == b
