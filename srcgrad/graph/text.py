"""The textual form of graphs, as it is printed; `parse` reads it back.

    graph   = "graph" name "(" [param {"," param}] ")" "{" block "return" values "}"
    param   = name ":" type
    block   = {statement}
    statement = names "=" operation [values] [settings] [":" types]
              | names "=" "if" value "{" block "yield" values "}"
                "else" "{" block "yield" values "}" ":" types
              | names "=" "for" header "{" block yield "}" ":" types
              | names "=" "while" ["carry" binds] "{" block "test" value
                "do" block yield "}" ":" types
    header  = ["reverse"] [param "in" "range" "(" values ")"] ["each" binds] ["carry" binds]
    binds   = "(" param "=" value {"," param "=" value} ")"
    yield   = "yield" values ["collect" values] ["stop" value]
    settings = "{" name "=" literal {"," name "=" literal} "}"
    value   = name | literal | "undefined"

Derived nodes carry no mark; the place in the user's file follows as a comment, `# model.py:3`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from srcgrad.graph.node import Literal, Node, Region, Undefined, Value, loop_parts

_STRUCTURAL_SETTINGS = {"ranged", "sequences", "collects", "reverse", "breaks"}
_COMMENT_COLUMN = 56


class Names:
    """A unique readable name for every value, given in order of appearance."""

    def __init__(self) -> None:
        self._names: dict[Value, str] = {}
        self._taken: set[str] = set()

    def of(self, value: Value) -> str:
        if isinstance(value, Literal):
            return "undefined" if isinstance(value.value, Undefined) else repr(value.value)
        if value not in self._names:
            self._names[value] = self._fresh(_base_name(value))
        return self._names[value]

    def _fresh(self, base: str) -> str:
        name, count = base, 0
        while name in self._taken:
            count += 1
            name = f"{base}_{count}"
        self._taken.add(name)
        return name

    def list(self, values: Iterable[Value]) -> str:
        return ", ".join(self.of(value) for value in values)


def _base_name(value: Value) -> str:
    if value.name:
        return value.name
    if value.derivative_of is not None:
        return f"d_{_base_name(value.derivative_of)}"
    return "t"


def print_function(
    name: str, inputs: Sequence[Value], nodes: Sequence[Node], results: Sequence[Value]
) -> str:
    names = Names()
    params = ", ".join(f"{names.of(value)}: {value.type}" for value in inputs)
    lines = [f"graph {name}({params}) {{"]
    lines += _block(nodes, names, "  ")
    lines += [f"  return {names.list(results)}".rstrip(), "}"]
    return "\n".join(lines)


def print_nodes(nodes: Sequence[Node]) -> str:
    """Nodes outside a graph, for error reports and debugging."""
    return "\n".join(_block(nodes, Names(), ""))


def _block(nodes: Sequence[Node], names: Names, indent: str) -> list[str]:
    lines: list[str] = []
    for node in nodes:
        lines += _statement(node, names, indent)
    return lines


def _statement(node: Node, names: Names, indent: str) -> list[str]:
    inner = indent + "  "
    types = ", ".join(str(value.type) for value in node.results)
    suffix = f" : {types}" if node.results else ""
    if node.operation == "if":
        head = f"if {names.of(node.operands[0])} {{"
        body = _region(node.regions[0], names, inner)
        body += [f"{indent}}} else {{"] + _region(node.regions[1], names, inner)
    elif node.operation in ("for", "while"):
        head, body = _loop(node, names, inner)
    else:
        head, body = _operation(node, names), []
    # Results are named after the regions were printed, so that numbers follow the order of reading.
    target = f"{names.list(node.results)} = " if node.results else ""
    first = f"{indent}{target}{head}"
    if not body:
        first += suffix
    if node.location is not None:
        first = f"{first:<{_COMMENT_COLUMN}}  # {node.phase}{node.location.short}"
    return [first] + body + ([f"{indent}}}{suffix}"] if body else [])


def _operation(node: Node, names: Names) -> str:
    text = node.operation
    if node.operands:
        text += f" {names.list(node.operands)}"
    settings = ", ".join(f"{key}={_setting(value)}" for key, value in node.parameters.items())
    return f"{text} {{{settings}}}" if settings else text


def _setting(value: object) -> str:
    if isinstance(value, np.dtype):
        return f"dtype({value.name!r})"
    return repr(value)


def _region(region: Region, names: Names, indent: str) -> list[str]:
    lines = _block(region.nodes, names, indent)
    return lines + [f"{indent}yield {names.list(region.results)}".rstrip()]


def _binds(values: Sequence[Value], sources: Sequence[Value], names: Names) -> str:
    pairs = zip(values, sources)
    return ", ".join(f"{names.of(v)}: {v.type} = {names.of(source)}" for v, source in pairs)


def _loop(node: Node, names: Names, indent: str) -> tuple[str, list[str]]:
    parts = loop_parts(node)
    head = node.operation
    if node.parameters.get("reverse"):
        head += " reverse"
    if parts.index is not None:
        bounds = names.list(parts.range)
        head += f" {names.of(parts.index)}: {parts.index.type} in range({bounds})"
    if parts.sequences:
        head += f" each ({_binds(parts.items, parts.sequences, names)})"
    if parts.initial:
        head += f" carry ({_binds(parts.carried, parts.initial, names)})"
    body: list[str] = []
    if node.operation == "while":
        condition = node.regions[0]
        # The condition has parameters of its own that stand for the same carried values.
        for own, shared in zip(condition.parameters, parts.carried):
            names._names[own] = names.of(shared)
        body += _block(condition.nodes, names, indent)
        body += [f"{indent}test {names.of(condition.results[0])}", f"{indent[:-2]}do"]
    body += _block(parts.body.nodes, names, indent)
    last = f"{indent}yield {names.list(parts.yielded)}".rstrip()
    if parts.collected:
        last += f" collect {names.list(parts.collected)}"
    if parts.stop is not None:
        last += f" stop {names.of(parts.stop)}"
    return head + " {", body + [last]
