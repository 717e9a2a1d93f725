"""Reads the textual form of graphs; the grammar stands in `text`."""

from __future__ import annotations

import ast
import re
from typing import NoReturn

import numpy as np

from srcgrad.graph.graph import Graph
from srcgrad.graph.node import (
    UNDEFINED,
    Literal,
    Node,
    Region,
    Value,
    literal,
    make_for,
    make_while,
    substitute_region,
)
from srcgrad.graph.template import Hole
from srcgrad.graph.types import (
    BOOL,
    COMPLEX,
    FLOAT,
    INT,
    OPAQUE,
    ArrayType,
    Dim,
    ListType,
    ScalarType,
    Shape,
    Type,
    add_dims,
    dtype_from_short,
    multiply_dims,
    symbol,
)

_TOKEN = re.compile(
    r"\s*(?:#[^\n]*\n\s*)*"
    r"(?P<token>\.\.\.|[A-Za-z_][\w.]*|(?:\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)j?"
    r"|'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|\S)"
)
_TYPES: dict[str, Type] = {
    "bool": BOOL,
    "int": INT,
    "float": FLOAT,
    "complex": COMPLEX,
    "object": OPAQUE,
}
_CONSTANTS = {"True": True, "False": False, "None": None, "undefined": UNDEFINED}
_SPECIAL_FLOATS = {"nan": float("nan"), "inf": float("inf")}


def parse_graph(text: str) -> Graph:
    """Read one graph.  Raises `ValueError` naming the place where the text is not one."""
    return _Parser(text).graph()


class _Parser:
    def __init__(self, text: str) -> None:
        self.tokens = [match["token"] for match in _TOKEN.finditer(text + "\n")]
        self.at = 0
        self.values: dict[str, Value] = {}

    def fail(self, wanted: str) -> NoReturn:
        around = " ".join(self.tokens[max(self.at - 6, 0) : self.at + 6])
        raise ValueError(f"expected {wanted} at `{self.peek()}` in `{around}`")

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else "end"

    def take(self) -> str:
        self.at += 1
        return self.tokens[self.at - 1]

    def accept(self, token: str) -> bool:
        if self.peek() == token:
            self.at += 1
            return True
        return False

    def expect(self, token: str) -> None:
        if not self.accept(token):
            self.fail(f"`{token}`")

    def name(self) -> str:
        if not re.match(r"[A-Za-z_]", self.peek()):
            self.fail("a name")
        return self.take()

    # Values, types and settings

    def define(self, name: str, type_: Type) -> Value:
        value = Value(type_, name)
        self.values[name] = value
        return value

    def parameter(self) -> Value:
        name = self.name()
        self.expect(":")
        return self.define(name, self.type())

    def value(self) -> Value:
        token = self.peek()
        if token in _CONSTANTS:
            self.take()
            return literal(_CONSTANTS[token])
        if token in _SPECIAL_FLOATS:
            self.take()
            return literal(_SPECIAL_FLOATS[token])
        if token in self.values:
            return self.values[self.take()]
        return literal(self.python_literal())

    def list_of_values(self, *stops: str) -> tuple[Value, ...]:
        found: list[Value] = []
        if self.peek() in stops:
            return ()
        found.append(self.value())
        while self.accept(","):
            found.append(self.value())
        return tuple(found)

    def python_literal(self) -> object:
        """A Python literal: the longest run of tokens up to a `,`, `}` or `)` outside brackets."""
        text, depth = "", 0
        while True:
            token = self.peek()
            if depth == 0 and token in (",", "}", ")", ":", "{", "end"):
                break
            depth += (token in "([{") - (token in ")]}")
            text += self.take()
            is_open = token == "-" or depth or text.endswith(("dtype", "slice"))
            if not is_open and self.peek() != "(":
                break
        return _evaluate(text)

    def settings(self) -> dict[str, object]:
        found: dict[str, object] = {}
        if not self.accept("{"):
            return found
        while not self.accept("}"):
            key = self.name()
            self.expect("=")
            start, depth = self.at, 0
            while depth or self.peek() not in (",", "}"):
                depth += (self.peek() in "([{") - (self.peek() in ")]}")
                self.take()
            found[key] = _evaluate(" ".join(self.tokens[start : self.at]))
            self.accept(",")
        return found

    def type(self) -> Type:
        word = self.name()
        if word == "list" and self.accept("["):
            element = self.type()
            self.expect("]")
            return ListType(element)
        if self.accept("["):
            return ArrayType(dtype_from_short(word), self.shape())
        if word not in _TYPES:
            self.fail("a type")
        if word == "int" and self.accept("("):
            return ScalarType(int, self.dim())
        return _TYPES[word]

    def shape(self) -> Shape | None:
        if self.accept("..."):
            self.expect("]")
            return None
        dims: list[Dim] = []
        while not self.accept("]"):
            dims.append(self.dim())
            self.accept(",")
        return tuple(dims)

    def dim(self) -> Dim:
        if self.accept("?"):
            return None
        total: Dim = 0
        sign = 1
        while self.peek() not in (",", "]"):
            if self.accept(")"):
                break
            if self.accept("+"):
                sign = 1
            elif self.accept("-"):
                sign = -1
            factor: Dim = sign
            factor = multiply_dims(factor, self.dim_atom())
            while self.accept("*"):
                factor = multiply_dims(factor, self.dim_atom())
            total = add_dims(total, factor)
        return total

    def dim_atom(self) -> Dim:
        token = self.take()
        return int(token) if token.isdigit() else symbol(token)

    def types(self, count: int) -> list[Type]:
        if not count:
            return []
        self.expect(":")
        found = [self.type()]
        while len(found) < count:
            self.expect(",")
            found.append(self.type())
        return found

    # Statements

    def graph(self) -> Graph:
        self.expect("graph")
        name = self.name()
        self.expect("(")
        inputs: list[Value] = []
        while not self.accept(")"):
            inputs.append(self.parameter())
            self.accept(",")
        self.expect("{")
        nodes = self.block("return")
        results = self.list_of_values("}")
        self.expect("}")
        return Graph(name, tuple(inputs), nodes, results)

    def block(self, stop: str) -> tuple[Node, ...]:
        nodes: list[Node] = []
        while not self.accept(stop):
            nodes.append(self.statement())
        return tuple(nodes)

    def statement(self) -> Node:
        targets: list[str] = []
        start = self.at
        while True:
            targets.append(self.name())
            if self.accept("="):
                break
            if not self.accept(","):
                self.at, targets = start, []
                break
        operation = self.name()
        if operation == "if":
            return self.branch(targets)
        if operation in ("for", "while"):
            return self.loop(operation, targets)
        operands = self.operands()
        settings = self.settings()
        results = self.results(targets)
        return Node(operation, operands, results, settings)

    def operands(self) -> tuple[Value, ...]:
        token = self.peek()
        if token in ("{", ":", "return", "yield", "}", "test"):
            return ()
        follows = self.tokens[self.at + 1 : self.at + 2]
        if token not in self.values and follows and follows[0] in ("=",):
            return ()
        return self.list_of_values()

    def results(self, targets: list[str]) -> tuple[Value, ...]:
        types = self.types(len(targets))
        return tuple(self.define(name, type_) for name, type_ in zip(targets, types))

    def branch(self, targets: list[str]) -> Node:
        condition = self.value()
        regions = []
        for opening in ("{", "else"):
            self.expect(opening)
            if opening == "else":
                self.expect("{")
            outer = dict(self.values)
            nodes = self.block("yield")
            results = self.list_of_values("}")
            self.expect("}")
            regions.append(Region((), nodes, results))
            self.values = outer
        return Node("if", (condition,), self.results(targets), {}, tuple(regions))

    def binds(self, word: str) -> tuple[tuple[Value, ...], tuple[Value, ...]]:
        if not self.accept(word):
            return (), ()
        self.expect("(")
        bound: list[tuple[str, Type, Value]] = []
        while not self.accept(")"):
            name = self.name()
            self.expect(":")
            type_ = self.type()
            self.expect("=")
            bound.append((name, type_, self.value()))
            self.accept(",")
        sources = tuple(source for _, _, source in bound)
        return tuple(self.define(name, type_) for name, type_, _ in bound), sources

    def loop(self, operation: str, targets: list[str]) -> Node:
        reverse = self.accept("reverse")
        outer = dict(self.values)
        range_: tuple[Value, ...] = ()
        index_name, index_type = "", None
        if self.peek() not in ("each", "carry", "{"):
            index_name = self.name()
            self.expect(":")
            index_type = self.type()
            self.expect("in")
            self.expect("range")
            self.expect("(")
            range_ = self.list_of_values(")")
            self.expect(")")
        items, sequences = self.binds("each")
        carried, initial = self.binds("carry")
        index = self.define(index_name, index_type) if index_type else None
        self.expect("{")
        condition = Region(carried, (), ())
        if operation == "while":
            nodes = self.block("test")
            condition = Region(carried, nodes, (self.value(),))
            self.expect("do")
        nodes = self.block("yield")
        yielded = self.list_of_values("collect", "stop", "}")
        collected = self.list_of_values("stop", "}") if self.accept("collect") else ()
        stop = self.value() if self.accept("stop") else None
        self.expect("}")
        self.values = outer
        results = self.results(targets)
        final, lists = results[: len(carried)], results[len(carried) :]
        if operation == "while":
            return make_while(
                initial=initial,
                condition=_with_own_parameters(condition),
                carried=carried,
                nodes=nodes,
                stop=stop,
                yielded=yielded,
                collected=collected,
                final=final,
                lists=lists,
            )
        return make_for(
            range=range_,
            sequences=sequences,
            initial=initial,
            index=index,
            items=items,
            carried=carried,
            nodes=nodes,
            stop=stop,
            yielded=yielded,
            collected=collected,
            final=final,
            lists=lists,
            reverse=reverse,
        )


def _with_own_parameters(region: Region) -> Region:
    """The text names the carried values once; in the graph condition and body have their own."""
    mapping: dict[Value, Value] = {v: Value(v.type, v.name) for v in region.parameters}
    renamed = substitute_region(region, mapping)
    return Region(tuple(mapping[v] for v in region.parameters), renamed.nodes, renamed.results)


def _evaluate(text: str) -> object:
    """A literal, or a dtype or slice written as in the textual form."""
    names = {"dtype": np.dtype, "slice": slice, "hole": Hole, **_SPECIAL_FLOATS}
    try:
        tree = ast.parse(text, mode="eval")
    except SyntaxError as error:
        raise ValueError(f"not a literal: {text!r}") from error
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id not in names:
            raise ValueError(f"not a literal: {text!r}")
    return eval(compile(tree, "<graph>", "eval"), {"__builtins__": {}}, names)


__all__ = ["parse_graph", "Literal"]
