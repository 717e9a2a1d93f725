"""Where names live: `nonlocal`, `global`, `del`, imports inside functions, names that hide others."""

import numpy as np

from tests.corpus.program import numbers, program

SCALE = 3.0


@program(numbers(3))
def a_counter_in_an_outer_variable(x):
    total = 0.0

    def add(v):
        nonlocal total
        total += v * v

    for i in range(3):
        add(x[i])
    return total


@program(numbers(5), 4)
def an_outer_variable_written_in_a_loop(x, n):
    count, total = 0, 0.0

    def visit(v):
        nonlocal count, total
        if v > 1.0:
            count += 1
            total = total + v * v

    for i in range(n):
        visit(x[i])
    return total * (count + 1)


@program(1.5)
@program(0.5)
def an_outer_variable_written_in_one_branch(x):
    y = x

    def change():
        nonlocal y
        if x > 1.0:
            y = x * x * x

    change()
    return y * x


@program(1.5)
def an_outer_variable_two_levels_up(x):
    y = x

    def middle():
        def inner():
            nonlocal y
            y = y * 2.0

        inner()
        return y

    return middle() * y


@program(1.5)
def a_maker_of_counters(x):
    def make(start):
        value = start

        def step(v):
            nonlocal value
            value = value * v
            return value

        return step

    first, second = make(x), make(2.0)
    first(3.0)
    second(x)
    return first(x) * second(2.0)


@program(1.5)
def a_local_name_hides_a_global(x):
    SCALE = x * x
    return SCALE * x


@program(1.5)
def reads_a_global_declared(x):
    global SCALE
    return SCALE * x * x


@program(1.5)
def names_hide_builtins(x):
    sum = x * 2.0
    len = 3.0
    max = lambda a, b: a * b  # noqa: E731
    return max(sum, len)


@program(1.5)
def imports_inside(x):
    import math as m
    from math import sin

    import numpy.linalg

    return m.cos(x) * sin(x) * numpy.linalg.norm(np.array([x, 2.0]))


@program(1.5)
def deletes_names_and_binds_them_again(x):
    y, z = x * x, x
    del y, (z)
    y = x**3
    return y


@program(numbers(4))
def deletes_items_of_a_list(x):
    items = [x[0], x[1], x[2], x[3]]
    del items[0], items[-1]
    return items[0] * items[1] * len(items)


@program(numbers(6))
def deletes_slices_of_a_list(x):
    items = [v for v in x[:6].reshape(6)] if False else [x[i] for i in range(6)]
    del items[1:5:2]
    return items[1] * items[2] * len(items)


@program(numbers(2))
def deletes_items_of_a_dict(x):
    table = {"a": x[0], "b": x[1], "c": 2.0}
    del table["c"]
    total = 0.0
    for key in table:
        total += table[key] ** 2
    return total * len(table)


@program(1.5)
@program(-1.5)
def a_name_bound_in_one_branch_and_read_there(x):
    if x > 0:
        y = x * x
    if x > 0:
        return y
    return x


@program(numbers(3), 0)
@program(numbers(3), 2)
def a_name_bound_before_a_loop_that_may_not_run(x, n):
    last = x[0]
    for i in range(n):
        last = x[i + 1]
    return last * last
