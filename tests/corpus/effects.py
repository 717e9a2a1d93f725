"""Printing, f-strings, assertions and exceptions stay in the forward pass."""

import math

import numpy as np

from tests.corpus.program import numbers, program


@program(1.5)
def prints(x):
    print("x is", x)
    y = x * x
    print("y is", y, sep=": ", end="!\n")
    return y


@program(1.5)
def prints_an_f_string(x):
    y = x * x
    print(f"x={x:.3f} y={y!r} {x=} {1 + 1} {'nested'!s:>10}")
    return y


@program(1.5, 4)
def prints_in_a_loop(x, n):
    for i in range(n):
        x = x * 1.1
        print(f"{i}: {x:8.4f}")
    return x


@program(1.5)
def prints_in_one_branch(x):
    if x > 1:
        print("large", x)
    else:
        print("small")
    return x * x


@program(1.5, 5)
def prints_before_a_break(x, n):
    for i in range(n):
        x = x * 1.5
        print(i)
        if x > 4:
            print("done", x)
            break
    return x


@program(numbers(2, 2))
def prints_arrays_and_shapes(x):
    print(x, x.shape, x.dtype, len(x), x.T)
    return np.sum(x * x)


@program(1.5)
def prints_after_a_value_is_used_up(x):
    y = math.sin(x)
    z = y * y
    print(y)
    print(z, y)
    return z


@program(1.5)
def prints_in_a_called_function(x):
    return _noisy(x) * _noisy(2.0)


def _noisy(v):
    print("called with", v)
    return v * v


@program(1.5)
def prints_what_does_not_matter(x):
    y = x * 100
    print("unused", y)
    return x * x


@program(1.5)
def prints_in_the_order_of_python(x):
    print("first")
    y = _noisy(x)
    print("second")
    return y + _noisy(y)


@program(1.5)
def asserts(x):
    assert x > 0
    assert x < 100, f"too large: {x}"
    return x * x


@program(numbers(3))
def asserts_about_shapes(x):
    assert x.ndim == 1 and x.shape[0] == 3, x.shape
    assert (x > 0).all()
    return np.sum(x * x)


@program(1.5)
def raises_in_an_arm_not_taken(x):
    if x < 0:
        raise ValueError(f"negative: {x}")
    return math.sqrt(x)


@program(1.5)
def raises_at_the_end_of_a_chain(x):
    if x > 1:
        return x * x
    elif x > 0:
        return x
    else:
        raise ValueError("negative")


@program(1.5, 5)
def raises_in_a_loop(x, n):
    for i in range(n):
        x = x * 1.1
        if x > 100:
            raise OverflowError("diverged")
    return x


@program(1.5, "fast")
def raises_for_an_unknown_mode(x, mode):
    if mode == "fast":
        y = x * x
    elif mode == "slow":
        y = x * x * x
    else:
        raise ValueError(mode)
    return y


@program(1.5)
def builds_strings(x):
    name = "a" + "b" * 2
    label = "%s-%d" % (name, 3)
    print(label.upper(), "{:.2f}".format(x), ", ".join(["p", "q"]))
    return x * len(label)


@program(1.5, 3)
def prints_in_a_while_loop(x, n):
    while n > 0:
        print(n, x)
        x = x * 2
        n -= 1
    return x


@program(1.5)
def prints_in_a_comprehension(x):
    return sum([_noisy(x * i) for i in range(3)])


TIMES = 0


class Counter:
    made = 0
    scale = 2.0
    best = np.zeros(2)

    def __init__(self, x):
        self.x = x
        Counter.made += 1

    def grow(self, by):
        type(self).scale = self.scale * by
        return self.x * Counter.scale


class SmallCounter(Counter):
    pass


@program(1.5, 3)
def class_variables_that_are_written(x, n):
    counter, total = Counter(x), 0.0
    for i in range(n):
        if x > i:
            Counter.made += 1
        total += counter.grow(x) + SmallCounter.scale
    Counter.best = np.array([x, total])
    made, scale, best = Counter.made, SmallCounter(x).scale, np.sum(Counter.best)
    print(made, Counter.made)
    Counter.made, Counter.scale = 0, 2.0
    return total * made + scale * best


@program(1.5, 4)
def a_global_that_a_loop_counts_with(x, n):
    global TIMES
    TIMES = 0
    for _ in range(n):
        TIMES += 1
    return x * TIMES
