"""Identities of functions with parameters (axes, indices, shapes), which no pattern can express.

Each is a function of the node that gives what replaces its result, or None where it does not apply.
All are for derived nodes only, save those on sizes, which are exact.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from srcgrad.analyses import are_apart, have_shapes_assumed_equal, names_places_once
from srcgrad.graph import (
    ArrayType,
    Assumptions,
    Builder,
    Literal,
    Node,
    ScalarType,
    Value,
    fill,
    holes,
    is_complex,
    is_real,
    rank_of,
    shape_of,
)
from srcgrad.rules import Symbol, as_argument, call, make, primitive_named
from srcgrad.transforms.patterns import is_scalar
from srcgrad.transforms.rewriting import is_literal


@dataclass(frozen=True, slots=True)
class Site:
    """A node that may be rewritten, and what is known around it."""

    node: Node
    builder: Builder
    definitions: Mapping[Value, Node]
    reads: Mapping[Value, int]

    def maker(self, value: Value, *operations: str) -> Node | None:
        """The node that defines the value, if it is one of these operations."""
        node = self.definitions.get(value)
        return node if node is not None and node.operation in operations else None

    def only_maker(self, value: Value, *operations: str) -> Node | None:
        """As `maker`, where nobody else reads the value."""
        return self.maker(value, *operations) if self.reads.get(value, 0) <= 1 else None

    def argument(self, value: Value) -> object:
        return as_argument(self.builder, value)

    def symbol(self, value: Value) -> Symbol:
        return Symbol(self.builder, value)

    def parameters(self, node: Node) -> dict[str, object]:
        """The parameters of a node with symbols in place of its holes."""
        operands = [self.argument(value) for value in node.operands]
        return {key: fill(item, operands) for key, item in node.parameters.items()}


StructuralIdentity = Callable[[Site], object]
STRUCTURAL_IDENTITIES: dict[str, list[StructuralIdentity]] = {}
EXACT: set[StructuralIdentity] = set()


def on(*operations: str, exact: bool = False) -> Callable[[StructuralIdentity], StructuralIdentity]:
    def register(rule: StructuralIdentity) -> StructuralIdentity:
        for operation in operations:
            STRUCTURAL_IDENTITIES.setdefault(operation, []).append(rule)
        if exact:
            EXACT.add(rule)
        return rule

    return register


@on("argument", exact=True)
def argument_itself(site: Site) -> object:
    """What is differentiated by itself is, after that, the value that was given."""
    return site.argument(site.node.operands[0])


# Sizes


@on("dim", exact=True)
def known_dim(site: Site) -> object:
    """`x.shape[1]` of an x: f64[n, 3] is 3."""
    shape = shape_of(site.node.operands[0].type)
    axis = site.node.parameters["axis"]
    dim = None if shape is None else shape[axis]  # type: ignore[call-overload]
    return dim if isinstance(dim, int) else None


@on("size", exact=True)
def known_size(site: Site) -> object:
    """`x.size` of an x: f64[4, 3] is 12."""
    result = site.node.result.type
    return result.size if isinstance(result, ScalarType) and isinstance(result.size, int) else None


@on("size", "dim")
def size_of_operand(site: Site) -> object:
    """`(r * r).size` is `r.size`: ask the value that the user named."""
    (value,) = site.node.operands
    witness = same_shape_before(site, value)
    if witness is None:
        return None
    return call(site.node.operation, site.symbol(witness), **site.node.parameters)


@on("zeros_like", "broadcast_like", "sum_like", "reshape_like")
def shape_of_operand(site: Site) -> object:
    """`zeros_like(r * r)` is `zeros_like(r)`, which keeps no temporary alive."""
    *rest, value = site.node.operands
    witness = same_shape_before(site, value)
    if witness is None or holes(dict(site.node.parameters)):
        return None
    arguments = [site.argument(operand) for operand in rest]
    return call(site.node.operation, *arguments, site.symbol(witness), **site.node.parameters)


def same_shape_before(site: Site, value: Value) -> Value | None:
    """An operand that an unnamed elementwise result certainly has the shape and dtype of."""
    node = site.definitions.get(value)
    if node is None or value.name is not None or node.regions:
        return None
    if node.operation not in _KEEP_SHAPE and not primitive_named(node.operation).elementwise:
        return None
    for operand in node.operands:
        if not isinstance(operand, Literal) and operand.type == value.type:
            return operand if have_same_shape(operand, value) else None
    return None


_KEEP_SHAPE = {"index_set", "index_add", "zeros_like"}


def have_equal_shapes(a: Value, b: Value, sizes: Assumptions) -> bool:
    """Do two values have the same shape, by what is assumed already?"""
    if have_same_shape(a, b):
        return True
    if not isinstance(a.type, ArrayType) or not isinstance(b.type, ArrayType):
        return False
    return have_shapes_assumed_equal(a.type.shape, b.type.shape, sizes)


def have_same_shape(a: Value, b: Value) -> bool:
    """Do two values certainly have the same shape?"""
    if not isinstance(a.type, ArrayType) or not isinstance(b.type, ArrayType):
        return False
    shape = a.type.shape
    return shape is not None and shape == b.type.shape and None not in shape


# Conversions


@on("multiply", "divide", "add", "subtract", exact=True)
def strip_conversion(site: Site) -> object:
    """`x.astype(complex) * z` is `x * z` of a real x and a complex z: NumPy converts x itself."""
    for place, operand in enumerate(site.node.operands):
        made = site.maker(operand, "cast")
        if made is None or not (is_real(made.operands[0].type) and is_complex(operand.type)):
            continue
        arguments = [site.argument(value) for value in site.node.operands]
        arguments[place] = site.symbol(made.operands[0])
        result = call(site.node.operation, *arguments, **site.node.parameters)
        if isinstance(result, Symbol) and result.type == site.node.result.type:
            return result
    return None


@on("multiply", "add", "subtract")
def convert_last(site: Site) -> object:
    """`x.astype(complex) * y` is `(x * y).astype(complex)` of real x and y."""
    for place, operand in enumerate(site.node.operands):
        made = site.only_maker(operand, "cast")
        if made is None or not (is_real(made.operands[0].type) and is_complex(operand.type)):
            continue
        arguments = [site.argument(value) for value in site.node.operands]
        arguments[place] = site.symbol(made.operands[0])
        result = call(site.node.operation, *arguments, **site.node.parameters)
        if isinstance(result, Symbol) and is_real(result.type):
            return call("cast", result, **made.parameters)
    return None


# Broadcasting


def strip_broadcast(site: Site) -> object:
    """`broadcast_like(g, x) * a` is `g * a` where `a` has the full shape; so for all ufuncs."""
    primitive = primitive_named(site.node.operation)
    if holes(dict(site.node.parameters)) or len(site.node.operands) < 2:
        return None
    for place, operand in enumerate(site.node.operands):
        inner = broadcast_source(site, operand)
        if inner is None:
            continue
        operands = list(site.node.operands)
        operands[place] = inner
        if all(is_scalar(value) for value in operands):
            continue
        symbols = [site.argument(value) for value in operands]
        result = call(primitive.name, *symbols, **site.node.parameters)
        sizes = site.builder.assumptions
        if isinstance(result, Symbol) and have_equal_shapes(result.value, site.node.result, sizes):
            return result
    return None


def broadcast_last(site: Site) -> object:
    """`broadcast_like(s, x) * a` is `broadcast_like(s * a, x)` where `a` is smaller than `x`."""
    primitive = primitive_named(site.node.operation)
    if holes(dict(site.node.parameters)):
        return None
    for place, operand in enumerate(site.node.operands):
        node = site.only_maker(operand, "broadcast_like")
        if node is None or not have_same_shape(operand, site.node.result):
            continue
        operands = list(site.node.operands)
        operands[place] = node.operands[0]
        symbols = [site.argument(value) for value in operands]
        small = call(primitive.name, *symbols, **site.node.parameters)
        return call("broadcast_like", small, site.symbol(node.operands[1]))
    return None


def broadcast_source(site: Site, value: Value) -> Value | None:
    """What was broadcast to give the value, through a change of dtype of a Python number."""
    cast = site.maker(value, "cast")
    if cast is not None:
        inner = broadcast_source(site, cast.operands[0])
        return inner if inner is not None and isinstance(inner.type, ScalarType) else None
    moved = site.maker(value, "expand_dims", "transpose", "reshape", "swapaxes", "full")
    if moved is not None and moved.phase:
        source = moved.operands[0]
        inner = source if moved.operation == "full" else broadcast_source(site, source)
        return inner if inner is not None and is_scalar(inner) else None
    node = site.maker(value, "broadcast_like")
    return None if node is None else node.operands[0]


@on("sum")
def sum_of_broadcast(site: Site) -> object:
    """`np.sum(broadcast_like(s, x))` is `s * x.size`."""
    if site.node.parameters:
        return None
    node = site.maker(site.node.operands[0], "broadcast_like")
    if node is None or not is_scalar(node.operands[0]):
        return None
    return call("multiply", site.argument(node.operands[0]), site.symbol(node.operands[1]).size)


@on("sum")
def partial_sum_of_broadcast(site: Site) -> object:
    """`np.sum(broadcast_like(s, x), axis=0)` is filled with `s * x.shape[0]`."""
    node = site.maker(site.node.operands[0], "broadcast_like")
    axis = site.node.parameters.get("axis")
    if node is None or set(site.node.parameters) - {"axis", "keepdims"} or axis is None:
        return None
    source, like = node.operands
    result = site.node.result.type
    if not is_scalar(source) or not isinstance(result, ArrayType) or result.shape == ():
        return None
    axes = (
        {k % len(like_shape) for k in _tuple(axis)} if (like_shape := shape_of(like.type)) else ()
    )
    shape = site.symbol(like).shape
    count: object = site.argument(source)
    for k in axes:
        count = call("multiply", count, shape[k])
    keepdims = bool(site.node.parameters.get("keepdims"))
    rest = tuple(1 if k in axes else n for k, n in enumerate(shape) if keepdims or k not in axes)
    dtype = {} if result.dtype == np.dtype(float) else {"dtype": result.dtype}
    return call("full", rest, count, **dtype)


def _tuple(axis: object) -> tuple[int, ...]:
    return axis if isinstance(axis, tuple) else (axis,)  # type: ignore[return-value]


@on("broadcast_like")
def broadcast_zero(site: Site) -> object:
    """`broadcast_like(0.0, x)` is `zeros_like(x)`."""
    if not is_literal(site.node.operands[0], 0.0):
        return None
    return call("zeros_like", site.symbol(site.node.operands[1]))


@on("copy")
def copy_of_broadcast_zeros(site: Site) -> object:
    """`np.broadcast_to(zeros_like(x), shape).copy()` is `np.zeros(shape)`."""
    spread = site.only_maker(site.node.operands[0], "broadcast_to")
    if spread is None or site.maker(spread.operands[0], "zeros_like") is None:
        return None
    result = site.node.result.type
    if not isinstance(result, ArrayType):
        return None
    dtype = {} if result.dtype == np.dtype(float) else {"dtype": result.dtype}
    shape = site.parameters(spread)["shape"]
    return make(site.symbol(spread.operands[0]), np.zeros, shape, **dtype)


@on("broadcast_like")
def broadcast_of_broadcast(site: Site) -> object:
    """`broadcast_like(broadcast_like(g, x), y)` is `broadcast_like(g, y)`."""
    inner = site.maker(site.node.operands[0], "broadcast_like")
    if inner is None:
        return None
    return call(
        "broadcast_like", site.argument(inner.operands[0]), site.symbol(site.node.operands[1])
    )


# Division


@on("ieee_divide")
def plain_division(site: Site) -> object:
    """`ieee_divide(x, 2.0)` is `x / 2.0`: only a divisor that can be zero needs the case."""
    dividend, divisor = site.node.operands
    if not isinstance(divisor, Literal) or is_literal(divisor, 0):
        return None
    return call("divide", site.argument(dividend), divisor.value)


# Reductions


@on("sum")
def sum_over_nothing(site: Site) -> object:
    """A sum that keeps the shape sums over no axis, or over axes of length 1."""
    (x, *rest) = site.node.operands
    if rest or set(site.node.parameters) - {"axis", "keepdims"} or isinstance(x, Literal):
        return None
    return site.symbol(x) if rank_of(x.type) is not None else None


@on("sum")
def pull_out_of_sum(site: Site) -> object:
    """`np.sum(-x)` is `-np.sum(x)`; `np.sum(s * x)` is `s * np.sum(x)`."""
    if set(site.node.parameters) - {"axis", "keepdims"}:
        return None
    node = site.only_maker(site.node.operands[0], "negative", "multiply", "divide")
    if node is None:
        return None
    factors = [value for value in node.operands if is_scalar(value)]
    arrays = [value for value in node.operands if not is_scalar(value)]
    if len(arrays) != 1 or (node.operation == "divide" and is_scalar(node.operands[0])):
        return None
    total = call("sum", site.symbol(arrays[0]), **site.node.parameters)
    return call(node.operation, total, *(site.argument(factor) for factor in factors))


# Rearrangement


@on("reshape", "reshape_like")
def reshape_of_reshape(site: Site) -> object:
    """`x.reshape(a).reshape(b)` is `x.reshape(b)`."""
    inner = site.maker(site.node.operands[0], "reshape", "reshape_like")
    if inner is None or inner.parameters.get("order", "C") != "C":
        return None
    if site.node.parameters.get("order", "C") != "C":
        return None
    rest = site.node.operands[1:] if site.node.operation == "reshape_like" else ()
    others = [site.argument(value) for value in rest]
    source = site.symbol(inner.operands[0])
    return call(site.node.operation, source, *others, **site.parameters(site.node))


@on("reshape")
def reshape_to_same(site: Site) -> object:
    """A reshape that keeps every dim is the array itself."""
    return None if "order" in site.node.parameters else site.argument(site.node.operands[0])


@on("transpose")
def transpose_of_vector(site: Site) -> object:
    """The transpose of an array with fewer than two axes is the array itself."""
    (x,) = site.node.operands
    rank = rank_of(x.type)
    return site.symbol(x) if rank is not None and rank < 2 else None


@on("transpose")
def transpose_of_product(site: Site) -> object:
    """`(a.T @ b).T` is `b.T @ a`, and `(a @ b.T).T` is `b @ a.T`, for matrices."""
    product = site.only_maker(site.node.operands[0], "matmul")
    if product is None or site.node.parameters or product.parameters:
        return None
    if any(rank_of(value.type) != 2 for value in product.operands):
        return None
    a, b = product.operands
    of_a, of_b = site.maker(a, "transpose"), site.maker(b, "transpose")
    if of_a is not None:
        return call("matmul", site.symbol(b).T, site.symbol(of_a.operands[0]))
    if of_b is not None:
        return call("matmul", site.symbol(of_b.operands[0]), site.symbol(a).T)
    return None


@on("swapaxes", "transpose")
def swap_of_product(site: Site) -> object:
    """`(a.mT @ b).mT` is `b.mT @ a`, and `(a @ b.mT).mT` is `b @ a.mT`, for stacks of matrices."""
    product = site.only_maker(site.node.operands[0], "matmul")
    if product is None or product.parameters or not _swaps_last_axes(site.node):
        return None
    a, b = product.operands
    swapped_a, swapped_b = (_unswapped(site, value) for value in (a, b))
    if swapped_a is None and swapped_b is None:
        return None
    if any((rank_of(value.type) or 0) < 2 for value in (a, b)):
        return None
    left = call("swapaxes", site.symbol(b), -1, -2) if swapped_b is None else swapped_b
    right = call("swapaxes", site.symbol(a), -1, -2) if swapped_a is None else swapped_a
    return call("matmul", left, right)


def _unswapped(site: Site, value: Value) -> Symbol | None:
    """What the value is the transposed matrices of."""
    node = site.maker(value, "swapaxes", "transpose")
    if node is None or not _swaps_last_axes(node):
        return None
    return site.symbol(node.operands[0])


def _swaps_last_axes(node: Node) -> bool:
    """Is this the transposition of each matrix in a stack: `x.swapaxes(-1, -2)`?"""
    rank = rank_of(node.operands[0].type)
    if rank is None or rank < 3:
        return False
    if node.operation == "transpose":
        axes = node.parameters.get("axes")
        order = (*range(rank - 2), rank - 1, rank - 2)
        return isinstance(axes, (tuple, list)) and tuple(axes) == order
    axes = [node.parameters.get(key) for key in ("axis1", "axis2")]
    if not all(type(axis) is int for axis in axes):
        return False
    return {axis % rank for axis in axes} == {rank - 1, rank - 2}  # type: ignore[operator]


@on("transpose", "swapaxes")
def rearranged_twice(site: Site) -> object:
    """Two swaps of the same axes cancel."""
    if _swaps_last_axes(site.node):
        return _unswapped(site, site.node.operands[0])
    inner = site.maker(site.node.operands[0], site.node.operation)
    if inner is None or site.node.operation == "transpose":
        return None
    if inner.parameters != site.node.parameters:
        return None
    return site.symbol(inner.operands[0])


# Stores


@on("index_add")
def add_to_zeros(site: Site) -> object:
    """Adding into zeros is storing, where no place is named twice."""
    parameters = site.parameters(site.node)
    if not _still_zero(site):
        return None
    if not names_places_once(site.node, site.definitions, site.builder.assumptions):
        return None
    array, value = (site.argument(operand) for operand in site.node.operands[:2])
    return call("index_set", array, value, **parameters)


def _still_zero(site: Site) -> bool:
    """Is the array made of zeros, of which others have been stored over but not these?"""
    array = site.node.operands[0]
    while (store := site.maker(array, "index_set", "index_add")) is not None:
        if not are_apart(store.parameters["index"], site.node.parameters["index"]):
            return False
        array = store.operands[0]
    return site.maker(array, "zeros_like") is not None


@on("index_add")
def add_where_stored(site: Site) -> object:
    """`index_add(index_set(a, v, i), w, i)` is `index_set(a, v + w, i)`."""
    store = site.only_maker(site.node.operands[0], "index_set")
    if store is None or store.has_effect or not _same_index(store, site.node):
        return None
    if not names_places_once(store, site.definitions, site.builder.assumptions):
        return None
    first, second = store.operands[1], site.node.operands[1]
    if isinstance(first, Literal) or first.type != second.type:
        return None
    total = call("add", site.symbol(first), site.symbol(second))
    return call("index_set", site.symbol(store.operands[0]), total, **site.parameters(store))


@on("getitem")
def read_all(site: Site) -> object:
    """`x[...]` is `x`, in values."""
    if not _is_everything(site.node.parameters["index"]):
        return None
    return site.symbol(site.node.operands[0])


@on("index_set", "index_add")
def store_everywhere(site: Site) -> object:
    """`index_set(a, v, ...)` is `v`, and adding everywhere is adding."""
    array, value = site.node.operands[:2]
    if not _is_everything(site.node.parameters["index"]) or site.node.has_effect:
        return None
    if is_literal(value, 0.0) and site.node.operation == "index_set":
        return call("zeros_like", site.symbol(array))
    if isinstance(value, Literal) or not have_same_shape(array, value):
        return None
    if site.node.operation == "index_set":
        return site.symbol(value)
    return call("add", site.symbol(array), site.symbol(value))


def _is_everything(index: object) -> bool:
    entries = index if isinstance(index, tuple) else (index,)
    return bool(entries) and all(entry is Ellipsis or entry == slice(None) for entry in entries)


@on("index_set")
def store_over_all(site: Site) -> object:
    """`index_set(zeros_like(x), v, (:, None))` is `v[:, 0]`: nothing is left of the zeros."""
    picked = _without_new_axes(site)
    if picked is None or site.maker(site.node.operands[0], "zeros_like") is None:
        return None
    return picked


@on("index_add")
def add_along_new_axes(site: Site) -> object:
    """`index_add(a, v, (:, None))` is `a + v[:, 0]`."""
    picked = _without_new_axes(site)
    if picked is None or site.node.has_effect:
        return None
    return call("add", site.symbol(site.node.operands[0]), picked)


def _without_new_axes(site: Site) -> Symbol | None:
    """What is stored at all of an array with new axes, without these: `v[:, 0]` of `(:, None)`."""
    index = site.node.parameters["index"]
    entries = index if isinstance(index, tuple) else (index,)
    if None not in entries or any(e is not None and e != slice(None) for e in entries):
        return None
    if not _fills_its_place(site):
        return None
    picked = tuple(0 if entry is None else entry for entry in entries)
    return call("getitem", site.symbol(site.node.operands[1]), index=picked)


@on("getitem")
def item_of_kept_axis(site: Site) -> object:
    """`np.sum(x, axis=1, keepdims=True)[:, 0]` is `np.sum(x, axis=1)`."""
    node = site.only_maker(site.node.operands[0], "sum")
    index = site.node.parameters["index"]
    if node is None or not isinstance(index, tuple) or not node.parameters.get("keepdims"):
        return None
    rank = rank_of(node.result.type)
    if rank is None or any(type(e) is not int and e != slice(None) for e in index):
        return None
    axes = {axis % rank for axis in _tuple(node.parameters.get("axis", tuple(range(rank))))}
    if axes != {k for k, entry in enumerate(index) if type(entry) is int}:
        return None
    rest = {key: value for key, value in node.parameters.items() if key != "keepdims"}
    return call("sum", site.symbol(node.operands[0]), **rest)


@on("getitem")
def item_of_negative(site: Site) -> object:
    """`(-x)[:, 0]` is `-(x[:, 0])`, which negates less and may become a difference."""
    node = site.only_maker(site.node.operands[0], "negative")
    if node is None:
        return None
    part = call("getitem", site.symbol(node.operands[0]), **site.parameters(site.node))
    return call("negative", part)


@on("index_set")
def store_what_is_there(site: Site) -> object:
    """`index_set(a, a[i], i)` is `a`: what is stored is there already."""
    array, value = site.node.operands[:2]
    read = site.maker(value, "getitem")
    if read is None or site.node.has_effect or read.operands[0] is not array:
        return None
    index, place = _filled_index(read), _filled_index(site.node)
    return site.symbol(array) if index is not None and index == place else None


def _filled_index(node: Node) -> object:
    """The index with values in its holes; None where it holds arrays, masks or lists."""
    index = node.parameters["index"]
    entries = index if isinstance(index, tuple) else (index,)
    if any(isinstance(entry, (np.ndarray, list, bool)) for entry in entries):
        return None
    return fill(index, node.operands)


@on("index_set", "index_add")
def store_broadcasts(site: Site) -> object:
    """A store broadcasts by itself: `index_set(a, broadcast_like(s, x), i)` takes `s`."""
    value = broadcast_source(site, site.node.operands[1])
    if value is None or not is_scalar(value):
        return None
    array = site.argument(site.node.operands[0])
    return call(site.node.operation, array, site.argument(value), **site.parameters(site.node))


@on("index_add")
def store_over_cleared(site: Site) -> object:
    """`index_add(index_set(a, 0.0, i), v, i)` is `index_set(a, v, i)`, other additions between."""
    *_, store = chain = _chain_of_stores(site)
    if store.operation != "index_set" or not is_literal(store.operands[1], 0.0):
        return None
    if not _same_index(store, site.node):
        return None
    if not names_places_once(store, site.definitions, site.builder.assumptions):
        return None
    if not _fills_its_place(site):
        return None
    parameters = site.parameters(site.node)
    result = call(
        "index_set",
        site.symbol(store.operands[0]),
        site.argument(site.node.operands[1]),
        **parameters,
    )
    for between in reversed(chain[1:-1]):
        value = site.argument(between.operands[1])
        result = call("index_add", result, value, **site.parameters(between))
    return result


def _chain_of_stores(site: Site) -> list[Node]:
    """The node, and the stores before it into the same array that nobody else reads."""
    chain = [site.node]
    while True:
        inner = site.only_maker(chain[-1].operands[0], "index_add", "index_set")
        if inner is None:
            return chain
        chain.append(inner)
        if inner.operation == "index_set":
            return chain


def _same_index(a: Node, b: Node) -> bool:
    return a.parameters == b.parameters and a.operands[2:] == b.operands[2:]


def _fills_its_place(site: Site) -> bool:
    """Has what is added the shape of the place, so that storing it means the same?"""
    array, value = (site.symbol(operand) for operand in site.node.operands[:2])
    place = call("getitem", array, **site.parameters(site.node))
    have, want = shape_of(value.type), shape_of(place.type)
    return have_shapes_assumed_equal(have, want, site.builder.assumptions)


@on("multiply")
def number_first(site: Site) -> object:
    """`x * 2.0` is `2.0 * x`, as one writes it."""
    a, b = site.node.operands
    if isinstance(a, Literal) or not isinstance(b, Literal):
        return None
    return call("multiply", b.value, site.symbol(a), **site.node.parameters)


@on("add", "subtract")
def scatter_last(site: Site) -> object:
    """`index_add(a, v, i) + b` is `index_add(a + b, v, i)`: the dense terms come together."""
    store, other = site.node.operands
    node = site.only_maker(store, "index_add")
    if node is None and site.node.operation == "add":
        store, other = other, store
        node = site.only_maker(store, "index_add")
    if node is None or other.type != store.type or not have_same_shape(store, other):
        return None
    if site.maker(node.operands[0], "zeros_like") is not None or node.has_effect:
        return None
    total = call(site.node.operation, site.symbol(node.operands[0]), site.symbol(other))
    return call("index_add", total, site.argument(node.operands[1]), **site.parameters(node))


@on("add")
def number_last(site: Site) -> object:
    """`4.0 + 6.0 * x` is `6.0 * x + 4.0`, as one writes it."""
    a, b = site.node.operands
    if not isinstance(a, Literal) or isinstance(b, Literal):
        return None
    return call("add", site.symbol(b), a.value, **site.node.parameters)


@on("add")
def accumulate_in_place(site: Site) -> object:
    """`a + index_add(zeros_like(a), v)` is `index_add(a, v)`."""
    for place, value in enumerate(site.node.operands):
        store = site.only_maker(value, "index_add", "index_set")
        into = site.node.operands[1 - place]
        if store is None or not have_same_shape(into, value) or into.type != value.type:
            continue
        if site.maker(store.operands[0], "zeros_like") is None:
            continue
        parameters = site.parameters(store)
        return call("index_add", site.symbol(into), site.argument(store.operands[1]), **parameters)
    return None
