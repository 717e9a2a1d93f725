"""Instances of classes written in Python, as containers of their attributes.

Which objects count as such, what their attributes are, and how another one like them is made.
"""

from __future__ import annotations

import argparse
import dataclasses
import enum
import functools
import sys
from types import MemberDescriptorType, SimpleNamespace
from typing import Any

_HEAP_TYPE = 1 << 9  # Py_TPFLAGS_HEAPTYPE: made by a `class` statement.
_NAMESPACES = (SimpleNamespace, argparse.Namespace)
_OF_LIBRARIES = (*sys.stdlib_module_names, "numpy", "srcgrad", "optree")


@functools.lru_cache(maxsize=1024)
def _holds_attributes(kind: Any) -> bool:
    if kind in _NAMESPACES:
        return True
    if issubclass(kind, (type, enum.Enum)):
        return False
    if _is_of_library(kind.__module__):
        return False
    return all(cls.__flags__ & _HEAP_TYPE for cls in kind.__mro__ if cls is not object)


def _is_of_library(module: str) -> bool:
    """Not so are NumPy's series of polynomials, which are written in Python throughout."""
    if module == "__main__" or module.startswith("numpy.polynomial."):
        return False
    return module.split(".")[0] in _OF_LIBRARIES


def holds_attributes(kind: type) -> bool:
    """Are instances of this class made of attributes alone, and is the class somebody's program?

    Not so are classes that extend a builtin (`class Items(list)`), enumerations, exceptions, and
    those of the standard library and of NumPy.
    """
    return _holds_attributes(kind)


def is_instance(given: object) -> bool:
    """Is this an instance whose attributes are its content?"""
    return holds_attributes(type(given))


def declares_fields(kind: type) -> bool:
    """Does the class say what its fields are, as a dataclass or a named tuple does?"""
    return dataclasses.is_dataclass(kind) or hasattr(kind, "_fields")


def slots_of(kind: type) -> list[str]:
    """The names that the class and those above it declare in `__slots__`."""
    names: dict[str, None] = {}
    for cls in reversed(kind.__mro__):
        for name, held in vars(cls).items():
            if isinstance(held, MemberDescriptorType) and name != "__dict__":
                names.setdefault(name)
    return list(names)


def attributes_of(instance: object) -> dict[str, Any]:
    """The attributes that an instance itself has, in the order in which they were set."""
    names = [name for name in slots_of(type(instance)) if hasattr(instance, name)]
    held = {name: getattr(instance, name) for name in names}
    return {**held, **getattr(instance, "__dict__", {})}


def instance_of(kind: Any, /, **attributes: Any) -> Any:
    """An instance of a class with these attributes, made without running its `__init__`."""
    made = object.__new__(kind)
    for name, value in attributes.items():
        object.__setattr__(made, name, value)
    return made
