"""`itertools`, iterators, sorting and the builtins that walk containers."""

import functools
import itertools
import operator
from itertools import accumulate, chain, islice

import numpy as np

from tests.corpus.program import numbers, program

XS = [1.5, 0.5, 2.5]


@program(1.5)
def chained_lists(x):
    return sum(chain([x, 2.0], [x * x])) + sum(chain.from_iterable([[x], [x * x, 2.0]]))


@program(XS)
def running_products(v):
    return sum(accumulate(v, operator.mul)) + list(accumulate(v, initial=2.0))[-1]


@program(XS)
def running_maxima(v):
    return sum(accumulate(v, max))


@program(1.5)
def a_cartesian_product(x):
    return sum(a * b * x for a, b in itertools.product([1.0, 2.0], [x, 3.0]))


@program(1.5)
def a_cartesian_power(x):
    total = 0.0
    for a, b in itertools.product([x, 2.0], repeat=2):
        total = total + a * b * b
    return total


@program(XS)
def pairs_of_a_list(v):
    return sum(a * b for a, b in itertools.combinations(v, 2))


@program(XS)
def pairs_with_repetition(v):
    return sum(a * b for a, b in itertools.combinations_with_replacement(v, 2))


@program(XS)
def permutations_of_a_list(v):
    return sum(a * b * c * i for i, (a, b, c) in enumerate(itertools.permutations(v)))


@program(XS)
def neighbours_in_a_list(v):
    return sum((b - a) ** 2 for a, b in itertools.pairwise(v))


@program(numbers(3))
def neighbours_in_an_array(v):
    return sum((b - a) ** 2 for a, b in itertools.pairwise(v))


@program(XS)
def zipped_to_the_longest(v):
    return sum(a * b for a, b in itertools.zip_longest(v, [1.0], fillvalue=2.0))


@program(XS)
def slices_of_iterables(v):
    return sum(islice(v, 1, None)) * sum(islice(itertools.cycle(v), 5))


@program(1.5)
def repeated_values(x):
    return sum(itertools.repeat(x * x, 3)) + sum(map(operator.mul, [x, 2.0], itertools.repeat(x)))


@program(XS)
def a_function_of_rows(v):
    return sum(itertools.starmap(lambda a, b: a * b, zip(v, v[::-1])))


@program([("a", 1.5), ("a", 2.0), ("b", 3.0)])
def groups_by_name(rows):
    total = 0.0
    for name, group in itertools.groupby(rows, key=lambda row: row[0]):
        total = total + sum(value for _, value in group) ** 2 * len(name)
    return total


@program(XS)
def selected_items(v):
    return sum(itertools.compress(v, [1, 0, 1])) * v[1]


@program(XS)
def counted_items(v):
    return sum(a * i for i, a in zip(itertools.count(1), v))


@program(XS)
def alternating_signs(v):
    return sum(a * sign for a, sign in zip(v, itertools.cycle([1.0, -1.0])))


@program(XS)
def items_while_a_known_condition_holds(v):
    ranked = list(enumerate(v))
    first = [value for _, value in itertools.takewhile(lambda pair: pair[0] < 2, ranked)]
    rest = [value for _, value in itertools.dropwhile(lambda pair: pair[0] < 2, ranked)]
    return sum(first) * sum(rest)


@program(XS)
def a_tee_gives_two_iterators(v):
    first, second = itertools.tee(v)
    return sum(first) * sum(second) + sum(first)


@program(XS)
def items_that_pass_a_filter(v):
    return sum(filter(lambda a: a > 1.0, v)) + sum(filter(None, [v[0], 0.0, v[1]]))


@program(XS)
def an_iterator_by_hand(v):
    it = iter(v)
    first = next(it)
    second = next(it)
    return first * second + sum(it) + next(it, 4.0) * first


@program(XS)
def an_iterator_whose_rest_is_walked(v):
    it = iter(v)
    product = next(it)
    for a in it:
        product = product * a
    return product


@program(numbers(4))
def an_iterator_over_an_array(v):
    it = iter(v)
    return next(it) * next(it) + sum(it)


@program(XS)
def sorted_numbers(v):
    s = sorted(v)
    return s[0] * 2 + s[-1] * 3


@program(XS)
def sorted_backwards(v):
    s = sorted(v, reverse=True)
    return s[0] * 2 + s[-1] * 3


@program([1.5, -0.5, -2.5, 0.7])
def sorted_by_a_key_of_the_numbers(v):
    s = sorted(v, key=abs)
    t = sorted(v, key=lambda a: a * a, reverse=True)
    return s[0] * 2 + s[-1] * 3 + t[0] * s[1]


@program(XS)
def a_list_sorted_in_place(v):
    w = list(v)
    w.sort()
    u = [3, 1, 2]
    u.sort(key=lambda n: -n)
    return w[0] * 3 + w[1] * u[0]


@program([("b", 1.5), ("a", 2.0)])
def pairs_sorted_by_name(rows):
    by_first = sorted(rows, key=operator.itemgetter(0))
    return sorted(rows)[0][1] * 3 + by_first[1][1] * sorted(rows, reverse=True)[0][1]


@program(XS)
def sorted_by_a_comparison(v):
    order = sorted([3, 1, 2], key=functools.cmp_to_key(lambda a, b: a - b))
    return order[0] * v[0] + order[2] * v[1]


@program(XS)
def zip_with_the_same_length(v):
    return sum(a * b for a, b in zip(v, v[::-1], strict=True))


@program(XS)
def extremes_with_defaults_and_keys(v):
    return max([], default=v[0]) * max(v, key=abs) + min(v, key=lambda a: -a) * min(*v)


@program(XS)
def sums_with_a_start(v):
    return sum(v, start=2.0) + sum([[v[0]], [v[1]]], [])[1]


@program(XS)
def items_counted_backwards(v):
    return sum(i * a for i, a in enumerate(reversed(v), start=2))


@program(XS)
def a_fold_with_a_state(v):
    return functools.reduce(lambda acc, a: (acc[0] + a, acc[1] * a), v, (0.0, 1.0))[1]


@program(XS)
def known_places_in_lists(v):
    names = ["a", "b", "c"]
    return v[names.index("b")] * v[2] + names.count("a") * v[0]


@program(1.5)
def words_of_a_string(x):
    total = 0.0
    for word in "a bc d".split():
        total = total + x * len(word) * ord(word[0])
    return total


@program(XS)
def a_slice_object(v):
    return sum(v[slice(0, 2)]) + np.sum(np.array(v)[slice(None, None, 2)] ** 2)


@program(XS)
def a_kept_iterator(v):
    pairs = itertools.pairwise(v)
    v = [1.0, 2.0]
    return sum(a * b for a, b in pairs)


@program(XS, refused="how many items are taken depends on their values")
def items_while_a_condition_of_the_call_holds(v):
    return sum(itertools.takewhile(lambda a: a > 1, v))
