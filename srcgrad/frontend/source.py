"""From a function object to its syntax tree, wherever Python still has the source text.

Lambdas are found by the exact columns that the compiler recorded, so that several on one line are
told apart.
"""

from __future__ import annotations
import __future__

import ast
import functools
import linecache
import operator
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import CodeType, FunctionType
from typing import Any

from srcgrad.errors import SourceError
from srcgrad.location import Location
from srcgrad.request import Derivative

_FUTURE_FLAGS = functools.reduce(
    operator.or_,
    (getattr(__future__, name).compiler_flag for name in __future__.all_feature_names),
)
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_NO_SOURCE_REMEDY = (
    "Put the function in a file, in a notebook cell or in a doctest.  Source that is run by `exec`"
    "\nis found where it was compiled under a filename that `linecache` knows:\n"
    "`linecache.cache[filename] = (len(text), None, text.splitlines(True), filename)`."
)


@dataclass(frozen=True, slots=True)
class Source:
    """The syntax tree of one function and the lines of the file it stands in."""

    node: FunctionNode
    filename: str
    lines: tuple[str, ...]
    qualname: str

    def location(self, node: ast.AST, caller: Location | None) -> Location:
        """The place of a piece of syntax."""
        line = getattr(node, "lineno", self.node.lineno)
        text = self.lines[line - 1].rstrip("\n") if line <= len(self.lines) else ""
        end = getattr(node, "end_col_offset", None)
        if getattr(node, "end_lineno", line) != line:
            end = None
        return Location(
            self.filename,
            line,
            _characters(text, getattr(node, "col_offset", 0)),
            len(text) if end is None else _characters(text, end),
            self.qualname,
            text,
            caller,
        )

    def header(self, node: ast.AST) -> str:
        """The source text of a statement up to its body: `for x in xs:`."""
        if isinstance(node, ast.expr) or not (hasattr(node, "body") or hasattr(node, "cases")):
            return self.text(node)
        return self.lines[node.lineno - 1].strip()  # type: ignore[attr-defined]

    def text(self, node: ast.AST) -> str:
        """The source text of a piece of syntax, on one line."""
        first, last = getattr(node, "lineno", 1), getattr(node, "end_lineno", None)
        if last is None or last > len(self.lines):
            return ast.unparse(node)
        # Columns count bytes of UTF-8.
        spanned = [line.encode() for line in self.lines[first - 1 : last]]
        spanned[-1] = spanned[-1][: node.end_col_offset]  # type: ignore[attr-defined]
        spanned[0] = spanned[0][node.col_offset :]  # type: ignore[attr-defined]
        return " ".join(b"".join(spanned).decode().split())


def source_of(function: FunctionType) -> Source:
    """The source of a Python function.  Raises `SourceError` where there is none."""
    code = function.__code__
    linecache.checkcache(code.co_filename)
    lines = tuple(linecache.getlines(code.co_filename, function.__globals__))
    if not lines and code.co_filename == "<string>":
        lines = _lines_of_command()
    node = _find(lines, code) if lines else None
    if code.co_filename == "<string>" and not (node and _is_source_of(node, lines, code)):
        # What is known is the text of `python -c`, and this was run by `exec` from it.
        lines = ()
    if not lines:
        raise SourceError(
            f"cannot read the source of `{function.__qualname__}`: there is no text of "
            f"{code.co_filename}",
            location=_stated_place(function),
            construct=function.__qualname__,
            remedy=_NO_SOURCE_REMEDY,
        )
    if node is None or not _is_source_of(node, lines, code):
        raise SourceError(
            f"the source of `{function.__qualname__}` is not where Python says it is",
            location=_stated_place(function),
            construct=function.__qualname__,
            remedy=f"If {code.co_filename} was edited after it was read, read it anew.",
        )
    return Source(node, code.co_filename, lines, function.__qualname__)


def _characters(text: str, column: int) -> int:
    """A column that counts bytes of UTF-8, as `ast` does, in characters."""
    return column if text.isascii() else len(text.encode()[:column].decode(errors="ignore"))


def _lines_of_command() -> tuple[str, ...]:
    """The lines of the program that was given to `python -c`."""
    if sys.argv[:1] != ["-c"] or len(sys.orig_argv) <= len(sys.argv):
        return ()
    return tuple(sys.orig_argv[-len(sys.argv)].splitlines(keepends=True))


def _is_source_of(node: FunctionNode, lines: tuple[str, ...], code: CodeType) -> bool:
    """Does the syntax compile to this code?

    It does not where the file was edited after it was imported, or where the text belongs to
    another `<string>`.  Test runners rewrite `assert`: functions that have one are trusted.
    """
    if any(isinstance(part, ast.Assert) for part in ast.walk(node)):
        return True
    found = _compiled(lines, code.co_flags & _FUTURE_FLAGS)
    return any(_same_code(candidate, code) for candidate in found.get(_key(code), ()))


def _key(code: CodeType) -> tuple[str, int]:
    return code.co_name, code.co_firstlineno


@functools.lru_cache(maxsize=64)
def _compiled(lines: tuple[str, ...], flags: int) -> dict[tuple[str, int], list[CodeType]]:
    """The code of every function of a file, by name and first line.

    The whole file is compiled, because imports at its top change the code of its functions.
    """
    found: dict[tuple[str, int], list[CodeType]] = {}
    for code in _codes_inside(compile("".join(lines), "<check>", "exec", flags, True)):
        found.setdefault(_key(code), []).append(code)
    return found


def _codes_inside(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes_inside(constant)


def _same_code(a: CodeType, b: CodeType) -> bool:
    if (a.co_code, a.co_names, a.co_varnames) != (b.co_code, b.co_names, b.co_varnames):
        return False
    return len(a.co_consts) == len(b.co_consts) and all(
        map(_same_constant, a.co_consts, b.co_consts)
    )


def _same_constant(a: object, b: object) -> bool:
    if isinstance(a, CodeType) and isinstance(b, CodeType):
        return _same_code(a, b)
    return type(a) is type(b) and repr(a) == repr(b)


def _stated_place(function: FunctionType) -> Location:
    """Where Python says that a function begins."""
    code = function.__code__
    return Location(code.co_filename, code.co_firstlineno)


def _innermost(function: Callable[..., Any]) -> FunctionType:
    """The function that is differentiated in the end."""
    while isinstance(function, Derivative):
        function = function.primal
    return function  # type: ignore[return-value]


def place_of(function: Callable[..., Any], parameter: str | None = None) -> Location | None:
    """The place of a function's definition, or of one of its parameters; None without source."""
    try:
        source = source_of(_innermost(function))
    except SourceError:
        return None
    node = source.node
    if parameter is not None:
        spec = node.args
        every = [*spec.posonlyargs, *spec.args, *spec.kwonlyargs, spec.vararg, spec.kwarg]
        for argument in every:
            if argument is not None and argument.arg == parameter:
                return source.location(argument, None)
    return source.location(node, None)


def place_of_result(function: Callable[..., Any]) -> Location | None:
    """The place of a function's only `return` statement, else of its definition."""
    try:
        source = source_of(_innermost(function))
    except SourceError:
        return None
    if isinstance(source.node, ast.Lambda):
        return source.location(source.node.body, None)
    returns = [node for node in _own_nodes(source.node) if isinstance(node, ast.Return)]
    return source.location(returns[0] if len(returns) == 1 else source.node, None)


def _own_nodes(function: ast.AST) -> Iterator[ast.AST]:
    """The syntax of a function without that of the functions and classes inside it."""
    for node in ast.iter_child_nodes(function):
        if not isinstance(node, (*_DEFINITIONS, ast.Lambda, ast.ClassDef)):
            yield node
            yield from _own_nodes(node)


@functools.lru_cache(maxsize=256)
def _parse(lines: tuple[str, ...]) -> ast.Module | None:
    try:
        return ast.parse("".join(lines))
    except SyntaxError:
        return None


def _find(lines: tuple[str, ...], code: CodeType) -> FunctionNode | None:
    tree = _parse(lines)
    if tree is None:
        return None
    if code.co_name == "<lambda>":
        return _find_lambda(tree, code)
    for node in ast.walk(tree):
        if isinstance(node, _DEFINITIONS) and node.name == code.co_name:
            first = node.decorator_list[0].lineno if node.decorator_list else node.lineno
            if code.co_firstlineno in (first, node.lineno):
                return node
    return None


def _find_lambda(tree: ast.Module, code: CodeType) -> ast.Lambda | None:
    spans = {position for position in code.co_positions() if None not in position}
    candidates = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Lambda) and node.lineno == code.co_firstlineno
    ]
    exact = [node for node in candidates if _span(node.body) in spans]
    if len(exact) > 1:
        # A lambda nested in the body of another: the widest body that was compiled is the one.
        names = [
            node for node in exact if _parameter_names(node) == code.co_varnames[: _count(code)]
        ]
        exact = names or exact
        exact.sort(key=lambda node: _width(node.body))
        return exact[-1]
    if exact:
        return exact[0]
    return candidates[0] if len(candidates) == 1 else None


def _count(code: CodeType) -> int:
    return code.co_argcount + code.co_kwonlyargcount


def _parameter_names(node: ast.Lambda) -> tuple[str, ...]:
    arguments = node.args.posonlyargs + node.args.args + node.args.kwonlyargs
    return tuple(argument.arg for argument in arguments)


def _span(node: ast.expr) -> tuple[int, int | None, int, int | None]:
    return (node.lineno, node.end_lineno, node.col_offset, node.end_col_offset)


def _width(node: ast.expr) -> tuple[int, int]:
    return ((node.end_lineno or 0) - node.lineno, (node.end_col_offset or 0) - node.col_offset)
