"""Functions that call themselves on parts of an array, to a depth that its size decides."""

import numpy as np

from tests.corpus.program import numbers, program, signed


@program(signed(3, 3))
@program(signed(4, 4))
def determinant_by_minors(a):
    if len(a) == 1:
        return a[0, 0]
    total = 0.0
    for j in range(len(a)):
        minor = np.delete(a[1:], j, axis=1)
        total += (-1) ** j * a[0, j] * determinant_by_minors(minor)
    return total


def _minor(a, i, j):
    rows = [k for k in range(a.shape[0]) if k != i]
    columns = [k for k in range(a.shape[1]) if k != j]
    return a[rows][:, columns]


@program(signed(3, 3))
def determinant_of_minors_by_index_lists(a):
    if a.shape == (1, 1):
        return a[0, 0]
    if a.shape[0] == 2:
        return a[0, 0] * a[1, 1] - a[0, 1] * a[1, 0]
    return sum(
        (-1) ** j * a[0, j] * determinant_of_minors_by_index_lists(_minor(a, 0, j))
        for j in range(a.shape[0])
    )


@program(numbers(5))
@program(numbers(1))
def a_sum_by_halves(x):
    n = len(x)
    if n == 1:
        return x[0] ** 2
    return a_sum_by_halves(x[: n // 2]) * 1.5 + a_sum_by_halves(x[n // 2 :])


@program(numbers(6))
def a_maximum_by_halves(x):
    if x.size == 1:
        return x[0]
    middle = x.size // 2
    return max(a_maximum_by_halves(x[:middle]), a_maximum_by_halves(x[middle:]))


@program(numbers(7))
@program(numbers(70))
def the_first_and_the_rest(x):
    if len(x) == 0:
        return 0.0
    return x[0] ** 2 + np.sin(the_first_and_the_rest(x[1:]))


@program(numbers(4), 0.7, wrt=(0, 1))
def horner_of_the_rest(c, x):
    if not len(c):
        return 0.0
    return c[0] + x * horner_of_the_rest(c[1:], x)


@program(numbers(6), 1.1, wrt=(0, 1))
def product_in_pairs(x, w):
    def pairs(v):
        if v.shape[0] > 1:
            return pairs(v[: v.shape[0] // 2] * v[-(v.shape[0] // 2) :] * w)
        return v[0]

    return pairs(x)


def _fft(x):
    n = x.shape[0]
    if n <= 1:
        return x
    even, odd = _fft(x[::2]), _fft(x[1::2])
    twiddled = np.exp(-2j * np.pi * np.arange(n // 2) / n) * odd
    return np.concatenate([even + twiddled, even - twiddled])


@program(numbers(8))
def power_spectrum_by_recursive_fft(x):
    return np.sum(np.abs(_fft(x)) ** 2 * np.arange(len(x)))


def _strassen(a, b):
    n = a.shape[0]
    if n <= 1:
        return a @ b
    m = n // 2
    a11, a12, a21, a22 = a[:m, :m], a[:m, m:], a[m:, :m], a[m:, m:]
    b11, b12, b21, b22 = b[:m, :m], b[:m, m:], b[m:, :m], b[m:, m:]
    p1 = _strassen(a11 + a22, b11 + b22)
    p2 = _strassen(a21 + a22, b11)
    p3 = _strassen(a11, b12 - b22)
    p4 = _strassen(a22, b21 - b11)
    p5 = _strassen(a11 + a12, b22)
    p6 = _strassen(a21 - a11, b11 + b12)
    p7 = _strassen(a12 - a22, b21 + b22)
    c = np.empty((n, n))
    c[:m, :m] = p1 + p4 - p5 + p7
    c[:m, m:] = p3 + p5
    c[m:, :m] = p2 + p4
    c[m:, m:] = p1 - p2 + p3 + p6
    return c


@program(signed(4, 4), signed(4, 4, seed=1), wrt=(0, 1))
def strassen_multiplication(a, b):
    return np.sum(_strassen(a, b) ** 2)


def _merge(a, b):
    if len(a) == 0:
        return b
    if len(b) == 0:
        return a
    if a[0] < b[0]:
        return np.concatenate([a[:1], _merge(a[1:], b)])
    return np.concatenate([b[:1], _merge(a, b[1:])])


def _merge_sort(x):
    if len(x) < 2:
        return x
    middle = len(x) // 2
    return _merge(_merge_sort(x[:middle]), _merge_sort(x[middle:]))


@program(signed(4))
@program(signed(3, seed=2))
def merge_sort(x):
    return np.sum(_merge_sort(x) * np.arange(1, len(x) + 1))


@program(numbers(5, 2), 0.3, wrt=(0, 1))
def de_casteljau(points, t):
    def at(p):
        return p[0] if len(p) == 1 else at((1 - t) * p[:-1] + t * p[1:])

    return np.sum(at(points) ** 2)


def _cholesky(a):
    n = a.shape[0]
    if n == 1:
        return np.sqrt(a)
    k = n // 2
    first = _cholesky(a[:k, :k])
    below = np.linalg.solve(first, a[k:, :k].T).T
    last = _cholesky(a[k:, k:] - below @ below.T)
    top = np.hstack([first, np.zeros((k, n - k))])
    return np.vstack([top, np.hstack([below, last])])


@program(signed(5, 5))
def cholesky_by_blocks(x):
    return np.sum(_cholesky(x @ x.T + 3.0 * np.eye(len(x))) ** 3)


@program(numbers(3, 5), numbers(3, 4, seed=1), wrt=(0, 1))
def two_sizes_decide(x, y):
    def go(a, b):
        if a.shape[1] == 0 or b.shape[1] == 0:
            return 1.0
        return np.sum(a[:, 0] * b[:, 0]) * go(a[:, 1:], b[:, 2:])

    return go(x, y)


def _even_places(x):
    return 0.0 if len(x) == 0 else x[0] ** 2 + _odd_places(x[1:])


def _odd_places(x):
    return 0.0 if len(x) == 0 else np.exp(x[0]) * _even_places(x[1:])


@program(numbers(5))
def mutual_recursion_over_a_size(x):
    return _even_places(x)


@program(numbers(6))
def a_size_computed_of_a_size(x):
    def count(n):
        return 1.0 if n <= 1 else x[n - 1] * count(n // 2)

    return count(len(x)) + count(x.size - 1)


@program([numbers(2), numbers(3), numbers(1)])
def sizes_of_arrays_in_a_list(parts):
    def total(v):
        return 0.0 if len(v) == 0 else v[0] * (1.0 + total(v[1:]))

    return sum(total(part) for part in parts)
