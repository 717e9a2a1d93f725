"""Einstein summation: its subscripts, and its derivative by Einstein summation again."""

from __future__ import annotations

import string
from dataclasses import dataclass
from typing import Any

import numpy as np

from srcgrad.errors import ArgumentError, ShapeError, UnsupportedError
from srcgrad.graph import ArrayType, Assumptions, Dim, Shape, Type, rank_of, shape_of
from srcgrad.rules.broadcasting import unbroadcast
from srcgrad.rules.creation import make
from srcgrad.rules.products import strong_dtype
from srcgrad.rules.registry import bilinear, defshape, defvjp
from srcgrad.rules.shapes import array_shape, broadcast_shapes, shape_text
from srcgrad.rules.symbols import Symbol, as_value, call


@dataclass(frozen=True, slots=True)
class Subscripts:
    """The letters of each operand and of the result, with ellipses written out."""

    operands: tuple[str, ...]
    result: str


def parse_subscripts(text: str, ranks: list[int | None]) -> Subscripts:
    """Read subscripts such as `"...ij,jk->...ik"` for operands of these ranks."""
    text = text.replace(" ", "")
    left, arrow, right = text.partition("->")
    terms = left.split(",")
    if len(terms) != len(ranks):
        raise ArgumentError(f"`einsum` {text!r} is for {len(terms)} operands, not {len(ranks)}")
    hidden = [_hidden_axes(term, rank) for term, rank in zip(terms, ranks)]
    spare = [letter for letter in string.ascii_letters if letter not in text]
    around = "".join(spare[: max(hidden, default=0)])
    written = tuple(
        term.replace("...", around[len(around) - count :]) for term, count in zip(terms, hidden)
    )
    if arrow:
        if "..." not in right and around:
            raise ArgumentError(f"`einsum` {text!r}: the result must have an ellipsis too")
        return Subscripts(written, right.replace("...", around))
    letters = [letter for term in terms for letter in term.replace("...", "")]
    once = sorted(letter for letter in set(letters) if letters.count(letter) == 1)
    return Subscripts(written, around + "".join(once))


def _hidden_axes(term: str, rank: int | None) -> int:
    """How many axes the ellipsis of a term stands for."""
    named = len(term.replace("...", ""))
    if "..." not in term:
        if rank is not None and rank != named:
            raise ShapeError(f"`einsum` term {term!r} does not fit {rank} dimensions")
        return 0
    if rank is None:
        raise UnsupportedError("`einsum` with an ellipsis needs operands of known rank")
    if rank < named:
        raise ShapeError(f"`einsum` term {term!r} does not fit {rank} dimensions")
    return rank - named


def _einsum_like(subscripts: Any, *operands: Any, optimize: Any = False) -> None:
    """The signature of `np.einsum` with subscripts as a string."""


@defshape(np.einsum, operands=("*operands",), like=_einsum_like)
def einsum_shape(
    sizes: Assumptions, *operands: Type, subscripts: object, optimize: object = False
) -> Type:
    if not isinstance(subscripts, str):
        raise UnsupportedError(
            "`np.einsum` is supported with subscripts as a string only",
            remedy="Write them as a string: `np.einsum('ij,jk->ik', a, b)`.",
        )
    parsed = parse_subscripts(subscripts, [rank_of(operand) for operand in operands])
    dims: dict[str, list[Dim]] = {}
    for letters, operand in zip(parsed.operands, operands):
        shape = array_shape(operand) or (None,) * len(letters)
        for letter, dim in zip(letters, shape):
            dims.setdefault(letter, []).append(dim)
    missing = [letter for letter in parsed.result if letter not in dims]
    if missing or len(set(parsed.result)) < len(parsed.result):
        raise ArgumentError(f"`einsum` {subscripts!r}: the result's letters do not fit")
    shape = tuple(_common_dim(sizes, letter, dims[letter]) for letter in parsed.result)
    for letter, found in dims.items():
        _check_agree(sizes, letter, found)
    return ArrayType(strong_dtype(*operands), shape)


def _check_agree(sizes: Assumptions, letter: str, dims: list[Dim]) -> None:
    first = dims[0]
    for dim in dims[1:]:
        if sizes.differ(first, dim) and sizes.differ(dim, 1) and sizes.differ(first, 1):
            raise ShapeError(
                f"the letter {letter!r} stands for different sizes: "
                f"{shape_text(tuple(dims), sizes)}",
                reason=f"the letter {letter!r} stands for different sizes",
            )


def _common_dim(sizes: Assumptions, letter: str, dims: list[Dim]) -> Dim:
    _check_agree(sizes, letter, dims)
    shape = broadcast_shapes(sizes, *((dim,) for dim in dims))
    assert shape is not None
    return shape[0]


@defvjp(np.einsum)
def einsum_vjp(g, y, *operands, subscripts="", optimize=False):
    """The cotangent and the other operands, summed over what the operand does not have."""
    ranks = [rank_of(as_value(operand).type) for operand in operands]
    parsed = parse_subscripts(subscripts, ranks)
    options = {"optimize": optimize} if optimize else {}
    return tuple(
        _adjoint_of_operand(g, operands, parsed, k, options)
        if isinstance(operand, Symbol)
        else None
        for k, operand in enumerate(operands)
    )


def _adjoint_of_operand(
    g: Any, operands: tuple[Any, ...], parsed: Subscripts, k: int, options: dict[str, Any]
) -> Any:
    own = parsed.operands[k]
    wanted = "".join(dict.fromkeys(own))
    others = [operand for position, operand in enumerate(operands) if position != k]
    terms = [parsed.result]
    terms += [term for position, term in enumerate(parsed.operands) if position != k]
    present = "".join(letter for letter in wanted if any(letter in term for term in terms))
    d = g
    if others or present != parsed.result:
        d = call(np.einsum, f"{','.join(terms)}->{present}", g, *others, **options)
    x = operands[k]
    if present != wanted:
        d = _spread(d, x, own, wanted, present)
    if own != wanted:
        return _on_diagonals(d, x, own, wanted)
    return _widened(unbroadcast(d, x), x)


def _widened(d: Any, x: Symbol) -> Any:
    """Repeat where all others have length 1 along an axis of this operand."""
    have, want = shape_of(as_value(d).type), shape_of(x.type)
    if have is None or want is None:
        return call("broadcast_like", d, x)
    is_one = x.builder.assumptions.is_one
    for mine, wide in zip(have, want):
        equal = mine is not None and mine == wide
        if not equal and is_one(mine) is not False and is_one(wide) is not True:
            return call("broadcast_like", d, x)
    return d


def _spread(d: Any, x: Symbol, own: str, wanted: str, present: str) -> Any:
    """Repeat along the axes that only this operand has, over which it was summed."""
    absent = tuple(axis for axis, letter in enumerate(wanted) if letter not in present)
    lengths = iter(d.shape if isinstance(d, Symbol) else ())
    shape = tuple(
        next(lengths) if letter in present else x.shape[own.index(letter)] for letter in wanted
    )
    if not any(isinstance(length, Symbol) for length in shape) and not isinstance(d, Symbol):
        return call("broadcast_like", d, x)
    return call(np.broadcast_to, call(np.expand_dims, d, absent), shape)


def _on_diagonals(d: Any, x: Symbol, own: str, wanted: str) -> Any:
    """Where a letter repeats in the operand only its diagonal was read: zeros elsewhere."""
    rank = len(wanted)
    index = []
    for axis, letter in enumerate(own):
        places = make(x, np.arange, x.shape[axis])
        after = rank - 1 - wanted.index(letter)
        index.append(call(np.reshape, places, (-1,) + (1,) * after) if after else places)
    return call("index_add", call(np.zeros_like, x), d, index=tuple(index))


bilinear(np.einsum)

__all__ = ["Shape", "Subscripts", "parse_subscripts"]
