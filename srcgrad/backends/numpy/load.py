"""Compiles emitted source under a file name that tracebacks, debuggers and profilers can read."""

from __future__ import annotations

import itertools
import linecache
import math
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from srcgrad.backends.numpy.emitted import Emitted
from srcgrad.location import remember_origins

_numbers = itertools.count(1)


def load(
    emitted: Emitted, filename: str | None = None, namespace: Mapping[str, object] | None = None
) -> Callable[..., Any]:
    """The emitted function.  `namespace` holds what opaque calls in it refer to."""
    return load_all(emitted, filename, namespace)[0]


def load_all(
    emitted: Emitted, filename: str | None = None, namespace: Mapping[str, object] | None = None
) -> tuple[Callable[..., Any], ...]:
    """The emitted functions, in order."""
    filename = filename or f"<srcgrad {emitted.name} {next(_numbers)}>"
    source = emitted.source
    # An entry without a modification time is kept by `linecache.checkcache`.
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
    remember_origins(filename, emitted.lines)
    known: dict[str, Any] = {"np": np, "math": math, "warnings": warnings}
    exec("\n".join(emitted.imports), known)
    known["__name__"] = f"srcgrad.emitted.{emitted.name}"
    known.update(emitted.references)
    known.update(namespace or {})
    exec(compile(source, filename, "exec"), known)
    return tuple(known[name] for name in emitted.names or (emitted.name,))
