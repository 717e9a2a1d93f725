"""What had to be decided for the evaluation to go through: integers made static, loops unrolled.

The evaluator starts out with integers and loops known only during the call.  Where it turns out
that a value is needed now (an axis, an index into a list), it asks, and all starts again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from srcgrad.graph import (
    DimExpression,
    Literal,
    Node,
    Type,
    Value,
    definitions,
    is_python_int,
    size_of_integer,
)


@dataclass(slots=True)
class Decisions:
    """`static_inputs` holds expressions of integers and sizes; `unrolled` and `peeled`
    the keys of loops, `lists` of those that read the lists they append to;
    `storage` the places where arrays are created that are written in place; `appended` the lists
    of the caller's that are appended to, `contents` those among them that are read as well;
    `recursive` the functions that become graphs of their own; `apart` is not empty where things of
    unlike kinds have to be told apart, `varying` has loops that take from lists of any length."""

    static_inputs: set[str] = field(default_factory=set)
    unrolled: set[object] = field(default_factory=set)
    peeled: set[object] = field(default_factory=set)
    lists: set[object] = field(default_factory=set)
    storage: set[object] = field(default_factory=set)
    appended: set[object] = field(default_factory=set)
    contents: set[object] = field(default_factory=set)
    recursive: set[object] = field(default_factory=set)
    apart: set[object] = field(default_factory=set)
    varying: set[object] = field(default_factory=set)

    def sources_of(self, value: Value, evaluator: Any) -> set[tuple[str, object]]:
        """The inputs, sizes and loops that an integer depends on; empty if other things do too."""
        wanted: set[tuple[str, object]] = set()
        return wanted if _trace(value, evaluator, wanted) else set()

    def add(self, wanted: set[tuple[str, object]]) -> bool:
        """Take the decisions; False if all were taken before."""
        is_new = not all(map(self.has_taken, wanted))
        for kind, key in wanted:
            self._taken(kind).add(key)
        return is_new

    def has_taken(self, decision: tuple[str, object]) -> bool:
        kind, key = decision
        return key in self._taken(kind)

    def _taken(self, kind: str) -> set[Any]:
        taken: dict[str, set[Any]] = {
            "input": self.static_inputs,
            "loop": self.unrolled,
            "peel": self.peeled,
            "list": self.lists,
            "storage": self.storage,
            "append": self.appended,
            "content": self.contents,
            "recursion": self.recursive,
            "apart": self.apart,
            "varying": self.varying,
        }
        return taken[kind]


class NeedsDecision(Exception):
    """Raised to start the evaluation again with more decided."""

    def __init__(self, wanted: set[tuple[str, object]]) -> None:
        super().__init__(wanted)
        self.wanted = wanted


def _trace(
    value: Value,
    evaluator: Any,
    wanted: set[tuple[str, object]],
    inner: Mapping[Value, Node] = MappingProxyType({}),
) -> bool:
    """Collect what a value is computed from; `inner` defines values of the branches on the way."""
    if value in evaluator.sources:
        wanted.add(evaluator.sources[value])
        return True
    if is_python_int(value.type) and _trace_size(value.type, evaluator, wanted):
        return True
    origin = evaluator.captures.reader.origins.get(value)
    if origin is not None:
        given = evaluator.captures.reader.objects[value]
        if type(given) is not int:
            return False
        wanted.add(("input", origin))
        return True
    node = inner.get(value) or evaluator.definition(value)
    if node is None or not node.operands:
        return False
    sources = node.operands
    if node.operation == "if":
        # What decides a branch decides its results, where these are known on each path.
        inner = {**inner, **definitions(node.regions[0].nodes + node.regions[1].nodes)}
        place = node.results.index(value)
        sources = (*sources, *(region.results[place] for region in node.regions))
    elif node.regions:
        return False
    return all(
        _trace(source, evaluator, wanted, inner)
        for source in sources
        if not isinstance(source, Literal)
    )


def _trace_size(type_: Type, evaluator: Any, wanted: set[tuple[str, object]]) -> bool:
    """Collect the sizes and integers that an integer is computed from, if its type says which."""
    size = size_of_integer(type_)
    if not isinstance(size, DimExpression):
        return isinstance(size, int)
    places = evaluator.captures.guards.sizes
    computed = evaluator.builder.assumptions.computed
    found: set[tuple[str, object]] = set()
    pending: list[object] = [size]
    while pending:
        dim = pending.pop()
        for name, _ in dim.terms if isinstance(dim, DimExpression) else ():
            if name in computed:
                pending += (computed[name].left, computed[name].right)
            elif name in places:
                found.add(("input", places[name]))
            else:
                return False
    wanted |= found
    return True
