"""The abstract evaluator: walks the syntax tree of a function as Python would run it.

Whatever is known now is evaluated now; numeric work appends nodes to the graph.  Statements are
here, expressions in `expressions`, calls in `calls`, loops in `loops`.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from types import FunctionType
from typing import Any, NoReturn

from srcgrad.errors import (
    OUTSIDE_REMEDY,
    ArgumentError,
    ShapeError,
    SrcgradError,
    UndefinedError,
    UnsupportedError,
)
from srcgrad.frontend import (
    builtin_calls,
    calls,
    containers,
    expressions,
    functions,
    iterators,
    loops,
    replay,
    storage,
)
from srcgrad.frontend.abstract import (
    FALSE,
    ITEMS,
    MISSING,
    NONE,
    RESULT,
    RETURNED,
    TRUE,
    VERSION,
    Abstract,
    ArrayRef,
    Closure,
    Conflict,
    DictOf,
    Frame,
    Frozen,
    Keyed,
    Keywords,
    ListOf,
    Missing,
    Number,
    ObjectOf,
    OneOf,
    Slots,
    Static,
    Storage,
    Trail,
    TupleOf,
    describe,
)
from srcgrad.frontend.captures import Captures
from srcgrad.frontend.decisions import Decisions, NeedsDecision
from srcgrad.frontend.merging import (
    carries,
    flatten,
    generalize,
    instantiate,
    variable_name,
)
from srcgrad.graph import (
    Builder,
    Literal,
    Node,
    Region,
    Value,
    give_name,
    is_python_int,
    map_template,
    shape_of,
)
from srcgrad.location import Location
from srcgrad.rules import Symbol, apply, as_value, bind, find_primitive, primitive_named

CALL_DEPTH_LIMIT = 60


class Evaluator:
    """The state of one evaluation: the graph so far, the frames, the trail of changes."""

    def __init__(self, builder: Builder, captures: Captures, decisions: Decisions) -> None:
        self.builder = builder
        self.captures = captures
        self.decisions = decisions
        self.trail = Trail(captures.reader.outside)
        self.frame: Frame = None  # type: ignore[assignment]
        self.loops: list[object] = []
        self.growing_in: list[object] = []
        self.depth = 0
        self.statement: ast.stmt = None  # type: ignore[assignment]
        self.sources: dict[Value, tuple[str, object]] = {}
        self.created: dict[Value, object] = {}
        self.aliases: dict[Value, tuple[Value, ...]] = {}

    # Running statements

    def run_block(self, statements: Sequence[ast.stmt]) -> None:
        """Run statements in order; after one that may have jumped, the rest run if it did not."""
        for at, statement in enumerate(statements):
            self.run_statement(statement)
            jumped = self.pending_jump()
            if jumped is TRUE:
                return
            if jumped is not FALSE:
                rest = statements[at + 1 :]
                if rest:
                    run_rest = partial(self.run_block, rest)
                    self.unless_jumped(self.jump_keys(), jumped, run_rest)
                return

    def run_statement(self, statement: ast.stmt) -> None:
        run = getattr(self, f"_run_{type(statement).__name__}", None)
        if run is None:
            keyword = _keyword(statement)
            self.refuse(
                statement,
                f"`{keyword}` is not supported in differentiated functions yet",
                _STATEMENT_REMEDIES.get(keyword),
            )
        self.statement = statement
        with self.builder.at(self.location(statement)):
            try:
                run(statement)
            except SrcgradError as error:
                expressions.place_error(self, error, statement)
                raise

    def location(self, node: ast.AST) -> Location:
        return self.frame.source.location(node, self.frame.caller)

    def refuse(self, node: ast.AST, message: str, remedy: str | None = None) -> NoReturn:
        raise UnsupportedError(
            message,
            location=self.location(node),
            construct=self.frame.source.header(node),
            remedy=remedy or OUTSIDE_REMEDY,
        )

    def reject(self, node: ast.AST, message: str, remedy: str | None = None) -> NoReturn:
        """Refuse what Python itself would refuse at this place."""
        raise ArgumentError(
            message,
            location=self.location(node),
            construct=self.frame.source.header(node),
            remedy=remedy,
        )

    def undefined(self, node: ast.AST, message: str, remedy: str | None = None) -> NoReturn:
        """Refuse a name or an attribute that Python would not find."""
        raise UndefinedError(
            message,
            location=self.location(node),
            construct=self.frame.source.text(node),
            remedy=remedy,
        )

    # Jumps: `return`, `break` and `continue` set flags that the statements after them look at

    def jump_keys(self) -> list[object]:
        """The flags that end the block which is running."""
        if not self.loops:
            return [RETURNED]
        return [RETURNED, ("break", self.loops[-1]), ("continue", self.loops[-1])]

    def pending_jump(self) -> Abstract:
        return self.any_of([self.frame.entries.get(key, FALSE) for key in self.jump_keys()])

    def unless_jumped(
        self, keys: Sequence[object], jumped: Abstract, rest: Callable[[], Any]
    ) -> None:
        """Run the rest on the path where none of the flags is set."""
        frame = self.frame
        pending = [key for key in keys if frame.entries.get(key, FALSE) != FALSE]

        def skip() -> None:
            if len(pending) == 1:
                self.trail.set(frame, pending[0], TRUE)

        def go_on() -> None:
            for key in pending:
                self.trail.set(frame, key, FALSE)
            rest()

        self.branch(jumped, skip, go_on)

    def any_of(self, flags: Sequence[Abstract]) -> Abstract:
        pending = [flag for flag in flags if flag != FALSE]
        if not pending:
            return FALSE
        if TRUE in pending:
            return TRUE
        first = pending[0]
        for flag in pending[1:]:
            first = self.call_primitive("bitwise_or", (first, flag))
        return first

    def _run_Return(self, statement: ast.Return) -> None:
        iterators.refuse_kept(self, statement.value)
        value = NONE if statement.value is None else self.evaluate(statement.value)
        self.trail.set(self.frame, RESULT, value)
        self.trail.set(self.frame, RETURNED, TRUE)

    def _run_Break(self, statement: ast.Break) -> None:
        self.trail.set(self.frame, ("break", self.loops[-1]), TRUE)

    def _run_Continue(self, statement: ast.Continue) -> None:
        self.trail.set(self.frame, ("continue", self.loops[-1]), TRUE)

    # Branches

    def branch(
        self, condition: Abstract, then: Callable[[], Any], orelse: Callable[[], Any]
    ) -> None:
        """Run both paths of a condition known only during the call, and join what they changed."""
        assert isinstance(condition, Number)
        born_before = Slots().serial
        nodes_a, changes_a = self._try(then)
        nodes_b, changes_b = self._try(orelse)
        while self._lists_made_dynamic(changes_a, changes_b):
            nodes_a, changes_a = self._try(then)
            nodes_b, changes_b = self._try(orelse)
        self._drop_locals_of_a_path_that_returned(changes_a, changes_b)
        self._drop_locals_of_a_path_that_returned(changes_b, changes_a)
        yields_a: list[Value] = []
        yields_b: list[Value] = []
        joined: list[tuple[Slots, object, Any]] = []
        changed = {owner for owner, _ in [*changes_a, *changes_b]}
        for owner, key in {**changes_a, **changes_b}:
            now = owner.entries.get(key, MISSING)
            a, b = changes_a.get((owner, key), now), changes_b.get((owner, key), now)
            sizes = self.builder.assumptions
            pattern = generalize(
                a, b, sizes, variable_name(key), changed=changed, born_before=born_before
            )
            yields_a += flatten(pattern, a)
            yields_b += flatten(pattern, b)
            joined.append((owner, key, pattern))
        leaves = [carry for _, _, pattern in joined for carry in carries(pattern)]
        regions = (
            Region((), tuple(nodes_a), tuple(yields_a)),
            Region((), tuple(nodes_b), tuple(yields_b)),
        )
        results: tuple[Value, ...] = ()
        if leaves or any(node.has_effect for region in regions for node in region.nodes):
            results = self.builder.append(
                "if",
                (condition.value,),
                [leaf.type for leaf in leaves],
                regions=regions,
                names=[variable_name(leaf.name) for leaf in leaves],
            )
        values = iter(results)
        for owner, key, pattern in joined:
            self.trail.set(owner, key, instantiate(pattern, values))

    def _lists_made_dynamic(self, changes_a: dict, changes_b: dict) -> bool:
        """Lists that the paths leave with different lengths become lists of the graph."""
        made = False
        for owner, key in {**changes_a, **changes_b}:
            if not isinstance(owner, ListOf):
                continue
            now = owner.entries[key]
            a, b = changes_a.get((owner, key), now), changes_b.get((owner, key), now)
            pattern = generalize(a, b, self.builder.assumptions)
            if isinstance(pattern, Conflict):
                made |= containers.make_dynamic(self, owner, pattern.items)
        return made

    def branch_depth(self) -> int:
        """In how many branches and loops of the graph the evaluation stands."""
        return len(self.trail.logs)

    def _try(self, path: Callable[[], Any]) -> tuple[list[Node], dict]:
        self.trail.begin()
        with self.builder.nested() as nodes:
            try:
                path()
            finally:
                changes = self.trail.take_back()
        return nodes, changes

    def _drop_locals_of_a_path_that_returned(self, returned: dict, other: dict) -> None:
        """A path that has returned never reads its locals again: the other path's values stand."""
        for owner, key in list(returned):
            if key != RETURNED or returned[owner, key] != TRUE:
                continue
            for entry in {**returned, **other}:
                is_flag = isinstance(entry[1], tuple)  # of `break` or `continue`
                if entry[0] is not owner or entry[1] in (RETURNED, RESULT) or is_flag:
                    continue
                if entry in other:
                    returned[entry] = MISSING
                else:
                    del returned[entry]

    def _run_If(self, statement: ast.If) -> None:
        condition = self.truth(self.evaluate(statement.test), statement.test)
        if isinstance(condition, Static):
            self.run_block(statement.body if condition.value else statement.orelse)
            return
        self.branch(
            condition,
            lambda: self.run_block(statement.body),
            lambda: self.run_block(statement.orelse),
        )

    def truth(self, value: Abstract, node: ast.AST) -> Abstract:
        """What `if value` sees: TRUE, FALSE, or a number whose truth is known during the call."""
        value = storage.current(self, value)
        kind = type(value.value) if isinstance(value, Static) else getattr(value, "kind", None)
        if isinstance(kind, type) and _decides_its_truth(kind):
            self.refuse(
                node,
                f"the truth of {describe(value)} is not known before the call",
                "Say what is meant by a comparison, for instance `x != 0`.",
            )
        if isinstance(value, Static):
            return TRUE if value.value else FALSE
        if isinstance(value, Number):
            self._check_truth(value, node)
            return value
        if isinstance(value, (TupleOf, ListOf, DictOf)):
            return TRUE if value.items else FALSE
        if isinstance(value, (Closure, ObjectOf)):
            return TRUE
        self.refuse(
            node,
            f"the truth of {describe(value)} is not known before the call",
            "Say what is meant by a comparison, for instance `x != 0`.",
        )

    def _check_truth(self, value: Number, node: ast.AST) -> None:
        """An array with several elements is neither true nor false."""
        sizes = self.builder.assumptions
        for dim in shape_of(value.value.type) or ():
            if sizes.is_one(dim) is False:
                text = self.frame.source.text(node)
                self.reject(
                    node,
                    f"the truth of the array `{text}` is ambiguous: it may have several elements",
                    "Say which is meant: `np.any(...)` or `np.all(...)`.",
                )

    # Assignments

    def _run_Assign(self, statement: ast.Assign) -> None:
        if not all(isinstance(target, (ast.Tuple, ast.List)) for target in statement.targets):
            iterators.refuse_kept(self, statement.value)
        value = self.evaluate(statement.value)
        for target in statement.targets:
            self.assign(target, value)

    def _run_AnnAssign(self, statement: ast.AnnAssign) -> None:
        iterators.refuse_kept(self, statement.value)
        if statement.value is not None:
            self.assign(statement.target, self.evaluate(statement.value))

    def _run_AugAssign(self, statement: ast.AugAssign) -> None:
        target = statement.target
        if isinstance(target, ast.Subscript):
            self._update_item(statement, target)
            return
        if not isinstance(target, ast.Name):
            self.refuse(
                target,
                "this target of an in-place operator is not supported yet",
                "Write `a.b = a.b + ...` outside the function, or use a variable.",
            )
        old = self.read_name(target)
        value = self.evaluate(statement.value)
        if not self._update_in_place(statement, old, value):
            self.assign(target, self.binary(statement.op, old, value, statement))

    def _update_in_place(self, statement: ast.AugAssign, old: Abstract, value: Abstract) -> bool:
        """`old op= value` where `old` is changed by that; False where it is a plain value."""
        if isinstance(old, Number) and storage.is_mutable_array(self, old):
            storage.require_storage(self, old, statement)
        if isinstance(old, Frozen):
            storage.refuse_frozen(self, statement)
        if isinstance(old, (ArrayRef, OneOf)):
            result = self.binary(statement.op, old, value, statement)
            storage.update(self, old, result, statement)
            return True
        if isinstance(old, ListOf):
            containers.update_list(self, old, statement.op, value, statement)
            return True
        return False

    def _update_item(self, statement: ast.AugAssign, target: ast.Subscript) -> None:
        """`owner[key] op= value`: reads the item, and stores what the operator gives."""
        owner = self.evaluate(target.value)
        key = self.evaluate(target.slice)
        old = expressions.item(self, owner, key, target)
        value = self.evaluate(statement.value)
        arrays = (ArrayRef, OneOf)
        is_element = isinstance(owner, (Number, *arrays)) and not isinstance(old, arrays)
        if is_element or not self._update_in_place(statement, old, value):
            result = self.binary(statement.op, old, value, statement)
            self.store_item(owner, key, result, target)
        elif isinstance(owner, TupleOf):
            self.reject(target, "a tuple does not support item assignment")

    def assign(self, target: ast.expr, value: Abstract) -> None:
        if isinstance(target, ast.Name):
            self._assign_name(target, value)
        elif isinstance(target, (ast.Tuple, ast.List)):
            self._unpack(target, value)
        elif isinstance(target, ast.Subscript):
            self._assign_item(target, value)
        elif isinstance(target, ast.Attribute):
            self._assign_attribute(target, value)
        else:
            self.refuse(
                target, f"cannot assign to a {type(target).__name__} yet", "Assign to a variable."
            )

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
        return value

    def rule_argument(self, value: Abstract) -> Any:
        return containers.to_rule_argument(self, value)

    def _assign_name(self, target: ast.Name, value: Abstract) -> None:
        if target.id in self.frame.nonlocals:
            self.refuse(
                target,
                f"assigning to the outer variable `{target.id}` is not supported yet",
                "Return the new value, and assign it where the function is called.",
            )
        named = value.storage.entries[VERSION] if isinstance(value, ArrayRef) else value
        if isinstance(named, Number) and not isinstance(named.value, Literal):
            give_name(named.value, target.id)
        self.trail.set(self.frame, target.id, value)

    def _unpack(self, target: ast.Tuple | ast.List, value: Abstract) -> None:
        count = len(target.elts)
        starred = [i for i, item in enumerate(target.elts) if isinstance(item, ast.Starred)]
        items = self.known_items(value, target, None if starred else count)
        if not starred:
            if len(items) != count:
                self.reject(target, f"cannot unpack {len(items)} values into {count} variables")
            for element, item in zip(target.elts, items):
                self.assign(element, item)
            return
        (at,) = starred
        after = count - at - 1
        if len(items) < count - 1:
            self.reject(target, f"cannot unpack {len(items)} values into {count} variables")
        middle = items[at : len(items) - after]
        rest = items[len(items) - after :]
        parts = items[:at] + (ListOf(middle),) + rest
        for element, item in zip(target.elts, parts):
            self.assign(element.value if isinstance(element, ast.Starred) else element, item)

    def _assign_item(self, target: ast.Subscript, value: Abstract) -> None:
        owner = self.evaluate(target.value)
        self.store_item(owner, self.evaluate(target.slice), value, target)

    def store_item(
        self, owner: Abstract, key: Abstract, value: Abstract, target: ast.Subscript
    ) -> None:
        """`owner[key] = value`."""
        if isinstance(owner, Number):
            storage.require_storage(self, owner, target)
        if isinstance(owner, Frozen):
            storage.refuse_frozen(self, target)
        if isinstance(owner, (ArrayRef, OneOf)):
            index = expressions.index_of(self, key, target.slice)
            storage.store(self, owner, index, value, target)
            return
        if not isinstance(key, Static):
            key = self.make_static(key, target.slice)
        if isinstance(owner, DictOf):
            self.trail.set(owner, ITEMS, _keyed({**owner.items, key.value: value}))
        elif isinstance(owner, ListOf) and isinstance(key.value, int):
            items = list(owner.items)
            try:
                items[key.value] = value
            except IndexError:
                self.reject(target, "list assignment index out of range")
            self.trail.set(owner, ITEMS, TupleOf(tuple(items)))
        else:
            self.reject(target, f"cannot assign to an item of {describe(owner)}")

    def _assign_attribute(self, target: ast.Attribute, value: Abstract) -> None:
        self.refuse(
            target,
            f"`{self.frame.source.text(target)} = ...` changes an object; "
            "changes to objects are not supported yet",
            "Return the new value and pass it on as an argument.",
        )

    # Definitions and small statements

    def _run_FunctionDef(self, statement: ast.FunctionDef) -> None:
        if statement.decorator_list:
            self.refuse(
                statement.decorator_list[0],
                "decorators inside a function are not supported yet",
                "Decorate the function outside, or call the decorator by name.",
            )
        self.trail.set(self.frame, statement.name, self.closure(statement, statement.name))

    def closure(self, node: ast.FunctionDef | ast.Lambda, name: str) -> Closure:
        defaults = tuple(self.evaluate(default) for default in node.args.defaults)
        keyword_defaults = {
            argument.arg: self.evaluate(default)
            for argument, default in zip(node.args.kwonlyargs, node.args.kw_defaults)
            if default is not None
        }
        return Closure(node, self.frame.source, self.frame, defaults, keyword_defaults, name)

    def _run_Expr(self, statement: ast.Expr) -> None:
        if not isinstance(statement.value, ast.Constant):
            self.evaluate(statement.value)

    def _run_Pass(self, statement: ast.Pass) -> None:
        pass

    def _run_Delete(self, statement: ast.Delete) -> None:
        for target in statement.targets:
            if not isinstance(target, ast.Name):
                self.refuse(
                    target,
                    "`del` of an item or attribute is not supported yet",
                    "Build a new container without it.",
                )
            self.trail.set(self.frame, target.id, MISSING)

    def _run_Assert(self, statement: ast.Assert) -> None:
        condition = self.truth(self.evaluate(statement.test), statement.test)
        if condition == TRUE:
            return
        args = [condition]
        if statement.msg is not None:
            args.append(self.evaluate(statement.msg))
        self.call_primitive("assert", args)

    def _run_Raise(self, statement: ast.Raise) -> None:
        replay.raise_exception(self, statement)
        self.trail.set(self.frame, RESULT, MISSING)
        self.trail.set(self.frame, RETURNED, TRUE)

    def _run_Nonlocal(self, statement: ast.Nonlocal | ast.Global) -> None:
        self.frame.nonlocals = self.frame.nonlocals | frozenset(statement.names)

    _run_Global = _run_Nonlocal

    def _run_Import(self, statement: ast.Import) -> None:
        """A module that is loaded already: loading one is an effect."""
        for alias in statement.names:
            module = self._loaded_module(alias.name, statement)
            top = alias.name.split(".")[0]
            held = module if alias.asname else self._loaded_module(top, statement)
            self.trail.set(self.frame, alias.asname or top, Static(held))

    def _run_ImportFrom(self, statement: ast.ImportFrom) -> None:
        if statement.level or statement.module is None:
            self.refuse(
                statement,
                "relative imports inside a function are not supported yet",
                "Move the import to the top of the file.",
            )
        module = self._loaded_module(statement.module, statement)
        for alias in statement.names:
            value = self.captures.attribute(module, alias.name)
            self.trail.set(self.frame, alias.asname or alias.name, value)

    def _loaded_module(self, name: str, statement: ast.stmt) -> Any:
        module = sys.modules.get(name)
        if module is None:
            self.refuse(
                statement,
                f"the module `{name}` is not loaded yet",
                "Move the import to the top of the file.",
            )
        return module

    def _run_For(self, statement: ast.For) -> None:
        loops.run_for(self, statement)

    def _run_While(self, statement: ast.While) -> None:
        loops.run_while(self, statement)

    # Names

    def read_name(self, node: ast.Name) -> Abstract:
        found = self.look_up(node.id, self.frame)
        if found is None or isinstance(found, Missing):
            self.undefined(node, f"the name `{node.id}` is not defined here")
        if isinstance(found, Conflict):
            if found.loop is not None and found.loop not in self.decisions.unrolled:
                raise NeedsDecision({("loop", found.loop)})
            self.refuse(
                node,
                f"`{node.id}` is {found.first} on one path and {found.second} on another",
                "Give it one kind of value on every path.",
            )
        return found

    def look_up(self, name: str, frame: Frame | None) -> Abstract | None:
        """The variable as Python would find it: local, enclosing, global, builtin."""
        while frame is not None:
            if name in frame.entries:
                return frame.entries[name]
            if name in frame.local_names and name not in frame.nonlocals:
                return MISSING
            if frame.parent is None:
                return self._look_up_outside(name, frame)
            frame = frame.parent
        return None

    def _look_up_outside(self, name: str, frame: Frame) -> Abstract | None:
        if name in frame.cells:
            return self.captures.cell(frame.cells[name], name)
        if name in frame.globals:
            return self.captures.global_variable(frame.globals, name)
        if hasattr(builtins, name):
            self.captures.builtin(frame.globals, name)
            return Static(getattr(builtins, name))
        return None

    # What the other modules of the frontend share

    def evaluate(self, node: ast.expr) -> Abstract:
        return expressions.evaluate(self, node)

    def binary(self, op: ast.operator, left: Abstract, right: Abstract, node: ast.AST) -> Abstract:
        return expressions.binary(self, op, left, right, node)

    def attribute_of(self, owner: Abstract, name: str, node: ast.AST) -> Abstract:
        return expressions.attribute_of(self, owner, name, node)

    def compare(self, op: ast.cmpop, left: Abstract, right: Abstract, node: ast.AST) -> Abstract:
        return expressions.compare(self, op, left, right, node)

    def choose(self, condition: Abstract, a: Abstract, b: Abstract, node: ast.AST) -> Abstract:
        return expressions.choose(self, condition, lambda: a, lambda: b, node)

    def call(
        self, function: Abstract, args: list[Abstract], kwargs: Keywords, node: ast.AST
    ) -> Abstract:
        """The result of calling an abstract function."""
        return calls.call(self, function, args, kwargs, node)

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
        operands = [containers.as_operand(self, item) for item in bound.operands]
        if effect:
            bound.parameters.update(effect=True, in_place=True)
        try:
            values = apply(self.builder, primitive, operands, bound.parameters)
        except SrcgradError as error:
            # It may go through with the values of integers (an axis, a shape) that are known now.
            self.ask_for_integers(bound.parameters)
            if isinstance(error, ShapeError) and not error.operands:
                error.operands = tuple(as_value(operand).type for operand in operands)
            raise
        numbers = tuple(Number(value) for value in values)
        alone = len(numbers) == 1 and not primitive.gives_tuple
        return numbers[0] if alone else TupleOf(numbers)

    def symbol(self, value: Value) -> Symbol:
        return Symbol(self.builder, value)

    def make_static(self, value: Abstract, node: ast.AST) -> Static:
        """The value of an integer that must be known now; asks for what it depends on."""
        if isinstance(value, Static):
            return value
        if isinstance(value, Number):
            wanted = self.decisions.sources_of(value.value, self)
            if wanted:
                raise NeedsDecision(wanted)
        self.refuse(
            node,
            f"the value of `{self.frame.source.text(node)}` must be known before the call",
            "Make it an integer that is an argument, or write it as a constant.",
        )

    def call_with(self, function: FunctionType, given: dict[str, Abstract]) -> Abstract:
        """The result of the differentiated function for these parameters."""
        return functions.run_entry(self, function, given)

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


def _keyed(items: dict[object, Abstract]) -> Keyed:
    return Keyed(tuple(items), tuple(items.values()))


_KEYWORDS = {"FunctionDef": "def", "AsyncFunctionDef": "async def", "ClassDef": "class"}
_STATEMENT_REMEDIES = {
    "try": "Test the condition with `if` before the statement that may raise.",
    "with": "Open files and enter contexts outside, around the call of the gradient.",
    "class": "Define the class outside the function.",
    "async def": "Make it a plain function.",
    "match": "Write it with `if` and `elif`.",
}


def _keyword(statement: ast.stmt) -> str:
    name = type(statement).__name__
    return _KEYWORDS.get(name, name.removesuffix("Star").lower())


def _decides_its_truth(kind: type) -> bool:
    """Have instances a truth of the user's making?  Compiling runs no code of the user."""
    return any(
        isinstance(inspect.getattr_static(kind, name, None), FunctionType)
        for name in ("__bool__", "__len__")
    )
