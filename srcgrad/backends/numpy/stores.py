"""Decides which stores and which arithmetic may write into an array where it stands.

A store into an array whose old version is read later, or whose memory is not the function's own,
writes into a copy: made before the store or, for what a loop carries, once on entering the loop.
Arithmetic of derived code reuses the array of an operand that nobody reads again (`d_x *= ...`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from srcgrad.analyses import have_shapes_assumed_equal
from srcgrad.backends.numpy.folding import Folding
from srcgrad.backends.numpy.liveness import Liveness, inner_blocks
from srcgrad.backends.numpy.ownership import Origins
from srcgrad.backends.numpy.plan import Define, Loop, Move, Statement, Store
from srcgrad.graph import (
    ArrayType,
    Assumptions,
    Graph,
    Literal,
    LoopParts,
    ScalarType,
    Type,
    Value,
    definitions,
    loop_parts,
    walk,
)
from srcgrad.rules import is_store

COMMUTATIVE = ("add", "multiply")
AUGMENTED = ("add", "subtract", "multiply", "divide", "power", "floor_divide", "remainder")


@dataclass(slots=True)
class Writes:
    """Carried values to copy on entry, and the operands that arithmetic may reuse."""

    entry_copies: frozenset[Value] = frozenset()
    reused: dict[Define, list[int]] = field(default_factory=dict)
    has_copies: bool = False


def all_statements(statements: Sequence[Statement]) -> Iterator[Statement]:
    for statement in statements:
        yield statement
        for inner in inner_blocks(statement):
            yield from all_statements(inner)


def decide_writes(
    graph: Graph, plan: list[Statement], folding: Folding, liveness: Liveness
) -> Writes:
    """Mark the moves that must copy, and find the arithmetic that may reuse its operand."""
    flat = list(all_statements(plan))
    stores = [s for s in flat if isinstance(s, Store) and not s.node.parameters.get("in_place")]
    memory = _Memory(Origins(graph), liveness)
    writes = Writes()
    for store in stores:
        if _is_safe(store, memory):
            continue
        copied = _entry_to_copy(store, graph, liveness, writes.entry_copies)
        if copied is None:
            store.move.deep = {0}
        else:
            writes.entry_copies |= {copied}
            memory = _Memory(Origins(graph, writes.entry_copies), liveness)
    for store in stores:
        if not store.move.deep and not _is_safe(store, memory):
            store.move.deep = {0}
    _mark_entry_copies(flat, writes.entry_copies)
    writes.has_copies = any(isinstance(s, Move) and s.deep for s in flat)
    for statement in flat:
        if isinstance(statement, Define):
            places = _reusable_operands(statement, folding, memory, graph.assumptions)
            if places:
                writes.reused[statement] = places
    return writes


def copy_before_writes(
    graph: Graph, plan: list[Statement], folding: Folding, liveness: Liveness
) -> Writes:
    """Every store that is not the user's own goes to a copy, and no arithmetic reuses memory."""
    for store in all_statements(plan):
        if isinstance(store, Store) and not store.node.parameters.get("in_place"):
            store.move.deep = {0}
    return Writes(has_copies=True)


class _Memory:
    """Who else, of what is read later, holds the memory of a value?"""

    def __init__(self, origins: Origins, liveness: Liveness) -> None:
        self.origins = origins
        self.liveness = liveness
        self._holders: dict[int, int] = {}
        for place, value in enumerate(liveness.values):
            for origin in _bits(origins.of(value)):
                self._holders[origin] = self._holders.get(origin, 0) | 1 << place

    def is_shared(self, base: Value, result: Value, statement: Statement) -> bool:
        """Is anything read after the statement, save its result, that may share it with `base`?"""
        live = self.liveness.after[statement] & ~self.liveness.bit(result)
        return any(live & self._holders.get(bit, 0) for bit in _bits(self.origins.of(base)))


def _bits(mask: int) -> Iterator[int]:
    while mask:
        lowest = mask & -mask
        yield lowest
        mask ^= lowest


def _is_safe(store: Store, memory: _Memory) -> bool:
    base = store.node.operands[0]
    return memory.origins.is_owned(base) and not memory.is_shared(base, store.node.result, store)


def _entry_to_copy(
    store: Store, graph: Graph, liveness: Liveness, chosen: frozenset[Value]
) -> Value | None:
    """The outermost loop variable whose copy on entry makes the store safe."""
    for carried in _carriers(store.node.operands[0], graph):
        if _is_safe(store, _Memory(Origins(graph, chosen | {carried}), liveness)):
            return carried
    return None


def _carriers(value: Value, graph: Graph) -> list[Value]:
    """The loop variables through which an array came here, outermost first."""
    owners: dict[Value, tuple[LoopParts, int]] = {}
    for node in walk(graph.nodes):
        if node.operation in ("for", "while"):
            parts = loop_parts(node)
            owners.update({v: (parts, k) for k, v in enumerate(parts.carried)})
    defined = definitions(graph.nodes)
    found: list[Value] = []
    while True:
        if value in owners:
            found.append(value)
            parts, k = owners[value]
            value = parts.initial[k]
            continue
        node = defined.get(value)  # type: ignore[assignment]
        if node is None or not is_store(node.operation):
            return found[::-1]
        value = node.operands[0]


def _mark_entry_copies(flat: list[Statement], copied: frozenset[Value]) -> None:
    for loop in flat:
        if not isinstance(loop, Loop):
            continue
        for move in flat:
            if isinstance(move, Move) and move.node is loop.node:
                move.deep |= {k for k, v in enumerate(move.targets) if v in copied}


def _reusable_operands(
    statement: Define,
    folding: Folding,
    memory: _Memory,
    sizes: Assumptions,
) -> list[int]:
    """The operands whose variable the result may take over by an augmented assignment."""
    node = statement.node
    if node.operation not in AUGMENTED or node.parameters or len(node.operands) != 2:
        return []
    places = (0, 1) if node.operation in COMMUTATIVE else (0,)
    return [
        place
        for place in places
        if _may_take_over(statement, node.operands[place], folding, memory, sizes)
    ]


def _may_take_over(
    statement: Define,
    operand: Value,
    folding: Folding,
    memory: _Memory,
    sizes: Assumptions,
) -> bool:
    node, result = statement.node, statement.node.result
    if isinstance(operand, Literal) or folding.is_folded(operand):
        return False
    if memory.liveness.is_read_after(operand, statement):
        return False
    if isinstance(result.type, ScalarType):
        return isinstance(operand.type, ScalarType) and _wanted(node.phase, _text(statement))
    if not node.phase or not _have_one_type(operand.type, result.type, sizes):
        return False
    return memory.origins.is_owned(operand) and not memory.is_shared(operand, result, statement)


def _have_one_type(a: Type, b: Type, sizes: Assumptions) -> bool:
    """Are these arrays of one dtype and, as far as is assumed already, of one shape?"""
    if not isinstance(a, ArrayType) or not isinstance(b, ArrayType) or a.dtype != b.dtype:
        return False
    return have_shapes_assumed_equal(a.shape, b.shape, sizes)


def _wanted(phase: str, text: str) -> bool:
    """In the user's own part, only where the user wrote it so."""
    return bool(phase) or any(f"{sign}=" in text for sign in "+-*/%")


def _text(statement: Define) -> str:
    location = statement.node.location
    return location.text if location else ""
