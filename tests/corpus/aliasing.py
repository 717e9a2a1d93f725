"""Gradients that equal an argument, a value or one another: none may share memory, none be lost."""

import numpy as np

from tests.corpus.program import numbers, program

CONSTANT = np.array([1.0, 2.0, 3.0])


@program(numbers(3), numbers(3, seed=1), wrt=(0, 1))
def the_gradient_is_the_other_argument(x, y):
    return np.sum(x * y)


@program(numbers(3), numbers(3, seed=1), wrt=(0, 1))
def the_gradient_is_the_other_argument_by_dot(x, y):
    return x @ y


@program(numbers(3), numbers(3, seed=1), wrt=(0, 1))
def both_gradients_are_equal(x, y):
    return np.sum((x + y) ** 2)


@program(numbers(3), numbers(3, seed=1), numbers(3, seed=2), wrt=(0, 1, 2))
def three_gradients_are_equal(x, y, z):
    return np.sum(np.sin(x + y + z))


@program(numbers(3), numbers(3, seed=1), wrt=(0, 1))
def gradients_differ_by_sign(x, y):
    return np.sum((x - y) ** 2)


@program(numbers(3))
def the_gradient_is_a_module_array(x):
    return np.sum(x * CONSTANT)


@program(numbers(3))
def the_gradient_is_all_ones(x):
    return np.sum(x)


@program(numbers(2, 3))
def the_gradient_is_constant_along_an_axis(x):
    return np.sum(x.sum(axis=0) * CONSTANT)


@program(numbers(2, 3))
def the_gradient_is_constant_along_the_other_axis(x):
    return np.sum(x.mean(axis=1) ** 2)


@program(numbers(2, 3), numbers(3, seed=1), wrt=(0, 1))
def the_gradient_is_broadcast(a, b):
    return np.sum(a + b)


@program(numbers(2, 3), numbers(2, 3, seed=1), wrt=(0, 1))
def gradients_are_broadcast_from_one_row(a, b):
    return np.sum((a + b).sum(axis=0) ** 2)


@program(numbers(2, 3))
def the_gradient_is_a_transposed_view(x):
    return np.sum(x.T * np.arange(6.0).reshape(3, 2))


@program(numbers(6), numbers(2, 3, seed=1), wrt=(0, 1))
def the_gradient_is_a_reshaped_view(x, y):
    return np.sum(x.reshape(2, 3) * y)


@program(numbers(3), numbers(6, seed=1), wrt=(0, 1))
def the_gradient_is_a_slice(x, y):
    return np.sum(x * y[:3]) + np.sum(y[3:])


@program(numbers(3), numbers(3, seed=1), wrt=(0, 1))
def the_gradient_is_reversed(x, y):
    return np.sum(x[::-1] * y)


@program(numbers(3), numbers(3, seed=1), wrt=(0, 1))
def the_gradients_are_parts_of_one_array(x, y):
    return np.sum(np.concatenate([x, y]) ** 2)


@program(numbers(3), numbers(3, seed=1), wrt=(0, 1))
def the_gradients_are_rows_of_one_array(x, y):
    return np.sum(np.stack([x, y]) ** 2)


@program([numbers(3), numbers(3, seed=1)])
def gradients_in_a_list_are_equal(xs):
    return np.sum((xs[0] + xs[1]) ** 2)


@program({"a": numbers(3), "b": numbers(3, seed=1)})
def gradients_in_a_dict_swap(d):
    return np.sum(d["a"] * d["b"])


@program(numbers(3), 1.5, wrt=(0, 1))
def an_alias_by_assignment(x, s):
    y = x
    z = y
    return np.sum(z * x) * s


@program(numbers(3))
def an_alias_by_asarray(x):
    y = np.asarray(x)
    return np.sum(y * x)


@program(numbers(3))
def an_alias_by_a_view(x):
    y = x[:]
    z = x.reshape(3)
    return np.sum(y * z * x)


@program(numbers(3), True, wrt=0)
def an_alias_by_choice(x, flag):
    y = x if flag else x * 2
    z = y * 2
    return np.sum(z * y)


@program(numbers(3), 0.5, wrt=(0, 1))
def an_alias_by_branch(x, s):
    if s > 0:
        y = x
    else:
        y = x * s
    return np.sum(y * y * s)


@program(numbers(3), numbers(3, seed=1), 1.0, wrt=(0, 1, 2))
def a_choice_between_two_arguments(x, y, s):
    z = x if s > 0 else y
    return np.sum(z * z) * s


@program(numbers(3), 0)
def a_loop_that_does_not_run(x, n):
    y = x
    for _ in range(n):
        y = y * 2
    return np.sum(y * CONSTANT)


@program(numbers(3), 3)
def a_carried_array_that_starts_as_the_argument(x, n):
    y = x
    for _ in range(n):
        y = y + x
    return np.sum(y * x)


@program(numbers(3), 3)
def a_carried_array_that_starts_as_a_module_array(x, n):
    y = CONSTANT
    for _ in range(n):
        y = y + x
    return np.sum(y * y)


@program(numbers(3), 3)
def a_carried_array_that_is_linear(x, n):
    y = x
    for _ in range(n):
        y = y * 2.0
    return np.sum(y)


@program(numbers(3), numbers(3, seed=1), 4, wrt=(0, 1))
def two_carried_arrays_that_trade_places(x, y, n):
    for _ in range(n):
        x, y = y, x + y
    return np.sum(x * y)


@program(numbers(3), numbers(3, seed=1), 3, wrt=(0, 1))
def two_carried_arrays_that_become_one(x, y, n):
    a, b = x, y
    for _ in range(n):
        a = a * b
        b = a
    return np.sum(a + b)


@program(numbers(3), 3)
def an_accumulator_and_its_last_value(x, n):
    total = np.zeros(3)
    last = x
    for i in range(n):
        last = np.sin(last)
        total = total + last
    return np.sum(total * last)


@program(numbers(4, 3))
def rows_carried_to_the_next_iteration(a):
    previous = a[0]
    s = 0.0
    for row in a:
        s = s + np.sum(row * previous)
        previous = row
    return s


@program(numbers(4, 3))
def rows_kept_in_a_list(a):
    rows = [row for row in a]
    return np.sum(rows[0] * rows[3]) + np.sum(rows[0])


@program(numbers(3), 2)
def an_adjoint_that_is_used_for_several_arguments_of_a_node(x, n):
    y = x + x + x
    for _ in range(n):
        y = y + y
    return np.sum(y - x)


@program(numbers(3))
def a_residual_stream(x):
    h = x
    h = h + np.tanh(h)
    h = h + np.tanh(h)
    return np.sum(h * x) + np.sum(h)


@program(numbers(3), numbers(3, seed=1), wrt=(0, 1))
def skip_connections_of_two_streams(x, y):
    a = x + y
    b = a + x
    c = b + y
    return np.sum(a * b) + np.sum(c)


@program(numbers(3))
def a_value_used_after_its_adjoint_is_due(x):
    y = np.exp(x)
    z = y * y
    w = z + y
    return np.sum(w * z) + np.sum(y)


@program(numbers(3))
def the_value_is_an_element_of_the_argument(x):
    return x[0]


@program(np.array(2.0))
def the_value_is_the_argument(x):
    return x


@program(np.array([2.0]))
def the_value_is_the_argument_with_one_element(x):
    return x


@program(numbers(3))
def in_place_operators_on_values_of_ones_own(x):
    s = np.sum(x)
    s += x[0]
    s *= 2.0
    return s


@program(numbers(3), 1.5, wrt=(0, 1))
def scaling_by_one_keeps_no_alias(x, s):
    return np.sum(x * 1.0 * 1) * s + np.sum(+x) + np.sum(x + 0)
