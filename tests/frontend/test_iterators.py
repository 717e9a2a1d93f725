"""Iterators, views of dicts, and lists that are walked while they change.

Python's meaning depends on when each item is read.  Each program must give Python's value and
gradient, or be refused where it stands.
"""

import contextlib

import pytest

import srcgrad
from srcgrad import value_and_grad
from tests.differences import STENCIL, STEP


def twice(items):
    return sum(v for v in items) + sum(v for v in items)


def first_and_rest(items):
    for v in items:
        return v * 10 + sum(items)


def zip_read_twice(x):
    z = zip([x, x], [1.0, 2.0])
    return sum(a * b for a, b in z) * x + sum(a for a, b in z)


def map_read_twice(x):
    m = map(lambda v: v * x, [1.0, 2.0])
    return sum(m) * x + sum(m)


def generator_given_to_a_function(x):
    return twice(v * x for v in [1.0, 2.0])


def map_given_to_a_function(x):
    return first_and_rest(map(lambda v: v * x, [1.0, 2.0]))


def generator_given_by_name(x):
    return first_and_rest(items=(v * x for v in [1.0, 2.0]))


def enumerate_read_on(x):
    z, s = enumerate([x, x * x, 3.0]), 0.0
    for i, v in z:
        s += v * (i + 1)
        break
    for i, v in z:
        s += v * 10 * i
    return s


def reversed_read_twice(x):
    z = reversed([x, x * x])
    return sum(z) + sum(z)


def generator_sees_a_later_value(x):
    g = (x * i for i in range(3))
    x = x * x
    return sum(g)


def generator_whose_variable_the_loop_assigns(x):
    s = 0.0
    for v in (x * i for i in range(3)):
        x = x * 2
        s += v
    return s


def map_whose_function_reads_what_the_loop_assigns(x):
    def f(v):
        return v * x

    s = 0.0
    for v in map(f, [1.0, 2.0]):
        x = x * 2
        s += v
    return s


def generator_in_a_loop_that_assigns_something_else(x):
    s = 0.0
    for v in (x * i for i in range(3)):
        s += v * v
    return s


def iterator_in_a_list(x):
    z = [zip([x], [2.0])]
    return sum(a * b for a, b in z[0]) + sum(a * b for a, b in z[0])


def iterator_by_condition(x):
    z = zip([x], [2.0]) if x > 0 else zip([1.0], [x])
    return sum(a * b for a, b in z) + sum(a * b for a, b in z)


def iterator_returned(x):
    def pairs():
        return zip([x, x], [1.0, 2.0])

    z = pairs()
    return sum(a * b for a, b in z) + sum(a * b for a, b in z)


def iterator_by_walrus(x):
    return sum(map(sum, (z := zip([x], [2.0])))) + sum(a * b for a, b in z)


def iter_and_next(x):
    items = iter([x, x * x, 3.0])
    return next(items) * next(items)


def keys_follow_the_dict(x):
    d = {"a": x}
    keys = d.keys()
    d["b"] = x * x
    return x * len(list(keys))


def values_follow_the_dict(x):
    d = {"a": x}
    values = d.values()
    d["a"] = x * x
    return sum(values)


def items_read_at_once(x):
    d = {"a": x, "b": x * x}
    total = sum(v for _, v in d.items()) + sum(d.values())
    for key, value in d.items():
        total = total * value if key == "a" else total + value
    return total


def unpacked_at_once(x):
    a, b = (v * x for v in (1.0, 2.0))
    c, d = zip([x, 2.0], [3.0, x])
    return a * b + c[0] * d[1] + max(*map(lambda v: v * x, [1.0, 2.0]))


def list_grows_while_it_is_walked(x):
    a, s = [x, 2.0], 0.0
    for v in a:
        if len(a) < 4:
            a.append(v * 2)
        s += v
    return s


def later_item_changes_while_walked(x):
    a, s = [x, 2.0, 3.0], 0.0
    for v in a:
        a[2] = v * x
        s += v
    return s


def later_item_changes_under_zip(x):
    a, b, s = [x, 2.0, 3.0], [1.0, x, 2.0], 0.0
    for v, w in zip(a, b):
        b[2] = v * w
        s += v * w
    return s


def earlier_item_changes_while_walked_backwards(x):
    a, s = [x, 2.0, 3.0], 0.0
    for v in reversed(a):
        a[0] = v * x
        s += v
    return s


def current_item_changes(x):
    a = [x, 2.0, 3.0]
    for i, v in enumerate(a):
        a[i] = v * x
    return sum(a)


def current_item_changes_in_a_branch(x):
    a, s = [x, 2.0, 3.0], 0.0
    for i, v in enumerate(a):
        if v > 1.5:
            a[i] = v * x
        s += a[i]
    return sum(a) * s


def copy_is_walked_while_the_list_grows(x):
    a, s = [x, 2.0], 0.0
    for v in a[:]:
        a.append(v * x)
        s += v
    return sum(a) * s


def name_is_bound_to_another_list_while_walked(x):
    a, s = [x, 2.0, 3.0], 0.0
    for v in a:
        a = [v * x]
        s += v * a[0]
    return s


def dict_changes_while_its_items_are_walked(x):
    d, s = {"a": x, "b": 2.0}, 0.0
    for _, value in d.items():
        d["b"] = value * 3
        s += value
    return s


def range_read_twice(x):
    r = range(3)
    return sum(x * i for i in r) + sum(i * x for i in r)


PROGRAMS = [
    held
    for name, held in list(globals().items())
    if getattr(held, "__code__", None) and held.__code__.co_varnames[:1] == ("x",)
]
MUST_WORK = [
    generator_in_a_loop_that_assigns_something_else,
    items_read_at_once,
    unpacked_at_once,
    current_item_changes,
    current_item_changes_in_a_branch,
    copy_is_walked_while_the_list_grows,
    name_is_bound_to_another_list_while_walked,
    range_read_twice,
]


def check(function):
    value, slope = value_and_grad(function)(1.37)
    assert value == function(1.37)
    expected = sum(weight * function(1.37 + step * STEP) for step, weight in STENCIL) / STEP
    assert slope == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize("function", PROGRAMS, ids=lambda f: f.__name__)
def test_what_depends_on_when_it_is_read_is_right_or_refused(function):
    with contextlib.suppress(srcgrad.UnsupportedError):
        check(function)


@pytest.mark.parametrize("function", MUST_WORK, ids=lambda f: f.__name__)
def test_what_is_read_at_once_works(function):
    check(function)
