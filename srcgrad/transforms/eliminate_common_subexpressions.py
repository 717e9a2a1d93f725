"""Compute each expression once: a node that repeats an earlier one is replaced by its result.

Works across forward and adjoint nodes and into regions, not out of them.  Never merges nodes with
an effect, nodes that make something from nothing (two arrays of zeros stay two arrays), arrays that
are stored into (each has memory of its own), and two values that the caller gets: results of the
graph, or what an effect hands over (`self.h = h`).

    a = exp x              a = exp x
    b = exp x       →      y = add a, a
    y = add a, b           return y
    return y
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Hashable, Sequence

import numpy as np

from srcgrad.analyses import StoredArrays, given_away
from srcgrad.graph import Graph, Literal, Node, Region, Value, map_regions, substitute
from srcgrad.transforms.patterns import COMMUTATIVE

# Each is filled by stores of its own.
_FILLED_LATER = frozenset({"empty", "empty_like", "zeros_like", "ones_like", "full_like"})
_Available = ChainMap[Hashable, Node]


def eliminate_common_subexpressions(graph: Graph) -> Graph:
    kept_apart = {*graph.results, *given_away(graph.nodes)}
    merging = _Merging(StoredArrays(graph.nodes), kept_apart)
    nodes = merging.block(graph.nodes, ChainMap())
    return graph.replace(nodes=nodes, results=merging.renamed(graph.results))


class _Merging:
    """What has been merged so far: `mapping` gives the value that is kept for each that is not."""

    def __init__(self, stored: StoredArrays, returned: set[Value]) -> None:
        self.stored = stored
        self.returned = returned
        self.mapping: dict[Value, Value] = {}

    def block(self, nodes: Sequence[Node], available: _Available) -> tuple[Node, ...]:
        kept: list[Node] = []
        for node in nodes:
            begins = self.stored.begins(node)
            node = substitute(node, self.mapping)
            key = None if begins else expression_key(node)
            earlier = available.get(key) if key is not None else None
            if earlier is not None and not _both_returned(node, earlier, self.returned):
                self._keep(earlier, node)
                continue
            if key is not None:
                available[key] = node
            kept.append(map_regions(node, lambda region: self._region(region, available)))
        return tuple(kept)

    def renamed(self, values: tuple[Value, ...]) -> tuple[Value, ...]:
        return tuple(self.mapping.get(value, value) for value in values)

    def _keep(self, earlier: Node, node: Node) -> None:
        for value, kept in zip(node.results, earlier.results):
            self.mapping[value] = kept
            if value in self.returned:
                self.returned.add(kept)

    def _region(self, region: Region, available: _Available) -> Region:
        nodes = self.block(region.nodes, available.new_child())
        return Region(region.parameters, nodes, self.renamed(region.results))


def _both_returned(node: Node, earlier: Node, returned: set[Value]) -> bool:
    return any(value in returned for value in node.results) and any(
        value in returned for value in earlier.results
    )


def expression_key(node: Node) -> Hashable | None:
    """What two nodes have in common only if they compute the same; None for nodes to be kept."""
    if node.regions or node.has_effect or not node.results:
        return None
    if (
        all(isinstance(value, Literal) for value in node.operands)
        or node.operation in _FILLED_LATER
    ):
        return None
    operands = tuple(_operand_key(value) for value in node.operands)
    if node.operation in COMMUTATIVE:
        operands = tuple(sorted(operands, key=repr))
    types = tuple(str(value.type) for value in node.results)
    return node.operation, operands, freeze(dict(node.parameters)), types


def _operand_key(value: Value) -> Hashable:
    if isinstance(value, Literal) and isinstance(value.value, (bool, int, float, complex, str)):
        return type(value.value).__name__, repr(value.value)
    return "value", id(value.value if isinstance(value, Literal) else value)


def freeze(setting: object) -> Hashable:
    """A static parameter as something to compare by: 0.0 and -0.0, 1 and True stay different."""
    if isinstance(setting, (tuple, list)):
        return type(setting).__name__, tuple(freeze(item) for item in setting)
    if isinstance(setting, dict):
        return "dict", tuple(sorted((key, freeze(item)) for key, item in setting.items()))
    if isinstance(setting, slice):
        return "slice", freeze(setting.start), freeze(setting.stop), freeze(setting.step)
    if isinstance(setting, np.ndarray):
        return "array", id(setting)
    return type(setting).__name__, repr(setting)
