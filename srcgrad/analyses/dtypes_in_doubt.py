"""Which values may have another dtype during the call than their type says.

    s = 1.0 if c else y[1]        # float32 or a Python number: its type says float32
    t = np.tanh(s)                # float32 or float64: NumPy makes float64 of a Python number

Where paths that give a Python number and an array of another precision meet, no type tells both.
The type is that of the array, which holds for nearly all that is made of the two: a Python number
takes the dtype of what it is combined with.  It does not where a function gets that number alone,
and then all that comes of it is in doubt.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from srcgrad.graph import (
    ArrayType,
    ListType,
    Literal,
    LoopParts,
    Node,
    ScalarType,
    Type,
    Undefined,
    Value,
    holes,
    loop_parts,
)
from srcgrad.rules import is_store

# What NumPy makes of Python's floating-point and complex numbers.
_OF_PYTHON_NUMBERS = (np.dtype(np.float64), np.dtype(np.complex128))
_GIVE_THE_DTYPE_SAID = ("cast", "fresh")
_OF_THE_FIRST_OPERAND = ("getitem", "list_getitem")


def dtypes_in_doubt(nodes: Sequence[Node]) -> frozenset[Value]:
    """The values, those in regions included, whose dtype may not be that of their type."""
    doubt = _Doubt(set(), set())
    doubt.spread(nodes)
    return frozenset(doubt.numbers | doubt.others)


@dataclass(frozen=True, slots=True)
class _Doubt:
    """`numbers` may be Python numbers; `others` may be arrays of another dtype than is said."""

    numbers: set[Value]
    others: set[Value]

    def spread(self, nodes: Sequence[Node]) -> None:
        for node in nodes:
            if node.operation == "if":
                for region in node.regions:
                    self.spread(region.nodes)
                    self._hand_on(region.results, node.results)
            elif node.operation in ("for", "while"):
                self._spread_through_loop(loop_parts(node))
            elif self._is_left_by(node):
                self.others.update(v for v in node.results if _has_other_precision(v.type))

    def _spread_through_loop(self, parts: LoopParts) -> None:
        self._hand_on(parts.initial, parts.carried)
        self._hand_on(parts.sequences, parts.items)
        before = -1
        while len(self.numbers) + len(self.others) > before:
            before = len(self.numbers) + len(self.others)
            for region in parts.node.regions:
                self.spread(region.nodes)
            self._hand_on(parts.yielded, parts.carried)
        self._hand_on(parts.initial, parts.final)
        self._hand_on(parts.yielded, parts.final)
        self._hand_on(parts.collected, parts.lists)

    def _hand_on(self, sources: Iterable[Value], targets: Iterable[Value]) -> None:
        for source, target in zip(sources, targets, strict=True):
            if not _has_other_precision(target.type):
                continue
            if source in self.others:
                self.others.add(target)
            elif source in self.numbers or _is_number(source):
                self.numbers.add(target)

    def _is_left_by(self, node: Node) -> bool:
        """Is a result of this node in doubt because an operand is?"""
        if node.operation in _GIVE_THE_DTYPE_SAID:
            return False
        operands = node.operands[: len(node.operands) - len(holes(dict(node.parameters)))]
        if is_store(node.operation) or node.operation in _OF_THE_FIRST_OPERAND:
            operands = operands[:1]
        if not self.others.isdisjoint(operands):
            return True
        return not self.numbers.isdisjoint(operands) and not self._decides(operands)

    def _decides(self, operands: Sequence[Value]) -> bool:
        """Does one of the operands give its dtype to the Python numbers among them?"""
        return any(_has_other_precision(v.type) and v not in self.numbers for v in operands)


def _is_number(value: Value) -> bool:
    if isinstance(value, Literal) and isinstance(value.value, Undefined):
        return False
    return isinstance(value.type, ScalarType)


def _has_other_precision(type_: Type) -> bool:
    """Is this an array type of real or complex numbers that are not those of Python?"""
    if isinstance(type_, ListType):
        return _has_other_precision(type_.element)
    if not isinstance(type_, ArrayType):
        return False
    return type_.dtype.kind in "fc" and type_.dtype not in _OF_PYTHON_NUMBERS


__all__ = ["dtypes_in_doubt"]
