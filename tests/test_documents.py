"""The examples in README.md, docs/ and docstrings are run, and print what the text says they print.

The ```python blocks of a file run in order in one namespace.  A block is a file of its own,
`example.py`, `example_2.py`, ..., or the one that its fence names (```python model.py).  What a
block does stands in the block below it, under one of

    <!-- output -->    what it prints
    <!-- error -->     the error of srcgrad that it ends with
    <!-- warning -->   the warnings that it gives, each with its place

`pytest tests/test_documents.py --update-cases` rewrites those.  ```python fragment is part of
something and not run; ```graph is a graph in its textual form.
"""

import contextlib
import doctest
import importlib
import io
import linecache
import re
import warnings
from pathlib import Path
from typing import NamedTuple

import pytest

import srcgrad
from srcgrad.graph import parse_graph, verify

PACKAGE = Path(srcgrad.__file__).parent
ROOT = PACKAGE.parent
DOCUMENTS = sorted([ROOT / "README.md", *ROOT.joinpath("docs").rglob("*.md")])
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if ">>> " in path.read_text("utf-8"))
FENCE = re.compile(
    r"(?:<!-- (output|error|warning) -->\n)?```([^\n]*)\n(.*?)^```$", re.DOTALL | re.MULTILINE
)
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


class Block(NamedTuple):
    shows: str | None
    language: str
    argument: str
    text: str
    start: int
    line: int


def read_blocks(text: str) -> list[Block]:
    blocks = []
    for found in FENCE.finditer(text):
        language, _, argument = found[2].partition(" ")
        line = text[: found.start(3)].count("\n") + 1
        blocks.append(Block(found[1], language, argument, found[3], found.start(3), line))
    return blocks


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def refreshed(text: str, document: str) -> str:
    """The document with what its blocks do now in the place of what it says they do."""
    names: dict[str, object] = {"__name__": "__main__"}
    result, end, runs = "", 0, 0
    done: dict[str, str] = {}
    blocks = read_blocks(text)
    for block, following in zip(blocks, [*blocks[1:], None]):
        if block.shows is not None:
            result += text[end : block.start] + done[block.shows]
            end = block.start + len(block.text)
        elif block.language == "python" and block.argument != "fragment":
            runs += 1
            filename = block.argument or ("example.py" if runs == 1 else f"example_{runs}.py")
            may_fail = following is not None and following.shows == "error"
            done = run_block(block.text, filename, names, f"{document}:{block.line}", may_fail)
    return result + text[end:]


def run_block(
    source: str, filename: str, names: dict[str, object], place: str, may_fail: bool
) -> dict[str, str]:
    """Run a block; what it printed, the error it ended with, the warnings it gave."""
    lines = source.splitlines(keepends=True)
    linecache.cache[filename] = (len(source), None, lines, filename)
    error_text = ""
    with (
        contextlib.redirect_stdout(io.StringIO()) as output,
        warnings.catch_warnings(record=True) as given,
    ):
        warnings.simplefilter("always")
        try:
            exec(compile(source, filename, "exec"), names)
        except srcgrad.SrcgradError as error:
            if not may_fail:
                error.add_note(f"in the block at {place}")
                raise
            error_text = f"{type(error).__name__}: {error}\n"
        except Exception as error:
            error.add_note(f"in the block at {place}")
            raise
    listing = (f"{w.filename}:{w.lineno}: {w.category.__name__}: {w.message}\n" for w in given)
    printed = output.getvalue().rstrip("\n") + "\n"
    return {"output": printed, "error": error_text, "warning": "".join(listing)}


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_examples_of_documents_do_what_the_text_says(path, pytestconfig):
    text = path.read_text("utf-8")
    found = refreshed(text, path.name)
    if pytestconfig.getoption("update_cases"):
        path.write_text(found, "utf-8")
    else:
        assert found == text


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_what_documents_show_as_a_refusal_is_one(path):
    shown = [b for b in read_blocks(path.read_text("utf-8")) if b.shows in ("error", "warning")]
    assert [block.line for block in shown if not block.text.strip()] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_graphs_in_documents_are_well_formed_and_printed_as_srcgrad_prints_them(path):
    for block in read_blocks(path.read_text("utf-8")):
        if block.language == "graph" and block.shows is None:
            assert str(verify(parse_graph(block.text))) == block.text.strip()


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_links_between_documents_lead_somewhere(path):
    targets = LINK.findall(path.read_text("utf-8"))
    assert [target for target in targets if not path.parent.joinpath(target).exists()] == []


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_examples_in_docstrings_give_what_they_say(path):
    module = importlib.import_module(name_of(path).removesuffix(".py").replace("/", "."))
    assert doctest.testmod(module).failed == 0


def test_a_wrong_output_is_found():
    text = "```python\nprint(1 + 1)\n```\n\n<!-- output -->\n```\n3\n```\n"
    assert refreshed(text, "a.md") == text.replace("\n3\n", "\n2\n")


def test_an_error_that_is_not_announced_is_found():
    text = "```python\nimport srcgrad\nsrcgrad.grad(3)\n```\n"
    with pytest.raises(srcgrad.ArgumentError):
        refreshed(text, "a.md")


def test_the_page_of_errors_shows_every_class():
    page = ROOT.joinpath("docs/errors.md").read_text("utf-8")
    classes = {
        name
        for name, item in vars(srcgrad.errors).items()
        if isinstance(item, type) and issubclass(item, (srcgrad.SrcgradError, Warning))
    }
    headings = set(re.findall(r"^## `(\w+)`", page, re.MULTILINE))
    assert headings == classes


def test_the_page_of_errors_shows_each_class_in_action():
    page = ROOT.joinpath("docs/errors.md").read_text("utf-8")
    # An internal error is one that nobody knows how to bring about.
    without_example = {"SrcgradError", "InternalError"}
    for section in page.split("\n## ")[1:]:
        (name,) = re.findall(r"^`(\w+)`", section)
        shown = {b.text.split(":")[0] for b in read_blocks(section) if b.shows == "error"}
        warned = {b.text.split(": ")[1] for b in read_blocks(section) if b.shows == "warning"}
        assert name in without_example | shown | warned
