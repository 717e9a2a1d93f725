"""Formatted strings: made now where everything is known, else at each call."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from srcgrad.frontend import replay
from srcgrad.frontend.abstract import Abstract, Static

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator


def run_joined_str(ev: Evaluator, node: ast.JoinedStr) -> Abstract:
    parts: list[Any] = []
    known = True
    for part in node.values:
        if isinstance(part, ast.Constant):
            parts.append(part.value)
            continue
        assert isinstance(part, ast.FormattedValue)
        value = ev.evaluate(part.value)
        spec = ""
        if part.format_spec is not None:
            written = ev.evaluate(part.format_spec)
            spec = str(ev.make_static(written, part).value)
        known = known and isinstance(value, Static)
        conversion = chr(part.conversion) if part.conversion > 0 else ""
        parts.append((value, conversion, spec))
    if known:
        return Static("".join(_format_now(part) for part in parts))
    converted = [
        part if isinstance(part, str) else (replay.passive_argument(ev, part[0]), *part[1:])
        for part in parts
    ]
    return ev.call_primitive("format", (), {"parts": Static(tuple(converted))})


def _format_now(part: Any) -> str:
    if isinstance(part, str):
        return part
    value, conversion, spec = part
    converters: dict[str, Callable[[Any], Any]] = {"r": repr, "s": str, "a": ascii}
    convert = converters.get(conversion, lambda plain: plain)
    return format(convert(value.value), spec)
