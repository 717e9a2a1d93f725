"""How divisions that may meet a zero are written: as conditional expressions on numbers, as
`np.divide` with `out=` and `where=` on arrays.

Where the types do not say that the result has the shape and dtype of an operand, the primitive's
own function is emitted as a helper.  An operand that is written twice keeps a name of its own
(`uses.WRITTEN_TWICE`).
"""

from __future__ import annotations

import ast

from srcgrad.backends.numpy import trees
from srcgrad.backends.numpy.expressions import Expressions, is_array
from srcgrad.backends.numpy.spellings import spelled
from srcgrad.graph import Literal, Node, ScalarType, Value, is_python_int, rank_of, shape_of


@spelled("if_else")
def _if_else(build: Expressions, node: Node) -> ast.expr:
    condition, a, b = build.operands(node)
    return ast.IfExp(condition, a, b)


@spelled("ieee_divide")
def _ieee_divide(build: Expressions, node: Node) -> ast.expr:
    """`a / b if b else a * math.inf`"""
    a, b = node.operands
    return ast.IfExp(build.value(b), _quotient(build, a, b), _times_infinity(build, a))


@spelled("share")
def _share(build: Expressions, node: Node) -> ast.expr:
    """`np.fmin(a / b, 1.0)`"""
    quotient = _quotient(build, *node.operands)
    return trees.call("np.fmin", [quotient, trees.constant(1.0)])


@spelled("divide_where_nonzero")
def _divide_where_nonzero(build: Expressions, node: Node) -> ast.expr:
    """`np.divide(a, b, out=np.zeros_like(a), where=a != 0)`"""
    a, b = node.operands
    if _is_number(a) and _is_number(b):
        safe = ast.IfExp(build.value(b), _quotient(build, a, b), _times_infinity(build, a))
        return ast.BoolOp(ast.And(), [build.value(a), safe])
    if _are_scalar(a, b):
        return ast.IfExp(build.value(a), _quotient(build, a, b), trees.constant(0.0))
    if not _is_like(a, node):
        return build._call(node)
    return _masked_divide(build, a, b, out=a, where=_is_not_zero(build, a))


@spelled("divide_or_zero")
def _divide_or_zero(build: Expressions, node: Node) -> ast.expr:
    """`np.divide(a, b, out=np.zeros_like(b), where=b != 0)`"""
    a, b = node.operands
    if _are_scalar(a, b):
        return ast.IfExp(build.value(b), _quotient(build, a, b), trees.constant(0.0))
    if not _is_like(b, node):
        return build._call(node)
    return _masked_divide(build, a, b, out=b, where=_is_not_zero(build, b))


@spelled("divide_where")
def _divide_where(build: Expressions, node: Node) -> ast.expr:
    """`np.divide(a, b, out=np.zeros_like(b), where=condition)`"""
    a, b, condition = node.operands
    if _are_scalar(a, b, condition) and not (_is_number(a) and _is_number(b)):
        test = build.value(condition)
        return ast.IfExp(test, _quotient(build, a, b), trees.constant(0.0))
    if not _is_like(b, node):
        return build._call(node)
    return _masked_divide(build, a, b, out=b, where=build.value(condition))


@spelled("power_slope")
def _power_slope(build: Expressions, node: Node) -> ast.expr:
    """`p * x ** (p - 1) if p else 0.0`"""
    x, p = node.operands
    if not is_python_int(p.type):
        return build._call(node)
    exponent = ast.BinOp(build.value(p), ast.Sub(), trees.constant(1))
    power = ast.BinOp(build.value(x), ast.Pow(), exponent)
    slope = ast.BinOp(build.value(p), ast.Mult(), power)
    return ast.IfExp(build.value(p), slope, trees.constant(0.0))


@spelled("divmod")
def _divmod(build: Expressions, node: Node) -> ast.expr:
    on_numbers = all(map(_is_number, node.operands)) and not node.parameters.get("function")
    return trees.call("divmod", build.operands(node)) if on_numbers else build._call(node)


def _quotient(build: Expressions, a: Value, b: Value) -> ast.expr:
    return ast.BinOp(build.value(a), ast.Div(), build.value(b))


def _times_infinity(build: Expressions, a: Value) -> ast.expr:
    build.imports.add("math")
    infinity = trees.dotted("math.inf")
    if isinstance(a, Literal) and a.value == 1.0:
        return infinity
    return ast.BinOp(build.value(a), ast.Mult(), infinity)


def _is_not_zero(build: Expressions, value: Value) -> ast.expr:
    return ast.Compare(build.value(value), [ast.NotEq()], [trees.constant(0)])


def _masked_divide(
    build: Expressions, a: Value, b: Value, *, out: Value, where: ast.expr
) -> ast.expr:
    zeros = trees.call("np.zeros_like", [build.value(out)])
    operands = [build.value(a), build.value(b)]
    return trees.call("np.divide", operands, {"out": zeros, "where": where})


def _is_number(value: Value) -> bool:
    return isinstance(value.type, ScalarType)


def _are_scalar(*values: Value) -> bool:
    return all(rank_of(value.type) == 0 for value in values)


def _is_like(value: Value, node: Node) -> bool:
    """Is the result known to have the shape and dtype of this operand?"""
    shape = shape_of(value.type)
    known = is_array(value) and shape is not None and None not in shape
    return known and value.type == node.result.type
