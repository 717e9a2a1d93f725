"""`np.insert` along an axis, written out."""

from __future__ import annotations

from typing import Any

import numpy as np


def insert(arr: Any, obj: Any, values: Any, axis: Any = None) -> Any:
    """Rows before the rows that `obj` names; of several each before its own."""
    if np.ndim(arr) == 1:
        return np.insert(arr, obj, values)
    axis = axis % np.ndim(arr)
    rows = np.moveaxis(arr, axis, 0)
    block = np.asarray(values, dtype=arr.dtype)
    if np.ndim(obj) == 0:
        block = np.reshape(block, (*[1 for _ in range(rows.ndim - block.ndim)], *block.shape))
        block = np.broadcast_to(block, (block.shape[0], *rows.shape[1:]))
        order, starts = [0], [_place(obj, rows)]
        width = block.shape[0]
    else:
        shape = (*arr.shape[:axis], len(obj), *arr.shape[axis:][1:])
        block = np.moveaxis(np.broadcast_to(block, shape), axis, 0)
        starts = [_place(item, rows) for item in obj]
        order = sorted(range(len(starts)), key=lambda place: starts[place])
        width = 1
    parts: list[Any] = []
    begin = 0
    for place in order:
        parts = [*parts, rows[begin : starts[place]], block[place : place + width]]
        begin = starts[place]
    parts = [*parts, rows[begin:]]
    return np.concatenate([np.moveaxis(part, 0, axis) for part in parts], axis=axis)


def _place(given: Any, rows: Any) -> Any:
    return given + len(rows) if given < 0 else given
