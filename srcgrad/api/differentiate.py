"""The modes as users call them: bare decorators, decorators with options, functions.

`grad(f)`, `@grad` and `@grad(wrt="w")` all give a `Differentiated`.  `vjp`, `jvp` and `linearize`
also take the arguments of one call: `vjp(f, x)` is `vjp(f)(x)`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, overload

from srcgrad.api.differentiated import Differentiated, HessianVectorProduct, Pushforward
from srcgrad.api.methods import as_method, differentiated_method
from srcgrad.errors import ArgumentError
from srcgrad.location import caller_location
from srcgrad.request import Mode, Outputs, Request, Wrt, frozen, mode

Function = Callable[..., Any]
# Functions of which `vjp(f, x)`, `jvp(f, x, v)` and `linearize(f, x)` keep what is compiled.
FUNCTIONS_KEPT = 128
_CLASSES: dict[str, type[Differentiated]] = {"jvp": Pushforward, "hvp": HessianVectorProduct}


class Decorator(Mode):
    """A mode with its options, before it has a function."""

    def __init__(self, request: Request) -> None:
        self.request = request

    def __call__(self, function: Function) -> Differentiated:
        made = _CLASSES.get(self.request.mode, Differentiated)
        method = as_method(function)
        if method is not None:
            return differentiated_method(method, self.request, made)
        return made(function, self.request)

    def __repr__(self) -> str:
        return f"<decorator for {self.request.suffix}>"


def _apply(function: Function | None, request: Request) -> Any:
    make = Decorator(request)
    return make if function is None else make(function)


def _request(mode: str, wrt: Wrt | None, outputs: Outputs, **options: Any) -> Request:
    return Request(mode, frozen(wrt), outputs=frozen(outputs), **options)


@functools.lru_cache(maxsize=FUNCTIONS_KEPT)
def _kept(function: Function, request: Request) -> Differentiated:
    """What was made of a function before, so that the next call need not compile again."""
    return Decorator(request)(function)


def _once(function: Function, request: Request) -> Differentiated:
    try:
        return _kept(function, request)
    except TypeError:  # neither the function nor `wrt` need be hashable
        return Decorator(request)(function)


@overload
def grad(
    function: Function, *, wrt: Wrt = 0, has_aux: bool = False, outputs: Outputs = None
) -> Differentiated: ...


@overload
def grad(
    function: None = None, *, wrt: Wrt = 0, has_aux: bool = False, outputs: Outputs = None
) -> Decorator: ...


@mode
def grad(
    function: Function | None = None,
    *,
    wrt: Wrt = 0,
    has_aux: bool = False,
    outputs: Outputs = None,
) -> Differentiated | Decorator:
    """The gradient of a function that returns a real scalar.

    `wrt` is a parameter's index or name, or a tuple of them (then the gradient is a tuple).  The
    gradient has the structure, shapes and dtypes of the argument.  With `has_aux`, the function
    returns `(value, aux)` and its gradient `(gradient, aux)`.  `outputs` names the parameter that
    holds the result, where the function returns nothing.

    Raises `ArgumentError` for a `wrt` that is no parameter, an integer array, or a result that is
    not a real scalar; `UnsupportedError` for what cannot be differentiated, naming the line.

    >>> import srcgrad
    >>> @srcgrad.grad
    ... def cube(x):
    ...     return x ** 3
    >>> cube(2.0)
    12.0
    """
    return _apply(function, _request("grad", wrt, outputs, has_aux=has_aux))


@overload
def value_and_grad(
    function: Function, *, wrt: Wrt = 0, has_aux: bool = False, outputs: Outputs = None
) -> Differentiated: ...


@overload
def value_and_grad(
    function: None = None, *, wrt: Wrt = 0, has_aux: bool = False, outputs: Outputs = None
) -> Decorator: ...


@mode
def value_and_grad(
    function: Function | None = None,
    *,
    wrt: Wrt = 0,
    has_aux: bool = False,
    outputs: Outputs = None,
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
    return _apply(function, _request("grad", wrt, outputs, value=True, has_aux=has_aux))


@mode
def vjp(
    function: Function | None = None,
    /,
    *args: Any,
    wrt: Wrt | None = None,
    has_aux: bool = False,
    outputs: Outputs = None,
    **kwargs: Any,
) -> Any:
    """The value of a function, and its pullback: from cotangents of the value to the arguments'.

    `vjp(f, *args)` gives `(value, pullback)`; the pullback may be called any number of times, with
    a cotangent that is built like the value (None stands for zero), and gives a tuple of one
    cotangent for each argument: None for what has no derivative.  Where `wrt` is one parameter, it
    gives that one cotangent.  `outputs` names the parameters that hold the results of a function
    that writes them into its arguments.  With `has_aux`, the function returns `(value, aux)`, and
    so does `vjp` in the place of the value.

    Without arguments for the function, `vjp(f)` is a function of them; it is compiled once.

    >>> import srcgrad
    >>> value, pullback = srcgrad.vjp(lambda a, b: (a * b, a + b), 2.0, 3.0)
    >>> value
    (6.0, 5.0)
    >>> pullback((1.0, 0.0)), pullback((0.0, 1.0))
    ((3.0, 2.0), (1.0, 1.0))
    """
    request = _request("vjp", wrt, outputs, has_aux=has_aux)
    if function is None or not (args or kwargs):
        return _apply(function, request)
    return _once(function, request)(*args, **kwargs)


@mode
def jvp(
    function: Function | None = None,
    primals: Sequence[Any] | None = None,
    tangents: Any = None,
    *,
    wrt: Wrt | None = None,
    has_aux: bool = False,
    outputs: Outputs = None,
) -> Any:
    """The value of a function, and its tangent in the direction of the tangents of its arguments.

    `jvp(f, primals, tangents)` gives `(value, tangent)`.  There is one tangent for each argument,
    built like it; None stands for zero, inside containers as well.  With `wrt`, there are tangents
    for these parameters only: one, or a tuple of them.  `jvp(f)` is a function of primals and
    tangents; it is compiled once.

    >>> import srcgrad
    >>> srcgrad.jvp(lambda a, b: a * b, (2.0, 3.0), (1.0, None))
    (6.0, 3.0)
    """
    request = _request("jvp", wrt, outputs, value=True, has_aux=has_aux)
    if function is None or primals is None:
        return _apply(function, request)
    return _once(function, request)(primals, tangents)


@mode
def linearize(
    function: Function | None = None,
    /,
    *args: Any,
    wrt: Wrt | None = None,
    has_aux: bool = False,
    outputs: Outputs = None,
    **kwargs: Any,
) -> Any:
    """The value of a function, and the linear map from tangents of its arguments to the value's.

    The linear map takes one tangent for each argument (or for each parameter of `wrt`), and may be
    called any number of times.

    >>> import srcgrad
    >>> value, linear = srcgrad.linearize(lambda a, b: a * b, 2.0, 3.0)
    >>> value, linear(1.0, None), linear(0.0, 1.0)
    (6.0, 3.0, 2.0)
    """
    request = _request("linearize", wrt, outputs, has_aux=has_aux)
    if function is None or not (args or kwargs):
        return _apply(function, request)
    return _once(function, request)(*args, **kwargs)


@mode
def jacobian(
    function: Function | None = None,
    *,
    wrt: Wrt = 0,
    mode: str | None = None,
    has_aux: bool = False,
    outputs: Outputs = None,
) -> Any:
    """The Jacobian of a function of real arrays.

    The block of an output and an argument has the shape of the output followed by that of the
    argument.  Where the value is a container, so is the Jacobian, with the structure of the
    arguments at each of its numbers.  `mode` is "forward" or "reverse"; without it, the one that
    needs fewer passes.

    >>> import numpy as np, srcgrad
    >>> srcgrad.jacobian(lambda x: x * x)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """
    request = _request("jacobian", wrt, outputs, has_aux=has_aux, direction=_direction(mode))
    return _apply(function, request)


@mode
def value_and_jacobian(
    function: Function | None = None,
    *,
    wrt: Wrt = 0,
    mode: str | None = None,
    has_aux: bool = False,
    outputs: Outputs = None,
) -> Any:
    """The value of a function together with its Jacobian; see `jacobian`."""
    request = _request(
        "jacobian", wrt, outputs, value=True, has_aux=has_aux, direction=_direction(mode)
    )
    return _apply(function, request)


@mode
def hessian(
    function: Function | None = None,
    *,
    wrt: Wrt = 0,
    mode: str | None = None,
    has_aux: bool = False,
    outputs: Outputs = None,
) -> Any:
    """The Hessian of a function that returns a real scalar: the Jacobian of its gradient.

    The block of two arguments has the shape of the first followed by that of the second; for a
    tuple of `wrt` there is a tuple of tuples of blocks.

    >>> import numpy as np, srcgrad
    >>> srcgrad.hessian(lambda x: x[0] ** 2 * x[1])(np.array([1.0, 2.0]))
    array([[4., 2.],
           [2., 0.]])
    """
    request = _request("hessian", wrt, outputs, has_aux=has_aux, direction=_direction(mode))
    return _apply(function, request)


@mode
def hvp(
    function: Function | None = None,
    *,
    wrt: Wrt = 0,
    has_aux: bool = False,
    outputs: Outputs = None,
) -> Any:
    """Hessian-vector products: `hvp(f)(*args, v)` is the Hessian at `args` times `v`.

    The vector is built like the argument `wrt` (a tuple for a tuple), and so is the product.  The
    Hessian is never formed.

    >>> import numpy as np, srcgrad
    >>> srcgrad.hvp(lambda x: x[0] ** 2 * x[1])(np.array([1.0, 2.0]), np.array([1.0, 0.0]))
    array([4., 2.])
    """
    return _apply(function, _request("hvp", wrt, outputs, has_aux=has_aux))


@mode
def elementwise_grad(
    function: Function | None = None, *, wrt: Wrt = 0, has_aux: bool = False
) -> Any:
    """The derivative of each element of the result in its own element of the argument.

    Raises `UnsupportedError` where an element of the result may depend on other elements.

    >>> import numpy as np, srcgrad
    >>> srcgrad.elementwise_grad(lambda x: x ** 2)(np.array([1.0, 2.0]))
    array([2., 4.])
    """
    return _apply(function, _request("elementwise_grad", wrt, None, has_aux=has_aux))


@mode
def per_example(
    function: Function | None = None,
    *,
    wrt: Wrt = 0,
    batched: Wrt | None = None,
    has_aux: bool = False,
) -> Any:
    """The gradient for each sample of a batch, of a function of one sample.

    Arrays given for the parameters `batched` (without it, for all others than `wrt`; objects then
    count as the same for all) hold samples along their first axis; the function is written for one
    of them.  Gradients are built like the arguments `wrt`, each array with the samples along a new
    first axis, and so are auxiliary results.  Numbers are the same for all samples.

    Raises `ArgumentError` where the arrays hold different numbers of samples, or none does.

    >>> import numpy as np, srcgrad
    >>> loss = lambda w, x, y: (x @ w - y) ** 2
    >>> x, y = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), np.array([0.0, 1.0, 2.0])
    >>> srcgrad.per_example(loss)(np.array([1.0, 0.0]), x, y)
    array([[ 2.,  4.],
           [12., 16.],
           [30., 36.]])
    """
    request = _request("per_example", wrt, None, has_aux=has_aux, batched=frozen(batched))
    return _apply(function, request)


def _direction(mode: str | None) -> str | None:
    if mode not in (None, "forward", "reverse"):
        raise ArgumentError(
            f'`mode` must be "forward", "reverse" or None, not {mode!r}',
            location=caller_location(),
            construct=repr(mode),
        )
    return mode
