"""Copy what is read after its memory has been written in place.

The graph is functional: a value stays what it was.  Stores are real in the emitted code, though, so
what shares the memory that a store writes and is read later must be saved first.  A store into the
caller's memory that is not marked `in_place` is none: the backend makes a copy of its own for it.

Relies on: stores into one array follow each other, as the program wrote them.  Never changes: which
stores happen, and in which order.

    y = getitem x {index=slice(1, None)}        y = getitem x {index=slice(1, None)}
    x_1 = index_set x, 0.0 {in_place=True}  →   y_1 = copy y
    z = multiply y, y                           x_1 = index_set x, 0.0 {in_place=True}
                                                z = multiply y_1, y_1
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from srcgrad.analyses import reads_shape_only
from srcgrad.graph import (
    ArrayType,
    Graph,
    ListType,
    Literal,
    Node,
    Region,
    Undefined,
    Value,
    free_values,
    loop_parts,
    substitute,
    walk,
)
from srcgrad.rules import is_store

_VIEWS = frozenset(
    """
    getitem transpose swapaxes moveaxis rollaxis squeeze expand_dims flip flipud fliplr rot90
    diagonal real imag reshape reshape_like ravel flat broadcast_to broadcast_like atleast_1d
    atleast_2d atleast_3d asarray ascontiguousarray asfortranarray require view_as
    stop_gradient scale_gradient straight_through cast list_getitem
    """.split()
)
Roots = frozenset[Value]
_NONE: Roots = frozenset()


def save_overwritten(graph: Graph) -> Graph:
    if not any(is_store(node.operation) for node in walk(graph.nodes)):
        return graph
    roots = _Roots(graph)
    nodes, results = _saved(roots, graph.nodes, graph.results, list(graph.inputs))
    return graph.replace(nodes=nodes, results=results)


class _Roots:
    """For each value the places of creation whose memory it may share: inputs, or values."""

    def __init__(self, graph: Graph) -> None:
        self._inputs = frozenset(graph.inputs)
        self._of: dict[Value, Roots] = {value: frozenset((value,)) for value in graph.inputs}
        while self._grow(graph.nodes):
            pass
        self.ever_written = _NONE.union(*map(self.written, graph.nodes))

    def of(self, value: Value) -> Roots:
        if not _may_share(value):
            return _NONE
        return self._of.get(value, _NONE)

    def set(self, value: Value, sources: Roots) -> None:
        """Sides of a branch hand on copies by now, where they handed on views."""
        self._of[value] = sources

    def _add(self, value: Value, sources: Roots) -> bool:
        before = self._of.get(value, _NONE)
        self._of[value] = before | sources
        return self._of[value] != before

    def _grow(self, nodes: Sequence[Node]) -> bool:
        changed = False
        for node in nodes:
            for target, sources in self._flows(node):
                changed |= self._add(target, sources)
            for region in node.regions:
                changed |= self._grow(region.nodes)
        return changed

    def _flows(self, node: Node) -> Iterator[tuple[Value, Roots]]:
        if self.writes(node):
            yield node.results[0], self.of(node.operands[0])
            return
        flows = list(_flows(node))
        for target, sources in flows:
            yield target, _NONE.union(*map(self.of, sources))
        if not flows:
            for result in node.results:
                yield result, frozenset((result,))

    def writes(self, node: Node) -> bool:
        """Does this node write into the memory of its first operand?"""
        if not is_store(node.operation):
            return False
        return bool(node.parameters.get("in_place")) or not self.of(node.operands[0]) & self._inputs

    def written(self, node: Node) -> Roots:
        """The memory into which the node or its regions store."""
        stores = [inner for inner in walk([node]) if self.writes(inner)]
        return _NONE.union(*(self.of(store.operands[0]) for store in stores))


def _may_share(value: Value) -> bool:
    if isinstance(value, Literal):
        return False
    type_ = value.type
    while isinstance(type_, ListType):
        type_ = type_.element
    return isinstance(type_, ArrayType) and type_.shape != ()


def _flows(node: Node) -> Iterator[tuple[Value, list[Value]]]:
    """Which values may be, or be views of, which others."""
    if node.operation == "if":
        for at, result in enumerate(node.results):
            yield result, [region.results[at] for region in node.regions]
    elif node.operation in ("for", "while"):
        parts = loop_parts(node)
        for item, sequence in zip(parts.items, parts.sequences):
            yield item, [sequence]
        for carried, first, again in zip(parts.carried, parts.initial, parts.yielded):
            yield carried, [first, again]
        for final, carried in zip(parts.final, parts.carried):
            yield final, [carried]
        for made, item in zip(parts.lists, parts.collected):
            yield made, [item]
        if node.operation == "while":
            for own, carried in zip(node.regions[0].parameters, parts.carried):
                yield own, [carried]
    elif node.operation == "section":
        for result in node.results:
            yield result, [result, *filter(_may_share, node.operands)]
    elif node.operation in _VIEWS and _may_share(node.operands[0]):
        yield node.results[0], [node.operands[0]]


def _saved(
    roots: _Roots,
    nodes: Sequence[Node],
    results: tuple[Value, ...],
    known: list[Value],
) -> tuple[tuple[Node, ...], tuple[Value, ...]]:
    """The nodes of a block, with copies before the stores that would change what is read later."""
    done: list[Node] = []
    pending = list(nodes)
    while pending:
        node = pending.pop(0)
        written = roots.written(node)
        if written:
            # What stores in the sides of a branch overwrite is saved there, for what is read there.
            inside = node.regions and node.operation != "if"
            later = _read_later(pending, results) | (_read_inside(node) if inside else set())
            for value in [v for v in known if v in later and _is_changed(roots, v, written)]:
                if _is_copied_where_defined(value, done):
                    roots.set(value, _NONE)
                    continue
                copy = _copy_of(value, node)
                done.append(copy)
                mapping = {value: copy.result}
                node = _inside_only(node, mapping) if inside else _reads_copy(node, mapping)
                pending = [substitute(after, mapping) for after in pending]
                results = tuple(mapping.get(result, result) for result in results)
        node = _with_saved_regions(roots, node, known)
        if node.operation == "if":
            for at, result in enumerate(node.results):
                roots.set(result, _NONE.union(*(roots.of(r.results[at]) for r in node.regions)))
        done.append(node)
        known += node.results
    return tuple(done), results


def _is_copied_where_defined(value: Value, done: list[Node]) -> bool:
    """Copy what has no value on some path on the other paths, at their ends; False elsewhere.

    Nothing has been stored since: else it would have been copied then.
    """
    for at, node in enumerate(done):
        if value in node.results and _may_be_undefined(value, node):
            done[at] = _copied_inside(value, node)
            return True
    return False


def _may_be_undefined(value: Value, node: Node) -> bool:
    return any(
        isinstance(end, Literal) and isinstance(end.value, Undefined) for end in _ends(value, node)
    ) or any(
        end in inner.results and _may_be_undefined(end, inner)
        for region in node.regions
        for inner in region.nodes
        for end in _ends(value, node)
    )


def _ends(value: Value, node: Node) -> list[Value]:
    """What a result of a branch or loop may be."""
    if node.operation == "if":
        return [region.results[node.results.index(value)] for region in node.regions]
    if node.operation not in ("for", "while"):
        return []
    parts = loop_parts(node)
    if value not in parts.final:
        return []
    at = parts.final.index(value)
    return [parts.initial[at], parts.yielded[at]]


def _copied_inside(value: Value, node: Node) -> Node:
    """The branch or loop with its result copied at the end of each region that has one."""
    at = node.results.index(value)
    if node.operation == "if":
        regions = tuple(_with_end_copied(region, at, node) for region in node.regions)
    else:
        at += 1 if node.parameters.get("breaks") else 0
        regions = (*node.regions[:-1], _with_end_copied(node.regions[-1], at, node))
    return replace(node, regions=regions)


def _with_end_copied(region: Region, at: int, node: Node) -> Region:
    end = region.results[at]
    nodes = list(region.nodes)
    if isinstance(end, Literal) or _is_copied_where_defined(end, nodes):
        return Region(region.parameters, tuple(nodes), region.results)
    copy = _copy_of(end, node)
    results = (*region.results[:at], copy.result, *region.results[at + 1 :])
    return Region(region.parameters, (*nodes, copy), results)


def _is_changed(roots: _Roots, value: Value, written: Roots) -> bool:
    """Does a store into this memory change the value?  Lists hold what was copied for them."""
    return not isinstance(value.type, ListType) and bool(roots.of(value) & written)


def _with_saved_regions(roots: _Roots, node: Node, known: list[Value]) -> Node:
    if not node.regions:
        return node
    if node.operation == "if":
        regions = tuple(_saved_region(roots, region, known, 0) for region in node.regions)
        return replace(node, regions=regions)
    collects = len(loop_parts(node).collected)
    counts = (0, collects) if node.operation == "while" else (collects,)
    regions = tuple(_saved_region(roots, r, r.parameters, n) for r, n in zip(node.regions, counts))
    return replace(node, regions=regions)


def _saved_region(roots: _Roots, region: Region, known: Sequence[Value], collects: int) -> Region:
    """The region; what it collects is read after later iterations, whose stores must not show."""
    nodes, results = _saved(roots, region.nodes, region.results, list(known))
    inside = {value for node in walk(region.nodes) for value in node.results}
    handed_on = _NONE.union(*(roots.of(value) for value in results[: len(results) - collects]))
    done = list(nodes)
    for at in range(len(results) - collects, len(results)):
        shared = (roots.of(results[at]) & roots.ever_written) - (inside - handed_on)
        if not shared or isinstance(results[at].type, ListType):
            continue
        if not _is_copied_where_defined(results[at], done):
            done.append(_copy_of(results[at], done[-1] if done else None))
            results = (*results[:at], done[-1].result, *results[at + 1 :])
    return Region(region.parameters, tuple(done), results)


def _read_later(pending: Sequence[Node], results: Sequence[Value]) -> set[Value]:
    """What is read after the node."""
    return {value for after in pending for value in _read(after)} | set(results)


def _read_inside(node: Node) -> set[Value]:
    """What is read inside the node's regions."""
    return _read(replace(node, operands=()))


def _read(node: Node) -> set[Value]:
    """What a node reads from outside; that it reads a shape is no matter."""
    found: set[Value] = set()
    for inner in walk([node]):
        for place, operand in enumerate(inner.operands):
            if not reads_shape_only(inner.operation, place):
                found.add(operand)
        found.update(value for region in inner.regions for value in region.results)
    return found & set(free_values(node))


def _inside_only(node: Node, mapping: dict[Value, Value]) -> Node:
    """The node with what its regions read replaced; its operands stay what they are."""
    return replace(substitute(node, mapping), operands=node.operands) if node.regions else node


def _reads_copy(node: Node, mapping: dict[Value, Value]) -> Node:
    """A store that stores the copy which is there anyway, so that what is copied has one reader."""
    if node.regions:
        return node
    first, *others = node.operands
    return replace(node, operands=(first, *(mapping.get(value, value) for value in others)))


def _copy_of(value: Value, near: Node | None) -> Node:
    saved = Value(value.type, value.name, value.derivative_of)
    location = near.location if near is not None else None
    return Node("copy", (value,), (saved,), {}, (), location, near.phase if near else "")
