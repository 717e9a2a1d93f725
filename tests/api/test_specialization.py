"""Specialisations: what is compiled, when, and what can be seen of it."""

import textwrap

import numpy as np
import pytest

import srcgrad
from srcgrad import grad, value_and_grad


def dense(w, b, x, y):
    r = np.tanh(x @ w + b) - y
    return np.mean(r * r)


def arrays(n, k=3):
    generator = np.random.default_rng(n)
    return generator.normal(size=k), 0.5, generator.normal(size=(n, k)), generator.normal(size=n)


# One specialisation for many calls


def test_a_second_batch_size_compiles_nothing():
    f = value_and_grad(dense, wrt=(0, 1))
    for n in (5, 7, 1000, 2):
        f(*arrays(n))
    assert f.cache_info().compilations == 1


@pytest.mark.parametrize("n", [1, 0])
def test_a_batch_of_one_or_none_is_right_after_a_larger_one(n):
    f = grad(lambda w, x: np.sum((x @ w) ** 2) + np.sum(w * x))
    f(np.ones(3), np.ones((4, 3)))
    x = np.arange(3.0 * n).reshape(n, 3)
    np.testing.assert_allclose(f(np.ones(3), x), 2 * x.T @ (x @ np.ones(3)) + x.sum(axis=0))


@pytest.mark.parametrize("n", [1, 2, 5])
def test_a_larger_batch_is_right_after_one_of_one(n):
    f = grad(lambda w, b: np.sum((w + b) ** 2), wrt=(0, 1))
    f(np.ones((1, 3)), np.ones((1, 3)))
    w, b = np.arange(3.0 * n).reshape(n, 3), np.ones((1, 3))
    d_w, d_b = f(w, b)
    np.testing.assert_allclose(d_w, 2 * (w + b))
    np.testing.assert_allclose(d_b, 2 * (w + b).sum(axis=0, keepdims=True))


SHAPES = [(3,), (1,), (2, 3), (2, 1), (1, 3), (1, 1), (4, 2, 3), ()]


@pytest.mark.parametrize("first", SHAPES, ids=str)
@pytest.mark.parametrize("second", SHAPES, ids=str)
def test_any_shape_may_follow_any_other_under_broadcasting(first, second):
    f = grad(lambda x, y: np.sum(x * y * y) + np.sum(x), wrt=(0, 1))
    for shape in (first, second, first):
        x, y = np.full(shape, 2.0), np.arange(6.0).reshape(2, 3) + 1
        d_x, d_y = f(x, y)
        whole = np.broadcast_shapes(shape, y.shape)
        repeats = np.prod(whole) / max(np.prod(shape), 1)
        assert np.shape(d_x) == shape and d_y.shape == y.shape
        reference = _sum_to(np.broadcast_to(y * y, whole), shape) + 1.0
        np.testing.assert_allclose(d_x, reference)
        np.testing.assert_allclose(d_y, _sum_to(np.broadcast_to(2 * 2.0 * y, whole), y.shape))
        assert repeats > 0


def _sum_to(array, shape):
    extra = tuple(range(array.ndim - len(shape)))
    array = array.sum(axis=extra)
    ones = tuple(axis for axis, size in enumerate(shape) if size == 1)
    return array.sum(axis=ones, keepdims=True)


def test_another_dtype_gets_code_of_its_own():
    f = grad(lambda x: np.sum(x * x * 0.5))
    for dtype in (np.float64, np.float32, np.complex128, np.float64):
        assert grad(lambda x: np.sum(np.abs(x) ** 2))(np.ones(3, dtype)).dtype == dtype
    for dtype in (np.float64, np.float32, np.float64):
        d_x = f(np.ones(3, dtype))
        assert d_x.dtype == dtype and d_x.tolist() == [1.0] * 3
    assert f.cache_info().compilations == 2


def test_a_number_an_array_and_a_list_get_code_of_their_own():
    f = grad(lambda x, y: np.sum(x * y))
    assert f(2.0, 3.0) == 3.0
    assert f(np.ones(2), 3.0).tolist() == [3.0, 3.0]
    assert f(2, np.ones(3)) == 3.0
    assert f(np.float32(2.0), 3.0) == 3.0
    assert f.cache_info().compilations == 4
    assert f(5.0, 1.0) == 1.0
    assert f.cache_info().compilations == 4


def test_another_structure_gets_code_of_its_own():
    def f(p):
        total = 0.0
        for item in p:
            total = total + item * item
        return total

    g = grad(f)
    assert g([1.0, 2.0]) == [2.0, 4.0]
    assert g([1.0, 2.0, 3.0]) == [2.0, 4.0, 6.0]
    assert g((1.0, 2.0)) == (2.0, 4.0)
    assert g(np.array([1.0, 2.0])).tolist() == [2.0, 4.0]
    assert g([1.0, 2.0]) == [2.0, 4.0]
    assert g.cache_info().compilations == 4


def test_dicts_of_other_keys_or_order_get_code_of_their_own():
    f = grad(lambda p: sum(p.values()) * p["a"])
    assert f({"a": 2.0}) == {"a": 4.0}
    assert f({"a": 2.0, "b": 3.0}) == {"a": 7.0, "b": 2.0}
    assert f({"b": 3.0, "a": 2.0}) == {"b": 2.0, "a": 7.0}


@pytest.mark.parametrize("mode", ["square", "cube"])
def test_a_flag_selects_its_code(mode):
    f = grad(lambda x, mode: x**2 if mode == "square" else x**3)
    assert f(2.0, "square") == 4.0
    assert f(2.0, "cube") == 12.0
    assert f(2.0, mode) == {"square": 4.0, "cube": 12.0}[mode]


def test_a_boolean_an_integer_and_a_float_of_equal_value_are_told_apart():
    f = grad(lambda x, n: x**n if isinstance(n, int) and not isinstance(n, bool) else x * n)
    assert f(3.0, 1) == 1.0
    assert f(3.0, 1.0) == 1.0
    assert f(3.0, True) == 1.0
    assert f(3.0, 2) == 6.0
    assert f(3.0, 2.0) == 2.0


def test_an_integer_that_is_only_computed_with_does_not_recompile():
    f = grad(lambda x, n: x * n + n)
    assert [f(2.0, n) for n in (1, 2, 0, -5, 10**30)] == [1.0, 2.0, 0.0, -5.0, 1e30]
    assert f.cache_info().compilations == 1


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_an_integer_that_had_to_be_known_recompiles_and_is_right(axis):
    def f(x, axis):
        return np.sum(x.sum(axis=axis) ** 2)

    g = grad(f)
    x = np.arange(6.0).reshape(2, 3)
    for now in (0, axis, 1, axis):
        expected = 2 * np.broadcast_to(x.sum(axis=now, keepdims=True), x.shape)
        np.testing.assert_allclose(g(x, now), expected)


def test_a_trip_count_does_not_recompile():
    def f(x, n):
        for _ in range(n):
            x = x * 1.5
        return x

    g = grad(f)
    assert [g(1.0, n) for n in (5, 3, 1, 2)] == [1.5**n for n in (5, 3, 1, 2)]
    assert g.cache_info().compilations == 1


def test_no_trips_compile_once_more_at_most():
    def f(x, n):
        for _ in range(n):
            x = x * 1.5
        return x

    for trips in ((5, 0, -2, 3), (0, 5, -2, 3)):
        g = grad(f)
        assert [g(1.0, n) for n in trips] == [1.5 ** max(n, 0) for n in trips]
        assert g.cache_info().compilations <= 2


def test_the_length_of_a_walked_array_does_not_recompile():
    def f(xs):
        s = 0.0
        for x in xs:
            s = s + x * x
        return s

    g = grad(f)
    for n in (4, 2, 1, 7):
        assert g(np.arange(float(n))).tolist() == (2 * np.arange(float(n))).tolist()
    assert g.cache_info().compilations == 1
    assert g(np.zeros(0)).tolist() == []


def test_branches_over_values_do_not_recompile():
    f = grad(lambda x: x * x if x > 0 else x)
    assert (f(2.0), f(-2.0), f(0.0)) == (4.0, 1.0, 1.0)
    assert f.cache_info().compilations == 1


def test_a_comparison_of_shapes_is_guarded():
    def f(x):
        if x.shape[0] > 3:
            return np.sum(x * x)
        return np.sum(x)

    g = grad(f)
    for n in (5, 2, 3, 4):
        assert g(np.ones(n)).tolist() == ([2.0] * n if n > 3 else [1.0] * n)


def test_a_length_used_as_a_number_follows_the_length():
    f = grad(lambda x: np.sum(x) / len(x) * x.shape[0] ** 2)
    assert f(np.ones(4)).tolist() == [4.0] * 4
    assert f(np.ones(2)).tolist() == [2.0] * 2


def test_shapes_that_were_equal_and_are_no_longer_are_noticed():
    f = grad(lambda a, b: np.sum((a @ b) ** 2))
    a, b = np.ones((2, 2)), np.ones((2, 2))
    f(a, b)
    a, b = np.arange(6.0).reshape(3, 2), np.arange(8.0).reshape(2, 4)
    np.testing.assert_allclose(f(a, b), 2 * (a @ b) @ b.T)


def test_shapes_that_do_not_fit_fail_as_in_numpy_on_later_calls():
    f = grad(lambda x, y: np.sum(x * y))
    f(np.ones(3), np.ones(3))
    with pytest.raises(ValueError):
        f(np.ones(3), np.ones(4))


def test_a_length_of_one_among_broadcast_arguments_in_a_later_call():
    f = grad(lambda x, y: np.sum(x * y), wrt=(0, 1))
    f(np.ones(3), np.ones(3))
    d_x, d_y = f(np.array([2.0]), np.ones(3))
    assert d_x.tolist() == [3.0] and d_y.tolist() == [2.0] * 3
    d_x, d_y = f(np.ones(3), np.array([2.0]))
    assert d_x.tolist() == [2.0] * 3 and d_y.tolist() == [3.0]


# source, graph, lower, specializations


def test_the_source_before_any_call_is_general_python():
    f = value_and_grad(dense, wrt=(0, 1))
    source = f.source
    assert "def dense_value_and_grad(w, b, x, y" in source
    namespace = {"np": np}
    exec(compile(source, "source", "exec"), namespace)
    arguments = (np.ones((3, 2)), np.ones(2), np.ones((4, 3)), np.ones((4, 2)))
    _, general = namespace["dense_value_and_grad"](*arguments)
    _, special = f.lower(*arguments)(*arguments)
    np.testing.assert_allclose(general[0], special[0])
    np.testing.assert_allclose(general[1], special[1])
    assert f.cache_info().compilations == 0
    assert f.specializations == ()


def test_the_source_is_that_of_the_last_compilation():
    f = grad(lambda x: x**3 if isinstance(x, float) else np.sum(x))
    f(2.0)
    of_number = f.source
    f(np.ones(3))
    assert f.source != of_number
    assert f.source == f.specializations[-1].source


def test_the_source_is_that_of_the_code_that_ran_last():
    f = grad(lambda x: x**3 if isinstance(x, float) else np.sum(x))
    f(2.0)
    of_number = f.source
    f(np.ones(3))
    assert f.source != of_number
    f(3.0)
    assert f.source == of_number


def test_the_source_quotes_the_lines_of_the_user():
    f = value_and_grad(dense, wrt=(0, 1))
    f(*arrays(4))
    assert "# test_specialization.py:" in f.source
    assert "r = np.tanh(x @ w + b) - y" in f.source
    assert "# adjoint of test_specialization.py:" in f.source


def test_the_graph_prints_as_text():
    f = grad(dense)
    assert str(f.graph).startswith("graph dense")
    f(*arrays(4))
    text = str(f.graph)
    assert text.startswith("graph dense_grad(") and "matmul" in text and text.rstrip().endswith("}")


def test_lower_compiles_without_running_or_keeping():
    g = grad(lambda x: x * x)
    lowered = g.lower(2.0)
    assert lowered(5.0) == 10.0
    assert lowered.source.startswith("def ")
    assert str(lowered.graph).startswith("graph ")
    assert g.cache_info().compilations == 0 and g.specializations == ()


def test_lower_takes_arguments_as_the_function_does():
    f = value_and_grad(dense, wrt=(0, 1))
    w, b, x, y = arrays(4)
    lowered = f.lower(w, b=b, x=x, y=y)
    value, (d_w, _) = lowered(w, y=y, x=x, b=b)
    assert value == dense(w, b, x, y)
    np.testing.assert_array_equal(d_w, f(w, b, x, y)[1][0])


def test_lower_does_not_print():
    f = grad(lambda x: [print("now"), x * x][1])
    f_lowered = f.lower(2.0)
    assert "print" in f_lowered.source


def test_specializations_come_oldest_first():
    f = grad(lambda x: np.sum(x * x))
    f(2.0), f(np.ones(3)), f(np.float32(1.0))
    first, second, third = f.specializations
    assert first(4.0) == 8.0
    assert second(np.ones(2)).tolist() == [2.0, 2.0]
    assert third(np.float32(1.0)).dtype == np.float32


def test_cache_info_counts_and_cache_clear_forgets():
    f = grad(lambda x: np.sum(x * x))
    f(2.0), f(np.ones(3)), f(5.0)
    info = f.cache_info()
    assert (info.specializations, info.compilations) == (2, 2)
    f.cache_clear()
    assert f.cache_info().specializations == 0 and f.specializations == ()
    assert f(2.0) == 4.0
    assert f.cache_info().compilations == 1


def test_a_function_that_keeps_being_compiled_warns_and_says_what_changes():
    f = grad(lambda x, name: x * x)
    for k in range(31):
        f(2.0, f"name {k}")
    with pytest.warns(srcgrad.SpecializationWarning, match="`name` was .*'name 31'"):
        f(2.0, "name 31")


def test_a_failed_call_leaves_the_function_usable():
    f = grad(lambda x: np.sum(x * x))
    with pytest.raises(srcgrad.SrcgradError):
        f(np.arange(3))
    assert f(2.0) == 4.0


def test_the_emitted_code_is_in_tracebacks():
    def f(x):
        if x > 1:
            raise ValueError("too large")
        return x * x

    g = grad(f)
    assert g(0.5) == 1.0
    with pytest.raises(ValueError, match="too large") as error:
        g(2.0)
    last = error.traceback[-1]
    assert "raise ValueError" in str(last.statement)


def test_emission_needs_no_file_of_the_function():
    namespace = {}
    source = textwrap.dedent(
        """
        def f(x):
            return x * x
        """
    )
    exec(compile(source, "<nowhere>", "exec"), namespace)
    with pytest.raises(srcgrad.SourceError):
        grad(namespace["f"])(2.0)
