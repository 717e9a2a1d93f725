"""What keeps changing from one specialisation to the next, in the user's words.

`n` was 3, 4, 5, 6, and each value is compiled anew.
"""

from __future__ import annotations

import re
import reprlib
from collections.abc import Callable, Mapping, Sequence
from types import CodeType, FunctionType
from typing import Any, Protocol

VALUES_SHOWN = 4

_CONDITION = re.compile(r"(?P<subject>.+?) (?:==|is) (?P<value>\S+)")
_CONSTANT = re.compile(r"\b_srcgrad_\d+\b")


class Conditions(Protocol):
    """What a specialisation requires of a call."""

    @property
    def conditions(self) -> tuple[str, ...]: ...

    @property
    def constants(self) -> Mapping[str, object]: ...


def what_changes(selectors: Sequence[Conditions]) -> str:
    """What most specialisations assume differently, with the last values and the way out."""
    seen: dict[str, dict[object, object]] = {}
    for chosen in selectors:
        for condition in chosen.conditions:
            found = _CONDITION.fullmatch(condition.split(" or ")[0])
            if found is not None:
                value = chosen.constants.get(found["value"], found["value"])
                subject = _spoken(found["subject"], chosen.constants)
                key = id(value) if isinstance(value, FunctionType) else _text(value)
                seen.setdefault(subject, {})[key] = value
    most = max(map(len, seen.values()), default=0)
    if most < 2:
        return "What it assumes of the objects it refers to keeps changing."
    subject = next(name for name, values in seen.items() if len(values) == most)
    kinds = [(name, verb, remedy) for name, verb, remedy in _KINDS if name.fullmatch(subject)]
    pattern, verb, remedy = kinds[0]
    found = pattern.fullmatch(subject)
    assert found is not None
    last = list(seen[subject].values())[-VALUES_SHOWN:]
    listing = ", ".join(map(_text, last))
    return f"`{found[1]}` {verb} {listing}, and each is compiled anew.  {remedy(last[-1])}"


def _spoken(subject: str, constants: Mapping[str, object]) -> str:
    """The subject of a condition as the user would call it."""
    cell = re.fullmatch(r"(_srcgrad_\d+)\.cell_contents", subject)
    if cell is not None:
        return _name_of_cell(constants[cell[1]], constants)
    subject = re.sub(r"_srcgrad_\d+\['(\w+)'\]", r"\1", subject)
    return _CONSTANT.sub(lambda found: _text(constants[found[0]]), subject)


def _name_of_cell(cell: object, constants: Mapping[str, object]) -> str:
    """The name that the functions around give the variable in a cell."""
    functions = [held for held in constants.values() if isinstance(held, FunctionType)]
    return next(
        (
            name
            for function in functions
            for name, own in zip(function.__code__.co_freevars, function.__closure__ or ())
            if own is cell
        ),
        "a variable of an outer function",
    )


def _text(value: object) -> str:
    if isinstance(value, CodeType):
        return f"{value.co_name} (line {value.co_firstlineno})"
    if isinstance(value, FunctionType):
        return f"{value.__name__} (line {value.__code__.co_firstlineno})"
    if isinstance(value, type):
        return value.__name__
    return value if isinstance(value, str) and value.isdigit() else reprlib.repr(value)


def _of_value(value: Any) -> str:
    if isinstance(value, (FunctionType, CodeType)):
        return "Make the function once, and pass what changes as an argument."
    if isinstance(value, str) and not value.isdigit():
        return "Pass what is one of few, and leave out what the result does not depend on."
    return (
        "Its value decides what the code looks like (an axis, a shape, how often something is "
        "written out): pass one of few, or put an array or a loop in its place."
    )


def _always(text: str) -> Callable[[Any], str]:
    return lambda value: text


# The first that fits a subject says how its change is told, and what helps.
_KINDS: tuple[tuple[re.Pattern[str], str, Callable[[Any], str]], ...] = (
    (
        re.compile(r"type\((.+)\)"),
        "was of the types",
        _always("Pass one type: `float(x)`, `np.asarray(x)`."),
    ),
    (
        re.compile(r"(.+)\.dtype"),
        "was of the dtypes",
        _always("Convert it before the call: `np.asarray(x, dtype=float)`."),
    ),
    (
        re.compile(r"(.+)\.ndim"),
        "had this many dimensions:",
        _always("Reshape it before the call."),
    ),
    (
        re.compile(r"len\((.+?)(?: or \(\))?\)"),
        "had these lengths:",
        _always("Pass an array in place of a list or tuple, or fill it up to one of few lengths."),
    ),
    (
        re.compile(r"tuple\((.+)\)"),
        "had these keys:",
        _always("Pass the same keys in the same order."),
    ),
    (
        re.compile(r"(.+\.shape\[\d+\])"),
        "was",
        _always("Its value decides what the code looks like: fill up to one of few sizes."),
    ),
    (re.compile(r"(.+)\.__code__"), "was", _of_value),
    (re.compile(r"(.+)"), "was", _of_value),
)
