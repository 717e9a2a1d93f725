"""Making instances: named tuples, dataclasses, NumPy scalars."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from srcgrad.frontend.abstract import (
    Abstract,
    Keywords,
    ObjectOf,
    Static,
    TupleOf,
)

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator


def construct(
    ev: Evaluator, kind: type, args: list[Abstract], kwargs: Keywords, node: ast.AST
) -> Abstract:
    if issubclass(kind, np.generic):
        return ev.call_primitive("cast", args[:1], {"dtype": Static(np.dtype(kind))})
    if issubclass(kind, tuple) and hasattr(kind, "_fields"):
        names: tuple[str, ...] = kind._fields
        defaults = getattr(kind, "_field_defaults", {})
        bound = _bind_fields(ev, names, defaults, args, kwargs, node)
        return TupleOf(tuple(bound[name] for name in names), kind)
    if dataclasses.is_dataclass(kind):
        return _construct_dataclass(ev, kind, args, kwargs, node)
    ev.refuse(
        node,
        f"making an instance of `{kind.__name__}` inside the function is not supported yet",
        "Make it outside, and pass it or what it computes as an argument.",
    )


def _construct_dataclass(
    ev: Evaluator, kind: type, args: list[Abstract], kwargs: Keywords, node: ast.AST
) -> Abstract:
    fields = [f for f in dataclasses.fields(kind) if f.init]  # type: ignore[arg-type]
    if hasattr(kind, "__post_init__") or any(
        f.default_factory is not dataclasses.MISSING for f in fields
    ):
        ev.refuse(
            node,
            f"`{kind.__name__}` has `__post_init__` or a default factory",
            "Make the instance outside, and pass it as an argument.",
        )
    defaults = {f.name: f.default for f in fields if f.default is not dataclasses.MISSING}
    names = tuple(f.name for f in fields)
    return ObjectOf(kind, _bind_fields(ev, names, defaults, args, kwargs, node))  # type: ignore


def _bind_fields(
    ev: Evaluator,
    names: tuple[str, ...],
    defaults: Mapping[str, object],
    args: list[Abstract],
    kwargs: Keywords,
    node: ast.AST,
) -> dict[str, Abstract]:
    bound: dict[str, Abstract] = dict(zip(names, args)) | kwargs
    for name, default in defaults.items():
        bound.setdefault(name, Static(default))
    missing = [name for name in names if name not in bound]
    if missing or len(args) > len(names) or set(bound) - set(names):
        ev.reject(node, f"the arguments do not fit the fields {', '.join(names)}")
    return {name: bound[name] for name in names}
