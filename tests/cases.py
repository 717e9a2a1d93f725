"""Text cases: Python in, graph or emitted source or error out, in `tests/cases/<topic>.case`.

    # case: the gradient of a square
    # with: x=f64[3]
    def f(x):
        return np.sum(x * x)
    # graph: grad(f)
    graph f(x: f64[n]) -> ...
    # emitted: grad(f)
    def f_grad(x):
        ...

A case is a title, the arguments it is specialised for, Python source, and what is expected of each
request.  A request (`value_and_grad(f, wrt=("w", "b"))`) is an expression over srcgrad's public
names and those of the source.  `# error:` expects an error instead.  The user's lines count from
the first line of the source, in a file called `<topic>.py`.  A case without expectations must run.

Arguments are Python literals, `f64[5, 3]` for an array (`f64` a NumPy scalar, `f64[()]` a 0-d
array), `float`, `int`, `bool`, `complex` for Python numbers, and calls to classes of the source.

`pytest --update-cases` rewrites what is expected; its diff is read like code.
"""

from __future__ import annotations

import ast
import difflib
import inspect
import itertools
import linecache
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import srcgrad
from srcgrad.errors import SrcgradError

_HEADER = re.compile(r"# (case|with|graph|emitted|error):[ ]?(.*)")
_EXPECTATIONS = ("graph", "emitted", "error")
_DTYPE = re.compile(r"(?P<kind>[fiuc])(?P<bits>8|16|32|64|128)")
_KINDS = {"f": "float", "i": "int", "u": "uint", "c": "complex"}


@dataclass(frozen=True)
class Section:
    """A header line (`# emitted: grad(f)`) and the text below it, as it stands in the file."""

    kind: str
    argument: str
    text: str
    line: int

    @property
    def header(self) -> str:
        return f"# {self.kind}: {self.argument}".rstrip()

    @property
    def expected(self) -> str:
        return self.text.strip("\n")

    def render(self) -> str:
        return f"{self.header}\n{self.text}"


@dataclass(frozen=True)
class Case:
    """One case: its title, its source, and its expectations in order."""

    path: Path
    sections: tuple[Section, ...]

    @property
    def title(self) -> str:
        return self.sections[0].argument

    @property
    def line(self) -> int:
        return self.sections[0].line

    @property
    def filename(self) -> str:
        """The name of the file that the user's source pretends to come from."""
        return f"{self.path.stem}.py"

    @property
    def arguments_text(self) -> str:
        return ", ".join(part.argument for part in self.sections if part.kind == "with")

    @property
    def source(self) -> str:
        """The Python text, which follows the title and the arguments."""
        before = itertools.takewhile(lambda part: part.kind in ("case", "with"), self.sections)
        return "".join(part.text for part in before).strip("\n") + "\n"

    @property
    def expectations(self) -> tuple[Section, ...]:
        return tuple(part for part in self.sections if part.kind in _EXPECTATIONS)

    def namespace(self) -> dict[str, Any]:
        """The names that the source defines, beside `np`, `math` and `srcgrad`."""
        lines = self.source.splitlines(keepends=True)
        linecache.cache[self.filename] = (len(self.source), None, lines, self.filename)
        names = {"np": np, "math": math, "srcgrad": srcgrad, "__name__": f"case_{self.path.stem}"}
        exec(compile(self.source, self.filename, "exec"), names)
        return names

    def arguments(self, namespace: dict[str, Any]) -> dict[str, Any]:
        """Sample arguments by name, the same in every run."""
        call = ast.parse(f"dict({self.arguments_text})", mode="eval").body
        assert isinstance(call, ast.Call)
        samples = _Samples(namespace)
        return {str(keyword.arg): samples.of(keyword.value) for keyword in call.keywords}

    def result_of(self, section: Section) -> str:
        """What srcgrad gives for an expectation."""
        namespace = self.namespace()
        arguments = self.arguments(namespace)
        try:
            request = eval(section.argument, {**vars(srcgrad), **namespace})
            bound = inspect.signature(request).bind(**arguments)
            lowered = request.lower(*bound.args, **bound.kwargs)
        except SrcgradError as error:
            if section.kind != "error":
                raise
            return f"{type(error).__name__}: {error}"
        if section.kind == "error":
            return "no error"
        return str(lowered.graph if section.kind == "graph" else lowered.source).strip("\n")

    def run_source(self) -> object:
        """Call the function that the source defines last, as plain Python."""
        namespace = self.namespace()
        arguments = self.arguments(namespace)
        function = last_function(self, namespace)
        bound = inspect.signature(function).bind(**arguments)
        return function(*bound.args, **bound.kwargs)

    def updated(self) -> Case:
        """The case with what srcgrad gives now as what is expected."""
        return replace(self, sections=tuple(self._refresh(part) for part in self.sections))

    def _refresh(self, section: Section) -> Section:
        if section.kind not in _EXPECTATIONS:
            return section
        blank = section.text[len(section.text.rstrip("\n")) :]
        blank = blank[1:] if section.expected else blank
        return replace(section, text=f"{self.result_of(section)}\n{blank}")

    def render(self) -> str:
        return "".join(part.render() for part in self.sections)


def last_function(case: Case, namespace: dict[str, Any]) -> Callable[..., Any]:
    """The function that the source of a case defines last: the one the case is about."""
    definitions = [
        node for node in ast.parse(case.source).body if isinstance(node, ast.FunctionDef)
    ]
    return namespace[definitions[-1].name]


class _Samples:
    """Makes arguments from their description; positive numbers, drawn from a fixed seed."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        self.namespace = namespace
        self.rng = np.random.default_rng(0)
        self.makers: dict[str, Callable[[], object]] = {
            "float": lambda: round(float(self.rng.uniform(0.25, 1.75)), 3),
            "complex": lambda: complex(*np.round(self.rng.uniform(0.25, 1.75, 2), 3)),
            "int": lambda: 3,
            "bool": lambda: True,
        }

    def of(self, node: ast.expr) -> object:
        if isinstance(node, ast.Name) and node.id in self.makers:
            return self.makers[node.id]()
        if isinstance(node, ast.Name):
            return self.array(node.id, ())[()]
        if isinstance(node, ast.Subscript):
            assert isinstance(node.value, ast.Name)
            shape = ast.literal_eval(node.slice)
            return self.array(node.value.id, shape if isinstance(shape, tuple) else (shape,))
        if isinstance(node, (ast.Tuple, ast.List)):
            items = [self.of(item) for item in node.elts]
            return tuple(items) if isinstance(node, ast.Tuple) else items
        if isinstance(node, ast.Dict):
            keys = [ast.literal_eval(key) for key in node.keys if key is not None]
            return dict(zip(keys, map(self.of, node.values), strict=True))
        if isinstance(node, ast.Call):
            assert isinstance(node.func, ast.Name)
            named = {str(keyword.arg): self.of(keyword.value) for keyword in node.keywords}
            return self.namespace[node.func.id](*map(self.of, node.args), **named)
        return ast.literal_eval(node)

    def array(self, name: str, shape: tuple[int, ...]) -> np.ndarray:
        if name == "bool":
            return np.asarray(self.rng.integers(0, 2, shape), dtype=bool)
        match = _DTYPE.fullmatch(name)
        if match is None:
            raise ValueError(f"not a description of an argument: {name}")
        dtype = np.dtype(_KINDS[match["kind"]] + match["bits"])
        if dtype.kind in "iu":
            return np.asarray(self.rng.integers(0, 2, shape), dtype=dtype)
        numbers = self.rng.uniform(0.25, 1.75, shape)
        if dtype.kind == "c":
            numbers = numbers + 1j * self.rng.uniform(0.25, 1.75, shape)
        return np.asarray(numbers, dtype=dtype)


def read_cases(path: Path) -> list[Case]:
    """All cases of a file, in order."""
    sections = list(_read_sections(path))
    starts = [k for k, section in enumerate(sections) if section.kind == "case"]
    if sections and starts[:1] != [0]:
        raise ValueError(f"{path.name}:{sections[0].line}: expected `# case: <title>`")
    stops = [*starts[1:], len(sections)]
    return [Case(path, tuple(sections[i:j])) for i, j in zip(starts, stops, strict=True)]


def _read_sections(path: Path) -> Iterator[Section]:
    head: re.Match[str] | None = None
    first, text = 1, ""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        match = _HEADER.fullmatch(line)
        if match is None and head is None and line.strip():
            raise ValueError(f"{path.name}:{number}: expected `# case: <title>`")
        if match is None:
            text += f"{line}\n" if head else ""
            continue
        if head is not None:
            yield Section(head[1], head[2].strip(), text, first)
        head, first, text = match, number, ""
    if head is not None:
        yield Section(head[1], head[2].strip(), text, first)


# What pytest sees of them


class CaseFile(pytest.File):
    def collect(self) -> Iterator[CaseItem]:
        for case in read_cases(self.path):
            yield CaseItem.from_parent(self, name=case.title, case=case)


class CaseDiffers(Exception):
    """What srcgrad gives is not what the case expects."""


class CaseItem(pytest.Item):
    def __init__(self, *, case: Case, **rest: Any) -> None:
        super().__init__(**rest)
        self.case = case

    def runtest(self) -> None:
        if not self.case.expectations:
            self.case.run_source()
        elif self.config.getoption("update_cases"):
            update_case(self.case)
        else:
            self.compare()

    def compare(self) -> None:
        for section in self.case.expectations:
            result = self.case.result_of(section)
            if result != section.expected:
                raise CaseDiffers(_show_difference(section, result))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, CaseDiffers):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self.case.line - 1, f"{self.path.stem}: {self.case.title}"


def update_case(case: Case) -> None:
    """Rewrite the expected parts of one case in its file."""
    cases = read_cases(case.path)
    texts = [(c.updated() if c.title == case.title else c).render() for c in cases]
    case.path.write_text("".join(texts), encoding="utf-8")


def _show_difference(section: Section, result: str) -> str:
    lines = difflib.unified_diff(
        section.expected.splitlines(), result.splitlines(), "expected", "got", lineterm="", n=3
    )
    return "\n".join([section.header, *lines, "(`make cases` accepts what srcgrad gives now)"])
