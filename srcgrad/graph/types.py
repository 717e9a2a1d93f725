"""What is known of a value before the call: its kind, its dtype and its shape.

A shape is a tuple of dims.  A dim is a known `int`, a `DimExpression` over symbols (the sizes of
arguments), or `None` where nothing is known.  A shape of `None` means that the rank is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np


@dataclass(frozen=True, slots=True)
class DimExpression:
    """An affine expression over symbols, such as `n - 2`; never a plain number (that is an `int`).

    `terms` holds (symbol, coefficient) pairs sorted by symbol, no coefficient being 0.
    """

    terms: tuple[tuple[str, int], ...]
    constant: int = 0

    def __str__(self) -> str:
        text = ""
        for symbol, coefficient in self.terms:
            sign = "-" if coefficient < 0 else "+"
            factor = "" if abs(coefficient) == 1 else f"{abs(coefficient)}*"
            first = "-" if coefficient < 0 else ""
            text += f" {sign} {factor}{symbol}" if text else f"{first}{factor}{symbol}"
        if self.constant:
            text += f" {'-' if self.constant < 0 else '+'} {abs(self.constant)}"
        return text

    __repr__ = __str__


Dim: TypeAlias = "int | DimExpression | None"
Shape: TypeAlias = "tuple[Dim, ...]"


def symbol(name: str) -> DimExpression:
    return DimExpression(((name, 1),))


def _affine(terms: dict[str, int], constant: int) -> int | DimExpression:
    kept = tuple(sorted((name, k) for name, k in terms.items() if k))
    return DimExpression(kept, constant) if kept else constant


def add_dims(a: Dim, b: Dim) -> Dim:
    if a is None or b is None:
        return None
    if isinstance(a, int) and isinstance(b, int):
        return a + b
    terms: dict[str, int] = {}
    constant = 0
    for part in (a, b):
        if isinstance(part, int):
            constant += part
        else:
            constant += part.constant
            for name, k in part.terms:
                terms[name] = terms.get(name, 0) + k
    return _affine(terms, constant)


def multiply_dims(a: Dim, b: Dim) -> Dim:
    """The product where one factor is a known number, else unknown."""
    if a == 0 or b == 0:
        return 0
    if a is None or b is None:
        return None
    if isinstance(a, int):
        a, b = b, a
    if not isinstance(b, int):
        return None
    if isinstance(a, int):
        return a * b
    return _affine({name: k * b for name, k in a.terms}, a.constant * b)


def subtract_dims(a: Dim, b: Dim) -> Dim:
    return add_dims(a, multiply_dims(b, -1))


@dataclass(frozen=True, slots=True)
class ArrayType:
    """A NumPy array or NumPy scalar (`shape == ()` covers both)."""

    dtype: np.dtype
    shape: Shape | None

    @property
    def rank(self) -> int | None:
        return None if self.shape is None else len(self.shape)

    def __str__(self) -> str:
        if self.shape is None:
            return f"{short_dtype(self.dtype)}[...]"
        dims = ", ".join("?" if dim is None else str(dim) for dim in self.shape)
        return f"{short_dtype(self.dtype)}[{dims}]"


@dataclass(frozen=True, slots=True)
class ScalarType:
    """A Python number: `python_type` is bool, int, float or complex.

    An int that is known in terms of the sizes of arguments says so: `size` of `x.shape[0]` is `n`.
    """

    python_type: type
    size: Dim = None

    def __str__(self) -> str:
        name = self.python_type.__name__
        return name if self.size is None else f"{name}({self.size})"


@dataclass(frozen=True, slots=True)
class ListType:
    """A list of unknown length whose items have one type: a tape, or what a loop collects."""

    element: Type

    def __str__(self) -> str:
        return f"list[{self.element}]"


@dataclass(frozen=True, slots=True)
class OpaqueType:
    """A Python object through which no numbers flow (a string, a generator, `None`)."""

    def __str__(self) -> str:
        return "object"


@dataclass(frozen=True, slots=True)
class ResidualType(OpaqueType):
    """What the adjoint of a call needs: numbers flow through it, though nobody can see them."""


Type: TypeAlias = "ArrayType | ScalarType | ListType | OpaqueType"

BOOL = ScalarType(bool)
INT = ScalarType(int)
FLOAT = ScalarType(float)
COMPLEX = ScalarType(complex)
OPAQUE = OpaqueType()
RESIDUAL = ResidualType()

_SHORT_KINDS = {"f": "f", "i": "i", "u": "u", "c": "c"}


def short_dtype(dtype: np.dtype) -> str:
    """`f64`, `i32`, `c128`, `bool`, as the textual form writes dtypes."""
    if dtype.kind in _SHORT_KINDS:
        return f"{dtype.kind}{dtype.itemsize * 8}"
    return str(dtype)


def dtype_from_short(text: str) -> np.dtype:
    if text[0] in _SHORT_KINDS and text[1:].isdigit():
        return np.dtype(f"{text[0]}{int(text[1:]) // 8}")
    return np.dtype(text)


def is_real(type_: Type) -> bool:
    """Is this a real floating-point number or array?"""
    if isinstance(type_, ScalarType):
        return type_.python_type is float
    return isinstance(type_, ArrayType) and type_.dtype.kind == "f"


def is_complex(type_: Type) -> bool:
    if isinstance(type_, ScalarType):
        return type_.python_type is complex
    return isinstance(type_, ArrayType) and type_.dtype.kind == "c"


def is_integral(type_: Type) -> bool:
    """Is this a bool or integer, Python's or NumPy's, scalar or array?"""
    if isinstance(type_, ScalarType):
        return type_.python_type in (bool, int)
    return isinstance(type_, ArrayType) and type_.dtype.kind in "biu"


def carries_derivative(type_: Type) -> bool:
    """Can a derivative flow through a value of this type?

    A Python int can: one that is given for `wrt` counts as a real number.
    """
    if isinstance(type_, ListType):
        return carries_derivative(type_.element)
    if isinstance(type_, ResidualType):
        return True
    return is_real(type_) or is_complex(type_) or is_python_int(type_)


def is_python_int(type_: Type) -> bool:
    return isinstance(type_, ScalarType) and type_.python_type is int


def size_of_integer(type_: Type) -> Dim:
    """What is known of an integer's value, as a dim."""
    return type_.size if isinstance(type_, ScalarType) else None


def shape_of(type_: Type) -> Shape | None:
    """The shape NumPy would see: a Python number has shape ()."""
    return type_.shape if isinstance(type_, ArrayType) else ()


def rank_of(type_: Type) -> int | None:
    shape = shape_of(type_)
    return None if shape is None else len(shape)
