"""Every mode × every way to say `wrt` × every way to apply it × everything a mode shows."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import srcgrad
from srcgrad.graph import Graph

X, W = np.array([0.4, 1.2]), np.array([[0.3, -0.5], [0.7, 0.2]])
XS = np.array([[0.4, 1.2], [0.1, -0.3], [0.9, 0.5]])


# The functions: of a number for the gradients, of an array for the others


def total(x, w):
    return np.sum(np.tanh(x @ w) ** 2)


def layer(x, w):
    return np.tanh(x @ w)


def total_of_params(params, k):
    (a, b), c = params["ab"], params["c"]
    return np.sum(np.sin(a * b) + c * k)


def square(x, k):
    return x * x * k


PARAMS = {"ab": (X, X + 1.0), "c": 0.5}


class Model:
    """Parameters as attributes."""

    def __init__(self):
        self.w = W.copy()
        self.scale = 1.5

    def total(self, x):
        return self.scale * np.sum(np.tanh(x @ self.w) ** 2)

    def layer(self, x):
        return self.scale * np.tanh(x @ self.w)

    def __call__(self, x):
        return self.total(x)


@dataclass
class Point:
    a: np.ndarray
    b: float


def total_of_point(point, k):
    return np.sum(point.a**2) * point.b * k


def like(tree: Any) -> Any:
    """A direction that is built like an argument: its numbers halved."""
    if isinstance(tree, dict):
        return {key: like(item) for key, item in tree.items()}
    if isinstance(tree, (tuple, list)):
        return type(tree)(map(like, tree))
    if isinstance(tree, (Model, Point)):
        made = copy.copy(tree)
        vars(made).update({name: like(item) for name, item in vars(tree).items()})
        return made
    return 0.5 * tree


def numbers(tree: Any) -> np.ndarray:
    """All numbers of a result, one after the other."""
    if isinstance(tree, dict):
        tree = list(tree.values())
    if isinstance(tree, (tuple, list)):
        return np.concatenate([np.empty(0), *map(numbers, tree)])
    if isinstance(tree, (Model, Point)):
        return numbers(vars(tree))
    return np.empty(0) if tree is None else np.ravel(tree).astype(float)


# The modes, each with how it is called


@dataclass(frozen=True)
class Mode:
    """`scalar` says whether the functions are of one number; `call` how a made function is called.

    `call` takes what the mode made, the arguments and the directions, and gives all numbers.
    """

    name: str
    scalar: bool
    call: Callable[[Any, tuple, Any], Any]
    directed: bool = False

    @property
    def function(self) -> Callable[..., Any]:
        return getattr(srcgrad, self.name)

    def __str__(self) -> str:
        return self.name


def plain(made, args, direction):
    return made(*args)


def with_vector(made, args, direction):
    return made(*args, direction)


def with_tangents(made, args, direction):
    return made(args, direction)


def pulled(made, args, direction):
    value, pullback = made(*args)
    return value, pullback(like(value))


def pushed(made, args, direction):
    value, linear = made(*args)
    tangents = direction if isinstance(direction, tuple) else (direction,)
    return value, linear(*tangents)


MODES = [
    Mode("grad", True, plain),
    Mode("value_and_grad", True, plain),
    Mode("hessian", True, plain),
    Mode("hvp", True, with_vector),
    Mode("vjp", False, pulled),
    Mode("jvp", False, with_tangents),
    Mode("linearize", False, pushed),
    Mode("jacobian", False, plain),
    Mode("value_and_jacobian", False, plain),
]

WRT = [0, "w", -1, ("x", "w"), (1,), ["w", "x"]]


def direction_for(wrt: Any, args: tuple, names: tuple[str, ...]) -> Any:
    def one(item: Any) -> Any:
        return like(args[names.index(item) if isinstance(item, str) else item])

    return tuple(map(one, wrt)) if isinstance(wrt, (tuple, list)) else one(wrt)


@pytest.mark.parametrize("wrt", WRT, ids=str)
@pytest.mark.parametrize("mode", MODES, ids=str)
def test_call_and_decorator_forms_agree(mode, wrt):
    function = total if mode.scalar else layer
    args = (X, W)
    direction = direction_for(wrt, args, ("x", "w"))
    by_call = mode.function(function, wrt=wrt)
    by_decorator = mode.function(wrt=wrt)(function)
    one = numbers(mode.call(by_call, args, direction))
    assert one.size and np.array_equal(one, numbers(mode.call(by_decorator, args, direction)))
    if wrt == 0 and mode.name not in ("vjp", "jvp", "linearize"):
        bare = mode.function(function)
        assert np.array_equal(one, numbers(mode.call(bare, args, direction)))


@pytest.mark.parametrize("wrt", WRT, ids=str)
@pytest.mark.parametrize("mode", MODES, ids=str)
def test_every_mode_agrees_with_the_jacobian_by_differences(mode, wrt):
    function = total if mode.scalar else layer
    args = (X, W)
    direction = direction_for(wrt, args, ("x", "w"))
    found = mode.call(mode.function(function, wrt=wrt), args, direction)
    assert np.allclose(numbers(found), numbers(expected(mode, function, args, wrt)), atol=1e-6)


def expected(mode: Mode, function: Any, args: tuple, wrt: Any) -> Any:
    """The result of a mode from differences of the function."""
    wanted = wrt if isinstance(wrt, (tuple, list)) else (wrt,)
    places = [("x", "w").index(p) if isinstance(p, str) else p % 2 for p in wanted]
    value = function(*args)

    def moved(place: int, direction: np.ndarray, step: float) -> Any:
        return [a + step * direction if k == place else a for k, a in enumerate(args)]

    def slope(f: Any, place: int, direction: np.ndarray, step: float = 1e-4) -> Any:
        ends = [np.asarray(f(*moved(place, direction, s * step))) for s in (1, -1, 2, -2)]
        return (8 * (ends[0] - ends[1]) - (ends[2] - ends[3])) / (12 * step)

    def jacobian_of(f: Any, place: int) -> np.ndarray:
        shape = args[place].shape
        units = np.eye(args[place].size).reshape(-1, *shape)
        columns = [slope(f, place, unit) for unit in units]
        return np.stack(columns, axis=-1).reshape(np.shape(columns[0]) + shape)

    blocks = [jacobian_of(function, place) for place in places]
    tangent = sum(slope(function, place, 0.5 * args[place]) for place in places)
    if mode.name in ("grad", "jacobian"):
        return blocks
    if mode.name in ("value_and_grad", "value_and_jacobian"):
        return value, blocks
    if mode.name in ("jvp", "linearize"):
        return value, tangent
    if mode.name == "vjp":
        cotangent = 0.5 * np.asarray(value)
        return value, [np.tensordot(cotangent, block, cotangent.ndim) for block in blocks]
    gradients = [(lambda *a, p=place: srcgrad.grad(function, wrt=p)(*a)) for place in places]
    if mode.name == "hessian":
        return [[jacobian_of(g, place) for place in places] for g in gradients]
    return [sum(slope(g, place, 0.5 * args[place]) for place in places) for g in gradients]


@pytest.mark.parametrize(
    ("function", "args"),
    [(total_of_params, (PARAMS, 2.0)), (total_of_point, (Point(X, 0.7), 2.0))],
    ids=["containers", "dataclass"],
)
@pytest.mark.parametrize("mode", MODES, ids=str)
def test_containers_keep_their_structure(mode, function, args):
    found = mode.call(mode.function(function, wrt=0), args, like(args[0]))
    again = mode.call(mode.function(wrt=(0,))(function), args, (like(args[0]),))
    assert numbers(found).size and np.allclose(numbers(found), numbers(again))
    if mode.name == "grad":
        assert type(found) is type(args[0])


@pytest.mark.parametrize("wrt", ["self", 0, "x", ("self", "x")], ids=str)
@pytest.mark.parametrize("mode", MODES, ids=str)
def test_bound_methods(mode, wrt):
    model = Model()
    method = model.total if mode.scalar else model.layer
    free = Model.total if mode.scalar else Model.layer
    by_name = {"self": model, "x": X, 0: X}
    direction = (
        tuple(like(by_name[p]) for p in wrt) if isinstance(wrt, tuple) else like(by_name[wrt])
    )
    of_free = {"self": "self", 0: 1, "x": "x", ("self", "x"): ("self", "x")}[wrt]
    bound = mode.call(mode.function(method, wrt=wrt), (X,), direction)
    unbound = mode.call(mode.function(free, wrt=of_free), (model, X), direction)
    assert numbers(bound).size and np.allclose(numbers(bound), numbers(unbound))
    if mode.scalar:
        called = mode.call(mode.function(model, wrt=wrt), (X,), direction)
        assert np.allclose(numbers(called), numbers(bound))


@pytest.mark.parametrize("mode", MODES, ids=str)
def test_decorated_methods(mode):
    class Decorated(Model):
        @mode.function(wrt="x")
        def found(self, x):
            return self.total(x) if mode.scalar else self.layer(x)

    model = Decorated()
    method = model.total if mode.scalar else model.layer
    by_call = mode.call(mode.function(method, wrt="x"), (X,), like(X))
    assert np.allclose(numbers(mode.call(model.found, (X,), like(X))), numbers(by_call))


@pytest.mark.parametrize("mode", MODES, ids=str)
def test_what_a_mode_shows(mode, tmp_path):
    function = total if mode.scalar else layer
    args, direction = (X, W), like(X)
    made = mode.function(function, wrt=0)
    result = numbers(mode.call(made, args, direction))
    assert f"def {function.__name__}" in made.source and isinstance(made.graph, Graph)
    assert function.__name__ in repr(made) and made.__name__ == function.__name__
    assert made.cache_info().compilations == 1
    mode.call(made, args, direction)
    assert made.cache_info().compilations == 1
    again = pickle.loads(pickle.dumps(made))
    assert np.array_equal(numbers(mode.call(again, args, direction)), result)
    assert np.array_equal(numbers(mode.call(copy.deepcopy(made), args, direction)), result)
    path = tmp_path / "exported.py"
    (made.specializations[0]).export(path)
    assert "import srcgrad" not in path.read_text()
    compile(path.read_text(), str(path), "exec")


@pytest.mark.parametrize("wrt", ["w", ("b", "w"), 0, ["w"]], ids=str)
def test_samples(wrt, tmp_path):
    def loss(w, b, x):
        return np.sum(np.tanh(x @ w + b) ** 2)

    b = np.array([0.1, -0.2])
    made = srcgrad.per_example(loss, wrt=wrt, batched="x")
    found = made(W, b, XS)
    decorated = srcgrad.per_example(wrt=wrt, batched="x")(loss)
    assert np.array_equal(numbers(found), numbers(decorated(W, b, XS)))
    rows = [srcgrad.grad(loss, wrt=wrt)(W, b, x) for x in XS]
    parts = zip(*rows) if isinstance(wrt, (tuple, list)) else [rows]
    assert np.allclose(numbers(found), numbers([np.stack(part) for part in parts]))
    made.specializations[0].export(tmp_path / "samples.py")
    assert isinstance(made.graph, Graph) and "def loss_per_example" in made.source


@pytest.mark.parametrize("wrt", [0, "k", (0, "k")], ids=str)
def test_elementwise(wrt):
    made = srcgrad.elementwise_grad(square, wrt=wrt)
    x, k = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    rows = {0: 2 * x * k, "k": x * x, (0, "k"): (2 * x * k, x * x)}
    assert np.allclose(numbers(made(x, k)), numbers(rows[wrt]))
    assert np.allclose(numbers(srcgrad.elementwise_grad(wrt=wrt)(square)(x, k)), numbers(rows[wrt]))
    assert np.array_equal(numbers(pickle.loads(pickle.dumps(made))(x, k)), numbers(made(x, k)))


@pytest.mark.parametrize("wrt", [0, "w", ("x", "w")], ids=str)
def test_check_grads_takes_wrt(wrt):
    srcgrad.check_grads(layer, (X, W), order=1, wrt=wrt)
    srcgrad.check_grads(Model().layer, (X,), order=1)
