"""Exceptions as objects, and questions that end in exceptions or ask for types."""

import numbers as kinds_of_numbers

import numpy as np

from tests.corpus.program import numbers, program

FAULT = ValueError("bad")


class Coded(Exception):
    def __init__(self, code, msg="x"):
        super().__init__(msg)
        self.code = code


@program(numbers(3))
def a_known_exception_on_a_path(x):
    try:
        if x[0] > 100:
            raise FAULT
        y = x.sum()
    except ValueError:
        y = 0.0
    return y


@program(numbers(3))
def a_known_exception_is_caught(x):
    try:
        raise FAULT
    except ValueError as e:
        y = x.sum() * len(e.args)
    return y


@program(numbers(3))
def a_text_that_is_no_number(x):
    try:
        k = int("a")
    except ValueError:
        k = 3
    return x.sum() * k


@program(numbers(3))
def the_message_of_an_exception(x):
    try:
        try:
            raise KeyError("z")
        except KeyError:
            raise ValueError("bad") from None
    except ValueError as err:
        return x.sum() * 2 * (str(err) == "bad")
    return x.sum()


@program(numbers(3))
def an_exception_with_an_attribute(x):
    try:
        if x[0] > 0:
            raise Coded(3)
        return x.sum()
    except Coded as e:
        return x.sum() * e.code


@program(numbers(3))
def an_exception_made_by_keyword(x):
    try:
        raise Coded(3, msg="hello")
    except Coded as e:
        return x.sum() * e.code


@program(numbers(3))
def a_number_has_no_length(x):
    s = x.sum()
    try:
        n = len(s)
    except TypeError:
        n = 1
    return s * n


@program(numbers(3))
def an_iterator_read_to_its_end(x):
    it = iter([1.0, 2.0])
    s = 0.0
    while True:
        try:
            s += next(it) * x[0]
        except StopIteration:
            break
    return s


@program(numbers(3))
def one_exception_from_another(x):
    try:
        try:
            d = {}
            d["q"]
        except KeyError as e:
            raise ValueError("bad") from e
    except ValueError as err:
        return x.sum() * 2
    return x.sum()


@program(numbers(3))
def lengths_if_there_are_any(x):
    def size(v):
        try:
            return len(v)
        except TypeError:
            return 1

    return x.sum() * (size(x) + 10 * size(x[0]) + 100 * size(2.0) + 1000 * size([1]))


@program(numbers(3))
def items_if_there_are_any(x):
    def aslist(v):
        try:
            return list(v)
        except TypeError:
            return [v]

    return sum(aslist(x)) * aslist(x[0])[0]


@program(numbers(3))
def questions_about_types_of_scalars(x):
    s = x[0]
    a = isinstance(s, (float, np.floating, np.ndarray))
    b = isinstance(x, (float, np.floating))
    c = isinstance(x, (list, tuple))
    d = isinstance(s, kinds_of_numbers.Real)
    e = isinstance(s, kinds_of_numbers.Number)
    return x.sum() * (1 + a + 2 * b + 4 * c + 8 * d + 16 * e)


@program(numbers(3))
def questions_about_attributes_of_scalars(x):
    return (
        x.sum()
        * (2 if hasattr(x, "shape") else 1)
        * (3 if hasattr(x[0], "__len__") else 5)
        * (7 if hasattr(float(x[0]), "shape") else 11)
        * getattr(x, "ndim", 0)
    )


@program(numbers(3))
def types_are_compared(x):
    s = float(x[0])
    return (
        s
        * (2 if type(s) is float else 3)
        * (5 if type(x) is np.ndarray else 7)
        * (11 if type(x[0]) == np.float64 else 13)
        * (1 if type(x[0]) in (float, int) else 17)
    )


@program(numbers(3))
def questions_about_dtypes(x):
    if x.dtype.kind == "f" and np.issubdtype(x.dtype, np.floating) and x.dtype == np.float64:
        return x.sum() * 8
    return x[0]


@program(numbers(3), refused="what Python says in an exception of its own")
def the_message_of_pythons_own_exception(x):
    try:
        return {"a": x[0]}["b"]
    except KeyError as e:
        print(e)
        return x[1]
