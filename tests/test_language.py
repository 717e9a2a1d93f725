"""docs/language.md says of every construct what becomes of it, and each of its rows is a test.

`pytest tests/test_language.py --update-cases` rewrites the document.
"""

from __future__ import annotations

import ast
import inspect
import linecache
import textwrap
from fnmatch import fnmatch
from pathlib import Path

import numpy as np
import pytest

import srcgrad
from tests.corpus.program import PROGRAMS, REFUSED
from tests.corpus.test_corpus import call  # loads the corpus
from tests.language import KINDS, TOPICS, Kind, Topic

PAGE = Path(__file__).parents[1] / "docs" / "language.md"
BASES = (
    (ast.stmt, ast.expr, ast.boolop, ast.operator, ast.unaryop, ast.cmpop, ast.pattern)
    + (ast.comprehension, ast.excepthandler, ast.arguments, ast.keyword, ast.withitem)
    + (ast.match_case,)
)
# Kept by Python for old code; no parser makes them.
OLD = {"Num", "Str", "Bytes", "NameConstant", "Ellipsis"}
# Not in the oldest Python that srcgrad runs on; the page is the same for all.
NEWER = {"TypeAlias", "TemplateStr", "Interpolation"}
HEAD = """\
# What of Python can be differentiated

The first table holds every kind of node in Python's grammar, the others what programs do.  A row
that is *differentiated* is so in the program of `tests/corpus` that it names: with the value and
the effects of plain Python, and gradients that agree with differences.  A row that is *refused*
raises the error shown, before anything of yours has run.

What NumPy's functions do is in [numpy.md](numpy.md); errors are explained in
[errors.md](errors.md).

"""
DIFFERENTIATED = "differentiated"
TITLES = {program.title: program for program in [*PROGRAMS, *REFUSED]}


def kinds_of_this_python() -> list[str]:
    found = [
        name
        for name, thing in vars(ast).items()
        if isinstance(thing, type) and issubclass(thing, BASES) and thing.__bases__ != (ast.AST,)
    ]
    singles = ["comprehension", "arguments", "keyword", "withitem", "match_case"]
    return [name for name in found if name not in OLD] + singles


def function_of(snippet: str, name: str) -> object:
    filename = f"<{name}>"
    linecache.cache[filename] = (len(snippet), None, snippet.splitlines(True), filename)
    namespace: dict = {"np": np, "__name__": "snippet"}
    exec(compile(snippet, filename, "exec", dont_inherit=True), namespace)
    return namespace["f"]


def refusal_of(snippet: str, name: str) -> srcgrad.SrcgradError | None:
    """The error with which a snippet is refused; None where it is differentiated."""
    try:
        found = srcgrad.grad(function_of(snippet, name))(2.0)
    except srcgrad.SrcgradError as error:
        return error
    assert found == pytest.approx(4.0)
    return None


def status_of(kind: Kind) -> str:
    if kind.snippet is None:
        return f"{DIFFERENTIATED}: `{kind.program}`"
    if kind.name in NEWER:
        return "refused"
    error = refusal_of(kind.snippet, kind.name)
    if error is None:
        return DIFFERENTIATED
    message, *_, remedy = str(error).splitlines()
    return f"refused: “{message.split(': ', 1)[-1]}” {remedy.strip()}"


def programs_of(topic: Topic) -> list[str]:
    titles = [
        [title for title in TITLES if fnmatch(title, name)] for name in topic.programs.split()
    ]
    assert all(titles), f"no such program: {topic.programs}"
    return [title for found in titles for title in found[:3]]


def status_of_topic(topic: Topic) -> str:
    parts = []
    for title in programs_of(topic):
        refused = TITLES[title].refused
        parts.append(f"`{title}`" if refused is None else f"`{title}` (refused: {refused})")
    return ", ".join(parts)


def page() -> str:
    lines = ["## Grammar\n", "| node | written | meaning | status |", "|---|---|---|---|"]
    lines += [f"| `{k.name}` | {k.written} | {k.meaning} | {status_of(k)} |" for k in KINDS]
    for title, topics in TOPICS.items():
        lines += [f"\n## {title}\n", "| what | meaning | programs |", "|---|---|---|"]
        lines += [f"| {t.written} | {t.meaning} | {status_of_topic(t)} |" for t in topics]
    return HEAD + "\n".join(lines) + "\n"


@pytest.mark.slow
def test_the_page_says_what_is_the_case(request: pytest.FixtureRequest):
    if request.config.getoption("update_cases"):
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page()


@pytest.mark.parametrize("name", kinds_of_this_python())
def test_every_kind_of_node_has_a_row(name: str):
    assert [kind.name for kind in KINDS].count(name) == 1


@pytest.mark.parametrize("kind", [k for k in KINDS if k.program], ids=lambda kind: kind.name)
def test_a_row_of_the_grammar_names_a_program_with_such_a_node(kind: Kind):
    program = TITLES[str(kind.program)]
    tree = ast.parse(textwrap.dedent(inspect.getsource(program.function)))
    tree.body[0].decorator_list = []  # type: ignore[attr-defined]
    assert kind.name in {type(node).__name__ for node in ast.walk(tree)}
    assert program.refused is None
    call(program.function, program)


@pytest.mark.parametrize("kind", [k for k in KINDS if k.snippet], ids=lambda kind: kind.name)
def test_a_snippet_is_differentiated_or_refused_with_a_remedy(kind: Kind):
    if not hasattr(ast, kind.name):
        pytest.skip("another version of Python has it")
    tree = ast.parse(str(kind.snippet))
    assert kind.name in {type(node).__name__ for node in ast.walk(tree)}
    error = refusal_of(str(kind.snippet), kind.name)
    if error is not None:
        assert not isinstance(error, srcgrad.InternalError)
        assert len(str(error).splitlines()) > 2


@pytest.mark.parametrize(
    "topic", [t for topics in TOPICS.values() for t in topics], ids=lambda topic: topic.written
)
def test_a_topic_names_programs_of_the_corpus(topic: Topic):
    assert programs_of(topic)
