"""Places of an array that keep, to the end of the loops that store into it, what was read there.

A loop that stores into an array reads of it, too: `x[i] = x[i] * x[i - 1] + c`.  The adjoint needs
both elements.  `x[i]` is gone then; `x[i - 1]` is not: no later iteration stores there, so that it
is read from the array as the loops leave it, and nothing is kept.  The same holds of a value that
is stored at a place of its own, as `x[i]` in a triangular solve.

    for i in range(1, n) carry (x = x_0) {              i - 1 is below i, and i + 1, i + 2, ...:
      a = x[i - 1]                              →       a = y[i - 1]
      x_1 = index_set x, f(a) {i}                       f(a) = y[i]
      yield x_1
    } : y

Two places are apart where on one axis the one certainly ends before the other begins.  What an
index is between is told by the ranges of the loops: an index of a loop, plus or minus a number
known now.  An index that may count from the end may be anywhere.  Source: dependence tests, Allen
and Kennedy, "Optimizing Compilers for Modern Architectures", chapter 3.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from srcgrad.analyses.stored_arrays import StoredArrays
from srcgrad.graph import (
    ArrayType,
    Assumptions,
    Hole,
    Literal,
    LoopParts,
    Node,
    Value,
    loop_parts,
    map_template,
    shape_of,
)
from srcgrad.rules import is_store

_STORES_AT_INDEX = frozenset({"index_set", "index_add"})


@dataclass(frozen=True, slots=True)
class _Bound:
    """`base + offset`.  A later iteration has indices of its own: those are `later`."""

    base: Value | None
    offset: int
    later: bool = False


_Span = tuple[_Bound | None, _Bound | None]  # from the first place up to before the second
_ALL: _Span = (None, None)


@dataclass(frozen=True, slots=True)
class _Access:
    """A reading or a store: which places, inside which loops, and after which version."""

    node: Node
    loops: tuple[LoopParts, ...]
    spans: tuple[_Span, ...]
    position: int


def settled_places(nodes: Sequence[Node], sizes: Assumptions) -> Mapping[Value, Node]:
    """For each value that the final array still has: the node that reads it there."""
    return _Settling(nodes, sizes).readings


class _Settling:
    def __init__(self, nodes: Sequence[Node], sizes: Assumptions) -> None:
        self._sizes = sizes
        self.readings: dict[Value, Node] = {}
        self._stored = StoredArrays(nodes)
        self._makers: dict[Value, Node] = {}
        self._blocks: dict[Value, int] = {}
        self._positions: dict[Value, int] = {}
        self._carriers: dict[Value, tuple[LoopParts, int]] = {}
        self._loops_by_index: dict[Value, LoopParts] = {}
        self._origins: dict[Value, Value | None] = {}
        self._found: list[tuple[Node, tuple[LoopParts, ...]]] = []
        self._count = 0
        self._number(nodes, ())
        stores = [self._access(node, loops) for node, loops in self._found if _is_array_store(node)]
        for node, loops in self._found:
            if node.operation == "getitem":
                self._settle(node, node.operands[0], node.result, loops, stores)
            elif node.operation == "index_set" and self._fits(node):
                self._settle(node, node.result, node.operands[1], loops, stores)

    # The program as a whole

    def _number(self, nodes: Sequence[Node], loops: tuple[LoopParts, ...]) -> None:
        """Note where each value is made; what a region does comes before what its node gives."""
        self._count += 1
        block = self._count
        for node in nodes:
            inside = loops
            if node.operation in ("for", "while"):
                parts = loop_parts(node)
                inside = (*loops, parts)
                self._carriers.update((v, (parts, k)) for k, v in enumerate(parts.carried))
                if parts.index is not None:
                    self._loops_by_index[parts.index] = parts
            for region in node.regions:
                self._count += 1
                self._positions.update((value, self._count) for value in region.parameters)
                self._number(region.nodes, inside)
            self._count += 1
            for value in node.results:
                self._makers[value] = node
                self._blocks[value] = block
                self._positions[value] = self._count
            if node.operation == "getitem" or is_store(node.operation):
                self._found.append((node, loops))

    def _access(self, node: Node, loops: tuple[LoopParts, ...]) -> _Access:
        has_index = node.operation in _STORES_AT_INDEX or node.operation == "getitem"
        spans = self._spans(node) if has_index else ()
        return _Access(node, loops, spans, self._positions[node.result])

    def _fits(self, node: Node) -> bool:
        """Is what the store puts there what one reads there: of one dtype, and not broadcast?

        What is stored has the shape of the place, save where it has axes of length 1.
        """
        array, value = node.operands[0].type, node.operands[1]
        if isinstance(value, Literal) or self._blocks.get(value) != self._blocks[node.result]:
            return False
        if not isinstance(array, ArrayType) or not isinstance(value.type, ArrayType):
            return False
        shape = shape_of(array)
        entries = _entries(node.parameters["index"])
        if array.dtype != value.type.dtype or shape is None or len(entries) > len(shape):
            return False
        kept = []
        for at, dim in enumerate(shape):
            entry = entries[at] if at < len(entries) else slice(None)
            if isinstance(entry, slice) and entry == slice(None):
                kept.append(dim)
            elif not self._is_number(node, entry):
                return False
        stored = shape_of(value.type)
        if stored is None or len(stored) != len(kept):
            return False
        return all(
            (a == b and a is not None) or self._sizes.is_one(a) is False
            for a, b in zip(stored, kept)
        )

    def _is_number(self, node: Node, entry: object) -> bool:
        if isinstance(entry, Hole):
            return self._bound(node.operands[entry.operand]) is not None
        return type(entry) is int

    # Which array is it?

    def _origin(self, value: Value) -> Value | None:
        """The version that stores made this one of: what a loop carries, or a new array."""
        if value not in self._origins:
            self._origins[value] = None
            self._origins[value] = self._find_origin(value)
        return self._origins[value]

    def _find_origin(self, value: Value) -> Value | None:
        node = self._makers.get(value)
        if node is None:
            return value
        if is_store(node.operation):
            return self._origin(node.operands[0])
        if node.operation == "if":
            at = node.results.index(value)
            ends = {self._origin(region.results[at]) for region in node.regions}
            return ends.pop() if len(ends) == 1 else None
        if node.operation in ("for", "while"):
            parts = loop_parts(node)
            if value not in parts.final:
                return value
            at = parts.final.index(value)
            if self._origin(parts.yielded[at]) is not parts.carried[at]:
                return None
            return self._origin(parts.initial[at])
        return value

    def _chain(self, value: Value, loops: tuple[LoopParts, ...]) -> list[tuple[LoopParts, int]]:
        """The loops around that hand this array on, innermost first; empty where one is unclear."""
        chain: list[tuple[LoopParts, int]] = []
        root = self._origin(value)
        left = list(loops)
        while root in self._carriers:
            assert root is not None
            parts, at = self._carriers[root]
            between = []
            while left and left[-1] is not parts:
                between.append(left.pop())
            if not left or self._origin(parts.yielded[at]) is not root:
                return []
            if any(self._origin(first) is root for loop in between for first in loop.initial):
                return []
            left.pop()
            chain.append((parts, at))
            root = self._origin(parts.initial[at])
        if root is None or any(
            self._origin(first) is root for loop in left for first in loop.initial
        ):
            return []
        return chain

    # Is it settled?

    def _settle(
        self,
        node: Node,
        version: Value,
        result: Value,
        loops: tuple[LoopParts, ...],
        stores: Sequence[_Access],
    ) -> None:
        if result in self.readings or not isinstance(version.type, ArrayType):
            return
        array = self._stored.of(version)
        chain = self._chain(version, loops) if array is not None else []
        if not chain or not all(_is_counted(parts) for parts, _ in chain):
            return
        outermost, at = chain[-1]
        place = _Access(node, loops, self._spans(node), self._positions[version])
        counted = [parts for parts, _ in reversed(chain)]
        for store in stores:
            if outermost not in store.loops or self._stored.of(store.node.result) is not array:
                continue
            if not self._survives(place, store, counted):
                return
        self.readings[result] = _reading(node, outermost.final[at], result)

    def _survives(self, place: _Access, store: _Access, counted: list[LoopParts]) -> bool:
        """Does the store, in each iteration after the reading, leave the place alone?"""
        common = [parts for parts in counted if parts in store.loops]
        for depth, parts in enumerate(common):
            shared = frozenset(loop.index for loop in common[:depth] if loop.index is not None)
            if not self._are_apart(place, store, _Order(self._loops_by_index, shared, parts)):
                return False
        if store.position <= place.position:
            return True
        shared = frozenset(loop.index for loop in common if loop.index is not None)
        return self._are_apart(place, store, _Order(self._loops_by_index, shared, None))

    def _are_apart(self, place: _Access, store: _Access, order: _Order) -> bool:
        for (first, last), (store_first, store_last) in zip(place.spans, store.spans):
            if order.at_most(last, order.of_store(store_first)):
                return True
            if order.at_most(order.of_store(store_last), first):
                return True
        return False

    # Between which numbers is an index?

    def _spans(self, node: Node) -> tuple[_Span, ...]:
        """The places on each axis, up to the first entry that may take more axes than one."""
        spans: list[_Span] = []
        for entry in _entries(node.parameters["index"]):
            if entry is None:
                continue
            if isinstance(entry, slice):
                spans.append(self._span_of_slice(node, entry))
                continue
            if not isinstance(entry, Hole) and type(entry) is not int:
                break
            if isinstance(entry, Hole) and _is_array(node.operands[entry.operand]):
                break
            bound = self._place(node, entry)
            spans.append(_ALL if bound is None else (bound, _plus(bound, 1)))
        return tuple(spans)

    def _span_of_slice(self, node: Node, entry: slice) -> _Span:
        if entry.step is not None and not (type(entry.step) is int and entry.step > 0):
            return _ALL
        first = _Bound(None, 0) if entry.start is None else self._place(node, entry.start)
        return first, None if entry.stop is None else self._place(node, entry.stop)

    def _place(self, node: Node, entry: object) -> _Bound | None:
        """A number that certainly counts from the front; None for any other."""
        if type(entry) is int:
            bound: _Bound | None = _Bound(None, entry)
        elif isinstance(entry, Hole):
            bound = self._bound(node.operands[entry.operand])
        else:
            bound = None
        order = _Order(self._loops_by_index, frozenset(), None)
        return bound if order.at_most(_Bound(None, 0), bound) else None

    def _bound(self, value: Value) -> _Bound | None:
        return _linear(value, self._makers, self._loops_by_index)


@dataclass(frozen=True, slots=True)
class _Order:
    """Which of two bounds is smaller, where the indices `shared` are those of one iteration.

    `counted` is the loop in a later iteration of which the store happens, if there is one.
    """

    loops: Mapping[Value, LoopParts]
    shared: frozenset[Value]
    counted: LoopParts | None

    def of_store(self, bound: _Bound | None) -> _Bound | None:
        if bound is None or bound.base is None or bound.base in self.shared:
            return bound
        return replace(bound, later=True)

    def at_most(self, a: _Bound | None, b: _Bound | None) -> bool:
        """Is `a <= b` whatever the call?"""
        if a is None or b is None:
            return False
        if (a.base, a.later) == (b.base, b.later):
            return a.offset <= b.offset
        if self.counted is not None and a.base is b.base is self.counted.index:
            step = _step(self.counted)
            if b.later and step > 0 and a.offset <= b.offset + step:
                return True
            if a.later and step < 0 and a.offset + step <= b.offset:
                return True
        return (a.base is not None and self.at_most(self._highest(a), b)) or (
            b.base is not None and self.at_most(a, self._lowest(b))
        )

    def _lowest(self, bound: _Bound) -> _Bound | None:
        start, stop, step = self._range(bound)
        if step > 0:
            late = step if bound.later and self._is_counted(bound) else 0
            return self._end(start, bound, late)
        return self._end(stop, bound, 1)

    def _highest(self, bound: _Bound) -> _Bound | None:
        start, stop, step = self._range(bound)
        if step > 0:
            return self._end(stop, bound, -1)
        late = step if bound.later and self._is_counted(bound) else 0
        return self._end(start, bound, late)

    def _is_counted(self, bound: _Bound) -> bool:
        return self.counted is not None and bound.base is self.counted.index

    def _range(self, bound: _Bound) -> tuple[Value, Value, int]:
        assert bound.base is not None
        parts = self.loops[bound.base]
        start, stop, _ = parts.range
        return start, stop, _step(parts)

    def _end(self, value: Value, bound: _Bound, more: int) -> _Bound | None:
        end = _linear(value, {}, self.loops)
        if end is None:
            return None
        end = _plus(end, bound.offset + more)
        is_later = bound.later and end.base is not None and end.base not in self.shared
        return replace(end, later=is_later)


def _linear(
    value: Value, makers: Mapping[Value, Node], loops: Mapping[Value, LoopParts]
) -> _Bound | None:
    """The number as an index of a loop plus a number known now."""
    if isinstance(value, Literal):
        return _Bound(None, value.value) if type(value.value) is int else None
    if value in loops:
        return _Bound(value, 0) if _is_counted(loops[value]) else None
    node = makers.get(value)
    if node is None or node.operation not in ("add", "subtract"):
        return None
    first, second = (_linear(operand, makers, loops) for operand in node.operands[:2])
    if first is None or second is None:
        return None
    if second.base is None:
        return _plus(first, second.offset if node.operation == "add" else -second.offset)
    return _plus(second, first.offset) if first.base is None and node.operation == "add" else None


def _plus(bound: _Bound, number: int) -> _Bound:
    return replace(bound, offset=bound.offset + number)


def _is_counted(parts: LoopParts) -> bool:
    """Does the loop run through its whole range, by a step known now?"""
    if parts.node.operation != "for" or parts.index is None or parts.stop is not None:
        return False
    return not parts.node.parameters.get("reverse") and _step(parts) != 0


def _step(parts: LoopParts) -> int:
    step = parts.range[2]
    return step.value if isinstance(step, Literal) and type(step.value) is int else 0


def _entries(index: object) -> tuple[object, ...]:
    return index if isinstance(index, tuple) else (index,)


def _is_array(value: Value) -> bool:
    return isinstance(value.type, ArrayType)


def _is_array_store(node: Node) -> bool:
    return is_store(node.operation) and _is_array(node.operands[0])


def _reading(node: Node, array: Value, result: Value) -> Node:
    """The node that reads the places of a reading or store from the array."""
    first = 1 if node.operation == "getitem" else 2

    def renumbered(entry: object) -> object:
        return Hole(entry.operand - first + 1) if isinstance(entry, Hole) else entry

    index = map_template(node.parameters["index"], renumbered)
    operands = (array, *node.operands[first:])
    return Node("getitem", operands, (result,), {"index": index}, (), node.location, node.phase)
