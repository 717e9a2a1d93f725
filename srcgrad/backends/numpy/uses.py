"""Who reads each value, and where: the positions that folding and emission decide by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from srcgrad.graph import Graph, Literal, Node, Value, loop_parts

# The operands that the spelling of an operation (in `guarded.py`) repeats.
WRITTEN_TWICE: dict[str, tuple[int, ...]] = {
    "ieee_divide": (0, 1),
    "divide_where_nonzero": (0, 1),
    "divide_or_zero": (1,),
    "divide_where": (1,),
    "power_slope": (0, 1),
    "stack_rows": (0,),
}


@dataclass(slots=True, eq=False)
class Block:
    """A straight run of nodes (the graph's own, or a region's) and what it hands on at its end."""

    nodes: Sequence[Node]
    results: Sequence[Value]
    owner: Node | None = None
    parent: Block | None = None
    position: int = 0
    children: dict[Node, tuple[Block, ...]] = field(default_factory=dict)
    inputs: tuple[Value, ...] = ()
    number: int = 0

    @property
    def end(self) -> int:
        return len(self.nodes)


@dataclass(frozen=True, slots=True)
class Use:
    """One reading of a value: by `reader` at `position` of `block`; at its end without a reader."""

    block: Block
    position: int
    reader: Node | None
    collected: bool = False


def block_tree(graph: Graph) -> Block:
    top = Block(graph.nodes, graph.results, inputs=graph.inputs)
    _add_children(top)
    return top


def _add_children(block: Block) -> None:
    for position, node in enumerate(block.nodes):
        if node.regions:
            children = tuple(
                _child(block, node, number, position) for number in range(len(node.regions))
            )
            block.children[node] = children


def _child(parent: Block, owner: Node, number: int, position: int) -> Block:
    region = owner.regions[number]
    block = Block(
        region.nodes, region.results, owner, parent, position, {}, region.parameters, number
    )
    _add_children(block)
    return block


def uses_of(top: Block) -> dict[Value, list[Use]]:
    """Every reading of every value, in order."""
    found: dict[Value, list[Use]] = {}
    _collect(top, found)
    return found


def _collect(block: Block, found: dict[Value, list[Use]]) -> None:
    for position, node in enumerate(block.nodes):
        for value in node.operands:
            _note(value, Use(block, position, node), found)
        for place in WRITTEN_TWICE.get(node.operation, ()):
            _note(node.operands[place], Use(block, position, node), found)
        for child in block.children.get(node, ()):
            _collect(child, found)
    gathered = _number_of_collected(block)
    for k, value in enumerate(block.results):
        is_collected = k >= len(block.results) - gathered
        _note(value, Use(block, block.end, None, is_collected), found)


def _number_of_collected(block: Block) -> int:
    owner = block.owner
    if owner is None or owner.operation not in ("for", "while"):
        return 0
    is_body = block.number == len(owner.regions) - 1
    return len(loop_parts(owner).collected) if is_body else 0


def _note(value: Value, use: Use, found: dict[Value, list[Use]]) -> None:
    if not isinstance(value, Literal):
        found.setdefault(value, []).append(use)
