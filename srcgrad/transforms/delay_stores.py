"""Move stores of the adjoint down to where their result is first read.

What a store overwrites has then been used already, and need not be copied.

Relies on: nothing but the order of definitions.  Never moves: stores with an effect, stores into
arrays that nothing else reads, and nothing in the user's own part, whose order is the user's.

    g = getitem d_x {index=1}           g = getitem d_x {index=1}
    d_x_1 = index_set d_x, 0.0      →   h = multiply g, 2.0
    h = multiply g, 2.0                 d_x_1 = index_set d_x, 0.0
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from srcgrad.graph import Graph, Node, Region, Value, free_values, map_regions
from srcgrad.rules import is_store
from srcgrad.transforms.rewriting import count_reads


def delay_stores(graph: Graph) -> Graph:
    nodes = _delayed(graph.nodes, count_reads(graph))
    return graph if nodes == graph.nodes else graph.replace(nodes=nodes)


def _delayed(nodes: Sequence[Node], reads: Mapping[Value, int]) -> tuple[Node, ...]:
    done: list[Node] = []
    waiting: list[Node] = []
    stores = {node.result: node for node in nodes if is_store(node.operation)}
    for node in nodes:
        inner = map_regions(node, lambda region: _delayed_region(region, reads))
        if _may_wait(inner) and _is_read_otherwise(inner, stores, reads):
            waiting.append(inner)
            continue
        _release(waiting, done, set(free_values(inner)))
        done.append(inner)
    return (*done, *waiting)


def _delayed_region(region: Region, reads: Mapping[Value, int]) -> Region:
    nodes = _delayed(region.nodes, reads)
    return region if nodes == region.nodes else Region(region.parameters, nodes, region.results)


def _may_wait(node: Node) -> bool:
    return is_store(node.operation) and bool(node.phase) and not node.has_effect


def _is_read_otherwise(
    store: Node, stores: Mapping[Value, Node], reads: Mapping[Value, int]
) -> bool:
    """Does anything but stores read the array, as it is before this store or was earlier?"""
    version = store.operands[0]
    while reads[version] == 1 and version in stores:
        version = stores[version].operands[0]
    return reads[version] > 1


def _release(waiting: list[Node], done: list[Node], wanted: set[Value]) -> None:
    """Append those that are waiting whose results are wanted, after what they want themselves."""
    for store in [node for node in waiting if node.result in wanted]:
        if store not in waiting:
            continue
        waiting.remove(store)
        _release(waiting, done, set(store.operands))
        done.append(store)
