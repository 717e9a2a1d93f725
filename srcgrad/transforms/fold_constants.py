"""Compute now what depends on nothing: arithmetic of Python numbers known before the call.

Exact: the numbers are those that Python would have got.  Never folds what raises, and nothing that
involves arrays.

    t = multiply 2.0, 3.0          y = multiply x, 6.0
    y = multiply x, t        →     return y
    return y
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence

from srcgrad.graph import Graph, Literal, Node, Region, Value, literal, map_regions, substitute

_PYTHON_OPERATORS: dict[str, Callable[..., object]] = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,
    "floor_divide": operator.floordiv,
    "remainder": operator.mod,
    "power": operator.pow,
    "negative": operator.neg,
    "positive": operator.pos,
    "less": operator.lt,
    "less_equal": operator.le,
    "greater": operator.gt,
    "greater_equal": operator.ge,
    "equal": operator.eq,
    "not_equal": operator.ne,
    "not": operator.not_,
    "builtins.float": float,
}
_NUMBERS = (bool, int, float, complex)


def fold_constants(graph: Graph) -> Graph:
    mapping: dict[Value, Value] = {}
    nodes = _fold_block(graph.nodes, mapping)
    return graph.replace(
        nodes=nodes, results=tuple(mapping.get(value, value) for value in graph.results)
    )


def _fold_block(nodes: Sequence[Node], mapping: dict[Value, Value]) -> tuple[Node, ...]:
    kept: list[Node] = []
    for node in nodes:
        node = substitute(node, mapping)
        folded = folded_value(node)
        if folded is not None:
            mapping[node.result] = folded
            continue
        kept.append(map_regions(node, lambda region: _fold_region(region, mapping)))
    return tuple(kept)


def _fold_region(region: Region, mapping: dict[Value, Value]) -> Region:
    nodes = _fold_block(region.nodes, mapping)
    results = tuple(mapping.get(value, value) for value in region.results)
    same = len(nodes) == len(region.nodes) and all(a is b for a, b in zip(nodes, region.nodes))
    return (
        region if same and results == region.results else Region(region.parameters, nodes, results)
    )


def folded_value(node: Node) -> Literal | None:
    """The literal that the node's result is, if it is known now."""
    function = _PYTHON_OPERATORS.get(node.operation)
    if function is None or node.parameters or not node.operands:
        return None
    numbers = [value.value for value in node.operands if isinstance(value, Literal)]
    if len(numbers) < len(node.operands) or any(type(item) not in _NUMBERS for item in numbers):
        return None
    try:
        number = function(*numbers)
    except (ArithmeticError, ValueError, TypeError):
        return None
    return literal(number) if type(number) in _NUMBERS else None
