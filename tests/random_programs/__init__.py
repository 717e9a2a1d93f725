"""Whole random programs, and independent oracles for their values, effects and gradients."""

from tests.random_programs.check import Outcome, examine
from tests.random_programs.comparing import Verdict
from tests.random_programs.program import RandomProgram, write_program
from tests.random_programs.reduction import reduced

__all__ = ["Outcome", "RandomProgram", "Verdict", "examine", "reduced", "write_program"]
