"""Model objects as what is differentiated with respect to; methods; guards on objects."""

import copy
import itertools
import pickle
from contextlib import nullcontext

import numpy as np
import pytest

import srcgrad
from tests.differences import gradients


class Layer:
    def __init__(self, n, m, seed=0):
        self.w = np.random.default_rng(seed).normal(size=(n, m))
        self.b = np.zeros(m)
        self.size = m
        self.name = "layer"

    def __call__(self, x):
        return np.tanh(x @ self.w + self.b)


class Model:
    def __init__(self):
        self.layers = [Layer(3, 4), Layer(4, 2, seed=1)]
        self.decay = 0.1
        self.power = 2
        self.calls = 0

    def loss(self, x, y):
        for layer in self.layers:
            x = layer(x)
        return np.mean((x - y) ** self.power) + self.decay * np.sum(self.layers[0].w ** 2)

    @srcgrad.value_and_grad
    def step(self, x, y):
        self.calls += 1
        return self.loss(x, y)

    @staticmethod
    @srcgrad.grad
    def square(x):
        return x * x

    @classmethod
    @srcgrad.grad(wrt="x")
    def scaled(cls, x):
        return x * len(cls.__name__)

    def __call__(self, x):
        return np.sum(self.layers[0](x) ** 2)


def loss(model, x, y):
    return model.loss(x, y)


X, Y = np.ones((5, 3)), np.zeros((5, 2))


def test_the_gradient_of_a_model_is_a_model():
    model = Model()
    gradient = srcgrad.grad(loss)(model, X, Y)
    (expected,) = gradients(loss, (model, X, Y), (0,))
    assert type(gradient) is Model
    assert list(vars(gradient)) == list(vars(model))
    assert gradient.power is None and gradient.layers[0].name is None
    np.testing.assert_allclose(gradient.decay, expected.decay, rtol=1e-7)
    for ours, theirs in zip(gradient.layers, expected.layers, strict=True):
        np.testing.assert_allclose(ours.w, theirs.w, rtol=1e-7)
        np.testing.assert_allclose(ours.b, theirs.b, rtol=1e-7)


def test_a_method_has_the_gradient_of_the_function():
    model = Model()
    expected = srcgrad.grad(loss)(model, X, Y)
    method = srcgrad.grad(model.loss, wrt="self")
    assert np.array_equal(method(X, Y).layers[0].w, expected.layers[0].w)
    assert "self" not in method.__signature__.parameters
    assert method.lower(X, Y).source == method.source
    assert method.cache_info().compilations == 1


def test_wrt_of_a_method_counts_what_a_call_takes():
    model = Model()
    by_function = srcgrad.grad(loss, wrt=1)(model, X, Y)
    assert np.array_equal(srcgrad.grad(model.loss)(X, Y), by_function)
    both = srcgrad.grad(model.loss, wrt=("self", "y"))(X, Y)
    assert type(both[0]) is Model and both[1].shape == Y.shape
    with pytest.raises(srcgrad.ArgumentError, match="say wrt='self'"):
        srcgrad.grad(model.loss, wrt=7)


def test_an_instance_that_can_be_called_has_a_gradient():
    model = Model()
    assert srcgrad.grad(model)(X).shape == X.shape
    assert srcgrad.grad(model, wrt="self")(X).layers[1].w.any() == np.False_


def test_decorated_methods_of_each_kind():
    model = Model()
    value, gradient = model.step(X, Y)
    assert value == model.loss(X, Y) and model.calls == 1
    assert np.array_equal(gradient.layers[1].w, srcgrad.grad(loss)(model, X, Y).layers[1].w)
    assert Model.step.cache_info().compilations == 1
    assert Model.square(3.0) == model.square(3.0) == 6.0
    assert Model.scaled(1.0) == model.scaled(1.0) == 5.0


def test_instances_share_what_has_been_compiled():
    first, second = Model(), Model()
    first.step(X, Y)
    before = Model.step.cache_info().compilations
    second.step(X, Y)
    assert Model.step.cache_info().compilations == before


class Tied:
    def __init__(self):
        self.encoder = Layer(3, 3)
        self.decoder = self.encoder

    def loss(self, x):
        return np.sum(self.decoder(self.encoder(x)) ** 2)


def test_an_object_at_two_places_has_one_gradient():
    tied = Tied()
    gradient = srcgrad.grad(tied.loss, wrt="self")(X)
    assert gradient.encoder is gradient.decoder

    def with_weights(w):
        layer = copy.copy(tied.encoder)
        layer.w = w
        return np.sum(layer(layer(X)) ** 2)

    np.testing.assert_allclose(gradient.encoder.w, srcgrad.grad(with_weights)(tied.encoder.w))


def test_objects_that_are_no_longer_the_same_get_code_of_their_own():
    gradient = srcgrad.grad(Tied.loss)
    tied, apart = Tied(), Tied()
    apart.decoder = copy.deepcopy(apart.encoder)
    one = gradient(tied, X)
    assert one.encoder is one.decoder
    found = gradient(apart, X)
    assert found.encoder is not found.decoder
    total = found.encoder.w + found.decoder.w
    np.testing.assert_allclose(total, gradient(tied, X).encoder.w)


def test_another_attribute_value_gets_the_right_code():
    gradient = srcgrad.grad(loss)
    model = Model()

    def agrees():
        found, (expected,) = gradient(model, X, Y), gradients(loss, (model, X, Y), (0,))
        np.testing.assert_allclose(found.layers[0].w, expected.layers[0].w, rtol=1e-6, atol=1e-9)

    agrees()
    model.power = 4
    agrees()
    model.layers.append(Layer(2, 2, seed=3))
    agrees()
    model.decay = np.float32(0.5)
    agrees()


def test_a_method_defined_anew_gets_new_code():
    class Scale:
        factor = 2.0

        def of(self, x):
            return self.factor * x

    scale = Scale()
    gradient = srcgrad.grad(lambda x: scale.of(x))
    assert gradient(1.0) == 2.0
    Scale.of = lambda self, x: self.factor * x**3
    assert gradient(1.0) == 6.0
    scale.factor = 5.0
    assert gradient(1.0) == 15.0
    scale.of = lambda x: 7.0 * x
    assert gradient(1.0) == 7.0


def test_an_object_put_away_and_given_back_is_the_callers_own():
    model = Model()

    def kept(model, x):
        model.latest = x
        return np.sum(x * model.decay), model

    (_, same), _ = srcgrad.value_and_grad(kept, wrt=1, has_aux=True)(model, X)
    assert same is model and model.latest is X


class Raising:
    def __init__(self):
        self.count, self.log = 0, []

    def loss(self, x):
        self.count += 1
        self.log.append(x)
        if x > 1:
            raise ValueError("too large")
        self.count += 1
        return x * x


def test_what_was_changed_before_an_exception_stays_changed():
    ours, plain = Raising(), Raising()
    gradient = srcgrad.grad(ours.loss)
    for x in (0.5, 2.0):
        for call in (gradient, plain.loss):
            with pytest.raises(ValueError, match="too large") if x > 1 else nullcontext():
                call(x)
        assert vars(ours) == vars(plain)


def test_a_list_that_grows_does_not_compile_again():
    ours = Raising()
    gradient = srcgrad.grad(ours.loss)
    for _ in range(5):
        gradient(0.5)
    assert len(ours.log) == 5 and gradient.cache_info().compilations == 1


def test_one_list_under_two_names_is_refused_where_it_changes():
    def two(a, b, x):
        a.append(x)
        return x * len(b)

    gradient = srcgrad.grad(two, wrt="x")
    assert gradient([], [1.0], 2.0) == 1.0
    same = [1.0]
    with pytest.raises(srcgrad.UnsupportedError, match="same object"):
        gradient(same, same, 2.0)
    assert same == [1.0]


def test_arrays_that_the_caller_gets_are_apart_however_alike():
    def put(layer, x):
        layer.h = np.zeros(len(x))
        layer.c = np.zeros(len(x))
        layer.column = np.zeros(len(x)).reshape(-1, 1)
        layer.row = np.zeros(len(x)).reshape(1, -1)
        layer.pair = [x * 2, {"twice": x * 2}]
        layer.part = (x * 2)[1:]
        return np.sum(x * x)

    layer = Layer(2, 2)
    srcgrad.grad(put, wrt="x")(layer, np.ones(3))
    kept = [layer.h, layer.c, layer.column, layer.row, layer.pair[0], layer.pair[1]["twice"]]
    kept.append(layer.part)
    assert not any(np.shares_memory(a, b) for a, b in itertools.combinations(kept, 2))


def test_many_lists_that_grow_are_told_apart_by_one_guard():
    def three(a, b, c, x):
        a.append(x)
        return x * len(b) * len(c)

    gradient = srcgrad.grad(three, wrt="x")
    shared = [1.0]
    assert gradient([], shared, [1.0, 2.0], 3.0) == 2.0
    assert gradient([], shared, shared, 3.0) == 1.0
    for same in ((shared, shared, [1.0]), (shared, [1.0], shared)):
        with pytest.raises(srcgrad.UnsupportedError, match="same object"):
            gradient(*same, 3.0)
    assert shared == [1.0]


def test_guards_grow_with_the_number_of_layers_and_not_with_its_square():
    def conditions(count):
        model = Raising()
        model.parts = [Layer(2, 2) for _ in range(count)]

        def total(model, x):
            for part in model.parts:
                part.seen = x
            return x * len(model.parts)

        return len(srcgrad.grad(total, wrt="x").lower(model, 2.0).selector.conditions)

    assert conditions(60) - conditions(40) == conditions(40) - conditions(20)


def test_gradients_of_methods_can_be_copied_and_pickled():
    model = Model()
    method = srcgrad.grad(model.loss, wrt="self")
    assert np.array_equal(copy.deepcopy(method)(X, Y).layers[0].b, method(X, Y).layers[0].b)
    again = pickle.loads(pickle.dumps(srcgrad.grad(Model().loss)))
    assert again(X, Y).shape == X.shape


def test_a_getattribute_of_its_own_is_refused():
    class Odd:
        def __getattribute__(self, name):
            return 1.0

    with pytest.raises(srcgrad.UnsupportedError, match="__getattribute__"):
        srcgrad.grad(lambda x, odd: x * odd.w)(1.0, Odd())
