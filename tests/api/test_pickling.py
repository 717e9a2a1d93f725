"""Gradient functions are pickled, copied, and handed to other processes."""

import copy
import multiprocessing
import pickle

import numpy as np
import pytest

from srcgrad import grad
from tests.api import programs

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("name", ["cube", "loss", "gradient_of_plain"])
def test_functions_of_a_module_are_pickled(name, protocol):
    function = getattr(programs, name)
    again = pickle.loads(pickle.dumps(function, protocol))
    assert again.primal is function.primal
    assert again.__name__ == function.__name__


def test_a_decorated_function_is_pickled_by_its_name():
    assert pickle.loads(pickle.dumps(programs.cube)) is programs.cube


def test_a_gradient_made_by_a_call_is_pickled_with_its_options():
    again = pickle.loads(pickle.dumps(grad(programs.plain, wrt=("y", "x"))))
    assert again(3.0, 2.0) == (9.0, 12.0)


def test_a_function_is_pickled_after_calls():
    function = grad(programs.plain)
    function(3.0)
    again = pickle.loads(pickle.dumps(function))
    assert again(3.0) == 12.0


def test_a_method_is_pickled():
    energy = pickle.loads(pickle.dumps(programs.Model(2.0).energy))
    assert energy(3.0) == 12.0


def test_a_static_method_is_pickled():
    assert pickle.loads(pickle.dumps(programs.Model.area))(3.0) == 6.0


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy])
def test_a_copy_works_by_itself(duplicate):
    function = grad(lambda x: np.sum(x * x))
    function(2.0)
    twin = duplicate(function)
    assert twin is not function and twin(3.0) == 6.0
    assert twin(np.ones(2)).tolist() == [2.0, 2.0]
    assert function.cache_info().specializations == 1


def test_a_deep_copy_inside_a_container():
    twin = copy.deepcopy({"f": programs.cube, "x": [1.0]})
    assert twin["f"](2.0) == 12.0


def test_other_processes_compute_gradients():
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        assert pool.map(programs.cube, [1.0, 2.0]) == [3.0, 12.0]
