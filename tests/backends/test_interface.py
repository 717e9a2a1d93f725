"""Parameters are taken apart and results put together as the interface says."""

import inspect
from collections import namedtuple
from dataclasses import dataclass

import pytest

from srcgrad.backends import emit, load
from srcgrad.errors import UnsupportedError
from srcgrad.graph import (
    FLOAT,
    Entries,
    Fields,
    Graph,
    Interface,
    Items,
    Leaf,
    Node,
    Parameter,
    Passive,
    Value,
    literal,
)

Pair = namedtuple("Pair", "w b")


@dataclass
class Layer:
    w: float
    b: float


def _product(names: tuple[str, ...] = ("w", "b")) -> tuple[Graph, Value, Value, Value]:
    w, b = (Value(FLOAT, name) for name in names)
    y = Value(FLOAT)
    graph = Graph("product", (w, b), (Node("multiply", (w, b), (y,)),), (y, b, w))
    return graph, w, b, y


def _emitted(parameters, result, names=("w", "b")):
    graph, w, b, y = _product(names)
    return emit(graph, Interface(parameters(w, b), result(w, b, y)), "product")


def test_nested_lists_are_taken_apart_by_one_assignment():
    made = _emitted(
        lambda w, b: (
            Parameter("params", Items(list, (Items(tuple, (Leaf(w), Leaf(b))), Passive()))),
        ),
        lambda w, b, y: Items(
            tuple, (Leaf(y), Items(list, (Items(tuple, (Leaf(b), Leaf(w))), Passive(None))))
        ),
    )
    assert made.source == (
        "def product(params):\n    (w, b), _ = params\n    return w * b, [(b, w), None]\n"
    )
    assert load(made)([(2.0, 3.0), "x"]) == (6.0, [(3.0, 2.0), None])


def test_dicts_are_taken_apart_by_key_and_put_together():
    made = _emitted(
        lambda w, b: (Parameter("p", Entries(("w", "b"), (Leaf(w), Leaf(b)))),),
        lambda w, b, y: Items(tuple, (Leaf(y), Entries(("w", "b"), (Leaf(b), Leaf(w))))),
    )
    assert made.source == (
        'def product(p):\n    w = p["w"]\n    b = p["b"]\n    return w * b, {"w": b, "b": w}\n'
    )


def test_a_named_tuple_is_built_after_the_argument():
    made = _emitted(
        lambda w, b: (Parameter("p", Fields(Pair, ("w", "b"), (Leaf(w), Leaf(b)))),),
        lambda w, b, y: Fields(Pair, ("w", "b"), (Leaf(b), Leaf(w)), "p"),
    )
    assert load(made)(Pair(2.0, 3.0)) == Pair(3.0, 2.0)
    assert "return p._replace(w=b, b=w)" in made.source


def test_a_dataclass_is_built_with_the_type_of_the_argument():
    made = _emitted(
        lambda w, b: (Parameter("p", Fields(Layer, ("w", "b"), (Leaf(w), Leaf(b)))),),
        lambda w, b, y: Fields(Layer, ("w", "b"), (Leaf(b), Leaf(w)), "p"),
    )
    assert load(made)(Layer(2.0, 3.0)) == Layer(3.0, 2.0)
    assert "return type(p)(w=b, b=w)" in made.source


def test_captured_variables_become_keyword_only_parameters():
    made = _emitted(
        lambda w, b: (Parameter("w", Leaf(w)), Parameter("b", Leaf(b), captured=True)),
        lambda w, b, y: Leaf(y),
    )
    assert made.source.startswith("def product(w, *, b):\n")
    assert load(made)(2.0, b=4.0) == 8.0


def test_kinds_and_defaults_are_those_of_the_user():
    made = _emitted(
        lambda w, b: (
            Parameter("w", Leaf(w), inspect.Parameter.POSITIONAL_ONLY, 2.0),
            Parameter("b", Leaf(b), default=-1.5),
        ),
        lambda w, b, y: Leaf(y),
    )
    assert made.source.startswith("def product(w=2.0, /, b=-1.5):\n")
    assert load(made)() == -3.0


def test_a_default_before_an_unprintable_one_is_left_out():
    made = _emitted(
        lambda w, b: (
            Parameter("w", Leaf(w), default=2.0),
            Parameter("b", Leaf(b), default=object()),
        ),
        lambda w, b, y: Leaf(y),
    )
    assert made.source.startswith("def product(w, b):\n")


def test_literal_results_are_printed():
    made = _emitted(
        lambda w, b: (Parameter("w", Leaf(w)), Parameter("b", Leaf(b))),
        lambda w, b, y: Items(tuple, (Leaf(y), Leaf(literal(float("inf"))), Leaf(literal(0.0)))),
    )
    assert "return w * b, np.inf, 0.0" in made.source


def test_a_parameter_that_hides_a_builtin_is_refused_where_the_builtin_is_needed():
    abs_, y = Value(FLOAT, "abs"), Value(FLOAT)
    graph = Graph("f", (abs_,), (Node("absolute", (abs_,), (y,)),), (y,))
    interface = Interface((Parameter("abs", Leaf(abs_)),), Leaf(y))
    with pytest.raises(UnsupportedError, match="parameter `abs` hides"):
        emit(graph, interface, "f")
