"""Classes made inside the function: what of them is refused, and where."""

import numpy as np
import pytest

import srcgrad


class Registered:
    """A base that keeps the classes made of it."""

    kinds: list[type] = []

    def __init_subclass__(cls):
        Registered.kinds.append(cls)


class Meta(type):
    """A metaclass."""


KEPT = {}


def with_a_metaclass(x):
    class Point(metaclass=Meta):
        pass

    return x * x


def of_a_base_that_keeps_it(x):
    class Point(Registered):
        pass

    return x * x


def with_an_argument(x):
    class Point(object, private=True):
        pass

    return x * x


def leaves_the_function(x):
    class Point:
        def __init__(self, x):
            self.x = x

    return x * x, Point(x)


@pytest.mark.parametrize(
    ("function", "line", "message"),
    [
        (with_a_metaclass, "class Point(metaclass=Meta):", "a metaclass of the user's"),
        (of_a_base_that_keeps_it, "class Point(Registered):", "`__init_subclass__`"),
        (with_an_argument, "class Point(object, private=True):", "this argument of a class"),
    ],
)
def test_what_would_run_the_users_program_is_refused(function, line, message):
    with pytest.raises(srcgrad.UnsupportedError, match=message) as caught:
        srcgrad.grad(function)(2.0)
    assert "Define the class outside the function." in str(caught.value)
    assert line in str(caught.value) or "private=True" in str(caught.value)
    assert Registered.kinds == []


def test_an_instance_of_a_local_class_with_methods_does_not_leave():
    with pytest.raises(srcgrad.UnsupportedError, match="leaves it"):
        srcgrad.value_and_grad(leaves_the_function, has_aux=True)(2.0)


def test_an_instance_of_a_local_class_without_methods_may_leave():
    def of(x):
        class Point:
            pass

        p = Point()
        p.x = 3 * x
        return x * x, p

    (value, point), gradient = srcgrad.value_and_grad(of, has_aux=True)(2.0)
    assert (value, gradient, point.x) == (4.0, 4.0, 6.0)
    assert type(point).__name__ == "Point"


def test_each_call_sees_its_own_class_variables():
    def of(x):
        class Counted:
            made = 0

            def __init__(self):
                Counted.made += 1

        for _ in range(3):
            Counted()
        return x * Counted.made

    gradient = srcgrad.grad(of)
    assert [gradient(np.array(2.0)) for _ in range(3)] == [3.0, 3.0, 3.0]
