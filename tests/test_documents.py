"""The examples in README.md, docs/ and docstrings are run, and print what the text says they print.

The ```python blocks of a file run in order in one namespace.  A block after `<!-- output -->` is
what the block before it printed.  ```python fragment is part of something and not run; ```graph is
a graph in its textual form.
"""

import contextlib
import doctest
import importlib
import io
import linecache
import re
from pathlib import Path
from typing import NamedTuple

import pytest

import srcgrad
from srcgrad.graph import parse_graph, verify

PACKAGE = Path(srcgrad.__file__).parent
ROOT = PACKAGE.parent
DOCUMENTS = sorted([ROOT / "README.md", *ROOT.joinpath("docs").rglob("*.md")])
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if ">>> " in path.read_text("utf-8"))
FENCE = re.compile(r"(<!-- output -->\n)?```([^\n]*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


class Block(NamedTuple):
    language: str
    is_output: bool
    text: str
    line: int


def read_blocks(text: str) -> list[Block]:
    return [
        Block(m[2], bool(m[1]), m[3], text[: m.start(3)].count("\n") + 1)
        for m in FENCE.finditer(text)
    ]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def run_blocks(text: str, document: str) -> None:
    """Run the Python blocks of a document.

    Each block is a file of its own, `example.py`, `example_2.py`, ..., as if a reader had saved it.
    """
    names = {"__name__": "__main__"}
    printed = ""
    runs = 0
    for block in read_blocks(text):
        place = f"{document}:{block.line}"
        if block.is_output:
            assert printed == block.text, place
        elif block.language == "python":
            runs += 1
            filename = "example.py" if runs == 1 else f"example_{runs}.py"
            printed = run_block(block.text, filename, names, place)


def run_block(source: str, filename: str, names: dict[str, object], place: str) -> str:
    """Run a block and return what it printed."""
    lines = source.splitlines(keepends=True)
    linecache.cache[filename] = (len(source), None, lines, filename)
    with contextlib.redirect_stdout(io.StringIO()) as output:
        try:
            exec(compile(source, filename, "exec"), names)
        except Exception as error:
            error.add_note(f"in the block at {place}")
            raise
    return output.getvalue()


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_examples_of_documents_run_and_print_what_the_text_says(path):
    run_blocks(path.read_text("utf-8"), path.name)


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_graphs_in_documents_are_well_formed_and_printed_as_srcgrad_prints_them(path):
    for block in read_blocks(path.read_text("utf-8")):
        if block.language == "graph":
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
    with pytest.raises(AssertionError, match=r"a\.md:7"):
        run_blocks(text, "a.md")
    run_blocks(text.replace("\n3\n", "\n2\n"), "a.md")
