"""What binds a name to something known now: `def`, `import`, `global`, `nonlocal`."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import sys
from typing import TYPE_CHECKING, Any

from srcgrad.frontend.abstract import Abstract, Closure, Static

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator


def run_function_def(ev: Evaluator, statement: ast.FunctionDef) -> None:
    decorators = [(ev.evaluate(node), node) for node in statement.decorator_list]
    value: Abstract = closure(ev, statement, statement.name)
    for decorator, node in reversed(decorators):
        value = ev.call(decorator, [value], {}, node)
    ev.trail.set(ev.frame, statement.name, value)


def closure(ev: Evaluator, node: ast.FunctionDef | ast.Lambda, name: str) -> Closure:
    defaults = tuple(ev.evaluate(default) for default in node.args.defaults)
    keyword_defaults = {
        argument.arg: ev.evaluate(default)
        for argument, default in zip(node.args.kwonlyargs, node.args.kw_defaults)
        if default is not None
    }
    around = ev.frame.seen_by_functions or ev.frame
    return Closure(node, ev.frame.source, around, defaults, keyword_defaults, name)


def run_nonlocal(ev: Evaluator, statement: ast.Nonlocal) -> None:
    ev.frame.nonlocals = ev.frame.nonlocals | frozenset(statement.names)


def run_global(ev: Evaluator, statement: ast.Global) -> None:
    ev.frame.global_names = ev.frame.global_names | frozenset(statement.names)


def run_import(ev: Evaluator, statement: ast.Import) -> None:
    """A module that is loaded already, or Python's own: loading another is an effect."""
    for alias in statement.names:
        module = _loaded_module(ev, alias.name, statement)
        top = alias.name.split(".")[0]
        held = module if alias.asname else _loaded_module(ev, top, statement)
        ev.trail.set(ev.frame, alias.asname or top, Static(held))


def run_import_from(ev: Evaluator, statement: ast.ImportFrom) -> None:
    name = "." * statement.level + (statement.module or "")
    if statement.level:
        name = importlib.util.resolve_name(name, ev.frame.globals["__package__"])
    module = _loaded_module(ev, name, statement)
    for alias in statement.names:
        if hasattr(module, alias.name):
            value = ev.captures.attribute(module, alias.name)
        else:
            value = Static(_loaded_module(ev, f"{name}.{alias.name}", statement))
        ev.trail.set(ev.frame, alias.asname or alias.name, value)


def _loaded_module(ev: Evaluator, name: str, statement: ast.stmt) -> Any:
    module = sys.modules.get(name)
    if module is not None:
        return module
    top = name.split(".")[0]
    if top in sys.stdlib_module_names:
        return importlib.import_module(name)
    if top not in sys.modules and importlib.util.find_spec(top) is None:
        ev.reject(statement, f"there is no module `{name}`", raises=ModuleNotFoundError)
    ev.refuse(
        statement,
        f"the module `{name}` is not loaded yet",
        "Move the import to the top of the file.",
    )
