"""Pytest's view of this suite: text cases are collected beside test files."""

from __future__ import annotations

from pathlib import Path

import hypothesis
import pytest

from tests.cases import CaseFile

pytest_plugins = ["pytester"]

# The suite draws the same examples in every run; `make fuzz` tries new programs.
hypothesis.settings.register_profile("repeatable", deadline=None, derandomize=True)
hypothesis.settings.load_profile("repeatable")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-cases",
        action="store_true",
        help="rewrite the expected parts of text cases and documents (without -n)",
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("update_cases") and config.getoption("numprocesses", None):
        raise pytest.UsageError("--update-cases writes files: run it without -n")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> CaseFile | None:
    return CaseFile.from_parent(parent, path=file_path) if file_path.suffix == ".case" else None
