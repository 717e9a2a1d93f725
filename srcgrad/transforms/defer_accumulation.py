"""Take sums over the iterations of a derived loop after the loop, as one product each.

A loop over time adds an outer product to the adjoint of each weight in every iteration.  Collecting
the vectors and multiplying once afterwards does the same work in one large matrix product.  The
adjoints of the items of a walked array, `w @ g` in every iteration, become one product as well.

Relies on: accumulators that the loop reads for nothing else; rows of the same shape in every
iteration.  Changes: the order of summation, of derived loops only.  Never collects more than a
small multiple of what the loop walks anyway, nor matrices where a sum of them was carried.

    w_2 = for reverse each (x = xs) carry (d = e, w = w_0) {     l = for reverse each () carry (…) {
      g = …                                                        g = …
      t = outer x, g                                        →      yield … collect g
      w_1 = add w, t                                             }
      yield …, w_1                                               r = stack_rows l
    }                                                            w_2 = matmul xs.T, r
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from srcgrad.analyses import TripCounts
from srcgrad.graph import (
    ArrayType,
    Assumptions,
    Builder,
    Graph,
    Hole,
    ListType,
    Literal,
    LoopParts,
    Node,
    Region,
    Value,
    definitions,
    loop_parts,
    rank_of,
    shape_of,
)
from srcgrad.rules import Symbol, as_value, call
from srcgrad.transforms.known_sizes import size_as_value
from srcgrad.transforms.rewriting import carries_of, count_reads, is_literal, rebuild_loop

LARGEST_GROWTH_OF_TAPES = 4

Carry = tuple[Value, Value, Value, Value]


def defer_accumulation(graph: Graph) -> Graph:
    facts = _Facts(
        graph.assumptions, definitions(graph.nodes), count_reads(graph), TripCounts(graph.nodes)
    )
    nodes = _block(graph.nodes, list(graph.inputs), facts)
    return graph if nodes == graph.nodes else graph.replace(nodes=nodes)


@dataclass(frozen=True, slots=True)
class _Facts:
    """What is known of the whole graph."""

    sizes: Assumptions
    makers: Mapping[Value, Node]
    reads: Mapping[Value, int]
    trips: TripCounts


def _block(nodes: Sequence[Node], visible: list[Value], facts: _Facts) -> tuple[Node, ...]:
    done: list[Node] = []
    made_early: set[Node] = set()
    visible = list(visible)
    for place, node in enumerate(nodes):
        if node in made_early:
            continue
        inside = tuple(_region(region, visible, facts) for region in node.regions)
        if any(a is not b for a, b in zip(inside, node.regions)):
            node = replace(node, regions=inside)
        if node.operation == "for" and node.phase and not node.parameters.get("breaks"):
            found = _Deferral(loop_parts(node), visible, facts).run(nodes[place + 1 :])
            done += found.nodes
            made_early |= found.replaced
        else:
            done.append(node)
        visible.extend(node.results)
    return tuple(done)


def _region(region: Region, visible: list[Value], facts: _Facts) -> Region:
    nodes = _block(region.nodes, visible + list(region.parameters), facts)
    same = len(nodes) == len(region.nodes) and all(a is b for a, b in zip(nodes, region.nodes))
    return region if same else Region(region.parameters, nodes, region.results)


@dataclass(frozen=True, slots=True)
class _Found:
    """A loop with what comes after it, and the later nodes that this makes needless."""

    nodes: list[Node]
    replaced: set[Node] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Sum:
    """An accumulator: what is added to it in each iteration (-1: subtracted), by which nodes."""

    carry: Carry
    terms: tuple[tuple[int, Value], ...]
    additions: tuple[Node, ...]

    @property
    def final(self) -> Value:
        return self.carry[3]


@dataclass(frozen=True, slots=True)
class _Rows:
    """Consecutive rows of an array, one for each iteration, beginning with row `first`."""

    array: Value
    first: int


class _Deferral:
    """Rewrites one loop.  `collected` maps what it gathers to the lists that hold it."""

    def __init__(self, parts: LoopParts, visible: Sequence[Value], facts: _Facts) -> None:
        self.parts = parts
        self.facts = facts
        self.sizes = facts.sizes
        self.visible = visible
        self.makers = {value: node for node in parts.body.nodes for value in node.results}
        self.inside = set(self.makers) | set(parts.body.parameters)
        self.length = facts.trips.of_loop(parts)
        self.builder = Builder(facts.sizes)
        self.collected = dict(zip(parts.collected, parts.lists))
        self.rows: dict[Value, Symbol] = {}
        self.may_collect = True

    def run(self, later: Sequence[Node]) -> _Found:
        node = self.parts.node
        carries = carries_of(self.parts)
        sums = [found for carry in carries if (found := self.sum_of(carry))]
        scattered = [found for carry in carries if (found := self.scattered_sum_of(carry))]
        deferred: list[_Sum] = []
        replaced: set[Node] = set()
        with self.builder.at(node.location, node.phase):
            # First the products, which decide what is collected; a plain sum costs nothing then.
            for self.may_collect in (True, False):
                deferred += [s for s in sums if s not in deferred and self.total_of(s)]
                deferred += [s for s in scattered if s not in deferred and self.rows_added(s)]
                for value, tape in zip(self.parts.collected, self.parts.lists):
                    reader = self.stacking_of(tape, later)
                    if reader is not None and reader not in replaced:
                        replaced |= {reader} if self.product_of_items(value, reader) else set()
        if not deferred and not replaced:
            return _Found([node])
        finals = {total.final for total in deferred}
        additions = {addition for total in deferred for addition in total.additions}
        gone = {stacked.operands[0] for stacked in replaced}
        loop = rebuild_loop(
            self.parts,
            nodes=tuple(inner for inner in self.parts.body.nodes if inner not in additions),
            carries=[carry for carry in carries_of(self.parts) if carry[3] not in finals],
            collects=[(v, tape) for v, tape in self.collected.items() if tape not in gone],
        )
        return _Found([loop, *self.builder.nodes], replaced)

    # What can be deferred

    def sum_of(self, carry: Carry) -> _Sum | None:
        """The terms that an iteration adds to a carried array that it uses for nothing else."""
        carried, _, yielded, final = carry
        if not isinstance(carried.type, ArrayType) or final.type != carried.type:
            return None
        terms: list[tuple[int, Value]] = []
        additions: list[Node] = []
        value = yielded
        while value is not carried:
            node = self.makers.get(value)
            if node is None or node.operation not in ("add", "subtract") or node.parameters:
                return None
            if self.facts.reads[value] != 1:
                return None
            value, term = node.operands
            if node.operation == "add" and self.leads_to(term, carried):
                value, term = term, value
            terms.append((1 if node.operation == "add" else -1, term))
            additions.append(node)
        if self.facts.reads[carried] != 1 or not terms:
            return None
        if not all(self.has_type(term, carried) for _, term in terms):
            return None
        return _Sum(carry, tuple(reversed(terms)), tuple(additions))

    def leads_to(self, value: Value, carried: Value) -> bool:
        """Is the value the carried one, or a sum that starts from it?"""
        while value is not carried:
            node = self.makers.get(value)
            if node is None or node.operation not in ("add", "subtract"):
                return False
            value = node.operands[0]
        return True

    def has_type(self, value: Value, like: Value) -> bool:
        """Has the value the dtype and, in every call like the first, the shape of `like`?"""
        have, want = value.type, like.type
        if not isinstance(have, ArrayType) or not isinstance(want, ArrayType):
            return False
        if have.dtype != want.dtype or have.shape is None or want.shape is None:
            return False
        if len(have.shape) != len(want.shape):
            return False
        return all(self.sizes.assume_equal(a, b) for a, b in zip(have.shape, want.shape))

    def stacking_of(self, tape: Value, later: Sequence[Node]) -> Node | None:
        """The node that makes an array of a collected list, if nobody else reads the list."""
        if self.facts.reads[tape] != 1:
            return None
        reader = next((node for node in later if tape in node.operands), None)
        if reader is None or reader.operation != "stack_like" or reader.operands[0] is not tape:
            return None
        return reader

    # The sums after the loop

    def total_of(self, total: _Sum) -> bool:
        """Append the accumulator's final value, unless one of its terms cannot be summed."""
        _, initial, _, final = total.carry
        before = dict(self.collected), dict(self.rows)
        with self.builder.nested() as nodes:
            result: Symbol | None = None
            for sign, value in total.terms:
                term = self.summed(value)
                if term is None:
                    self.collected, self.rows = before
                    return False
                if result is None:
                    result = term if sign > 0 else -term
                else:
                    result = result + term if sign > 0 else result - term
            if not self.is_zero(initial):
                result = Symbol(self.builder, initial) + result
        self.finish(nodes, as_value(result), final)
        return True

    def finish(self, nodes: list[Node], value: Value, named: Value) -> None:
        """Append the nodes, the last of which makes `value`, which becomes `named`."""
        for node in nodes:
            results = tuple(named if result is value else result for result in node.results)
            self.builder.add(replace(node, results=results))

    def is_zero(self, value: Value) -> bool:
        maker = self.facts.makers.get(value)
        return is_literal(value, 0) or (maker is not None and maker.operation in _ZEROS)

    def summed(self, value: Value) -> Symbol | None:
        """The sum of the value over all iterations."""
        node = self.makers.get(value)
        if node is not None and self.facts.reads[value] == 1:
            contraction = self.contraction(node)
            if contraction is not None:
                return self.contracted(*contraction)
            if node.operation == "sum" and not node.parameters.get("keepdims"):
                return self.sum_of_sums(node)
        # Without a product, collecting saves nothing: only what is there anyway is summed.
        rows = self.rows_of(value, collect=False)
        if rows is None or not rank_of(value.type):
            return None
        return call(np.sum, rows, axis=0)

    def sum_of_sums(self, node: Node) -> Symbol | None:
        rank = rank_of(node.operands[0].type)
        if set(node.parameters) - {"axis", "keepdims"} or not rank:
            return None
        rows = self.rows_of(node.operands[0], collect=False)
        axis = node.parameters.get("axis")
        axes = range(rank) if axis is None else axis if isinstance(axis, tuple) else (axis,)
        if rows is None:
            return None
        return call(np.sum, rows, axis=(0, *(at % rank + 1 for at in axes)))

    def contraction(self, node: Node) -> tuple[Value, Value, Sequence[int], Sequence[int]] | None:
        """The two factors of a product, and the axes of each that it sums over."""
        if len(node.operands) != 2 or set(node.parameters) - {"axes"}:
            return None
        a, b = node.operands
        ranks = rank_of(a.type), rank_of(b.type)
        if a not in self.inside or b not in self.inside:
            return None
        if node.operation == "outer" and ranks == (1, 1):
            return a, b, (), ()
        if node.operation == "matmul" and ranks == (2, 2):
            maker = self.makers.get(a)
            if maker is None or maker.operation != "transpose" or maker.parameters:
                return a, b, (1,), (0,)
            return maker.operands[0], b, (0,), (0,)
        if node.operation == "multiply" and 0 in ranks and ranks != (0, 0):
            return a, b, (), ()
        axes = node.parameters.get("axes")
        if node.operation == "tensordot" and isinstance(axes, (tuple, list)):
            of_a, of_b = ([one] if isinstance(one, int) else list(one) for one in axes)
            if None not in ranks and min([0, *of_a, *of_b]) == 0:
                return a, b, of_a, of_b
        return None

    def contracted(
        self, a: Value, b: Value, of_a: Sequence[int], of_b: Sequence[int]
    ) -> Symbol | None:
        left, right = self.rows_of(a), self.rows_of(b)
        if left is None and right is not None:
            left = self.rows_of(a)  # what is collected of the other counts the iterations
        if left is None or right is None:
            return None
        if not of_a and left.ndim <= 2 and right.ndim <= 2:
            if left.ndim == 1 or right.ndim == 1:
                return left @ right if left.ndim == 1 else right @ left
            return left.T @ right
        axes = (0, *(axis + 1 for axis in of_a)), (0, *(axis + 1 for axis in of_b))
        return call(np.tensordot, left, right, axes=axes)

    # The adjoints of items

    def product_of_items(self, value: Value, stacking: Node) -> bool:
        """Append the array that stacking the collected values gives, if it is one product."""
        array = stacking.operands[1]
        if not self.has_type(value, Value(_row_type(array))) or stacking.parameters:
            return False
        before = dict(self.collected), dict(self.rows)
        with self.builder.nested() as nodes:
            result = self.product(value)
            if result is not None and self.length != self.facts.trips.of_sequence(array):
                zeros = call("zeros_like", Symbol(self.builder, array))
                visited = self.visited(0)
                result = visited and call("index_set", zeros, result, index=visited)
        if result is None:
            self.collected, self.rows = before
            return False
        self.finish(nodes, as_value(result), stacking.result)
        return True

    def scattered_sum_of(self, carry: Carry) -> _Sum | None:
        """The terms that an iteration adds to its rows of an array it uses for nothing else."""
        carried, _, yielded, final = carry
        if not isinstance(carried.type, ArrayType) or final.type != carried.type:
            return None
        additions: list[Node] = []
        value = yielded
        while value is not carried:
            node = self.makers.get(value)
            if node is None or node.operation != "index_add" or self.facts.reads[value] != 1:
                return None
            rows = self.row_read(node, node.operands[2:])
            if rows is None or not self.has_type(node.operands[1], Value(_row_type(carried))):
                return None
            additions.append(node)
            value = node.operands[0]
        if self.facts.reads[carried] != 1 or not additions:
            return None
        additions.reverse()
        return _Sum(carry, tuple((1, node.operands[1]) for node in additions), tuple(additions))

    def rows_added(self, total: _Sum) -> bool:
        """Append the final value of an array to whose rows products are added."""
        _, initial, _, final = total.carry
        before = dict(self.collected), dict(self.rows)
        with self.builder.nested() as nodes:
            result = Symbol(self.builder, initial)
            for (_, term), node in zip(total.terms, total.additions):
                product = self.product(term)
                rows = self.row_read(node, node.operands[2:])
                visited = rows and self.visited(rows.first)
                if product is None or visited is None:
                    self.collected, self.rows = before
                    return False
                if self.is_zero(result.value) and self.visits_all(node.operands[0], rows):
                    result = product
                else:
                    result = call("index_add", result, product, index=visited)
        self.finish(nodes, as_value(result), final)
        return True

    def row_read(self, node: Node, index: Sequence[Value]) -> _Rows | None:
        """Which row of an array a node reads or changes, if iterations count along its rows."""
        if len(index) != 1 or node.parameters["index"] not in _ONE_INDEX:
            return None
        (place,) = index
        offset = self.offset_from_index(place)
        start, _, step = self.parts.range or (None, None, None)
        if offset is None or not is_literal(step, 1):  # type: ignore[arg-type]
            return None
        first = start.value if isinstance(start, Literal) else None
        if type(first) is not int or first + offset < 0:
            return None
        return _Rows(node.operands[0], first + offset)

    def offset_from_index(self, value: Value) -> int | None:
        """The known number by which the value exceeds the loop's index."""
        if self.parts.index is None:
            return None
        if value is self.parts.index:
            return 0
        node = self.makers.get(value)
        if node is None or node.operation not in ("add", "subtract"):
            return None
        a, b = node.operands
        if a is not self.parts.index or not isinstance(b, Literal) or type(b.value) is not int:
            return None
        return b.value if node.operation == "add" else -b.value

    def visits_all(self, array: Value, rows: _Rows | None) -> bool:
        """Do the iterations count through all rows of the array?"""
        if rows is None or rows.first:
            return False
        return self.facts.trips.of_sequence(array) == self.length

    def product(self, value: Value) -> Symbol | None:
        """For all iterations the value of products with what is the same in all of them."""
        node = self.makers.get(value)
        if node is None or len(node.operands) != 2 or node.parameters:
            return None
        if self.facts.reads[value] != 1:
            return None
        a, b = node.operands
        if node.operation in ("add", "subtract") and self.has_type(a, b):
            left = self.product(a)
            right = None if left is None else self.product(b)
            if left is None or right is None:
                return None
            return left + right if node.operation == "add" else left - right
        if node.operation != "matmul":
            return None
        if b not in self.inside and a in self.inside and rank_of(b.type) == 2:
            rows = self.rows_of(a) if rank_of(a.type) in (1, 2) else None
            return None if rows is None else rows @ Symbol(self.builder, b)
        if a not in self.inside and b in self.inside and rank_of(a.type) == 2:
            rows = self.rows_of(b) if rank_of(b.type) == 1 else None
            return None if rows is None else rows @ Symbol(self.builder, a).T
        return None

    # One row per iteration

    def rows_of(self, value: Value, *, collect: bool = True) -> Symbol | None:
        """The values of all iterations in one array, in the order of the primal's iterations."""
        known = self.rows.get(value)
        if known is None:
            known = self.walked_rows(value)
        if known is None:
            known = self.indexed_rows(value)
        if known is None:
            known = self.stacked_rows(value, collect)
        if known is not None:
            self.rows[value] = known
        return known

    def walked_rows(self, value: Value) -> Symbol | None:
        """The sequence of which the value is the item, as far as it is walked."""
        if value not in self.parts.items:
            return None
        sequence = self.parts.sequences[self.parts.items.index(value)]
        if isinstance(sequence.type, ArrayType):
            return self.visited_rows(_Rows(sequence, 0))
        same = self.facts.trips.of_sequence(sequence) == self.length
        return self.stacked(sequence, value) if same else None

    def indexed_rows(self, value: Value) -> Symbol | None:
        """The array from which each iteration reads the row at its own index."""
        node = self.makers.get(value)
        if node is None or node.operation != "getitem" or node.operands[0] in self.inside:
            return None
        rows = self.row_read(node, node.operands[1:])
        return None if rows is None else self.visited_rows(rows)

    def visited_rows(self, rows: _Rows) -> Symbol | None:
        array = Symbol(self.builder, rows.array)
        if not isinstance(array.type, ArrayType) or not array.type.shape:
            return None
        if self.visits_all(rows.array, rows):
            return array
        visited = self.visited(rows.first)
        return None if visited is None else call("getitem", array, index=visited)

    def visited(self, first: int) -> slice | None:
        """The slice of as many rows as there are iterations."""
        tapes = [tape for tape in self.parts.sequences if isinstance(tape.type, ListType)]
        tapes = [tape for tape in tapes if self.facts.trips.of_sequence(tape) == self.length]
        tapes += self.collected.values()
        if not tapes:
            return None
        count = call("list_length", Symbol(self.builder, tapes[0]))
        return slice(first, first + count) if first else slice(None, count)

    def stacked_rows(self, value: Value, collect: bool) -> Symbol | None:
        """The rows of a list in which the loop collects the value, which it may begin to do now."""
        tape = self.collected.get(value)
        if tape is None:
            if not (collect and self.may_collect and self.is_worth_collecting(value)):
                return None
            tape = self.collected[value] = Value(ListType(value.type), value.name)
        return self.stacked(tape, value)

    def stacked(self, tape: Value, item: Value) -> Symbol | None:
        if not isinstance(item.type, ArrayType) or not item.type.shape:
            return None
        shape = [size_as_value(self.builder, dim, self.visible) for dim in item.type.shape]
        if any(size is None for size in shape):
            return None
        symbol = Symbol(self.builder, tape)
        rows = call("stack_rows", symbol, shape=tuple(shape), dtype=item.type.dtype)
        assert isinstance(rows, Symbol)
        return rows

    def is_worth_collecting(self, value: Value) -> bool:
        """Is the value a vector or matrix, small beside what the loop walks?"""
        if value not in self.inside or not isinstance(value.type, ArrayType):
            return False
        if not value.type.shape or (value in self.parts.carried and self.is_accumulator(value)):
            return False
        more = [value, *(v for v in self.collected if v not in self.parts.collected)]
        total = [self.elements(v) for v in more]
        walked = [self.elements(item) for item in (*self.parts.items, *self.rows_at_index())]
        if None in total or None in walked:
            return False
        return sum(total) <= LARGEST_GROWTH_OF_TAPES * sum(walked)  # type: ignore[arg-type]

    def rows_at_index(self) -> list[Value]:
        """The rows that each iteration reads at its own index, as if the array were walked."""
        read = [node for node in self.parts.body.nodes if node.operation == "getitem"]
        read = [node for node in read if node.operands[0] not in self.inside]
        return [node.result for node in read if self.row_read(node, node.operands[1:])]

    def is_accumulator(self, value: Value) -> bool:
        return any(carry[0] is value and self.sum_of(carry) for carry in carries_of(self.parts))

    def elements(self, value: Value) -> int | None:
        """How many numbers the value holds, in the first call."""
        sizes = [self.sizes.hint(dim) for dim in shape_of(value.type) or ()]
        known = [size for size in sizes if size is not None]
        return math.prod(known) if len(known) == len(sizes) else None


# The index of a read has hole 1, that of a store hole 2; the index may be in a tuple.
_ONE_INDEX = (Hole(1), (Hole(1),), Hole(2), (Hole(2),))
_ZEROS = frozenset({"zeros", "zeros_like"})


def _row_type(array: Value) -> ArrayType:
    assert isinstance(array.type, ArrayType)
    return ArrayType(array.type.dtype, None if array.type.shape is None else array.type.shape[1:])
