"""Helper functions beside the emitted one: srcgrad's own primitives, made to stand alone.

Where shapes are known no helper is needed.  Where they are not, the primitive's own Python function
is emitted under a private name (`_sum_like`), with the functions that it calls.
"""

from __future__ import annotations

import ast
import dis
import inspect
import textwrap
from collections.abc import Callable, Iterable
from types import FunctionType
from typing import Any


def is_own(function: object) -> bool:
    """Is this one of srcgrad's own functions, which emitted code cannot import?"""
    return isinstance(function, FunctionType) and function.__module__.startswith("srcgrad.")


def helper_name(function: Callable[..., Any]) -> str:
    return f"_{function.__name__.lstrip('_')}"


def helper_definitions(functions: Iterable[Callable[..., Any]]) -> list[ast.stmt]:
    """The definitions of these functions and of those they call, callees first."""
    found: dict[Callable[..., Any], ast.stmt] = {}
    for function in functions:
        _add(function, found)
    return list(found.values())


def _add(function: Callable[..., Any], found: dict[Callable[..., Any], ast.stmt]) -> None:
    if function in found:
        return
    own = {name: called for name, called in _called_by(function) if called is not function}
    for called in own.values():
        _add(called, found)
    renaming = {name: helper_name(called) for name, called in own.items()}
    renaming[function.__name__] = helper_name(function)
    found[function] = _definition(function, renaming)


def _called_by(function: Callable[..., Any]) -> list[tuple[str, Callable[..., Any]]]:
    """The functions of srcgrad that this one reads as globals, comprehensions included."""
    names: dict[str, None] = {}
    pending = [function.__code__]
    while pending:
        code = pending.pop()
        loads = (i.argval for i in dis.get_instructions(code) if i.opname == "LOAD_GLOBAL")
        names.update(dict.fromkeys(loads))
        pending += [inner for inner in code.co_consts if inspect.iscode(inner)]
    seen = function.__globals__
    return [(name, seen[name]) for name in names if is_own(seen.get(name))]


def _definition(function: Callable[..., Any], renaming: dict[str, str]) -> ast.stmt:
    source = textwrap.dedent(inspect.getsource(function))
    (tree,) = ast.parse(source[source.index("def ") :]).body
    assert isinstance(tree, ast.FunctionDef)
    tree.decorator_list = []
    tree.returns = None
    tree.name = renaming[function.__name__]
    arguments = tree.args
    for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
        argument.annotation = None
    for rest in (arguments.vararg, arguments.kwarg):
        if rest is not None:
            rest.annotation = None
    for inner in ast.walk(tree):
        if isinstance(inner, ast.Name) and inner.id in renaming:
            inner.id = renaming[inner.id]
    return tree
