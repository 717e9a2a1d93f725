"""Attributes: of arrays, containers, instances and modules."""

from __future__ import annotations

import ast
import math
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np

from srcgrad.errors import OUTSIDE_REMEDY
from srcgrad.frontend import objects, storage, views
from srcgrad.frontend.abstract import (
    PYTHON_NUMBERS,
    TRUE,
    Abstract,
    ArrayRef,
    BoundMethod,
    Closure,
    DictOf,
    Frame,
    ListOf,
    Number,
    ObjectOf,
    OneOf,
    Static,
    Super,
    TupleOf,
    describe,
)
from srcgrad.frontend.class_statements import accessor
from srcgrad.frontend.stand_ins import METHODS_OF_ARRAYS
from srcgrad.frontend.steps import FLAT
from srcgrad.frontend.writing_calls import WRITING_METHODS
from srcgrad.graph import ArrayType, OpaqueType, ScalarType, is_complex
from srcgrad.rules import ATTRIBUTES, METHODS
from srcgrad.rules.ledger import refusal_of

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator


def run_attribute(ev: Evaluator, node: ast.Attribute) -> Abstract:
    return attribute_of(ev, ev.evaluate(node.value), mangled(ev, node.attr), node)


def mangled(ev: Evaluator, name: str) -> str:
    """A private name (`__rate`) as Python writes it inside a class: `_Model__rate`."""
    if not name.startswith("__") or name.endswith("__"):
        return name
    own = _class_around(ev.frame)
    owners = [own] if own else ev.frame.source.qualname.split(".")[:-1]
    if not owners or owners[-1] == "<locals>":
        return name
    return f"_{owners[-1].lstrip('_')}{name}"


def _class_around(frame: Frame | None) -> str | None:
    """The innermost class made inside the function in whose text a frame stands."""
    while frame is not None and frame.class_name is None:
        frame = frame.parent
    return None if frame is None else frame.class_name


def attribute_of(ev: Evaluator, owner: Abstract, name: str, node: ast.AST) -> Abstract:
    if isinstance(owner, ListOf):
        return BoundMethod(owner, name)
    if isinstance(owner, (ArrayRef, OneOf)):
        return _reference_attribute(ev, owner, name, node)
    owner = storage.current(ev, owner)
    if isinstance(owner, Number):
        return _number_attribute(ev, owner, name, node)
    if isinstance(owner, TupleOf):
        return _tuple_attribute(ev, owner, name, node)
    if isinstance(owner, DictOf):
        return BoundMethod(owner, name)
    if isinstance(owner, ObjectOf):
        return objects.attribute(ev, owner, name, node)
    if isinstance(owner, Super):
        return objects.super_attribute(ev, owner, name, node)
    if isinstance(owner, Closure) and name in ("__name__", "__qualname__"):
        return Static(owner.name)
    if isinstance(owner, Static):
        if isinstance(owner.value, (set, frozenset)):
            return _method_of_set(ev, owner, name, node)
        if isinstance(owner.value, (str, bytes)):
            return BoundMethod(owner, name)
        if type(owner.value) in PYTHON_NUMBERS:
            return _python_number_attribute(ev, owner, name, node)
        if isinstance(owner.value, property) and name in ("setter", "getter", "deleter"):
            return accessor(owner.value, name)
        if not hasattr(owner.value, name):
            ev.undefined(node, f"{describe(owner)} has no attribute `{name}`")
        if isinstance(owner.value, type):
            if name == "_make" and hasattr(owner.value, "_fields"):
                return BoundMethod(owner, name)
            method = objects.class_attribute(ev, owner.value, name, node)
            if method is not None:
                return method
        written = objects.attribute_in_python(ev, owner, name, node)
        return ev.captures.attribute(owner.value, name) if written is None else written
    ev.refuse(
        node,
        f"the attribute `{name}` of {describe(owner)} is not supported yet",
        "Do it outside the function, and pass the result as an argument.",
    )


def _method_of_set(ev: Evaluator, owner: Static, name: str, node: ast.AST) -> Abstract:
    if isinstance(owner.value, set) and not hasattr(frozenset, name):
        ev.refuse(
            node,
            f"`{name}` changes a set, which is not supported yet",
            "Make a new set (`a | b`), or keep a dict.",
        )
    return BoundMethod(owner, name)


def _python_number_attribute(ev: Evaluator, owner: Static, name: str, node: ast.AST) -> Abstract:
    value = getattr(owner.value, name, None)
    if type(value) in PYTHON_NUMBERS:
        return Static(value)
    if value is None:
        ev.undefined(node, f"{describe(owner)} has no attribute `{name}`")
    return BoundMethod(owner, name)


def _tuple_attribute(ev: Evaluator, owner: TupleOf, name: str, node: ast.AST) -> Abstract:
    fields = getattr(owner.kind, "_fields", ())
    if name in fields:
        return owner.items[fields.index(name)]
    if name == "_fields":
        return Static(fields)
    if owner.kind is tuple or name in _METHODS_OF_NAMED_TUPLES:
        return BoundMethod(owner, name)
    return objects.attribute(ev, owner, name, node)


_METHODS_OF_NAMED_TUPLES = ("_replace", "_asdict", "count", "index")


def _number_attribute(ev: Evaluator, owner: Number, name: str, node: ast.AST) -> Abstract:
    type_ = owner.value.type
    if isinstance(type_, ArrayType):
        if name == "dtype":
            _refuse_roots(ev, owner, node)
            return Static(type_.dtype)
        if name == "ndim" and type_.shape is not None:
            return Static(len(type_.shape))
        if name == "shape" and type_.shape is not None:
            return TupleOf(tuple(_dim(ev, owner, axis) for axis in range(len(type_.shape))))
        if name == "size":
            return _size(ev, owner)
    if name == "flags" and _is_written_by_nobody_else(ev, owner):
        return ObjectOf(SimpleNamespace, {"writeable": TRUE})
    if name in ATTRIBUTES and isinstance(type_, (ArrayType, ScalarType)):
        function, args, kwargs = ATTRIBUTES[name](owner)
        return ev.call_primitive(function, args, kwargs)
    if name in METHODS or (isinstance(type_, ArrayType) and name in _OF_ARRAYS_ALONE):
        return BoundMethod(owner, name)
    if isinstance(type_, OpaqueType):
        return BoundMethod(owner, name)
    kind = np.ndarray if isinstance(type_, ArrayType) else getattr(type_, "python_type", list)
    if not hasattr(kind, name):
        ev.undefined(node, f"{describe(owner)} has no attribute `{name}`")
    refusal = refusal_of(None, f"numpy.ndarray.{name}")
    ev.refuse(
        node,
        f"the attribute `{name}` of {describe(owner)} is not supported"
        + (f": {refusal.reason}" if refusal else " yet"),
        refusal.remedy if refusal else OUTSIDE_REMEDY,
    )


def _is_written_by_nobody_else(ev: Evaluator, owner: Number) -> bool:
    """Has a call of the function itself made this array, so that it may be written?"""
    maker = ev.definition(owner.value)
    return maker is not None and maker.operation not in _MAY_BE_READ_ONLY


_MAY_BE_READ_ONLY = ("asanyarray", "asarray", "broadcast_arrays", "broadcast_to")
_OF_ARRAYS_ALONE = frozenset((*WRITING_METHODS, *METHODS_OF_ARRAYS))
_VIEW_ATTRIBUTES = {"T": np.transpose, "mT": np.matrix_transpose, "real": np.real, "imag": np.imag}


def _refuse_roots(ev: Evaluator, owner: Number, node: ast.AST) -> None:
    """Roots, and what is computed of them, are real or complex numbers by their values."""
    seen = [owner.value]
    while seen:
        value = seen.pop()
        made = ev.definition(value) if is_complex(value.type) else None
        if made is None or made.operation == "cast":
            continue
        if made.operation.split(".")[-1].endswith("roots"):
            ev.refuse(
                node,
                "whether roots are real or complex numbers only the call knows",
                "Say which: `roots.astype(complex)`, or `roots.real`.",
            )
        seen += made.operands


def _reference_attribute(
    ev: Evaluator, owner: ArrayRef | OneOf, name: str, node: ast.AST
) -> Abstract:
    """An attribute of an array that is written in place: a view, a method, or a fact."""
    if name in _VIEW_ATTRIBUTES:
        seen = views.call_on_reference(ev, _VIEW_ATTRIBUTES[name], [owner], {})
        assert seen is not None
        return seen
    if name == FLAT:
        return views.flat(ev, owner)
    if (name in METHODS and name not in ATTRIBUTES) or name in _OF_ARRAYS_ALONE:
        return BoundMethod(owner, name)
    held = storage.current(ev, owner)
    assert isinstance(held, Number)
    return _number_attribute(ev, held, name, node)


def _dim(ev: Evaluator, owner: Number, axis: int) -> Abstract:
    dim = owner.value.type.shape[axis]  # type: ignore[union-attr,index]
    if isinstance(dim, int):
        return Static(dim)
    return ev.call_primitive("dim", (owner,), {"axis": Static(axis)})


def _size(ev: Evaluator, owner: Number) -> Abstract:
    shape = owner.value.type.shape  # type: ignore[union-attr]
    known = [dim for dim in shape or () if isinstance(dim, int)]
    if shape is not None and len(known) == len(shape):
        return Static(math.prod(known))
    return ev.call_primitive("size", (owner,))
