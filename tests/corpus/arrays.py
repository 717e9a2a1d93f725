"""Attributes and methods of arrays, basic indexing of every kind, and NumPy functions."""

import numpy as np

from tests.corpus.program import numbers, program, signed


@program(numbers(2, 3))
def attributes(x):
    return np.sum(x.T @ x) * x.ndim + x.shape[0] * x[0, 0] + x.size * x.sum() + len(x)


@program(numbers(2, 3))
def shapes_are_values(x):
    n, m = x.shape
    return np.sum(x) / (n * m) + np.sum(x.reshape(m, n)[0]) * n


@program(numbers(2, 3))
def methods_of_reduction(x):
    return x.sum() + x.mean() * x.max() + x.min() + x.prod() + x.std() + x.var()


@program(numbers(2, 3))
def methods_of_reduction_along_axes(x):
    rows = x.sum(axis=0) * x.mean(axis=0) + x.max(axis=0) - x.min(axis=0)
    columns = x.sum(1, keepdims=True) * x
    return rows.sum() + columns.sum() + x.var(axis=1).sum() + x.std(axis=-1).sum()


@program(numbers(2, 3))
def methods_of_shape(x):
    return (
        x.reshape(3, 2)[0].sum()
        + x.reshape((6,))[1]
        + x.reshape(-1)[2]
        + x.ravel()[3] * x.flatten()[4]
        + x.transpose()[0].sum()
        + x.T[1, 1]
        + x.swapaxes(0, 1)[2, 0]
        + x[None].squeeze()[0, 0]
    )


@program(numbers(2, 3))
def methods_of_copies_and_kinds(x):
    return (x.copy() * x).sum() + x.astype(float).sum() + x.item(0) * 2 + float(x[0, 1])


@program(numbers(2, 3), numbers(3, 2, seed=1), wrt=(0, 1))
def methods_of_products(a, b):
    return a.dot(b).sum() + (a @ b).trace() + a.clip(0.7, 1.2).sum() + a.cumsum()[-1]


@program(numbers(5))
def an_element(x):
    return x[0] * x[-1] + x[2] ** 2


@program(numbers(5), 2)
def an_element_at_an_argument(x, i):
    return x[i] * x[i - 1] + x[-i]


@program(numbers(3, 4))
def elements_of_a_matrix(a):
    return a[0, 1] * a[2, -1] + a[1][2] * a[-1][-1]


@program(numbers(6))
def slices(x):
    return (
        np.sum(x[1:] * x[:-1])
        + np.sum(x[::2] ** 2)
        + np.sum(x[::-1] * x)
        + np.sum(x[-3:])
        + np.sum(x[4:1:-1] * 2)
        + np.sum(x[:])
        + np.sum(x[1:4:2])
    )


@program(numbers(6))
def slices_beyond_the_end(x):
    return np.sum(x[2:100]) + np.sum(x[-100:2]) + np.sum(x[10:]) + np.sum(x[4:2])


@program(numbers(6), 2, 5)
def slices_between_arguments(x, i, j):
    return np.sum(x[i:j] ** 2) + np.sum(x[:i] * 2) + np.sum(x[j:]) + np.sum(x[: i + 1])


@program(numbers(3, 4))
def rows_and_columns(a):
    return np.sum(a[0] * a[1]) + np.sum(a[:, 1] * a[:, -1]) + np.sum(a[1:, 2:]) + np.sum(a[:, ::2])


@program(numbers(2, 3, 4))
def ellipsis(a):
    return np.sum(a[..., 0]) + np.sum(a[0, ...] ** 2) + np.sum(a[..., 1, :]) + a[..., 0, 0].sum()


@program(numbers(3))
def new_axes(x):
    return np.sum(x[:, None] * x[None, :] * 2) + np.sum(x[np.newaxis] ** 2) + x[None, 0, None].sum()


@program(numbers(3, 4))
def views_of_views(a):
    b = a[1:]
    c = b[:, 1:]
    d = c.T
    return np.sum(d * d) + d[0, 0] * b[0, 0]


@program(numbers(5))
def indexed_twice_at_the_same_place(x):
    return x[1] * x[1] + x[1] + np.sum(x[:3]) * np.sum(x[1:4])


@program(numbers(5), np.array([0, 2, 2, -1]))
def integer_array_index_with_repeats(x, index):
    return np.sum(x[index] ** 2)


@program(numbers(5))
def list_index(x):
    return np.sum(x[[0, 2, 2]] ** 2)


@program(signed(5))
def mask_index(x):
    return np.sum(x[x > 0] ** 2)


@program(numbers(3, 4), np.array([0, 2]), np.array([1, 1]))
def pairs_of_integer_arrays(a, i, j):
    return np.sum(a[i, j] ** 2) + np.sum(a[i] * 2) + np.sum(a[:, j])


@program(numbers(2, 3))
def functions_of_shape(x):
    return (
        np.reshape(x, (3, 2))[2, 1]
        + np.transpose(x)[0, 1] ** 2
        + np.ravel(x)[2]
        + np.expand_dims(x, 1).sum()
        + np.squeeze(x[:1]).sum()
        + np.swapaxes(x, 0, 1)[1, 1]
        + np.broadcast_to(x[0], (4, 3)).sum()
        + np.flip(x)[0, 0]
        + np.roll(x, 1)[0, 0]
    )


@program(numbers(3), numbers(3, seed=1), wrt=(0, 1))
def joins(x, y):
    return (
        np.sum(np.concatenate([x, y]) ** 2)
        + np.sum(np.stack([x, y, x])[::2] * y)
        + np.sum(np.vstack((x, y))[1] * x)
        + np.sum(np.hstack([x, y])[2:4] ** 3)
    )


@program(numbers(3), numbers(3, seed=1), wrt=(0, 1))
def products(x, y):
    return np.dot(x, y) * np.inner(x, x) + np.sum(np.outer(x, y) ** 2) + np.einsum("i,i->", x, y)


@program(numbers(2, 3), numbers(3, 4, seed=1), numbers(4, seed=2), wrt=(0, 1, 2))
def products_of_matrices(a, b, c):
    return (a @ b @ c).sum() + np.matmul(a, b).max() + np.tensordot(a, b, 1).sum() + (c @ b.T).sum()


@program(numbers(2, 2, 3), numbers(2, 3, 2, seed=1), wrt=(0, 1))
def products_of_stacks(a, b):
    return np.sum((a @ b) ** 2) + np.sum(np.einsum("bij,bjk->bik", a, b))


@program(signed(4))
def where_and_clip(x):
    return (
        np.sum(np.where(x > 0, x * x, -x))
        + np.sum(np.clip(x, -0.5, 0.5) * x)
        + np.sum(np.maximum(x, 0.0) ** 2)
        + np.sum(np.abs(x) * np.sign(x))
    )


@program(np.array([1.5, -0.3, -2.0]))
def where_guards_a_singular_branch(x):
    return np.sum(np.where(x > 0, np.sqrt(np.where(x > 0, x, 1.0)), 0.0))


@program(numbers(3))
def elementwise_functions(x):
    return np.sum(
        np.exp(x) * np.log(x)
        + np.sqrt(x) * np.sin(x) ** 2
        + np.tanh(x) / np.cosh(x)
        + np.arctan(x)
        + np.log1p(x)
        - np.expm1(x)
        + np.square(x)
        + np.logaddexp(x, 1.0)
    )


@program(numbers(3))
def creation(x):
    return np.sum(x * np.arange(3) + np.zeros(3) + np.ones_like(x) * x + np.full(3, x[0])) + np.sum(
        np.eye(3) * x + np.linspace(0.0, 1.0, 3) * x
    )


@program(1.5, 2.0, wrt=(0, 1))
def an_array_of_numbers(x, y):
    a = np.array([x, y, x * y])
    b = np.array([[x, 1.0], [y, x]])
    return np.sum(a * a) + np.sum(b @ b)


@program(numbers(0))
def an_empty_array(x):
    return np.sum(x * x) + 1.0


@program(numbers(0, 3), numbers(3, seed=1), wrt=(0, 1))
def an_empty_batch(a, w):
    return np.sum((a @ w) ** 2) + np.sum(w)


@program(np.array(1.5))
def a_zero_dimensional_array(x):
    return x * x + np.sin(x)


@program(np.array([1.5]))
def a_single_element_array(x):
    return x * x


@program(np.array([[1.5]]))
def a_single_element_matrix_summed(x):
    return np.sum(x @ x)


@program(np.float64(1.5), np.float64(2.0), wrt=(0, 1))
def numpy_scalars(x, y):
    return x * y + x**2


@program(numbers(3))
def a_result_of_one_element(x):
    return x[:1] * x[1]


@program(numbers(3))
def a_result_of_one_element_in_two_dimensions(x):
    return x[:1, None] * x[1]


@program(np.asfortranarray(numbers(3, 4)), numbers(4, seed=1), wrt=(0, 1))
def a_fortran_ordered_array(a, x):
    return np.sum((a @ x) ** 2) + np.sum(a.ravel() * 2)


@program(numbers(6)[::2], numbers(4, 3).T, wrt=(0, 1))
def arguments_that_are_views(x, a):
    return np.sum(x * x) + np.sum(a[:, 0] * x)


@program(np.broadcast_to(1.5, (3,)))
def an_argument_that_is_broadcast(x):
    return np.sum(x * x)


@program(numbers(3, 3))
def the_same_array_in_many_roles(a):
    return np.sum(a @ a.T @ a + a * a.T - a)


@program(numbers(3), 2)
def size_as_a_number(x, k):
    return np.sum(x) / len(x) + x.shape[0] * x[0] / k + np.sum(x * x) / x.size


@program(numbers(5), -2)
def a_slice_up_to_a_negative_argument(x, k):
    return np.sum(x[:k] * np.ones(k + 5)) + np.sum(x[k:] ** 2)


@program(numbers(3), -2)
def a_slice_of_one_broadcast_against_another(x, k):
    return np.sum(x[:k] * x)


@program(numbers(6, 4), 2)
def sizes_computed_of_sizes(x, heads):
    n, d = x.shape
    split = x.reshape(n, heads, d // heads).transpose(1, 0, 2)
    scores = split @ split.transpose(0, 2, 1)
    return np.sum((scores @ split).reshape(heads * n, d // heads) ** 2) + np.sum(x[: n % d])


@program(numbers(4))
def indices_in_a_comprehension_of_unknown_length(x):
    total = 0.0
    for i in range(len(x)):
        rest = [k for k in range(len(x)) if k != i]
        after = [k for k in range(len(x)) if k > i]
        total += np.prod(x[rest]) * x[i] ** i + np.sum(x[after] ** 2)
    return total


@program(numbers(4))
def truths_in_a_comprehension_of_unknown_length(x):
    total = 0.0
    for i in range(len(x)):
        total += np.sum(x[[k > i for k in range(len(x))]] ** 2) * x[i]
    return total


@program(numbers(4))
def a_store_at_indices_of_unknown_number(x):
    total = 0.0
    for i in range(len(x)):
        y = x.copy()
        y[[k for k in range(len(x)) if k > i]] = x[i]
        total += np.prod(y)
    return total
