"""float32, complex numbers, integers and booleans beside floats."""

import numpy as np

from tests.corpus.program import numbers, program, signed

SINGLE = 2e-3


def single(*shape, seed=0):
    return numbers(*shape, seed=seed).astype(np.float32)


def complex_numbers(*shape, seed=0):
    return numbers(*shape, seed=seed) + 1j * signed(*shape, seed=seed + 1)


@program(single(3), tolerance=SINGLE)
def single_precision(x):
    return np.sum((x * 2.0 + 1) ** 2) / 3


@program(single(2, 3), single(3, seed=1), single(2, seed=2), wrt=(0, 1, 2), tolerance=SINGLE)
def single_precision_layer(w, x, b):
    return np.mean(np.tanh(w @ x + b) ** 2)


@program(single(4), 3, tolerance=SINGLE)
def single_precision_in_a_loop(x, n):
    y = x
    for i in range(n):
        y = np.sin(y) * 1.5 + i
    return np.sum(y)


@program(single(4), 0.5, wrt=(0, 1), tolerance=SINGLE)
def single_precision_with_a_branch(x, s):
    if s > 0:
        y = x * s
    else:
        y = x
    return np.sum(y * y)


@program(single(3), numbers(3, seed=1), wrt=(0, 1), tolerance=SINGLE)
def mixed_precision(x, y):
    return np.sum(x * y + x)


@program(single(3), np.arange(3), tolerance=SINGLE)
def single_precision_and_integers(x, k):
    return np.sum(x * k)


@program(np.float32(1.5), tolerance=SINGLE)
def single_precision_scalar(x):
    return x * x * 2.0 + 1


@program(np.float32(1.5), single(3), wrt=(0, 1), tolerance=SINGLE)
def single_precision_scalar_and_array(s, x):
    return np.sum(x * s) + s


@program(single(2, 3), tolerance=SINGLE)
def single_precision_reductions(x):
    return np.sum(x.mean(axis=0) * x.max(axis=0)) + x.std() + np.sum(x.sum(axis=1))


@program(single(3), tolerance=SINGLE)
def single_precision_all_ones(x):
    return np.sum(x)


@program(single(3), tolerance=SINGLE)
def cast_up(x):
    return np.sum(x.astype(np.float64) ** 2)


@program(numbers(3), tolerance=SINGLE)
def cast_down(x):
    return np.sum(x.astype(np.float32) ** 2 * 1.0)


@program(1.5 + 0.5j)
def complex_scalar(z):
    return abs(z) ** 2 + z.real * z.imag


@program(1.5 + 0.5j)
def complex_holomorphic_parts(z):
    return (z * z * z).real + (z * z).imag


@program(complex_numbers(3))
def complex_array(z):
    return np.sum(np.abs(z) ** 2) + np.sum((z * z).real)


@program(complex_numbers(3), numbers(3, seed=3), wrt=(0, 1))
def complex_and_real(z, x):
    return np.sum(np.real(z * x)) + np.sum(np.abs(z * x) ** 2)


@program(complex_numbers(2, 2), complex_numbers(2, seed=5), wrt=(0, 1))
def complex_matrices(a, z):
    return np.sum(np.abs(a @ z) ** 2) + np.real(np.conj(z) @ z)


@program(numbers(3))
def real_argument_of_a_complex_function(x):
    return np.sum(np.abs(np.exp(1j * x) + 1) ** 2) + np.sum(np.real(x * 1j * x * 1j))


@program(1.5)
def a_float_through_complex_numbers(x):
    z = complex(x, 2 * x)
    return z.real * z.imag + abs(z) ** 2


@program(numbers(3), np.array([1, 2, 3]))
def an_integer_array_that_is_passive(x, k):
    return np.sum(x * k + k // 2 + x**k)


@program(numbers(3), np.array([True, False, True]))
def a_boolean_array_that_is_passive(x, mask):
    return np.sum(x * mask) + np.sum(np.where(mask, x, 0.0) ** 2)


@program(numbers(3), np.array(["a", "b"]).size)
def an_integer_from_elsewhere(x, n):
    return np.sum(x) * n


@program({"x": 1.5, "n": 3})
def an_integer_in_a_container_counts_as_real(d):
    return d["x"] ** 2 * d["n"]


@program(single(3).astype(">f4").astype(np.float32), tolerance=SINGLE)
def native_byte_order_after_a_detour(x):
    return np.sum(x * x)


@program(numbers(3).astype(np.float16).astype(np.float64))
def half_precision_values(x):
    return np.sum(x * x)


@program(np.array([2.0, 3.0]))
def the_exponent_is_an_integer_literal(x):
    return np.sum(x**3 + 2**x + x**-1)


@program(np.float32(1.5), tolerance=SINGLE)
def the_result_is_a_single_precision_argument(x):
    return x


@program(single(3), tolerance=SINGLE)
def the_result_is_an_element_in_single_precision(x):
    return x[1]
