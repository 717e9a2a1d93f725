"""What the emitted function takes and returns: parameters into inputs, results into containers."""

from __future__ import annotations

import ast
import collections
import dataclasses
import inspect
import re
from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any

from srcgrad.backends.numpy import trees
from srcgrad.backends.numpy.expressions import Expressions, literal_tree
from srcgrad.graph import (
    Entries,
    Fields,
    Interface,
    Items,
    Leaf,
    Literal,
    Parameter,
    Passive,
    Tree,
    Value,
    leaves,
)
from srcgrad.instances import instance_of

_PLAIN_TYPES = (bool, int, float, complex, str, bytes, type(None))


class ResultWriter:
    """Packs the values of a `return`, given in the order of the graph's results."""

    def __init__(self, result: Tree, graph_results: Sequence[Value]) -> None:
        self._result = result
        self._places = {value: place for place, value in enumerate(graph_results)}
        self._shared: dict[Fields, str] = {}

    def tree(self, values: Sequence[Value], build: Expressions) -> ast.expr:
        self._shared = {}
        return self._pack(self._result, values, build)

    def _pack(self, tree: Tree, values: Sequence[Value], build: Expressions) -> ast.expr:
        if isinstance(tree, Leaf):
            place = self._places.get(tree.value)
            if place is None and isinstance(tree.value, Literal):
                return literal_tree(tree.value)
            return build.value(tree.value if place is None else values[place])
        if isinstance(tree, Passive):
            return trees.plain(tree.value)
        if isinstance(tree, Items):
            items = [self._pack(item, values, build) for item in tree.items]
            return ast.List(items, ast.Load()) if tree.kind is list else trees.tuple_of(items)
        if isinstance(tree, Entries):
            items = [self._pack(item, values, build) for item in tree.items]
            entries = ast.Dict([trees.plain(key) for key in tree.keys], items)
            return entries if tree.kind is dict else _like_dict(tree, entries)
        assert isinstance(tree, Fields)
        if self._count(tree) < 2 or hasattr(tree.kind, "_fields"):
            return self._instance(tree, values, build)
        return self._shared_instance(tree, values, build)

    def _count(self, tree: Fields) -> int:
        """At how many places of the result does this instance stand?"""
        return sum(part == tree for part in _instances(self._result)) if tree.like else 1

    def _shared_instance(
        self, tree: Fields, values: Sequence[Value], build: Expressions
    ) -> ast.expr:
        """An instance that stands at several places: made at the first, named for the others."""
        name = f"d_{'_'.join(re.findall('[A-Za-z0-9_]+', tree.like))}"
        taken = {*build.names.values(), *self._shared.values()}
        if tree in self._shared:
            return trees.name(self._shared[tree])
        while name in taken:
            name += "_"
        self._shared[tree] = name
        return ast.NamedExpr(trees.target(name), self._instance(tree, values, build))

    def _instance(self, tree: Fields, values: Sequence[Value], build: Expressions) -> ast.expr:
        fields = {
            name: self._pack(item, values, build) for name, item in zip(tree.names, tree.items)
        }
        like = ast.parse(tree.like or tree.made_by, mode="eval").body
        if hasattr(tree.kind, "_fields"):
            made = trees.attribute(like, "_replace") if tree.like else like
            return trees.call(made, [], fields)
        kind = trees.call("type", [like]) if tree.like else like
        if _is_made_by_its_fields(tree.kind, tree.names):
            return trees.call(kind, [], fields)
        return trees.call(build.helper(instance_of), [kind], fields)


def _instances(tree: Tree) -> Iterator[Fields]:
    if isinstance(tree, Fields):
        yield tree
    if isinstance(tree, (Items, Entries, Fields)):
        for item in tree.items:
            yield from _instances(item)


def _is_made_by_its_fields(kind: type, names: tuple[str, ...]) -> bool:
    """Does `kind(**fields)` make an instance with these attributes and do nothing else?"""
    if kind is SimpleNamespace:
        return True
    if "__dataclass_params__" not in vars(kind) or hasattr(kind, "__post_init__"):
        return False
    fields = dataclasses.fields(kind)
    written = kind.__init__.__code__.co_filename == "<string>"  # type: ignore[misc]
    return written and all(f.init for f in fields) and names == tuple(f.name for f in fields)


def _like_dict(tree: Entries, entries: ast.expr) -> ast.expr:
    """An `OrderedDict`, `Counter` or `defaultdict` of the class and factory of another."""
    like = ast.parse(tree.like, mode="eval").body
    args = [entries]
    if issubclass(tree.kind, collections.defaultdict):
        args = [trees.attribute(like, "default_factory"), entries]
    return trees.call(trees.call("type", [like]), args)


def names_in_result(tree: Tree) -> set[str]:
    """The names that the result's expressions read (`like`)."""
    if isinstance(tree, Entries) and tree.like:
        own = {n.id for n in ast.walk(ast.parse(tree.like)) if isinstance(n, ast.Name)}
        return own.union(*map(names_in_result, tree.items))
    if isinstance(tree, Fields):
        text = tree.like or tree.made_by
        own = {n.id for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Name)}
        return own.union(*map(names_in_result, tree.items))
    if isinstance(tree, (Items, Entries)):
        return set().union(*map(names_in_result, tree.items))
    return set()


# Parameters


def signature(interface: Interface) -> ast.arguments:
    """The parameters; what the user's function captures comes last, by keyword only."""
    arguments = ast.arguments([], [], None, [], [], None, [])
    kinds = inspect.Parameter
    for parameter in interface.parameters:
        argument = ast.arg(parameter.name)
        default = _default(parameter)
        if parameter.captured or parameter.kind is kinds.KEYWORD_ONLY:
            arguments.kwonlyargs.append(argument)
            arguments.kw_defaults.append(default)
        elif parameter.kind is kinds.VAR_POSITIONAL:
            arguments.vararg = argument
        elif parameter.kind is kinds.VAR_KEYWORD:
            arguments.kwarg = argument
        else:
            positional_only = parameter.kind is kinds.POSITIONAL_ONLY
            (arguments.posonlyargs if positional_only else arguments.args).append(argument)
            if default is None:
                # A default before a parameter without one is not Python.
                arguments.defaults.clear()
            else:
                arguments.defaults.append(default)
    return arguments


def _default(parameter: Parameter) -> ast.expr | None:
    value = parameter.default
    if value is inspect.Parameter.empty or not _is_plain(value):
        return None
    return trees.plain(value)


def _is_plain(value: object) -> bool:
    if isinstance(value, tuple):
        return all(map(_is_plain, value))
    return isinstance(value, ast.expr) or type(value) in _PLAIN_TYPES


def fixed_names(interface: Interface) -> dict[Value, str]:
    """The inputs that are parameters themselves."""
    return {
        parameter.tree.value: parameter.name
        for parameter in interface.parameters
        if isinstance(parameter.tree, Leaf)
    }


def container_names(interface: Interface) -> set[str]:
    return {p.name for p in interface.parameters if not isinstance(p.tree, Leaf)}


def unpacking(interface: Interface, names: dict[Value, str], read: set[Value]) -> list[ast.stmt]:
    """The statements that take the inputs out of the parameters that contain them."""
    lines: list[ast.stmt] = []
    pending = set(read)  # What an instance holds is taken once, at whatever places it stands.
    for parameter in interface.parameters:
        if not isinstance(parameter.tree, Leaf):
            lines += _unpack(parameter.tree, trees.name(parameter.name), names, pending)
    return lines


def _unpack(
    tree: Tree, path: ast.expr, names: dict[Value, str], read: set[Value]
) -> list[ast.stmt]:
    wanted = [leaf for leaf in leaves(tree) if leaf.value in read]
    if not wanted:
        return []
    if isinstance(tree, Leaf):
        read.discard(tree.value)
        return [ast.Assign([trees.target(names[tree.value])], path, lineno=0)]
    if _is_pattern(tree) and 2 * len(wanted) > len(list(leaves(tree))):
        return [ast.Assign([_pattern(tree, names, read)], path, lineno=0)]
    lines: list[ast.stmt] = []
    for step, item in _steps(tree):
        inner: Any = trees.attribute(path, step) if isinstance(tree, Fields) else None
        lines += _unpack(item, inner or trees.subscript(path, step), names, read)
    return lines


def _steps(tree: Tree) -> list[tuple[Any, Tree]]:
    if isinstance(tree, Items):
        return list(enumerate(tree.items))
    if isinstance(tree, Entries):
        return list(zip(tree.keys, tree.items))
    assert isinstance(tree, Fields)
    return list(zip(tree.names, tree.items))


def _is_pattern(tree: Tree) -> bool:
    """Can this be taken apart by one assignment, `(w, b), c = params`?"""
    if isinstance(tree, Items):
        return len(tree.items) > 1 and all(
            isinstance(item, (Leaf, Passive)) or _is_pattern(item) for item in tree.items
        )
    return False


def _pattern(tree: Tree, names: dict[Value, str], read: set[Value]) -> ast.expr:
    if isinstance(tree, Leaf) and tree.value in read:
        return trees.target(names[tree.value])
    if not isinstance(tree, Items) or not any(leaf.value in read for leaf in leaves(tree)):
        return trees.target("_")
    return trees.tuple_of([_pattern(item, names, read) for item in tree.items], store=True)
