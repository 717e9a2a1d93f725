"""The code that selects a specialisation: straight-line checks, generated as Python source.

def dispatch(w, b, x, y):
    try:
        if type(w) is _0 and w.dtype is _1 and ...: chosen = 0
        else: chosen = -1
    except Exception: chosen = -1
    if chosen == 0: return _run0(w, b, x, y)
    return _slow(w, b, x, y)
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from srcgrad.frontend import Guards
from srcgrad.graph import Assumptions, DimExpression

_CONSTANT = re.compile(r"\b_(\d+)\b")
_KINDS = inspect.Parameter


@dataclass(frozen=True, slots=True)
class Selector:
    """What must hold for a specialisation to serve a call, and what it is called with."""

    conditions: tuple[str, ...]
    constants: Mapping[str, object]
    fetches: Mapping[str, str] = field(default_factory=dict)


def selector(guards: Guards, assumptions: Assumptions, fetches: Mapping[str, str]) -> Selector:
    """The conditions that the evaluation required, and the facts about sizes that it asked for."""
    facts = [
        f"{'' if holds else 'not '}{_size_text(dim, guards.sizes)} {relation}"
        for (relation, dim), holds in assumptions.facts.items()
    ]
    conditions = tuple(guards.conditions) + tuple(facts)
    return Selector(conditions, dict(guards.constants), dict(fetches))


def _size_text(dim: DimExpression, sizes: Mapping[str, str]) -> str:
    terms = [f"{coefficient} * {sizes[name]}" for name, coefficient in dim.terms]
    text = " + ".join(terms).replace("1 * ", "", 1 if terms[0].startswith("1 * ") else 0)
    return f"{text} + {dim.constant}" if dim.constant else text


def build_dispatcher(
    name: str,
    signature: inspect.Signature,
    selectors: Sequence[Selector],
    runs: Sequence[Callable[..., Any]],
    slow: Callable[..., Any],
) -> Callable[..., Any]:
    """A function with the user's signature that calls the first specialisation that fits."""
    namespace: dict[str, Any] = {"_slow": slow}
    lines = [f"def {name}({_parameter_list(signature, namespace)}):", "    try:"]
    for number, chosen in enumerate(selectors):
        word = "if" if number == 0 else "elif"
        renamed = [_renamed(condition, number) for condition in chosen.conditions]
        test = " and ".join(f"({condition})" for condition in renamed) or "True"
        lines.append(f"        {word} {test}:")
        lines.append(f"            _chosen = {number}")
        namespace[f"_run{number}"] = runs[number]
        for key, value in chosen.constants.items():
            namespace[_renamed(key, number)] = value
    lines += (
        ["        else:", "            _chosen = -1"] if selectors else ["        _chosen = -1"]
    )
    lines += ["    except Exception:", "        _chosen = -1"]
    passed = _argument_list(signature)
    for number, chosen in enumerate(selectors):
        captured = [f"{key}={_renamed(place, number)}" for key, place in chosen.fetches.items()]
        arguments = ", ".join([*passed, *captured])
        lines.append(f"    if _chosen == {number}:")
        lines.append(f"        return _run{number}({arguments})")
    lines.append(f"    return _slow({', '.join(passed)})")
    exec(compile("\n".join(lines), f"<srcgrad dispatch of {name}>", "exec"), namespace)
    return namespace[name]


def _renamed(text: str, number: int) -> str:
    """Constants of different specialisations under different names."""
    return _CONSTANT.sub(rf"_{number}_\1", text)


def _parameter_list(signature: inspect.Signature, namespace: dict[str, Any]) -> str:
    """The parameters as source; defaults are kept as objects."""
    parts: list[str] = []
    seen_keyword_only = False
    parameters = list(signature.parameters.values())
    last_positional_only = max(
        (i for i, p in enumerate(parameters) if p.kind is _KINDS.POSITIONAL_ONLY), default=None
    )
    for at, parameter in enumerate(parameters):
        if parameter.kind is _KINDS.VAR_POSITIONAL:
            parts.append(f"*{parameter.name}")
            seen_keyword_only = True
        elif parameter.kind is _KINDS.VAR_KEYWORD:
            parts.append(f"**{parameter.name}")
        else:
            if parameter.kind is _KINDS.KEYWORD_ONLY and not seen_keyword_only:
                parts.append("*")
                seen_keyword_only = True
            text = parameter.name
            if parameter.default is not parameter.empty:
                namespace[f"_default_{parameter.name}"] = parameter.default
                text += f"=_default_{parameter.name}"
            parts.append(text)
        if at == last_positional_only:
            parts.append("/")
    return ", ".join(parts)


def _argument_list(signature: inspect.Signature) -> list[str]:
    """How the parameters are handed on to a function with the same signature."""
    prefixes = {_KINDS.VAR_POSITIONAL: "*", _KINDS.VAR_KEYWORD: "**"}
    parts = []
    for parameter in signature.parameters.values():
        if parameter.kind is _KINDS.KEYWORD_ONLY:
            parts.append(f"{parameter.name}={parameter.name}")
        else:
            parts.append(f"{prefixes.get(parameter.kind, '')}{parameter.name}")
    return parts
