"""Arguments that are written: the caller's arrays change exactly as by the program itself."""

import numpy as np

from tests.corpus.mutation import weighted
from tests.corpus.program import numbers, program, signed


@program(numbers(4))
def an_element_of_the_argument(x):
    x[0] = x[0] ** 2
    return x.sum()


@program(numbers(4))
def all_of_the_argument(x):
    x *= x
    return weighted(x)


@program(numbers(4))
def the_argument_twice(x):
    x += x[0]
    x[1:] *= x[:-1]
    return weighted(x)


@program(numbers(4), np.zeros(4))
def a_result_array(x, out):
    out[:] = x**2
    out[0] *= x[1]
    return weighted(out)


@program(numbers(4), np.zeros(4), wrt=(0, 1))
def a_result_array_with_its_own_gradient(x, out):
    out[1:3] = x[:2] ** 2
    out *= 2
    return weighted(out)


@program(numbers(4), np.ones(4), wrt=(0, 1))
def a_result_array_that_is_added_to(x, total):
    for i in range(4):
        total[i] += x[i] * total[i - 1]
    return weighted(total)


@program(numbers(4), np.zeros(4))
def a_result_that_does_not_matter(x, out):
    out[:] = np.sin(x)
    return np.sum(x * x)


@program(numbers(4), np.zeros(4))
def a_constant_result(x, out):
    out[1] = 5.0
    return np.sum(x * x)


@program(numbers(4), np.zeros(3, dtype=int))
def a_counter(x, count):
    count[0] += 1
    count[1:] = 7
    return np.sum(x * x)


@program(signed(4), np.zeros(4, dtype=bool))
def a_mask_as_result(x, positive):
    positive[:] = x > 0
    return np.sum(np.where(positive, x * x, x))


@program(numbers(6), numbers(6, seed=1), 3, wrt=(0, 1))
def jacobi(a, b, steps):
    for _ in range(steps):
        b[1:-1] = (a[:-2] + a[1:-1] + a[2:]) / 3.0
        a[1:-1] = (b[:-2] + b[1:-1] + b[2:]) / 3.0
    return np.sum(a * a)


@program(numbers(4, 4), numbers(4, 4, seed=1), 2, wrt=(0, 1))
def jacobi_in_two_dimensions(a, b, steps):
    for _ in range(steps):
        b[1:-1, 1:-1] = 0.2 * (
            a[1:-1, 1:-1] + a[1:-1, :-2] + a[1:-1, 2:] + a[2:, 1:-1] + a[:-2, 1:-1]
        )
        a[1:-1, 1:-1] = 0.2 * (
            b[1:-1, 1:-1] + b[1:-1, :-2] + b[1:-1, 2:] + b[2:, 1:-1] + b[:-2, 1:-1]
        )
    return weighted(a)


@program(numbers(4, 4), 2)
def gauss_seidel(a, steps):
    n = len(a)
    for _ in range(steps):
        for i in range(1, n - 1):
            for j in range(1, n - 1):
                a[i, j] = (a[i - 1, j] + a[i, j - 1] + a[i, j] + a[i, j + 1] + a[i + 1, j]) / 5.0
    return weighted(a)


@program(numbers(5), 0.3, wrt=(0, 1))
def sweep(x, c):
    for i in range(1, len(x)):
        x[i] = x[i] * x[i - 1] + c
    return x[-1]


@program(numbers(4, 4))
def floyd_warshall(d):
    n = d.shape[0]
    for k in range(n):
        d[:] = np.minimum(d, np.add.outer(d[:, k], d[k, :]))
    return weighted(d)


@program(numbers(3, 3))
def cholesky_in_place(a):
    a[:] = a @ a.T + np.eye(3)
    n = len(a)
    a[0, 0] = np.sqrt(a[0, 0])
    for i in range(1, n):
        for j in range(i):
            a[i, j] -= np.dot(a[i, :j], a[j, :j])
            a[i, j] /= a[j, j]
        a[i, i] -= np.dot(a[i, :i], a[i, :i])
        a[i, i] = np.sqrt(a[i, i])
    return weighted(np.tril(a))


@program(numbers(3, 3))
def lu_in_place(a):
    n = a.shape[0]
    a += 3 * np.eye(n)
    for i in range(n):
        for j in range(i):
            a[i, j] -= a[i, :j] @ a[:j, j]
            a[i, j] /= a[j, j]
        for j in range(i, n):
            a[i, j] -= a[i, :i] @ a[:i, j]
    return weighted(a)


@program(numbers(2, 3))
def a_row_of_the_argument(x):
    row = x[0]
    row *= x[1]
    return weighted(x)


@program(numbers(2, 3))
def a_transposed_view_of_the_argument(x):
    x.T[0] = x[:, 1] ** 2
    return weighted(x)


@program(numbers(2, 3))
def an_operator_on_the_transposed_argument(x):
    t = x.T
    t *= 2
    t[1] += x[:, 0]
    return weighted(x)


@program(numbers(6))
def a_reshaped_view_of_the_argument(x):
    m = x.reshape(2, 3)
    m[0] = m[1] * x[:3]
    return weighted(x)


@program(numbers(6))
def a_mask_of_the_argument(x):
    x[x > 1.0] = 1.0
    x[x < 0.7] *= 2
    return weighted(x)


@program(numbers(6))
def integer_indices_of_the_argument(x):
    x[[0, 2, 0]] = x[3:] ** 2
    x[[1, 1]] += 1.0
    return weighted(x)


@program(numbers(3), numbers(3, seed=1), wrt=(0, 1))
def two_arguments_swap_their_contents(x, y):
    kept = x.copy()
    x[:] = y
    y[:] = kept
    return weighted(x) + 2 * weighted(y)


@program(numbers(3), numbers(3, seed=1), 1.0, wrt=(0, 1))
def one_of_two_arguments_is_written(x, y, s):
    if s > 0:
        x[0] = y[1] ** 2
    else:
        y[0] = x[1] ** 2
    return weighted(x) + 2 * weighted(y)


@program(numbers(4))
def written_and_then_rebound(x):
    x[0] = x[1] ** 2
    x = x * 2
    x[2] = 9.0
    return weighted(x)


@program(numbers(4))
def rebound_and_then_written(x):
    x = x * 2
    x[0] = x[1] ** 2
    return weighted(x)


@program(numbers(4))
def written_before_an_early_return(x):
    x[0] = x[1] ** 2
    if x[0] > 0.1:
        return weighted(x)
    x[1] = 7.0
    return np.sum(x)


@program(numbers(4))
def written_after_a_value_was_taken(x):
    value = np.sum(x * x)
    x[:] = 0.0
    return value


@program([numbers(3), numbers(3, seed=1)])
def arrays_in_a_list_argument(xs):
    xs[0] *= xs[1]
    xs[1][0] = xs[0][2]
    return weighted(xs[0]) + 2 * weighted(xs[1])


@program({"a": numbers(3), "b": numbers(3, seed=1)})
def arrays_in_a_dict_argument(d):
    d["a"] += d["b"] ** 2
    d["b"][1:] = d["a"][:2]
    return weighted(d["a"]) + 2 * weighted(d["b"])


@program((numbers(3), numbers(3, seed=1)))
def arrays_in_a_tuple_argument(pair):
    a, b = pair
    a[0] = b[1] ** 2
    b *= a
    return weighted(a) + 2 * weighted(b)


@program(
    [numbers(3), numbers(3, seed=1)],
)
def an_item_of_a_list_argument_is_replaced(xs):
    xs[0] = xs[0] * xs[1]
    return weighted(xs[0])


@program(
    [1.5, 2.5],
)
def a_number_in_a_list_argument_is_replaced(xs):
    xs[0] = xs[0] * xs[1]
    xs[1] += 1
    return xs[0] * xs[1]


@program(
    [1.5, 2.5],
)
def a_list_argument_grows(xs):
    xs.append(xs[0] * xs[1])
    return xs[-1] * xs[0]


@program(
    {"a": 1.5, "b": 2.5},
)
def an_item_of_a_dict_argument_is_replaced(d):
    d["a"] = d["a"] * d["b"]
    return d["a"] * d["b"]


@program(
    {"a": 1.5, "b": 2.5},
)
def a_dict_argument_grows(d):
    d["c"] = d["a"] * d["b"]
    return d["c"] ** 2


@program(
    np.array(1.5),
    refused="changing a 0-d array of the caller is not supported yet",
)
def a_zero_dimensional_argument(x):
    x += x * x
    return x * 2


@program(numbers(3).astype(np.float32), tolerance=2e-3)
def a_float32_argument(x):
    x *= 1.5
    x[0] = x[1] * x[2]
    return np.sum(x * x)


@program(numbers(3) + 1j * numbers(3, seed=1))
def a_complex_argument(z):
    z *= 1 + 2j
    z[0] = z[1] * z[2]
    return np.sum(np.abs(z) ** 2)


@program(numbers(5), 4)
def an_argument_that_is_a_work_array(u, steps):
    for _ in range(steps):
        un = u.copy()
        u[1:] = un[1:] - 0.2 * un[1:] * (un[1:] - un[:-1])
        u[0] = 1.0
    return weighted(u)


@program(numbers(3, 3), numbers(3, seed=1), np.zeros(3), wrt=(0, 1))
def back_substitution(a, b, x):
    n = len(b)
    for i in range(n - 1, -1, -1):
        x[i] = (b[i] - a[i, i + 1 :] @ x[i + 1 :]) / a[i, i]
    return weighted(x)


@program(numbers(4), np.zeros((4, 4)))
def an_outer_product_by_loops(x, out):
    for i in range(4):
        for j in range(4):
            out[i, j] = x[i] * x[j]
    return weighted(out)


def _kernel(alpha, a, b, out):
    out *= alpha
    out += a @ b


@program(1.5, numbers(2, 3), numbers(3, 2, seed=1), numbers(2, 2, seed=2), wrt=(0, 1, 2, 3))
def a_kernel_that_returns_nothing(alpha, a, b, out):
    _kernel(alpha, a, b, out)
    return weighted(out)


@program(numbers(3), numbers(3, seed=1))
def an_argument_written_by_a_function_in_a_loop(x, y):
    def step(a, b, h):
        a += h * b
        b -= h * a

    for k in range(4):
        step(x, y, 0.1 * (k + 1))
    return weighted(x) + weighted(y)
