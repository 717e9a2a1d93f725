"""Lists whose length is known only during the call, where NumPy takes arrays."""

import numpy as np

from tests.corpus.program import numbers, program, signed


@program(signed(4))
def functions_of_a_list_of_numbers(x):
    halves = [0.5 * item for item in x]
    squares = [item * item for item in x if item > 0]
    return np.sum(halves) * np.mean(squares) + np.max(halves) + np.linalg.norm(halves)


@program(signed(4))
def ufuncs_and_products_of_lists(x):
    sines = [np.sin(item) for item in x]
    return np.dot(sines, x) + np.exp(sines).sum() + np.prod(sines) + np.cumsum(sines)[-2]


@program(signed(4), 0.7, wrt=(0, 1))
def matrix_of_a_kernel_by_nested_comprehensions(x, scale):
    gram = np.array([[np.exp(-((a - b) ** 2) / scale) for b in x] for a in x])
    return np.sum(gram @ x) + np.trace(gram * gram)


@program(signed(3, 4))
def rows_of_rows_by_nested_comprehensions(a):
    table = np.array([[row * item for item in row] for row in a])
    return np.sum(table[1] * table[2]) + np.sum(table[0, 1] ** 3)


@program(numbers(3, 5))
def joins_of_lists_of_equal_parts(a):
    parts = [a[:, i : i + 2] * (1.0 + i) for i in range(a.shape[1] - 1)]
    total = np.sum(np.concatenate(parts) ** 2) + np.sum(np.concatenate(parts, axis=1) ** 3)
    total = total + np.sum(np.vstack(parts)[3:5] * np.hstack(parts)[1:, 2:4])
    return total + np.sum(np.dstack(parts)[0, 1]) + np.sum(np.stack(parts, axis=1)[0, 2] ** 2)


@program(numbers(5))
def joins_of_lists_of_unequal_parts(x):
    parts = [x[:i] ** 2 for i in range(len(x))]
    ends = np.hstack([x[i:] for i in range(len(x))])
    return np.sum(np.concatenate(parts) * np.arange(10.0)) + np.sum(np.sin(ends))


@program(numbers(4))
def joins_of_lists_of_rows_and_of_numbers(x):
    rows = [np.array([item, item**2, 1.0]) for item in x]
    halves = [0.5 * item for item in x]
    design = np.vstack(rows)
    return np.sum(design.T @ design) + np.sum(np.column_stack(rows)[1] * np.hstack(halves))


@program(numbers(3, 4))
def joins_of_the_rows_of_an_array(a):
    flat = np.concatenate(a)
    return np.sum(flat[1:] * flat[:-1]) + np.sum(np.hstack(a)[::2]) + np.sum(np.stack(a, 1)[1] ** 2)


@program(signed(5))
def sorted_elements_of_an_array(x):
    low, *others = sorted(x)
    by_size = sorted(x, key=abs, reverse=True)
    return low * others[-1] + by_size[0] * by_size[1] ** 2


@program(numbers(4))
def walks_of_arrays_as_lists(x):
    pairs = list(zip(x, x[1:]))
    backwards = list(reversed(x))
    return pairs[0][1] * pairs[2][0] + backwards[0] * list(enumerate(x))[1][1]


@program(numbers(4))
def dict_comprehension_over_an_array(x):
    squares = {f"x{place}": item * item for place, item in enumerate(x)}
    return squares["x0"] * squares["x3"] + sum(squares.values())


# fmt: off
@program(signed(4))
def option_written_with_a_bare_point(x):
    return np.sum(np.select([x > 0, x < -1], [x**2, np.sin(x)], default=3.) * x)
# fmt: on


# Ranges and lists that a loop makes, where they are indexed and written


@program(numbers(4, 3), 2)
def rows_at_a_range(a, start):
    rows = a[range(start, len(a))]
    return np.sum(rows**2) + np.dot(a[:, 0], range(len(a))) + np.sum(a[range(len(a)), 1] ** 3)


@program(1.1, 4)
def items_of_a_comprehension_are_overwritten(x, n):
    values = [x * k for k in range(n)]
    for i in range(n - 1, 0, -1):
        for j in range(i):
            values[j] = values[j] * values[j + 1] + 1.0
    return values[0]


@program(numbers(4))
def items_of_a_comprehension_over_an_array_are_overwritten(x):
    sums = [item * item for item in x]
    for i in range(len(sums) - 1):
        sums[i + 1] = sums[i + 1] + sums[i]
    sums.append(2.0 * sums[0])
    return sums[-1] * sums[-2]
