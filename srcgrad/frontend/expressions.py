"""Expressions: evaluated now where everything is known, else appended to the graph."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from srcgrad.errors import ShapeError, SrcgradError
from srcgrad.frontend import (
    attributes,
    branching,
    calls,
    comparisons,
    comprehensions,
    containers,
    definitions,
    generators,
    guarding,
    iterators,
    names,
    operators,
    storage,
    strings,
    subscripts,
    unlike,
)
from srcgrad.frontend.abstract import (
    Abstract,
    Conflict,
    DictOf,
    Either,
    ListOf,
    Slots,
    Static,
    TupleOf,
    describe,
    is_static,
)
from srcgrad.graph import shape_of
from srcgrad.rules import shape_text

if TYPE_CHECKING:
    from srcgrad.frontend.evaluate import Evaluator


def evaluate(ev: Evaluator, node: ast.expr) -> Abstract:
    visit = _VISITORS.get(type(node))
    if visit is None:
        kind, remedy = _UNSUPPORTED.get(type(node), (f"`{type(node).__name__}` expressions", None))
        ev.refuse(node, f"{kind} are not supported in differentiated functions", remedy)
    if ev.guards:
        return _guarded(ev, node, visit)
    if ev.decisions.apart:
        return _told_apart(ev, node, visit)
    return _visited(ev, node, visit)


def _visited(ev: Evaluator, node: ast.expr, visit: Callable[..., Abstract]) -> Abstract:
    try:
        value = storage.made_by(ev, node, visit(ev, node))
        return unlike.watched(ev, value) if isinstance(value, Either) else value
    except SrcgradError as error:
        place_error(ev, error, node)
        raise


def _told_apart(ev: Evaluator, node: ast.expr, visit: Callable[..., Abstract]) -> Abstract:
    """The value of an expression, found for each of two kinds where one of its parts is either."""
    holder = Slots()

    def run() -> None:
        with ev.taking(node):
            ev.trail.set(holder, "value", _visited(ev, node, visit))

    either = None
    if unlike.takes_anything(node):
        run()
    else:
        either = unlike.apart(ev, run)
    value = unlike.resolved(ev, holder.entries["value"])
    if isinstance(value, Conflict) and either is not None:
        raise unlike.Apart(either)  # Methods of two things: who calls them is told apart.
    return value if ev.takes_anything else unlike.one(ev, value)


def _guarded(ev: Evaluator, node: ast.expr, visit: Callable[..., Abstract]) -> Abstract:
    """The value of an expression in a `try`, which a statement that is run again remembers."""
    value = guarding.known(ev, node)
    if value is None:
        value = _visited(ev, node, visit)
        guarding.remember(ev, node, value)
    return value


def place_error(ev: Evaluator, error: SrcgradError, node: ast.AST) -> None:
    """Put an error of a rule at the syntax that it is about; name shapes as the user does."""
    if error.location is not None:
        return
    if isinstance(error, ShapeError):
        ev.would_raise(error, ValueError)
    message = _misfit(ev, error, node) if isinstance(error, ShapeError) and error.reason else None
    error.located(ev.location(node), ev.frame.source.header(node), message)


def _misfit(ev: Evaluator, error: ShapeError, node: ast.AST) -> str | None:
    """Which operands do not fit, by their names; None where the syntax does not show them."""
    written = _operands_written(node, len(error.operands))
    if len(written) != len(error.operands) or len(written) < 2:
        return None
    sizes = ev.builder.assumptions
    listing = [
        f"{shape_text(shape_of(type_), sizes)} of `{ev.frame.source.text(part)}`"
        for part, type_ in zip(written, error.operands)
    ]
    shapes = f"{', '.join(listing[:-1])} and {listing[-1]}"
    return f"`{ev.frame.source.text(node)}`: shapes {shapes} do not fit: {error.reason}"


def _operands_written(node: ast.AST, count: int) -> list[ast.expr]:
    """The syntax of the operands of an operation."""
    if isinstance(node, ast.BinOp):
        return [node.left, node.right]
    if isinstance(node, ast.AugAssign):
        return [node.target, node.value]
    if isinstance(node, ast.Compare):
        return [node.left, *node.comparators]
    if not isinstance(node, ast.Call):
        return []
    found: list[ast.expr] = []
    for argument in node.args:
        if isinstance(argument, (ast.List, ast.Tuple)):
            found += argument.elts
        elif not (isinstance(argument, ast.Constant) and isinstance(argument.value, str)):
            found.append(argument)
    if len(found) == count - 1 and isinstance(node.func, ast.Attribute):
        return [node.func.value, *found]
    return found


_UNSUPPORTED: dict[type, tuple[str, str | None]] = {
    ast.Set: ("sets", "Use a tuple or a list."),
    ast.SetComp: ("sets", "Use a tuple or a list."),
    ast.Await: ("coroutines", "Make it a plain function."),
}


def _constant(ev: Evaluator, node: ast.Constant) -> Abstract:
    written = None
    if isinstance(node.value, float):
        text = ev.frame.source.text(node)
        written = text if text != repr(node.value) else None
    return Static(node.value, written)


def _name(ev: Evaluator, node: ast.Name) -> Abstract:
    return names.read_name(ev, node)


# Operators


def _bool_op(ev: Evaluator, node: ast.BoolOp) -> Abstract:
    return _short_circuit(ev, isinstance(node.op, ast.And), node.values)


def _short_circuit(ev: Evaluator, is_and: bool, nodes: list[ast.expr]) -> Abstract:
    first = evaluate(ev, nodes[0])
    if len(nodes) == 1:
        return first
    truth = ev.truth(first, nodes[0])
    if isinstance(truth, Static):
        return _short_circuit(ev, is_and, nodes[1:]) if bool(truth.value) == is_and else first
    return branching.choose(
        ev,
        truth,
        (lambda: _short_circuit(ev, is_and, nodes[1:])) if is_and else (lambda: first),
        (lambda: first) if is_and else (lambda: _short_circuit(ev, is_and, nodes[1:])),
        nodes[0],
    )


def _if_exp(ev: Evaluator, node: ast.IfExp) -> Abstract:
    condition = branching.condition_of(ev, node.test)
    if isinstance(condition, Static):
        return evaluate(ev, node.body if condition.value else node.orelse)
    return branching.choose(
        ev, condition, lambda: evaluate(ev, node.body), lambda: evaluate(ev, node.orelse), node
    )


# Attributes and items


# Displays, comprehensions, strings, functions


def _tuple(ev: Evaluator, node: ast.Tuple) -> Abstract:
    return TupleOf(_elements(ev, node.elts))


def _list(ev: Evaluator, node: ast.List) -> Abstract:
    return ListOf(_elements(ev, node.elts))


def _elements(ev: Evaluator, nodes: list[ast.expr]) -> tuple[Abstract, ...]:
    items: list[Abstract] = []
    for node in nodes:
        if isinstance(node, ast.Starred):
            items += containers.known_items(ev, evaluate(ev, node.value), node)
        else:
            items.append(iterators.evaluate_kept(ev, node))
    return tuple(items)


def _dict(ev: Evaluator, node: ast.Dict) -> Abstract:
    items: dict[object, Abstract] = {}
    for key_node, value_node in zip(node.keys, node.values):
        if key_node is None:
            merged = evaluate(ev, value_node)
            if not isinstance(merged, DictOf):
                ev.reject(value_node, f"cannot unpack {describe(merged)} into a dict")
            items.update(merged.items)
        else:
            key = evaluate(ev, key_node)
            if not is_static(key):
                key = ev.make_static(key, key_node)
            value = iterators.evaluate_kept(ev, value_node)
            items[containers.to_rule_argument(ev, key)] = value
    return DictOf(items)


def _set(ev: Evaluator, node: ast.Set) -> Abstract:
    return _set_of(ev, _elements(ev, node.elts), node)


def _set_comprehension(ev: Evaluator, node: ast.SetComp) -> Abstract:
    made = comprehensions.run_comprehension(ev, node)
    return _set_of(ev, containers.known_items(ev, made, node), node)


def _set_of(ev: Evaluator, items: tuple[Abstract, ...], node: ast.AST) -> Abstract:
    """A set, of things known now: no numbers flow through it."""
    if not all(map(is_static, items)):
        ev.refuse(
            node,
            "a set of values that are known only during the call is not supported yet",
            "Use a tuple or a list.",
        )
    return Static(frozenset(containers.to_rule_argument(ev, item) for item in items))


def _lambda(ev: Evaluator, node: ast.Lambda) -> Abstract:
    return definitions.closure(ev, node, "<lambda>")


def _named_expr(ev: Evaluator, node: ast.NamedExpr) -> Abstract:
    value = iterators.evaluate_kept(ev, node.value)
    inner = ev.frame
    # Inside a comprehension the name belongs to the function around it.
    while ev.frame.is_comprehension and ev.frame.parent is not None:
        ev.frame = ev.frame.parent
    ev.assign(node.target, value)
    ev.frame = inner
    return value


def _comprehension(ev: Evaluator, node: Any) -> Abstract:
    return comprehensions.run_comprehension(ev, node)


def _call(ev: Evaluator, node: ast.Call) -> Abstract:
    return calls.evaluate_call(ev, node)


_VISITORS: dict[type, Callable[..., Abstract]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.BinOp: operators.run_binary,
    ast.UnaryOp: operators.run_unary,
    ast.BoolOp: _bool_op,
    ast.Compare: comparisons.run_compare,
    ast.IfExp: _if_exp,
    ast.Call: _call,
    ast.Attribute: attributes.run_attribute,
    ast.Subscript: subscripts.run_subscript,
    ast.Slice: subscripts.run_slice,
    ast.Tuple: _tuple,
    ast.List: _list,
    ast.Dict: _dict,
    ast.Set: _set,
    ast.SetComp: _set_comprehension,
    ast.Lambda: _lambda,
    ast.NamedExpr: _named_expr,
    ast.JoinedStr: strings.run_joined_str,
    iterators.MapCall: iterators.run_map,
    ast.Yield: generators.run_yield,
    ast.YieldFrom: generators.run_yield_from,
    ast.ListComp: _comprehension,
    ast.GeneratorExp: comprehensions.run_generator_expression,
    ast.DictComp: _comprehension,
}
