"""Calls to other functions: arguments of every form, modules, methods, recursion of known depth."""

import functools
import math
from functools import partial

import numpy as np

from tests.corpus import library
from tests.corpus import library as lib
from tests.corpus.library import SCALE, chain, scaled
from tests.corpus.library import power_sum as sum_of_powers
from tests.corpus.program import numbers, program


def _square(x):
    return x * x


def _with_default(x, y=2.0):
    return x * y


def _keyword_only(x, *, y, z=3.0):
    return x * y + z


def _positional_only(x, y, /):
    return x - y * y


def _any_number(*xs):
    total = 0.0
    for x in xs:
        total = total + x * x
    return total


def _any_names(**xs):
    total = 0.0
    for name, x in xs.items():
        total = total + x * len(name)
    return total


def _two_results(x, y):
    return x * y, x + y


def _no_result(x):
    x * x


def _early(x):
    if x > 1:
        return x * x
    return x


def _in_loop(x, n):
    for i in range(n):
        x = x * 1.1
        if x > 2:
            return x * i
    return x


@program(1.5)
def a_function(x):
    return _square(x) * _square(x + 1)


@program(1.5)
def a_function_of_a_function(x):
    return _square(_square(_square(x)))


@program(1.5)
def a_default(x):
    return (
        _with_default(x) + _with_default(x, 5.0) + _with_default(x, y=x) + _with_default(y=x, x=2.0)
    )


@program(1.5)
def a_keyword_only_argument(x):
    return _keyword_only(x, y=x) + _keyword_only(2.0, y=1.0, z=x)


@program(1.5)
def positional_only_arguments(x):
    return _positional_only(x, x * 2)


@program(1.5)
def any_number_of_arguments(x):
    return _any_number(x, 2.0, x * x) + _any_number()


@program(1.5)
def any_names(x):
    return _any_names(a=x, bb=x * x)


@program((1.5, 2.0))
def a_starred_argument(xs):
    return _any_number(*xs, 3.0) + _with_default(*xs)


@program({"x": 1.5, "y": 2.0})
def a_double_starred_argument(settings):
    return _with_default(**settings) + _keyword_only(**settings)


@program(numbers(3))
def a_starred_array(x):
    return _any_number(*x)


@program(1.5, 2.0, wrt=(0, 1))
def several_results(x, y):
    a, b = _two_results(x, y)
    c = _two_results(a, b)
    return c[0] * c[1] + _two_results(x, y)[1]


@program(1.5)
def a_result_that_is_not_used(x):
    _square(x)
    _no_result(x)
    return x * 2


@program(1.5, 0.5, wrt=(0, 1))
def early_returns_in_a_called_function(x, y):
    return _early(x) * _early(y)


@program(1.5)
def early_return_from_a_loop_in_a_called_function(x):
    return _in_loop(x, 5) + _in_loop(x / 2, 3)


@program(1.5)
def a_function_called_in_a_loop(x):
    for i in range(4):
        x = _early(x) / (i + 1.0)
    return x


@program(1.5)
def a_function_of_another_module(x):
    return library.scaled(x) * lib.scaled(x, 2.0) * scaled(x, factor=x)


@program(numbers(3))
def keywords_across_modules(x):
    return sum_of_powers(x) + sum_of_powers(x, exponent=3, offset=x[0]) + library.weighted(x)


@program(1.5)
def more_names_across_modules(x):
    return library.affine(x, a=2.0, b=x) + library.affine(x, 3.0, shift=x)


@program(1.5)
def functions_as_arguments(x):
    return chain(x, _square, math.sin, lambda v: v * x, np.exp)


@program(1.5)
def functions_in_a_list(x):
    for function in [math.sin, _square, np.tanh]:
        x = function(x) + x
    return x


@program(1.5, "square")
def functions_in_a_dict(x, name):
    functions = {"square": _square, "early": _early}
    return functions[name](x) * x


@program(1.5, _square)
def a_function_argument(x, function):
    return function(x) * x


@program(1.5)
def partial_of_a_function(x):
    twice = partial(_with_default, y=2.0)
    by = functools.partial(_with_default, x)
    return twice(x) * by(3.0)


_cubed = partial(pow, exp=3)
_triple = partial(_with_default, y=3.0)


@program(1.5)
def partial_made_outside(x):
    return _triple(x) * x


@program(1.5)
def constants_of_another_module(x):
    return x * library.SCALE * SCALE


@program(1.5)
def attributes_of_a_class(x):
    for _ in range(library.Settings.depth):
        x = x * library.Settings.rate + x
    return x


@program(1.5)
def recursion_of_known_depth(x):
    return _power(x, 4)


def _power(x, n):
    if n == 0:
        return 1.0
    return x * _power(x, n - 1)


@program([1.5, [2.0, [3.0, 4.0]]])
def recursion_over_a_structure(tree):
    return _product(tree)


def _product(tree):
    if isinstance(tree, list):
        result = 1.0
        for item in tree:
            result = result * _product(item)
        return result
    return tree


@program(1.5, 2.0, wrt=(0, 1))
def names_of_callee_and_caller_are_the_same(x, y):
    z = _names_of_their_own(y, x)
    return z * x + y


def _names_of_their_own(x, y):
    z = x * x * y
    y = z + x
    return y


@program(numbers(3))
def ufunc_methods_and_functions(x):
    return np.add(x, 1).sum() + np.multiply(x, x).mean() + np.negative(x).max()


@program(1.5)
def a_function_returns_a_function(x):
    return _make_adder(x)(x) * _make_adder(2.0)(x)


def _make_adder(amount):
    def add(x):
        return x + amount

    return add


@program(1.5)
def a_function_returns_containers(x):
    state = _make_state(x)
    return state["pair"][0] * state["pair"][1] + state["list"][-1]


def _make_state(x):
    return {"pair": (x, x * x), "list": [1.0, x]}


@program(1.5)
def a_docstring_and_comments(x):
    """A docstring is no expression."""
    # A comment.
    "neither is a string"
    ...
    return x * x


# fmt: off
@program(1.5, 2.0,
         wrt=(0,
              1))
def statements_over_several_lines_and_several_on_one(
    x,
    y=3.0,
):
    z = (
        x * y
        + x  # a comment
    ) * \
        y; w = z * x
    if w > 0: v = w; z = z + v
    return (
        z
    ); z = 0
# fmt: on


@program(1.5)
def isinstance_checks(x):
    if isinstance(x, float):
        return x * x
    return x


@program(numbers(3))
def isinstance_checks_of_an_array(x):
    if isinstance(x, np.ndarray) and x.ndim == 1:
        return np.sum(x * x)
    return x


@program(1.5)
def hasattr_and_getattr(x):
    rate = getattr(library.Settings, "rate", 1.0)
    if hasattr(library.Settings, "nothing"):
        return x
    return x * rate
