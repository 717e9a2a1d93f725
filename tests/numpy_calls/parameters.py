"""Which parameters of NumPy's functions the calls of texts and of rows give."""

from __future__ import annotations

import ast
import inspect
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from tests.numpy_calls.functions import PRELUDE, SAMPLES
from tests.rules.rows import Row

Given = dict[str, set[str]]
_UFUNC = "out where casting order dtype subok signature".split()
_OF_SIGNATURE = {
    "(n),(n)->()": ["axes", "axis", "keepdims"],
    "(n?,k),(k,m?)->(n?,m?)": ["axes"],
    "(m,n),(n)->(m)": ["axes"],
    "(n),(n,m)->(m)": ["axes"],
}
_METHODS_OF_UFUNCS = {
    "reduce": "array axis dtype out keepdims initial where",
    "accumulate": "array axis dtype out",
    "reduceat": "array indices axis dtype out",
    "outer": "A B out where casting order dtype subok signature",
    "at": "a indices b",
}
# What NumPy's signatures do not say of functions written in C, of those that take numbers.
_BY_HAND = {
    "arange": "start stop step dtype device like",
    "array": "object dtype copy order subok ndmin ndmax like",
    "asarray": "a dtype order device copy like",
    "asanyarray": "a dtype order device copy like",
    "ascontiguousarray": "a dtype like",
    "asfortranarray": "a dtype like",
    "concatenate": "arrays axis out dtype casting",
    "concat": "arrays axis out dtype casting",
    "dot": "a b out",
    "inner": "a b",
    "vdot": "a b",
    "where": "condition x y",
    "bincount": "x weights minlength",
    "lexsort": "keys axis",
    "putmask": "a mask values",
    "copyto": "dst src casting where",
    "empty": "shape dtype order device like",
    "empty_like": "prototype dtype order subok shape device",
    "zeros": "shape dtype order device like",
    "fromiter": "iter dtype count like",
    "ravel_multi_index": "multi_index dims mode order",
    "unravel_index": "indices shape order",
}


def parameters_of(function: Any) -> list[str] | None:
    """The names of a function's parameters; None where nothing says them."""
    if isinstance(function, np.ufunc):
        operands = [f"x{k + 1}" for k in range(function.nin)]
        return [*operands, *_UFUNC, *_OF_SIGNATURE.get(function.signature, [])]
    if isinstance(getattr(function, "__self__", None), np.ufunc):
        return _METHODS_OF_UFUNCS[function.__name__].split()
    if getattr(function, "__module__", "") == "numpy" and function.__name__ in _BY_HAND:
        return _BY_HAND[function.__name__].split()
    try:
        found = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    return [item.name for item in found if item.kind is not item.VAR_KEYWORD]


def given_in_texts(lines: Iterable[str]) -> Given:
    found: Given = defaultdict(set)
    names: dict[str, Any] = dict(SAMPLES)
    exec(PRELUDE, names)
    for line in lines:
        for node in ast.walk(ast.parse(line)):
            if isinstance(node, ast.Call):
                _note(found, *_called(node.func, names), node)
    return found


def _called(function: ast.expr, names: dict[str, Any]) -> tuple[str, Any]:
    """The full name of what is called, and the function; methods of arrays are `ndarray.sum`."""
    text = ast.unparse(function)
    root = text.split(".")[0].split("(")[0].split("[")[0]
    if isinstance(function, ast.Attribute) and root in SAMPLES:
        return f"ndarray.{function.attr}", None
    try:
        return text.replace("la.", "np.linalg."), eval(text, names)
    except Exception:
        return text, None


def _note(found: Given, name: str, function: Any, node: ast.Call) -> None:
    given = found[name]
    given.update(keyword.arg for keyword in node.keywords if keyword.arg)
    known = parameters_of(function) if function is not None else None
    if known is not None:
        given.update(known[: len(node.args)])
        if any(isinstance(argument, ast.Starred) for argument in node.args):
            given.update(known)
    given.update(f"#{k}" for k in range(len(node.args)))


def given_in_rows(rows: Iterable[Row]) -> Iterator[tuple[Any, set[str]]]:
    for row in rows:
        function = row.primitive.function
        known = parameters_of(function) or []
        yield function, {*known[: len(row.arguments)], *row.parameters}
