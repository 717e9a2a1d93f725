"""Arguments and values that are tuples, lists, dicts, named tuples and dataclasses, nested."""

from collections import namedtuple
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tests.corpus.program import numbers, program


class Layer(NamedTuple):
    w: np.ndarray
    b: np.ndarray


Point = namedtuple("Point", "x y")


@dataclass
class Model:
    hidden: Layer
    out: Layer
    scale: float


@dataclass(frozen=True)
class Frozen:
    a: float
    b: np.ndarray


@dataclass
class WithMethods:
    rate: float
    shift: float = 0.5

    def apply(self, x):
        return x * self.rate + self.shift


@program((1.5, numbers(3)))
def a_tuple(t):
    return t[0] * np.sum(t[1])


@program([1.5, numbers(3), numbers(2, 2)])
def a_list(xs):
    return xs[0] * np.sum(xs[1]) + np.sum(xs[-1] ** 2)


@program({"w": numbers(3), "b": 1.5})
def a_dict(p):
    return np.sum(p["w"] * 2) * p["b"]


@program({1: 1.5, ("a", 2): 2.0, None: 3.0})
def a_dict_with_odd_keys(d):
    return d[1] * d["a", 2] + d[None] ** 2


@program(Point(1.5, 2.0))
def a_named_tuple(p):
    return p.x * p.y + p[0]


@program(Point(1.5, numbers(3)))
def a_named_tuple_unpacked(p):
    x, y = p
    return x * np.sum(y)


@program(Layer(numbers(2, 3), numbers(2)), numbers(3, seed=1), wrt=(0, 1))
def a_typed_named_tuple(layer, x):
    return np.sum(np.tanh(layer.w @ x + layer.b))


@program(
    Model(Layer(numbers(2, 3), numbers(2)), Layer(numbers(1, 2, seed=1), numbers(1)), 2.0),
    numbers(3, seed=2),
    wrt=(0, 1),
)
def a_dataclass_of_named_tuples(model, x):
    h = np.tanh(model.hidden.w @ x + model.hidden.b)
    return np.sum(model.out.w @ h + model.out.b) * model.scale


@program(Frozen(1.5, numbers(3)))
def a_frozen_dataclass(f):
    return f.a * np.sum(f.b * f.b)


@program(WithMethods(1.5), 2.0, wrt=(0, 1))
def a_dataclass_with_methods(m, x):
    return m.apply(x) * m.apply(2.0)


@program({"layers": [(numbers(2, 2), 0.5), (numbers(2, 2, seed=1), 1.5)], "scale": (2.0,)})
def a_deep_nest(p):
    x = np.ones(2)
    for w, b in p["layers"]:
        x = np.tanh(w @ x) * b
    return np.sum(x) * p["scale"][0]


@program([[1.5, 2.0], [3.0]])
def a_ragged_list(rows):
    return rows[0][0] * rows[0][1] + rows[1][0] ** 2


@program((1.5, "name", None, 2.0, True))
def a_tuple_with_things_that_are_no_numbers(t):
    return t[0] * t[3] if t[1] == "name" and t[2] is None and t[4] else t[0]


@program([1.5, 2.0, 3.0, 4.0])
def slices_of_a_list(xs):
    return sum(xs[1:]) * xs[0] + sum(xs[::-2]) + sum(xs[:-1])


@program([1.5, 2.0], (3.0,), wrt=(0, 1))
def joined_lists_and_tuples(xs, t):
    ys = xs + [5.0]
    ts = t + tuple(xs)
    return ys[0] * ts[1] + ts[0] * ys[2] + sum(ys)


@program([1.5, 2.0, 3.0], 1)
def a_list_indexed_by_an_argument(xs, i):
    return xs[i] * xs[i + 1]


@program({"a": 1.5, "b": 2.0}, "b")
def a_dict_indexed_by_an_argument(d, key):
    return d[key] * d[key] + d.get("a") * d.get("zzz", 3.0)


@program({"a": 1.5, "b": 2.0})
def methods_of_a_dict(d):
    total = 0.0
    for key in sorted(d.keys()):
        total = total * d[key] + len(d)
    return total + ("a" in d) + sum(d.values())


@program({"a": 1.5, "b": 2.0})
def merged_dicts(d):
    e = {**d, "c": d["a"] * 2, "a": 7.0}
    f = d | {"b": 1.0}
    return e["a"] * e["b"] * e["c"] + f["a"] * f["b"]


@program(1.5, 2.0, wrt=(0, 1))
def containers_made_inside(x, y):
    t = (x, [y, x * y], {"k": x + y})
    return t[0] * t[1][1] + t[2]["k"] * t[1][0]


@program(1.5, 2.0, wrt=(0, 1))
def a_named_tuple_made_inside(x, y):
    p = Point(x * y, y=x)
    q = p._replace(x=p.y * 2)
    return p.x * p.y + q.x * q.y


@program(1.5, 2.0, wrt=(0, 1))
def a_dataclass_made_inside(x, y):
    m = WithMethods(x, shift=y)
    return m.apply(x) * m.rate


@program(1.5)
def a_list_is_changed_by_its_methods(x):
    xs = [x, 2.0]
    xs.append(x * x)
    xs.extend([1.0, x])
    xs.insert(0, 3.0)
    last = xs.pop()
    xs.reverse()
    return xs[0] * xs[1] + last * xs[-1] + len(xs)


@program([1.5, 2.0])
def the_list_of_the_caller_is_copied_before_it_is_changed(xs):
    ys = list(xs)
    ys.append(3.0)
    ys[0] = ys[1] * 2
    return ys[0] * ys[2] * xs[0]


@program({"a": 1.5})
def the_dict_of_the_caller_is_copied_before_it_is_changed(d):
    e = dict(d)
    e["b"] = e["a"] * 2
    e["a"] = 1.0
    return e["b"] * d["a"]


@program([1.5, 2.0], [3.0, 4.0], wrt=(0, 1))
def equal_structures_in_two_arguments(p, q):
    return sum(a * b for a, b in zip(p, q))


@program((1.5, 2.0), wrt=0)
def min_max_sum_of_a_tuple(t):
    return max(t) * min(t) + sum(t) * len(t)


@program({"x": {"y": {"z": (1.5, [2.0])}}})
def four_levels(d):
    a, (b,) = d["x"]["y"]["z"]
    return a * b


@program((), 1.5, wrt=1)
def an_empty_tuple(t, x):
    return x * x + len(t)
