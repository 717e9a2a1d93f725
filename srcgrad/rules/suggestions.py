"""The rule that a user would write for a function which has none, for the remedies of errors."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from srcgrad.rules.registry import qualified_name

GIVE_IT_A_RULE = "If it has a derivative, give it a rule; see docs/your-own-rules.md."
_REQUIRED = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def rule_to_write(
    function: Callable[..., Any], written: str, *, result_is_known: bool = True
) -> str:
    """The lines that give a function a backward rule; `written` is how the user calls it."""
    names = _operands(function)
    lines: list[str] = []
    if not result_is_known:
        lines.append(f'    srcgrad.primitive({written}, like="{names[0]}")')
    lines += [
        f"    @srcgrad.defvjp({written})",
        f"    def {_identifier(written)}_vjp(g, y, {', '.join(names)}):",
        f"        return {', '.join(f'g * ...  # dy / d{name}' for name in names[:1])}",
    ]
    return "\n".join(lines)


def written_name(function: Callable[..., Any]) -> str:
    """How users usually write the function: `np.linalg.eig`, `scipy.special.erf`."""
    name = qualified_name(function)
    return f"np.{name}" if resolved(name) is function else name


def resolved(name: str) -> object:
    """What NumPy has under a qualified name, `linalg.eig`; None where there is nothing."""
    owner: object = np
    for part in name.split("."):
        owner = getattr(owner, part, None)
    return owner


def _identifier(written: str) -> str:
    return written.rpartition(".")[2]


def _operands(function: Callable[..., Any]) -> list[str]:
    """The names of the arguments that a call must give."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return ["x"]
    required = [p.name for p in parameters if p.default is p.empty and p.kind in _REQUIRED]
    return required or ["x"]
