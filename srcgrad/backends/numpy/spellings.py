"""The table of operations that are not written as a call under their own name.

To add one: `@spelled("name")` over a function that gives the expression for a node.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

import numpy as np

from srcgrad.backends.numpy import trees
from srcgrad.backends.numpy.expressions import Expressions, Spelling, is_array, shape_tree
from srcgrad.graph import ArrayType, Literal, Node, Section, Value, holes, map_template, rank_of
from srcgrad.instances import instance_of
from srcgrad.rules import UserCall, filled

SPELLINGS: dict[str, Spelling] = {}


def spelled(*operations: str) -> Callable[[Spelling], Spelling]:
    """Register how an operation is written."""

    def register(spelling: Spelling) -> Spelling:
        for operation in operations:
            SPELLINGS[operation] = spelling
        return spelling

    return register


@spelled("dim")
def _dim(build: Expressions, node: Node) -> ast.expr:
    (x,) = node.operands
    axis = node.parameters["axis"]
    text = node.location.text if node.location else ""
    if axis == 0 and "len(" in text and not node.phase:
        return trees.call("len", [build.value(x)])
    return trees.subscript(shape_tree(build, x), axis)


@spelled("size")
def _size(build: Expressions, node: Node) -> ast.expr:
    (x,) = node.operands
    if is_array(x):
        return trees.attribute(build.value(x), "size")
    return trees.call("np.size", [build.value(x)])


@spelled("broadcast_like")
def _broadcast_like(build: Expressions, node: Node) -> ast.expr:
    g, x = node.operands
    return trees.call("np.broadcast_to", [build.value(g), shape_tree(build, x)])


@spelled("reshape_like")
def _reshape_like(build: Expressions, node: Node) -> ast.expr:
    g, x = node.operands
    shape = shape_tree(build, x)
    if is_array(g):
        return trees.call(trees.attribute(build.value(g), "reshape"), [shape])
    return trees.call("np.reshape", [build.value(g), shape])


@spelled("flat")
def _flat(build: Expressions, node: Node) -> ast.expr:
    return trees.call(trees.attribute(build.value(node.operands[0]), "ravel"))


@spelled("outcome")
@spelled("stop_gradient")
@spelled("scale_gradient")
@spelled("straight_through")
def _stop_gradient(build: Expressions, node: Node) -> ast.expr:
    return build.value(node.operands[0])


@spelled("fresh")
def _fresh(build: Expressions, node: Node) -> ast.expr:
    g, x = node.operands
    if node.parameters.get("exact"):
        return trees.call(trees.attribute(build.value(g), "copy"))
    if is_array(x) and rank_of(g.type) == 0:
        return trees.call("np.full_like", build.operands(node))
    if node.parameters.get("converted") and isinstance(x.type, ArrayType) and g.type == x.type:
        return _converted(build, g, x.type.dtype)
    if isinstance(x.type, ArrayType) and rank_of(x.type) == 0 and rank_of(g.type) == 0:
        dtype = trees.plain(x.type.dtype)
        exact = isinstance(g.type, ArrayType) and g.type.dtype == x.type.dtype
        return trees.call("np.array", [build.value(g)], {} if exact else {"dtype": dtype})
    return build._call(node)


@spelled("cast")
def _cast(build: Expressions, node: Node) -> ast.expr:
    (x,) = node.operands
    return _converted(build, x, node.parameters["dtype"])


def _converted(build: Expressions, x: Value, to: object) -> ast.expr:
    """`x.astype(np.float32)`, `np.float32(x)` of a number."""
    tree, dtype = build.value(x), trees.plain(to)
    if is_array(x):
        return trees.call(trees.attribute(tree, "astype"), [dtype])
    if rank_of(x.type) == 0 and isinstance(dtype, ast.Attribute):
        return trees.call(dtype, [tree])
    array = trees.call("np.asarray", [tree])
    return trees.call(trees.attribute(array, "astype"), [dtype])


@spelled("transpose")
def _transpose(build: Expressions, node: Node) -> ast.expr:
    x = node.operands[0]
    if "axes" not in node.parameters and len(node.operands) == 1 and is_array(x):
        return trees.attribute(build.value(x), "T")
    return build._call(node)


@spelled("getitem")
def _getitem(build: Expressions, node: Node) -> ast.expr:
    index = build.filled(node, node.parameters["index"])
    return trees.subscript(build.value(node.operands[0]), index)


@spelled("expand_dims")
def _expand_dims(build: Expressions, node: Node) -> ast.expr:
    """`g[:, None]` in derived code, where it says more than `np.expand_dims(g, 1)`."""
    axis, rank = node.parameters["axis"], rank_of(node.result.type)
    axes = axis if isinstance(axis, tuple) else (axis,)
    if not node.phase or rank is None or len(node.operands) > 1:
        return build._call(node)
    new = {k % rank for k in axes}
    index = tuple(None if k in new else slice(None) for k in range(max(new) + 1))
    tree = build.value(node.operands[0])
    return trees.subscript(tree, index[0] if len(index) == 1 else index)


@spelled("arange")
def _arange(build: Expressions, node: Node) -> ast.expr:
    """Without the stop and the step that were not given."""
    given = [v for v in node.operands if not (isinstance(v, Literal) and v.value is None)]
    if len(given) < len(node.operands) and not holes(dict(node.parameters)):
        dtype = {key: trees.plain(value) for key, value in node.parameters.items()}
        return trees.call("np.arange", [build.value(value) for value in given], dtype)
    return build._call(node)


@spelled("array_of")
def _array_of(build: Expressions, node: Node) -> ast.expr:
    """`np.array` of nested lists."""
    items = build.operands(node)
    lengths = node.parameters["lengths"]
    for length in reversed(lengths[1:]):  # type: ignore[index]
        items = [ast.List(items[i : i + length], ast.Load()) for i in range(0, len(items), length)]
    dtype = {key: trees.plain(node.parameters[key]) for key in ("dtype",) if key in node.parameters}
    return trees.call("np.array", [ast.List(items, ast.Load())], dtype)


@spelled("item", "is_integer", "conjugate_number", "view_as")
def _method_of_number(build: Expressions, node: Node) -> ast.expr:
    method = node.operation.removesuffix("_number").removesuffix("_as")
    index = [trees.plain(build.filled(node, node.parameters[k])) for k in node.parameters]
    return trees.call(trees.attribute(build.operands(node)[0], method), index)


@spelled("list_getitem")
def _list_getitem(build: Expressions, node: Node) -> ast.expr:
    items, index = build.operands(node)
    return ast.Subscript(items, index, ast.Load())


@spelled("list_slice")
def _list_slice(build: Expressions, node: Node) -> ast.expr:
    index = build.filled(node, node.parameters["index"])
    return trees.subscript(build.value(node.operands[0]), index)


@spelled("list_of")
def _list_of(build: Expressions, node: Node) -> ast.expr:
    return ast.List(build.operands(node), ast.Load())


@spelled("list_append")
def _list_append(build: Expressions, node: Node) -> ast.expr:
    items, value = build.operands(node)
    return ast.List([ast.Starred(items, ast.Load()), value], ast.Load())


@spelled("list_without_last")
def _list_without_last(build: Expressions, node: Node) -> ast.expr:
    (items,) = build.operands(node)
    return trees.subscript(items, slice(None, -1))


@spelled("list_pop")
def _list_pop(build: Expressions, node: Node) -> ast.expr:
    (items,) = build.operands(node)
    first = node.parameters.get("at") == 0
    rest = trees.subscript(items, slice(1, None) if first else slice(None, -1))
    item = ast.Subscript(items, trees.constant(0 if first else -1), ast.Load())
    return ast.Tuple([item, rest], ast.Load())


@spelled("list_insert")
def _list_insert(build: Expressions, node: Node) -> ast.expr:
    items, value = build.operands(node)
    return ast.List([value, ast.Starred(items, ast.Load())], ast.Load())


@spelled("list_length")
def _list_length(build: Expressions, node: Node) -> ast.expr:
    return trees.call("len", build.operands(node))


@spelled("stack_rows")
def _stack_rows(build: Expressions, node: Node) -> ast.expr:
    """`np.array(h_tape).reshape(len(h_tape), k)`, which has its shape without any items too."""
    dtype = node.parameters["dtype"]
    keywords = {} if dtype == np.dtype(float) else {"dtype": trees.plain(dtype)}
    array = trees.call("np.array", [build.value(node.operands[0])], keywords)
    length = trees.call("len", [build.value(node.operands[0])])
    shape = build.filled(node, node.parameters["shape"])
    return trees.call(trees.attribute(array, "reshape"), [length, *map(trees.plain, shape)])


@spelled("list_sum")
def _list_sum(build: Expressions, node: Node) -> ast.expr:
    return trees.call("sum", build.operands(node))


@spelled("builtins.sum")
def _sum_of_items(build: Expressions, node: Node) -> ast.expr:
    return trees.call("sum", [trees.tuple_of(build.operands(node))])


@spelled("stack_list")
def _stack_list(build: Expressions, node: Node) -> ast.expr:
    (items,) = node.operands
    return trees.call("np.array", [build.value(items)])


@spelled("rows_of")
def _rows_of(build: Expressions, node: Node) -> ast.expr:
    return trees.call("list", build.operands(node))


@spelled("concatenate_list")
def _concatenate_list(build: Expressions, node: Node) -> ast.expr:
    axis = {key: trees.plain(value) for key, value in node.parameters.items()}
    return trees.call("np.concatenate", build.operands(node), axis)


@spelled("call")
def _replayed_call(build: Expressions, node: Node) -> ast.expr:
    function = ast.parse(str(node.parameters["function"]), mode="eval").body
    keywords: Any = node.parameters.get("keywords", ())
    template = map_template(node.parameters.get("arguments", ()), _spelled_dtype)
    arguments = [trees.plain(item) for item in build.filled(node, template)]
    first = len(arguments) - len(keywords)
    return trees.call(function, arguments[:first], dict(zip(keywords, arguments[first:])))


@spelled("user_call")
def _user_call(build: Expressions, node: Node) -> ast.expr:
    function: ast.expr = ast.parse(str(node.parameters["function"]), mode="eval").body
    known, keywords = node.parameters["call"], node.parameters["keywords"]
    assert isinstance(known, UserCall) and isinstance(keywords, tuple)
    operands = build.operands(node)
    if "receiver" in node.parameters:
        receiver = filled(node.parameters["receiver"], operands)
        function = trees.attribute(receiver, str(node.parameters["function"]))
    template = map_template(node.parameters["arguments"], _spelled_dtype)
    arguments = [trees.plain(item) for item in filled(template, operands)]
    first = len(arguments) - len(keywords)
    tree = trees.call(function, arguments[:first], dict(zip(keywords, arguments[first:])))
    return trees.subscript(tree, 0) if known.in_sequence and len(node.results) == 1 else tree


@spelled("change")
def _change(build: Expressions, node: Node) -> ast.expr:
    return _replayed_call(build, node)


@spelled("reference")
def _reference(build: Expressions, node: Node) -> ast.expr:
    return ast.parse(str(node.parameters["text"]), mode="eval").body


@spelled("instance")
def _instance(build: Expressions, node: Node) -> ast.expr:
    names: Any = node.parameters.get("names", ())
    values = [trees.plain(item) for item in build.filled(node, node.parameters.get("values", ()))]
    kind = build.filled(node, node.parameters["kind"])
    attributes = dict(zip(names, values))
    if node.parameters.get("calls_class"):
        return trees.call(kind, [], attributes)
    return trees.call(build.helper(instance_of), [kind], attributes)


def _spelled_dtype(item: object) -> object:
    """A dtype that the user's function sees as it is, and not as the type of its numbers."""
    return trees.call("np.dtype", [trees.plain(item.name)]) if isinstance(item, np.dtype) else item


@spelled("call_graph")
def _call_of_graph(build: Expressions, node: Node) -> ast.expr:
    return trees.call(f"{node.parameters['callee']}_forward", build.operands(node))


@spelled("pull_back")
def _pull_back(build: Expressions, node: Node) -> ast.expr:
    return trees.call(f"{node.parameters['callee']}_backward", build.operands(node))


@spelled("section")
def _section(build: Expressions, node: Node) -> ast.expr:
    section = node.parameters["section"]
    assert isinstance(section, Section)
    keywords = {name: trees.name(name) for name in section.reads}
    return trees.call(section.name, build.operands(node), keywords)


@spelled("same_generator")
def _same_generator(build: Expressions, node: Node) -> ast.expr:
    build.imports.add("copy")
    return trees.call("copy.deepcopy", build.operands(node))


@spelled("generator_called")
def _generator_called(build: Expressions, node: Node) -> ast.expr:
    return ast.parse(str(node.parameters["text"]), mode="eval").body


@spelled("format")
def _format(build: Expressions, node: Node) -> ast.expr:
    parts = build.filled(node, node.parameters["parts"])
    return ast.JoinedStr([_format_part(part) for part in parts])


def _format_part(part: object) -> ast.expr:
    if isinstance(part, str):
        return trees.constant(part)
    conversion, specification = -1, None
    if isinstance(part, tuple):
        part, given, text = (*part, None, None)[:3]
        if given not in (None, -1, ""):
            conversion = given if isinstance(given, int) else ord(str(given)[0])
        if text:
            pieces = text if isinstance(text, tuple) else (text,)
            specification = ast.JoinedStr([_format_part(piece) for piece in pieces])
    return ast.FormattedValue(trees.plain(part), conversion, specification)
