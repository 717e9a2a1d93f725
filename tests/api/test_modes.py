"""`vjp`, `jvp`, `linearize`, `jacobian`, `hessian`, `hvp`, `elementwise_grad`: what they give."""

import pickle

import numpy as np
import pytest

import srcgrad
from srcgrad import (
    ArgumentError,
    UnsupportedError,
    elementwise_grad,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    linearize,
    value_and_grad,
    value_and_jacobian,
    vjp,
)
from tests.api.programs import plain

X = np.array([0.1, 0.2, 0.3])
Y = np.array([1.0, 2.0, 3.0])
W = np.arange(6.0).reshape(3, 2) / 3


def scaled(x, y):
    return np.sum(np.sin(x) * y**2)


def layer(x, w):
    h = np.tanh(x @ w)
    return {"h": h, "s": h.sum(axis=0)}


def sweep(x, n):
    s = 0.0
    for i in range(n):
        s = s + np.sin(x[i]) * x[i - 1]
        x[i] = s
    return s, x


def differences(function, x, step=1e-6):
    """The Jacobian of a function of an array by central differences."""
    columns = []
    for place in np.ndindex(x.shape):
        unit = np.zeros_like(x)
        unit[place] = step
        columns.append((function(x + unit) - function(x - unit)) / (2 * step))
    return np.moveaxis(np.array(columns), 0, -1).reshape(np.shape(function(x)) + x.shape)


# vjp


def test_a_pullback_is_called_as_often_as_wanted():
    value, pullback = vjp(scaled, X, Y)
    assert value == scaled(X, Y)
    d_x, d_y = pullback(1.0)
    np.testing.assert_allclose(d_x, np.cos(X) * Y**2)
    np.testing.assert_allclose(d_y, 2 * Y * np.sin(X))
    again, _ = pullback(2.0)
    np.testing.assert_allclose(again, 2 * d_x)
    np.testing.assert_array_equal(pullback(1.0)[0], d_x)


def test_a_single_wrt_gives_a_single_cotangent():
    _, pullback = vjp(scaled, X, Y, wrt="y")
    np.testing.assert_allclose(pullback(1.0), 2 * Y * np.sin(X))


def test_a_pullback_of_a_dict():
    value, pullback = vjp(layer, X, W)
    np.testing.assert_array_equal(value["h"], np.tanh(X @ W))
    g = {"h": np.array([1.0, -2.0]), "s": 0.5}
    d_x, d_w = pullback(g)
    _, tangent = jvp(layer, (X, W), (Y, W))
    inner = g["h"] @ tangent["h"] + g["s"] * tangent["s"]
    np.testing.assert_allclose(d_x @ Y + np.sum(d_w * W), inner)
    only_h, _ = pullback({"h": g["h"], "s": None})
    zero, _ = pullback(None)
    assert not zero.any() and only_h.any()


def test_changing_arguments_and_values_does_not_change_a_pullback():
    x, w = X.copy(), W.copy()
    value, pullback = vjp(layer, x, w)
    g = {"h": np.ones(2), "s": 1.0}
    expected = pullback(g)
    x[:] = 7.0
    w[:] = 7.0
    value["h"][:] = 7.0
    for ours, theirs in zip(pullback(g), expected):
        np.testing.assert_array_equal(ours, theirs)


def test_changing_what_a_loop_read_does_not_change_a_pullback():
    def rows(x):
        total = np.zeros(2)
        for row in x:
            total = total + row * np.exp(row)
        return total

    x = W.copy()
    _, pullback = vjp(rows, x)
    (expected,) = pullback(np.ones(2))
    x[:] = 7.0
    np.testing.assert_array_equal(pullback(np.ones(2))[0], expected)


def test_a_pullback_gives_arrays_of_its_own():
    _, pullback = vjp(lambda x: x, X)
    g = np.ones(3)
    (first,) = pullback(g)
    assert not np.shares_memory(first, g)
    first[:] = 7.0
    assert g.tolist() == [1.0, 1.0, 1.0]


def test_arguments_without_derivatives_have_none():
    x = X.copy()
    (s, changed), pullback = vjp(sweep, x, 3)
    assert changed is x
    plain_x = X.copy()
    assert s == sweep(plain_x, 3)[0]
    np.testing.assert_array_equal(x, plain_x)
    d_x, d_n = pullback((1.0, None))
    assert d_n is None
    np.testing.assert_allclose(d_x, grad(lambda x: sweep(x, 3)[0])(X.copy()))


def test_python_integers_alone_count_as_real_numbers():
    _, pullback = vjp(lambda a, b: a * b, 2, 3)
    assert pullback(1.0) == (3.0, 2.0)


def test_auxiliary_results_of_vjp():
    (value, aux), pullback = vjp(lambda x: (x * x, "text"), 3.0, has_aux=True)
    assert (value, aux, pullback(1.0)) == (9.0, "text", (6.0,))


def test_a_function_of_the_arguments():
    function = vjp(scaled)
    for factor in (1.0, 2.0):
        _, pullback = function(factor * X, Y)
        np.testing.assert_allclose(pullback(1.0)[0], np.cos(factor * X) * Y**2)
    assert function.cache_info().compilations == 1
    assert "def scaled_forward(x, y):" in function.source
    assert "def scaled_pullback(residuals, g):" in function.source


def test_one_function_is_compiled_once():
    def f(x):
        return x * x

    vjp(f, 2.0)
    before = srcgrad.api.differentiate._once(f, vjp().request).cache_info().compilations
    vjp(f, 3.0)
    assert srcgrad.api.differentiate._once(f, vjp().request).cache_info().compilations == before


def test_decorators_with_options():
    @vjp(wrt=0)
    def f(x, y):
        return x * y

    @jvp(wrt="y")
    def g(x, y):
        return x * y

    @jacobian(wrt=(0, 1))
    def h(x, y):
        return x * y

    assert f(2.0, 3.0)[1](1.0) == 3.0
    assert g((2.0, 3.0), 1.0) == (6.0, 2.0)
    assert h(2.0, 3.0) == (3.0, 2.0)


@pytest.mark.parametrize(
    ("cotangent", "message"),
    [
        (np.ones(3), "is a ndarray, but it belongs to a dict"),
        ({"h": np.ones(2)}, "has the keys"),
        ({"h": np.ones(3), "s": None}, "has shape"),
        ({"h": np.ones(2, dtype=np.float32), "s": None}, "has dtype float32"),
        ({"h": np.ones(2, dtype=complex), "s": None}, "has dtype complex128"),
        ({"h": [1.0, 1.0], "s": None}, "is a list"),
        ({"h": 1.0, "s": None}, "is a number"),
        ({"h": None, "s": 1j}, "is complex"),
    ],
)
def test_a_wrong_cotangent_is_refused(cotangent, message):
    _, pullback = vjp(layer, X, W)
    with pytest.raises(ArgumentError, match=message) as refusal:
        pullback(cotangent)
    assert refusal.value.filename == __file__


# Results in arguments


def gemm(alpha, beta, C, A, B):
    C[:] = alpha * A @ B + beta * C


def test_results_in_arguments():
    C, A, B = np.ones((2, 2)), W[:2] + 1, W[1:]
    plain_C = C.copy()
    gemm(1.5, 1.2, plain_C, A, B)
    start = C.copy()
    value, pullback = vjp(gemm, 1.5, 1.2, C, A, B, outputs="C")
    assert value is C
    np.testing.assert_array_equal(C, plain_C)
    d_alpha, d_beta, d_C, d_A, d_B = pullback(W[:2])
    np.testing.assert_allclose(d_C, 1.2 * W[:2])
    np.testing.assert_allclose(d_alpha, np.sum(W[:2] * (A @ B)))
    np.testing.assert_allclose(d_beta, np.sum(W[:2] * start))
    np.testing.assert_allclose(d_A, 1.5 * W[:2] @ B.T)
    np.testing.assert_allclose(d_B, 1.5 * A.T @ W[:2])


def test_several_results_in_arguments():
    def swap(a, b):
        a[:], b[:] = b * b, a.copy()

    a, b = X.copy(), Y.copy()
    (new_a, new_b), pullback = vjp(swap, a, b, outputs=("a", "b"))
    assert new_a is a and new_b is b
    d_a, d_b = pullback((np.ones(3), 2 * np.ones(3)))
    np.testing.assert_allclose(d_a, [2.0, 2.0, 2.0])
    np.testing.assert_allclose(d_b, 2 * Y)


def test_other_modes_of_results_in_arguments():
    def total(x, out):
        out[0] = np.sum(x**3)

    def cubes(x, out):
        out[:] = x**3

    np.testing.assert_allclose(grad(total, outputs="out")(X, np.zeros(1)), 3 * X**2)
    value, _gradient = value_and_grad(total, outputs="out")(X, np.zeros(1))
    np.testing.assert_allclose(value, [np.sum(X**3)])
    np.testing.assert_allclose(jacobian(cubes, outputs="out")(X, np.zeros(3)), np.diag(3 * X**2))
    out = np.zeros(3)
    value, tangent = jvp(cubes, (X, out), (Y, None), outputs="out")
    assert value is out
    np.testing.assert_allclose(tangent, 3 * X**2 * Y)
    np.testing.assert_allclose(
        hessian(total, outputs="out")(X, np.zeros(1)), np.diag(6 * X), atol=1e-15
    )


@pytest.mark.parametrize("outputs", ["D", ("C", "C"), (), 0, ("C", 1)])
def test_wrong_outputs_are_refused_at_once(outputs):
    with pytest.raises(ArgumentError, match="outputs"):
        vjp(gemm, outputs=outputs)


def test_a_function_that_returns_nothing_is_refused_with_the_way_out():
    with pytest.raises(ArgumentError, match="outputs="):
        vjp(gemm, 1.5, 1.2, np.ones((2, 2)), np.ones((2, 2)), np.ones((2, 2)))
    with pytest.raises(ArgumentError, match="outputs="):
        grad(gemm)(1.5, 1.2, np.ones((2, 2)), np.ones((2, 2)), np.ones((2, 2)))


# jvp and linearize


def test_none_is_a_zero_tangent_in_containers_too():
    def f(params, x):
        w, b = params["w"], params["b"]
        return np.sum(w * x) + b

    params = {"w": X, "b": 2.0}
    value, tangent = jvp(f, (params, Y), ({"w": None, "b": 1.0}, None))
    assert (value, tangent) == (f(params, Y), 1.0)
    _, tangent = jvp(f, (params, Y), (None, None))
    assert tangent == 0.0


def test_a_tangent_of_integers_is_none():
    _value, tangent = jvp(lambda x: (np.argmax(x), x[0]), (X,), (Y,))
    assert tangent == (None, 1.0)


def test_linearize_gives_a_reusable_map():
    value, linear = linearize(sweep, X.copy(), 3)
    assert value[0] == sweep(X.copy(), 3)[0]
    for direction in (Y, 2 * Y):
        ours = linear(direction, None)
        _, theirs = jvp(sweep, (X.copy(), 3), (direction, None))
        np.testing.assert_allclose(ours[0], theirs[0])
        np.testing.assert_allclose(ours[1], theirs[1])


@pytest.mark.parametrize(
    ("tangents", "message"),
    [
        ((np.ones(2), None), "has shape"),
        ((np.ones(3, dtype=np.float32), None), "has dtype float32"),
        ((np.ones(3, dtype=complex), None), "complex128"),
        ((np.ones(3),), "must be a tuple of 2"),
        (np.ones(3), "must be a tuple of 2"),
        (([1.0, 1.0, 1.0], None), "is a list"),
        ((1.0, None), "belongs to an array"),
        (("a", None), "belongs to a 1-dim"),
    ],
)
def test_a_wrong_tangent_is_refused(tangents, message):
    with pytest.raises(ArgumentError, match=message):
        jvp(scaled, (X, Y), tangents)
    _, linear = linearize(scaled, X, Y)
    if isinstance(tangents, tuple) and len(tangents) == 2:
        with pytest.raises(ArgumentError):
            linear(*tangents)


def test_a_tangent_of_integers_is_refused():
    with pytest.raises(ArgumentError, match="no small steps"):
        jvp(lambda i, x: x[i].sum(), (np.array([0, 1]), X), (np.ones(2), None))


# Jacobians and Hessians


@pytest.mark.parametrize("mode", [None, "forward", "reverse"])
def test_jacobian_of_arrays(mode):
    def f(x):
        return np.sin(x) * np.sum(x)

    np.testing.assert_allclose(jacobian(f, mode=mode)(X), differences(f, X), rtol=1e-6)


@pytest.mark.parametrize("mode", [None, "forward", "reverse"])
def test_jacobian_of_matrices(mode):
    def f(x):
        return np.exp(x).T @ np.ones((3, 4)) * x[0, 0]

    found = jacobian(f, mode=mode)(W)
    assert found.shape == (2, 4, 3, 2)
    np.testing.assert_allclose(found, differences(f, W), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_jacobian_of_containers(mode):
    found = jacobian(layer, wrt=(0, 1), mode=mode)(X, W)
    for key in ("h", "s"):
        in_x, in_w = found[key]
        np.testing.assert_allclose(in_x, differences(lambda x: layer(x, W)[key], X), rtol=1e-6)
        np.testing.assert_allclose(
            in_w, differences(lambda w: layer(X, w)[key], W), rtol=1e-6, atol=1e-10
        )


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_jacobian_through_a_loop_with_stores(mode):
    found = jacobian(sweep, mode=mode)(X.copy(), 3)
    np.testing.assert_allclose(
        found[1], differences(lambda x: sweep(x.copy(), 3)[1].copy(), X), rtol=1e-6, atol=1e-9
    )
    x = X.copy()
    jacobian(sweep, mode=mode)(x, 3)
    plain_x = X.copy()
    sweep(plain_x, 3)
    np.testing.assert_array_equal(x, plain_x)


def test_jacobians_between_numbers_and_arrays():
    assert jacobian(lambda x: x * x)(3.0) == 6.0
    np.testing.assert_allclose(jacobian(lambda t: t**2 * X)(2.0), 4 * X)
    np.testing.assert_allclose(jacobian(lambda x: np.sum(x**2))(X), 2 * X)
    np.testing.assert_allclose(jacobian(lambda x, y: y)(X, Y), np.zeros((3, 3)))


def test_value_and_jacobian():
    value, found = value_and_jacobian(lambda x: x**2)(X)
    np.testing.assert_array_equal(value, X**2)
    np.testing.assert_allclose(found, np.diag(2 * X))


@pytest.mark.parametrize("mode", [None, "forward", "reverse"])
def test_hessian_in_blocks(mode):
    (xx, xy), (yx, yy) = hessian(scaled, wrt=(0, 1), mode=mode)(X, Y)
    np.testing.assert_allclose(xx, np.diag(-np.sin(X) * Y**2), atol=1e-15)
    np.testing.assert_allclose(xy, np.diag(2 * Y * np.cos(X)), atol=1e-15)
    np.testing.assert_allclose(yx, xy.T)
    np.testing.assert_allclose(yy, np.diag(2 * np.sin(X)), atol=1e-15)


def test_hvp_is_the_hessian_times_the_vector():
    def f(x):
        return np.sum(np.tanh(np.outer(x, x)) @ x)

    np.testing.assert_allclose(hvp(f)(X, Y), hessian(f)(X) @ Y)
    v, w = np.array([1.0, 0.0, -1.0]), np.array([0.5, 2.0, 0.0])
    ours = hvp(scaled, wrt=(0, 1))(X, Y, (v, w))
    (xx, xy), (yx, yy) = hessian(scaled, wrt=(0, 1))(X, Y)
    np.testing.assert_allclose(ours[0], xx @ v + xy @ w)
    np.testing.assert_allclose(ours[1], yx @ v + yy @ w)
    assert "def scaled_hvp(x, y, v):" in hvp(scaled).lower(X, Y, v).source


def test_hvp_of_a_function_with_defaults():
    def f(x, power=3):
        return np.sum(x**power)

    np.testing.assert_allclose(hvp(f)(X, Y), 6 * X * Y)
    np.testing.assert_allclose(hvp(f)(X, Y, power=2), 2 * Y)


def test_complex_jacobians_are_refused():
    with pytest.raises(ArgumentError, match="complex"):
        jacobian(lambda x: x * 1j)(X)
    with pytest.raises(ArgumentError, match="complex"):
        jacobian(lambda x: x.real)(X + 0j)


def test_an_unknown_direction_is_refused():
    with pytest.raises(ArgumentError, match="mode"):
        jacobian(scaled, mode="sideways")


# Elementwise gradients


def test_elementwise_gradient():
    def f(x, c):
        y = np.where(x > 0.15, np.sin(x) * c, x**2)
        if c > 1.0:
            y = y / 2
        return y

    expected = np.where(X > 0.15, np.cos(X) * 2, 2 * X) / 2
    np.testing.assert_allclose(elementwise_grad(f)(X, 2.0), expected)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x / x.sum(),
        lambda x: x[::-1],
        lambda x: np.cumsum(x),
        lambda x: np.sum(x),
        lambda x: x * np.ones((2, 3)),
    ],
)
def test_what_is_not_elementwise_is_refused(function):
    with pytest.raises(UnsupportedError, match="elementwise"):
        elementwise_grad(function)(X)


# Complex numbers: pullbacks are transposed, as in JAX; gradients are conjugated


def test_complex_pullbacks_and_tangents():
    z = np.array([1 + 2j, 0.5 - 1j])
    _, pullback = vjp(lambda z: z**2, z)
    np.testing.assert_allclose(pullback(np.array([1.0 + 0j, 1j]))[0], 2 * z * [1, 1j])
    _, tangent = jvp(lambda z: z**2, (z,), (np.array([1j, 1.0]),))
    np.testing.assert_allclose(tangent, 2 * z * [1j, 1])
    _, pullback = vjp(lambda z: np.sum(np.abs(z) ** 2), z)
    np.testing.assert_allclose(pullback(1.0)[0], np.conj(grad(lambda z: np.sum(np.abs(z) ** 2))(z)))


# All are functions like those of `grad`


MODES = [
    (vjp(plain), (2.0, 3.0)),
    (jvp(plain), ((2.0, 3.0), (1.0, None))),
    (linearize(plain), (2.0, 3.0)),
    (jacobian(plain), (2.0, 3.0)),
    (hessian(plain), (2.0, 3.0)),
    (hvp(plain), (2.0, 3.0, 1.0)),
    (elementwise_grad(plain), (2.0, 3.0)),
]


@pytest.mark.parametrize(("function", "args"), MODES, ids=lambda p: getattr(p, "__name__", ""))
def test_modes_show_source_and_graph_and_are_pickled(function, args):
    assert "def plain_" in function.lower(*args).source
    assert "graph plain_" in str(function.lower(*args).graph)
    again = pickle.loads(pickle.dumps(function))
    assert again.request == function.request and type(again) is type(function)
    ours, theirs = again(*args), function(*args)
    if isinstance(ours, tuple):
        assert ours[0] == theirs[0]
    else:
        assert ours == theirs
    assert function.cache_info().compilations >= 1


def test_an_exported_pullback_needs_no_srcgrad(tmp_path):
    path = tmp_path / "exported.py"
    vjp(scaled).lower(X, Y).export(path)
    text = path.read_text()
    assert "srcgrad" not in text.split('"""')[2]
    namespace = {}
    exec(text, namespace)
    _value, residuals = namespace["scaled_forward"](X, Y)
    d_x, _ = namespace["scaled_pullback"](residuals, 1.0)
    np.testing.assert_allclose(d_x, np.cos(X) * Y**2)


class Affine:
    def __init__(self, w, b):
        self.w, self.b = w, b

    def loss(self, x):
        return np.sum(np.tanh(x @ self.w + self.b) ** 2)


def test_models_are_arguments_of_every_mode():
    model, x = Affine(W, np.zeros(2)), X
    direction = Affine(np.ones((3, 2)), np.ones(2))
    _, pullback = vjp(Affine.loss, model, x)
    d_model, _ = pullback(1.0)
    assert type(d_model) is Affine
    _, tangent = jvp(Affine.loss, (model, x), (direction, None))
    np.testing.assert_allclose(tangent, np.sum(d_model.w) + np.sum(d_model.b))
    product = hvp(Affine.loss)(model, x, direction)
    blocks = hessian(Affine.loss)(model, x)
    np.testing.assert_allclose(product.b, blocks.b.w.sum(axis=(1, 2)) + blocks.b.b.sum(axis=1))


def test_each_of_the_rest_of_the_arguments_has_a_cotangent():
    _, pullback = vjp(lambda *xs: xs[0] * xs[1], 2.0, 3.0)
    assert pullback(1.0) == (3.0, 2.0)


def recurrence(w, x):
    h = np.zeros(3)
    for t in range(len(x)):
        h = np.tanh(w @ h + x[t])
    return h


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_the_basis_of_a_jacobian_goes_through_at_once(mode):
    w, x = np.linspace(-1.0, 1.0, 9).reshape(3, 3), np.linspace(0.0, 1.0, 6).reshape(2, 3)
    blocks = jacobian(recurrence, mode=mode)
    expected = np.stack([grad(lambda w, i=i: recurrence(w, x)[i])(w) for i in range(3)])
    np.testing.assert_allclose(blocks(w, x), expected, rtol=1e-12)
    lines = blocks.lower(w, x).source.splitlines()
    loops = sum(line.lstrip().startswith("for ") for line in lines)
    assert loops == (1 if mode == "forward" else 2)


class Remembering:
    def __init__(self, w):
        self.w = w

    def loss(self, x):
        self.h = self.w * x
        return np.sum(self.h**2)


def test_a_pullback_does_not_see_what_becomes_of_the_callers_attributes():
    model, x = Remembering(np.ones(2)), np.array([1.0, 2.0])
    _, pullback = vjp(lambda model, x: model.loss(x), model, x)
    d_model, d_x = pullback(1.0)
    model.h[:], model.w[:], x[:] = 99.0, 99.0, 99.0
    again_model, again_x = pullback(1.0)
    np.testing.assert_array_equal(again_model.w, d_model.w)
    np.testing.assert_array_equal(again_x, d_x)
    np.testing.assert_array_equal(d_x, [2.0, 4.0])


@pytest.mark.parametrize("function", [np.linalg.norm, lambda x: np.hypot(x[0], x[1])])
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_what_has_no_second_derivative_is_not_finite(function, mode):
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(grad(function)(np.zeros(2)), np.zeros(2))
        assert not np.isfinite(hessian(function, mode=mode)(np.zeros(2))).all()
    expected = np.array([[16.0, -12.0], [-12.0, 9.0]]) / 125.0
    np.testing.assert_allclose(hessian(function, mode=mode)(np.array([3.0, 4.0])), expected)
