"""Checks what every graph must satisfy; tests run it after each pass.

Every value is defined once, before it is read and where the reader can see it; regions have as many
results as their node needs; loops carry values of one type.
"""

from __future__ import annotations

from srcgrad.errors import InternalError
from srcgrad.graph.graph import Graph
from srcgrad.graph.node import Literal, Node, Region, Value, loop_parts
from srcgrad.graph.text import print_nodes


def verify(graph: Graph) -> Graph:
    """Return the graph unchanged, or raise `InternalError` naming every complaint."""
    complaints: list[str] = []
    visible = set(graph.inputs)
    _check_block(graph.nodes, visible, complaints)
    _check_reads(graph.results, visible, "return", complaints)
    seen: set[Value] = set(graph.inputs)
    _check_single_definition(graph.nodes, seen, complaints)
    if complaints:
        listing = "\n".join(f"  {complaint}" for complaint in complaints)
        raise InternalError(f"the graph is not well formed:\n{listing}\n{graph}")
    return graph


def _check_reads(
    values: tuple[Value, ...], visible: set[Value], where: str, out: list[str]
) -> None:
    for value in values:
        if not isinstance(value, Literal) and value not in visible:
            out.append(f"{value!r} is read before it is defined, in: {where}")


def _check_single_definition(nodes: tuple[Node, ...], seen: set[Value], out: list[str]) -> None:
    for node in nodes:
        for region in node.regions:
            for value in region.parameters:
                if value in seen:
                    out.append(f"{value!r} is defined twice, as a parameter of {node.operation}")
                seen.add(value)
            _check_single_definition(region.nodes, seen, out)
        for value in node.results:
            if value in seen:
                out.append(f"{value!r} is defined twice, by {node.operation}")
            seen.add(value)


def _check_block(nodes: tuple[Node, ...], visible: set[Value], out: list[str]) -> None:
    for node in nodes:
        where = print_nodes([node]).splitlines()[0]
        _check_reads(node.operands, visible, where, out)
        for region in node.regions:
            _check_region(region, visible, where, out)
        _check_structure(node, where, out)
        visible.update(node.results)


def _check_region(region: Region, visible: set[Value], where: str, out: list[str]) -> None:
    inner = visible | set(region.parameters)
    _check_block(region.nodes, inner, out)
    _check_reads(region.results, inner, f"the results of {where}", out)


def _check_structure(node: Node, where: str, out: list[str]) -> None:
    if node.operation == "if":
        for region in node.regions:
            if len(region.results) != len(node.results):
                out.append(f"a branch yields {len(region.results)} results: {where}")
    if node.operation in ("for", "while"):
        parts = loop_parts(node)
        counts = {len(parts.initial), len(parts.carried), len(parts.yielded), len(parts.final)}
        if len(counts) > 1 or len(parts.collected) != len(parts.lists):
            out.append(f"initial, carried, yielded and final values do not pair up: {where}")
        if len(parts.items) != len(parts.sequences):
            out.append(f"items and sequences do not pair up: {where}")
