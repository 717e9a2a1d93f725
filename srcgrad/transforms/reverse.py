"""Reverse mode: append to a graph the nodes that compute the adjoints of its inputs.

The nodes are walked backwards; each calls the backward rule of its primitive on symbols and adds
the contributions to the adjoints of its operands.  A branch becomes a branch on the same condition.
A loop becomes a loop that walks backwards over what the forward loop recorded: it carries the
adjoints of what the loop carries, and of the values outside that the body reads.

    y = multiply x, x          y = multiply x, x
    return y            →      d_x = multiply 2.0, x          # adjoint of
                               return y, d_x

Source: Griewank and Walther, "Evaluating Derivatives", 2nd edition, chapters 3 and 4; the loops
follow the reverse of `scan`.  Cotangents are transposed, not conjugated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from srcgrad.analyses import (
    Activity,
    StoredArrays,
    activity,
    differentiable_operands,
    settled_places,
)
from srcgrad.errors import InternalError, SrcgradError, UnsupportedError
from srcgrad.graph import (
    EFFECT_PARAMETERS,
    INT,
    UNDEFINED,
    ArrayType,
    Builder,
    Graph,
    ListType,
    Literal,
    LoopParts,
    Node,
    Region,
    Section,
    Value,
    definitions,
    fill,
    free_values,
    holes,
    literal,
    loop_parts,
    make_for,
    rank_of,
    shape_of,
)
from srcgrad.rules import (
    Mask,
    Primitive,
    Symbol,
    as_argument,
    as_value,
    call,
    mask_of,
    note_mask,
    results_of,
    sum_to,
)
from srcgrad.transforms.clean import clean
from srcgrad.transforms.derivatives import (
    check_parameters,
    derivative_type,
    fit,
    missing_rule,
    primitive_of,
    zero_like,
)
from srcgrad.transforms.gradient_hooks import is_hook, passed, spliced, without_hooks
from srcgrad.transforms.record_needed import Recording, record_needed
from srcgrad.transforms.remove_dead_code import remove_dead_code
from srcgrad.transforms.rewriting import carries_of, rebuild_loop, redefine
from srcgrad.transforms.sections import section_of, that_repeats, without_unread_inputs


def reverse(
    graph: Graph,
    wrt: Sequence[int],
    outputs: Sequence[int] = (0,),
    seeds: Sequence[Value] | None = None,
) -> Graph:
    """The graph with the adjoints of the inputs `wrt` as further results.

    `seeds` are the adjoints of the results `outputs`: literals, inputs, or new values, which become
    further inputs.  Without seeds each is one.  Raises `MissingRuleError` where a function on the
    way from `wrt` to `outputs` has no backward rule.
    """
    inputs = [graph.inputs[place] for place in wrt]
    results = [graph.results[place] for place in outputs]
    builder = Builder(graph.assumptions)
    builder.definitions.update(definitions(graph.nodes))
    reverser = _Reverser(builder, activity(graph, inputs, results), graph.nodes)
    for result, seed in zip(results, seeds or map(reverser.one_like, results), strict=True):
        reverser.accumulate(result, seed)
    nodes = reverser.block(graph.nodes)
    adjoints = [reverser.adjoint_of_input(value) for value in inputs]
    added = [seed for seed in seeds or () if not isinstance(seed, Literal)]
    joint = nodes + tuple(builder.nodes)
    renamed = {
        adjoint: Value(adjoint.type, adjoint.name, primal)
        for adjoint, primal in reverser.primal_of.items()
        if adjoint not in added and adjoint not in graph.inputs
    }
    return graph.replace(
        inputs=graph.inputs + tuple(seed for seed in added if seed not in graph.inputs),
        nodes=without_hooks(redefine(joint, renamed)),
        results=graph.results + tuple(renamed.get(value, value) for value in adjoints),
    )


class _Reverser:
    """Walks blocks backwards.  `adjoints` holds the adjoints as the current block sees them."""

    def __init__(
        self, builder: Builder, active: Activity, nodes: Sequence[Node], phase: str = ""
    ) -> None:
        self.builder = builder
        self.phase = phase
        self.stored = StoredArrays(nodes)
        self.settled = settled_places(nodes, builder.assumptions)
        self.changing: frozenset[Value] = frozenset()
        self.activity = active
        self.adjoints: dict[Value, Value] = {}
        self.primal_of: dict[Value, Value] = {}

    # Adjoints

    def is_active(self, value: Value) -> bool:
        return not isinstance(value, Literal) and self.activity.is_active(value)

    def symbol(self, value: Value) -> Symbol:
        return Symbol(self.builder, value)

    def one_like(self, value: Value) -> Value:
        """The seed of a result: 1.0, in the shape of the result."""
        if shape_of(value.type) == ():
            return literal(1.0)
        return as_value(
            call("broadcast_like", Symbol(self.builder, literal(1.0)), self.symbol(value))
        )

    def zero_like(self, value: Value, witness: Value | None = None) -> Value:
        return zero_like(self.builder, value, witness)

    def adjoint_of_input(self, value: Value) -> Value:
        found = self.adjoints.get(value)
        if found is not None:
            return found
        if isinstance(value.type, ArrayType):
            return as_value(call("zeros_like", self.symbol(value)))
        return self.zero_like(value)

    def accumulate(self, value: Value, contribution: Value) -> None:
        """Add a contribution to the adjoint of a value; what is not active needs none."""
        if not self.is_active(value):
            return
        known = self.adjoints.get(value)
        if known is None:
            self.set_adjoint(value, contribution)
        elif isinstance(value.type, ListType):
            total = call("add_lists", self.symbol(known), self.symbol(contribution))
            self.set_adjoint(value, as_value(total))
        else:
            total = call("add", self.symbol(known), self.symbol(contribution))
            self.set_adjoint(value, as_value(total))

    def set_adjoint(self, value: Value, adjoint: Value) -> None:
        self.adjoints[value] = adjoint
        if isinstance(adjoint, Literal):
            return
        named_after = self.primal_of.get(adjoint)
        if named_after is None or (named_after.name is None and value.name is not None):
            self.primal_of[adjoint] = value

    def fitted(self, contribution: object, operand: Value, broadcast: bool) -> Value:
        """The contribution in the operand's shape and kind of number."""
        symbol, target = self.symbol(as_value(contribution)), self.symbol(operand)
        if broadcast and not isinstance(operand.type, ListType):
            symbol = sum_to(symbol, target)
        return fit(symbol, target)

    @contextmanager
    def inside(self, adjoints: dict[Value, Value]) -> Iterator[list[Node]]:
        """Build a region of its own, in which the adjoints are these."""
        outer = self.adjoints
        self.adjoints = adjoints
        try:
            with self.builder.nested() as nodes:
                yield nodes
        finally:
            self.adjoints = outer

    # Why adjoints can be zero at single elements: rules guard singular derivatives by it

    def mask(self, adjoint: Value | None) -> Mask:
        return Mask.NONE if adjoint is None else mask_of(self.symbol(adjoint))

    def note(self, adjoint: Value, mask: Mask) -> None:
        """Say so for a value that no node in sight defines: a parameter or result of a region."""
        note_mask(self.symbol(adjoint), mask)

    # Nodes

    def block(self, nodes: Sequence[Node]) -> tuple[Node, ...]:
        """Append the adjoint of the nodes; gives the nodes with what they must record."""
        return tuple(reversed([self.node(node) for node in reversed(nodes)]))

    def node(self, node: Node) -> Node:
        if is_hook(node):
            return self.hook(node)
        if not any(value in self.adjoints for value in node.results):
            return node
        with self.builder.at(node.location, self.phase or f"adjoint of {node.phase}"):
            try:
                if node.operation == "if":
                    return self.branch(node)
                if node.operation in ("for", "while"):
                    with self.storing(node):
                        return self.loop(node)
                if node.operation == "section":
                    return self.section(node)
                self.primitive(node)
            except SrcgradError as error:
                if node.location is not None:
                    error.located(node.location)
                raise
        return node

    def primitive(self, node: Node) -> None:
        regular = node.operands[: len(node.operands) - len(holes(dict(node.parameters)))]
        if not any(map(self.is_active, differentiable_operands(node))):
            return
        primitive = find_rule(node)
        if node.operation == "getitem":
            self.read(node)
            return
        arguments = [as_argument(self.builder, value) for value in node.operands]
        parameters = {
            key: fill(item, arguments)
            for key, item in node.parameters.items()
            if key not in EFFECT_PARAMETERS
        }
        if primitive.vjp is None:
            self.composite(primitive, node, arguments[: len(regular)], parameters)
            return
        contributions = primitive.vjp(
            self.cotangent(node),
            self.result_symbols(node),
            *arguments[: len(regular)],
            **parameters,
        )
        if not isinstance(contributions, (tuple, list)):
            contributions = (contributions,)
        if len(contributions) != len(regular):
            raise InternalError(
                f"the rule of `{node.operation}` gives {len(contributions)} contributions "
                f"for {len(regular)} operands"
            )
        for operand, contribution in zip(regular, contributions):
            if contribution is not None and self.is_active(operand):
                if isinstance(contribution, SrcgradError):
                    raise contribution  # the rule says so of this operand
                broadcast = primitive.elementwise and _may_be_broadcast(operand, regular)
                value = self.fitted(contribution, operand, broadcast)
                self.accumulate(operand, value)

    def composite(
        self, primitive: Primitive, node: Node, arguments: list[object], parameters: dict
    ) -> None:
        """The adjoint of a function that is made of others: that of the calls it is made of."""
        assert primitive.composite is not None
        first = len(self.builder.nodes)
        made = results_of(primitive.composite, arguments, parameters)
        nodes = tuple(self.builder.nodes[first:])
        results = tuple(map(as_value, made))
        operands = [value for value in dict.fromkeys(node.operands) if self.is_active(value)]
        graph = Graph(node.operation, tuple(operands), nodes, results, self.builder.assumptions)
        active = activity(graph, operands, results)
        inner = _Reverser(self.builder, active, nodes, self.builder.phase)
        for result, value in zip(node.results, results, strict=True):
            if result in self.adjoints:
                inner.accumulate(value, inner.as_adjoint_of(value, self.adjoints[result]))
        inner.block(nodes)
        for operand in operands:
            if operand in inner.adjoints:
                self.accumulate(operand, inner.adjoints[operand])

    def cotangent(self, node: Node) -> object:
        """What the rule receives as `g`: the adjoint of the result, a tuple of them for many."""
        found = [self.adjoints.get(value) for value in node.results]
        symbols = tuple(None if value is None else self.symbol(value) for value in found)
        return symbols[0] if len(symbols) == 1 else symbols

    def result_symbols(self, node: Node) -> object:
        symbols = tuple(map(self.symbol, node.results))
        return symbols[0] if len(symbols) == 1 else symbols

    def read(self, node: Node) -> None:
        """The adjoint of `x[i]` is added to that place of the adjoint of `x`."""
        source = node.operands[0]
        adjoint = self.adjoints[node.result]
        if rank_of(source.type) == 0 and not isinstance(source.type, ListType):
            self.accumulate(source, self.fitted(self.symbol(adjoint), source, True))
            return
        operands = [as_argument(self.builder, value) for value in node.operands]
        index = fill(node.parameters["index"], operands)
        into = self.adjoints.get(source) or self.zero_like(source)
        self.set_adjoint(source, self.add_at(into, adjoint, index))

    def add_at(self, into: Value, adjoint: Value, index: object) -> Value:
        if not isinstance(into.type, ListType):
            return as_value(call("index_add", self.symbol(into), self.symbol(adjoint), index=index))
        if isinstance(index, (slice, tuple)):
            raise UnsupportedError("cannot differentiate a slice of a list of unknown length")
        return as_value(call("list_add_at", self.symbol(into), self.symbol(adjoint), index))

    def hook(self, node: Node) -> Node:
        """What the user does to the gradient of a value stands here in the adjoint."""
        if node.result in self.adjoints:
            with self.builder.at(node.location, self.phase or f"adjoint of {node.phase}"):
                adjoint = self.as_adjoint_of(node.result, self.adjoints[node.result])
                goes_on = self.symbol(spliced(self.builder, node, adjoint))
                self.accumulate(node.operands[0], self.fitted(goes_on, node.operands[0], False))
        return passed(node)

    # Sections

    def section(self, node: Node) -> Node:
        """The adjoint of a section: another one, which computes the first again."""
        section = section_of(node)
        active = [place for place, value in enumerate(node.operands) if self.is_active(value)]
        seeded = [place for place, value in enumerate(node.results) if value in self.adjoints]
        if not active:
            return node
        first, again = that_repeats(section.graph)
        kept = tuple(Value(value.type) for value in first.results[len(node.results) :])
        ends = [again.results[place] for place in seeded]
        seeds = [Value(derivative_type(value.type), None, value) for value in ends]
        joint = reverse(again, active, seeded, seeds)
        adjoints = joint.results[len(again.results) :]
        joint = joint.replace(inputs=(*again.inputs, *seeds), results=adjoints)
        marked = [node.results[place] for place in seeded]
        given = [self.as_adjoint_of(value, self.adjoints[value]) for value in marked]
        operands = (*node.operands, *kept, *given)
        joint, operands = without_unread_inputs(remove_dead_code(joint), operands)
        backward = Section(f"{section.stem}_backward", joint)
        results = tuple(Value(value.type) for value in adjoints)
        location, phase = self.builder.location, self.builder.phase
        # It draws from generators of its own: for whoever is outside, that is no effect.
        self.builder.add(
            Node("section", operands, results, {"section": backward}, (), location, phase)
        )
        for place, adjoint in zip(active, results):
            operand = node.operands[place]
            self.accumulate(operand, self.fitted(self.symbol(adjoint), operand, False))
        first = first.replace(nodes=without_hooks(first.nodes))
        parameters = {**node.parameters, "section": replace(section, graph=first)}
        return replace(node, results=(*node.results, *kept), parameters=parameters)

    # Branches

    def branch(self, node: Node) -> Node:
        outer = [value for value in free_values(node) if self.is_active(value)]
        before = self.adjoints
        drafts = [self.draft_of_branch(node, region, outer) for region in node.regions]
        changed = [
            value
            for value in outer
            if any(after.get(value) is not before.get(value) for _, _, after in drafts)
        ]
        recordings = [
            self.recording_of_branch(node, side, draft, changed)
            for side, draft in enumerate(drafts)
        ]
        added = tuple(value for r in recordings for value in r.stand_ins.values())
        regions = []
        for place, (region, (body, _, _)) in enumerate(zip(node.regions, drafts)):
            extra = tuple(
                value if place == side else literal(UNDEFINED)
                for side, recording in enumerate(recordings)
                for value in recording.recorded
            )
            regions.append(Region((), body, region.results + extra))
        recorded = replace(node, regions=tuple(regions), results=node.results + added)
        if changed:
            results = tuple(Value(derivative_type(value.type)) for value in changed)
            backward = tuple(Region((), r.nodes, r.results) for r in recordings)
            self.add_structured("if", node, results, backward)
            for value, result in zip(changed, results):
                self.note(result, max(self.mask(after.get(value)) for _, _, after in drafts))
                self.set_adjoint(value, result)
        return recorded

    def recording_of_branch(
        self,
        node: Node,
        side: int,
        draft: tuple[tuple[Node, ...], list[Node], dict[Value, Value]],
        changed: Sequence[Value],
    ) -> Recording:
        """The adjoint region of a side of a branch, which yields the adjoints of `changed`."""
        region = node.regions[side]
        body, nodes, after = draft
        with self.inside(after) as extra:
            ends = [
                literal(UNDEFINED)
                if value not in after and self.is_undefined_on(node.operands[0], side, value)
                else self.adjoint_or_zero(value)
                for value in changed
            ]
        cleaned, results = clean(nodes + extra, ends, self.builder.assumptions)
        return record_needed(
            Region((), body, region.results),
            cleaned,
            results,
            is_overwritten=self.is_overwritten,
            settled=self.settled,
        )

    def is_undefined_on(self, condition: Value, side: int, value: Value) -> bool:
        """Has the value no value on this side of a branch, nor an adjoint that anybody reads?"""
        made = self.builder.definitions.get(value)
        if made is None or made.operation != "if" or made.operands[0] is not condition:
            return False
        end = made.regions[side].results[made.results.index(value)]
        return isinstance(end, Literal) and end.value is UNDEFINED

    def draft_of_branch(
        self, node: Node, region: Region, outer: Sequence[Value]
    ) -> tuple[tuple[Node, ...], list[Node], dict[Value, Value]]:
        """The forward nodes of the branch, its adjoint nodes, and the adjoints after these."""
        seeds = [
            (value, self.adjoints[result])
            for result, value in zip(node.results, region.results)
            if result in self.adjoints and self.is_active(value)
        ]
        with self.inside(dict(self.adjoints)) as nodes:
            for value, seed in seeds:
                self.accumulate(value, self.as_adjoint_of(value, seed))
            body = self.block(region.nodes)
            return body, nodes, self.adjoints

    def as_adjoint_of(self, value: Value, adjoint: Value) -> Value:
        """The adjoint of a result of a region as that of what the region yields.

        They differ where branches or iterations yield values of different types.
        """
        if adjoint.type == value.type or isinstance(adjoint, Literal):
            return adjoint
        if isinstance(value.type, ListType):
            return adjoint
        return self.fitted(self.symbol(adjoint), value, True)

    def add_structured(
        self, operation: str, node: Node, results: tuple[Value, ...], regions: tuple[Region, ...]
    ) -> None:
        self.builder.add(
            Node(
                operation,
                node.operands,
                results,
                {},
                regions,
                self.builder.location,
                self.builder.phase,
            )
        )

    # Loops

    @contextmanager
    def storing(self, node: Node) -> Iterator[None]:
        """Inside the `with`, the arrays that the loop stores into count as changing."""
        outer = self.changing
        self.changing = outer | self.stored.carried_by(loop_parts(node))
        try:
            yield
        finally:
            self.changing = outer

    def is_overwritten(self, value: Value) -> bool:
        return self.stored.of(value) in self.changing

    def loop(self, node: Node) -> Node:
        parts = loop_parts(node)
        before = self.adjoints
        outer = [value for value in _free_in_body(parts) if self.is_active(value)]
        sums = {value: Value(derivative_type(value.type)) for value in outer}
        moved = [
            place
            for place, (carried, final) in enumerate(zip(parts.carried, parts.final))
            if self.is_active(carried) or final in before
        ]
        carried = {place: Value(derivative_type(parts.carried[place].type)) for place in moved}
        lists = [
            (value, before[tape], Value(derivative_type(value.type)))
            for value, tape in zip(parts.collected, parts.lists)
            if tape in before
        ]
        masks = {place: self.mask(before.get(parts.final[place])) for place in moved}
        while True:
            for place in moved:
                self.note(carried[place], masks[place])
            nodes, body, after, next_carried = self.draft_of_body(parts, sums, carried, lists)
            ends_masks = {place: self.mask(end) for place, end in zip(moved, next_carried)}
            if all(ends_masks[place] <= masks[place] for place in moved):
                break
            # What one iteration masks, the iteration before it receives masked.
            masks = {place: max(masks[place], ends_masks[place]) for place in moved}
        for value, total in sums.items():
            self.primal_of.setdefault(total, value)
        for place in moved:
            self.primal_of.setdefault(carried[place], parts.carried[place])
        summed = [value for value in outer if after[value] is not sums[value]]
        walked = [place for place, item in enumerate(parts.items) if item in after]
        ends = [
            *next_carried,
            *(after[value] for value in summed),
            *(after[parts.items[place]] for place in walked),
        ]
        cleaned, results = clean(nodes, ends, self.builder.assumptions)
        return self.finish_loop(
            _LoopDraft(parts, body, cleaned, results),
            moved=[(place, carried[place]) for place in moved],
            summed=[(value, sums[value]) for value in summed],
            walked=walked,
            lists=[(adjoint, item) for _, adjoint, item in lists],
        )

    def draft_of_body(
        self,
        parts: LoopParts,
        sums: dict[Value, Value],
        carried: dict[int, Value],
        lists: Sequence[tuple[Value, Value, Value]],
    ) -> tuple[list[Node], tuple[Node, ...], dict[Value, Value], list[Value]]:
        """The adjoint nodes and the forward nodes of a loop's body, the adjoints after it, and
        those of what it carries."""
        with self.inside(dict(sums)) as nodes:
            for place, adjoint in carried.items():
                yielded = parts.yielded[place]
                self.accumulate(yielded, self.as_adjoint_of(yielded, adjoint))
            for value, _, item in lists:
                self.accumulate(value, self.as_adjoint_of(value, item))
            body = self.block(parts.body.nodes)
            after = self.adjoints
            next_carried = [
                after.get(parts.carried[place]) or self.zero_like(parts.carried[place], adjoint)
                for place, adjoint in carried.items()
            ]
        return nodes, body, after, next_carried

    def finish_loop(
        self,
        draft: _LoopDraft,
        *,
        moved: list[tuple[int, Value]],
        summed: list[tuple[Value, Value]],
        walked: list[int],
        lists: list[tuple[Value, Value]],
    ) -> Node:
        """Add the backward loop; gives the forward loop with what it must record."""
        parts = draft.parts
        index = () if parts.index is None else (parts.index,)
        forward_body = Region(parts.body.parameters, draft.body, ())
        recording = record_needed(
            forward_body,
            draft.nodes,
            draft.ends,
            replayed=parts.items + index if _can_walk_again(parts) else (),
            witnesses=[d for _, d in moved] + [d for _, d in summed],
            is_overwritten=self.is_overwritten,
            settled=self.settled,
        )
        shifted = _shifted(parts, recording.recorded)
        tapes = {
            value: Value(ListType(value.type), value.name)
            for value in recording.recorded
            if value not in shifted
        }
        forward, source = self.drive(draft, tapes, recording.stand_ins, lists)
        ends = recording.results
        first_sum, first_item = len(moved), len(moved) + len(summed)
        initial = [self.adjoint_or_zero(parts.final[place]) for place, _ in moved]
        initial += [self.adjoint_or_zero(value) for value, _ in summed]
        initial += [parts.final[place] for place in shifted.values()]
        carried = [d for _, d in moved] + [d for _, d in summed]
        carried += [recording.stand_ins[value] for value in shifted]
        yielded = list(ends[:first_item])
        yielded += [recording.stand_ins[parts.carried[place]] for place in shifted.values()]
        final = [Value(value.type) for value in carried]
        gathered = [
            (place, Value(ListType(derivative_type(parts.items[place].type)))) for place in walked
        ]
        self.builder.add(
            make_for(
                range=source.range,
                sequences=tuple(sequence for _, sequence in source.walks),
                initial=tuple(initial),
                index=source.index,
                items=tuple(item for item, _ in source.walks),
                carried=tuple(carried),
                nodes=recording.nodes,
                yielded=tuple(yielded),
                collected=tuple(ends[first_item:]),
                final=tuple(final),
                lists=tuple(adjoint for _, adjoint in gathered),
                reverse=not parts.node.parameters.get("reverse"),
                location=self.builder.location,
                phase=self.builder.phase,
            )
        )
        for (value, _), result in zip(summed, final[first_sum:first_item]):
            self.set_adjoint(value, result)
        for (place, adjoint), result in zip(moved, final):
            self.note(result, self.mask(adjoint))
            self.accumulate(parts.initial[place], self.as_adjoint_of(parts.initial[place], result))
        for place, adjoint in gathered:
            self.accumulate(parts.sequences[place], self.sequence_adjoint(parts, place, adjoint))
        return forward

    def adjoint_or_zero(self, value: Value) -> Value:
        return self.adjoints.get(value) or self.zero_like(value)

    def sequence_adjoint(self, parts: LoopParts, place: int, adjoints: Value) -> Value:
        """The adjoint of a walked sequence from those of the items that were visited."""
        sequence = parts.sequences[place]
        at_end = {"at_end": True} if parts.node.parameters.get("reverse") and parts.stop else {}
        items, like = self.symbol(adjoints), self.symbol(sequence)
        if isinstance(sequence.type, ArrayType):
            return as_value(call("stack_like", items, like, **at_end))
        visits_all = len(parts.sequences) == 1 and not parts.range and parts.stop is None
        return adjoints if visits_all else as_value(call("fill_list", items, like, **at_end))

    def drive(
        self,
        draft: _LoopDraft,
        tapes: dict[Value, Value],
        stand_ins: Mapping[Value, Value],
        adjoint_lists: list[tuple[Value, Value]],
    ) -> tuple[Node, _Source]:
        """The forward loop that fills the tapes, and what the backward loop walks.

        Tapes and the adjoints of collected lists have an item per iteration.  Without any, the
        range and the sequences are walked again, all of them, since the shortest decides; where the
        loop may stop early, the iterations are counted instead.
        """
        parts = draft.parts
        collects = list(zip(parts.collected, parts.lists)) + list(tapes.items())
        walks = [(stand_ins[value], tape) for value, tape in tapes.items()]
        walks += [(item, adjoints) for adjoints, item in adjoint_lists]
        pairs = list(zip(parts.items, parts.sequences)) if _can_walk_again(parts) else []
        index = stand_ins.get(parts.index) if parts.index and _can_walk_again(parts) else None
        again = [(stand_ins[item], sequence) for item, sequence in pairs if item in stand_ins]
        if not walks and (parts.stop is not None or parts.node.operation == "while"):
            return self.count_iterations(draft, collects, index, again)
        forward = rebuild_loop(parts, nodes=draft.body, collects=collects)
        if walks:
            range_ = () if index is None else parts.range
            return forward, _Source(range_, index, again + walks)
        everything = [
            (stand_ins.get(item, Value(item.type, item.name)), sequence) for item, sequence in pairs
        ]
        if parts.range and index is None:
            index = Value(INT)
        return forward, _Source(parts.range, index, everything)

    def count_iterations(
        self,
        draft: _LoopDraft,
        collects: list[tuple[Value, Value]],
        index: Value | None,
        walks: list[tuple[Value, Value]],
    ) -> tuple[Node, _Source]:
        """Let the forward loop carry the number of its iterations."""
        parts = draft.parts
        node = parts.node
        count, next_count, total = (Value(INT, "count") for _ in range(3))
        one = literal(1)
        step = Node("add", (count, one), (next_count,), {}, (), node.location, node.phase)
        carries = [*carries_of(parts), (count, literal(0), next_count, total)]
        condition = None
        if node.operation == "while":
            old = node.regions[0]
            condition = Region((*old.parameters, Value(INT, "count")), old.nodes, old.results)
        forward = rebuild_loop(
            parts,
            nodes=(*draft.body, step),
            carries=carries,
            collects=collects,
            condition=condition,
        )
        if index is None:
            return forward, _Source((literal(0), total, one), Value(INT), walks)
        start, _, stride = parts.range
        span = call("multiply", self.symbol(total), self.symbol(stride))
        stop = as_value(call("add", self.symbol(start), span))
        return forward, _Source((start, stop, stride), index, walks)


@dataclass(frozen=True, slots=True)
class _LoopDraft:
    """A loop, the nodes of its forward body, and its backward body before recording."""

    parts: LoopParts
    body: tuple[Node, ...]
    nodes: tuple[Node, ...]
    ends: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class _Source:
    """What decides how often a backward loop runs: a range, and (item, sequence) pairs."""

    range: tuple[Value, ...]
    index: Value | None
    walks: list[tuple[Value, Value]]


def _may_be_broadcast(operand: Value, operands: Sequence[Value]) -> bool:
    """May the result have another shape than this operand?  Not if the others are numbers."""
    return any(shape_of(other.type) != () for other in operands if other is not operand)


def find_rule(node: Node) -> Primitive:
    """The primitive of a node, or the refusal where it has no backward rule."""
    primitive = primitive_of(node)
    if primitive.vjp is None and primitive.composite is None:
        raise missing_rule(node)
    check_parameters(primitive, "vjp", node)
    return primitive


def _free_in_body(parts: LoopParts) -> list[Value]:
    """The values from outside that the body of a loop reads."""
    return free_values(Node("body", (), (), {}, (parts.body,)))


def _can_walk_again(parts: LoopParts) -> bool:
    """Can the range and the sequences be walked again in step with the tapes?

    A loop that walks backwards and stops early visits the last items only, and its tapes would pair
    up with the first ones.
    """
    return not (parts.node.parameters.get("reverse") and parts.stop is not None)


def _shifted(parts: LoopParts, recorded: Sequence[Value]) -> dict[Value, int]:
    """The recorded values that are what the next iteration carries, where that is recorded too.

    One tape serves both: going backwards, the carried value of one iteration is what the iteration
    before it yielded.
    """
    kept = set(recorded)
    return {
        yielded: place
        for place, (carried, yielded) in enumerate(zip(parts.carried, parts.yielded))
        if carried in kept and yielded in kept and yielded is not carried
    }
