"""Functions of NumPy that are evaluated rather than called: assembling, padding, questions."""

import cmath
import math
import operator

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


@program(numbers(3, 4), numbers(3, 4, seed=1), wrt=(0, 1))
def options_of_ufuncs(x, y):
    half = np.multiply(x, y, dtype=np.complex128, order="F", subok=False)
    return np.sum(np.add(x, y, dtype=float, casting="safe") ** 2) + np.sum(half.real)


@program(numbers(3, 4))
def reductions_by_ufuncs(x):
    small = x < 1.0
    total = np.add.reduce(x, axis=None) + np.add.reduce(x, axis=1, where=small)[0]
    rows = np.maximum.reduce(x, axis=1, initial=1.1) + np.multiply.reduce(x, 1, keepdims=False)
    out = np.zeros((3, 4))
    np.add.accumulate(x, axis=1, out=out)
    return total + np.sum(rows) + np.sum(out**2)


@program(numbers(6))
def reductions_of_segments(x):
    parts = np.multiply.reduceat(x, [0, 2, 5, 3]) + np.maximum.reduceat(x, np.array([0, 3, 1, 4]))
    return np.sum(parts**2)


@program(numbers(4, 3), numbers(4, 3, seed=1), wrt=(0, 1))
def crossed_along_other_axes(a, b):
    moved = np.cross(a.T, b, axisa=0, axisc=0)
    return np.sum(moved**3) + np.linalg.cross(a.T, b.T, axis=0)[0, 1]


@program(numbers(3, 4))
def moments_about_a_given_mean(x):
    m = np.mean(x, axis=1, keepdims=True)
    return np.sum(np.var(x, axis=1, mean=m, ddof=1)) + np.std(x, mean=1.2, where=x > 0.7)


@program(numbers(3, 4), numbers(4, seed=1), wrt=(0, 1))
def an_average_and_the_sum_of_its_weights(x, w):
    mean, total = np.average(x, axis=1, weights=w, returned=True)
    _, count = np.average(x, returned=True)
    return np.sum(mean * total**2) + count


@program(numbers(5), numbers(4, seed=1), wrt=(0, 1))
def interpolation_with_a_period(x, y):
    return np.sum(np.interp(3.0 * x, [0.2, 1.9, 0.9, 1.4], y, period=2.0) ** 2)


@program(numbers(3, 4), 1.5, wrt=(0, 1))
def paddings_with_numbers_and_reflections(x, c):
    constant = np.pad(x, ((1, 0), (2, 1)), constant_values=c)
    odd = np.pad(x, 2, mode="reflect", reflect_type="odd")
    even = np.pad(x, (1, 2), mode="symmetric", reflect_type="odd")
    return np.sum(constant**3) + np.sum(odd**2) + np.sum(np.sin(even))


@program(numbers(6))
def elements_taken_once_in_named_tuples(x):
    doubled = np.concatenate((x, x[:2]))
    found = np.unique_all(doubled)
    counts = np.unique_counts(doubled).counts
    values, inverse = np.unique_inverse(doubled)
    return np.sum(found.values**2 * counts) + np.sum(values[inverse] ** 3) + found.indices[0]


@program(numbers(3, 4))
def lists_and_items(x):
    rows = x.tolist()
    second = x.item(1, 2) + x.item((0, -1)) + x.item(5)
    total = 0.0
    for row in rows:
        total = total + row[0] * sum(row)
    return total + second**2 + np.fromiter((v * v for v in x[0]), float, count=3).sum()


@program(numbers(3, 4))
def arrays_in_other_kinds_and_orders(x):
    x = np.require(np.asfortranarray(x), requirements=["C"])
    pairs = np.astype(x, complex, copy=False).view(float)
    return (
        np.sum(np.astype(x, np.float64) ** 2)
        + np.sum(pairs[:, ::2] ** 3)
        + np.sum(x.view()[np.mask_indices(3, np.triu)])
    )


@program(1.2, 0.4, wrt=(0, 1))
def polar_coordinates(r, phi):
    z = cmath.rect(r, phi) + 0.5
    length, angle = cmath.polar(z)
    return length * angle + operator.call(math.sin, r) * operator.countOf([1, 2, 1], 1)


@program(numbers(3))
def lists_by_operators(x):
    items = [x[0], x[1] ** 2]
    items = operator.iconcat(items, [x[2]])
    operator.delitem(items, 0)
    return np.sum(np.stack(items)) * operator.length_hint(items) * operator.indexOf([4, 7], 7)


@program(numbers(3, 3))
def results_with_names(a):
    gram = a @ a.T + np.eye(3)
    values, vectors = np.linalg.eigh(gram)
    factors = np.linalg.qr(a + np.eye(3))
    total = np.linalg.slogdet(gram).logabsdet + np.sum(np.linalg.eigh(gram).eigenvalues * values)
    return total + np.sum(factors.R**2) + np.linalg.svd(a).S[0] + np.sum(abs(vectors @ vectors.T))


@program(numbers(3, 3))
def results_with_names_in_a_loop_and_a_branch(a):
    sign, total = 1.0, 0.0
    for _ in range(3):
        found = np.linalg.slogdet(a @ a.T + np.eye(3))
        if found.sign > 0:
            sign, total = found.sign, total + found[1]
        a = np.linalg.qr(a).R + a
    return sign * total
