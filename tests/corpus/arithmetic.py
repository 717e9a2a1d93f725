"""Operators, comparisons, boolean logic, and the conditional expression."""

import math

import numpy as np

from tests.corpus.program import numbers, program, signed


@program(1.5, 2.0, wrt=(0, 1))
def all_binary_operators(x, y):
    return x + y - x * y / (x - 3 * y) + x**y


@program(7.3, 2.1, wrt=(0, 1))
def floor_division_and_modulus(x, y):
    return (x // y) * x + (x % y) * y


@program(-7.3, 2.1, wrt=(0, 1))
def floor_division_and_modulus_of_a_negative_number(x, y):
    return (x // y) * x + (x % y) * y


@program(7.3, 2.1, wrt=(0, 1))
def divmod_of_floats(x, y):
    q, r = divmod(x, y)
    return q * x + r * r


@program(1.5)
def unary_operators(x):
    return -x * +x - -(x * x)


@program(1.5)
def operators_with_constants_on_either_side(x):
    return (2 - x) * (2 / x) * (2**x) + (x - 2) * (x / 2) * (x**2)


@program(numbers(2, 3), numbers(3, 2, seed=1), wrt=(0, 1))
def matrix_product_operator(a, b):
    return (a @ b).sum() + (b @ a).sum()


@program(-1.5)
def integer_powers_of_a_negative_number(x):
    return x**2 + x**3 - x**4 + x**-1 + x**-2


@program(1.5)
def powers_with_exponents_zero_and_one(x):
    return x**0 + x**1 + x**1.0 + x**0.0


@program(0.0)
def powers_at_zero(x):
    return x**2 + x**3 + x**1 + x**0 + 3 * x


@program(-1.5, 3)
def integer_argument_as_exponent(x, n):
    return x**n


@program(-1.5, 2.0)
def integral_float_as_exponent(x, p):
    return x**p


@program(signed(4))
def array_powers(x):
    return np.sum(x**2 + x**3 - 2.0 * x**4)


@program(1.5, 2, wrt=(0, 1))
def power_with_respect_to_an_integer_exponent(x, n):
    return x**n


@program(3)
def integer_counts_as_real(n):
    return n * n * 0.5


@program(3, 2, wrt=(0, 1))
def true_division_of_integers(a, b):
    return a / b


@program(1.5, 1.9, wrt=(0, 1))
def chained_comparison_picks_a_branch(x, y):
    return x * y if 0 < x < y <= 2 else x + y


@program(2.5, 2.0, wrt=(0, 1))
def chained_comparison_fails(x, y):
    return x * y if 0 < x < y <= 2 else x + y


@program(1.5, 2.0, wrt=(0, 1))
def comparison_as_a_number(x, y):
    return (x < y) * x * x + (x > y) * y * 3.0


@program(1.5, 2.0, wrt=(0, 1))
def and_gives_its_second_operand(x, y):
    z = x and y
    return z * z


@program(0.0, 2.0, wrt=1)
def and_gives_a_zero_first_operand(x, y):
    z = x and y
    return z * 3.0 + y * y


@program(1.5, 2.0, wrt=(0, 1))
def or_gives_its_first_operand(x, y):
    z = x or y
    return z * z


@program(0.0, 2.0, wrt=1)
def or_gives_its_second_operand(x, y):
    z = x or y
    return z * z


@program(1.5, 2.0, wrt=(0, 1))
def boolean_logic_of_several_terms(x, y):
    if x > 1 and (y < 1 or y > 1.5) and not x > y:
        return x * x * y
    return x


@program(0.0, 2.0, wrt=1)
def short_circuit_does_not_divide_by_zero(x, y):
    if x != 0 and y / x > 1:
        return y
    return y * y


@program(4.0, 2.0, wrt=(0, 1))
def short_circuit_evaluates_its_second_operand_when_it_must(x, y):
    if x != 0 and math.sqrt(x) > 1 and y / x < 1:
        return y * x
    return y * y


@program(1.5, 2.0, wrt=(0, 1))
def not_of_numbers(x, y):
    if not x:
        return y
    return (not y) + x * y


@program(1.5, 2.0, wrt=(0, 1))
def conditional_expression(x, y):
    return (x if x > y else y) * 2


@program(1.5, 2.0, wrt=(0, 1))
def nested_conditional_expressions(x, y):
    return x * x if x > 2 else y * x if y > 1 else y


@program(1.5)
def conditional_expression_of_different_kinds(x):
    z = 1 if x > 2 else x * x
    return z * x


@program(1.5, True)
def flag_argument(x, flag):
    return x * x if flag else x


@program(1.5, False)
def flag_argument_that_is_false(x, flag):
    return x * x if flag else x


@program(1.5, "cube")
def mode_argument(x, mode):
    if mode == "square":
        return x**2
    elif mode == "cube":
        return x**3
    return x


@program(1.5, None)
def none_argument(x, scale):
    if scale is None:
        return x * x
    return x * scale


@program(1.5, ("a", "c"))
def membership(x, names):
    total = 0.0
    if "a" in names:
        total = total + x
    if "b" not in names:
        total = total + x * x
    return total


@program(2.0, 3.0, wrt=(0, 1))
def math_functions(x, y):
    return (
        math.exp(x / 3)
        + math.log(y)
        + math.sin(x) * math.cos(y)
        + math.sqrt(x * y)
        + math.hypot(x, y)
        + math.atan2(x, y)
        + math.pow(x, y)
    )


@program(-2.0, 3.0, wrt=(0, 1))
def builtin_functions(x, y):
    return abs(x) * max(x, y) + min(x, y, 5.0) ** 2 + pow(y, 2) + sum([x, y, x * y])


@program(2.7, 3.2, wrt=(0, 1))
def rounding_has_no_slope(x, y):
    return round(x) * y + int(y) * x + float(x) * y + math.floor(y) * x


@program(1.5)
def numpy_scalars_of_a_float(x):
    return np.sin(x) * np.exp(x) + np.square(x)


@program(1.5)
def constants_of_modules(x):
    return math.pi * x + np.pi * x * x + math.e


@program(numbers(3))
def array_with_scalars_on_either_side(x):
    return np.sum(2 - x) + np.sum(1 / x) + np.sum(2**x) + np.sum(x // 0.3) + np.sum(x % 0.7)


@program(numbers(3, 1), numbers(4, seed=1), 2.0, wrt=(0, 1, 2))
def broadcasting_of_every_operator(a, b, c):
    return np.sum(a * b + c) + np.sum(a / b - c) + np.sum(a**b * c) + np.sum((a - b) ** 2)


@program(numbers(1), numbers(3, seed=1), wrt=(0, 1))
def broadcasting_of_a_single_element(a, b):
    return np.sum(a * b)


@program(numbers(1, 1), numbers(2, 3, seed=1), wrt=(0, 1))
def broadcasting_of_a_single_element_matrix(a, b):
    return np.sum(a * b + a)


@program(1.5)
def large_and_small_constants(x):
    return x * 1e300 * 1e-300 + x * 1e-8 - 1_000.0


@program(1.5)
def deep_expression(x):
    return ((((x + 1) * x + 2) * x + 3) * x + 4) * x / (((x - 7) * x - 8) * x - 9)


@program(1.5, 2.0, 3.0, wrt=(0, 1, 2))
def left_and_right_grouping(a, b, c):
    return (a - b - c) * (a - (b - c)) + a / b / c - a / (b / c) + 2**b ** (c / 3) - (2**b) ** c
