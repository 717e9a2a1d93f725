"""Makes a program smaller while something stays true of it."""

from __future__ import annotations

import ast
import copy
import dataclasses
from collections.abc import Callable, Iterator

from tests.random_programs.program import RandomProgram

Holds = Callable[[RandomProgram], bool]


def reduced(program: RandomProgram, holds: Holds) -> RandomProgram:
    """The program without whatever can be left out while `holds`, tried from the outside in."""
    while True:
        for smaller in _smaller(program):
            if holds(smaller):
                program = smaller
                break
        else:
            return program


def _smaller(program: RandomProgram) -> Iterator[RandomProgram]:
    tree = ast.parse(program.source)
    for change in _changes(tree):
        copied = copy.deepcopy(tree)
        change(list(ast.walk(copied)))
        try:
            source = ast.unparse(ast.fix_missing_locations(copied)) + "\n"
            compile(source, "<reduced>", "exec")
        except (SyntaxError, ValueError, AttributeError):
            continue
        if len(source) < len(program.source):
            yield dataclasses.replace(program, source=source)


def _changes(tree: ast.Module) -> Iterator[Callable[[list[ast.AST]], None]]:
    """Each change works on the nodes of a copy of the tree, in the order of `ast.walk`."""
    nodes = list(ast.walk(tree))
    for place, node in enumerate(nodes):
        for field in ("body", "orelse", "finalbody", "handlers"):
            block = getattr(node, field, None)
            if not isinstance(block, list) or isinstance(node, ast.Module):
                continue
            for k in range(len(block)):
                yield _without(place, field, k)
                if isinstance(block[k], (ast.If, ast.For, ast.While, ast.Try, ast.With)):
                    yield _hoisted(place, field, k)
    for place, node in enumerate(nodes):
        for field, old in ast.iter_fields(node):
            olds = old if isinstance(old, list) else [old]
            for k, item in enumerate(olds):
                if not isinstance(item, ast.expr) or isinstance(item, (ast.Name, ast.Constant)):
                    continue
                inner = [n for n in ast.walk(item) if isinstance(n, ast.expr) and n is not item]
                for j in range(min(len(inner), 12)):
                    yield _replaced(place, field, k if isinstance(old, list) else None, j)


def _without(place: int, field: str, k: int) -> Callable[[list[ast.AST]], None]:
    def change(nodes: list[ast.AST]) -> None:
        block = getattr(nodes[place], field)
        del block[k]
        if not block and field == "body":
            block.append(ast.Pass())

    return change


def _hoisted(place: int, field: str, k: int) -> Callable[[list[ast.AST]], None]:
    def change(nodes: list[ast.AST]) -> None:
        block = getattr(nodes[place], field)
        block[k : k + 1] = block[k].body

    return change


def _replaced(place: int, field: str, k: int | None, j: int) -> Callable[[list[ast.AST]], None]:
    def change(nodes: list[ast.AST]) -> None:
        old = getattr(nodes[place], field)
        item = old if k is None else old[k]
        inner = [n for n in ast.walk(item) if isinstance(n, ast.expr) and n is not item][j]
        if k is None:
            setattr(nodes[place], field, inner)
        else:
            old[k] = inner

    return change
