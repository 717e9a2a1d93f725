"""Forward mode: tangents beside the values, in the same order and in the same regions.

Elementwise functions use their backward rules, whose contribution to an operand is the tangent that
comes through it (in the transposed convention also for complex values); linear and bilinear ones
are applied to tangents; the others have forward rules of their own.

    y = sin x           y = sin x
    return y      →     t = cos x                  # tangent of
                        y_dot = multiply x_dot, t
                        return y, y_dot
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from srcgrad.analyses import Activity, activity, differentiable_operands
from srcgrad.errors import SrcgradError
from srcgrad.graph import (
    EFFECT_PARAMETERS,
    Builder,
    Graph,
    ListType,
    Literal,
    Node,
    Region,
    Section,
    Value,
    definitions,
    fill,
    holes,
    loop_parts,
)
from srcgrad.rules import (
    Primitive,
    Symbol,
    apply,
    as_argument,
    as_value,
    attempted,
    call,
    has_shape_of,
    results_of,
)
from srcgrad.transforms.derivatives import (
    check_parameters,
    derivative_type,
    fit,
    missing_rule,
    primitive_of,
    zero_like,
)
from srcgrad.transforms.gradient_hooks import check_forward, is_hook, passed, without_hooks
from srcgrad.transforms.rewriting import carries_of, rebuild_loop, redefine
from srcgrad.transforms.sections import section_of


def forward(
    graph: Graph,
    wrt: Sequence[int],
    outputs: Sequence[int] | None = None,
    seeds: Sequence[Value] | None = None,
) -> Graph:
    """The graph with a tangent for each of `outputs`, which follow the primal results.

    `seeds` are the tangents of the inputs `wrt`: literals or values of the graph.  Without seeds
    each has a new one, which becomes a further input.  Without `outputs` every result has a
    tangent.  Raises `MissingRuleError` where a function on the way has no forward rule.
    """
    inputs = [graph.inputs[place] for place in wrt]
    places = range(len(graph.results)) if outputs is None else outputs
    results = [graph.results[place] for place in places]
    builder = Builder(graph.assumptions)
    builder.definitions.update(definitions(graph.nodes))
    if seeds is None:
        new = {v: Value(derivative_type(v.type), None, v) for v in dict.fromkeys(inputs)}
        added = tuple(new[value] for value in inputs)
        tangents = new
    else:
        tangents, added = dict(zip(inputs, seeds, strict=True)), ()
    known = set(tangents.values())
    walker = _Forward(builder, activity(graph, inputs, results), tangents)
    walker.block(graph.nodes)
    ends = [walker.tangent_or_zero(value) for value in results]
    renamed = {
        tangent: Value(tangent.type, tangent.name, primal)
        for primal, tangent in reversed(walker.tangents.items())
        if not isinstance(tangent, Literal) and tangent.derivative_of is None
        if tangent not in known
    }
    return graph.replace(
        inputs=graph.inputs + added,
        nodes=without_hooks(redefine(builder.nodes, renamed)),
        results=graph.results + tuple(renamed.get(value, value) for value in ends),
    )


class _Forward:
    """Walks blocks in order; `tangents` holds the tangent of each active value met so far."""

    def __init__(
        self, builder: Builder, active: Activity, tangents: dict[Value, Value], phase: str = ""
    ) -> None:
        self.builder = builder
        self.phase = phase
        self.activity = active
        self.tangents = dict(tangents)

    def is_active(self, value: Value) -> bool:
        return not isinstance(value, Literal) and self.activity.is_active(value)

    def symbol(self, value: Value) -> Symbol:
        return Symbol(self.builder, value)

    def tangent_or_zero(self, value: Value) -> Value:
        found = self.tangents.get(value)
        return zero_like(self.builder, value) if found is None else found

    def block(self, nodes: Sequence[Node]) -> None:
        for node in nodes:
            self.node(node)

    def node(self, node: Node) -> None:
        try:
            if is_hook(node):
                if self.is_active(node.result):
                    check_forward(node)
                self.node(passed(node))
            elif node.operation == "if":
                self.branch(node)
            elif node.operation in ("for", "while"):
                self.loop(node)
            elif node.operation == "section" and any(map(self.is_active, node.results)):
                self.section(node)
            else:
                self.builder.add(node)
                if any(map(self.is_active, node.results)):
                    with self.builder.at(node.location, self.phase or f"tangent of {node.phase}"):
                        self.primitive(node)
        except SrcgradError as error:
            if node.location is not None:
                error.located(node.location)
            raise

    # Primitives

    def primitive(self, node: Node) -> None:
        primitive = primitive_of(node)
        regular = node.operands[: len(node.operands) - len(holes(dict(node.parameters)))]
        flowing = set(differentiable_operands(node))
        dots = [
            self.tangents.get(value) if value in flowing and self.is_active(value) else None
            for value in regular
        ]
        if all(dot is None for dot in dots):
            return
        tangents = self.tangents_of_results(primitive, node, regular, dots)
        for result, tangent in zip(node.results, tangents, strict=True):
            if tangent is not None and self.is_active(result):
                self.tangents[result] = self.fitted(tangent, result)

    def fitted(self, tangent: object, result: Value) -> Value:
        """The tangent in the result's shape and kind of number."""
        symbol, target = self.symbol(as_value(tangent)), self.symbol(result)
        if not isinstance(result.type, ListType) and not has_shape_of(symbol, target):
            symbol = call("broadcast_like", symbol, target)
        return fit(symbol, target)

    def tangents_of_results(
        self,
        primitive: Primitive,
        node: Node,
        regular: tuple[Value, ...],
        dots: list[Value | None],
    ) -> Sequence[object]:
        arguments = [as_argument(self.builder, value) for value in node.operands]
        parameters = {
            key: fill(item, arguments)
            for key, item in node.parameters.items()
            if key not in EFFECT_PARAMETERS
        }
        arguments = arguments[: len(regular)]
        results = tuple(map(self.symbol, node.results))
        y = results[0] if len(results) == 1 else results
        symbols = [None if dot is None else self.symbol(dot) for dot in dots]
        if node.operation == "outcome":
            primitive, parameters, arguments = attempted(parameters, arguments)
            node, symbols = replace(node, parameters=parameters), symbols[1:]
        if primitive.jvp is not None:
            check_parameters(primitive, "jvp", node)
            tangents = primitive.jvp(*symbols, y, *arguments, **parameters)
            return tangents if isinstance(tangents, (tuple, list)) else (tangents,)
        if primitive.elementwise and primitive.vjp is not None:
            check_parameters(primitive, "vjp", node)
            return (self.by_backward_rule(primitive, symbols, y, arguments, parameters),)
        if primitive.linear:
            zeros = [
                self.symbol(self.tangent_or_zero(value)) if dot is None else dot
                for value, dot in zip(regular, symbols)
            ]
            return tuple(apply(self.builder, primitive, zeros, parameters))
        if primitive.bilinear:
            return (self.by_parts(primitive, symbols, arguments, parameters),)
        if primitive.composite is not None:
            return self.by_body(primitive, node, arguments, parameters)
        raise missing_rule(node)

    def by_body(
        self,
        primitive: Primitive,
        node: Node,
        arguments: list[object],
        parameters: dict[str, object],
    ) -> Sequence[object]:
        """The tangents of a function that is made of others: those of what it is made of."""
        assert primitive.composite is not None
        with self.builder.nested() as nodes:
            made = results_of(primitive.composite, arguments, parameters)
        results = tuple(map(as_value, made))
        operands = [value for value in dict.fromkeys(node.operands) if value in self.tangents]
        graph = Graph(
            node.operation, tuple(operands), tuple(nodes), results, self.builder.assumptions
        )
        tangents = {value: self.tangents[value] for value in operands}
        active = activity(graph, operands, results)
        inner = _Forward(self.builder, active, tangents, self.builder.phase)
        inner.block(nodes)
        found = [inner.tangents.get(value) for value in results]
        return [None if tangent is None else self.symbol(tangent) for tangent in found]

    def by_backward_rule(
        self,
        primitive: Primitive,
        dots: Sequence[Symbol | None],
        y: object,
        arguments: Sequence[object],
        parameters: dict[str, object],
    ) -> object:
        """The sum over the operands of what the backward rule makes of each tangent."""
        assert primitive.vjp is not None
        total: object = None
        for place, dot in enumerate(dots):
            if dot is None:
                continue
            contributions = primitive.vjp(dot, y, *arguments, **parameters)
            if not isinstance(contributions, (tuple, list)):
                contributions = (contributions,)
            if isinstance(contributions[place], SrcgradError):
                raise contributions[place]  # the rule says so of this operand
            total = _sum(total, contributions[place])
        return total

    def by_parts(
        self,
        primitive: Primitive,
        dots: Sequence[Symbol | None],
        arguments: Sequence[object],
        parameters: dict[str, object],
    ) -> object:
        """The product rule: each operand's tangent in turn with the other operands."""
        total: object = None
        for place, dot in enumerate(dots):
            if dot is not None:
                operands = [*arguments[:place], dot, *arguments[place + 1 :]]
                (value,) = apply(self.builder, primitive, operands, parameters)
                total = _sum(total, self.symbol(value))
        return total

    # Sections

    def section(self, node: Node) -> None:
        """A section that computes values and tangents together."""
        section = section_of(node)
        given = [
            place
            for place, value in enumerate(node.operands)
            if self.is_active(value) and value in self.tangents
        ]
        moved = [place for place, value in enumerate(node.results) if self.is_active(value)]
        made = forward(section.graph, given, moved)
        dots = [self.new_tangent(node.results[place]) for place in moved]
        operands = (*node.operands, *(self.tangents[node.operands[place]] for place in given))
        both = Section(f"{section.stem}_tangent", made)
        results = (*node.results, *dots)
        parameters = {**node.parameters, "section": both}
        self.builder.add(replace(node, operands=operands, results=results, parameters=parameters))

    # Branches and loops

    def branch(self, node: Node) -> None:
        moved = [place for place, value in enumerate(node.results) if self.is_active(value)]
        regions = []
        for region in node.regions:
            with self.builder.nested() as nodes:
                self.block(region.nodes)
                with self.builder.at(node.location, f"tangent of {node.phase}"):
                    ends = tuple(self.tangent_or_zero(region.results[place]) for place in moved)
            regions.append(Region((), tuple(nodes), region.results + ends))
        dots = [self.new_tangent(node.results[place]) for place in moved]
        self.builder.add(replace(node, results=node.results + tuple(dots), regions=tuple(regions)))

    def new_tangent(self, value: Value) -> Value:
        tangent = Value(derivative_type(value.type))
        self.tangents[value] = tangent
        return tangent

    def loop(self, node: Node) -> None:
        parts = loop_parts(node)
        carries, walks = carries_of(parts), list(zip(parts.items, parts.sequences))
        collects = list(zip(parts.collected, parts.lists))
        moved = [carry for carry in carries if any(map(self.is_active, (carry[0], carry[3])))]
        with self.builder.at(node.location, f"tangent of {node.phase}"):
            starts = [self.tangent_or_zero(initial) for _, initial, _, _ in moved]
        walked = [
            (self.new_tangent(item), self.tangents[sequence])
            for item, sequence in walks
            if self.is_active(item) and sequence in self.tangents
        ]
        carried = [self.new_tangent(carry[0]) for carry in moved]
        with self.builder.nested() as nodes:
            self.block(parts.body.nodes)
            with self.builder.at(node.location, f"tangent of {node.phase}"):
                ends = [self.tangent_or_zero(yielded) for _, _, yielded, _ in moved]
                gathered = [
                    (self.tangent_or_zero(value), tape)
                    for value, tape in collects
                    if self.is_active(tape)
                ]
        finals = [self.new_tangent(final) for _, _, _, final in moved]
        added = list(zip(carried, starts, ends, finals))
        condition = None
        if node.operation == "while":
            old = node.regions[0]
            own = tuple(Value(value.type) for value in carried)
            condition = Region(old.parameters + own, old.nodes, old.results)
        self.builder.add(
            rebuild_loop(
                parts,
                nodes=tuple(nodes),
                walks=walks + walked,
                carries=carries + added,
                collects=collects + [(value, self.new_tangent(tape)) for value, tape in gathered],
                condition=condition,
            )
        )


def _sum(total: object, more: object) -> object:
    if total is None or more is None:
        return more if total is None else total
    return total + more  # type: ignore[operator]
