"""`grad` and `value_and_grad`: the forms they take and what a call gives back."""

import inspect
import warnings
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pytest

import srcgrad
from srcgrad import grad, value_and_grad
from tests.api.programs import Model, cube, gradient_of_plain, loss, plain


def test_a_bare_decorator_gives_the_gradient():
    assert cube(2.0) == 12.0


def test_a_decorator_with_options_gives_value_and_gradients():
    w, b, x, y = np.array([1.0, 2.0]), 0.5, np.eye(2), np.zeros(2)
    value, (d_w, d_b) = loss(w, b, x, y)
    assert value == loss.primal(w, b, x, y)
    np.testing.assert_allclose(d_w, [1.5, 2.5])
    assert d_b == 4.0 and type(d_b) is float


def test_a_decorator_with_empty_options():
    @grad()
    def f(x):
        return x * x

    @value_and_grad()
    def g(x):
        return x * x

    assert f(3.0) == 6.0 and g(3.0) == (9.0, 6.0)


def test_a_function_leaves_the_original_alone():
    assert gradient_of_plain(3.0) == 12.0
    assert plain(3.0) == 18.0
    assert gradient_of_plain.primal is plain


def test_a_function_with_options():
    assert grad(plain, wrt="y")(3.0, 1.0) == 9.0
    assert value_and_grad(plain, wrt=(1, 0))(3.0, 1.0) == (9.0, (9.0, 6.0))


def test_a_lambda_has_a_gradient():
    assert grad(lambda x: x**3)(2.0) == 12.0
    assert value_and_grad(lambda x, y: x * y, wrt=(0, 1))(2.0, 5.0) == (10.0, (5.0, 2.0))


def test_each_of_several_lambdas_on_one_line_is_the_right_one():
    f, g = grad(lambda x: x**2), grad(lambda x: x**3)
    assert (f(2.0), g(2.0)) == (4.0, 12.0)


def test_lambdas_that_differ_in_a_constant_alone_are_told_apart():
    f, g = grad(lambda x: x * 2), grad(lambda x: x * 3)
    assert (f(2.0), g(2.0)) == (2.0, 3.0)


def test_equal_lambdas_over_different_values():
    f, g = [grad(lambda x, k=k: x * k) for k in (2.0, 3.0)]
    assert (f(1.0), g(1.0)) == (2.0, 3.0)


def test_gradient_calls_take_keywords_and_defaults_as_the_function_does():
    assert gradient_of_plain(x=3.0) == 12.0
    assert gradient_of_plain(3.0, y=1.0) == 6.0
    assert gradient_of_plain(y=1.0, x=3.0) == 6.0
    assert gradient_of_plain(3.0, 1.0) == 6.0


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [((), {}), ((1.0, 2.0, 3.0), {}), ((1.0,), {"x": 2.0}), ((1.0,), {"z": 2.0})],
    ids=["too few", "too many", "twice", "unknown"],
)
def test_wrong_calls_fail_as_calls_of_the_function_do(args, kwargs):
    with pytest.raises(TypeError) as ours:
        gradient_of_plain(*args, **kwargs)
    with pytest.raises(TypeError) as theirs:
        plain(*args, **kwargs)
    assert str(ours.value) == str(theirs.value)


def test_positional_only_and_keyword_only_parameters():
    @grad(wrt=("a", "b", "c"))
    def f(a, /, b, *, c, d=2.0):
        return a * b * c * d

    assert f(2.0, 3.0, c=4.0) == (24.0, 16.0, 12.0)
    assert f(2.0, b=3.0, c=4.0, d=1.0) == (12.0, 8.0, 6.0)
    with pytest.raises(TypeError):
        f(a=2.0, b=3.0, c=4.0)
    with pytest.raises(TypeError):
        f(2.0, 3.0, 4.0)


def test_any_number_of_arguments():
    @grad(wrt=(0, "xs"))
    def f(scale, *xs):
        total = 0.0
        for x in xs:
            total = total + x * x * scale
        return total

    assert f(2.0, 3.0, 4.0) == (25.0, (12.0, 16.0))
    assert f(2.0, 3.0) == (9.0, (12.0,))


def test_any_names():
    @grad(wrt="settings")
    def f(x, **settings):
        return x * settings["a"] * settings.get("b", 1.0)

    assert f(2.0, a=3.0) == {"a": 2.0}
    assert f(2.0, a=3.0, b=5.0) == {"a": 10.0, "b": 6.0}
    assert f(2.0, b=5.0, a=3.0) == {"b": 6.0, "a": 10.0}


def test_arguments_of_every_kind_at_once():
    @value_and_grad(wrt=("a", "rest", "named"))
    def f(a, b=2.0, *rest, c, d=3.0, **named):
        return a * b * c * d + sum(rest) * a + sum(named.values())

    assert f(1.0, c=1.0) == (6.0, (6.0, (), {}))
    assert f(1.0, 1.0, 5.0, 6.0, c=1.0, e=7.0) == (21.0, (14.0, (1.0, 1.0), {"e": 1.0}))


def test_defaults_are_those_of_the_definition():
    scale = [1.0]

    def f(x, scale=scale):
        return x * scale[0]

    g = grad(f)
    assert g(2.0) == 1.0
    scale[0] = 5.0
    assert g(2.0) == 5.0 == f(1.0)


def test_a_default_may_be_differentiated():
    @grad(wrt="y")
    def f(x, y=3.0):
        return x * y * y

    assert f(2.0) == 12.0
    assert f(2.0, 1.0) == 4.0


def test_an_array_as_default():
    weights = np.array([1.0, 2.0])

    @grad(wrt=("x", "w"))
    def f(x, w=weights):
        return np.sum(x * w)

    d_x, d_w = f(np.array([3.0, 4.0]))
    assert d_x.tolist() == [1.0, 2.0] and d_w.tolist() == [3.0, 4.0]


# has_aux


def test_aux_comes_beside_the_gradient():
    @grad(has_aux=True)
    def f(x):
        y = x * x
        return y * 2, {"y": y, "name": "square", "list": [x, (y, None)]}

    assert f(3.0) == (12.0, {"y": 9.0, "name": "square", "list": [3.0, (9.0, None)]})


def test_aux_comes_beside_the_value():
    @value_and_grad(has_aux=True)
    def f(x):
        return x * x, x + 1

    assert f(3.0) == ((9.0, 4.0), 6.0)


def test_aux_may_be_an_array_and_an_argument():
    @value_and_grad(has_aux=True)
    def f(x):
        p = np.exp(x)
        return np.sum(p), (p, x)

    x = np.array([0.0, 1.0])
    (value, (p, same)), d_x = f(x)
    assert value == np.sum(np.exp(x)) and p.tolist() == np.exp(x).tolist()
    assert same.tolist() == [0.0, 1.0]
    assert not np.shares_memory(d_x, x) and not np.shares_memory(d_x, p)
    np.testing.assert_allclose(d_x, np.exp(x))


def test_aux_is_not_differentiated():
    @grad(has_aux=True)
    def f(x):
        return x * x, x * 1000

    assert f(3.0) == (6.0, 3000.0)


def test_a_result_that_is_no_pair_is_refused_with_aux():
    with pytest.raises(srcgrad.ArgumentError, match="has_aux"):
        grad(lambda x: x * x, has_aux=True)(2.0)


def test_a_pair_without_aux_is_refused_and_aux_is_suggested():
    with pytest.raises(srcgrad.ArgumentError, match="has_aux"):
        grad(lambda x: (x * x, x))(2.0)


# The kinds of gradients


class Pair(NamedTuple):
    first: object
    second: object


@dataclass
class Model2:
    w: object
    rest: object


def test_gradients_have_the_structure_of_the_argument():
    @grad
    def f(p):
        return p["a"][0] * p["a"][1].first * p["b"].w + p["a"][1].second["z"] * p["b"].rest[0]

    argument = {"a": [2.0, Pair(3.0, {"z": 5.0})], "b": Model2(7.0, (11.0, "passive", None))}
    gradient = f(argument)
    expected = {"a": [21.0, Pair(14.0, {"z": 11.0})], "b": Model2(6.0, (5.0, None, None))}
    assert gradient == expected
    assert type(gradient["a"][1]) is Pair and type(gradient["b"]) is Model2
    assert list(gradient) == ["a", "b"]


def test_a_dict_keeps_the_order_of_its_keys():
    f = grad(lambda p: p["b"] * p["a"])
    assert list(f({"b": 1.0, "a": 2.0})) == ["b", "a"]
    assert list(f({"a": 2.0, "b": 1.0})) == ["a", "b"]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.complex64, np.complex128])
def test_an_array_gradient_has_the_dtype_and_shape_of_the_array(dtype):
    x = np.ones((2, 3), dtype)
    d_x = grad(lambda x: np.sum(np.abs(x * 2) ** 2))(x)
    assert type(d_x) is np.ndarray and d_x.dtype == dtype and d_x.shape == (2, 3)
    np.testing.assert_allclose(d_x, 8.0)


@pytest.mark.parametrize("given", [2, 2.0])
def test_a_python_number_gives_a_python_float(given):
    d_x = grad(lambda x: x * x * 1.5)(given)
    assert d_x == 6.0 and type(d_x) is float


def test_a_python_number_gives_a_python_float_beside_arrays():
    d_s, d_x = grad(lambda s, x: np.sum(x * s), wrt=(0, 1))(2, np.ones(3, np.float32))
    assert d_s == 3.0 and type(d_s) is float
    assert d_x.dtype == np.float32


def test_a_numpy_scalar_gives_a_numpy_scalar_of_its_dtype():
    d_x = grad(lambda x: x * x)(np.float32(2.0))
    assert d_x == 4.0 and d_x.dtype == np.float32


def test_a_boolean_has_no_gradient():
    with pytest.raises(srcgrad.ArgumentError):
        grad(lambda flag, x: x * flag)(True, 2.0)


def test_the_gradient_of_a_real_function_of_complex_numbers_points_uphill():
    d_z = grad(lambda z: abs(z) ** 2)(3.0 + 4.0j)
    assert d_z == 6.0 + 8.0j and type(d_z) is complex


def test_an_argument_that_does_not_matter_has_a_zero_gradient_of_its_kind_and_warns():
    f = grad(lambda x, y, p: x * x, wrt=("x", "y", "p"))
    with (
        pytest.warns(srcgrad.NoGradientWarning, match="`y`"),
        pytest.warns(srcgrad.NoGradientWarning, match="`p`"),
    ):
        d_x, d_y, d_p = f(3.0, np.ones((2, 2), np.float32), {"a": 1.0, "b": np.ones(2)})
    assert d_x == 6.0
    assert d_y.dtype == np.float32 and d_y.tolist() == [[0.0, 0.0], [0.0, 0.0]]
    assert d_p["a"] == 0.0 and d_p["b"].tolist() == [0.0, 0.0]
    d_y[0, 0] = 1.0


def test_a_part_of_an_argument_that_does_not_matter_is_zero_in_silence():
    d_p = grad(lambda p: p[0] * 2)([1.0, np.ones(3), 5.0])
    assert d_p[0] == 2.0 and d_p[1].tolist() == [0.0] * 3 and d_p[2] == 0.0


# Looking like the function


def test_the_gradient_function_looks_like_the_function():
    assert cube.__name__ == "cube"
    assert cube.__doc__ == "The cube."
    assert cube.__module__ == "tests.api.programs"
    assert cube.__qualname__ == "cube"
    assert cube.__wrapped__ is cube.primal
    assert str(inspect.signature(loss)) == "(w, b, x, y)"
    assert loss.__signature__ == inspect.signature(loss.primal)
    assert callable(loss)
    assert "loss" in repr(loss)


def test_attributes_and_annotations_of_the_function_are_kept():
    def f(x: float, y: "int" = 2) -> float:
        return x * y

    f.version = 3
    g = grad(f)
    assert g.version == 3 and g.__annotations__ == f.__annotations__
    assert inspect.signature(g) == inspect.signature(f)


# Methods


def test_a_method_is_bound_to_its_instance():
    assert Model(2.0).energy(3.0) == 12.0
    assert Model(5.0).energy(x=3.0) == 30.0
    assert Model.energy(Model(1.0), 3.0) == 6.0
    assert Model.energy.__doc__ == "The energy."


def test_a_method_reads_its_instance_anew():
    model = Model(2.0)
    assert model.energy(3.0) == 12.0
    model.rate = 3.0
    assert model.energy(3.0) == 18.0


def test_a_bound_gradient_can_be_kept():
    energy = Model(2.0).energy
    assert energy(3.0) == 12.0 and energy(4.0) == 16.0


def test_a_static_method():
    assert Model.area(3.0) == 6.0 and Model(1.0).area(3.0) == 6.0


def test_a_partial_can_be_differentiated():
    import functools

    assert grad(functools.partial(plain, y=3.0))(2.0) == grad(plain)(2.0, 3.0)


@pytest.mark.parametrize("thing", [3, "name", Model, None.__class__])
def test_what_has_no_source_cannot_be_differentiated(thing):
    with pytest.raises(srcgrad.SrcgradError):
        grad(thing)


def test_the_gradient_of_a_complex_number_is_complex():
    for function in (np.real, lambda z: z.real * 2.0, lambda z: z.imag, lambda z: 1.0):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", srcgrad.NoGradientWarning)
            assert type(grad(function)(0.3 + 0.2j)) is complex
