"""The NumPy backend: from a joint graph to readable NumPy source, and from there to a function."""

from srcgrad.backends.numpy import guarded as guarded
from srcgrad.backends.numpy.emit import OPTIMISATIONS, Part, emit, emit_parts, owned_results
from srcgrad.backends.numpy.emitted import Emitted
from srcgrad.backends.numpy.load import load, load_all
from srcgrad.backends.numpy.residuals import hand_over, name_residuals, newest_shapes
from srcgrad.backends.numpy.results import names_in_result

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
