"""Gradients of methods and of instances that can be called: how `wrt` names what they take."""

from __future__ import annotations

import inspect
from dataclasses import replace
from types import FunctionType, MethodType
from typing import Any

from srcgrad.api.differentiated import BoundDifferentiated, Differentiated
from srcgrad.errors import ArgumentError
from srcgrad.request import Derivative, Request, Wrt, is_single, parameters_of


def as_method(thing: object) -> MethodType | None:
    """A bound method as it is, and an instance that can be called as its `__call__`; else None."""
    if isinstance(thing, MethodType) and isinstance(thing.__func__, FunctionType):
        return thing
    function = inspect.getattr_static(type(thing), "__call__", None)
    if isinstance(function, FunctionType) and not isinstance(thing, Derivative):
        return MethodType(function, thing)
    return None


def differentiated_method(
    method: MethodType, request: Request, made: type[Differentiated] = Differentiated
) -> BoundDifferentiated:
    """The gradient of a bound method; `wrt` counts the parameters of a call, `self` has a name."""
    function = method.__func__
    assert isinstance(function, FunctionType)
    wrt = None if request.wrt is None else _by_name(request.wrt, method, function)
    request = replace(
        request, wrt=wrt, bound=True, batched=_batched(request, wrt, method, function)
    )
    return BoundDifferentiated(made(function, request), method.__self__)


def _batched(request: Request, wrt: Wrt | None, method: MethodType, function: FunctionType) -> Any:
    """The parameters that hold samples; the instance is not among them, unless it is named."""
    if request.mode != "per_example":
        return None
    if request.batched is not None:
        return _by_name(request.batched, method, function, "batched")
    wanted = (wrt,) if is_single(wrt) else tuple(wrt or ())  # type: ignore[arg-type]
    return tuple(name for name in inspect.signature(method).parameters if name not in wanted)


def _by_name(wrt: Wrt, method: MethodType, function: FunctionType, option: str = "wrt") -> Wrt:
    whole, visible = inspect.signature(function), inspect.signature(method)
    first = next(iter(whole.parameters))

    def name_of(item: Any) -> str:
        try:
            among = whole if isinstance(item, str) else visible
            (name,) = parameters_of(item, among.parameters, method.__name__, option)
        except ArgumentError as error:
            remedy = f"For the instance itself, say {option}={first!r}."
            raise ArgumentError(
                error.message, construct=error.construct, remedy=f"{error.remedy}\n{remedy}"
            ) from None
        return name

    if is_single(wrt):
        return name_of(wrt)
    return tuple(map(name_of, wrt))  # type: ignore[arg-type]
