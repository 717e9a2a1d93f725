"""The comments above groups of statements: which lines of the user they come from.

# nets.py:3  x = np.tanh(x @ w + b)         the user's own line
# adjoint of nets.py:3                      what was derived from it
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from srcgrad.graph import Node
from srcgrad.location import Location

_WIDEST = 88
# What is so small a part of a derived statement that its own line is not worth a comment.
SIZES = ("dim", "size", "list_length")


class Comment(ast.stmt):
    """A comment on a line of its own."""

    _fields = ("text",)
    text: str


class BlankLine(ast.stmt):
    _fields = ()


class Comments:
    """Writes each comment once per group: consecutive statements of one line share it."""

    def __init__(self, order: dict[Node, int]) -> None:
        self._order = order
        self._groups: list[tuple[str, ...]] = [()]
        self._derived = False

    @contextmanager
    def block(self, header: Sequence[Node] = ()) -> Iterator[None]:
        """Inside the `with`, what the header's comment says is not said again."""
        self._groups.append(self._texts(header))
        try:
            yield
        finally:
            self._groups.pop()

    def above(self, nodes: Sequence[Node], *, derived: bool) -> list[ast.stmt]:
        """What goes above a statement that was written from these nodes.

        A blank line comes before the first statement that is `derived`.
        """
        lines: list[ast.stmt] = []
        if derived and not self._derived:
            self._derived = True
            lines.append(BlankLine())
        texts = self._texts(nodes)
        new = [text for text in texts if text not in self._groups[-1]]
        if new:
            self._groups[-1] = texts
            lines += [_comment(text) for text in new]
        return lines

    def location(self, nodes: Sequence[Node]) -> Location | None:
        """The place that an exception in the statement is blamed on: where it was needed last."""
        located = [node for node in self._sorted(nodes) if node.location is not None]
        return located[-1].location if located else None

    def _sorted(self, nodes: Sequence[Node]) -> list[Node]:
        return sorted(nodes, key=lambda node: self._order.get(node, 0))

    def _texts(self, nodes: Sequence[Node]) -> tuple[str, ...]:
        own: dict[str, None] = dict.fromkeys(
            str(node.parameters["remark"]) for node in nodes if "remark" in node.parameters
        )
        derived: dict[str, dict[str, None]] = {}
        nodes = [node for node in self._sorted(nodes) if node.location is not None]
        if any(node.phase for node in nodes):
            nodes = [n for n in nodes if n.phase or n.operation not in SIZES] or nodes
        places = {node.location.short for node in nodes if node.phase and node.location}
        for node in nodes:
            assert node.location is not None
            if node.phase:
                derived.setdefault(node.phase, {}).setdefault(node.location.short)
            elif node.location.short not in places:
                text = f"{node.location.short}  {node.location.text.strip()}".rstrip()
                own.setdefault(_shortened(text))
        joined = [f"{phase}{', '.join(places)}" for phase, places in derived.items()]
        return (*own, *map(_shortened, joined))


def without_blank_line(lines: list[ast.stmt]) -> list[ast.stmt]:
    """The lines as they are at the start of a block, where nothing has to be set apart."""
    return [line for line in lines if not isinstance(line, BlankLine)]


def _comment(text: str) -> Comment:
    line = Comment()
    line.text = f"# {text}"
    return line


def _shortened(text: str) -> str:
    text = " ".join(text.split("\n"))
    return text if len(text) <= _WIDEST else text[: _WIDEST - 3].rstrip() + "..."
