"""Blocks of a few elements, so that small programs run in blocks too."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

_PASS = importlib.import_module("srcgrad.transforms.block_elementwise")
REMARK = f"# {_PASS._REMARK}"


@contextmanager
def tiny_blocks() -> Iterator[None]:
    """Inside the `with`, every elementwise function is a chain that is worth blocks of three."""
    limits = {"BLOCK": 3, "LARGE": 1, "FEWEST_ROWS": 0, "FEWEST_NODES": 1, "FEWEST_IN_BETWEEN": 0}
    with patch.multiple(_PASS, **limits):
        yield
