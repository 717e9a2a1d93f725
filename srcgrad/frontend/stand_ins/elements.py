"""Walks over the elements of arrays, and functions called for each of them."""

from __future__ import annotations

from typing import Any

import numpy as np


def ndindex(shape: Any) -> Any:
    if len(shape) == 0:
        yield ()
    elif len(shape) == 1:
        for i in range(shape[0]):
            yield (i,)
    else:
        for i in range(shape[0]):
            for rest in ndindex(shape[1:]):
                yield (i, *rest)


def ndenumerate(arr: Any) -> Any:
    for index in ndindex(np.shape(arr)):
        yield index, arr[index]


def elements(arr: Any) -> Any:
    for index in ndindex(arr.shape):
        yield arr[index]


def places_to_write(arr: Any) -> Any:
    for index in ndindex(arr.shape):
        yield arr[(*index, ...)]


def vectorized(function: Any, dtype: Any, *args: Any) -> Any:
    arrays = np.broadcast_arrays(*args) if len(args) > 1 else [np.asarray(args[0])]
    if len(arrays) == 1:
        flat = arrays[0].ravel()
        results = np.array([function(v.item()) for v in flat])
    else:
        columns = [array.ravel() for array in arrays]
        results = np.array([function(*[v.item() for v in row]) for row in zip(*columns)])
    results = results.reshape(arrays[0].shape)
    return results if dtype is None else results.astype(dtype)
