"""The statements of the emitted function, before variables are shared among values.

Each value that is not folded has a variable of its own here.  What flows into and out of loops and
branches is an explicit `Move`, a parallel assignment; most moves vanish when their two sides come
to share one variable (see `coalescing`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from srcgrad.backends.numpy.folding import Folding
from srcgrad.backends.numpy.uses import Block
from srcgrad.graph import (
    Graph,
    Literal,
    LoopParts,
    Node,
    Value,
    loop_parts,
)
from srcgrad.rules import is_store


@dataclass(slots=True, eq=False)
class Define:
    """The node's results become its value: `y = f(x)`; without a reader, just the call."""

    node: Node


@dataclass(slots=True, eq=False)
class Move:
    """All targets get the sources at once.  `deep` sources are copied, not shared."""

    targets: list[Value]
    sources: list[Value]
    deep: set[int] = field(default_factory=set)
    node: Node | None = None


@dataclass(slots=True, eq=False)
class Store:
    """A store into the array that is now the node's result: `a[i] = v`, `a[i] += v`."""

    node: Node
    move: Move


@dataclass(slots=True, eq=False)
class NewList:
    value: Value


@dataclass(slots=True, eq=False)
class Append:
    list: Value
    item: Value


@dataclass(slots=True, eq=False)
class Reverse:
    """What a backward loop collected is put in the order of iteration."""

    list: Value


@dataclass(slots=True, eq=False)
class Branch:
    node: Node
    then: list[Statement]
    orelse: list[Statement]


@dataclass(slots=True, eq=False)
class Loop:
    """`test` holds the statements of a `while` condition that is not one expression."""

    node: Node
    parts: LoopParts
    test: list[Statement]
    condition: Value | None
    body: list[Statement]


@dataclass(slots=True, eq=False)
class Break:
    condition: Value | None = None


@dataclass(slots=True, eq=False)
class Return:
    """The end of the function.  `values` stand for the graph's results, in order."""

    values: list[Value]


Statement = Define | Move | Store | NewList | Append | Reverse | Branch | Loop | Break | Return


def plan_of(graph: Graph, top: Block, folding: Folding) -> list[Statement]:
    return _Planner(folding).function(graph, top)


class _Tail:
    """What is left to do after the last node of a block."""

    def __init__(self, values: Sequence[Value], folding: Folding) -> None:
        self.values = list(values)
        self.folding = folding

    def after(self, node: Node, branch: Block) -> Sequence[Value]:
        """The values as they are when `branch` of the last node was taken."""
        taken = dict(zip(node.results, branch.results))
        return [taken.get(value, value) for value in self.values]

    def finish(self, values: Sequence[Value]) -> list[Statement]:
        raise NotImplementedError

    def accepts(self, node: Node) -> bool:
        """May the last node, a branch, end each of its sides with this tail?

        Its results then exist only as what each side yields, so that no expression may read them.
        """
        results = set(node.results)
        others = [value for value in self.values if value not in results]
        return all(results.isdisjoint(self.folding.leaves(value)) for value in others)


class _ReturnTail(_Tail):
    def finish(self, values: Sequence[Value]) -> list[Statement]:
        return [Return(list(values))]

    def accepts(self, node: Node) -> bool:
        return any(value in node.results for value in self.values) and super().accepts(node)


class _BreakTail(_Tail):
    """The end of a loop body that may stop the loop: the stop flag first, then what is handed on.

    `late` are the numbers of the collected values that are known only there.
    """

    def __init__(self, parts: LoopParts, late: Sequence[int], folding: Folding) -> None:
        assert parts.stop is not None
        self.parts = parts
        self.late = list(late)
        collected = [parts.collected[k] for k in self.late]
        super().__init__([parts.stop, *parts.yielded, *collected], folding)

    def accepts(self, node: Node) -> bool:
        return self.values[0] in node.results and super().accepts(node)

    def finish(self, values: Sequence[Value]) -> list[Statement]:
        count = len(self.parts.carried)
        stop, yielded, collected = values[0], values[1 : 1 + count], values[1 + count :]
        lists = [self.parts.lists[k] for k in self.late]
        done: list[Statement] = [Append(a, b) for a, b in zip(lists, collected)]
        return done + _last_steps(self.parts, stop, yielded, self.folding)


class _Planner:
    def __init__(self, folding: Folding) -> None:
        self.folding = folding

    def function(self, graph: Graph, top: Block) -> list[Statement]:
        return self.ending_with(_ReturnTail(graph.results, self.folding), top)

    def ending_with(
        self, tail: _Tail, block: Block, values: Sequence[Value] | None = None
    ) -> list[Statement]:
        """The block and then the tail, which moves into the branches of a last `if`."""
        values = tail.values if values is None else values
        nodes = [node for node in block.nodes if not self._is_silent(node)]
        last = nodes[-1] if nodes else None
        inner = type(tail).__new__(type(tail))
        inner.__dict__.update(tail.__dict__)
        inner.values = list(values)
        if last is None or last.operation != "if" or not inner.accepts(last):
            return self.nodes(block, nodes) + inner.finish(values)
        sides = []
        for child in block.children[last]:
            sides.append(self.ending_with(inner, child, inner.after(last, child)))
        return self.nodes(block, nodes[:-1]) + [Branch(last, sides[0], sides[1])]

    def _is_silent(self, node: Node) -> bool:
        """Does this node have no statement of its own?"""
        if node in self.folding.dropped:
            return True
        return len(node.results) == 1 and self.folding.is_folded(node.result)

    def nodes(self, block: Block, nodes: Sequence[Node]) -> list[Statement]:
        statements: list[Statement] = []
        for node in nodes:
            statements += self.node(block, node)
        return statements

    def node(self, block: Block, node: Node) -> list[Statement]:
        if is_store(node.operation):
            move = Move([node.result], [node.operands[0]], node=node)
            return [move, Store(node, move)]
        if node.operation == "if" and node not in self.folding.conditionals:
            sides = [self.side(node, child) for child in block.children[node]]
            return [Branch(node, sides[0], sides[1])]
        if node.operation in ("for", "while"):
            return self.loop(block, node)
        if node.operation == "outcome" and len(node.results) == 1:
            return [Move([node.result], [node.operands[0]], node=node)]
        return [Define(node)]

    def visible(self, block: Block) -> list[Node]:
        return [node for node in block.nodes if not self._is_silent(node)]

    def side(self, node: Node, block: Block) -> list[Statement]:
        statements = self.nodes(block, self.visible(block))
        if node.results:
            statements.append(Move(list(node.results), list(block.results)))
        return statements

    def loop(self, block: Block, node: Node) -> list[Statement]:
        parts = loop_parts(node)
        children = block.children[node]
        before: list[Statement] = [NewList(value) for value in parts.lists]
        before.append(Move(list(parts.carried), list(parts.initial), node=node))
        test: list[Statement] = []
        condition = None
        if node.operation == "while":
            own = children[0]
            test = self.nodes(own, self.visible(own))
            condition = own.results[0]
        body = self.body(parts, children[-1])
        after: list[Statement] = [Move(list(parts.final), list(parts.carried))]
        if node.parameters.get("reverse"):
            after += [Reverse(value) for value in parts.lists]
        return before + [Loop(node, parts, test, condition, body)] + after

    def body(self, parts: LoopParts, block: Block) -> list[Statement]:
        nodes = self.visible(block)
        tail, late = self.stopping_tail(parts, nodes)
        if tail is None:
            statements = self.nodes(block, nodes)
        else:
            statements = self.ending_with(tail, block)
        for k, (target, item) in enumerate(zip(parts.lists, parts.collected)):
            if k not in late:
                statements.insert(self.place_after(item, statements), Append(target, item))
        if tail is None:
            statements += _last_steps(parts, parts.stop, parts.yielded, self.folding)
        return statements

    def stopping_tail(
        self, parts: LoopParts, nodes: Sequence[Node]
    ) -> tuple[_BreakTail | None, list[int]]:
        """The tail for a body whose last branch says whether to stop, and what it collects late."""
        if parts.stop is None or not nodes or nodes[-1].operation != "if":
            return None, []
        last = nodes[-1]
        results = set(last.results)
        late = [
            k
            for k, value in enumerate(parts.collected)
            if not results.isdisjoint(self.folding.leaves(value))
        ]
        tail = _BreakTail(parts, late, self.folding)
        return (tail, late) if tail.accepts(last) else (None, [])

    def place_after(self, item: Value, statements: list[Statement]) -> int:
        """The first place in the body where `item` is there to be kept."""
        found = 0
        needed = self.folding.leaves(item)
        for place, statement in enumerate(statements, 1):
            if needed.intersection(defined_by(statement)):
                found = place
        return found


def defined_by(statement: Statement) -> Sequence[Value]:
    """The values that have their final meaning after this statement, and not before."""
    match statement:
        case Define() | Store() | Branch():
            return statement.node.results
        case Move():
            return statement.targets
        case Loop():
            return statement.parts.lists
        case Reverse():
            return (statement.list,)
    return ()


def _last_steps(
    parts: LoopParts, stop: Value | None, yielded: Sequence[Value], folding: Folding
) -> list[Statement]:
    """What is carried gets its new values; then the loop is left, if it stops here.

    A stop flag that reads the old values is computed before they are gone.
    """
    move = Move(list(parts.carried), list(yielded))
    if stop is None or (isinstance(stop, Literal) and not stop.value):
        return [move]
    if isinstance(stop, Literal):
        return [move, Break()]
    if folding.leaves(stop).isdisjoint(parts.carried):
        return [move, Break(stop)]
    flag = Value(stop.type, "stop")
    return [Move([flag], [stop]), move, Break(flag)]


__all__ = ["plan_of"]
