"""Backends: from a joint graph to a function that runs.  There is one so far, for NumPy."""

from srcgrad.backends.numpy import (
    OPTIMISATIONS,
    Emitted,
    Part,
    emit,
    emit_parts,
    hand_over,
    load,
    load_all,
    name_residuals,
    names_in_result,
    newest_shapes,
    owned_results,
)

__all__ = [
    "OPTIMISATIONS",
    "Emitted",
    "Part",
    "emit",
    "emit_parts",
    "hand_over",
    "load",
    "load_all",
    "name_residuals",
    "names_in_result",
    "newest_shapes",
    "owned_results",
]
