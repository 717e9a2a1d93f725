"""Generator functions and expressions: read lazily, in Python's order of effects."""

import numpy as np

from tests.corpus.program import numbers, program


def products(x):
    for i in range(len(x) - 1):
        yield x[i] * x[i + 1]


def doubling(x, limit):
    while x < limit:
        yield x
        x = x * 2.0


def halves(x):
    yield x / 2.0
    yield x / 4.0


def forever(x):
    step = 0
    while True:
        yield x * step
        step += 1


def noisy(x):
    print("begin")
    for i in range(3):
        print("yield", i)
        yield x * i
    print("end")


@program(numbers(5))
def walks_a_generator(x):
    total = 0.0
    for v in products(x):
        total += v * v
    return total


@program(1.3)
def walks_as_many_values_as_the_data_say(x):
    total = 0.0
    for v in doubling(x, 10.0):
        total += v * v
    return total


@program(1.3)
def sums_as_many_values_as_the_data_say(x):
    return sum(v * v for v in doubling(x, 10.0))


@program(numbers(5))
def sums_a_generator(x):
    return sum(products(x)) ** 2


@program(numbers(5))
def lists_a_generator(x):
    items = list(products(x))
    return items[0] * items[-1] * len(items)


@program(1.5)
def unpacks_a_generator(x):
    a, b = halves(x)
    c, *rest = [*halves(x), x]
    return a * b * c * rest[0] * rest[1]


@program(numbers(3))
def effects_come_in_order(x):
    total = 0.0
    for v in noisy(x[0]):
        print("body", v)
        total = total + v * x[1]
    return total


@program(numbers(4))
def breaks_out_of_a_generator_without_end(x):
    total = 0.0
    for v in forever(x[0]):
        total += v
        if total > 5.0:
            break
    return total * x[1]


@program(1.2)
def returns_out_of_a_generator_without_end(x):
    for v in forever(x):
        if v > 4.0:
            return v * v


@program(numbers(4))
def continues_and_else(x):
    total = 0.0
    for v in products(x):
        if v < 0.8:
            continue
        total += v * v
    else:
        total *= 2.0
    return total


@program(numbers(4))
@program(numbers(4) + 2.0)
def breaks_depend_on_data(x):
    total = x[0]
    for v in products(x):
        if v > 4.0:
            total *= 3.0
            break
        total += v
    else:
        total *= 2.0
    return total


@program(numbers(4))
def yields_from_others(x):
    def inner(y):
        yield y[0] * y[1]
        yield y[1]
        return y[2]

    def outer(y):
        last = yield from inner(y)
        yield last * 2.0
        yield from (y[3], y[3] ** 2)

    return sum(v * v for v in outer(x))


@program(numbers(4))
def nested_generators(x):
    def squares(items):
        for v in items:
            yield v * v

    def sums(items):
        before = 0.0
        for v in items:
            yield v + before
            before = v

    total = 0.0
    for v in sums(squares(products(x))):
        total += v * x[0]
    return total


@program(numbers(4))
def a_generator_is_kept_and_read_later(x):
    scale = 1.0
    items = (v * scale for v in x)
    scale = 3.0
    return sum(items)


@program(numbers(4))
def a_generator_expression_with_conditions(x):
    kept = (v * w for v in x for w in x if v > w)
    total = 0.0
    for v in kept:
        total += v
    return total


@program(numbers(4))
def a_generator_given_to_a_function(x):
    def total_of(items, weight):
        total = 0.0
        for v in items:
            total += v * weight
        return total

    return total_of((v * v for v in x), x[0]) + total_of(products(x), 2.0)


@program(numbers(4))
def enumerates_a_generator(x):
    total = 0.0
    for i, v in enumerate(products(x), 1):
        total += i * v
    return total


@program(numbers(4))
def zips_generators(x):
    total = 0.0
    for a, b in zip(products(x), products(x[::-1])):
        total += a * b
    return total


@program(numbers(4))
def extremes_of_generators(x):
    return max(v * v for v in x) + min(products(x))


@program(numbers(3))
def stores_into_what_the_generator_reads(x):
    a = x.copy()

    def items():
        for i in range(3):
            yield a[i]

    total = 0.0
    for v in items():
        total += v * v
        a[2] = total
    return total


@program(1.5, 4)
def a_generator_in_a_loop(x, n):
    total = 0.0
    for i in range(n):
        for v in halves(x):
            total += v * i
    return total


class Cells:
    def __init__(self, size):
        self.size = size

    def pairs(self, x):
        for i in range(self.size):
            yield i, x[i]


CELLS = Cells(3)


@program(numbers(3))
def a_method_that_yields(x):
    total = 0.0
    for i, v in CELLS.pairs(x):
        total += i * v * v
    return total


@program(numbers(3))
def yields_arrays(x):
    def powers(y, n):
        p = np.ones_like(y)
        for _ in range(n):
            p = p * y
            yield p

    total = np.zeros(3)
    for p in powers(x, 4):
        total = total + p
    return np.sum(total * x)


def guarded(items):
    for v in items:
        try:
            yield v
        except ValueError:
            yield 100.0


@program(np.array([0.5, -0.5, 1.5]))
def a_generator_does_not_catch_what_its_consumer_raises(x):
    total = 0.0
    try:
        for v in guarded(x):
            if v < 0.0:
                raise ValueError("negative")
            total += v * v
    except ValueError:
        total = total * 3.0
    return total
