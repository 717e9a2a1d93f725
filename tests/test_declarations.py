"""Rules of the user's own: both modes, to second order, in loops and branches; what is refused."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import srcgrad
from srcgrad import ArgumentError, MissingRuleError, ShapeError, declarations, grad, value_and_grad
from srcgrad.frontend import Asked, build_program
from srcgrad.graph import Graph, Leaf
from srcgrad.transforms import forward, reverse
from tests.interpreter import interpret

# Functions with rules


@srcgrad.primitive
def power(x, n):
    return x**n


@srcgrad.defvjp(power)
def power_vjp(g, y, x, n):
    return g * n * power(x, n - 1), None


@srcgrad.primitive(like="x")
def wave(x, rate=1.0, *, height=2):
    return np.array([height * np.sin(rate * item) for item in x.tolist()])


@srcgrad.defjvp(wave)
def wave_jvp(x_dot, y, x, rate=1.0, rate_dot=None, *, height=2):
    slope = height * np.cos(rate * x)
    return slope * (rate * x_dot + x * rate_dot)


@srcgrad.primitive
def polar(x, y):
    return np.hypot(x, y), np.arctan2(y, x)


@srcgrad.defvjp(polar)
def polar_vjp(g, result, x, y):
    (g_r, g_angle), (r, _) = g, result
    return g_r * x / r - g_angle * y / r**2, g_r * y / r + g_angle * x / r**2


@srcgrad.primitive(like=lambda a, b: np.zeros((a.shape[0], b.shape[0])))
def table(a, b):
    return np.array([[p * q for q in b.tolist()] for p in a.tolist()])


@srcgrad.defvjp(table)
def table_vjp(g, y, a, b):
    return g @ b, a @ g


@srcgrad.primitive
def total(*items):
    return sum(items)


@srcgrad.defvjp(total)
def total_vjp(g, y, *items):
    return tuple(g for _ in items)


@srcgrad.primitive
def layer(params):
    return params["w"] * params["b"][0]


@srcgrad.defvjp(layer)
def layer_vjp(g, y, params):
    return {"w": g * params["b"][0], "b": [g * params["w"]]}


WEIGHTS = np.array([1.0, -2.0, 3.0])


@srcgrad.primitive
def weighted(x):
    return x @ WEIGHTS


@srcgrad.defvjp(weighted)
def weighted_vjp(g, y, x):
    d_x = np.zeros_like(x)
    for i in range(len(x)):
        d_x[i] = g * WEIGHTS[i]
    return d_x


# Programs that call them

X = np.array([0.5, -1.0, 2.0])


def powers(x):
    return power(x, 3) * power(2.0, n=2)


def waves(x, rate):
    return np.sum(wave(x, rate, height=3) ** 2) + np.sum(wave(x))


def circles(x, y):
    r, angle = polar(x, y)
    for _ in range(3):
        if angle > 0.0:
            r, angle = polar(r, angle * 0.5)
    return r * angle


def radius(x, y):
    return polar(x, y)[0]


def products(a, b):
    return np.sum(table(a, b[:2]) ** 3) + np.sum(table(b, a) @ a)


def sums(x, y):
    return total(x, x * y, 2.0) ** 2 + total(y)


def weights(x):
    return weighted(x) ** 2 + weighted(x * x)


PROGRAMS: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
    (powers, (1.5,)),
    (waves, (X, 0.7)),
    (circles, (1.0, 2.0)),
    (radius, (1.0, 2.0)),
    (products, (X, X + 1.0)),
    (sums, (1.5, 0.5)),
    (weights, (X,)),
]
in_every_program = pytest.mark.parametrize(
    ("function", "arguments"), PROGRAMS, ids=[f.__name__ for f, _ in PROGRAMS]
)


def graph_of(function: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[Graph, list[Any]]:
    """The graph of a program and its inputs, the captured ones too."""
    signature = inspect.signature(function)
    program = build_program(function, Asked(signature), dict(zip(signature.parameters, arguments)))
    tree = program.result
    assert isinstance(tree, Leaf)
    held = {**program.guards.constants, **dict(zip(signature.parameters, arguments))}
    inputs = [
        eval(program.fetches.get(origin, origin), dict(held))
        for origin in (program.origins[value] for value in program.graph.inputs)
    ]
    return program.graph.replace(results=(tree.value,)), inputs


def directions(arguments: tuple[Any, ...], seed: int) -> list[Any]:
    random = np.random.default_rng(seed)
    return [random.normal(size=np.shape(x)) if np.shape(x) else random.normal() for x in arguments]


def inner(a: Any, b: Any) -> float:
    return float(sum(np.sum(np.multiply(x, y)) for x, y in zip(a, b, strict=True)))


def slope(f: Callable[..., float], arguments: tuple[Any, ...], along: list[Any]) -> float:
    def at(h: float) -> float:
        return float(f(*(x + h * dot for x, dot in zip(arguments, along))))

    h = 1e-3
    return (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h)


@in_every_program
def test_reverse_mode_agrees_with_differences(function, arguments):
    wrt = tuple(range(len(arguments)))
    value, gradient = value_and_grad(function, wrt=wrt)(*arguments)
    assert value == function(*arguments)
    along = directions(arguments, 3)
    assert inner(gradient, along) == pytest.approx(slope(function, arguments, along), rel=1e-7)


@in_every_program
def test_forward_mode_agrees_with_reverse_mode(function, arguments):
    graph, inputs = graph_of(function, arguments)
    wrt, along = range(len(arguments)), directions(arguments, 4)
    _, tangent = interpret(forward(graph, wrt), [*inputs, *along])
    _, *adjoints = interpret(reverse(graph, wrt), inputs)
    assert inner(adjoints, along) == pytest.approx(float(tangent), rel=1e-12)


@in_every_program
@pytest.mark.parametrize("outer", ["forward over reverse", "reverse over reverse"])
def test_rules_are_differentiated_again(function, arguments, outer):
    graph, inputs = graph_of(function, arguments)
    wrt, places = range(len(arguments)), range(1, len(arguments) + 1)
    along, across = directions(arguments, 5), directions(arguments, 6)
    gradient = reverse(graph, wrt)
    if outer == "forward over reverse":
        results = interpret(forward(gradient, wrt, places), [*inputs, *across])
        found = inner(results[len(gradient.results) :], along)
    else:
        tangent = forward(graph, wrt)
        results = interpret(reverse(tangent, wrt, (1,)), [*inputs, *along])
        found = inner(results[2:], across)

    def along_gradient(*moved: Any) -> float:
        return inner(grad(function, wrt=tuple(wrt))(*moved), along)

    expected = slope(along_gradient, arguments, across)
    assert found == pytest.approx(expected, rel=1e-6, abs=1e-9)


# Semantics


def test_the_function_is_called_once_for_each_call_and_in_order():
    calls = []

    @srcgrad.primitive(like="x")
    def noted(x):
        calls.append(x)
        return 2.0 * x

    @srcgrad.defvjp(noted)
    def noted_vjp(g, y, x):
        return 2.0 * g

    gradient = grad(lambda x: noted(x) * noted(x + 1.0))
    assert gradient(3.0) == 28.0
    assert calls == [3.0, 4.0]


def test_what_a_primitive_raises_comes_out_unchanged():
    @srcgrad.primitive
    def checked(x):
        if x < 0:
            raise ZeroDivisionError("mine")
        return x

    srcgrad.defvjp(checked)(lambda g, y, x: g)
    with pytest.raises(ZeroDivisionError, match="mine"):
        grad(lambda x: checked(x))(-1.0)


def test_the_memory_of_a_result_is_the_functions_own():
    kept = np.ones(3)

    @srcgrad.primitive(like="x")
    def cached(x):
        return kept

    srcgrad.defvjp(cached)(lambda g, y, x: cached(x) * 0.0 + g)
    srcgrad.defjvp(cached)(lambda x_dot, y, x: cached(x))
    gradient = grad(lambda x: np.sum(cached(x) * x))
    gradient(X)
    assert kept.tolist() == [1.0, 1.0, 1.0]


def test_globals_in_rules_are_read_anew(monkeypatch):
    gradient = grad(lambda x: weighted(x))
    assert gradient(X).tolist() == [1.0, -2.0, 3.0]
    monkeypatch.setitem(globals(), "WEIGHTS", np.array([4.0, 5.0, 6.0]))
    assert gradient(X).tolist() == [4.0, 5.0, 6.0]


def test_a_rule_that_is_registered_anew_is_used():
    @srcgrad.primitive
    def twice(x):
        return 2.0 * x

    srcgrad.defvjp(twice)(lambda g, y, x: 2.0 * g)
    gradient = grad(lambda x: twice(x))
    assert gradient(1.0) == 2.0
    srcgrad.defvjp(twice)(lambda g, y, x: 3.0 * g)
    assert gradient(1.0) == 3.0


def test_containers_among_arguments_get_contributions_of_their_structure():
    params = {"w": 2.0, "b": [np.array([1.0, 2.0])]}
    gradient = grad(lambda p: np.sum(layer(p)))(params)
    assert gradient["w"] == 3.0
    assert gradient["b"][0].tolist() == [2.0, 2.0]


def test_a_contribution_is_summed_over_what_was_broadcast_and_spread_where_it_is_one_number():
    @srcgrad.primitive
    def scaled_sum(x, scale):
        return np.sum(x * scale)

    @srcgrad.defvjp(scaled_sum)
    def scaled_sum_vjp(g, y, x, scale):
        return g * scale, g * x

    d_x, d_scale = grad(lambda x, s: scaled_sum(x, s), wrt=(0, 1))(X, 2.0)
    assert d_x.tolist() == [2.0, 2.0, 2.0]
    assert d_scale == 1.5


def test_complex_arguments():
    @srcgrad.primitive
    def square(z):
        return z * z

    srcgrad.defvjp(square)(lambda g, y, z: 2.0 * z * g)
    z = np.array([1.0 + 2.0j, -0.5j])

    def loss(z):
        return np.sum(np.abs(square(z)) ** 2)

    plain = grad(lambda z: np.sum(np.abs(z * z) ** 2))(z)
    np.testing.assert_allclose(grad(loss)(z), plain, rtol=1e-14)


@pytest.fixture
def forgotten(monkeypatch):
    """What a test declares of NumPy's functions is forgotten after it."""
    for name in ("_registered", "_registered_for_good"):
        monkeypatch.setattr(declarations, name, dict(getattr(declarations, name)))


def test_a_rule_for_a_numpy_function(forgotten):
    @srcgrad.defvjp(np.rint)
    def rint_vjp(g, y, x):
        return g

    assert grad(lambda x: np.sum(np.rint(x) ** 2))(np.array([1.2, 2.7])).tolist() == [2.0, 6.0]


def test_a_rule_for_a_numpy_function_that_srcgrad_does_not_know(forgotten):
    srcgrad.primitive(np.unique, like=lambda ar: ar)
    srcgrad.defvjp(np.unique)(lambda g, y, ar: g[np.argsort(np.argsort(ar))])
    gradient = grad(lambda x: np.sum(np.unique(x) * np.array([1.0, 10.0, 100.0])))
    assert gradient(np.array([3.0, 1.0, 2.0])).tolist() == [100.0, 1.0, 10.0]


def test_constant_functions_are_read_and_pass_no_derivative():
    @srcgrad.constant
    def scale(x):
        return x * x, {"half": x / 2.0}

    def f(x):
        square, rest = scale(x)
        return x * square * rest["half"]

    assert grad(f)(2.0) == 4.0


def test_a_primitive_without_rules_serves_what_does_not_depend_on_wrt():
    @srcgrad.primitive
    def looked_up(k):
        return float(k) ** 2

    assert grad(lambda x, k: x * looked_up(k))(2.0, 3) == 9.0


def test_a_constant_primitive_passes_no_derivative():
    @srcgrad.constant
    @srcgrad.primitive
    def measured(x):
        return float(x) + 1.0

    assert grad(lambda x: x * measured(x))(2.0) == 3.0


def test_a_tangent_of_an_argument_that_is_written_out_is_zero():
    plain = grad(lambda x: np.sum(wave(x) * wave(np.array([1.0, 2.0]), 0.5)))
    x = np.array([0.3, 0.4])
    np.testing.assert_allclose(plain(x), 2.0 * np.cos(x) * wave(np.array([1.0, 2.0]), 0.5))
    assert "rate" not in plain.source and "0.0" not in plain.source


# Refusals


def test_a_function_without_a_rule_says_which_lines_to_write():
    @srcgrad.primitive
    def mine(x, n):
        return x * n

    with pytest.raises(MissingRuleError) as caught:
        grad(lambda x: mine(x, 2))(1.0)
    assert "@srcgrad.defvjp(mine)" in str(caught.value)
    assert "def mine_vjp(g, y, x, n):" in str(caught.value)
    assert "mine(x, 2)" == caught.value.construct


def test_an_argument_that_a_rule_does_not_speak_of_is_refused_where_it_matters():
    @srcgrad.primitive
    def scaled(x, scale=1.0):
        return x * scale

    srcgrad.defvjp(scaled)(lambda g, y, x: g * y / x)
    assert grad(lambda x, s: scaled(x, s))(2.0, 3.0) == 3.0
    with pytest.raises(MissingRuleError, match="one of the arguments"):
        grad(lambda x, s: scaled(x, s), wrt=1)(2.0, 3.0)


@pytest.mark.parametrize("rule", [lambda g, y: g, lambda g, y, x: g, lambda g, y, x, n, z: g])
def test_a_rule_that_cannot_take_the_arguments_is_refused_when_it_is_registered(rule):
    def mine(x, n):
        return x * n

    with pytest.raises(ArgumentError, match="cannot be a rule of a function with the parameters"):
        srcgrad.defvjp(mine)(rule)


def test_a_forward_rule_must_take_the_tangents():
    def mine(x, n):
        return x * n

    with pytest.raises(ArgumentError, match=r"mine_jvp\(x_dot, n_dot, y, x, n\)"):

        @srcgrad.defjvp(mine)
        def mine_jvp(x_dot, y, x, n):
            return x_dot * n


def test_a_declaration_that_comes_too_late_is_refused():
    def inlined(x):
        return x * x

    assert grad(lambda x: inlined(x))(3.0) == 6.0
    with pytest.raises(ArgumentError, match="compiled already"):
        srcgrad.defvjp(inlined)(lambda g, y, x: g)


def test_a_contribution_of_another_shape_is_refused():
    @srcgrad.primitive
    def mean(x):
        return np.mean(x)

    srcgrad.defvjp(mean)(lambda g, y, x: g * np.ones(7))
    with pytest.raises(ShapeError, match=r"gives shape \(7,\) for `x`"):
        grad(lambda x: mean(x))(np.ones((2, 3)))


@pytest.mark.parametrize("rule", [lambda g, y, x: (g, g), lambda g, y, x: "text"])
def test_what_a_rule_returns_must_fit_the_arguments(rule):
    @srcgrad.primitive
    def mine(x):
        return 2.0 * x

    srcgrad.defvjp(mine)(rule)
    with pytest.raises(ArgumentError, match="a rule of `mine`"):
        grad(lambda x: mine(x))(1.0)


def test_a_result_whose_type_cannot_be_found_is_asked_for():
    @srcgrad.primitive
    def read(x):
        return eval("x + 1.0")

    srcgrad.defvjp(read)(lambda g, y, x: g)
    with pytest.raises(MissingRuleError, match="the type of `read") as caught:
        grad(lambda x: read(x))(1.0)
    assert "@srcgrad.primitive(like=lambda x: ...)" in str(caught.value)


def test_like_must_name_a_parameter():
    with pytest.raises(ArgumentError, match="no parameter `z`"):
        srcgrad.primitive(like="z")(lambda x: x)


@pytest.mark.parametrize("thing", [3, float, staticmethod(len)])
def test_only_functions_are_declared(thing):
    with pytest.raises(ArgumentError, match="is for functions"):
        srcgrad.primitive(thing)


def test_jacobians_of_functions_whose_rules_call_them_again():
    @srcgrad.primitive(like=lambda a, b: b)
    def solved(a, b):
        return np.linalg.solve(a, b)

    @srcgrad.defvjp(solved)
    def solved_vjp(g, x, a, b):
        return None, solved(a.T, g)

    a = np.array([[2.0, 1.0], [0.5, 3.0]])
    inverse = np.linalg.inv(a)
    found = srcgrad.jacobian(lambda b: solved(a, b))(np.ones(2))
    np.testing.assert_allclose(found, inverse)
    found = srcgrad.hessian(lambda b: np.sum(solved(a, b) ** 2))(np.ones(2))
    np.testing.assert_allclose(found, 2.0 * inverse.T @ inverse)
