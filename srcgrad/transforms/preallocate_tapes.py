"""Make tapes that are stacked after their loop arrays from the beginning.

A list that a loop collects and that is then made an array becomes an array that the loop fills, row
by row, where the number of iterations is known before the loop.  Loops that walk the list read the
rows of the array at their index.

Relies on: rows of the same shape in every iteration; loops that never stop early.  Never changes:
lists that are not stacked, since a list costs less to fill.

                                             n = dim xs {axis=0}
    l = for each (x = xs) … {                a_0 = empty {shape=(n, k)}
      …                               →      r = for i each (x = xs) carry (a = a_0) … {
      yield … collect h                        a_1 = index_set a, h, i
    }                                          …
    r = stack_rows l {shape=(k,)}              yield a_1, …
                                             }
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from srcgrad.analyses import TripCounts, length_of_range
from srcgrad.graph import (
    INT,
    ArrayType,
    Builder,
    Dim,
    Graph,
    Hole,
    ListType,
    LoopParts,
    Node,
    Region,
    Value,
    free_values,
    literal,
    loop_parts,
    map_regions,
    substitute,
    walk,
)
from srcgrad.rules import Symbol, as_value, call
from srcgrad.transforms.known_sizes import empty_array, size_as_value
from srcgrad.transforms.rewriting import carries_of, is_literal, rebuild_loop

Range = tuple[Value, ...]


def preallocate_tapes(graph: Graph) -> Graph:
    if not any(node.operation == "stack_rows" for node in walk(graph.nodes)):
        return graph
    nodes, results = _block(graph.nodes, graph.results, _Scope(list(graph.inputs), {}), graph)
    return graph.replace(nodes=nodes, results=results)


@dataclass(frozen=True, slots=True)
class _Scope:
    """The values that can be read here, and the sizes that were already asked for."""

    visible: list[Value]
    sizes: dict[Dim, Value]

    def inside(self, values: Sequence[Value]) -> _Scope:
        return _Scope([*self.visible, *values], dict(self.sizes))


def _block(
    nodes: Sequence[Node], results: tuple[Value, ...], scope: _Scope, graph: Graph
) -> tuple[tuple[Node, ...], tuple[Value, ...]]:
    done: list[Node] = []
    pending = list(nodes)
    while pending:
        node = pending.pop(0)
        inner = map_regions(node, lambda region: _region(region, scope, graph))
        if node.operation == "for" and not node.parameters.get("breaks"):
            trips = TripCounts([*done, inner, *pending])
            preallocation = _Preallocation(loop_parts(inner), scope, graph, trips)
            before, inner, pending = preallocation.run(pending, results)
            results = tuple(preallocation.arrays.get(value, value) for value in results)
            if before:
                scope.sizes.update(preallocation.sizes)
            done += before
            scope.visible.extend(value for made in before for value in made.results)
        done.append(inner)
        scope.visible.extend(inner.results)
    return tuple(done), results


def _region(region: Region, scope: _Scope, graph: Graph) -> Region:
    nodes, results = _block(region.nodes, region.results, scope.inside(region.parameters), graph)
    same = len(nodes) == len(region.nodes) and all(a is b for a, b in zip(nodes, region.nodes))
    return region if same else Region(region.parameters, nodes, results)


@dataclass(frozen=True, slots=True)
class _Tape:
    """A list that becomes an array: the collected value, the list, who stacks it, a row's shape."""

    item: Value
    list: Value
    stackings: tuple[Node, ...]
    row: tuple[Symbol | int, ...]


class _Preallocation:
    """Rewrites one loop, and the nodes after it that read its tapes.

    `arrays` holds, for what was made of a tape, the array that takes its place.
    """

    def __init__(self, parts: LoopParts, scope: _Scope, graph: Graph, trips: TripCounts) -> None:
        self.parts = parts
        self.visible = scope.visible
        self.sizes = dict(scope.sizes)
        self.trips = trips
        self.builder = Builder(graph.assumptions)
        self.length = trips.of_loop(parts)
        self.arrays: dict[Value, Value] = {}

    def run(
        self, later: list[Node], results: Sequence[Value]
    ) -> tuple[list[Node], Node, list[Node]]:
        """What comes before the loop, the loop, and what comes after it."""
        node = self.parts.node
        with self.builder.at(None, node.phase):
            tapes = self.tapes(later, results)
            range_and_count = self.range_and_count() if tapes else None
            if range_and_count is None:
                return [], node, later
            own_range, count = range_and_count
            index = self.parts.index or Value(INT)
            stores: dict[Value, list[Node]] = {}
            carries = carries_of(self.parts)
            for tape in tapes:
                carry, nodes = self.storage(tape, count, own_range, index)
                stores.setdefault(tape.item, []).extend(nodes)
                carries.append(carry)
                later = _reading_array(later, tape, carry[3], own_range)
                self.arrays.update((stacking.result, carry[3]) for stacking in tape.stackings)
        gone = {tape.list for tape in tapes}
        kept = [pair for pair in zip(self.parts.collected, self.parts.lists) if pair[1] not in gone]
        loop = rebuild_loop(
            self.parts,
            nodes=self.with_stores(stores),
            range=own_range,
            index=index,
            carries=carries,
            collects=kept,
        )
        return self.builder.nodes, loop, later

    # Which tapes

    def tapes(self, later: Sequence[Node], results: Sequence[Value]) -> list[_Tape]:
        found = []
        for item, tape in zip(self.parts.collected, self.parts.lists):
            stackings = [n for n in later if n.operation == "stack_rows" and n.operands[0] is tape]
            if stackings and tape not in results and self.may_be_array(tape, later):
                sizes = self.row_sizes(item)
                if sizes is not None:
                    found.append(_Tape(item, tape, tuple(stackings), sizes))
        return found

    def may_be_array(self, tape: Value, later: Sequence[Node]) -> bool:
        """Is the list only stacked, measured, and walked by loops of as many iterations?"""
        for node in later:
            if tape in node.operands:
                if node.operation in ("stack_rows", "list_length"):
                    continue
                if node.operation != "for" or not self.is_walked_alike(tape, loop_parts(node)):
                    return False
            if node.regions and tape in free_values(replace(node, operands=())):
                return False
        return True

    def is_walked_alike(self, tape: Value, reader: LoopParts) -> bool:
        if tape in reader.initial or reader.sequences.count(tape) != 1 or reader.stop is not None:
            return False
        if reader.range and reader.range != self.parts.range:
            return False
        return self.trips.of_loop(reader) == self.length

    def row_sizes(self, item: Value) -> tuple[Symbol | int, ...] | None:
        """The sizes of a row, if all are known before the loop."""
        if not isinstance(item.type, ArrayType) or not item.type.shape:
            return None
        sizes = [self.size(dim) for dim in item.type.shape]
        known = tuple(size for size in sizes if size is not None)
        return known if len(known) == len(sizes) else None

    # The arrays

    def size(self, dim: Dim) -> Symbol | int | None:
        if dim in self.sizes:
            return self.symbol(self.sizes[dim])
        size = size_as_value(self.builder, dim, self.visible)
        if isinstance(size, Symbol):
            self.sizes[dim] = size.value
        return size

    def range_and_count(self) -> tuple[Range, Symbol | int] | None:
        """The range to count iterations by, and how many there are."""
        parts = self.parts
        if parts.range:
            start, stop, step = parts.range
            if length_of_range(parts.range) != self.length or not is_literal(step, 1):
                return None
            if length_of_range(parts.range)[0] == "size":  # type: ignore[index]
                return parts.range, self.symbol_or_number(stop)
            if is_literal(start, 0):
                count = call(max, self.symbol_or_number(stop), 0)
            else:
                difference = call("subtract", self.symbol(stop), self.symbol_or_number(start))
                count = call(max, difference, 0)
            return parts.range, count
        count = self.count_of_sequences()
        return None if count is None else ((literal(0), as_value(count), literal(1)), count)

    def count_of_sequences(self) -> Symbol | int | None:
        kind, what = self.length[0], self.length[1]  # type: ignore[index]
        if kind == "size":
            return self.size(what)
        for sequence in self.parts.sequences:
            is_list = isinstance(sequence.type, ListType)
            if is_list and self.trips.of_sequence(sequence) == self.length:
                return call("list_length", self.symbol(sequence))
        return None

    def symbol(self, value: Value) -> Symbol:
        return Symbol(self.builder, value)

    def symbol_or_number(self, value: Value) -> Symbol | int:
        number = getattr(value, "value", None)
        return number if type(number) is int else self.symbol(value)

    def storage(
        self, tape: _Tape, count: Symbol | int, own_range: Range, index: Value
    ) -> tuple[tuple[Value, Value, Value, Value], list[Node]]:
        """What the loop carries for the array, and the nodes that fill a row of it."""
        node = self.parts.node
        item = tape.item.type
        assert isinstance(item, ArrayType) and item.shape is not None
        type_ = ArrayType(item.dtype, (_dim_of(own_range), *item.shape))
        array = empty_array(self.builder, (count, *tape.row), type_)
        before, after, final = (Value(type_, _name_of(tape, node)) for _ in range(3))
        nodes, place = _place_of(own_range, index, node)
        operands = (before, tape.item, place)
        index_ = {"index": Hole(2)}
        store = Node("index_set", operands, (after,), index_, (), None, node.phase)
        return (before, array, after, final), [*nodes, store]

    def with_stores(self, stores: dict[Value, list[Node]]) -> tuple[Node, ...]:
        """The body with each store right after the definition of what it stores."""
        body = self.parts.body
        nodes = [store for value in body.parameters for store in stores.get(value, ())]
        outside = [value for value in stores if value not in body.parameters]
        for node in body.nodes:
            nodes.append(node)
            for value in node.results:
                nodes += stores.get(value, ())
        inside = {value for node in body.nodes for value in node.results}
        for value in outside:
            if value not in inside:
                nodes += stores[value]
        return tuple(nodes)


def _dim_of(own_range: Range) -> Dim:
    key = length_of_range(own_range)
    return key[1] if key[0] == "size" else None  # type: ignore[index]


def _name_of(tape: _Tape, node: Node) -> str:
    """A name after what the tape holds: `h_tape`, `d_h_tape`, `g_tape` for other adjoints."""
    primal = tape.item.derivative_of
    of_primal = None if primal is None or primal.name is None else f"d_{primal.name}"
    name = tape.item.name or tape.list.name or of_primal or ("g" if node.phase else None)
    return "tape" if name is None else f"{name}_tape"


def _place_of(own_range: Range, index: Value, node: Node) -> tuple[list[Node], Value]:
    """The number of the iteration, counted from 0."""
    start = own_range[0]
    if is_literal(start, 0):
        return [], index
    place = Value(INT)
    step = Node("subtract", (index, start), (place,), {}, (), None, node.phase)
    return [step], place


def _reading_array(
    later: Sequence[Node], tape: _Tape, array: Value, own_range: Range
) -> list[Node]:
    """The nodes with the array in place of the list, and of what was made of the list."""
    mapping = {stacking.result: array for stacking in tape.stackings}
    changed: list[Node] = []
    for node in later:
        if node in tape.stackings:
            continue
        node = substitute(node, mapping)
        if tape.list in node.operands:
            if node.operation == "list_length":
                length = replace(node, operation="dim", operands=(array,), parameters={"axis": 0})
                changed.append(length)
                continue
            node = _indexing(loop_parts(node), tape.list, array, own_range)
        changed.append(node)
    return changed


def _indexing(parts: LoopParts, tape: Value, array: Value, own_range: Range) -> Node:
    """The loop that reads the rows of the array instead of walking the list."""
    item = parts.items[parts.sequences.index(tape)]
    index = parts.index or Value(INT)
    nodes, place = _place_of(own_range, index, parts.node)
    phase = parts.node.phase
    read = Node("getitem", (array, place), (item,), {"index": Hole(1)}, (), None, phase)
    return rebuild_loop(
        parts,
        nodes=(*nodes, read, *parts.body.nodes),
        range=own_range,
        index=index,
        walks=[pair for pair in zip(parts.items, parts.sequences) if pair[0] is not item],
    )
