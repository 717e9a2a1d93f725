"""Prints Python's AST as source: the one module that knows astor.

astor's generator is extended by comments and blank lines, strings in double quotes, and a record of
the line on which each statement starts.  Lines that come out too long are broken inside brackets.
"""

from __future__ import annotations

import ast
import io
import itertools
import tokenize
import warnings
from collections.abc import Sequence

from srcgrad.location import Location

with warnings.catch_warnings():
    # astor 0.8.1 asks `ast` for node classes that Python has deprecated.
    warnings.simplefilter("ignore", DeprecationWarning)
    import astor.code_gen
    import astor.op_util

LINE_LENGTH = 100
_INDENT = "    "


class _Generator(astor.code_gen.SourceGenerator):
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


# Lines that are too long


def wrapped(line: str) -> list[str]:
    """The line, broken inside its brackets where it is longer than `LINE_LENGTH`."""
    if len(line) <= LINE_LENGTH or line.lstrip().startswith(("#", '"""')):
        return [line]
    indent = line[: len(line) - len(line.lstrip())]
    opening, closing = _outer_bracket(line)
    if opening < 0:
        return _bracketed(line)
    head, inner, tail = line[: opening + 1], line[opening + 1 : closing], line[closing:]
    if len(head) > LINE_LENGTH:
        return [line]
    return [head, *_filled(inner, indent + _INDENT), indent + tail]


def _bracketed(line: str) -> list[str]:
    """A statement without a bracket to break in gets one around its right-hand side."""
    place = line.find(" = ")
    if place < 0:
        return [line]
    return wrapped(f"{line[: place + 3]}({line[place + 3 :]})")


def _outer_bracket(line: str) -> tuple[int, int]:
    """The outermost pair of brackets with the longest inside."""
    best, stack = (-1, -1), []
    for token in _tokens(line):
        place = token.start[1]
        if token.string in ("(", "[", "{"):
            stack.append(place)
        elif token.string in (")", "]", "}") and stack:
            opening = stack.pop()
            if not stack and place - opening > best[1] - best[0]:
                best = (opening, place)
    return best if best[1] - best[0] > len(line) // 3 else (-1, -1)


def _tokens(line: str) -> list[tokenize.TokenInfo]:
    source = line.lstrip()
    shift = len(line) - len(source)
    found = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            start = (token.start[0], token.start[1] + shift)
            found.append(token._replace(start=start))
    except tokenize.TokenError:
        pass
    return [token for token in found if token.start[0] == 1]


def _filled(inner: str, indent: str) -> list[str]:
    """The inside of a bracket over several lines, broken at commas, else before operators."""
    pieces = _split(inner, _break_places(inner, (",",))) or [inner]
    lines = [indent + pieces[0].strip()]
    for piece in pieces[1:]:
        text = piece.strip()
        if len(lines[-1]) + 1 + len(text) <= LINE_LENGTH:
            lines[-1] += f" {text}"
        else:
            lines.append(indent + text)
    return [part for line in lines for part in _at_operators(line, indent)]


def _at_operators(line: str, indent: str) -> list[str]:
    if len(line) <= LINE_LENGTH:
        return [line]
    pieces = _split(line, _break_places(line, ("+", "-"))) or []
    lines: list[str] = []
    for piece in pieces:
        text = piece.strip()
        if lines and len(lines[-1]) + 1 + len(text) <= LINE_LENGTH:
            lines[-1] += f" {text}"
        else:
            lines.append(indent + text)
    return lines or [line]


def _break_places(text: str, signs: tuple[str, ...]) -> list[int]:
    """Where the text may be broken, outside all brackets: after commas, before operators."""
    places, depth, before = [], 0, ""
    for token in _tokens(f"({text})")[1:]:
        place = token.start[1] - 1
        if token.string in ("(", "[", "{"):
            depth += 1
        elif token.string in (")", "]", "}"):
            depth -= 1
        elif depth == 0 and token.string in signs:
            if token.string == ",":
                places.append(place + 1)
            elif before and before not in "+-*/%@(,=" and text[place - 1 : place] == " ":
                places.append(place)
        before = token.string
    return places


def _split(text: str, places: list[int]) -> list[str]:
    edges = [0, *places, len(text)]
    pieces = [text[start:stop] for start, stop in itertools.pairwise(edges)]
    return [piece for piece in pieces if piece.strip()]
