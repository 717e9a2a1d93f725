"""The intermediate representation: values in static single assignment, nodes, regions.

A graph is a list of nodes in order.  A loop or a branch is one node that owns regions; a region has
parameters, nodes and results, and may use every value defined before it in the regions around it.

The structured nodes:

`if`     operands: the condition.  Two regions without parameters, whose results are the node's.

`for`    Runs its region once per iteration.  parameters: `ranged` (the first three operands are
         start, stop, step of a range), `sequences` (how many operands after that are walked, the
         shortest deciding; arrays along their first axis, or lists), `collects` (how many of the
         region's last results are gathered into lists), `reverse` (walk backwards; what is
         collected still stands at the place of its iteration), `breaks` (the region's first result
         says whether to stop after this iteration).
         operands: [start, stop, step] + sequences + initial values of what is carried.
         region parameters: [index] + one item per sequence + carried.
         region results: [stop] + carried + collected.
         results: carried (their last values) + collected (lists).

`while`  parameters: `collects`, `breaks`.  operands: initial values of what is carried.
         regions: the condition (parameters: carried; result: bool), the body as for `for`.
         results: as for `for`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from srcgrad.graph.types import BOOL, COMPLEX, FLOAT, INT, OPAQUE, Type
from srcgrad.location import Location

# Parameters that say what a node does to memory and are none of its function's arguments: `effect`,
# running it does more than define its results; `in_place`, it writes into the caller's memory.
EFFECT_PARAMETERS = ("effect", "in_place")


class Undefined:
    """The value of a variable that has none, on paths that never read it."""

    def __repr__(self) -> str:
        return "undefined"


UNDEFINED = Undefined()


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """One definition.  `name` is what the user called it.

    `derivative_of` is the value that it is the adjoint or tangent of.
    """

    type: Type
    name: str | None = None
    derivative_of: Value | None = None

    def __repr__(self) -> str:
        return f"<{self.name or 'value'}: {self.type}>"


def give_name(value: Value, name: str) -> None:
    """Call a value what the user calls it, unless it has a name already."""
    if value.name is None:
        object.__setattr__(value, "name", name)


@dataclass(frozen=True, slots=True, eq=False)
class Literal(Value):
    """A value known now.  It is used as an operand wherever it is needed and has no node.

    `expression` is how the user wrote it, where that says more than the number (`np.pi / 2`).
    """

    value: object = None
    expression: str | None = None

    def __repr__(self) -> str:
        return repr(self.value)


_SCALAR_TYPES: dict[type, Type] = {bool: BOOL, int: INT, float: FLOAT, complex: COMPLEX}


def literal(value: object, expression: str | None = None) -> Literal:
    return Literal(_SCALAR_TYPES.get(type(value), OPAQUE), None, None, value, expression)


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    parameters: tuple[Value, ...]
    nodes: tuple[Node, ...]
    results: tuple[Value, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One operation.  `phase` says what it was derived for: "", "adjoint of ", "tangent of "."""

    operation: str
    operands: tuple[Value, ...]
    results: tuple[Value, ...]
    parameters: Mapping[str, object] = field(default_factory=dict)
    regions: tuple[Region, ...] = ()
    location: Location | None = None
    phase: str = ""

    @property
    def result(self) -> Value:
        (value,) = self.results
        return value

    @property
    def has_effect(self) -> bool:
        """Does running this do more than define its results?"""
        return bool(self.parameters.get("effect")) or any(
            node.has_effect for region in self.regions for node in region.nodes
        )


@dataclass(frozen=True, slots=True)
class LoopParts:
    """The operands, parameters and results of a `for` or `while` node, by what they are for."""

    node: Node
    range: tuple[Value, ...]
    sequences: tuple[Value, ...]
    initial: tuple[Value, ...]
    index: Value | None
    items: tuple[Value, ...]
    carried: tuple[Value, ...]
    stop: Value | None
    yielded: tuple[Value, ...]
    collected: tuple[Value, ...]
    final: tuple[Value, ...]
    lists: tuple[Value, ...]

    @property
    def body(self) -> Region:
        return self.node.regions[-1]


def loop_parts(node: Node) -> LoopParts:
    """Take a loop node apart; `make_loop` puts one together."""
    parameters = node.parameters
    body = node.regions[-1]
    ranged = 3 if parameters.get("ranged") else 0
    walked = int(parameters.get("sequences", 0))  # type: ignore[call-overload]
    collects = int(parameters.get("collects", 0))  # type: ignore[call-overload]
    first_item = 1 if ranged else 0
    first_carried = first_item + walked
    first_yield = 1 if parameters.get("breaks") else 0
    last_yield = len(body.results) - collects
    last_final = len(node.results) - collects
    return LoopParts(
        node=node,
        range=node.operands[:ranged],
        sequences=node.operands[ranged : ranged + walked],
        initial=node.operands[ranged + walked :],
        index=body.parameters[0] if ranged else None,
        items=body.parameters[first_item:first_carried],
        carried=body.parameters[first_carried:],
        stop=body.results[0] if first_yield else None,
        yielded=body.results[first_yield:last_yield],
        collected=body.results[last_yield:],
        final=node.results[:last_final],
        lists=node.results[last_final:],
    )


def make_for(
    *,
    range: tuple[Value, ...] = (),
    sequences: tuple[Value, ...] = (),
    initial: tuple[Value, ...] = (),
    index: Value | None = None,
    items: tuple[Value, ...] = (),
    carried: tuple[Value, ...] = (),
    nodes: tuple[Node, ...],
    stop: Value | None = None,
    yielded: tuple[Value, ...] = (),
    collected: tuple[Value, ...] = (),
    final: tuple[Value, ...] = (),
    lists: tuple[Value, ...] = (),
    reverse: bool = False,
    location: Location | None = None,
    phase: str = "",
) -> Node:
    parameters: dict[str, object] = {}
    if range:
        parameters["ranged"] = True
    if sequences:
        parameters["sequences"] = len(sequences)
    if collected:
        parameters["collects"] = len(collected)
    if reverse:
        parameters["reverse"] = True
    if stop is not None:
        parameters["breaks"] = True
    region = Region(
        (() if index is None else (index,)) + items + carried,
        nodes,
        (() if stop is None else (stop,)) + yielded + collected,
    )
    operands = range + sequences + initial
    return Node("for", operands, final + lists, parameters, (region,), location, phase)


def make_while(
    *,
    initial: tuple[Value, ...],
    condition: Region,
    carried: tuple[Value, ...],
    nodes: tuple[Node, ...],
    stop: Value | None = None,
    yielded: tuple[Value, ...],
    collected: tuple[Value, ...] = (),
    final: tuple[Value, ...],
    lists: tuple[Value, ...] = (),
    location: Location | None = None,
    phase: str = "",
) -> Node:
    parameters: dict[str, object] = {}
    if collected:
        parameters["collects"] = len(collected)
    if stop is not None:
        parameters["breaks"] = True
    body = Region(carried, nodes, (() if stop is None else (stop,)) + yielded + collected)
    return Node("while", initial, final + lists, parameters, (condition, body), location, phase)


def walk(nodes: tuple[Node, ...] | list[Node]) -> Iterator[Node]:
    """All nodes, those inside regions right after the node that owns them."""
    for node in nodes:
        yield node
        for region in node.regions:
            yield from walk(region.nodes)


def definitions(nodes: tuple[Node, ...]) -> dict[Value, Node]:
    """The node that defines each value, inside regions too."""
    return {value: node for node in walk(nodes) for value in node.results}


def substitute(node: Node, mapping: Mapping[Value, Value]) -> Node:
    """The node with operands, and everything used inside its regions, replaced by `mapping`."""
    if not mapping:
        return node
    regions = tuple(substitute_region(region, mapping) for region in node.regions)
    operands = tuple(mapping.get(value, value) for value in node.operands)
    same = operands == node.operands and all(a is b for a, b in zip(regions, node.regions))
    return node if same else replace(node, operands=operands, regions=regions)


def substitute_region(region: Region, mapping: Mapping[Value, Value]) -> Region:
    nodes = tuple(substitute(node, mapping) for node in region.nodes)
    results = tuple(mapping.get(value, value) for value in region.results)
    same = results == region.results and all(a is b for a, b in zip(nodes, region.nodes))
    return region if same else replace(region, nodes=nodes, results=results)


def free_values(node: Node) -> list[Value]:
    """Every value that the node or its regions read and do not define, in order of reading."""
    read: dict[Value, None] = {}
    _collect_free(node, set(), read)
    return list(read)


def _collect_free(node: Node, bound: set[Value], read: dict[Value, None]) -> None:
    for value in node.operands:
        if value not in bound and not isinstance(value, Literal):
            read.setdefault(value)
    for region in node.regions:
        inner = bound | set(region.parameters)
        for child in region.nodes:
            _collect_free(child, inner, read)
            inner.update(child.results)
        for value in region.results:
            if value not in inner and not isinstance(value, Literal):
                read.setdefault(value)


def map_regions(node: Node, change: Callable[[Region], Region]) -> Node:
    if not node.regions:
        return node
    regions = tuple(change(region) for region in node.regions)
    if all(a is b for a, b in zip(regions, node.regions)):
        return node
    return replace(node, regions=regions)
