"""Arrays that are written under one name and read under another, or through views of every kind."""

import numpy as np

from tests.corpus.mutation import weighted
from tests.corpus.program import numbers, program

TABLE = np.array([1.0, 2.0, 3.0])


# One array, several names


@program(numbers(3))
def operator_through_an_alias(x):
    a = x * 2
    b = a
    b += a * a
    return np.sum(a * a)


@program(numbers(3))
def operator_on_the_aliased_original(x):
    a = x * 2
    b = a
    a *= x
    return np.sum(b * b)


@program(numbers(3))
def an_alias_of_the_argument_is_the_argument(x):
    b = x
    b += x * x
    return np.sum(x * x)


@program(numbers(3))
def rebinding_ends_the_alias(x):
    a = x * 2
    b = a
    b = b + 1
    b[0] = x[1]
    return np.sum(a * b)


@program(numbers(3))
def chained_assignment_makes_one_array(x):
    a = b = x * 2
    a[0] = x[1] * x[2]
    b[1] *= 3
    return weighted(a) + weighted(b * 2)


@program(numbers(3))
def an_alias_of_an_alias(x):
    a = np.zeros(3)
    b = a
    c = b
    c[:] = x
    a[0] *= x[2]
    return weighted(b)


@program(numbers(3))
def zeros_times_two_names_in_a_tuple(x):
    a, b = (np.zeros(3),) * 2
    a += x
    b *= x
    return weighted(a)


@program(numbers(3))
def asarray_is_an_alias(x):
    a = x * 2
    b = np.asarray(a)
    b[0] = x[1] ** 2
    return weighted(a)


@program(numbers(3))
def astype_copies(x):
    a = x * 2
    b = a.astype(float)
    b[0] = x[1] ** 2
    return weighted(a) + weighted(b)


@program(numbers(3))
def a_walrus_alias(x):
    a = (b := x * 2)
    b[1] = x[0]
    return weighted(a)


@program(numbers(3), 1.0)
def an_alias_chosen_by_a_condition(x, s):
    a = x * 2
    b = x * 3
    t = a if s > 0 else b
    t[0] = x[1] ** 2
    return weighted(a) + 2 * weighted(b)


@program(numbers(3), 1.0)
def an_alias_bound_in_branches(x, s):
    a = x * 2
    b = x * 3
    if s < 0:
        t = a
    else:
        t = b
    t *= x
    return weighted(a) + 2 * weighted(b)


@program(numbers(3))
def an_alias_bound_by_a_flag_known_now(x, first=True):
    a = x * 2
    b = x * 3
    t = a if first else b
    t *= x
    return weighted(a) + 2 * weighted(b)


@program(numbers(3), 2.0)
def an_alias_by_short_circuit(x, s):
    a = x * 2
    b = None
    t = b if b is not None else a
    t[1] = s
    return weighted(a)


@program(numbers(3), 4)
def the_alias_changes_in_a_loop(x, n):
    a = x * 2
    b = x * 3
    for i in range(n):
        t = a if i % 2 == 0 else b
        t[1] = t[0] * x[1]
        a[0] += t[1]
    return weighted(a) + 2 * weighted(b)


# Views of part of an array


@program(numbers(2, 3))
def a_row_is_a_view(x):
    y = x * 2
    row = y[0]
    row *= x[1]
    return weighted(y)


@program(numbers(2, 3))
def a_row_sees_a_store(x):
    y = x * 2
    row = y[0]
    y[0, 1] = x[1, 1] ** 2
    return weighted(row)


@program(numbers(3, 2))
def a_column_is_a_view(x):
    y = x * 2
    column = y[:, 1]
    column[1:] = x[:2, 0] ** 2
    column += 1
    return weighted(y)


@program(numbers(2, 3))
def a_number_is_no_view(z):
    v = z[0, 0]
    w = z[0]
    z *= 3
    return np.sum(v * v) + np.sum(w * w)


@program(numbers(2, 3))
def a_value_read_before_scaling_the_argument(z):
    v = z[0]
    z *= 3
    return np.sum(v * v)


@program(numbers(6))
def a_slice_is_a_view(x):
    y = x * 2
    middle = y[1:4]
    middle[0] = x[0] * x[5]
    middle[-1] += middle[0]
    return weighted(y)


@program(numbers(6))
def a_view_of_a_view(x):
    y = x * 2
    v = y[1:]
    w = v[1:3]
    w[1] = x[0] ** 2
    w *= x[4]
    return weighted(y) + weighted(v)


@program(numbers(6))
def a_strided_view_of_a_strided_view(x):
    y = x * 2
    v = y[::2]
    w = v[::-1]
    w[0] = x[1] ** 2
    w[1:] *= x[3]
    return weighted(y)


@program(numbers(6))
def a_reversed_view(x):
    y = x * 2
    r = y[::-1]
    r[:2] = x[:2] ** 2
    y[4] *= 2
    return weighted(r)


@program(numbers(3, 4))
def a_block_is_a_view(x):
    y = x * 2
    block = y[1:, 1:3]
    block[0] = x[0, :2] ** 2
    block[:, 1] *= x[0, 0]
    return weighted(y)


@program(numbers(3, 4))
def a_row_of_a_block(x):
    y = x * 2
    block = y[1:]
    row = block[1]
    row[::2] = x[0, ::2] ** 2
    return weighted(y)


@program(numbers(3, 4))
def an_element_by_three_brackets(x):
    y = x * 2
    y[1:][0][2] = x[0, 0] ** 2
    y[1:][1][1:3] *= x[0, 1]
    return weighted(y)


@program(numbers(2, 3))
def a_transposed_view(x):
    y = x * 2
    t = y.T
    t[0] = x[:, 1] ** 2
    t[2, 1] *= 3
    return weighted(y)


@program(numbers(2, 3))
def a_transposed_view_sees_a_store(x):
    y = x * 2
    t = y.T
    y[0] = x[1] ** 2
    return weighted(t)


@program(numbers(2, 3))
def an_operator_on_a_transposed_view(x):
    y = x * 2
    t = y.T
    t *= x.T
    t += t
    return weighted(y)


@program(numbers(2, 3))
def a_slice_of_a_transposed_view(x):
    y = x * 2
    y.T[1:, 0] = x[1, :2] ** 2
    column = y.T[0]
    column *= x[0, 0]
    return weighted(y)


@program(numbers(2, 3, 2))
def transposed_by_axes(x):
    y = x * 2
    t = np.transpose(y, (1, 2, 0))
    t[0] = x[0, :2] ** 2
    s = y.swapaxes(0, 1)
    s[2, 0] *= 3
    m = np.moveaxis(y, 2, 0)
    m[0, 1] += 1
    return weighted(y)


@program(numbers(1, 4))
def a_squeezed_view(x):
    y = x * 2
    s = y.squeeze()
    s[1:3] = x[0, :2] ** 2
    np.squeeze(y)[0] *= 2
    return weighted(y)


@program(numbers(4))
def an_expanded_view(x):
    y = x * 2
    e = y[:, None]
    e[1] = x[0] ** 2
    np.expand_dims(y, 0)[0, 2] *= x[1]
    y[np.newaxis][:, 3] = x[0]
    return weighted(y)


@program(numbers(4))
def flipped_views(x):
    y = x * 2
    np.flip(y)[0] = x[1] ** 2
    np.flipud(y)[1:3] *= x[:2]
    return weighted(y)


@program(numbers(6))
def a_reshaped_view_is_written(x):
    y = x * 2
    m = y.reshape(2, 3)
    m[1] = x[:3] ** 2
    m[:, 0] *= 3
    return weighted(y)


@program(numbers(6))
def a_reshaped_view_sees_a_store(x):
    y = x * 2
    m = y.reshape(2, 3)
    y[1] = x[0] ** 2
    return weighted(m)


@program(numbers(2, 3))
def a_raveled_view_is_written(x):
    y = x * 2
    r = y.ravel()
    r[1:4] = x[0] ** 2
    return weighted(y)


@program(numbers(2, 3))
def a_flattened_copy_is_written(x):
    y = x * 2
    r = y.flatten()
    r[1:4] = x[0] ** 2
    return weighted(y) + weighted(r)


@program(
    numbers(2, 3),
    refused="r[0] changes what may be a view of an array, or a copy of it",
)
def a_ravel_of_a_transposed_array_copies(x):
    y = x * 2
    r = y.T.ravel()
    r[0] = x[1, 1] ** 2
    return weighted(y) + weighted(r)


@program(numbers(2, 3))
def a_reshape_by_minus_one(x):
    y = x * 2
    m = y.reshape(-1)
    m += x.ravel() ** 2
    return weighted(y)


@program(numbers(6))
def a_reshape_of_an_array_made_in_place(x):
    y = np.zeros(6)
    m = y.reshape(2, 3)
    for i in range(2):
        m[i] = x[3 * i : 3 * i + 3] * x[0]
    return weighted(y)


@program(numbers(3, 3))
def a_diagonal_view_reads_later_stores(x):
    y = x * 2
    d = np.diagonal(y)
    y[1, 1] = x[0, 0] ** 2
    return np.sum(d * d)


@program(numbers(3, 3))
def diag_reads_a_copy_or_a_view(x):
    y = x * 2
    before = np.diag(y).copy()
    y[0, 0] *= 5
    return np.sum(before * np.diag(y))


@program(numbers(2, 3))
def broadcast_view_reads_later_stores(x):
    y = x[0] * 2
    b = np.broadcast_to(y, (2, 3))
    y[1] = x[1, 1] ** 2
    return weighted(b * x)


@program(numbers(5))
def a_fancy_index_copies(x):
    y = x * 2
    c = y[[0, 1, 1]]
    c[0] = x[4] ** 2
    y[1] = x[3]
    return weighted(y) + weighted(c)


@program(numbers(5))
def a_mask_copies(x):
    y = x * 2
    c = y[y > 1.5]
    y[:] = x[0]
    return np.sum(c * c) + weighted(y)


@program(numbers(5))
def an_expression_copies(x):
    y = x * 2
    c = y + 0
    d = +y
    y[0] = x[1] ** 2
    return weighted(y) + weighted(c) + weighted(d)


@program(numbers(2, 3))
def real_part_of_a_real_array_is_a_view(x):
    y = x * 2
    r = y.real
    r[0] = x[1] ** 2
    return weighted(y)


@program(numbers(4))
def two_views_that_overlap(x):
    y = x * 2
    a, b = y[:3], y[1:]
    a += b
    b *= a
    return weighted(y)


@program(numbers(4))
def two_halves_trade_through_views(x):
    y = x * x
    a, b = y[:2], y[2:]
    a[:], b[:] = b, a
    return weighted(y)


@program(numbers(2, 4))
def unpacked_rows_are_views(x):
    y = x * 2
    a, b = y
    a[0] = x[1, 1] ** 2
    b += a
    return weighted(y)


@program(numbers(3, 4))
def rows_in_a_list_are_views(x):
    y = x * 2
    rows = [y[i] for i in range(3)]
    rows[1][2] = x[0, 0] ** 2
    rows[0] += rows[1]
    return weighted(y)


# Loops


@program(numbers(3, 4))
def walking_rows_and_writing_them(x):
    y = x * 2
    for row in y:
        row[0] = row[1] * row[2]
        row *= x[0]
    return weighted(y)


@program(numbers(3, 4))
def walking_rows_of_a_written_array(x):
    y = x * 2
    s = 0.0
    for row in y:
        s += np.sum(row * y[0])
        y[0, 1] *= 1.5
    return s + weighted(y)


@program(numbers(3, 4))
def walking_enumerated_rows(x):
    y = x * 2
    for i, row in enumerate(y):
        row += x[i] ** 2
        y[i, 0] = row[3] * row[1]
    return weighted(y)


@program(numbers(3, 4), numbers(3, seed=1), wrt=(0, 1))
def walking_rows_beside_numbers(x, s):
    y = x * 2
    for row, factor in zip(y, s):
        row *= factor
    return weighted(y)


@program(numbers(4))
def walking_elements_of_a_written_array(x):
    y = x * 2
    i = 0
    for v in y:
        y[(i + 1) % 4] += 0.1 * v * v
        i += 1
    return weighted(y)


@program(numbers(3, 4))
def walking_rows_backwards(x):
    y = x * 2
    previous = y[0] * 0
    for row in reversed(y):
        row += previous
        previous = row * row
    return weighted(y)


@program(numbers(3, 4))
def walking_columns_by_the_transpose(x):
    y = x * 2
    for column in y.T:
        column /= np.sum(column)
    return weighted(y)


@program(numbers(4, 3))
def a_view_carried_through_a_loop(x):
    y = x * 2
    previous = y[0]
    for i in range(1, 4):
        row = y[i]
        row += previous * x[0]
        previous = row
    return weighted(y)


@program(numbers(4, 4))
def a_moving_window(x):
    y = x * 2
    for k in range(3):
        window = y[k : k + 2, k : k + 2]
        window *= 0.5
        window[0, 1] = window[1, 0] * x[k, k]
    return weighted(y)


@program(numbers(4, 4))
def a_moving_pivot(x):
    y = x + 2 * np.eye(4)
    for k in range(3):
        pivot = y[k]
        below = y[k + 1 :]
        below -= np.outer(below[:, k] / pivot[k], pivot)
    return weighted(y)


@program(numbers(6), 3)
def views_made_before_the_loop(u, steps):
    u = u * 1.0
    left, inner, right = u[:-2], u[1:-1], u[2:]
    for _ in range(steps):
        inner += 0.1 * (left * right - inner)
    return weighted(u)


@program(numbers(5), 3)
def an_alias_made_in_the_loop(x, n):
    y = x * 2
    for i in range(n):
        z = y
        z[i] = z[i + 1] * y[i]
    return weighted(y)


@program(numbers(3))
def a_swap_of_names(x):
    a = x * 2
    b = x * 3
    a, b = b, a
    a[0] = x[1] ** 2
    return weighted(a) + 2 * weighted(b)


@program(numbers(4), 3)
def a_swap_of_names_in_a_loop(x, n):
    a = x * 2
    b = np.zeros(4)
    for _ in range(n):
        b[:] = np.sin(a)
        b[0] += x[1]
        a, b = b, a
    return weighted(a) + 2 * weighted(b)


@program(numbers(4))
def a_swap_of_names_in_an_unrolled_loop(x):
    a = x * 2
    b = np.zeros(4)
    for step in [1, 2, 3]:
        b[:] = np.sin(a) * step
        a, b = b, a
    return weighted(a) + 2 * weighted(b)


# Functions, closures, globals


def _scale_first(a, factor):
    a[0] *= factor
    return a


def _first_half(a):
    return a[: len(a) // 2]


def _fill_with(a, v):
    for i in range(len(a)):
        a[i] = v[i] * (i + 1)


@program(numbers(4))
def a_function_that_changes_its_argument(x):
    y = x * 2
    _scale_first(y, x[3])
    return weighted(y)


@program(numbers(4))
def a_function_that_returns_its_argument(x):
    y = x * 2
    z = _scale_first(y, x[3])
    z[1] = x[0] ** 2
    return weighted(y)


@program(numbers(4))
def a_function_that_returns_a_view(x):
    y = x * 2
    half = _first_half(y)
    half *= x[2:]
    return weighted(y)


@program(numbers(4))
def a_function_given_a_view(x):
    y = x * 2
    _scale_first(y[2:], x[0])
    _fill_with(y[:2], x[2:])
    return weighted(y)


@program(numbers(4))
def a_function_given_one_array_twice(x):
    def mix(a, b):
        a[0] = b[1] * 2
        b[2] = a[0] * a[3]

    y = x * 2
    mix(y, y)
    return weighted(y)


@program(numbers(4))
def a_function_given_overlapping_views(x):
    def shift(a, b):
        a[:] = b * 2
        b[0] += a[1]

    y = x * 2
    shift(y[:3], y[1:])
    return weighted(y)


@program(numbers(4))
def a_closure_writes_the_outer_array(x):
    y = x * 2

    def write(i, v):
        y[i] = v

    write(0, x[1] ** 2)
    write(2, y[0] * x[3])
    return weighted(y)


@program(numbers(4))
def a_function_that_rebinds_its_parameter(x):
    def double(a):
        a = a * 2
        a[0] = 5.0
        return a

    y = x * 2
    z = double(y)
    return weighted(y) + weighted(z)


@program(numbers(4))
def a_function_that_adds_in_place_to_its_parameter(x):
    def add(a, b):
        a += b

    y = x * 2
    add(y, x**2)
    add(y[1:], y[:-1])
    return weighted(y)


@program(numbers(3))
def a_lambda_reads_the_newest(x):
    y = x * 2
    total = lambda: np.sum(y * y)  # noqa: E731
    a = total()
    y[0] = x[1] ** 2
    return a * total()


@program(numbers(3))
def a_module_array_is_copied_before_it_is_written(x):
    y = TABLE.copy()
    y *= x
    return weighted(y) + np.sum(TABLE * x)


@program(numbers(3))
def a_module_array_is_read_through_a_name(x):
    t = TABLE
    t = t * x
    t[0] = x[1]
    return weighted(t) + np.sum(TABLE * x)


@program(numbers(3, 3))
def a_part_of_a_transposed_view_in_a_loop(x):
    y = x * 2
    t = y.T
    for i in range(3):
        t[i, 1:] = y[i, 0] * x[i, :2]
        y.swapaxes(0, 1)[i] *= 1.5
    return weighted(y)


@program(numbers(3, 2))
def stores_into_the_real_part(x):
    z = np.zeros((3, 2), dtype=complex)
    r = z.real
    r[0] = x[1] ** 2
    return np.sum(np.abs(z) ** 2)
