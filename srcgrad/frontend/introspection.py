"""Questions about functions, classes and objects themselves, which are known now.

Libraries ask them when they check their arguments: `inspect.signature(f)`, `id(f)`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from srcgrad.frontend.abstract import Abstract, Keywords, Static, describe
from srcgrad.frontend.builtin_calls import kind_of

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator


def _about_known(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    """The answer for an object that is known now, and stays the same object as it is guarded."""
    for item in [*args, *kwargs.values()]:
        if not isinstance(item, Static):
            ev.refuse(
                node,
                f"`{function.__name__}` of {describe(item)} is not known before the call",
                "Ask outside the function, and pass the answer as an argument.",
            )
    plain = [item.value for item in args if isinstance(item, Static)]
    named = {key: item.value for key, item in kwargs.items() if isinstance(item, Static)}
    return ev.captures.settle(function(*plain, **named))


def _is_of_kind(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    """What is no object known now is no class and no module either."""
    (about,) = args
    return Static(isinstance(about, Static) and function(about.value))


def _attribute_of_class(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    """`inspect.getattr_static`, by which is asked whether there is such an attribute."""
    owner, name, *default = [*args, *kwargs.values()]
    if isinstance(owner, Static):
        return _about_known(ev, function, args, kwargs, node)
    kind = kind_of(ev, owner, node)
    name = ev.make_static(name, node).value
    if default and inspect.getattr_static(kind, name, None) is None:
        return default[0]
    ev.refuse(node, f"`{name}` of {describe(owner)} is not known before the call")


def _kind_of_table(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    """The answer for an array without elements: it is the kind that is asked for."""
    sample: dict[type, object] = {np.ndarray: np.empty(0)}
    kinds = [kind_of(ev, item, node) for item in args]
    given = [
        item.value if isinstance(item, Static) else sample.get(kind, ())
        for item, kind in zip(args, kinds)
    ]
    return Static(function(*given))


def handler_of_question(function: Any) -> Callable[..., Abstract] | None:
    """The handler of a function that tells tables of one library from those of another.

    scikit-learn asks `narwhals` of each argument whether it is such a table.
    """
    module = getattr(function, "__module__", None)
    return (
        _kind_of_table
        if module == "narwhals.stable.v2.dependencies" or (module == "narwhals.dependencies")
        else None
    )


_ASKED = (
    inspect.signature,
    inspect.unwrap,
    inspect.getfullargspec,
    inspect.isfunction,
    inspect.ismethod,
    inspect.Signature.from_callable.__func__,  # type: ignore[attr-defined]
)
HANDLERS: dict[Any, Callable[..., Abstract]] = {
    **dict.fromkeys((id, *_ASKED), _about_known),
    inspect.getattr_static: _attribute_of_class,
    **dict.fromkeys((inspect.isclass, inspect.ismodule), _is_of_kind),
}
