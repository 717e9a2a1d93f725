"""Assignments of all forms, and unpacking."""

import numpy as np

from tests.corpus.program import numbers, program


@program(1.5, 2.0, wrt=(0, 1))
def assigns_and_reassigns(x, y):
    z = x * y
    z = z + x
    z = z * z
    return z


@program(1.5)
def assigns_to_several_names_at_once(x):
    a = b = x * x
    b = b * a
    return a + b


@program(1.5, 2.0, wrt=(0, 1))
def swaps(x, y):
    x, y = y, x
    return x * x * y


@program(1.5, 2.0, wrt=(0, 1))
def rotates_three(x, y):
    a, b, c = x, y, x * y
    a, b, c = b, c, a
    return a * b - c


@program(1.5)
def assigns_with_annotation(x):
    y: float = x * 2
    z: float
    z = y * y
    return z


@program(1.5, 2.0, wrt=(0, 1))
def assigns_in_place_with_every_operator(x, y):
    z = x
    z += y
    z *= x
    z -= 3.0
    z /= y
    z **= 2
    return z


@program(7.3, 2.0, wrt=(0, 1))
def assigns_in_place_with_floor_and_modulus(x, y):
    z = x
    z //= y
    w = x
    w %= y
    return z * x + w * y


@program(1.5)
def walrus(x):
    return (y := x * x) + y * x


@program(1.5)
def walrus_in_a_condition(x):
    if (y := x * 2) > 1:
        return y * y
    return y


@program((1.5, 2.0, 3.0))
def unpacks_a_tuple(t):
    a, b, c = t
    return a * b + c * c


@program((1.5, 2.0, 3.0, 4.0))
def unpacks_with_a_star_at_the_end(t):
    first, *rest = t
    return first * rest[0] + rest[1] * rest[-1]


@program((1.5, 2.0, 3.0, 4.0))
def unpacks_with_a_star_at_the_start(t):
    *rest, last = t
    return last * sum(rest)


@program((1.5, 2.0, 3.0, 4.0))
def unpacks_with_a_star_in_the_middle(t):
    first, *middle, last = t
    return first * last + middle[0] ** middle[1]


@program((1.5, 2.0))
def unpacks_with_a_star_that_is_empty(t):
    first, *middle, last = t
    return first * last + len(middle)


@program(((1.5, 2.0), (3.0, [4.0, 5.0])))
def unpacks_a_nest(t):
    (a, b), (c, [d, e]) = t
    return a * b * c + d * e


@program([1.5, 2.0])
def unpacks_into_a_list_target(t):
    [a, b] = t
    return a**b


@program(numbers(3))
def unpacks_an_array(x):
    a, b, c = x
    return a * b + c


@program(numbers(2, 3))
def unpacks_the_rows_of_a_matrix(x):
    a, b = x
    return np.sum(a * b) + a[0]


@program(numbers(4))
def unpacks_an_array_with_a_star(x):
    first, *rest = x
    return first * rest[0] + rest[2]


@program(1.5, 2.0, wrt=(0, 1))
def unpacks_into_an_outer_star(x, y):
    a, *b, c = x, y, x * y, x - y
    return a * b[0] * b[1] * c


@program(1.5)
def deletes_a_name(x):
    y = x * x
    z = y + x
    del y
    return z * z


@program(1.5)
def assigns_to_an_item_of_a_list(x):
    a = [x, x * x, 0.0]
    a[2] = a[0] * a[1]
    a[0] = 2.0
    return a[0] * a[2] + a[1]


@program(1.5)
def assigns_to_an_item_of_a_dict(x):
    a = {"u": x}
    a["v"] = a["u"] ** 2
    a["u"] = a["v"] * x
    return a["u"] + a["v"]


@program(1.5)
def changes_an_item_of_a_list_in_place(x):
    a = [x, x]
    a[0] += x * x
    a[-1] *= a[0]
    return a[0] * a[1]


@program(1.5)
def changes_an_item_of_a_dict_in_place(x):
    a = {"u": x, "v": 2.0}
    a["v"] += x * x
    return a["u"] * a["v"]


@program(1.5)
def shares_a_list_under_two_names(x):
    a = [x]
    b = a
    b.append(x * x)
    a[0] = 3.0 * x
    return b[0] * a[1]


@program(1.5)
def shadows_a_builtin(x):
    sum = x * x
    max = sum + 1
    return sum * max


@program(1.5)
def uses_names_that_the_compiler_may_want(x):
    d_x = x * 2
    value = d_x * x
    np_ = value + d_x
    g = np_ * value
    tape = g * x
    return tape + d_x


@program(numbers(3), numbers(3, seed=1), wrt=(0, 1))
def uses_array_names_that_the_compiler_may_want(x, d_x):
    d_d_x = x * d_x
    gradient = np.sum(d_d_x * d_d_x)
    x_1 = gradient * x
    return np.sum(x_1 * d_x)
