"""Many samples at once: the graph with a leading axis of samples through all that depends on them.

What does not depend on a sample is computed once for all.  Elementwise functions align their
operands, others take the axis by their rules (`rules/batch_rules.py`); what cannot be done for all
samples in one call (a branch that each sample takes its own way) runs for one after another.

    graph f(x: f64[n]) {                 graph f(x: f64[k, n]) {
      y = sin x : f64[n]            →      y = sin x : f64[k, n]
      z = sum y : f64[]                    z = sum y {axis=1} : f64[k]
      return z                             return z
    }                                    }
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from srcgrad.errors import SrcgradError, UnsupportedError
from srcgrad.graph import (
    EFFECT_PARAMETERS,
    UNDEFINED,
    ArrayType,
    Builder,
    Dim,
    Graph,
    ListType,
    Literal,
    Node,
    OpaqueType,
    Region,
    ScalarType,
    Section,
    Type,
    Value,
    fill,
    free_values,
    holes,
    is_python_int,
    loop_parts,
    make_for,
    substitute,
)
from srcgrad.rules import (
    OneByOne,
    Primitive,
    Samples,
    Symbol,
    align_all,
    apply,
    as_argument,
    as_value,
    call,
    on_arrays,
    spread,
)
from srcgrad.transforms.derivatives import primitive_of
from srcgrad.transforms.rewriting import carries_of, rebuild_loop, redefine
from srcgrad.transforms.sections import section_of

# What says the same of every sample, and so has no axis of samples itself.
_OF_SHAPES = ("dim", "size", "list_length")


def batch(graph: Graph, places: Sequence[int], length: Dim) -> Graph:
    """The graph of `length` samples, which differ in the inputs at `places`.

    These inputs, and every result, have the samples along a new first axis.
    """
    given = {
        graph.inputs[place]: Value(
            batched_type(graph.inputs[place].type, length),
            graph.inputs[place].name,
            graph.inputs[place].derivative_of,
        )
        for place in places
    }
    inputs = tuple(given.get(value, value) for value in graph.inputs)
    walker = _Batch(Builder(graph.assumptions), given, length)
    try:
        walker.block(graph.nodes)
    except OneByOne:
        walker = _Batch(Builder(graph.assumptions), given, length)
        walker.all_one_by_one(graph)
    results = tuple(walker.spread(value) for value in graph.results)
    renamed = walker.names()
    return graph.replace(
        inputs=inputs,
        nodes=redefine(walker.builder.nodes, renamed),
        results=tuple(renamed.get(value, value) for value in results),
    )


def batched_type(type_: Type, length: Dim) -> Type:
    """The type of as many samples as `length` says."""
    if isinstance(type_, ListType):
        return ListType(batched_type(type_.element, length))
    if isinstance(type_, ScalarType):
        return ArrayType(np.dtype(type_.python_type), (length,))
    if isinstance(type_, OpaqueType):
        raise UnsupportedError("an object that is no number differs from sample to sample")
    return ArrayType(type_.dtype, None if type_.shape is None else (length, *type_.shape))


class _Batch:
    """Walks blocks in order; `samples` holds the batched form of each value that has one."""

    def __init__(self, builder: Builder, given: Mapping[Value, Value], length: Dim) -> None:
        self.builder = builder
        self.samples: dict[Value, Value] = dict(given)
        self.given = set(given.values())
        self.length = length
        first = Symbol(builder, next(iter(given.values())))
        first = first if not isinstance(first.type, ListType) else call("list_getitem", first, 0)
        self.count: Any = length if isinstance(length, int) else call("dim", first, axis=0)

    def names(self) -> dict[Value, Value]:
        """Batched values under the names of what they are samples of."""
        made: dict[Value, Value] = {}

        def renamed(value: Value) -> Value:
            batched = self.samples.get(value, value)
            if value not in self.samples or batched in self.given or isinstance(batched, Literal):
                return batched
            if batched not in made:
                of = None if value.derivative_of is None else renamed(value.derivative_of)
                made[batched] = Value(batched.type, value.name, of)
            return made[batched]

        for value in self.samples:
            renamed(value)
        return made

    def symbol(self, value: Value) -> Symbol:
        return Symbol(self.builder, value)

    def is_batched(self, value: Value) -> bool:
        return value in self.samples

    def spread(self, value: Value) -> Value:
        """The value for every sample, also where it is the same for all."""
        if value in self.samples:
            return self.samples[value]
        if isinstance(value, Literal):
            if value.value is UNDEFINED:
                return value
            # As a symbol, which keeps the call in the graph though all that it needs is known.
            return as_value(call(np.full, (self.count,), self.symbol(value)))
        if isinstance(value.type, ListType):
            return self.spread_list(value)
        return spread(self.symbol(value), self.count).all.value

    def spread_list(self, items: Value) -> Value:
        assert isinstance(items.type, ListType)
        item = Value(items.type.element)
        with self.builder.nested() as nodes:
            end = self.spread(item)
        tape = Value(batched_type(items.type, self.length))
        self.builder.add(
            make_for(
                sequences=(items,),
                items=(item,),
                nodes=tuple(nodes),
                collected=(end,),
                lists=(tape,),
            )
        )
        return tape

    def block(self, nodes: Sequence[Node]) -> None:
        for node in nodes:
            self.node(node)

    def node(self, node: Node) -> None:
        if not any(map(self.is_batched, free_values(node))):
            self.builder.add(node)
            return
        try:
            with self.builder.at(node.location, node.phase):
                self.batched(node)
        except SrcgradError as error:
            if node.location is not None:
                error.located(node.location)
            raise

    def batched(self, node: Node) -> None:
        if "in_place" in node.parameters:
            raise UnsupportedError("what each sample stores into the caller's array would be lost")
        known = dict(self.samples)
        try:
            with self.builder.nested() as nodes:
                if node.operation == "if":
                    self.branch(node)
                elif node.operation in ("for", "while"):
                    self.loop(node)
                elif node.operation == "section":
                    self.section(node)
                else:
                    self.primitive(node)
        except OneByOne:
            self.samples = known
            self.one_by_one(node)
        else:
            for made in nodes:
                self.builder.add(made)

    # Primitives

    def primitive(self, node: Node) -> None:
        primitive = primitive_of(node)
        regular = node.operands[: len(node.operands) - len(holes(dict(node.parameters)))]
        arguments = [self.argument(value) for value in node.operands]
        parameters = {
            key: fill(item, arguments)
            for key, item in node.parameters.items()
            if key not in (*EFFECT_PARAMETERS, "function")
        }
        arguments = arguments[: len(regular)]
        if node.operation in _OF_SHAPES:
            self.of_shape(node, arguments[0], parameters)
            return
        results = self.call_on_samples(primitive, node, arguments, parameters)
        for result, made in zip(node.results, results, strict=True):
            self.samples[result] = self.typed(made, result)

    def argument(self, value: Value) -> object:
        batched = self.samples.get(value)
        if batched is None:
            return as_argument(self.builder, value)
        return Samples(self.symbol(batched), self.count)

    def call_on_samples(
        self,
        primitive: Primitive,
        node: Node,
        arguments: list[object],
        parameters: dict[str, object],
    ) -> Sequence[Any]:
        if node.has_effect:
            raise OneByOne
        if primitive.batch is not None:
            made = primitive.batch(*arguments, **parameters)
            return made if isinstance(made, (tuple, list)) else (made,)
        on_numbers = [value for value in node.operands if is_python_int(value.type)]
        if any(map(self.is_batched, on_numbers)) and is_python_int(node.results[0].type):
            raise OneByOne  # Python's integers have no bounds, NumPy's do
        inside = node.operands[len(arguments) :]
        elementwise = on_arrays(primitive, len(arguments))
        if elementwise is None or any(map(self.is_batched, inside)):
            raise OneByOne
        made = apply(self.builder, elementwise, align_all(arguments), parameters)
        return tuple(map(self.symbol, made))

    def typed(self, made: Any, result: Value) -> Value:
        """What came out as samples of the type of one: also where that is the same for all."""
        wanted = batched_type(result.type, self.length)
        symbol = made if isinstance(made, Symbol) else self.symbol(as_value(made))
        if isinstance(wanted, ArrayType) and symbol.type != wanted:
            if wanted.shape is not None and len(wanted.shape) > symbol.ndim:
                symbol = spread(symbol, self.count).all
            if symbol.dtype != wanted.dtype:
                symbol = call("cast", symbol, dtype=wanted.dtype)
        return symbol.value

    def of_shape(self, node: Node, x: object, parameters: Mapping[str, Any]) -> None:
        """Sizes: those of one sample, of which the first axis tells nothing."""
        assert isinstance(x, Samples)
        operands: tuple[Value, ...] = (x.all.value,)
        if node.operation == "size":
            operands = (call("size", x.all).value, as_value(self.count))
            self.builder.add(replace(node, operation="floor_divide", operands=operands))
        elif node.operation == "dim" and parameters["axis"] >= 0:
            moved = {"axis": parameters["axis"] + 1}
            self.builder.add(replace(node, operands=operands, parameters=moved))
        else:
            self.builder.add(replace(node, operands=operands))

    def section(self, node: Node) -> None:
        """A section for all samples."""
        if node.has_effect:
            raise OneByOne
        section = section_of(node)
        places = [place for place, value in enumerate(node.operands) if self.is_batched(value)]
        many = batch(section.graph, places, self.length)
        operands = tuple(self.samples.get(value, value) for value in node.operands)
        results = tuple(map(self.new_samples, node.results))
        made = Section(f"{section.stem}_batched", many)
        parameters = {**node.parameters, "section": made}
        self.builder.add(replace(node, operands=operands, results=results, parameters=parameters))

    # Branches and loops

    def branch(self, node: Node) -> None:
        if self.is_batched(node.operands[0]):
            raise OneByOne
        ends = []
        for region in node.regions:
            with self.builder.nested() as nodes:
                self.block(region.nodes)
            ends.append((region, nodes))
        moved = [
            place
            for place in range(len(node.results))
            if any(self.is_batched(region.results[place]) for region in node.regions)
        ]
        regions = []
        for region, nodes in ends:
            with self.builder.nested() as more:
                results = tuple(
                    self.spread(value) if place in moved else value
                    for place, value in enumerate(region.results)
                )
            regions.append(Region((), (*nodes, *more), results))
        joined = tuple(
            self.new_samples(value) if place in moved else value
            for place, value in enumerate(node.results)
        )
        self.builder.add(replace(node, results=joined, regions=tuple(regions)))

    def new_samples(self, value: Value) -> Value:
        made = Value(batched_type(value.type, self.length))
        self.samples[value] = made
        return made

    def loop(self, node: Node) -> None:
        parts = loop_parts(node)
        if any(map(self.is_batched, parts.range)):
            raise OneByOne
        carries = carries_of(parts)
        moved = {carry[0] for carry in carries if self.is_batched(carry[1])}
        while True:
            walks = [self.walked(*walk) for walk in zip(parts.items, parts.sequences)]
            for value in moved:
                self.new_samples(value)
            with self.builder.nested() as nodes:
                self.block(parts.body.nodes)
            found = {c[0] for c in carries if self.is_batched(c[2])} | moved
            if found == moved:
                break
            moved = found
        if parts.stop is not None and self.is_batched(parts.stop):
            raise OneByOne
        condition = self.condition(node, moved) if node.operation == "while" else None
        with self.builder.nested() as ends:
            yielded = [self.spread(c[2]) if c[0] in moved else c[2] for c in carries]
        collects = [
            (self.samples[value], self.new_samples(tape)) if self.is_batched(value) else pair
            for pair in zip(parts.collected, parts.lists)
            for value, tape in [pair]
        ]
        made = [
            (self.samples[c[0]], self.spread(c[1]), end, self.new_samples(c[3]))
            if c[0] in moved
            else c
            for c, end in zip(carries, yielded, strict=True)
        ]
        self.builder.add(
            rebuild_loop(
                parts,
                nodes=(*nodes, *ends),
                walks=walks,
                carries=made,
                collects=collects,
                condition=condition,
            )
        )

    def walked(self, item: Value, sequence: Value) -> tuple[Value, Value]:
        """The item that holds all samples, and what is walked to get it."""
        if not self.is_batched(sequence):
            return item, sequence
        batched = self.samples[sequence]
        if isinstance(batched.type, ArrayType):
            if batched.type.shape is None:
                raise OneByOne
            batched = as_value(call(np.swapaxes, self.symbol(batched), 0, 1))
        return self.new_samples(item), batched

    def condition(self, node: Node, moved: set[Value]) -> Region:
        """The condition of a `while`, which must be the same for all samples."""
        region, body = node.regions
        parameters = []
        for value, carried in zip(region.parameters, body.parameters, strict=True):
            parameters.append(self.new_samples(value) if carried in moved else value)
        with self.builder.nested() as nodes:
            self.block(region.nodes)
        if any(map(self.is_batched, region.results)):
            raise OneByOne
        return Region(tuple(parameters), tuple(nodes), region.results)

    # One after another

    def one_by_one(self, node: Node) -> None:
        """A loop over the samples, with the node as it is inside."""
        free = [value for value in free_values(node) if self.is_batched(value)]
        if any(isinstance(value.type, ListType) for value in (*free, *node.results)):
            raise OneByOne
        self.loop_over_samples(free, (node,), node.results)

    def all_one_by_one(self, graph: Graph) -> None:
        """One loop over the samples for everything."""
        free = [value for value in graph.inputs if self.is_batched(value)]
        if any(isinstance(value.type, ListType) for value in (*free, *graph.results)):
            raise UnsupportedError("a list differs from sample to sample")
        inner = tuple(dict.fromkeys(v for v in graph.results if v not in graph.inputs))
        self.loop_over_samples(free, graph.nodes, inner)

    def loop_over_samples(
        self, free: Sequence[Value], nodes: Sequence[Node], results: tuple[Value, ...]
    ) -> None:
        """Run the nodes for each sample of the values `free`; stack each of the results."""
        items = {value: self.item_of(value) for value in free}
        with self.builder.nested() as inside:
            mine = {value: self.as_sample(item, value) for value, item in items.items()}
            for node in nodes:
                self.builder.add(substitute(node, mine))
        results = tuple(value for value in results if not isinstance(value, Literal))
        tapes = tuple(Value(ListType(result.type)) for result in results)
        self.builder.add(
            make_for(
                sequences=tuple(self.samples[value] for value in free),
                items=tuple(items.values()),
                nodes=tuple(inside),
                collected=results,
                lists=tapes,
                location=self.builder.location,
                phase=self.builder.phase,
            )
        )
        for result, tape in zip(results, tapes):
            if not isinstance(result.type, OpaqueType):
                self.samples[result] = self.stacked(tape, result)

    def item_of(self, value: Value) -> Value:
        """What a loop over the samples walks."""
        if isinstance(value.type, ScalarType):
            return Value(ArrayType(np.dtype(value.type.python_type), ()), value.name)
        return Value(value.type, value.name, value.derivative_of)

    def as_sample(self, item: Value, value: Value) -> Value:
        if isinstance(value.type, ScalarType):
            return as_value(call(value.type.python_type, self.symbol(item)))
        return item

    def stacked(self, tape: Value, result: Value) -> Value:
        wanted = batched_type(result.type, self.length)
        if self.builder.assumptions.is_zero(self.length) is not False:
            raise UnsupportedError("cannot tell that there is at least one sample")
        (made,) = self.builder.append("stack_list", (tape,), (wanted,))
        return made
