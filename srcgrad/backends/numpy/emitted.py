"""The product of the backend: source text, and what is known about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from srcgrad.location import Location


@dataclass(frozen=True, slots=True)
class Emitted:
    """A function as source, or several: `names`, of which `name` is the first.

    `lines` maps lines of the source (from 1) to places in the user's file; `imports` are the
    statements that a module of its own needs above the source; `references` are functions that
    the source calls by name and that cannot be imported from NumPy (user-defined primitives).
    """

    source: str
    lines: Mapping[int, Location]
    name: str
    parameters: tuple[str, ...]
    imports: tuple[str, ...] = ("import numpy as np",)
    references: Mapping[str, object] = field(default_factory=dict)
    names: tuple[str, ...] = ()
