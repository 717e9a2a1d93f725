"""Comprehensions and generator expressions."""

import math

import numpy as np

from tests.corpus.program import numbers, program


@program(1.5, [1.0, 2.0, 3.0], wrt=(0, 1))
def list_over_a_list(x, ws):
    return sum([x * w**2 for w in ws])


@program(1.5, numbers(4), wrt=(0, 1))
def list_over_an_array(x, ws):
    return sum([math.sin(x * w) for w in ws])


@program(1.5, 4)
def generator_over_a_range(x, n):
    return sum(x**i for i in range(n))


@program(1.5)
def generator_over_a_known_range(x):
    return sum(math.sin(x * i) for i in range(3))


@program(1.5)
def with_a_known_condition(x):
    return sum(x**i for i in range(6) if i % 2)


@program([1.5, -2.0, 3.0])
def with_a_condition_on_values(xs):
    return sum([v * v for v in xs if v > 0])


@program(numbers(5))
def with_a_condition_on_the_values_of_an_array(x):
    return sum([v * v for v in x if v > 0.8])


@program(1.5)
def two_generators(x):
    return sum(x * i + j for i in range(3) for j in range(i))


@program(numbers(3, 2))
def two_generators_over_a_matrix(a):
    return sum(v * v for row in a for v in row)


@program([[1.5, 2.0], [3.0]])
def nested_lists(rows):
    squares = [[v * v for v in row] for row in rows]
    return sum([sum(row) for row in squares])


@program({"a": 1.5, "b": 2.0})
def dict_comprehension(d):
    squares = {key: value**2 for key, value in d.items()}
    return squares["a"] * squares["b"]


@program([1.5, 2.0])
def dict_comprehension_by_index(xs):
    found = {i: x * x for i, x in enumerate(xs)}
    return found[0] + found[1] * 2


@program(1.5)
def set_comprehension_of_known_values(x):
    return x * len({i % 2 for i in range(5)})


@program(1.5)
def the_variable_does_not_leak(x):
    i = x
    values = [i * 2 for i in range(3)]
    return i * i + values[2]


@program([1.5, 2.0], [3.0, 4.0], wrt=(0, 1))
def over_zip(xs, ys):
    return sum(a * b for a, b in zip(xs, ys))


@program(numbers(3), numbers(3, seed=1), wrt=(0, 1))
def over_zip_of_arrays(x, y):
    return sum(a * b**2 for a, b in zip(x, y))


@program(numbers(3))
def into_an_array(x):
    return np.sum(np.array([v * v for v in x]) * x)


@program(numbers(3))
def into_a_stack(x):
    return np.sum(np.stack([x * i for i in range(3)]) ** 2)


@program(numbers(4, 2))
def rows_into_a_stack(a):
    return np.sum(np.stack([np.sin(row) * row for row in a]) ** 2)


@program(numbers(3), 4)
def rows_made_in_a_range(x, n):
    return np.sum(np.stack([x**i for i in range(n)]))


@program([numbers(2, 2), numbers(2, 2, seed=1)])
def over_a_list_of_arrays(ws):
    return sum([np.sum(w * w) for w in ws])


@program(numbers(2, 2), [numbers(2, 2, seed=1), numbers(2, 2, seed=2)], wrt=(0, 1))
def a_list_then_indexed(x, ws):
    hidden = [np.tanh(x @ w) for w in ws]
    return np.sum(hidden[0] * hidden[-1])


@program(1.5)
def builtins_over_generators(x):
    return max(x * i for i in range(3)) + min([x, 2.0]) + float(any(i > 1 for i in range(3)))


@program(numbers(4))
def any_and_all_over_an_array(x):
    if all(v > 0 for v in x) and any(v > 0.6 for v in x):
        return np.sum(x * x)
    return np.sum(x)


@program([1.5, 2.0, 3.0])
def sorted_keeps_the_gradient(xs):
    a, b, c = sorted(xs, reverse=True)
    return a * 3 + b * 2 + c * c


@program([1.5, 2.0, 3.0])
def list_operations(xs):
    ys = list(xs) + [4.0]
    zs = [0.5] * 2 + ys[1:] + list(reversed(ys))
    return zs[0] * zs[2] * zs[-1] + len(zs)


@program([1.5, 2.0])
def tuple_of_a_list(xs):
    a, b = tuple(xs)
    return a * b + sum(tuple(x * x for x in xs))


@program(1.5)
def the_walrus_in_a_comprehension(x):
    values = [(last := x * i) for i in range(3)]
    return sum(values) * last
