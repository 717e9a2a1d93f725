"""What the emitted function takes and returns: parameters into inputs, results into containers."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Sequence
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

_PLAIN_TYPES = (bool, int, float, complex, str, bytes, type(None))


class ResultWriter:
    """Packs the values of a `return`, given in the order of the graph's results."""

    def __init__(self, result: Tree, graph_results: Sequence[Value]) -> None:
        self._result = result
        self._places = {value: place for place, value in enumerate(graph_results)}

    def tree(self, values: Sequence[Value], build: Expressions) -> ast.expr:
        return self._pack(self._result, values, build)

    def _pack(self, tree: Tree, values: Sequence[Value], build: Expressions) -> ast.expr:
        if isinstance(tree, Leaf):
            place = self._places.get(tree.value)
            if place is None and isinstance(tree.value, Literal):
                return literal_tree(tree.value)
            return build.value(tree.value if place is None else values[place])
        if isinstance(tree, Passive):
            return trees.plain(tree.value)
        items = [self._pack(item, values, build) for item in tree.items]
        if isinstance(tree, Items):
            return ast.List(items, ast.Load()) if tree.kind is list else trees.tuple_of(items)
        if isinstance(tree, Entries):
            return ast.Dict([trees.plain(key) for key in tree.keys], items)
        like = ast.parse(tree.like, mode="eval").body
        fields = dict(zip(tree.names, items))
        if hasattr(tree.kind, "_fields"):
            return trees.call(trees.attribute(like, "_replace"), [], fields)
        return trees.call(trees.call("type", [like]), [], fields)


def names_in_result(tree: Tree) -> set[str]:
    """The names that the result's expressions read (`like`)."""
    if isinstance(tree, Fields):
        own = {n.id for n in ast.walk(ast.parse(tree.like)) if isinstance(n, ast.Name)}
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
    for parameter in interface.parameters:
        if not isinstance(parameter.tree, Leaf):
            lines += _unpack(parameter.tree, trees.name(parameter.name), names, read)
    return lines


def _unpack(
    tree: Tree, path: ast.expr, names: dict[Value, str], read: set[Value]
) -> list[ast.stmt]:
    wanted = [leaf for leaf in leaves(tree) if leaf.value in read]
    if not wanted:
        return []
    if isinstance(tree, Leaf):
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
