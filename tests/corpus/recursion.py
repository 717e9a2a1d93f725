"""Functions that call themselves: to a depth that is known, that integers decide, or the data."""

import numpy as np

from tests.corpus.program import numbers, program


def _power(x, n):
    return 1.0 if n == 0 else x * _power(x, n - 1)


def _power_by_squaring(x, n):
    if n == 0:
        return 1.0
    half = _power_by_squaring(x, n // 2)
    return half * half * x if n % 2 else half * half


def _fibonacci(x, n):
    if n < 2:
        return x
    return _fibonacci(x, n - 1) + _fibonacci(x, n - 2) * x


@program(1.5, 5)
def a_power(x, n):
    return _power(x, n) + _power(x, 2)


@program(1.5, 13)
def a_power_by_squaring(x, n):
    return _power_by_squaring(x, n)


@program(1.1, 7)
def two_calls_on_a_path(x, n):
    return _fibonacci(x, n)


@program(1.1, 5)
def mutual_recursion_over_an_integer(x, n):
    def even(v, k):
        return v if k == 0 else odd(v * x, k - 1)

    def odd(v, k):
        return v * v if k == 0 else even(v + x, k - 1)

    return even(x, n)


@program([1.5, [2.0, [3.0, 4.0]], [[0.5]]])
def a_tree_of_lists(tree):
    def weight(node, depth):
        if isinstance(node, list):
            return sum(weight(child, depth + 1) for child in node)
        return node * node * depth

    return weight(tree, 0)


@program(numbers(6))
def halves_of_an_array(x):
    def total(v):
        n = v.shape[0]
        if n < 2:
            return np.sum(v * v)
        return total(v[: n // 2]) * 1.5 + total(v[n // 2 :])

    return total(x[:4]) + x[5]


# The depth depends on the data


def _newton(x, a, tolerance=1e-12):
    y = 0.5 * (x + a / x)
    if abs(y - x) < tolerance:
        return y
    return _newton(y, a, tolerance)


@program(1.0, 2.0, wrt=(0, 1))
def newton_until_it_converges(x, a):
    return _newton(x, a) * a + x


@program(5.3)
def a_call_inside_an_expression(x):
    return x * 0.5 if x < 1 else a_call_inside_an_expression(x / 2) * 1.5 + x


def _simpson(f, a, b, fa, fm, fb, depth):
    m = (a + b) / 2
    left, right = f((a + m) / 2), f((m + b) / 2)
    whole = (b - a) / 6 * (fa + 4 * fm + fb)
    halves = (b - a) / 12 * (fa + 4 * left + 2 * fm + 4 * right + fb)
    if depth <= 0 or abs(halves - whole) < 1e-9:
        return halves
    return _simpson(f, a, m, fa, left, fm, depth - 1) + _simpson(f, m, b, fm, right, fb, depth - 1)


@program(2.0, 1.0, wrt=(0, 1))
def adaptive_quadrature(k, b):
    def f(t):
        return np.exp(-k * t) * np.sin(k * t)

    return _simpson(f, 0.0, b, f(0.0), f(b / 2), f(b), 30)


@program(1.3, 2.0, wrt=(0, 1))
def a_closure_over_numbers(x, w):
    k = w * w

    def go(y):
        if y > 50:
            return y + k
        return go(y * x + w) * k / 4

    return go(x) * w


def _even(x, w):
    return w * x if x < 1 else _odd(x - 1, w) * w


def _odd(x, w):
    return w + x if x < 1 else _even(x - 1, w) + x * w


@program(7.3, 1.1, wrt=(0, 1))
def mutual_recursion_over_a_number(x, w):
    return _even(x, w)


@program(9.7, 1.2, wrt=(0, 1))
def a_recursion_that_returns_a_tuple(x, w):
    def go(a, b):
        if a < 1:
            return a * w, b
        p, q = go(a / 2, b * w)
        return p + a, q * p

    u, v = go(x, 1.0)
    return u * v


@program(2.9, 1.4, wrt=(0, 1))
def a_call_in_the_argument_of_a_call(x, w):
    def go(a, b):
        if a < 0.15:
            return b
        if b < 0.5:
            return go(a - 1.0, 1.0 * a)
        return go(a * 0.5, go(a - 0.7, b * 0.5) + a)

    return go(x, w)


SCALE = 1.5


def _scaled(x, w):
    return x if x < 1 else _scaled(x / 2, w) * SCALE + w


@program(5.5, 1.2, wrt=(0, 1))
def recursions_of_one_function_at_several_places(x, w):
    total = _scaled(x, w) * _scaled(w, x)
    for i in range(3):
        total = total + _scaled(x + i, w)
    return total + _scaled(x * x, w) if x > 2 else total


@program(5.5, 1.2, wrt=(0, 1))
def a_lambda_that_is_given_itself(x, w):
    f = lambda self, a: w if a < 1 else self(self, a - 1) * a
    return f(f, x)


@program(5.5, 1.2, wrt=(0, 1))
def an_integer_counts_the_depth(x, w):
    def go(a, depth=0):
        if a < 1:
            return w * w + depth
        return go(a - 1, depth + 1) * w

    return go(x) * x


@program(numbers(4), 1.5, wrt=(0, 1))
def an_array_around_a_recursion(v, w):
    def go(a):
        return a * w if a < 0.5 else go(a * 0.5 - 0.1) + v[0]

    return sum(go(v[i] + 1.0) for i in range(4))


@program(numbers(8))
def an_array_is_passed_on(x):
    def go(v):
        return np.sum(v * v) if np.sum(v) < 0.1 else go(v * 0.5)

    return go(x)


@program(3.0, refused="every call prints")
def a_recursion_that_prints(x):
    def go(a):
        print("call")
        return a if a < 1 else go(a / 2)

    return go(x)


def _rule(f, a, m, b):
    return (b - a) / 6 * (f(a) + 4 * f(m) + f(b))


@program(numbers(3))
def adaptive_quadrature_of_a_vector(rates):
    def f(t):
        return np.exp(-rates * t) * np.sin(t)

    def integral(a, b, tolerance):
        m = (a + b) / 2
        left, right = _rule(f, a, (a + m) / 2, m), _rule(f, m, (m + b) / 2, b)
        if np.max(np.abs(left + right - _rule(f, a, m, b))) < tolerance:
            return left + right
        return integral(a, m, tolerance / 2) + integral(m, b, tolerance / 2)

    return np.sum(integral(0.0, 3.0, 1e-3))


@program(numbers(8))
def halves_as_long_as_they_vary(x):
    def go(v):
        if v.size < 2 or np.max(v) - np.min(v) < 0.3:
            return np.sum(v * v)
        m = v.size // 2
        return go(v[:m]) * go(v[m:])

    return go(x)


@program(np.array([0.9, 1.4, 0.6, 1.1, 0.7]))
def quicksort(x):
    def sort(v):
        if v.size <= 1:
            return v
        rest = v[1:]
        return np.concatenate([sort(rest[rest < v[0]]), v[:1], sort(rest[rest >= v[0]])])

    return np.sum(sort(x) * np.arange(5.0))


@program(numbers(3))
def steps_that_halve_themselves(y):
    def integrate(y, h):
        big = y - h * y * y
        half = y - 0.5 * h * y * y
        small = half - 0.5 * h * half * half
        if np.max(np.abs(big - small)) < 2e-3:
            return small
        return integrate(integrate(y, h / 2), h / 2)

    return np.sum(integrate(y, 1.0))


@program(numbers(4))
def an_array_and_a_number_come_back(x):
    def go(v, weight):
        if np.sum(v) < 1.0:
            return v * v, weight
        inner, weight = go(v * 0.5, weight + 1.0)
        return np.sin(inner) + v, weight * 1.1

    a, b = go(x, 1.0)
    return np.sum(a) * b


@program(numbers(4))
def two_functions_hand_an_array_on(x):
    def even(v):
        return v * 2 if np.sum(v) < 0.5 else odd(v * 0.7)

    def odd(v):
        return v * 3 if np.sum(v) < 0.5 else even(v * 0.8) * 1.1

    return np.sum(even(x))


@program(numbers(6))
def every_call_writes_an_array_of_its_own(x):
    def go(v):
        w = np.zeros(6)
        w[0] = v[1]
        w[1:] = v[:-1] * 0.5
        return w if np.sum(w) < 0.5 else go(w) + v

    return np.sum(go(x) ** 2)


@program(numbers(5))
def an_array_that_is_changed_between_the_calls(x):
    w = x * 2
    total = 0.0

    def go(v):
        return np.sum(v * v) if np.sum(v) < 5 else go(v * 0.5)

    for i in range(5):
        total += go(w)
        w[i] = w[i] * 0.5 + total * 0.1
    return total * np.sum(w)


@program(numbers(6), refused="what comes back may be the array that is changed")
def the_argument_may_come_back(x):
    w = x * 2
    w[0] = 1.0

    def go(v):
        return v if np.sum(v) < 20 else go(v * 0.5)

    r = go(w)
    w[1] = 7.0
    return np.sum(r) + np.sum(w)


@program(np.array([0.7, 1.3, 0.9]))
def bisection_by_recursion(p):
    def f(t):
        return p[0] * t**3 + p[1] * t - p[2]

    def root(a, b):
        m = 0.5 * (a + b)
        if b - a < 1e-6:
            return m - f(m) / (3 * p[0] * m**2 + p[1])
        return root(a, m) if f(a) * f(m) < 0 else root(m, b)

    return root(0.0, 2.0)


@program(1.0, 25)
def more_calls_than_are_written_out(x, n):
    return _fibonacci(x * 1e-3, n % 30 - 4)
