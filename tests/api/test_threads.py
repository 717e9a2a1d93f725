"""Calls from many threads."""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from srcgrad import grad, value_and_grad

THREADS = 8


@pytest.fixture(autouse=True)
def frequent_switches():
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


def in_threads(work, count=THREADS):
    """The results of `work(0)` … started at once."""
    barrier = threading.Barrier(count)

    def run(number):
        barrier.wait()
        return work(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_a_first_call_from_many_threads_compiles_once():
    f = grad(lambda x: np.sum(x * x))
    results = in_threads(lambda number: f(float(number)))
    assert results == [2.0 * number for number in range(THREADS)]
    assert f.cache_info().compilations == 1


def test_first_calls_of_many_kinds_from_many_threads():
    f = grad(lambda x, name: np.sum(x * x) * len(name))
    arguments = [(np.ones((1,) * k), "n" * k) for k in range(1, THREADS + 1)]
    for _ in range(3):
        for number, d_x in enumerate(in_threads(lambda n: f(*arguments[n]))):
            assert d_x.shape == (1,) * (number + 1) and d_x.item() == 2.0 * (number + 1)
    assert f.cache_info().compilations == THREADS


def test_different_functions_compile_at_the_same_time():
    functions = [value_and_grad(lambda x, k=k: x**k) for k in range(THREADS)]
    results = in_threads(lambda number: functions[number](2.0))
    assert [value for value, _ in results] == [2.0**k for k in range(THREADS)]


def test_calls_do_not_disturb_one_another():
    def f(x, n):
        for i in range(n):
            x = np.sin(x) + i
        return np.sum(x)

    g = grad(f)
    expected = [g(np.full(50, 0.1 * k), 20) for k in range(THREADS)]

    def many(number):
        return [g(np.full(50, 0.1 * number), 20) for _ in range(30)]

    for number, results in enumerate(in_threads(many)):
        assert all(np.array_equal(result, expected[number]) for result in results)


def test_clearing_while_calling():
    f = grad(lambda x: x * x)

    def work(number):
        for _ in range(30):
            if number == 0:
                f.cache_clear()
            assert f(3.0) == 6.0
        return True

    assert all(in_threads(work))
