import dataclasses
import math
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from srcgrad import optim
from srcgrad.errors import ArgumentError

FLOATING = [np.float16, np.float32, np.float64, np.complex64, np.complex128]
leaves = (
    st.floats()
    | st.complex_numbers()
    | st.integers()
    | st.booleans()
    | st.text(max_size=5)
    | st.none()
    | hnp.arrays(st.sampled_from([*FLOATING, np.int32, np.bool_]), hnp.array_shapes(min_dims=0))
    | st.floats(width=32).map(np.float32)
)
trees = st.recursive(
    leaves,
    lambda parts: (
        st.lists(parts, max_size=3)
        | st.lists(parts, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=3), parts, max_size=3)
    ),
    max_leaves=8,
)


class Layer(NamedTuple):
    w: np.ndarray
    b: np.ndarray


@dataclasses.dataclass
class Model:
    layers: list
    scale: float


def same(a, b):
    """Are two trees the same, down to types, dtypes, memory order and bits?"""
    if type(a) is not type(b):
        return False
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, (np.ndarray, np.generic)):
        layout = np.shape(a) == np.shape(b) and a.dtype == b.dtype
        return layout and a.tobytes() == b.tobytes()
    if isinstance(a, (float, complex)):
        return np.asarray(a).tobytes() == np.asarray(b).tobytes()
    return a == b


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("checkpoints")


@pytest.mark.slow
@given(trees, st.integers(0, 10**9), st.integers(0, 2**64))
def test_parameters_state_and_generator_come_back_bit_for_bit(folder, params, step, seed):
    path = folder / "run.npz"
    state = optim.OptimizerState(step, optim.Adam().init(params).memory)
    rng = np.random.default_rng(seed)
    optim.save_checkpoint(path, params, state, rng)
    loaded = optim.load_checkpoint(path, params)
    assert same(loaded.params, params)
    assert loaded.state.step == step
    assert same(loaded.state.memory, state.memory)
    assert loaded.rng.bytes(16) == rng.bytes(16)


def training_step(model, state, optimizer, rng):
    """A step whose rounding depends on the memory order of the weights."""
    x = rng.normal(size=(7, 5))
    (layer,) = model.layers
    r = np.tanh(x @ layer.w + layer.b) * model.scale
    grads = Model([Layer((r.T @ x).T, r.sum(axis=0))], float(r.sum()))
    return optimizer.update(model, grads, state)


@pytest.mark.parametrize(
    "optimizer",
    [
        optim.SGD(0.01, momentum=0.9, nesterov=True),
        optim.RMSProp(optim.exponential(0.01, 0.9)),
        optim.AdamW(optim.cosine(0.01, steps=30, warmup=5)),
    ],
    ids=lambda optimizer: type(optimizer).__name__,
)
def test_a_resumed_run_gives_the_bits_of_the_uninterrupted_one(optimizer, tmp_path):
    rng = np.random.default_rng(3)
    start = Model([Layer(np.asfortranarray(rng.normal(size=(5, 4))), np.zeros(4))], 1.0)
    model, state = start, optimizer.init(start)
    for k in range(30):
        if k == 12:
            optim.save_checkpoint(tmp_path / "run.npz", model, state, rng)
        model, state = training_step(model, state, optimizer, rng)
    resumed, state, rng = optim.load_checkpoint(tmp_path / "run.npz", start)
    for _ in range(12, 30):
        resumed, state = training_step(resumed, state, optimizer, rng)
    assert resumed.layers[0].w.tobytes("A") == model.layers[0].w.tobytes("A")
    assert resumed.layers[0].b.tobytes() == model.layers[0].b.tobytes()
    assert resumed.scale == model.scale


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (0, 2, 1)])
def test_the_order_of_axes_in_memory_comes_back(order, tmp_path):
    array = np.arange(24.0).reshape(2, 3, 4).transpose(order)
    optim.save_checkpoint(tmp_path / "run.npz", array, optim.SGD(0.1).init(array))
    loaded = optim.load_checkpoint(tmp_path / "run.npz", array).params
    assert np.array_equal(loaded, array) and loaded.strides == array.strides


@pytest.mark.parametrize("kind", ["PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64"])
def test_every_kind_of_generator_goes_on_and_spawns_as_before(kind, tmp_path):
    rng = np.random.Generator(getattr(np.random, kind)(5))
    rng.normal(size=3)
    rng.spawn(2)
    optim.save_checkpoint(tmp_path / "run.npz", 1.0, optim.SGD(0.1).init(1.0), rng)
    restored = optim.load_checkpoint(tmp_path / "run.npz", 1.0).rng
    assert np.array_equal(restored.integers(0, 9, 50), rng.integers(0, 9, 50))
    assert restored.spawn(1)[0].normal() == rng.spawn(1)[0].normal()


def test_without_a_generator_none_comes_back(tmp_path):
    optim.save_checkpoint(tmp_path / "run.npz", 1.0, optim.SGD(0.1).init(1.0))
    assert optim.load_checkpoint(tmp_path / "run.npz", 2.0).rng is None


def test_a_failed_write_leaves_the_previous_checkpoint_and_no_litter(tmp_path, monkeypatch):
    path = tmp_path / "run.npz"
    state = optim.SGD(0.1).init(1.0)
    optim.save_checkpoint(path, 1.0, state)

    def disk_full(file, **arrays):
        file.write(b"half")
        raise OSError("no space left on device")

    monkeypatch.setattr(np, "savez", disk_full)
    with pytest.raises(OSError, match="no space"):
        optim.save_checkpoint(path, 2.0, state)
    assert optim.load_checkpoint(path, 0.0).params == 1.0
    assert [entry.name for entry in tmp_path.iterdir()] == ["run.npz"]


def test_a_damaged_or_foreign_file_is_refused(tmp_path):
    path = tmp_path / "run.npz"
    optim.save_checkpoint(path, np.ones(100), optim.SGD(0.1).init(np.ones(100)))
    whole = path.read_bytes()
    for content in (b"", b"hello", whole[: len(whole) // 2]):
        path.write_bytes(content)
        with pytest.raises(ArgumentError, match="not a whole srcgrad checkpoint"):
            optim.load_checkpoint(path, np.ones(100))
    with open(path, "wb") as file:
        np.save(file, np.ones(3))
    with pytest.raises(ArgumentError, match="not a whole srcgrad checkpoint"):
        optim.load_checkpoint(path, np.ones(3))
    np.savez(path, w=np.ones(3))
    with pytest.raises(ArgumentError, match="not a whole srcgrad checkpoint"):
        optim.load_checkpoint(path, np.ones(3))
    with pytest.raises(FileNotFoundError):
        optim.load_checkpoint(tmp_path / "none.npz", 1.0)


def test_parameters_of_another_structure_or_shape_are_refused(tmp_path):
    path = tmp_path / "run.npz"
    params = {"w": np.ones(3), "b": 0.0}
    optim.save_checkpoint(path, params, optim.Adam().init(params))
    with pytest.raises(ArgumentError, match=r"not in the file: params\['c'\]\n.*params\['b'\]"):
        optim.load_checkpoint(path, {"w": np.ones(3), "c": 0.0})
    with pytest.raises(ArgumentError, match=r"shape \(3,\) in the checkpoint.*\(4,\)"):
        optim.load_checkpoint(path, {"w": np.ones(4), "b": 0.0})


def test_what_cannot_be_saved_is_refused_by_name(tmp_path):
    for leaf, complaint in ((math.sin, "builtin_function"), (np.array([None]), "Python objects")):
        params = {"f": leaf}
        with pytest.raises(ArgumentError, match=rf"params\['f'\].*{complaint}"):
            optim.save_checkpoint(tmp_path / "run.npz", params, optim.SGD(0.1).init(params))
