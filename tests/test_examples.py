"""The examples run, draw their pictures, and find what they set out to find."""

from __future__ import annotations

import importlib.util
import re
import sys
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

for needed in ("matplotlib", "scipy", "sklearn", "tqdm", "optree"):
    pytest.importorskip(needed)

EXAMPLES = Path(__file__).parent.parent / "examples"
PICTURES = {
    "linear_neuron": {"linear_neuron.png"},
    "linear_network": {"linear_network.png"},
    "nonlinear_network": {"nonlinear_network.png"},
    "chain_rule": {"chain_rule.png"},
    "relu_network": {"relu_network.png"},
    "layers": {"layers.png"},
    "digits": {"digits_learning.png", "digits_confusion.png", "digits_mistakes.png"},
    "scipy_minimize": {"scipy_minimize.png"},
    "newton": set(),
    "trust_region": set(),
    "hamiltonian": set(),
    "pendulum": set(),
    "physics_informed": set(),
    "private_training": set(),
}
EMITTED = r"^def \w+_(value_and_grad|grad|hessian|hvp|per_example)\("
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"

Load = Callable[[str], ModuleType]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Import an example by name; what it draws goes into a folder of the test."""

    def load_example(name: str) -> ModuleType:
        spec = importlib.util.spec_from_file_location(f"examples_{name}", EXAMPLES / f"{name}.py")
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, spec.name, module)
        spec.loader.exec_module(module)
        monkeypatch.setattr(module, "OUTPUT", tmp_path / "output", raising=False)
        return module

    return load_example


def test_each_example_is_listed_here():
    assert {path.stem for path in EXAMPLES.glob("*.py")} == set(PICTURES)


@pytest.mark.parametrize("name", PICTURES)
def test_the_short_form_shows_its_gradient_and_draws_its_pictures(name, load, capsys, tmp_path):
    load(name).main(["--short"])
    assert re.search(EMITTED, capsys.readouterr().out, re.MULTILINE)
    drawn = {path.name: path.read_bytes() for path in (tmp_path / "output").glob("*.png")}
    assert set(drawn) == PICTURES[name]
    assert all(content.startswith(PNG_SIGNATURE) for content in drawn.values())


# Gradients against numerical differences


def moved(tree: Any, directions: Iterator[np.ndarray], step: float) -> Any:
    """The parameters, each leaf moved by a step along its direction."""
    if isinstance(tree, (list, tuple)):
        return type(tree)(moved(item, directions, step) for item in tree)
    change = step * next(directions)
    return tree + change if isinstance(tree, np.ndarray) else float(tree + change)


def leaves(tree: Any) -> list[Any]:
    if isinstance(tree, (list, tuple)):
        return [leaf for item in tree for leaf in leaves(item)]
    return [tree]


def check_gradient(primal: Callable[[Any], float], params: Any, grads: Any) -> None:
    """Along random directions, the gradient gives the numerical derivative."""
    rng = np.random.default_rng(5)
    step = 1e-5
    for _ in range(5):
        directions = [rng.normal(size=np.shape(leaf)) for leaf in leaves(params)]
        ahead = primal(moved(params, iter(directions), step))
        behind = primal(moved(params, iter(directions), -step))
        slope = sum(np.sum(g * d) for g, d in zip(leaves(grads), directions, strict=True))
        assert np.isclose(slope, (ahead - behind) / (2 * step), rtol=1e-6, atol=1e-8)


def same_kinds(params: Any, grads: Any) -> bool:
    """Does the gradient have the structure, shapes and dtypes of the parameters?"""
    if isinstance(params, (list, tuple)):
        return type(params) is type(grads) and all(map(same_kinds, params, grads))
    if isinstance(params, np.ndarray):
        return params.shape == grads.shape and params.dtype == grads.dtype
    return type(params) is type(grads)


def test_the_gradient_of_the_linear_neuron_matches_differences(load):
    example = load("linear_neuron")
    x, y = example.make_points(20, np.random.default_rng(0))
    _, grads = example.loss(0.3, -0.7, x, y)
    assert same_kinds((0.3, -0.7), grads)
    check_gradient(lambda p: example.loss.primal(*p, x, y), (0.3, -0.7), grads)


def test_the_gradient_of_the_linear_network_matches_differences(load):
    example = load("linear_network")
    rng = np.random.default_rng(0)
    x, y = example.make_points(20, rng)
    params = example.start(rng)
    value, grads = example.loss(params, x, y)
    assert value == example.loss.primal(params, x, y)
    assert same_kinds(params, grads)
    check_gradient(lambda p: example.loss.primal(p, x, y), params, grads)


@pytest.mark.parametrize("name", ["none", "relu", "sigmoid", "softplus", "tanh"])
def test_the_gradient_with_each_activation_matches_differences(name, load):
    example = load("nonlinear_network")
    activation = example.ACTIVATIONS[name]
    rng = np.random.default_rng(0)
    x, y = example.make_points(20, rng)
    params = example.start(rng)
    value, grads = example.loss(params, x, y, activation)
    assert value == example.loss.primal(params, x, y, activation)
    assert same_kinds(params, grads)
    check_gradient(lambda p: example.loss.primal(p, x, y, activation), params, grads)


@pytest.mark.parametrize("form", ["loss_of_neurons", "loss_of_matrices"])
def test_the_gradient_of_the_relu_network_matches_differences(form, load):
    example = load("relu_network")
    x, labels = example.make_points(20, seed=0)
    params = example.start(np.random.default_rng(0))
    function = getattr(example, form)
    value, grads = function(params, x, labels)
    assert np.isclose(value, function.primal(params, x, labels), rtol=1e-14)
    assert same_kinds(params, grads)
    check_gradient(lambda p: function.primal(p, x, labels), params, grads)


def test_the_gradient_of_the_digits_matches_differences(load):
    example = load("digits")
    digits, _, _ = example.load(0)
    params = example.start(np.random.default_rng(0))
    x, labels = digits.x[:20], digits.labels[:20]
    value, grads = example.loss(params, x, labels)
    assert value == example.loss.primal(params, x, labels)
    assert same_kinds(params, grads)
    check_gradient(lambda p: example.loss.primal(p, x, labels), params, grads)


def test_the_gradient_of_the_layers_is_a_model_and_matches_differences(load):
    example = load("layers")
    (x, labels), _ = example.load(0)
    x, labels = x[:20], labels[:20]
    model = example.start(np.random.default_rng(0))
    value, gradient = example.loss(model, x, labels)
    assert type(gradient) is type(model)
    assert list(map(type, gradient.layers)) == list(map(type, model.layers))
    assert value == model.loss(x, labels)
    assert model.batches_seen == 2

    def parameters(of):
        return [(layer.w, layer.b) for layer in of.linear_layers()]

    def at(params):
        moved_model = example.start(np.random.default_rng(0))
        for layer, (w, b) in zip(moved_model.linear_layers(), params, strict=True):
            layer.w, layer.b = w, b
        return moved_model.loss(x, labels)

    assert same_kinds(parameters(model), parameters(gradient))
    check_gradient(at, parameters(model), parameters(gradient))


def test_the_gradient_of_the_logistic_regression_matches_differences(load):
    example = load("scipy_minimize")
    x, signs, *_ = example.load()
    theta = np.random.default_rng(0).normal(size=x.shape[1] + 1)
    value, grads = example.loss(theta, x, signs)
    assert value == example.loss.primal(theta, x, signs)
    assert same_kinds(theta, grads)
    check_gradient(lambda t: example.loss.primal(t, x, signs), theta, grads)


# What they find


def test_the_neuron_ends_where_least_squares_ends(load):
    example = load("linear_neuron")
    x, y = example.make_points(100, np.random.default_rng(0))
    slope, intercept, _ = example.descend(x, y, 200)[-1]
    assert np.allclose((slope, intercept), np.polyfit(x, y, 1), atol=1e-6)
    assert np.allclose((slope, intercept), (2.5, -1.0), atol=0.1)


def test_the_linear_network_multiplies_out_to_the_target(load):
    example = load("linear_network")
    rng = np.random.default_rng(1)
    x, y = example.make_points(200, rng)
    params, _, coefficients = example.descend(example.start(rng), x, y, 200)
    design = np.column_stack([x, np.ones(len(x))])
    least_squares = np.linalg.lstsq(design, y)[0]
    assert np.allclose(coefficients[-1], least_squares, atol=1e-3)
    assert np.allclose(coefficients[-1], (3.0, -2.0, 1.0), atol=0.05)
    assert np.allclose(example.network(params, x), design @ example.multiplied_out(params))


def test_only_networks_with_an_activation_bend(load):
    example = load("nonlinear_network")
    x, y = example.make_points(150, np.random.default_rng(0))
    straight = np.mean((np.polyval(np.polyfit(x, y, 1), x) - y) ** 2)
    ends = {}
    for name, activation in example.ACTIVATIONS.items():
        params = example.start(np.random.default_rng(1))
        _, losses = example.train(params, x, y, activation, 500, name)
        ends[name] = losses[-1]
    assert np.isclose(ends.pop("none"), straight, rtol=1e-3)
    assert all(end < 0.1 * straight for end in ends.values())


def test_the_chain_rule_gives_the_same_by_hand_along_the_graph_and_in_the_emitted_code(load):
    example = load("chain_rule")
    for lesson in example.LESSONS:
        value, gradient = lesson.function(*lesson.point)
        graph = lesson.function.graph
        numbers = example.forward(graph, lesson.point)
        adjoints, _ = example.backward(graph, numbers)
        assert numbers[example.forward_steps(graph)[-1].result] == value
        assert gradient == lesson.worked(*lesson.point)
        assert gradient == tuple(adjoints[value] for value in graph.inputs)
        primal = lesson.function.primal
        check_gradient(lambda point, primal=primal: primal(*point), lesson.point, gradient)


def test_the_slope_of_the_quadratic_at_two_is_sixteen(load):
    assert load("chain_rule").quadratic(2.0) == (20.0, (16.0,))


def test_the_forward_order_is_topological(load):
    example = load("chain_rule")
    for lesson in example.LESSONS:
        graph = lesson.function.lower(*lesson.point).graph
        known = set(graph.inputs)
        for step in example.forward_steps(graph):
            operands = [v for v in step.operands if not isinstance(v, example.Literal)]
            assert known.issuperset(operands)
            known.add(step.result)


def test_neurons_and_matrices_agree_before_and_after_training(load):
    example = load("relu_network")
    x, labels = example.make_points(200, seed=0)
    params = example.start(np.random.default_rng(0))
    assert [weights.shape[0] for weights, _ in params[:-1]] == [32] * 5
    assert max(example.compare(params, x, labels)) < 1e-10
    params, losses, rates = example.train(params, x, labels, 40, np.random.default_rng(0))
    assert max(example.compare(params, x, labels)) < 1e-10
    assert losses[-1] < 0.5 * losses[0]
    assert all(later < earlier for earlier, later in pairwise(rates))


def test_scipy_finds_the_minimum_that_scikit_learn_finds(load, capsys):
    load("scipy_minimize").main([])
    output = capsys.readouterr().out
    assert float(re.search(r"difference from scikit-learn: (\S+)", output).group(1)) < 1e-4
    evaluations = {
        name: int(re.search(rf"^{name} +\d+ +(\d+)", output, re.MULTILINE).group(1))
        for name in ("srcgrad", "numeric")
    }
    assert evaluations["srcgrad"] < evaluations["numeric"] / 10
    assert accuracy_in(output) > 0.93


def accuracy_in(output: str) -> float:
    return float(re.search(r"^test accuracy: (\S+)$", output, re.MULTILINE).group(1))


@pytest.mark.parametrize("name", ["digits", "layers"])
def test_a_short_training_reads_most_digits(name, load, capsys):
    load(name).main(["--short"])
    output = capsys.readouterr().out
    assert accuracy_in(output) > 0.95
    assert output.rstrip().split("\n")[-1].startswith("test accuracy: ")


def test_one_compilation_serves_the_last_smaller_batch_too(load):
    example = load("digits")
    digits, _, _ = example.load(0)
    sizes = {len(x) for x, _ in example.batches(digits, np.random.default_rng(0))}
    assert len(sizes) == 2
    params = example.start(np.random.default_rng(0))
    for size in sizes:
        example.loss(params, digits.x[:size], digits.labels[:size])
    assert example.loss.cache_info().compilations == 1


def test_newtons_method_ends_where_the_gradient_is_zero(load):
    example = load("newton")
    x, signs = example.load()
    theta, history = example.newton(np.zeros(x.shape[1] + 1), x, signs, 9)
    lengths = [length for _, length in history]
    assert lengths[-1] < 1e-12 and lengths[6] < 20.0 * lengths[5] ** 2
    assert np.linalg.eigvalsh(example.curvature(theta, x, signs))[0] > 0.0


def test_products_with_the_hessian_are_those_of_the_hessian(load):
    example = load("trust_region")
    (x, targets), _ = example.load(1700)
    theta = np.random.default_rng(0).normal(size=650)
    v = np.random.default_rng(1).normal(size=650)
    step = 1e-5
    ends = [example.loss(theta + s * step * v, x, targets)[1] for s in (1.0, -1.0)]
    product = example.product(theta, x, targets, v)
    assert np.allclose(product, (ends[0] - ends[1]) / (2 * step), atol=1e-8)
    result, asked = example.fit(x, targets)
    assert np.abs(result.jac).max() < 1e-8 and asked < 300


def test_the_midpoint_rule_keeps_the_energy(load):
    example = load("hamiltonian")
    state = np.array([1.5, 1.0, 0.0, 0.0])
    energies, _ = example.simulate(example.midpoint_step, state, 0.01, 300)
    assert np.abs(energies - energies[0]).max() < 0.02
    first = example.midpoint_step(state, 0.01)
    assert np.abs(example.residual(first, state, 0.01)).max() < 1e-14


def test_the_pendulum_is_found(load, capsys):
    load("pendulum").main(["--short"])
    output = capsys.readouterr().out
    assert abs(float(re.search(r"^length +(\d\S+)", output, re.MULTILINE).group(1)) - 1.3) < 1e-3
    assert abs(float(re.search(r"^friction (\d\S+)", output, re.MULTILINE).group(1)) - 0.15) < 1e-3


def test_the_physics_informed_loss_matches_differences(load):
    example = load("physics_informed")
    rng = np.random.default_rng(0)
    times = np.linspace(0.0, 3.0, 5)
    args = times, example.motion(times), np.linspace(0.0, 9.0, 7)
    params = example.start(rng)
    value, grads = example.loss(params, *args)
    assert np.isclose(value, example.loss.primal(params, *args))
    assert same_kinds(params, grads)
    check_gradient(lambda p: example.loss.primal(p, *args), params, grads)


def test_clipped_gradients_are_no_longer_than_allowed(load):
    example = load("private_training")
    rng = np.random.default_rng(0)
    (x, signs), test = example.load(rng, wrong=20)
    params = example.start(rng, x.shape[1])
    found = example.gradients(params, x[:7], signs[:7])
    assert [[g.shape[0] for g in layer] for layer in found] == [[7, 7], [7, 7]]
    before = example.accuracy(params, *test)
    for _ in range(40):
        chosen = rng.permutation(len(x))[:50]
        params, _ = example.private_step(params, x[chosen], signs[chosen], 4.0, rng)
    assert example.accuracy(params, *test) > max(0.9, before)


@pytest.mark.slow
def test_training_reads_97_percent_of_the_test_digits_in_under_a_minute(load, capsys):
    example = load("digits")
    began = time.perf_counter()
    example.main([])
    assert time.perf_counter() - began < 60.0
    assert accuracy_in(capsys.readouterr().out) >= 0.97
