"""Lets values share a variable where one takes the other's place: out of SSA by merging moves.

The initial value, the variable, the new value and the final value of what a loop carries become one
variable wherever they are never needed at the same time; likewise the results of a branch and what
its sides yield, and the versions of an array that is stored into.  A merge is refused where any two
of the values interfere, where it would put two of the user's names into one, and where a value of
the user's function would share its variable with a derivative.
"""

from __future__ import annotations

from collections.abc import Iterator

from srcgrad.backends.numpy.folding import Folding
from srcgrad.backends.numpy.liveness import Liveness
from srcgrad.backends.numpy.plan import Define, Move, Statement, Store
from srcgrad.backends.numpy.stores import Writes, all_statements
from srcgrad.graph import Literal, Value


class Variables:
    """Classes of values with one variable each.  `of(value)` is the class's representative.

    `adjoints` holds the name of each value that is the adjoint or tangent of a named one; `derived`
    are the values that are no part of the user's own computation.
    """

    def __init__(
        self,
        liveness: Liveness,
        inputs: tuple[Value, ...],
        adjoints: dict[Value, str],
        derived: frozenset[Value],
    ) -> None:
        self._liveness = liveness
        self._parent: dict[Value, Value] = {value: value for value in liveness.values}
        self._mask = {value: liveness.bit(value) for value in liveness.values}
        self._interference = dict(liveness.interference)
        self._names = {v: frozenset([v.name] if v.name else []) for v in liveness.values}
        self._adjoints = {
            v: frozenset([adjoints[v]] if v in adjoints else []) for v in liveness.values
        }
        self._roles = {v: frozenset([v in derived]) for v in liveness.values}
        self._fixed = set(inputs)

    def of(self, value: Value) -> Value:
        while self._parent[value] is not value:
            self._parent[value] = self._parent[self._parent[value]]
            value = self._parent[value]
        return value

    def same(self, a: Value, b: Value) -> bool:
        return self.of(a) is self.of(b)

    def mask(self, representative: Value) -> int:
        """The values of a class."""
        return self._mask[representative]

    def interference(self, representative: Value) -> int:
        """The values that a class interferes with."""
        return self._interference[representative]

    def members(self, representative: Value) -> list[Value]:
        return self._liveness.members(self._mask[representative])

    def interfere(self, a: Value, b: Value) -> bool:
        """Do two classes have members that are needed at the same time?"""
        one, other = self.of(a), self.of(b)
        return bool(
            self._mask[one] & self._interference[other]
            or self._mask[other] & self._interference[one]
        )

    def merge(self, a: Value, b: Value, *, whatever_name: bool = False) -> bool:
        """Give both values one variable, if that can be."""
        one, other = self.of(a), self.of(b)
        if one is other:
            return True
        if self.interfere(one, other) or (one in self._fixed and other in self._fixed):
            return False
        names = self._names[one] | self._names[other]
        adjoints = self._adjoints[one] | self._adjoints[other]
        roles = self._roles[one] | self._roles[other]
        if not whatever_name and (len(names) > 1 or (names and adjoints) or len(roles) > 1):
            return False
        if other in self._fixed:
            one, other = other, one
        self._parent[other] = one
        self._mask[one] |= self._mask[other]
        self._interference[one] |= self._interference[other]
        self._names[one], self._adjoints[one] = names, adjoints
        self._roles[one] = roles
        return True

    def take_over(self, result: Value, operand: Value) -> bool:
        """Let the result of arithmetic live on in its operand's variable, if both suit one name."""
        one, other = self.of(result), self.of(operand)
        if len(self._adjoints[one] | self._adjoints[other]) > 1:
            return False
        if self._names[one] != self._names[other]:
            return False
        return self.merge(result, operand)


def share_variables(
    variables: Variables,
    plan: list[Statement],
    folding: Folding,
    liveness: Liveness,
    writes: Writes,
) -> None:
    """Merge what can be: stores first, then moves, then results with operands they overwrite."""
    flat = list(all_statements(plan))
    for statement in flat:
        if isinstance(statement, Store):
            for target, source in _copies(statement.move, folding, liveness):
                variables.merge(target, source, whatever_name=True)
    for statement in flat:
        if isinstance(statement, Move):
            for target, source in _copies(statement, folding, liveness):
                variables.merge(target, source)
    for statement in flat:
        if isinstance(statement, Define):
            for place in writes.reused.get(statement, ()):
                if variables.take_over(statement.node.result, statement.node.operands[place]):
                    break


def _copies(move: Move, folding: Folding, liveness: Liveness) -> Iterator[tuple[Value, Value]]:
    """The parts of a move that would vanish if both sides had one variable."""
    for place, (target, source) in enumerate(zip(move.targets, move.sources)):
        if isinstance(source, Literal) or place in move.deep:
            continue
        if liveness.is_read_after(target, move) and liveness.is_plain_copy(move, place):
            yield target, source
