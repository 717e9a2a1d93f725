"""Steps from an array to a view of it, and the way back from a changed view to the array."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from srcgrad.frontend.abstract import Abstract, ArrayRef, Number, Static, Step
from srcgrad.frontend.memory_order import is_in_order
from srcgrad.graph import fill
from srcgrad.rules import find_primitive, stop_gradient, view_as

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator

GETITEM = "getitem"
FLAT = "flat"
Rearrangement = Callable[["Evaluator", Abstract, Abstract, dict[str, Any]], Abstract]
VIEW_FUNCTIONS = {
    np.transpose,
    np.swapaxes,
    np.moveaxis,
    np.squeeze,
    np.expand_dims,
    np.flip,
    np.flipud,
    np.fliplr,
    np.diagonal,
    np.real,
    np.imag,
    np.atleast_1d,
    np.atleast_2d,
    np.atleast_3d,
    np.rot90,
    np.rollaxis,
    np.matrix_transpose,
    np.broadcast_to,
}
# What these give may share memory with their argument, in ways that are not followed.
PERHAPS_VIEW_FUNCTIONS = {
    np.reshape,
    np.ravel,
    np.asarray,
    np.asanyarray,
    np.ascontiguousarray,
    np.asfortranarray,
    np.require,
    view_as,
    np.broadcast_arrays,
    np.diag,
    np.einsum,
    np.meshgrid,
    np.split,
    np.array_split,
    np.hsplit,
    np.vsplit,
    np.dsplit,
    np.asarray_chkfinite,
    np.real_if_close,
    np.trim_zeros,
    np.lib.stride_tricks.sliding_window_view,
    *((np.unstack,) if hasattr(np, "unstack") else ()),
    stop_gradient,
}
VIEW_OPERATIONS = {GETITEM, FLAT, "reshape_like"} | {
    found.name
    for function in VIEW_FUNCTIONS | PERHAPS_VIEW_FUNCTIONS
    if (found := find_primitive(function)) is not None
}


def take_step(ev: Evaluator, held: Abstract, step: Step, values: tuple[Number, ...]) -> Abstract:
    return ev.call_primitive(step.function, (held,), _as_static(_filled(ev, step, values)))


def _filled(ev: Evaluator, step: Step, values: tuple[Number, ...]) -> dict[str, Any]:
    symbols = [ev.symbol(number.value) for number in values]
    return {key: fill(item, symbols) for key, item in step.parameters}


def _as_static(parameters: dict[str, Any]) -> dict[str, Abstract]:
    return {key: Static(item) for key, item in parameters.items()}


def put_back(ev: Evaluator, ref: ArrayRef, whole: Abstract, at: int, part: Abstract) -> Abstract:
    """The array from which step `at` takes a view, with that view replaced by `part`."""
    step, values = ref.steps[at], ref.values[at]
    parameters = _filled(ev, step, values)
    writes = ref.storage.of_caller and is_seen_through(ev, ref, at)
    if step.function == GETITEM:
        index: dict[str, Abstract] = {"index": Static(parameters["index"])}
        return ev.call_primitive("index_set", (whole, part), index, effect=writes)
    if step.function in _PARTS:
        return ev.call_primitive(_PARTS[step.function], (whole, part), effect=writes)
    if _is_rearrangement(ev, ref, at):
        return _REARRANGEMENTS[step.function](ev, whole, part, parameters)
    taken = take_step(ev, ev.call_primitive("positions_like", (whole,)), step, values)
    return ev.call_primitive("flat_set", (whole, part, taken), effect=writes)


def is_seen_through(ev: Evaluator, ref: ArrayRef, count: int) -> bool:
    """Are the first steps rearrangements, through which NumPy writes into the array itself?"""
    return all(_is_rearrangement(ev, ref, at) for at in range(count))


def _is_rearrangement(ev: Evaluator, ref: ArrayRef, at: int) -> bool:
    """Does the step give all of the array in another form?  `x.flat` does where `x` is in order."""
    if ref.steps[at].function == FLAT:
        return is_in_order(ev, ArrayRef(ref.storage, ref.steps[:at], ref.values[:at]))
    return ref.steps[at].function in _REARRANGEMENTS


_PARTS = {np.real: "real_set", np.imag: "imag_set"}


def _same_again(function: Any) -> Rearrangement:
    def undo(
        ev: Evaluator, whole: Abstract, part: Abstract, parameters: dict[str, Any]
    ) -> Abstract:
        return ev.call_primitive(function, (part,), _as_static(parameters))

    return undo


def _transpose_back(
    ev: Evaluator, whole: Abstract, part: Abstract, parameters: dict[str, Any]
) -> Abstract:
    axes = parameters.get("axes")
    if axes is None:
        return ev.call_primitive(np.transpose, (part,))
    back = tuple(int(axis) for axis in np.argsort([axis % len(axes) for axis in axes]))
    return ev.call_primitive(np.transpose, (part,), {"axes": Static(back)})


def _move_back(
    ev: Evaluator, whole: Abstract, part: Abstract, parameters: dict[str, Any]
) -> Abstract:
    turned = {"source": parameters["destination"], "destination": parameters["source"]}
    return ev.call_primitive(np.moveaxis, (part,), _as_static(turned))


def _reshape_back(
    ev: Evaluator, whole: Abstract, part: Abstract, parameters: dict[str, Any]
) -> Abstract:
    return ev.call_primitive("reshape_like", (part, whole))


_REARRANGEMENTS: dict[Any, Rearrangement] = {
    np.transpose: _transpose_back,
    np.matrix_transpose: _same_again(np.matrix_transpose),
    np.swapaxes: _same_again(np.swapaxes),
    np.flip: _same_again(np.flip),
    np.flipud: _same_again(np.flipud),
    np.fliplr: _same_again(np.fliplr),
    np.moveaxis: _move_back,
    np.squeeze: _reshape_back,
    np.expand_dims: _reshape_back,
    np.reshape: _reshape_back,
    np.ravel: _reshape_back,
    FLAT: _reshape_back,
    np.atleast_1d: _reshape_back,
    np.atleast_2d: _reshape_back,
    np.atleast_3d: _reshape_back,
}
