"""Callables that are no functions written in Python: ufuncs, NumPy's functions, builtins, partials.

Each gets a Python function that calls it, as a user would write one:

    def hypot(x1, x2, /, *args, **kwargs):
        return hypot(x1, x2, *args, **kwargs)

where the inner name is the callable itself.
"""

from __future__ import annotations

import inspect
import linecache
from collections.abc import Callable
from functools import partial
from types import BuiltinFunctionType, FunctionType
from typing import Any

import numpy as np

_ARRAY_FUNCTION = type(np.sum)
_CACHED = "functools", "_lru_cache_wrapper"


def function_calling(thing: Any) -> FunctionType | None:
    """A Python function that calls a callable of one of these kinds; None for any other thing."""
    if isinstance(thing, FunctionType):
        return thing
    kind = type(thing)
    known = (np.ufunc, _ARRAY_FUNCTION, BuiltinFunctionType, partial)
    if not isinstance(thing, known) and (kind.__module__, kind.__name__) != _CACHED:
        return None
    name = _name_of(thing)
    required = _required_parameters(thing)
    if name is None or required is None:
        return None
    return _compiled(name, required, thing)


def _compiled(name: str, required: list[str], thing: Callable[..., Any]) -> FunctionType:
    header = [*required, "/"] if required else []
    lines = [
        f"def {name}({', '.join([*header, '*args', '**kwargs'])}):\n",
        f"    return {name}({', '.join([*required, '*args', '**kwargs'])})\n",
    ]
    text = "".join(lines)
    # The text follows from this name, so that equal names have equal texts.
    filename = f"<{name}({', '.join(required)})>"
    linecache.cache[filename] = (len(text), None, lines, filename)
    made: dict[str, Any] = {}
    exec(compile(text, filename, "exec"), {name: thing, "__name__": __name__}, made)
    function: FunctionType = made[name]
    function.__doc__ = (getattr(thing, "__doc__", None) or "").strip().partition("\n")[0]
    function.__module__ = getattr(thing, "__module__", None) or __name__
    return function


def _name_of(thing: Any) -> str | None:
    while isinstance(thing, partial):
        thing = thing.func
    name = getattr(thing, "__name__", "")
    if name == "<lambda>":
        return "function"
    return name if name.isidentifier() else None


def _required_parameters(thing: Any) -> list[str] | None:
    """The names of the parameters that must be given by position."""
    if isinstance(thing, np.ufunc):
        return ["x"] if thing.nin == 1 else [f"x{i + 1}" for i in range(thing.nin)]
    try:
        parameters = inspect.signature(thing).parameters.values()
    except ValueError:  # `max`, `math.hypot` and others do not say.
        return []
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [p.name for p in parameters if p.kind in positional and p.default is p.empty]
