"""Calls that write into an array: `out=`, `where=`, `ufunc.at`, `np.copyto`, `x.sort()`, parts."""

import numpy as np

from tests.corpus.program import numbers, program, signed


def weighted(a):
    """A sum that tells every element of a small array from every other."""
    return np.sum(a * a * np.cos(np.arange(a.size).reshape(a.shape)))


# `out=`


@program(numbers(5))
def out_by_position(x):
    y = np.empty(5)
    np.multiply(x, x, y)
    return weighted(y)


@program(numbers(5))
def out_in_a_tuple(x):
    y = np.empty(5)
    np.exp(x, out=(y,))
    return weighted(y)


@program(numbers(5))
def the_result_of_a_call_with_out_is_out(x):
    y = np.empty(5)
    z = np.exp(x, out=y)
    z[0] = x[1]
    return weighted(y)


@program(numbers(5))
def out_is_none(x):
    return weighted(np.add(x, x, out=None))


@program(numbers(5), numbers(3, 5, seed=1))
def out_is_larger_than_the_result(x, y):
    np.multiply(x, x, out=y)
    return weighted(y)


@program(numbers(3, 3))
def dot_with_out(x):
    y = np.empty((3, 3))
    np.dot(x, x, out=y)
    np.dot(y, x.copy(), y)
    return weighted(y)


@program(numbers(3, 3))
def matmul_with_out(x):
    y = np.empty((3, 3))
    np.matmul(x, x.T, out=y)
    return weighted(y)


@program(numbers(5))
def cumsum_with_out(x):
    y = np.empty(5)
    np.cumsum(x, out=y)
    y.cumsum(out=y)
    return weighted(y)


@program(numbers(3, 2))
def sums_with_out(x):
    y = np.empty(2)
    x.sum(axis=0, out=y)
    z = np.empty(3)
    np.mean(x, axis=1, out=z)
    np.max(x, 1, x[:, 0])
    return weighted(y) + weighted(z) + weighted(x)


@program(numbers(5))
def clip_with_out(x):
    np.clip(x, 0.7, 1.2, out=x)
    x.clip(0.8, 1.1, out=x)
    return weighted(x)


@program(numbers(3, 3))
def out_is_a_row_of_what_is_read(x):
    np.add(x[0], x[1], out=x[2])
    np.multiply(x[:2], 2.0, out=x[1:])
    return weighted(x)


@program(numbers(5), 4)
def out_in_a_loop(x, n):
    y = np.ones(5)
    t = np.empty(5)
    for _ in range(n):
        np.multiply(y, x, out=t)
        np.sin(t, out=y)
    return weighted(y)


@program(numbers(5), True)
def out_is_one_of_two_arrays(x, flag):
    y, z = x * 2, x * 3
    out = y if flag else z
    np.multiply(x, x, out=out)
    return weighted(y) + weighted(z) * 0.5


@program(signed(6))
def out_and_where_keep_singular_points_away(x):
    y = np.zeros(6)
    x[2] = 0.0
    np.divide(1.0, x, out=y, where=x != 0)
    z = np.full(6, 0.5)
    np.sqrt(x, out=z, where=x > 0)
    return weighted(y) + weighted(z)


@program(numbers(4), numbers(4, seed=3))
def where_with_out_of_the_caller(x, y):
    np.add(x, y, out=y, where=[True, False, True, False])
    return weighted(y) + weighted(x)


# `ufunc.at`


@program(numbers(5))
def add_at_and_subtract_at(x):
    y = np.zeros(3)
    np.add.at(y, [0, 1, 1, 2, 0], x * x)
    np.subtract.at(y, np.array([2, 2]), x[:2])
    np.add.at(x, 1, 2.0)
    return weighted(y) + weighted(x)


@program(numbers(5))
def multiply_at_and_divide_at(x):
    y = np.ones(3)
    np.multiply.at(y, [0, 1, 1, 2, 0], x * x)
    np.divide.at(y, [0, 0], x[:2])
    return weighted(y)


@program(numbers(5))
def maximum_at_and_minimum_at(x):
    y = np.zeros(3)
    np.maximum.at(y, [0, 1, 1, 2, 0], x)
    np.minimum.at(y, [0, 1], x[3])
    return weighted(y)


@program(numbers(3, 4), np.array([2, 0, 2]))
def add_at_rows_and_columns(x, rows):
    y = np.ones((3, 4))
    np.add.at(y, rows, x)
    np.add.at(y, (slice(None), [1, 1]), x[:, :2])
    np.subtract.at(y, np.s_[1:, 0], x[0, 0])
    return weighted(y)


@program(numbers(5))
def negative_at_each_place_once(x):
    np.negative.at(x, [0, 3])
    np.power.at(x, [1, 2], 3)
    return weighted(x)


# Functions that write into their first argument


@program(numbers(5))
def copyto_with_where(x):
    y = np.ones(5)
    np.copyto(y, x * x, where=x > 1)
    np.copyto(y[:2], x[3])
    return weighted(y)


@program(numbers(2, 5))
def copyto_broadcasts(x):
    np.copyto(x, x[0] ** 2, where=[True, False, True, True, False])
    return weighted(x)


@program(numbers(2, 3))
def put_of_repeated_places(x):
    y = np.zeros((2, 3))
    np.put(y, [0, 2, 2], x[0] * x[1])
    y.put([3, 4, 5, -1], x[0, :2])
    np.put(x, np.array([7, 1]), 2.0, mode="wrap")
    return weighted(y) + weighted(x)


@program(numbers(2, 3).T)
def put_into_an_array_that_is_not_in_order(x):
    np.put(x, [1, 4], x[0] ** 2)
    x.flat[::2] = x[:, 1].copy()
    return weighted(x)


@program(numbers(5))
def place_repeats_the_values(x):
    y = x * x
    np.place(y, y > 0.8, x[:2])
    return weighted(y)


@program(numbers(5))
def putmask_with_values_of_any_length(x):
    y = x * x
    np.putmask(y, x > 0.8, x[::-1])
    np.putmask(y, x > 1.0, x[:2])
    np.putmask(y, x > 1.2, 0.5)
    return weighted(y)


@program(numbers(3, 3))
def fill_diagonal_with_a_number_and_a_vector(x):
    y = x * x
    np.fill_diagonal(x, x[0, 1] * 2)
    np.fill_diagonal(y, x[0])
    return weighted(x) + weighted(y)


@program(numbers(3))
def fill_diagonal_of_tall_and_of_cubes(x):
    y = np.zeros((6, 2))
    np.fill_diagonal(y, x[0], wrap=True)
    z = np.zeros((7, 3))
    np.fill_diagonal(z, x[:2])
    cube = np.zeros((3, 3, 3))
    np.fill_diagonal(cube, x)
    return weighted(y) + weighted(z) + weighted(cube)


@program(numbers(3, 3))
def put_along_each_axis(x):
    y = x * x
    np.put_along_axis(y, np.array([[0], [2], [1]]), x[:, :1], axis=1)
    np.put_along_axis(y, np.argmax(x, axis=0)[None], 0.5, axis=0)
    return weighted(y)


# Methods


@program(numbers(5))
def fill_with_a_number(x):
    y = np.empty(5)
    y.fill(x[0] * x[1])
    x[1:3].fill(2)
    return weighted(y) + weighted(x)


@program(numbers(3, 4))
def sort_along_each_axis(x):
    y = x * x
    y.sort(axis=0)
    x.sort(kind="stable")
    x[0].sort()
    return weighted(y) + weighted(x)


@program(numbers(5))
def partition_in_place(x):
    x.partition(2)
    return weighted(x)


# Parts of an array


@program(numbers(3, 3))
def stores_through_flat(x):
    x.flat[2] = x[0, 0] ** 2
    x.flat[::4] = x[0] * 2
    x.flat[[1, 3]] += x[1, 1]
    kept = x.flat[1:3]
    x.flat[1] = 5.0
    return weighted(x) + weighted(kept)


@program(numbers(3, 3))
def all_of_flat(x):
    y = np.empty((3, 3))
    y.flat = x[0, 0] ** 2
    y.flat[4] += x[1, 1]
    return weighted(y)


@program(numbers(3, 3))
def assignment_to_the_transpose(x):
    x.T[...] = x**2
    x.T[0] += x[1]
    return weighted(x)


@program(numbers(3) + 1j * numbers(3, seed=2))
def parts_of_complex_arrays(z):
    z.real = z.imag**2
    z.imag[0] = 2.0
    z.imag *= z.real
    z[1:].real[...] = np.array([0.5, 2.0])
    return np.sum(np.abs(z) ** 2 * np.arange(1, 4))


@program(numbers(5))
def the_real_part_of_a_real_array_is_the_array(x):
    x.real[0] = x[1] ** 2
    x.real *= 2.0
    return weighted(x)


# Views that functions give


@program(numbers(3, 4))
def parts_of_a_split_are_views(x):
    a, b, c = np.split(x, 3)
    a[0, 0] = b[0, 1] ** 2
    left, right = np.hsplit(x, [1])
    left *= right[:, :1]
    for part in np.array_split(x, 3, axis=1):
        part[0] *= 2.0
    return weighted(x) + weighted(c)


@program(numbers(5))
def parts_of_unequal_length_are_views(x):
    a, b = np.array_split(x, 2)
    a[0] = b[0] ** 2
    b *= 2.0
    return weighted(x)


@program(numbers(3, 3))
def ascontiguousarray_of_an_array_in_order_is_the_array(x):
    y = np.ascontiguousarray(x)
    y[1] = y[0] ** 2
    return weighted(x)


@program(numbers(3))
def zero_dimensional_arrays_are_stored_into(x):
    a = np.array(0.0)
    a[()] = x[0] ** 2
    a[...] += x[1]
    b = a
    b += x[2]
    return np.sin(a) * b


@program(signed(5))
def placed_by_a_mask_of_numbers(w):
    y = np.zeros(len(w))
    np.place(y, (w > 0) + np.isnan(w) * 1, w * 2.0)
    np.putmask(y, 1 - (w > 0), w * w)
    return np.sum(y * y)


@program(signed(4), numbers(4))
def several_at_least_vectors_of_a_common_shape(x, y):
    u, v, w = np.atleast_1d(x, y, x[0])
    shape = np.broadcast_shapes(u.shape, v.shape, w.shape)
    total = np.zeros(shape)
    for part in (u, v, w):
        total = total + np.broadcast_to(part, shape) ** 2
    return np.sum(total * x) if isinstance(shape, tuple | list) and None not in shape else 0.0
