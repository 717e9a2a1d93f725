"""Stores into arrays: every kind of index, operator and value, in straight code and in loops."""

import numpy as np

from tests.corpus.program import numbers, program, signed

WEIGHTS = np.array([1.0, -2.0, 3.0, 0.5, -1.5, 2.5])


def weighted(a):
    """A sum that tells every element of a small array from every other."""
    return np.sum(a * a * np.cos(np.arange(a.size).reshape(a.shape)))


# One index of each kind


@program(numbers(4))
def store_element(x):
    y = x * 2
    y[1] = x[2] * x[3]
    return weighted(y)


@program(numbers(4))
def store_element_counted_from_the_end(x):
    y = x * 2
    y[-1] = y[0] * x[3]
    return weighted(y)


@program(numbers(3, 4))
def store_element_of_a_matrix(x):
    y = x * 2
    y[1, -2] = x[0, 0] * y[1, 2]
    return weighted(y)


@program(numbers(3, 4))
def store_element_by_two_brackets(x):
    y = x * 2
    y[1][2] = x[0, 0] * x[2, 1]
    return weighted(y)


@program(numbers(3, 4))
def store_row(x):
    y = x * 2
    y[1] = x[0] * x[2]
    return weighted(y)


@program(numbers(3, 4))
def store_column(x):
    y = x * 2
    y[:, 1] = x[:, 0] * x[:, 2]
    return weighted(y)


@program(numbers(6))
def store_slice(x):
    y = x * 2
    y[1:4] = x[3:] * x[:3]
    return weighted(y)


@program(numbers(6))
def store_slice_with_a_step(x):
    y = x * 2
    y[::2] = x[1::2] ** 2
    return weighted(y)


@program(numbers(6))
def store_slice_backwards(x):
    y = x * 2
    y[::-1] = x**2
    return weighted(y)


@program(numbers(6))
def store_slice_backwards_with_bounds(x):
    y = x * 2
    y[4:1:-1] = x[:3] * x[3:]
    return weighted(y)


@program(numbers(6))
def store_slice_backwards_with_a_step(x):
    y = x * 2
    y[::-2] = x[:3] * x[3:]
    return weighted(y)


@program(numbers(6))
def store_slice_with_negative_bounds(x):
    y = x * 2
    y[-4:-1] = x[-3:] * x[0]
    return weighted(y)


@program(numbers(6))
def store_slice_past_the_end(x):
    y = x * 2
    y[4:100] = x[:2] ** 3
    return weighted(y)


@program(numbers(6))
def store_empty_slice(x):
    y = x * 2
    y[3:3] = x[0]
    y[5:2] = x[1]
    return weighted(y)


@program(numbers(6))
def store_everywhere(x):
    y = x * 2
    y[:] = x**2
    y[...] = y * x
    return weighted(y)


@program(numbers(2, 3, 2))
def store_with_an_ellipsis(x):
    y = x * 2
    y[..., 1] = x[..., 0] ** 2
    y[0, ...] = y[1, ...] * x[0]
    return weighted(y)


@program(numbers(2, 3))
def store_with_a_new_axis(x):
    y = x * 2
    y[None, 0] = x[1]
    y[:, np.newaxis, 1] = x[:, :1] ** 2
    return weighted(y)


@program(numbers(3, 3))
def store_block(x):
    y = x * 2
    y[:2, 1:] = x[1:, :2] * x[0, 0]
    return weighted(y)


@program(numbers(3, 4))
def store_strided_block(x):
    y = x * 2
    y[::2, ::-2] = x[:2, 1:3] ** 2
    return weighted(y)


@program(signed(6))
def store_by_mask(x):
    y = x * 2
    y[x > 0] = 0.25
    return weighted(y)


@program(signed(6))
def store_one_value_by_mask(x):
    y = x * 2
    y[y < 0] = x[0] * x[1]
    return weighted(y)


@program(signed(6))
def store_array_by_mask(x):
    y = x * 2
    positive = x > 0
    y[positive] = x[positive] ** 3
    return weighted(y)


@program(signed(6))
def store_by_negated_mask(x):
    y = x * 2
    small = np.abs(x) < 0.7
    y[~small] = x[~small] ** 2
    y[small] *= 3
    return weighted(y)


@program(signed(3, 4))
def store_by_mask_of_a_matrix(x):
    y = x * 2
    y[x > 0.5] = -1.0
    y[y < 0] += x[0, 0]
    return weighted(y)


@program(signed(3, 4))
def store_rows_by_mask(x):
    y = x * 2
    y[x[:, 0] > 0] = x[1] ** 2
    return weighted(y)


@program(signed(3, 4))
def store_by_mask_in_one_row(x):
    y = x * 2
    y[1, x[1] > 0] = 7.0
    y[0, x[0] < 0] *= x[0, 0]
    return weighted(y)


@program(numbers(5))
def store_by_list(x):
    y = x * 2
    y[[0, 3]] = x[1:3] ** 2
    return weighted(y)


@program(numbers(5))
def store_by_integer_array(x):
    y = x * 2
    y[np.array([4, 0, 2])] = x[:3] * x[2:]
    return weighted(y)


@program(numbers(5))
def store_by_repeated_indices_keeps_the_last(x):
    y = x * 2
    y[[1, 1, 3, 1]] = x[:4] ** 2
    return weighted(y)


@program(numbers(5), np.array([2, 0, 2]))
def store_by_repeated_indices_of_an_argument(x, at):
    y = x * 2
    y[at] = x[:3] ** 2
    return weighted(y)


@program(numbers(5))
def store_by_negative_indices(x):
    y = x * 2
    y[[-1, 0, -5]] = x[:3] ** 2
    return weighted(y)


@program(numbers(3, 4))
def store_by_two_lists(x):
    y = x * 2
    y[[0, 1, 2], [3, 0, 1]] = x[:, 0] ** 2
    return weighted(y)


@program(numbers(3, 4))
def store_by_two_lists_with_repeats(x):
    y = x * 2
    y[[0, 0, 2], [3, 3, 1]] = x[:, 0] ** 2
    return weighted(y)


@program(numbers(3, 4))
def store_by_list_and_slice(x):
    y = x * 2
    y[[2, 0], 1:3] = x[:2, :2] ** 2
    return weighted(y)


@program(numbers(3, 4))
def store_by_slice_and_list(x):
    y = x * 2
    y[1:, [3, 0]] = x[:2, :2] ** 2
    return weighted(y)


@program(numbers(2, 3, 4))
def store_by_lists_apart(x):
    y = x * 2
    y[[1, 0], :, [3, 2]] = x[:, :, 0] ** 2
    return weighted(y)


@program(numbers(3, 3))
def store_by_open_mesh(x):
    y = x * 2
    y[np.ix_([0, 2], [1, 2])] = x[:2, :2] ** 2
    return weighted(y)


@program(numbers(4, 4))
def store_on_the_diagonal(x):
    y = x * 2
    i = np.arange(4)
    y[i, i] = x[0] ** 2
    return weighted(y)


@program(numbers(3, 4))
def store_broadcasts_a_number(x):
    y = x * 2
    y[:, 1:3] = x[0, 0] * 3
    return weighted(y)


@program(numbers(3, 4))
def store_broadcasts_a_row(x):
    y = x * 2
    y[:] = x[1] ** 2
    return weighted(y)


@program(numbers(3, 4))
def store_broadcasts_a_column(x):
    y = x * 2
    y[:, 1:] = x[:, :1] ** 2
    return weighted(y)


@program(numbers(4))
def store_value_with_extra_leading_axes(x):
    y = x * 2
    y[1:3] = x[None, None, :2] ** 2
    return weighted(y)


@program(numbers(4), 1.5, wrt=(0, 1))
def store_python_number(x, s):
    y = x * 2
    y[0] = s * s
    y[2] = 3
    return weighted(y)


@program(numbers(4))
def store_list_of_numbers(x):
    y = x * 2
    y[1:3] = [x[0] * x[1], 4.0]
    return weighted(y)


@program(numbers(4), 2)
def store_at_an_index_of_an_argument(x, i):
    y = x * 2
    y[i] = x[i - 1] * x[i + 1]
    return weighted(y)


@program(numbers(6), 1, 4)
def store_slice_with_bounds_of_arguments(x, a, b):
    y = x * 2
    y[a:b] = x[a + 1 : b + 1] ** 2
    return weighted(y)


@program(numbers(5))
def store_at_the_largest(x):
    y = x * 2
    y[np.argmax(x)] = x[0] * x[1]
    return weighted(y)


# Values made into the array


@program(numbers(3))
def store_into_zeros(x):
    y = np.zeros(5)
    y[1:4] = x**2
    return weighted(y)


@program(numbers(3))
def store_into_empty(x):
    y = np.empty((2, 3))
    y[0] = x
    y[1] = x[::-1] * y[0]
    return weighted(y)


@program(numbers(3))
def store_into_zeros_like(x):
    y = np.zeros_like(x)
    y[0] = x[1] * x[2]
    return weighted(y)


@program(numbers(3))
def store_into_ones(x):
    y = np.ones(3)
    y *= x
    y[1] -= x[0]
    return weighted(y)


@program(numbers(3))
def store_into_an_array_of_a_list(x):
    y = np.array([x[0], 2.0, x[1] * x[2]])
    y[1] = x[0] * y[2]
    return weighted(y)


@program(numbers(3))
def store_into_a_full_array(x):
    y = np.full((3, 3), x[1])
    y[0] = x
    return weighted(y)


@program(numbers(3))
def store_integer_array_is_truncated(x):
    y = np.zeros(3, dtype=int)
    y[0] = 7
    return np.sum(x * y) + np.sum(x * x)


@program(numbers(3))
def store_into_a_float32_array(x):
    y = np.zeros(3, dtype=np.float32)
    y[:] = 0.5
    return np.sum(y * x) + np.sum(x * x)


@program(numbers(3).astype(np.float32), tolerance=2e-3)
def store_in_float32(x):
    y = x * 2
    y[1:] = x[:2] * x[1:]
    y[0] *= 3.0
    return np.sum(y * y)


@program(numbers(3) + 1j * numbers(3, seed=1))
def store_in_complex(z):
    w = z * 2
    w[1] = z[0] * z[2]
    w[0] = 1.5
    return np.sum(np.abs(w) ** 2)


@program(numbers(3))
def store_real_into_complex(x):
    w = np.zeros(3, dtype=complex)
    w[:] = x
    w[1] *= 2 + 1j
    return np.sum(np.abs(w) ** 2)


@program(numbers(3), np.array([True, False, True]))
def store_by_mask_of_an_argument(x, m):
    y = x * 2
    y[m] = x[m] ** 2
    return weighted(y)


@program(numbers(4), np.array([0, 2]))
def store_by_integers_computed(x, at):
    y = x * 2
    y[at + 1] = x[at] ** 2
    y[at // 2] += 1.5
    return weighted(y)


# In-place operators


@program(numbers(4))
def operators_on_elements(x):
    y = x * 2
    y[0] += x[1]
    y[1] -= x[2] * y[0]
    y[2] *= x[3]
    y[3] /= x[0]
    y[0] **= 2
    return weighted(y)


@program(numbers(4), numbers(4, seed=1), wrt=(0, 1))
def operators_on_arrays(x, z):
    y = x * 2
    y += z
    y -= x * z
    y *= z
    y /= x
    y **= 2
    return weighted(y)


@program(numbers(4))
def operators_on_slices(x):
    y = x * 2
    y[1:] += x[:-1]
    y[:-1] *= y[1:]
    y[::2] -= x[1::2]
    y[::-1] /= x
    return weighted(y)


@program(numbers(4))
def operators_with_repeated_indices_do_not_accumulate(x):
    y = x * 2
    y[[0, 0, 2]] += x[:3]
    return weighted(y)


@program(numbers(4))
def operators_with_repeated_indices_multiply_once(x):
    y = x * 2
    y[[1, 1, 1]] *= x[1:]
    return weighted(y)


@program(numbers(4))
def operators_on_the_array_itself(x):
    y = x * 2
    y += y
    y *= y
    return weighted(y)


@program(numbers(4))
def operators_on_overlapping_slices(x):
    y = x * 2
    y[1:] += y[:-1]
    y[:-1] *= y[1:]
    return weighted(y)


@program(numbers(4))
def stores_of_overlapping_slices(x):
    y = x * 2
    y[1:] = y[:-1]
    y[:-1] = y[1:] * x[0]
    y[:] = y[::-1]
    return weighted(y)


@program(numbers(3, 3))
def stores_of_its_own_transpose(x):
    y = x * x
    y[:] = y.T
    y += y.T
    y *= y.T
    return weighted(y)


@program(numbers(3, 3), numbers(3, 3, seed=1), wrt=(0, 1))
def operator_matmul(a, b):
    c = a * 2
    c @= b
    return weighted(c)


@program(numbers(4))
def operators_with_integers_stay_floats(x):
    y = x * 2
    y += 1
    y[0] //= 1
    y[1] %= 1.25
    return weighted(y) + np.sum(y)


@program(numbers(2, 3), numbers(3, seed=1), wrt=(0, 1))
def operators_broadcast_a_row(x, r):
    y = x * 2
    y += r
    y *= r[None, :]
    y[1] -= 2 * r
    return weighted(y)


@program(numbers(4))
def operators_on_a_number_taken_out_leave_the_array(x):
    y = x * 2
    t = y[0]
    t += 5
    t *= x[1]
    return weighted(y) + t


@program(numbers(4).astype(np.float32), tolerance=2e-3)
def operators_keep_float32(x):
    y = x * 2
    y += np.ones(4)
    y *= 1.5
    return np.sum(y * y)


# Values read before and after they are overwritten


@program(numbers(4))
def read_before_overwritten(x):
    y = x * 2
    before = y[1] * y[2]
    y[1] = x[0]
    return before * y[1] + weighted(y)


@program(numbers(4))
def read_before_whole_overwritten(x):
    y = x * 2
    square = y * y
    y *= square
    return np.sum(square * y)


@program(numbers(4))
def read_a_view_before_and_after(x):
    y = x * 2
    v = y[1:3]
    before = np.sum(v * v)
    y[2] = x[0] * x[1]
    return before * np.sum(v * v * v)


@program(numbers(4))
def overwritten_twice(x):
    y = x * 2
    y[0] = y[0] ** 2
    y[0] = y[0] ** 2 + x[1]
    return weighted(y)


@program(numbers(4))
def overwritten_and_restored(x):
    y = x * 2
    kept = y[0]
    y[0] = 5.0
    a = np.sum(y**2)
    y[0] = kept
    return a * np.sum(y**3)


@program(numbers(4))
def overwritten_without_being_read(x):
    y = x * 2
    y[:] = 1.0
    return np.sum(y) + np.sum(x)


@program(numbers(4))
def a_copy_keeps_what_was_overwritten(x):
    y = x * 2
    old = y.copy()
    y[1:] = old[:-1] * old[1:]
    return np.sum(y * old)


@program(numbers(4))
def a_np_copy_keeps_what_was_overwritten(x):
    y = x * 2
    old = np.copy(y)
    y *= x
    old[0] = y[1]
    return np.sum(y * old)


@program(numbers(4))
def an_np_array_copies(x):
    y = np.array(x)
    y[0] = x[0] * x[1]
    return np.sum(y * x)


# Loops and branches


@program(numbers(6))
def sweep_forwards(x):
    y = x.copy()
    for i in range(1, len(y)):
        y[i] = y[i] * y[i - 1]
    return weighted(y)


@program(numbers(6))
def sweep_backwards(x):
    y = x.copy()
    for i in range(len(y) - 2, -1, -1):
        y[i] = y[i] - 0.5 * y[i + 1] ** 2
    return weighted(y)


@program(numbers(6))
def sweep_over_reversed_range(x):
    y = x.copy()
    for i in reversed(range(1, len(y))):
        y[i - 1] *= y[i]
    return weighted(y)


@program(numbers(4, 4))
def nested_sweep(x):
    y = x.copy()
    for i in range(1, 4):
        for j in range(1, 4):
            y[i, j] = 0.5 * (y[i - 1, j] * y[i, j - 1] + y[i, j])
    return weighted(y)


@program(numbers(4, 4))
def triangular_loop(x):
    y = np.zeros((4, 4))
    for i in range(4):
        for j in range(i, 4):
            y[i, j] = x[i, j] * x[j, i]
            y[j, i] = y[i, j] + x[i, i]
    return weighted(y)


@program(numbers(5), 6)
def time_steps(u, steps):
    u = u.copy()
    for _ in range(steps):
        u[1:-1] += 0.1 * (u[2:] - 2 * u[1:-1] + u[:-2])
        u[0] = u[1] * 0.9
        u[-1] = u[-2]
    return weighted(u)


@program(numbers(5), 4)
def nonlinear_time_steps(u, steps):
    u = u.copy()
    for _ in range(steps):
        u[1:] = u[1:] - 0.1 * u[1:] * (u[1:] - u[:-1])
    return weighted(u)


@program(numbers(5), 3)
def two_buffers_trade_places(x, steps):
    a = x.copy()
    b = np.zeros_like(x)
    for _ in range(steps):
        b[1:-1] = a[:-2] * a[2:]
        b[0] = a[0]
        b[-1] = a[-1] * 0.5
        a, b = b, a
    return weighted(a)


@program(numbers(4, 3))
def rows_stored_in_a_loop(x):
    y = np.zeros((4, 3))
    for i in range(4):
        y[i] = np.sin(x[i]) * x[0]
    return weighted(y)


@program(numbers(3), 4)
def history_stored_in_a_loop(x, n):
    y = np.empty((n + 1, 3))
    y[0] = x
    for t in range(n):
        y[t + 1] = np.sin(y[t]) + x
    return weighted(y)


@program(numbers(6))
def stores_in_one_branch_only(x):
    y = x * 2
    for i in range(1, 6):
        if x[i] > 1.0:
            y[i] = y[i - 1] * x[i]
    return weighted(y)


@program(numbers(6))
def stores_in_both_branches(x):
    y = x * 2
    for i in range(6):
        if i % 2 == 0:
            y[i] *= x[i]
        else:
            y[i] += y[i - 1]
    return weighted(y)


@program(numbers(4), 1.0)
def whole_store_in_a_branch(x, s):
    y = x * 2
    if s > 0:
        y[:2] = x[2:] ** 2
    else:
        y *= 3
    return weighted(y)


@program(numbers(6))
def stores_before_a_break(x):
    y = x.copy()
    for i in range(1, 6):
        y[i] = y[i] + y[i - 1] ** 2
        if y[i] > 3.0:
            break
        y[i - 1] *= 0.5
    return weighted(y)


@program(numbers(6))
def stores_after_a_continue(x):
    y = x.copy()
    for i in range(1, 6):
        if x[i] < 0.9:
            continue
        y[i] *= y[i - 1]
    return weighted(y)


@program(numbers(3), 2.0)
def stores_in_a_while_loop(x, limit):
    y = x.copy()
    i = 0
    while np.sum(y) < limit * 3 and i < 20:
        y[i % 3] *= 1.3
        i += 1
    return weighted(y)


@program(numbers(3))
def array_created_in_the_loop(x):
    total = 0.0
    for i in range(3):
        y = np.zeros(3)
        y[i] = x[i] ** 2
        y[1] += x[2]
        total += np.sum(y * x)
    return total


@program(numbers(3), 3)
def array_created_in_the_loop_and_kept(x, n):
    y = x
    for _ in range(n):
        z = np.empty(3)
        z[0] = y[2] * x[0]
        z[1:] = y[:2] * y[1:]
        y = z
    return weighted(y)


@program(numbers(3, 3))
def elimination(a):
    a = a + 3 * np.eye(3)
    for k in range(3):
        for i in range(k + 1, 3):
            a[i, k] = a[i, k] / a[k, k]
            a[i, k + 1 :] -= a[i, k] * a[k, k + 1 :]
    return weighted(a)


@program(numbers(4))
def prefix_sums_in_place(x):
    y = x.copy()
    for i in range(1, 4):
        y[i] += y[i - 1]
    return weighted(y)


@program(numbers(6), np.array([0, 2, 0, 1, 2, 2]))
def histogram_by_a_loop(x, bins):
    h = np.zeros(3)
    for i in range(6):
        h[bins[i]] += x[i] ** 2
    return weighted(h)


@program(
    numbers(6),
    np.array([0, 2, 0, 1, 2, 2]),
)
def histogram_by_add_at(x, bins):
    h = np.zeros(3)
    np.add.at(h, bins, x**2)
    return weighted(h)


@program(numbers(4), 5)
def ring_buffer(x, n):
    buffer = x.copy()
    for t in range(n):
        buffer[t % 4] = np.sin(buffer[(t + 1) % 4]) * buffer[t % 4]
    return weighted(buffer)


@program(numbers(5))
def bubble_pass(x):
    y = x.copy()
    for i in range(4):
        if y[i] > y[i + 1]:
            y[i], y[i + 1] = y[i + 1], y[i]
    return weighted(y)


@program(numbers(5))
def insertion_sort(x):
    y = x.copy()
    for i in range(1, 5):
        j = i
        while j > 0 and y[j - 1] > y[j]:
            t = y[j]
            y[j] = y[j - 1]
            y[j - 1] = t
            j -= 1
    return weighted(y)


@program(numbers(4))
def swaps_of_elements(x):
    y = x * 2
    y[0], y[3] = y[3] * x[0], y[0]
    y[1], y[2] = y[2], y[1]
    return weighted(y)


@program(numbers(3, 2))
def swaps_of_rows_through_views_go_wrong_as_in_numpy(x):
    y = x * x
    y[0], y[1] = y[1], y[0]
    return weighted(y)


@program(numbers(3, 2))
def swaps_of_rows_by_list(x):
    y = x * x
    y[[0, 2]] = y[[2, 0]]
    return weighted(y)


@program(numbers(3, 2))
def swaps_of_rows_by_copy(x):
    y = x * x
    kept = y[0].copy()
    y[0] = y[2]
    y[2] = kept
    return weighted(y)


@program(numbers(3))
def chained_assignment_to_elements(x):
    y = x * 2
    y[0] = y[2] = x[1] ** 2
    return weighted(y)


@program(numbers(4))
def unpacking_into_elements(x):
    y = x * 2
    y[0], (y[1], *rest) = x[1], [x[2] * x[3], x[0], x[1]]
    return weighted(y) + rest[0] * rest[1]


@program(numbers(3))
def a_loop_variable_that_is_an_element(x):
    y = np.zeros(3)
    k = 0
    for y[k] in [x[0] * x[1], x[2] ** 2]:
        k += 1
    return weighted(y)


@program(numbers(3), 0)
def stores_in_a_loop_that_does_not_run(x, n):
    y = x * 2
    for i in range(n):
        y[i] = 0.0
    return weighted(y)


@program(np.array(1.5))
def a_zero_dimensional_array_is_written(x):
    y = x * x + np.zeros(())
    z = np.zeros(())
    z[...] = x * 2
    z += y
    return z * z


@program(
    np.array(1.5),
    refused="changing a 0-d array of the caller is not supported yet",
)
def a_zero_dimensional_argument_is_written(x):
    v = x * x
    x *= 3
    x[()] = x * 2
    return x * v


# Functions of NumPy that write


@program(
    numbers(4),
)
def out_of_a_ufunc(x):
    y = np.empty(4)
    np.multiply(x, x, out=y)
    return weighted(y)


@program(
    numbers(4),
)
def out_is_the_operand(x):
    y = x * 2
    np.sin(y, out=y)
    np.add(y, x, y)
    return weighted(y)


@program(
    numbers(4),
)
def out_is_a_view(x):
    y = x * 2
    np.exp(x[:2], out=y[2:])
    return weighted(y)


@program(
    signed(4),
)
def out_and_where(x):
    y = np.zeros(4)
    np.log(x, out=y, where=x > 0)
    return weighted(y) + np.sum(x)


@program(
    numbers(4),
)
def copyto(x):
    y = np.zeros(4)
    np.copyto(y, x**2)
    np.copyto(y, 7.0, where=x > 1)
    return weighted(y)


@program(
    numbers(4),
)
def fill(x):
    y = x * 2
    y.fill(x[0] * x[1])
    return weighted(y) + x[2]


@program(
    numbers(3, 3),
)
def fill_diagonal(x):
    y = x * 2
    np.fill_diagonal(y, x[0, 1] ** 2)
    return weighted(y)


@program(
    numbers(4),
)
def put(x):
    y = x * 2
    np.put(y, [0, 2], x[:2] ** 2)
    return weighted(y)


@program(
    numbers(4),
)
def place(x):
    y = x * 2
    np.place(y, x > 1, [0.5, 0.25])
    return weighted(y)


@program(
    numbers(4),
)
def put_along_axis(x):
    y = x.reshape(2, 2) * 2
    np.put_along_axis(y, np.array([[0], [1]]), 9.0, axis=1)
    return weighted(y)


@program(
    numbers(5),
)
def sort_in_place(x):
    y = x * x
    y.sort()
    return weighted(y)


@program(
    numbers(5),
)
def store_through_flat(x):
    y = x * 2
    y.flat[1:3] = x[:2] ** 2
    y.flat[4] = x[0]
    return weighted(y)


@program(
    numbers(3),
)
def store_into_real_and_imaginary_part(x):
    z = np.zeros(3, dtype=complex)
    z.real = x
    z.imag[1:] = x[:2] ** 2
    return np.sum(np.abs(z) ** 4)


# What random programs found


@program(signed(3), 0.4)
def overwritten_in_one_branch_and_again_in_a_loop(u, s):
    if s > 0.5:
        u[:] = u - 2 * u[::-1]
        u[::-1] *= u - 0.5
    for _ in range(3):
        u[:] = np.tanh(u)
    return weighted(u)


@program(signed(3), 1.0)
def overwritten_in_a_loop_in_a_branch(u, s):
    if s > 0.5:
        for _ in range(2):
            u[:] = np.tanh(u)
        if s > 2:
            u[1:] *= u[:-1]
    u[u > 0.4] = np.sum(u)
    return weighted(u)


@program(numbers(3, 3))
def a_row_becomes_a_column_by_a_copy(x):
    y = x * 2
    y[1] = y[:, 2].copy()
    return weighted(y)


@program(numbers(3, 3), refused="NumPy copies overlapping rows and columns in an open order")
def a_row_becomes_a_column_of_the_same_array(x):
    y = x * 2
    y[1] = y[:, 2]
    return weighted(y)


@program(numbers(5), refused="NumPy stores overlapping values through masks in an open order")
def a_view_is_stored_through_a_mask(x):
    y = x * 2
    y[y > 1.5] = y[: np.sum(y > 1.5)]
    return weighted(y)


@program(numbers(6))
def vectors_of_one_array_with_equal_strides(x):
    y = x * 2
    y[1:] = y[:-1]
    y[::-1] = y[:]
    y[4:1:-1] = y[3:0:-1]
    return weighted(y)


@program(numbers(3, 3), 1.0)
def recorded_in_a_branch_where_it_is_the_newest_too(m, s):
    t = m.T
    if s > 0.5:
        for _ in range(2):
            m *= 1.0 / (1.0 + np.sum(m * m))
    for i, row in enumerate(t):
        t[i, 1:] = (m @ row)[:2]
    return weighted(m)


@program(signed(3), numbers(3, 3), wrt=(0, 1))
def recorded_in_a_branch_of_a_loop(u, m):
    for i, row in enumerate(m):
        m[0, 0] += 0.5
        if u[1] > 0.6:
            u[:] = np.tanh(m @ row)
        else:
            u[1] += 0.4
    return weighted(u) + weighted(m)


@program(signed(3), numbers(3, 3), 0, wrt=(0, 1))
def an_element_by_two_brackets_beside_a_branch_in_a_loop(u, m, k):
    for i, row in enumerate(m):
        m[k][-i - 1] -= 0.75
        if u[1] > 0.6:
            u[:] = np.tanh(m @ row)
    return weighted(u) + weighted(m)


@program(numbers(4), 1)
def indices_made_by_slice_and_s(x, k):
    middle = slice(k, k + 2)
    x[middle] *= x[np.s_[::2]]
    x[slice(None, None, -1)][0] = x[slice(1)][0]
    return weighted(x)
