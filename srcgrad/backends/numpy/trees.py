"""Small pieces of Python's AST: names, calls, literals, operators."""

from __future__ import annotations

import ast
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from srcgrad.errors import InternalError

_PYTHON_DTYPES = {float: "float", int: "int", bool: "bool", complex: "complex"}


def name(text: str) -> ast.expr:
    return ast.Name(text, ast.Load())


def target(text: str) -> ast.Name:
    return ast.Name(text, ast.Store())


def attribute(of: ast.expr, attr: str) -> ast.expr:
    return ast.Attribute(of, attr, ast.Load())


def dotted(text: str) -> ast.expr:
    first, *rest = text.split(".")
    tree = name(first)
    for part in rest:
        tree = attribute(tree, part)
    return tree


def call(
    function: ast.expr | str, args: Sequence[Any] = (), keywords: dict[str, Any] | None = None
) -> ast.expr:
    tree = dotted(function) if isinstance(function, str) else function
    given = [ast.keyword(key, value) for key, value in (keywords or {}).items()]
    return ast.Call(tree, list(args), given)


def constant(value: Any) -> ast.expr:
    return ast.Constant(value)


def negated(test: ast.expr) -> ast.expr:
    """`not test`, without saying `not` twice."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return test.operand
    return ast.UnaryOp(ast.Not(), test)


def without_sign(tree: ast.expr) -> ast.expr | None:
    """The opposite of an expression that starts with a minus: `2.0 / n` for `-2.0 / n`."""
    if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.USub):
        return tree.operand
    if isinstance(tree, ast.BinOp) and isinstance(tree.op, (ast.Mult, ast.Div)):
        left = without_sign(tree.left)
        return None if left is None else ast.BinOp(left, tree.op, tree.right)
    return None


def tuple_of(items: Sequence[ast.expr], *, store: bool = False) -> ast.expr:
    return ast.Tuple(list(items), ast.Store() if store else ast.Load())


def plain(value: object) -> ast.expr:
    """A value known now, as an expression: numbers, dtypes, containers, trees themselves."""
    if isinstance(value, ast.expr):
        return value
    if value is None or isinstance(value, (bool, str, bytes)) or value is Ellipsis:
        return constant(value)
    if isinstance(value, np.generic):
        return call(f"np.{value.dtype.name}", [plain(value.item())])
    if isinstance(value, int):
        return _signed(value)
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, complex):
        return _complex(value)
    if isinstance(value, (tuple, list, dict, slice, range)):
        return _container(value)
    return _object(value)


def _signed(value: float) -> ast.expr:
    if value < 0 or (isinstance(value, float) and math.copysign(1.0, value) < 0):
        return ast.UnaryOp(ast.USub(), constant(-value))
    return constant(value)


def _float(value: float) -> ast.expr:
    if math.isnan(value):
        return dotted("np.nan")
    if math.isinf(value):
        infinity = dotted("np.inf")
        return infinity if value > 0 else ast.UnaryOp(ast.USub(), infinity)
    return _signed(value)


def _complex(value: complex) -> ast.expr:
    if not (math.isfinite(value.real) and math.isfinite(value.imag)) or _is_negative_zero(value):
        return call("complex", [_float(value.real), _float(value.imag)])
    if value.real == 0 and value.imag >= 0:
        return constant(complex(0, value.imag))
    sign = ast.Sub() if value.imag < 0 else ast.Add()
    return ast.BinOp(_signed(value.real), sign, constant(complex(0, abs(value.imag))))


def _is_negative_zero(value: complex) -> bool:
    return any(part == 0 and math.copysign(1.0, part) < 0 for part in (value.real, value.imag))


def _container(value: Any) -> ast.expr:
    if isinstance(value, tuple):
        return tuple_of([plain(item) for item in value])
    if isinstance(value, list):
        return ast.List([plain(item) for item in value], ast.Load())
    if isinstance(value, dict):
        return ast.Dict([plain(key) for key in value], [plain(item) for item in value.values()])
    if isinstance(value, range):
        return call("range", [plain(value.start), plain(value.stop), plain(value.step)])
    return call("slice", [plain(value.start), plain(value.stop), plain(value.step)])


def _object(value: object) -> ast.expr:
    if isinstance(value, np.ndarray):
        return call("np.array", [plain(value.tolist())], {"dtype": plain(value.dtype)})
    if isinstance(value, np.dtype):
        known = hasattr(np, value.name) and value.isnative
        return dotted(f"np.{value.name}") if known else call("np.dtype", [constant(value.str)])
    if isinstance(value, type):
        if value in _PYTHON_DTYPES:
            return name(_PYTHON_DTYPES[value])
        if issubclass(value, np.generic):
            return dotted(f"np.{value.__name__}")
    raise InternalError(f"there is no literal for {value!r}")


def index(value: object) -> ast.expr:
    """What stands between the brackets of `x[...]`."""
    if isinstance(value, tuple) and value:
        return tuple_of([_index_entry(item) for item in value])
    return _index_entry(value)


def _index_entry(value: object) -> ast.expr:
    if isinstance(value, slice):
        parts = [
            None if part is None else plain(part) for part in (value.start, value.stop, value.step)
        ]
        return ast.Slice(*parts)
    return plain(value)


def subscript(of: ast.expr, entry: object, *, store: bool = False) -> ast.Subscript:
    return ast.Subscript(of, index(entry), ast.Store() if store else ast.Load())


def index_value(index: object) -> ast.expr:
    """An index as an argument of a call: `np.s_[...]` where it has slices."""
    entries = index if isinstance(index, tuple) else (index,)
    if any(isinstance(entry, slice) for entry in entries):
        return subscript(dotted("np.s_"), index)
    return plain(index)
