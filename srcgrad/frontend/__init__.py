"""From a Python function to its graph: source, syntax tree, abstract evaluation."""

from srcgrad.frontend.inputs import Guards
from srcgrad.frontend.program import Program, build_program, result_tree, unknown_arguments

__all__ = ["Guards", "Program", "build_program", "result_tree", "unknown_arguments"]
