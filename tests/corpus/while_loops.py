"""`while`, with all ways out of it."""

import math

import numpy as np

from tests.corpus.program import numbers, program


@program(2.0)
def newton_square_root(a):
    x = a
    while abs(x * x - a) > 1e-12:
        x = 0.5 * (x + a / x)
    return x


@program(2.0, 1e-10)
def newton_with_a_count(a, tolerance):
    x, steps = a, 0
    while abs(x * x - a) > tolerance and steps < 50:
        x = 0.5 * (x + a / x)
        steps += 1
    return x


@program(1.5)
def never_runs(x):
    y = x * x
    while y > 100:
        y = y / 2
    return y


@program(1.5, 5)
def counts_down(x, n):
    s = x
    while n > 0:
        s = s * x
        n -= 1
    return s


@program(1.5, 5)
def counts_up(x, n):
    i = 0
    s = 1.0
    while i < n:
        s = s * x + i
        i = i + 1
    return s


@program(1.5)
def a_known_count(x):
    i = 0
    s = 1.0
    while i < 4:
        s = s * x + i
        i += 1
    return s


@program(1.5)
def forever_until_break(x):
    s, k = 0.0, 0
    while True:
        s = s + x**k
        k += 1
        if k > 5 or s > 20:
            break
    return s


@program(1.5)
def forever_until_return(x):
    s = x
    while True:
        s = s * x
        if s > 10:
            return s * s


@program(1.5)
def break_in_the_middle(x):
    s, t = x, 1.0
    while s < 100:
        s = s * x
        if s > 20:
            break
        t = t + s
    return s * t


@program(1.5, 9)
def continue_in_the_middle(x, n):
    s, i = 1.0, 0
    while i < n:
        i += 1
        if i % 2:
            continue
        s = s * x + i
    return s


@program(1.5)
def else_runs(x):
    s = x
    while s < 10:
        s = s * x
    else:
        s = s + x
    return s


@program(1.5)
def else_does_not_run(x):
    s = x
    while s < 10:
        s = s * x
        if s > 5:
            break
    else:
        s = s + 100 * x
    return s


@program(1.5)
def nested_while(x):
    s, i = x, 0
    while i < 3:
        j = 0
        while j < i:
            s = s + math.sin(x * j + s)
            j += 1
        i += 1
    return s


@program(1.5, 3)
def while_in_for(x, n):
    s = 0.0
    for i in range(n):
        y = x + i
        while y > 1:
            y = y / 1.7
        s = s + y * y
    return s


@program(1.5)
def for_in_while(x):
    s, k = x, 1
    while s < 50:
        for i in range(k):
            s = s + x * i
        s = s * 1.5
        k += 1
    return s


@program(numbers(3))
def over_an_array_condition(x):
    y = x
    while np.sum(y) < 50:
        y = y * y + x
    return np.sum(y)


@program(numbers(3))
def over_the_largest_element(x):
    y = x
    while y.max() < 10:
        y = 2 * y
    return np.sum(y * y)


@program(1.5)
def walrus_in_the_condition(x):
    s = x
    while (y := s * x) < 20:
        s = y + 1
    return s * y


@program(1.5)
def a_chained_condition(x):
    s = x
    while 0 < s < 30:
        s = s * x + 0.5
    return s


@program(1.5)
def a_condition_with_a_call(x):
    def goes_on(v):
        return v * v < 90

    s = x
    while goes_on(s):
        s = s * x
    return s


@program(1.5, 2.5, wrt=(0, 1))
def arithmetic_geometric_mean(a, b):
    while abs(a - b) > 1e-13:
        a, b = (a + b) / 2, math.sqrt(a * b)
    return a


@program(0.7)
def taylor_series_until_small(x):
    term, total, n = 1.0, 0.0, 0
    while abs(term) > 1e-17:
        total = total + term
        n = n + 1
        term = term * x / n
    return total


@program(0.6, 0.0, 2.0, wrt=0)
def bisection_has_piecewise_constant_values(c, low, high):
    while high - low > 0.3:
        middle = (low + high) / 2
        if middle * middle > c:
            high = middle
        else:
            low = middle
    return c * (low + high)


@program(27.5)
def collatz_does_not_touch_a_float(n):
    steps, s = 0, 0.0
    m = int(n)
    while m != 1:
        m = m // 2 if m % 2 == 0 else 3 * m + 1
        steps += 1
    return n * steps * 0.5 + s


@program(1.5)
def a_type_changes_between_iterations(x):
    s = 1
    while s < 10:
        s = s * x + 1
    return s


@program(1.5)
def a_name_is_only_made_inside(x):
    i = 0
    while i < 3:
        y = x * i
        i += 1
    return y * y
