"""What is not supported yet is refused in the user's code, before anything has run.

Each construct here may come to be supported: then its gradient must be right, and its effects those
of Python.  What it may never be is a wrong number, or an error that names no place.
"""

import functools
import itertools
import operator

import numpy as np
import pytest

import srcgrad
from srcgrad import grad, value_and_grad
from tests.differences import STENCIL, STEP

STORE = {"value": 0.0}
LOG = []
COUNT = 0


class Thing:
    rate = 2.0
    log = []

    def __init__(self, scale=1.0):
        self.scale = scale

    @property
    def twice(self):
        return self.scale * 2

    def __add__(self, other):
        return Thing(self.scale + other)

    def __getitem__(self, key):
        return self.scale * key

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return False

    def __len__(self):
        return 3

    def __bool__(self):
        return False

    def __iter__(self):
        yield self.scale
        yield 2.0


THING = Thing(3.0)


def noted(x):
    print("noted")
    return x


def try_except(x):
    noted(x)
    try:
        y = x * x
    except ZeroDivisionError:
        y = x
    return y


def try_finally(x):
    noted(x)
    try:
        y = x * x
    finally:
        y = x * 3
    return y


def with_statement(x):
    noted(x)
    with THING as thing:
        y = x * thing.scale
    return y


def with_errstate(x):
    noted(x)
    with np.errstate(all="ignore"):
        y = np.sqrt(x)
    return y * y * y


def match_statement(x):
    noted(x)
    match x:
        case 1:
            return x
        case _:
            return x * x


def global_statement(x):
    global COUNT
    noted(x)
    COUNT = COUNT + 1
    return x * x * COUNT


def nonlocal_statement(x):
    noted(x)
    y = x

    def f():
        nonlocal y
        y = y * x

    f()
    f()
    return y


def generator(x):
    noted(x)

    def items():
        yield x
        yield x * x

    return sum(items())


def generator_kept(x):
    noted(x)
    squares = (x * i for i in range(3))
    x = 100.0 * x
    return sum(squares)


def class_inside(x):
    noted(x)

    class Inner:
        k = 3.0

    return x * Inner.k


def import_inside(x):
    noted(x)
    import math

    return math.sin(x)


def import_from_inside(x):
    noted(x)
    from math import exp

    return exp(x)


def deletes_an_item(x):
    noted(x)
    items = [x, x * x, 3.0]
    del items[0]
    return items[0] * items[1]


def set_of_values(x):
    noted(x)
    return sum({x, x * 2})


def an_operator_of_an_object(x):
    noted(x)
    return (THING + x).scale


def an_item_of_an_object(x):
    noted(x)
    return THING[x] * x


def a_property_of_an_object(x):
    noted(x)
    return THING.twice * x


def the_length_and_truth_of_an_object(x):
    noted(x)
    return x * x if THING else x * len(THING)


def iterates_over_an_object(x):
    noted(x)
    total = x
    for value in THING:
        total = total * value
    return total


def makes_an_object(x):
    noted(x)
    return Thing(x * x).scale


def stores_an_attribute(x):
    noted(x)
    thing = Thing(x)
    thing.scale = thing.scale * x
    return thing.scale


def stores_into_a_global_dict(x):
    noted(x)
    STORE["value"] = x
    return STORE["value"] * x


def reads_what_a_called_function_stored(x):
    noted(x)
    put(x)
    return STORE["value"] * x


def put(value):
    STORE["value"] = value


def a_cached_function(x):
    noted(x)
    return cached(x) * x


@functools.cache
def cached(value):
    return value * value


def sorts(x):
    noted(x)
    items = [x, 1.0, x * x]
    items.sort()
    return items[0] * 2 + items[2]


def sorts_with_a_key(x):
    noted(x)
    return sorted([x, 1.0, x * x], key=lambda v: -v)[0]


def takes_items_with_operator(x):
    noted(x)
    return operator.itemgetter(1)([x, x * x]) * x


def accumulates(x):
    noted(x)
    return sum(itertools.accumulate([x, x, x], operator.mul))


def zips_unequal_lengths_strictly(x):
    noted(x)
    return sum(a * b for a, b in zip([x, x], [1.0, 2.0], strict=True))


def formats_and_parses(x):
    noted(x)
    return float(f"{x:.17g}") * x


def takes_the_hash(x):
    noted(x)
    return x * (hash(x) % 3)


def evaluates_text(x):
    noted(x)
    return eval("x * x")


def uses_locals(x):
    noted(x)
    return locals()["x"] * x


def uses_vars_of_an_object(x):
    noted(x)
    return vars(THING)["scale"] * x


def calls_itself(x):
    noted(x)
    return x if x < 1 else x * calls_itself(x / 2)


def a_function_with_state(x):
    noted(x)
    return counter(x) * x


def counter(x):
    counter.calls = getattr(counter, "calls", 0) + 1
    return x


def compares_identity(x):
    noted(x)
    y = x
    return x * x if y is x else x


def is_in_a_list_of_values(x):
    noted(x)
    return x * x if x in [1.0, x] else x


def converts_to_integer_and_back(x):
    noted(x)
    return x * float(int(x * 10)) / 10


def draws_random_numbers(x):
    noted(x)
    return x * np.random.default_rng(3).normal()


def draws_from_the_global_generator(x):
    noted(x)
    np.random.seed(3)
    return x * np.random.random()


def a_vectorized_function(x):
    noted(x)
    return np.vectorize(lambda v: v * v)(x) * x


def an_array_of_objects(x):
    noted(x)
    return np.array([x, x * x], dtype=object)[1] * x


def a_polynomial_of_numpy(x):
    noted(x)
    return np.polynomial.Polynomial([1.0, 2.0, 3.0])(x)


def a_string_of_a_number(x):
    noted(x)
    return x * len(f"{x:.3f}")


def unpacks_into_attributes(x):
    noted(x)
    thing = Thing()
    thing.scale, y = x, x * x
    return thing.scale * y


def a_starred_dict_display(x):
    noted(x)
    d = {"a": x, **{"b": x * x}}
    return d["a"] * d["b"]


def a_loop_over_a_set(x):
    noted(x)
    total = 0.0
    for k in {1, 2, 3}:
        total += x**k
    return total


def a_chained_comparison_with_a_walrus(x):
    noted(x)
    return y * x if 0 < (y := x * x) < 100 else x


def numpy_inside_a_condition(x):
    noted(x)
    return x * x if np.isclose(x, x) and not np.isnan(x) else x


def an_assertion_that_fails_late(x):
    noted(x)
    assert x < 100, "too large"
    return x * x


def a_default_that_is_mutable(x, items=[]):  # noqa: B006
    noted(x)
    return x * x + len(items)


def an_exception_as_control_flow(x):
    noted(x)
    for i in itertools.count():
        if i > 3:
            break
        x = x * 1.5
    return x


def a_long_unrolled_loop(x):
    noted(x)
    total = 0.0
    for k in [0.1] * 300:
        total = total + np.sin(x * k)
    return total


EVERY = [
    thing
    for thing in list(globals().values())
    if getattr(thing, "__code__", None) is not None
    and thing.__module__ == __name__
    and "noted" in thing.__code__.co_names
]


def start_afresh():
    global COUNT
    COUNT = 0
    STORE.clear()
    STORE["value"] = 0.0
    LOG.clear()
    vars(counter).clear()
    cached.cache_clear()


def slope(function, x):
    """By central differences, every call being the first one."""
    total = 0.0
    for step, weight in STENCIL:
        start_afresh()
        total += weight * function(x + step * STEP) / STEP
    return total


@pytest.mark.parametrize("function", EVERY, ids=lambda f: f.__name__)
def test_each_construct_is_right_or_refused_in_its_place(function, capsys):
    start_afresh()
    found = outcome(function)
    if isinstance(found, srcgrad.SrcgradError):
        assert capsys.readouterr().out == "", "something has run before the refusal"
        assert found.filename == __file__
        assert first_line(function) <= found.lineno or "called from" in str(found)
        assert found.construct
        # What Python itself would refuse needs no way out.
        assert found.remedy or not isinstance(found, srcgrad.UnsupportedError)
        return
    assert capsys.readouterr().out == "noted\n", "an effect is lost or repeated"
    assert found == pytest.approx(slope(function, 1.37), rel=1e-6)


def outcome(function):
    """The gradient, or the refusal."""
    try:
        return grad(function)(1.37)
    except srcgrad.SrcgradError as error:
        return error


def first_line(function):
    return function.__code__.co_firstlineno


def appends_to_a_global_list(x):
    LOG.append(x)
    return x * x * len(LOG)


def puts_into_a_global_dict(x):
    STORE["value"] = x
    STORE.update(other=x * x)
    return x * x


def adds_to_a_global_list_in_place(x):
    items = LOG
    items += [x]
    return x * x


def counts_in_a_global_array(x):
    COUNTS[0] += 1
    return x * x


def changes_a_default(x, seen=[]):  # noqa: B006
    seen.append(x)
    return x * x * len(seen)


def changes_an_attribute_of_a_class(x):
    Thing.log.append(x)
    return x * x * len(Thing.log)


COUNTS = np.zeros(2)


@pytest.mark.parametrize(
    "function",
    [
        appends_to_a_global_list,
        puts_into_a_global_dict,
        adds_to_a_global_list_in_place,
        counts_in_a_global_array,
        changes_a_default,
        changes_an_attribute_of_a_class,
    ],
    ids=lambda f: f.__name__,
)
def test_effects_on_globals_happen_as_in_python_or_are_refused(function):
    def effects(calls):
        start_afresh()
        COUNTS[:] = 0
        Thing.log.clear()
        changes_a_default.__defaults__[0].clear()
        results = [calls(x) for x in (1.0, 2.0, 3.0)]
        seen = [*Thing.log], [*changes_a_default.__defaults__[0]]
        return results, seen, [*LOG], {**STORE}, COUNTS.tolist()

    gradient = value_and_grad(function)
    try:
        ours = effects(lambda x: gradient(x)[0])
    except srcgrad.SrcgradError:
        return
    assert ours == effects(function)


def test_a_call_after_a_refusal_refuses_again():
    f = grad(set_of_values)
    for _ in range(2):
        with pytest.raises(srcgrad.SrcgradError):
            f(1.0)


@pytest.mark.parametrize(
    "function",
    [
        lambda x, p: [p["items"].append(x), x * x][1],
        lambda x, p: [p.update(other=x), x * x][1],
        lambda x, p: [p.pop("items"), x * x][1],
        lambda x, p: x * len(p["items"].copy()) + x * len(dict(p)),
    ],
)
def test_containers_of_the_caller_change_as_in_python_or_the_change_is_refused(function):
    def after(calls):
        argument = {"items": [1.0]}
        calls(2.0, argument)
        return argument

    gradient = grad(function)
    try:
        ours = after(gradient)
    except srcgrad.SrcgradError:
        ours = after(function)
    assert ours == after(function)


def test_keywords_are_a_dict_of_the_function_itself():
    def f(x, **settings):
        scale = settings.pop("scale")
        settings["other"] = x
        return x * scale * len(settings) * settings["other"]

    settings = {"scale": 3.0, "unused": 1.0}
    assert grad(f)(2.0, **settings) == 24.0
    assert settings == {"scale": 3.0, "unused": 1.0}
