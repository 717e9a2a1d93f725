"""Run chains of elementwise functions on large arrays block by block.

On arrays that do not fit into the caches, each function of a chain writes its result to memory and
the next one reads it back; that is where the time goes, and the results in between are where the
space goes.  In a loop over blocks of some 8000 elements they stay in cache.

Only what is read outside the chain becomes an array of full size.  Sums that belong to a derivative
are taken block by block too; those of the user's own program are not, because their rounding would
differ from NumPy's.

Relies on: the last place in the order of passes, since no pass reads such a loop as what it is.
Never changes: chains on arrays that are small in the first call (a guard keeps the two apart);
chains across stores and effects; values, bit for bit.

                                             a_0 = empty {shape=(n,)}
                                             d_x = for start in range(0, n, 8192) carry (a = a_0) {
                                               stop = add start, 8192
    t_1 = exp x                                x_part = getitem x {index=start:stop}
    t_2 = multiply t_1, y              →       t_1 = exp x_part
    …                                          …
    d_x = multiply t_8, t_9                    d_x_part = multiply t_8, t_9
                                               a_1 = index_set a, d_x_part {index=start:stop}
                                               yield a_1
                                             }
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from srcgrad.analyses import UnifiedShapes, dtypes_in_doubt, shapes_in_doubt
from srcgrad.graph import (
    INT,
    ArrayType,
    Assumptions,
    Builder,
    Dim,
    Graph,
    Hole,
    Literal,
    Node,
    Region,
    Shape,
    Type,
    Value,
    free_values,
    give_name,
    literal,
    make_for,
    map_regions,
    substitute,
    symbol,
    walk,
)
from srcgrad.rules import Symbol, as_value, call, is_store, primitive_named
from srcgrad.transforms.known_sizes import empty_array, size_as_value
from srcgrad.transforms.rewriting import redefine

BLOCK = 8192  # elements: sixteen arrays of float64 of this size fit into a second-level cache
LARGE = 4 * BLOCK
FEWEST_ROWS = 8
FEWEST_NODES = 4
FEWEST_IN_BETWEEN = 2
_REMARK = "block by block, so that what comes in between stays in cache"
_PART = symbol("part")  # the size of a block, of which the last one may be smaller
_LIKE_ELEMENTWISE = frozenset({"zeros_like", "ones_like", "full_like"})


def block_elementwise(graph: Graph) -> Graph:
    in_doubt = shapes_in_doubt(graph.nodes) | dtypes_in_doubt(graph.nodes)
    shapes = UnifiedShapes(graph.assumptions, in_doubt)
    nodes, results = _Block(graph.inputs, shapes, graph.assumptions).run(graph.nodes, graph.results)
    return graph.replace(nodes=nodes, results=results)


@dataclass(slots=True)
class _Block:
    """The nodes of a graph or region; `visible` are the values that are there, so far."""

    visible: Sequence[Value]
    shapes: UnifiedShapes
    assumptions: Assumptions

    def run(
        self, nodes: Sequence[Node], results: tuple[Value, ...]
    ) -> tuple[tuple[Node, ...], tuple[Value, ...]]:
        """The nodes with each chain that is worth it in a loop of its own."""
        done: list[Node] = []
        pending = list(nodes)
        short: set[Node] = set()  # members of chains that are not worth it
        while pending:
            node, *rest = pending
            chain = None if node in short else _chain_from(node, rest, self.shapes)
            if chain is not None:
                defined = [value for node in chain.before for value in node.results]
                visible = [*self.visible, *defined]
                blocking = _Blocking(chain, results, visible, self.shapes, self.assumptions)
                if blocking.pays():
                    loop, whole = blocking.run()
                    pending = [*chain.before, *loop]
                    pending += [substitute(later, whole) for later in chain.after]
                    results = tuple(whole.get(value, value) for value in results)
                    continue
                short.update(chain.members)
            if "remark" not in node.parameters:
                node = map_regions(node, self.region)
            done.append(node)
            self.visible = [*self.visible, *node.results]
            pending = rest
        return tuple(done), results

    def region(self, region: Region) -> Region:
        inside = _Block([*self.visible, *region.parameters], self.shapes, self.assumptions)
        nodes, results = inside.run(region.nodes, region.results)
        same = len(nodes) == len(region.nodes) and all(a is b for a, b in zip(nodes, region.nodes))
        return region if same else Region(region.parameters, nodes, results)


# Which nodes make a chain


@dataclass(slots=True)
class _Chain:
    """Elementwise nodes whose results have one shape, and sums of such results.

    `before` are the other nodes that can run before all of them, `after` those that come after.
    """

    shape: Shape
    nodes: list[Node]
    before: list[Node] = field(default_factory=list)
    after: list[Node] = field(default_factory=list)

    @property
    def members(self) -> list[Node]:
        return [node for node in self.nodes if not _is_sum(node)]


def _chain_from(first: Node, rest: Sequence[Node], shapes: UnifiedShapes) -> _Chain | None:
    """The chain that begins with this node: all that can run with it, as far as the next store."""
    shape = _shape_of_member(first, shapes)
    if shape is None:
        return None
    chain = _Chain(shape, [first])
    inside = set(first.results)
    later: set[Value] = set()  # what is there only when the chain has run
    for place, node in enumerate(rest):
        if any(inner.has_effect or is_store(inner.operation) for inner in walk([node])):
            chain.after += rest[place:]
            break
        read = set(free_values(node))
        if read & later:
            chain.after.append(node)
            later.update(node.results)
        elif _shape_of_member(node, shapes) == shape:
            chain.nodes.append(node)
            inside.update(node.results)
        elif not read & inside:
            chain.before.append(node)
        else:
            (chain.nodes if _is_sum(node) else chain.after).append(node)
            later.update(node.results)
    return chain


def _shape_of_member(node: Node, shapes: UnifiedShapes) -> Shape | None:
    """The shape of what the node computes row by row from its operands, else None."""
    if node.regions or len(node.results) != 1 or is_store(node.operation):
        return None
    if not (primitive_named(node.operation).elementwise or node.operation in _LIKE_ELEMENTWISE):
        return None
    shape = shapes.of(node.result)
    if not shape:
        return None
    parts = [value for value in node.operands if _has_rows_of(value, shape, shapes)]
    fits = all(value in parts or _is_read_whole(value, shape, shapes) for value in node.operands)
    return shape if parts and fits else None


def _has_rows_of(value: Value, shape: Shape, shapes: UnifiedShapes) -> bool:
    """Does each row of a result of this shape take one row of the value?"""
    found = shapes.of(value)
    return found is not None and len(found) == len(shape) and found[0] == shape[0]


def _is_read_whole(value: Value, shape: Shape, shapes: UnifiedShapes) -> bool:
    """Does every row of a result of this shape take all of the value?"""
    if isinstance(value, Literal):
        return True
    found = shapes.of(value)
    return found is not None and (len(found) < len(shape) or found[0] == 1)


def _is_sum(node: Node) -> bool:
    """Is this the sum of all elements, in a derivative?"""
    given = [value for value in node.parameters.values() if value is not None]
    return node.operation == "sum" and bool(node.phase) and not given


# The loop that runs a chain


class _Blocking:
    """A chain, and what of it is read when it has run."""

    def __init__(
        self,
        chain: _Chain,
        results: Sequence[Value],
        visible: Sequence[Value],
        shapes: UnifiedShapes,
        assumptions: Assumptions,
    ) -> None:
        self.chain = chain
        self.visible = visible
        self.shapes = shapes
        self.builder = Builder(assumptions)
        read_after = {value for node in chain.after for value in free_values(node)} | set(results)
        self.kept = {node.result for node in chain.nodes if node.result in read_after}

    def pays(self) -> bool:
        """Is the chain long, are the arrays large and their rows short?

        The answer is remembered as an assumption, so that small arrays get code without blocks.
        What the user's own program computes further with keeps the memory order that it has by
        itself, since sums are rounded in that order.
        """
        in_between = [node for node in self.chain.members if node.result not in self.kept]
        if len(self.chain.members) < FEWEST_NODES or len(in_between) < FEWEST_IN_BETWEEN:
            return False
        assumptions = self.builder.assumptions
        size: Dim = self.chain.shape[0]
        row: Dim = 1
        for dim in self.chain.shape[1:]:
            size, row = assumptions.product(size, dim), assumptions.product(row, dim)
        row_length = assumptions.hint(row)
        if row_length is None or row_length * FEWEST_ROWS > BLOCK:
            return False
        if any(self.size(dim, Builder(assumptions)) is None for dim in self.chain.shape):
            return False
        if row != 1 and any(
            not node.phase for node in self.chain.nodes if node.result in self.kept
        ):
            return False
        return assumptions.is_at_least(size, LARGE) is True

    def run(self) -> tuple[list[Node], dict[Value, Value]]:
        """The loop with what it needs, and what each value that is read after it is then."""
        with self.builder.at(None, max(node.phase for node in self.chain.nodes)):
            sizes: list[Any] = [self.size(dim, self.builder) for dim in self.chain.shape]
            rows = self.rows(sizes[1:])
            body = _Body(self.chain.shape, self.shapes, as_value(rows), self.builder.phase)
            for node in self.chain.nodes:
                kept = node.result in self.kept
                body.compute(node, kept=kept)
                if kept and _is_sum(node):
                    body.add_up(node)
                elif kept:
                    body.store(node, self.array_for(node.result, sizes))
            loop = body.loop((literal(0), as_value(sizes[0]), as_value(rows)))
        return [*self.builder.nodes, loop], body.whole

    def rows(self, row: Sequence[Any]) -> Symbol | int:
        """How many rows make a block, of rows with these sizes."""
        if not row:
            return BLOCK
        rows = BLOCK // functools.reduce(operator.mul, row)
        if isinstance(rows, int):
            return max(rows, 1)
        give_name(as_value(rows := call(max, rows, 1)), "rows")
        return rows

    def size(self, dim: Dim, builder: Builder) -> Symbol | int | None:
        return size_as_value(builder, dim, self.visible)

    def array_for(self, result: Value, sizes: Sequence[Symbol | int]) -> Value:
        """A new array for a result, made like one that is there where one is of its kind."""
        assert isinstance(result.type, ArrayType)
        shape, dtype = self.shapes.of(result), result.type.dtype
        operands = [value for node in self.chain.nodes for value in node.operands]
        for value in operands:
            alike = self.shapes.of(value) == shape and getattr(value.type, "dtype", None) == dtype
            if alike and value in self.visible:
                return as_value(call("empty_like", Symbol(self.builder, value)))
        return empty_array(self.builder, sizes, result.type)


class _Body:
    """What the loop does with a block, and what it carries from one to the next.

    `parts` holds what stands for a value in a block; `whole` holds, for each value that is read
    after the loop, what it is then.
    """

    def __init__(self, shape: Shape, shapes: UnifiedShapes, rows: Value, phase: str) -> None:
        self.shape = shape
        self.shapes = shapes
        self.phase = phase
        self.start, self.stop = Value(INT, "start"), Value(INT, "stop")
        self.nodes = [Node("add", (self.start, rows), (self.stop,), phase=phase)]
        self.parts: dict[Value, Value] = {}
        self.whole: dict[Value, Value] = {}
        self.carries: list[tuple[Value, Value, Value, Value]] = []

    def compute(self, node: Node, *, kept: bool) -> None:
        """The node on one block."""
        for value in node.operands:
            if value not in self.parts and _has_rows_of(value, self.shape, self.shapes):
                self.take(value, node.phase)
        self.parts[node.result] = self.part_of(node.result, kept=kept)
        self.nodes += redefine([node], self.parts)

    def take(self, value: Value, phase: str) -> None:
        """`x[start:stop]`"""
        part = Value(_part_type(value.type), None if value.name is None else f"{value.name}_part")
        operands = (value, self.start, self.stop)
        index = {"index": slice(Hole(1), Hole(2), None)}
        self.nodes.append(Node("getitem", operands, (part,), index, phase=phase))
        self.parts[value] = part

    def part_of(self, value: Value, *, kept: bool) -> Value:
        """What stands for a result in a block.  The array that is kept has the name itself."""
        name = f"{value.name}_part" if kept and value.name else value.name
        of = value.derivative_of
        if of is not None:
            of = self.parts.get(of, None if kept else of)
        return Value(_part_type(value.type), name, of)

    def store(self, node: Node, array: Value) -> None:
        """`d_x[start:stop] = d_x_part`"""
        before, after = self.carry(node.result, array)
        operands = (before, self.parts[node.result], self.start, self.stop)
        index = {"index": slice(Hole(2), Hole(3), None)}
        store = Node("index_set", operands, (after,), index, (), node.location, node.phase)
        self.nodes.append(store)

    def add_up(self, node: Node) -> None:
        """`total += t`"""
        before, after = self.carry(node.result, literal(0.0))
        operands = (before, self.parts[node.result])
        self.nodes.append(Node("add", operands, (after,), {}, (), node.location, node.phase))

    def carry(self, value: Value, initial: Value) -> tuple[Value, Value]:
        """What stands for the value before and after the present block."""
        before, after, final = (
            Value(value.type, value.name, value.derivative_of) for _ in range(3)
        )
        self.carries.append((before, initial, after, final))
        self.whole[value] = final
        return before, after

    def loop(self, bounds: tuple[Value, ...]) -> Node:
        carried, initial, yielded, final = zip(*self.carries)
        loop = make_for(
            range=bounds,
            index=self.start,
            carried=carried,
            initial=initial,
            yielded=yielded,
            final=final,
            nodes=tuple(self.nodes),
            phase=self.phase,
        )
        return replace(loop, parameters={**loop.parameters, "remark": _REMARK})


def _part_type(type_: Type) -> Type:
    """The type of some rows of an array; that of a number is the same."""
    if not isinstance(type_, ArrayType) or not type_.shape:
        return type_
    return ArrayType(type_.dtype, (_PART, *type_.shape[1:]))
