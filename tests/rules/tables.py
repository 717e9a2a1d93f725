"""The rows of all test modules in this folder."""

from __future__ import annotations

import importlib
from pathlib import Path

from tests.rules.rows import Row

WITHOUT_ROWS = ("test_batching", "test_coverage")


def rows_of_all_tables() -> list[Row]:
    """The rows in module-level lists of the test modules beside this one."""
    found: list[Row] = []
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        if path.stem in WITHOUT_ROWS:
            continue
        module = importlib.import_module(f"tests.rules.{path.stem}")
        for value in vars(module).values():
            if isinstance(value, list):
                found += [item for item in value if isinstance(item, Row)]
    return found
