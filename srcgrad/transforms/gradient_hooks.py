"""What is done to gradients while they flow: `on_gradient` nodes, in each mode.

    h_1 = on_gradient h { (g) → g_1 }       d_h_1 = ...
                                       →    g_1 = what the region makes of d_h_1
    ...                                     d_h += g_1

Reverse mode puts the region into the adjoint, once: for derivatives of that adjoint, and for
everything else, the node is `h` itself.  Forward mode carries no gradients; a region that only
looks at its gradient is nothing to it, and one that changes it is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from srcgrad.errors import UnsupportedError
from srcgrad.graph import Builder, Literal, Node, Region, Value, map_regions, walk
from srcgrad.transforms.rewriting import redefine


def is_hook(node: Node) -> bool:
    return node.operation == "on_gradient"


def changes_gradient(node: Node) -> bool:
    """Does another gradient go on than the one that arrives?"""
    (region,) = node.regions
    return region.results != region.parameters


def any_changes_gradient(nodes: Sequence[Node]) -> bool:
    return any(is_hook(node) and changes_gradient(node) for node in walk(list(nodes)))


def check_forward(node: Node) -> None:
    if changes_gradient(node):
        raise UnsupportedError(
            "the gradient is changed here on its way back, and forward mode has no such way",
            location=node.location,
            remedy='Use reverse mode: `grad`, `vjp`, `mode="reverse"`, `modes="rev"`.',
        )


def without_hooks(nodes: Sequence[Node]) -> tuple[Node, ...]:
    """The nodes with each `on_gradient` node made the value itself."""
    if not any(map(is_hook, walk(list(nodes)))):
        return tuple(nodes)

    def region(old: Region) -> Region:
        return Region(old.parameters, without_hooks(old.nodes), old.results)

    return tuple(passed(node) if is_hook(node) else map_regions(node, region) for node in nodes)


def passed(node: Node) -> Node:
    """The value itself."""
    return Node("argument", node.operands, node.results, {}, (), node.location, node.phase)


def spliced(builder: Builder, node: Node, gradient: Value) -> Value:
    """Append what the region does to a gradient; gives the one that goes on."""
    (region,) = node.regions
    (arrives,) = region.parameters
    renamed: dict[Value, Value] = {arrives: gradient}
    for inner in walk(list(region.nodes)):
        made = [*inner.results, *(p for part in inner.regions for p in part.parameters)]
        renamed |= {value: Value(value.type, value.name) for value in made}
    for inner in redefine(region.nodes, renamed):
        builder.add(_in_phase(inner, builder.phase))
    (end,) = region.results
    return end if isinstance(end, Literal) else renamed.get(end, end)


def _in_phase(node: Node, phase: str) -> Node:
    def region(old: Region) -> Region:
        nodes = tuple(_in_phase(inner, phase) for inner in old.nodes)
        return Region(old.parameters, nodes, old.results)

    return replace(map_regions(node, region), phase=phase)
