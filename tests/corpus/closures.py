"""Nested functions, closures with late binding, lambdas, module-level names."""

import math

import numpy as np

from tests.corpus.program import numbers, program

RATE = 0.5
TABLE = np.array([1.0, 2.0, 3.0])
SETTINGS = {"rate": 2.0, "shift": 0.5}
PAIR = (1.5, 2.5)
NAMES = ["a", "b"]
ENABLED = True
LIMIT = 3


@program(1.5)
def a_nested_function(x):
    def square(v):
        return v * v

    return square(x) + square(square(x))


@program(1.5, 2.0, wrt=(0, 1))
def a_closure_over_an_argument(x, y):
    def scale(v):
        return v * y

    return scale(x) * scale(2.0)


@program(1.5)
def late_binding(x):
    y = x

    def f():
        return y * 2

    y = x * x
    return f()


@program(1.5)
def late_binding_of_a_name_made_later(x):
    def f():
        return later * 2

    later = x * x
    return f()


@program(1.5)
def late_binding_in_a_loop_of_lambdas(x):
    functions = []
    for i in range(3):
        functions = functions + [lambda v: v * i]
    return functions[0](x) + functions[1](x * x)


@program(1.5)
def a_default_binds_at_once(x):
    functions = []
    for i in range(3):
        functions = functions + [lambda v, i=i: v * i]
    return functions[1](x) + functions[2](x * x)


@program(1.5, 2.0, wrt=(0, 1))
def several_lambdas_on_one_line(x, y):
    f, g, h = lambda u: u * y, lambda u: u + x, lambda u: u**2
    return f(g(h(x)))


@program(1.5)
def a_lambda_called_at_once(x):
    return (lambda a, b=2.0: a * b)(x) * (lambda: x)()


@program(1.5)
def a_lambda_with_a_conditional(x):
    relu = lambda v: v if v > 0 else 0.0
    return relu(x) * 2 + relu(-x)


@program(1.5)
def a_lambda_of_a_lambda(x):
    add = lambda a: lambda b: a + b * x
    return add(x)(2.0) * add(1.0)(x)


outside, other = lambda x: x * 3, lambda x: x**3


@program(1.5)
def lambdas_of_the_module_on_one_line(x):
    return outside(x) * other(x)


@program(1.5)
def a_function_in_a_branch(x):
    if x > 1:

        def f(v):
            return v * v

        y = f(x)
    else:
        y = x
    return y


@program(1.5, 4)
def a_nested_function_called_in_a_loop(x, n):
    def step(v, i):
        return v * x + i

    s = 1.0
    for i in range(n):
        s = step(s, i)
    return s


@program(1.5, 4)
def a_nested_function_with_a_loop(x, n):
    def run(v):
        for i in range(n):
            v = v * x + i
        return v

    return run(1.0) + run(x)


@program(1.5)
def nested_twice(x):
    def outer(a):
        def inner(b):
            return a * b * x

        return inner(a) + inner(2.0)

    return outer(x)


@program(1.5)
def a_nested_function_shadows_a_name(x):
    y = x * 2

    def f(x):
        y = x * 3
        return y

    return f(y) + y + x


@program(1.5)
def a_nested_function_with_defaults_of_a_value(x):
    y = x * x

    def f(v, w=y, *, u=x):
        return v * w + u

    y = 100.0
    return f(2.0) + f(x, 1.0) + f(x, u=y)


@program(1.5)
def module_constants(x):
    return x * RATE + (x if ENABLED else 0.0) * LIMIT


@program(numbers(3))
def module_array(x):
    return np.sum(x * TABLE) + x @ TABLE + TABLE[1] * x[0]


@program(1.5)
def module_containers(x):
    return x * SETTINGS["rate"] + SETTINGS["shift"] * PAIR[0] * x * len(NAMES) + PAIR[1]


@program(1.5)
def module_constant_as_a_bound(x):
    s = x
    for i in range(LIMIT):
        s = s * x + i
    return s


@program(1.5)
def module_container_in_a_loop(x):
    s = x
    for value in PAIR:
        s = s * value + x
    for name in NAMES:
        s = s + len(name)
    return s


@program(1.5)
def a_global_hidden_by_an_argument(RATE):
    return RATE * RATE


def _make(scale, table):
    def function(x):
        return x * scale + np.sum(table * x)

    return function


program(1.5)(_make(2.0, np.array([1.0, 2.0])))


@program(1.5)
def a_local_import(x):
    import math as m

    return m.sin(x) * math.pi


@program(1.5)
def a_comprehension_sees_the_function(x):
    y = x * 2
    return sum([y * i for i in range(3)]) + sum(y + i for i in range(2))


@program(1.5)
def key_functions(x):
    return sum(map(lambda v: v * x, [1.0, 2.0])) + max([x, 2.0], key=lambda v: -v)
