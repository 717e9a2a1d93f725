"""Functions that are made of others: one body in NumPy notation gives all their rules.

    @composite(np.trapezoid, operands=("y", "x"))
    def trapezoid(y, x=None, dx=1.0, axis=-1):
        width = dx if x is None else np.diff(x, axis=axis)
        ...

The call stays one node and is emitted as the user wrote it.  The type of its result is that of the
body, and a derivative goes through the calls of the body, which are appended where it is taken.
The parameters are those of the function, with its names, order and defaults.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from srcgrad.graph import (
    ArrayType,
    Assumptions,
    Builder,
    ListType,
    OpaqueType,
    ScalarType,
    Value,
    map_template,
)
from srcgrad.rules.registry import Rule, defshape, primitive_for
from srcgrad.rules.symbols import Symbol, as_value

_TYPES = (ArrayType, ScalarType, ListType, OpaqueType)


def composite(
    *functions: Callable[..., Any],
    operands: tuple[str, ...] | None = None,
    like: Callable[..., Any] | None = None,
) -> Callable[[Rule], Rule]:
    """Register a body: arguments → result (or a tuple of results), in terms of other primitives.

    Operands come first in the body's own signature; `like` has that of the function where this is
    not its order.
    """

    def register(body: Rule) -> Rule:
        def shape_rule(sizes: Assumptions, *types: Any, **parameters: Any) -> Any:
            builder = Builder(sizes)

            def stand_in(item: object) -> object:
                known = _known_integer(item)
                if known is not None or not isinstance(item, _TYPES):
                    return item if known is None else known
                return Symbol(builder, Value(item))

            given = [stand_in(type_) for type_ in types]
            named: Any = map_template(parameters, stand_in)
            found = tuple(as_value(item).type for item in results_of(body, given, named))
            return found if len(found) > 1 else found[0]

        defshape(*functions, operands=operands, like=like or body)(shape_rule)
        for function in functions:
            primitive_for(function).composite = body
        return body

    return register


def results_of(body: Rule, arguments: Sequence[Any], parameters: dict[str, Any]) -> tuple[Any, ...]:
    """What the body gives for these arguments, as a tuple."""
    result = body(*arguments, **parameters)
    return tuple(result) if isinstance(result, (tuple, list)) else (result,)


def _known_integer(item: object) -> int | None:
    size = item.size if isinstance(item, ScalarType) else None
    return size if isinstance(size, int) else None
