"""Is the memory of an array in C order, so that NumPy reshapes it without a copy?

For an array that the function made, by the operations that made it; for one of the caller, by the
first call, which becomes a guard.  False stands for "not known to be".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from srcgrad.frontend.abstract import ArrayRef
from srcgrad.frontend.indices import is_integer
from srcgrad.graph import ArrayType, Value, shape_of
from srcgrad.rules import is_primitive_name, makes_new_array, primitive_named

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator

_ALWAYS_IN_ORDER = frozenset(
    "arange array_of empty eye full identity linspace matmul ones outer tri zeros".split()
)
_AS_THEIR_OPERANDS = frozenset("copy empty_like full_like ones_like zeros_like".split())


def is_in_order(ev: Evaluator, ref: ArrayRef) -> bool:
    """Does this reference see contiguous memory in C order?"""
    if not value_in_order(ev, ref.storage.first.value):
        return False
    return all(_keeps_order(step.function, dict(step.parameters)) for step in ref.steps)


def _keeps_order(function: Any, parameters: dict[str, Any]) -> bool:
    """Is the view of contiguous memory contiguous: some rows, a row, another shape?"""
    if function in (np.reshape, np.ravel):
        return True
    if function != "getitem":
        return False
    index = parameters["index"]
    *before, last = index if isinstance(index, tuple) else (index,)
    is_run = isinstance(last, slice) and last.step in (None, 1)
    return all(map(_is_place, before)) and (is_run or _is_place(last))


def _is_place(entry: Any) -> bool:
    return is_integer(entry) or hasattr(entry, "operand")  # A hole is an integer of the call.


def value_in_order(ev: Evaluator, value: Value) -> bool:
    """Is an array that nothing has been stored into contiguous memory in C order?"""
    given = ev.captures.reader.objects.get(value)
    if given is not None:
        return _given_in_order(ev, value, given)
    node = ev.builder.definitions.get(value)
    if node is None or not makes_new_array(node) or "order" in node.parameters:
        return False
    rank = len(shape_of(value.type) or (0, 0))
    if rank == 1 or node.operation in _ALWAYS_IN_ORDER:
        return True
    if node.operation not in _AS_THEIR_OPERANDS and not _is_elementwise(node.operation):
        return False
    arrays = [v for v in node.operands if isinstance(v.type, ArrayType) and v.type.shape != ()]
    return all(value_in_order(ev, operand) for operand in arrays)


def _is_elementwise(operation: str) -> bool:
    if not is_primitive_name(operation):
        return False
    function = primitive_named(operation).function
    return isinstance(function, np.ufunc) and function.signature is None


def _given_in_order(ev: Evaluator, value: Value, given: object) -> bool:
    """An array of the caller: as in the first call, which a guard makes sure of."""
    if not isinstance(given, np.ndarray) or not given.flags.c_contiguous:
        return False
    ev.captures.guards.require(f"{ev.captures.reader.origins[value]}.flags.c_contiguous")
    return True
