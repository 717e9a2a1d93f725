"""Walks over the elements of arrays."""

import math

import numpy as np

from tests.corpus.program import numbers, program


@np.vectorize
def relu(v, k=1.0):
    return v * k if v > 0.8 else 0.0


@program(numbers(3))
def indices_of_all_elements(x):
    A = np.outer(x, x)
    s = 0.0
    for i, j in np.ndindex(A.shape):
        s += A[i, j] * (i + 2 * j)
    return s


@program(numbers(3))
def indices_as_tuples(x):
    A = np.outer(x, x)
    s = 0.0
    for idx in np.ndindex(3, 3):
        s += A[idx] * sum(idx)
    return s


@program(numbers(3))
def elements_written_by_their_indices(x):
    A = np.zeros((3, 3))
    for i, j in np.ndindex(*A.shape):
        A[i, j] = x[i] * x[j] ** 2
    return A.sum()


@program(numbers(3))
def elements_with_their_indices(x):
    A = np.outer(x, x)
    s = 0.0
    for (i, j), v in np.ndenumerate(A):
        s += v * (i + 2 * j)
    return s


@program(numbers(3))
def elements_of_a_vector_with_their_indices(x):
    s = 0.0
    for i, v in np.ndenumerate(x):
        s += v * i[0] * x[i]
    return s


@program(numbers(3))
def elements_by_nditer(x):
    s = 0.0
    for v in np.nditer(x):
        s += v * v
    return s


@program(numbers(3))
def elements_written_by_nditer(x):
    y = x.copy()
    with np.nditer(y, op_flags=["readwrite"]) as it:
        for v in it:
            v[...] = 2 * v * v
    return y.sum()


@program(numbers(3))
def elements_written_by_nditer_in_a_loop(x):
    y = x.copy()
    for v in np.nditer(y, op_flags=["readwrite"]):
        v[...] = np.sin(v)
    return (y * x).sum()


@program(numbers(3))
def a_vectorized_function(x):
    return relu(x).sum() * relu(x, 2.0)[1]


@program(numbers(3))
def vectorize_of_two_arrays(x):
    f = np.vectorize(lambda a, b: a * b if a > b else a + b)
    return f(x, 0.9).sum()


@program(numbers(3))
def vectorize_of_a_known_type(x):
    return np.vectorize(math.sin, otypes=[float])(x).sum()


@program(numbers(3))
def vectorize_with_a_whole_argument(x):
    def poly(p, v):
        return p[0] + p[1] * v

    return np.vectorize(poly, excluded=["p"])(p=[1.0, 2.0], v=x).sum()


@program(numbers(3))
def a_closure_along_an_axis(x):
    w = x * 2

    def f(row):
        return (row * w).sum()

    return np.apply_along_axis(f, 1, np.outer(x, x)).sum()


@program(numbers(3), refused="the results may be integers")
def vectorize_of_a_function_of_two_types(x):
    return np.vectorize(lambda v: v if v > 1.0 else 0)(x).sum()


@program(numbers(3), refused="the function runs twice on the first element")
def vectorize_of_a_function_that_prints(x):
    def noted(v):
        print("seen")
        return v * v

    return np.vectorize(noted)(x).sum()


@program(numbers(3, 2), refused="the order in memory is not known")
def nditer_of_a_transposed_array(x):
    total = 0.0
    for v in np.nditer(x.T):
        total = total * 0.5 + v
    return total


@program(numbers(3, 2))
def nditer_in_the_order_of_c(x):
    total = 0.0
    for v in np.nditer(x.T, order="C"):
        total = total * 0.5 + v
    return total


@program(numbers(3), refused="arrays of objects")
def frompyfunc(x):
    return np.frompyfunc(lambda a, b: a * b, 2, 1)(x, x).sum()


@program(numbers(3))
def an_array_of_what_is_yielded(x):
    return np.fromiter((v * v for v in x), float).prod() * np.fromiter([1, 2], dtype=float)[1]


@program(numbers(3))
def an_array_of_what_some_elements_give(x):
    return np.fromiter((v * v for v in x if v > 0.7), dtype=np.float64).sum()


@program(1.5)
def vectorize_of_a_number(x):
    return np.vectorize(lambda v: v * v)(x) * x


@program(numbers(1))
def one_element_without_dimensions(x):
    return np.sum(x.reshape(()) ** 2) + np.reshape(x, ())
