"""The slope of `1 / (1 + exp(z))` and its like, written so that it is right where `exp` overflows.

Calculus gives `exp(z) / (1 + exp(z)) ** 2`, which is inf * 0 from z = 710 on, though the slope is 0
there, and inf / inf for `log(1 + exp(z))`, whose slope is 1.  The factor `exp(z) / (1 + exp(z))` is
the share of one summand, which has a value there too:

    t = divide y, u                      s = share e, u
    d = multiply t, e            →       d = multiply y, s
"""

from __future__ import annotations

from collections.abc import Iterator

from srcgrad.graph import ArrayType, Literal, Value, is_real
from srcgrad.rules import Symbol, call
from srcgrad.transforms.structural_identities import Site, on

_DEPTH = 6
_DEPTH_OF_EXPONENTIAL = 2


@on("multiply")
def bounded_slope_of_product(site: Site) -> object:
    """(g / u) * e, or a sum of such, where u is e and a positive number."""
    for held, other in (site.node.operands, site.node.operands[::-1]):
        for e in _exponentials(site, held, _DEPTH_OF_EXPONENTIAL):
            rest = _without_division(site, other, e, _DEPTH)
            if rest is not None:
                factor = _without_factor(site, held, e, _DEPTH_OF_EXPONENTIAL)
                return factor * rest[0] * _share(site, e, rest[1])  # type: ignore[operator]
    return None


@on("divide")
def bounded_slope_of_quotient(site: Site) -> object:
    """(g * e) / u, where u is e and a positive number."""
    numerator, u = site.node.operands
    e = _exponential_in(site, u)
    if e is None:
        return None
    rest = _without_factor(site, numerator, e, _DEPTH)
    return None if rest is None else rest * _share(site, e, u)


def _share(site: Site, e: Value, u: Value) -> Symbol:
    """e / u, of which e is a part."""
    return call("share", site.symbol(e), site.symbol(u))


def _exponentials(site: Site, value: Value, depth: int) -> Iterator[Value]:
    """The exponentials that are factors of a product."""
    if _is_overflowing(site, value):
        yield value
    node = site.maker(value, "multiply", "negative") if depth else None
    for operand in node.operands if node is not None else ():
        yield from _exponentials(site, operand, depth - 1)


def _is_overflowing(site: Site, value: Value) -> bool:
    is_array = isinstance(value.type, ArrayType) and is_real(value.type)
    return is_array and site.maker(value, "exp") is not None


def _exponential_in(site: Site, u: Value) -> Value | None:
    """The e of `u = 1 + e`."""
    node = site.maker(u, "add")
    if node is None:
        return None
    for e, number in (node.operands, node.operands[::-1]):
        positive = isinstance(number, Literal) and isinstance(number.value, (int, float))
        if positive and number.value > 0 and _is_overflowing(site, e):  # type: ignore[attr-defined]
            return e
    return None


def _without_division(
    site: Site, value: Value, e: Value, depth: int
) -> tuple[Symbol | object, Value] | None:
    """A product without its division by such a sum of e, and the sum."""
    node = site.maker(value, "divide", "multiply", "negative", "reciprocal", "add", "subtract")
    if node is None or not depth:
        return None
    if node.operation == "reciprocal":
        (u,) = node.operands
        return (1.0, u) if _exponential_in(site, u) is e else None
    if node.operation == "negative":
        found = _without_division(site, node.operands[0], e, depth - 1)
        return None if found is None else (-found[0], found[1])  # type: ignore[operator]
    left, right = node.operands
    if node.operation in ("add", "subtract"):
        first, second = (_without_division(site, part, e, depth - 1) for part in (left, right))
        if first is None or second is None or first[1] is not second[1]:
            return None
        a, b = first[0], second[0]
        return (a + b if node.operation == "add" else a - b), first[1]  # type: ignore[operator]
    if node.operation == "divide":
        if _exponential_in(site, right) is e:
            return site.argument(left), right
        found = _without_division(site, left, e, depth - 1)
        return None if found is None else (found[0] / site.symbol(right), found[1])  # type: ignore[operator]
    found = _without_division(site, left, e, depth - 1)
    if found is not None:
        return found[0] * site.symbol(right), found[1]  # type: ignore[operator]
    found = _without_division(site, right, e, depth - 1)
    return None if found is None else (site.symbol(left) * found[0], found[1])  # type: ignore[operator]


def _without_factor(site: Site, value: Value, e: Value, depth: int) -> object | None:
    """A product without its factor e."""
    if value is e:
        return 1.0
    node = site.maker(value, "divide", "multiply", "negative")
    if node is None or not depth:
        return None
    rest = _without_factor(site, node.operands[0], e, depth - 1)
    if node.operation == "negative":
        return None if rest is None else -rest  # type: ignore[operator]
    if rest is not None:
        other = site.argument(node.operands[1])
        return rest / other if node.operation == "divide" else rest * other  # type: ignore[operator]
    if node.operation == "multiply":
        rest = _without_factor(site, node.operands[1], e, depth - 1)
        return None if rest is None else site.argument(node.operands[0]) * rest  # type: ignore[operator]
    return None


__all__ = ["bounded_slope_of_product", "bounded_slope_of_quotient"]
