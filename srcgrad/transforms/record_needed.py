"""Decide what a region keeps for its adjoint: which values are recorded, which computed again.

The adjoint of a loop body or branch is built as if it could read every value of the body.  Of the
values that it still reads after simplification,
- those outside the region, the loop's items and its index are there to be read again;
- cheap expressions of such values, and of values that are recorded anyway, are computed again;
- elements and rows of arrays that a loop around stores into are recorded, lest the array be;
- a value read for its shape alone is replaced by another value of that shape;
- the rest is recorded, where several need one common value rather that one.

Source: "to be recorded" analysis, Hascoët, Naumann and Pascual 2005; rematerialisation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from srcgrad.analyses import reads_shape_only
from srcgrad.graph import (
    ArrayType,
    Literal,
    Node,
    Region,
    ScalarType,
    Value,
    free_values,
    holes,
    rank_of,
    shape_of,
    substitute,
    walk,
)
from srcgrad.transforms.rewriting import redefine

RECOMPUTED_NODES_AT_MOST = 6

# Arithmetic on numbers costs less than a place on a tape; on arrays it costs as much as the copy
# that a tape may need, and no memory.
_ARITHMETIC = frozenset(
    "add subtract multiply divide negative positive less less_equal greater greater_equal equal"
    " not_equal logical_not logical_and logical_or invert bitwise_and bitwise_or cast real".split()
)
_VIEWS = frozenset(
    "transpose reshape reshape_like swapaxes moveaxis expand_dims squeeze broadcast_like".split()
)
_SIZES = frozenset({"dim", "size", "list_length"})
_ON_NUMBERS = frozenset(
    "power floor_divide remainder absolute not is is_not builtins.float builtins.abs".split()
)


@dataclass(frozen=True, slots=True)
class Recording:
    """What to record, and the adjoint region made to read only what it can.

    `recorded` are values of the forward region; in `nodes` and `results` each is read as its
    `stand_ins` entry, which whoever owns the region has to define.
    """

    recorded: tuple[Value, ...]
    stand_ins: Mapping[Value, Value]
    nodes: tuple[Node, ...]
    results: tuple[Value, ...]


def record_needed(
    forward: Region,
    nodes: Sequence[Node],
    results: Sequence[Value],
    *,
    replayed: Sequence[Value] = (),
    witnesses: Sequence[Value] = (),
    is_overwritten: Callable[[Value], bool] = lambda value: False,
    settled: Mapping[Value, Node] = MappingProxyType({}),
) -> Recording:
    """Make the adjoint region (`nodes`, `results`) independent of the values inside `forward`.

    `replayed` are parameters of `forward` that the adjoint region gets again (items, the index);
    `witnesses` are further values it can read whose shapes may serve.  `is_overwritten` tells the
    versions of arrays that a loop around stores into; `settled` has for some values the nodes that
    read them where the loops around have left them.
    """
    inner = set(forward.parameters).union(*(node.results for node in forward.nodes))
    makers = {value: node for node in forward.nodes for value in node.results}
    makers.update((value, node) for value, node in settled.items() if value in inner)
    nodes, results = _use_witnesses(forward, tuple(nodes), tuple(results), inner, witnesses)
    needed = [value for value in values_read(nodes, results) if value in inner]
    plan = _Plan(makers, inner, frozenset(replayed), is_overwritten, settled)
    recorded = plan.decide(needed)
    mapping: dict[Value, Value] = {
        value: Value(value.type, value.name, value.derivative_of) for value in recorded
    }
    replayed_reads = [value for value in replayed if plan.reads(value, needed, recorded)]
    for value in replayed_reads:
        mapping[value] = Value(value.type, value.name, value.derivative_of)
    stand_ins = dict(mapping)
    again: list[Node] = []
    for node in _in_order(makers, plan.recomputed):
        for value in node.results:
            mapping[value] = Value(value.type, value.name, value.derivative_of)
        again.append(replace(redefine([node], mapping)[0], phase=f"adjoint of {node.phase}"))
    body = tuple(again) + tuple(substitute(node, mapping) for node in nodes)
    return Recording(
        tuple(recorded), stand_ins, body, tuple(mapping.get(value, value) for value in results)
    )


def _in_order(makers: Mapping[Value, Node], nodes: set[Node]) -> list[Node]:
    """The nodes in the order of the region, save that each follows those whose results it reads."""
    ordered: dict[Node, None] = {}

    def add(node: Node) -> None:
        if node in ordered or node not in nodes:
            return
        for operand in node.operands:
            if operand in makers:
                add(makers[operand])
        ordered[node] = None

    for node in makers.values():
        add(node)
    return list(ordered)


def values_read(nodes: Sequence[Node], results: Sequence[Value]) -> list[Value]:
    """What the nodes and results read, in order, without what the nodes define themselves."""
    defined = {value for node in nodes for value in node.results}
    read: dict[Value, None] = {}
    for node in nodes:
        for value in free_values(node):
            if value not in defined:
                read.setdefault(value)
    for value in results:
        if value not in defined and not isinstance(value, Literal):
            read.setdefault(value)
    return list(read)


@dataclass(frozen=True, slots=True)
class _Recipe:
    """The nodes that compute a value again, and the unrecorded values that these start from."""

    nodes: tuple[Node, ...]
    bases: tuple[Value, ...]


class _Plan:
    """Sorts needed values into recorded and recomputed ones."""

    def __init__(
        self,
        makers: Mapping[Value, Node],
        inner: set[Value],
        replayed: frozenset[Value],
        is_overwritten: Callable[[Value], bool],
        settled: Mapping[Value, Node],
    ) -> None:
        self.settled = settled
        self.is_overwritten = is_overwritten
        self.makers = makers
        self.inner = inner
        self.replayed = replayed
        self.recomputed: set[Node] = set()
        self.places = {value: place for place, value in enumerate(makers)}

    def decide(self, needed: Sequence[Value]) -> list[Value]:
        """The values to record, in order; `recomputed` holds the nodes to run again."""
        recorded: dict[Value, None] = {}
        pending = [value for value in needed if value not in self.replayed]
        pending.sort(key=self._place)
        for value in pending:
            if self.recipe(value, recorded) is None:
                recorded.setdefault(value)
        pending = self._settle([value for value in pending if value not in recorded], recorded)
        while pending:
            best = self._common_base(pending, recorded)
            recorded.setdefault(pending[0] if best is None else best)
            pending = self._settle([v for v in pending if v not in recorded], recorded)
        return sorted(recorded, key=self._place)

    def _place(self, value: Value) -> int:
        """Where the region defines the value: parameters first."""
        return self.places.get(value, -1)

    def reads(self, value: Value, needed: Sequence[Value], recorded: Sequence[Value]) -> bool:
        """Does the adjoint region read this replayed value, itself or to compute others again?"""
        if value in needed:
            return True
        return any(value in free_values(node) for node in self.recomputed)

    def _settle(self, pending: list[Value], recorded: Mapping[Value, None]) -> list[Value]:
        """Recompute every value that needs nothing beyond what is recorded; give the others."""
        left = []
        for value in pending:
            recipe = self.recipe(value, recorded)
            if recipe is not None and not recipe.bases:
                self.recomputed.update(recipe.nodes)
            else:
                left.append(value)
        return left

    def _common_base(self, pending: list[Value], recorded: Mapping[Value, None]) -> Value | None:
        """A base that, once recorded, settles more values than one, if there is any."""
        recipes = {value: self.recipe(value, recorded) for value in pending}
        best, most = None, 1
        for base in dict.fromkeys(b for recipe in recipes.values() if recipe for b in recipe.bases):
            settled = [
                value
                for value, recipe in recipes.items()
                if recipe is not None and recipe.bases == (base,) and _is_no_larger(base, value)
            ]
            if len(settled) > most:
                best, most = base, len(settled)
        return best

    def recipe(self, value: Value, recorded: Mapping[Value, None]) -> _Recipe | None:
        """How to compute the value again from what is outside, replayed or recorded, if cheap."""
        nodes: dict[Node, None] = {}
        bases: dict[Value, None] = {}
        if not self._trace(value, recorded, nodes, bases):
            return None
        if len(nodes) > RECOMPUTED_NODES_AT_MOST:
            return None
        return _Recipe(tuple(nodes), tuple(bases))

    def _trace(
        self,
        value: Value,
        recorded: Mapping[Value, None],
        nodes: dict[Node, None],
        bases: dict[Value, None],
    ) -> bool:
        """Follow cheap nodes back; was `value` itself made by one?"""
        node = self.makers.get(value)
        if node is None or not is_cheap(node):
            return False
        if value not in self.settled and self.reads_part_of_overwritten(node):
            return False
        if node in nodes:
            return True
        for operand in node.operands:
            if isinstance(operand, Literal) or operand not in self.inner:
                continue
            if operand in self.replayed or operand in recorded:
                continue
            if not self._trace(operand, recorded, nodes, bases):
                bases.setdefault(operand)
        nodes[node] = None
        return True

    def reads_part_of_overwritten(self, node: Node) -> bool:
        """Is this an element or a row of an array that changes in a loop around?

        A window of the same rank may be as large as the array, which may serve others too.
        """
        if node.operation != "getitem" or not self.is_overwritten(node.operands[0]):
            return False
        ranks = rank_of(node.operands[0].type), rank_of(node.result.type)
        return ranks[0] is not None and ranks[1] is not None and ranks[1] < ranks[0]


def is_cheap(node: Node) -> bool:
    """Does running the node again cost no more than recording its result?"""
    if node.regions or node.has_effect or len(node.results) != 1:
        return False
    if node.operation in _ARITHMETIC or node.operation in _VIEWS or node.operation in _SIZES:
        return True
    if node.operation == "getitem":
        return _is_basic_index(node)
    on_numbers = all(isinstance(value.type, ScalarType) for value in node.operands)
    return node.operation in _ON_NUMBERS and on_numbers


def _is_basic_index(node: Node) -> bool:
    """Does the index select by integers and slices only, so that reading it makes a view?"""
    dynamic = [node.operands[place] for place in holes(dict(node.parameters))]
    if any(not isinstance(value.type, ScalarType) for value in dynamic):
        return False
    index = node.parameters["index"]
    entries = index if isinstance(index, tuple) else (index,)
    return not any(isinstance(entry, (list, tuple)) or hasattr(entry, "dtype") for entry in entries)


def _is_no_larger(candidate: Value, value: Value) -> bool:
    """Does recording `candidate` take no more memory than recording `value`?"""
    have, want = shape_of(candidate.type), shape_of(value.type)
    if have is None or want is None:
        return False
    return have == () or have == want


def _use_witnesses(
    forward: Region,
    nodes: tuple[Node, ...],
    results: tuple[Value, ...],
    inner: set[Value],
    witnesses: Sequence[Value],
) -> tuple[tuple[Node, ...], tuple[Value, ...]]:
    """Replace inner values that are read for their shape alone by values of that shape."""
    needed = [value for value in values_read(nodes, results) if value in inner]
    only_shape = [value for value in needed if _is_read_for_shape_only(value, nodes, results)]
    if not only_shape:
        return nodes, results
    outer: dict[Value, None] = {}
    for node in forward.nodes:
        outer.update((value, None) for value in free_values(node) if value not in inner)
    # What a branch gives may have no value on the path that is taken.
    certain = {value for node in forward.nodes if not node.regions for value in node.results}
    certain |= set(forward.parameters)
    read_anyway = [value for value in needed if value not in only_shape and value in certain]
    candidates = [*outer, *witnesses, *read_anyway]
    mapping: dict[Value, Value] = {}
    for value in only_shape:
        witness = next((other for other in candidates if _shares_shape(other, value)), None)
        if witness is not None:
            mapping[value] = witness
    return tuple(substitute(node, mapping) for node in nodes), results


def _is_read_for_shape_only(value: Value, nodes: Sequence[Node], results: Sequence[Value]) -> bool:
    if value in results:
        return False
    for node in walk(tuple(nodes)):
        if any(value in region.results for region in node.regions):
            return False
        for place, operand in enumerate(node.operands):
            if operand is value and not reads_shape_only(node.operation, place):
                return False
    return True


def _shares_shape(a: Value, b: Value) -> bool:
    """Have the two certainly the same shape and dtype?"""
    if not isinstance(a.type, ArrayType) or a.type != b.type:
        return False
    return a.type.shape is not None and None not in a.type.shape
