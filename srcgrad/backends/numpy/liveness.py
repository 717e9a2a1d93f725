"""Which variables are read later: liveness over the statements of a plan, and what follows from it.

Two variables interfere where one is assigned while the other is still to be read and may hold
something else.  Sets of values are bit masks, since there are many of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from srcgrad.backends.numpy.folding import Folding, is_undefined
from srcgrad.backends.numpy.plan import (
    Append,
    Branch,
    Break,
    Define,
    Loop,
    Move,
    NewList,
    Return,
    Reverse,
    Statement,
    Store,
)
from srcgrad.backends.numpy.undefined import MADE_LIKE
from srcgrad.errors import InternalError
from srcgrad.graph import Literal, Node, Value


class Liveness:
    """`interference[value]` and `after[statement]` are masks; `members` spells a mask out."""

    def __init__(
        self,
        inputs: Sequence[Value],
        statements: list[Statement],
        folding: Folding,
        *,
        undefined_is_none: bool = False,
    ) -> None:
        self.values: list[Value] = []
        self.interference: dict[Value, int] = {}
        self.after: dict[Statement, int] = {}
        self.entered: dict[Loop, int] = {}
        self._bits: dict[Value, int] = {}
        self._folding = folding
        self._undefined_is_none = undefined_is_none
        self._exits: list[int] = []
        for value in (*inputs, *order_of_appearance(statements)):
            self._define(value, 0)
        at_entry = self._block(statements, 0)
        self.loose = self._maybe_undefined(statements)
        unknown = at_entry & ~self._mask(inputs) & ~self.loose
        if unknown:
            names = ", ".join(map(repr, self.members(unknown)))
            raise InternalError(f"values are read before they are assigned: {names}")
        self.at_entry = at_entry
        entering = at_entry | self._mask(inputs)
        for value in inputs:
            self._define(value, entering)

    def bit(self, value: Value) -> int:
        if value not in self._bits:
            self._bits[value] = 1 << len(self.values)
            self.values.append(value)
            self.interference.setdefault(value, 0)
        return self._bits[value]

    def members(self, mask: int) -> list[Value]:
        found = []
        while mask:
            lowest = mask & -mask
            found.append(self.values[lowest.bit_length() - 1])
            mask ^= lowest
        return found

    def interfere(self, a: Value, b: Value) -> bool:
        return bool(self.interference[a] & self.bit(b) or self.interference[b] & self.bit(a))

    def is_read_after(self, value: Value, statement: Statement) -> bool:
        return bool(self.after.get(statement, 0) & self.bit(value))

    def _maybe_undefined(self, statements: list[Statement]) -> int:
        """The values that have no value on some path (where nothing but moves reads them)."""
        found, grown = 0, self._undefined_in(statements, 0)
        while grown != found:
            found, grown = grown, self._undefined_in(statements, grown)
        return found

    def _undefined_in(self, statements: list[Statement], loose: int) -> int:
        for statement in statements:
            if isinstance(statement, Move):
                for target, source in zip(statement.targets, statement.sources):
                    if is_undefined(source) or self._leaves(source) & loose:
                        loose |= self.bit(target)
            elif isinstance(statement, Define) and self._is_made_like(statement.node, loose):
                loose |= self.bit(statement.node.result)
            for inner in inner_blocks(statement):
                loose = self._undefined_in(inner, loose)
        return loose

    def _is_made_like(self, node: Node, loose: int) -> bool:
        """Is this made like a value that may be undefined, and only where that has a value?"""
        return node.operation in MADE_LIKE and bool(self._leaves(node.operands[0]) & loose)

    def is_live_store(self, statement: Store, live: int | None = None) -> bool:
        """Does anyone read what is stored, here or at the caller's?"""
        live = self.after[statement] if live is None else live
        in_place = statement.node.parameters.get("in_place")
        return bool(in_place) or bool(live & self.bit(statement.node.result))

    def _mask(self, values: Iterable[Value]) -> int:
        mask = 0
        for value in values:
            mask |= self.bit(value)
        return mask

    def _leaves(self, value: Value) -> int:
        return self._mask(self._folding.leaves(value))

    def _define(self, value: Value, live: int) -> None:
        """`value` is assigned while `live` are still to be read."""
        own = self.bit(value)
        self.interference[value] |= live & ~own

    # Backwards through the statements; each step maps what is live after to what is live before

    def _block(self, statements: Sequence[Statement], live: int) -> int:
        for statement in reversed(statements):
            self.after[statement] = self.after.get(statement, 0) | live
            live = self._step(statement, live)
        return live

    def _step(self, statement: Statement, live: int) -> int:
        match statement:
            case Define():
                return self._definition(statement, live)
            case Move():
                return self._move(statement, live)
            case Store():
                result = statement.node.result
                if not self.is_live_store(statement, live):
                    return live
                self._define(result, live)
                others = statement.node.operands[1:]
                for value in others:
                    live |= self._leaves(value)
                return live | self.bit(result)
            case NewList():
                self._define(statement.value, live)
                return live & ~self.bit(statement.value)
            case Append():
                if not live & self.bit(statement.list):
                    return live
                return live | self.bit(statement.list) | self._leaves(statement.item)
            case Reverse():
                return live
            case Branch():
                condition = self._leaves(statement.node.operands[0])
                taken = self._block(statement.then, live)
                return condition | taken | self._block(statement.orelse, live)
            case Loop():
                return self._loop(statement, live)
            case Break(condition=None):
                return self._exits[-1]
            case Break():
                assert statement.condition is not None
                return live | self._exits[-1] | self._leaves(statement.condition)
            case Return():
                live = 0
                for value in statement.values:
                    live |= self._leaves(value)
                return live

    def _definition(self, statement: Define, live: int) -> int:
        results = self._mask(statement.node.results)
        if not live & results and not statement.node.has_effect:
            return live
        for value in statement.node.results:
            self._define(value, live | results)
        return live & ~results | self._mask(self._folding.read_by(statement.node))

    def _move(self, statement: Move, live: int) -> int:
        before = live & ~self._mask(statement.targets)
        for place, (target, source) in enumerate(zip(statement.targets, statement.sources)):
            if not live & self.bit(target):
                continue
            if is_undefined(source) and not self._undefined_is_none:
                continue
            same = self.bit(source) if self.is_plain_copy(statement, place) else 0
            self._define(target, live & ~same)
            before |= self._leaves(source)
        return before

    def is_plain_copy(self, move: Move, place: int) -> bool:
        """Do target and source hold the same object after this part of the move?"""
        source = move.sources[place]
        is_variable = not isinstance(source, Literal) and not self._folding.is_folded(source)
        return is_variable and place not in move.deep

    def _loop(self, statement: Loop, live: int) -> int:
        parts = statement.parts
        walked = 0
        for value in parts.sequences:
            walked |= self._leaves(value)
        defined = [*parts.items] + ([] if parts.index is None else [parts.index])
        own = self._mask(defined)
        self._exits.append(live)
        head = live | walked
        while True:
            entered = self.entered[statement] = self._block(statement.body, head)
            for value in defined:
                self._define(value, entered | own | head)
            before = entered & ~own | live | walked
            if statement.condition is not None:
                before |= self._leaves(statement.condition)
            before = self._block(statement.test, before)
            if before | head == head:
                break
            head |= before
        self._exits.pop()
        for value in parts.range:
            head |= self._leaves(value)
        return head


def inner_blocks(statement: Statement) -> tuple[list[Statement], ...]:
    match statement:
        case Branch():
            return statement.then, statement.orelse
        case Loop():
            return statement.test, statement.body
    return ()


def order_of_appearance(statements: Sequence[Statement]) -> list[Value]:
    """Every value that a statement assigns, in the order of the text."""
    found: dict[Value, None] = {}
    _collect_assigned(statements, found)
    return list(found)


def _collect_assigned(statements: Sequence[Statement], found: dict[Value, None]) -> None:
    for statement in statements:
        assigned: Sequence[Value] = ()
        match statement:
            case Define() | Store() | Branch():
                assigned = statement.node.results
            case Move():
                assigned = statement.targets
            case NewList():
                assigned = (statement.value,)
            case Loop():
                index = statement.parts.index
                assigned = (*([] if index is None else [index]), *statement.parts.items)
        if not isinstance(statement, Branch):
            found.update(dict.fromkeys(assigned))
        for inner in inner_blocks(statement):
            _collect_assigned(inner, found)
        found.update(dict.fromkeys(assigned))
