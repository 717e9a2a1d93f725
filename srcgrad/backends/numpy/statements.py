"""Writes the statements of a plan as Python's AST, with a comment above each group."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from srcgrad.analyses import TripCounts
from srcgrad.backends.numpy import trees
from srcgrad.backends.numpy.coalescing import Variables
from srcgrad.backends.numpy.comments import Comment, Comments, without_blank_line
from srcgrad.backends.numpy.contexts import (
    Group,
    contexts_of,
    contexts_of_all,
    under_contexts,
)
from srcgrad.backends.numpy.expressions import BINARY, Expressions
from srcgrad.backends.numpy.folding import Folding, is_undefined
from srcgrad.backends.numpy.iteration import for_header
from srcgrad.backends.numpy.liveness import Liveness
from srcgrad.backends.numpy.ownership import makes_fresh_array
from srcgrad.backends.numpy.plan import (
    Append,
    Branch,
    Break,
    Define,
    Loop,
    Move,
    NewList,
    Return,
    Reverse,
    Statement,
    Store,
)
from srcgrad.backends.numpy.results import ResultWriter
from srcgrad.backends.numpy.stores import AUGMENTED, Writes
from srcgrad.backends.numpy.writing import special_store
from srcgrad.graph import ArrayType, Literal, Node, Value, rank_of

_JUMPS = (ast.Return, ast.Break, ast.Raise)
_RAISED = "raised"


@dataclass(slots=True)
class StatementWriter:
    """What it takes to write statements.  `block` gives the AST of a run of them."""

    build: Expressions
    folding: Folding
    liveness: Liveness
    variables: Variables
    writes: Writes
    results: ResultWriter
    comments: Comments
    lengths: TripCounts
    names_places_once: Callable[[Node], bool]
    undefined_is_none: bool = False

    def block(
        self, statements: Sequence[Statement], owner: Node | None = None, *, top: bool = False
    ) -> list[ast.stmt]:
        groups: list[Group] = []
        with self.comments.block([owner] if owner is not None else []):
            for statement in statements:
                self.build.written = []
                lines = self.statement(statement)
                origins = self._origins(statement)
                if lines:
                    derived = top and _is_derived(statement, origins)
                    above = self.comments.above(origins, derived=derived)
                    location = self.comments.location(origins)
                    for line in lines:
                        if not hasattr(line, "location"):
                            line.location = location  # type: ignore[attr-defined]
                    above = above if groups else without_blank_line(above)
                    groups.append((contexts_of_all(origins), [*above, *lines]))
        self.build.imports |= {
            context.module for contexts, _ in groups for context in contexts or () if context.module
        }
        return under_contexts(groups, contexts_of(owner))

    def _origins(self, statement: Statement) -> list[Node]:
        """The nodes whose place in the user's file stands above the statement.

        For loops and branches they are those of the header, which is written last.
        """
        nodes = list(self.build.written)
        if isinstance(statement, (Loop, Branch)):
            nodes.append(statement.node)
        return nodes

    def statement(self, statement: Statement) -> list[ast.stmt]:
        match statement:
            case Define():
                return self.definition(statement)
            case Move():
                return self.move(statement)
            case Store():
                return self.store(statement)
            case NewList():
                if not self.liveness.is_read_after(statement.value, statement):
                    return []
                return [self.assign(statement.value, ast.List([], ast.Load()))]
            case Append():
                return self.list_call(statement, "append", statement.item)
            case Reverse():
                return self.list_call(statement, "reverse")
            case Branch():
                return self.branch(statement)
            case Loop():
                return self.loop(statement)
            case Break():
                return self.leave(statement)
            case Return():
                return [ast.Return(self.results.tree(statement.values, self.build))]

    def assign(self, value: Value, tree: ast.expr) -> ast.stmt:
        return ast.Assign([trees.target(self.build.names[value])], tree, lineno=0)

    def list_call(
        self, statement: Append | Reverse, method: str, item: Value | None = None
    ) -> list[ast.stmt]:
        if not self.liveness.is_read_after(statement.list, statement):
            return []
        function = trees.attribute(trees.name(self.build.names[statement.list]), method)
        args = [] if item is None else [self.build.value(item)]
        return [ast.Expr(trees.call(function, args))]

    # Definitions

    def definition(self, statement: Define) -> list[ast.stmt]:
        node = statement.node
        read = [self.liveness.is_read_after(value, statement) for value in node.results]
        if not any(read) and not node.has_effect:
            return []
        if node.operation in ("assert", "raise", "reraise"):
            return [self.check(node)]
        if node.operation == "store":
            return [self.store_outside(node)]
        if node.operation == "attempt":
            return [self.attempt(node, read)]
        if not any(read):
            return [_as_statement(self.build.node(node))]
        augmented = self.augmented(statement)
        if augmented is not None:
            return [augmented]
        tree = self.build.node(node)
        if len(node.results) == 1:
            return [self.assign(node.result, tree)]
        names = [self.build.names[v] if used else "_" for v, used in zip(node.results, read)]
        targets = trees.tuple_of([trees.target(name) for name in names], store=True)
        return [ast.Assign([targets], tree, lineno=0)]

    def check(self, node: Node) -> ast.stmt:
        self.build.written.append(node)
        operands = self.build.operands(node)
        if node.operation == "assert":
            given = len(operands) > 1 and not _is_none(node.operands[1])
            return ast.Assert(operands[0], operands[1] if given else None)
        if node.operation == "reraise":
            return ast.Raise(operands[0], None)
        exception = ast.parse(str(node.parameters["exception"]), mode="eval").body
        cause: ast.expr | None = None
        if node.parameters.get("cause"):
            cause = operands.pop() if node.parameters["cause"] == "last" else trees.constant(None)
        called = trees.call(exception, operands) if operands else exception
        return ast.Raise(called, cause)

    def attempt(self, node: Node, read: Sequence[bool]) -> ast.stmt:
        """A call inside a `try`, and flags that say which handler is wanted."""
        self.build.written.append(node)
        raw, *told = node.results
        used = dict(zip(node.results, read))
        handlers: Any = node.parameters["handlers"]
        failed, errors = told[: len(handlers)], iter(told[len(handlers) :])
        inner = replace(
            node,
            operation=str(node.parameters["function"]),
            results=(raw,),
            parameters=node.parameters["inner"],  # type: ignore[arg-type]
        )
        tree = self.build.node(inner)
        body: list[ast.stmt] = [self.assign(raw, tree) if used[raw] else ast.Expr(tree)]
        flags = [flag for flag in failed if used[flag]]
        body += [self.assign(flag, trees.constant(False)) for flag in flags]
        clauses: list[ast.ExceptHandler] = []
        for at, (kinds, named) in enumerate(zip(handlers, node.parameters["named"])):  # type: ignore
            lines = [self.assign(flag, trees.constant(flag is failed[at])) for flag in flags]
            error = next(errors) if named else None
            if error is not None and used[error]:
                lines.append(self.assign(error, trees.name(_RAISED)))
            name = _RAISED if error is not None and used[error] else None
            classes = [ast.parse(kind, mode="eval").body for kind in kinds]
            caught = classes[0] if len(classes) == 1 else trees.tuple_of(classes)
            clauses.append(ast.ExceptHandler(caught, name, lines or [ast.Pass()]))
        return ast.Try(body, clauses, [], [])

    def store_outside(self, node: Node) -> ast.stmt:
        """`model.h = h`."""
        self.build.written.append(node)
        value = trees.plain(self.build.filled(node, node.parameters["value"]))
        line = ast.parse(f"{node.parameters['target']} = None").body[0]
        assert isinstance(line, ast.Assign)
        line.value = value
        return line

    def augmented(self, statement: Define) -> ast.stmt | None:
        """`x *= y` where the result takes over the variable of an operand."""
        node = statement.node
        for place in self.writes.reused.get(statement, ()):
            if self.variables.same(node.result, node.operands[place]):
                self.build.written.append(node)
                target = trees.target(self.build.names[node.result])
                other = self.build.value(node.operands[1 - place])
                return ast.AugAssign(target, BINARY[node.operation](), other)
        return None

    # Moves

    def move(self, move: Move) -> list[ast.stmt]:
        pending: list[tuple[str, ast.expr, frozenset[str]]] = []
        for place, (target, source) in enumerate(zip(move.targets, move.sources)):
            if not self.liveness.is_read_after(target, move):
                continue
            if is_undefined(source) and not self.undefined_is_none:
                continue
            name = self.build.names[target]
            copied = place in move.deep and not self._is_fresh(source)
            stays = self.liveness.is_plain_copy(move, place) and self.build.names[source] == name
            if stays and not copied:
                continue
            tree = self.build.value(source)
            if copied:
                tree = trees.call(trees.attribute(tree, "copy"))
            read = frozenset(self.build.names[v] for v in self.folding.leaves(source))
            pending.append((name, tree, read))
        return _in_sequence(pending)

    def _is_fresh(self, source: Value) -> bool:
        node = self.folding.folded.get(source)
        return node is not None and makes_fresh_array(node)

    # Stores

    def store(self, statement: Store) -> list[ast.stmt]:
        if not self.liveness.is_live_store(statement):
            return []
        node = statement.node
        self.build.written.append(node)
        base = trees.name(self.build.names[node.result])
        value = self.build.value(node.operands[1])
        if node.operation == "list_append":
            return [ast.Expr(trees.call(trees.attribute(base, "append"), [value]))]
        special = special_store(self.build, node, base)
        if special is not None:
            return [special]
        index = self.build.filled(node, node.parameters["index"])
        if node.operation == "index_add" and not self.names_places_once(node):
            args = [base, trees.index_value(index), value]
            return [ast.Expr(trees.call("np.add.at", args))]
        target = trees.subscript(base, index, store=True)
        if node.operation == "index_set":
            return [self.updated(node, target) or ast.Assign([target], value, lineno=0)]
        if node.operation == "index_add":
            return [_increased(target, value)]
        return [ast.Assign([target], value, lineno=0)]

    def updated(self, node: Node, target: ast.Subscript) -> ast.stmt | None:
        """`a[i] += v` where `a[i] + v` is stored at `a[i]`, of the same type and shape."""
        change = self.folding.folded.get(node.operands[1])
        if change is None or change.operation not in AUGMENTED or change.parameters:
            return None
        item, other = change.operands
        read = self.folding.folded.get(item)
        if read is None or read.operation != "getitem" or not _has_kind_of(change, item, node):
            return None
        if ast.unparse(self.build.value(item)) != ast.unparse(target):
            return None
        return ast.AugAssign(target, BINARY[change.operation](), self.build.value(other))

    # Branches and loops

    def branch(self, statement: Branch) -> list[ast.stmt]:
        owner = statement.node
        then, orelse = self.block(statement.then, owner), self.block(statement.orelse, owner)
        self.build.written = []
        test = self.build.test(statement.node.operands[0])
        if not then and not orelse:
            return []
        if not then or (_jumps(orelse) and not _jumps(then)):
            test, then, orelse = trees.negated(test), orelse, then
        if not _jumps(then):
            return [ast.If(test, then, _as_elif(orelse))]
        header = ast.If(test, then, [])
        return [header, *orelse]

    def loop(self, statement: Loop) -> list[ast.stmt]:
        test = self.block(statement.test, statement.node)
        body = self.block(statement.body, statement.node)
        self.build.written = []
        node = statement.node
        if node.operation == "for":
            target, iterable = for_header(
                statement.parts, self.build, self._is_read_in(statement), self.lengths
            )
            return [ast.For(target, iterable, body or [ast.Pass()], [], lineno=0)]
        assert statement.condition is not None
        condition = self.build.test(statement.condition)
        if not test:
            return [ast.While(condition, body or [ast.Pass()], [])]
        stop = ast.If(trees.negated(condition), [ast.Break()], [])
        return [ast.While(trees.constant(True), [*test, stop, *body], [])]

    def _is_read_in(self, statement: Loop) -> Callable[[Value], bool]:
        entered = self.liveness.entered[statement]
        return lambda value: bool(entered & self.liveness.bit(value))

    def leave(self, statement: Break) -> list[ast.stmt]:
        if statement.condition is None:
            return [ast.Break()]
        return [ast.If(self.build.test(statement.condition), [ast.Break()], [])]


def _as_statement(tree: ast.expr) -> ast.stmt:
    """A call for its effect; `a.__setitem__(k, v)` as Python writes it."""
    if not isinstance(tree, ast.Call) or not isinstance(tree.func, ast.Attribute):
        return ast.Expr(tree)
    if tree.func.attr != "__setitem__":
        return ast.Expr(tree)
    key, value = tree.args
    return ast.Assign([ast.Subscript(tree.func.value, key, ast.Store())], value, lineno=0)


def _is_derived(statement: Statement, origins: Sequence[Node]) -> bool:
    """Does the statement belong to the adjoint or tangent part?"""
    if isinstance(statement, Move) and statement.node is not None:
        return bool(statement.node.phase)
    return any(node.phase for node in origins)


def _in_sequence(pending: list[tuple[str, ast.expr, frozenset[str]]]) -> list[ast.stmt]:
    """Parallel assignments in a row, together only where they read each other's targets."""
    lines: list[ast.stmt] = []
    while pending:
        free = next(
            (
                item
                for item in pending
                if not any(item[0] in other[2] for other in pending if other is not item)
            ),
            None,
        )
        if free is None:
            targets = trees.tuple_of([trees.target(name) for name, _, _ in pending], store=True)
            sources = trees.tuple_of([tree for _, tree, _ in pending])
            return lines + [ast.Assign([targets], sources, lineno=0)]
        pending = [item for item in pending if item is not free]
        lines.append(ast.Assign([trees.target(free[0])], free[1], lineno=0))
    return lines


def _jumps(lines: list[ast.stmt]) -> bool:
    return bool(lines) and isinstance(lines[-1], _JUMPS)


def _as_elif(orelse: list[ast.stmt]) -> list[ast.stmt]:
    """A branch alone in an `else` becomes an `elif`, the comment above it the first of its body."""
    if not orelse:
        return orelse
    above, inner = orelse[:-1], orelse[-1]
    if not isinstance(inner, ast.If) or not all(isinstance(line, Comment) for line in above):
        return orelse
    inner.body = [*above, *inner.body]
    return [inner]


def _has_kind_of(change: Node, item: Value, store: Node) -> bool:
    """Does in-place arithmetic on the item give the same: the array's dtype, the item's rank?"""
    array, result = store.result.type, change.result.type
    if not isinstance(array, ArrayType) or not isinstance(result, ArrayType):
        return False
    rank = rank_of(item.type)
    return array.dtype == result.dtype and rank is not None and rank == rank_of(result)


def _increased(target: ast.Subscript, value: ast.expr) -> ast.stmt:
    """`a[i] += v`, or `a[i] -= v` where the value is a negative one."""
    opposite = trees.without_sign(value)
    if opposite is not None:
        return ast.AugAssign(target, ast.Sub(), opposite)
    return ast.AugAssign(target, ast.Add(), value)


def _is_none(value: Value) -> bool:
    return isinstance(value, Literal) and value.value is None
