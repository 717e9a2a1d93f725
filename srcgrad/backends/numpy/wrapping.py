"""Breaks lines that are too long, inside brackets, without a change of meaning.

return value, (d_w, ...)        →       return (
                                            value,
                                            (d_w, ...),
                                        )
"""

from __future__ import annotations

import io
import itertools
import tokenize

LINE_LENGTH = 100
_INDENT = "    "
_OPENING, _CLOSING = ("(", "[", "{"), (")", "]", "}")
_ASSIGN = ("=", "+=", "-=", "*=", "/=", "@=", "**=", "//=", "%=")
_OPERATORS = ("+", "-")
_FACTORS = ("*", "/", "@", "%", "//")


def wrapped(line: str) -> list[str]:
    """The line, over several lines where it is longer than `LINE_LENGTH`."""
    text = line.lstrip()
    if len(line) <= LINE_LENGTH or text.startswith(("#", '"""')):
        return [line]
    indent = line[: len(line) - len(text)]
    return _broken(_in_brackets(text), indent)


def _in_brackets(statement: str) -> str:
    """The statement with brackets around a tuple or sum that has none to be broken in."""
    if statement.startswith("return "):
        return f"return {_enclosed(statement.removeprefix('return '))}"
    signs = [(p, sign) for p, sign, depth in _signs(statement) if sign in _ASSIGN and not depth]
    if not signs:
        return statement
    place, sign = signs[0]
    target, value = statement[:place].rstrip(), statement[place + len(sign) :].lstrip()
    if len(target) > LINE_LENGTH // 2:
        target = _enclosed(target)
    if len(value) > LINE_LENGTH // 2:
        value = _enclosed(value)
    return f"{target} {sign} {value}"


def _enclosed(text: str) -> str:
    """The text in brackets, if there is a place outside of all brackets to break it at."""
    return f"({text})" if _places(text) else text


def _broken(text: str, indent: str) -> list[str]:
    """The text over several lines, broken inside its largest outer bracket."""
    if len(indent) + len(text) <= LINE_LENGTH:
        return [indent + text]
    opening, closing = _largest_bracket(text)
    if opening < 0 or closing - opening < 2:
        return [indent + text]
    head, inner, tail = text[: opening + 1], text[opening + 1 : closing], text[closing:]
    lines = [indent + head]
    for piece in _packed(inner, indent + _INDENT):
        lines += _broken(piece, indent + _INDENT)
    # What follows the bracket may have brackets of its own that have to be broken.
    first, *rest = _broken(tail[1:], indent)
    return [*lines, indent + tail[0] + first.removeprefix(indent), *rest]


def _packed(inner: str, indent: str) -> list[str]:
    """The inside of a bracket in pieces that fill the lines, as far as it can be broken."""
    pieces: list[str] = []
    for piece in _split(inner, _places(inner)):
        text = piece.strip()
        if pieces and len(indent) + len(pieces[-1]) + 1 + len(text) <= LINE_LENGTH:
            pieces[-1] += f" {text}"
        else:
            pieces.append(text)
    return pieces


def _places(text: str) -> list[int]:
    """Where the text may be broken: after its commas, else before its operators."""
    signs = [(place, sign) for place, sign, depth in _signs(text) if not depth]
    commas = [place + 1 for place, sign in signs if sign == ","]
    if commas:
        return commas
    for operators in (_OPERATORS, _FACTORS):
        # Operators with two operands are printed between spaces.
        binary = [p for p, s in signs if s in operators and text[p - 1 : p] == " " and p > 1]
        binary = [p for p in binary if text[: p - 1].rstrip()[-1:] not in "+-*/%@(,=<>"]
        if binary:
            return binary
    return []


def _split(text: str, places: list[int]) -> list[str]:
    edges = [0, *places, len(text)]
    pieces = [text[start:stop] for start, stop in itertools.pairwise(edges)]
    return [piece for piece in pieces if piece.strip()]


def _largest_bracket(text: str) -> tuple[int, int]:
    """The ends of the outermost pair of brackets with the most inside."""
    best, start = (-1, -1), -1
    for place, sign, depth in _signs(text):
        if sign in _OPENING and depth == 0:
            start = place
        elif sign in _CLOSING and depth == 0 and start >= 0 and place - start > best[1] - best[0]:
            best = (start, place)
    return best


def _signs(text: str) -> list[tuple[int, str, int]]:
    """The operators and brackets of the text: place, sign, and how deep in brackets it stands."""
    found, depth = [], 0
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type != tokenize.OP:
                continue
            depth -= token.string in _CLOSING
            found.append((token.start[1], token.string, max(depth, 0)))
            depth += token.string in _OPENING
    except (tokenize.TokenError, IndentationError):
        # The end of a text that starts with a closing bracket, or stops before one.
        pass
    return found
