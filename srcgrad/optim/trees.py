"""Nested containers of parameters: taken apart into leaves and put together again, with optree.

Containers are those that optree knows (tuple, list, dict, named tuple) and instances of classes,
which are made known the first time one is met.  `None` is a leaf: "no gradient here".
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any, TypeAlias

from srcgrad.errors import ArgumentError
from srcgrad.instances import attributes_of, is_instance

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


class _Sharing(threading.local):
    """Which instances have been met by the traversal that runs, and which have been made again."""

    def __init__(self) -> None:
        self.numbers: dict[int, int] = {}
        self.made: dict[int, Any] = {}


_sharing = _Sharing()


def flatten(tree: Tree) -> tuple[list[Any], Structure]:
    """The leaves of a tree from left to right, and its structure.

    An instance that stands at two places has its leaves at the first one alone.
    """
    while True:
        _sharing.numbers = {}
        leaves, structure = optree.tree_flatten(tree, none_is_leaf=True, namespace=_NAMESPACE)
        unknown = {type(leaf) for leaf in leaves if is_instance(leaf)} - _registered
        if not unknown:
            return leaves, structure
        for cls in unknown:
            _register(cls)


def holds_instances() -> bool:
    """Were there instances in what has just been flattened?"""
    return bool(_sharing.numbers)


def unflatten(structure: Structure, leaves: Sequence[Any]) -> Tree:
    """The tree of this structure with these leaves."""
    _sharing.made = {}
    return optree.tree_unflatten(structure, leaves)


def spread_over(grads: Tree, params: Tree, made: dict[int, Any] | None = None) -> Tree:
    """Gradients with `None` for each parameter in a container that has the gradient `None`.

    So it is for attributes that the gradient of an instance lacks.  `made` has what became of the
    instances met so far, by the identity of the gradient.
    """
    made = {} if made is None else made
    if grads is None:
        leaves, structure = flatten(params)
        return unflatten(structure, [None] * len(leaves))
    if isinstance(params, dict) and isinstance(grads, dict) and params.keys() == grads.keys():
        return type(grads)({key: spread_over(grads[key], params[key], made) for key in grads})
    if isinstance(params, (list, tuple)) and type(grads) is type(params):
        if len(grads) != len(params):
            return grads
        items = [spread_over(grad, param, made) for grad, param in zip(grads, params)]
        return type(grads)(*items) if hasattr(grads, "_fields") else type(grads)(items)
    if is_instance(params) and type(grads) is type(params):
        if id(grads) not in made:
            found = attributes_of(grads)
            given = attributes_of(params).items()
            made[id(grads)] = made_like(
                params, {name: spread_over(found.get(name), held, made) for name, held in given}
            )
        return made[id(grads)]
    return grads


def made_like(instance: Any, attributes: Mapping[str, Any]) -> Any:
    """An instance of the same class with these attributes, made without `__init__`."""
    cls = type(instance)
    made = cls() if cls is SimpleNamespace else object.__new__(cls)
    for name, value in attributes.items():
        object.__setattr__(made, name, value)
    return made


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


class _Beside:
    """What an instance carries beside its children: it goes along and is no part of the structure.

    Where the instance has been met before, `again` says so; `number` says which it is.
    """

    def __init__(self, like: Any, attributes: dict[str, Any], number: int, again: bool) -> None:
        self.like = like
        self.attributes = attributes
        self.number = number
        self.again = again

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Beside):
            return False
        return (self.number, self.again) == (other.number, other.again)

    def __hash__(self) -> int:
        return hash((self.number, self.again))


def _register(cls: type) -> None:
    """Make a class a container: of its fields, if it is a dataclass, else of all attributes.

    An instance is rebuilt without `__init__` and `__post_init__`: what they draw, check or count
    belongs to the making of a model, not to a step of its training.
    """
    is_dataclass = dataclasses.is_dataclass(cls)
    fields = tuple(field.name for field in dataclasses.fields(cls)) if is_dataclass else ()

    def take_apart(instance: Any) -> tuple[list[Any], _Beside, tuple[str, ...]]:
        number = _sharing.numbers.get(id(instance))
        if number is not None:
            return [], _Beside(instance, {}, number, True), ()
        number = _sharing.numbers[id(instance)] = len(_sharing.numbers)
        held = attributes_of(instance)
        names = fields if is_dataclass else tuple(held)
        beside = {name: value for name, value in held.items() if name not in names}
        return [held[name] for name in names], _Beside(instance, beside, number, False), names

    def put_together(beside: _Beside, children: Sequence[Any]) -> Any:
        if beside.again:
            return _sharing.made[beside.number]
        names = fields if is_dataclass else tuple(attributes_of(beside.like))
        attributes = {**dict(zip(names, children, strict=True)), **beside.attributes}
        made = _sharing.made[beside.number] = made_like(beside.like, attributes)
        return made

    with _registering:
        if cls not in _registered:
            optree.register_pytree_node(
                cls,
                take_apart,  # type: ignore[arg-type]
                put_together,  # type: ignore[arg-type]
                path_entry_type=optree.DataclassEntry if is_dataclass else optree.GetAttrEntry,
                namespace=_NAMESPACE,
            )
            _registered.add(cls)
