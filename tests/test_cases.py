"""The machinery of text cases, tried on a stand-in for the compiler."""

import dataclasses
import inspect
import traceback

import numpy as np
import pytest

import srcgrad
from srcgrad.errors import UnsupportedError
from tests.cases import read_cases, update_case

TEXT = """\
# case: first
# with: x=f64[2, 3], k=int
def f(x, k=1):
    return x * k

# emitted: spell(f)
old

# case: second
# with: x=float
def g(x):
    # emitted: not a section, because it is indented
    return x
# graph: spell(g)

# error: refuse(g)
"""


@dataclasses.dataclass
class Lowered:
    source: str
    graph: str


class Spelled:
    def __init__(self, function, refuses=False):
        self.function = function
        self.refuses = refuses
        self.__signature__ = inspect.signature(function)

    def lower(self, *args, **kwargs):
        if self.refuses:
            raise UnsupportedError("cannot spell `g`")
        assert not kwargs
        kinds = ", ".join(f"{type(arg).__name__}{np.shape(arg)}" for arg in args)
        return Lowered(f"source {kinds}\n", f"graph {kinds}")

    __call__ = None


@pytest.fixture
def path(tmp_path, monkeypatch):
    monkeypatch.setattr(srcgrad, "spell", Spelled, raising=False)
    monkeypatch.setattr(srcgrad, "refuse", lambda f: Spelled(f, refuses=True), raising=False)
    file = tmp_path / "topic.case"
    file.write_text(TEXT)
    return file


def test_a_file_renders_as_it_was_read(path):
    assert "".join(case.render() for case in read_cases(path)) == TEXT


def test_update_rewrites_what_is_expected_and_nothing_else(path):
    for case in read_cases(path):
        update_case(case)
    expected = TEXT.replace("old\n", "source ndarray(2, 3), int()\n")
    expected = expected.replace("# graph: spell(g)\n", "# graph: spell(g)\ngraph float()\n")
    assert path.read_text() == f"{expected}UnsupportedError: cannot spell `g`\n"
    again = read_cases(path)
    assert all(
        case.result_of(part) == part.expected for case in again for part in case.expectations
    )


def test_lines_of_the_user_count_from_the_first_line_of_the_source(path):
    case = read_cases(path)[0]
    function = case.namespace()["f"]
    assert inspect.getsource(function) == "def f(x, k=1):\n    return x * k\n"
    try:
        function(None, None)
    except TypeError as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
    assert (place.filename, place.lineno, place.line) == ("topic.py", 2, "return x * k")


def test_arguments_nest_and_are_the_same_in_every_run(tmp_path):
    path = tmp_path / "topic.case"
    path.write_text(
        "# case: all kinds\n"
        '# with: a=f32[2, 3], b={"k": (i64[4], [f64])}, c=None, d=-1.5, e=bool[2]\n'
        "# with: g=complex, h=f64[()], p=Point(x=c64[1], y=2)\n"
        "from collections import namedtuple\n"
        "Point = namedtuple('Point', 'x y')\n"
    )
    (case,) = read_cases(path)
    namespace = case.namespace()
    arguments = case.arguments(namespace)
    integers, (scalar,) = arguments["b"]["k"]
    assert arguments["a"].shape == (2, 3) and arguments["a"].dtype == np.float32
    assert integers.dtype == np.int64 and integers.shape == (4,)
    assert type(scalar) is np.float64
    assert arguments["c"] is None and arguments["d"] == -1.5
    assert arguments["e"].dtype == np.bool_
    assert type(arguments["g"]) is complex
    assert isinstance(arguments["h"], np.ndarray) and arguments["h"].shape == ()
    assert isinstance(arguments["p"], namespace["Point"]) and arguments["p"].x.dtype == np.complex64
    assert repr(case.arguments(namespace)) == repr(arguments)


def test_text_before_the_first_title_is_refused(tmp_path):
    path = tmp_path / "topic.case"
    path.write_text("def f(x):\n    return x\n")
    with pytest.raises(ValueError, match=r"topic.case:1: expected `# case: <title>`"):
        read_cases(path)


def test_titles_are_unique_in_each_file(request):
    for path in sorted(request.path.parent.joinpath("cases").glob("*.case")):
        titles = [case.title for case in read_cases(path)]
        assert len(titles) == len(set(titles)), path.name


def test_pytest_shows_the_difference_and_accepts_it_on_request(path, pytester):
    pytester.makeconftest("from tests.conftest import *\npytest_plugins = []")
    pytester.path.joinpath("topic.case").write_text(path.read_text())
    differing = pytester.runpytest_inprocess("topic.case", "-p", "no:cacheprovider")
    differing.assert_outcomes(failed=2)
    differing.stdout.fnmatch_lines(["# emitted: spell(f)", "-old", "+source ndarray(2, 3), int()"])
    pytester.runpytest_inprocess("topic.case", "--update-cases").assert_outcomes(passed=2)
    pytester.runpytest_inprocess("topic.case").assert_outcomes(passed=2)
