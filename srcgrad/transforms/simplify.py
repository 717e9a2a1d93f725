"""Replace expressions by simpler ones that mean the same, by the tables of identities.

The primal keeps its results bit for bit: there, only exact identities on Python numbers and sizes
apply.  Derived nodes (phase "adjoint of ", "tangent of ") may round differently.  Every replacement
must have the type and the shape of what it replaces.

    t = broadcast_like g, x              d_x = multiply g, a
    d_x = multiply t, a          →       return d_x
    return d_x
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from srcgrad.analyses import have_shapes_assumed_equal
from srcgrad.errors import UnsupportedError
from srcgrad.graph import (
    ArrayType,
    Assumptions,
    Builder,
    Graph,
    Literal,
    Node,
    Region,
    ScalarType,
    Type,
    Value,
    is_integral,
    substitute,
)
from srcgrad.rules import as_value, is_primitive_name, primitive_named
from srcgrad.transforms import logistic_slopes  # noqa: F401  (registers its identities)
from srcgrad.transforms.identities import IDENTITIES, Identity
from srcgrad.transforms.patterns import (
    arrays_have_equal_shapes,
    evaluate,
    is_number,
    match_node,
    operand_tokens,
)
from srcgrad.transforms.rewriting import count_reads, redefine
from srcgrad.transforms.structural_identities import (
    EXACT,
    STRUCTURAL_IDENTITIES,
    Site,
    StructuralIdentity,
    broadcast_last,
    strip_broadcast,
)

_REWRITES_PER_NODE = 40

# Each identity with what must be among the operands for it to match (`tokens` finds it).
_BY_OPERATION: dict[str, list[tuple[frozenset[object], Identity]]] = {}
for _identity in IDENTITIES:
    _BY_OPERATION.setdefault(_identity.left.operation, []).append(
        (operand_tokens(_identity.left), _identity)
    )


def simplify(graph: Graph) -> Graph:
    simplifier = _Simplifier(graph)
    nodes = simplifier.block(graph.nodes)
    return graph.replace(nodes=nodes, results=simplifier.replaced(graph.results))


class _Simplifier:
    """Walks the nodes in order; what a result was replaced by is read by all that follows."""

    def __init__(self, graph: Graph) -> None:
        self.definitions: dict[Value, Node] = {}
        self.reads: Counter[Value] = count_reads(graph)
        self.mapping: dict[Value, Value] = {}
        self.builder = Builder(graph.assumptions)

    def replaced(self, values: tuple[Value, ...]) -> tuple[Value, ...]:
        return tuple(self.mapping.get(value, value) for value in values)

    def block(self, nodes: Sequence[Node]) -> tuple[Node, ...]:
        done: list[Node] = []
        for node in nodes:
            done += self.node(node)
        return tuple(done)

    def region(self, region: Region) -> Region:
        nodes = self.block(region.nodes)
        return Region(region.parameters, nodes, self.replaced(region.results))

    def node(self, node: Node) -> list[Node]:
        """What stands for the node: nothing, itself, or simpler nodes."""
        if node.regions:
            node = substitute_operands(node, self.mapping)
            regions = tuple(self.region(region) for region in node.regions)
            same = all(a is b for a, b in zip(regions, node.regions))
            node = node if same else _with_regions(node, regions)
            self.definitions.update((value, node) for value in node.results)
            return [node]
        pending, done, budget = [node], [], _REWRITES_PER_NODE
        while pending:
            current = substitute_operands(pending.pop(0), self.mapping)
            rewritten = self.rewrite(current) if budget else None
            if rewritten is None:
                self.definitions.update((value, current) for value in current.results)
                done.append(current)
                continue
            budget -= 1
            pending = rewritten + pending
        return done

    def rewrite(self, node: Node) -> list[Node] | None:
        """The nodes that replace the node, by the first identity that applies."""
        if len(node.results) != 1 or not is_primitive_name(node.operation) or node.has_effect:
            return None
        tokens = self.tokens(node)
        for needed, identity in _BY_OPERATION.get(node.operation, ()):
            if needed <= tokens and self.may_apply(identity.exact, node):
                found = self.by_pattern(identity, node)
                if found is not None:
                    return found
        for rule in STRUCTURAL_IDENTITIES.get(node.operation, ()):
            if rule in EXACT or node.phase:
                found = self.by_function(rule, node)
                if found is not None:
                    return found
        if node.phase and primitive_named(node.operation).elementwise:
            return self.by_function(strip_broadcast, node) or self.by_function(broadcast_last, node)
        return None

    def tokens(self, node: Node) -> frozenset[object]:
        """What the operands are: the operations that make them, and the numbers known now."""
        found: set[object] = set()
        for value in node.operands:
            if isinstance(value, Literal):
                if is_number(value):
                    found.add(("number", value.value))
            else:
                made_by = self.definitions.get(value)
                if made_by is not None:
                    found.add(made_by.operation)
        return frozenset(found)

    def may_apply(self, exact: bool, node: Node) -> bool:
        return bool(node.phase) or (exact and isinstance(node.result.type, ScalarType))

    def by_pattern(self, identity: Identity, node: Node) -> list[Node] | None:
        inner: list[Value] = []
        binding = match_node(identity.left, node, self.definitions, {}, inner)
        if binding is None:
            return None
        if identity.once and any(self.reads[value] > 1 for value in inner):
            return None
        if identity.equal_shapes and not arrays_have_equal_shapes(binding):
            return None
        with self.builder.at(node.location, node.phase), self.builder.nested() as built:
            try:
                result = evaluate(identity.right, binding, self.builder)
            except UnsupportedError:
                return None
        if computes_in_integers(built, node.result.type):
            return None
        return self.adopt(node, result, built, identity.shape_safe)

    def by_function(self, rule: StructuralIdentity, node: Node) -> list[Node] | None:
        with self.builder.at(node.location, node.phase), self.builder.nested() as built:
            site = Site(node, self.builder, self.definitions, self.reads)
            try:
                result = rule(site)
            except UnsupportedError:
                return None
        if result is None:
            return None
        return self.adopt(node, result, built, False)

    def adopt(
        self, node: Node, result: object, built: list[Node], shape_safe: bool
    ) -> list[Node] | None:
        """Let the result stand for the node's, if it has the same type."""
        old, new = node.result, as_value(result)
        if not same_type(new.type, old.type, shape_safe, self.builder.assumptions):
            return None
        self.reads.subtract(node.operands)
        for made in built:
            self.reads.update(made.operands)
        made_now = {value for made in built for value in made.results}
        if new not in made_now:
            self.mapping[old] = self.mapping.get(new, new)
            self.reads[new] += self.reads[old]
            for value, stands_for in list(self.mapping.items()):
                if stands_for is old:
                    self.mapping[value] = self.mapping[old]
            return list(built)
        # The simpler node defines the old value, which keeps its name and its readers.
        return list(redefine(built, {new: old}))


def substitute_operands(node: Node, mapping: dict[Value, Value]) -> Node:
    """The node with operands replaced, its regions left alone."""
    if node.regions:
        outer = substitute(Node(node.operation, node.operands, ()), mapping)
        return node if outer.operands is node.operands else _with_operands(node, outer.operands)
    return substitute(node, mapping)


def _with_operands(node: Node, operands: tuple[Value, ...]) -> Node:
    return Node(
        node.operation,
        operands,
        node.results,
        node.parameters,
        node.regions,
        node.location,
        node.phase,
    )


def _with_regions(node: Node, regions: tuple[Region, ...]) -> Node:
    return Node(
        node.operation,
        node.operands,
        node.results,
        node.parameters,
        regions,
        node.location,
        node.phase,
    )


def computes_in_integers(built: Sequence[Node], type_: Type) -> bool:
    """Would arrays of bools or integers be combined where floating-point ones were?

    `1.0 * a + 1.0 * b` of masks is not `1.0 * (a + b)`: the sum of two bools is a bool.
    """
    results = [value.type for node in built for value in node.results]
    integral = any(isinstance(item, ArrayType) and is_integral(item) for item in results)
    return integral and not is_integral(type_)


def same_type(new: Type, old: Type, shape_safe: bool, sizes: Assumptions) -> bool:
    """Are kind, dtype and shape the same?  Dims must be known, unless the rule keeps shapes."""
    if isinstance(new, ScalarType) and isinstance(old, ScalarType):
        return new.python_type is old.python_type
    if not isinstance(new, ArrayType) or not isinstance(old, ArrayType):
        return False
    if new.dtype != old.dtype:
        return False
    if new.shape != old.shape:
        return have_shapes_assumed_equal(new.shape, old.shape, sizes)
    return shape_safe or (new.shape is not None and None not in new.shape)


__all__ = ["simplify", "same_type"]
