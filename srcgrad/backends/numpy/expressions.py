"""How each operation is written in Python: operators, methods, NumPy functions.

Most operations are called under their own name with their parameters (`np.tanh(x)`).  What an
expert would write otherwise stands in a table: `spelled("dim")` registers how `dim` is written.
An own primitive without an entry becomes a helper function, whose source is emitted beside the
function that calls it.

Operations of Python itself, which the frontend makes:
`call`     parameters `function` (text of an expression), `arguments` (a template), `keywords`
           (the names of the last arguments).
`format`   parameter `parts`: text and (value, conversion, specification) in turn.
`assert`   operands: the condition and, where given, the message.
`raise`    operands: the arguments; parameter `exception` (text of an expression).
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from srcgrad.backends.numpy import trees
from srcgrad.backends.numpy.folding import Folding
from srcgrad.backends.numpy.helpers import helper_name, is_own
from srcgrad.errors import InternalError
from srcgrad.graph import (
    BOOL,
    ArrayType,
    Hole,
    Literal,
    Node,
    Undefined,
    Value,
    fill,
    holes,
    map_template,
    rank_of,
)
from srcgrad.rules import Primitive, default_of, is_primitive_name, primitive_named, unbind

Spelling = Callable[["Expressions", Node], ast.expr]

BINARY: dict[str, type[ast.operator]] = {
    "add": ast.Add,
    "subtract": ast.Sub,
    "multiply": ast.Mult,
    "divide": ast.Div,
    "true_divide": ast.Div,
    "floor_divide": ast.FloorDiv,
    "remainder": ast.Mod,
    "power": ast.Pow,
    "matmul": ast.MatMult,
    "bitwise_and": ast.BitAnd,
    "bitwise_or": ast.BitOr,
    "bitwise_xor": ast.BitXor,
    "left_shift": ast.LShift,
    "right_shift": ast.RShift,
}
_COMPARISONS: dict[str, type[ast.cmpop]] = {
    "less": ast.Lt,
    "less_equal": ast.LtE,
    "greater": ast.Gt,
    "greater_equal": ast.GtE,
    "equal": ast.Eq,
    "not_equal": ast.NotEq,
    "is": ast.Is,
    "is_not": ast.IsNot,
}
_UNARY: dict[str, type[ast.unaryop]] = {
    "negative": ast.USub,
    "positive": ast.UAdd,
    "invert": ast.Invert,
    "not": ast.Not,
}
_METHODS = frozenset(
    """sum mean prod max min any all std var argmax argmin cumsum cumprod reshape ravel squeeze
    swapaxes transpose diagonal trace repeat""".split()
)
# As methods these keep no memory order, or give the array itself: only where they are written so.
_METHODS_AS_WRITTEN = frozenset({"conj", "copy"})
_PUBLIC_NAMES = {
    "absolute": "abs",
    "conjugate": "conj",
    "amax": "max",
    "amin": "min",
    "sliding_window_view": "lib.stride_tricks.sliding_window_view",
}
_MODULES = ("math", "cmath", "scipy.special", "scipy.linalg", "scipy.spatial.distance")
_AREAS_OF_NUMPY = ("", "linalg", "fft", "lib.stride_tricks")


@dataclass(slots=True)
class Expressions:
    """Builds expressions, and notes what they need and which nodes they are made of."""

    names: dict[Value, str]
    folding: Folding
    spellings: Mapping[str, Spelling]
    none_of_none: frozenset[Value] = frozenset()  # what is None where its operand is
    helpers: dict[str, Callable[..., Any]] = field(default_factory=dict)
    imports: set[str] = field(default_factory=set)
    references: dict[str, object] = field(default_factory=dict)
    written: list[Node] = field(default_factory=list)

    def value(self, value: Value) -> ast.expr:
        if isinstance(value, Literal):
            return literal_tree(value)
        node = self.folding.folded.get(value)
        return trees.name(self.names[value]) if node is None else self.node(node)

    def test(self, value: Value) -> ast.expr:
        """The value where only its truth counts: `c` for `True if c else False`."""
        node = self.folding.folded.get(value)
        if node is not None and node.operation == "if":
            (first,), (second,) = (region.results for region in node.regions)
            if _is_flag(first, True) and _is_flag(second, False):
                self.written.append(node)
                return self.test(node.operands[0])
            if _is_flag(first, False) and _is_flag(second, True):
                self.written.append(node)
                return trees.negated(self.test(node.operands[0]))
        return self.value(value)

    def operands(self, node: Node) -> list[ast.expr]:
        return [self.value(value) for value in node.operands]

    def node(self, node: Node) -> ast.expr:
        """The node as an expression, operands and all."""
        self.written.append(node)
        made = self._plain(node)
        if not self.none_of_none.isdisjoint(node.results):
            is_none = ast.Compare(self.value(node.operands[0]), [ast.Is()], [trees.constant(None)])
            return ast.IfExp(is_none, trees.constant(None), made)
        return made

    def _plain(self, node: Node) -> ast.expr:
        if node.operation == "if":
            return self._conditional(node)
        if not node.parameters.get("function"):
            operator_form = self._operator(node)
            if operator_form is not None:
                return operator_form
        spelling = self.spellings.get(node.operation)
        if spelling is not None:
            return spelling(self, node)
        return self._call(node)

    def filled(self, node: Node, template: object) -> Any:
        """A parameter with its holes filled by the expressions of the operands."""

        def change(item: object) -> object:
            return self.value(node.operands[item.operand]) if isinstance(item, Hole) else item

        return map_template(template, change)

    def _operator(self, node: Node) -> ast.expr | None:
        operation = node.operation
        if operation in BINARY and len(node.operands) == 2:
            left, right = self.operands(node)
            return ast.BinOp(left, BINARY[operation](), right)
        if operation in _COMPARISONS:
            left, right = self.operands(node)
            return ast.Compare(left, [_COMPARISONS[operation]()], [right])
        if operation == "absolute":
            return trees.call("abs", self.operands(node))
        if operation in _UNARY:
            return ast.UnaryOp(_UNARY[operation](), self.value(node.operands[0]))
        return None

    def _conditional(self, node: Node) -> ast.expr:
        condition, (then, orelse) = node.operands[0], node.regions
        (first,), (second,) = then.results, orelse.results
        test = self.value(condition)
        if condition.type == BOOL and _is_flag(first, True) and _is_flag(second, False):
            return test
        if condition.type == BOOL and _is_flag(first, False) and _is_flag(second, True):
            return trees.negated(test)
        if second is condition:
            return _joined(ast.And(), test, self.value(first))
        if first is condition:
            return _joined(ast.Or(), test, self.value(second))
        return ast.IfExp(test, self.value(first), self.value(second))

    def _call(self, node: Node) -> ast.expr:
        if not is_primitive_name(node.operation):
            raise InternalError(f"the NumPy backend has no spelling for `{node.operation}`")
        primitive = primitive_named(node.operation)
        tree = self._call_of(node, primitive)
        only_item = primitive.gives_tuple and len(node.results) == 1
        return trees.subscript(tree, 0) if only_item else tree

    def _call_of(self, node: Node, primitive: Primitive) -> ast.expr:
        operation = node.operation
        args, keywords = self.arguments(node, primitive)
        area, _, short = operation.rpartition(".")
        if area == "builtins":
            return trees.call(short, args, keywords)
        if area in _MODULES:
            self.imports.add(area)
            return trees.call(operation, args, keywords)
        if is_own(primitive.function):
            return trees.call(self.helper(primitive.function), args, keywords)
        if area in _AREAS_OF_NUMPY or isinstance(getattr(np, area, None), np.ufunc):
            if not area and _reads_as_method(node):
                return _method(args, short, keywords)
            public = _PUBLIC_NAMES.get(operation, operation)
            return trees.call(f"np.{public}", args, keywords)
        if area.startswith("numpy."):
            return trees.call(f"np.{operation.removeprefix('numpy.')}", args, keywords)
        self.references[short] = primitive.function
        return trees.call(short, args, keywords)

    def helper(self, function: Callable[..., Any]) -> str:
        self.helpers[helper_name(function)] = function
        return helper_name(function)

    def arguments(
        self, node: Node, primitive: Primitive
    ) -> tuple[list[ast.expr], dict[str, ast.expr]]:
        """Positional and keyword arguments as the user would give them."""
        parameters = {k: v for k, v in node.parameters.items() if k not in ("effect", "function")}
        operands = self.operands(node)
        regular = len(operands) - len(holes(parameters))
        filled: Any = fill(parameters, operands)
        left_out = _not_given(node.operands[:regular], primitive)
        args, keywords = unbind(primitive, operands[:regular], filled, left_out)
        return [trees.plain(a) for a in args], {k: trees.plain(v) for k, v in keywords.items()}


def _reads_as_method(node: Node) -> bool:
    """`x.sum(axis=0)` for arrays: twice as fast as `np.sum(x, axis=0)` on small ones."""
    if not node.operands or node.operation not in _METHODS | _METHODS_AS_WRITTEN:
        return False
    if "correction" in node.parameters:  # no method knows it
        return False
    if node.operation in _METHODS_AS_WRITTEN and not (node.phase or _is_method_in_text(node)):
        return False
    return not isinstance(node.operands[0], Literal) and is_array(node.operands[0])


def _is_method_in_text(node: Node) -> bool:
    text = node.location.text if node.location else ""
    return f".{node.operation}(" in text and f"np.{node.operation}(" not in text


def literal_tree(value: Literal) -> ast.expr:
    if value.expression is not None:
        return ast.parse(value.expression, mode="eval").body
    if isinstance(value.value, Undefined):
        return trees.constant(None)
    return trees.plain(value.value)


def is_array(value: Value) -> bool:
    """Is this certainly an array, with attributes and methods (and not a Python number)?"""
    rank = rank_of(value.type)
    return isinstance(value.type, ArrayType) and rank is not None and rank > 0


def _is_flag(value: Value, flag: bool) -> bool:
    return isinstance(value, Literal) and value.value is flag


def _joined(operator: ast.boolop, first: ast.expr, second: ast.expr) -> ast.expr:
    more = second.values if isinstance(second, ast.BoolOp) else None
    if more is not None and type(second.op) is type(operator):  # type: ignore[attr-defined]
        return ast.BoolOp(operator, [first, *more])
    return ast.BoolOp(operator, [first, second])


def _method(args: list[ast.expr], method: str, keywords: dict[str, ast.expr]) -> ast.expr:
    first, *rest = args
    several = (ast.Tuple, ast.List)
    if method in ("reshape", "transpose") and len(rest) == 1 and isinstance(rest[0], several):
        rest = rest[0].elts or rest  # `x.reshape()` says nothing
    if method == "transpose" and isinstance(keywords.get("axes"), several):
        rest, keywords = keywords["axes"].elts, {}  # type: ignore[attr-defined]
    if method == "reshape" and isinstance(keywords.get("shape"), several):
        rest = keywords["shape"].elts or [keywords["shape"]]  # type: ignore[attr-defined]
        keywords = {k: v for k, v in keywords.items() if k != "shape"}
    return trees.call(trees.attribute(first, method), rest, keywords)


def shape_tree(build: Expressions, value: Value) -> ast.expr:
    tree = build.value(value)
    return trees.attribute(tree, "shape") if is_array(value) else trees.call("np.shape", [tree])


def _not_given(operands: Sequence[Value], primitive: Primitive) -> list[int]:
    """The places of operands that are what the function takes where they are not given."""
    if any(name.startswith("*") for name in primitive.operands):
        return []
    return [
        place
        for place, (value, name) in enumerate(zip(operands, primitive.operands))
        if isinstance(value, Literal) and _is_same(value.value, default_of(primitive, name))
    ]


def _is_same(given: object, default: object) -> bool:
    return type(given) is type(default) and given == default
