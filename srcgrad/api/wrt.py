"""What to differentiate with respect to: parameters, by position or by name."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import TypeAlias

from srcgrad.errors import ArgumentError

Wrt: TypeAlias = "int | str | Sequence[int | str]"


def parameters_of(wrt: Wrt, signature: inspect.Signature, function: str) -> tuple[str, ...]:
    """The names of the parameters that `wrt` means.  Raises `ArgumentError`."""
    wanted = tuple(wrt) if isinstance(wrt, (tuple, list)) else (wrt,)
    names = list(signature.parameters)
    chosen: list[str] = []
    for item in wanted:
        chosen.append(_one(item, names, function))
    if not chosen:
        raise ArgumentError(
            f"`wrt` of `{function}` names no parameter", construct=repr(wrt), remedy=_known(names)
        )
    if len(set(chosen)) < len(chosen):
        raise ArgumentError(
            f"`wrt={wrt!r}` names a parameter of `{function}` twice",
            construct=repr(wrt),
            remedy=_known(names),
        )
    return tuple(chosen)


def _one(item: object, names: list[str], function: str) -> str:
    if isinstance(item, bool) or not isinstance(item, (int, str)):
        raise ArgumentError(
            f"`wrt` must be an index or a name (or a tuple of them), not {item!r}",
            construct=repr(item),
            remedy=_known(names),
        )
    if isinstance(item, str):
        if item not in names:
            raise ArgumentError(
                f"`wrt={item!r}` is not a parameter of `{function}`",
                construct=repr(item),
                remedy=_known(names),
            )
        return item
    if not -len(names) <= item < len(names):
        raise ArgumentError(
            f"`wrt={item}` is out of range: `{function}` has {_count(names)}",
            construct=repr(item),
            remedy=_known(names),
        )
    return names[item]


def _count(names: list[str]) -> str:
    return "1 parameter" if len(names) == 1 else f"{len(names)} parameters"


def _known(names: list[str]) -> str:
    return f"The parameters are: {', '.join(names) or 'none'}."


def is_single(wrt: Wrt) -> bool:
    return isinstance(wrt, (int, str))
