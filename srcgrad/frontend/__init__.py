"""From a Python function to its graph: source, syntax tree, abstract evaluation."""

from srcgrad.frontend.inputs import Guards
from srcgrad.frontend.program import Program, build_program, result_tree, unknown_arguments
from srcgrad.frontend.source import place_of, place_of_result

__all__ = [
    "Guards",
    "Program",
    "build_program",
    "place_of",
    "place_of_result",
    "result_tree",
    "unknown_arguments",
]
