"""Functions that only hand their arguments on: these can be called on abstract values as they are.

`inspect.Signature.bind` sorts arguments by name, and functions that a library has made from a
template with `exec` (the `_parse_args` of SciPy's distributions) put them in tuples.  The latter
have no source text; where all of their code is loads and tuples, none is needed.
"""

from __future__ import annotations

import dis
import inspect
from collections.abc import Callable
from types import FunctionType
from typing import TYPE_CHECKING, Any

from srcgrad.frontend import containers
from srcgrad.frontend.abstract import (
    PYTHON_NUMBERS,
    Abstract,
    DictOf,
    Keywords,
    ObjectOf,
    Slots,
    Static,
    TupleOf,
)

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator


def only_hands_on(function: FunctionType) -> bool:
    """Does a function of no file load its arguments and constants, make tuples, and no more?"""
    code = function.__code__
    if code.co_filename != "<string>" or code.co_names or function.__kwdefaults__:
        return False
    names = {instruction.opname for instruction in dis.get_instructions(code)}
    moves = all(name in _MAKING or name.startswith(_LOADING) for name in names)
    return moves and all(isinstance(item, _PLAIN) for item in function.__defaults__ or ())


_MAKING = ("RESUME", "NOP", "CACHE", "BUILD_TUPLE", "RETURN_VALUE", "RETURN_CONST")
_LOADING = ("LOAD_FAST", "LOAD_CONST", "LOAD_SMALL_INT")
_PLAIN = (*PYTHON_NUMBERS, str, type(None))


def hand_on(function: FunctionType, args: list[Abstract], kwargs: Keywords) -> Abstract:
    """The result of such a function."""
    return _as_abstract(function(*args, **kwargs))


def _as_abstract(result: object) -> Abstract:
    if isinstance(result, tuple):
        return TupleOf(tuple(map(_as_abstract, result)))
    if isinstance(result, dict):
        return DictOf({key: _as_abstract(item) for key, item in result.items()})
    is_abstract = isinstance(result, Slots) or type(result).__module__ == Static.__module__
    return result if is_abstract else containers.from_known(result)  # type: ignore[return-value]


def _bind(
    ev: Evaluator, function: Any, args: list[Abstract], kwargs: Keywords, node: Any
) -> Abstract:
    """`signature.bind(...)`: the arguments by the names of their parameters."""
    signature, *given = args
    if not isinstance(signature, Static):
        ev.refuse(node, "a signature that is made inside the function cannot be bound")
    try:
        bound = function(signature.value, *given, **kwargs)
    except TypeError as error:
        ev.reject(node, str(error))
    attributes: dict[object, Abstract] = {
        "arguments": _as_abstract(bound.arguments),
        "_signature": signature,
    }
    return ObjectOf(inspect.BoundArguments, attributes)


HANDLERS: dict[Any, Callable[..., Abstract]] = {
    inspect.Signature.bind: _bind,
    inspect.Signature.bind_partial: _bind,
}
