"""Between abstract values and trees: what a function returns, in terms of the graph's values."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from srcgrad.errors import UnsupportedError
from srcgrad.frontend.abstract import (
    Abstract,
    DictOf,
    GivenObject,
    ListOf,
    Number,
    ObjectOf,
    Static,
    TupleOf,
    as_literal,
    describe,
    is_python_number,
)
from srcgrad.frontend.named_results import is_named_result
from srcgrad.graph import Entries, Fields, Items, Leaf, Literal, Passive, Tree, settled


def result_tree(result: Abstract, classes: Mapping[object, str] | None = None) -> Tree:
    """The structure of what a function returns, with the graph's values as leaves.

    `classes` has the expressions by which emitted code reaches the classes of instances, and by
    their serial numbers instances of the caller's, which are returned as they are.
    """
    if isinstance(result, GivenObject) and classes and result.serial in classes:
        return Passive(ast.parse(classes[result.serial], mode="eval").body)
    if isinstance(result, Number):
        return Leaf(result.value)
    if is_python_number(result):
        assert isinstance(result, Static)
        return Leaf(as_literal(result))
    if isinstance(result, Static):
        return Passive(result.value)

    def tree_of(part: Abstract) -> Tree:
        return result_tree(part, classes)

    if isinstance(result, TupleOf) and (result.kind is tuple or is_named_result(result.kind)):
        return Items(tuple, tuple(map(tree_of, result.items)))
    if isinstance(result, (ListOf, DictOf)) and result.kind not in (list, dict):
        raise UnsupportedError(
            f"the function returns an instance of {result.kind.__name__}, which is not supported",
            remedy="Return a list or a dict: `list(...)`, `dict(...)`.",
        )
    if isinstance(result, ListOf):
        return Items(list, tuple(map(tree_of, result.items)))
    if isinstance(result, DictOf):
        return Entries(tuple(result.items), tuple(map(tree_of, result.items.values())))
    if isinstance(result, (TupleOf, ObjectOf)):
        is_instance = isinstance(result, ObjectOf)
        names = result.names() if is_instance else result.kind._fields  # type: ignore
        items = map(result.own, names) if is_instance else result.items  # type: ignore
        made_by = (classes or {}).get(result.kind, "")
        return Fields(result.kind, tuple(names), tuple(map(tree_of, items)), made_by=made_by)
    raise UnsupportedError(
        f"the function returns {describe(result)}, which is not supported yet",
        remedy="Return a number, or pass has_aux=True if it returns (value, aux).",
    )


def abstract_of(tree: Tree) -> Abstract:
    """What the evaluator knows of a value that is built like this."""
    tree = settled(tree)
    if isinstance(tree, Leaf):
        value = tree.value
        return (
            Static(value.value, value.expression) if isinstance(value, Literal) else Number(value)
        )
    if isinstance(tree, Passive):
        return Static(tree.value)
    items = tuple(map(abstract_of, tree.items))  # type: ignore[union-attr]
    if isinstance(tree, Items):
        return ListOf(items) if tree.kind is list else TupleOf(items)
    if isinstance(tree, Entries):
        return DictOf(dict(zip(tree.keys, items)))
    assert isinstance(tree, Fields)
    if hasattr(tree.kind, "_fields"):
        return TupleOf(items, tree.kind)
    return ObjectOf(tree.kind, dict(zip(tree.names, items)))
