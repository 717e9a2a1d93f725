"""Imports point downward, go through doors, and do not hide in functions."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import srcgrad

ROOT = Path(srcgrad.__file__).parent
LAYERS = [
    ["api"],
    ["cache"],
    ["pipeline"],
    ["backends"],
    ["frontend"],
    ["modes"],
    ["transforms"],
    ["analyses"],
    ["rules"],
    ["graph"],
    ["declarations"],
    ["location", "errors", "markers", "instances", "request"],
]
HEIGHT = {part: len(LAYERS) - k for k, parts in enumerate(LAYERS) for part in parts}
# Stands beside the compiler: what training loops need, none of which the compiler knows.
BESIDE = {"optim": {"errors", "instances"}}
# Loaded when the first function is printed, by the one module that prints; and the compiler itself,
# when the first function is compiled.
LATE_IMPORTS = {
    ("backends/numpy/printing.py", "astor"),
    ("api/differentiated.py", "srcgrad"),
}

FILES = sorted(path for path in ROOT.rglob("*.py") if path != ROOT / "__init__.py")


class Import(NamedTuple):
    line: int
    module: str
    names: tuple[str, ...]
    in_function: bool


def imports_of(tree: ast.AST, in_function: bool = False) -> Iterator[Import]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(node.lineno, alias.name, (), in_function)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            names = tuple(alias.name for alias in node.names)
            yield Import(node.lineno, module, names, in_function)
        inside = in_function or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        yield from imports_of(node, inside)


def read_imports(path: Path) -> list[Import]:
    return list(imports_of(ast.parse(path.read_text(encoding="utf-8"))))


def part_of(path: Path) -> str:
    """`graph` for srcgrad/graph/node.py, `errors` for srcgrad/errors.py."""
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def targets(imported: Import) -> list[list[str]]:
    """What an import names inside srcgrad, as path parts: `[["graph", "node"]]`."""
    top, *below = imported.module.split(".")
    if top != "srcgrad":
        return []
    return [below] if below else [[name] for name in imported.names]


def is_door(parts: list[str]) -> bool:
    """Is this a package, or a module directly in srcgrad?"""
    return len(parts) == 1 or ROOT.joinpath(*parts, "__init__.py").exists()


def misplaced(path: Path) -> list[str]:
    """The imports of a file that break a rule, each with its place and the rule."""
    here = part_of(path)
    found = []
    for imported in read_imports(path):
        where = f"{path.relative_to(ROOT)}:{imported.line}: "
        late = (path.relative_to(ROOT).as_posix(), imported.module.split(".")[0])
        if imported.in_function and late not in LATE_IMPORTS:
            found.append(f"{where}{imported.module} is imported inside a function")
        if imported.module.startswith("."):
            found.append(f"{where}write the full name instead of `{imported.module}`")
        for parts in targets(imported):
            there = parts[0]
            if there == here:
                continue
            if here in BESIDE:
                if there not in BESIDE[here]:
                    found.append(f"{where}{here} may not import {there}")
            elif there in BESIDE or HEIGHT[there] > HEIGHT[here]:
                found.append(f"{where}{here} stands below {there} and may not import it")
            if not is_door(parts):
                found.append(f"{where}import from srcgrad.{there}, not srcgrad.{'.'.join(parts)}")
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_imports_point_downward_and_go_through_doors(path):
    assert misplaced(path) == []


def test_every_part_of_srcgrad_has_its_place_in_the_order():
    assert {part_of(path) for path in FILES} <= HEIGHT.keys() | BESIDE.keys()


def test_every_folder_with_code_has_a_door():
    folders = {path.parent for path in FILES}
    assert [folder.name for folder in folders if not folder.joinpath("__init__.py").exists()] == []


def test_the_package_itself_offers_only_its_public_interface():
    imported = [
        parts[0] for found in read_imports(ROOT / "__init__.py") for parts in targets(found)
    ]
    assert set(imported) <= {"api", "errors"}


@pytest.mark.parametrize(
    ("file", "source", "complaint"),
    [
        ("graph/new.py", "from srcgrad.rules import call", "graph stands below rules"),
        ("graph/new.py", "import srcgrad.api", "graph stands below api"),
        ("graph/new.py", "from srcgrad import api", "graph stands below api"),
        ("rules/new.py", "from srcgrad.graph.node import Value", "import from srcgrad.graph"),
        ("rules/new.py", "def f():\n    import math", "inside a function"),
        ("rules/new.py", "def f():\n    import astor", "inside a function"),
        ("rules/new.py", "from .registry import bind", "write the full name"),
        ("optim/new.py", "from srcgrad.graph import Value", "optim may not import graph"),
        ("api/new.py", "from srcgrad.optim import SGD", "api stands below optim"),
    ],
)
def test_an_import_out_of_place_is_found(file, source, complaint, monkeypatch):
    monkeypatch.setattr(Path, "read_text", lambda self, encoding: source)
    (found,) = misplaced(ROOT / file)
    assert complaint in found


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("rules/new.py", "from srcgrad.graph import Value\nimport numpy"),
        ("errors.py", "from srcgrad.location import Location"),
        ("graph/new.py", "from srcgrad.graph.node import Value"),
        ("optim/new.py", "from srcgrad.errors import ArgumentError"),
        ("backends/numpy/printing.py", "def f():\n    import astor"),
    ],
)
def test_an_import_in_its_place_is_accepted(file, source, monkeypatch):
    monkeypatch.setattr(Path, "read_text", lambda self, encoding: source)
    assert misplaced(ROOT / file) == []
