"""`wrt`: an index, a name, or a tuple of them."""

import numpy as np
import pytest

from srcgrad import ArgumentError, grad, value_and_grad


def product(a, b=3.0, *, c=5.0):
    return a * b * c


@pytest.mark.parametrize(
    ("wrt", "expected"),
    [
        (0, 15.0),
        (1, 10.0),
        (2, 6.0),
        (-1, 6.0),
        ("a", 15.0),
        ("c", 6.0),
        ((0,), (15.0,)),
        (("b",), (10.0,)),
        ((0, 1), (15.0, 10.0)),
        ((1, 0), (10.0, 15.0)),
        (("c", 0, "b"), (6.0, 15.0, 10.0)),
        ([0, 1], (15.0, 10.0)),
    ],
)
def test_the_gradient_is_with_respect_to_what_wrt_names(wrt, expected):
    assert grad(product, wrt=wrt)(2.0) == expected
    assert value_and_grad(product, wrt=wrt)(2.0) == (30.0, expected)


@pytest.mark.parametrize(
    "wrt",
    [3, -4, "d", "", (), (0, 0), (0, "a"), ("a", "a"), 1.0, None, (0, None), True, ((0,),), "ab"],
)
def test_a_wrong_wrt_is_refused_at_once(wrt):
    with pytest.raises(ArgumentError, match="wrt"):
        grad(product, wrt=wrt)


def test_the_refusal_names_the_parameters():
    with pytest.raises(ArgumentError, match="The parameters are: a, b, c"):
        grad(product, wrt="d")


def test_the_refusal_is_a_type_error_and_a_value_error():
    with pytest.raises(TypeError):
        grad(product, wrt="d")
    with pytest.raises(ValueError):
        grad(product, wrt="d")


def test_a_function_without_parameters_has_no_gradient():
    with pytest.raises(ArgumentError):
        grad(lambda: 1.0)


def test_an_integer_array_has_no_gradient():
    with pytest.raises(ArgumentError, match="float") as error:
        grad(lambda x: np.sum(x * 1.0))(np.arange(3))
    assert error.value.construct == "x"


def test_an_integer_array_in_a_container_is_named_by_its_place():
    with pytest.raises(ArgumentError) as error:
        grad(lambda p: np.sum(p["a"][1] * 1.0))({"a": (1.0, np.arange(3))})
    assert error.value.construct == "p['a'][1]"


@pytest.mark.parametrize("argument", [None, "text", print, [None, "a"]], ids=repr)
def test_an_argument_without_numbers_has_no_gradient(argument):
    with pytest.raises(ArgumentError, match="x"):
        grad(lambda x, y: y * y)(argument, 1.0)


@pytest.mark.parametrize("argument", [[], (), {}, ([], {})], ids=repr)
def test_an_empty_container_has_an_empty_gradient(argument):
    assert grad(lambda x, y: y * y, wrt=(0, 1))(argument, 1.0) == (argument, 2.0)
