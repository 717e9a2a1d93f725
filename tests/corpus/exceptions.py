"""`try` with all its parts, `raise` on paths that depend on the data, and calls that may fail."""

import contextlib
import math

import numpy as np

from tests.corpus.program import numbers, program

GOOD = np.array([[2.0, 0.3], [0.3, 1.0]])
BAD = np.array([[1.0, 2.0], [2.0, 1.0]])


class Negative(ValueError):
    pass


def square_root(v):
    if v < 0.0:
        raise Negative("negative")
    return math.sqrt(v)


def checked_square(v):
    if v < 0.0:
        raise Negative("negative")
    return v * v


@program(GOOD)
@program(BAD)
def a_factorisation_with_a_second_try(a):
    try:
        factor = np.linalg.cholesky(a)
    except np.linalg.LinAlgError:
        factor = np.linalg.cholesky(a @ a.T + 0.1 * np.eye(2))
    return np.sum(np.log(np.abs(np.diag(factor))))


@program(GOOD)
@program(BAD)
def returns_from_both_parts(a):
    try:
        return np.sum(np.linalg.cholesky(a) ** 2)
    except np.linalg.LinAlgError:
        return np.sum(a**3)


@program(GOOD)
@program(BAD)
def more_jitter_until_it_works(a):
    jitter = 0.0
    for _ in range(4):
        try:
            factor = np.linalg.cholesky(a + jitter * np.eye(2))
            break
        except np.linalg.LinAlgError:
            jitter = jitter + 0.7
    return np.sum(factor**2) * (1.0 + jitter)


@program(GOOD)
@program(BAD)
def a_call_that_may_fail_inside_an_expression(a):
    try:
        y = np.sum(a) + 2.0 * np.sum(np.linalg.cholesky(a) @ a) + np.sum(a * a)
    except np.linalg.LinAlgError:
        y = np.sum(a * a * a)
    return y


@program(GOOD)
@program(BAD)
def two_calls_that_may_fail(a):
    try:
        b = np.linalg.inv(a)
        factor = np.linalg.cholesky(b) * np.linalg.cholesky(a)
    except np.linalg.LinAlgError:
        return np.sum(a * a)
    else:
        b = b * 2.0
    return np.sum(factor * b)


@program(GOOD)
def results_of_several_values(a):
    try:
        values, vectors = np.linalg.eigh(a)
    except np.linalg.LinAlgError as error:
        print(error)
        return 0.0
    return np.sum(values**2) + np.sum(vectors[0] ** 2 * values)


@program(2.0, 0.5)
@program(2.0, 0.0)
def a_division_by_zero(x, y):
    try:
        z = x / y
    except ZeroDivisionError:
        z = 3.0 * x
    return z * x


@program(0.5)
@program(4.0)
def outside_the_domain(x):
    try:
        y = math.sqrt(1.0 - x)
    except ValueError:
        y = 2.0 * x
    return y * x


@program(1.5)
@program(-1.5)
def raises_in_a_branch(x):
    try:
        if x < 0.0:
            raise ValueError("negative", 3)
        y = x * x
    except ValueError as error:
        y = -x * len(error.args)
    else:
        y = 2.0 * y
    finally:
        z = 3.0 * x
    return y * z


@program(1.5)
@program(-1.5)
def raises_in_a_function(x):
    try:
        y = 2.0 * square_root(x) + x
    except (KeyError, ValueError):
        y = x
    return y * x


@program(numbers(4) - 1.0)
def raises_in_a_loop(x):
    total = 0.0
    for i in range(4):
        try:
            total += square_root(x[i])
        except Negative:
            continue
        total *= 2.0
    return total * x[0]


@program(numbers(4) - 0.9)
@program(numbers(4))
def raises_out_of_a_loop(x):
    total = 0.0
    try:
        for i in range(4):
            total += square_root(x[3 - i])
    except ValueError:
        total = total * 10.0
    else:
        total = total + x[1]
    return total * x[0]


@program(numbers(4) - 0.9)
def variables_are_as_the_exception_left_them(x):
    last, count = x[0] * 3.0, 0
    try:
        for v in x:
            last = v * v
            count += 1
            last = square_root(v) * v
    except Negative:
        last = last * count
    return last


@program(1.5)
@program(-1.5)
def nested_tries(x):
    try:
        try:
            y = square_root(x)
        except KeyError:
            y = 1.0
        y = y + 1.0
    except ValueError:
        y = 7.0 * x
    return y * x


@program(1.5)
@program(-1.5)
def raises_again(x):
    try:
        try:
            y = checked_square(x)
        except ValueError:
            x = x * 2.0
            raise
    except Negative:
        y = x * 7.0
    return y * x


@program(1.5)
@program(-1.5)
def raises_another(x):
    try:
        try:
            y = checked_square(x)
        except ValueError as error:
            raise KeyError("other") from error
    except KeyError:
        y = x * 7.0
    return y * x


@program(1.5)
def what_is_missing_is_known(x):
    table = {"a": x}
    try:
        y = table["b"]
    except KeyError:
        y = table["a"] * x
    try:
        y = y * (x, 2.0)[2]
    except IndexError:
        y = y * 3.0
    try:
        y = x.nothing
    except AttributeError:
        y = y * x
    return y


@program(numbers(3))
def asks_for_an_axis_that_is_not_there(x):
    try:
        n = x.shape[1]
    except IndexError:
        n = 1
    return np.sum(x * x) * n


@program(1.5)
def imports_what_is_not_there(x):
    try:
        import no_such_module_anywhere as fast
    except ImportError:
        fast = None
    return x * x if fast is None else fast.square(x)


@program(0.5)
@program(1.5)
def asserts(x):
    try:
        assert x < 1.0, "large"
        y = x * x
    except AssertionError:
        y = x
    return y * x


@program(1.5)
def returns_through_finally(x):
    try:
        return x * x
    finally:
        x = 2.0 * x
        print("done")


@program(1.5)
@program(-1.5)
def finally_after_what_was_caught(x):
    try:
        y = checked_square(x)
    except Negative:
        y = x * x
    finally:
        print("finally")
    return y * x


@program(1.5)
@program(-1.5)
def suppresses(x):
    y = x
    with contextlib.suppress(ValueError):
        y = square_root(x)
        y = y * 2.0
    return y * x


@program(1.5, 2)
@program(1.5, 0)
def a_loop_in_a_handler(x, n):
    try:
        y = x / n
    except ZeroDivisionError:
        y = x
        for _ in range(3):
            y = y * x
    return y


@program(numbers(3) - 0.9)
def stores_before_the_exception_stay(x):
    a = x.copy()
    try:
        for i in range(3):
            a[i] = square_root(x[i])
    except Negative:
        a[0] = a[1] * 2.0
    return np.sum(a * a)


@program(1.5)
@program(-1.5)
def a_ternary_that_may_raise(x):
    try:
        y = x * 2.0 if x > 0.0 else square_root(x)
    except Negative:
        y = x * x
    return y * x


@program(1.5)
@program(-1.5)
def effects_happen_once(x):
    def noted(v):
        print("noted", v)
        return v

    try:
        y = noted(x) * square_root(noted(x * 2.0)) + noted(3.0)
    except Negative:
        y = noted(x)
    return y * x


def safe_quotient(a, b):
    try:
        return a / b
    except ZeroDivisionError:
        return a * 0.5


@program(1.5, 2.5)
def calls_that_catch_in_a_comprehension(x, y):
    return sum([safe_quotient(v, w) for v in (x, x * y) for w in (1.0, 0.0, y)])


@program(numbers(3))
def unpacks_what_does_not_fit(x):
    try:
        a, b = (x[0], x[1], x[2])
    except ValueError:
        a, b, _ = (x[0], x[1], x[2])
    return a * b


@program(3.0)
def catches_in_a_while_loop(x):
    n, t = 0, x
    while t > 0.5 and n < 5:
        try:
            if n == 2:
                raise KeyError("two")
            t = t * 0.7
        except KeyError:
            n += 1
            continue
        finally:
            t = t * 0.95
        n += 1
    return t * x
