"""Functions that mark values in the user's code and do nothing else when they are called."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from types import MethodType
from typing import Any

from srcgrad.errors import ArgumentError


def stop_gradient(x: Any) -> Any:
    """`x` itself, through which no derivative flows: it counts as a constant.

    >>> import srcgrad
    >>> srcgrad.grad(lambda x: x * srcgrad.stop_gradient(x))(3.0)
    3.0
    """
    return x


CHECKPOINTED = "__srcgrad_checkpointed__"


def checkpoint(part: Callable[..., Any] | Iterable[Any], *, every: int | None = None) -> Any:
    """A part of the program whose values a gradient computes again instead of keeping them.

    `checkpoint(f)` is the function `f`, also as a decorator: of a call, the gradient keeps the
    arguments only, and calls `f` once more on its way back.  `for t in checkpoint(range(n))` is a
    loop of which the state is kept before every so many steps (`every`; without it, the root of
    their number), and the steps between are taken once more, some at a time: 10 000 steps take the
    memory of 200, and each step is computed twice.  Without a gradient it is `part` itself.

    >>> import srcgrad
    >>> def decay(x, rate):
    ...     for _ in srcgrad.checkpoint(range(100)):
    ...         x = x - 0.01 * rate * x ** 2
    ...     return x
    >>> round(srcgrad.grad(decay, wrt="rate")(1.0, 1.0), 6)
    -0.251258
    """
    if not callable(part):
        return part
    if every is not None:
        raise ArgumentError(
            "`every` is for loops: a call of a function is computed again as a whole",
            construct="every",
        )

    def checkpointed(*args: Any, **kwargs: Any) -> Any:
        return part(*args, **kwargs)

    if not isinstance(part, MethodType):
        functools.update_wrapper(checkpointed, part)
    setattr(checkpointed, CHECKPOINTED, part)
    return checkpointed
