"""The code that selects a specialisation: straight-line checks, generated as Python source.

    def dispatch(w, b, x, y):
        try:
            if type(w) is _srcgrad_0_0 and w.dtype is _srcgrad_0_1 and ...:
                _srcgrad_chosen = 0
            else:
                _srcgrad_chosen = -1
        except Exception:
            _srcgrad_chosen = -1
        if _srcgrad_chosen == 0:
            _srcgrad_ran[0] = _srcgrad_entry0
            return _srcgrad_run0(w, b, x, y)
        return _srcgrad_slow(w, b, x, y)

What is not the user's has names that no user's parameter has.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from srcgrad.cache.fetching import fetched_once
from srcgrad.frontend import Guards
from srcgrad.graph import Assumptions, DimExpression

_CONSTANT = re.compile(r"\b_srcgrad_(\d+)\b")
_KINDS = inspect.Parameter


@dataclass(frozen=True, slots=True)
class Selector:
    """What must hold for a specialisation to serve a call, and what it is called with."""

    conditions: tuple[str, ...]
    constants: Mapping[str, object]
    fetches: Mapping[str, str] = field(default_factory=dict)


class Entry(Protocol):
    """What a dispatcher chooses among: a specialisation."""

    @property
    def selector(self) -> Selector: ...

    @property
    def run(self) -> Callable[..., Any]: ...


def selector(guards: Guards, assumptions: Assumptions, fetches: Mapping[str, str]) -> Selector:
    """The conditions that the evaluation required, and the facts about sizes that it asked for."""
    sizes = dict(guards.sizes)
    for name, size in assumptions.computed.items():
        parts = [_sum_text(dim, sizes) for dim in (size.left, size.right)]
        sizes[name] = f"({parts[0]} {size.operator} {parts[1]})"
    facts = [
        _fact_text(relation, dim, holds, sizes)
        for (relation, dim), holds in assumptions.facts.items()
    ]
    conditions = tuple(guards.conditions) + tuple(facts)
    return Selector(conditions, dict(guards.constants), dict(fetches))


_OPPOSITES = {"==": "!=", ">=": "<"}


def _fact_text(relation: str, dim: DimExpression, holds: bool, sizes: Mapping[str, str]) -> str:
    """A fact about a size as a comparison without minus signs: `x.shape[1] == w.shape[0]`."""
    operator, number = relation.split()
    left = [_term_text(k, sizes[name]) for name, k in dim.terms if k > 0]
    right = [_term_text(-k, sizes[name]) for name, k in dim.terms if k < 0]
    rest = int(number) - dim.constant
    if rest > 0 or not right:
        right.append(str(rest))
    elif rest < 0:
        left.append(str(-rest))
    sides = " + ".join(left) or "0", " + ".join(right)
    return f"{sides[0]} {operator if holds else _OPPOSITES[operator]} {sides[1]}"


def _sum_text(dim: int | DimExpression, sizes: Mapping[str, str]) -> str:
    if isinstance(dim, int):
        return str(dim)
    terms = [f"{k} * {sizes[name]}" for name, k in dim.terms]
    return f"({' + '.join([*terms, str(dim.constant)])})"


def _term_text(coefficient: int, size: str) -> str:
    return size if coefficient == 1 else f"{coefficient} * {size}"


def build_dispatcher(
    name: str,
    signature: inspect.Signature,
    entries: Sequence[Entry],
    slow: Callable[..., Any],
    ran: list[Any],
) -> Callable[..., Any]:
    """A function with the user's signature that calls the first specialisation that fits.

    The specialisation that is called is put into `ran[0]`.
    """
    namespace: dict[str, Any] = {"_srcgrad_slow": slow, "_srcgrad_ran": ran}
    lines = [f"def {name}({_parameter_list(signature, namespace)}):"]
    passed = _argument_list(signature)
    if entries:
        lines += ["    try:", *_choices([entry.selector for entry in entries])]
        lines += ["    except Exception:", "        _srcgrad_chosen = -1"]
    for number, entry in enumerate(entries):
        fetches = entry.selector.fetches.items()
        captured = [f"{key}={_renamed(place, number)}" for key, place in fetches]
        lines.append(f"    if _srcgrad_chosen == {number}:")
        lines.append(f"        _srcgrad_ran[0] = _srcgrad_entry{number}")
        lines.append(f"        return _srcgrad_run{number}({', '.join([*passed, *captured])})")
        namespace[f"_srcgrad_entry{number}"] = entry
        namespace[f"_srcgrad_run{number}"] = entry.run
        for key, value in entry.selector.constants.items():
            namespace[_renamed(key, number)] = value
    lines.append(f"    return _srcgrad_slow({', '.join(passed)})")
    exec(compile("\n".join(lines), f"<srcgrad dispatch of {name}>", "exec"), namespace)
    return namespace[name]


def _choices(selectors: Sequence[Selector]) -> list[str]:
    lines: list[str] = []
    for number, chosen in enumerate(selectors):
        word = "if" if number == 0 else "elif"
        renamed = [_renamed(condition, number) for condition in fetched_once(chosen.conditions)]
        test = " and ".join(f"({condition})" for condition in renamed) or "True"
        lines += [f"        {word} {test}:", f"            _srcgrad_chosen = {number}"]
    return [*lines, "        else:", "            _srcgrad_chosen = -1"]


def _renamed(text: str, number: int) -> str:
    """Constants of different specialisations under different names."""
    return _CONSTANT.sub(rf"_srcgrad_{number}_\1", text)


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
                namespace[f"_srcgrad_default_{parameter.name}"] = parameter.default
                text += f"=_srcgrad_default_{parameter.name}"
            parts.append(text)
        if at == last_positional_only:
            parts.append("/")
    return ", ".join(parts)


def _argument_list(signature: inspect.Signature) -> list[str]:
    """How the parameters are handed on to a function with the same signature."""
    prefixes: dict[object, str] = {_KINDS.VAR_POSITIONAL: "*", _KINDS.VAR_KEYWORD: "**"}
    parts = []
    for parameter in signature.parameters.values():
        if parameter.kind is _KINDS.KEYWORD_ONLY:
            parts.append(f"{parameter.name}={parameter.name}")
        else:
            parts.append(f"{prefixes.get(parameter.kind, '')}{parameter.name}")
    return parts
