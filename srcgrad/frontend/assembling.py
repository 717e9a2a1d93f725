"""Arrays put together by the structure of lists and indices: `np.block`, `np.r_`, `np.mgrid`."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from srcgrad.frontend import containers, storage
from srcgrad.frontend.abstract import Abstract, Keywords, ListOf, Number, Static, TupleOf
from srcgrad.graph import is_python_int, rank_of
from srcgrad.rules import Symbol, as_value

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator


# Blocks


def _block(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: ast.AST
) -> Abstract:
    """The innermost lists are joined along the last axis, those around them along others."""
    (blocks,) = args
    depth, rank = _depth_and_rank(ev, blocks, node)
    return _joined(ev, blocks, depth, max(depth, rank), node)


def _depth_and_rank(ev: Evaluator, blocks: Abstract, node: ast.AST) -> tuple[int, int]:
    if not isinstance(blocks, ListOf):
        return 0, rank_of_array(ev, blocks, node)
    inner = [_depth_and_rank(ev, item, node) for item in blocks.items]
    if not inner:
        ev.reject(node, "`np.block` of an empty list")
    return 1 + max(depth for depth, _ in inner), max(rank for _, rank in inner)


def rank_of_array(ev: Evaluator, value: Abstract, node: ast.AST) -> int:
    held = storage.current(ev, value)
    rank = rank_of(held.value.type) if isinstance(held, Number) else 0
    if rank is None:
        ev.refuse(node, "the number of dimensions of an array is not known before the call")
    return rank


def _joined(ev: Evaluator, blocks: Abstract, depth: int, rank: int, node: ast.AST) -> Abstract:
    if not isinstance(blocks, ListOf):
        return _of_rank(ev, blocks, rank, node)
    parts = tuple(_joined(ev, item, depth - 1, rank, node) for item in blocks.items)
    return _concatenated(ev, parts, -depth)


def _concatenated(ev: Evaluator, parts: tuple[Abstract, ...], axis: int) -> Abstract:
    axes: Keywords = {} if axis == 0 else {"axis": Static(axis)}
    return ev.call_primitive(np.concatenate, (TupleOf(parts),), axes)


def _of_rank(ev: Evaluator, value: Abstract, rank: int, node: ast.AST) -> Abstract:
    """The array with axes of length 1 in front, up to this number of dimensions."""
    missing = rank - rank_of_array(ev, value, node)
    if missing == 0:
        return value
    held = storage.current(ev, value)
    if not isinstance(held, Number):
        return ev.call_primitive(np.full, (Static((1,) * rank), held))
    axes: Abstract = Static(0 if missing == 1 else tuple(range(missing)))
    return ev.call_primitive(np.expand_dims, (held,), {"axis": axes})


# Rows, columns and grids by index


def by_index(ev: Evaluator, maker: Any, key: Abstract, node: ast.AST) -> Abstract | None:
    """`np.r_[...]`, `np.c_[...]`, `np.mgrid[...]`, `np.ogrid[...]`; None for other objects."""
    known = _INDEXED.get(type(maker))
    if known is None:
        return None
    entries = list(key.items) if isinstance(key, TupleOf) else [key]
    return known(ev, entries, isinstance(key, TupleOf), node)


def _rows(ev: Evaluator, entries: list[Abstract], several: bool, node: ast.AST) -> Abstract:
    return _concatenated(ev, tuple(_row(ev, entry, 1, node) for entry in entries), 0)


def _columns(ev: Evaluator, entries: list[Abstract], several: bool, node: ast.AST) -> Abstract:
    """Vectors become columns."""
    columns = []
    for entry in entries:
        row = _row(ev, entry, 1, node)
        is_vector = rank_of_array(ev, row, node) == 1
        columns.append(
            ev.call_primitive(np.expand_dims, (row,), {"axis": Static(1)}) if is_vector else row
        )
    return _concatenated(ev, tuple(columns), -1)


def _row(ev: Evaluator, entry: Abstract, rank: int, node: ast.AST) -> Abstract:
    if isinstance(entry, Static) and isinstance(entry.value, str):
        ev.refuse(
            node,
            "texts as entries of `np.r_` and `np.c_` are not supported",
            "Join the arrays with `np.concatenate` along the axis that is meant.",
        )
    bounds = _slice_of(ev, entry)
    if bounds is not None:
        return _range(ev, bounds, node)
    return _of_rank(ev, entry, max(rank, rank_of_array(ev, entry, node)), node)


def _slice_of(ev: Evaluator, entry: Abstract) -> slice | None:
    """The bounds of a slice as plain numbers and symbols."""
    if not isinstance(entry, Static) or not isinstance(entry.value, slice):
        return None
    given = entry.value

    def plain(bound: Any) -> Any:
        is_plain = bound is None or isinstance(bound, (int, float, complex))
        return bound if is_plain else containers.to_rule_argument(ev, bound)

    return slice(plain(given.start), plain(given.stop), plain(given.step))


def _range(ev: Evaluator, bounds: slice, node: ast.AST) -> Abstract:
    """`np.arange` of a slice, or `np.linspace` where the step says how many: `0:1:5j`."""
    start = 0 if bounds.start is None else bounds.start
    stop = bounds.stop
    step = 1 if bounds.step is None else bounds.step
    if any(isinstance(item, Symbol) for item in (start, stop, step)):
        return _range_of_integers(ev, (start, stop, step), node)
    if isinstance(step, complex):
        count = Static(int(abs(step)))
        return ev.call_primitive(np.linspace, (Static(start), Static(stop)), {"num": count})
    return ev.call_primitive(np.arange, (Static(start), Static(stop), Static(step)))


def _range_of_integers(ev: Evaluator, bounds: tuple[Any, ...], node: ast.AST) -> Abstract:
    if not all(type(item) is int or _is_integer(item) for item in bounds):
        for item in bounds:
            if isinstance(item, Symbol):
                ev.ask_for_value(item.value)
        ev.refuse(
            node,
            "a slice whose bounds are known during the call only is not supported here",
            "Write `np.arange(start, stop)` or `np.linspace(start, stop, count)`.",
        )
    given = [Static(item) if type(item) is int else Number(as_value(item)) for item in bounds]
    return ev.call_primitive(np.arange, given)


def _is_integer(item: Any) -> bool:
    return isinstance(item, Symbol) and is_python_int(item.type)


def _grid(sparse: bool) -> Callable[..., Abstract]:
    def make(ev: Evaluator, entries: list[Abstract], several: bool, node: ast.AST) -> Abstract:
        ranges = []
        for entry in entries:
            bounds = _slice_of(ev, entry)
            if bounds is None:
                ev.reject(node, "a grid is made of slices")
            ranges.append(_range(ev, bounds, node))
        if not several:
            return ranges[0]
        options: Keywords = {"indexing": Static("ij"), "sparse": Static(sparse)}
        grids = ev.call_primitive(np.meshgrid, ranges, options)
        return grids if sparse else ev.call_primitive(np.stack, (grids,))

    return make


# Subscripts as lists


def with_subscripts(ev: Evaluator, args: list[Abstract]) -> list[Abstract]:
    """The arguments of `np.einsum(a, [0, 1], b, [1], [0])` as with `"ab,b->a"` in front."""
    if not args or (isinstance(args[0], Static) and isinstance(args[0].value, str)):
        return args
    operands, lists = args[::2], args[1::2]
    result = ""
    if len(operands) > len(lists):
        result = "->" + _letters(ev, operands[-1])
        operands = operands[:-1]
    terms = [_letters(ev, item) for item in lists]
    return [Static(",".join(terms) + result), *operands]


def _letters(ev: Evaluator, labels: Abstract) -> str:
    plain = containers.to_rule_argument(ev, labels)
    return "".join("..." if item is Ellipsis else chr(ord("a") + item) for item in plain)


_INDEXED: dict[type, Callable[..., Abstract]] = {
    type(np.r_): _rows,
    type(np.c_): _columns,
    type(np.mgrid): _grid(sparse=False),
    type(np.ogrid): _grid(sparse=True),
}

HANDLERS: dict[Any, Callable[..., Abstract]] = {np.block: _block}
