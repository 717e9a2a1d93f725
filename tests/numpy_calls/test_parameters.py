"""Every parameter of every function that has a derivative is tried, or said to be refused."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import pytest

from srcgrad.rules.ledger import Kind, resolve, statement_of
from tests.numpy_calls.calls import CALLS, REFUSED, calls_of_ufuncs
from tests.numpy_calls.functions import lines_of
from tests.numpy_calls.parameters import given_in_rows, given_in_texts, parameters_of
from tests.rules.contents import chapters
from tests.rules.tables import rows_of_all_tables

CHAPTERS = ("numpy", "numpy.linalg", "numpy.fft", "numpy.lib.stride_tricks")
# Arrays of other kinds and places, and where nested lists end: not of this table.
ELSEWHERE = {"like", "device", "ndmax"}
# All ufuncs take these in one way, for which `np.add` and `np.matmul` stand.
OF_ALL_UFUNCS = {"signature", "axes", "casting", "order", "subok", "dtype", "where", "axis"}
# What is in the first nobody knows; half precision is too coarse; the last is `vstack`.  Walks over
# elements are programs of `tests/corpus`.
WALKS = {"numpy.ndenumerate", "numpy.ndindex", "numpy.nditer", "numpy.vectorize"}
WITHOUT_CALLS = {"numpy.ndarray", "numpy.float16", "numpy.half", "numpy.row_stack"} | WALKS
FUNCTIONS = [
    name
    for chapter in CHAPTERS
    for name in chapters()[chapter]
    if (line := statement_of(name)) is not None and line.kind is Kind.DIFFERENTIABLE
    if name not in WITHOUT_CALLS
]


def tried() -> dict[Any, set[str]]:
    found: dict[Any, set[str]] = defaultdict(set)
    texts = given_in_texts([*lines_of(CALLS), *lines_of(REFUSED), *calls_of_ufuncs()])
    for name, given in texts.items():
        if name.startswith(("np.", "sliding")):
            name = name.replace("sliding", "np.lib.stride_tricks.sliding")
            found[resolve(name.replace("np", "numpy", 1))] |= given
    for function, given in given_in_rows(rows_of_all_tables()):
        found[function] |= given
    return found


TRIED = tried()
TRIED_OF_ALL_UFUNCS = OF_ALL_UFUNCS & (TRIED[np.add] | TRIED[np.matmul])


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_parameter_is_tried(name: str) -> None:
    function = resolve(name)
    known = parameters_of(function)
    assert known is not None, f"the parameters of `{name}` are not known here"
    left_out = [item for item in known if item not in TRIED[function] | ELSEWHERE]
    if isinstance(function, np.ufunc):
        left_out = [item for item in left_out if item not in TRIED_OF_ALL_UFUNCS]
    assert left_out == []
