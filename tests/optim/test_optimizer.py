"""What all optimisers share: containers, dtypes, refusals, and that nothing is changed in place."""

import dataclasses
from typing import NamedTuple

import numpy as np
import pytest

from srcgrad import optim
from srcgrad.errors import ArgumentError

OPTIMIZERS = [
    optim.SGD(0.1),
    optim.SGD(0.1, momentum=0.9),
    optim.SGD(0.1, momentum=0.9, nesterov=True, weight_decay=0.01),
    optim.RMSProp(0.1),
    optim.Adam(0.1),
    optim.AdamW(0.1),
]
each_optimizer = pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=str)


class Layer(NamedTuple):
    w: np.ndarray
    b: np.ndarray | float


@dataclasses.dataclass
class Model:
    layers: list
    scale: float = 1.0
    activation: str = "tanh"


@dataclasses.dataclass(frozen=True, slots=True)
class Frozen:
    w: np.ndarray


@dataclasses.dataclass
class Drawn:
    """Draws its weights when it is made, as models do."""

    size: int
    w: np.ndarray = dataclasses.field(init=False)

    def __post_init__(self):
        self.w = np.random.default_rng().normal(size=self.size)
        self.note = "not a field"


def model(fill: float) -> Model:
    layers = [Layer(np.full((2, 3), fill), fill), {"w": np.full(3, fill, np.float32), "b": (fill,)}]
    return Model(layers, fill)


def grads_of(params: Model, value: float) -> Model:
    return dataclasses.replace(model(value), activation=None)


@each_optimizer
def test_every_leaf_of_nested_containers_moves_against_its_gradient(optimizer):
    params = model(1.0)
    state = optimizer.init(params)
    for _ in range(3):
        params, state = optimizer.update(params, grads_of(params, 0.5), state)
    first, second = params.layers
    assert isinstance(params, Model) and isinstance(first, Layer)
    assert state.step == 3
    assert params.activation == "tanh"
    for leaf in (first.w, first.b, second["w"], second["b"][0], params.scale):
        assert np.all(np.asarray(leaf) < 1.0)
        assert np.allclose(leaf, params.scale, rtol=1e-5)


@each_optimizer
@pytest.mark.parametrize(
    "leaf",
    [
        1.5,
        1.5 + 0.5j,
        np.float32(1.5),
        np.float64(1.5),
        np.array(1.5, np.float32),
        np.full(3, 1.5, np.float16),
        np.full(3, 1.5, np.float32),
        np.full((2, 0), 1.5),
        np.full(3, 1.5 + 1j, np.complex64),
    ],
    ids=lambda leaf: f"{type(leaf).__name__}-{np.asarray(leaf).dtype}-{np.ndim(leaf)}",
)
def test_kind_and_dtype_of_a_parameter_stay_what_they_were(optimizer, leaf):
    params, state = [leaf], optimizer.init([leaf])
    for _ in range(2):
        params, state = optimizer.update(params, [np.ones(np.shape(leaf))], state)
    (moved,) = params
    assert type(moved) is type(leaf)
    assert np.asarray(moved).dtype == np.asarray(leaf).dtype
    assert np.shape(moved) == np.shape(leaf)
    assert np.all(np.isfinite(moved))


@each_optimizer
def test_update_writes_into_no_array_it_was_given(optimizer):
    params = {"w": np.array([1.0, 2.0])}
    grads = {"w": np.array([0.5, -0.5])}
    params, state = optimizer.update(params, grads, optimizer.init(params))
    held = [params["w"], grads["w"], *(arrays[0] for arrays in state.memory.values())]
    before = [array.copy() for array in held]
    for array in held:
        array.setflags(write=False)
    after, _ = optimizer.update(params, grads, state)
    assert not np.shares_memory(after["w"], params["w"])
    assert all(np.array_equal(a, b) for a, b in zip(held, before, strict=True))


def test_a_schedule_that_returns_numpy_doubles_keeps_float32():
    optimizer = optim.Adam(lambda step: np.float64(0.1))
    params = [np.ones(2, np.float32)]
    params, _ = optimizer.update(params, [np.ones(2)], optimizer.init(params))
    assert params[0].dtype == np.float32


def test_the_schedule_is_asked_with_the_number_of_steps_taken():
    asked = []
    optimizer = optim.SGD(lambda step: asked.append(step) or 0.1)
    params, state = 1.0, optimizer.init(1.0)
    for _ in range(3):
        params, state = optimizer.update(params, 1.0, state)
    assert asked == [0, 1, 2]


def test_frozen_dataclasses_with_slots_are_containers():
    optimizer = optim.SGD(1.0)
    params = Frozen(np.array([1.0]))
    moved, _ = optimizer.update(params, Frozen(np.array([0.25])), optimizer.init(params))
    assert moved.w.tolist() == [0.75] and params.w.tolist() == [1.0]


def test_a_dataclass_is_rebuilt_without_running_its_constructor():
    optimizer = optim.SGD(1.0)
    params = Drawn(2)
    grads = Drawn(2)
    grads.size = None
    moved, _ = optimizer.update(params, grads, optimizer.init(params))
    assert np.array_equal(moved.w, params.w - grads.w)
    assert moved.size == 2 and moved.note == "not a field"


def test_a_parameter_without_gradient_stays_and_so_does_what_is_remembered_of_it():
    optimizer = optim.SGD(0.1, momentum=0.9)
    params = [np.ones(2), 1.0]
    params, state = optimizer.update(params, [np.ones(2), 1.0], optimizer.init(params))
    after, following = optimizer.update(params, [None, 1.0], state)
    assert after[0] is params[0] and after[1] < params[1]
    assert following.memory["velocity"][0] is state.memory["velocity"][0]


def test_dict_keys_stay_in_their_order():
    optimizer = optim.SGD(0.1)
    params = {"b": 1.0, "a": 2.0}
    moved, _ = optimizer.update(params, {"a": 1.0, "b": 0.0}, optimizer.init(params))
    assert list(moved) == ["b", "a"]
    assert moved == {"b": 1.0, "a": 1.9}


@pytest.mark.parametrize(
    ("params", "grads", "message"),
    [
        ({"w": 1.0}, {"v": 1.0}, "structure"),
        ([1.0, 1.0], (1.0, 1.0), "structure"),
        ({"w": np.ones(3)}, {"w": np.ones((1, 3))}, r"params\['w'\].*\(3,\).*\(1, 3\)"),
        ({"w": np.ones(3)}, {"w": 1.0}, r"its shape is \(3,\)"),
        ([np.ones(2)], [np.ones(2) * 1j], "its gradient is complex"),
        ([np.ones(2, int)], [np.ones(2)], "int64, which has no small steps"),
        ([True], [1.0], "bool, which has no small steps"),
        (["tanh"], [1.0], "str, which has no small steps"),
        ([1.0], ["tanh"], "its gradient is of type"),
    ],
    ids=repr,
)
def test_gradients_that_do_not_fit_are_refused(params, grads, message):
    optimizer = optim.Adam()
    with pytest.raises(ArgumentError, match=message):
        optimizer.update(params, grads, optimizer.init(params))


def test_the_state_of_another_optimizer_or_model_is_refused():
    state = optim.Adam().init([1.0])
    with pytest.raises(ArgumentError, match="not one of SGD"):
        optim.SGD(0.1, momentum=0.9).update([1.0], [1.0], state)
    with pytest.raises(ArgumentError, match="made for 1 parameters"):
        optim.Adam().update([1.0, 2.0], [1.0, 1.0], state)
