"""Random graphs: nested loops and branches, stores, views, tapes, swaps, early stops, reused names.

Names are few, so that they collide; arrays are short, so that mistakes show; what reads what is
left to chance.  A seed gives the same graph in every process.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import numpy as np

from srcgrad.graph import (
    BOOL,
    FLOAT,
    INT,
    ArrayType,
    Graph,
    ListType,
    Node,
    Region,
    ScalarType,
    Type,
    Value,
    literal,
    make_for,
    make_while,
)

LENGTH = 4
ARRAY = ArrayType(np.dtype("f8"), (LENGTH,))
_NAMES = ("x", "y", "a", None, None, None)


@dataclass
class Scope:
    """What can be read at a place, by type."""

    floats: list[Value] = field(default_factory=list)
    arrays: list[Value] = field(default_factory=list)
    lists: list[Value] = field(default_factory=list)

    def nested(self) -> Scope:
        return Scope(list(self.floats), list(self.arrays), list(self.lists))

    def add(self, value: Value) -> Value:
        if value.type == ARRAY:
            self.arrays.append(value)
        elif isinstance(value.type, ListType):
            self.lists.append(value)
        elif value.type == FLOAT:
            self.floats.append(value)
        return value


class Generator:
    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.phase = ""

    def graph(self) -> Graph:
        inputs = (Value(ARRAY, "x"), Value(ARRAY, "w"), Value(FLOAT, "a"), Value(INT, "n"))
        scope = Scope([inputs[2]], [inputs[0], inputs[1]])
        nodes = self.block(scope, 6, depth=0)
        self.phase = "adjoint of "
        nodes += self.block(scope, 6, depth=0)
        results = tuple(self.pick(scope.arrays) for _ in range(3))
        results += tuple(self.pick(scope.floats) for _ in range(2))
        results += tuple(self.some(scope.lists, 1))
        return Graph("program", inputs, tuple(nodes), results)

    # Choices

    def pick(self, values: list[Value]) -> Value:
        """A value, more often one of the newest."""
        recent = values[-4:] if self.chance.random() < 0.7 else values
        return self.chance.choice(recent)

    def some(self, values: list[Value], count: int) -> list[Value]:
        return [self.pick(values) for _ in range(count)] if values else []

    def fresh(self, type_: Type, scope: Scope) -> Value:
        if self.phase and self.chance.random() < 0.5:
            known = scope.arrays if type_ == ARRAY else scope.floats
            return Value(type_, None, self.pick(known))
        return Value(type_, self.chance.choice(_NAMES))

    def float_operand(self, scope: Scope) -> Value:
        if self.chance.random() < 0.3:
            return literal(self.chance.choice((0.5, 1.5, -0.25, 2.0)))
        return self.pick(scope.floats)

    # Nodes

    def block(self, scope: Scope, length: int, depth: int) -> list[Node]:
        nodes: list[Node] = []
        for _ in range(length):
            nodes += self.step(scope, depth)
        return nodes

    def step(self, scope: Scope, depth: int) -> list[Node]:
        kinds = [self.arithmetic, self.arithmetic, self.arithmetic, self.scalar, self.store]
        kinds += [self.store, self.view]
        if depth < 3:
            kinds += [self.branch, self.loop, self.loop, self.while_loop]
        make = self.chance.choice(kinds)
        return make(scope, depth)

    def node(
        self,
        scope: Scope,
        operation: str,
        operands: tuple[Value, ...],
        type_: Type,
        **parameters: object,
    ) -> list[Node]:
        result = self.fresh(type_, scope)
        node = Node(operation, operands, (result,), parameters, (), None, self.phase)
        scope.add(result)
        return [node]

    def arithmetic(self, scope: Scope, depth: int) -> list[Node]:
        operation = self.chance.choice(("add", "subtract", "multiply"))
        left = self.pick(scope.arrays)
        right = self.chance.choice((self.pick(scope.arrays), self.float_operand(scope)))
        pair = (left, right) if self.chance.random() < 0.7 else (right, left)
        return self.node(scope, operation, pair, ARRAY)

    def scalar(self, scope: Scope, depth: int) -> list[Node]:
        operation = self.chance.choice(("add", "subtract", "multiply"))
        pair = (self.pick(scope.floats), self.float_operand(scope))
        return self.node(scope, operation, pair, FLOAT)

    def store(self, scope: Scope, depth: int) -> list[Node]:
        operation = self.chance.choice(("index_set", "index_add"))
        base = self.pick(scope.arrays)
        if self.chance.random() < 0.5:
            value = self.float_operand(scope)
            index: object = self.chance.randrange(LENGTH)
        else:
            value = self.pick(scope.arrays)
            index = self.chance.choice((slice(None), slice(None, None, -1), ([0, 1, 0, 2],)))
        if operation == "index_set" and isinstance(index, tuple):
            index = slice(None)
        return self.node(scope, operation, (base, value), ARRAY, index=index)

    def view(self, scope: Scope, depth: int) -> list[Node]:
        base = self.pick(scope.arrays)
        if self.chance.random() < 0.3:
            return self.node(scope, "transpose", (base,), ARRAY)
        index = self.chance.choice((slice(None, None, -1), slice(None)))
        return self.node(scope, "getitem", (base,), ARRAY, index=index)

    def condition(self, scope: Scope) -> tuple[list[Node], Value]:
        result = Value(BOOL)
        pair = (self.pick(scope.floats), literal(self.chance.choice((0.0, 0.5, 1.0))))
        return [Node("greater", pair, (result,), {}, (), None, self.phase)], result

    def results_like(self, scope: Scope, types: list[Type]) -> tuple[Value, ...]:
        return tuple(self.pick(scope.arrays if t == ARRAY else scope.floats) for t in types)

    def types(self, most: int) -> list[Type]:
        return [
            self.chance.choice((ARRAY, ARRAY, FLOAT)) for _ in range(self.chance.randint(1, most))
        ]

    def branch(self, scope: Scope, depth: int) -> list[Node]:
        before, condition = self.condition(scope)
        types = self.types(2)
        regions = []
        for _ in range(2):
            inner = scope.nested()
            nodes = self.block(inner, self.chance.randint(0, 3), depth + 1)
            regions.append(Region((), tuple(nodes), self.results_like(inner, types)))
        results = tuple(self.fresh(type_, scope) for type_ in types)
        for value in results:
            scope.add(value)
        node = Node("if", (condition,), results, {}, tuple(regions), None, self.phase)
        return [*before, node]

    def stop_flag(self, scope: Scope) -> tuple[list[Node], Value]:
        before, condition = self.condition(scope)
        if self.chance.random() < 0.4:
            return before, condition
        flag = Value(BOOL)
        sides = [Region((), (), (literal(stops),)) for stops in (True, False)]
        node = Node("if", (condition,), (flag,), {}, tuple(sides), None, self.phase)
        return [*before, node], flag

    def stopping_branch(self, inner: Scope, types: list[Type], depth: int):
        """A last branch that says whether to stop and gives the new values."""
        before, condition = self.condition(inner)
        regions = []
        for stops in (True, False):
            side = inner.nested()
            nodes = self.block(side, self.chance.randint(0, 2), depth + 2)
            values = (literal(stops), *self.results_like(side, types))
            regions.append(Region((), tuple(nodes), values))
        flag = Value(BOOL)
        yielded = tuple(self.fresh(type_, inner) for type_ in types)
        node = Node("if", (condition,), (flag, *yielded), {}, tuple(regions), None, self.phase)
        return [*before, node], flag, yielded

    def body(self, inner: Scope, types: list[Type], depth: int, carried: tuple[Value, ...]):
        nodes = self.block(inner, self.chance.randint(1, 4), depth + 1)
        kept = self.types(1) if self.chance.random() < 0.5 else []
        collected = self.results_like(inner, kept)
        stop = None
        yielded = self.results_like(inner, types)
        if self.chance.random() < 0.3:
            yielded = tuple(reversed(carried)) if types == types[::-1] else yielded
        roll = self.chance.random()
        if roll < 0.15:
            more, stop = self.stop_flag(inner)
            nodes += more
        elif roll < 0.35:
            more, stop, yielded = self.stopping_branch(inner, types, depth)
            nodes += more
        return nodes, stop, yielded, collected

    def loop(self, scope: Scope, depth: int) -> list[Node]:
        types = self.types(3)
        initial = self.results_like(scope, types)
        inner = scope.nested()
        carried = tuple(inner.add(self.fresh(type_, scope)) for type_ in types)
        sequences: tuple[Value, ...] = ()
        items: tuple[Value, ...] = ()
        if scope.lists and self.chance.random() < 0.5:
            sequences = (self.pick(scope.lists),)
            items = (inner.add(self.fresh(sequences[0].type.element, scope)),)
        ranged = not sequences or self.chance.random() < 0.4
        start = literal(self.chance.choice((0, 0, 1)))
        stop_at = literal(self.chance.choice((0, 1, 2, 3)))
        nodes, stop, yielded, collected = self.body(inner, types, depth, carried)
        final = tuple(self.fresh(type_, scope) for type_ in types)
        lists = tuple(Value(ListType(value.type)) for value in collected)
        for value in final + lists:
            scope.add(value)
        return [
            make_for(
                range=(start, stop_at, literal(1)) if ranged else (),
                sequences=sequences,
                initial=initial,
                index=Value(INT, self.chance.choice(("i", None))) if ranged else None,
                items=items,
                carried=carried,
                nodes=tuple(nodes),
                stop=stop,
                yielded=yielded,
                collected=collected,
                final=final,
                lists=lists,
                reverse=self.chance.random() < 0.3,
                phase=self.phase,
            )
        ]

    def while_loop(self, scope: Scope, depth: int) -> list[Node]:
        types = self.types(2)
        initial = (literal(0), *self.results_like(scope, types))
        inner = scope.nested()
        count = Value(ScalarType(int), self.chance.choice(("k", None)))
        carried = (count, *(inner.add(self.fresh(type_, scope)) for type_ in types))
        nodes, stop, yielded, collected = self.body(inner, types, depth, carried[1:])
        more = Value(ScalarType(int), count.name)
        nodes.insert(0, Node("add", (count, literal(1)), (more,), {}, (), None, self.phase))
        condition = self.while_condition(types)
        final = tuple(self.fresh(value.type, scope) for value in carried)
        lists = tuple(Value(ListType(value.type)) for value in collected)
        for value in final[1:] + lists:
            scope.add(value)
        return [
            make_while(
                initial=initial,
                condition=condition,
                carried=carried,
                nodes=tuple(nodes),
                stop=stop,
                yielded=(more, *yielded),
                collected=collected,
                final=final,
                lists=lists,
                phase=self.phase,
            )
        ]

    def while_condition(self, types: list[Type]) -> Region:
        """The counter is below a limit, at times with a needless step that is read twice."""
        own = tuple(Value(type_) for type_ in [ScalarType(int), *types])
        limit = literal(self.chance.choice((0, 1, 2, 3)))
        goes_on = Value(BOOL)
        if self.chance.random() < 0.6:
            nodes = [Node("less", (own[0], limit), (goes_on,), {}, (), None, self.phase)]
            return Region(own, tuple(nodes), (goes_on,))
        ahead, twice = Value(INT, "k"), Value(INT)
        nodes = [
            Node("add", (own[0], literal(1)), (ahead,), {}, (), None, self.phase),
            Node("subtract", (ahead, ahead), (twice,), {}, (), None, self.phase),
            Node("less", (own[0], limit), (goes_on,), {}, (), None, self.phase),
        ]
        last = Value(BOOL)
        nodes.append(Node("less_equal", (twice, limit), (last,), {}, (), None, self.phase))
        both = Value(BOOL)
        nodes.append(Node("bitwise_and", (goes_on, last), (both,), {}, (), None, self.phase))
        return Region(own, tuple(nodes), (both,))
