"""Convert a sum of array elements to a Python number once, after the loop that sums them.

Only double precision sums of derived loops: those have the same rounding either way.

    d = for … carry (c: float = 0.0) {         s = for … carry (c: f64[] = 0.0) {
      t = builtins.float g                       u = add c, g
      u = add c, t                        →      yield u
      yield u                                  }
    }                                          d = builtins.float s
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from srcgrad.graph import (
    FLOAT,
    ArrayType,
    Graph,
    Node,
    Region,
    Value,
    loop_parts,
    map_regions,
)
from srcgrad.transforms.rewriting import carries_of, count_reads, rebuild_loop, redefine

_ELEMENT = ArrayType(np.dtype(float), ())


def defer_conversions(graph: Graph) -> Graph:
    reads = count_reads(graph)
    return graph.replace(nodes=_block(graph.nodes, reads))


def _block(nodes: Sequence[Node], reads: dict[Value, int]) -> tuple[Node, ...]:
    kept: list[Node] = []
    for node in nodes:
        node = map_regions(node, lambda region: _region(region, reads))
        kept += _deferred(node, reads) if node.operation == "for" and node.phase else [node]
    return tuple(kept)


def _region(region: Region, reads: dict[Value, int]) -> Region:
    nodes = _block(region.nodes, reads)
    same = len(nodes) == len(region.nodes) and all(a is b for a, b in zip(nodes, region.nodes))
    return region if same else Region(region.parameters, nodes, region.results)


@dataclass(frozen=True, slots=True)
class _Sum:
    """A carried number, and the additions in the body that lead from it to what is yielded."""

    carry: tuple[Value, Value, Value, Value]
    additions: tuple[Node, ...]
    conversions: tuple[Node, ...]


def _deferred(node: Node, reads: dict[Value, int]) -> list[Node]:
    """The loop with its sums of array elements left unconverted, and the conversions after it."""
    parts = loop_parts(node)
    makers = {value: inner for inner in parts.body.nodes for value in inner.results}
    sums = [found for carry in carries_of(parts) if (found := _sum_of(carry, makers, reads))]
    if not sums:
        return [node]
    mapping: dict[Value, Value] = {}
    renamed: dict[Value, Value] = {}
    after: list[Node] = []
    for total in sums:
        carried, _, _, final = total.carry
        for value in (carried, *(addition.result for addition in total.additions)):
            renamed[value] = Value(_ELEMENT, value.name, value.derivative_of)
        for conversion in total.conversions:
            mapping[conversion.result] = conversion.operands[0]
        element = Value(_ELEMENT, final.name, final.derivative_of)
        renamed[final] = element
        after.append(
            Node("builtins.float", (element,), (final,), {}, (), node.location, node.phase)
        )
    additions = {addition for total in sums for addition in total.additions}
    body = [
        replace(inner, operands=tuple(mapping.get(value, value) for value in inner.operands))
        if inner in additions
        else inner
        for inner in parts.body.nodes
    ]
    carries = [
        (renamed.get(carried, carried), initial, renamed.get(end, end), renamed.get(final, final))
        for carried, initial, end, final in carries_of(parts)
    ]
    return [rebuild_loop(parts, nodes=redefine(body, renamed), carries=carries), *after]


def _sum_of(
    carry: tuple[Value, Value, Value, Value], makers: dict[Value, Node], reads: dict[Value, int]
) -> _Sum | None:
    carried, initial, yielded, _ = carry
    if carried.type != FLOAT or initial.type != FLOAT:
        return None
    additions: list[Node] = []
    conversions: list[Node] = []
    value = yielded
    while value is not carried:
        addition = makers.get(value)
        if addition is None or addition.operation not in ("add", "subtract"):
            return None
        conversion = makers.get(addition.operands[1])
        if reads[value] > 1 or addition.parameters or conversion is None:
            return None
        if conversion.operation != "builtins.float" or conversion.operands[0].type != _ELEMENT:
            return None
        additions.append(addition)
        conversions.append(conversion)
        value = addition.operands[0]
    if reads[carried] > 1 or not additions:
        return None
    return _Sum(carry, tuple(additions), tuple(conversions))
