"""Conditions that fetch everything once: what is read again is named where it is read first.

    type(p['w']) is A and p['w'].ndim == 2 and p['w'].shape[0] == x.shape[1]

becomes

    type((_0 := p['w'])) is A and len((_1 := _0.shape)) == 2 and _1[0] == x.shape[1]

An attribute of an array costs as much as a dozen steps of the interpreter.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Sequence

_PREFIX = "_srcgrad_fetched_"


def fetched_once(conditions: Sequence[str]) -> list[str]:
    """The conditions, to be checked in this order and all of them, with nothing fetched twice."""
    trees = [_with_shapes(ast.parse(text, mode="eval").body) for text in conditions]
    # What a comprehension reads, it may read of its own variables.
    simple = [tree for tree in trees if not _has_scope(tree)]
    naming = _Naming(Counter(ast.dump(node) for tree in simple for node in _fetches(tree)))
    return [ast.unparse(tree if _has_scope(tree) else naming.condition(tree)) for tree in trees]


def _has_scope(tree: ast.expr) -> bool:
    scopes = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
    return any(isinstance(node, scopes) for node in ast.walk(tree))


def _with_shapes(tree: ast.expr) -> ast.expr:
    """`x.ndim` as `len(x.shape)`: most conditions on arrays read the shape as well."""
    return _LengthOfShape().visit(tree)  # type: ignore[no-any-return]


class _LengthOfShape(ast.NodeTransformer):
    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        if node.attr != "ndim":
            return node
        shape = ast.Attribute(node.value, "shape", ast.Load())
        return ast.Call(ast.Name("len", ast.Load()), [shape], [])


def _fetches(tree: ast.AST) -> Iterator[ast.expr]:
    """The attributes and items that an expression reads."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Attribute, ast.Subscript)) and _is_path(node):
            yield node


def _is_path(node: ast.expr) -> bool:
    """Is this a chain of attributes and constant items that starts at a name?"""
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        if isinstance(node, ast.Subscript) and not isinstance(node.slice, (ast.Constant, ast.Name)):
            return False
        node = node.value
    return isinstance(node, ast.Name)


class _Naming(ast.NodeTransformer):
    """Names what is fetched again where it is fetched first, and reads the name after that.

    Nothing is named in an operand that may not be reached.
    """

    def __init__(self, fetches: Counter[str]) -> None:
        self._left = fetches
        self._names: dict[str, str] = {}
        self._may_name = True

    def condition(self, tree: ast.expr) -> ast.expr:
        return self.visit(tree)  # type: ignore[no-any-return]

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        first, *rest = node.values
        values = [self.visit(first)]
        self._may_name = False
        values += map(self.visit, rest)
        self._may_name = True
        return ast.BoolOp(node.op, values)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        return self._fetch(node)

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        return self._fetch(node)

    def _fetch(self, node: ast.expr) -> ast.AST:
        text = ast.dump(node)
        if text in self._names:
            return ast.Name(self._names[text], ast.Load())
        self.generic_visit(node)
        self._left[text] -= 1
        if self._left[text] < 1 or not self._may_name:
            return node
        name = self._names[text] = f"{_PREFIX}{len(self._names)}"
        return ast.NamedExpr(ast.Name(name, ast.Store()), node)
