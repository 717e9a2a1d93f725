"""`grad` and `value_and_grad`: as bare decorators, as decorators with options, as functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, overload

from srcgrad.api.differentiated import Differentiated
from srcgrad.api.methods import as_method, differentiated_method
from srcgrad.api.request import Request
from srcgrad.api.wrt import Wrt

Decorator = Callable[[Callable[..., Any]], Differentiated]


@overload
def grad(
    function: Callable[..., Any], *, wrt: Wrt = 0, has_aux: bool = False
) -> Differentiated: ...


@overload
def grad(function: None = None, *, wrt: Wrt = 0, has_aux: bool = False) -> Decorator: ...


def grad(
    function: Callable[..., Any] | None = None, *, wrt: Wrt = 0, has_aux: bool = False
) -> Differentiated | Decorator:
    """The gradient of a function that returns a real scalar.

    `wrt` is a parameter's index or name, or a tuple of them (then the gradient is a tuple).  The
    gradient has the structure, shapes and dtypes of the argument.  With `has_aux`, the function
    returns `(value, aux)` and its gradient `(gradient, aux)`.

    Raises `ArgumentError` for a `wrt` that is no parameter, an integer array, or a result that is
    not a real scalar; `UnsupportedError` for what cannot be differentiated, naming the line.

    >>> import srcgrad
    >>> @srcgrad.grad
    ... def cube(x):
    ...     return x ** 3
    >>> cube(2.0)
    12.0
    """
    return _apply(function, Request(_frozen(wrt), False, has_aux))


@overload
def value_and_grad(
    function: Callable[..., Any], *, wrt: Wrt = 0, has_aux: bool = False
) -> Differentiated: ...


@overload
def value_and_grad(function: None = None, *, wrt: Wrt = 0, has_aux: bool = False) -> Decorator: ...


def value_and_grad(
    function: Callable[..., Any] | None = None, *, wrt: Wrt = 0, has_aux: bool = False
) -> Differentiated | Decorator:
    """The value of a function together with its gradient; see `grad`.

    With `has_aux`, the result is `((value, aux), gradient)`.

    >>> import srcgrad
    >>> @srcgrad.value_and_grad(wrt=("a", "b"))
    ... def product(a, b):
    ...     return a * b
    >>> product(2.0, 3.0)
    (6.0, (3.0, 2.0))
    """
    return _apply(function, Request(_frozen(wrt), True, has_aux))


def _apply(function: Callable[..., Any] | None, request: Request) -> Differentiated | Decorator:
    if function is None:
        return lambda later: _differentiated(later, request)
    return _differentiated(function, request)


def _differentiated(function: Callable[..., Any], request: Request) -> Differentiated:
    method = as_method(function)
    if method is not None:
        return differentiated_method(method, request)
    return Differentiated(function, request)


def _frozen(wrt: Wrt) -> Wrt:
    return tuple(wrt) if isinstance(wrt, list) else wrt
