"""Gradients by central differences, of functions of numbers, arrays and containers of them."""

from __future__ import annotations

import copy
import dataclasses
import functools
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from srcgrad.instances import attributes_of, instance_of, is_instance

STEP = 1e-3
# The five-point stencil: errors of the order STEP**4.
STENCIL = ((-2, 1 / 12), (-1, -8 / 12), (1, 8 / 12), (2, -1 / 12))


def children(tree: Any) -> list[Any] | None:
    """The items of a container; None for a leaf."""
    if isinstance(tree, (tuple, list)):
        return list(tree)
    if isinstance(tree, dict):
        return list(tree.values())
    if dataclasses.is_dataclass(tree):
        return [getattr(tree, field.name) for field in dataclasses.fields(tree)]
    if is_instance(tree):
        return list(attributes_of(tree).values())
    return None


def differentiable(tree: Any) -> list[Any] | None:
    """The items of a container that have gradients, None for the others.

    Integers that a plain instance holds have none, and lists and dicts of an instance without
    numbers neither.
    """
    items = children(tree)
    if items is None or not is_instance(tree):
        return items
    if not dataclasses.is_dataclass(tree):
        items = [None if type(item) is int else item for item in items]
    return [
        None if isinstance(item, (list, dict)) and not any(map(is_numeric, leaves(item))) else item
        for item in items
    ]


def rebuilt(tree: Any, items: Sequence[Any]) -> Any:
    """A container like `tree` with other items."""
    if isinstance(tree, dict):
        pairs = dict(zip(tree, items, strict=True))
        is_default = isinstance(tree, defaultdict)
        return defaultdict(tree.default_factory, pairs) if is_default else pairs
    if type(tree) is SimpleNamespace:
        return SimpleNamespace(**dict(zip(vars(tree), items, strict=True)))
    if dataclasses.is_dataclass(tree):
        names = [field.name for field in dataclasses.fields(tree)]
        return instance_of(type(tree), **dict(zip(names, items, strict=True)))
    if is_instance(tree):
        return instance_of(type(tree), **dict(zip(attributes_of(tree), items, strict=True)))
    return type(tree)(*items) if hasattr(tree, "_fields") else type(tree)(items)


def leaves(tree: Any) -> Iterator[Any]:
    items = children(tree)
    if items is None:
        yield tree
        return
    for item in items:
        yield from leaves(item)


def leaves_once(tree: Any, seen: dict[int, Any] | None = None) -> Iterator[Any]:
    """The leaves, those of an instance that stands at two places once."""
    seen = {} if seen is None else seen
    items = children(tree)
    if items is None:
        yield tree
    elif not is_instance(tree) or seen.setdefault(id(tree), items) is items:
        for item in items:
            yield from leaves_once(item, seen)


def replaced(tree: Any, old: Any, new: Any) -> Any:
    """The tree with an instance replaced at each of the places where it stands."""
    if tree is old:
        return new
    items = children(tree)
    if items is None:
        return tree
    changed = [replaced(item, old, new) for item in items]
    is_same = all(a is b for a, b in zip(changed, items, strict=True))
    return tree if is_same else rebuilt(tree, changed)


def is_numeric(leaf: Any) -> bool:
    """Is this a number or an array of real or complex numbers, and no flag?"""
    return np.asarray(leaf).dtype.kind in "fc" or type(leaf) is int


def gradients(
    function: Callable[..., Any], arguments: Sequence[Any], wrt: Sequence[int]
) -> tuple[Any, ...]:
    """The gradients of a real function by central differences, one for each place in `wrt`."""
    return tuple(_gradient(function, arguments, place) for place in wrt)


def _gradient(function: Callable[..., Any], arguments: Sequence[Any], place: int) -> Any:
    def at(argument: Any) -> float:
        moved = copy.deepcopy(list(arguments))
        moved[place] = copy.deepcopy(argument)
        return float(np.asarray(function(*moved)).item())

    def with_instance(old: Any, new: Any) -> float:
        return at(replaced(arguments[place], old, new))

    return _of_tree(at, arguments[place], with_instance)


def _of_tree(
    at: Callable[[Any], float], tree: Any, with_instance: Callable[[Any, Any], float]
) -> Any:
    """The gradient of `at` in `tree`; an instance is changed at all places where it stands."""
    items = children(tree)
    if items is None:
        return _of_leaf(at, tree) if is_numeric(tree) else None
    wanted = differentiable(tree)
    if is_instance(tree):
        at = functools.partial(with_instance, tree)

    def of_item(place: int) -> Any:
        def with_item(item: Any) -> float:
            return at(rebuilt(tree, [*items[:place], item, *items[place + 1 :]]))

        return None if wanted[place] is None else _of_tree(with_item, items[place], with_instance)

    return rebuilt(tree, [of_item(place) for place in range(len(items))])


def _of_leaf(at: Callable[[Any], float], leaf: Any) -> Any:
    if not isinstance(leaf, np.ndarray):
        return _slopes(lambda change: at(type(leaf + change)(leaf + change)), np.asarray(leaf))
    result = np.zeros(leaf.shape, np.result_type(leaf, np.float64))
    for index in np.ndindex(leaf.shape):

        def moved(change: complex, index: tuple[int, ...] = index) -> float:
            point = leaf.astype(result.dtype)
            point[index] += change
            return at(point)

        result[index] = _slopes(moved, leaf)
    return result


def _slopes(along: Callable[[complex], float], leaf: np.ndarray) -> complex:
    """The slope, or for a complex number the slopes along both axes, the second one times i."""
    real = sum(weight * along(steps * STEP) for steps, weight in STENCIL) / STEP
    if leaf.dtype.kind != "c":
        return real
    imaginary = sum(weight * along(steps * STEP * 1j) for steps, weight in STENCIL) / STEP
    return complex(real, imaginary)
