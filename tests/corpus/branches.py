"""`if`, `elif`, `else`, and early returns."""

import numpy as np

from tests.corpus.program import numbers, program


@program(1.5)
def if_without_else(x):
    y = x
    if x > 1:
        y = y * x
    return y * y


@program(0.5)
def if_without_else_not_taken(x):
    y = x
    if x > 1:
        y = y * x
    return y * y


@program(1.5)
def elif_chain_first(x):
    return _piecewise(x)


@program(0.5)
def elif_chain_second(x):
    return _piecewise(x)


@program(-0.5)
def elif_chain_third(x):
    return _piecewise(x)


@program(-5.5)
def elif_chain_last(x):
    return _piecewise(x)


def _piecewise(x):
    if x > 1:
        y = x * x
    elif x > 0:
        y = x**3
    elif x > -1:
        y = 2 * x
    else:
        y = x
    return y * 3


@program(1.5, 2.0, wrt=(0, 1))
def early_return(x, y):
    if x > y:
        return x
    z = x * y
    return z * z


@program(2.5, 2.0, wrt=(0, 1))
def early_return_taken(x, y):
    if x > y:
        return x
    z = x * y
    return z * z


@program(1.5, 2.0, wrt=(0, 1))
def several_returns(x, y):
    if x > 2:
        return x
    if y > 3:
        return y
    if x * y > 2.5:
        return x * y
    return x - y


@program(1.5, 2.0, wrt=(0, 1))
def returns_in_nested_branches(x, y):
    if x > 1:
        if y > 3:
            return x
        elif y > 1:
            z = x * y
        else:
            return y
        z = z * 2
    else:
        z = y
    return z * x


@program(1.5, 2.0, wrt=(0, 1))
def returns_on_both_sides(x, y):
    if x > y:
        return x * x
    else:
        return y * y * x


@program(1.5)
def branch_assigns_several_names(x):
    if x > 1:
        a, b = x, x * x
    else:
        a, b = 1.0, x
    return a * b


@program(1.5)
def branch_assigns_a_name_only_on_one_side_that_is_then_read(x):
    if x > 1:
        a = x * x
    if x > 1:
        return a * x
    return x


@program(1.5)
def branches_of_different_kinds(x):
    if x > 2:
        y = 1
    else:
        y = x * x
    return y * x


@program(2.5)
def branches_of_different_kinds_with_the_integer_taken(x):
    if x > 2:
        y = 1
    else:
        y = x * x
    return y * x


@program(numbers(3), 0.5, wrt=(0, 1))
def branch_over_a_number_with_arrays_in_the_arms(x, s):
    if s > 1:
        y = x * s
    else:
        y = np.sin(x) * s
    return np.sum(y * x)


@program(numbers(3))
def branch_over_a_reduction(x):
    if np.sum(x) > 2:
        return np.sum(x**2)
    return np.sum(x)


@program(numbers(3))
def branch_over_an_element(x):
    if x[0] > x[1]:
        return x[0] * x[2]
    return x[1] * x[2] * x[0]


@program(numbers(3))
def branch_over_any_and_all(x):
    y = 0.0
    if np.all(x > 0):
        y = y + x.sum()
    if (x > 1).any():
        y = y + (x * x).sum()
    return y


@program(numbers(3), 1.5, wrt=(0, 1))
def arms_with_an_array_and_a_number(x, s):
    y = x if s > 2 else s
    return np.sum(y * x)


@program(1.5)
def pass_in_an_arm(x):
    if x > 1:
        pass
    else:
        x = x * x
    return x * 3


@program(1.5)
def the_result_is_an_argument(x):
    return x


@program(1.5, 2.0, wrt=(0, 1))
def the_result_is_one_of_two_arguments(x, y):
    if x > y:
        return x
    return y


@program(1.5)
def a_branch_that_is_known(x):
    debug = False
    if debug:
        x = x * 1000
    if 1 + 1 == 2:
        x = x * x
    return x


@program(1.5)
def unreachable_code_after_return(x):
    return x * x
    return x


@program(1.5)
def deeply_nested_branches(x):
    y = x
    if x > 0:
        if x > 0.5:
            if x > 1:
                if x > 2:
                    y = 1.0
                else:
                    y = y * x
            y = y * x
        y = y * x
    return y


@program(0.0, 2.0, wrt=1)
def the_arm_not_taken_would_divide_by_zero(x, y):
    if x == 0:
        return y * 3
    return y / x * x


@program(1.5, 2.0, wrt=(0, 1))
def branch_swaps_names(x, y):
    a, b = x, y
    if a < b:
        a, b = b, a
    return a / b


@program(1.5, 2.0, wrt=(0, 1))
def only_a_branch_reads_an_argument(x, y):
    z = x
    if x > 3:
        z = z * y
    return z * z


@program(numbers(3), 1.0)
@program(numbers(3), -1.0)
def a_written_array_or_a_number(x, c):
    a = x * 2.0
    a[0] = 3.0
    t = a if c > 0 else 2.0
    return np.sum(t * x)


@program(numbers(3), 5)
def the_array_of_the_last_iteration(x, n):
    for _ in range(n):
        r = np.exp(x)
        r /= r.sum()
        if r[0] > 0.465:
            break
        x = x * 1.1
    return np.sum(r * x)


@program(numbers(3))
def iterations_until_a_written_array_settles(x):
    last = x
    while np.sum(x) < 20.0:
        r = np.exp(x)
        r /= r.sum()
        if np.abs(r - last).max() < 1e-3:
            break
        last = r
        x = x + 0.5 * r
    return np.sum(last * x)


@program(numbers(3))
@program(numbers(3) - 1.0)
def a_helper_returns_a_written_array_or_a_number(x):
    def clipped(y):
        if y[0] > 0.25:
            r = y * 2
            r[1] = 0.0
            return r
        return 1.5

    total = 0.0
    for i in range(4):
        total = total + np.sum(clipped(x * (i + 1) * 0.5) * x)
    return total


@program(numbers(3))
@program(numbers(3) - 1.0)
def an_array_written_on_the_path_that_reads_it(x):
    positive = x[0] > 0.25
    if positive:
        r = x * 2
        r[1] = 0.0
    total = np.sum(x**2)
    if positive:
        r[0] = x[1]
        total += np.sum(r * x)
    return total


# Paths that are wrong for the sizes and integers that never take them


@program(numbers(4))
@program(numbers(1))
def number_for_vectors_of_one_element(x):
    if x.size == 1:
        x = x.reshape(1)
    return np.sum(x**2)


@program(numbers(3), numbers(3, 3, seed=1), wrt=(0, 1))
@program(numbers(2), numbers(2, 2, seed=1), wrt=(0, 1))
def closed_form_for_small_matrices(b, a):
    if len(b) == 2:
        (p, q), (r, s) = a
        return (b[0] * s - b[1] * q + b[1] * p - b[0] * r) / (p * s - q * r)
    if len(b) == 3:
        return np.sum(np.cross(a[0], a[1]) * b) / np.linalg.det(a)
    return np.sum(np.linalg.solve(a, b))


@program(numbers(6), 2)
@program(numbers(6), 3)
def matrix_of_as_many_rows_as_an_integer_says(x, rows):
    m = x.reshape(2, 3) @ np.ones((3, 2)) if rows == 2 else x.reshape(rows, 2) @ np.eye(2)
    return np.sum(m**2)


@program(numbers(4))
def names_bound_in_the_first_iteration_alone(x):
    for i in range(len(x)):
        if i == 0:
            total, previous = 1.0, x[i]
        else:
            total = total + previous * x[i] ** 2
            previous = x[i]
    return total


@program(numbers(3))
def array_that_grows_from_the_second_iteration_on(x):
    for i in range(3):
        if i == 0:
            h = x
        else:
            h = np.concatenate([h[1:], x * i])
    return np.sum(h**2)
