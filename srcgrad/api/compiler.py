"""All that compiling needs, in one place: it is loaded when the first function is compiled."""

from srcgrad.api.blame import first_wrong_line
from srcgrad.api.specialization import Specialization, specialize
from srcgrad.cache import build_dispatcher, what_changes
from srcgrad.frontend import place_of, unknown_arguments

__all__ = [
    "Specialization",
    "build_dispatcher",
    "first_wrong_line",
    "place_of",
    "specialize",
    "unknown_arguments",
    "what_changes",
]
