"""Emitted functions are compiled so that tools can read them."""

import linecache
import subprocess
import sys
import traceback

import numpy as np
import pytest

from srcgrad.backends import load
from tests.backends.graphs import emitted

_TEXT = """
graph mean_of(x: f64[n]) {
  t = getitem x {index=9, line=2} : f64[]
  y = multiply t, 2.0 {line=3} : f64[]
  return y
}
"""
_SOURCE = """
def mean_of(x):
    t = x[9]
    return t * 2.0
"""


def test_the_source_is_what_the_traceback_shows():
    function = load(emitted(_TEXT, _SOURCE), "<srcgrad mean_of>")
    with pytest.raises(IndexError) as caught:
        function(np.zeros(3))
    shown = "".join(traceback.format_exception(caught.value))
    assert 'File "<srcgrad mean_of>"' in shown
    assert "    y = x[9] * 2.0" in shown


def test_the_source_survives_a_check_of_the_line_cache():
    load(emitted(_TEXT, _SOURCE), "<srcgrad kept>")
    linecache.checkcache("<srcgrad kept>")
    assert linecache.getline("<srcgrad kept>", 1) == "def mean_of(x):\n"


def test_each_line_knows_its_place_in_the_users_file():
    made = emitted(_TEXT, _SOURCE)
    lines = made.source.splitlines()
    (number,) = (n for n, line in enumerate(lines, 1) if line.endswith("y = x[9] * 2.0"))
    assert made.lines[number].short == "model.py:3"


def test_what_opaque_calls_refer_to_comes_from_the_namespace():
    text = """
    graph noted(x: float) {
      t = call x {function="note", arguments=(hole(0),), effect=True} : object
      return x
    }
    """
    notes = []
    function = load(emitted(text), namespace={"note": notes.append})
    assert function(2.5) == 2.5
    assert notes == [2.5]


def test_astor_is_not_imported_before_something_is_emitted():
    code = "import sys, srcgrad.backends; sys.exit('astor' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
