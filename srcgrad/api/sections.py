"""The sections of graphs as functions of the emitted code, equal ones as one function."""

from __future__ import annotations

import ast
import builtins
import inspect
import sys
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from srcgrad.backends import emit, owned_results
from srcgrad.graph import (
    Graph,
    Interface,
    Items,
    Leaf,
    Node,
    Parameter,
    Passive,
    Section,
    Tree,
    Value,
    walk,
)
from srcgrad.pipeline import optimise

Function = tuple[Graph, Interface, str]
# The names that texts in a graph may read anywhere.
_EVERYWHERE = frozenset({*dir(builtins), *sys.stdlib_module_names, "np", "scipy"})
# The names that emitted code needs with their own meaning.
_KEPT = frozenset({*dir(builtins), "np", "math", "copy"})
_TEXTS = ("function", "exception", "text")


def functions_of_sections(graphs: Sequence[Graph], taken: Collection[str] = ()) -> list[Function]:
    """The functions of the sections that graphs call, each after those that it calls itself.

    None of them has a name that is `taken`.
    """
    definitions = _Definitions(frozenset(taken))
    for graph in graphs:
        definitions.of_sections_in(graph)
    return list(definitions.made.values())


@dataclass(slots=True)
class _Definitions:
    """The functions made so far, by the text of their bodies."""

    taken: frozenset[str]
    made: dict[str, Function] = field(default_factory=dict)
    known: set[Section] = field(default_factory=set)

    def of_sections_in(self, graph: Graph) -> None:
        for section in sections_in(graph.nodes):
            if section not in self.known:
                self.known.add(section)
                self._define(section)

    def _define(self, section: Section) -> None:
        optimised = optimise(section.graph)
        self.of_sections_in(optimised)
        section.reads = _names_read(optimised.nodes)
        names = {name for _, _, name in self.made.values()}
        interface = _interface(optimised, section.reads, names)
        # Equal texts are one function; the comments in them name the same lines then.
        text = emit(optimised, interface, "section").source
        if text not in self.made:
            name = _free_name(section.stem, names | self.taken | _KEPT)
            self.made[text] = optimised, interface, name
        section.name = self.made[text][2]
        section.owned = owned_results(optimised)


def sections_in(nodes: Sequence[Node]) -> Iterator[Section]:
    for node in walk(list(nodes)):
        section = node.parameters.get("section")
        if isinstance(section, Section):
            yield section


def _free_name(stem: str, taken: set[str]) -> str:
    name, count = stem, 1
    while name in taken:
        count += 1
        name = f"{stem}_{count}"
    return name


def _interface(graph: Graph, reads: Sequence[str], functions: Collection[str]) -> Interface:
    named = named_inputs(graph.inputs, (*reads, *functions, *_KEPT))
    parameters = [Parameter(name, Leaf(value)) for name, value in named]
    parameters += [
        Parameter(name, Passive(), inspect.Parameter.KEYWORD_ONLY, captured=True) for name in reads
    ]
    ends = tuple(map(Leaf, graph.results))
    result: Tree = ends[0] if len(ends) == 1 else Items(tuple, ends)
    return Interface(tuple(parameters), result)


def named_inputs(inputs: Sequence[Value], taken: Collection[str] = ()) -> list[tuple[str, Value]]:
    """The inputs with the names of their parameters, no name twice."""
    named: list[tuple[str, Value]] = []
    used = set(taken)
    for value in inputs:
        name = base = _spoken(value)
        count = 1
        while name in used:
            count += 1
            name = f"{base}_{count}"
        used.add(name)
        named.append((name, value))
    return named


def _spoken(value: Value) -> str:
    """What the value is called, as an identifier: `ws_0` for `ws[0]`."""
    if value.name is not None:
        words = "".join(c if c.isalnum() else " " for c in value.name).split()
        name = "_".join(words) or "value"
        return name if name.isidentifier() else f"value_{name}"
    of = value.derivative_of
    return f"d_{_spoken(of)}" if of is not None else "value"


def _names_read(nodes: Sequence[Node]) -> tuple[str, ...]:
    """The names of objects of the caller's in the texts of calls, in order."""
    found: dict[str, None] = {}
    for node in walk(list(nodes)):
        inner = node.parameters.get("section")
        if isinstance(inner, Section):
            found.update(dict.fromkeys(inner.reads))
        if "receiver" in node.parameters:
            continue
        for key in _TEXTS:
            text = node.parameters.get(key)
            if isinstance(text, str):
                names = (part for part in ast.walk(ast.parse(text)) if isinstance(part, ast.Name))
                found.update((name.id, None) for name in names if name.id not in _EVERYWHERE)
    return tuple(found)
