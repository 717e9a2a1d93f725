"""Make parts of a graph sections: functions of their own, whose values the adjoint computes again.

    h = tanh a                               y = section a, b {section=layer}
    y = multiply h, b             →
                                             layer(a, b): h = tanh a; y = multiply h, b; return y

The adjoint of a section (`transforms/reverse.py`) is another section, which computes the first one
again and then goes back through it.  What has an effect happens in the first one alone; random
draws are repeated, from a copy of the generator as it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from srcgrad.errors import UnsupportedError
from srcgrad.graph import (
    EFFECT_PARAMETERS,
    OPAQUE,
    Assumptions,
    Graph,
    Literal,
    Node,
    Region,
    Section,
    Value,
    free_values,
    map_regions,
    walk,
)
from srcgrad.location import Location
from srcgrad.rules import DISTRIBUTIONS, INDICES, Place, RuleGraph, UserCall
from srcgrad.transforms.gradient_hooks import is_hook
from srcgrad.transforms.rewriting import redefine

_OWN_OF_NUMPY = "np.random"


def as_section(
    stem: str, nodes: Sequence[Node], assumptions: Assumptions, location: Location | None
) -> Node:
    """One node that does what the nodes do.

    Its results are their results, the same values, so that whoever reads these need not know.
    """
    for node in walk(list(nodes)):
        _check_may_stand_in_section(node)
    made = {value: None for node in nodes for value in node.results}
    read = dict.fromkeys(value for node in nodes for value in free_values(node))
    operands = tuple(value for value in read if value not in made)
    inner = {v: Value(v.type, v.name, v.derivative_of) for v in (*operands, *made)}
    graph = Graph(
        stem,
        tuple(inner[value] for value in operands),
        redefine(nodes, inner),
        tuple(inner[value] for value in made),
        assumptions,
    )
    node = Node("section", operands, tuple(made), {"section": Section(stem, graph)}, (), location)
    if any(inner.has_effect for inner in nodes):
        node = replace(node, parameters={**node.parameters, "effect": True})
    return node


def section_of(node: Node) -> Section:
    section = node.parameters["section"]
    assert isinstance(section, Section)
    return section


_CHANGES = ("store", "change", "reference", "instance")


def _check_may_stand_in_section(node: Node) -> None:
    if "in_place" in node.parameters:
        raise UnsupportedError(
            "what `checkpoint` computes again may not store into an argument of the function",
            location=node.location,
            remedy="Work on a copy: `x = x.copy()`, before the checkpoint.",
        )
    if node.operation in _CHANGES:
        raise UnsupportedError(
            "what `checkpoint` computes again may not change objects of the caller's",
            location=node.location,
            remedy="Return what is to be kept, and store it outside.",
        )


def written_out(nodes: Sequence[Node]) -> tuple[Node, ...]:
    """The nodes with those of each section in its place."""
    made: list[Node] = []
    for node in nodes:
        if node.operation != "section":
            made.append(map_regions(node, _region_written_out))
            continue
        graph = section_of(node).graph
        known = dict(zip(graph.inputs, node.operands, strict=True))
        known |= dict(zip(graph.results, node.results, strict=True))
        made += written_out(redefine(graph.nodes, known))
    return tuple(made)


def _region_written_out(region: Region) -> Region:
    return Region(region.parameters, written_out(region.nodes), region.results)


def without_unread_inputs(
    graph: Graph, operands: Sequence[Value]
) -> tuple[Graph, tuple[Value, ...]]:
    """The graph of a section without the inputs that it does not read, and what is left to pass."""
    read = {value for node in graph.nodes for value in free_values(node)} | set(graph.results)
    pairs = [(own, given) for own, given in zip(graph.inputs, operands, strict=True) if own in read]
    return graph.replace(inputs=tuple(own for own, _ in pairs)), tuple(g for _, g in pairs)


# Computing again


def that_repeats(graph: Graph) -> tuple[Graph, Graph]:
    """The graph of a section, made ready to be repeated, and the graph that repeats it.

    The first has further results: copies of the generators it draws from, as they were.  The second
    takes these after the inputs of the first, and does nothing but compute.
    """
    generators = _generators(graph.nodes)
    if not generators:
        return graph, graph.replace(nodes=_computing(graph.nodes))
    before: list[Node] = []
    again: list[Node] = []
    kept: list[Value] = []
    taken: list[Value] = []
    owners: dict[object, Value] = {}
    for generator in generators:
        source = generator
        if isinstance(generator, str):
            source = Value(OPAQUE)
            before.append(_effect("generator_called", (), source, {"text": generator}))
        assert isinstance(source, Value)
        copied, given, own = Value(OPAQUE, "rng"), Value(OPAQUE, "rng"), Value(OPAQUE, "rng")
        before.append(_effect("same_generator", (source,), copied))
        again.append(_effect("same_generator", (given,), own))
        kept.append(copied)
        taken.append(given)
        owners[generator] = own
    first = graph.replace(nodes=(*before, *graph.nodes), results=(*graph.results, *kept))
    nodes = tuple(_drawing_from(node, owners) for node in _computing(graph.nodes))
    second = graph.replace(inputs=(*graph.inputs, *taken), nodes=(*again, *nodes))
    return first, second


def _effect(
    operation: str, operands: tuple[Value, ...], result: Value, parameters: dict | None = None
) -> Node:
    return Node(operation, operands, (result,), {**(parameters or {}), "effect": True})


def generator_of(node: Node) -> Value | str | None:
    """What a node draws from: a generator among its operands, or the text that reaches one."""
    if node.operation != "user_call" or not node.parameters.get("effect"):
        return None
    owner, _, method = str(node.parameters["function"]).rpartition(".")
    if method not in DISTRIBUTIONS and method not in INDICES:
        return None
    receiver = node.parameters.get("receiver")
    if isinstance(receiver, Place):
        return node.operands[receiver.operand]
    if owner == _OWN_OF_NUMPY:
        return f"{_OWN_OF_NUMPY}.mtrand._rand"
    return owner or None


def _generators(nodes: Sequence[Node]) -> list[Value | str]:
    """The generators that nodes draw from and have not made themselves."""
    made = {value for node in walk(list(nodes)) for value in node.results}
    found = dict.fromkeys(generator_of(node) for node in walk(list(nodes)))
    return [generator for generator in found if generator is not None and generator not in made]


def _drawing_from(node: Node, owners: dict[object, Value]) -> Node:
    """The node with its draws made from the generators that repeat."""
    regions = tuple(
        Region(r.parameters, tuple(_drawing_from(n, owners) for n in r.nodes), r.results)
        for r in node.regions
    )
    node = replace(node, regions=regions) if regions else node
    own = owners.get(generator_of(node))
    if own is None:
        return node
    receiver = node.parameters.get("receiver")
    if isinstance(receiver, Place):
        operands = list(node.operands)
        operands[receiver.operand] = own
        return replace(node, operands=tuple(operands))
    method = str(node.parameters["function"]).rpartition(".")[2]
    call = node.parameters["call"]
    assert isinstance(call, UserCall)
    parameters = {
        **node.parameters,
        "function": method,
        "receiver": Place(len(node.operands)),
        "call": _with_one_more_operand(call),
    }
    return replace(node, operands=(*node.operands, own), parameters=parameters)


def _with_one_more_operand(call: UserCall) -> UserCall:
    """The call with an operand that its rules do not look at."""

    def widened(rule: RuleGraph) -> RuleGraph:
        return replace(rule, inputs=(*rule.inputs, Value(OPAQUE)))

    return replace(call, vjp=lambda: widened(call.vjp()), jvp=lambda: widened(call.jvp()))


def _computing(nodes: Sequence[Node]) -> tuple[Node, ...]:
    """The nodes without what happened once and must not happen again."""
    read = {value for node in nodes for value in free_values(node)}
    kept: list[Node] = []
    for node in nodes:
        if generator_of(node) is not None or is_hook(node):
            kept.append(node)
            continue
        if node.regions:
            regions = tuple(
                Region(r.parameters, _computing(r.nodes), r.results) for r in node.regions
            )
            kept.append(replace(node, regions=regions))
            continue
        if node.has_effect and node.operation == "raise":
            continue
        if node.has_effect and node.operation == "call":
            if any(value in read for value in node.results if not isinstance(value, Literal)):
                raise UnsupportedError(
                    "this must happen once, but `checkpoint` would do it again in the adjoint",
                    location=node.location,
                    remedy="Do it outside of what is computed again, and pass the result.",
                )
            continue
        parameters = {k: v for k, v in node.parameters.items() if k not in EFFECT_PARAMETERS}
        kept.append(replace(node, parameters=parameters))
    return tuple(kept)
