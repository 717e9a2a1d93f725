"""Nested containers of parameters: taken apart into leaves and put together again, with optree.

Containers are those that optree knows (tuple, list, dict, named tuple) and dataclasses, which are
made known the first time one is met.  `None` is a leaf: "no gradient here".
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Sequence
from typing import Any, TypeAlias

from srcgrad.errors import ArgumentError

try:
    import optree
except ImportError as error:
    raise ImportError(
        "srcgrad.optim needs optree, which is not installed.\n"
        "  Install it with `pip install 'srcgrad[train]'`."
    ) from error

Tree: TypeAlias = Any
Structure: TypeAlias = Any

_NAMESPACE = "srcgrad"
_registered: set[type] = set()
_registering = threading.Lock()


def flatten(tree: Tree) -> tuple[list[Any], Structure]:
    """The leaves of a tree from left to right, and its structure."""
    while True:
        leaves, structure = optree.tree_flatten(tree, none_is_leaf=True, namespace=_NAMESPACE)
        unknown = {type(leaf) for leaf in leaves if dataclasses.is_dataclass(leaf)} - {type}
        if not unknown:
            return leaves, structure
        for cls in unknown:
            _register(cls)


def unflatten(structure: Structure, leaves: Sequence[Any]) -> Tree:
    """The tree of this structure with these leaves."""
    return optree.tree_unflatten(structure, leaves)


def flatten_like(tree: Tree, structure: Structure, what: str) -> list[Any]:
    """The leaves of a tree that must have the structure of the parameters."""
    leaves, found = flatten(tree)
    if found != structure:
        raise ArgumentError(
            f"the {what} do not have the structure of the parameters:\n"
            f"  parameters: {_show(structure)}\n  {what}: {_show(found)}"
        )
    return leaves


def leaf_names(structure: Structure) -> list[str]:
    """How to reach each leaf, as an expression: `params['layers'][0].w`."""
    return [accessor.codify("params") for accessor in structure.accessors()]


def _show(structure: Structure) -> str:
    return str(structure).removeprefix("PyTreeSpec(").split(", NoneIsLeaf")[0]


class _Beside(dict[str, Any]):
    """What an instance carries beside its fields.  It goes along and plays no part in structure."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Beside)

    def __hash__(self) -> int:  # type: ignore[override]
        return 0


def _register(cls: type) -> None:
    """Make a dataclass a container.

    An instance is rebuilt without `__init__` and `__post_init__`: what they draw, check or count
    belongs to the making of a model, not to a step of its training.
    """
    names = tuple(field.name for field in dataclasses.fields(cls))

    def take_apart(instance: Any) -> tuple[list[Any], _Beside, tuple[str, ...]]:
        attributes = getattr(instance, "__dict__", {})
        beside = {name: value for name, value in attributes.items() if name not in names}
        return [getattr(instance, name) for name in names], _Beside(beside), names

    def put_together(beside: _Beside, children: Sequence[Any]) -> Any:
        instance: Any = object.__new__(cls)
        for name, value in [*zip(names, children, strict=True), *beside.items()]:
            object.__setattr__(instance, name, value)
        return instance

    with _registering:
        if cls not in _registered:
            optree.register_pytree_node(
                cls,
                take_apart,  # type: ignore[arg-type]
                put_together,  # type: ignore[arg-type]
                path_entry_type=optree.DataclassEntry,
                namespace=_NAMESPACE,
            )
            _registered.add(cls)
