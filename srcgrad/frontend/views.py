"""What functions make of arrays that are written in place: views of them, or copies."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

from srcgrad.frontend.abstract import (
    VERSION,
    Abstract,
    ArrayRef,
    Frozen,
    ListOf,
    Number,
    OneOf,
    Storage,
    TupleOf,
)
from srcgrad.frontend.memory_order import is_in_order
from srcgrad.frontend.steps import FLAT, GETITEM, PERHAPS_VIEW_FUNCTIONS, VIEW_FUNCTIONS
from srcgrad.frontend.storage import current, read, references, view
from srcgrad.graph import Dim, Type, is_complex, shape_of
from srcgrad.rules import find_primitive

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator


def call_on_reference(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: dict[str, Abstract]
) -> Abstract | None:
    """What a function makes of references, where that may be a view; None where it is none."""
    if not _is_known(function):
        return None
    refs = references([*args, *kwargs.values()])
    if not refs:
        return None
    first = args[0] if args else None
    if isinstance(first, (ArrayRef, OneOf)) and _is_whole(ev, function, args, kwargs):
        return first
    if isinstance(first, OneOf):
        seen_of_both = [
            call_on_reference(ev, function, [ref, *args[1:]], kwargs) for ref in first.refs
        ]
        if all(isinstance(seen, ArrayRef) for seen in seen_of_both):
            return OneOf(first.second, tuple(seen_of_both))  # type: ignore[arg-type]
    if isinstance(first, ArrayRef) and function in (np.reshape, np.ravel):
        seen = _reshaped(ev, function, first, args[1:], kwargs)
        if seen is not None:
            return seen
    if isinstance(first, ArrayRef) and function in SPLITTING:
        return _split(ev, function, first, args, kwargs)
    if isinstance(first, ArrayRef) and function in VIEW_FUNCTIONS:
        return _view_by(ev, function, first, args[1:], kwargs)
    if function in VIEW_FUNCTIONS | PERHAPS_VIEW_FUNCTIONS:
        made = ev.call_primitive(function, args, kwargs)
        return _frozen(made, [ref.storage for ref in refs])
    return None


def _is_whole(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: dict[str, Abstract]
) -> bool:
    """Does the function give the array itself, or a view of all of it?"""
    if len(args) != 1 or kwargs:
        return False
    type_ = _type_of(ev, args[0])
    if function is np.real:
        return not is_complex(type_)
    if function is np.ascontiguousarray:
        refs = references([args[0]])
        return bool(shape_of(type_)) and all(is_in_order(ev, ref) for ref in refs)
    return function in (np.asarray, np.asanyarray)


def _type_of(ev: Evaluator, value: Abstract) -> Type:
    held = current(ev, value)
    assert isinstance(held, Number)
    return held.value.type


def _is_known(function: Any) -> bool:
    try:
        return function in VIEW_FUNCTIONS or function in PERHAPS_VIEW_FUNCTIONS
    except TypeError:
        return False


def _view_by(
    ev: Evaluator, function: Any, ref: ArrayRef, args: list[Abstract], kwargs: dict[str, Abstract]
) -> ArrayRef:
    primitive = find_primitive(function)
    assert primitive is not None and primitive.signature is not None
    names = list(primitive.signature.parameters)[1:]
    given = {**dict(zip(names, args)), **kwargs}
    plain = {key: ev.rule_argument(item) for key, item in given.items()}
    return view(ev, ref, function, plain)


def _reshaped(
    ev: Evaluator, function: Any, ref: ArrayRef, args: list[Abstract], kwargs: dict[str, Abstract]
) -> ArrayRef | None:
    """The view that a reshape gives of memory in order; None where it may be a copy."""
    if kwargs.keys() - {"shape"} or len(args) + len(kwargs) > 1 or not is_in_order(ev, ref):
        return None
    if function is np.ravel:
        return view(ev, ref, np.ravel, {}) if not args and not kwargs else None
    return view(ev, ref, np.reshape, {"shape": ev.rule_argument([*args, *kwargs.values()][0])})


def _frozen(made: Abstract, storages: list[Storage]) -> Abstract:
    """What may be a view or a copy: it may be read until the storage changes."""
    if isinstance(made, TupleOf):
        return TupleOf(tuple(_frozen(item, storages) for item in made.items), made.kind)
    assert isinstance(made, Number)
    return Frozen(made, tuple((held, held.entries[VERSION]) for held in storages))


# Parts


SPLITTING = (np.split, np.array_split, np.hsplit, np.vsplit, np.dsplit)


def _split(
    ev: Evaluator, function: Any, ref: ArrayRef, args: list[Abstract], kwargs: dict[str, Abstract]
) -> Abstract:
    """The views that `np.split` gives, by the slices between its bounds."""
    made = ev.call_primitive(function, [read(ev, ref), *args[1:]], kwargs)
    assert isinstance(made, TupleOf)
    lengths = shape_of(_type_of(ev, ref)) or ()
    axis = _split_axis(function, len(lengths), *_plain(ev, args[2:], kwargs))
    sections = ev.rule_argument(kwargs.get("indices_or_sections", args[1]))
    if isinstance(sections, (tuple, list)):
        bounds: list[Any] = [None, *sections, None]
    else:
        length = _assumed(ev, lengths[axis])
        if length is None:
            return _frozen(made, [ref.storage])
        parts = [length // sections + (k < length % sections) for k in range(sections)]
        bounds = [*itertools.accumulate(parts, initial=0)]
    around = (slice(None),) * axis
    pieces = [(*around, slice(first, last)) for first, last in itertools.pairwise(bounds)]
    views = [view(ev, ref, GETITEM, {"index": piece if around else piece[0]}) for piece in pieces]
    return ListOf(tuple(views))


def _plain(
    ev: Evaluator, args: list[Abstract], kwargs: dict[str, Abstract]
) -> tuple[list[Any], dict[str, Any]]:
    plain = {key: ev.rule_argument(item) for key, item in kwargs.items()}
    return [ev.rule_argument(item) for item in args], plain


def _split_axis(function: Any, rank: int, args: list[Any], kwargs: dict[str, Any]) -> int:
    fixed = {np.vsplit: 0, np.hsplit: 0 if rank == 1 else 1, np.dsplit: 2}
    if function in fixed:
        return fixed[function]
    return int(kwargs.get("axis", args[0] if args else 0)) % rank


def _assumed(ev: Evaluator, dim: Dim) -> int | None:
    """The length of an axis in the first call, which becomes a guard."""
    sizes = ev.builder.assumptions
    hint = sizes.hint(dim)
    return hint if sizes.assume_equal(dim, hint) else None


def flat(ev: Evaluator, owner: ArrayRef | OneOf) -> ArrayRef | OneOf:
    """`x.flat`: all elements in C order, through which the array is written too."""
    if isinstance(owner, OneOf):
        first, second = owner.refs
        return OneOf(owner.second, (view(ev, first, FLAT, {}), view(ev, second, FLAT, {})))
    return view(ev, owner, FLAT, {})
