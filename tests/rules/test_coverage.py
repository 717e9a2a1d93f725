"""Every function that srcgrad knows has a row, a reason why it needs none, or a test of its own."""

from __future__ import annotations

import pytest

from srcgrad.rules import all_primitives
from tests.rules.tables import rows_of_all_tables

TESTED_ELSEWHERE = {
    "float16": "too coarse for differences",
    "list_sum": "lists are made by loops: tests/transforms",
    "repeat_list": "lists are made by loops: tests/transforms",
    "trim_zeros": "differences would move its zeros: test_arranging",
    "fresh": "what callers get: tests/api",
    "stop_gradient": "tests/transforms",
    "argument": "tests/api",
    "scale_gradient": "has another derivative than differences: tests/api/test_on_gradient.py",
    "straight_through": "has another derivative than differences: tests/api/test_on_gradient.py",
    "call_graph": "recursion of unknown depth: tests/corpus/recursion.py",
    "outcome": "calls that may fail: tests/corpus/exceptions.py",
    "slope_at_kink": "has another derivative than differences: tests/api/test_kinks.py",
    "user_call": "tests/test_declarations.py",
}
TESTED_ELSEWHERE |= {
    primitive.name: "lists are made by loops: tests/transforms"
    for primitive in all_primitives()
    if getattr(primitive.function, "__module__", None) == "srcgrad.rules.lists"
}
# Forward mode refuses it, and says so: tests/transforms/test_forward.py.
BACKWARD_ALONE = {"call_graph"}
WITH_ROWS = {row.primitive.name for row in rows_of_all_tables()}
DIFFERENTIABLE = [p for p in all_primitives() if p.vjp is not None]
OWED_ROWS = [p for p in DIFFERENTIABLE if p.name not in TESTED_ELSEWHERE]


@pytest.mark.parametrize("primitive", OWED_ROWS, ids=lambda p: p.name)
def test_every_backward_rule_has_a_row(primitive) -> None:
    assert primitive.name in WITH_ROWS


@pytest.mark.parametrize("primitive", DIFFERENTIABLE, ids=lambda p: p.name)
def test_every_backward_rule_has_a_forward_one(primitive) -> None:
    derivable = primitive.elementwise or primitive.linear or primitive.bilinear
    assert primitive.jvp is not None or derivable or primitive.name in BACKWARD_ALONE


@pytest.mark.parametrize("primitive", all_primitives(), ids=lambda p: p.name)
def test_no_function_is_constant_and_has_a_derivative(primitive) -> None:
    assert not (primitive.constant and primitive.vjp is not None)
