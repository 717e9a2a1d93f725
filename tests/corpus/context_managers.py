"""`with`: states of NumPy, filters of warnings, and managers written in Python."""

import contextlib
import warnings

import numpy as np

from tests.corpus.program import numbers, program


@program(np.array([0.0, 1.5, 2.5]))
def a_state_of_numpy(x):
    with np.errstate(divide="ignore", invalid="ignore"):
        y = np.where(x > 1.0, np.log(x), 0.0)
    return np.sum(y * y)


@program(numbers(3))
def two_states_at_once(x):
    with np.errstate(divide="ignore"), np.errstate(invalid="ignore"):
        y = np.log(x)
        for _ in range(3):
            y = y + np.sqrt(x) * y
    z = np.sum(y)
    return z * z


@program(numbers(3))
def a_state_in_a_loop(x):
    total = 0.0
    for i in range(3):
        with np.errstate(all="ignore"):
            total = total + np.log(x[i])
    return total * total


@program(numbers(3))
@program(numbers(3) + 1.0)
def returns_out_of_a_state(x):
    for i in range(3):
        with np.errstate(all="ignore"):
            if x[i] > 1.0:
                return np.sum(np.log(x)) * x[i]
    return x[0]


@program(numbers(3), 2)
def breaks_and_continues_inside(x, n):
    total = 0.0
    for i in range(n):
        with np.errstate(all="ignore"):
            if x[i] > 1.0:
                continue
            total += x[i] * x[i]
            if total > 5.0:
                break
    return total * x[0]


@program(numbers(3))
def a_state_inside_a_state(x):
    with np.errstate(divide="ignore"):
        y = np.log(x)
        with np.errstate(divide="warn", over="ignore"):
            z = np.exp(y) * x
        w = z / x
    return np.sum(w * y)


@program(numbers(3))
def filters_of_warnings(x):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        y = np.log(x)
    return np.sum(y * y)


@program(numbers(3))
def print_options(x):
    with np.printoptions(precision=2, suppress=True):
        print(x)
    print(x)
    return np.sum(x * x)


@program(numbers(3))
def a_context_of_nothing(x):
    with contextlib.nullcontext(), contextlib.nullcontext(3.0) as scale:
        y = x * scale
    return np.sum(y * y)


class Scaling:
    def __init__(self, scale):
        self.scale = scale

    def __enter__(self):
        print("enter", self.scale)
        return self.scale

    def __exit__(self, kind, error, trace):
        print("exit", kind)
        return False


SCALING = Scaling(3.0)


@program(numbers(3))
def a_manager_of_the_user(x):
    with SCALING as scale:
        y = x * scale
        print("inside")
    return np.sum(y * y)


@program(numbers(3))
def a_manager_made_inside(x):
    with Scaling(x[0]) as scale, Scaling(2.0) as (other):
        y = x * scale * other
    return np.sum(y * y)


@program(numbers(3))
def returns_out_of_a_manager(x):
    with SCALING as scale:
        if x[0] > 0.1:
            return x[1] * scale * x[1]
    return x[0]


@contextlib.contextmanager
def doubled(x):
    print("begin")
    y = x * 2.0
    yield y
    print("end")


@program(numbers(3))
def a_manager_from_a_generator(x):
    with doubled(x) as y:
        z = y * x
        print("inside")
    return np.sum(z * z)


@program(numbers(3))
def returns_out_of_a_manager_from_a_generator(x):
    with doubled(x) as y:
        return np.sum(x * y)


class Recorder:
    def __init__(self):
        self.total = 0.0

    def __enter__(self):
        return self

    def __exit__(self, *details):
        self.total = self.total * 2.0

    def add(self, v):
        self.total += v


@program(numbers(3))
def a_manager_that_keeps_numbers(x):
    with Recorder() as recorder:
        for i in range(3):
            recorder.add(x[i] * x[i])
    return recorder.total


@program(numbers(3), 0.4)
@program(numbers(3), 0.1)
def returns_out_of_a_context_that_does_not_reach_further(x, s):
    with np.errstate(all="ignore"):
        y = np.log(s * x[0])
        if y < -1.0:
            return y * s
    z = y * np.tanh(x[-1])
    return z * z


@program(numbers(3), 0.4)
def may_raise_in_a_context_that_does_not_reach_further(x, s):
    with np.errstate(all="ignore"):
        if np.sin(s * x[0]) < 0.0:
            raise ValueError(f"not with {s}")
    s *= np.tanh(x[-1])
    return s * s


@program(numbers(3), 0.4)
def breaks_out_of_a_context_in_a_loop(x, s):
    for i in range(len(x)):
        with np.errstate(all="ignore"):
            y = np.log(x[i])
            if y > 0.3:
                break
            s = s * y
        s = s + x[i]
    return s
