"""Which values come into the caller's hands by effects: `self.h = h`, `items.append(h)`.

Two such arrays that Python makes apart stay apart, however alike they begin: the caller may write
into one of them later.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from srcgrad.graph import Literal, Node, Value, loop_parts, walk

_GIVING = frozenset(("store", "change", "instance"))
_VIEWS = frozenset(
    """
    getitem transpose swapaxes moveaxis rollaxis squeeze expand_dims flip flipud fliplr rot90
    diagonal diag real imag reshape reshape_like ravel flat broadcast_to broadcast_like atleast_1d
    atleast_2d atleast_3d asarray ascontiguousarray asfortranarray require view_as
    stop_gradient cast list_getitem
    """.split()
)


def given_away(nodes: Sequence[Node]) -> frozenset[Value]:
    """The values that effects hand to the caller, and those whose memory they may share."""
    every = list(walk(tuple(nodes)))
    found = {value for node in every if node.operation in _GIVING for value in node.operands}
    if not found:
        return frozenset()
    sources: dict[Value, list[Value]] = {}
    for node in every:
        for value, source in _shared(node):
            sources.setdefault(value, []).append(source)
    pending = list(found)
    while pending:
        for source in sources.get(pending.pop(), ()):
            if source not in found:
                found.add(source)
                pending.append(source)
    return frozenset(value for value in found if not isinstance(value, Literal))


def _shared(node: Node) -> Iterator[tuple[Value, Value]]:
    """Pairs of a value and one that it may be, or be a view of."""
    if node.operation in _VIEWS:
        for result in node.results:
            yield result, node.operands[0]
    elif node.operation == "if":
        for region in node.regions:
            yield from zip(node.results, region.results)
    elif node.operation in ("for", "while"):
        parts = loop_parts(node)
        for before in (parts.initial, parts.yielded):
            yield from zip(parts.carried, before)
            yield from zip(parts.final, before)
