"""What Python and NumPy mean by numbers: promotion, powers, remainders, empty and 0-d arrays."""

import math

import numpy as np

from tests.corpus.program import program, signed

HALVES = np.array([0.5, -1.2, 2.0])


@program(HALVES, 3)
def floor_division_and_remainder_of_arrays(x, n):
    return np.sum(x // 0.7) * n + np.sum(x % 0.7 * x)


@program(HALVES)
def integer_powers_of_arrays_with_negative_bases(x):
    return np.sum(x**3) + np.sum(x**-2) + np.sum(x**2.0) + np.sum((-x) ** 3)


@program(-1.5)
def integer_powers_of_a_negative_number(x):
    return x**3 + x**-1 + (-x) ** 2 + 2**x


@program(1.5, 7)
def integers_beside_floats(x, n):
    return x * n + n / 3 + n // 2 * x + n % 4 * x


@program(HALVES, np.array([1, 2, 5]))
def an_integer_array_divides(x, i):
    return np.sum(x * i) / i.sum() + np.sum(i // 2 * x)


@program(HALVES, np.arange(3, dtype=np.uint64))
def an_unsigned_integer_array(x, i):
    return np.sum(x * i + i)


@program(HALVES.astype(np.float16), np.arange(3, dtype=np.int8), tolerance=2e-2)
def a_small_integer_array_stays_in_half_precision(x, i):
    return np.sum(x * i)


@program(np.zeros(0))
def an_empty_array_is_summed(x):
    return np.sum(x) + np.prod(x) + np.sum(np.cumsum(x)) + 1.0


@program(np.zeros(0))
def an_empty_array_is_walked(x):
    total = 0.0
    for item in x:
        total = total + item * item
    return total


@program(np.zeros((2, 0)))
def an_empty_product_of_matrices(x):
    return np.sum(x @ np.ones((0, 3)))


@program(np.zeros(0))
def an_empty_array_is_reshaped_and_joined(x):
    return np.sum(x.reshape(0, 3) * 2) + np.concatenate([x, np.ones(2)]).sum()


@program(HALVES.astype(np.longdouble), 0.5, wrt=(0, 1))
def long_doubles(x, s):
    return np.sum(np.exp(x) * s)


@program(HALVES, tolerance=1e-3)
def a_cast_down_within_the_function(x):
    return (x * x).astype(np.float32).sum() + np.float32(2) * x[0]


@program(HALVES.astype(np.float32), HALVES, wrt=(0, 1), tolerance=1e-3)
def single_times_double(x, y):
    return np.sum(x * y)


@program(np.float32(1.5), HALVES, wrt=(0, 1), tolerance=1e-3)
def a_single_precision_scalar_times_doubles(x, y):
    return np.sum(x * y)


@program(np.array(1.5), HALVES, wrt=(0, 1))
def a_zero_dimensional_array_times_a_vector(x, y):
    return np.sum(x * y) + x[()] * 2


@program(np.array([[1.5]]), HALVES, wrt=(0, 1))
def a_matrix_of_one_element_times_a_vector(x, y):
    return np.sum(x * y)


@program(np.array(1.5))
def the_item_of_a_zero_dimensional_array(x):
    return x.item() * 2 + float(x) ** 2


@program(HALVES, True)
def a_flag_is_a_number(x, flag):
    return np.sum(x * flag) + (x[0] > 0) * x[0] + bool(x[1] > 0) * x[1]


@program(HALVES, np.array([True, False, True]))
def a_mask_is_a_number(x, mask):
    return np.sum(x * mask) + np.sum(x[mask] > 1) + np.count_nonzero(x)


@program(2.37)
def rounding_and_truncation_of_a_number(x):
    return int(x) * x + round(x, 1) * x + x // 1 * x + divmod(x, 0.4)[1]


@program(1.0 + 2.0j)
def parts_and_size_of_a_complex_number(z):
    return np.abs(z) ** 2 + (z * z).real + z.imag


@program(2.0)
def a_complex_number_made_of_a_real_one(x):
    return abs(complex(x, 1.0) * 1j)


@program(HALVES)
def complex_intermediates_of_real_arrays(x):
    return np.sum(np.real(np.exp(1j * x)) ** 2) + np.abs(np.sum(x * 1j))


@program(HALVES.astype(np.float32), tolerance=1e-3)
def sums_in_another_precision(x):
    return x.mean(dtype=np.float64) + x.sum(dtype=np.float64)


@program(np.abs(HALVES))
def powers_of_all_kinds(x):
    return np.sum(np.power(2, x)) + np.sum(np.power(x, np.arange(3))) + np.float_power(x, 2).sum()


@program(-1.5, 3)
def a_power_whose_exponent_is_an_integer_argument(x, n):
    return x**n + np.power(x, n)


@program(0.0, 2)
def a_square_of_zero_whose_exponent_is_an_argument(x, n):
    return x**n + np.power(x, n)


@program(1.3)
def arithmetic_of_integers_alone(x):
    return 5 // 2 * x + 7 % 3 * x + (-7) // 2 * x + (-7) % 3 * x + 2**-1 * x + x * (1 == True)


@program(1.3)
def integers_without_bound(x):
    return x * (2**70 // 2**68) + x * 10**20 * 1e-20


@program(5.3, 2.1, wrt=(0, 1))
def remainders_of_all_kinds(a, b):
    return np.fmod(a, b) + a % b + math.fmod(a, b) + np.fmod(-a, b) + (-a) % b


@program(1.5)
def values_of_and_and_or(x):
    return (x and x * 2 or 3.0) + (x if x else 1.0) + (not x) * x


@program(signed(3))
def signs_and_steps(x):
    return np.sum(np.copysign(x, -1)) + np.sum(np.heaviside(x, 0.5) * x) + np.sign(x[2]) * x[0]


@program(np.array([1000.0, 0.0, 0.0]))
def a_shifted_exponential_that_would_overflow(x):
    shifted = np.exp(x - x.max())
    return np.sum(shifted / np.sum(shifted) * np.arange(3.0))
