"""The abstract evaluator: walks the syntax tree of a function as Python would run it.

Whatever is known now is evaluated now; numeric work appends nodes to the graph.  Here is the state
of an evaluation and what all its parts share; what each kind of statement does is said in the
modules of the table `_RUNNERS`, and of expressions in `expressions`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any, NoReturn

import numpy as np

from srcgrad.errors import (
    OUTSIDE_REMEDY,
    ArgumentError,
    ShapeError,
    SrcgradError,
    UndefinedError,
    UnsupportedError,
)
from srcgrad.frontend import (
    assignments,
    attributes,
    branching,
    builtin_calls,
    calls,
    class_statements,
    comparisons,
    containers,
    contexts,
    definitions,
    exceptions,
    expressions,
    functions,
    guarding,
    jumps,
    loops,
    matching,
    operators,
    stand_ins,
    storage,
    unlike,
)
from srcgrad.frontend.abstract import (
    FALSE,
    TRUE,
    VERSION,
    Abstract,
    ArrayRef,
    DictOf,
    Frame,
    Frozen,
    GivenObject,
    Keywords,
    ListOf,
    Number,
    ObjectOf,
    OneOf,
    Slots,
    Static,
    Storage,
    Trail,
    TupleOf,
)
from srcgrad.frontend.captures import Captures
from srcgrad.frontend.decisions import Decisions, NeedsDecision
from srcgrad.frontend.named_results import kind_of_result
from srcgrad.frontend.recursion import Recursion
from srcgrad.frontend.replay import belongs_to_numpy
from srcgrad.graph import (
    Builder,
    Node,
    Value,
    give_name,
    is_python_int,
    map_template,
)
from srcgrad.location import Context, Location
from srcgrad.rules import Symbol, apply, as_value, bind, find_primitive, primitive_named


class Evaluator:
    """The state of one evaluation: the graph so far, the frames, the trail of changes."""

    def __init__(self, builder: Builder, captures: Captures, decisions: Decisions) -> None:
        self.builder = builder
        self.captures = captures
        self.decisions = decisions
        self.trail = Trail(captures.reader.places)
        self.places = Slots()
        self.places_on_path: dict[int, tuple[int, Static]] = {}
        self.frame: Frame = None  # type: ignore[assignment]
        self.loops: list[object] = []
        self.growing_in: list[object] = []
        self.depth = 0
        self.guards: list[guarding.Guard] = []
        self.handled: list[Abstract] = []
        self.progress: guarding.Progress | None = None
        self.contexts: tuple[Context, ...] = ()
        self.written: dict[tuple[int, str], Slots] = {}
        self.made_classes: list[type] = []
        # What exceptions were called with, as far as a call can be written that makes them anew.
        self.made_exceptions: dict[int, tuple[Abstract, ...] | None] = {}
        self.texts: set[Value] = set()  # what is known to be a string
        self.rule_depth = 0
        self.statement: ast.stmt = None  # type: ignore[assignment]
        self.calls = 0
        # The functions whose calls are being evaluated, each with the number of conditions then.
        self.running: list[tuple[int, int]] = []
        self.names_of_recursions: set[str] = set()
        self.recursions: dict[object, Recursion] = {}
        self.conditions: list[Value] = []  # of the branches that are being evaluated
        self.facts: dict[Value, bool] = {}  # what holds on this path
        # Does what is evaluated next take things of any kind?
        self.takes_anything = True
        self.caches: dict[int, object] = {}
        self.sources: dict[Value, tuple[str, object]] = {}
        self.created: dict[Value, object] = {}
        self.aliases: dict[Value, tuple[Value, ...]] = {}

    # Running statements

    def run_block(self, statements: Sequence[ast.stmt]) -> None:
        """Run statements in order; after one that may have jumped, the rest run if it did not."""
        for at, statement in enumerate(statements):
            self.run_statement(statement)
            jumped = jumps.pending_jump(self)
            if jumped is TRUE:
                return
            if jumped is not FALSE:
                rest = statements[at + 1 :]
                if rest:
                    run_rest = partial(self.run_block, rest)
                    jumps.unless_jumped(self, jumps.jump_flags(self), jumped, run_rest)
                return

    def run_statement(self, statement: ast.stmt) -> None:
        run = _RUNNERS.get(type(statement))
        if run is None:
            keyword = _keyword(statement)
            self.refuse(
                statement,
                f"`{keyword}` is not supported in differentiated functions yet",
                _STATEMENT_REMEDIES.get(keyword),
            )
        self.statement = statement
        with self.builder.at(self.location(statement)), self.taking(statement):
            try:
                once = partial(run, self, statement)
                if self.guards:
                    once = partial(guarding.run_guarded, self, statement, once)
                if self.decisions.apart:
                    unlike.apart(self, once)
                else:
                    once()
            except SrcgradError as error:
                expressions.place_error(self, error, statement)
                raise

    def location(self, node: ast.AST) -> Location:
        """The place of the node; that of the call for what stands in for a function of NumPy."""
        source, caller = self.frame.source, self.frame.caller
        if caller is not None and stand_ins.is_file_of_stand_ins(source.filename):
            return caller
        place = source.location(node, caller)
        return replace(place, contexts=self.contexts) if self.contexts else place

    def refuse(self, node: ast.AST, message: str, remedy: str | None = None) -> NoReturn:
        raise UnsupportedError(
            message,
            location=self.location(node),
            construct=self.frame.source.header(node),
            remedy=remedy or OUTSIDE_REMEDY,
        )

    def reject(
        self,
        node: ast.AST,
        message: str,
        remedy: str | None = None,
        raises: type[BaseException] | None = None,
    ) -> NoReturn:
        """Refuse what Python itself would refuse at this place, with an exception `raises`."""
        error = ArgumentError(
            message,
            location=self.location(node),
            construct=self.frame.source.header(node),
            remedy=remedy,
        )
        raise self.would_raise(error, raises)

    def would_raise(self, error: SrcgradError, raises: type[BaseException] | None) -> SrcgradError:
        """The error, with what Python would raise in its place, for a `try` around it."""
        error.raises = raises or error.raises
        error.open_blocks = len(self.builder.open_blocks())
        return error

    def undefined(self, node: ast.AST, message: str, remedy: str | None = None) -> NoReturn:
        """Refuse a name or an attribute that Python would not find."""
        error = UndefinedError(
            message,
            location=self.location(node),
            construct=self.frame.source.text(node),
            remedy=remedy,
        )
        raise self.would_raise(error, NameError if isinstance(node, ast.Name) else AttributeError)

    # What statements and their parts share

    def branch(
        self, condition: Abstract, then: Callable[[], Any], orelse: Callable[[], Any]
    ) -> None:
        """Run both paths of a condition known only during the call, and join what they changed."""
        branching.branch(self, condition, then, orelse)

    def branch_depth(self) -> int:
        """In how many branches and loops of the graph the evaluation stands."""
        return len(self.trail.logs)

    def truth(self, value: Abstract, node: ast.AST) -> Abstract:
        """What `if value` sees: TRUE, FALSE, or a number whose truth is known during the call."""
        return branching.truth(self, value, node)

    def assign(self, target: ast.expr, value: Abstract) -> None:
        assignments.assign(self, target, value)

    def name_like(self, number: Abstract, held: Storage) -> None:
        """Give a new version of a storage the name of the old one."""
        old = held.entries[VERSION]
        if isinstance(number, Number) and isinstance(old, Number) and old.value.name:
            give_name(number.value, old.value.name)

    def settled(self, value: Abstract) -> Abstract:
        """The value with every reference replaced by what it refers to at this moment."""
        if isinstance(value, (ArrayRef, OneOf, Frozen)):
            return storage.current(self, value)
        if isinstance(value, TupleOf):
            return TupleOf(tuple(map(self.settled, value.items)), value.kind)
        if isinstance(value, ListOf) and not isinstance(value.content, TupleOf):
            return storage.current(self, value)
        if isinstance(value, ListOf):
            return ListOf(tuple(map(self.settled, value.items)))
        if isinstance(value, DictOf):
            return DictOf({key: self.settled(item) for key, item in value.items.items()})
        if isinstance(value, ObjectOf) and not isinstance(value, GivenObject):
            return ObjectOf(value.kind, {n: self.settled(value.own(n)) for n in value.names()})
        return value

    def rule_argument(self, value: Abstract) -> Any:
        return containers.to_rule_argument(self, value)

    # What the other modules of the frontend share

    def evaluate(self, node: ast.expr) -> Abstract:
        return expressions.evaluate(self, node)

    def binary(self, op: ast.operator, left: Abstract, right: Abstract, node: ast.AST) -> Abstract:
        return operators.binary(self, op, left, right, node)

    def attribute_of(self, owner: Abstract, name: str, node: ast.AST) -> Abstract:
        return attributes.attribute_of(self, owner, name, node)

    def compare(self, op: ast.cmpop, left: Abstract, right: Abstract, node: ast.AST) -> Abstract:
        return comparisons.compare(self, op, left, right, node)

    def choose(self, condition: Abstract, a: Abstract, b: Abstract, node: ast.AST) -> Abstract:
        return branching.choose(self, condition, lambda: a, lambda: b, node)

    def call(
        self, function: Abstract, args: list[Abstract], kwargs: Keywords, node: ast.AST
    ) -> Abstract:
        """The result of calling an abstract function."""
        return calls.call(self, function, args, kwargs, node)

    def caught_flags(self) -> list[tuple[Slots, object]]:
        """The flags of the handlers that exceptions may reach from here."""
        return [(guard.frame, flag) for guard in self.guards for flag in guard.flags]

    def arguments(self, node: ast.Call) -> tuple[list[Abstract], Keywords]:
        """What a call is given, by position and by keyword."""
        return calls.arguments(self, node)

    def length(self, value: Abstract, node: ast.AST) -> Abstract:
        return builtin_calls.length(self, value, node)

    def known_items(
        self, value: Abstract, node: ast.AST, count: int | None = None
    ) -> tuple[Abstract, ...]:
        """The items of an iterable whose length is known (or is to be `count`)."""
        return containers.known_items(self, value, node, count)

    def call_primitive(
        self,
        function: Any,
        args: Sequence[Abstract],
        kwargs: dict[str, Abstract] | None = None,
        *,
        effect: bool = False,
    ) -> Abstract:
        """Append the node of a primitive's call, given by function or name.

        With `effect`, the node writes into the caller's memory.
        """
        named = isinstance(function, str)
        primitive = primitive_named(function) if named else find_primitive(function)
        assert primitive is not None
        convert = containers.to_rule_argument
        given = [convert(self, item) for item in args]
        keywords = {key: convert(self, item) for key, item in (kwargs or {}).items()}
        bound = bind(primitive, given, keywords)
        of_arrays = isinstance(function, np.ufunc) or belongs_to_numpy(function)
        operands = [
            containers.as_operand(self, item, takes_arrays=of_arrays) for item in bound.operands
        ]
        for key, item in bound.parameters.items():
            if isinstance(item, containers.WrittenFloat):
                bound.parameters[key] = float(item)
        if effect:
            bound.parameters.update(effect=True, in_place=True)
        try:
            values = guarding.attempt(self, primitive, operands, bound.parameters) or apply(
                self.builder, primitive, operands, bound.parameters
            )
        except SrcgradError as error:
            # It may go through with the values of integers (an axis, a shape) that are known now.
            self.ask_for_integers(bound.parameters)
            if isinstance(error, ShapeError) and not error.operands:
                error.operands = tuple(as_value(operand).type for operand in operands)
            raise
        numbers = tuple(Number(value) for value in values)
        alone = len(numbers) == 1 and not primitive.gives_tuple
        return numbers[0] if alone else TupleOf(numbers, kind_of_result(function, len(numbers)))

    def symbol(self, value: Value) -> Symbol:
        return Symbol(self.builder, value)

    def make_static(self, value: Abstract, node: ast.AST) -> Static:
        """The value of an integer that must be known now; asks for what it depends on."""
        if isinstance(value, Static):
            return value
        if isinstance(value, TupleOf) and value.kind is tuple:
            return Static(tuple(self.make_static(item, node).value for item in value.items))
        if isinstance(value, Number):
            wanted = self.decisions.sources_of(value.value, self)
            if wanted:
                raise NeedsDecision(wanted)
        self.refuse(
            node,
            f"the value of `{self.frame.source.text(node)}` must be known before the call",
            "Make it an integer that is an argument, or write it as a constant.",
        )

    def call_with(self, function: Callable[..., Any], given: dict[str, Abstract]) -> Abstract:
        """The result of the differentiated function for these parameters."""
        return functions.run_entry(self, function, given)  # type: ignore[arg-type]

    def ask_for_value(self, value: Value) -> None:
        """Start again with what decides an integer or a truth made static, if that can be."""
        wanted = self.decisions.sources_of(value, self)
        if not all(map(self.decisions.has_taken, wanted)):
            raise NeedsDecision(wanted)

    def ask_for_integers(self, parameters: dict[str, Any]) -> None:
        """Start again with the integers among parameters made static, if that can be."""
        wanted: set[tuple[str, object]] = set()

        def look(item: object) -> object:
            if isinstance(item, Symbol) and is_python_int(item.type):
                wanted.update(self.decisions.sources_of(item.value, self))
            return item

        map_template(parameters, look)
        if wanted:
            raise NeedsDecision(wanted)

    @contextmanager
    def taking(self, node: ast.AST) -> Iterator[None]:
        """Inside the `with`, parts of this statement or expression are evaluated."""
        outer, self.takes_anything = self.takes_anything, unlike.takes_anything(node)
        try:
            yield
        finally:
            self.takes_anything = outer

    @contextmanager
    def growing(self, loop: object) -> Iterator[None]:
        """Inside the `with`, lists may be growing by what `loop` appends."""
        self.growing_in.append(loop)
        try:
            yield
        finally:
            self.growing_in.pop()

    def definition(self, value: Value) -> Node | None:
        """The node that defines a value, of those appended in this region and the ones around."""
        for nodes in reversed(self.builder.open_blocks()):
            for node in reversed(nodes):
                if value in node.results:
                    return node
        return None


_KEYWORDS = {
    "AsyncFor": "async for",
    "AsyncFunctionDef": "async def",
    "AsyncWith": "async with",
    "TryStar": "except*",
    "TypeAlias": "type",
}
_STATEMENT_REMEDIES = {
    "async for": "Use a plain `for`.",
    "async with": "Use a plain `with`.",
    "except*": "Catch the exceptions of a group where the function is called.",
    "type": "Define the alias outside the function.",
    "async def": "Make it a plain function.",
}


def _keyword(statement: ast.stmt) -> str:
    name = type(statement).__name__
    return _KEYWORDS.get(name, name.lower())


def _run_expression(ev: Evaluator, statement: ast.Expr) -> None:
    if not isinstance(statement.value, ast.Constant):
        ev.evaluate(statement.value)


def _run_pass(ev: Evaluator, statement: ast.Pass) -> None:
    """Nothing."""


_RUNNERS: dict[type[ast.stmt], Callable[[Evaluator, Any], None]] = {
    ast.AnnAssign: assignments.run_ann_assign,
    ast.Assert: exceptions.run_assert,
    ast.Assign: assignments.run_assign,
    ast.AugAssign: assignments.run_aug_assign,
    ast.Break: jumps.run_break,
    ast.ClassDef: class_statements.run_class,
    ast.Continue: jumps.run_continue,
    ast.Delete: assignments.run_delete,
    ast.Expr: _run_expression,
    ast.For: loops.run_for,
    ast.FunctionDef: definitions.run_function_def,
    ast.Global: definitions.run_global,
    ast.If: branching.run_if,
    ast.Import: definitions.run_import,
    ast.ImportFrom: definitions.run_import_from,
    ast.Match: matching.run_match,
    ast.Nonlocal: definitions.run_nonlocal,
    ast.Pass: _run_pass,
    ast.Raise: exceptions.run_raise,
    ast.Return: jumps.run_return,
    ast.With: contexts.run_with,
    ast.Try: exceptions.run_try,
    ast.While: loops.run_while,
}
