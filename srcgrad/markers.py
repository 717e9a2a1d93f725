"""Functions that mark values in the user's code and do nothing else when they are called."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterable
from types import FrameType, MethodType
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


class on_gradient:
    """Code for the gradient of a variable: `with on_gradient(h) as g:`.

    The body runs in the gradient, where that of `h` has been found: what the rest of the function,
    after this statement, makes of it.  It may look at `g`, print it, stop in a debugger, change it
    in place or bind it anew (`g *= 0.5`, `g = np.clip(g, -1.0, 1.0)`, `g = None` for zero), and
    read the values of the function.  It may not assign variables of the function.  The function
    itself does not run the body.

    A body that changes the gradient has no forward mode.

    >>> import srcgrad
    >>> def f(x):
    ...     h = x * x
    ...     with srcgrad.on_gradient(h) as g:
    ...         print("gradient of h:", g)
    ...         g = 2.0 * g
    ...     return 3.0 * h
    >>> f(2.0)
    12.0
    >>> srcgrad.grad(f)(2.0)
    gradient of h: 3.0
    24.0
    """

    def __init__(self, value: Any) -> None:
        self._value = value

    def __enter__(self) -> None:
        """Make the frame of the `with` leave its body at the first step."""
        frame = sys._getframe(1)
        self._before = sys.gettrace(), frame, frame.f_trace, frame.f_trace_opcodes
        frame.f_trace_opcodes = True
        frame.f_trace = self._leave
        sys.settrace(_trace_nothing)

    def _leave(self, frame: FrameType, event: str, argument: Any) -> Any:
        self._restore()
        raise _BodyLeft

    def _restore(self) -> None:
        tracing, frame, trace, opcodes = self._before
        frame.f_trace, frame.f_trace_opcodes = trace, opcodes
        sys.settrace(tracing)

    def __exit__(self, kind: type[BaseException] | None, *_: Any) -> bool:
        return kind is _BodyLeft


class _BodyLeft(BaseException):
    """Ends the body of a `with` that is not to run."""


def _trace_nothing(frame: FrameType, event: str, argument: Any) -> None:
    """Tracing is on, so that the frame of the `with` is, and off for all others."""


def clip_gradient(x: Any, low: Any = None, high: Any = None, *, norm: float | None = None) -> Any:
    """`x` itself, whose gradient is kept between two bounds, or no longer than `norm`.

    >>> import srcgrad
    >>> srcgrad.grad(lambda x: srcgrad.clip_gradient(x, -1.0, 1.0) ** 2)(3.0)
    1.0
    """
    return x


def scale_gradient(x: Any, factor: Any) -> Any:
    """`x` itself, whose derivatives are `factor` times as large, in both modes.

    >>> import srcgrad
    >>> srcgrad.grad(lambda x: srcgrad.scale_gradient(x, 0.5) ** 2)(3.0)
    3.0
    """
    return x


def straight_through(value: Any, x: Any) -> Any:
    """`value`, with the derivative of `x`: for steps that have none of their own.

    >>> import srcgrad
    >>> srcgrad.grad(lambda x: srcgrad.straight_through(float(round(x)), x) ** 2)(2.6)
    6.0
    """
    return value
