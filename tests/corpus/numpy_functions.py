"""Functions of NumPy that are evaluated rather than called: assembling, padding, questions."""

import math

import numpy as np

from tests.corpus.program import numbers, program, signed


@program(numbers(3))
def blocks_of_matrices_vectors_and_numbers(x):
    whole = np.block([[np.outer(x, x), x[:, None]], [x, 2.0]])
    return np.sum(whole**2)


@program(numbers(3))
def rows_and_columns(x):
    return np.sum(np.r_[x, 0:3, x**2, 1.5] ** 2) + np.sum(np.c_[x, x**2] ** 3)


@program(numbers(3))
def grids(x):
    i, j = np.ogrid[0:3, 0:1:4j]
    return np.sum((i + j) * x[:, None]) + np.sum(np.mgrid[0:3, 0:2][0] * x[:, None])


@program(numbers(3, 4))
def a_function_along_an_axis(x):
    lengths = np.apply_along_axis(lambda row: np.sqrt(np.sum(row**2)), 1, x)
    return np.sum(lengths * np.arange(3)) + np.sum(np.apply_along_axis(np.cumsum, 0, x) ** 2)


@program(numbers(2, 3, 4))
def a_function_over_axes(x):
    return np.sum(np.apply_over_axes(np.sum, x, [0, 2]) ** 2)


@program(signed(6))
def a_function_in_pieces(x):
    return np.sum(np.piecewise(x, [x < 0, x > 0.5], [lambda v: v**2, 3.0, lambda v: 4.0 * v]))


@program(numbers(2))
def an_array_from_a_function(x):
    return np.sum(np.fromfunction(lambda i, j: i * x[0] + j * x[1] ** 2, (2, 3)))


@program(numbers(3))
def questions_about_types(x):
    scale = 1.0 if np.iscomplexobj(x) or np.ndim(x) > 1 else 2.0
    eps = np.finfo(x.dtype).eps
    zeros = np.zeros(np.shape(x), np.result_type(x, np.float32))
    return np.sum(x * scale + zeros + eps) * np.size(x) * np.broadcast_shapes((2, 1), (1, 3))[1]


@program(numbers(3))
def differences_with_ends(x):
    inner = np.diff(x, prepend=0.0, append=x[:1] ** 2)
    return np.sum(inner**2) + np.sum(np.diff(np.outer(x, x), n=2, axis=0, append=x[None]) ** 2)


@program(numbers(3, 4))
def padding_by_statistics_and_ramps(x):
    total = np.sum(np.pad(x, 1, mode="mean") ** 2) + np.sum(np.pad(x, (2, 1), "median") ** 2)
    total += np.sum(np.pad(x, ((1, 2), (0, 3)), "maximum", stat_length=2) ** 2)
    ends = ((1.0, 2.0), (3.0, 4.0))
    return total + np.sum(np.pad(x, ((1, 2), (2, 1)), "linear_ramp", end_values=ends) ** 2)


@program(numbers(3))
def subscripts_as_lists(x):
    return np.einsum(np.outer(x, x), [0, 1], x, [1], [0]).sum() + np.einsum(x, [0], x, [0])


@program(signed(5))
def bounds_by_keyword(x):
    return np.sum(np.clip(x, min=-0.5, max=0.7) * x) + np.sum(x.clip(max=0.3) ** 2)


@program(numbers(4))
def chosen_elements_of_reductions(x):
    small = x < 1.0
    total = np.mean(x, where=small) + np.var(x, where=small) + np.prod(x, where=small)
    return total + np.std(x, correction=1) + np.sum(x[np.where(small)[0]] ** 2)


@program(numbers(2, 3, 4))
def medians_over_several_axes(x):
    return np.sum(np.median(x, axis=(0, 2)) ** 2) + np.quantile(x, 0.3)


@program(numbers(4))
def methods_of_ufuncs(x):
    pairs = np.subtract.outer(x, x[:2])
    return np.logaddexp.reduce(x) + np.sum(pairs**2) + np.multiply.accumulate(x)[-1]


@program(numbers(6), numbers(3), wrt=(0, 1))
def signals(x, kernel):
    smooth = np.convolve(x, kernel, mode="same")
    return np.sum(smooth**2) + np.trapezoid(smooth, dx=0.5) + np.sum(np.gradient(x, 0.1) ** 2)


@program(numbers(3, 5))
def covariances(x):
    return np.sum(np.cov(x) ** 2) + np.corrcoef(x)[0, 1]


@program(1.7)
def gamma_functions(x):
    return math.gamma(x) + math.lgamma(x) * math.comb(5, 2)


@program(numbers(4))
def triangles_by_their_places(x):
    i, j = np.tril_indices(4, -1)
    return np.sum(np.outer(x, x)[i, j] ** 2) + np.sum(np.vander(x, 3) * np.hanning(3))
