"""Primitives that change what the caller sees: attributes, items of lists and dicts.

`target` and `function` are expressions over the parameters of the emitted function.
"""

from __future__ import annotations

from typing import Any

from srcgrad.graph import OPAQUE, Assumptions, Type
from srcgrad.rules.registry import constant, defshape, named, primitive_for


@lambda function: named("store", function)
def store(target: str, value: object) -> None:
    """`target = value`, where the target is an attribute or an item."""
    raise NotImplementedError("stores exist in emitted code only")


@lambda function: named("change", function)
def change(function: str, arguments: tuple[object, ...]) -> None:
    """`function(*arguments)`, a method of a list or dict, or `object.__setattr__`."""
    raise NotImplementedError("changes exist in emitted code only")


@lambda function: named("reference", function)
def reference(text: str) -> Any:
    """An object of the caller's, by the expression that reaches it."""
    raise NotImplementedError("references exist in emitted code only")


@lambda function: named("instance", function)
def instance(
    kind: object, names: tuple[str, ...], values: tuple[object, ...], calls_class: bool
) -> Any:
    """An instance of a class with these attributes, made without running its `__init__`.

    With `calls_class` (of a named tuple), its class is called with them.
    """
    raise NotImplementedError("instances exist in emitted code only")


@defshape(store, operands=())
def store_shape(sizes: Assumptions, target: str = "", value: object = None) -> Type:
    return OPAQUE


@defshape(change, operands=())
def change_shape(sizes: Assumptions, function: str = "", arguments: object = ()) -> Type:
    return OPAQUE


@defshape(reference, operands=())
def reference_shape(sizes: Assumptions, text: str = "") -> Type:
    return OPAQUE


@defshape(instance, operands=())
def instance_shape(
    sizes: Assumptions,
    kind: object = None,
    names: tuple[str, ...] = (),
    values: tuple[object, ...] = (),
    calls_class: bool = False,
) -> Type:
    return OPAQUE


# What a reference finds depends on the stores before it, and two instances are two objects.
for _function in (store, change, reference, instance):
    primitive_for(_function).effect = True
constant(store, change, reference, instance)
