"""Every function for which there is a row, applied to many samples: as to one after another."""

from __future__ import annotations

import numpy as np
import pytest

from srcgrad.graph import Value, carries_derivative
from srcgrad.transforms import reverse
from tests.interpreter import interpret
from tests.rules.rows import Row, primal_graph
from tests.rules.tables import rows_of_all_tables
from tests.transforms.test_batch import check, real_places

LENGTHS_DIFFER = ("arange",)
ROWS = [
    row
    for row in rows_of_all_tables()
    if real_places(primal_graph(row)[1]) and row.primitive.name not in LENGTHS_DIFFER
]


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_function_of_samples_is_that_of_each_sample(row: Row) -> None:
    graph, inputs = primal_graph(row)
    places = real_places(inputs)
    with np.errstate(all="ignore"):
        check(graph, inputs, places)
        for place in places if len(places) > 1 else ():
            check(graph, inputs, [place])


@pytest.mark.parametrize("row", [row for row in ROWS if row.primitive.vjp], ids=str)
def test_many_cotangents_go_back_as_one_after_another(row: Row) -> None:
    graph, inputs = primal_graph(row)
    kept = [k for k, value in enumerate(graph.results) if carries_derivative(value.type)]
    seeds = tuple(Value(graph.results[k].type, f"g{k}") for k in kept)
    joint = reverse(graph, real_places(inputs), kept, seeds)
    with np.errstate(all="ignore"):
        results = interpret(graph, inputs)
        given = [np.asarray(results[k]) * 0.5 + 1.0 for k in kept]
        given = [x.item() if isinstance(results[k], float | complex) else x
                 for k, x in zip(kept, given)]  # fmt: skip
        places = range(len(inputs), len(inputs) + len(given))
        check(joint, [*inputs, *given], list(places))
