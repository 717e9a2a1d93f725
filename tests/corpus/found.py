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


@program(numbers(4).astype(np.float32), 1.0, tolerance=1e-3)
@program(numbers(4).astype(np.float32), -1.0, tolerance=1e-3)
def a_function_of_a_python_number_or_a_float32_scalar(y, c):
    s = 1.0 if c > 0 else y[1]
    y = y * np.tanh(s)
    return np.sum(y)


@program(np.float32(0.7), numbers(3).astype(np.float32), tolerance=1e-3)
def a_factor_of_a_float32_scalar_that_may_be_float64(y, w):
    s = 1.0 if y > 0 else w[1]
    return np.sum(w) * 1.5 + y * np.tanh(s)


@program(numbers(4).astype(np.float32), 0, tolerance=1e-3)
@program(numbers(4).astype(np.float32), 3, tolerance=1e-3)
def a_sum_in_single_precision_that_may_have_no_terms(x, n):
    s = 0.0
    for i in range(n):
        s = s + x[i]
    return np.cosh(s) * np.sum(x)


@program(1.5, 2)
@program(1.5, 0)
def a_sum_of_the_same_number(s, n):
    return sum(s for _ in range(n)) * s


@program(numbers(3))
def a_store_of_complex_numbers_under_a_real_part(x):
    w = x * (1 + 0.5j)
    w[1] *= 2 + 1j
    return np.sum(np.real(w) * x)


@program(numbers(3))
def stores_of_complex_numbers_in_a_loop_under_a_real_part(x):
    w = x * (1 + 0.5j)
    for i in range(2):
        w[i + 1] += w[i] * 1j
    return np.sum(np.real(w) * x)


@program(numbers(3))
def a_complex_array_turned_in_a_loop_under_a_real_part(x):
    w = x * (1 + 0.5j)
    for i in range(2):
        w = w * 1j
    return np.sum(w.real * x)


@program(numbers(3))
def a_masked_store_of_complex_numbers_under_a_real_part(x):
    w = x * (1 + 0.5j)
    w[x > 0.8] *= 1j
    w.imag[1] *= 2.0
    return np.sum(np.real(w) * x)


@program(0.5, numbers(3, 4), 0)
@program(0.5, numbers(3, 4), 2)
def a_store_into_one_of_two_views_chosen_in_place(v, a, k):
    (a if k == 0 else a[::-1])[0] = v * v
    return np.sum(a * a[0])


@program(0.5, numbers(3))
@program(0.9, numbers(3))
def an_item_of_one_of_two_kinds_chosen_in_place(v, x):
    return (x if v > 0.7 else (v * 2, v * 3.0))[0] * 2 + len(x[:2] if v > 0.7 else [v, v, v]) * v


@program(numbers(3))
@program(np.array([2.0, 0.7, 3.0]))
@program(numbers(0))
def averages_of_what_may_be_nothing(x):
    chosen = x[x > 1.5]
    average = np.mean(chosen)
    spread = np.var(chosen, ddof=1) if len(chosen) > 1 else 0.0
    return (
        (average if len(chosen) else 0.0) + spread + np.sum(x) + (np.mean(x * x) if len(x) else 0.0)
    )


@program(numbers(3), 4, 1)
@program(numbers(3), 2, 2)
@program(numbers(3), 1, 0)
def parts_of_a_list_whose_length_the_data_decide(x, n, k):
    made = [x * i for i in range(n)]
    backwards = made[::-1]
    backwards.append(x * 2.0)
    total = np.sum(backwards[0])
    for row in made[1:]:
        total = total * 0.5 + np.sum(row * row)
    for row in made[k:-1]:
        x[0] += np.sum(row)
    return total + np.sum(x) + len(made[:k])


@program(0.5, numbers(3), 1.0)
@program(0.5, -numbers(3), 2.0)
def a_store_into_one_of_two_views_chosen_by_a_chain_in_place(v, x, w):
    (x if -1.0 < np.vdot(x, x) < 1.2 * w else x[::-1])[0] = v * w
    (x if w > 1.5 or v < 0.2 and x[0] > 0 else x[::-1])[1 if v > 0.3 else 2] *= v
    return np.sum(x * np.array([1.0, 2.0, 3.0]))


@program(numbers(3), numbers(2, 3), 0.5)
@program(numbers(3), numbers(2, 3), -0.5)
def a_final_block_reads_what_the_path_that_returned_had(x, b, s):
    y = 1.0
    try:
        if s > 0:
            return np.sum(x) * s
        y = s
        b = b * y
    finally:
        x[0] = np.sum(b[1]) * y
    return np.sum(x * b)
