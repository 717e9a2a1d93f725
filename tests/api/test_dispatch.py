"""What a specialisation assumed is checked at every call; what a program reads is read anew."""

import functools
import linecache
import math
import types

import numpy as np
import pytest

from srcgrad import UnsupportedError, grad, value_and_grad

RATE = 2.0
TABLE = np.array([1.0, 2.0, 3.0])
SETTINGS = {"rate": 2.0, "names": ["a"]}


def helper(x):
    return x * x


def uses_rate(x):
    return x * RATE


def uses_table(x):
    return np.sum(x * TABLE)


def uses_settings(x):
    return x * SETTINGS["rate"] * len(SETTINGS["names"])


def uses_helper(x):
    return helper(x) * 2


def uses_math(x):
    return math.sin(x)


def uses_builtin(x):
    return abs(x) * x


@pytest.fixture
def here(monkeypatch):
    """Sets names of this module for the length of a test."""
    return lambda name, value: monkeypatch.setitem(globals(), name, value)


def test_a_global_number_is_read_anew(here):
    f = grad(uses_rate)
    assert f(1.0) == 2.0
    here("RATE", 5.0)
    assert f(1.0) == 5.0
    assert f.cache_info().compilations == 1


def test_a_global_number_may_become_an_integer_or_an_array(here):
    f = grad(lambda x: np.sum(x * RATE))
    assert f(1.0) == 2.0
    here("RATE", 3)
    assert f(1.0) == 3.0
    here("RATE", np.array([1.0, 2.0]))
    assert f(1.0) == 3.0
    here("RATE", 7.0)
    assert f(1.0) == 7.0


def test_a_global_array_is_read_anew(here):
    f = grad(uses_table)
    assert f(np.zeros(3)).tolist() == [1.0, 2.0, 3.0]
    here("TABLE", np.array([4.0, 5.0]))
    assert f(np.zeros(2)).tolist() == [4.0, 5.0]


def test_a_global_array_that_is_changed_in_place_is_read_anew():
    f = grad(uses_table)
    f(np.zeros(3))
    TABLE[0] = 9.0
    try:
        assert f(np.zeros(3)).tolist() == [9.0, 2.0, 3.0]
    finally:
        TABLE[0] = 1.0


def test_a_gradient_that_equals_a_global_array_does_not_share_its_memory():
    d_x = grad(uses_table)(np.zeros(3))
    d_x[...] = 0
    assert TABLE.tolist() == [1.0, 2.0, 3.0]


def test_a_global_container_is_read_anew(monkeypatch):
    f = grad(uses_settings)
    assert f(1.0) == 2.0
    monkeypatch.setitem(SETTINGS, "rate", 3.0)
    assert f(1.0) == 3.0
    monkeypatch.setitem(SETTINGS, "names", ["a", "b"])
    assert f(1.0) == 6.0
    SETTINGS["names"].append("c")
    assert f(1.0) == 9.0


def test_a_helper_redefined_is_noticed(here):
    f = grad(uses_helper)
    assert f(3.0) == 12.0
    here("helper", lambda x: x * x * x)
    assert f(3.0) == 54.0
    here("helper", np.sin)
    assert f(3.0) == pytest.approx(2 * math.cos(3.0))


def test_a_helper_whose_code_is_replaced_is_noticed(monkeypatch):
    f = grad(uses_helper)
    assert f(3.0) == 12.0
    monkeypatch.setattr(helper, "__code__", (lambda x: x * 5.0).__code__)
    assert f(3.0) == 10.0


def test_a_default_of_a_helper_that_is_replaced_is_noticed(here):
    def scaled(x, k=2.0):
        return x * k

    here("helper", scaled)
    f = grad(uses_helper)
    assert f(1.0) == 4.0
    scaled.__defaults__ = (3.0,)
    assert f(1.0) == 6.0


def test_a_builtin_hidden_by_a_global_is_noticed(here):
    f = grad(uses_builtin)
    assert f(3.0) == 6.0
    here("abs", lambda x: x * 100.0)
    assert f(3.0) == 600.0


def test_a_module_bound_to_another_one_is_noticed(here):
    f = grad(uses_math)
    assert f(0.0) == 1.0
    here("math", types.SimpleNamespace(sin=lambda x: 7.0 * x))
    assert f(0.0) == 7.0


def test_a_name_that_is_not_defined_yet(here):
    def f(x):
        return not_defined_yet(x)  # noqa: F821

    g = grad(f)
    with pytest.raises((NameError, NotImplementedError)):
        g(2.0)
    here("not_defined_yet", lambda x: x * x)
    assert g(2.0) == 4.0


def scaled_by(k):
    def f(x):
        return x * k

    return f


def test_closures_over_different_values_with_one_code_object():
    f, g = grad(scaled_by(2.0)), grad(scaled_by(3.0))
    assert (f(1.0), g(1.0), f(1.0)) == (2.0, 3.0, 2.0)


def test_closures_over_different_functions_with_one_code_object():
    f, g = grad(lambda x, h=math.sin: h(x)), grad(lambda x, h=math.exp: h(x))
    assert (f(0.0), g(0.0)) == (1.0, 1.0)
    made = [grad(applied(h)) for h in (math.sin, math.exp, helper)]
    assert [g(1.0) for g in made] == [math.cos(1.0), math.exp(1.0), 2.0]


def applied(h):
    def f(x):
        return h(x)

    return f


def test_a_closure_variable_is_read_anew():
    k = 2.0

    def f(x):
        return x * k

    g = grad(f)
    assert g(1.0) == 2.0
    k = 5.0
    assert g(1.0) == 5.0
    k = np.array([1.0, 2.0])
    assert grad(lambda x: np.sum(x * k))(1.0) == 3.0


def test_a_closure_variable_that_is_bound_later():
    def f(x):
        return later(x)

    g = grad(f)

    def later(x):
        return x * x

    assert g(2.0) == 4.0


def test_functions_passed_as_arguments_select_their_code():
    f = grad(lambda x, h: h(x))
    assert f(3.0, helper) == 6.0
    assert f(3.0, lambda x: x * 7.0) == 7.0
    assert f(3.0, math.exp) == math.exp(3.0)
    assert f(3.0, helper) == 6.0


def test_fresh_lambdas_passed_at_every_call_are_right():
    f = grad(lambda x, h: h(x))
    assert [f(1.0, lambda x, k=k: x * k) for k in range(5)] == [0.0, 1.0, 2.0, 3.0, 4.0]


def test_partials_of_different_values():
    f = grad(lambda x, h: h(x))
    assert f(3.0, functools.partial(pow, exp=2)) == 6.0
    assert f(3.0, functools.partial(pow, exp=3)) == 27.0


class Scaler:
    def __init__(self, factor):
        self.factor = factor

    def __call__(self, x):
        return x * self.factor

    def once(self, x):
        return x * self.factor

    def twice(self, x):
        return self.once(self.once(x))


def test_attributes_of_an_argument_are_read_anew():
    f = grad(lambda x, scaler: scaler.twice(x))
    scaler = Scaler(3.0)
    assert f(1.0, scaler) == 9.0
    scaler.factor = 2.0
    assert f(1.0, scaler) == 4.0
    assert f(1.0, Scaler(5.0)) == 25.0


def test_a_method_that_is_replaced_is_noticed(monkeypatch):
    f = grad(lambda x, scaler: scaler.twice(x))
    scaler = Scaler(3.0)
    assert f(1.0, scaler) == 9.0
    monkeypatch.setattr(Scaler, "twice", lambda self, x: x * 100.0)
    assert f(1.0, scaler) == 100.0


def test_an_instance_that_is_called_is_read_anew():
    f = grad(lambda x, scaler: scaler(x) * x)
    scaler = Scaler(3.0)
    assert f(1.0, scaler) == 6.0
    scaler.factor = 2.0
    assert f(1.0, scaler) == 4.0


@pytest.mark.parametrize("name", ["_0", "_1", "_chosen", "_slow", "_run0", "value", "d_x"])
def test_any_parameter_name_will_do(name):
    namespace = {}
    source = f"def f({name}, x, p):\n    return {name} * x * p[{name!r}]\n"
    filename = f"<names {name}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
    exec(compile(source, filename, "exec"), namespace)
    f = grad(namespace["f"], wrt=(0, 1, 2))
    for _ in range(2):
        assert f(2.0, 3.0, {name: 5.0}) == (15.0, 10.0, {name: 6.0})
    assert f(2.0, np.float64(3.0), {name: 5.0}) == (15.0, 10.0, {name: 6.0})


def test_a_parameter_that_hides_numpy_is_right_or_refused():
    assert grad(lambda np: np * np)(3.0) == 6.0
    with pytest.raises(UnsupportedError, match="`np`"):
        grad(lambda np, x: math.tanh(np) * x.sum(), wrt=(0, 1))(3.0, np.ones(2))


def test_strings_and_tuples_of_equal_value_do_not_recompile():
    f = grad(lambda x, mode, axes: x * len(mode) * len(axes))
    assert f(1.0, "".join(["a", "b"]), (0, 1)) == 4.0
    assert f(1.0, "".join(["a", "b"]), tuple([0, 1])) == 4.0
    assert f.cache_info().compilations == 1


def test_dtypes_and_none_as_arguments():
    f = grad(
        lambda x, dtype, scale=None: np.sum(x.astype(dtype)) * (1.0 if scale is None else scale)
    )
    x = np.ones(2)
    assert f(x, np.float32).tolist() == [1.0, 1.0]
    assert f(x, np.float64, 3.0).tolist() == [3.0, 3.0]
    assert f(x, np.float32, None).tolist() == [1.0, 1.0]


def test_the_same_array_for_two_parameters():
    f = value_and_grad(lambda x, y: np.sum(x * y * y), wrt=(0, 1))
    x = np.array([2.0, 3.0])
    value, (d_x, d_y) = f(x, x)
    assert value == 35.0
    assert d_x.tolist() == [4.0, 9.0] and d_y.tolist() == [8.0, 18.0]
    assert not np.shares_memory(d_x, d_y) and x.tolist() == [2.0, 3.0]


def test_overlapping_views_for_two_parameters():
    f = grad(lambda x, y: np.sum(x * y), wrt=(0, 1))
    base = np.arange(5.0)
    d_x, d_y = f(base[:-1], base[1:])
    assert d_x.tolist() == [1.0, 2.0, 3.0, 4.0] and d_y.tolist() == [0.0, 1.0, 2.0, 3.0]
    assert base.tolist() == [0.0, 1.0, 2.0, 3.0, 4.0]


def test_the_same_list_twice_in_an_argument():
    f = grad(lambda p: sum(p[0]) * sum(p[1]))
    shared = [1.0, 2.0]
    assert f([shared, shared]) == [[3.0, 3.0], [3.0, 3.0]]


def test_read_only_arguments_are_fine_and_their_gradients_writable():
    x = np.arange(3.0)
    x.flags.writeable = False
    d_x = grad(lambda x: np.sum(x * x))(x)
    d_x += 1
    assert d_x.tolist() == [1.0, 3.0, 5.0]


def test_subclasses_of_arrays_are_refused():
    with pytest.raises(TypeError, match="asarray"):
        grad(lambda x: np.sum(x * x))(np.ma.masked_array([1.0, 2.0]))


def test_strided_and_byte_swapped_arrays_after_plain_ones():
    f = grad(lambda x: np.sum(x * x))
    for x in (np.arange(4.0), np.arange(8.0)[::2], np.arange(4.0).astype(">f8")):
        assert f(x).tolist() == (2 * x).tolist()


def scattered(x, places):
    y = np.zeros(3)
    np.add.at(y, places, x)
    return np.add.reduce(y * y)


def test_methods_of_ufuncs_are_compiled_once():
    gradient = grad(scattered)
    for _ in range(3):
        gradient(np.ones(4), np.array([0, 1, 1, 2]))
    assert gradient.cache_info().compilations == 1
