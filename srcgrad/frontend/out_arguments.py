"""Calls with `out=` and `where=`: what is computed is stored into an array that is given."""

from __future__ import annotations

import ast
import inspect
from typing import TYPE_CHECKING, Any

import numpy as np

from srcgrad.frontend import storage
from srcgrad.frontend.abstract import (
    NONE,
    TRUE,
    Abstract,
    ArrayRef,
    Keywords,
    Number,
    OneOf,
    Static,
    TupleOf,
)
from srcgrad.frontend.storage import as_written, current, store
from srcgrad.graph import shape_of
from srcgrad.rules import find_primitive, is_primitive_name

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator

SAME_KIND = Static("same_kind")


def call_with_out(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: ast.AST
) -> Abstract | None:
    """A call with `out=`: what is computed is stored into it, and it is the result."""
    if find_primitive(function) is None:
        return None
    outs, args, kwargs = _taken_out(function, args, kwargs)
    is_masked = isinstance(function, np.ufunc) and kwargs.get("where", TRUE) != TRUE
    if is_masked and (outs is None or NONE in outs):
        ev.refuse(
            node,
            "`where=` without `out=` leaves the other elements undefined",
            f"Say what they are: `np.{function.__name__}(..., out=np.zeros(...), where=...)`.",
        )
    if outs is None:
        return None
    if all(out == NONE for out in outs):
        return ev.call(Static(function), args, kwargs, node)
    if function in _LEAVING_OUT_ALONE:
        ev.refuse(
            node,
            f"versions of NumPy leave the `out=` of `np.fft.{function.__name__}` as it is",
            "Store the result: `c[...] = ...`.",
        )
    if NONE in outs:
        ev.refuse(
            node,
            "`out=` for some of several results is not supported",
            "Give an array for each result, or none.",
        )
    targets = [as_written(ev, out, node) for out in outs]
    where = kwargs.pop("where", TRUE) if isinstance(function, np.ufunc) else TRUE
    casting = kwargs.pop("casting", SAME_KIND) if isinstance(function, np.ufunc) else SAME_KIND
    if where != TRUE:
        (target,) = targets
        _store_where(ev, function, target, where, args, kwargs, casting, node)
        return target
    made = ev.call(Static(function), args, kwargs, node)
    results = made.items if isinstance(made, TupleOf) else (made,)
    for target, result in zip(targets, results):
        _put_out(ev, function, target, current(ev, result), casting, node)
    return targets[0] if len(targets) == 1 else TupleOf(tuple(targets))


_LEAVING_OUT_ALONE = (np.fft.hfft, np.fft.ifft2, np.fft.irfft2)


def _taken_out(
    function: Any, args: list[Abstract], kwargs: Keywords
) -> tuple[list[Abstract] | None, list[Abstract], Keywords]:
    """The arrays given as `out`, None where there are none, and the other arguments."""
    if "out" in kwargs:
        given = kwargs["out"]
        outs: list[Abstract] | None = list(given.items) if isinstance(given, TupleOf) else [given]
        return outs, args, {key: item for key, item in kwargs.items() if key != "out"}
    if isinstance(function, np.ufunc):
        return args[function.nin :] or None, args[: function.nin], kwargs
    names = _names_by_position(function)
    if "out" not in names or len(args) <= names.index("out"):
        return None, args, kwargs
    place = names.index("out")
    later = dict(zip(names[place + 1 :], args[place + 1 :]))
    return [args[place]], args[:place], {**later, **kwargs}


def _names_by_position(function: Any) -> list[str]:
    """The parameters that may be given by position."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return []
    return [item.name for item in parameters if item.kind is not item.KEYWORD_ONLY]


def _put_out(
    ev: Evaluator,
    function: Any,
    target: ArrayRef | OneOf,
    result: Abstract,
    casting: Abstract,
    node: ast.AST,
) -> None:
    """Store a result into `out`, on the terms of the function."""
    held = current(ev, target)
    if not isinstance(held, Number) or not isinstance(result, (Number, Static)):
        ev.refuse(node, "this `out=` is not supported", "Store the result: `c[...] = ...`.")
    ufunc = function if isinstance(function, np.ufunc) else _UFUNC_OF.get(function)
    check_casting(ev, result, held, casting, node)
    if ufunc is None and isinstance(result, Number) and _dtype(result) != _dtype(held):
        ev.refuse(
            node,
            f"`out=` of `{function.__name__}` has another dtype than the result",
            "Store the result instead: `c[...] = ...`.",
        )
    if isinstance(result, Static) and rank(held) == 0:
        store(ev, target, Ellipsis, result, node)
        return
    if not has_shape_of(ev, result, held):
        _check_out_shape(ev, ufunc, result, held, node)
        store(ev, target, Ellipsis, result, node)
        return
    storage.update(ev, target, result, node, casts=True)


_UFUNC_OF = {np.clip: np.clip}


def _check_out_shape(
    ev: Evaluator, ufunc: Any, result: Abstract, held: Number, node: ast.AST
) -> None:
    """Elementwise functions broadcast up to `out`; others want its shape."""
    have = shape_of(result.value.type) if isinstance(result, Number) else ()
    want = shape_of(held.value.type)
    broadcasts = ufunc is not None and getattr(ufunc, "signature", None) is None
    if have is None or want is None or (not broadcasts and have != want):
        ev.refuse(
            node,
            "the shape of `out=` is not known to be that of the result",
            "Store the result instead: `c[...] = ...`.",
        )
    if len(have) > len(want):
        ev.reject(node, "the result has more dimensions than `out=`")


def has_shape_of(ev: Evaluator, result: Abstract, held: Number) -> bool:
    have = shape_of(result.value.type) if isinstance(result, Number) else ()
    want = shape_of(held.value.type)
    if have is None or want is None or len(have) != len(want):
        return False
    sizes = ev.builder.assumptions
    return all(a is not None and sizes.assume_equal(a, b) for a, b in zip(have, want))


def check_casting(
    ev: Evaluator, result: Abstract, held: Number, casting: Abstract, node: ast.AST
) -> None:
    rule = ev.make_static(casting, node).value
    given, target = _dtype(result), _dtype(held)
    if given is None or target is None:
        return
    if not np.can_cast(given, target, casting=rule):  # type: ignore[arg-type]
        ev.reject(node, f"cannot cast from {given} to {target} with casting rule {rule!r}")


def _dtype(value: Abstract) -> np.dtype | None:
    if isinstance(value, Number):
        dtype = getattr(value.value.type, "dtype", None)
        python_type = getattr(value.value.type, "python_type", None)
        return dtype if dtype is not None else python_type and np.dtype(python_type)
    return np.result_type(value.value) if isinstance(value, Static) else None


def rank(value: Number) -> int | None:
    shape = shape_of(value.value.type)
    return None if shape is None else len(shape)


def _store_where(
    ev: Evaluator,
    function: np.ufunc,
    target: ArrayRef | OneOf,
    where: Abstract,
    args: list[Abstract],
    kwargs: Keywords,
    casting: Abstract,
    node: ast.AST,
) -> None:
    """`np.divide(a, b, out=c, where=mask)`: elsewhere `c` stays what it is."""
    primitive = find_primitive(function)
    name = f"masked_{primitive.name}" if primitive is not None else ""
    if not is_primitive_name(name) or kwargs or casting != SAME_KIND:
        ev.refuse(
            node,
            f"`where=` of `np.{function.__name__}` is not supported with these arguments",
            "Write `c[mask] = ...`.",
        )
    made = function.resolve_dtypes((*(_dtype(current(ev, item)) for item in args), None))
    held = current(ev, target)
    assert isinstance(held, Number)
    check_casting(ev, Static(np.zeros((), made[-1])[()]), held, casting, node)
    write_masked(ev, target, name, where, args, node)


def write_masked(
    ev: Evaluator,
    target: ArrayRef | OneOf,
    name: str,
    where: Abstract,
    args: list[Abstract],
    node: ast.AST,
) -> None:
    if isinstance(target, OneOf):
        storage.on_each(ev, target, lambda one: write_masked(ev, one, name, where, args, node))
        return
    if rank(storage.read(ev, target)) == 0:
        ev.refuse(node, "`where=` with an `out=` of no dimensions is not supported", "Use `if`.")
    given = [current(ev, item) for item in (where, *args)]

    def changed(held: Abstract, writes: bool) -> Abstract:
        return ev.call_primitive(name, (held, *given), effect=writes)

    storage.change(ev, target, node, changed)
