"""Functions of Python numbers: `math`, `cmath`, and the builtins that compute.

`math.sin` has the derivative of `np.sin`: its rules are those of the ufunc, run on Python numbers,
so that adjoints of Python floats stay Python floats.  What `math` refuses (`math.sqrt(-1.0)`) it
refuses in the primal; where it gives a value, the adjoint gives one too, if need be inf.
"""

from __future__ import annotations

import cmath
import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from srcgrad.errors import ArgumentError, UnsupportedError
from srcgrad.graph import (
    BOOL,
    COMPLEX,
    FLOAT,
    INT,
    ArrayType,
    Assumptions,
    ListType,
    Literal,
    ScalarType,
    Type,
    is_complex,
    shape_of,
)
from srcgrad.rules.arithmetic import power_vjp
from srcgrad.rules.elementwise import maximum_vjp, minimum_vjp
from srcgrad.rules.masking import either, quotient_or_zero
from srcgrad.rules.reductions import extremum_jvp, extremum_vjp
from srcgrad.rules.registry import (
    Rule,
    alias,
    constant,
    defjvp,
    defshape,
    defvjp,
    elementwise,
    linear,
    primitive_for,
)
from srcgrad.rules.shapes import common_dtype, kind_text, wider_python_type
from srcgrad.rules.symbols import Symbol, call, counterpart, python_functions

_SAME_NAMES = "sin cos tan sinh cosh tanh exp sqrt".split()
_SAME_NAMES_REAL_ONLY = "expm1 exp2 log1p log2 cbrt fabs degrees radians".split()
_NAMES = {name: name for name in _SAME_NAMES + ["log10"]} | {
    "arcsin": "asin",
    "arccos": "acos",
    "arctan": "atan",
    "arcsinh": "asinh",
    "arccosh": "acosh",
    "arctanh": "atanh",
}


def on_python_numbers(rule: Rule) -> Rule:
    """The rule of a ufunc as a rule of the function of `math` that corresponds to it."""

    def rule_on_python_numbers(*args: Any) -> object:
        with python_functions():
            return rule(*args)

    return rule_on_python_numbers


def _check_number(function: Callable[..., Any], type_: Type, *, real: bool = True) -> None:
    """Refuse what `math` functions refuse: arrays with axes, complex numbers."""
    name = f"{function.__module__}.{function.__name__}".removeprefix("builtins.")
    if isinstance(type_, ArrayType) and type_.shape not in ((), None):
        raise ArgumentError(
            f"`{name}` takes a number, not {kind_text(type_)}",
            remedy=f"Use the function of NumPy: `np.{function.__name__}`.",
        )
    if not isinstance(type_, (ArrayType, ScalarType)):
        raise ArgumentError(f"`{name}` takes a number, not {kind_text(type_)}")
    if real and is_complex(type_):
        raise ArgumentError(
            f"`{name}` takes a real number, not a complex one",
            remedy="Use the function of `cmath` or of NumPy." if name.startswith("math.") else None,
        )


def _define_unary(function: Callable[..., Any], result: Type, rule: Rule | None = None) -> None:
    real = not is_complex(result)

    def shape_rule(sizes: Assumptions, x: Type, /) -> Type:
        _check_number(function, x, real=real)
        return result

    defshape(function)(shape_rule)
    elementwise(function)
    if rule is not None:
        defvjp(function)(on_python_numbers(rule))


def _define_binary(function: Callable[..., Any], result: Type, rule: Rule | None = None) -> None:
    def shape_rule(sizes: Assumptions, x: Type, y: Type, /) -> Type:
        _check_number(function, x)
        _check_number(function, y)
        return result

    defshape(function)(shape_rule)
    elementwise(function)
    if rule is not None:
        defvjp(function)(on_python_numbers(rule))


# math and cmath


def _rule_of(ufunc: np.ufunc) -> Rule:
    rule = primitive_for(ufunc).vjp
    assert rule is not None
    return rule


for _numpys, _pythons in _NAMES.items():
    _ufunc, _real, _complex = (
        getattr(np, _numpys),
        getattr(math, _pythons),
        getattr(cmath, _pythons),
    )
    _define_unary(_real, FLOAT, _rule_of(_ufunc))
    _define_unary(_complex, COMPLEX, _rule_of(_ufunc))
    counterpart(_ufunc, _real, _complex)

for _name in _SAME_NAMES_REAL_ONLY:
    _define_unary(getattr(math, _name), FLOAT, _rule_of(getattr(np, _name)))
    counterpart(getattr(np, _name), getattr(math, _name))

_define_binary(math.atan2, FLOAT, _rule_of(np.arctan2))
_define_binary(math.copysign, FLOAT, _rule_of(np.copysign))
_define_binary(math.fmod, FLOAT, _rule_of(np.fmod))
_define_binary(math.pow, FLOAT, power_vjp)
counterpart(np.log, math.log, cmath.log)
counterpart(np.copysign, math.copysign)

_TWO_BY_ROOT_PI = Literal(FLOAT, None, None, 2.0 / math.sqrt(math.pi), "(2.0 / math.sqrt(math.pi))")


def erf_vjp(g, y, x):
    return (g * _TWO_BY_ROOT_PI * np.exp(-x * x),)


def erfc_vjp(g, y, x):
    return (-g * _TWO_BY_ROOT_PI * np.exp(-x * x),)


_define_unary(math.erf, FLOAT, erf_vjp)
_define_unary(math.erfc, FLOAT, erfc_vjp)
_define_unary(math.gamma, FLOAT)
_define_unary(math.lgamma, FLOAT)


@defshape(math.log)
def log_shape(sizes: Assumptions, *x_and_base: Type) -> Type:
    for type_ in x_and_base:
        _check_number(math.log, type_)
    return FLOAT


@defshape(cmath.log)
def complex_log_shape(sizes: Assumptions, *x_and_base: Type) -> Type:
    for type_ in x_and_base:
        _check_number(cmath.log, type_, real=False)
    return COMPLEX


@defvjp(math.log, cmath.log)
def log_vjp(g, y, x, *base):
    if not base:
        return (g / x,)
    (b,) = base
    h = g / call(math.log if are_real(x, b) else cmath.log, b)
    return h / x, -h * y / b


def are_real(*operands: Any) -> bool:
    return not any(
        is_complex(operand.type) if isinstance(operand, Symbol) else isinstance(operand, complex)
        for operand in operands
    )


@defshape(math.hypot)
def hypot_shape(sizes: Assumptions, *coordinates: Type) -> Type:
    for type_ in coordinates:
        _check_number(math.hypot, type_)
    return FLOAT


@defvjp(math.hypot)
def hypot_vjp(g, y, *coordinates):
    """The direction coordinates / y, taken to be 0 at the origin."""
    h = quotient_or_zero(g, y)
    return tuple(h * x for x in coordinates)


@defshape(math.prod, operands=("*iterable",), like=math.prod)
def prod_shape(sizes: Assumptions, *iterable: Type, start: Any = 1) -> Type:
    if not isinstance(start, (int, float, complex)):
        raise UnsupportedError(
            "`start=` of `math.prod` must be a number that is known before the call",
            remedy="Multiply the product with it instead.",
        )
    return _type_of_arithmetic((*iterable, INT))


@defvjp(math.prod)
def prod_vjp(g, y, *factors, start=1):
    return tuple(
        g * call(math.prod, [*factors[:k], *factors[k + 1 :]], start=start)
        for k in range(len(factors))
    )


def _type_of_arithmetic(types: tuple[Type, ...]) -> Type:
    """The type of sums and products of numbers: a Python number if all of them are."""
    if all(isinstance(type_, ScalarType) for type_ in types):
        return ScalarType(wider_python_type(*(type_.python_type for type_ in types)))  # type: ignore
    for type_ in types:
        if shape_of(type_) not in ((), None):
            raise UnsupportedError(f"{kind_text(type_)} where a number is expected")
    return ArrayType(common_dtype(types), ())


@defshape(math.fsum, operands=("*seq",), like=math.fsum)
def fsum_shape(sizes: Assumptions, *seq: Type) -> Type:
    for type_ in seq:
        _check_number(math.fsum, type_)
    return FLOAT


@defvjp(math.fsum)
def fsum_vjp(g, y, *terms):
    return (g,) * len(terms)


elementwise(math.log, cmath.log, math.hypot, math.prod)
linear(math.fsum)

_function: Callable[..., Any]
for _function in (math.floor, math.ceil, math.trunc):
    _define_unary(_function, INT)
    constant(_function)
for _function in (math.isnan, math.isinf, math.isfinite):
    _define_unary(_function, BOOL)
    constant(_function)
for _ufunc, _function in ((np.isnan, math.isnan), (np.isfinite, math.isfinite)):
    counterpart(_ufunc, _function)


@defshape(math.modf)
def modf_shape(sizes: Assumptions, x: Type, /) -> tuple[Type, Type]:
    _check_number(math.modf, x)
    return FLOAT, FLOAT


@defvjp(math.modf)
def modf_vjp(g, y, x):
    return (g[0],)


@defjvp(math.modf)
def modf_jvp(x_dot, y, x):
    return x_dot, None


@defshape(math.frexp)
def frexp_shape(sizes: Assumptions, x: Type, /) -> tuple[Type, Type]:
    _check_number(math.frexp, x)
    return FLOAT, INT


@defvjp(math.frexp)
def frexp_vjp(g, y, x):
    """x = mantissa * 2^exponent, and the exponent is constant almost everywhere."""
    return (None if g[0] is None else call(math.ldexp, g[0], -y[1]),)


@defjvp(math.frexp)
def frexp_jvp(x_dot, y, x):
    return call(math.ldexp, x_dot, -y[1]), None


@defshape(math.ldexp)
def ldexp_shape(sizes: Assumptions, x: Type, i: Type, /) -> Type:
    _check_number(math.ldexp, x)
    return FLOAT


@defvjp(math.ldexp)
def ldexp_vjp(g, y, x, i):
    return call(math.ldexp, g, i), None


elementwise(math.ldexp)


# Builtins


@defshape(float)
def float_shape(sizes: Assumptions, x: Type, /) -> Type:
    _check_number(float, x)
    return FLOAT


@defshape(complex)
def complex_shape(sizes: Assumptions, *real_and_imag: Type) -> Type:
    for type_ in real_and_imag:
        _check_number(complex, type_, real=False)
    return COMPLEX


@defshape(int)
def int_shape(sizes: Assumptions, x: Type, /) -> Type:
    _check_number(int, x)
    return ScalarType(int, x.size) if isinstance(x, ScalarType) else INT


@defshape(bool)
def bool_shape(sizes: Assumptions, x: Type, /) -> Type:
    return BOOL


@defvjp(float)
def float_vjp(g, y, x):
    return (g,)


@defvjp(complex)
def complex_vjp(g, y, real, *imag):
    return (g, g * 1j)[: 1 + len(imag)]


@defshape(round, operands=("number",))
def round_shape(sizes: Assumptions, number: Type, ndigits: Any = None) -> Type:
    _check_number(round, number)
    if ndigits is None:
        return INT
    return number if isinstance(number, ArrayType) else ScalarType(number.python_type)  # type: ignore


linear(float)
elementwise(float, complex, int, bool, round)
constant(int, bool, round)
alias(operator.truth, bool)
alias(operator.index, int)


@defshape(max, min)
def extremum_shape(sizes: Assumptions, *items: Type, key: Any = None, default: Any = None) -> Type:
    """Of the items given one by one, or of a single array with one axis."""
    if key is not None or default is not None:
        raise UnsupportedError(
            "`key=` and `default=` of `max` and `min` are not supported",
            remedy="Write the comparison with `if`.",
        )
    if len(items) == 1:
        return _item_type(items[0])
    if all(isinstance(item, ScalarType) for item in items):
        kinds = {item.python_type for item in items}  # type: ignore[union-attr]
        return ScalarType(kinds.pop() if len(kinds) == 1 else wider_python_type(*kinds))
    for item in items:
        if shape_of(item) not in ((), None):
            raise UnsupportedError(
                f"`max` and `min` compare numbers, not {kind_text(item)}",
                remedy="Use `np.maximum` or `np.minimum` for arrays.",
            )
    shape = None if any(shape_of(item) is None for item in items) else ()
    return ArrayType(common_dtype(items), shape)


def _item_type(iterable: Type) -> Type:
    if isinstance(iterable, ListType):
        return iterable.element
    if isinstance(iterable, ArrayType) and iterable.rank == 1:
        return ArrayType(iterable.dtype, ())
    raise UnsupportedError(
        f"`max` or `min` of {kind_text(iterable)}", remedy="Use `np.max` or `np.min`."
    )


@defvjp(max)
def max_vjp(g, y, *items):
    """As `np.maximum`: ties are split evenly; against a literal constant the tie has 0."""
    if len(items) == 1:
        return extremum_vjp(g, y, items[0])
    return maximum_vjp(g, y, *items) if len(items) == 2 else _shares(g, y, items)


@defvjp(min)
def min_vjp(g, y, *items):
    if len(items) == 1:
        return extremum_vjp(g, y, items[0])
    return minimum_vjp(g, y, *items) if len(items) == 2 else _shares(g, y, items)


def _shares(g, y, items):
    """The shares of three and more: what is equal to the result, unless a literal is too."""
    symbols = [item for item in items if isinstance(item, Symbol)]
    literals = [item for item in items if not isinstance(item, Symbol)]
    count: Any = 0
    for item in symbols:
        count = count + (item == y)
    share = g / count if not literals else quotient_or_zero(g, count)
    for constant_ in literals:
        share = either(y == constant_, 0.0, share)
    return tuple(
        either(item == y, share, 0.0) if isinstance(item, Symbol) else None for item in items
    )


@defjvp(max, min)
def builtin_extremum_jvp(*args):
    """The tangent of what is largest, the mean of them where several are."""
    count = len(args) // 2
    dots, y, items = args[:count], args[count], args[count + 1 :]
    if count == 1:
        return extremum_jvp(dots[0], y, items[0])
    total = None
    for k, dot in enumerate(dots):
        if dot is not None:
            term = _shares(dot, y, items)[k]
            total = term if total is None else total + term
    return total
