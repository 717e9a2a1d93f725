"""Statements that have to run in a context (`np.errstate`) stand together under its `with`."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from srcgrad.backends.numpy.comments import BlankLine
from srcgrad.graph import Node
from srcgrad.location import Context

Contexts = tuple[Context, ...]


def contexts_of(node: Node | None) -> Contexts:
    """The contexts in which a node has to run; none for what ends a block."""
    if node is None or node.location is None:
        return ()
    return node.location.contexts


def contexts_of_all(nodes: Sequence[Node]) -> Contexts | None:
    """The contexts of a statement written from these nodes; None if it runs as well anywhere."""
    found = [contexts_of(node) for node in nodes]
    return max(found, key=len) if found else None


Group = tuple[Contexts | None, list[ast.stmt]]


def under_contexts(groups: Sequence[Group], outer: Contexts) -> list[ast.stmt]:
    """The statements of a block that runs in `outer`, those of other contexts under a `with`."""
    written: list[ast.stmt] = []
    settled = _settled(groups, outer)
    at = 0
    while at < len(settled):
        contexts, lines = settled[at]
        end = at + 1
        if contexts == outer:
            written += lines
        else:
            inner = contexts[: _shared(contexts, outer) + 1]
            while end < len(settled) and settled[end][0][: len(inner)] == inner:
                end += 1
            body = under_contexts(settled[at:end], inner)
            if isinstance(body[0], BlankLine):
                written.append(body.pop(0))
            written.append(_with(inner[-1], body))
        at = end
    return written


def _settled(groups: Sequence[Group], outer: Contexts) -> list[tuple[Contexts, list[ast.stmt]]]:
    """What runs as well anywhere goes with what stands on both sides of it.

    What stood outside of contexts that are entered already, and came into a loop that runs in them,
    runs in them too: a loop cannot leave what it stands in.
    """
    settled: list[tuple[Contexts, list[ast.stmt]]] = []
    for place, (contexts, lines) in enumerate(groups):
        if contexts is None:
            before = settled[-1][0] if settled else outer
            after = next((c for c, _ in groups[place + 1 :] if c is not None), outer)
            contexts = before if before == after else outer
        elif contexts == outer[: len(contexts)]:
            contexts = outer
        settled.append((contexts, lines))
    return settled


def _shared(first: Contexts, second: Contexts) -> int:
    """How many contexts from the outermost one are the same."""
    count = 0
    for a, b in zip(first, second):
        if a != b:
            break
        count += 1
    return count


def _with(context: Context, body: list[ast.stmt]) -> ast.stmt:
    setup = [ast.parse(text).body[0] for text in context.setup]
    expression = ast.parse(context.expression, mode="eval").body
    return ast.With([ast.withitem(expression, None)], [*setup, *body])
