"""From a Python function to its graph: source, syntax tree, abstract evaluation."""

from srcgrad.frontend.inputs import Guards
from srcgrad.frontend.program import Asked, Program, build_program, unknown_arguments
from srcgrad.frontend.source import place_of, place_of_result

__all__ = [
    "Asked",
    "Guards",
    "Program",
    "build_program",
    "place_of",
    "place_of_result",
    "unknown_arguments",
]
