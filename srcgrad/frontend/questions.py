"""Questions about arrays that their types answer before the call: `np.ndim`, `np.result_type`."""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from srcgrad.frontend import attributes, containers, storage
from srcgrad.frontend.abstract import FALSE, Abstract, Keywords, Number, Static, TupleOf
from srcgrad.graph import ArrayType, Dim, ScalarType, Type, map_template, size_of_integer
from srcgrad.rules import Symbol

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator


def _of_types(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: ast.AST
) -> Abstract:
    """The answer for empty arrays of the same types."""

    def sample(item: object) -> object:
        return _sample(ev, item.type, node) if isinstance(item, Symbol) else item

    plain: Any = map_template([containers.to_rule_argument(ev, item) for item in args], sample)
    named: Any = {
        key: map_template(containers.to_rule_argument(ev, item), sample)
        for key, item in kwargs.items()
    }
    return Static(function(*plain, **named))


def _sample(ev: Evaluator, type_: Type, node: ast.AST) -> Any:
    if isinstance(type_, ScalarType):
        return type_.python_type(0)
    if not isinstance(type_, ArrayType) or type_.shape is None:
        ev.refuse(
            node,
            "the number of dimensions is not known before the call",
            "Ask outside the function, and pass the answer as an argument.",
        )
    return np.zeros((0,) * len(type_.shape), type_.dtype)[()]


def _shape(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: ast.AST
) -> Abstract:
    array = _as_array(ev, args[0])
    return attributes.attribute_of(ev, array, "shape", node)


def _size(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: ast.AST
) -> Abstract:
    array = _as_array(ev, args[0])
    axis = kwargs.get("axis", args[1] if len(args) > 1 else None)
    if axis is None or axis == Static(None):
        return attributes.attribute_of(ev, array, "size", node)
    return ev.call_primitive("dim", (array,), {"axis": axis})


def _as_array(ev: Evaluator, value: Abstract) -> Abstract:
    held = storage.current(ev, value)
    is_array = isinstance(held, Number) and isinstance(held.value.type, ArrayType)
    return held if is_array else ev.call_primitive(np.asarray, (held,))


def _known_now(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: ast.AST
) -> Abstract:
    """Facts about dtypes and shapes that are known."""
    plain = [containers.to_rule_argument(ev, item) for item in args]
    named = {key: containers.to_rule_argument(ev, item) for key, item in kwargs.items()}
    map_template([plain, named], lambda item: _refuse_symbol(ev, item, function, node))
    try:
        return Static(function(*plain, **named))
    except (TypeError, ValueError) as error:
        ev.reject(node, str(error), raises=type(error))


def _refuse_symbol(ev: Evaluator, item: object, function: Any, node: ast.AST) -> object:
    if isinstance(item, Symbol):
        ev.refuse(
            node,
            f"`np.{function.__name__}` of what is known during the call only is not supported",
            "Ask outside the function, and pass the answer as an argument.",
        )
    return item


def _is_masked(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: ast.AST
) -> Abstract:
    """Masked arrays are refused where they come in."""
    return FALSE


def _broadcast_shapes(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: ast.AST
) -> Abstract:
    """The shape of arrays of these shapes broadcast together, from the last axis on."""
    shapes = [_dims(ev, item, node) for item in args]
    longest = max(map(len, shapes), default=0)
    result: list[Abstract] = []
    for axis in range(-longest, 0):
        dims = [shape[axis] for shape in shapes if len(shape) >= -axis]
        result.append(functools.reduce(lambda a, b: _broadcast_dim(ev, a, b, node), dims))
    return TupleOf(tuple(result))


def _dims(ev: Evaluator, shape: Abstract, node: ast.AST) -> tuple[Abstract, ...]:
    held = storage.current(ev, shape)
    if isinstance(held, Static) and isinstance(held.value, int):
        return (held,)
    return containers.known_items(ev, held, node)


def _broadcast_dim(ev: Evaluator, left: Abstract, right: Abstract, node: ast.AST) -> Abstract:
    a, b = _dim(left), _dim(right)
    sizes = ev.builder.assumptions
    if a == b or b == 1:
        return left
    if a == 1:
        return right
    if sizes.assume_equal(a, b) or sizes.assume_equal(b, 1):
        return left
    if sizes.assume_equal(a, 1):
        return right
    ev.reject(node, "the shapes do not fit together")


def _dim(length: Abstract) -> Dim:
    if isinstance(length, Number):
        return size_of_integer(length.value.type)
    return length.value if isinstance(length, Static) else None


_OF_TYPES: tuple[Any, ...] = (
    np.ndim,
    np.iscomplexobj,
    np.isrealobj,
    np.isscalar,
    np.result_type,
    np.common_type,
)
_OF_TYPES += (np.can_cast, np.min_scalar_type, np.iterable)
_KNOWN_NOW: tuple[Any, ...] = (
    np.finfo,
    np.iinfo,
    np.promote_types,
    np.isdtype,
    np.issubdtype,
    np.mintypecode,
    np.typename,
)

HANDLERS: dict[Any, Callable[..., Abstract]] = {
    **dict.fromkeys(_OF_TYPES, _of_types),
    **dict.fromkeys(_KNOWN_NOW, _known_now),
    np.shape: _shape,
    np.size: _size,
    np.broadcast_shapes: _broadcast_shapes,
    np.ma.isMaskedArray: _is_masked,
}
