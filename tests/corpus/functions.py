"""What is done with functions: decorators, caches, partials, operators, dispatch, composition."""

import functools
import math
import operator
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from operator import attrgetter, itemgetter, methodcaller

import numpy as np

from tests.corpus.program import numbers, program

XS = [1.5, 0.5, 2.5]


def _scaled(factor):
    def decorate(function):
        @functools.wraps(function)
        def scaled(*args, **kwargs):
            return factor * function(*args, **kwargs)

        return scaled

    return decorate


@_scaled(2.0)
@_scaled(3.0)
def _decorated(x, y=1.0):
    return x * x * y


@program(1.5)
def a_decorated_helper(x):
    return _decorated(x) + _decorated(x, y=x)


@program(1.5)
@_scaled(2.0)
def a_decorated_function(x):
    return x * x


@program(1.5)
def decorators_inside_the_function(x):
    def twice(function):
        @functools.wraps(function)
        def both(*args):
            return function(function(*args))

        return both

    @_scaled(2.0)
    @twice
    def times(y):
        return y * x

    return times(2.0) * len(times.__name__)


@functools.lru_cache(maxsize=None)
def _squared(x):
    return x * x


@functools.cache
def _power(x, n):
    return 1.0 if n == 0 else x * _power(x, n - 1)


@program(1.5)
def cached_helpers(x):
    return _squared(x) * _power(x, 3) + _squared(2.0) * x


@program(1.5)
def a_cache_inside_the_function(x):
    @functools.lru_cache(maxsize=None)
    def fibonacci(n):
        return x if n < 2 else fibonacci(n - 1) + fibonacci(n - 2) * x

    return fibonacci(20) * 1e-6


@program(1.5)
def a_cache_on_several_paths(x):
    @functools.cache
    def half(v):
        return v * v / 2

    if x > 1:
        y = half(x) + half(x)
    else:
        y = x
    return y + half(x)


@functools.singledispatch
def _size(x):
    raise TypeError(x)


@_size.register
def _size_of_number(x: float):
    return x * x


@_size.register(list)
def _size_of_list(x):
    return sum(map(_size, x))


@program(1.5)
def single_dispatch(x):
    return _size(x) * _size([x, [2.0, x]])


class _Scaler:
    def __init__(self, k):
        self.k = k

    def scale(self, a, x):
        return self.k * a * x

    twice = functools.partialmethod(scale, 2.0)


_scaler = _Scaler(3.0)


@program(1.5)
def a_partial_method(x):
    return _scaler.twice(x) * x


_by_two = functools.partial(lambda k, x, *, shift=0.0: k * x + shift, 2.0)


@program(1.5)
def partials_of_partials(x):
    shifted = functools.partial(_by_two, shift=x)
    return shifted(x) * functools.partial(shifted, shift=1.0)(x)


@program(1.5)
def composed_functions(x):
    def compose(*functions):
        return functools.reduce(lambda f, g: lambda v: f(g(v)), functions)

    return compose(math.sin, math.exp, lambda v: v * v)(x)


@program(1.5)
def a_function_that_takes_itself(x):
    return (lambda f: f(f, 3))(lambda self, n: 1.0 if n == 0 else x * self(self, n - 1))


@program(XS)
def operators_as_functions(v):
    a, b, c = v
    total = operator.add(a, 2) * operator.pow(b, 2) - operator.truediv(c, 3)
    total = total + operator.neg(a) * operator.sub(b, 1) + operator.mod(c, 2.0)
    return total + functools.reduce(operator.mul, v) if operator.gt(a, b) else total


@program(numbers(3))
def operators_on_arrays(v):
    picked = operator.getitem(v, 0) + operator.getitem(v, slice(1, 3)).sum()
    return operator.matmul(v, v) * picked


_second = itemgetter(1)


@program(XS)
def getters_of_items(v):
    return itemgetter(0)(v) * itemgetter(0, 2)(v)[1] + _second(v) ** 2


@program(numbers(2, 3))
def getters_of_attributes_and_methods(a):
    return attrgetter("T")(a).sum() * methodcaller("sum", axis=0)(a * a)[1]


@program(1.5)
def every_kind_of_parameter(x):
    def f(a, /, b=2.0, *c, d=3.0, **e):
        return a * b + sum(c) * d + sum(e.values())

    return f(x) + f(x, x, 1.0, x, d=x, z=x, w=2.0)


@program(1.5)
def a_default_is_evaluated_once(x):
    def f(v, seen=[]):  # noqa: B006  (the default is shared between the calls)
        seen.append(v)
        return sum(seen)

    return f(x) * f(x * x) * f(1.0)


@program(1.5)
def a_closure_over_a_list(x):
    state = [x]

    def times(v):
        state[0] = state[0] * v
        return state[0]

    return times(2.0) + times(x)


@program(1.5)
def closures_made_in_a_comprehension(x):
    late = [lambda v: v * k for k in (1.0, 2.0, 3.0)]
    return sum(f(x) for f in late)


@program(1.5)
def a_dict_with_defaults(x):
    sums = defaultdict(float)
    sums["a"] += x
    sums["a"] += x * x
    lists = defaultdict(list)
    lists["b"].append(x)
    lists["b"].append(sums["a"])
    return sums["a"] * sum(lists["b"]) + sums["nothing"] + len(sums)


@program(1.5)
def an_ordered_dict(x):
    d = OrderedDict(a=x, b=x * x)
    d.move_to_end("a")
    d.update(c=2.0)
    return sum(v * (i + 1) for i, v in enumerate(d.values()))


@program(1.5)
def counted_words(x):
    c = Counter(["a", "b", "a"])
    c["b"] += 1
    return x * c["a"] + x * c["nothing"] * x + sum(c.values()) * x + c.most_common(1)[0][1] * x


@program(1.5)
def a_queue_of_limited_length(x):
    d = deque([x], maxlen=2)
    d.append(x * x)
    d.append(x**3)
    d.appendleft(2.0)
    d.rotate(1)
    return sum(d) + d[0] * d.popleft() + len(d) * d.pop()


@program(1.5)
def a_named_tuple_made_inside(x):
    Point = namedtuple("Point", "a b")
    p = Point(x, x * x)
    return p.a * p.b + p._replace(a=2.0).a * x


COUNTS = Counter("aab")
WEIGHTS = OrderedDict(a=2.0, b=3.0)
RECENT = deque([1.0, 2.0], maxlen=2)


@program(1.5)
def collections_of_the_module(x):
    return x * COUNTS["a"] * WEIGHTS["b"] + COUNTS["zz"] + sum(RECENT) * x


@program(OrderedDict(a=2.0, b=3.0))
def an_ordered_dict_as_an_argument(p):
    return p["a"] * p["b"] * len(p)


@program(XS)
def sums_and_distances(v):
    return math.fsum(v) * math.prod(v) + math.dist(v, [0.0, 1.0, 0.0]) + math.hypot(*v)


@program(XS, refused="an item that equals a number is found only during the call")
def the_place_of_a_number(v):
    return v[0] * v.index(0.5)


@program(1.5, refused="evaluated text is no source")
def evaluated_text(x):
    return eval("x * x")
