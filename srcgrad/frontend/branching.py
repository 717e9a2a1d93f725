"""Conditions: what `if` sees of a value, and both paths of one known only during the call."""

from __future__ import annotations

import ast
import enum
import inspect
import operator
from collections.abc import Callable
from types import FunctionType
from typing import TYPE_CHECKING, Any

import numpy as np

from srcgrad.errors import SrcgradError
from srcgrad.frontend import containers, freezing, guarding, objects, storage, unlike
from srcgrad.frontend.abstract import (
    FALSE,
    ITEMS,
    MISSING,
    RESULT,
    RETURNED,
    TRUE,
    VERSION,
    Abstract,
    Closure,
    Conflict,
    DictOf,
    Either,
    ListOf,
    Number,
    ObjectOf,
    Slots,
    Static,
    TupleOf,
    describe,
    is_changeable,
)
from srcgrad.frontend.merging import carries, flatten, generalize, instantiate, variable_name
from srcgrad.frontend.recursion import NoValueYet
from srcgrad.graph import BOOL, ArrayType, ListType, Node, Region, Value, shape_of

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator


def run_if(ev: Evaluator, statement: ast.If) -> None:
    condition = condition_of(ev, statement.test)
    if isinstance(condition, Static):
        ev.run_block(statement.body if condition.value else statement.orelse)
        return
    branch(
        ev,
        condition,
        lambda: ev.run_block(statement.body),
        lambda: ev.run_block(statement.orelse),
    )


def branch(
    ev: Evaluator, condition: Abstract, then: Callable[[], Any], orelse: Callable[[], Any]
) -> None:
    """Run both paths of a condition known only during the call, and join what they changed."""
    assert isinstance(condition, Number)
    born_before = Slots().serial
    decides = condition.value
    try:
        nodes_a, changes_a = _attempt_under(ev, decides, True, then)
    except NoValueYet:
        return orelse()
    try:
        nodes_b, changes_b = _attempt_under(ev, decides, False, orelse)
    except NoValueYet:
        return then()
    while _lists_made_dynamic(ev, changes_a, changes_b):
        nodes_a, changes_a = _attempt_under(ev, decides, True, then)
        nodes_b, changes_b = _attempt_under(ev, decides, False, orelse)
    _drop_locals_of_a_path_that_returned(ev, changes_a, changes_b)
    _drop_locals_of_a_path_that_returned(ev, changes_b, changes_a)
    yields_a: list[Value] = []
    yields_b: list[Value] = []
    joined: list[tuple[Slots, object, Any]] = []
    changed = {owner for owner, _ in [*changes_a, *changes_b]}
    for owner, key in {**changes_a, **changes_b}:
        now = owner.entries.get(key, MISSING)
        with unlike.on_path(ev, decides, True):
            a = unlike.resolved(ev, changes_a.get((owner, key), now))
        with unlike.on_path(ev, decides, False):
            b = unlike.resolved(ev, changes_b.get((owner, key), now))
        sizes = ev.builder.assumptions
        if ev.guards and (a, b) == (TRUE, FALSE) and _is_flag(key) and _is_truth(condition):
            # The flag is the condition: branches on it are branches on the condition.
            joined.append((owner, key, condition))
            continue
        pattern = generalize(
            a,
            b,
            sizes,
            variable_name(key),
            changed=changed,
            born_before=born_before,
            is_content=key == ITEMS,
        )
        if isinstance(pattern, Conflict):
            sides = ((a, changes_a), (b, changes_b))
            found = freezing.meeting(sides, sizes, variable_name(key))
            pattern = found or pattern
        yields_a += flatten(pattern, freezing.as_met(pattern, a, changes_a))
        yields_b += flatten(pattern, freezing.as_met(pattern, b, changes_b))
        joined.append((owner, key, pattern))
    for held in freezing.arrays_in((pattern for _, _, pattern in joined), born_before):
        # What a path has made, the names of it included, goes on from its last version there.
        made_in_a = held in freezing.arrays_in(changes_a.values(), born_before)
        last = held.entries[VERSION]
        pattern = generalize(last, MISSING, ev.builder.assumptions)
        yields_a += flatten(pattern, last if made_in_a else MISSING)
        yields_b += flatten(pattern, MISSING if made_in_a else last)
        joined.append((held, VERSION, pattern))
    leaves = [carry for _, _, pattern in joined for carry in carries(pattern)]
    regions = (
        Region((), tuple(nodes_a), tuple(yields_a)),
        Region((), tuple(nodes_b), tuple(yields_b)),
    )
    results: tuple[Value, ...] = ()
    if leaves or any(node.has_effect for region in regions for node in region.nodes):
        results = ev.builder.append(
            "if",
            (condition.value,),
            [leaf.type for leaf in leaves],
            regions=regions,
            names=[variable_name(leaf.name) for leaf in leaves],
        )
    values = iter(results)
    for owner, key, pattern in joined:
        ev.trail.set(owner, key, instantiate(pattern, values), told=True)
    freezing.watch_from_now(ev, joined)


def _is_flag(key: object) -> bool:
    """Is this an entry that says whether a block has been left?"""
    return key == RETURNED or (isinstance(key, tuple) and key[0] in ("break", "continue", "caught"))


def _is_truth(condition: Number) -> bool:
    """Is this true or false by its type?"""
    return condition.value.type in (BOOL, ArrayType(np.dtype(bool), ()))


def _attempt_under(
    ev: Evaluator, condition: Value, truth: bool, path: Callable[[], Any]
) -> tuple[list[Node], dict]:
    """The nodes and changes of the path on which a condition is true, or false."""
    ev.conditions.append(condition)
    try:
        with unlike.on_path(ev, condition, truth):
            return attempt(ev, path)
    except SrcgradError:
        # A path may be wrong for the sizes and integers that never take it.
        ev.ask_for_value(condition)
        raise
    finally:
        ev.conditions.pop()


def _lists_made_dynamic(ev: Evaluator, changes_a: dict, changes_b: dict) -> bool:
    """Lists that the paths leave with different lengths become lists of the graph."""
    made = False
    for owner, key in {**changes_a, **changes_b}:
        if not isinstance(owner, ListOf):
            continue
        now = owner.entries[key]
        a, b = changes_a.get((owner, key), now), changes_b.get((owner, key), now)
        pattern = generalize(a, b, ev.builder.assumptions, is_content=key == ITEMS)
        if isinstance(pattern, Conflict):
            made |= containers.make_dynamic(ev, owner, pattern.items)
    return made


def attempt(ev: Evaluator, path: Callable[[], Any]) -> tuple[list[Node], dict]:
    """The nodes that a path appends and what it changes, which is taken back."""
    ev.trail.begin()
    with ev.builder.nested() as nodes:
        try:
            if ev.guards:
                guarding.run_guarded(ev, ev.statement, path)
            else:
                path()
        finally:
            changes = ev.trail.take_back()
    return nodes, changes


def _drop_locals_of_a_path_that_returned(ev: Evaluator, returned: dict, other: dict) -> None:
    """A path that has returned never reads its locals again: the other path's values stand.

    Unless a `finally` of the function is to come, which may read them.  Arrays that stay of one
    kind keep what they were, so that their adjoints have a shape.
    """
    for owner, key in list(returned):
        if key != RETURNED or returned[owner, key] != TRUE:
            continue
        if any(guard.is_final and guard.frame is owner for guard in ev.guards):
            continue
        for entry in {**returned, **other}:
            is_flag = isinstance(entry[1], tuple)  # of `break` or `continue`
            if entry[0] is not owner or entry[1] in (RETURNED, RESULT) or is_flag:
                continue
            returned.pop(entry, None)
            before = owner.entries.get(entry[1], MISSING)
            if entry in other and not _are_arrays_of_one_type(before, other[entry]):
                returned[entry] = MISSING


def _are_arrays_of_one_type(a: Abstract, b: Abstract) -> bool:
    if not isinstance(a, Number) or not isinstance(b, Number):
        return False
    return isinstance(a.value.type, ArrayType) and a.value.type == b.value.type


def condition_of(ev: Evaluator, node: ast.expr) -> Abstract:
    """The truth of an expression: of `a and not b`, whatever kinds of things they are."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return negated(ev, condition_of(ev, node.operand))
    if not isinstance(node, ast.BoolOp):
        return truth(ev, ev.evaluate(node), node)
    return _short_circuit(ev, isinstance(node.op, ast.And), node.values)


def negated(ev: Evaluator, condition: Abstract) -> Abstract:
    """`not` of a truth."""
    if isinstance(condition, Static):
        return FALSE if condition.value else TRUE
    return ev.call_primitive(operator.not_, (condition,))


def _short_circuit(ev: Evaluator, is_and: bool, nodes: list[ast.expr]) -> Abstract:
    first = condition_of(ev, nodes[0])
    if len(nodes) == 1:
        return first

    def rest() -> Abstract:
        return _short_circuit(ev, is_and, nodes[1:])

    if isinstance(first, Static):
        return rest() if bool(first.value) == is_and else first
    is_list = isinstance(first, Number) and isinstance(first.value.type, ListType)
    known = Static(not is_and) if is_list else first
    then, orelse = (rest, lambda: known) if is_and else (lambda: known, rest)
    return choose(ev, first, then, orelse, nodes[0])


def truth(ev: Evaluator, value: Abstract, node: ast.AST) -> Abstract:
    """What `if value` sees: TRUE, FALSE, or a number whose truth is known during the call."""
    value = unlike.resolved(ev, value)
    if isinstance(value, Either):
        return unlike.for_each(ev, value, lambda option: truth(ev, option, node))
    value = storage.current(ev, value)
    decided = objects.truth(ev, value, node)
    if decided is not None:
        return truth(ev, decided, node)
    kind = type(value.value) if isinstance(value, Static) else None
    may_change = isinstance(value, Static) and is_changeable(value.value, "__bool__", "__len__")
    is_member = isinstance(value, Static) and isinstance(value.value, enum.Enum)
    if may_change or (isinstance(kind, type) and not is_member and _decides_its_truth(kind)):
        ev.refuse(
            node,
            f"the truth of {describe(value)} is not known before the call",
            "Say what is meant by a comparison, for instance `x != 0`.",
        )
    if isinstance(value, Static):
        return TRUE if value.value else FALSE
    if isinstance(value, Number):
        _check_truth(ev, value, node)
        return value
    if isinstance(value, (TupleOf, ListOf, DictOf)):
        return TRUE if value.items else FALSE
    if isinstance(value, (Closure, ObjectOf)):
        return TRUE
    ev.refuse(
        node,
        f"the truth of {describe(value)} is not known before the call",
        "Say what is meant by a comparison, for instance `x != 0`.",
    )


def _check_truth(ev: Evaluator, value: Number, node: ast.AST) -> None:
    """An array with several elements is neither true nor false."""
    sizes = ev.builder.assumptions
    for dim in shape_of(value.value.type) or ():
        if sizes.is_one(dim) is False:
            text = ev.frame.source.text(node)
            ev.reject(
                node,
                f"the truth of the array `{text}` is ambiguous: it may have several elements",
                "Say which is meant: `np.any(...)` or `np.all(...)`.",
            )


def _decides_its_truth(kind: type) -> bool:
    """Have instances a truth of the user's making?  Compiling runs no code of the user."""
    return any(
        isinstance(inspect.getattr_static(kind, name, None), FunctionType)
        for name in ("__bool__", "__len__")
    )


def choose(
    ev: Evaluator,
    condition: Abstract,
    then: Callable[[], Abstract],
    orelse: Callable[[], Abstract],
    node: ast.AST,
) -> Abstract:
    """The value of one of two expressions, by a condition known during the call."""
    holder = Slots()
    ev.branch(
        condition,
        lambda: ev.trail.set(holder, "chosen", then()),
        lambda: ev.trail.set(holder, "chosen", orelse()),
    )
    chosen = holder.entries["chosen"]
    if isinstance(chosen, Conflict):
        ev.refuse(
            node,
            f"the two values are {chosen.first} and {chosen.second}",
            "Give both the same kind of value.",
        )
    return chosen
