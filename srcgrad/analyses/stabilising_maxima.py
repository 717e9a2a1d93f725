"""Which maxima are subtracted for the sake of range alone, and carry no derivative.

In a softmax, `e = np.exp(s - s.max()); p = e / e.sum()`, the result does not depend on the maximum
at all: whatever is subtracted cancels.  The derivative through such a maximum is zero; computing it
would cost as much as the softmax itself and give rounding noise.

Proof by following what happens to each value if the maximum grows by k (one k per place of the
maximum): it stays as it is, is *shifted* (v + c k) or *scaled* (v exp(c k)).  The maximum is
stabilising if all results stay as they are.  The layout says which axes of a value k varies along.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from srcgrad.analyses.equal_shapes import are_assumed_equal, have_shapes_assumed_equal
from srcgrad.graph import (
    ArrayType,
    Assumptions,
    Dim,
    Graph,
    Hole,
    Literal,
    Node,
    Value,
    free_values,
    rank_of,
    shape_of,
)

Layout = tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class _Change:
    """What k does to a value: v + c k if `scaled` is false, else v exp(c k)."""

    scaled: bool
    coefficient: int
    layout: Layout


class _Unknown(Exception):
    """Nothing can be said of a value that depends on the maximum."""


def stabilising_maxima(graph: Graph) -> frozenset[Value]:
    """The results of maxima that nothing depends on in the end, inside regions too."""
    found: set[Value] = set()
    _look(graph.nodes, graph.results, found, graph.assumptions)
    return frozenset(found)


def _look(
    nodes: Sequence[Node], results: Sequence[Value], found: set[Value], sizes: Assumptions
) -> None:
    for place, node in enumerate(nodes):
        if node.operation == "max" and _cancels(node, nodes[place + 1 :], results, sizes):
            found.add(node.result)
        for region in node.regions:
            _look(region.nodes, region.results, found, sizes)


def _cancels(
    node: Node, after: Sequence[Node], results: Sequence[Value], sizes: Assumptions
) -> bool:
    """Do the results stay as they are, whatever is added to the maximum?"""
    layout = _layout_of_maximum(node)
    if layout is None:
        return False
    changes: dict[Value, _Change] = {node.result: _Change(False, 1, layout)}
    makers = {value: made for made in after for value in made.results}
    try:
        for other in after:
            if any(value in changes for value in free_values(other)):
                change = _change_of(other, _Site(changes, makers, sizes))
                if change is not None:
                    changes[other.result] = change
    except _Unknown:
        return False
    return not any(value in changes for value in results)


def _layout_of_maximum(node: Node) -> Layout | None:
    if set(node.parameters) - {"axis", "keepdims"}:
        return None
    rank = rank_of(node.operands[0].type)
    if rank is None:
        return None
    axis = node.parameters.get("axis")
    kept = tuple(place for place in range(rank) if place not in _axes(axis, rank))
    if not node.parameters.get("keepdims"):
        return kept
    return tuple(place if place in kept else None for place in range(rank))


def _axes(axis: object, rank: int) -> tuple[int, ...]:
    if axis is None:
        return tuple(range(rank))
    axes = axis if isinstance(axis, tuple) else (axis,)
    return tuple(item % rank for item in axes)  # type: ignore[operator]


_Rule = Callable[[Node, "_Site"], "_Change | None"]


@dataclass(frozen=True, slots=True)
class _Site:
    changes: Mapping[Value, _Change]
    makers: Mapping[Value, Node]
    sizes: Assumptions

    def change(self, value: Value) -> _Change | None:
        return self.changes.get(value)


def _change_of(node: Node, site: _Site) -> _Change | None:
    """What happens to the result of the node; None if it stays.  Raises where nobody knows."""
    rule = _RULES.get(node.operation)
    if rule is None or node.regions or len(node.results) != 1:
        raise _Unknown
    if any(
        value in site.changes for value in node.operands[_REGULAR_OPERANDS.get(node.operation, 1) :]
    ):
        raise _Unknown
    return rule(node, site)


def _fitted(operand: Value, result: Value, site: _Site) -> _Change | None:
    """The change of an operand, with the axes of the result that it is broadcast to."""
    change = site.change(operand)
    if change is None:
        return None
    have, want = shape_of(operand.type), shape_of(result.type)
    if have is None or want is None:
        raise _Unknown
    layout: Layout = (None,) * (len(want) - len(have)) + change.layout
    for label, dim, wide in zip(change.layout[::-1], have[::-1], want[::-1]):
        if label is not None and not are_assumed_equal(dim, wide, site.sizes):
            raise _Unknown
    return replace(change, layout=layout)


def _add(node: Node, site: _Site, sign: int = 1) -> _Change | None:
    a, b = (_fitted(value, node.result, site) for value in node.operands)
    b = None if b is None else b if b.scaled else replace(b, coefficient=sign * b.coefficient)
    if a is None or b is None:
        change = a if b is None else b
        if change is not None and change.scaled:
            raise _Unknown
        return change
    if a.scaled and a == b:
        return a
    return _combined(a, b, False)


def _subtract(node: Node, site: _Site) -> _Change | None:
    return _add(node, site, -1)


def _combined(a: _Change, b: _Change, scaled: bool) -> _Change | None:
    """Two shifts (or two scalings) at once, which may cancel."""
    if a.scaled is not scaled or b.scaled is not scaled or a.layout != b.layout:
        raise _Unknown
    coefficient = a.coefficient + b.coefficient
    return replace(a, coefficient=coefficient) if coefficient else None


def _multiply(node: Node, site: _Site, sign: int = 1) -> _Change | None:
    a, b = (_fitted(value, node.result, site) for value in node.operands)
    b = None if b is None else replace(b, coefficient=sign * b.coefficient)
    if a is not None and b is not None:
        return _combined(a, b, True)
    change = a if b is None else b
    if change is not None and not change.scaled:
        raise _Unknown
    return change


def _divide(node: Node, site: _Site) -> _Change | None:
    return _multiply(node, site, -1)


def _negative(node: Node, site: _Site) -> _Change | None:
    change = site.change(node.operands[0])
    if change is None or change.scaled:
        return change
    return replace(change, coefficient=-change.coefficient)


def _exponential(node: Node, site: _Site) -> _Change | None:
    return _turned(site.change(node.operands[0]), scaled=False)


def _logarithm(node: Node, site: _Site) -> _Change | None:
    return _turned(site.change(node.operands[0]), scaled=True)


def _turned(change: _Change | None, scaled: bool) -> _Change | None:
    if change is None or change.scaled is not scaled:
        raise _Unknown
    return replace(change, scaled=not scaled)


def _reduced(node: Node, site: _Site) -> _Change | None:
    """Sums keep scalings, maxima and means keep shifts as well, over axes where k is constant."""
    change = site.change(node.operands[0])
    if change is None or set(node.parameters) - {"axis", "keepdims"}:
        raise _Unknown
    if not change.scaled and node.operation == "sum":
        raise _Unknown
    axes = _axes(node.parameters.get("axis"), len(change.layout))
    if any(change.layout[axis] is not None for axis in axes):
        raise _Unknown
    if node.parameters.get("keepdims"):
        return change
    kept = (label for axis, label in enumerate(change.layout) if axis not in axes)
    return replace(change, layout=tuple(kept))


def _same(node: Node, site: _Site) -> _Change | None:
    return site.change(node.operands[0])


def _expanded(node: Node, site: _Site) -> _Change | None:
    change = site.change(node.operands[0])
    rank = rank_of(node.result.type)
    if change is None or rank is None:
        raise _Unknown
    added = _axes(node.parameters["axis"], rank)
    labels = iter(change.layout)
    return replace(
        change, layout=tuple(None if axis in added else next(labels) for axis in range(rank))
    )


def _read(node: Node, site: _Site) -> _Change | None:
    change = site.change(node.operands[0])
    if change is None:
        raise _Unknown
    index = node.parameters["index"]
    entries = index if isinstance(index, tuple) else (index,)
    return replace(change, layout=_layout_of_read(node, change.layout, entries, site))


def _layout_of_read(node: Node, layout: Layout, entries: tuple[object, ...], site: _Site) -> Layout:
    """Whole slices keep their axis; `x[np.arange(n), i]` keeps the one that `arange` runs along."""
    if any(isinstance(entry, Hole) for entry in entries):
        return _layout_of_picks(node, layout, entries, site)
    labels = list(layout)
    kept: list[int | None] = []
    for entry in entries:
        if entry is None:
            kept.append(None)
        elif entry == slice(None) and labels:
            kept.append(labels.pop(0))
        else:
            raise _Unknown
    return tuple(kept + labels)


def _layout_of_picks(
    node: Node, layout: Layout, entries: tuple[object, ...], site: _Site
) -> Layout:
    if len(entries) != len(layout) or rank_of(node.result.type) != 1:
        raise _Unknown
    kept: int | None = None
    shape = shape_of(node.operands[0].type)
    for entry, label, dim in zip(entries, layout, shape or ()):
        if label is None:
            continue
        if kept is not None or not isinstance(entry, Hole):
            raise _Unknown
        if not _counts_up(node.operands[entry.operand], dim, site):
            raise _Unknown
        kept = label
    return (kept,)


def _counts_up(value: Value, dim: Dim, site: _Site) -> bool:
    """Is the value `np.arange(n)` for this dim n?"""
    made = site.makers.get(value)
    if made is None or made.operation != "arange" or set(made.parameters) - {"dtype"}:
        return False
    given = [operand for operand in made.operands if not _is_absent(operand)]
    if len(given) != 1 or not isinstance(value.type, ArrayType):
        return False
    return have_shapes_assumed_equal(value.type.shape, (dim,), site.sizes)


def _is_absent(value: Value) -> bool:
    return isinstance(value, Literal) and value.value is None


def _matrix_product(node: Node, site: _Site) -> _Change | None:
    a, b = node.operands
    change = site.change(a)
    if change is None or site.change(b) is not None or not change.scaled:
        raise _Unknown
    if rank_of(a.type) != 2 or rank_of(b.type) != 2 or change.layout[1] is not None:
        raise _Unknown
    return change


_RULES: dict[str, _Rule] = {
    "add": _add,
    "subtract": _subtract,
    "multiply": _multiply,
    "divide": _divide,
    "negative": _negative,
    "exp": _exponential,
    "log": _logarithm,
    "math.exp": _exponential,
    "math.log": _logarithm,
    "sum": _reduced,
    "mean": _reduced,
    "max": _reduced,
    "cast": _same,
    "expand_dims": _expanded,
    "getitem": _read,
    "matmul": _matrix_product,
}
# How many of a node's first operands may have changed; what fills holes may not.
_REGULAR_OPERANDS = {"add": 2, "subtract": 2, "multiply": 2, "divide": 2, "matmul": 2}
