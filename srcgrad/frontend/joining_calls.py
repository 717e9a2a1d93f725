"""Joins of what is one value of the graph: of a list that a loop makes, or of an array's rows.

NumPy's functions that join arrays take a sequence of them.  Where its length is known, each array
is an operand; a list whose length is known only during the call is joined as a whole.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from srcgrad.frontend import storage
from srcgrad.frontend.abstract import NONE, Abstract, Keywords, Number, Static
from srcgrad.graph import ArrayType, ListType, Type, rank_of

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator


def joined(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: ast.AST
) -> Abstract | None:
    """The result where the function joins the items of one value; None for other calls."""
    join = _JOINS.get(function)
    items = storage.current(ev, args[0]) if args else None
    if join is None or not isinstance(items, Number):
        return None
    if isinstance(items.value.type, ArrayType) and function not in _OF_ARRAYS:
        items = _rows(ev, items)
    if not isinstance(items.value.type, ListType):
        return None
    axis, dtype = _axis_and_dtype(ev, function, args, kwargs, node)
    result = join(ev, items, axis, node)
    return result if dtype == NONE else ev.call_primitive("cast", (result,), {"dtype": dtype})


def _rows(ev: Evaluator, array: Number) -> Number:
    """The rows of an array as a list."""
    rows = ev.call_primitive("rows_of", (array,))
    assert isinstance(rows, Number)
    return rows


def _axis_and_dtype(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: ast.AST
) -> tuple[int, Abstract]:
    second = "dtype" if function in (np.array, np.asarray, np.asanyarray) else "axis"
    given = {**dict(zip(("arrays", second), args)), **kwargs}
    axis = ev.make_static(given.get("axis", Static(0)), node).value
    if set(given) - {"arrays", "axis", "dtype"} or not isinstance(axis, int):
        ev.refuse(
            node,
            f"of a list of unknown length `np.{function.__name__}` takes an axis and a dtype alone",
            "Leave the other options out, and convert the result.",
        )
    return axis, given.get("dtype", NONE)


def _concatenated(ev: Evaluator, items: Number, axis: int, node: ast.AST) -> Abstract:
    options: Keywords = {"axis": Static(axis)} if axis else {}
    return ev.call_primitive("concatenate_list", (items,), options)


def _stacked(ev: Evaluator, items: Number, axis: int, node: ast.AST) -> Abstract:
    stack = ev.call_primitive("stack_list", (items,))
    return _moved(ev, stack, axis) if axis else stack


def _moved(ev: Evaluator, stack: Abstract, axis: int) -> Abstract:
    """The stack with its first axis at another place, in memory of that order."""
    moved = ev.call_primitive(np.moveaxis, (stack, Static(0), Static(axis)))
    return ev.call_primitive(np.ascontiguousarray, (moved,))


def _in_rows(ev: Evaluator, items: Number, axis: int, node: ast.AST) -> Abstract:
    """`np.vstack`: vectors are rows, numbers rows of one column."""
    rank = _rank_of_items(ev, items, node)
    if rank > 1:
        return _concatenated(ev, items, 0, node)
    stack = _stacked(ev, items, 0, node)
    return stack if rank else _with_axis(ev, stack, 1)


def _in_columns(ev: Evaluator, items: Number, axis: int, node: ast.AST) -> Abstract:
    """`np.column_stack`: vectors are columns."""
    rank = _rank_of_items(ev, items, node)
    if rank > 1:
        return _concatenated(ev, items, 1, node)
    stack = _stacked(ev, items, 0, node)
    return ev.call_primitive(np.transpose, (stack,)) if rank else _with_axis(ev, stack, 0)


def _side_by_side(ev: Evaluator, items: Number, axis: int, node: ast.AST) -> Abstract:
    """`np.hstack`: along the first axis of vectors, the second one of others."""
    rank = _rank_of_items(ev, items, node)
    if rank == 0:
        return _stacked(ev, items, 0, node)
    return _concatenated(ev, items, 0 if rank == 1 else 1, node)


def _in_depth(ev: Evaluator, items: Number, axis: int, node: ast.AST) -> Abstract:
    """`np.dstack`: along a third axis, which vectors and matrices get."""
    rank = _rank_of_items(ev, items, node)
    if rank > 2:
        return _concatenated(ev, items, 2, node)
    stack = _moved(ev, _stacked(ev, items, 0, node), -1) if rank else _stacked(ev, items, 0, node)
    missing = (0, 1) if rank == 0 else 0
    return stack if rank == 2 else _with_axis(ev, stack, missing)


def _with_axis(ev: Evaluator, value: Abstract, axis: int | tuple[int, ...]) -> Abstract:
    return ev.call_primitive(np.expand_dims, (value,), {"axis": Static(axis)})


def _rank_of_items(ev: Evaluator, items: Number, node: ast.AST) -> int:
    type_ = items.value.type
    assert isinstance(type_, ListType)
    rank = _rank(type_.element)
    if rank is None:
        ev.refuse(
            node,
            "the number of dimensions of what is joined is not known before the call",
            "Use `np.stack` or `np.concatenate`.",
        )
    return rank


def _rank(element: Type) -> int | None:
    if not isinstance(element, ListType):
        return rank_of(element)
    inner = _rank(element.element)
    return None if inner is None else 1 + inner


_Join = Callable[["Evaluator", Number, int, ast.AST], Abstract]
_JOINS: dict[Any, _Join] = {
    np.array: _stacked,
    np.asarray: _stacked,
    np.asanyarray: _stacked,
    np.stack: _stacked,
    np.concatenate: _concatenated,
    np.concat: _concatenated,
    np.vstack: _in_rows,
    np.hstack: _side_by_side,
    np.dstack: _in_depth,
    np.column_stack: _in_columns,
}
# What takes an array for what it is, not for the sequence of its rows.
_OF_ARRAYS = (np.array, np.asarray, np.asanyarray)
