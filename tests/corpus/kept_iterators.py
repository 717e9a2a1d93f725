"""Iterators and views that are kept in variables, passed, and returned."""

import itertools
from collections import ChainMap

import numpy as np

from tests.corpus.program import numbers, program


@program(numbers(3))
def pairs_of_one_iterator(x):
    it = iter([x[0], x[1], x[2], x[0]])
    s = 0.0
    for a, b in zip(it, it):
        s += a * b
    return s


@program(numbers(3))
def pairs_of_a_repeated_iterator(x):
    s = 0.0
    for a, b in zip(*[iter([x[0], x[1], x[2], x[0] * 2])] * 2):
        s += a * b
    return s


@program(numbers(3))
def a_zip_leaves_what_it_has_not_read(x):
    it = iter([x[0], x[1], x[2]])
    s = sum(a * b for a, b in zip([1.0, 2.0], it))
    return s + next(it, x[0])


@program(numbers(3))
def a_zip_reads_one_too_many(x):
    it = iter([x[0], x[1], x[2], x[0]])
    s = sum(a * b for a, b in zip(it, [1.0, 2.0]))
    return s + next(it, x[0])


@program(numbers(3))
def a_zip_is_empty_after_its_first_reader(x):
    it = zip([x[0], x[1]], [1.0, 2.0])
    a = sum(p * q for p, q in it)
    b = sum(p * q for p, q in it)
    return a + b * 100


@program(numbers(3))
def a_kept_map_sees_variables_late(x):
    k = 2.0
    it = map(lambda v: v * k, [x[0], x[1]])
    k = 3.0
    return sum(it)


@program(numbers(3))
def a_kept_map_calls_its_function_when_it_is_read(x):
    def f(v):
        print("f")
        return v * v

    it = map(f, [x[0], x[1]])
    print("before")
    s = 0.0
    for v in it:
        print("got")
        s += v
    return s


@program(numbers(3))
def a_kept_zip_sees_what_is_appended(x):
    l = [x[0], x[1]]
    it = zip(l, l)
    l.append(x[2])
    s = 0.0
    for a, b in it:
        s += a * b
    return s


@program(numbers(3))
def a_kept_zip_of_arrays(x):
    it = zip(x, x * 2)
    s = 0.0
    for a, b in it:
        s += a * b
    return s


@program(numbers(3))
def kept_views_of_a_dict(x):
    d = {"a": x[0], "b": x[1]}
    ks = d.keys()
    d2 = dict(zip(ks, d.values()))
    if "a" in ks and len(ks) == 2 and set(ks) == {"a", "b"}:
        return d2["a"] * d2["b"] ** 2
    return x[0]


@program(numbers(3))
def a_function_returns_a_zip(x):
    def pairs(a):
        return zip(a, a[1:])

    return sum(p * q for p, q in pairs(x)) + sum(p * q for p, q in pairs([x[0], x[1], x[2]]))


@program(numbers(3))
def a_function_returns_a_view(x):
    def its(d):
        return d.items()

    s = 0.0
    for k, v in its({"a": x[0], "b": x[1]}):
        s += v * len(k)
    return s


@program(numbers(3))
def next_of_a_kept_enumerate(x):
    e = enumerate([x[0], x[1]])
    i, a = next(e)
    j, b = next(e)
    return a * (i + 1) + b * (j + 5)


@program(numbers(3))
def next_of_a_count(x):
    c = itertools.count(1)
    return x[0] * next(c) + x[1] * next(c)


@program(numbers(3))
def numbers_given_out_to_instances(x):
    c = itertools.count()

    class N:
        def __init__(s, v):
            s.id = next(c)
            s.v = v

    a, b = N(x[0]), N(x[1])
    return a.v * (a.id + 1) + b.v * (b.id + 1)


@program(numbers(3))
def an_iterator_in_an_attribute(x):
    class S:
        def __init__(s, v):
            s.it = iter(v)

        def pull(s):
            return next(s.it)

    q = S([x[0], x[1]])
    return q.pull() * q.pull() ** 2


@program(numbers(3))
def sum_of_a_kept_map(x):
    it = map(lambda v: v * v, x)
    return sum(it)


@program(numbers(3))
def a_kept_reversed(x):
    r = reversed([x[0], x[1]])
    s = 0.0
    for v in r:
        s = s * 0.5 + v
    return s


@program(numbers(3))
def a_kept_chain(x):
    c = itertools.chain([x[0]], [x[1], x[2]])
    s = 0.0
    for v in c:
        s += v * v
    return s


@program(numbers(3))
def next_of_a_cycle_in_a_loop(x):
    c = itertools.cycle([1.0, -1.0])
    s = 0.0
    for v in x:
        s += next(c) * v**2
    return s


@program(numbers(3))
def two_readers_of_a_tee(x):
    a, b = itertools.tee([x[0], x[1], x[2]])
    next(b)
    return sum(p * q for p, q in zip(a, b))


@program(numbers(3))
def a_zip_is_passed(x):
    def dot(ps):
        s = 0.0
        for a, b in ps:
            s += a * b
        return s

    return dot(zip(x, x * 2))


@program(numbers(3))
def a_map_is_passed(x):
    def tot(ps):
        return sum(ps)

    return tot(map(np.sin, x)) + tot(v * v for v in x)


@program(numbers(3))
def settings_in_a_chain_map(x):
    defaults = {"lr": 0.1, "w": x}
    p = ChainMap({"lr": 0.5}, defaults)
    return (p["w"] * p["lr"]).sum() + p.get("zz", 2.0)


@program(numbers(3))
def a_dict_from_keys(x):
    d = dict.fromkeys(["a", "b"], x[0])
    return d["a"] * d["b"]


@program(numbers(3))
def a_dict_from_keys_is_filled(x):
    d = dict.fromkeys(["a", "b"])
    d["a"] = x[0]
    return d["a"] if d["b"] is None else x[1]


class Pairs:
    def __init__(self, pairs):
        self.pairs = pairs

    def total(self):
        return sum(a * b for a, b in self.pairs)


@program(numbers(3))
def an_instance_reads_its_zip_once(x):
    pairs = Pairs(zip([x[0], x[1]], [x[2], 2.0]))
    return pairs.total() + 100 * pairs.total()


@program(numbers(3), refused="an iterator is read inside the loop that walks it")
def next_inside_the_loop(x):
    it = iter([x[0], x[1], x[2]])
    total = 0.0
    for v in it:
        total += v * next(it, 5.0)
    return total


@program(numbers(3), refused="a view follows its dict")
def a_view_follows_its_dict(x):
    d = {"a": x[0], "b": x[1]}
    values = d.values()
    d["c"] = x[2]
    return sum(values)
