"""Prints Python's AST as source: the one module that knows astor.

astor's generator is extended by comments and blank lines, strings in double quotes, and a record of
the line on which each statement starts.  Lines that come out too long are broken inside brackets.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Sequence

from srcgrad.backends.numpy.wrapping import wrapped
from srcgrad.location import Location

with warnings.catch_warnings():
    # astor 0.8.1 asks `ast` for node classes that Python has deprecated.
    warnings.simplefilter("ignore", DeprecationWarning)
    import astor.code_gen
    import astor.op_util

_INDENT = "    "
# `1e-05`, as Python spells it, becomes `1e-5`, as people do.
_EXPONENT = re.compile(r"e([+-])0*")


class _Generator(astor.code_gen.SourceGenerator):  # type: ignore[misc]
    """astor's generator with comments; `starts` notes where in the result statements begin."""

    def __init__(self) -> None:
        super().__init__(_INDENT)
        self.starts: list[tuple[int, ast.AST]] = []

    def newline(self, node: ast.AST | None = None, extra: int = 0) -> None:
        super().newline(node, extra)
        if node is not None:
            self.starts.append((len(self.result), node))

    def visit_Comment(self, node: ast.stmt) -> None:
        self.statement(node, node.text)  # type: ignore[attr-defined]

    def visit_BlankLine(self, node: ast.stmt) -> None:
        self.newline(extra=1)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str):
            self.write(_quoted(node.value))
        elif isinstance(node.value, float) and "e" in repr(node.value):
            self.write(_EXPONENT.sub(r"e\1", repr(node.value)).replace("e+", "e"))
        else:
            super().visit_Constant(node)

    def visit_Expr(self, node: ast.Expr) -> None:
        value = node.value
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            self.statement(node, _docstring(value.value, self.indentation))
        else:
            super().visit_Expr(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        self.write(ast.unparse(ast.fix_missing_locations(node)))


def _quoted(text: str) -> str:
    single = repr(text)
    if single[0] == '"' or '"' in text:
        return single
    return f'"{single[1:-1]}"'


def _docstring(text: str, level: int) -> str:
    lines = [line.strip() for line in text.strip().splitlines()]
    body = f"\n{_INDENT * level}".join(line.replace("\\", "\\\\") for line in lines)
    body = body.replace('"""', '\\"""')
    if len(lines) > 1:
        return f'"""{body}\n{_INDENT * level}"""'
    return f'"""{body}"""' if not body.endswith('"') else f'"""{body} """'


def print_module(statements: Sequence[ast.stmt]) -> tuple[str, dict[int, Location]]:
    """The source of these statements, and the user's place for each line that has one."""
    generator = _Generator()
    generator.visit(ast.Module(list(statements), []))
    text = "".join(generator.result)
    leading = len(text) - len(text.lstrip("\n"))
    located = _locations(generator)
    lines: list[str] = []
    places: dict[int, Location] = {}
    current: Location | None = None
    for number, line in enumerate(text.split("\n")):
        if number < leading:
            continue
        current = located.get(number, current)
        for piece in wrapped(line.rstrip()):
            lines.append(piece)
            if current is not None and piece and not piece.lstrip().startswith("#"):
                places[len(lines)] = current
    return "\n".join(lines).rstrip("\n") + "\n", places


def _locations(generator: _Generator) -> dict[int, Location | None]:
    """The place of the statement that starts on each line (from 0)."""
    found: dict[int, Location | None] = {}
    line, done = 0, 0
    for index, node in generator.starts:
        # The statement's own line break is the item at `index`.
        line += sum(part.count("\n") for part in generator.result[done : index + 1])
        done = max(done, index + 1)
        found[line] = getattr(node, "location", None)
    return found
