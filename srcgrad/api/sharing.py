"""What functions with one code share: `grad(lambda ...)` inside a loop compiles once.

A specialisation says by guards what it assumes, and names the closure variables that it reads by
their cells.  For another function that Python made of the same code, the cells of that one take
their place; where the guards hold for these, the specialisation serves.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

from srcgrad.request import Derivative, Request

if TYPE_CHECKING:
    from srcgrad.api.specialization import Specialization

CODES_KEPT = 64
SPECIALIZATIONS_KEPT_OF_EACH = 4

_Key = tuple[CodeType, tuple[Request, ...]]
_Entry = tuple[FunctionType, "Specialization"]
_kept: OrderedDict[_Key, list[_Entry]] = OrderedDict()
_lock = threading.Lock()


def remember(primal: Callable[..., Any], request: Request, made: Specialization) -> None:
    """Keep a specialisation for other functions with the code of this one."""
    shared = _innermost(primal, request)
    if shared is None:
        return
    function, key = shared
    with _lock:
        entries = _kept.pop(key, [])
        _kept[key] = [(function, made), *entries][:SPECIALIZATIONS_KEPT_OF_EACH]
        while len(_kept) > CODES_KEPT:
            _kept.popitem(last=False)


def find(
    primal: Callable[..., Any], request: Request, arguments: Mapping[str, object]
) -> Specialization | None:
    """A specialisation of a function with the same code that serves this one as well."""
    shared = _innermost(primal, request)
    if shared is None:
        return None
    function, key = shared
    with _lock:
        entries = list(_kept.get(key, ()))
    for other, made in entries:
        if other is function or other.__globals__ is not function.__globals__:
            continue
        candidate = _rebound(made, other, function, arguments)
        if candidate is not None:
            return candidate
    return None


def _innermost(primal: Callable[..., Any], request: Request) -> tuple[FunctionType, _Key] | None:
    """The user's function and what is asked of it; nothing for ufuncs, which have no code."""
    requests = [request]
    while isinstance(primal, Derivative):
        requests.append(primal.request)
        primal = primal.primal
    if not isinstance(primal, FunctionType):
        return None
    return primal, (primal.__code__, tuple(requests))


def _rebound(
    made: Specialization,
    other: FunctionType,
    function: FunctionType,
    arguments: Mapping[str, object],
) -> Specialization | None:
    instead: dict[int, object] = {id(other): function}
    cells = zip(other.__closure__ or (), function.__closure__ or (), strict=True)
    instead.update((id(old), new) for old, new in cells)
    constants = {name: instead.get(id(c), c) for name, c in made.selector.constants.items()}
    places = {**arguments, **constants}
    try:
        if not all(eval(condition, dict(places)) for condition in made.selector.conditions):
            return None
        captured = {n: eval(place, dict(places)) for n, place in made.selector.fetches.items()}
    except Exception:  # what a guard asks does not make sense for these arguments
        return None
    return replace(made, selector=replace(made.selector, constants=constants), captured=captured)
