"""What the ledger says of a function, given by its name or as it is."""

from __future__ import annotations

import functools
import sys
from collections.abc import Mapping
from typing import Any

import numpy as np

from srcgrad.rules.ledger import (
    arrays,
    fourier,
    linear_algebra,
    numpy_functions,
    polynomials,
    python_functions,
    random_numbers,
)
from srcgrad.rules.ledger.lines import Kind, Lines, Statement, joined
from srcgrad.rules.methods import ATTRIBUTES, METHODS
from srcgrad.rules.registry import Primitive, find_primitive

_CHAPTERS = (
    numpy_functions.LINES,
    linear_algebra.LINES,
    fourier.LINES,
    random_numbers.LINES,
    polynomials.LINES,
    arrays.LINES,
    python_functions.LINES,
)


@functools.cache
def ledger_lines() -> Mapping[str, Statement]:
    """All lines, by the full name of the function."""
    lines: Lines = joined(*_CHAPTERS)
    return lines


def statement_of(name: str) -> Statement | None:
    """The statement about a function by its full name (`numpy.linalg.inv`, `numpy.ndarray.sum`)."""
    line = ledger_lines().get(name)
    return line or _of_primitive(_primitive_by_name(name))


def _primitive_by_name(name: str) -> Primitive | None:
    owner, _, last = name.rpartition(".")
    if owner in ("numpy.ndarray", "numpy.generic"):
        adapter = METHODS.get(last) or ATTRIBUTES.get(last)
        if adapter is None:
            return None
        example = np.ones((1, 1))
        function = adapter(example, _SAMPLE_ARGUMENTS.get(last, ()))[0]
        return find_primitive(function)
    return find_primitive(resolve(name))


_SAMPLE_ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "astype": (float,),
    "compress": ([True],),
    "reshape": (1,),
}


def _of_primitive(primitive: Primitive | None) -> Statement | None:
    if primitive is None:
        return None
    return Statement(Kind.CONSTANT if primitive.constant else Kind.DIFFERENTIABLE)


def resolve(name: str) -> Any:
    """The object of this full name; None where this version of NumPy has none."""
    module, found = "", None
    for part in name.split("."):
        module = f"{module}.{part}".lstrip(".")
        found = getattr(found, part, None) if found is not None else None
        found = sys.modules.get(module) if found is None else found
        if found is None:
            return None
    return found


def refusal_of(function: object, name: str | None = None) -> Statement | None:
    """The refusal that the ledger has for a function, or for a method by its full name."""
    if name is not None:
        line = ledger_lines().get(name)
    else:
        line = _lines_by_object().get(id(function))
        line = line or ledger_lines().get(_full_name(function))
    return line if line is not None and line.kind is Kind.REFUSED else None


@functools.cache
def _lines_by_object() -> Mapping[int, Statement]:
    found = ((resolve(name), line) for name, line in ledger_lines().items())
    return {id(item): line for item, line in found if item is not None}


def _full_name(function: object) -> str:
    """Bound methods of ufuncs are new objects at each access: `numpy.add.at` by its parts."""
    owner, name = getattr(function, "__self__", None), getattr(function, "__name__", "")
    if isinstance(owner, np.ufunc):
        return f"numpy.{owner.__name__}.{name}"
    kind = type(owner)
    return f"{kind.__module__}.{kind.__qualname__}.{name}"
