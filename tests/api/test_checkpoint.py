"""`checkpoint`: values that the gradient computes again, in functions and in loops."""

import math
import tracemalloc

import numpy as np
import pytest

import srcgrad
from srcgrad import ArgumentError, SrcgradError, checkpoint, grad, hvp, jacobian, jvp, vjp
from srcgrad.graph import ListType, walk

U = np.linspace(0.1, 1.0, 4)


def step(u, c, t):
    return u + 0.01 * np.sin(c * u) * (1 + t)


def kept(u, c, count):
    for t in range(count):
        u = step(u, c, t)
    return np.sum(u * u)


def computed_again(u, c, count):
    for t in checkpoint(range(count)):
        u = step(u, c, t)
    return np.sum(u * u)


@pytest.mark.parametrize("count", [-2, 0, 1, 2, 3, 10, 57, 100])
def test_the_gradient_of_a_loop_is_the_same(count):
    ours = grad(computed_again, wrt=("u", "c"))(U, 1.3, count)
    theirs = grad(kept, wrt=("u", "c"))(U, 1.3, count)
    assert np.allclose(ours[0], theirs[0], rtol=1e-13)
    assert math.isclose(ours[1], theirs[1], rel_tol=1e-13, abs_tol=1e-15)
    assert computed_again(U, 1.3, count) == kept(U, 1.3, count)


def _walked(u, xs):
    for x in checkpoint(xs):
        u = u * np.cos(0.1 * x) + x[0]
    return np.sum(u)


def _enumerated(u, xs):
    for t, x in checkpoint(enumerate(xs)):
        u = u * np.cos(0.1 * x) + t * x[0]
    return np.sum(u)


def _zipped(u, xs):
    for x, y in checkpoint(zip(xs, 2.0 * xs[1:])):
        u = u * np.cos(0.1 * x) + y[0]
    return np.sum(u)


def _backwards(u, xs):
    for t in checkpoint(range(len(xs) - 1, 0, -2), every=3):
        u = u * np.cos(0.1 * xs[t]) + t
    return np.sum(u)


def _stored(u, xs):
    v = np.zeros((len(xs), 4))
    for t in checkpoint(range(1, len(xs))):
        v[t] = v[t - 1] * np.sin(u) + xs[t]
        u[1:] = u[1:] * xs[t, 0] + v[t, :-1]
    return np.sum(u) + np.sum(v**2)


def stored(u, xs):
    return _stored(u.copy(), xs)


def _several(u, xs):
    total, last = 0.0, None
    for t in checkpoint(range(len(xs)), every=4):
        if t % 3 == 0:
            u = np.tanh(u + xs[t])
        total += np.sum(u)
        last = u * xs[t]
    return total * np.sum(last)


def _nested(u, xs):
    for t in range(3):
        for x in checkpoint(xs):
            u = np.sin(u + t * x)
        u = u * 1.5
    return np.sum(u)


def _in_a_branch(u, xs):
    if u[0] > 0.05:
        for t in checkpoint(range(len(xs))):
            u = np.sin(u + xs[t])
    return np.sum(u)


ROWS = [
    _walked,
    _enumerated,
    _zipped,
    _backwards,
    stored,
    _several,
    _nested,
    _in_a_branch,
]
XS = np.random.default_rng(0).normal(size=(11, 4))


@pytest.mark.parametrize("function", ROWS, ids=lambda f: f.__name__)
def test_loops_of_every_kind(function):
    srcgrad.check_grads(function, (U.copy(), XS), order=2)


def test_every_mode_goes_through():
    args = (U, 1.3, 10)
    assert np.allclose(jacobian(grad(computed_again))(*args), jacobian(grad(kept))(*args))
    assert np.allclose(hvp(computed_again)(*args, U), hvp(kept)(*args, U))
    dots = (U, 1.0, None)
    assert np.isclose(jvp(computed_again, args, dots)[1], jvp(kept, args, dots)[1])
    _, pullback = vjp(computed_again, *args)
    for _ in range(2):
        assert np.allclose(pullback(2.0)[0], 2.0 * grad(kept)(*args))


# Memory and work


def heat(u, count):
    for _ in checkpoint(range(count)):
        u = u + 0.1 * np.sin(u)
    return np.sum(u)


def all_kept(u, count):
    for _ in range(count):
        u = u + 0.1 * np.sin(u)
    return np.sum(u)


def _peak(function, *args):
    function(*args)
    tracemalloc.start()
    function(*args)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def test_ten_thousand_steps_take_the_memory_of_two_hundred():
    u = np.ones(100)
    one_state = u.nbytes
    ours, theirs = grad(heat), grad(all_kept)
    assert np.allclose(ours(u, 1000), theirs(u, 1000))
    peak = _peak(ours, u, 10_000)
    assert peak < 300 * one_state
    assert _peak(theirs, u, 10_000) > 10_000 * one_state


steps_taken = []


@srcgrad.primitive
def counted(x):
    steps_taken.append(1)
    return np.sin(x)


@srcgrad.defvjp(counted)
def counted_vjp(g, y, x):
    return g * np.cos(x)


def test_each_step_is_computed_twice():
    def march(u, count):
        for _ in checkpoint(range(count)):
            u = u + 0.1 * counted(u)
        return np.sum(u)

    gradient = grad(march)
    gradient(np.ones(2), 3)
    steps_taken.clear()
    gradient(np.ones(2), 10_000)
    assert len(steps_taken) == 20_000


def test_tapes_hold_segments():
    graph = grad(heat).lower(np.ones(3), 50).graph
    sections = [
        node.parameters["section"] for node in walk(graph.nodes) if "section" in node.parameters
    ]
    tapes = [v for node in walk(graph.nodes) for v in node.results if isinstance(v.type, ListType)]
    assert len(sections) == 2 and len(tapes) == 1


# Functions


def layer(x, w):
    h = np.tanh(x @ w)
    return np.tanh(h * h) + x


def network(x, ws):
    for w in ws:
        x = layer(x, w)
    return np.sum(x)


def network_again(x, ws):
    for w in ws:
        x = checkpoint(layer)(x, w)
    return np.sum(x)


X, WS = np.ones((2, 3)) * 0.3, [np.eye(3) * k for k in (0.5, 1.0, 1.5)]


def test_a_function_is_called_again():
    ours, theirs = (grad(f, wrt=("x", "ws")) for f in (network_again, network))
    (d_x, d_ws), (x, ws) = ours(X, WS), theirs(X, WS)
    assert np.allclose(d_x, x) and all(map(np.allclose, d_ws, ws))
    source = ours.source
    assert source.count("def layer(") == source.count("def layer_backward(") == 1
    srcgrad.check_grads(network_again, (X, WS), order=2)


@checkpoint
def decorated(x, w, *, scale=1.0):
    """A layer."""
    return {"y": scale * np.tanh(x @ w), "n": 2}


class Model:
    def __init__(self):
        self.w = np.eye(3)

    @checkpoint
    def forward(self, x):
        return np.tanh(x @ self.w)

    def plain(self, x):
        return np.tanh(x @ self.w)

    def loss(self, x):
        return np.sum(self.forward(x) * checkpoint(self.plain)(x))

    def loss_kept(self, x):
        return np.sum(self.plain(x) * self.plain(x))


def test_decorated_functions_and_methods():
    def loss(x, w):
        made = decorated(x, w, scale=3.0)
        return np.sum(made["y"] ** made["n"])

    srcgrad.check_grads(loss, (X, WS[0]), order=2)
    assert decorated.__doc__ == "A layer."
    model = Model()
    ours, theirs = grad(model.loss, wrt="self")(X), grad(model.loss_kept, wrt="self")(X)
    assert np.allclose(ours.w, theirs.w)


def test_a_function_may_be_called_like_a_parameter():
    def loss(step, x, layer):
        part = checkpoint(lambda y: np.sin(layer * y))
        for _ in checkpoint(range(5)):
            x = x + 0.1 * checkpoint(step)(x)
        return np.sum(part(x))

    srcgrad.check_grads(lambda x, k: loss(np.tanh, x, k), (U, 2.0), order=1)
    gradient = grad(loss, wrt="x")
    ours = gradient(lambda x: np.tanh(x), U, 2.0)
    assert np.allclose(ours, grad(lambda x: loss(np.tanh, x, 2.0))(U))


def test_names_of_pythons_own_keep_their_meaning():
    def max(min, len):
        return np.sin(min * len) * min

    def loss(x, range_):
        sum = x * 2.0
        for _ in checkpoint(range(range_)):
            sum = sum + 0.1 * checkpoint(max)(sum, x)
        return np.sum(sum)

    def plain(x, range_):
        total = x * 2.0
        for _ in range(range_):
            total = total + 0.1 * max(total, x)
        return np.sum(total)

    assert np.allclose(grad(loss)(U, 5), grad(plain)(U, 5))


def test_gradients_are_changed_once_where_values_are_computed_again(capsys):
    def part(x):
        h = np.sin(x)
        with srcgrad.on_gradient(h) as g:
            print("there")
            g *= 0.5
        return h * h

    def loss(x):
        return np.sum(checkpoint(part)(x))

    assert np.allclose(grad(loss)(U), 0.5 * np.sin(2.0 * U))
    assert capsys.readouterr().out == "there\n"
    assert np.allclose(hvp(loss)(U, U), np.cos(2.0 * U) * U)


def test_an_exported_gradient_has_its_sections(tmp_path):
    path = tmp_path / "gradient.py"
    grad(noisy).lower(U, outer_generator, 10).export(path)
    module = {}
    exec(compile(path.read_text(), str(path), "exec"), module)
    given, plain = np.random.default_rng(1), np.random.default_rng(1)
    assert np.array_equal(module["noisy_grad"](U, given, 10), grad(noisy)(U, plain, 10))


def test_closures_and_outer_values():
    def loss(x, a):
        k = a * a

        def part(y):
            z = np.sin(y * k)
            return z * z

        return np.sum(checkpoint(part)(x)) + np.sum(checkpoint(lambda y: y * k + a)(x))

    srcgrad.check_grads(loss, (U, 1.7), order=2)


def test_what_a_function_changes_outside_is_changed_once():
    def loss(x, found):
        def part(y):
            z = np.sin(y)
            found.append(z)
            return z * z

        y = checkpoint(part)(x)
        return np.sum(y * found[0])

    made = []
    ours = grad(lambda x: loss(x, []))(U)
    assert np.allclose(ours, 3 * np.sin(U) ** 2 * np.cos(U))
    assert made == []


class Remembering:
    def __init__(self, w):
        self.w, self.h, self.calls = w, None, 0

    def forward(self, x):
        self.h = np.tanh(x @ self.w)
        self.calls += 1
        return self.h * self.h

    def loss(self, x):
        return np.sum(checkpoint(self.forward)(checkpoint(self.forward)(x)) * self.h)


def test_what_a_layer_remembers_is_that_of_its_last_call():
    ours, theirs = Remembering(WS[0]), Remembering(WS[0])
    found = grad(ours.loss, wrt="self")(X)
    assert ours.calls == 2 and theirs.loss(X) == ours.loss(X)
    assert np.allclose(ours.h, theirs.h)
    srcgrad.check_grads(ours.loss, (X,), order=1)
    assert np.all(np.isfinite(found.w)) and np.any(found.w != 0.0)


def test_what_is_printed_is_printed_once(capsys):
    def part(x):
        print("here")
        return np.sin(x) ** 2

    assert np.allclose(grad(lambda x: np.sum(checkpoint(part)(x)))(U), np.sin(2 * U))
    assert capsys.readouterr().out == "here\n"


# Random draws

outer_generator = np.random.default_rng(5)


def noisy(u, rng, count):
    for _ in checkpoint(range(count)):
        u = np.sin(u * rng.normal(1.0, 0.1, size=4))
    return np.sum(u * rng.normal(size=4))


def noisy_kept(u, rng, count):
    for _ in range(count):
        u = np.sin(u * rng.normal(1.0, 0.1, size=4))
    return np.sum(u * rng.normal(size=4))


def test_draws_of_a_generator_repeat():
    one, other = np.random.default_rng(3), np.random.default_rng(3)
    assert np.array_equal(grad(noisy)(U, one, 10), grad(noisy_kept)(U, other, 10))
    assert one.normal() == other.normal()
    _, pullback = vjp(noisy, U, np.random.default_rng(3), 10)
    assert np.array_equal(pullback(1.0)[0], pullback(1.0)[0])


def global_noise(u):
    for _ in checkpoint(range(5)):
        u = np.sin(u * np.random.normal(1.0, 0.1) + outer_generator.uniform(size=4))
    return np.sum(u)


def global_noise_kept(u):
    for _ in range(5):
        u = np.sin(u * np.random.normal(1.0, 0.1) + outer_generator.uniform(size=4))
    return np.sum(u)


def test_draws_of_global_generators_repeat():
    global outer_generator
    found = []
    for function in (global_noise, global_noise_kept):
        np.random.seed(2)
        outer_generator = np.random.default_rng(5)
        found.append((grad(function)(U), np.random.normal(), outer_generator.normal()))
    assert np.array_equal(found[0][0], found[1][0]) and found[0][1:] == found[1][1:]


def test_dropout_in_a_function_repeats():
    def dropped(x, w, rng):
        return np.tanh(x @ w) * (rng.random((2, 3)) > 0.5)

    def loss(x, w, rng):
        return np.sum(checkpoint(dropped)(x, w, rng) ** 2)

    def loss_kept(x, w, rng):
        return np.sum(dropped(x, w, rng) ** 2)

    ours, theirs = (grad(f, wrt="w")(X, WS[0], np.random.default_rng(1)) for f in (loss, loss_kept))
    assert np.array_equal(ours, theirs)


# Refusals


def _breaks(u):
    for t in checkpoint(range(10)):
        u = np.sin(u)
        if u[0] < 0.01 * t:
            break
    return np.sum(u)


def _appends(u):
    found = []
    for _ in checkpoint(range(10)):
        u = np.sin(u)
        found.append(u)
    return np.sum(np.array(found))


def _stores(u):
    for _ in checkpoint(range(10)):
        u[0] = np.sin(u[1])
    return np.sum(u)


def _unrolled(u):
    for k in checkpoint((1.0, 2.0)):
        u = u * k
    return np.sum(u)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (_breaks, "may not `break`"),
        (_appends, "append"),
        (_stores, "store into an argument"),
        (_unrolled, "written out one by one"),
    ],
    ids=lambda item: getattr(item, "__name__", ""),
)
def test_what_cannot_be_computed_again_is_refused(function, message):
    with pytest.raises(SrcgradError, match=message) as error:
        grad(function)(U.copy())
    assert error.value.location is not None


def test_the_number_of_steps_must_be_positive():
    def loss(u):
        for _ in checkpoint(range(10), every=0):
            u = np.sin(u)
        return np.sum(u)

    with pytest.raises(ArgumentError, match="every"):
        grad(loss)(U)
    with pytest.raises(ArgumentError, match="every"):
        checkpoint(np.sin, every=3)


def test_without_a_gradient_it_is_the_thing_itself():
    assert list(checkpoint(range(3))) == [0, 1, 2]
    assert checkpoint(layer)(X, WS[0]).tolist() == layer(X, WS[0]).tolist()
    assert checkpoint(math.sqrt)(4.0) == 2.0
