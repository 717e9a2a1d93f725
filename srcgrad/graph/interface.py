"""How the values of a graph relate to what the user passes and gets: parameters and containers.

A graph has flat inputs and results.  The interface says from which parameter, and from which place
in a container, each input comes, and how the results are put together again.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from srcgrad.graph.node import Value


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value of the graph (an input, a result, or a literal result)."""

    value: Value


@dataclass(frozen=True, slots=True)
class Passive:
    """Something no number flows through.  As a result it is `value` itself, a plain literal."""

    value: object = None


@dataclass(frozen=True, slots=True)
class Items:
    """A tuple or list (`kind` is `tuple` or `list`) of known length."""

    kind: type
    items: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Entries:
    """A dict with known keys.

    Where `kind` is a class like it (`OrderedDict`), `like` is an expression over the parameters
    that reaches the instance which a result is built after.
    """

    keys: tuple[object, ...]
    items: tuple[Tree, ...]
    kind: type = dict
    like: str = ""


@dataclass(frozen=True, slots=True)
class Fields:
    """An object with attributes: a named tuple, a dataclass, an instance of a class.

    `like` is how to reach the instance that a result is built after, as an expression over the
    parameters (`params`, `params[0].layer`); `made_by` that for its class, where there is no such
    instance.  In a result, equal trees that are built after one instance are one object.
    """

    kind: type
    names: tuple[str, ...]
    items: tuple[Tree, ...]
    like: str = ""
    made_by: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """An instance whose attributes are read one by one: `parts` are those read so far.

    Once all have been read, `settled` makes it `Fields`.
    """

    kind: type
    like: str
    parts: dict[str, Tree] = field(default_factory=dict)


Tree: TypeAlias = "Leaf | Passive | Items | Entries | Fields | Outline"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of the emitted function, as in the user's signature.

    `captured` parameters are keyword-only and stand for a global or closure variable of that name,
    which is read anew at each call.
    """

    name: str
    tree: Tree
    kind: inspect._ParameterKind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    default: object = inspect.Parameter.empty
    captured: bool = False


@dataclass(frozen=True, slots=True)
class Interface:
    """The parameters of an emitted function and the structure of what it returns."""

    parameters: tuple[Parameter, ...]
    result: Tree
    documentation: str = ""


def leaves(tree: Tree) -> Iterator[Leaf]:
    """The leaves of a tree, left to right."""
    if isinstance(tree, Leaf):
        yield tree
    elif isinstance(tree, (Items, Entries, Fields)):
        for item in tree.items:
            yield from leaves(item)
    elif isinstance(tree, Outline):
        yield from leaves(settled(tree))


def settled(tree: Tree, around: tuple[Outline, ...] = ()) -> Tree:
    """The tree with what is known by now of each instance.

    An instance that leads back to one `around` it is passive there: trees have no cycles.
    """
    if isinstance(tree, Outline):
        if tree in around:
            return Passive()
        parts = tuple(settled(part, (*around, tree)) for part in tree.parts.values())
        return Fields(tree.kind, tuple(tree.parts), parts, tree.like)
    if isinstance(tree, (Items, Entries, Fields)):
        return replace(tree, items=tuple(settled(item, around) for item in tree.items))
    return tree


def map_leaves(
    tree: Tree, change: Callable[[Leaf], Tree], change_passive: Callable[[Passive], Tree]
) -> Tree:
    """The tree with every leaf and every passive part changed."""
    if isinstance(tree, Leaf):
        return change(tree)
    if isinstance(tree, Passive):
        return change_passive(tree)
    if isinstance(tree, Outline):
        return map_leaves(settled(tree), change, change_passive)
    items = tuple(map_leaves(item, change, change_passive) for item in tree.items)
    return replace(tree, items=items)
