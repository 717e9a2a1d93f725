"""Programs that random programs have found, made small: each was wrong or refused once."""

import numpy as np

from tests.corpus.program import numbers, program, signed


@program(signed(3, 4), signed(2, 3, seed=1), wrt=(0, 1))
def return_out_of_two_loops_before_an_array_is_bound_anew(b, t):
    for row in b:
        for _ in row:
            return b[2, 1]
        t = t
    return np.sum(t)


@program(signed(3), signed(2, 3, seed=1), wrt=(0, 1))
def return_in_the_second_iteration_after_an_array_is_bound_anew(x, t):
    for item in x:
        if item > 0.2:
            return np.sum(t * item) + x[1]
        t = t * item
    return np.sum(t)


@program(numbers(3).astype(np.float32), 1.2, wrt=0, tolerance=1e-3)
def power_function_of_a_float32_scalar(t, s):
    return np.power(s * t[0], 3)


@program(numbers(40))
def power_function_of_float64_scalars(x):
    total = 0.0
    for item in x:
        total = total + np.power(item, 3) + np.power(item, 0.5) + item**3
    return total


@program(signed(6) + 1j * signed(6, seed=1))
def power_function_of_complex_arrays(z):
    return np.sum(np.abs(np.power(z, 2)) + np.power(z, -1).real + (z**2).imag)
