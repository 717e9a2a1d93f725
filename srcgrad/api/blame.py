"""Where a wrong derivative begins: the first value of a function whose own derivative is wrong."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from srcgrad.api.specialization import primal_of, specialize_primal
from srcgrad.errors import SrcgradError
from srcgrad.frontend import Asked, build_program
from srcgrad.graph import ArrayType, Leaf, Value, is_real
from srcgrad.location import Location
from srcgrad.request import Request

VALUES_AT_MOST = 300
STEP = 1e-5
FAR_OFF = 1e-3


def first_wrong_line(
    function: Callable[..., Any], signature: Any, args: Sequence[Any], directions: Sequence[Any]
) -> Location | None:
    """The line of the first value whose pullback and differences along `directions` disagree."""
    bound = signature.bind(*args)
    bound.apply_defaults()
    request = Request("vjp", None)
    asked = Asked(signature, tuple(signature.parameters))
    program = build_program(function, asked, dict(bound.arguments))
    source = primal_of(program, function, signature, request)
    for node in program.graph.nodes[:VALUES_AT_MOST]:
        for value in node.results:
            if not _is_checked(value) or node.has_effect:
                continue
            part = replace(source, result=Leaf(value))
            try:
                made = specialize_primal(
                    part, program, function, signature, request, dict(bound.arguments)
                )
                wrong = _is_wrong(made, args, directions)
            except (SrcgradError, ArithmeticError):
                continue
            if wrong:
                return node.location
    return None


def _is_checked(value: Value) -> bool:
    return is_real(value.type) and (
        not isinstance(value.type, ArrayType) or value.type.shape is not None
    )


def _is_wrong(made: Callable[..., Any], args: Sequence[Any], directions: Sequence[Any]) -> bool:
    def value_at(step: float) -> Any:
        moved = [
            a if d is None else a + step * d for a, d in zip(copy.deepcopy(list(args)), directions)
        ]
        return np.asarray(made(*moved)[0])

    value, pullback = made(*copy.deepcopy(list(args)))
    cotangent = np.ones_like(value) if isinstance(value, np.ndarray) else 1.0
    pulled = pullback(cotangent)
    ours = sum(
        float(np.sum(np.asarray(g) * d))
        for g, d in zip(pulled, directions)
        if g is not None and d is not None
    )
    theirs = float(np.sum((value_at(STEP) - value_at(-STEP)) / (2 * STEP)))
    return not abs(ours - theirs) <= FAR_OFF * (1.0 + abs(theirs))
