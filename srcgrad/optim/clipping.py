"""Gradient clipping, against steps that are too long (Pascanu, Mikolov & Bengio 2013)."""

from __future__ import annotations

import math
from typing import Any, TypeVar

import numpy as np

from srcgrad.errors import ArgumentError
from srcgrad.optim.optimizer import is_trainable
from srcgrad.optim.trees import Tree, flatten, unflatten

Grads = TypeVar("Grads")


def global_norm(grads: Tree) -> float:
    """The Euclidean norm of all gradients together, in double precision and without overflow."""
    leaves, _ = flatten(grads)
    sizes = [np.abs(leaf).astype(np.float64) for leaf in leaves if is_trainable(leaf)]
    largest = float(max((size.max() for size in sizes if size.size), default=0.0))
    if largest == 0.0 or not math.isfinite(largest):
        return math.nan if any(np.isnan(size).any() for size in sizes) else largest
    return largest * math.sqrt(sum(float(np.sum((size / largest) ** 2)) for size in sizes))


def clip_by_global_norm(grads: Grads, max_norm: float) -> Grads:
    """The gradients, scaled so that their global norm is at most `max_norm`.

    Their direction stays (algorithm 1 of Pascanu et al. 2013).  Gradients that hold an infinity or
    a NaN have no direction: they come back as they are, so that the fault stays visible.
    """
    _check_limit("max_norm", max_norm)
    norm = global_norm(grads)
    if not math.isfinite(norm) or norm <= max_norm:
        return grads
    scale = max_norm / norm
    leaves, structure = flatten(grads)
    return unflatten(structure, [_scaled(leaf, scale) for leaf in leaves])


def clip_by_value(grads: Grads, limit: float) -> Grads:
    """The gradients with each element brought into `-limit ... limit`."""
    _check_limit("limit", limit)
    leaves, structure = flatten(grads)
    return unflatten(structure, [_clipped(leaf, limit) for leaf in leaves])


def _check_limit(name: str, limit: float) -> None:
    if not limit > 0:
        raise ArgumentError(f"`{name}` must be positive, not {limit}")


def _scaled(leaf: Any, scale: float) -> Any:
    if not is_trainable(leaf):
        return leaf
    return np.asarray(leaf * scale) if isinstance(leaf, np.ndarray) else leaf * scale


def _clipped(leaf: Any, limit: float) -> Any:
    if not is_trainable(leaf):
        return leaf
    if np.iscomplexobj(leaf):
        raise ArgumentError("complex gradients have no order; clip them with `clip_by_global_norm`")
    if isinstance(leaf, (np.ndarray, np.generic)):
        clipped = np.clip(leaf, -limit, limit)
        return np.asarray(clipped) if isinstance(leaf, np.ndarray) else clipped
    return min(max(leaf, -limit), limit)
