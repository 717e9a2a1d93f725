"""How stores are written that are calls of NumPy's functions, or assignments to parts."""

from __future__ import annotations

import ast

from srcgrad.backends.numpy import trees
from srcgrad.backends.numpy.expressions import Expressions
from srcgrad.graph import Node

_PARTS = {"real_set": "real", "imag_set": "imag"}
_MASKED, _AT = "masked_", "_at"


def special_store(build: Expressions, node: Node, base: ast.expr) -> ast.stmt | None:
    """The statement that changes `base`; None for stores and additions at an index."""
    name = node.operation
    if name == "flat_set":
        positions = build.value(node.operands[2])
        place = trees.subscript(trees.attribute(base, "flat"), positions, store=True)
        return _assigned(place, build.value(node.operands[1]))
    if name in _PARTS:
        part = ast.Attribute(base, _PARTS[name], ast.Store())
        return _assigned(part, build.value(node.operands[1]))
    if name == "diagonal_set":
        return _called("np.fill_diagonal", [base, build.value(node.operands[1])])
    if name.startswith(_MASKED):
        return _masked(build, node, base)
    if name.endswith(_AT):
        index = trees.index_value(build.filled(node, node.parameters["index"]))
        function = f"np.{name.removesuffix(_AT)}.at"
        return _called(function, [base, index, build.value(node.operands[1])])
    return None


def _masked(build: Expressions, node: Node, base: ast.expr) -> ast.stmt:
    """`np.divide(a, b, out=c, where=mask)`"""
    condition, *args = [build.value(value) for value in node.operands[1:]]
    function = node.operation.removeprefix(_MASKED)
    if function == "positive":
        return _called("np.copyto", [base, *args], {"where": condition})
    return _called(f"np.{function}", args, {"out": base, "where": condition})


def _assigned(target: ast.expr, value: ast.expr) -> ast.stmt:
    return ast.Assign([target], value, lineno=0)


def _called(
    function: str, args: list[ast.expr], keywords: dict[str, ast.expr] | None = None
) -> ast.stmt:
    return ast.Expr(trees.call(function, args, keywords or {}))
